/* SPDX-License-Identifier: MIT */
/* The node's limits: each question of the kernel in its order, and random walks. */
#include <tcpbuf/model.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "check_main.h"

enum { LOW = 1000, HIGH = 1500, HARD = 2000, PAGE = 4096 };

static struct tcpbuf_rules rules_of(const char *name)
{
	struct tcpbuf_rules rules;

	ck_assert_int_eq(tcpbuf_rules_named(name, &rules, sizeof(rules)), 0);
	return rules;
}

static struct tcpbuf_model_node node_at(int64_t allocated, int64_t sockets, uint32_t pressure)
{
	struct tcpbuf_model_node node = {.size = sizeof(node), .pressure = pressure, .mem = {LOW, HIGH, HARD},
		.allocated = allocated, .sockets = sockets};

	return node;
}

static struct tcpbuf_model_holder holder_of(uint32_t kind, int64_t rmem, int64_t wmem)
{
	struct tcpbuf_model_holder holder = {.size = sizeof(holder), .kind = kind, .guaranteed = PAGE,
		.rmem_alloc = rmem, .wmem_queued = wmem, .sndbuf = 87040};

	return holder;
}

/* One page more, on a node and for a socket; the answer. */
static const struct question {
	int64_t allocated, sockets;
	uint32_t pressure;
	uint32_t kind;
	int64_t rmem, wmem;
	uint32_t granted, why, pressure_after;
} questions[] = {
	{0, 1, 0, 1, 8 * PAGE, 0, 1, TCPBUF_CHARGE_BELOW_LOW, 0},
	{LOW - 1, 1, 1, 1, 8 * PAGE, 0, 1, TCPBUF_CHARGE_BELOW_LOW, 0},
	{LOW, 1, 0, 1, 8 * PAGE, 0, 1, TCPBUF_CHARGE_CALM, 0},
	{LOW, 1, 1, 1, 8 * PAGE, 0, 1, TCPBUF_CHARGE_SHARE, 1},
	{HIGH - 1, 1, 0, 1, 8 * PAGE, 0, 1, TCPBUF_CHARGE_CALM, 0},
	{HIGH, 1, 0, 1, 8 * PAGE, 0, 1, TCPBUF_CHARGE_SHARE, 1},
	/* 9 pages with the one asked for: 9 * 222 < 2000, 9 * 223 is not */
	{HIGH, 222, 0, 1, 8 * PAGE, 0, 1, TCPBUF_CHARGE_SHARE, 1},
	{HIGH, 223, 0, 1, 8 * PAGE, 0, 0, TCPBUF_CHARGE_NO_SHARE, 1},
	{HIGH, 223, 0, 1, PAGE - 1, 0, 1, TCPBUF_CHARGE_GUARANTEED, 1},
	{HIGH, 2000, 0, 1, PAGE, 0, 0, TCPBUF_CHARGE_NO_SHARE, 1},
	{HARD - 1, 1, 1, 1, 8 * PAGE, 0, 1, TCPBUF_CHARGE_SHARE, 1},
	{HARD, 1, 1, 1, 0, 0, 0, TCPBUF_CHARGE_HARD_LIMIT, 1},
	{HARD, 1, 0, 1, 0, 0, 0, TCPBUF_CHARGE_HARD_LIMIT, 1},
	{HIGH, 2000, 0, 2, 8 * PAGE, PAGE - 1, 1, TCPBUF_CHARGE_GUARANTEED, 1},
	{HIGH, 2000, 0, 2, 0, PAGE, 1, TCPBUF_CHARGE_NO_SHARE, 1},
};

