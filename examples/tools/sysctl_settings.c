/* SPDX-License-Identifier: MIT */
/* sysctl.d(5) files: what of them concerns the TCP buffers. */
#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "sysctl.h"

#define FILE_LIMIT (1 << 20)

/* Returns NULL, or what is wrong. */
static const char *read_all(struct settings *s, FILE *in)
{
	size_t length;

	if (!in)
		return strerror(errno);
	s->text = malloc(FILE_LIMIT + 1);
	if (!s->text)
		return strerror(ENOMEM);
	length = fread(s->text, 1, FILE_LIMIT + 1, in);
	s->length = (uint32_t)length;
	if (ferror(in))
		return strerror(errno);
	return length > FILE_LIMIT ? "more than 1 MiB" : NULL;
}

int settings_open(struct settings *s, const char *path)
{
	FILE *in = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
	const char *wrong;

	memset(s, 0, sizeof(*s));
	s->path = path;
	s->line.size = sizeof(s->line);
	wrong = read_all(s, in);
	if (in && in != stdin)
		fclose(in);
	if (!wrong)
		return 1;
	char *name = escape_name(path);
	fprintf(stderr, "%s: cannot read %s: %s\n", tool.name, name, wrong);
	free(name);
	settings_close(s);
	return 0;
}

void settings_close(struct settings *s)
{
	free(s->text);
	s->text = NULL;
}

static void say(const struct settings *s, const char *what)
{
	char *name = escape_name(s->path);

	fprintf(stderr, "%s: %s:%u: %s\n", tool.name, name, s->line.line, what);
	free(name);
}

void settings_complain(struct settings *s, const char *what)
{
	s->bad++;
	say(s, what);
}

/* A name in the file with slashes, as fnmatch() takes paths apart. */
static void path_of(const struct settings *s, char *out, size_t size)
{
	snprintf(out, size, "%.*s", (int)s->line.name_length, s->text + s->line.name_at);
	if (strchr(out, '/'))
		return;
	for (char *dot = out; (dot = strchr(dot, '.'));)
		*dot = '/';
}

/* Does the pattern name a key of the family? */
static int pattern_concerns_us(const struct settings *s)
{
	char pattern[256], path[128];

	path_of(s, pattern, sizeof(pattern));
	for (uint32_t i = 0; i < tcpbuf_key_count(); i++) {
		uint32_t key = tcpbuf_key_at(i);

		snprintf(path, sizeof(path), "net/%s/%s", tcpbuf_key_dir(key), tcpbuf_key_file(key));
		if (fnmatch(pattern, path, FNM_PATHNAME) == 0)
			return 1;
	}
	return 0;
}

static void skip_foreign(struct settings *s)
{
	char text[300], *name;

	snprintf(text, sizeof(text), "%.*s", (int)s->line.name_length, s->text + s->line.name_at);
	name = escape_name(text);
	snprintf(text, sizeof(text), "%.200s is no TCP buffer key; skipped", name);
	free(name);
	s->skipped++;
	say(s, text);
}

int settings_next(struct settings *s)
{
	while (tcpbuf_key_setting_next(s->text, s->length, &s->line) == 1) {
		const struct tcpbuf_key_setting *line = &s->line;

		if (line->kind == TCPBUF_KEY_LINE_EXCLUDE)
			continue;
		if (line->kind == TCPBUF_KEY_LINE_MALFORMED)
			settings_complain(s, "not KEY = VALUE");
		else if (line->pattern && pattern_concerns_us(s))
			settings_complain(s, "patterns are not taken; name the keys");
		else if (line->key == TCPBUF_KEY_NONE)
			skip_foreign(s);
		else if (line->value_length >= sizeof(s->value))
			settings_complain(s, "the value is too long");
		else {
			memcpy(s->value, s->text + line->value_at, line->value_length);
			s->value[line->value_length] = '\0';
			return 1;
		}
	}
	return 0;
}
