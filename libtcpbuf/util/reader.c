/* SPDX-License-Identifier: MIT */
#include "util/reader.h"

#include <errno.h>
#include <string.h>

static int is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n';
}

struct tcpbuf__reader tcpbuf__reader_init(const char *text, size_t size)
{
	/* The bytes of an empty file are NULL, to which C adds nothing, not even 0. */
	struct tcpbuf__reader r = {text, size ? text + size : text};

	return r;
}

int tcpbuf__reader_until(struct tcpbuf__reader *r, char separator, struct tcpbuf__reader *field)
{
	size_t left = (size_t)(r->end - r->pos);
	const char *hit = left ? memchr(r->pos, separator, left) : NULL;

	if (!hit)
		return 0;
	field->pos = r->pos;
	field->end = hit;
	r->pos = hit + 1;
	return 1;
}

int tcpbuf__reader_line(struct tcpbuf__reader *r, struct tcpbuf__reader *line)
{
	if (r->pos == r->end)
		return 0;
	if (!tcpbuf__reader_until(r, '\n', line)) {
		*line = *r;
		r->pos = r->end;
	}
	return 1;
}

int tcpbuf__reader_word(struct tcpbuf__reader *r, struct tcpbuf__reader *word)
{
	while (r->pos < r->end && is_space(*r->pos))
		r->pos++;
	word->pos = r->pos;
	while (r->pos < r->end && !is_space(*r->pos))
		r->pos++;
	word->end = r->pos;
	return word->pos < word->end;
}

static int parse_digits(const char *pos, const char *end, uint64_t *out)
{
	uint64_t value = 0;

	if (pos == end)
		return -EINVAL;
	for (; pos < end; pos++) {
		uint64_t digit = (uint64_t)(unsigned char)*pos - '0';

		if (digit > 9)
			return -EINVAL;
		if (value > (UINT64_MAX - digit) / 10)
			return -EOVERFLOW;
		value = value * 10 + digit;
	}
	*out = value;
	return 0;
}

int tcpbuf__reader_u64(struct tcpbuf__reader *r, uint64_t *out)
{
	struct tcpbuf__reader word;

	if (!tcpbuf__reader_word(r, &word))
		return -ENODATA;
	return parse_digits(word.pos, word.end, out);
}

int tcpbuf__reader_i64(struct tcpbuf__reader *r, int64_t *out)
{
	struct tcpbuf__reader word;
	uint64_t value;
	int negative, err;

	if (!tcpbuf__reader_word(r, &word))
		return -ENODATA;
	negative = *word.pos == '-';
	err = parse_digits(word.pos + negative, word.end, &value);
	if (err)
		return err;
	if (value > (uint64_t)INT64_MAX + (uint64_t)negative)
		return -EOVERFLOW;
	*out = negative ? (int64_t)(0 - value) : (int64_t)value;
	return 0;
}

int tcpbuf__reader_hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int tcpbuf__reader_is(const struct tcpbuf__reader *r, const char *text)
{
	size_t size = strlen(text);

	return (size_t)(r->end - r->pos) == size && memcmp(r->pos, text, size) == 0;
}

int tcpbuf__reader_blank(const struct tcpbuf__reader *r)
{
	const char *pos = r->pos;

	while (pos < r->end && is_space(*pos))
		pos++;
	return pos == r->end;
}
