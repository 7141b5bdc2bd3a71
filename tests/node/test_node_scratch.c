/* SPDX-License-Identifier: MIT */
/* Real sockets in a namespace of the test's own: counted there and not here, and their memory in the node's. */
#include <errno.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "check_main.h"
#include "web.h"
#include <tcpbuf/tcpbuf.h>

#ifndef SO_MEMINFO
#define SO_MEMINFO 55
#endif

/* Both ways in must agree. */
static struct tcpbuf_node_netns count(void)
{
	struct tcpbuf_node_netns inside, by_pid;

	ck_assert_msg(tcpbuf_node_read_netns(ns, &inside, sizeof(inside)) == 0, "%s", tcpbuf_error_text(tb));
	ck_assert_int_eq(tcpbuf_node_read_netns_of_pid(tb, (uint32_t)web.pid, &by_pid, sizeof(by_pid)), 0);
	ck_assert_mem_eq(&inside, &by_pid, sizeof(inside));
	ck_assert_uint_ne(inside.valid & TCPBUF_NODE_NETNS_HAS_TCP, 0);
	return inside;
}

START_TEST(sockets_are_counted_where_they_live)
{
	struct tcpbuf_node_netns n = count();
	struct pair p;
	int loose;

	ck_assert_uint_eq(n.tcp + n.tcp6 + n.time_wait, 0);
	p = scratch_pair(&web, AF_INET, 0);
	n = count();
	ck_assert_uint_eq(n.tcp, 3);
	ck_assert_uint_eq(n.sockets_used, 3);
	loose = scratch_socket(&web, AF_INET, SOCK_STREAM);
	n = count();
	ck_assert_uint_eq(n.tcp, 3);
	ck_assert_uint_eq(n.sockets_used, 4);
	close(loose);
	/* The client's end closes first and waits in TIME_WAIT; the server's is gone, when the last segments have come. */
	close(p.client);
	close(p.server);
	n = count();
	for (int tries = 0; n.tcp + n.time_wait != 2 && tries < 200; tries++) {
		poll(NULL, 0, 10);
		n = count();
	}
	ck_assert_uint_eq(n.tcp, 1);
	ck_assert_uint_eq(n.time_wait, 1);
	close(p.listener);
	ck_assert_uint_eq(count().tcp, 0);
}
END_TEST

START_TEST(ipv6_is_apart)
{
	struct tcpbuf_node_netns n = count();
	struct pair p;

	if (!(n.valid & TCPBUF_NODE_NETNS_HAS_TCP6))
		return;
	p = scratch_pair(&web, AF_INET6, 0);
	n = count();
	ck_assert_uint_eq(n.tcp6, 3);
	ck_assert_uint_eq(n.tcp, 0);
	pair_close(&p);
}
END_TEST

/* By a process of it, by none, and by one that has ended. */
static void check_may_have_tcp(int in_use, int bound)
{
	const uint32_t pids[] = {(uint32_t)web.pid, 0, 4194304};

	for (size_t i = 0; i < sizeof(pids) / sizeof(pids[0]); i++) {
		ck_assert_int_eq(tcpbuf_node_may_have_tcp(ns, pids[i], 0), in_use);
		ck_assert_int_eq(tcpbuf_node_may_have_tcp(ns, pids[i], 1), bound);
		ck_assert_str_eq(tcpbuf_error_text(tb), "");
	}
}

START_TEST(a_namespace_may_have_tcp)
{
	const struct sockaddr_in any = {.sin_family = AF_INET};
	int loose;

	ck_assert_int_eq(tcpbuf_node_may_have_tcp(NULL, 0, 0), -EINVAL);
	check_may_have_tcp(0, 0);
	loose = scratch_socket(&web, AF_INET, SOCK_STREAM);
	ck_assert_int_eq(bind(loose, (const struct sockaddr *)&any, sizeof(any)), 0);
	check_may_have_tcp(0, 1);
	ck_assert_int_eq(listen(loose, 1), 0);
	check_may_have_tcp(1, 1);
	close(loose);
}
END_TEST

