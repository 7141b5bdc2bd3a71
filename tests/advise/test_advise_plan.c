/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "check_main.h"
#include <tcpbuf/advise.h>

#define N(a) (sizeof(a) / sizeof((a)[0]))
#define GIB (1ll << 30)

static struct tcpbuf_rules rules;

static void load_rules(void)
{
	ck_assert_int_eq(tcpbuf_rules_named("6.18.44", &rules, sizeof(rules)), 0);
}

/* A machine of 24 GiB as it boots. */
static struct tcpbuf_plan_node node_of(void)
{
	return (struct tcpbuf_plan_node){.size = sizeof(struct tcpbuf_plan_node), .moderate_rcvbuf = 1,
		.ram_bytes = 24 * GIB, .tcp_mem = {287898, 383867, 575796},
		.current = {.rmem = {4096, 131072, 33554432}, .wmem = {4096, 16384, 4194304}, .rmem_max = 4194304,
			.wmem_max = 4194304, .adv_win_scale = 1, .app_win = 31, .window_scaling = 1,
			.timestamps = 1, .sndbuf_factor = 2}};
}

/* 10000 connections, 40 Mbit/s each over 20 ms: 100000 bytes in flight. */
static struct tcpbuf_plan_class class_of(void)
{
	return (struct tcpbuf_plan_class){.size = sizeof(struct tcpbuf_plan_class), .connections = 10000,
		.directions = TCPBUF_PLAN_BOTH, .mss = 1448, .rtt_us = 20000, .rate_bps = 40000000};
}

static int plan(const struct tcpbuf_plan_node *node, const struct tcpbuf_plan_class *classes,
	uint32_t count, struct tcpbuf_plan *out)
{
	return tcpbuf_plan_make(&rules, node, classes, sizeof(*classes), count, out, sizeof(*out));
}

static int list(const struct tcpbuf_plan_node *node, const struct tcpbuf_plan_class *classes,
	uint32_t count, uint32_t what, void *items, uint32_t item_size, uint32_t capacity)
{
	return tcpbuf_plan_list(
		&rules, node, classes, sizeof(*classes), count, what, items, item_size, capacity);
}

START_TEST(rates_become_settings)
{
	struct tcpbuf_plan_node node = node_of();
	struct tcpbuf_plan_class class = class_of();
	struct tcpbuf_plan_result r;
	struct tcpbuf_plan p;

	ck_assert_int_eq(plan(&node, &class, 1, &p), 0);
	/* 200000 bytes of window at ratio 128/256, in whole pages. */
	ck_assert_int_eq(p.rmem[2], 401408);
	/* 2 x 70 segments of 2304, in whole pages. */
	ck_assert_int_eq(p.wmem[2], 323584);
	ck_assert_int_eq(p.rmem[1], 131072);
	ck_assert_int_eq(list(&node, &class, 1, TCPBUF_PLAN_RESULTS_LIST, &r, sizeof(r), 1), 1);
	ck_assert_int_eq(r.needed_window, 100000);
	ck_assert_int_ge(r.receive_planned.rate_bps, class.rate_bps);
	ck_assert_int_ge(r.send_planned.rate_bps, class.rate_bps);
	/* 32 MiB at 128/256 each 20 ms. */
	ck_assert_int_eq(r.receive_now.window, 16777216);
	ck_assert_int_eq(r.receive_now.rate_bps, 6710886400);
	ck_assert_uint_eq(r.wscale_now, 10);
	ck_assert_uint_eq(r.wscale_planned, 7);
}
END_TEST

