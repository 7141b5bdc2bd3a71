/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "base/base.h"
#include "check_main.h"

START_TEST(a_sentence_names_everything)
{
	struct tcpbuf *tb;
	struct tcpbuf__subject about = {
		"set", "net.ipv4.tcp_rmem", "4096 131072 65536", "web", "; nothing was written"};

	ck_assert_int_eq(tcpbuf_new(&tb), 0);
	ck_assert_int_eq(
		tcpbuf__fail(tb, -ERANGE, &about, "max 65536 is below default 131072"), -ERANGE);
	ck_assert_str_eq(tcpbuf_error_text(tb),
		"cannot set net.ipv4.tcp_rmem to \"4096 131072 65536\" in netns \"web\": "
		"max 65536 is below default 131072; nothing was written (ERANGE)");
	ck_assert_int_eq(tcpbuf_error_code(tb), -ERANGE);
	ck_assert_str_eq(tcpbuf_error_key(tb), "net.ipv4.tcp_rmem");
	ck_assert_str_eq(tcpbuf_error_netns(tb), "web");
	ck_assert_str_eq(tcpbuf_error_value(tb), "4096 131072 65536");
	tcpbuf__error_clear(tb);
	ck_assert_str_eq(tcpbuf_error_text(tb), "");
	ck_assert_int_eq(tcpbuf_error_code(tb), 0);
	tcpbuf_free(tb);
}
END_TEST

START_TEST(hostile_names_are_escaped_and_bounded)
{
	struct tcpbuf *tb;
	char name[5000];
	struct tcpbuf__subject about = {.verb = "open", .netns = name};

	memset(name, 0x1b, sizeof(name));
	name[sizeof(name) - 1] = '\0';
	ck_assert_int_eq(tcpbuf_new(&tb), 0);
	ck_assert_int_eq(tcpbuf__fail(tb, -ENOENT, &about, NULL), -ENOENT);
	ck_assert_uint_lt(strlen(tcpbuf_error_text(tb)), sizeof(tb->error.text));
	ck_assert_ptr_null(strchr(tcpbuf_error_text(tb), 0x1b));
	tcpbuf_free(tb);
}
END_TEST

START_TEST(every_code_has_a_text)
{
	ck_assert_str_eq(tcpbuf_strerror(0), "success");
	ck_assert_str_eq(tcpbuf_strerror(-EROFS), "read-only file system");
	ck_assert_str_eq(tcpbuf_strerror(-12345), "unknown error");
	ck_assert_str_eq(tcpbuf_error_text(NULL), "");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("error");
	TCase *tc = tcase_create("sentence");

	tcase_add_test(tc, a_sentence_names_everything);
	tcase_add_test(tc, hostile_names_are_escaped_and_bounded);
	tcase_add_test(tc, every_code_has_a_text);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
