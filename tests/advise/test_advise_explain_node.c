/* SPDX-License-Identifier: MIT */
/* The node's state by the pressure machine's numbers, and who is named. */
#include <errno.h>
#include <string.h>

#include <tcpbuf/tcpbuf.h>

#include "check_main.h"

static struct tcpbuf_census_node node_with(uint64_t used, uint32_t pressure)
{
	struct tcpbuf_census_node n;

	memset(&n, 0, sizeof(n));
	n.valid = TCPBUF_CENSUS_NODE_HAS_USED | TCPBUF_CENSUS_NODE_HAS_LIMITS | TCPBUF_CENSUS_NODE_HAS_PRESSURE;
	n.tcp_mem_bytes[0] = 300;
	n.tcp_mem_bytes[1] = 400;
	n.tcp_mem_bytes[2] = 600;
	n.used_bytes = used;
	n.pressure = pressure;
	return n;
}

static int explain(const struct tcpbuf_census_node *n, struct tcpbuf_verdict *out)
{
	return tcpbuf_explain_node(n, sizeof(*n), NULL, 0, 0, NULL, out, sizeof(*out), 16);
}

/* tcp_mem is compared with ">", __sk_mem_raise_allocated(). */
static const struct {
	uint64_t used;
	uint32_t pressure, code;
} states[] = {
	{0, 0, TCPBUF_VERDICT_NODE_FINE},
	{300, 0, TCPBUF_VERDICT_NODE_FINE},
	{301, 0, TCPBUF_VERDICT_NODE_NEAR},
	{400, 0, TCPBUF_VERDICT_NODE_NEAR},
	{301, 1, TCPBUF_VERDICT_NODE_PRESSURE},
	{401, 1, TCPBUF_VERDICT_NODE_PRESSURE},
	{600, 1, TCPBUF_VERDICT_NODE_PRESSURE},
	{601, 1, TCPBUF_VERDICT_NODE_OUT},
};

START_TEST(state_by_use_and_flag)
{
	struct tcpbuf_census_node n = node_with(states[_i].used, states[_i].pressure);
	struct tcpbuf_verdict out[16];

	ck_assert_int_eq(explain(&n, out), 1);
	ck_assert_uint_eq(out[0].code, states[_i].code);
}
END_TEST

START_TEST(parts_of_a_tenth_are_named)
{
	struct tcpbuf_census_node n = node_with(500, 1);
	struct tcpbuf_verdict out[16];

	n.unaccepted_bytes = 49;
	n.orphaned_bytes = 50;
	n.orphaned_sockets = 3;
	n.unreachable_bytes = -500;
	ck_assert_int_eq(explain(&n, out), 2);
	ck_assert_uint_eq(out[1].code, TCPBUF_VERDICT_NODE_ORPHANED);
	ck_assert_str_eq(out[1].evidence, "50 bytes in 3 sockets that no process has any more");
	ck_assert_uint_eq(out[1].share, 1000);
	n.error_bar_bytes = 50; /* not above what the count may be off */
	ck_assert_int_eq(explain(&n, out), 1);
}
END_TEST

static struct tcpbuf_census_holder holder_with(int64_t held)
{
	struct tcpbuf_census_holder h;

	memset(&h, 0, sizeof(h));
	h.valid = TCPBUF_CENSUS_HAS_LABEL | TCPBUF_CENSUS_HAS_NETNS;
	h.netns_inode = 42;
	h.sockets = 5;
	h.states[TCPBUF_SOCK_LISTEN] = 1;
	h.held_bytes = held;
	h.rmem_alloc_bytes = (uint64_t)held;
	h.rcvbuf_bytes = 1000;
	h.sndbuf_bytes = 2000;
	strcpy(h.label, "web");
	return h;
}

START_TEST(holders_with_what_their_buffers_allow)
{
	struct tcpbuf_census_node n = node_with(500, 1);
	struct tcpbuf_census_holder holders[] = {holder_with(300), holder_with(4), holder_with(5)};
	struct tcpbuf_explain_end settings[3];
	struct tcpbuf_verdict out[16];

	memset(settings, 0, sizeof(settings));
	for (int i = 0; i < 3; i++)
		settings[i].size = sizeof(settings[0]);
	ck_assert_int_eq(tcpbuf_explain_node(&n, sizeof(n), holders, sizeof(holders[0]), 3, settings, out,
				 sizeof(out[0]), 16),
		3); /* 4 of 500 bytes are below a hundredth */
	ck_assert_str_eq(out[1].evidence,
		"300 bytes in 5 sockets, mostly received and not read; its buffers allow 3000; netns 42, pid 0: web");
	settings[0].known = TCPBUF_EXPLAIN_KNOWS_SETTINGS;
	settings[0].rmem_max = 6000;
	settings[0].wmem_max = 4000;
	holders[0].rmem_alloc_bytes = 0;
	holders[0].wmem_queued_bytes = 300;
	ck_assert_int_eq(tcpbuf_explain_node(&n, sizeof(n), holders, sizeof(holders[0]), 1, settings, out,
				 sizeof(out[0]), 16),
		2);
	ck_assert_str_eq(out[1].evidence, "300 bytes in 5 sockets, mostly sent and not acknowledged, or waiting to be "
					  "sent; its buffers allow 40000; netns 42, pid 0: web");
}
END_TEST

START_TEST(bad_input_is_refused)
{
	struct tcpbuf_census_node n = node_with(500, 1);
	struct tcpbuf_census_holder h = holder_with(300);
	struct tcpbuf_verdict out[16];

	ck_assert_int_eq(tcpbuf_explain_node(NULL, sizeof(n), NULL, 0, 0, NULL, out, sizeof(out[0]), 16), -EINVAL);
	ck_assert_int_eq(tcpbuf_explain_node(&n, 7, NULL, 0, 0, NULL, out, sizeof(out[0]), 16), -EINVAL);
	ck_assert_int_eq(tcpbuf_explain_node(&n, sizeof(n), &h, 0, 1, NULL, out, sizeof(out[0]), 16), -EINVAL);
	ck_assert_int_eq(tcpbuf_explain_node(&n, sizeof(n), NULL, 0, 1, NULL, out, sizeof(out[0]), 16), -EINVAL);
	ck_assert_int_eq(tcpbuf_explain_node(&n, sizeof(n), NULL, 0, 0, NULL, NULL, sizeof(out[0]), 16), -EINVAL);
	ck_assert_int_eq(tcpbuf_explain_node(&n, sizeof(n), NULL, 0, 0, NULL, out, sizeof(out[0]), 0), -EINVAL);
	n.valid = TCPBUF_CENSUS_NODE_HAS_USED;
	ck_assert_int_eq(explain(&n, out), -ENODATA);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("explain the node");
	TCase *tcase = tcase_create("records");

	tcase_add_loop_test(tcase, state_by_use_and_flag, 0, sizeof(states) / sizeof(states[0]));
	tcase_add_test(tcase, parts_of_a_tenth_are_named);
	tcase_add_test(tcase, holders_with_what_their_buffers_allow);
	tcase_add_test(tcase, bad_input_is_refused);
	suite_add_tcase(suite, tcase);
	return run_suite(suite);
}
