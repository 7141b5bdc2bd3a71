/* SPDX-License-Identifier: MIT */
/* Set `sysctl`: what a write does, and how a file shows. */
#include "replay.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <tcpbuf/keys.h>

/* An input of a cell; "" when it is not there. */
static const char *input(const json_t *cell, const char *name)
{
	const char *text = json_string_value(json_object_get(cell, name));

	return text ? text : "";
}

/* Recordings name a key by its path below /proc/sys/net. */
static uint32_t key_of(const json_t *cell)
{
	char name[128];

	snprintf(name, sizeof(name), "net/%s", input(cell, "key"));
	return tcpbuf_key_by_name(name);
}

static void predict_write(const json_t *cell, const struct tcpbuf_key_rules *rules, uint32_t key,
	uint32_t netns, json_t *out)
{
	const json_t *bytes = json_object_get(cell, "write");
	const char *before = input(cell, "before");
	struct tcpbuf_key_effect effect;
	struct tcpbuf_value value;
	int known = !tcpbuf_key_parse(key, before, (uint32_t)strlen(before), &value, sizeof(value));

	if (!json_is_string(bytes) || tcpbuf_key_write(rules, key, netns, json_string_value(bytes),
					      (uint32_t)json_string_length(bytes),
					      known ? &value : NULL, &effect, sizeof(effect)))
		return;
	json_object_set_new(out, "ret", json_integer(effect.result));
	if (effect.valid & TCPBUF_KEY_EFFECT_HAS_AFTER)
		json_object_set_new(out, "after", json_string(effect.after));
}

static void predict_value(const struct tcpbuf_key_info *info, json_t *out)
{
	struct tcpbuf_value value = {.size = sizeof(value), .count = info->count};
	char text[64];

	memcpy(value.numbers, info->initial, sizeof(value.numbers));
	if (tcpbuf_key_format(info->key, &value, text, sizeof(text)) > 0)
		json_object_set_new(out, "value", json_string(text));
}

static void predict_list(
	const struct tcpbuf_key_rules *rules, uint32_t key, uint32_t netns, json_t *out)
{
	uint32_t access = tcpbuf_key_access(rules, key, netns);
	struct tcpbuf_key_info info;

	if (access == TCPBUF_KEY_ACCESS_ABSENT) {
		json_object_set_new(out, "read", json_integer(-ENOENT));
		return;
	}
	json_object_set_new(
		out, "mode", json_string(access == TCPBUF_KEY_ACCESS_RW ? "644" : "444"));
	json_object_set_new(out, "read", json_integer(0));
	if (!tcpbuf_key_describe(rules, key, &info, sizeof(info)) &&
		(info.valid & TCPBUF_KEY_INFO_HAS_INITIAL))
		predict_value(&info, out);
}

void replay_sysctl(const json_t *cell, json_t *out)
{
	uint32_t netns = strcmp(input(cell, "ns"), "init") == 0 ? TCPBUF_KEY_NETNS_INIT
								: TCPBUF_KEY_NETNS_CHILD;
	uint32_t key = key_of(cell);
	struct tcpbuf_key_rules rules;

	if (!key || tcpbuf_key_rules_release(input(cell, "kernel"), &rules, sizeof(rules)))
		return;
	if (strcmp(input(cell, "op"), "write") == 0)
		predict_write(cell, &rules, key, netns, out);
	else if (strcmp(input(cell, "op"), "list") == 0)
		predict_list(&rules, key, netns, out);
}
