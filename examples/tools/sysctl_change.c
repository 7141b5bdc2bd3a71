/* SPDX-License-Identifier: MIT */
/* set and check, of one key or of a file. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sysctl.h"

static const char *const outcome_names[] = {
	[TCPBUF_SYSCTL_UNTOUCHED] = "untouched",
	[TCPBUF_SYSCTL_SAME] = "same",
	[TCPBUF_SYSCTL_WRITTEN] = "written",
	[TCPBUF_SYSCTL_REFUSED] = "refused",
	[TCPBUF_SYSCTL_PUT_BACK] = "put back",
	[TCPBUF_SYSCTL_LOST] = "lost",
};

static void warn(uint32_t key, const char *why)
{
	if (why[0])
		fprintf(stderr, "%s: warning: %s: %s\n", tool.name, tcpbuf_key_name(key), why);
}

/* What this very kernel is known to refuse, although others take it. Returns 1 after saying so. */
static int kernel_refuses(uint32_t key, const struct tcpbuf_key_verdict *verdict)
{
	struct tcpbuf_key_rules rules;
	struct tcpbuf_key_verdict here;
	char why[200];

	running_rules(&rules);
	if (!rules.verified || tcpbuf_key_check(&rules, key, verdict->text, (uint32_t)strlen(verdict->text), &here,
				       sizeof(here)) != -ERANGE)
		return 0;
	tcpbuf_key_reason_text(&here, why, sizeof(why));
	fprintf(stderr, "%s: this kernel refuses %s: %s\n", tool.name, tcpbuf_key_name(key), why);
	return 1;
}

int verb_change(struct tcpbuf *tb, struct tcpbuf_netns *ns, uint32_t key, const char *value,
	const struct options *o, int write)
{
	struct tcpbuf_key_verdict verdict;
	char buf[200];
	const char *why;
	int err = write ? tcpbuf_sysctl_set(ns, key, value, &verdict, sizeof(verdict))
			: tcpbuf_sysctl_check(ns, key, value, &verdict, sizeof(verdict));

	if (err) {
		tool_fail(&tool, tb);
		return exit_of(err);
	}
	if (!write && kernel_refuses(key, &verdict))
		return EXIT_USAGE;
	why = warning_of(&verdict, buf, sizeof(buf));
	warn(key, why);
	if (o->json) {
		json_t *object = json_pack("{s:I, s:s, s:s, s:b}", "netns_inode",
			(json_int_t)tcpbuf_netns_inode(ns), "key", tcpbuf_key_name(key), "value",
			verdict.text, "written", write);
		if (why[0])
			json_object_set_new(object, "warning", json_string(why));
		print_json(object);
	}
	return EXIT_OK;
}

/* Take the lines of the file into the change, or only check them. Returns 0 or an exit code. */
static int take_lines(struct tcpbuf *tb, struct tcpbuf_netns *ns, struct settings *s,
	struct tcpbuf_sysctl_change *change)
{
	struct tcpbuf_key_verdict verdict;
	char why[200];
	int code = EXIT_OK;

	while (settings_next(s)) {
		uint32_t key = s->line.key;
		int err = change ? tcpbuf_sysctl_change_add(
					   change, key, s->value, s->line.optional, &verdict, sizeof(verdict))
				 : tcpbuf_sysctl_check(ns, key, s->value, &verdict, sizeof(verdict));

		if (err) {
			settings_complain(s, tcpbuf_error_text(tb));
			if (exit_of(err) != EXIT_USAGE && !s->line.optional)
				code = exit_of(err);
		} else if (!change && kernel_refuses(key, &verdict)) {
			s->bad++;
		} else {
			warn(key, warning_of(&verdict, why, sizeof(why)));
		}
	}
	return s->bad && !code ? EXIT_USAGE : code;
}

static void report_row(const struct tcpbuf_sysctl_result *r, struct libscols_table *table, json_t *list)
{
	const char *key = tcpbuf_key_name(r->key), *outcome = outcome_names[r->outcome];

	if (table) {
		struct libscols_line *line = table_line(table);

		table_text(line, 0, key);
		table_text(line, 1, outcome);
		table_value(line, 2, r->before[0] ? r->before : NULL);
		table_value(line, 3, r->value);
		return;
	}
	struct tcpbuf_key_verdict verdict;
	char why[200];
	json_t *object = json_pack("{s:s, s:s, s:s}", "key", key, "outcome", outcome, "value", r->value);
	if (r->before[0])
		json_object_set_new(object, "before", json_string(r->before));
	if (r->code)
		json_object_set_new(object, "cause", json_string(tcpbuf_strerror(r->code)));
	if (r->warning) {
		tcpbuf_key_check(NULL, r->key, r->value, (uint32_t)strlen(r->value), &verdict, sizeof(verdict));
		json_object_set_new(object, "warning", json_string(warning_of(&verdict, why, sizeof(why))));
	}
	json_array_append_new(list, object);
}

static void report(struct tcpbuf_netns *ns, const struct tcpbuf_sysctl_change *change, const struct options *o)
{
	static const struct column columns[] = {{"KEY", 0}, {"OUTCOME", 0}, {"BEFORE", 0}, {"ASKED", 0}};
	struct libscols_table *table = o->json ? NULL : table_new(columns, 4);
	json_t *list = o->json ? json_array() : NULL;
	struct tcpbuf_sysctl_result r;

	for (uint32_t i = 0; tcpbuf_sysctl_change_result(change, i, &r, sizeof(r)) == 0; i++)
		report_row(&r, table, list);
	if (table)
		table_print(table);
	else
		print_json(json_pack("{s:I, s:o}", "netns_inode", (json_int_t)tcpbuf_netns_inode(ns), "keys", list));
}

static int apply(struct tcpbuf *tb, struct tcpbuf_netns *ns, struct tcpbuf_sysctl_change *change,
	const struct options *o)
{
	int err = tcpbuf_sysctl_change_apply(change);

	if (err)
		tool_fail(&tool, tb);
	report(ns, change, o);
	return err ? exit_of(err) : EXIT_OK;
}

int verb_file(struct tcpbuf *tb, struct tcpbuf_netns *ns, const struct options *o, int write)
{
	struct tcpbuf_sysctl_change *change = NULL;
	struct settings s;
	int code;

	if (!settings_open(&s, o->file))
		return EXIT_USAGE;
	if (write && tcpbuf_sysctl_change_open(ns, &change) != 0) {
		settings_close(&s);
		return tool_fail(&tool, tb);
	}
	code = take_lines(tb, ns, &s, change);
	if (code == EXIT_OK && write)
		code = apply(tb, ns, change, o);
	if (code == EXIT_OK && s.skipped)
		code = EXIT_PARTIAL;
	tcpbuf_sysctl_change_close(change);
	settings_close(&s);
	return code;
}
