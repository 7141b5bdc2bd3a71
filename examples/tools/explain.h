/* SPDX-License-Identifier: MIT */
/* Parts of tcpbuf-explain: finding both ends of a connection, sampling them, explaining the node. */
#ifndef TCPBUF_TOOLS_EXPLAIN_H
#define TCPBUF_TOOLS_EXPLAIN_H

#include "common.h"

/* One end of a connection: where it is, and what is known of it. */
struct end {
	struct tcpbuf_netns *ns; /* NULL: not on this node, or not to be seen */
	struct tcpbuf_sock_id id;
	struct tcpbuf_sock before;
	struct tcpbuf_sock after;
	struct tcpbuf_explain_end facts;
};

/* Which connection. */
struct target {
	const char *netns;            /* as --netns; NULL: self, or the process's */
	const char *local, *remote;   /* ADDRESS:PORT each, or NULL */
	uint64_t cookie;              /* or this, not 0 */
	uint32_t pid;                 /* or the busiest connection of this process, not 0 */
	uint32_t interval_ms;
};

/*
 * Find the connection, then its other end where that is on this node too.
 * Returns EXIT_OK, or says why not and returns another code.
 */
int explain_find(const struct tool *tool, struct tcpbuf *tb, const struct target *target, struct end *own,
	struct end *peer);

/* Sleep between two samples. */
void explain_wait(uint32_t ms);

/* Settings of a namespace, as far as they can be read. */
void explain_learn_settings(struct tcpbuf_netns *ns, struct tcpbuf_explain_end *facts);

/* The same of the end's namespace, and the node's pressure. */
void explain_learn(struct tcpbuf *tb, struct end *end);

/* Lock bits through a duplicate of the owner's descriptor, closed at once; 0, or -1 where no owner is to be found. */
int explain_inspect(struct tcpbuf *tb, struct end *end);

/* "netns", "pod", "cgroup", "process" as enum tcpbuf_census_by, or 0. */
uint32_t explain_by(const char *word);

/* The node instead of a connection. Returns the exit code. */
int explain_node(const struct tool *tool, struct tcpbuf *tb, uint32_t by, int json);

/* A verdict as JSON, and as text with a word on whom it is about. */
json_t *explain_verdict_json(const struct tcpbuf_verdict *v);
void explain_print_verdict(const struct tcpbuf_verdict *v, const char *about);

#endif
