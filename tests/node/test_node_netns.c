/* SPDX-License-Identifier: MIT */
/* Sockets and events of a namespace from a written procfs. */
#include <errno.h>

#include "tree.h"

#define SOCKSTAT "sockets: used 15\nTCP: inuse 1 orphan 3 tw 4 alloc 5 mem 1000\nUDP: inuse 0 mem 0\n"
#define NETSTAT "TcpExt: PruneCalled Unknown TCPRcvCollapsed BeyondWindow\nTcpExt: 1 2 3 18446744073709551615\n" \
	"IpExt: InOctets\nIpExt: 5\n"

static const char *const homes[] = {"42", "thread-self"};

/* By a handle of our own namespace, which reads below thread-self, or by pid. */
static int read_either(struct tree *t, int by_handle, int netstat, void *out, uint32_t size)
{
	struct tcpbuf_netns *ns;
	int err;

	if (!by_handle)
		return netstat ? tcpbuf_node_read_events_of_pid(t->tb, 42, out, size)
			      : tcpbuf_node_read_netns_of_pid(t->tb, 42, out, size);
	ck_assert_int_eq(tcpbuf_netns_open_self(t->tb, &ns), 0);
	err = netstat ? tcpbuf_node_read_events(ns, out, size) : tcpbuf_node_read_netns(ns, out, size);
	tcpbuf_netns_close(ns);
	return err;
}

static void put(struct tree *t, int home, const char *name, const char *text)
{
	char path[64];

	snprintf(path, sizeof(path), "%s/net/%s", homes[home], name);
	tree_text(t, path, text);
}

START_TEST(sockets)
{
	struct tree t = tree_start();
	struct tcpbuf_node_netns n;

	put(&t, _i, "sockstat", SOCKSTAT);
	ck_assert_msg(read_either(&t, _i, 0, &n, sizeof(n)) == 0, "%s", tcpbuf_error_text(t.tb));
	ck_assert_uint_eq(n.valid, TCPBUF_NODE_NETNS_HAS_TCP);
	ck_assert_uint_eq(n.sockets_used, 15);
	ck_assert_uint_eq(n.tcp, 1);
	ck_assert_uint_eq(n.time_wait, 4);
	ck_assert_uint_eq(n.tcp6, 0);
	put(&t, _i, "sockstat6", "TCP6: inuse 7\nUDP6: inuse 0\n");
	ck_assert_int_eq(read_either(&t, _i, 0, &n, sizeof(n)), 0);
	ck_assert_uint_eq(n.valid, TCPBUF_NODE_NETNS_HAS_TCP | TCPBUF_NODE_NETNS_HAS_TCP6);
	ck_assert_uint_eq(n.tcp6, 7);
	tree_stop(&t);
}
END_TEST

START_TEST(events)
{
	struct tree t = tree_start();
	struct tcpbuf_node_events e;

	put(&t, _i, "netstat", NETSTAT);
	ck_assert_msg(read_either(&t, _i, 1, &e, sizeof(e)) == 0, "%s", tcpbuf_error_text(t.tb));
	ck_assert_uint_eq(e.valid, 1 << TCPBUF_NODE_EVENT_PRUNE_CALLED | 1 << TCPBUF_NODE_EVENT_RCV_COLLAPSED |
					   1 << TCPBUF_NODE_EVENT_BEYOND_WINDOW);
	ck_assert_uint_eq(e.count[TCPBUF_NODE_EVENT_PRUNE_CALLED], 1);
	ck_assert_uint_eq(e.count[TCPBUF_NODE_EVENT_RCV_COLLAPSED], 3);
	ck_assert_uint_eq(e.count[TCPBUF_NODE_EVENT_BEYOND_WINDOW], UINT64_MAX);
	tree_stop(&t);
}
END_TEST

static const char *const garbage[][2] = {
	{"sockstat", ""},
	{"sockstat", "sockets: used x\nTCP: inuse 1 orphan 3 tw 4\n"},
	{"sockstat", "sockets: used 1\nTCP: inuse 1 orphan 3\n"},
	{"sockstat6", "TCP6: inuse -7\n"},
	{"sockstat6", "\n\n"},
	{"netstat", ""},
	{"netstat", "TcpExt: PruneCalled\n"},
	{"netstat", "TcpExt: PruneCalled\nIpExt: 1\n"},
	{"netstat", "TcpExt: PruneCalled OfoPruned\nTcpExt: 1\n"},
	{"netstat", "TcpExt: PruneCalled\nTcpExt: 1 2\n"},
	{"netstat", "TcpExt: PruneCalled\nTcpExt: -1\n"},
};
#define GARBAGE (int)(sizeof(garbage) / sizeof(garbage[0]))

