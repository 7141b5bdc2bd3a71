/* SPDX-License-Identifier: MIT */
/* The walk behind a namespace list: where to look in a process, and what was found. */
#ifndef TCPBUF_NETNS_LIST_H
#define TCPBUF_NETNS_LIST_H

#include <limits.h>

#include "netns/netns.h"
#include "util/file.h"
#include "util/map.h"
#include "util/reader.h"

/* A way to a namespace, below PROC/PID. */
struct tcpbuf__link {
	uint64_t inode;
	uint32_t pid; /* of the thread, where one was looked at */
	int32_t fd;   /* -1: none */
	char path[PATH_MAX + 8];
};

struct tcpbuf_netns_list {
	struct tcpbuf *tb;
	int proc;
	uint32_t *pids;
	size_t pid_count;
	size_t pid_size;

	/* Where the walk is: a kind of link, a process, and a place within it. */
	uint32_t look;
	size_t at;
	int dir; /* PROC/PID, -1 between processes */
	int started;
	struct tcpbuf__folder folder; /* fd -1: none */
	struct tcpbuf__file mountinfo;
	struct tcpbuf__reader lines;

	struct tcpbuf__map mounts; /* mount namespaces by inode; 1: read */
	struct tcpbuf__map seen;   /* network namespaces by inode; enum of list.c */
	struct tcpbuf_netns_summary summary;
	uint64_t refused;      /* processes that this kind of link could not be read of */
	uint64_t most_refused; /* and the most of any kind */
	int found; /* the namespace that next() returned last, -1: none */
	struct tcpbuf__link link;
};

/*
 * One kind of link. begin() prepares a process whose directory is open; next() puts a link into
 * list->link and returns 1, or 0 after the last. Both return a negative errno where the process cannot be seen.
 */
struct tcpbuf__look {
	uint32_t by; /* enum tcpbuf_netns_by */
	int (*begin)(struct tcpbuf_netns_list *list);
	int (*next)(struct tcpbuf_netns_list *list);
};

/* Best first: a task is in its namespace, a mount has a name, a descriptor may be all there is. */
#define TCPBUF__LOOKS 3
extern const struct tcpbuf__look tcpbuf__looks[TCPBUF__LOOKS];

#endif
