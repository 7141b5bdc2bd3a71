/* SPDX-License-Identifier: MIT */
/* Processes and their sockets, by the links in /proc/PID/fd. */
#ifndef TCPBUF_TOOLS_OWNER_H
#define TCPBUF_TOOLS_OWNER_H

#include <stddef.h>
#include <stdint.h>

/* Inodes of a process's sockets. */
struct owner_sockets {
	uint32_t *inodes; /* free it */
	size_t count;
};

/* Returns 0, or -1 with errno: no such process, or it may not be looked into. */
int owner_sockets(uint32_t pid, struct owner_sockets *out);

/* 1 when the inode is among them. */
int owner_has(const struct owner_sockets *sockets, uint32_t inode);

/* A process that has this socket, and its descriptor there. Returns 0, or -1: none that may be looked into. */
int owner_find(uint32_t inode, uint32_t *pid, int *fd);

#endif
