/* SPDX-License-Identifier: MIT */
/* Text written into a caller's buffer: always terminated, never overrun, a cut is visible. */
#ifndef TCPBUF_MEM_TEXT_H
#define TCPBUF_MEM_TEXT_H

#include <stddef.h>
#include <stdint.h>

struct tcpbuf__text {
	char *buf;
	size_t size;
	size_t used; /* bytes wanted so far; more than size - 1 means cut */
};

struct tcpbuf__text tcpbuf__text_init(char *buf, size_t size);
void tcpbuf__text_bytes(struct tcpbuf__text *t, const char *bytes, size_t count);
void tcpbuf__text_str(struct tcpbuf__text *t, const char *str);
void tcpbuf__text_u64(struct tcpbuf__text *t, uint64_t value);
void tcpbuf__text_i64(struct tcpbuf__text *t, int64_t value);

/* Bytes from outside (names, values): control and direction characters, quotes, backslashes and invalid UTF-8 as \xNN. */
void tcpbuf__text_escaped(struct tcpbuf__text *t, const char *bytes, size_t count);

/* A string from outside, likewise. */
void tcpbuf__text_name(struct tcpbuf__text *t, const char *name);

/* 1 when something did not fit. */
int tcpbuf__text_cut(const struct tcpbuf__text *t);

/* Copy a string; returns 0, or -ENAMETOOLONG when it does not fit with its end. */
int tcpbuf__text_copy(char *buf, size_t size, const char *str);

#endif
