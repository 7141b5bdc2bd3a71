/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include <tcpbuf/keys.h>

#include "check_main.h"

static const struct {
	uint32_t key;
	const char *text;
	int64_t numbers[3];
	const char *printed;
} good[] = {
	{TCPBUF_KEY_TCP_RMEM, "4096\t131072\t6291456\n", {4096, 131072, 6291456},
		"4096\t131072\t6291456"},
	{TCPBUF_KEY_TCP_RMEM, "4096 131072 6291456", {4096, 131072, 6291456},
		"4096\t131072\t6291456"},
	{TCPBUF_KEY_TCP_WMEM, " 1  2 \t3 \n", {1, 2, 3}, "1\t2\t3"},
	{TCPBUF_KEY_TCP_MEM, "0\t1\t18446744073709551615", {0, 1, -1},
		"0\t1\t18446744073709551615"},
	{TCPBUF_KEY_TCP_ADV_WIN_SCALE, "-2\n", {-2, 0, 0}, "-2"},
	{TCPBUF_KEY_TCP_NOTSENT_LOWAT, "4294967295\n", {4294967295, 0, 0}, "4294967295"},
	{TCPBUF_KEY_TCP_EHASH_ENTRIES, "-262144\n", {-262144, 0, 0}, "-262144"},
};

START_TEST(what_the_kernel_prints_comes_back)
{
	struct tcpbuf_value v;
	char buf[64];
	uint32_t key = good[_i].key;

	ck_assert_int_eq(tcpbuf_key_parse(key, good[_i].text, (uint32_t)strlen(good[_i].text), &v,
				 sizeof(v)),
		0);
	ck_assert_mem_eq(v.numbers, good[_i].numbers, sizeof(v.numbers));
	ck_assert_int_eq(
		tcpbuf_key_format(key, &v, buf, sizeof(buf)), (int)strlen(good[_i].printed));
	ck_assert_str_eq(buf, good[_i].printed);
	ck_assert_int_eq(
		tcpbuf_key_format(key, &v, buf, (uint32_t)strlen(good[_i].printed)), -ENOSPC);
	ck_assert_str_eq(buf, "");
}
END_TEST

static const struct {
	uint32_t key;
	const char *text;
	int code;
} bad[] = {
	{TCPBUF_KEY_NONE, "1", -ENOENT},
	{TCPBUF_KEY_TCP_RMEM, "", -EINVAL},
	{TCPBUF_KEY_TCP_RMEM, "4096\t131072\n", -EINVAL},
	{TCPBUF_KEY_TCP_RMEM, "1\t2\t3\t4\n", -EINVAL},
	{TCPBUF_KEY_TCP_RMEM, "1\t2\t3\n\n", -EINVAL},
	{TCPBUF_KEY_TCP_RMEM, "1\t2\t3x\n", -EINVAL},
	{TCPBUF_KEY_TCP_RMEM, "1-2-3", -EINVAL},
	{TCPBUF_KEY_TCP_MEM, "-1\t2\t3", -EINVAL},
	{TCPBUF_KEY_TCP_MEM, "1\t2\t18446744073709551616", -EOVERFLOW},
	{TCPBUF_KEY_TCP_SACK, "9223372036854775808", -EOVERFLOW},
	{TCPBUF_KEY_TCP_SACK, "-", -EINVAL},
	{TCPBUF_KEY_TCP_SACK, "+1", -EINVAL},
	{TCPBUF_KEY_TCP_CONGESTION_CONTROL, "\n", -EINVAL},
	{TCPBUF_KEY_TCP_CONGESTION_CONTROL, "sixteen_letters_", -EINVAL},
};

START_TEST(anything_else_is_refused_and_leaves_zeros)
{
	struct tcpbuf_value v, zero;

	memset(&v, 0xff, sizeof(v));
	memset(&zero, 0, sizeof(zero));
	ck_assert_int_eq(tcpbuf_key_parse(bad[_i].key, bad[_i].text, (uint32_t)strlen(bad[_i].text),
				 &v, sizeof(v)),
		bad[_i].code);
	ck_assert_mem_eq(&v, &zero, sizeof(v));
}
END_TEST

START_TEST(a_name_is_text)
{
	struct tcpbuf_value v;
	char buf[16];

	ck_assert_int_eq(
		tcpbuf_key_parse(TCPBUF_KEY_TCP_CONGESTION_CONTROL, "cubic\n", 6, &v, sizeof(v)),
		0);
	ck_assert_uint_eq(v.count, 0);
	ck_assert_str_eq(v.text, "cubic");
	ck_assert_int_eq(
		tcpbuf_key_format(TCPBUF_KEY_TCP_CONGESTION_CONTROL, &v, buf, sizeof(buf)), 5);
	ck_assert_str_eq(buf, "cubic");
}
END_TEST

START_TEST(structs_of_another_size_are_understood)
{
	struct {
		struct tcpbuf_value v;
		char tail[8];
	} wide;
	char buf[64];

	memset(&wide, 0xff, sizeof(wide));
	ck_assert_int_eq(tcpbuf_key_parse(TCPBUF_KEY_TCP_SACK, "1", 1, &wide, sizeof(wide)), 0);
	ck_assert_uint_eq(wide.v.size, sizeof(wide.v));
	ck_assert_int_eq(wide.tail[7], 0);
	wide.v.size = sizeof(wide);
	ck_assert_int_eq(tcpbuf_key_format(TCPBUF_KEY_TCP_SACK, &wide.v, buf, sizeof(buf)), 1);
	wide.tail[7] = 1;
	ck_assert_int_eq(tcpbuf_key_format(TCPBUF_KEY_TCP_SACK, &wide.v, buf, sizeof(buf)), -E2BIG);
	ck_assert_int_eq(tcpbuf_key_parse(TCPBUF_KEY_TCP_RMEM, "1 2 3", 5, &wide, 16), 0);
	ck_assert_uint_eq(wide.v.size, 16);
	ck_assert_int_eq(wide.v.numbers[0], 1);
}
END_TEST

START_TEST(bad_arguments_are_refused)
{
	struct tcpbuf_value v = {.size = sizeof(v), .count = 2};
	char buf[8] = "x";

	ck_assert_int_eq(tcpbuf_key_parse(TCPBUF_KEY_TCP_SACK, NULL, 1, &v, sizeof(v)), -EINVAL);
	ck_assert_int_eq(tcpbuf_key_parse(TCPBUF_KEY_TCP_SACK, "1", 1, NULL, 0), -EINVAL);
	ck_assert_int_eq(tcpbuf_key_format(TCPBUF_KEY_TCP_SACK, NULL, buf, sizeof(buf)), -EINVAL);
	ck_assert_int_eq(tcpbuf_key_format(TCPBUF_KEY_NONE, &v, buf, sizeof(buf)), -ENOENT);
	v.size = sizeof(v);
	v.count = 2;
	ck_assert_int_eq(tcpbuf_key_format(TCPBUF_KEY_TCP_SACK, &v, buf, sizeof(buf)), -EINVAL);
	ck_assert_str_eq(buf, "");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("keys value");
	TCase *tc = tcase_create("value");

	tcase_add_loop_test(
		tc, what_the_kernel_prints_comes_back, 0, sizeof(good) / sizeof(good[0]));
	tcase_add_loop_test(
		tc, anything_else_is_refused_and_leaves_zeros, 0, sizeof(bad) / sizeof(bad[0]));
	tcase_add_test(tc, a_name_is_text);
	tcase_add_test(tc, structs_of_another_size_are_understood);
	tcase_add_test(tc, bad_arguments_are_refused);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