START_TEST(questions_are_asked_in_the_kernels_order)
{
	const struct question *q = &questions[_i];
	struct tcpbuf_rules rules = rules_of("6.18.44");
	struct tcpbuf_model_node node = node_at(q->allocated, q->sockets, q->pressure);
	struct tcpbuf_model_holder holder = holder_of(q->kind, q->rmem, q->wmem);
	struct tcpbuf_model_charge charge;

	ck_assert_int_eq(tcpbuf_model_charge(&rules, &node, &holder, PAGE, &charge, sizeof(charge)), 0);
	ck_assert_uint_eq(charge.why, q->why);
	ck_assert_uint_eq(charge.granted, q->granted);
	ck_assert_uint_eq(node.pressure, q->pressure_after);
	ck_assert_int_eq(node.allocated, q->allocated + q->granted);
	ck_assert_int_eq(charge.pages, q->granted);
	ck_assert_int_eq(holder.rmem_alloc, q->rmem + (q->kind == 1 && q->granted ? PAGE : 0));
}
END_TEST

START_TEST(a_refused_writer_is_halved_then_blocks)
{
	struct tcpbuf_rules rules = rules_of("6.12");
	struct tcpbuf_model_node node = node_at(HARD, 10, 1);
	struct tcpbuf_model_holder holder = holder_of(TCPBUF_CHARGE_SEND, 0, 60000);
	struct tcpbuf_model_charge charge;

	ck_assert_int_eq(tcpbuf_model_charge(&rules, &node, &holder, 2000, &charge, sizeof(charge)), 0);
	ck_assert_int_eq(holder.sndbuf, 30000);
	ck_assert_uint_eq(charge.forced, 1);
	ck_assert_int_eq(holder.wmem_queued, 62000);
	/* A fixed send buffer is left alone, and what fits in it is refused. */
	holder = holder_of(TCPBUF_CHARGE_SEND, 0, 60000);
	holder.lock = 1;
	ck_assert_int_eq(tcpbuf_model_charge(&rules, &node, &holder, 2000, &charge, sizeof(charge)), 0);
	ck_assert_int_eq(holder.sndbuf, 87040);
	ck_assert_uint_eq(charge.granted, 0);
	ck_assert_int_eq(holder.wmem_queued, 60000);
}
END_TEST

/* 833 bytes of one veth packet leave 3263 of their page; until 5.19 a new request is charged whole. */
START_TEST(what_was_charged_for_later_is_used_first)
{
	struct tcpbuf_rules now = rules_of("6.18.44"), before = rules_of("debian-5.10.223");
	struct tcpbuf_model_node node = node_at(0, 1, 0);
	struct tcpbuf_model_holder holder = holder_of(TCPBUF_CHARGE_RECEIVE, 0, 0);
	struct tcpbuf_model_charge charge;

	ck_assert_int_eq(tcpbuf_model_charge(&now, &node, &holder, 833, &charge, sizeof(charge)), 0);
	ck_assert_int_eq(holder.forward_alloc, 3263);
	ck_assert_int_eq(tcpbuf_model_charge(&now, &node, &holder, 3263, &charge, sizeof(charge)), 0);
	ck_assert_uint_eq(charge.why, TCPBUF_CHARGE_FORWARD);
	ck_assert_int_eq(node.allocated, 1);
	holder.forward_alloc = 4000;
	ck_assert_int_eq(tcpbuf_model_charge(&now, &node, &holder, 4097, &charge, sizeof(charge)), 0);
	ck_assert_int_eq(charge.pages, 1);
	holder.forward_alloc = 4000;
	ck_assert_int_eq(tcpbuf_model_charge(&before, &node, &holder, 4097, &charge, sizeof(charge)), 0);
	ck_assert_int_eq(charge.pages, 2);
}
END_TEST

