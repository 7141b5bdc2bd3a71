/* SPDX-License-Identifier: MIT */
/* A target: bytes from outside into a parser, and what must hold of what it makes of them. */
#ifndef TCPBUF_TESTS_FUZZ_H
#define TCPBUF_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/reader.h"

/* What libFuzzer calls, and replay.c with each input of the corpus. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A sanitizer's report is a finding, and so is this. */
#define MUST(condition) \
	do { \
		if (!(condition)) { \
			fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #condition); \
			abort(); \
		} \
	} while (0)

/* A copy that ends in 0 and where its bytes do, so that a read beyond is seen. Free it. */
static inline char *string_of(struct tcpbuf__reader text)
{
	size_t size = (size_t)(text.end - text.pos);
	char *copy = malloc(size + 1);

	MUST(copy);
	if (size)
		memcpy(copy, text.pos, size);
	copy[size] = '\0';
	return copy;
}

static inline struct tcpbuf__reader reader_of(const uint8_t *data, size_t size)
{
	return tcpbuf__reader_init((const char *)data, size);
}

/* The first line, or all of the text where it has but one. */
static inline struct tcpbuf__reader line_of(struct tcpbuf__reader *text)
{
	struct tcpbuf__reader line = {text->pos, text->pos};

	tcpbuf__reader_line(text, &line);
	return line;
}

/* Fit for a terminal, JSON and metrics as it stands: UTF-8 (RFC 3629) without control characters. */
int is_plain(const char *text, size_t size);

#endif
