/* SPDX-License-Identifier: MIT */
#include "advise/list.h"

#include "mem/record.h"

void tcpbuf__list_add(struct tcpbuf__list *list, const void *record, uint32_t known)
{
	if (list->count < list->capacity)
		tcpbuf__copy_out(list->items + (uint64_t)list->count * list->item_size,
			list->item_size, record, known);
	list->count++;
}
