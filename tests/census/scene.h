/* SPDX-License-Identifier: MIT */
/* What the scenes of a census share: taking one that adds up, and namespaces joined by a cable. */
#ifndef TCPBUF_TESTS_SCENE_H
#define TCPBUF_TESTS_SCENE_H

#include <tcpbuf/tcpbuf.h>

#include "scratch.h"

/*
 * A census in which the node adds up: used = attributed + unaccepted + orphaned + unreachable within the error bar,
 * nothing counted by us that the node does not count, and by each axis every socket once. Taken again, for a
 * bounded number of times, while the node's memory moves; fails the test otherwise.
 */
struct tcpbuf_census *scene_take(struct tcpbuf *tb, const struct tcpbuf_census_query *query);

/* By each axis that was counted, the holders and the rest are all sockets seen, each once. */
void scene_check_axes(const struct tcpbuf_census *c);

/* What a socket is charged, by its own word. */
int64_t scene_held(int fd);

/* Write until the socket takes no more. */
void scene_fill(int fd);

/* The holder BY_NETNS; fails the test when it is missing or there twice. */
struct tcpbuf_census_holder scene_of_netns(const struct tcpbuf_census *c, const struct scratch *s);

/* Join two namespaces by a veth pair: 198.18.0.1 in a, 198.18.0.2 in b. Root, nsenter and ip are needed. */
int scene_can_cable(void);
void scene_cable(const struct scratch *a, const struct scratch *b);

/* A listener in b, and a connection to it from a; a's buffers big when sndbuf is not 0. */
struct pair scene_across(const struct scratch *a, const struct scratch *b, int sndbuf);

#endif
