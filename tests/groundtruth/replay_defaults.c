/* SPDX-License-Identifier: MIT */
/* Set `defaults`: values at boot, from the zones of the machine's memory. */
#include "replay.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tcpbuf/model.h>

/*
 * Pages of boot image and initrd that zoneinfo shows as managed afterwards, but
 * that were not yet there when the kernel computed its limits.
 */
static const struct {
	const char *release;
	int64_t pages;
} images[] = {
	{"5.10.", 2335},
	{"6.1.", 2554},
	{"6.12.", 2225},
	{"7.3.", 2319},
};

/* Sum of managed less high over the zones that are not movable. */
static int64_t free_pages(const char *zoneinfo)
{
	int64_t sum = 0, high = 0;
	int counts = 0;
	char line[256];

	while (*zoneinfo) {
		size_t length = strcspn(zoneinfo, "\n");
		char zone[32];
		int64_t value;

		snprintf(line, sizeof(line), "%.*s", (int)length, zoneinfo);
		zoneinfo += length + (zoneinfo[length] == '\n');
		if (sscanf(line, "Node %*d, zone %31s", zone) == 1)
			counts = strcmp(zone, "DMA") == 0 || strcmp(zone, "DMA32") == 0 || strcmp(zone, "Normal") == 0;
		else if (counts && sscanf(line, " high %" SCNd64, &value) == 1)
			high = value;
		else if (counts && sscanf(line, " managed %" SCNd64, &value) == 1)
			sum += value > high ? value - high : 0;
	}
	return sum;
}

static void put_triple(json_t *out, const char *name, const int64_t v[3])
{
	char text[80];

	snprintf(text, sizeof(text), "%" PRId64 "\t%" PRId64 "\t%" PRId64, v[0], v[1], v[2]);
	json_object_set_new(out, name, json_string(text));
}

/* Constants: what each namespace has whatever the machine's memory. */
static void put_core(const struct tcpbuf_rules *rules, uint32_t netns, json_t *out)
{
	static const uint32_t keys[] = {TCPBUF_KEY_CORE_RMEM_MAX, TCPBUF_KEY_CORE_RMEM_DEFAULT,
		TCPBUF_KEY_CORE_WMEM_MAX, TCPBUF_KEY_CORE_WMEM_DEFAULT, TCPBUF_KEY_CORE_OPTMEM_MAX};
	struct tcpbuf_key_info info;
	char name[64], text[32];

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (tcpbuf_key_access(&rules->keys, keys[i], netns) == TCPBUF_KEY_ACCESS_ABSENT ||
			tcpbuf_key_describe(&rules->keys, keys[i], &info, sizeof(info)) != 0)
			continue;
		snprintf(name, sizeof(name), "core/%s", tcpbuf_key_file(keys[i]));
		snprintf(text, sizeof(text), "%" PRId64, info.initial[0]);
		json_object_set_new(out, name, json_string(text));
	}
}

void replay_defaults(const json_t *cell, json_t *out)
{
	const char *kernel = json_string_value(json_object_get(cell, "kernel"));
	const char *zoneinfo = json_string_value(json_object_get(cell, "zoneinfo"));
	const char *ns = json_string_value(json_object_get(cell, "ns"));
	struct tcpbuf_model_boot boot;
	struct tcpbuf_rules rules;
	int child = ns && strcmp(ns, "child") == 0;
	int64_t pages;

	if (!kernel || !zoneinfo || tcpbuf_rules_named(kernel, &rules, sizeof(rules)) != 0)
		return;
	pages = free_pages(zoneinfo);
	for (size_t i = 0; i < sizeof(images) / sizeof(images[0]); i++)
		if (strncmp(kernel, images[i].release, strlen(images[i].release)) == 0)
			pages -= images[i].pages;
	if (tcpbuf_model_boot(&rules, pages, &boot, sizeof(boot)) != 0)
		return;
	put_triple(out, "ipv4/tcp_rmem", boot.tcp_rmem);
	put_triple(out, "ipv4/tcp_wmem", boot.tcp_wmem);
	if (!child)
		put_triple(out, "ipv4/tcp_mem", boot.tcp_mem);
	put_core(&rules, child ? TCPBUF_KEY_NETNS_CHILD : TCPBUF_KEY_NETNS_INIT, out);
}
