/* SPDX-License-Identifier: MIT */
/* TCP buffer sysctls of a namespace: get, set, check, list, explain. */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "common.h"
#include "table.h"

static const struct tool tool = {"tcpbuf-sysctl",
	"Usage: tcpbuf-sysctl [OPTION]... get KEY\n"
	"       tcpbuf-sysctl [OPTION]... set KEY VALUE\n"
	"       tcpbuf-sysctl [OPTION]... check KEY VALUE\n"
	"       tcpbuf-sysctl [OPTION]... list\n"
	"       tcpbuf-sysctl [OPTION]... explain KEY\n"
	"Read, check and change the TCP buffer sysctls of one network namespace.\n"
	"\n"
	"  -N, --netns WHICH  self (default), a process id, a /path, or an ip-netns(8) name\n"
	"  -j, --json         JSON\n"
	"  -h, --help         this text\n"
	"  -V, --version      version\n"
	"\n"
	"Exit status: 0 ok, 1 usage or a value that is refused, 2 kernel or permission.\n"};

struct options {
	const char *netns;
	int json;
};

static const char *const access_names[] = {
	[TCPBUF_KEY_ACCESS_ABSENT] = "absent",
	[TCPBUF_KEY_ACCESS_RO] = "ro",
	[TCPBUF_KEY_ACCESS_RW] = "rw",
};

static const char *access_of(struct tcpbuf_netns *ns, uint32_t key)
{
	int access = tcpbuf_sysctl_access(ns, key);

	return access < 0 ? "denied" : access_names[access];
}

/* The value as the kernel prints it, or NULL when it cannot be read. */
static const char *value_of(struct tcpbuf_netns *ns, uint32_t key, char *buf, uint32_t size)
{
	struct tcpbuf_value value;

	if (tcpbuf_sysctl_get(ns, key, &value, sizeof(value)) != 0)
		return NULL;
	return tcpbuf_key_format(key, &value, buf, size) < 0 ? NULL : buf;
}

static int verb_get(struct tcpbuf *tb, struct tcpbuf_netns *ns, uint32_t key, const struct options *o)
{
	struct tcpbuf_value value;
	char text[128];

	if (tcpbuf_sysctl_get(ns, key, &value, sizeof(value)) != 0)
		return tool_fail(&tool, tb);
	tcpbuf_key_format(key, &value, text, sizeof(text));
	if (!o->json) {
		puts(text);
		return EXIT_OK;
	}
	json_t *object = json_pack("{s:I, s:s, s:s}", "netns_inode", (json_int_t)tcpbuf_netns_inode(ns), "key",
		tcpbuf_key_name(key), "value", text);
	json_dumpf(object, stdout, JSON_COMPACT);
	puts("");
	json_decref(object);
	return EXIT_OK;
}

/* A refused value is the caller's mistake; anything else is the kernel's word. */
static int refused(struct tcpbuf *tb, int err)
{
	int code = tool_fail(&tool, tb);

	return err == -EINVAL || err == -ERANGE ? EXIT_USAGE : code;
}

static int verb_change(struct tcpbuf *tb, struct tcpbuf_netns *ns, uint32_t key, const char *value,
	const struct options *o, int write)
{
	struct tcpbuf_key_verdict verdict;
	char why[200];
	int err = write ? tcpbuf_sysctl_set(ns, key, value, &verdict, sizeof(verdict))
			: tcpbuf_sysctl_check(ns, key, value, &verdict, sizeof(verdict));

	if (err)
		return refused(tb, err);
	tcpbuf_key_reason_text(&verdict, why, sizeof(why));
	if (why[0])
		fprintf(stderr, "%s: warning: %s: %s\n", tool.name, tcpbuf_key_name(key), why);
	if (o->json) {
		json_t *object = json_pack("{s:I, s:s, s:s, s:b}", "netns_inode",
			(json_int_t)tcpbuf_netns_inode(ns), "key", tcpbuf_key_name(key), "value",
			verdict.text, "written", write);
		if (why[0])
			json_object_set_new(object, "warning", json_string(why));
		json_dumpf(object, stdout, JSON_COMPACT);
		puts("");
		json_decref(object);
	}
	return EXIT_OK;
}

/* The running kernel's rules by its release; a newer or unknown one is taken as the newest known. */
static void running_rules(struct tcpbuf_key_rules *rules)
{
	struct utsname name;

	if (uname(&name) != 0 || tcpbuf_key_rules_release(name.release, rules, sizeof(*rules)) != 0)
		tcpbuf_key_rules_for(7, 3, 4, rules, sizeof(*rules));
}

static const char *scope_of(const struct tcpbuf_key_info *info)
{
	return info->scope == TCPBUF_KEY_SCOPE_NETNS ? "netns" : "node";
}

/* The value that this kernel starts with, or NULL when it depends on the machine. */
static const char *default_of(const struct tcpbuf_key_info *info, char *buf, uint32_t size)
{
	struct tcpbuf_value value = {.size = sizeof(value), .count = info->count};

	if (!(info->valid & TCPBUF_KEY_INFO_INITIAL))
		return NULL;
	memcpy(value.numbers, info->initial, sizeof(value.numbers));
	return tcpbuf_key_format(info->key, &value, buf, size) < 0 ? NULL : buf;
}

static void table_value(struct libscols_line *line, int column, const char *text)
{
	char plain[128];

	snprintf(plain, sizeof(plain), "%s", text ? text : "-");
	for (char *tab = plain; (tab = strchr(tab, '\t'));)
		*tab = ' ';
	table_text(line, column, plain);
}

