/* SPDX-License-Identifier: MIT */
/* Records into a caller's array; those that do not fit are counted. */
#ifndef TCPBUF_ADVISE_LIST_H
#define TCPBUF_ADVISE_LIST_H

#include <stdint.h>

struct tcpbuf__list {
	char *items; /* may be NULL when capacity is 0 */
	uint32_t item_size;
	uint32_t capacity;
	uint32_t count;
};

void tcpbuf__list_add(struct tcpbuf__list *list, const void *record, uint32_t known);

#endif