START_TEST(each_class_is_served)
{
	struct tcpbuf_plan_node node = node_of();
	struct tcpbuf_plan_class classes[2] = {class_of(), class_of()};
	struct tcpbuf_plan one, both;

	classes[1].connections = 10;
	classes[1].rate_bps = 1000000000;
	ck_assert_int_eq(plan(&node, &classes[0], 1, &one), 0);
	ck_assert_int_eq(plan(&node, classes, 2, &both), 0);
	ck_assert_int_gt(both.rmem[2], one.rmem[2]);
	/* The first class does not hold more because the second may; it is permitted to. */
	ck_assert_int_lt(both.expected.total, one.expected.total * 11 / 10);
	ck_assert_int_gt(both.permitted_bytes, 5 * one.permitted_bytes);
	ck_assert_int_eq(both.idle_bytes, one.idle_bytes / 10000 * 10010);
}
END_TEST

START_TEST(kept_settings_and_their_memory)
{
	struct tcpbuf_plan_node node = node_of();
	struct tcpbuf_plan_class class = class_of();
	struct tcpbuf_plan p;

	node.flags = TCPBUF_PLAN_KEEP;
	node.current.rmem[1] = node.current.rmem[2] = 65536;
	node.current.wmem[2] = 65536;
	class.connections = 100;
	class.rate_bps = 0;
	class.peer_rcvbuf = 65536;
	class.rtt_us = 100;
	ck_assert_int_eq(plan(&node, &class, 1, &p), 0);
	ck_assert_int_eq(p.rmem[2], 65536);
	ck_assert_uint_eq(p.changes, 0);
	ck_assert_int_eq(p.idle_bytes, 100 * 3768);
	/* 31/32; half a packet of 22 segments and their head; at most all of it, and the heads of four cuts. */
	ck_assert_int_eq(p.expected.receive, 100 * 63488);
	ck_assert_int_eq(p.expected.send, 100 * (65536 + (22 * 1448 + 832) / 2));
	ck_assert_int_eq(p.bound.send, 100 * (65536 + 22 * 1448 + 5 * 832));
	ck_assert_int_gt(p.bound.receive, 100 * 65536);
	ck_assert_int_lt(p.bound.receive, 100 * (65536 + 22 * 1448 + 832));
	ck_assert_int_eq(p.permitted_bytes, p.bound.total);
	/* 2.2 GiB of tcp_mem less what is expected. */
	ck_assert_int_eq(p.remaining_before, 575796ll * 4096);
	ck_assert_int_eq(p.remaining_after, p.remaining_before - p.expected.total);
	ck_assert_int_eq(p.stuck, -1);
}
END_TEST

/* What one send may add beyond the buffer, and the heads of pieces on a longer path. */
START_TEST(send_bound_follows_the_peers_window)
{
	struct tcpbuf_plan_node node = node_of();
	struct tcpbuf_plan_class class = class_of();
	struct tcpbuf_plan p;

	node.flags = TCPBUF_PLAN_KEEP;
	node.current.rmem[1] = node.current.rmem[2] = node.current.wmem[2] = 65536;
	class.connections = 1;
	class.directions = TCPBUF_PLAN_SENDS;
	class.rate_bps = 0;
	class.peer_rcvbuf = 65536;
	class.rtt_us = 40000;
	ck_assert_int_eq(plan(&node, &class, 1, &p), 0);
	/* 65536 bytes in pieces of 2 x 1448. */
	ck_assert_int_eq(p.bound.send, 65536 + 22 * 1448 + (5 + 23) * 832);
	/* In pieces of what is paced in a millisecond: 65536 x 1.024 / 9. */
	class.rtt_us = 1000;
	ck_assert_int_eq(plan(&node, &class, 1, &p), 0);
	ck_assert_int_eq(p.bound.send, 65536 + 22 * 1448 + (5 + 10) * 832);
	class.rtt_us = 100;
	class.peer_rcvbuf = 1 << 20;
	ck_assert_int_eq(plan(&node, &class, 1, &p), 0);
	ck_assert_int_eq(p.bound.send, (1 << 20) + 45 * 1448 + (5 + 17) * 832);
	class.message_bytes = 100000;
	ck_assert_int_eq(plan(&node, &class, 1, &p), 0);
	ck_assert_int_eq(p.bound.send, 65536 + 100000 + 45 * 1448 + (5 + 3) * 832);
	/* Like the pod's own. */
	class.peer_rcvbuf = 0;
	ck_assert_int_eq(plan(&node, &class, 1, &p), 0);
	ck_assert_int_eq(p.bound.send, 65536 + 22 * 1448 + 5 * 832);
}
END_TEST