START_TEST(garbage_is_named)
{
	struct tree t = tree_start();
	struct tcpbuf_node_events out;
	int is_netstat = strcmp(garbage[_i][0], "netstat") == 0;

	put(&t, 0, "sockstat", SOCKSTAT);
	put(&t, 0, garbage[_i][0], garbage[_i][1]);
	ck_assert_int_eq(read_either(&t, 0, is_netstat, &out, sizeof(out)), -EPROTO);
	ck_assert_ptr_nonnull(strstr(tcpbuf_error_text(t.tb), garbage[_i][0]));
	ck_assert_str_eq(tcpbuf_error_netns(t.tb), "pid 42");
	tree_stop(&t);
}
END_TEST

START_TEST(nobody_there)
{
	struct tree t = tree_start();
	struct tcpbuf_node_netns n;

	ck_assert_int_eq(tcpbuf_node_read_netns_of_pid(t.tb, 42, &n, sizeof(n)), -ESRCH);
	put(&t, 0, "other", "");
	ck_assert_int_eq(tcpbuf_node_read_netns_of_pid(t.tb, 42, &n, sizeof(n)), -ESRCH);
	ck_assert_int_eq(tcpbuf_node_read_events_of_pid(t.tb, 42, &n, sizeof(n)), -ESRCH);
	ck_assert_int_eq(tcpbuf_node_read_netns_of_pid(t.tb, 0, &n, sizeof(n)), -EINVAL);
	ck_assert_int_eq(tcpbuf_node_read_netns_of_pid(t.tb, 4194305, &n, sizeof(n)), -EINVAL);
	ck_assert_int_eq(tcpbuf_node_read_netns_of_pid(t.tb, 42, NULL, 0), -EINVAL);
	ck_assert_int_eq(tcpbuf_node_read_netns_of_pid(NULL, 42, &n, sizeof(n)), -EINVAL);
	ck_assert_int_eq(tcpbuf_node_read_netns(NULL, &n, sizeof(n)), -EINVAL);
	ck_assert_int_eq(tcpbuf_node_read_events(NULL, &n, sizeof(n)), -EINVAL);
	ck_assert_int_eq(read_either(&t, 1, 0, &n, sizeof(n)), -ENOENT);
	ck_assert_ptr_nonnull(strstr(tcpbuf_error_text(t.tb), "\"self\""));
	tree_stop(&t);
}
END_TEST

START_TEST(delta)
{
	struct tcpbuf_node_events a = {.valid = 0x7ffff}, b = {.valid = 0x7fffe}, d;

	a.count[1] = 5, b.count[1] = 8;
	a.count[2] = 5, b.count[2] = 4;
	ck_assert_int_eq(tcpbuf_node_events_delta(&a, &b, sizeof(a), &d, sizeof(d)), 0);
	ck_assert_uint_eq(d.valid, 0x7fffa);
	ck_assert_uint_eq(d.count[1], 3);
	ck_assert_uint_eq(d.count[2], 0);
	/* An older header's record: two counters. */
	ck_assert_int_eq(tcpbuf_node_events_delta(&a, &b, 24, &d, sizeof(d)), 0);
	ck_assert_uint_eq(d.valid, 2);
	ck_assert_int_eq(tcpbuf_node_events_delta(&a, &b, 8, &d, sizeof(d)), 0);
	ck_assert_uint_eq(d.valid, 0);
	ck_assert_int_eq(tcpbuf_node_events_delta(&a, &b, 7, &d, sizeof(d)), -EINVAL);
	ck_assert_int_eq(tcpbuf_node_events_delta(NULL, &b, 24, &d, sizeof(d)), -EINVAL);
}
END_TEST

START_TEST(names)
{
	for (uint32_t i = 0; i < TCPBUF_NODE_EVENT_COUNT; i++)
		ck_assert_ptr_nonnull(tcpbuf_node_event_name(i));
	ck_assert_ptr_null(tcpbuf_node_event_name(TCPBUF_NODE_EVENT_COUNT));
	ck_assert_ptr_null(tcpbuf_node_event_name(UINT32_MAX));
	ck_assert_str_eq(tcpbuf_node_event_name(TCPBUF_NODE_EVENT_OFO_DROP), "TCPOFODrop");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("node_netns");
	TCase *tcase = tcase_create("all");

	tcase_add_loop_test(tcase, sockets, 0, 2);
	tcase_add_loop_test(tcase, events, 0, 2);
	tcase_add_loop_test(tcase, garbage_is_named, 0, GARBAGE);
	tcase_add_test(tcase, nobody_there);
	tcase_add_test(tcase, delta);
	tcase_add_test(tcase, names);
	suite_add_tcase(suite, tcase);
	return run_suite(suite);
}
