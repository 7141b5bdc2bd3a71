/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <tcpbuf/keys.h>

#include "check_main.h"

enum { SET = TCPBUF_KEY_LINE_SET, EXCLUDE = TCPBUF_KEY_LINE_EXCLUDE, MALFORMED = TCPBUF_KEY_LINE_MALFORMED };

static const struct {
	const char *line;
	uint32_t kind, key, optional, pattern;
	const char *name, *value;
} lines[] = {
	{"net.ipv4.tcp_rmem = 4096 131072 6291456", SET, TCPBUF_KEY_TCP_RMEM, 0, 0, "net.ipv4.tcp_rmem",
		"4096 131072 6291456"},
	{"net/ipv4/tcp_rmem=1\t2 3", SET, TCPBUF_KEY_TCP_RMEM, 0, 0, "net/ipv4/tcp_rmem", "1\t2 3"},
	{"/net/ipv4/tcp_sack=1", SET, TCPBUF_KEY_TCP_SACK, 0, 0, "/net/ipv4/tcp_sack", "1"},
	{" \t net.core.somaxconn\t=  4096 \r", SET, TCPBUF_KEY_CORE_SOMAXCONN, 0, 0, "net.core.somaxconn", "4096"},
	{"-net.ipv4.tcp_sack = 1", SET, TCPBUF_KEY_TCP_SACK, 1, 0, "net.ipv4.tcp_sack", "1"},
	{"- net.ipv4.tcp_sack = 1", SET, TCPBUF_KEY_TCP_SACK, 1, 0, "net.ipv4.tcp_sack", "1"},
	{"-net.ipv4.tcp_sack", EXCLUDE, TCPBUF_KEY_TCP_SACK, 1, 0, "net.ipv4.tcp_sack", ""},
	{"net.ipv4.tcp_* = 1", SET, TCPBUF_KEY_NONE, 0, 1, "net.ipv4.tcp_*", "1"},
	{"net.ipv4.conf.eth0/1.rp_filter = 2", SET, TCPBUF_KEY_NONE, 0, 0, "net.ipv4.conf.eth0/1.rp_filter", "2"},
	{"kernel.core_pattern = |/bin/x %p=%u", SET, TCPBUF_KEY_NONE, 0, 0, "kernel.core_pattern", "|/bin/x %p=%u"},
	{"net.ipv4.tcp_rmem = # no comment", SET, TCPBUF_KEY_TCP_RMEM, 0, 0, "net.ipv4.tcp_rmem", "# no comment"},
	{"net.ipv4.tcp_sack", MALFORMED, TCPBUF_KEY_TCP_SACK, 0, 0, "net.ipv4.tcp_sack", ""},
	{"net.ipv4.tcp_sack =", MALFORMED, TCPBUF_KEY_TCP_SACK, 0, 0, "net.ipv4.tcp_sack", ""},
	{"= 1", MALFORMED, TCPBUF_KEY_NONE, 0, 0, "", "1"},
	{"=", MALFORMED, TCPBUF_KEY_NONE, 0, 0, "", ""},
	{"-", MALFORMED, TCPBUF_KEY_NONE, 1, 0, "", ""},
	{"net.ipv4.tcp_sack = 1\x1b[0m", MALFORMED, TCPBUF_KEY_TCP_SACK, 0, 0, "net.ipv4.tcp_sack", "1\x1b[0m"},
};

static void ck_run(const char *text, uint32_t at, uint32_t length, const char *wanted)
{
	ck_assert_uint_eq(length, strlen(wanted));
	ck_assert_mem_eq(text + at, wanted, length);
}

