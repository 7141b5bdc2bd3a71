/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdint.h>

#include <tcpbuf/model.h>

#include "check_main.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))

/* The published table of tcp_adv_win_scale: which share of the buffer is window. */
static const struct {
	int32_t scale;
	int64_t part, whole;
} shares[] = {
	{4, 15, 16}, {3, 7, 8}, {2, 3, 4}, {1, 1, 2}, {0, 1, 1}, {-1, 1, 2}, {-2, 1, 4}, {-3, 1, 8}};

START_TEST(adv_win_scale_gives_the_published_share)
{
	int64_t win = 131072 * shares[_i].part / shares[_i].whole;

	ck_assert_int_eq(tcpbuf_model_win_from_space_legacy(shares[_i].scale, 131072), win);
}
END_TEST

static const struct {
	uint32_t ratio;
	int64_t space, win;
} ratios[] = {
	{128, 131072, 65536}, /* 6.10 and later */
	{65, 131072, 33280},  /* 6.6.0 .. 6.9 */
	{116, 131072, 59392}, /* measured: segments of 700 bytes */
	{162, 131072, 82944}, /* 1448 bytes */
	{198, 131072, 101376}, {229, 131072, 117248}, {128, 2304, 1152}, {255, 1, 0},
	{255, INT32_MAX, 2139095039}, {1, INT32_MAX, 8388607}, {128, 0, 0}};

START_TEST(ratio_gives_the_window)
{
	ck_assert_int_eq(
		tcpbuf_model_win_from_space(ratios[_i].ratio, ratios[_i].space), ratios[_i].win);
}
END_TEST

START_TEST(window_gives_the_space)
{
	ck_assert_int_eq(tcpbuf_model_space_from_win(128, 65536), 131072);
	ck_assert_int_eq(tcpbuf_model_space_from_win(65, 33280), 131072);
	ck_assert_int_eq(tcpbuf_model_space_from_win(229, 200000), 223580);
	ck_assert_int_eq(tcpbuf_model_space_from_win(1, INT32_MAX), (int64_t)INT32_MAX * 256);
	ck_assert_int_eq(tcpbuf_model_space_from_win_legacy(-31, 1), (int64_t)1 << 31);
	ck_assert_int_eq(tcpbuf_model_space_from_win_legacy(31, INT32_MAX), INT32_MAX);
	ck_assert_int_eq(tcpbuf_model_win_from_space_legacy(31, INT32_MAX), INT32_MAX);
	ck_assert_int_eq(tcpbuf_model_win_from_space_legacy(-31, INT32_MAX), 0);
}
END_TEST