START_TEST(a_cgroup_refuses_before_the_node_is_asked)
{
	struct tcpbuf_rules until = rules_of("6.6"), since = rules_of("6.8");
	struct tcpbuf_model_node node = node_at(0, 2000, 0);
	struct tcpbuf_model_holder holder = holder_of(TCPBUF_CHARGE_RECEIVE, 0, 0);
	struct tcpbuf_model_charge charge;

	holder.cgroup_full = 1;
	ck_assert_int_eq(tcpbuf_model_charge(&since, &node, &holder, 1, &charge, sizeof(charge)), 0);
	ck_assert_uint_eq(charge.why, TCPBUF_CHARGE_CGROUP);
	ck_assert_int_eq(node.allocated, 0);
	/* Its pressure alone makes a socket share, on a calm node, until 6.7. */
	holder = holder_of(TCPBUF_CHARGE_RECEIVE, 8 * PAGE, 0);
	holder.cgroup_pressure = 1;
	node = node_at(LOW, 2000, 0);
	ck_assert_int_eq(tcpbuf_model_charge(&until, &node, &holder, 1, &charge, sizeof(charge)), 0);
	ck_assert_uint_eq(charge.why, TCPBUF_CHARGE_NO_SHARE);
	ck_assert_int_eq(tcpbuf_model_charge(&since, &node, &holder, 1, &charge, sizeof(charge)), 0);
	ck_assert_uint_eq(charge.why, TCPBUF_CHARGE_CALM);
}
END_TEST

START_TEST(pressure_ends_only_below_the_low_limit)
{
	struct tcpbuf_rules rules = rules_of("6.18.44");
	struct tcpbuf_model_node node = node_at(HIGH, 1, 1);

	ck_assert_int_eq(tcpbuf_model_uncharge(&rules, &node, HIGH - LOW), 0);
	ck_assert_uint_eq(node.pressure, 1);
	ck_assert_int_eq(tcpbuf_model_uncharge(&rules, &node, 1), 0);
	ck_assert_uint_eq(node.pressure, 0);
	ck_assert_int_eq(tcpbuf_model_uncharge(&rules, &node, LOW), -EINVAL);
	ck_assert_int_eq(node.allocated, LOW - 1);
}
END_TEST

static const struct {
	int64_t allocated;
	uint32_t pressure, level, pressure_seen;
	int64_t until_pressure, until_limit;
} levels[] = {
	{LOW, 1, TCPBUF_SHARE_LOW, 0, HIGH - LOW, HARD - LOW},
	{LOW + 1, 0, TCPBUF_SHARE_BETWEEN, 0, HIGH - LOW - 1, HARD - LOW - 1},
	{HIGH, 1, TCPBUF_SHARE_BETWEEN, 1, 0, HARD - HIGH},
	{HIGH + 1, 0, TCPBUF_SHARE_HIGH, 1, 0, HARD - HIGH - 1},
	{HARD + 1, 0, TCPBUF_SHARE_FULL, 1, 0, 0},
};

START_TEST(a_node_says_what_it_still_grants)
{
	struct tcpbuf_rules rules = rules_of("6.18.44");
	struct tcpbuf_model_node node = node_at(levels[_i].allocated, 223, levels[_i].pressure);
	struct tcpbuf_model_share share;

	ck_assert_int_eq(tcpbuf_model_share(&rules, &node, &share, sizeof(share)), 0);
	ck_assert_uint_eq(share.level, levels[_i].level);
	ck_assert_uint_eq(share.pressure, levels[_i].pressure_seen);
	ck_assert_int_eq(share.until_pressure, levels[_i].until_pressure);
	ck_assert_int_eq(share.until_limit, levels[_i].until_limit);
	ck_assert_int_eq(share.socket_bytes, 8 * PAGE);
	ck_assert_uint_eq(share.verified, 1);
}
END_TEST

