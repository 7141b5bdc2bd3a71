/* SPDX-License-Identifier: MIT */
/* Classes of connections from words. */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "plan.h"

enum kind { COUNT, BYTES, BITS, TIME, DIRECTION, READER, WORD };

static const struct field {
	const char *name;
	enum kind kind;
	size_t offset;
	int wide; /* 1: int64_t, 0: 32 bits */
} fields[] = {
	{"connections", COUNT, offsetof(struct tcpbuf_plan_class, connections), 0},
	{"rtt", TIME, offsetof(struct tcpbuf_plan_class, rtt_us), 1},
	{"rate", BITS, offsetof(struct tcpbuf_plan_class, rate_bps), 1},
	{"idle", COUNT, offsetof(struct tcpbuf_plan_class, idle_percent), 0},
	{"direction", DIRECTION, offsetof(struct tcpbuf_plan_class, directions), 0},
	{"reader", READER, offsetof(struct tcpbuf_plan_class, reader), 0},
	{"message", BYTES, offsetof(struct tcpbuf_plan_class, message_bytes), 1},
	{"mss", BYTES, offsetof(struct tcpbuf_plan_class, mss), 0},
	{"ratio", COUNT, offsetof(struct tcpbuf_plan_class, scaling_ratio), 0},
	{"so-rcvbuf", BYTES, offsetof(struct tcpbuf_plan_class, so_rcvbuf), 0},
	{"so-sndbuf", BYTES, offsetof(struct tcpbuf_plan_class, so_sndbuf), 0},
	{"peer-rcvbuf", BYTES, offsetof(struct tcpbuf_plan_class, peer_rcvbuf), 1},
	{"name", WORD, offsetof(struct tcpbuf_plan_class, name), 0},
};

#define FIELDS ((int)(sizeof(fields) / sizeof(fields[0])))

const char *plan_field_name(int index)
{
	return index < FIELDS ? fields[index].name : NULL;
}

void plan_class_init(struct tcpbuf_plan_class *class)
{
	memset(class, 0, sizeof(*class));
	class->size = sizeof(*class);
	class->directions = TCPBUF_PLAN_BOTH;
	class->mss = 1448;
}

/* How much a suffix multiplies; 0: no such suffix. */
static double suffix(const char *text, int unit)
{
	static const char letters[] = "KMGT";
	const char *found = *text ? strchr(letters, *text == 'k' ? 'K' : *text) : NULL;
	double factor = 1;

	if (!*text)
		return 1;
	if (!found || text[1])
		return 0;
	for (const char *p = letters; p <= found; p++)
		factor *= unit;
	return factor;
}

/* A product as a whole number, where there is a factor and it fits; not-a-number does not. */
static int to_whole(double value, double factor, int64_t *out)
{
	int fits = factor > 0 && value > -9e18 && value < 9e18;

	*out = fits ? (int64_t)value : 0;
	return fits;
}

/* Half a connection is no count. */
static int amount(const char *text, int unit, int whole, int64_t *out)
{
	char *end;
	double value = strtod(text, &end), factor = suffix(end, unit);

	return end != text && to_whole(value * factor, factor, out) && !(whole && (double)*out != value * factor);
}

int plan_amount(const char *text, int unit, int64_t *out)
{
	return amount(text, unit, 0, out);
}

static int duration(const char *text, int64_t *out)
{
	char *end;
	double value = strtod(text, &end);
	double factor = strcmp(end, "us") == 0 ? 1 : strcmp(end, "ms") == 0 ? 1e3 : strcmp(end, "s") == 0 ? 1e6 : 0;

	return end != text && to_whole(value * factor, factor, out);
}

/* Index of a word among those that are separated by blanks, from 0; -1: none of them. */
static int word_of(const char *text, const char *const *words, int count)
{
	for (int i = 0; i < count; i++)
		if (strcmp(text, words[i]) == 0)
			return i;
	return -1;
}

static int number_of(enum kind kind, const char *text, int64_t *out)
{
	static const char *const directions[] = {"receive", "send", "both"}, *const readers[] = {"all", "slow"};

	switch (kind) {
	case TIME:
		return duration(text, out);
	case DIRECTION:
		*out = word_of(text, directions, 3) + 1;
		return *out > 0;
	case READER:
		*out = word_of(text, readers, 2);
		return *out >= 0;
	default:
		return amount(text, kind == BYTES ? 1024 : 1000, kind == COUNT, out);
	}
}

int plan_field_set(struct tcpbuf_plan_class *class, int index, const char *value)
{
	const struct field *f = &fields[index];
	char *to = (char *)class + f->offset;
	int64_t number;
	int32_t narrow;

	if (f->kind == WORD) {
		snprintf(class->name, sizeof(class->name), "%s", value);
		return 0;
	}
	if (!number_of(f->kind, value, &number) || (!f->wide && (number < INT32_MIN || number > INT32_MAX))) {
		fprintf(stderr, "%s: %s: ", plan_tool.name, f->name);
		return tool_usage(&plan_tool, "not understood, or too large:", value);
	}
	narrow = (int32_t)number;
	memcpy(to, f->wide ? (void *)&number : (void *)&narrow, f->wide ? sizeof(number) : sizeof(narrow));
	return 0;
}

static int set_word(struct tcpbuf_plan_class *class, char *word)
{
	char *value = strchr(word, '=');

	if (!value)
		return tool_usage(&plan_tool, "a class is FIELD=VALUE,...; no '=' in", word);
	*value++ = '\0';
	for (int i = 0; i < FIELDS; i++)
		if (strcmp(word, fields[i].name) == 0)
			return plan_field_set(class, i, value);
	return tool_usage(&plan_tool, "unknown field", word);
}

int plan_class_parse(struct tcpbuf_plan_class *class, const char *text)
{
	char *copy = strdup(text), *rest = copy, *word;
	int code = copy ? 0 : EXIT_KERNEL;

	plan_class_init(class);
	while (!code && (word = strsep(&rest, ",")))
		code = set_word(class, word);
	free(copy);
	return code;
}