START_TEST(out_of_range_is_refused)
{
	static const int64_t bytes[] = {-1, (int64_t)INT32_MAX + 1, INT64_MIN, INT64_MAX};
	static const uint32_t bad_ratios[] = {0, 256, UINT32_MAX};
	static const int32_t bad_shifts[] = {-32, 32, INT32_MIN, INT32_MAX};

	for (int i = 0; i < COUNT(bytes); i++) {
		ck_assert_int_eq(tcpbuf_model_win_from_space(128, bytes[i]), -ERANGE);
		ck_assert_int_eq(tcpbuf_model_space_from_win(128, bytes[i]), -ERANGE);
		ck_assert_int_eq(tcpbuf_model_win_from_space_legacy(1, bytes[i]), -ERANGE);
		ck_assert_int_eq(tcpbuf_model_space_from_win_legacy(1, bytes[i]), -ERANGE);
	}
	for (int i = 0; i < COUNT(bad_ratios); i++) {
		ck_assert_int_eq(tcpbuf_model_win_from_space(bad_ratios[i], 1), -ERANGE);
		ck_assert_int_eq(tcpbuf_model_space_from_win(bad_ratios[i], 1), -ERANGE);
	}
	for (int i = 0; i < COUNT(bad_shifts); i++) {
		ck_assert_int_eq(tcpbuf_model_win_from_space_legacy(bad_shifts[i], 1), -ERANGE);
		ck_assert_int_eq(tcpbuf_model_space_from_win_legacy(bad_shifts[i], 1), -ERANGE);
#include <tcpbuf/model.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "check_main.h"

/* tcp(7) of the years before 6.6: which part of the space is window. */
static const struct {
	int32_t scale;
	int64_t of_131072;
} legacy[] = {{-3, 16384}, {-2, 32768}, {-1, 65536}, {0, 131072}, {1, 65536}, {2, 98304}, {3, 114688}, {4, 122880}};

START_TEST(the_legacy_table)
{
	ck_assert_int_eq(
		tcpbuf_model_win_from_space_legacy(legacy[_i].scale, 131072), legacy[_i].of_131072);
	ck_assert_int_le(tcpbuf_model_space_from_win_legacy(legacy[_i].scale, legacy[_i].of_131072), 131072);
}
END_TEST

START_TEST(ratios_give_windows)
{
	ck_assert_int_eq(tcpbuf_model_win_from_space(128, 131072), 65536);
	ck_assert_int_eq(tcpbuf_model_win_from_space(65, 131072), 33280);
	ck_assert_int_eq(tcpbuf_model_win_from_space(229, 4061561), 3633193);
	ck_assert_int_eq(tcpbuf_model_win_from_space(128, -3), -2);
	ck_assert_int_eq(tcpbuf_model_space_from_win(229, 3633193), 4061560);
}
END_TEST

START_TEST(out_of_range_has_no_window)
{
	ck_assert_int_eq(tcpbuf_model_win_from_space(0, 1), INT64_MIN);
	ck_assert_int_eq(tcpbuf_model_win_from_space(256, 1), INT64_MIN);
	ck_assert_int_eq(tcpbuf_model_win_from_space(128, (int64_t)INT32_MAX + 1), INT64_MIN);
	ck_assert_int_eq(tcpbuf_model_space_from_win(128, -1), INT64_MIN);
	ck_assert_int_eq(tcpbuf_model_win_from_space_legacy(32, 1), INT64_MIN);
	ck_assert_int_eq(tcpbuf_model_space_from_win_legacy(-31, 2), INT64_MIN);
}
END_TEST

START_TEST(windows_grow_with_space_and_never_round_up)
{
	unsigned seed = (unsigned)time(NULL);

	printf("seed %u\n", seed);
	srandom(seed);
	for (int i = 0; i < 20000; i++) {
		uint32_t ratio = 1 + (uint32_t)random() % 255;
		int32_t scale = (int32_t)(random() % 63) - 31;
		int64_t space = random() % INT32_MAX, win = tcpbuf_model_win_from_space(ratio, space);

		ck_assert_int_le(win, tcpbuf_model_win_from_space(ratio, space + 1));
		ck_assert_int_le(tcpbuf_model_space_from_win(ratio, win), space);
		win = tcpbuf_model_win_from_space_legacy(scale, space);
		ck_assert_int_le(win, tcpbuf_model_win_from_space_legacy(scale, space + 1));
		ck_assert_int_le(tcpbuf_model_space_from_win_legacy(scale, win), space);
	}
}
END_TEST

/* Up by small and large steps over the whole range, for every ratio and shift. */
START_TEST(window_never_falls_as_space_grows)
{
	for (uint32_t ratio = 1; ratio <= 255; ratio++) {
		int64_t last = 0;

		for (int64_t space = 0; space <= INT32_MAX; space += 1 + space / 7) {
			int64_t win = tcpbuf_model_win_from_space(ratio, space);

			ck_assert_int_ge(win, last);
			ck_assert_int_le(win, space);
			ck_assert_int_le(tcpbuf_model_space_from_win(ratio, win), space);
			last = win;
		}
	}
}
END_TEST

START_TEST(a_ratio_round_trip_loses_one_byte_at_most)
{
	for (uint32_t ratio = 1; ratio <= 255; ratio++)
		for (int64_t win = 0; win <= INT32_MAX; win += 1 + win / 7) {
			int64_t space = tcpbuf_model_space_from_win(ratio, win);

			if (space > INT32_MAX)
				break;
			int64_t back = tcpbuf_model_win_from_space(ratio, space);
			ck_assert_msg(back == win || back == win - 1, "ratio %u win %lld", ratio,
				(long long)win);
		}
}
END_TEST

START_TEST(legacy_space_is_the_least_that_holds_the_window)
{
	for (int32_t shift = -31; shift <= 31; shift++)
		for (int64_t win = 1; win <= INT32_MAX; win += 1 + win / 7) {
			int64_t space = tcpbuf_model_space_from_win_legacy(shift, win);

			if (space > INT32_MAX)
				break;
			ck_assert_int_ge(tcpbuf_model_win_from_space_legacy(shift, space), win);
			ck_assert_int_lt(tcpbuf_model_win_from_space_legacy(shift, space - 1), win);
		}
START_TEST(rules_say_which_they_are)
{
	struct tcpbuf_rules rules;

	ck_assert_int_eq(tcpbuf_rules_named("debian-6.1.176", &rules, sizeof(rules)), 0);
	ck_assert_uint_eq(rules.window, TCPBUF_RULE_WINDOW_ADV_WIN_SCALE);
	ck_assert_uint_eq(rules.verified, 1);
	ck_assert_int_eq(tcpbuf_rules_named("6.6", &rules, sizeof(rules)), 0);
	ck_assert_uint_eq(rules.default_ratio, 65);
	ck_assert_uint_eq(rules.verified, 0);
	ck_assert_ptr_nonnull(strstr(tcpbuf_rules_window_text(&rules), "65/256"));
	ck_assert_int_eq(tcpbuf_rules_named("nonsense", &rules, sizeof(rules)), -EINVAL);
	ck_assert_int_eq(tcpbuf_rules_named(NULL, &rules, sizeof(rules)), -EINVAL);
}
END_TEST

START_TEST(a_bad_link_is_refused)
{
	struct tcpbuf_model_link link = {.size = sizeof(link), .mtu = 1500, .family = 3};
	struct tcpbuf_model_handshake out;
	struct tcpbuf_rules rules;

	ck_assert_int_eq(tcpbuf_rules_named("6.18.44", &rules, sizeof(rules)), 0);
	ck_assert_int_eq(tcpbuf_model_handshake(&rules, &link, &out, sizeof(out)), -EINVAL);
	ck_assert_int_eq(tcpbuf_model_handshake(NULL, &link, &out, sizeof(out)), -EINVAL);
	ck_assert_int_eq(tcpbuf_model_handshake(&rules, NULL, &out, sizeof(out)), -EINVAL);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("model window");
	TCase *tc = tcase_create("window");

	suite_add_tcase(suite, tc);
	tcase_add_loop_test(tc, adv_win_scale_gives_the_published_share, 0, COUNT(shares));
	tcase_add_loop_test(tc, ratio_gives_the_window, 0, COUNT(ratios));
	tcase_add_test(tc, window_gives_the_space);
	tcase_add_test(tc, out_of_range_is_refused);
	tcase_add_test(tc, window_never_falls_as_space_grows);
	tcase_add_test(tc, a_ratio_round_trip_loses_one_byte_at_most);
	tcase_add_test(tc, legacy_space_is_the_least_that_holds_the_window);
	Suite *suite = suite_create("model");
	TCase *tc = tcase_create("window");

	tcase_add_loop_test(tc, the_legacy_table, 0, sizeof(legacy) / sizeof(legacy[0]));
	tcase_add_test(tc, ratios_give_windows);
	tcase_add_test(tc, out_of_range_has_no_window);
	tcase_add_test(tc, windows_grow_with_space_and_never_round_up);
	tcase_add_test(tc, rules_say_which_they_are);
	tcase_add_test(tc, a_bad_link_is_refused);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