START_TEST(bulk_queues_whole_packets)
{
	struct tcpbuf_plan_node node = node_of();
	struct tcpbuf_plan_class class = class_of();
	struct tcpbuf_plan p;

	node.flags = TCPBUF_PLAN_KEEP;
	node.current.wmem[2] = 65536;
	class.connections = 1;
	class.rate_bps = 0;
	class.peer_rcvbuf = 1 << 20;
	class.rtt_us = 100;
	ck_assert_int_eq(plan(&node, &class, 1, &p), 0);
	ck_assert_int_eq(p.expected.send, 45 * 1448 + 832);
	/* Cut by pacing, by windows, or filled by small writes, a packet may end anywhere. */
	class.rtt_us = 40000;
	ck_assert_int_eq(plan(&node, &class, 1, &p), 0);
	ck_assert_int_eq(p.expected.send, 65536 + (45 * 1448 + 832) / 2);
	class.rtt_us = 100;
	class.message_bytes = 400;
	ck_assert_int_eq(plan(&node, &class, 1, &p), 0);
	ck_assert_int_eq(p.expected.send, 65536 + (45 * 1448 + 832) / 2);
	class.message_bytes = 0;
	class.peer_rcvbuf = 65536;
	ck_assert_int_eq(plan(&node, &class, 1, &p), 0);
	ck_assert_int_eq(p.expected.send, 65536 + (22 * 1448 + 832) / 2);
}
END_TEST

START_TEST(neighbours_and_pressure)
{
	struct tcpbuf_plan_node node = node_of();
	struct tcpbuf_plan_class class = class_of();
	struct tcpbuf_plan alone, p;
	struct tcpbuf_finding found[8];
	struct tcpbuf_k8s_setting settings[8];
	int count, tcp_mem = 0;

	ck_assert_int_eq(plan(&node, &class, 1, &alone), 0);
	node.neighbour_bytes = 1 * GIB;
	ck_assert_int_eq(plan(&node, &class, 1, &p), 0);
	ck_assert_int_eq(p.remaining_before, alone.remaining_before - GIB);
	ck_assert_int_eq(p.stuck, (383867ll * 4096 - GIB) / (p.expected.total / 10000) + 1);
	ck_assert_uint_gt(p.share_expected[1], 10000);
	ck_assert_uint_eq(p.cap, TCPBUF_PLAN_CAP_TCP_MEM);
	ck_assert_int_eq(p.bound.total, 575796ll * 4096);
	count = list(&node, &class, 1, TCPBUF_PLAN_FINDINGS_LIST, found, sizeof(found[0]), N(found));
	ck_assert_int_eq(count, 2);
	ck_assert_uint_eq(found[0].code, TCPBUF_FINDING_PRESSURE);
	ck_assert_uint_eq(found[1].code, TCPBUF_FINDING_CAPPED);
	count = list(&node, &class, 1, TCPBUF_PLAN_SETTINGS_LIST, settings, sizeof(settings[0]), N(settings));
	ck_assert_int_eq(count, (int)p.changes);
	for (int i = 0; i < count; i++)
		tcp_mem += strcmp(settings[i].key, "net.ipv4.tcp_mem") == 0;
	ck_assert_int_eq(tcp_mem, 1);
	/* Neighbours that are above it alone. */
	node.neighbour_bytes = 384000ll * 4096;
	ck_assert_int_eq(plan(&node, &class, 1, &p), 0);
	ck_assert_int_eq(p.stuck, 0);
	node.neighbour_bytes = 1 * GIB;
	/* No memory for that: no setting, but a finding. */
	node.ram_bytes = 8 * GIB;
	count = list(&node, &class, 1, TCPBUF_PLAN_FINDINGS_LIST, found, sizeof(found[0]), N(found));
	ck_assert_int_eq(count, 3);
	ck_assert_uint_eq(found[1].code, TCPBUF_FINDING_NO_ROOM);
}
END_TEST

