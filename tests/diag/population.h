/* SPDX-License-Identifier: MIT */
/* One namespace with quiet TCP sockets of every kind that a dump can meet. */
#ifndef TCPBUF_TESTS_DIAG_POPULATION_H
#define TCPBUF_TESTS_DIAG_POPULATION_H

#include <netinet/in.h>

#include "base/base.h"
#include "web.h"

struct population {
	struct scratch ns;
	int fds[256];
	int count;
};

struct population population_start(void);
void population_stop(struct population *p);

/* A fixture: web.h's context, by a table of calls of its own, and its namespace with everybody in it. */
extern struct population people;
extern struct tcpbuf__sys people_sys;
void people_setup(void);
void people_teardown(void);

/* An address with a port of the namespace: "127.0.0.1", "::1", "::ffff:127.0.0.1". */
union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};
union address address_of(const char *text, uint16_t port);
socklen_t address_size(const union address *address);

/* Sockets of the namespace, closed by population_stop(). */
int population_bound(struct population *p, const char *address);
int population_listen(struct population *p, const char *address, int backlog);
int population_connect(struct population *p, int listener, const char *from, const char *to);

#endif
