/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <errno.h>
#include <stdint.h>

#include "check_main.h"
#include "mem/record.h"

START_TEST(structs_grow_both_ways)
{
	uint32_t in[4] = {16, 1, 2, 0};
	uint32_t known[3];
	uint32_t out[4] = {9, 9, 9, 9};

	ck_assert_int_eq(tcpbuf__copy_in(known, sizeof(known), in), 0);
	ck_assert_uint_eq(known[2], 2);
	in[3] = 1;
	ck_assert_int_eq(tcpbuf__copy_in(known, sizeof(known), in), -E2BIG);
	in[0] = 8;
	ck_assert_int_eq(tcpbuf__copy_in(known, sizeof(known), in), 0);
	ck_assert_uint_eq(known[2], 0);
	in[0] = 3;
	ck_assert_int_eq(tcpbuf__copy_in(known, sizeof(known), in), -EINVAL);
	ck_assert_int_eq(tcpbuf__copy_in(known, sizeof(known), NULL), -EINVAL);
	tcpbuf__copy_out(out, sizeof(out), known, sizeof(known));
	ck_assert_uint_eq(out[1], 1);
	ck_assert_uint_eq(out[3], 0);
	out[1] = 9;
	tcpbuf__copy_out(out, 4, known, sizeof(known));
	ck_assert_uint_eq(out[1], 9);
	tcpbuf__copy_out(out, sizeof(out), NULL, 0);
	ck_assert_uint_eq(out[1], 0);
	tcpbuf__copy_out(NULL, 4, known, sizeof(known));
}
END_TEST

START_TEST(an_input_takes_back_what_it_has)
{
	uint32_t in[3] = {8, 1, 2};
	const uint32_t record[3] = {8, 5, 6};

	tcpbuf__copy_back(in, record, sizeof(record));
	ck_assert_uint_eq(in[1], 5);
	ck_assert_uint_eq(in[2], 2);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("record");
	TCase *tc = tcase_create("record");

	tcase_add_test(tc, structs_grow_both_ways);
	tcase_add_test(tc, an_input_takes_back_what_it_has);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