START_TEST(a_line)
{
	struct tcpbuf_key_setting s = {.size = sizeof(s)};
	const char *line = lines[_i].line;
	uint32_t length = (uint32_t)strlen(line);

	ck_assert_int_eq(tcpbuf_key_setting_next(line, length, &s), 1);
	ck_assert_uint_eq(s.kind, lines[_i].kind);
	ck_assert_uint_eq(s.key, lines[_i].key);
	ck_assert_uint_eq(s.optional, lines[_i].optional);
	ck_assert_uint_eq(s.pattern, lines[_i].pattern);
	ck_run(line, s.name_at, s.name_length, lines[_i].name);
	ck_run(line, s.value_at, s.value_length, lines[_i].value);
	ck_assert_uint_eq(s.line, 1);
	ck_assert_uint_eq(s.at, length);
	ck_assert_int_eq(tcpbuf_key_setting_next(line, length, &s), 0);
	ck_assert_uint_eq(s.line, 1);
}
END_TEST

START_TEST(a_file)
{
	static const char text[] = "# comment\n"
				   "\n"
				   "  ; another\n"
				   "net.ipv4.tcp_sack = 1\n"
				   " \t\n"
				   "net.ipv4.tcp_app_win = 31\r\n"
				   "net.ipv4.tcp_sack = 0";
	static const uint32_t wanted[][2] = {
		{TCPBUF_KEY_TCP_SACK, 4}, {TCPBUF_KEY_TCP_APP_WIN, 6}, {TCPBUF_KEY_TCP_SACK, 7}};
	struct tcpbuf_key_setting s = {.size = sizeof(s)};

	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(tcpbuf_key_setting_next(text, sizeof(text) - 1, &s), 1);
		ck_assert_uint_eq(s.key, wanted[i][0]);
		ck_assert_uint_eq(s.line, wanted[i][1]);
	}
	ck_assert_int_eq(tcpbuf_key_setting_next(text, sizeof(text) - 1, &s), 0);
}
END_TEST

START_TEST(bad_arguments)
{
	struct tcpbuf_key_setting s = {.size = sizeof(s) - 1};

	ck_assert_int_eq(tcpbuf_key_setting_next("a=1", 3, NULL), -EINVAL);
	ck_assert_int_eq(tcpbuf_key_setting_next("a=1", 3, &s), -EINVAL);
	s.size = sizeof(s);
	ck_assert_int_eq(tcpbuf_key_setting_next(NULL, 3, &s), -EINVAL);
	ck_assert_int_eq(tcpbuf_key_setting_next(NULL, 0, &s), 0);
	s.at = UINT32_MAX;
	ck_assert_int_eq(tcpbuf_key_setting_next("a=1", 3, &s), 0);
}
END_TEST

/* Whatever the bytes, what comes back lies inside them, and the end is reached. */
START_TEST(random_bytes)
{
	static const char alphabet[] = "netipv4.tcp_rmem/=-#; \t\r\n\x01*0";
	unsigned seed = (unsigned)time(NULL);

	printf("seed %u\n", seed);
	for (int round = 0; round < 1000; round++) {
		struct tcpbuf_key_setting s = {.size = sizeof(s)};
		uint32_t length = (uint32_t)rand_r(&seed) % 60, count = 0;
		char *text = malloc(length + 1); /* its end is the allocation's, for the sanitizer */

		for (uint32_t i = 0; i < length; i++)
			text[i + 1] = alphabet[(size_t)rand_r(&seed) % (sizeof(alphabet) - 1)];
		while (tcpbuf_key_setting_next(text + 1, length, &s) == 1) {
			ck_assert_uint_le(s.at, length);
			ck_assert_uint_le(s.name_at + s.name_length, length);
			ck_assert_uint_le(s.value_at + s.value_length, length);
			ck_assert(s.kind >= SET && s.kind <= MALFORMED);
			ck_assert_uint_le(++count, length);
		}
		free(text);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("keys setting");
	TCase *tc = tcase_create("sysctl.d");

	tcase_add_loop_test(tc, a_line, 0, sizeof(lines) / sizeof(lines[0]));
	tcase_add_test(tc, a_file);
	tcase_add_test(tc, bad_arguments);
	tcase_add_test(tc, random_bytes);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
