/* SPDX-License-Identifier: MIT */
#include "k8s/span.h"

#include <string.h>

struct tcpbuf__span tcpbuf__span_of(const char *str, uint32_t limit)
{
	struct tcpbuf__span s = {str, str};

	while ((uint32_t)(s.end - str) < limit && *s.end)
		s.end++;
	return s;
}

uint32_t tcpbuf__span_length(struct tcpbuf__span s)
{
	return (uint32_t)(s.end - s.pos);
}

int tcpbuf__span_skip(struct tcpbuf__span *s, const char *text)
{
	struct tcpbuf__span rest = *s;

	for (; *text; text++, rest.pos++)
		if (rest.pos == rest.end || *rest.pos != *text)
			return 0;
	*s = rest;
	return 1;
}

int tcpbuf__span_is(struct tcpbuf__span s, const char *text)
{
	return tcpbuf__span_skip(&s, text) && s.pos == s.end;
}

int tcpbuf__span_drop(struct tcpbuf__span *s, const char *text)
{
	uint32_t size = tcpbuf__span_length(tcpbuf__span_of(text, UINT32_MAX));
	struct tcpbuf__span tail = *s;

	if (tcpbuf__span_length(*s) < size)
		return 0;
	tail.pos = s->end - size;
	if (!tcpbuf__span_is(tail, text))
		return 0;
	s->end = tail.pos;
	return 1;
}

const char *tcpbuf__span_find(struct tcpbuf__span s, char byte)
{
	while (s.pos < s.end && *s.pos != byte)
		s.pos++;
	return s.pos;
}

static int each_in(struct tcpbuf__span s, char last_letter, const char *also)
{
	struct tcpbuf__span more = tcpbuf__span_of(also, 16);

	if (s.pos == s.end)
		return 0;
	for (; s.pos < s.end; s.pos++) {
		if ((*s.pos >= '0' && *s.pos <= '9') || (*s.pos >= 'a' && *s.pos <= last_letter))
			continue;
		if (tcpbuf__span_find(more, *s.pos) == more.end)
			return 0;
	}
	return 1;
}

int tcpbuf__span_hex(struct tcpbuf__span s, const char *also)
{
	return each_in(s, 'f', also);
}

int tcpbuf__span_word(struct tcpbuf__span s, const char *also)
{
	return each_in(s, 'z', also);
}

int tcpbuf__span_copy(struct tcpbuf__span s, char *buf, uint32_t size)
{
	uint32_t length = tcpbuf__span_length(s);

	if (length >= size)
		return 0;
	memcpy(buf, s.pos, length);
	buf[length] = '\0';
	return 1;
}
