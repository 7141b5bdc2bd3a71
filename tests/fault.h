/* SPDX-License-Identifier: MIT */
/* A kernel whose n-th call fails, and which counts what the library has not given back. */
#ifndef TCPBUF_TESTS_FAULT_H
#define TCPBUF_TESTS_FAULT_H

#include "util/sys.h"

/* Calls of struct tcpbuf__sys that can fail, and close, which cannot. */
enum fault_kind {
	FAULT_ANY,
	FAULT_ALLOC,
	FAULT_RESIZE,
	FAULT_OPEN,
	FAULT_READ,
	FAULT_WRITE,
	FAULT_STAT,
	FAULT_READLINK,
	FAULT_GETDENTS,
	FAULT_ACCESS,
	FAULT_OPEN_KERNFS,
	FAULT_IOCTL,
	FAULT_GETRLIMIT,
	FAULT_SOCKET,
	/* Of a socket that there is. */
	FAULT_SEND,
	FAULT_RECV,
	FAULT_GETNAME,
	FAULT_GETSOCKOPT,
	FAULT_SETSOCKOPT,
	FAULT_LISTEN,
	FAULT_CONNECT,
	FAULT_ACCEPT,
	FAULT_SETNS,
	FAULT_UNSHARE,
	FAULT_RUN_THREADS,
	FAULT_CLOSE,
	FAULT_KINDS
};

/* As a code: write() takes half, getsockopt() gives half. */
#define FAULT_SHORT 1

struct fault {
	int countdown;        /* calls until the failure; below 0: none */
	int code;             /* of a failing call; an allocation just gives NULL */
	enum fault_kind kind; /* which calls count down */
	int short_reads;      /* 1: read() gives one byte at a time */
	/* What a failing recv() of netlink does instead of failing; NULL: nothing. */
	ssize_t (*answer)(int fd, void *buf, size_t size, int flags);

	int calls[FAULT_KINDS];
	int open_fds;
	int blocks;
};

extern struct fault fault;
extern const struct tcpbuf__sys fault_sys;

#endif
