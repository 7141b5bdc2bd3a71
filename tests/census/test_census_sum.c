/* SPDX-License-Identifier: MIT */
/* Sums, the node's reconciliation, cgroups explained, ranks: on made-up sockets. */
#include "census/census.h"

#include <errno.h>
#include <string.h>

#include "check_main.h"

static const struct tcpbuf__sys *const sys = &tcpbuf__sys_kernel;

static struct tcpbuf_sock sock_of(uint32_t state, uint32_t inode, uint32_t rmem, int32_t fwd)
{
	struct tcpbuf_sock s = {.valid = TCPBUF_SOCK_HAS_SKMEM | TCPBUF_SOCK_HAS_DROPS,
		.state = state, .inode = inode, .rmem_alloc = rmem, .fwd_alloc = fwd, .rcvbuf = 1000,
		.sndbuf = 500, .wmem_queued = 7, .backlog = 3, .drops = 2};

	s.held = (int64_t)rmem + 7 + fwd;
	return s;
}

/* State, inode and memory against what the socket is. */
static const struct {
	uint32_t state, inode, has_skmem;
	enum tcpbuf__sock_kind kind;
} kinds[] = {
	{TCPBUF_SOCK_ESTABLISHED, 9, 1, TCPBUF__SOCK_ATTACHED},
	{TCPBUF_SOCK_FIN_WAIT1, 9, 1, TCPBUF__SOCK_ATTACHED},
	{TCPBUF_SOCK_ESTABLISHED, 0, 1, TCPBUF__SOCK_UNACCEPTED},
	{TCPBUF_SOCK_CLOSE_WAIT, 0, 1, TCPBUF__SOCK_UNACCEPTED},
	{TCPBUF_SOCK_SYN_RECV, 0, 1, TCPBUF__SOCK_UNACCEPTED},
	{TCPBUF_SOCK_FIN_WAIT1, 0, 1, TCPBUF__SOCK_ORPHANED},
	{TCPBUF_SOCK_FIN_WAIT2, 0, 1, TCPBUF__SOCK_ORPHANED},
	{TCPBUF_SOCK_LAST_ACK, 0, 1, TCPBUF__SOCK_ORPHANED},
	{TCPBUF_SOCK_CLOSING, 0, 1, TCPBUF__SOCK_ORPHANED},
	{TCPBUF_SOCK_TIME_WAIT, 0, 0, TCPBUF__SOCK_TIME_WAIT},
	{TCPBUF_SOCK_FIN_WAIT2, 0, 0, TCPBUF__SOCK_TIME_WAIT},
	{TCPBUF_SOCK_SYN_RECV, 0, 0, TCPBUF__SOCK_HALF_OPEN},
};

START_TEST(a_socket_is_of_one_kind)
{
	struct tcpbuf_sock s = sock_of(kinds[_i].state, kinds[_i].inode, 10, 0);

	if (!kinds[_i].has_skmem)
		s.valid = 0;
	ck_assert_int_eq(tcpbuf__census_kind(&s), kinds[_i].kind);
}
END_TEST

