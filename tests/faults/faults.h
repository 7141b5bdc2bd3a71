/* SPDX-License-Identifier: MIT */
/* Every public function that asks the kernel or allocates, and what must hold when that fails. */
#ifndef TCPBUF_TESTS_FAULTS_FAULTS_H
#define TCPBUF_TESTS_FAULTS_FAULTS_H

#include <stddef.h>

#include <tcpbuf/tcpbuf.h>

#include "scratch.h"

/* What an operation works on: opened anew for each fault, and closed after it. NULL: not there. */
struct stage {
	struct tcpbuf *tb;
	struct tcpbuf_netns *ns;
	struct tcpbuf_netns_list *list;
	struct tcpbuf_sysctl_change *change;
	struct tcpbuf_cgroup *cg;
	struct tcpbuf_cgroup_pods *pods;
	struct tcpbuf_census *census;

	/* What run() tells: the function that returned last, and what was found, equal from one run to the next. */
	const char *called;
	char facts[2048];
	int lacking; /* what was found says itself that something is missing */
};

/* Note the function that is called, for its documented codes. */
#define CALLED(stage, function, ...) ((stage)->called = #function, (int64_t)function(__VA_ARGS__))

/* Add to what was found. */
void found(struct stage *s, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Groups that were found: fewer than in the first run of all are a lack that shows. */
void found_groups(struct stage *s, uint64_t groups);

struct operation {
	const char *covers;            /* the exported functions that run() calls, by blanks */
	void (*ready)(struct stage *s); /* what must be there before; NULL: a context */
	int64_t (*run)(struct stage *s);
	const char *names; /* what the sentence of a failure names; NULL: none is left */
};

struct operations {
	const struct operation *items;
	size_t count;
};
extern const struct operations netns_operations, sysctl_operations, diag_operations, node_operations,
	cgroup_operations, census_operations;

/* The namespace beside, opened by its descriptor. */
void ready_web(struct stage *s);

/* The world of the test: a namespace of its own beside the test's. */
extern struct scratch web;
extern struct pair pair;
#define WORLD_RUN "/run" /* netns/web in it leads to that namespace; of a tmpfs of the test's own */

/* Make it, before any test; and the files in it that no failing call may change. */
void world_make(void);
void world_start(void);
void world_stop(void);
struct settings {
	char text[2][4][64];
};
void world_settings(struct settings *out);
void world_reset(void);

/* Signals that never come: each system call is interrupted once before it is made. */
void interrupt_calls(int on);
int interrupted_calls(void);

/* What the kernel might say instead of an answer to sock_diag; up to a name of NULL. */
struct answer {
	const char *name;
	ssize_t (*give)(int fd, void *buf, size_t size, int flags); /* as recv() */
};
extern const struct answer answers[];

/* Fail each call of an operation with each code. Returns how many faults there were. */
int drive(const struct operation *op);

#endif
