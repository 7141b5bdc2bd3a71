/* SPDX-License-Identifier: MIT */
/* TCP buffer sysctls of a namespace: get, set, check, list, explain. */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "sysctl.h"

const struct tool tool = {"tcpbuf-sysctl",
	"Usage: tcpbuf-sysctl [OPTION]... get KEY\n"
	"       tcpbuf-sysctl [OPTION]... get --all\n"
	"       tcpbuf-sysctl [OPTION]... set KEY VALUE\n"
	"       tcpbuf-sysctl [OPTION]... set --file FILE\n"
	"       tcpbuf-sysctl [OPTION]... check KEY VALUE\n"
	"       tcpbuf-sysctl [OPTION]... check --file FILE\n"
	"       tcpbuf-sysctl [OPTION]... list\n"
	"       tcpbuf-sysctl [OPTION]... diff A B\n"
	"       tcpbuf-sysctl [OPTION]... explain KEY\n"
	"Read, check and change the TCP buffer sysctls of one network namespace.\n"
	"\n"
	"  -N, --netns WHICH  self (default), a process id, a /path, or an ip-netns(8) name;\n"
	"                     get KEY: also 'all', every namespace of the node\n"
	"  -a, --all          get: every key, as sysctl.d(5) lines that set --file takes\n"
	"  -f, --file FILE    set, check: the lines of a sysctl.d(5) file, '-' for standard input;\n"
	"                     set writes all of them or none\n"
	"  -j, --json         JSON\n"
	"  -h, --help         this text\n"
	"  -V, --version      version\n"
	"\n"
	"A and B are each WHICH, or a sysctl.d(5) file as ./FILE, or '-'.\n"
	"Exit status: 0 ok, 1 usage or a value that is refused, 2 kernel or permission,\n"
	"3 partial: lines skipped, or namespaces that may not be looked into.\n"};

void print_json(json_t *object)
{
	json_dumpf(object, stdout, JSON_COMPACT);
	puts("");
	json_decref(object);
}

void table_value(struct libscols_line *line, int column, const char *text)
{
	char plain[128];

	snprintf(plain, sizeof(plain), "%s", text ? text : "-");
	for (char *tab = plain; (tab = strchr(tab, '\t'));)
		*tab = ' ';
	table_text(line, column, plain);
}

const char *warning_of(const struct tcpbuf_key_verdict *verdict, char *buf, uint32_t size)
{
	tcpbuf_key_reason_text(verdict, buf, size);
	return buf;
}

int exit_of(int err)
{
	return err == -EINVAL || err == -ERANGE ? EXIT_USAGE : EXIT_KERNEL;
}

void running_rules(struct tcpbuf_key_rules *rules)
{
	struct utsname name;

	if (uname(&name) != 0 || tcpbuf_key_rules_release(name.release, rules, sizeof(*rules)) != 0)
		tcpbuf_key_rules_for(7, 3, 4, rules, sizeof(*rules));
}

const char *value_of(struct tcpbuf_netns *ns, uint32_t key, char *buf, uint32_t size)
{
	struct tcpbuf_value value;

	if (tcpbuf_sysctl_get(ns, key, &value, sizeof(value)) != 0)
		return NULL;
	return tcpbuf_key_format(key, &value, buf, size) < 0 ? NULL : buf;
}

static const char *const access_names[] = {
	[TCPBUF_KEY_ACCESS_ABSENT] = "absent",
	[TCPBUF_KEY_ACCESS_RO] = "ro",
	[TCPBUF_KEY_ACCESS_RW] = "rw",
};

static int verb_get(struct tcpbuf *tb, struct tcpbuf_netns *ns, uint32_t key, const struct options *o)
{
	char text[128];

	if (!value_of(ns, key, text, sizeof(text)))
		return tool_fail(&tool, tb);
	if (!o->json) {
		puts(text);
		return EXIT_OK;
	}
	print_json(json_pack("{s:I, s:s, s:s}", "netns_inode", (json_int_t)tcpbuf_netns_inode(ns), "key",
		tcpbuf_key_name(key), "value", text));
	return EXIT_OK;
}

