/* SPDX-License-Identifier: MIT */
/* explain: what a key is, how it came to be, and what it is not. */
#include <string.h>

#include "sysctl.h"

static const char *const units[] = {
	[TCPBUF_KEY_UNIT_BYTES] = "bytes",
	[TCPBUF_KEY_UNIT_PAGES] = "pages",
	[TCPBUF_KEY_UNIT_PACKETS] = "packets",
	[TCPBUF_KEY_UNIT_CONNECTIONS] = "connections",
	[TCPBUF_KEY_UNIT_SECONDS] = "seconds",
	[TCPBUF_KEY_UNIT_MICROSECONDS] = "microseconds",
	[TCPBUF_KEY_UNIT_NANOSECONDS] = "nanoseconds",
	[TCPBUF_KEY_UNIT_PERCENT] = "per cent",
	[TCPBUF_KEY_UNIT_SHIFT] = "power of two",
	[TCPBUF_KEY_UNIT_SWITCH] = "switch: 0 off, 1 on",
	[TCPBUF_KEY_UNIT_MODE] = "mode",
	[TCPBUF_KEY_UNIT_COUNT] = "count",
	[TCPBUF_KEY_UNIT_NAME] = "name",
};

static const char *const inheritance[] = {
	[TCPBUF_KEY_INHERIT_CONST] = "the kernel's default, whatever the node was set to",
	[TCPBUF_KEY_INHERIT_COPY] = "a copy of the initial namespace's value of that moment",
	[TCPBUF_KEY_INHERIT_SHARED] = "the node's value",
	[TCPBUF_KEY_INHERIT_EHASH] = "computed from the size of the established hash",
};

static const char *const access_names[] = {
	[TCPBUF_KEY_ACCESS_ABSENT] = "absent",
	[TCPBUF_KEY_ACCESS_RO] = "read-only",
	[TCPBUF_KEY_ACCESS_RW] = "writable",
};

/* Texts of the key, in the order in which they are shown. */
static const struct {
	uint32_t which;
	const char *title, *json;
} texts[] = {
	{TCPBUF_KEY_TEXT_MEANING, "", "meaning"},
	{TCPBUF_KEY_TEXT_HISTORY, "\nHistory: ", "history"},
	{TCPBUF_KEY_TEXT_FOLKLORE, "\nOften expected: ", "folklore"},
};

static void put_version(char *buf, size_t size, uint32_t version)
{
	snprintf(buf, size, "%u.%u", version >> 16, version >> 8 & 0xff);
}

static void explain_kernel(const struct tcpbuf_key_info *info)
{
	char since[16];

	printf("\nUnit: %s", units[info->unit]);
	if (info->count > 1)
		printf(", %u numbers", info->count);
	printf("\nNew namespaces: %s\n", inheritance[info->inherit]);
	if (info->since) {
		put_version(since, sizeof(since), info->since);
		printf("Since: Linux %s\n", since);
	}
	printf("On this kernel: %s in the initial namespace, %s in others",
		access_names[info->access_init], access_names[info->access_child]);
	if (info->valid & TCPBUF_KEY_INFO_HAS_RANGE)
		printf("; accepts %lld to %lld", (long long)info->min, (long long)info->max);
	printf("%s\n", info->dead ? "; accepted and ignored" : "");
}

/* A column of a kernel's row. */
static void put_row(char cells[3][128], const struct tcpbuf_key_info *info)
{
	struct tcpbuf_value value = {.size = sizeof(value), .count = info->count};

	memcpy(value.numbers, info->initial, sizeof(value.numbers));
	snprintf(cells[0], sizeof(cells[0]), "-");
	if (info->valid & TCPBUF_KEY_INFO_HAS_INITIAL)
		tcpbuf_key_format(info->key, &value, cells[0], sizeof(cells[0]));
	snprintf(cells[1], sizeof(cells[1]), "-");
	if (info->valid & TCPBUF_KEY_INFO_HAS_RANGE)
		snprintf(cells[1], sizeof(cells[1]), "%lld to %lld", (long long)info->min, (long long)info->max);
	snprintf(cells[2], sizeof(cells[2]), "%s / %s", access_names[info->access_init],
		access_names[info->access_child]);
}

