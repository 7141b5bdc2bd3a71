/* SPDX-License-Identifier: MIT */
/* A decoder of UTF-8 of its own: what is under test is not asked whether it is right. */
#include "fuzz.h"

/* How many bytes follow a first byte, and the smallest character that may be written so; -1: none. */
static int follow(unsigned char first, uint32_t *least, uint32_t *bits)
{
	static const struct {
		unsigned char mask, mark;
		int count;
		uint32_t least;
	} forms[] = {{0x80, 0x00, 0, 0}, {0xe0, 0xc0, 1, 0x80}, {0xf0, 0xe0, 2, 0x800}, {0xf8, 0xf0, 3, 0x10000}};

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		if ((first & forms[i].mask) != forms[i].mark)
			continue;
		*least = forms[i].least;
		*bits = first & ~forms[i].mask & 0xff;
		return forms[i].count;
	}
	return -1;
}

/* What a terminal obeys, and what hides: marks without a width, of direction, ends of lines. */
static int is_control(uint32_t c)
{
	int hides = c == 0x61c || (c >= 0x200b && c < 0x2010) || (c >= 0x2028 && c < 0x202f) || (c >= 0x2060 && c < 0x2070) ||
		c == 0xfeff;

	return c < 0x20 || (c >= 0x7f && c < 0xa0) || hides;
}

int is_plain(const char *text, size_t size)
{
	const unsigned char *p = (const unsigned char *)text, *end = p + size;

	while (p < end) {
		uint32_t least, c;
		int more = follow(*p++, &least, &c);

		if (more < 0 || end - p < more)
			return 0;
		for (; more; more--, p++) {
			if ((*p & 0xc0) != 0x80)
				return 0;
			c = c << 6 | (*p & 0x3f);
		}
		if (c < least || c > 0x10ffff || (c >= 0xd800 && c < 0xe000) || is_control(c))
			return 0;
	}
	return 1;
}