START_TEST(cgroups)
{
	struct tcpbuf_plan_node node = node_of();
	struct tcpbuf_plan_class class = class_of();
	struct tcpbuf_plan p;

	node.cgroup_limit_bytes = 2 * GIB;
	node.cgroup_used_bytes = GIB;
	ck_assert_int_eq(plan(&node, &class, 1, &p), 0);
	ck_assert_uint_eq(p.cap, TCPBUF_PLAN_CAP_CGROUP);
	ck_assert_int_eq(p.bound.total, GIB - p.idle_bytes);
	ck_assert_uint_eq(p.cgroup_expected,
		(uint32_t)((GIB + p.idle_bytes + p.expected.total) * 10000 / (2 * GIB)));
	/* Slab is not the matter of a limit for TCP alone, and packets that have come go above it. */
	node.flags = TCPBUF_PLAN_CGROUP_TCP;
	node.cgroup_used_bytes = 0;
	ck_assert_int_eq(plan(&node, &class, 1, &p), 0);
	ck_assert_int_gt(p.bound.total, 2 * GIB);
	ck_assert_uint_eq(p.cgroup_expected, (uint32_t)(p.expected.total * 10000 / (2 * GIB)));
}
END_TEST

START_TEST(idle_ones_hold_slab_only)
{
	struct tcpbuf_plan_node node = node_of();
	struct tcpbuf_plan_class class = class_of();
	struct tcpbuf_plan p, all;

	ck_assert_int_eq(plan(&node, &class, 1, &all), 0);
	class.idle_percent = 100;
	ck_assert_int_eq(plan(&node, &class, 1, &p), 0);
	ck_assert_int_eq(p.expected.total, 0);
	ck_assert_int_eq(p.idle_bytes, 37680000);
	ck_assert_int_eq(p.permitted_bytes, all.permitted_bytes);
	ck_assert_int_eq(p.stuck, -1);
}
END_TEST

START_TEST(socket_options_stop_growth)
{
	struct tcpbuf_plan_node node = node_of();
	struct tcpbuf_plan_class class = class_of();
	struct tcpbuf_k8s_setting settings[4];
	struct tcpbuf_finding found[4];
	struct tcpbuf_plan_result r;

	class.so_rcvbuf = 8388608;
	class.directions = TCPBUF_PLAN_RECEIVES;
	class.connections = 10;
	ck_assert_int_eq(list(&node, &class, 1, TCPBUF_PLAN_RESULTS_LIST, &r, sizeof(r), 1), 1);
	ck_assert_int_eq(r.receive_now.buffer, 8388608);
	ck_assert_int_eq(r.receive_planned.buffer, 16777216);
	ck_assert_int_eq(r.bound.send, 0);
	ck_assert_int_eq(list(&node, &class, 1, TCPBUF_PLAN_SETTINGS_LIST, settings, sizeof(settings[0]), 4), 1);
	ck_assert_str_eq(settings[0].key, "net.core.rmem_max");
	ck_assert_str_eq(settings[0].value, "8388608");
	ck_assert_int_eq(list(&node, &class, 1, TCPBUF_PLAN_FINDINGS_LIST, found, sizeof(found[0]), 4), 1);
	ck_assert_uint_eq(found[0].code, TCPBUF_FINDING_FIXED_BUFFER);
	/* 8 MiB a round trip. */
	class.rate_bps = 10 * class.rate_bps * 10;
	ck_assert_int_eq(list(&node, &class, 1, TCPBUF_PLAN_FINDINGS_LIST, found, sizeof(found[0]), 4), 3);
	ck_assert_uint_eq(found[2].code, TCPBUF_FINDING_RATE_BELOW);
	ck_assert_uint_eq(found[2].level, TCPBUF_FINDING_ERROR);
	ck_assert_int_eq(found[2].given, 8388608 * 8 * 50ll);
	node.flags = TCPBUF_PLAN_KEEP;
	ck_assert_int_eq(list(&node, &class, 1, TCPBUF_PLAN_FINDINGS_LIST, found, sizeof(found[0]), 4), 2);
}
END_TEST

