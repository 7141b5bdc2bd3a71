/* SPDX-License-Identifier: MIT */
/* A namespace with many TCP connections over its loopback, made by processes of their own. */
#ifndef TCPBUF_TESTS_CROWD_H
#define TCPBUF_TESTS_CROWD_H

#include <stdint.h>
#include <sys/types.h>

/* Listeners have ports from here on, and this many connections each. */
enum {
	CROWD_PORT = 6000,
	CROWD_PER_PORT = 2000
};

struct crowd {
	pid_t leader; /* lives in the namespace */
	int fd;       /* the namespace */
};

/*
 * @connections a multiple of CROWD_PER_PORT; two sockets each, and no data.
 * Returns 0, or -1: no namespace, or fewer connections.
 */
int crowd_start(struct crowd *c, uint32_t connections);
void crowd_stop(struct crowd *c);

#endif
