/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include <tcpbuf/keys.h>

#include "check_main.h"

#define RMEM TCPBUF_KEY_TCP_RMEM
#define MEM TCPBUF_KEY_TCP_MEM
#define MODERATE TCPBUF_KEY_TCP_MODERATE_RCVBUF
#define ADV TCPBUF_KEY_TCP_ADV_WIN_SCALE

/* clause NULL: fine, and result is what to write. */
static const struct {
	uint32_t key;
	const char *text;
	int code;
	const char *clause;
	const char *result;
} cases[] = {
	{RMEM, "4096 131072 6291456", 0, "", "4096\t131072\t6291456"},
	{RMEM, "\t 4096\t131072  6291456 \n", 0, "", "4096\t131072\t6291456"},
	{RMEM, "4096 4096 4096", 0, "", "4096\t4096\t4096"},
	{RMEM, "4096 131072 65536", -ERANGE, "max 65536 is below default 131072", ""},
	{RMEM, "9000 8000 70000", -ERANGE, "min 9000 is above default 8000", ""},
	{MEM, "9000 8000 70000", -ERANGE, "low 9000 is above pressure 8000", ""},
	{MEM, "1 8000 7000", -ERANGE, "high 7000 is below pressure 8000", ""},
	{RMEM, "4096 131072", -EINVAL, "the value has 2 numbers, the key takes 3", ""},
	{RMEM, "4096", -EINVAL, "the value has 1 number, the key takes 3", ""},
	{RMEM, "4096 131072 6291456 7", -EINVAL, "the value has 4 numbers, the key takes 3", ""},
	{MODERATE, "1 2 3 4 5", -EINVAL, "the value has 5 numbers, the key takes 1", ""},
	{RMEM, "", -EINVAL, "empty value", ""},
	{RMEM, " \t\n", -EINVAL, "empty value", ""},
	{RMEM, "4096 131072 6291456 garbage", -EINVAL,
		"trailing bytes after the last number: \"garbage\"", ""},
	{RMEM, "4096 131072 6291456\nx", -EINVAL, "\"6291456\\x0ax\" is not a number", ""},
	{RMEM, "4096 131072 6291456garbage", -EINVAL, "\"6291456garbage\" is not a number", ""},
	{RMEM, "\"4096 131072 6291456\"", -EINVAL, "\"\\x224096\" is not a number", ""},
	{RMEM, "4K 128K 6M", -EINVAL, "\"4K\" is not a number", ""},
	{RMEM, "4096 131072 3000000000", -ERANGE,
		"3000000000 is above the largest value 2147483647", ""},
	{RMEM, "4096 131072 99999999999999999999", -ERANGE,
		"99999999999999999999 is above the largest value 2147483647", ""},
	{RMEM, "0 131072 6291456", -ERANGE, "0 is below the smallest value 1", ""},
	{RMEM, "-1 131072 6291456", -EINVAL, "\"-1\" has a sign", ""},
	{MODERATE, "010", -EINVAL, "\"010\" has a leading zero, which the kernel reads as octal",
		""},
	{MODERATE, "0x1", -EINVAL, "\"0x1\" is hexadecimal, write it in decimal", ""},
	{MODERATE, "+5", -EINVAL, "\"+5\" has a sign", ""},
	{MODERATE, "-", -EINVAL, "\"-\" is not a number", ""},
	{MODERATE, "\x1b[31m", -EINVAL, "\"\\x1b[31m\" is not a number", ""},
	{MODERATE, "1234567890123456789012345678901234567890", -ERANGE,
		"1234567890123456789012345678... is above the largest value 2147483647", ""},
	{MODERATE, "2", 0, "2 means the same as 1", "2"},
	{ADV, "-31", 0, "", "-31"},
	{ADV, "-32", -ERANGE, "-32 is below the smallest value -31", ""},
	{ADV, "+2", -EINVAL, "\"+2\" has a sign", ""},
	{ADV, "-010", -EINVAL, "\"-010\" has a leading zero, which the kernel reads as octal", ""},
	{MEM, "0 0 0", 0, "the kernel takes 0, but no number below 1 makes sense here", "0\t0\t0"},
	{MEM, "1 2 9223372036854775808", -ERANGE,
		"9223372036854775808 is above the largest value 9223372036854775807", ""},
	{RMEM, "1 1 1000", 0,
		"max 1000 does not hold one full-sized segment, which takes about 2304 bytes",
		"1\t1\t1000"},
	{TCPBUF_KEY_TCP_KEEPALIVE_TIME, "0", 0,
		"the kernel takes 0, but no number below 1 makes sense here", "0"},
	{TCPBUF_KEY_TCP_WINDOW_SCALING, "0", 0,
		"without window scaling no window exceeds 65535 bytes", "0"},
	{TCPBUF_KEY_TCP_EHASH_ENTRIES, "5", -EACCES, "net.ipv4.tcp_ehash_entries cannot be written",
		""},
	{TCPBUF_KEY_NONE, "5", -ENOENT, "the key is not one of the TCP buffer family", ""},
	{TCPBUF_KEY_TCP_CONGESTION_CONTROL, " bbr\n", 0, "", "bbr"},
	{TCPBUF_KEY_TCP_CONGESTION_CONTROL, "b\x1br", -EINVAL,
		"\"b\\x1br\" is not a name of 1 to 15 plain characters", ""},
	{TCPBUF_KEY_TCP_CONGESTION_CONTROL, "bbr cubic", -EINVAL,
		"\"bbr cubic\" is not a name of 1 to 15 plain characters", ""},
};

