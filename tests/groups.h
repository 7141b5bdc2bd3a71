/* SPDX-License-Identifier: MIT */
/* Memory cgroups of a test's own, on whichever hierarchy owns memory. */
#ifndef TCPBUF_TESTS_GROUPS_H
#define TCPBUF_TESTS_GROUPS_H

#include <tcpbuf/cgroup.h>

/* Where a test may make them: below the mount, on v1 in the test's own cgroup, on v2 at the root. */
struct groups {
	struct tcpbuf_cgroup_layout layout;
	char own[4096];
	char parent[4096 + 64]; /* made by groups_start() */
};

/* 1 when this process may make memory cgroups; the layout is filled. */
int groups_can(struct groups *g);
void groups_start(struct groups *g);
void groups_stop(struct groups *g);

/* Write a file of a cgroup. Returns 0 or a negative errno. */
int group_put(const struct groups *g, const char *path, const char *file, const char *text);
/* Make a cgroup, unless it is there. Fails the test when it cannot be made. */
void group_make(const struct groups *g, const char *path);
void group_drop(const struct groups *g, const char *path);
/* Charge TCP to it from now on, which v1 does only where a limit was written. */
void group_charge(const struct groups *g, const char *path);

#endif
