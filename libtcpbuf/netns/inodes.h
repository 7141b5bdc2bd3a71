/* SPDX-License-Identifier: MIT */
/* A set of inode numbers, each with a mark. */
#ifndef TCPBUF_NETNS_INODES_H
#define TCPBUF_NETNS_INODES_H

#include "util/sys.h"

struct tcpbuf__inode {
	uint64_t inode; /* 0: free */
	uint32_t mark;
	uint32_t unused;
};

/* Starts all zero. */
struct tcpbuf__inodes {
	struct tcpbuf__inode *slots;
	size_t size; /* 0 or a power of two */
	size_t used;
};

/* The member of that inode, with mark 0 when it is new; valid until the next call. NULL: no memory. */
struct tcpbuf__inode *tcpbuf__inodes_get(
	struct tcpbuf__inodes *set, const struct tcpbuf__sys *sys, uint64_t inode);
void tcpbuf__inodes_free(struct tcpbuf__inodes *set, const struct tcpbuf__sys *sys);

#endif
