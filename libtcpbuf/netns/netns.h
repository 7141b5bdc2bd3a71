/* SPDX-License-Identifier: MIT */
#ifndef TCPBUF_NETNS_NETNS_H
#define TCPBUF_NETNS_NETNS_H

#include <tcpbuf/netns.h>

#include "base/base.h"

#define TCPBUF__PID_MAX 4194304

/* What can be opened inside a namespace; it stays bound to that namespace afterwards. */
enum tcpbuf__door {
	TCPBUF__DOOR_CORE, /* directory PROC/sys/net/core */
	TCPBUF__DOOR_IPV4, /* directory PROC/sys/net/ipv4 */
	TCPBUF__DOOR_DIAG, /* sock_diag netlink socket */
	TCPBUF__DOORS
};

struct tcpbuf_netns {
	struct tcpbuf *tb;
	int fd;
	int kept[TCPBUF__DOORS]; /* -1: not open now */
	uint64_t device;
	uint64_t inode;
	char label[128];
	char proc_root[TCPBUF__ROOT_SIZE];
};

/*
 * Make a namespace of a descriptor, which is its own from here on and closed on failure; a negative
 * one is the errno of opening it. Returns 0 or a negative errno, with a sentence.
 */
int tcpbuf__netns_adopt(struct tcpbuf *tb, int fd, const char *label, struct tcpbuf_netns **out);

/* A second descriptor of the same file, open for reading. Returns it or a negative errno. */
int tcpbuf__netns_reopen(const struct tcpbuf__sys *sys, int fd);

/*
 * Take a door's descriptor for one use; it is the caller's until given back.
 * Returns the descriptor or a negative errno, with a sentence.
 */
int tcpbuf__netns_take(struct tcpbuf_netns *ns, enum tcpbuf__door door, const struct tcpbuf__subject *about);

/* Give a descriptor back: kept for the next use while the budget allows, else closed. */
void tcpbuf__netns_give(struct tcpbuf_netns *ns, enum tcpbuf__door door, int fd);

/*
 * Run fn inside the namespace: at once when the calling thread is there already,
 * else on a thread of its own. Returns fn's value or a negative errno.
 */
int tcpbuf__netns_visit(struct tcpbuf_netns *ns, int (*fn)(struct tcpbuf_netns *ns, void *arg), void *arg);

/*
 * Run fn in a new namespace, on a thread of its own; it ends with its last socket. Its loopback is down.
 * Returns fn's value or a negative errno, with a sentence.
 */
int tcpbuf__netns_scratch(struct tcpbuf *tb, int (*fn)(struct tcpbuf_netns *ns, void *arg), void *arg);

#endif
