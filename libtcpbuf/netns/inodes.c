/* SPDX-License-Identifier: MIT */
#include "netns/inodes.h"

#include <string.h>

#define FIRST_SIZE 64

static struct tcpbuf__inode *find(struct tcpbuf__inode *slots, size_t size, uint64_t inode)
{
	/* Fibonacci hashing: the kernel hands out neighbouring numbers. */
	size_t at = (size_t)(inode * 0x9e3779b97f4a7c15u >> 32) & (size - 1);

	while (slots[at].inode && slots[at].inode != inode)
		at = (at + 1) & (size - 1);
	return &slots[at];
}

static int grow(struct tcpbuf__inodes *set, const struct tcpbuf__sys *sys)
{
	size_t size = set->size ? set->size * 2 : FIRST_SIZE;
	struct tcpbuf__inode *slots = sys->alloc(size * sizeof(*slots));

	if (!slots)
		return 0;
	for (size_t i = 0; i < set->size; i++)
		if (set->slots[i].inode)
			*find(slots, size, set->slots[i].inode) = set->slots[i];
	sys->release(set->slots);
	set->slots = slots;
	set->size = size;
	return 1;
}

struct tcpbuf__inode *tcpbuf__inodes_get(
	struct tcpbuf__inodes *set, const struct tcpbuf__sys *sys, uint64_t inode)
{
	struct tcpbuf__inode *member;

	if (set->used * 2 >= set->size && !grow(set, sys))
		return NULL;
	member = find(set->slots, set->size, inode);
	if (!member->inode) {
		member->inode = inode;
		set->used++;
	}
	return member;
}

void tcpbuf__inodes_free(struct tcpbuf__inodes *set, const struct tcpbuf__sys *sys)
{
	sys->release(set->slots);
	memset(set, 0, sizeof(*set));
}
