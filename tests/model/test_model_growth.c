/* SPDX-License-Identifier: MIT */
/* Receive buffer tuning step by step, and whole transfers. */
#include <tcpbuf/model.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "check_main.h"

static struct tcpbuf_rules rules_of(const char *name)
{
	struct tcpbuf_rules rules;

	ck_assert_int_eq(tcpbuf_rules_named(name, &rules, sizeof(rules)), 0);
	return rules;
}

static struct tcpbuf_model_drs step_of(uint32_t ratio, int64_t copied, int64_t rcv_space, int64_t rmem_max)
{
	return (struct tcpbuf_model_drs){.size = sizeof(struct tcpbuf_model_drs), .scaling_ratio = ratio,
		.adv_win_scale = 1, .rcvbuf = 131072, .copied = copied, .rcv_space = rcv_space, .advmss = 1448,
		.rmem_max = rmem_max, .rtt_us = 40000, .low_rtt_us = 1000};
}

/* Seen on Linux 6.18.44 in its tracepoint tcp_rcvbuf_grow. */
static const struct {
	int64_t copied, rcv_space, rcvbuf;
} traced[] = {{118360, 14480, 4061561}, {799104, 486528, 4082343}, {2028040, 799104, 18480861},
	{3997696, 2028040, 26299613}, {7017064, 4789392, 30283357}};

START_TEST(steps_of_6_18)
{
	struct tcpbuf_rules rules = rules_of("6.18.44");
	struct tcpbuf_model_drs step = step_of(229, traced[_i].copied, traced[_i].rcv_space, 33554432);

	ck_assert_int_eq(tcpbuf_model_grow_rcvbuf(&rules, &step), traced[_i].rcvbuf);
}
END_TEST

/* One input, all kernels. */
static const struct {
	const char *kernel;
	int64_t copied, rmem_max, rtt_us, rcvbuf;
} across[] = {{"6.17", 118360, 33554432, 40000, 264630}, {"6.12", 118360, 6291456, 40000, 4459070},
	{"6.6", 118360, 6291456, 40000, 4459070}, {"6.1", 118360, 6291456, 40000, 6291456},
	{"6.1", 20000, 6291456, 40000, 226784}, {"7.0", 118360, 33554432, 135, 300355},
	{"7.0", 7017064, 33554432, 40000, 30283359}};

START_TEST(steps_of_all_kernels)
{
	struct tcpbuf_rules rules = rules_of(across[_i].kernel);
	struct tcpbuf_model_drs step = step_of(229, across[_i].copied, across[_i].copied > 7000000 ? 4789392 : 14480,
		across[_i].rmem_max);

	rules.max_tcp_header = 320;
	step.rtt_us = across[_i].rtt_us;
	ck_assert_int_eq(tcpbuf_model_grow_rcvbuf(&rules, &step), across[_i].rcvbuf);
}
END_TEST

START_TEST(bad_steps_are_refused)
{
	struct tcpbuf_rules rules = rules_of("6.18.44");
	struct tcpbuf_model_drs step = step_of(229, 1, 1, 1);

	ck_assert_int_eq(tcpbuf_model_grow_rcvbuf(NULL, &step), -EINVAL);
	ck_assert_int_eq(tcpbuf_model_grow_rcvbuf(&rules, NULL), -EINVAL);
	step.scaling_ratio = 0;
	ck_assert_int_eq(tcpbuf_model_grow_rcvbuf(&rules, &step), -EINVAL);
	step = step_of(229, -1, 1, 1);
	ck_assert_int_eq(tcpbuf_model_grow_rcvbuf(&rules, &step), -EINVAL);
	step = step_of(229, 1, 1, 0);
	ck_assert_int_eq(tcpbuf_model_grow_rcvbuf(&rules, &step), -EINVAL);
}
END_TEST

static const char *const names[] = {"4.19", "debian-5.10.223", "debian-6.1.176", "6.6", "debian-6.12.117", "6.14", "6.17",
	"6.18.44", "7.0", "debian-7.3.4"};

static int64_t any(int64_t most)
{
	return ((int64_t)random() << 31 | random()) % (most + 1);
}

