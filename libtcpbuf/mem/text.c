/* SPDX-License-Identifier: MIT */
#include "mem/text.h"

#include <errno.h>
#include <string.h>

struct tcpbuf__text tcpbuf__text_init(char *buf, size_t size)
{
	struct tcpbuf__text t = {buf, size, 0};

	if (size)
		buf[0] = '\0';
	return t;
}

void tcpbuf__text_bytes(struct tcpbuf__text *t, const char *bytes, size_t count)
{
	size_t room = t->used + 1 < t->size ? t->size - 1 - t->used : 0;
	size_t take = count < room ? count : room;

	if (take) {
		memcpy(t->buf + t->used, bytes, take);
		t->buf[t->used + take] = '\0';
	}
	t->used += count;
}

/* strlen() is not for pure rooms. */
static size_t length_of(const char *str, size_t limit)
{
	size_t length = 0;

	while (length < limit && str[length])
		length++;
	return length;
}

void tcpbuf__text_str(struct tcpbuf__text *t, const char *str)
{
	tcpbuf__text_bytes(t, str, length_of(str, SIZE_MAX));
}

void tcpbuf__text_u64(struct tcpbuf__text *t, uint64_t value)
{
	char digits[20];
	size_t pos = sizeof(digits);

	do {
		digits[--pos] = (char)('0' + value % 10);
		value /= 10;
	} while (value);
	tcpbuf__text_bytes(t, digits + pos, sizeof(digits) - pos);
}

void tcpbuf__text_i64(struct tcpbuf__text *t, int64_t value)
{
	if (value < 0)
		tcpbuf__text_str(t, "-");
	tcpbuf__text_u64(t, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
}

/* Bytes of the well-formed UTF-8 character at p (RFC 3629), or 0. */
static size_t utf8_length(const unsigned char *p, size_t left)
{
	static const struct {
		unsigned char lead_min, lead_max, next_min, next_max;
		size_t length;
	} forms[] = {
		{0x20, 0x7e, 0x00, 0xff, 1}, {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
		{0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
		{0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
	};

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		size_t length = forms[i].length;

		if (p[0] < forms[i].lead_min || p[0] > forms[i].lead_max || left < length)
			continue;
		if (length > 1 && (p[1] < forms[i].next_min || p[1] > forms[i].next_max))
			continue;
		if ((length > 2 && (p[2] & 0xc0) != 0x80) || (length > 3 && (p[3] & 0xc0) != 0x80))
			continue;
		return length;
	}
	return 0;
}

static uint32_t code_point(const unsigned char *p, size_t length)
{
	uint32_t code = length == 1 ? p[0] : p[0] & (0x7fu >> length);

	for (size_t i = 1; i < length; i++)
		code = code << 6 | (p[i] & 0x3fu);
	return code;
}

/* Well-formed, but terminals obey it, or it makes a name look like another: C1, directions, line ends, without a width. */
static int misleads(const unsigned char *p, size_t length)
{
	static const struct {
		uint32_t first, last;
	} ranges[] = {{0x80, 0x9f}, {0x61c, 0x61c}, {0x200b, 0x200f}, {0x2028, 0x202e}, {0x2060, 0x206f}, {0xfeff, 0xfeff}};
	uint32_t code = code_point(p, length);

	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
		if (code >= ranges[i].first && code <= ranges[i].last)
			return 1;
	return 0;
}

void tcpbuf__text_escaped(struct tcpbuf__text *t, const char *bytes, size_t count)
{
	static const char hex[] = "0123456789abcdef";
	const unsigned char *p = (const unsigned char *)bytes;
	size_t done = 0;

	while (done < count) {
		size_t length = utf8_length(p + done, count - done);

		if (length && p[done] != '"' && p[done] != '\\' && !misleads(p + done, length)) {
			tcpbuf__text_bytes(t, bytes + done, length);
			done += length;
		} else {
			char escape[4] = {'\\', 'x', hex[p[done] >> 4], hex[p[done] & 15]};

			tcpbuf__text_bytes(t, escape, sizeof(escape));
			done++;
		}
	}
}

void tcpbuf__text_name(struct tcpbuf__text *t, const char *name)
{
	tcpbuf__text_escaped(t, name, length_of(name, SIZE_MAX));
}

int tcpbuf__text_cut(const struct tcpbuf__text *t)
{
	return t->used >= t->size;
}

int tcpbuf__text_copy(char *buf, size_t size, const char *str)
{
	size_t length = length_of(str, size);

	if (length == size)
		return -ENAMETOOLONG;
	memcpy(buf, str, length + 1);
	return 0;
}