static const char *access_of(struct tcpbuf_netns *ns, uint32_t key)
{
	int access = tcpbuf_sysctl_access(ns, key);

	return access < 0 ? "denied" : access_names[access];
}

/* What this namespace cannot be given is a comment, so that the file can be set elsewhere too. */
static int verb_get_all(struct tcpbuf_netns *ns)
{
	char text[128];

	for (uint32_t i = 0; i < tcpbuf_key_count(); i++) {
		uint32_t key = tcpbuf_key_at(i);
		int fixed = tcpbuf_sysctl_access(ns, key) == TCPBUF_KEY_ACCESS_RO;

		if (value_of(ns, key, text, sizeof(text)))
			printf("%s%s = %s\n", fixed ? "# read-only here: " : "", tcpbuf_key_name(key), text);
	}
	return EXIT_OK;
}

static const char *scope_of(const struct tcpbuf_key_info *info)
{
	return info->scope == TCPBUF_KEY_SCOPE_NETNS ? "netns" : "node";
}

/* The value that this kernel starts with, or NULL when it depends on the machine. */
static const char *default_of(const struct tcpbuf_key_info *info, char *buf, uint32_t size)
{
	struct tcpbuf_value value = {.size = sizeof(value), .count = info->count};

	if (!(info->valid & TCPBUF_KEY_INFO_HAS_INITIAL))
		return NULL;
	memcpy(value.numbers, info->initial, sizeof(value.numbers));
	return tcpbuf_key_format(info->key, &value, buf, size) < 0 ? NULL : buf;
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

/* Returns 1, or 0 when the value cannot be read there. */
static int everywhere_row(
	struct tcpbuf_netns *ns, uint32_t key, struct libscols_table *table, struct json_stream *stream)
{
	char text[128], *label = escape_name(tcpbuf_netns_label(ns));
	const char *value = value_of(ns, key, text, sizeof(text));

	if (table) {
		struct libscols_line *line = table_line(table);

		table_number(line, 0, (int64_t)tcpbuf_netns_inode(ns));
		table_text(line, 1, label);
		table_value(line, 2, value);
	} else {
		json_t *object = json_pack(
			"{s:I, s:s}", "netns_inode", (json_int_t)tcpbuf_netns_inode(ns), "known_by", label);

		if (value)
			json_object_set_new(object, "value", json_string(value));
		json_stream_add(stream, object);
	}
	free(label);
	return value != NULL;
}

/* A key of every namespace that can be found. */
static int verb_get_everywhere(struct tcpbuf *tb, uint32_t key, const struct options *o)
{
	static const struct column columns[] = {{"NETNS", 1}, {"KNOWN BY", 0}, {"VALUE", 0}};
	struct libscols_table *table = o->json ? NULL : table_new(columns, 3);
	struct json_stream stream = {stdout, 0};
	struct tcpbuf_netns_summary summary;
	struct tcpbuf_netns_entry entry;
	struct tcpbuf_netns_list *list;
	struct tcpbuf_netns *ns;
	int more, unread = 0;

	if (tcpbuf_netns_list_open(tb, &list) != 0)
		return tool_fail(&tool, tb);
	if (o->json)
		printf("{\"key\": \"%s\", \"namespaces\": [", tcpbuf_key_name(key));
	while ((more = tcpbuf_netns_list_next(list, &entry, sizeof(entry))) == 1) {
		if (tcpbuf_netns_open_listed(list, &ns) != 0)
			break;
		unread += !everywhere_row(ns, key, table, &stream);
		tcpbuf_netns_close(ns);
	}
	if (o->json)
		puts("\n]}");
	else
		table_print(table);
	if (more != 0)
		tool_fail(&tool, tb);
	tcpbuf_netns_list_summary(list, &summary, sizeof(summary));
	tcpbuf_netns_list_close(list);
	if (more != 0)
		return EXIT_KERNEL;
	return summary.denied || unread ? EXIT_PARTIAL : EXIT_OK;
}

/* Verbs that open no namespace, or more than one. Returns -1 when it is none of them. */
static int run_alone(struct tcpbuf *tb, const char *verb, uint32_t key, char **words, int count,
	const struct options *o)
{
	if (strcmp(verb, "diff") == 0 && count == 3)
		return verb_diff(tb, words[1], words[2], o);
	if (key && strcmp(verb, "explain") == 0 && count == 2)
		return verb_explain(tb, key, o);
	if (key && strcmp(verb, "get") == 0 && count == 2 && strcmp(o->netns, "all") == 0)
		return verb_get_everywhere(tb, key, o);
	return -1;
}

/* Verbs on one namespace. Returns -1 when it is none of them. */
static int run_in(struct tcpbuf *tb, struct tcpbuf_netns *ns, const char *verb, uint32_t key,
	char **words, int count, const struct options *o)
{
	int get = strcmp(verb, "get") == 0, set = strcmp(verb, "set") == 0, check = strcmp(verb, "check") == 0;

	if (strcmp(verb, "list") == 0 && count == 1)
		return verb_list(ns, o);
	if (get && count == 1 && o->all)
		return verb_get_all(ns);
	if (get && key && count == 2)
		return verb_get(tb, ns, key, o);
	if ((set || check) && count == 1 && o->file)
		return verb_file(tb, ns, o, set);
	if ((set || check) && key && count == 3)
		return verb_change(tb, ns, key, words[2], o, set);
	return -1;
}

static int run(struct tcpbuf *tb, char **words, int count, const struct options *o)
{
	uint32_t key = count > 1 ? tcpbuf_key_by_name(words[1]) : TCPBUF_KEY_NONE;
	struct tcpbuf_netns *ns;
	int code = run_alone(tb, words[0], key, words, count, o);

	if (code >= 0)
		return code;
	if (count > 1 && key == TCPBUF_KEY_NONE)
		return tool_usage(&tool, "unknown key", words[1]);
	if (tcpbuf_netns_open(tb, o->netns, &ns) != 0)
		return tool_fail(&tool, tb);
	code = run_in(tb, ns, words[0], key, words, count, o);
	tcpbuf_netns_close(ns);
	return code >= 0 ? code : tool_usage(&tool, "wrong number of arguments, or unknown verb", words[0]);
}

/* Move values like "-2" behind all else, where getopt() does not take them for options. Returns how many. */
static int set_negatives_aside(int argc, char **argv)
{
	int moved = 0;

	for (int i = argc - 1; i > 0; i--) {
		char *word = argv[i];

		if (word[0] != '-' || word[1] < '0' || word[1] > '9')
			continue;
		moved++;
		memmove(argv + i, argv + i + 1, (size_t)(argc - moved - i) * sizeof(*argv));
		argv[argc - moved] = word;
	}
	return moved;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {{"netns", required_argument, NULL, 'N'},
		{"all", no_argument, NULL, 'a'}, {"file", required_argument, NULL, 'f'},
		{"json", no_argument, NULL, 'j'}, {"help", no_argument, NULL, 'h'},
		{"version", no_argument, NULL, 'V'}, {NULL, 0, NULL, 0}};
	struct options o = {.netns = "self"};
	struct tcpbuf *tb;
	int c, code, negatives = set_negatives_aside(argc, argv);

	while ((c = getopt_long(argc - negatives, argv, "N:af:jhV", options, NULL)) != -1) {
		switch (c) {
		case 'N':
			o.netns = optarg;
			break;
		case 'a':
			o.all = 1;
			break;
		case 'f':
			o.file = optarg;
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
	code = run(tb, argv + optind, argc - optind, &o);
	tcpbuf_free(tb);
	return tool_finish(&tool, code);
}