/* More copied never asks for less, and no step leaves [rcvbuf, rmem_max]. */
START_TEST(steps_are_monotone_and_bounded)
{
	struct tcpbuf_rules rules = rules_of(names[_i]);
	unsigned seed = (unsigned)time(NULL);

	printf("seed %u\n", seed);
	srandom(seed);
	for (int i = 0; i < 5000; i++) {
		struct tcpbuf_model_drs step = step_of((uint32_t)(1 + any(254)), any(100000000), 0, 0);
		int64_t first, second;

		/* Not so little before that the window wraps at 32 bits, as it does in the kernel. */
		step.rcv_space = step.copied / 4 + 300000 + any(100000000);
		step.rmem_max = 131072 + any(33554432);
		step.adv_win_scale = (int32_t)any(62) - 31;
		step.rtt_us = any(200000);
		first = tcpbuf_model_grow_rcvbuf(&rules, &step);
		ck_assert_int_ge(first, step.rcvbuf);
		ck_assert_int_le(first, step.rmem_max);
		step.copied += any(1000000);
		second = tcpbuf_model_grow_rcvbuf(&rules, &step);
		ck_assert_int_ge(second, first);
		step.copied = any(UINT32_MAX);
		step.rcv_space = any(UINT32_MAX);
		step.out_of_order = any(UINT32_MAX);
		ck_assert_int_ge(tcpbuf_model_grow_rcvbuf(&rules, &step), step.rcvbuf);
	}
}
END_TEST

static struct tcpbuf_model_growth transfer(void)
{
	struct tcpbuf_model_end end = {.rmem = {4096, 131072, 6291456}, .wmem = {4096, 16384, 4194304},
		.rmem_max = 212992, .wmem_max = 212992, .adv_win_scale = 1, .app_win = 31, .window_scaling = 1,
		.timestamps = 1, .sndbuf_factor = 2};

	return (struct tcpbuf_model_growth){.size = sizeof(struct tcpbuf_model_growth), .reader = TCPBUF_READER_FAST,
		.congestion = TCPBUF_CONGESTION_CUBIC, .moderate_rcvbuf = 1, .low_rtt_us = 1000, .rtt_us = 40000,
		.gso = 1, .interval_us = 40000, .duration_us = 5000000, .rate_bps = 200000000,
		.link = {.size = sizeof(struct tcpbuf_model_link), .mtu = 1500, .family = 2, .client = end, .server = end}};
}

enum { ROWS = 126 };

static int64_t play(const char *kernel, const struct tcpbuf_model_growth *t, struct tcpbuf_model_growth_sample *rows,
	struct tcpbuf_model_growth_result *result)
{
	struct tcpbuf_rules rules = rules_of(kernel);

	return tcpbuf_model_growth(&rules, t, rows, rows ? ROWS : 0, sizeof(*rows), result, sizeof(*result));
}

static void check_row(const struct tcpbuf_model_growth *t, const struct tcpbuf_model_growth_sample *row)
{
	ck_assert_int_le(row->rcvbuf, t->link.server.rmem[2]);
	ck_assert_int_le(row->sndbuf, t->link.client.wmem[2]);
	ck_assert_int_le(row->read, row->received);
	ck_assert_int_le(row->acked, row->received);
	ck_assert_int_ge(row->rmem_alloc, row->received - row->read);
	ck_assert_int_ge(row->rcv_wnd, 0);
	ck_assert_int_ge(row->unacked, 0);
}

START_TEST(buffers_only_grow_and_bytes_add_up)
{
	struct tcpbuf_model_growth_sample rows[ROWS];
	struct tcpbuf_model_growth_result result;
	struct tcpbuf_model_growth t = transfer();

	for (uint32_t reader = TCPBUF_READER_FAST; reader <= TCPBUF_READER_PAUSE; reader++) {
		t.reader = reader;
		t.read_bytes = 100000;
		t.read_period_us = 20000;
		t.pause_us = 1500000;
		ck_assert_int_eq(play(names[_i], &t, rows, &result), ROWS);
		ck_assert_uint_eq(result.samples, ROWS);
		for (int i = 0; i < ROWS; i++) {
			ck_assert_int_eq(rows[i].time_us, (int64_t)i * t.interval_us);
			check_row(&t, &rows[i]);
			if (!i)
				continue;
			ck_assert_int_ge(rows[i].rcvbuf, rows[i - 1].rcvbuf);
			ck_assert_int_ge(rows[i].sndbuf, rows[i - 1].sndbuf);
			ck_assert_int_ge(rows[i].read, rows[i - 1].read);
		}
		ck_assert_int_ge(result.last.received, 1000000);
	}
}
END_TEST