START_TEST(out_of_range_changes_nothing)
{
	struct tcpbuf_rules rules = rules_of("6.18.44");
	struct tcpbuf_model_node node = node_at(-1, 1, 0), was = node;
	struct tcpbuf_model_holder holder = holder_of(TCPBUF_CHARGE_RECEIVE, 0, 0);
	struct tcpbuf_model_charge charge;

	ck_assert_int_eq(tcpbuf_model_charge(&rules, &node, &holder, 1, &charge, sizeof(charge)), -EINVAL);
	ck_assert_int_eq(tcpbuf_model_uncharge(&rules, &node, 0), -EINVAL);
	ck_assert_int_eq(tcpbuf_model_share(&rules, &node, &charge, sizeof(charge)), -EINVAL);
	ck_assert_mem_eq(&node, &was, sizeof(node));
	node.allocated = 1;
	ck_assert_int_eq(tcpbuf_model_charge(&rules, &node, &holder, 0, &charge, sizeof(charge)), -EINVAL);
	ck_assert_int_eq(tcpbuf_model_charge(&rules, &node, &holder, 1, NULL, 0), -EINVAL);
	holder.kind = 3;
	ck_assert_int_eq(tcpbuf_model_charge(&rules, &node, &holder, 1, &charge, sizeof(charge)), -EINVAL);
	rules.charge_unit = 0;
	ck_assert_int_eq(tcpbuf_model_share(&rules, &node, &charge, sizeof(charge)), -EINVAL);
}
END_TEST

static int64_t upto(int64_t most)
{
	return (((int64_t)random() << 31) + random()) % (most + 1);
}

/* Over the whole legal range: what one socket is granted falls with the number of sockets and with
 * what the node holds, and no number leaves its range. */
START_TEST(grants_fall_as_the_node_fills)
{
	unsigned seed = (unsigned)time(NULL);

	printf("seed %u\n", seed);
	srandom(seed);
	for (int i = 0; i < 20000; i++) {
		struct tcpbuf_rules rules = rules_of(i % 2 ? "debian-5.10.223" : "7.3");
		struct tcpbuf_model_node node = {.size = sizeof(node), .pressure = (uint32_t)i & 1,
			.allocated = upto(INT32_MAX), .sockets = upto(INT32_MAX)};
		struct tcpbuf_model_holder holder = {.size = sizeof(holder), .kind = TCPBUF_CHARGE_RECEIVE,
			.rmem_alloc = upto(INT32_MAX), .wmem_queued = upto(INT32_MAX),
			.forward_alloc = upto(1 << 21), .guaranteed = upto(INT32_MAX), .sndbuf = upto(INT32_MAX)};
		struct tcpbuf_model_charge few, many;
		struct tcpbuf_model_share share;
		struct tcpbuf_model_node busier;
		struct tcpbuf_model_holder same = holder;
		int64_t bytes = 1 + upto(INT32_MAX - 1);

		for (int n = 0; n < 3; n++)
			node.mem[n] = upto(INT32_MAX);
		busier = node;
		busier.sockets = busier.sockets + upto(INT32_MAX - busier.sockets);
		ck_assert_int_eq(tcpbuf_model_share(&rules, &node, &share, sizeof(share)), 0);
		ck_assert_int_ge(share.socket_bytes, 0);
		ck_assert_int_eq(tcpbuf_model_charge(&rules, &node, &holder, bytes, &few, sizeof(few)), 0);
		ck_assert_int_eq(tcpbuf_model_charge(&rules, &busier, &same, bytes, &many, sizeof(many)), 0);
		ck_assert_uint_le(many.granted, few.granted);
		ck_assert_int_ge(holder.forward_alloc, 0);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("model");
	TCase *tc = tcase_create("pressure");

	tcase_add_loop_test(tc, questions_are_asked_in_the_kernels_order, 0,
		sizeof(questions) / sizeof(questions[0]));
	tcase_add_test(tc, a_refused_writer_is_halved_then_blocks);
	tcase_add_test(tc, what_was_charged_for_later_is_used_first);
	tcase_add_test(tc, a_cgroup_refuses_before_the_node_is_asked);
	tcase_add_test(tc, pressure_ends_only_below_the_low_limit);
	tcase_add_loop_test(tc, a_node_says_what_it_still_grants, 0, sizeof(levels) / sizeof(levels[0]));
	tcase_add_test(tc, out_of_range_changes_nothing);
	tcase_add_test(tc, grants_fall_as_the_node_fills);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
