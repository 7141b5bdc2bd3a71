/* SPDX-License-Identifier: MIT */
#include <tcpbuf/model.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "check_main.h"

enum { MOST_STEPS = 2000, LARGEST_SKB = 65536 + 1280 };

static const struct tcpbuf_model_end defaults = {.rmem = {4096, 131072, 6291456},
	.wmem = {4096, 4194304, 4194304},
	.rmem_max = 212992,
	.wmem_max = 212992,
	.adv_win_scale = 1,
	.app_win = 31,
	.window_scaling = 1,
	.timestamps = 1,
	.sndbuf_factor = 2};

static struct tcpbuf_model_fill fill_of(uint32_t write, uint32_t mtu, int32_t rcvbuf)
{
	struct tcpbuf_model_fill fill = {.size = sizeof(fill),
		.write_bytes = write,
		.read_bytes = 3 * write,
		.step_us = 60110,
		.rtt_us = 42,
		.max_steps = 200,
		.still_steps = 3,
		.captured = 1,
		.moderate_rcvbuf = 1,
		.low_rtt_us = 1000};

	fill.link = (struct tcpbuf_model_link){.size = sizeof(fill.link),
		.mtu = mtu,
		.family = 2,
		.local = 1,
		.client = defaults,
		.server = defaults};
	fill.link.server.set_rcvbuf = rcvbuf != 0;
	fill.link.server.so_rcvbuf = rcvbuf;
	fill.link.client.set_rcvbuf = rcvbuf != 0;
	fill.link.client.so_rcvbuf = rcvbuf;
	return fill;
}

static void *state;

static void allocate(void)
{
	state = malloc(tcpbuf_model_fill_state_size());
	ck_assert_ptr_nonnull(state);
}

static void release(void)
{
	free(state);
}

static struct tcpbuf_rules rules_of(const char *kernel)
{
	struct tcpbuf_rules rules;

	ck_assert_int_eq(tcpbuf_rules_named(kernel, &rules, sizeof(rules)), 0);
	return rules;
}

static void begin(const struct tcpbuf_rules *rules, const struct tcpbuf_model_fill *fill)
{
	ck_assert_int_eq(
		tcpbuf_model_fill_begin(rules, fill, state, tcpbuf_model_fill_state_size()), 0);
}

/* Rows of recordings: step, window field, rmem_alloc, rcv_ssthresh. */
static const struct {
	const char *kernel;
	uint32_t write, mtu;
	int32_t rcvbuf;
	uint32_t step;
	int64_t window, rmem, ssthresh;
} rows[] = {
	{"debian-6.12.117", 100, 1500, 0, 0, 509, 996, 64088},
	{"debian-6.12.117", 100, 1500, 0, 16, 509, 2596, 64088},
	{"debian-6.12.117", 100, 1500, 0, 17, 509, 3592, 64088}, /* the 18th fragment */
	{"debian-6.12.117", 1448, 1500, 0, 3, 592, 6688, 75672},
	{"debian-6.12.117", 1448, 1500, 0, 6, 579, 11032, 75874},
	{"debian-6.12.117", 1448, 1500, 0, 87, 11, 127008, 75874}, /* the first read */
	{"debian-6.12.117", 1448, 9000, 8192, 6, 2896, 11032, 8665},
	{"debian-6.12.117", 16384, 1500, 65536, 0, 48428, 19072, 96856}, /* in three pieces */
	{"debian-6.12.117", 16384, 1500, 65536, 7, 0, 129520, 96856},
	{"debian-5.10.223", 1448, 1500, 0, 85, 1, 127864, 64076},
	{"debian-5.10.223", 1448, 1500, 0, 91, 96, 106312, 64076}, /* the ACK comes late */
	{"debian-5.10.223", 16384, 1500, 65536, 3, 15424, 69376, 64076},
	{"6.18.44", 1448, 9000, 65536, 1, 40292, 3728, 80584},
};