/* Whoever is to be sent much has the buffer for it. */
START_TEST(peers_have_what_the_rate_needs)
{
	struct tcpbuf_plan_node node = node_of();
	struct tcpbuf_plan_class classes[2] = {class_of(), class_of()};
	struct tcpbuf_plan_result r[2];

	classes[0].directions = classes[1].directions = TCPBUF_PLAN_SENDS;
	node.current.rmem[2] = node.current.rmem[1];
	classes[1].peer_rcvbuf = 400000;
	ck_assert_int_eq(list(&node, classes, 2, TCPBUF_PLAN_RESULTS_LIST, r, sizeof(r[0]), 2), 2);
	ck_assert_int_eq(r[0].bound.send, r[1].bound.send);
	classes[1].peer_rcvbuf = node.current.rmem[1];
	ck_assert_int_eq(list(&node, classes, 2, TCPBUF_PLAN_RESULTS_LIST, r, sizeof(r[0]), 2), 2);
	ck_assert_int_gt(r[0].bound.send, r[1].bound.send);
}
END_TEST

START_TEST(switches_that_are_off_are_turned_on)
{
	struct tcpbuf_plan_node node = node_of();
	struct tcpbuf_plan_class class = class_of();
	struct tcpbuf_k8s_setting settings[8];
	struct tcpbuf_finding found[8];

	node.moderate_rcvbuf = 0;
	node.current.window_scaling = 0;
	class.connections = 10;
	ck_assert_int_eq(list(&node, &class, 1, TCPBUF_PLAN_SETTINGS_LIST, settings, sizeof(settings[0]), 8), 4);
	ck_assert_str_eq(settings[2].key, "net.ipv4.tcp_window_scaling");
	ck_assert_str_eq(settings[3].key, "net.ipv4.tcp_moderate_rcvbuf");
	ck_assert_int_eq(list(&node, &class, 1, TCPBUF_PLAN_FINDINGS_LIST, found, sizeof(found[0]), 8), 1);
	ck_assert_uint_eq(found[0].code, TCPBUF_FINDING_RATE_BELOW);
	ck_assert_int_lt(found[0].given, class.rate_bps);
}
END_TEST

START_TEST(each_figure_has_its_arithmetic)
{
	struct tcpbuf_plan_node node = node_of();
	struct tcpbuf_plan_class class = class_of();
	struct tcpbuf_plan_step steps[32];
	uint32_t seen = 0;
	int count;

	node.neighbour_bytes = GIB;
	count = list(&node, &class, 1, TCPBUF_PLAN_STEPS_LIST, steps, sizeof(steps[0]), N(steps));
	ck_assert_int_le(count, (int)N(steps));
	for (int i = 0; i < count; i++) {
		char number[24];

		snprintf(number, sizeof(number), "%lld", (long long)steps[i].value);
		seen |= 1u << steps[i].figure;
		ck_assert_uint_lt(strlen(steps[i].text), sizeof(steps[i].text) - 1);
		/* The last two are a difference and a quotient. */
		if (steps[i].figure < TCPBUF_PLAN_FIGURE_REMAINING)
			ck_assert_ptr_nonnull(strstr(steps[i].text, number));
	}
	ck_assert_uint_eq(seen, (1u << (TCPBUF_PLAN_FIGURE_TCP_MEM + 1)) - 2);
}
END_TEST

