/* SPDX-License-Identifier: MIT */
/* sysctl.d(5): lines that set keys. */
#include "keys/keys.h"

#include <errno.h>
#include <string.h>

/* A run of bytes in the caller's text. */
struct run {
	const char *pos;
	const char *end;
};

static int is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static void strip(struct run *r)
{
	while (r->pos < r->end && is_blank(*r->pos))
		r->pos++;
	while (r->pos < r->end && is_blank(r->end[-1]))
		r->end--;
}

/* The line at *at, without its newline; steps over it. Returns 1, or 0 at the end. */
static int take_line(const char *text, uint32_t length, uint32_t *at, struct run *line)
{
	const char *newline;

	if (*at >= length)
		return 0;
	line->pos = text + *at;
	newline = memchr(line->pos, '\n', length - *at);
	line->end = newline ? newline : text + length;
	*at = newline ? (uint32_t)(newline + 1 - text) : length;
	return 1;
}

/* Only what a person could have meant: no control byte, and something there. */
static int is_plain(const struct run *r)
{
	for (const char *pos = r->pos; pos < r->end; pos++)
		if ((unsigned char)*pos < ' ' && *pos != '\t')
			return 0;
	return r->pos < r->end;
}

static uint32_t key_of(struct run name)
{
	char copy[64];
	uint32_t length;

	while (name.pos < name.end && *name.pos == '/')
		name.pos++;
	length = (uint32_t)(name.end - name.pos);
	if (length >= sizeof(copy))
		return TCPBUF_KEY_NONE;
	memcpy(copy, name.pos, length);
	copy[length] = '\0';
	return tcpbuf_key_by_name(copy);
}

static int is_pattern(const struct run *name)
{
	for (const char *pos = name->pos; pos < name->end; pos++)
		if (*pos == '*' || *pos == '?' || *pos == '[')
			return 1;
	return 0;
}

/* A stripped line that is neither empty nor a comment. */
static void read_line(const char *text, struct run line, struct tcpbuf_key_setting *out)
{
	struct run name = line, value = {line.end, line.end};
	const char *equals = memchr(line.pos, '=', (size_t)(line.end - line.pos));

	if (equals) {
		name.end = equals;
		value.pos = equals + 1;
	}
	out->optional = *name.pos == '-';
	name.pos += out->optional;
	strip(&name);
	strip(&value);
	out->kind = equals ? TCPBUF_KEY_LINE_SET : TCPBUF_KEY_LINE_EXCLUDE;
	if (!is_plain(&name) || (equals && !is_plain(&value)) || (!equals && !out->optional))
		out->kind = TCPBUF_KEY_LINE_MALFORMED;
	out->key = key_of(name);
	out->pattern = (uint32_t)is_pattern(&name);
	out->name_at = (uint32_t)(name.pos - text);
	out->name_length = (uint32_t)(name.end - name.pos);
	out->value_at = (uint32_t)(value.pos - text);
	out->value_length = (uint32_t)(value.end - value.pos);
}

int tcpbuf_key_setting_next(
	const char *text, uint32_t length, struct tcpbuf_key_setting *setting)
{
	struct tcpbuf_key_setting found = {.size = sizeof(found)};
	struct run line;

	if (!setting || setting->size < sizeof(found) || (!text && length))
		return -EINVAL;
	found.size = setting->size;
	found.at = setting->at;
	found.line = setting->line;
	while (take_line(text, length, &found.at, &line)) {
		found.line++;
		strip(&line);
		if (line.pos == line.end || *line.pos == '#' || *line.pos == ';')
			continue;
		read_line(text, line, &found);
		tcpbuf__copy_out(setting, setting->size, &found, sizeof(found));
		return 1;
	}
	return 0;
}