/* One row for each kernel that differs from the one before. */
static void explain_kernels(uint32_t key)
{
	static const struct column columns[] = {
		{"KERNEL", 0}, {"DEFAULT", 0}, {"ACCEPTS", 0}, {"INITIAL NETNS / OTHERS", 0}};
	static const char *const releases[] = {
		"4.19", "5.4", "5.10.223", "5.15", "6.1.176", "6.6", "6.8", "6.12.117", "6.18.44", "7.3.4"};
	struct libscols_table *table = table_new(columns, 4);
	char cells[3][128], last[3][128] = {{0}};
	struct tcpbuf_key_rules rules;
	struct tcpbuf_key_info info;

	for (size_t i = 0; i < sizeof(releases) / sizeof(releases[0]); i++) {
		struct libscols_line *line;

		memset(cells, 0, sizeof(cells));
		tcpbuf_key_rules_release(releases[i], &rules, sizeof(rules));
		if (tcpbuf_key_describe(&rules, key, &info, sizeof(info)) != 0)
			continue;
		put_row(cells, &info);
		if (memcmp(cells, last, sizeof(cells)) == 0)
			continue;
		memcpy(last, cells, sizeof(cells));
		line = table_line(table);
		table_text(line, 0, releases[i]);
		for (int column = 0; column < 3; column++)
			table_value(line, column + 1, cells[column]);
	}
	puts("");
	table_print(table);
}

/* Seconds after which a peer that is gone is given up, and the three numbers of it; 0 when they cannot be read. */
static int64_t give_up_after(struct tcpbuf *tb, const char *netns, int64_t numbers[3])
{
	static const uint32_t keys[] = {
		TCPBUF_KEY_TCP_KEEPALIVE_TIME, TCPBUF_KEY_TCP_KEEPALIVE_PROBES, TCPBUF_KEY_TCP_KEEPALIVE_INTVL};
	struct tcpbuf_value value;
	struct tcpbuf_netns *ns;
	int err = tcpbuf_netns_open(tb, netns, &ns);

	if (err)
		return 0;
	for (int i = 0; i < 3 && !err; i++) {
		err = tcpbuf_sysctl_get(ns, keys[i], &value, sizeof(value));
		numbers[i] = value.numbers[0];
	}
	tcpbuf_netns_close(ns);
	return err ? 0 : numbers[0] + numbers[1] * numbers[2];
}

static int is_keepalive(uint32_t key)
{
	return key >= TCPBUF_KEY_TCP_KEEPALIVE_TIME && key <= TCPBUF_KEY_TCP_KEEPALIVE_PROBES;
}

/* What the three keys of keepalive come to together. */
static void explain_keepalive(struct tcpbuf *tb, const char *netns)
{
	int64_t n[3], seconds = give_up_after(tb, netns, n);

	if (seconds)
		printf("Here: a peer that is gone is given up after time %lld + probes %lld x intvl %lld = %lld seconds\n",
			(long long)n[0], (long long)n[1], (long long)n[2], (long long)seconds);
}

static json_t *kernel_json(const struct tcpbuf_key_info *info)
{
	json_t *object = json_pack("{s:s, s:i, s:s, s:s, s:s, s:s, s:b}", "unit", units[info->unit], "count",
		(int)info->count, "scope", info->scope == TCPBUF_KEY_SCOPE_NETNS ? "netns" : "node",
		"new_netns", inheritance[info->inherit], "access_init", access_names[info->access_init],
		"access_child", access_names[info->access_child], "ignored", (int)info->dead);
	char since[16];

	if (info->valid & TCPBUF_KEY_INFO_HAS_RANGE) {
		json_object_set_new(object, "min", json_integer(info->min));
		json_object_set_new(object, "max", json_integer(info->max));
	}
	put_version(since, sizeof(since), info->since);
	if (info->since)
		json_object_set_new(object, "since", json_string(since));
	return object;
}

static void explain_json(struct tcpbuf *tb, uint32_t key, const struct tcpbuf_key_info *info, const char *netns)
{
	json_t *object = kernel_json(info);
	int64_t numbers[3], seconds = is_keepalive(key) ? give_up_after(tb, netns, numbers) : 0;

	json_object_set_new(object, "key", json_string(tcpbuf_key_name(key)));
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		const char *text = tcpbuf_key_text(key, texts[i].which);

		if (text[0])
			json_object_set_new(object, texts[i].json, json_string(text));
	}
	if (seconds)
		json_object_set_new(object, "gives_up_after_s", json_integer(seconds));
	print_json(object);
}

int verb_explain(struct tcpbuf *tb, uint32_t key, const struct options *o)
{
	struct tcpbuf_key_rules rules;
	struct tcpbuf_key_info info;

	running_rules(&rules);
	tcpbuf_key_describe(&rules, key, &info, sizeof(info));
	if (o->json) {
		explain_json(tb, key, &info, o->netns);
		return EXIT_OK;
	}
	puts(tcpbuf_key_name(key));
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		const char *text = tcpbuf_key_text(key, texts[i].which);

		if (text[0])
			printf("%s%s\n", texts[i].title, text);
	}
	explain_kernel(&info);
	if (is_keepalive(key))
		explain_keepalive(tb, o->netns);
	explain_kernels(key);
	return EXIT_OK;
}