START_TEST(rows_are_the_kernels)
{
	struct tcpbuf_model_fill fill = fill_of(rows[_i].write, rows[_i].mtu, rows[_i].rcvbuf);
	struct tcpbuf_rules rules = rules_of(rows[_i].kernel);
	struct tcpbuf_model_fill_row row;

	begin(&rules, &fill);
	for (uint32_t i = 0; i <= rows[_i].step; i++)
		ck_assert_int_eq(tcpbuf_model_fill_step(state, &row, sizeof(row)), 1);
	ck_assert_int_eq(row.window_field, rows[_i].window);
	ck_assert_int_eq(row.rmem_alloc, rows[_i].rmem);
	ck_assert_int_eq(row.rcv_ssthresh, rows[_i].ssthresh);
}
END_TEST

/* 100-byte writes outgrow the buffer: tcp_clamp_window() raises it up to tcp_rmem[2], without a read. */
START_TEST(small_writes_raise_an_unlocked_buffer)
{
	struct tcpbuf_model_fill fill = fill_of(100, 1500, 0);
	struct tcpbuf_rules rules = rules_of("debian-5.10.223");
	struct tcpbuf_model_fill_row row;

	fill.link.server.rmem[1] = 8192;
	fill.link.server.adv_win_scale = 0;
	fill.max_steps = 2000;
	begin(&rules, &fill);
	do
		ck_assert_int_eq(tcpbuf_model_fill_step(state, &row, sizeof(row)), 1);
	while (!row.reading);
	ck_assert_int_gt(row.rcvbuf, 8192);
	ck_assert_int_eq(row.read, 100 * 3);
}
END_TEST

START_TEST(bad_arguments)
{
	struct tcpbuf_model_fill fill = fill_of(100, 1500, 0), bad = fill;
	struct tcpbuf_rules rules = rules_of("6.12");
	uint64_t size = tcpbuf_model_fill_state_size();
	struct tcpbuf_model_fill_row row;
	char large[sizeof(fill) + 8];

	ck_assert_int_eq(tcpbuf_model_fill_begin(NULL, &fill, state, size), -EINVAL);
	ck_assert_int_eq(tcpbuf_model_fill_begin(&rules, NULL, state, size), -EINVAL);
	ck_assert_int_eq(tcpbuf_model_fill_begin(&rules, &fill, NULL, size), -EINVAL);
	ck_assert_int_eq(tcpbuf_model_fill_begin(&rules, &fill, state, size - 1), -ENOSPC);
	bad.write_bytes = 0;
	ck_assert_int_eq(tcpbuf_model_fill_begin(&rules, &bad, state, size), -EINVAL);
	bad = fill;
	bad.link.family = 3;
	ck_assert_int_eq(tcpbuf_model_fill_begin(&rules, &bad, state, size), -EINVAL);
	memset(large, 1, sizeof(large));
	memcpy(large, &fill, sizeof(fill));
	memcpy(large, &(uint32_t){sizeof(large)}, sizeof(uint32_t));
	ck_assert_int_eq(
		tcpbuf_model_fill_begin(&rules, (void *)large, state, size), -E2BIG);
	memset(state, 0, size);
	ck_assert_int_eq(tcpbuf_model_fill_step(NULL, &row, sizeof(row)), -EINVAL);
	ck_assert_int_eq(tcpbuf_model_fill_step(state, &row, sizeof(row)), -EINVAL);
	begin(&rules, &fill);
	ck_assert_int_eq(tcpbuf_model_fill_step(state, NULL, sizeof(row)), -EINVAL);
}
END_TEST

static int64_t between(int64_t least, int64_t most)
{
	return least + (int64_t)(((uint64_t)rand() << 31 | (uint64_t)rand()) % (uint64_t)(most - least + 1));
}

