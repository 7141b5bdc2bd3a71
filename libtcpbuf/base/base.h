/* SPDX-License-Identifier: MIT */
#ifndef TCPBUF_BASE_BASE_H
#define TCPBUF_BASE_BASE_H

#include <tcpbuf/base.h>

#include "mem/record.h"
#include "util/sys.h"

#define TCPBUF__ROOTS 4
#define TCPBUF__ROOT_SIZE 256

struct tcpbuf__error {
	int code;
	char key[64];
	char netns[128];
	char value[256];
	char text[2304]; /* key, namespace and value fit when each of their bytes is escaped */
};

struct tcpbuf {
	const struct tcpbuf__sys *sys;
	struct tcpbuf__error error;
	char roots[TCPBUF__ROOTS][TCPBUF__ROOT_SIZE];
	uint32_t fd_budget_default;
	uint32_t fd_budget;
	uint32_t fds_held;
};

/* A context over another kernel, for tests. */
int tcpbuf__new_with(const struct tcpbuf__sys *sys, struct tcpbuf **out);

/* Every public call starts with this: no failure yet. */
void tcpbuf__error_clear(struct tcpbuf *tb);

/* What a failure is about; every member may be NULL. */
struct tcpbuf__subject {
	const char *verb; /* "set", "read", "open" */
	const char *key;
	const char *value;
	const char *netns;
	const char *outcome; /* what follows the cause: "; nothing was written" */
};

/*
 * Record "cannot VERB KEY to "VALUE" in netns "NETNS": CAUSE OUTCOME (CODE)" and return code.
 * cause NULL: the text of the code.
 */
int tcpbuf__fail(struct tcpbuf *tb, int code, const struct tcpbuf__subject *about, const char *cause);

/* 1 and counted when one more descriptor may be kept between calls. */
int tcpbuf__fd_hold(struct tcpbuf *tb);
void tcpbuf__fd_drop(struct tcpbuf *tb);

#endif
