/* SPDX-License-Identifier: MIT */
/* What follows from a node's numbers, on machines other than this one. */
#include "node/node.h"

#include <string.h>

#include "check_main.h"

static struct tcpbuf__node_raw raw_of(uint32_t page, uint64_t used, uint64_t limit)
{
	struct tcpbuf__node_raw raw;

	memset(&raw, 0, sizeof(raw));
	raw.node.page_bytes = page;
	raw.node.used_pages = used;
	for (int i = 0; i < 3; i++)
		raw.node.limit_pages[i] = limit;
	raw.node.cpus_online = raw.node.cpus_possible = 2;
	raw.node.valid = TCPBUF_NODE_HAS_USED | TCPBUF_NODE_HAS_LIMITS;
	return raw;
}

START_TEST(quanta_before_6_0)
{
	struct tcpbuf__node_raw raw = raw_of(65536, 17, 4);

	raw.release = 5 << 16 | 19;
	tcpbuf__node_derive(&raw);
	ck_assert_uint_eq(raw.node.used_bytes, 17 * 4096);
	ck_assert_uint_eq(raw.node.used_pages, 2);
	ck_assert_uint_eq(raw.node.limit_bytes[2], 4 * 65536);
	ck_assert_uint_eq(raw.node.used_share[2], 2656);
	ck_assert_uint_ne(raw.node.valid & TCPBUF_NODE_HAS_ERROR_BAR, 0);
	ck_assert_uint_eq(raw.node.error_bytes, 0);
}
END_TEST

START_TEST(pages_since_6_0)
{
	struct tcpbuf__node_raw raw = raw_of(65536, 17, 4);

	raw.release = 6 << 16;
	tcpbuf__node_derive(&raw);
	ck_assert_uint_eq(raw.node.used_pages, 17);
	ck_assert_uint_eq(raw.node.used_bytes, 17 * 65536);
	ck_assert_uint_eq(raw.node.used_share[0], 42500);
	ck_assert_uint_eq(raw.node.reserve_pages, 16);
	ck_assert_uint_eq(raw.node.error_bytes, 2 << 20);
}
END_TEST

START_TEST(reserve_that_was_read_wins)
{
	struct tcpbuf__node_raw raw = raw_of(4096, 17, 4);

	raw.release = 6 << 16 | 18;
	raw.has_reserve = 1;
	raw.node.reserve_pages = 16;
	tcpbuf__node_derive(&raw);
	ck_assert_uint_eq(raw.node.error_pages, 32);
}
END_TEST

START_TEST(no_error_bar_without_its_parts)
{
	struct tcpbuf__node_raw raw = raw_of(4096, 17, 4);

	tcpbuf__node_derive(&raw);
	ck_assert_uint_eq(raw.node.valid & TCPBUF_NODE_HAS_ERROR_BAR, 0);
	raw = raw_of(4096, 17, 4);
	raw.release = 6 << 16 | 18;
	raw.node.cpus_online = 0;
	tcpbuf__node_derive(&raw);
	ck_assert_uint_eq(raw.node.valid & TCPBUF_NODE_HAS_ERROR_BAR, 0);
	ck_assert_uint_eq(raw.node.valid & TCPBUF_NODE_HAS_CPUS, 0);
}
END_TEST

START_TEST(shares_at_the_edges)
{
	struct tcpbuf__node_raw raw = raw_of(4096, 0, 0);

	tcpbuf__node_derive(&raw);
	ck_assert_uint_eq(raw.node.used_share[1], 0);
	raw = raw_of(4096, 1, 0);
	tcpbuf__node_derive(&raw);
	ck_assert_uint_eq(raw.node.used_share[1], UINT32_MAX);
	raw = raw_of(4096, UINT64_MAX, INT64_MAX);
	tcpbuf__node_derive(&raw);
	ck_assert_uint_eq(raw.node.used_bytes, UINT64_MAX);
	ck_assert_uint_eq(raw.node.limit_bytes[0], UINT64_MAX);
	ck_assert_uint_eq(raw.node.used_share[0], 10000);
	raw = raw_of(4096, UINT64_C(1) << 51, UINT64_C(1) << 50);
	tcpbuf__node_derive(&raw);
	ck_assert_uint_eq(raw.node.used_share[0], 20000);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("node_derive");
	TCase *tcase = tcase_create("all");

	tcase_add_test(tcase, quanta_before_6_0);
	tcase_add_test(tcase, pages_since_6_0);
	tcase_add_test(tcase, reserve_that_was_read_wins);
	tcase_add_test(tcase, no_error_bar_without_its_parts);
	tcase_add_test(tcase, shares_at_the_edges);
	suite_add_tcase(suite, tcase);
	return run_suite(suite);
}
