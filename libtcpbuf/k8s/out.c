/* SPDX-License-Identifier: MIT */
#include "k8s/out.h"

static void put(struct tcpbuf__out *o, char byte)
{
	if (o->used + 1 < o->size) {
		o->buf[o->used] = byte;
		o->buf[o->used + 1] = '\0';
	}
	o->used++;
}

void tcpbuf__out_span(struct tcpbuf__out *o, struct tcpbuf__span s)
{
	while (s.pos < s.end)
		put(o, *s.pos++);
}

void tcpbuf__out_str(struct tcpbuf__out *o, const char *str)
{
	while (*str)
		put(o, *str++);
}

static void put_number(struct tcpbuf__out *o, uint32_t number)
{
	if (number >= 10)
		put_number(o, number / 10);
	put(o, (char)('0' + number % 10));
}

void tcpbuf__out_version(struct tcpbuf__out *o, uint32_t version)
{
	put_number(o, version >> 16);
	put(o, '.');
	put_number(o, version >> 8 & 255);
}
