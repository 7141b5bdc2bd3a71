/* SPDX-License-Identifier: MIT */
/* Contexts over the recorded trees in tests/cgroup/fixtures. */
#ifndef TCPBUF_TESTS_CGROUP_FIXTURE_H
#define TCPBUF_TESTS_CGROUP_FIXTURE_H

#include "check_main.h"
#include <tcpbuf/tcpbuf.h>

static inline void fixture_roots(struct tcpbuf *tb, const char *name)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/fixtures/%s/proc", TCPBUF_TEST_DATA, name);
	ck_assert_int_eq(tcpbuf_set_root(tb, TCPBUF_ROOT_PROC, path), 0);
	snprintf(path, sizeof(path), "%s/fixtures/%s/cgroup", TCPBUF_TEST_DATA, name);
	ck_assert_int_eq(tcpbuf_set_root(tb, TCPBUF_ROOT_CGROUP, path), 0);
}

static inline struct tcpbuf_cgroup *fixture_open(struct tcpbuf **tb, const char *name)
{
	struct tcpbuf_cgroup *cg;

	ck_assert_int_eq(tcpbuf_new(tb), 0);
	fixture_roots(*tb, name);
	ck_assert_msg(tcpbuf_cgroup_open(*tb, &cg) == 0, "%s", tcpbuf_error_text(*tb));
	return cg;
}

static inline void fixture_close(struct tcpbuf *tb, struct tcpbuf_cgroup *cg)
{
	tcpbuf_cgroup_close(cg);
	tcpbuf_free(tb);
}

#endif
