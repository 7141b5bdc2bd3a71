/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include <tcpbuf/keys.h>

#include "check_main.h"
#include "keys/keys.h"

START_TEST(every_key_has_one_row_and_one_name)
{
	ck_assert_uint_eq(tcpbuf_key_count(), TCPBUF_KEY_TCP_CONGESTION_CONTROL);
	for (uint32_t key = 1; key <= TCPBUF_KEY_TCP_CONGESTION_CONTROL; key++) {
		char slashed[64];
		const char *name = tcpbuf_key_name(key);

		ck_assert_uint_eq(tcpbuf_key_by_name(name), key);
		snprintf(slashed, sizeof(slashed), "net/%s/%s", tcpbuf_key_dir(key),
			tcpbuf_key_file(key));
		ck_assert_uint_eq(tcpbuf_key_by_name(slashed), key);
		ck_assert_uint_eq(strlen(slashed), strlen(name));
	}
}
END_TEST

START_TEST(the_iteration_gives_every_key_once)
{
	uint64_t seen = 0;

	for (uint32_t i = 0; i < tcpbuf_key_count(); i++) {
		uint64_t bit = (uint64_t)1 << tcpbuf_key_at(i);

		ck_assert_uint_ne(tcpbuf_key_at(i), TCPBUF_KEY_NONE);
		ck_assert(!(seen & bit));
		seen |= bit;
	}
	ck_assert_uint_eq(tcpbuf_key_at(tcpbuf_key_count()), TCPBUF_KEY_NONE);
}
END_TEST

static const char *const strangers[] = {"", "net", "net.ipv4.", "net.ipv4.tcp_rme",
	"net.ipv4.tcp_rmemx", "net.core.tcp_rmem", "tcp_rmem", ".net.ipv4.tcp_rmem",
	"net/ipv4/tcp_rmem/", "net_ipv4_tcp_rmem", "net.ipv4.tcp_fin_timeout"};

START_TEST(other_names_are_not_keys)
{
	ck_assert_uint_eq(tcpbuf_key_by_name(strangers[_i]), TCPBUF_KEY_NONE);
	ck_assert_uint_eq(tcpbuf_key_by_name(NULL), TCPBUF_KEY_NONE);
	ck_assert_str_eq(tcpbuf_key_name(TCPBUF_KEY_NONE), "");
	ck_assert_str_eq(tcpbuf_key_dir(1000), "");
	ck_assert_str_eq(tcpbuf_key_file(UINT32_MAX), "");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("keys table");
	TCase *tc = tcase_create("table");

	tcase_add_test(tc, every_key_has_one_row_and_one_name);
	tcase_add_test(tc, the_iteration_gives_every_key_once);
	tcase_add_loop_test(
		tc, other_names_are_not_keys, 0, sizeof(strangers) / sizeof(strangers[0]));
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
