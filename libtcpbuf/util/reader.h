/* SPDX-License-Identifier: MIT */
/* Bounded reader of kernel text: no locale, no allocation, overflow and stray bytes refused. */
#ifndef TCPBUF_UTIL_READER_H
#define TCPBUF_UTIL_READER_H

#include <stddef.h>
#include <stdint.h>

struct tcpbuf__reader {
	const char *pos;
	const char *end;
};

struct tcpbuf__reader tcpbuf__reader_init(const char *text, size_t size);

/* Take the next line, without its newline, into *line. Returns 1, or 0 at the end. */
int tcpbuf__reader_line(struct tcpbuf__reader *r, struct tcpbuf__reader *line);

/* Take the next word: bytes other than blank, tab and newline. Returns 1, or 0 at the end. */
int tcpbuf__reader_word(struct tcpbuf__reader *r, struct tcpbuf__reader *word);

/* Take bytes up to the separator into *field and step over it. Returns 1, or 0 when it does not occur. */
int tcpbuf__reader_until(struct tcpbuf__reader *r, char separator, struct tcpbuf__reader *field);

/*
 * Take the next word as a decimal number. Returns 0; -ENODATA at the end;
 * -EINVAL when the word is no plain number; -EOVERFLOW when it does not fit.
 */
int tcpbuf__reader_u64(struct tcpbuf__reader *r, uint64_t *out);
int tcpbuf__reader_i64(struct tcpbuf__reader *r, int64_t *out);

/* The value of a lower-case hexadecimal digit, or -1 when it is none. */
int tcpbuf__reader_hex(char c);

/* 1 when the reader's remaining bytes are exactly text. */
int tcpbuf__reader_is(const struct tcpbuf__reader *r, const char *text);

/* 1 when nothing but blanks, tabs and newlines is left. */
int tcpbuf__reader_blank(const struct tcpbuf__reader *r);

#endif