/* One thing wrong. */
static const struct {
	uint32_t reason;
	int64_t connections, rtt, rate, mss, idle, directions, message, reader;
} bad_classes[] = {
	{TCPBUF_PLAN_CONNECTIONS, 0, 20000, 0, 1448, 0, 3, 0, 0},
	{TCPBUF_PLAN_CONNECTIONS, 4294967295, 20000, 0, 1448, 0, 3, 0, 0},
	{TCPBUF_PLAN_RTT, 1, -1, 0, 1448, 0, 3, 0, 0},
	{TCPBUF_PLAN_RTT, 1, 0, 0, 1448, 0, 3, 0, 0},
	{TCPBUF_PLAN_RATE, 1, 1, -5, 1448, 0, 3, 0, 0},
	{TCPBUF_PLAN_RATE, 1, 1, INT64_MAX, 1448, 0, 3, 0, 0},
	{TCPBUF_PLAN_NO_WINDOW, 1, 200000, 100000000000, 1448, 0, 3, 0, 0},
	{TCPBUF_PLAN_MSS, 1, 1, 0, 0, 0, 3, 0, 0},
	{TCPBUF_PLAN_IDLE, 1, 1, 0, 1448, 101, 3, 0, 0},
	{TCPBUF_PLAN_DIRECTION, 1, 1, 0, 1448, 0, 0, 0, 0},
	{TCPBUF_PLAN_MESSAGE, 1, 1, 0, 1448, 0, 3, -1, 0},
	{TCPBUF_PLAN_OPTION, 1, 1, 0, 1448, 0, 3, 0, 2},
};

static void expect_refusal(const struct tcpbuf_plan_node *node, const struct tcpbuf_plan_class *class,
	uint32_t count, uint32_t reason)
{
	static const struct tcpbuf_plan nothing;
	struct tcpbuf_plan p;

	ck_assert_int_eq(plan(node, class, count, &p), -EINVAL);
	ck_assert_uint_eq(p.reason, reason);
	ck_assert_uint_gt(strlen(p.text), 10);
	/* A sentence, not a number. */
	p.reason = 0;
	memset(p.text, 0, sizeof(p.text));
	ck_assert_mem_eq(&p, &nothing, sizeof(p));
}

START_TEST(a_bad_class_gets_a_sentence)
{
	struct tcpbuf_plan_node node = node_of();
	struct tcpbuf_plan_class class = class_of();

	class.connections = (uint32_t)bad_classes[_i].connections;
	class.rtt_us = bad_classes[_i].rtt;
	class.rate_bps = bad_classes[_i].rate;
	class.mss = (uint32_t)bad_classes[_i].mss;
	class.idle_percent = (uint32_t)bad_classes[_i].idle;
	class.directions = (uint32_t)bad_classes[_i].directions;
	class.message_bytes = bad_classes[_i].message;
	class.reader = (uint32_t)bad_classes[_i].reader;
	expect_refusal(&node, &class, 1, bad_classes[_i].reason);
}
END_TEST

START_TEST(a_bad_node_gets_a_sentence)
{
	struct tcpbuf_plan_class class = class_of();
	struct tcpbuf_plan_node node = node_of();

	expect_refusal(&node, NULL, 0, TCPBUF_PLAN_NO_CLASS);
	node.current.rmem[0] = 262144;
	expect_refusal(&node, &class, 1, TCPBUF_PLAN_SETTINGS);
	node = node_of();
	node.current.wmem[2] = 1ll << 31;
	expect_refusal(&node, &class, 1, TCPBUF_PLAN_SETTINGS);
	node = node_of();
	node.tcp_mem[0] = 400000;
	expect_refusal(&node, &class, 1, TCPBUF_PLAN_TCP_MEM);
	node = node_of();
	node.tcp_mem[2] = 16777216;
	expect_refusal(&node, &class, 1, TCPBUF_PLAN_TCP_MEM);
	node = node_of();
	node.tcp_mem[0] = node.tcp_mem[1] = node.tcp_mem[2] = 9999;
	expect_refusal(&node, &class, 1, TCPBUF_PLAN_TCP_MEM_IDLE);
	node = node_of();
	class.connections = 10000000;
	node.tcp_mem[0] = node.tcp_mem[1] = node.tcp_mem[2] = 0;
	expect_refusal(&node, &class, 1, TCPBUF_PLAN_RAM);
	class.connections = 1000000;
	node.cgroup_limit_bytes = GIB;
	expect_refusal(&node, &class, 1, TCPBUF_PLAN_CGROUP);
}
END_TEST

