/* SPDX-License-Identifier: MIT */
/* The running kernel: what two views of it must agree on, whatever the machine. */
#include <sys/sysinfo.h>
#include <unistd.h>

#include "check_main.h"
#include <tcpbuf/tcpbuf.h>

static struct tcpbuf_node read_node(struct tcpbuf *tb)
{
	struct tcpbuf_node n;

	ck_assert_msg(tcpbuf_node_read(tb, &n, sizeof(n)) == 0, "%s", tcpbuf_error_text(tb));
	return n;
}

START_TEST(agrees_with_libc)
{
	struct tcpbuf *tb;
	struct tcpbuf_node n;

	ck_assert_int_eq(tcpbuf_new(&tb), 0);
	n = read_node(tb);
	ck_assert_uint_eq(n.page_bytes, (uint64_t)getpagesize());
	ck_assert_uint_ne(n.valid & TCPBUF_NODE_HAS_CPUS, 0);
	ck_assert_int_eq((int)n.cpus_online, get_nprocs());
	ck_assert_uint_ge(n.cpus_possible, n.cpus_online);
	ck_assert_uint_eq(n.used_bytes, n.used_pages * n.page_bytes);
	ck_assert_uint_ne(n.valid & TCPBUF_NODE_HAS_TCP, 0);
	ck_assert_uint_ge(n.max_header_bytes, 128);
	ck_assert_uint_gt(n.tcp_sock_bytes, 1000);
	tcpbuf_free(tb);
}
END_TEST

START_TEST(what_can_be_read_is_there)
{
	struct tcpbuf *tb;
	struct tcpbuf_node n;

	ck_assert_int_eq(tcpbuf_new(&tb), 0);
	n = read_node(tb);
	if (access("/proc/sys/net/ipv4/tcp_mem", R_OK) == 0)
		ck_assert_uint_ne(n.valid & TCPBUF_NODE_HAS_LIMITS, 0);
	if (access("/proc/slabinfo", R_OK) == 0)
		ck_assert_uint_ne(n.valid & TCPBUF_NODE_HAS_SLAB, 0);
	tcpbuf_free(tb);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("node_live");
	TCase *tcase = tcase_create("all");

	tcase_add_test(tcase, agrees_with_libc);
	tcase_add_test(tcase, what_can_be_read_is_there);
	suite_add_tcase(suite, tcase);
	return run_suite(suite);
}
