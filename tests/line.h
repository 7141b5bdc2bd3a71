/* SPDX-License-Identifier: MIT */
/* Two namespaces joined by a line with delay, rate and queue: tun devices and a relay thread, or a veth with netem. */
#ifndef TCPBUF_TESTS_LINE_H
#define TCPBUF_TESTS_LINE_H

#include <stdint.h>

#include "scratch.h"

struct line_options {
	uint32_t delay_us; /* each way */
	uint64_t rate;     /* bytes/s from end 0 to end 1; 0: no limit */
	uint32_t queue;    /* packets that wait for the rate; more are dropped */
};

struct line {
	struct scratch ends[2]; /* addresses LINE_ADDRESS of each */
	struct line_relay *relay; /* NULL: netem */
};

#define LINE_ADDRESS_0 "10.77.0.1"
#define LINE_ADDRESS_1 "10.77.0.2"

/* 1 when this machine has tun devices that we may open. */
int line_possible(void);

/* Fails the test when it cannot be made. */
struct line line_start(const struct line_options *options);
/* Needs root, sch_netem, ip, tc and nsenter. */
struct line line_start_netem(const struct line_options *options);
void line_stop(struct line *line);

/* A connection from end 0, the client, to end 1. SO_RCVBUF of the receiver, SO_SNDBUF of the sender; 0: not called. */
struct pair line_pair(const struct line *line, int rcvbuf, int sndbuf);

#endif
