/* SPDX-License-Identifier: MIT */
/* Namespaces, processes and sockets that come and go, made by processes of their own. */
#ifndef TCPBUF_TESTS_CHURN_H
#define TCPBUF_TESTS_CHURN_H

#include <sys/types.h>

#include "scratch.h"

/* What came and went so far; the churners count it. */
struct churn_made {
	volatile unsigned netns, sockets;
};

struct churn {
	struct churn_made *made;
	struct scratch busy; /* the namespace in which processes and sockets come and go */
	pid_t pids[2];
};

/*
 * Start the churners; each ends after @rounds, and with its maker. They inherit what is open now, so what they
 * must not hold is opened afterwards. Fails the test when they cannot be made.
 */
void churn_start(struct churn *c, unsigned rounds);
/* The last to be stopped: it waits for all children of the caller. */
void churn_stop(struct churn *c);

#endif
