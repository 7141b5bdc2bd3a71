/* SPDX-License-Identifier: MIT */
/* Numbers by number: a hash table of inodes, ids, cookies. */
#ifndef TCPBUF_UTIL_MAP_H
#define TCPBUF_UTIL_MAP_H

#include "util/sys.h"

/* Starts all zero. */
struct tcpbuf__map {
	struct tcpbuf__map_slot {
		uint64_t key; /* 0: free */
		uint64_t value;
	} * slots;
	size_t size; /* 0 or a power of two */
	size_t used;
};

/* The value of a key other than 0, made as 0 when it is new; valid until the next call. NULL: no memory. */
uint64_t *tcpbuf__map_at(struct tcpbuf__map *map, const struct tcpbuf__sys *sys, uint64_t key);

/* The value of a key, or 0 when there is none. */
uint64_t tcpbuf__map_get(const struct tcpbuf__map *map, uint64_t key);

void tcpbuf__map_free(struct tcpbuf__map *map, const struct tcpbuf__sys *sys);

#endif
