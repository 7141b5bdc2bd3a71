/* SPDX-License-Identifier: MIT */
/* Judge a sysctl.d file, or what a namespace has. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "plan.h"

#define FILE_MOST (1 << 20)

struct settings {
	struct tcpbuf_k8s_setting *items;
	uint32_t count;
};

static void add(struct settings *s, const char *key, size_t key_length, const char *value, size_t value_length)
{
	struct tcpbuf_k8s_setting *one;

	s->items = realloc(s->items, (s->count + 1) * sizeof(*s->items));
	if (!s->items)
		abort();
	one = &s->items[s->count++];
	snprintf(one->key, sizeof(one->key), "%.*s", (int)key_length, key);
	snprintf(one->value, sizeof(one->value), "%.*s", (int)value_length, value);
}

/* The file's text; "-" is stdin. NULL after a sentence. */
static char *slurp(const char *path, size_t *length)
{
	FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
	char *text = file ? malloc(FILE_MOST) : NULL;

	*length = text ? fread(text, 1, FILE_MOST, file) : 0;
	if (text && (ferror(file) || *length == FILE_MOST)) {
		errno = ferror(file) ? errno : EFBIG;
		free(text);
		text = NULL;
	}
	if (!text)
		tool_cannot(&plan_tool, "read", path);
	if (file && file != stdin)
		fclose(file);
	return text;
}

static int from_file(const char *path, struct settings *s)
{
	struct tcpbuf_key_setting line = {.size = sizeof(line)};
	size_t length;
	char *text = slurp(path, &length), *safe;

	if (!text)
		return EXIT_KERNEL;
	safe = escape_name(path);
	while (tcpbuf_key_setting_next(text, (uint32_t)length, &line) == 1) {
		if (line.kind == TCPBUF_KEY_LINE_SET && !line.pattern)
			add(s, text + line.name_at, line.name_length, text + line.value_at, line.value_length);
		else if (line.kind == TCPBUF_KEY_LINE_MALFORMED)
			fprintf(stderr, "%s: %s: line %u is no setting\n", plan_tool.name, safe, line.line);
	}
	free(safe);
	free(text);
	return EXIT_OK;
}

static void from_namespace(struct tcpbuf_netns *ns, struct settings *s)
{
	struct tcpbuf_value value;
	char text[128];

	for (uint32_t i = 0; i < tcpbuf_key_count(); i++) {
		uint32_t key = tcpbuf_key_at(i);
		const char *name = tcpbuf_key_name(key);

		if (key == TCPBUF_KEY_TCP_EHASH_ENTRIES || tcpbuf_sysctl_get(ns, key, &value, sizeof(value)) != 0)
			continue;
		if (tcpbuf_key_format(key, &value, text, sizeof(text)) >= 0)
			add(s, name, strlen(name), text, strlen(text));
	}
}

static int report(const struct plan_options *o, const struct tcpbuf_rules *rules, const struct settings *s, uint32_t flags)
{
	static struct tcpbuf_finding found[PLAN_FINDINGS];
	struct tcpbuf_lint lint = {.size = sizeof(lint), .flags = flags,
		.connections = o->count ? o->classes[0].connections : 0,
		.ram_bytes = o->ram >= 0 ? o->ram : (int64_t)sysconf(_SC_PHYS_PAGES) * sysconf(_SC_PAGESIZE)};
	int count = tcpbuf_lint_settings(
		rules, &lint, s->items, sizeof(*s->items), s->count, found, sizeof(found[0]), PLAN_FINDINGS);
	int shown = count > PLAN_FINDINGS ? PLAN_FINDINGS : count;

	if (count < 0)
		return tool_usage(&plan_tool, "a name or value is no sysctl's", NULL);
	if (o->json) {
		json_t *object = json_pack("{s:o}", "findings", plan_findings_json(found, shown));

		json_dumpf(object, stdout, JSON_INDENT(2));
		puts("");
		json_decref(object);
	} else {
		plan_print_findings(found, shown);
	}
	return count > PLAN_FINDINGS ? EXIT_PARTIAL : EXIT_OK;
}

int plan_lint(struct tcpbuf *tb, struct tcpbuf_netns *ns, const struct plan_options *o, const char *file)
{
	struct settings settings = {NULL, 0};
	struct tcpbuf_rules rules;
	int code = tool_rules(&plan_tool, o->kernel, &rules);

	(void)tb;
	if (!code && file)
		code = from_file(file, &settings);
	else if (!code)
		from_namespace(ns, &settings);
	if (!code)
		code = report(o, &rules, &settings, file ? 0 : TCPBUF_LINT_LIVE);
	free(settings.items);
	return code;
}
