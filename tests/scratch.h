/* SPDX-License-Identifier: MIT */
/* Namespaces of a test's own: made in a child process, so the test's thread stays where it was. */
#ifndef TCPBUF_TESTS_SCRATCH_H
#define TCPBUF_TESTS_SCRATCH_H

#include <sys/types.h>

/*
 * Called once from main: as an ordinary user, become root of a user namespace of
 * our own. Ends the program with 77 where that is not allowed.
 */
void scratch_rights(void);

/* fork(), for a child that ends when its parent does. */
pid_t scratch_fork(void);

struct scratch {
	pid_t pid; /* a process that lives in the namespace until scratch_stop() */
	int fd;	   /* the namespace */
};

/* A new namespace with lo up. Fails the test when it cannot be made. */
struct scratch scratch_start(void);
void scratch_stop(struct scratch *s);

/* Of the caller's namespace. Returns 0, or -1 with errno. */
int scratch_loopback_up(void);

/* A socket made in the namespace, for use from anywhere. */
int scratch_socket(const struct scratch *s, int family, int type);

/* Write a file below /proc/sys/net of the namespace; for settings that a test needs. */
void scratch_set(const struct scratch *s, const char *file, const char *value);

/* A connected pair in the namespace over its loopback; both descriptors are the caller's. */
struct pair {
	int listener, client, server;
};
struct pair scratch_pair(const struct scratch *s, int family, int rcvbuf);
void pair_close(struct pair *p);

#endif