START_TEST(sums_keep_the_parts_apart)
{
	struct tcpbuf_census_holder h = {0}, twice = {0};
	struct tcpbuf_sock attached = sock_of(TCPBUF_SOCK_ESTABLISHED, 5, 100, -50);
	struct tcpbuf_sock waiting = sock_of(TCPBUF_SOCK_ESTABLISHED, 0, 200, 0);
	struct tcpbuf_sock orphan = sock_of(TCPBUF_SOCK_FIN_WAIT1, 0, 400, 0);
	struct tcpbuf_sock listener = sock_of(TCPBUF_SOCK_LISTEN, 6, 0, 0);
	struct tcpbuf_sock gone = {.state = TCPBUF_SOCK_TIME_WAIT};

	tcpbuf__census_add_sock(&h, &attached, 1);
	tcpbuf__census_add_sock(&h, &waiting, 0);
	tcpbuf__census_add_sock(&h, &orphan, 0);
	tcpbuf__census_add_sock(&h, &listener, 0);
	tcpbuf__census_add_sock(&h, &gone, 0);
	ck_assert_uint_eq(h.sockets, 4);
	ck_assert_uint_eq(h.time_wait, 1);
	ck_assert_int_eq(h.held_bytes, 700 - 50 + 4 * 7);
	ck_assert_int_eq(h.fwd_alloc_bytes, -50);
	ck_assert_int_eq(h.unaccepted_bytes, 207);
	ck_assert_int_eq(h.orphaned_bytes, 407);
	ck_assert_uint_eq(h.shared_sockets, 1);
	ck_assert_uint_eq(h.rcvbuf_bytes, 3000);
	ck_assert_uint_eq(h.sndbuf_bytes, 1500);
	ck_assert_uint_eq(h.backlog_bytes, 12);
	ck_assert_uint_eq(h.drops, 8);
	ck_assert_uint_eq(h.states[TCPBUF_SOCK_ESTABLISHED], 2);
	tcpbuf__census_add(&twice, &h);
	tcpbuf__census_add(&twice, &h);
	ck_assert_int_eq(twice.fwd_alloc_bytes, -100);
	ck_assert_int_eq(twice.held_bytes, 2 * h.held_bytes);
	ck_assert_uint_eq(twice.states[TCPBUF_SOCK_LISTEN], 2);
}
END_TEST

static struct tcpbuf_node node_of(uint64_t used, uint64_t sockets, uint64_t orphans)
{
	return (struct tcpbuf_node){.valid = TCPBUF_NODE_HAS_USED | TCPBUF_NODE_HAS_ERROR_BAR, .used_bytes = used,
		.sockets = sockets, .orphans = orphans, .error_bytes = 1000};
}

/* Seen: 10000 held in 5 sockets. */
static const struct {
	uint64_t used, sockets, orphans;
	uint32_t denied;
	int64_t unreachable, uncounted;
	uint64_t unreachable_sockets;
} scenes[] = {
	{10000, 5, 0, 0, 0, 0, 0},
	{10900, 5, 0, 0, 0, 0, 0},     /* within the bar */
	{9100, 7, 0, 0, 0, 0, 0},      /* the other way; two sockets not connected */
	{10900, 6, 1, 0, 900, 0, 1},   /* an orphan that was not seen */
	{9100, 6, 1, 0, 0, 0, 1},      /* it holds less than the bar */
	{50000, 9, 1, 0, 40000, 0, 1}, /* by far */
	{50000, 9, 1, 1, 40000, 0, 4}, /* any socket not seen, where rights are missing */
	{5000, 5, 0, 0, 0, 5000, 0},   /* held beside the node's counter */
};

START_TEST(the_node_adds_up)
{
	struct tcpbuf_node node = node_of(scenes[_i].used, scenes[_i].sockets, scenes[_i].orphans);
	struct tcpbuf_census c = {.node = {.processes_denied = scenes[_i].denied}};
	struct tcpbuf__holders *netns = &c.tables[TCPBUF__NETNS];
	struct tcpbuf_census_node *n = &c.node;

	ck_assert_int_eq(tcpbuf__holders_get_u64(netns, sys, TCPBUF__NETNS, 1), 0);
	netns->items[0].sockets = 5;
	netns->items[0].held_bytes = 10000;
	netns->items[0].unaccepted_bytes = 1000;
	tcpbuf__census_reconcile(&c, &node, &node);
	ck_assert_int_eq(n->attributed_bytes, 9000);
	ck_assert_int_eq(n->unaccepted_bytes, 1000);
	ck_assert_int_eq(n->unreachable_bytes, scenes[_i].unreachable);
	ck_assert_int_eq(n->uncounted_bytes, scenes[_i].uncounted);
	ck_assert_uint_eq(n->unreachable_sockets, scenes[_i].unreachable_sockets);
	ck_assert_uint_eq(n->error_bar_bytes, 1000);
	ck_assert_int_le(llabs((int64_t)n->used_bytes - n->attributed_bytes - n->unaccepted_bytes -
				 n->orphaned_bytes - n->unreachable_bytes + n->uncounted_bytes), 1000);
	tcpbuf__holders_free(netns, sys);
}
END_TEST

