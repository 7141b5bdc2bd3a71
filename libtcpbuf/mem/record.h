/* SPDX-License-Identifier: MIT */
/* Structs in a caller's memory, of a size that may be another library's. */
#ifndef TCPBUF_MEM_RECORD_H
#define TCPBUF_MEM_RECORD_H

#include <stddef.h>

/*
 * The part of an input struct that this library knows, the rest zero.
 * Returns 0; -EINVAL: NULL or size below 4; -E2BIG: a newer struct whose unknown tail is not zero.
 */
int tcpbuf__copy_in(void *dst, size_t known, const void *src);

/* Back into a struct that was read in: what its size says it has. */
void tcpbuf__copy_back(void *dst, const void *record, size_t known);

/*
 * Hand out a record: min(out_size, known) bytes, and zeroes in what the caller has beyond.
 * out NULL: nothing; known 0: zeroes.
 */
void tcpbuf__copy_out(void *out, size_t out_size, const void *record, size_t known);

#endif