static void list_row(struct tcpbuf_netns *ns, const struct tcpbuf_key_info *info,
	struct libscols_table *table, struct json_stream *stream)
{
	char text[128], start[128];
	const char *value = value_of(ns, info->key, text, sizeof(text));
	const char *initial = default_of(info, start, sizeof(start));
	const char *access = access_of(ns, info->key), *scope = scope_of(info);

	if (table) {
		struct libscols_line *line = table_line(table);

		table_text(line, 0, tcpbuf_key_name(info->key));
		table_value(line, 1, value);
		table_value(line, 2, initial);
		table_text(line, 3, scope);
		table_text(line, 4, access);
		return;
	}
	json_t *object = json_pack(
		"{s:s, s:s, s:s}", "key", tcpbuf_key_name(info->key), "scope", scope, "access", access);
	if (value)
		json_object_set_new(object, "value", json_string(value));
	if (initial)
		json_object_set_new(object, "default", json_string(initial));
	json_stream_add(stream, object);
}

static int verb_explain(uint32_t key)
{
	static const char *const titles[] = {"", "", "\nHistory: ", "\nOften expected: "};
	struct tcpbuf_key_rules rules;
	struct tcpbuf_key_info info;

	running_rules(&rules);
	printf("%s\n%s\n", tcpbuf_key_name(key), tcpbuf_key_text(key, TCPBUF_KEY_TEXT_MEANING));
	for (uint32_t which = TCPBUF_KEY_TEXT_HISTORY; which <= TCPBUF_KEY_TEXT_FOLKLORE; which++)
		if (tcpbuf_key_text(key, which)[0])
			printf("%s%s\n", titles[which], tcpbuf_key_text(key, which));
	if (tcpbuf_key_describe(&rules, key, &info, sizeof(info)) != 0)
		return EXIT_OK;
	printf("\nOn this kernel: scope %s, accepted %lld to %lld%s\n", scope_of(&info), (long long)info.min,
		(long long)info.max, info.dead ? ", and ignored" : "");
	return EXIT_OK;
}

static int verb_list(struct tcpbuf_netns *ns, const struct options *o)
{
	static const struct column columns[] = {
		{"KEY", 0}, {"VALUE", 0}, {"DEFAULT", 0}, {"SCOPE", 0}, {"ACCESS", 0}};
	struct libscols_table *table = o->json ? NULL : table_new(columns, 5);
	struct json_stream stream = {stdout, 0};
	struct tcpbuf_key_rules rules;
	struct tcpbuf_key_info info;

	running_rules(&rules);
	if (o->json)
		printf("{\"netns_inode\": %llu, \"keys\": [", (unsigned long long)tcpbuf_netns_inode(ns));
	for (uint32_t i = 0; i < tcpbuf_key_count(); i++)
		if (tcpbuf_key_describe(&rules, tcpbuf_key_at(i), &info, sizeof(info)) == 0)
			list_row(ns, &info, table, &stream);
	if (o->json)
		puts("\n]}");
	else
		table_print(table);
	return EXIT_OK;
}

static int run(struct tcpbuf *tb, struct tcpbuf_netns *ns, char **words, int count, const struct options *o)
{
	uint32_t key = count > 1 ? tcpbuf_key_by_name(words[1]) : TCPBUF_KEY_NONE;

	if (strcmp(words[0], "list") == 0 && count == 1)
		return verb_list(ns, o);
	if (count > 1 && key == TCPBUF_KEY_NONE)
		return tool_usage(&tool, "unknown key", words[1]);
	if (strcmp(words[0], "explain") == 0 && count == 2)
		return verb_explain(key);
	if (strcmp(words[0], "get") == 0 && count == 2)
		return verb_get(tb, ns, key, o);
	if (strcmp(words[0], "set") == 0 && count == 3)
		return verb_change(tb, ns, key, words[2], o, 1);
	if (strcmp(words[0], "check") == 0 && count == 3)
		return verb_change(tb, ns, key, words[2], o, 0);
	return tool_usage(&tool, "wrong number of arguments, or unknown verb", words[0]);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {{"netns", required_argument, NULL, 'N'},
		{"json", no_argument, NULL, 'j'}, {"help", no_argument, NULL, 'h'},
		{"version", no_argument, NULL, 'V'}, {NULL, 0, NULL, 0}};
	struct options o = {"self", 0};
	struct tcpbuf_netns *ns;
	struct tcpbuf *tb;
	int c, code;

	while ((c = getopt_long(argc, argv, "N:jhV", options, NULL)) != -1) {
		switch (c) {
		case 'N':
			o.netns = optarg;
			break;
		case 'j':
			o.json = 1;
			break;
		case 'h':
			return tool_help(&tool);
		case 'V':
			return tool_version(&tool);
		default:
			return EXIT_USAGE;
		}
	}
	if (optind == argc)
		return tool_usage(&tool, "no verb", NULL);
	tb = tool_context(&tool);
	if (!tb)
		return EXIT_KERNEL;
	if (tcpbuf_netns_open(tb, o.netns, &ns) != 0)
		code = tool_fail(&tool, tb);
	else
		code = run(tb, ns, argv + optind, argc - optind, &o);
	tcpbuf_netns_close(ns);
	tcpbuf_free(tb);
	return tool_finish(&tool, code);
}
