/* SPDX-License-Identifier: MIT */
/* What packets and sockets cost, and the rate that buffers buy. */
#include <tcpbuf/model.h>

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "check_main.h"

static struct tcpbuf_rules rules_of(const char *name)
{
	struct tcpbuf_rules rules;

	ck_assert_int_eq(tcpbuf_rules_named(name, &rules, sizeof(rules)), 0);
	return rules;
}

/* Packets of a veth pair as recorded. */
static const struct {
	const char *kernel;
	int64_t payload, truesize;
	uint32_t ratio;
} packets[] = {
	{"6.18.44", 1, 833, 1},
	{"6.18.44", 700, 1532, 116},
	{"6.18.44", 1448, 2280, 162},
	{"6.18.44", 2896, 3728, 198},
	{"debian-6.12.117", 1448, 2344, 158},
	{"debian-5.10.223", 1448, 2728, 135},
};

START_TEST(local_packets_cost_what_was_recorded)
{
	struct tcpbuf_rules rules = rules_of(packets[_i].kernel);

	ck_assert_int_eq(tcpbuf_model_truesize(&rules, TCPBUF_CARRIER_LOCAL, packets[_i].payload),
		packets[_i].truesize);
	ck_assert_uint_eq(tcpbuf_model_ratio(packets[_i].payload, packets[_i].truesize), packets[_i].ratio);
}
END_TEST

START_TEST(drivers_round_up)
{
	struct tcpbuf_rules rules = rules_of("6.12");

	ck_assert_int_eq(tcpbuf_model_truesize(&rules, TCPBUF_CARRIER_LINEAR, 1448), 2304);
	ck_assert_int_eq(tcpbuf_model_truesize(&rules, TCPBUF_CARRIER_HALF_PAGE, 1448), 2304);
	ck_assert_int_eq(tcpbuf_model_truesize(&rules, TCPBUF_CARRIER_PAGE, 1448), 4352);
	ck_assert_int_eq(tcpbuf_model_truesize(&rules, TCPBUF_CARRIER_PAGE, 8948), 3 * 4096 + 256);
	ck_assert_int_eq(tcpbuf_model_truesize(&rules, 5, 1448), INT64_MIN);
	ck_assert_int_eq(tcpbuf_model_truesize(&rules, TCPBUF_CARRIER_PAGE, 0), INT64_MIN);
	ck_assert_int_eq(tcpbuf_model_truesize(&rules, TCPBUF_CARRIER_PAGE, 65536), INT64_MIN);
	ck_assert_int_eq(tcpbuf_model_truesize(NULL, TCPBUF_CARRIER_PAGE, 1), INT64_MIN);
	ck_assert_uint_eq(tcpbuf_model_ratio(5, 5), 0);
	ck_assert_uint_eq(tcpbuf_model_ratio(-1, 5), 0);
}
END_TEST

START_TEST(sockets_are_charged_by_the_page)
{
	struct tcpbuf_rules now = rules_of("6.18.44"), before = rules_of("debian-5.10.223");
	struct tcpbuf_model_memory m;

	ck_assert_int_eq(tcpbuf_model_memory(&now, 1000, 833, 2, &m, sizeof(m)), 0);
	ck_assert_int_eq(m.pages_least, 1000);
	ck_assert_int_eq(m.pages_most, 1000);
	ck_assert_int_eq(m.bytes_most, 4096000);
	ck_assert_int_eq(m.error_pages, 512);
	ck_assert_int_eq(m.sockstat_least, 488);
	ck_assert_int_eq(m.sockstat_most, 1512);
	/* Idle sockets cost nothing here, and the counter never shows less than 0. */
	ck_assert_int_eq(tcpbuf_model_memory(&now, 1000, 0, 2, &m, sizeof(m)), 0);
	ck_assert_int_eq(m.pages_most, 0);
	ck_assert_int_eq(m.sockstat_least, 0);
	/* Until 5.19 a socket keeps up to 2 MiB that it once had. */
	ck_assert_int_eq(tcpbuf_model_memory(&before, 1, 0, 2, &m, sizeof(m)), 0);
	ck_assert_int_eq(m.pages_least, 0);
	ck_assert_int_eq(m.pages_most, 511);
	ck_assert_int_eq(m.error_pages, 0);
	ck_assert_int_eq(tcpbuf_model_memory(&now, -1, 0, 2, &m, sizeof(m)), -EINVAL);
	ck_assert_int_eq(tcpbuf_model_memory(&now, INT32_MAX, INT32_MAX, 65536, &m, sizeof(m)), 0);
	ck_assert_int_gt(m.bytes_most, 0);
}
END_TEST

/* 1 Gbit/s over 50 ms: 6250000 bytes in flight. */
START_TEST(a_rate_asks_for_buffers)
{
	struct tcpbuf_model_path path = {.size = sizeof(path), .mss = 1448, .rtt_us = 50000, .sndbuf_factor = 2,
		.bits_per_second = 1000000000};
	struct tcpbuf_rules rules = rules_of("6.12");
	struct tcpbuf_model_bdp b;

	ck_assert_int_eq(tcpbuf_model_bdp(&rules, &path, &b, sizeof(b)), 0);
	ck_assert_int_eq(b.window, 6250000);
	ck_assert_int_eq(b.segments, 4317);
	ck_assert_int_eq(b.rcvbuf, 12500000);
	ck_assert_int_eq(b.rcvbuf_grown, 25000000);
	ck_assert_int_eq(b.sndbuf, 4317 * (1448 + 896));
	ck_assert_int_eq(b.sndbuf_grown, 2 * 4317 * (2048 + 256));
	ck_assert_uint_eq(b.wscale, 7);
	ck_assert_uint_eq(b.reachable, 1);
	ck_assert_uint_eq(b.window_rule, TCPBUF_RULE_WINDOW_SCALING_RATIO);
	ck_assert_uint_eq(b.verified, 0);
	path.rtt_us = 10000000;
	path.bits_per_second = INT64_C(1000000000000);
	ck_assert_int_eq(tcpbuf_model_bdp(&rules, &path, &b, sizeof(b)), 0);
	ck_assert_uint_eq(b.reachable, 0);
	ck_assert_uint_eq(b.wscale, 15);
	ck_assert_int_eq(b.rcvbuf, -1);
}
END_TEST

