/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "check_main.h"
#include "util/reader.h"

static struct tcpbuf__reader over(const char *text)
{
	return tcpbuf__reader_init(text, strlen(text));
}

static const struct {
	const char *text;
	int err;
	int64_t value;
} numbers[] = {
	{"0", 0, 0},
	{" 42\n", 0, 42},
	{"-7", 0, -7},
	{"9223372036854775807", 0, INT64_MAX},
	{"-9223372036854775808", 0, INT64_MIN},
	{"9223372036854775808", -EOVERFLOW, 0},
	{"99999999999999999999999", -EOVERFLOW, 0},
	{"", -ENODATA, 0},
	{" \n\t", -ENODATA, 0},
	{"+5", -EINVAL, 0},
	{"-", -EINVAL, 0},
	{"0x10", -EINVAL, 0},
	{"12k", -EINVAL, 0},
};

START_TEST(numbers_are_plain_or_refused)
{
	struct tcpbuf__reader r = over(numbers[_i].text);
	int64_t value = 0;

	ck_assert_int_eq(tcpbuf__reader_i64(&r, &value), numbers[_i].err);
	ck_assert_int_eq(value, numbers[_i].value);
}
END_TEST

START_TEST(unsigned_numbers_reach_their_end)
{
	struct tcpbuf__reader r = over("18446744073709551615 18446744073709551616 -1");
	uint64_t value = 0;

	ck_assert_int_eq(tcpbuf__reader_u64(&r, &value), 0);
	ck_assert_uint_eq(value, UINT64_MAX);
	ck_assert_int_eq(tcpbuf__reader_u64(&r, &value), -EOVERFLOW);
	ck_assert_int_eq(tcpbuf__reader_u64(&r, &value), -EINVAL);
}
END_TEST

START_TEST(lines_words_and_fields)
{
	struct tcpbuf__reader r = over("TCP: inuse 4\n\nlast"), line, part;

	ck_assert_int_eq(tcpbuf__reader_line(&r, &line), 1);
	ck_assert_int_eq(tcpbuf__reader_until(&line, ':', &part), 1);
	ck_assert(tcpbuf__reader_is(&part, "TCP"));
	ck_assert_int_eq(tcpbuf__reader_until(&line, ':', &part), 0);
	ck_assert_int_eq(tcpbuf__reader_word(&line, &part), 1);
	ck_assert(tcpbuf__reader_is(&part, "inuse"));
	ck_assert(!tcpbuf__reader_is(&part, "inus"));
	ck_assert(!tcpbuf__reader_blank(&line));
	ck_assert_int_eq(tcpbuf__reader_line(&r, &line), 1);
	ck_assert(tcpbuf__reader_blank(&line));
	ck_assert_int_eq(tcpbuf__reader_line(&r, &line), 1);
	ck_assert(tcpbuf__reader_is(&line, "last"));
	ck_assert_int_eq(tcpbuf__reader_line(&r, &line), 0);
	ck_assert_int_eq(tcpbuf__reader_word(&r, &part), 0);
}
END_TEST

START_TEST(nothing_is_at_its_end)
{
	struct tcpbuf__reader r = tcpbuf__reader_init(NULL, 0), word;

	ck_assert_int_eq(tcpbuf__reader_word(&r, &word), 0);
	ck_assert_int_eq(tcpbuf__reader_line(&r, &word), 0);
	ck_assert_int_eq(tcpbuf__reader_blank(&r), 1);
}
END_TEST

START_TEST(hexadecimal_digits_are_lower_case)
{
	static const char digits[] = "0123456789abcdef";

	for (int c = 0; c < 256; c++) {
		const char *at = c ? strchr(digits, c) : NULL;

		ck_assert_int_eq(tcpbuf__reader_hex((char)c), at ? (int)(at - digits) : -1);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("reader");
	TCase *tc = tcase_create("reader");

	tcase_add_loop_test(tc, numbers_are_plain_or_refused, 0, sizeof(numbers) / sizeof(numbers[0]));
	tcase_add_test(tc, unsigned_numbers_reach_their_end);
	tcase_add_test(tc, lines_words_and_fields);
	tcase_add_test(tc, nothing_is_at_its_end);
	tcase_add_test(tc, hexadecimal_digits_are_lower_case);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