START_TEST(a_namespace_with_time_wait_has_tcp)
{
	struct pair p = scratch_pair(&web, AF_INET, 0);

	pair_close(&p);
	ck_assert_int_eq(tcpbuf_node_may_have_tcp(ns, 0, 0), 1);
}
END_TEST

static uint64_t held(int fd)
{
	uint32_t mem[16] = {0};
	socklen_t size = sizeof(mem);

	ck_assert_int_eq(getsockopt(fd, SOL_SOCKET, SO_MEMINFO, mem, &size), 0);
	return (uint64_t)((int64_t)mem[SK_MEMINFO_RMEM_ALLOC] + mem[SK_MEMINFO_WMEM_QUEUED] +
			  (int32_t)mem[SK_MEMINFO_FWD_ALLOC]);
}

/* Send into a reader that does not read, until the kernel takes no more. */
static void fill(int fd)
{
	char block[16384];

	memset(block, 7, sizeof(block));
	while (send(fd, block, sizeof(block), MSG_DONTWAIT | MSG_NOSIGNAL) > 0)
		;
	ck_assert(errno == EAGAIN || errno == EWOULDBLOCK);
}

START_TEST(held_memory_is_within_the_error_bar)
{
	struct pair p = scratch_pair(&web, AF_INET, 0);
	struct tcpbuf_node n;
	uint64_t before;

	fill(p.client);
	/* What is held now, and still after the reading, the reading must have seen. */
	before = held(p.client) + held(p.server);
	ck_assert_int_eq(tcpbuf_node_read(tb, &n, sizeof(n)), 0);
	if (held(p.client) + held(p.server) < before)
		before = held(p.client) + held(p.server);
	ck_assert_uint_gt(before, 0);
	ck_assert_uint_ne(n.valid & TCPBUF_NODE_HAS_ERROR_BAR, 0);
	ck_assert_uint_ge(n.used_bytes + n.error_bytes, before);
	ck_assert_uint_ge(n.sockets, 3);
	pair_close(&p);
}
END_TEST

static struct tcpbuf_node_events read_events(void)
{
	struct tcpbuf_node_events inside, by_pid;

	ck_assert_msg(tcpbuf_node_read_events(ns, &inside, sizeof(inside)) == 0, "%s", tcpbuf_error_text(tb));
	ck_assert_int_eq(tcpbuf_node_read_events_of_pid(tb, (uint32_t)web.pid, &by_pid, sizeof(by_pid)), 0);
	ck_assert_uint_eq(inside.valid, by_pid.valid);
	return inside;
}

START_TEST(a_full_reader_shows_as_zero_window)
{
	struct tcpbuf_node_events before = read_events(), after, delta;
	struct pair p = scratch_pair(&web, AF_INET, 8192);
	time_t end = time(NULL) + 20;

	do {
		fill(p.client);
		after = read_events();
		ck_assert_int_eq(tcpbuf_node_events_delta(&before, &after, sizeof(after), &delta, sizeof(delta)), 0);
	} while (!delta.count[TCPBUF_NODE_EVENT_TO_ZERO_WINDOW] && time(NULL) < end);
	ck_assert_uint_ne(delta.valid & 1 << TCPBUF_NODE_EVENT_TO_ZERO_WINDOW, 0);
	ck_assert_uint_gt(delta.count[TCPBUF_NODE_EVENT_TO_ZERO_WINDOW], 0);
	pair_close(&p);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("node_scratch");
	TCase *tcase = tcase_create("all");

	scratch_rights();
	tcase_set_timeout(tcase, 60);
	tcase_add_checked_fixture(tcase, web_setup, web_teardown);
	tcase_add_test(tcase, sockets_are_counted_where_they_live);
	tcase_add_test(tcase, ipv6_is_apart);
	tcase_add_test(tcase, a_namespace_may_have_tcp);
	tcase_add_test(tcase, a_namespace_with_time_wait_has_tcp);
	tcase_add_test(tcase, held_memory_is_within_the_error_bar);
	tcase_add_test(tcase, a_full_reader_shows_as_zero_window);
	suite_add_tcase(suite, tcase);
	return run_suite(suite);
}
