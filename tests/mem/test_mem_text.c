/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "check_main.h"
#include "mem/text.h"

START_TEST(text_is_bounded_and_says_when_cut)
{
	char buf[8];
	struct tcpbuf__text t = tcpbuf__text_init(buf, sizeof(buf));

	tcpbuf__text_str(&t, "abc");
	tcpbuf__text_i64(&t, -12);
	ck_assert_str_eq(buf, "abc-12");
	ck_assert(!tcpbuf__text_cut(&t));
	tcpbuf__text_u64(&t, UINT64_MAX);
	ck_assert_str_eq(buf, "abc-121");
	ck_assert(tcpbuf__text_cut(&t));
}
END_TEST

START_TEST(the_smallest_number_prints)
{
	char buf[32];
	struct tcpbuf__text t = tcpbuf__text_init(buf, sizeof(buf));

	tcpbuf__text_i64(&t, INT64_MIN);
	ck_assert_str_eq(buf, "-9223372036854775808");
}
END_TEST

static const struct {
	const char *in, *out;
} escapes[] = {
	{"plain", "plain"},
	{"caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x90\xa7", "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x90\xa7"},
	{"\x1b[31m", "\\x1b[31m"},
	{"a\"b\\c", "a\\x22b\\x5cc"},
	{"line\nend\x7f", "line\\x0aend\\x7f"},
	{"\xc3", "\\xc3"},
	{"\xc0\xaf", "\\xc0\\xaf"},
	{"\xed\xa0\x80", "\\xed\\xa0\\x80"},
	{"\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"},
	{"\xc2\x9b" "31m", "\\xc2\\x9b31m"},
	{"\xc2\xa0", "\xc2\xa0"},
	{"a\xe2\x80\xae" "b", "a\\xe2\\x80\\xaeb"},
	{"\xe2\x80\xaf\xe2\x81\xa6", "\xe2\x80\xaf\\xe2\\x81\\xa6"},
	{"\xd8\x9c\xef\xbb\xbf", "\\xd8\\x9c\\xef\\xbb\\xbf"},
};

START_TEST(foreign_bytes_are_escaped)
{
	char buf[64];
	struct tcpbuf__text t = tcpbuf__text_init(buf, sizeof(buf));

	tcpbuf__text_escaped(&t, escapes[_i].in, strlen(escapes[_i].in));
	ck_assert_str_eq(buf, escapes[_i].out);
}
END_TEST

START_TEST(a_copy_fits_or_fails)
{
	char buf[4];

	ck_assert_int_eq(tcpbuf__text_copy(buf, sizeof(buf), "abc"), 0);
	ck_assert_int_eq(tcpbuf__text_copy(buf, sizeof(buf), "abcd"), -ENAMETOOLONG);
	ck_assert_str_eq(buf, "abc");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("text");
	TCase *tc = tcase_create("text");

	tcase_add_test(tc, text_is_bounded_and_says_when_cut);
	tcase_add_test(tc, the_smallest_number_prints);
	tcase_add_loop_test(tc, foreign_bytes_are_escaped, 0, sizeof(escapes) / sizeof(escapes[0]));
	tcase_add_test(tc, a_copy_fits_or_fails);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
