/* SPDX-License-Identifier: MIT */
#include "line.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

/* Delay and rate leave each end by netem; the rate and the queue are those towards end 1. */
static const char make[] =
	"set -e; ip link add line netns %d type veth peer name line netns %d\n"
	"end() {\n"
	"	inside=\"nsenter --net=/proc/$1/ns/net\" address=$2; shift 2\n"
	"	$inside ip address add $address/24 dev line\n"
	"	$inside ip link set line up\n"
	"	$inside tc qdisc add dev line root netem \"$@\"\n"
	"}\n"
	"end %d " LINE_ADDRESS_0 " delay %uus rate %llubit limit %u\n"
	"end %d " LINE_ADDRESS_1 " delay %uus limit 100000\n";

struct line line_start_netem(const struct line_options *options)
{
	struct line line = {.ends = {scratch_start(), scratch_start()}};
	int pids[2] = {line.ends[0].pid, line.ends[1].pid};
	char command[sizeof(make) + 128];

	snprintf(command, sizeof(command), make, pids[0], pids[1], pids[0], options->delay_us,
		(unsigned long long)options->rate * 8, options->queue, pids[1], options->delay_us);
	ck_assert_int_eq(system(command), 0);
	return line;
}