/* tcp_sndbuf_expand(), include/linux/skbuff.h: what a segment of 1460 bytes costs, a power of two and its sk_buff. */
static int64_t segment_cost(const struct tcpbuf_rules *rules)
{
	int64_t size = 1460 + rules->max_tcp_header + rules->shared_info, power = 1;

	while (power < size)
		power *= 2;
	return power + rules->sk_buff;
}

/* The receiver's buffer is fixed and not in the way: what grows is the send buffer, by what its congestion window asks for. */
START_TEST(the_send_buffer_follows_the_congestion_window)
{
	struct tcpbuf_rules rules = rules_of(names[_i]);
	int64_t step = 2 * segment_cost(&rules), grown = 0;
	struct tcpbuf_model_growth_sample rows[ROWS];
	struct tcpbuf_model_growth_result result;
	struct tcpbuf_model_growth t = transfer();

	t.link.server.set_rcvbuf = 1;
	t.link.server.rmem_max = t.link.server.so_rcvbuf = 33554432;
	t.moderate_rcvbuf = 0;
	ck_assert_int_eq(play(names[_i], &t, rows, &result), ROWS);
	for (int i = 1; i < ROWS; i++) {
		int64_t sndbuf = rows[i].sndbuf;

		grown += sndbuf > rows[i - 1].sndbuf;
		ck_assert_int_eq(rows[i].rcvbuf, rows[0].rcvbuf);
		ck_assert_msg(sndbuf % step == 0 || sndbuf == t.link.client.wmem[2], "%s: row %d: %jd", names[_i], i,
			(intmax_t)sndbuf);
	}
	ck_assert_int_ge(grown, 3);
	ck_assert_int_ge(result.last.sndbuf, 2 * 1448 * 690); /* twice the path's 1 MB, or it would be in the way */
	ck_assert_uint_eq(result.limit, TCPBUF_GROWTH_LIMIT_PATH);
	t.link.client.set_sndbuf = 1;
	t.link.client.so_sndbuf = 100000;
	ck_assert_int_eq(play(names[_i], &t, rows, &result), ROWS);
	for (int i = 0; i < ROWS; i++)
		ck_assert_int_eq(rows[i].sndbuf, 200000);
	ck_assert_uint_eq(result.limit, TCPBUF_GROWTH_LIMIT_SO_SNDBUF);
}
END_TEST

/* The one setting that is in the way gets the blame. */
START_TEST(the_limit_is_named)
{
	struct tcpbuf_model_growth_result result;
	struct tcpbuf_model_growth t = transfer();

	play(names[_i], &t, NULL, &result);
	ck_assert_uint_eq(result.limit, TCPBUF_GROWTH_LIMIT_PATH);
	t.link.server.rmem[2] = 262144;
	play(names[_i], &t, NULL, &result);
	ck_assert_uint_eq(result.limit, TCPBUF_GROWTH_LIMIT_RMEM_MAX);
	ck_assert_uint_eq(result.settled, 1);
	t.moderate_rcvbuf = 0;
	play(names[_i], &t, NULL, &result);
	ck_assert_uint_eq(result.limit, TCPBUF_GROWTH_LIMIT_MODERATE);
	t = transfer();
	t.link.server.set_rcvbuf = 1;
	t.link.server.so_rcvbuf = 65536;
	play(names[_i], &t, NULL, &result);
	ck_assert_uint_eq(result.limit, TCPBUF_GROWTH_LIMIT_SO_RCVBUF);
	t = transfer();
	t.link.client.wmem[2] = 65536;
	play(names[_i], &t, NULL, &result);
	ck_assert_uint_eq(result.limit, TCPBUF_GROWTH_LIMIT_WMEM_MAX);
	t.link.client.set_sndbuf = 1;
	t.link.client.so_sndbuf = 32768;
	play(names[_i], &t, NULL, &result);
	ck_assert_uint_eq(result.limit, TCPBUF_GROWTH_LIMIT_SO_SNDBUF);
	t = transfer();
	t.reader = TCPBUF_READER_SLOW;
	t.read_bytes = 10000;
	t.read_period_us = 20000;
	play(names[_i], &t, NULL, &result);
	ck_assert_uint_eq(result.limit, TCPBUF_GROWTH_LIMIT_READER);
}
END_TEST

