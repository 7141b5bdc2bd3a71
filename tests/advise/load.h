/* SPDX-License-Identifier: MIT */
/* Many connections between two scratch namespaces, held by worker processes whose readers stop in the end. */
#ifndef TCPBUF_TESTS_ADVISE_LOAD_H
#define TCPBUF_TESTS_ADVISE_LOAD_H

#include <stdint.h>
#include <sys/types.h>

#include "scratch.h"

/* The pod and its peers, joined by veth; addresses 10.78.0.1 and 10.78.0.2. */
struct load_pair {
	struct scratch pod, peers;
};
struct load_pair load_pair_start(void);
void load_pair_stop(struct load_pair *pair);

struct load {
	uint32_t connections;
	uint32_t receives, sends; /* seen from the pod */
	uint32_t chunk;		  /* bytes of one send */
	uint32_t rounds;	  /* sends of each writer before readers stop */
	uint32_t read;		  /* bytes of one read; 0: as much as there is */
};

#define LOAD_WORKERS 4

struct load_run {
	pid_t workers[LOAD_WORKERS];
	uint32_t count;
	int ready, stop; /* pipes from and to the workers */
};

/* Connect, let the traffic run, stop reading, and write until nothing more is taken. */
struct load_run load_start(const struct load_pair *pair, const struct load *load);
/* Wait until the workers have filled all queues; meanwhile each(arg) is called again and again. */
void load_settle(struct load_run *run, void (*each)(void *arg), void *arg);
void load_stop(struct load_run *run);

#endif
