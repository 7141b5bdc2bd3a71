/* SPDX-License-Identifier: MIT */
/* A piece of somebody else's string; the pure room has no other string functions. */
#ifndef TCPBUF_K8S_SPAN_H
#define TCPBUF_K8S_SPAN_H

#include <stdint.h>

struct tcpbuf__span {
	const char *pos;
	const char *end;
};

/* A whole string, but at most limit bytes of it. */
struct tcpbuf__span tcpbuf__span_of(const char *str, uint32_t limit);

uint32_t tcpbuf__span_length(struct tcpbuf__span s);

/* 1 when the span is exactly the text. */
int tcpbuf__span_is(struct tcpbuf__span s, const char *text);

/* Step over the text at the front, or drop it at the back; 1 when it was there. */
int tcpbuf__span_skip(struct tcpbuf__span *s, const char *text);
int tcpbuf__span_drop(struct tcpbuf__span *s, const char *text);

/* Position of a byte, or the end. */
const char *tcpbuf__span_find(struct tcpbuf__span s, char byte);

/* 1 when not empty and each byte is a lower-case hex digit, or one of the bytes in also. */
int tcpbuf__span_hex(struct tcpbuf__span s, const char *also);

/* 1 when not empty and each byte is a-z, 0-9, or one of the bytes in also. */
int tcpbuf__span_word(struct tcpbuf__span s, const char *also);

/* Copy with a terminator; 0 when it does not fit (nothing is written). */
int tcpbuf__span_copy(struct tcpbuf__span s, char *buf, uint32_t size);

#endif