static void scramble(struct tcpbuf_model_growth *t)
{
	t->reader = (uint32_t)(1 + any(2));
	t->congestion = (uint32_t)(1 + any(1));
	t->moderate_rcvbuf = (uint32_t)any(1);
	t->rtt_us = (uint32_t)(1 + any(500000));
	t->queue_packets = (uint32_t)any(300);
	t->gso = (uint32_t)any(1);
	t->segment_truesize = any(1) ? (uint32_t)any(9000) : 0;
	t->read_bytes = (uint32_t)(1 + any(1000000));
	t->read_period_us = (uint32_t)(1000 + any(100000));
	t->pause_us = (uint32_t)any(3000000);
	t->duration_us = 1 + any(3000000);
	t->rate_bps = 8000 + any(1000000000);
	t->link.mtu = (uint32_t)(576 + any(8424));
	t->link.server.rmem[1] = 2304 + any(1000000);
	t->link.server.rmem[2] = 2304 + any(100000000);
	t->link.client.wmem[2] = 4608 + any(100000000);
	t->link.server.set_rcvbuf = (uint32_t)any(1);
	t->link.server.so_rcvbuf = (int32_t)any(300000);
	t->link.server.adv_win_scale = (int32_t)any(62) - 31;
	t->link.server.window_scaling = (uint32_t)any(1);
}

/* Whatever the input: an answer, no overflow (with the undefined behaviour sanitizer), no endless loop. */
START_TEST(any_transfer_ends)
{
	struct tcpbuf_model_growth_sample rows[ROWS];
	struct tcpbuf_model_growth_result result;
	unsigned seed = (unsigned)time(NULL);

	printf("seed %u\n", seed);
	srandom(seed);
	for (int i = 0; i < 40; i++) {
		struct tcpbuf_model_growth t = transfer();

		scramble(&t);
		ck_assert_int_ge(play(names[_i], &t, rows, &result), 1);
		ck_assert_int_le(result.last.read, result.last.received);
		ck_assert_int_ge(result.last.rmem_alloc, 0);
	}
}
END_TEST

START_TEST(bad_transfers_are_refused)
{
	struct tcpbuf_model_growth_result result;
	struct tcpbuf_model_growth t = transfer();

	ck_assert_int_eq(play("6.12", NULL, NULL, &result), -EINVAL);
	t.reader = 4;
	ck_assert_int_eq(play("6.12", &t, NULL, &result), -EINVAL);
	t = transfer();
	t.rtt_us = 0;
	ck_assert_int_eq(play("6.12", &t, NULL, &result), -EINVAL);
	t = transfer();
	t.link.mtu = 20;
	ck_assert_int_eq(play("6.12", &t, NULL, &result), -EINVAL);
	t = transfer();
	t.size = 2;
	ck_assert_int_eq(play("6.12", &t, NULL, &result), -EINVAL);
}
END_TEST

int main(void)
{
	int kernels = sizeof(names) / sizeof(names[0]);
	Suite *suite = suite_create("model");
	TCase *tc = tcase_create("growth");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, steps_of_6_18, 0, sizeof(traced) / sizeof(traced[0]));
	tcase_add_loop_test(tc, steps_of_all_kernels, 0, sizeof(across) / sizeof(across[0]));
	tcase_add_test(tc, bad_steps_are_refused);
	tcase_add_loop_test(tc, steps_are_monotone_and_bounded, 0, kernels);
	tcase_add_loop_test(tc, buffers_only_grow_and_bytes_add_up, 0, kernels);
	tcase_add_loop_test(tc, the_send_buffer_follows_the_congestion_window, 0, kernels);
	tcase_add_loop_test(tc, the_limit_is_named, 0, kernels);
	tcase_add_loop_test(tc, any_transfer_ends, 0, kernels);
	tcase_add_test(tc, bad_transfers_are_refused);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