START_TEST(movement_widens_the_bar)
{
	struct tcpbuf_node before = node_of(10000, 0, 3), after = node_of(14000, 0, 0);
	struct tcpbuf_census c = {0};

	tcpbuf__census_reconcile(&c, &before, &after);
	ck_assert_uint_eq(c.node.error_bar_bytes, 5000);
	ck_assert_uint_eq(c.node.used_bytes, 14000);
	ck_assert_uint_eq(c.node.unreachable_sockets, 0);
}
END_TEST

static void group(struct tcpbuf__holders *t, const char *path, int64_t held, int64_t charge)
{
	int64_t at = tcpbuf__holders_get(t, sys, TCPBUF__CGROUP, path, strlen(path));

	ck_assert_int_ge(at, 0);
	t->items[at].held_bytes = held;
	t->items[at].valid = TCPBUF_CENSUS_HAS_CGROUP | (charge < 0 ? 0 : TCPBUF_CENSUS_HAS_CHARGE);
	t->items[at].charge_bytes = charge < 0 ? 0 : (uint64_t)charge;
}

START_TEST(a_charge_is_explained_by_what_is_below)
{
	struct tcpbuf__holders t = {0};

	group(&t, "/pod", 10, 1000);
	group(&t, "/pod/a", 300, 300);
	group(&t, "/pod/uncharged", 77, -1);
	group(&t, "/pod2", 5000, 5000);
	tcpbuf__census_explain(&t);
	ck_assert_int_eq(t.items[0].attributed_bytes, 310);
	ck_assert_int_eq(t.items[0].unexplained_bytes, 690);
	ck_assert_int_eq(t.items[1].unexplained_bytes, 0);
	ck_assert_int_eq(t.items[2].attributed_bytes, 0);
	tcpbuf__holders_free(&t, sys);
}
END_TEST

START_TEST(ranks_are_by_weight_then_by_order)
{
	static const int64_t held[] = {5, -3, 40, 5, 0, 40, 7};
	static const uint32_t ranks[] = {2, 5, 6, 0, 3, 4, 1};
	struct tcpbuf__holders t = {0};

	for (uint64_t i = 0; i < 7; i++) {
		int64_t at = tcpbuf__holders_get_u64(&t, sys, TCPBUF__NETNS, i + 1);

		t.items[at].held_bytes = held[i];
		t.items[at].growth_bytes = -held[i];
	}
	ck_assert_int_eq(tcpbuf__holders_sort(&t, sys, TCPBUF_CENSUS_ORDER_HELD), 0);
	ck_assert_mem_eq(t.order, ranks, sizeof(ranks));
	ck_assert_int_eq(tcpbuf__holders_sort(&t, sys, TCPBUF_CENSUS_ORDER_GROWTH), 0);
	ck_assert_uint_eq(t.order[0], 1);
	tcpbuf__holders_free(&t, sys);
}
END_TEST

START_TEST(the_biggest_sockets_are_kept)
{
	struct tcpbuf__holders t = {0};
	struct tcpbuf_census_holder one = {.sockets = 1};
	int64_t kept = 0;

	for (uint64_t i = 0; i < 1000; i++) {
		one.cookie = i + 1;
		one.held_bytes = (int64_t)(i * 617 % 1000);
		ck_assert_int_eq(tcpbuf__holders_offer(&t, sys, 10, &one), 0);
	}
	ck_assert_uint_eq(t.count, 10);
	for (uint32_t i = 0; i < 10; i++)
		kept += t.items[i].held_bytes;
	ck_assert_int_eq(kept, 990 + 991 + 992 + 993 + 994 + 995 + 996 + 997 + 998 + 999);
	ck_assert_uint_eq(t.rest.sockets, 990);
	ck_assert_int_eq(t.rest.held_bytes + kept, 999 * 1000 / 2);
	ck_assert_int_eq(tcpbuf__holders_wants(&t, 990), 0);
	ck_assert_int_eq(tcpbuf__holders_wants(&t, 991), 1);
	tcpbuf__holders_free(&t, sys);
}
END_TEST

