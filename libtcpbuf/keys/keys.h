/* SPDX-License-Identifier: MIT */
/* What the files of this room share. */
#ifndef TCPBUF_KEYS_KEYS_H
#define TCPBUF_KEYS_KEYS_H

#include <tcpbuf/keys.h>

#include "mem/record.h"
#include "mem/text.h"

/* A kernel release as one ordered number, LINUX_VERSION_CODE's form. */
#define TCPBUF__VERSION(major, minor, patch)                                                       \
	((uint32_t)(major) << 16 | (uint32_t)(minor) << 8 | (uint32_t)(patch))

/* What is the same on every kernel that has the key. */
struct tcpbuf__key_row {
	uint32_t key;
	uint32_t unit;
	const char *name;
	uint32_t inherit;
	uint32_t since;	      /* version that brought the file; 0: before 4.19 */
	uint32_t netns_since; /* version that made it per namespace; 0: never */
};

/* A key's range on one kernel: what its handler takes, and the value at start (first number). */
struct tcpbuf__range {
	uint32_t type;
	int64_t min, max;
	int64_t initial;
};

/* Row of a key, or NULL. */
const struct tcpbuf__key_row *tcpbuf__key_row(uint32_t key);

/* Read a caller's rules in: 0, -EINVAL, -E2BIG. */
int tcpbuf__key_rules_in(struct tcpbuf_key_rules *dst, const struct tcpbuf_key_rules *rules);

/* How many numbers the key's file holds; 0 for a name. */
uint32_t tcpbuf__key_numbers(uint32_t key);

/* rules NULL: the widest range of any kernel. */
struct tcpbuf__range tcpbuf__key_range(const struct tcpbuf_key_rules *rules, uint32_t key);

/* The key must exist in the table. */
uint32_t tcpbuf__key_access(const struct tcpbuf_key_rules *rules, uint32_t key, uint32_t netns);

int tcpbuf__key_has(const struct tcpbuf_key_rules *rules, uint32_t feature);

/* Reason of a legal value that is probably not meant, into the verdict. */
void tcpbuf__key_warn(const struct tcpbuf_key_rules *rules, uint32_t key,
	const struct tcpbuf_value *value, struct tcpbuf_key_verdict *v);

/* A number as the key prints it: unsigned long keys have no sign. */
void tcpbuf__key_put_number(struct tcpbuf__text *t, uint32_t key, int64_t value);

#endif