START_TEST(the_verdict_and_its_sentence)
{
	struct tcpbuf_key_verdict v;
	char clause[160];
	uint32_t length = (uint32_t)strlen(cases[_i].text);

	ck_assert_int_eq(
		tcpbuf_key_check(NULL, cases[_i].key, cases[_i].text, length, &v, sizeof(v)),
		cases[_i].code);
	ck_assert_int_eq(v.code, cases[_i].code);
	ck_assert_int_eq(
		tcpbuf_key_reason_text(&v, clause, sizeof(clause)), (int)strlen(cases[_i].clause));
	ck_assert_str_eq(clause, cases[_i].clause);
	ck_assert_str_eq(v.text, cases[_i].result);
}
END_TEST

static const struct {
	uint32_t major, minor, patch, key;
	const char *text;
	int code;
	const char *clause;
} by_kernel[] = {
	{6, 18, 44, RMEM, "1 131072 6291456", 0, ""},
	{7, 3, 4, RMEM, "1 131072 6291456", -ERANGE, "1 is below the smallest value 4096"},
	{6, 1, 176, RMEM, "1 131072 6291456", 0, ""},
	{6, 12, 117, RMEM, "4095 131072 6291456", -ERANGE, "4095 is below the smallest value 4096"},
	{6, 18, 44, TCPBUF_KEY_TCP_TSO_RTT_LOG, "32", 0, ""},
	{7, 3, 4, TCPBUF_KEY_TCP_TSO_RTT_LOG, "32", -ERANGE, "32 is above the largest value 31"},
	{5, 10, 223, TCPBUF_KEY_TCP_SHRINK_WINDOW, "1", -ENOENT,
		"this kernel has no net.ipv4.tcp_shrink_window"},
	{6, 6, 0, ADV, "2", 0, "this kernel accepts net.ipv4.tcp_adv_win_scale and ignores it"},
	{6, 1, 176, ADV, "2", 0, ""},
	{6, 1, 176, TCPBUF_KEY_CORE_RMEM_MAX, "2303", -ERANGE,
		"2303 is below the smallest value 2304"},
	{6, 1, 176, TCPBUF_KEY_TCP_KEEPALIVE_TIME, "8589935", -ERANGE,
		"8589935 is above the largest value 8589934"},
	{5, 4, 0, MODERATE, "256", 0, "256 means the same as 1"},
	{6, 1, 0, MODERATE, "256", -ERANGE, "256 is above the largest value 255"},
};

START_TEST(the_kernel_decides_the_range)
{
	struct tcpbuf_key_rules rules;
	struct tcpbuf_key_verdict v;
	char clause[160];

	ck_assert_int_eq(tcpbuf_key_rules_for(by_kernel[_i].major, by_kernel[_i].minor,
				 by_kernel[_i].patch, &rules, sizeof(rules)),
		0);
	ck_assert_int_eq(tcpbuf_key_check(&rules, by_kernel[_i].key, by_kernel[_i].text,
				 (uint32_t)strlen(by_kernel[_i].text), &v, sizeof(v)),
		by_kernel[_i].code);
	tcpbuf_key_reason_text(&v, clause, sizeof(clause));
	ck_assert_str_eq(clause, by_kernel[_i].clause);
}
END_TEST

START_TEST(pages_are_compared_with_the_machine)
{
	struct tcpbuf_key_rules rules;
	struct tcpbuf_key_verdict v;
	char clause[160];

	ck_assert_int_eq(tcpbuf_key_rules_for(6, 1, 0, &rules, sizeof(rules)), 0);
	rules.buffer_pages = 262144;
	ck_assert_int_eq(tcpbuf_key_check(&rules, MEM, "1 2 1073741824", 14, &v, sizeof(v)), 0);
	tcpbuf_key_reason_text(&v, clause, sizeof(clause));
	ck_assert_str_eq(clause, "high 1073741824 is more than the machine's 262144 pages; the "
				 "unit is pages, not bytes");
}
END_TEST

START_TEST(bad_arguments_are_refused)
{
	struct tcpbuf_key_verdict v = {.size = sizeof(v), .reason = TCPBUF_KEY_REASON_TOO_LARGE};
	char small[5];

	ck_assert_int_eq(tcpbuf_key_reason_text(NULL, small, sizeof(small)), -EINVAL);
	memcpy(v.word, "0123456789012345678901234567890", 31);
	ck_assert_int_eq(tcpbuf_key_reason_text(&v, small, sizeof(small)), 31 + 29);
	ck_assert_str_eq(small, "0123");
	v.reason = 1000;
	ck_assert_int_eq(tcpbuf_key_reason_text(&v, small, sizeof(small)), 0);
	v.size = 8;
	ck_assert_int_eq(tcpbuf_key_reason_text(&v, small, sizeof(small)), -EINVAL);
	ck_assert_int_eq(tcpbuf_key_check(NULL, RMEM, NULL, 5, &v, sizeof(v)), -EINVAL);
	ck_assert_uint_eq(v.reason, TCPBUF_KEY_REASON_EMPTY);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("keys check");
	TCase *tc = tcase_create("check");

	tcase_add_loop_test(tc, the_verdict_and_its_sentence, 0, sizeof(cases) / sizeof(cases[0]));
	tcase_add_loop_test(
		tc, the_kernel_decides_the_range, 0, sizeof(by_kernel) / sizeof(by_kernel[0]));
	tcase_add_test(tc, pages_are_compared_with_the_machine);
	tcase_add_test(tc, bad_arguments_are_refused);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
