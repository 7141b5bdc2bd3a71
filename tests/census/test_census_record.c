/* SPDX-License-Identifier: MIT */
/* A recorded census: what was written is read, and what is damaged is refused. */
#include <tcpbuf/tcpbuf.h>

#include <errno.h>
#include <string.h>

#include "check_main.h"

static const char text[] =
	"tcpbuf-census 1\n"
	"lacks 3 processes may not be looked into\n"
	"node\n"
	"valid 7\n"
	"tcp_mem_bytes 100 200 300\n"
	"used_bytes 5000\n"
	"error_bar_bytes 10\n"
	"attributed_bytes 4000\n"
	"unreachable_bytes 1000\n"
	"sockets 3\n"
	"by 3\n"
	"rest netns\n"
	"valid 0\n"
	"holder netns\n"
	"valid 1025\n"
	"netns_inode 4026531840\n"
	"label /run/netns/\\x22a b\\x5c\n"
	"sockets 2\n"
	"held_bytes 4096\n"
	"fwd_alloc_bytes -4096\n"
	"states 0 2 0 0 0 0 0 0 0 0 0 0 0 0\n"
	"holder netns\n"
	"valid 1025\n"
	"netns_inode 4026531999\n"
	"held_bytes 1\n"
	"rest cgroup\n"
	"valid 0\n"
	"sockets 1\n"
	"end\n";

static struct tcpbuf *tb;

static void setup(void)
{
	ck_assert_int_eq(tcpbuf_new(&tb), 0);
}

static void teardown(void)
{
	tcpbuf_free(tb);
}

static struct tcpbuf_census *read_text(const char *bytes, size_t size)
{
	struct tcpbuf_census *c;

	ck_assert_msg(tcpbuf_census_read(tb, bytes, size, &c) == 0, "%s", tcpbuf_error_text(tb));
	return c;
}

static int read_code(const char *bytes, size_t size)
{
	struct tcpbuf_census *c;
	int err = tcpbuf_census_read(tb, bytes, size, &c);

	tcpbuf_census_free(c);
	return err;
}

START_TEST(a_record_says_the_same_elsewhere)
{
	struct tcpbuf_census *c = read_text(text, strlen(text));
	struct tcpbuf_census_holder h;
	struct tcpbuf_census_node n;
	char again[sizeof(text)];

	ck_assert_int_eq(tcpbuf_census_node(c, &n, sizeof(n)), 0);
	ck_assert_uint_eq(n.tcp_mem_bytes[2], 300);
	ck_assert_int_eq(n.unreachable_bytes, 1000);
	ck_assert_str_eq(tcpbuf_census_lacks(c), "3 processes may not be looked into");
	ck_assert_int_eq(tcpbuf_census_count(c, TCPBUF_CENSUS_BY_NETNS), 2);
	ck_assert_int_eq(tcpbuf_census_at(c, TCPBUF_CENSUS_BY_NETNS, 0, &h, sizeof(h)), 1);
	ck_assert_str_eq(h.label, "/run/netns/\"a b\\");
	ck_assert_int_eq(h.fwd_alloc_bytes, -4096);
	ck_assert_int_eq(tcpbuf_census_at(c, TCPBUF_CENSUS_BY_NETNS, 2, &h, sizeof(h)), 0);
	ck_assert_int_eq(tcpbuf_census_rest(c, TCPBUF_CENSUS_BY_CGROUP, &h, sizeof(h)), 0);
	ck_assert_uint_eq(h.sockets, 1);
	ck_assert_int_eq(tcpbuf_census_count(c, TCPBUF_CENSUS_BY_POD), -ENODATA);
	ck_assert_int_eq(tcpbuf_census_count(c, 3), -EINVAL);
	ck_assert_int_eq(tcpbuf_census_write(c, again, sizeof(again)), (int)strlen(text));
	ck_assert_str_eq(again, text);
	ck_assert_int_eq(tcpbuf_census_write(c, NULL, 0), (int)strlen(text));
	tcpbuf_census_free(c);
}
END_TEST

START_TEST(what_is_cut_off_is_refused)
{
	for (size_t size = 0; size + 1 < strlen(text); size++)
		ck_assert_msg(read_code(text, size) == -EPROTO, "%zu bytes", size);
}
END_TEST

START_TEST(growth_is_against_the_same_holder)
{
	struct tcpbuf_census *before = read_text(text, strlen(text)), *now;
	struct tcpbuf_census_holder h;
	char later[sizeof(text)];

	strcpy(later, text);
	memcpy(strstr(later, "held_bytes 1\n"), "held_bytes 9\n", 13);
	memcpy(strstr(later, "4026531840"), "4026539999", 10);
	now = read_text(later, strlen(later));
	ck_assert_int_eq(tcpbuf_census_compare(now, before), 0);
	ck_assert_int_eq(tcpbuf_census_sort(now, TCPBUF_CENSUS_ORDER_GROWTH), 0);
	ck_assert_int_eq(tcpbuf_census_at(now, TCPBUF_CENSUS_BY_NETNS, 0, &h, sizeof(h)), 1);
	ck_assert_uint_eq(h.netns_inode, 4026539999);
	ck_assert_int_eq(h.growth_bytes, 4096);
	ck_assert_int_eq(tcpbuf_census_at(now, TCPBUF_CENSUS_BY_NETNS, 1, &h, sizeof(h)), 1);
	ck_assert_int_eq(h.growth_bytes, 8);
	ck_assert(h.valid & TCPBUF_CENSUS_HAS_GROWTH);
	tcpbuf_census_free(now);
	tcpbuf_census_free(before);
}
END_TEST

