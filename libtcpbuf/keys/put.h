/* SPDX-License-Identifier: MIT */
/* Text into a caller's buffer: always terminated, never overrun. */
#ifndef TCPBUF_KEYS_PUT_H
#define TCPBUF_KEYS_PUT_H

#include <stdint.h>

struct tcpbuf__put {
	char *buf;
	uint32_t size;
	uint32_t used; /* bytes wanted so far; size or more means cut */
};

struct tcpbuf__put tcpbuf__put_init(char *buf, uint32_t size);
void tcpbuf__put_bytes(struct tcpbuf__put *p, const char *bytes, uint32_t count);
void tcpbuf__put_str(struct tcpbuf__put *p, const char *str);
void tcpbuf__put_u64(struct tcpbuf__put *p, uint64_t value);
void tcpbuf__put_i64(struct tcpbuf__put *p, int64_t value);

/* A number as the key prints it: unsigned long keys have no sign. */
void tcpbuf__put_number(struct tcpbuf__put *p, uint32_t key, int64_t value);

#endif
