/* SPDX-License-Identifier: MIT */
/* Where two namespaces, or a namespace and a sysctl.d(5) file, differ. */
#include <stdlib.h>
#include <string.h>

#include "sysctl.h"

/* Value of each key in tcpbuf_key_at() order, NULL where there is none. */
struct side {
	const char *name;
	int is_file;
	char **values;
};

static char *copy(const char *text)
{
	char *twin = text ? strdup(text) : NULL;

	if (text && !twin)
		abort();
	return twin;
}

static void fill_from_netns(struct side *side, struct tcpbuf_netns *ns)
{
	char text[128];

	for (uint32_t i = 0; i < tcpbuf_key_count(); i++)
		side->values[i] = copy(value_of(ns, tcpbuf_key_at(i), text, sizeof(text)));
}

static void keep(struct side *side, uint32_t key, const char *text)
{
	for (uint32_t i = 0; i < tcpbuf_key_count(); i++) {
		if (tcpbuf_key_at(i) != key)
			continue;
		free(side->values[i]);
		side->values[i] = copy(text);
	}
}

static int fill_from_file(struct side *side)
{
	struct tcpbuf_key_verdict verdict;
	struct settings s;
	char why[200];
	int code;

	side->is_file = 1;
	if (!settings_open(&s, side->name))
		return EXIT_USAGE;
	while (settings_next(&s)) {
		if (tcpbuf_key_check(NULL, s.line.key, s.value, (uint32_t)strlen(s.value), &verdict,
			    sizeof(verdict)) == 0) {
			keep(side, s.line.key, verdict.text);
			continue;
		}
		tcpbuf_key_reason_text(&verdict, why, sizeof(why));
		settings_complain(&s, why);
	}
	code = s.bad ? EXIT_USAGE : s.skipped ? EXIT_PARTIAL : EXIT_OK;
	settings_close(&s);
	return code;
}

/* What a word with a slash names is a file, unless it is a namespace. */
static int fill(struct tcpbuf *tb, struct side *side, const char *name)
{
	struct tcpbuf_netns *ns;

	side->name = name;
	side->values = calloc(tcpbuf_key_count(), sizeof(*side->values));
	if (!side->values)
		abort();
	if (strcmp(name, "-") != 0 && tcpbuf_netns_open(tb, name, &ns) == 0) {
		fill_from_netns(side, ns);
		tcpbuf_netns_close(ns);
		return EXIT_OK;
	}
	if (strcmp(name, "-") == 0 || strchr(name, '/'))
		return fill_from_file(side);
	return tool_fail(&tool, tb);
}

static void side_free(struct side *side)
{
	for (uint32_t i = 0; side->values && i < tcpbuf_key_count(); i++)
		free(side->values[i]);
	free(side->values);
}

/* A file says nothing on the keys that it does not name. */
static int differs(const struct side *a, const struct side *b, uint32_t index)
{
	const char *in_a = a->values[index], *in_b = b->values[index];

	if ((a->is_file && !in_a) || (b->is_file && !in_b))
		return 0;
	return in_a && in_b ? strcmp(in_a, in_b) != 0 : in_a != in_b;
}

static void show(uint32_t key, const char *a, const char *b, struct libscols_table *table, json_t *list)
{
	if (table) {
		struct libscols_line *line = table_line(table);

		table_text(line, 0, tcpbuf_key_name(key));
		table_value(line, 1, a);
		table_value(line, 2, b);
		return;
	}
	json_t *object = json_pack("{s:s}", "key", tcpbuf_key_name(key));
	if (a)
		json_object_set_new(object, "a", json_string(a));
	if (b)
		json_object_set_new(object, "b", json_string(b));
	json_array_append_new(list, object);
}

static void compare(const struct side *a, const struct side *b, const struct options *o)
{
	char *name_a = escape_name(a->name), *name_b = escape_name(b->name);
	const struct column columns[] = {{"KEY", 0}, {name_a, 0}, {name_b, 0}};
	struct libscols_table *table = o->json ? NULL : table_new(columns, 3);
	json_t *list = o->json ? json_array() : NULL;

	for (uint32_t i = 0; i < tcpbuf_key_count(); i++)
		if (differs(a, b, i))
			show(tcpbuf_key_at(i), a->values[i], b->values[i], table, list);
	if (table)
		table_print(table);
	else
		print_json(json_pack("{s:s, s:s, s:o}", "a", name_a, "b", name_b, "keys", list));
	free(name_a);
	free(name_b);
}

static int is_shown(int code)
{
	return code == EXIT_OK || code == EXIT_PARTIAL;
}

int verb_diff(struct tcpbuf *tb, const char *a, const char *b, const struct options *o)
{
	struct side sides[2] = {{0}};
	int first = fill(tb, &sides[0], a);
	int second = is_shown(first) ? fill(tb, &sides[1], b) : EXIT_OK;

	if (is_shown(first) && is_shown(second))
		compare(&sides[0], &sides[1], o);
	side_free(&sides[0]);
	side_free(&sides[1]);
	return first == EXIT_OK || (first == EXIT_PARTIAL && second != EXIT_OK) ? second : first;
}