/* Lines put into a holder, and what becomes of the whole. */
static const struct {
	const char *line;
	int code;
} lines[] = {
	{"a_newer_field 5 6 x", 0},
	{"valid 18446744073709551615", 0},
	{"sockets", -EPROTO},
	{"sockets -1", -EPROTO},
	{"sockets 18446744073709551616", -EPROTO},
	{"sockets 1 2", -EPROTO},
	{"pid 4294967296", -EPROTO},
	{"states 1 2 3", -EPROTO},
	{"local_address 256 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0", -EPROTO},
	{"comm \\x0", -EPROTO},
	{"comm \\xzz", -EPROTO},
	{"comm \\x00", -EPROTO},
	{"comm 0123456789012345678901234567890123456789012345678901234567890123", -EPROTO},
	{"holder nothing", -EPROTO},
	{"holder netns\nvalid 1\nnetns_inode 4026531840", -EPROTO},
	{"", -EPROTO},
	{"end", -EPROTO},
};

START_TEST(lines_are_checked)
{
	const char *at = strstr(text, "held_bytes 1\n");
	char bad[sizeof(text) + 200];

	snprintf(bad, sizeof(bad), "%.*s%s\n%s", (int)(at - text), text, lines[_i].line, at);
	ck_assert_msg(read_code(bad, strlen(bad)) == lines[_i].code, "%s", lines[_i].line);
	if (lines[_i].code)
		ck_assert_ptr_nonnull(strstr(tcpbuf_error_text(tb), "cannot read a recorded census"));
}
END_TEST

START_TEST(fields_are_described)
{
	struct tcpbuf_census_field f;
	uint32_t count = 0;

	while (tcpbuf_census_field_at(TCPBUF_CENSUS_RECORD_HOLDER, count, &f, sizeof(f)) == 1)
		count++;
	ck_assert_uint_eq(count, 43);
	ck_assert_int_eq(tcpbuf_census_field_at(TCPBUF_CENSUS_RECORD_NODE, 0, &f, sizeof(f)), 1);
	ck_assert_str_eq(f.name, "tcp_mem_bytes");
	ck_assert_uint_eq(f.count, 3);
	ck_assert_uint_eq(f.type, TCPBUF_FIELD_U64);
	ck_assert_int_eq(tcpbuf_census_field_at(3, 0, &f, sizeof(f)), -EINVAL);
}
END_TEST

START_TEST(arguments_are_checked)
{
	struct tcpbuf_census_query q = {.size = sizeof(q), .by = 32};
	struct tcpbuf_census *c;

	ck_assert_int_eq(tcpbuf_census_take(NULL, NULL, &c), -EINVAL);
	ck_assert_int_eq(tcpbuf_census_take(tb, &q, &c), -EINVAL);
	ck_assert_ptr_null(c);
	q = (struct tcpbuf_census_query){.size = sizeof(q), .threads = 65};
	ck_assert_int_eq(tcpbuf_census_take(tb, &q, &c), -EINVAL);
	q = (struct tcpbuf_census_query){.size = sizeof(q), .owners = 2};
	ck_assert_int_eq(tcpbuf_census_take(tb, &q, &c), -EINVAL);
	q = (struct tcpbuf_census_query){0};
	ck_assert_int_eq(tcpbuf_census_take(tb, &q, &c), -EINVAL);
	ck_assert_int_eq(tcpbuf_census_read(tb, NULL, 0, &c), -EINVAL);
	ck_assert_int_eq(tcpbuf_census_read(tb, "", 1ull << 40, &c), -EMSGSIZE);
	ck_assert_int_eq(tcpbuf_census_compare(NULL, NULL), -EINVAL);
	ck_assert_int_eq(tcpbuf_census_sort(NULL, 0), -EINVAL);
	ck_assert_int_eq(tcpbuf_census_write(NULL, NULL, 0), -EINVAL);
	ck_assert_str_eq(tcpbuf_census_lacks(NULL), "");
	tcpbuf_census_free(NULL);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("census_record");
	TCase *tc = tcase_create("census_record");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_record_says_the_same_elsewhere);
	tcase_add_test(tc, what_is_cut_off_is_refused);
	tcase_add_test(tc, growth_is_against_the_same_holder);
	tcase_add_loop_test(tc, lines_are_checked, 0, sizeof(lines) / sizeof(lines[0]));
	tcase_add_test(tc, fields_are_described);
	tcase_add_test(tc, arguments_are_checked);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