START_TEST(arguments)
{
	struct tcpbuf_plan_node node = node_of();
	struct tcpbuf_plan_class class = class_of();
	struct {
		struct tcpbuf_plan_class known;
		uint64_t unknown;
	} newer = {class_of(), 1};
	struct tcpbuf_plan p;

	ck_assert_int_eq(tcpbuf_plan_make(NULL, &node, &class, sizeof(class), 1, &p, sizeof(p)), -EINVAL);
	ck_assert_int_eq(tcpbuf_plan_make(&rules, NULL, &class, sizeof(class), 1, &p, sizeof(p)), -EINVAL);
	ck_assert_int_eq(tcpbuf_plan_make(&rules, &node, NULL, sizeof(class), 1, &p, sizeof(p)), -EINVAL);
	ck_assert_int_eq(tcpbuf_plan_make(&rules, &node, &class, 8, 1, &p, sizeof(p)), -EINVAL);
	ck_assert_int_eq(tcpbuf_plan_make(&rules, &node, &class, sizeof(class), 65, &p, sizeof(p)), -EINVAL);
	ck_assert_int_eq(tcpbuf_plan_make(&rules, &node, &class, sizeof(class), 1, NULL, 0), -EINVAL);
	newer.known.size = sizeof(newer);
	ck_assert_int_eq(tcpbuf_plan_make(&rules, &node, &newer, sizeof(newer), 1, &p, sizeof(p)), -E2BIG);
	newer.unknown = 0;
	ck_assert_int_eq(tcpbuf_plan_make(&rules, &node, &newer, sizeof(newer), 1, &p, sizeof(p)), 0);
	ck_assert_int_eq(list(&node, &class, 1, 9, NULL, 0, 0), -EINVAL);
	ck_assert_int_eq(list(&node, &class, 1, TCPBUF_PLAN_STEPS_LIST, NULL, 0, 1), -EINVAL);
	ck_assert_int_gt(list(&node, &class, 1, TCPBUF_PLAN_STEPS_LIST, NULL, 0, 0), 10);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("plan");
	TCase *tcase = tcase_create("plan");

	tcase_add_unchecked_fixture(tcase, load_rules, NULL);
	tcase_add_test(tcase, rates_become_settings);
	tcase_add_test(tcase, each_class_is_served);
	tcase_add_test(tcase, kept_settings_and_their_memory);
	tcase_add_test(tcase, send_bound_follows_the_peers_window);
	tcase_add_test(tcase, bulk_queues_whole_packets);
	tcase_add_test(tcase, neighbours_and_pressure);
	tcase_add_test(tcase, cgroups);
	tcase_add_test(tcase, idle_ones_hold_slab_only);
	tcase_add_test(tcase, socket_options_stop_growth);
	tcase_add_test(tcase, peers_have_what_the_rate_needs);
	tcase_add_test(tcase, switches_that_are_off_are_turned_on);
	tcase_add_test(tcase, each_figure_has_its_arithmetic);
	tcase_add_loop_test(tcase, a_bad_class_gets_a_sentence, 0, N(bad_classes));
	tcase_add_test(tcase, a_bad_node_gets_a_sentence);
	tcase_add_test(tcase, arguments);
	suite_add_tcase(suite, tcase);
	return run_suite(suite);
}