START_TEST(the_least_buffer_is_the_limit)
{
	struct tcpbuf_model_path path = {.size = sizeof(path), .mss = 1448, .rtt_us = 100000, .sndbuf_factor = 2};
	struct tcpbuf_rules rules = rules_of("debian-6.1.176");
	struct tcpbuf_model_ceiling c;

	path.adv_win_scale = 1;
	ck_assert_int_eq(tcpbuf_model_ceiling(&rules, &path, 131072, 4194304, 7, &c, sizeof(c)), 0);
	ck_assert_uint_eq(c.limit, TCPBUF_CEILING_RCVBUF);
	ck_assert_int_eq(c.flight, 65536);
	ck_assert_int_eq(c.bits_per_second, 5242880);
	ck_assert_int_eq(tcpbuf_model_ceiling(&rules, &path, 33554432, 4194304, 0, &c, sizeof(c)), 0);
	ck_assert_uint_eq(c.limit, TCPBUF_CEILING_WSCALE);
	ck_assert_int_eq(c.flight, 65535);
	ck_assert_int_eq(tcpbuf_model_ceiling(&rules, &path, 33554432, 16384, 7, &c, sizeof(c)), 0);
	ck_assert_uint_eq(c.limit, TCPBUF_CEILING_SNDBUF);
	ck_assert_int_eq(c.flight, 6 * 1448);
	ck_assert_uint_eq(c.verified, 1);
	ck_assert_int_eq(tcpbuf_model_ceiling(&rules, &path, 0, 16384, 7, &c, sizeof(c)), -EINVAL);
	ck_assert_int_eq(tcpbuf_model_ceiling(&rules, &path, 1, 16384, 15, &c, sizeof(c)), -EINVAL);
	path.mss = 0;
	ck_assert_int_eq(tcpbuf_model_ceiling(&rules, &path, 1, 16384, 7, &c, sizeof(c)), -EINVAL);
}
END_TEST

static int64_t upto(int64_t most)
{
	return (((int64_t)random() << 31) + random()) % (most + 1);
}

static const char *const kernels[] = {"4.19", "debian-5.10.223", "6.6", "6.18.44", "7.3"};

static void check_both_ways(const struct tcpbuf_rules *rules, struct tcpbuf_model_path *path)
{
	struct tcpbuf_model_bdp b, more;
	struct tcpbuf_model_ceiling c;

	ck_assert_int_eq(tcpbuf_model_bdp(rules, path, &b, sizeof(b)), 0);
	if (b.reachable) {
		ck_assert_int_eq(
			tcpbuf_model_ceiling(rules, path, b.rcvbuf, b.sndbuf, b.wscale, &c, sizeof(c)), 0);
		ck_assert_int_ge(c.flight, b.window);
		ck_assert_int_ge(c.bits_per_second, path->bits_per_second);
	}
	path->bits_per_second += upto(INT64_C(1000000000000) - path->bits_per_second);
	ck_assert_int_eq(tcpbuf_model_bdp(rules, path, &more, sizeof(more)), 0);
	ck_assert_int_ge(more.window, b.window);
	if (more.reachable) {
		ck_assert_uint_eq(b.reachable, 1);
		ck_assert_int_ge(more.rcvbuf, b.rcvbuf);
		ck_assert_int_ge(more.sndbuf, b.sndbuf);
	}
}

START_TEST(buffers_for_a_rate_give_that_rate)
{
	unsigned seed = (unsigned)time(NULL);

	printf("seed %u\n", seed);
	srandom(seed);
	for (int i = 0; i < 20000; i++) {
		struct tcpbuf_rules rules = rules_of(kernels[i % 5]);
		struct tcpbuf_model_path path = {.size = sizeof(path), .mss = 1 + (uint32_t)upto(65534),
			.rtt_us = 1 + (uint32_t)(upto(9999999) >> upto(20)), .scaling_ratio = (uint32_t)upto(255),
			.adv_win_scale = (int32_t)upto(62) - 31, .sndbuf_factor = 1 + (uint32_t)upto(15),
			.bits_per_second = 1 + (upto(INT64_C(999999999999)) >> upto(38))};

		check_both_ways(&rules, &path);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("model");
	TCase *tc = tcase_create("memory");

	tcase_add_loop_test(
		tc, local_packets_cost_what_was_recorded, 0, sizeof(packets) / sizeof(packets[0]));
	tcase_add_test(tc, drivers_round_up);
	tcase_add_test(tc, sockets_are_charged_by_the_page);
	tcase_add_test(tc, a_rate_asks_for_buffers);
	tcase_add_test(tc, the_least_buffer_is_the_limit);
	tcase_add_test(tc, buffers_for_a_rate_give_that_rate);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