static int64_t some_size(int64_t most)
{
	return tcpbuf_model_win_from_space_legacy((int32_t)between(-20, 0), between(1, most)) + 1;
}

static void vary(struct tcpbuf_model_end *end)
{
	for (int i = 0; i < 3; i++)
		end->rmem[i] = some_size(64 << 20);
	end->adv_win_scale = (int32_t)between(-31, 31);
	end->app_win = (uint32_t)between(0, 31);
	end->window_scaling = rand() % 4 != 0;
	end->timestamps = rand() % 4 != 0;
	end->signed_windows = rand() % 4 == 0;
	end->shrink_window = rand() % 4 == 0;
	end->set_rcvbuf = rand() % 2;
	end->so_rcvbuf = (int32_t)some_size(4 << 20);
	end->set_clamp = rand() % 4 == 0;
	end->window_clamp = (int32_t)some_size(1 << 20);
	end->maxseg = rand() % 4 ? 0 : (uint32_t)between(88, 9000);
	end->initrwnd = rand() % 4 ? 0 : (uint32_t)between(1, 100);
}

static void hold(const struct tcpbuf_model_fill_row *row, const struct tcpbuf_model_fill_row *before)
{
	ck_assert_int_ge(row->rmem_alloc, 0);
	ck_assert_int_ge(row->window_field, 0);
	ck_assert_int_le(row->window_field, 65535);
	ck_assert_int_ge(row->rcv_wnd, 0);
	ck_assert_int_ge(row->received, before->received);
	ck_assert_int_ge(row->acked, before->acked);
	ck_assert_int_le(row->acked, row->received);
	ck_assert_int_le(row->read, row->received);
	ck_assert_int_le(row->received + row->unsent, row->written);
	ck_assert_int_ge(row->unsent, 0);
	ck_assert_int_ge(row->rcvbuf, before->rcvbuf > 0 ? before->rcvbuf : 1);
	/* One skb may begin below the limit, and collapsing may cost 4352 for 3776 bytes. */
	ck_assert_int_le(row->rmem_alloc, (row->rcvbuf + LARGEST_SKB) * 5 / 4 + 4352);
}

/* Whatever the settings, nothing turns negative, nothing is lost, and it ends. */
START_TEST(any_settings)
{
	static const char *const kernels[] = {
		"debian-5.10.223", "debian-6.1.176", "6.6", "debian-6.12.117", "6.14", "6.17", "6.18.44", "debian-7.3.4"};
	unsigned seed = (unsigned)time(NULL) + (unsigned)_i;

	printf("seed %u\n", seed);
	srand(seed);
	for (int n = 0; n < 60; n++) {
		struct tcpbuf_rules rules = rules_of(kernels[rand() % 8]);
		struct tcpbuf_model_fill fill = fill_of((uint32_t)some_size(200000), (uint32_t)between(576, 65536), 0);
		struct tcpbuf_model_fill_row row, before = {0};
		int got = 1;

		vary(&fill.link.client);
		vary(&fill.link.server);
		fill.read_bytes = (uint32_t)some_size(1 << 20);
		fill.step_us = (uint32_t)some_size(1000000);
		fill.captured = (uint32_t)rand() % 2;
		begin(&rules, &fill);
		for (int i = 0; i < MOST_STEPS && got == 1; i++) {
			got = tcpbuf_model_fill_step(state, &row, sizeof(row));
			ck_assert(got == 1 || got == 0 || got == -ENOSPC);
			if (got == 1)
				hold(&row, &before);
			before = got == 1 ? row : before;
		}
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("model");
	TCase *tc = tcase_create("fill");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, allocate, release);
	tcase_add_loop_test(tc, rows_are_the_kernels, 0, sizeof(rows) / sizeof(rows[0]));
	tcase_add_test(tc, small_writes_raise_an_unlocked_buffer);
	tcase_add_test(tc, bad_arguments);
	tcase_add_loop_test(tc, any_settings, 0, 3);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