START_TEST(a_shared_socket_has_its_lowest_owner)
{
	struct tcpbuf__owners o = {0};

	for (uint32_t inode = 1; inode <= 5000; inode++)
		ck_assert_int_eq(tcpbuf__owners_add(&o, sys, inode, 30), 0);
	ck_assert_int_eq(tcpbuf__owners_add(&o, sys, 7, 30), 0);
	ck_assert_uint_eq(tcpbuf__owners_find(&o, 7), 30);
	ck_assert_int_eq(tcpbuf__owners_add(&o, sys, 7, 40), 0);
	ck_assert_int_eq(tcpbuf__owners_add(&o, sys, 7, 20), 0);
	ck_assert_uint_eq(tcpbuf__owners_find(&o, 7), 20 | TCPBUF__OWNER_SHARED);
	ck_assert_uint_eq(tcpbuf__owners_find(&o, 5000), 30);
	ck_assert_uint_eq(tcpbuf__owners_find(&o, 5001), 0);
	ck_assert_uint_eq(tcpbuf__owners_find(&o, 0), 0);
	tcpbuf__owners_free(&o, sys);
}
END_TEST

START_TEST(a_process_may_call_itself_anything)
{
	static const char text[] = "42 (a) b (c)) S 1 42 42 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 12345 99\n";
	struct tcpbuf_census_holder h = {0};

	ck_assert_int_eq(tcpbuf__census_parse_stat(tcpbuf__reader_init(text, strlen(text)), &h), 0);
	ck_assert_str_eq(h.comm, "a) b (c)");
	ck_assert_uint_eq(h.start_time, 12345);
	ck_assert_int_eq(tcpbuf__census_parse_stat(tcpbuf__reader_init(text, 20), &h), -EPROTO);
	ck_assert_int_eq(tcpbuf__census_parse_stat(tcpbuf__reader_init(")(", 2), &h), -EPROTO);
	ck_assert_int_eq(tcpbuf__census_parse_stat(tcpbuf__reader_init("", 0), &h), -EPROTO);
}
END_TEST

START_TEST(rights_are_read)
{
	static const char text[] = "Name:\tx\nCapPrm:\t0\nCapEff:\t000001fffeffffff\nCapBnd:\t1\n";
	uint64_t mask = 0;

	ck_assert_int_eq(tcpbuf__census_parse_rights(tcpbuf__reader_init(text, strlen(text)), &mask), 0);
	ck_assert_uint_eq(mask, 0x1fffeffffff);
	ck_assert_int_eq(tcpbuf__census_parse_rights(tcpbuf__reader_init("CapEff: g\n", 10), &mask), -EPROTO);
	ck_assert_int_eq(tcpbuf__census_parse_rights(tcpbuf__reader_init("CapEff:\n", 8), &mask), -EPROTO);
	ck_assert_int_eq(tcpbuf__census_parse_rights(tcpbuf__reader_init("", 0), &mask), -EPROTO);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("census_sum");
	TCase *tc = tcase_create("census_sum");

	tcase_add_loop_test(tc, a_socket_is_of_one_kind, 0, sizeof(kinds) / sizeof(kinds[0]));
	tcase_add_test(tc, sums_keep_the_parts_apart);
	tcase_add_loop_test(tc, the_node_adds_up, 0, sizeof(scenes) / sizeof(scenes[0]));
	tcase_add_test(tc, movement_widens_the_bar);
	tcase_add_test(tc, a_charge_is_explained_by_what_is_below);
	tcase_add_test(tc, ranks_are_by_weight_then_by_order);
	tcase_add_test(tc, the_biggest_sockets_are_kept);
	tcase_add_test(tc, a_shared_socket_has_its_lowest_owner);
	tcase_add_test(tc, a_process_may_call_itself_anything);
	tcase_add_test(tc, rights_are_read);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
