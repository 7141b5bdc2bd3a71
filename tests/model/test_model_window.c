/* SPDX-License-Identifier: MIT */
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
