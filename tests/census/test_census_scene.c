/* SPDX-License-Identifier: MIT */
/* Scenes in namespaces of our own: who is counted, where, and how often. */
#include <tcpbuf/tcpbuf.h>

#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check_main.h"
#include "scene.h"

#define NETNS TCPBUF_CENSUS_BY_NETNS
#define PROCESS TCPBUF_CENSUS_BY_PROCESS

static struct tcpbuf *tb;
static struct scratch web;
static uint32_t threads;

static void setup(void)
{
	web = scratch_start();
	ck_assert_int_eq(tcpbuf_new(&tb), 0);
}

static void teardown(void)
{
	tcpbuf_free(tb);
	scratch_stop(&web);
}

static struct tcpbuf_census *take(uint32_t by)
{
	struct tcpbuf_census_query q = {.size = sizeof(q), .by = by, .threads = threads, .top = 1u << 16};

	return scene_take(tb, &q);
}

static uint64_t inode_of(int fd)
{
	struct stat st;

	ck_assert_int_eq(fstat(fd, &st), 0);
	return st.st_ino;
}

/* The one holder of our namespace, in which our process has all sockets. */
static struct tcpbuf_census_holder ours(const struct tcpbuf_census *c, uint32_t by)
{
	struct tcpbuf_census_holder h, found;
	uint64_t inode = inode_of(web.fd);
	int count = 0;

	for (uint32_t i = 0; tcpbuf_census_at(c, by, i, &h, sizeof(h)) == 1; i++) {
		if (!(h.valid & TCPBUF_CENSUS_HAS_NETNS) || h.netns_inode != inode)
			continue;
		found = h;
		count++;
	}
	ck_assert_int_eq(count, 1);
	return found;
}

static int64_t pair_held(const struct pair *p)
{
	return scene_held(p->client) + scene_held(p->server) + scene_held(p->listener);
}

/* Until acknowledgements no longer move memory about: equal before and after. */
static struct tcpbuf_census_holder quiet(const struct pair *p, uint32_t by)
{
	struct tcpbuf_census_holder h;
	int64_t before, after;

	for (int tries = 0;; tries++) {
		struct tcpbuf_census *c;

		before = pair_held(p);
		c = take(by);
		after = pair_held(p);
		h = ours(c, by);
		tcpbuf_census_free(c);
		if ((before == after && h.held_bytes == after) || tries == 200)
			break;
		poll(NULL, 0, 10);
	}
	ck_assert_int_eq(h.held_bytes, after);
	return h;
}

START_TEST(a_namespace_holds_what_its_sockets_do)
{
	struct pair p = scratch_pair(&web, AF_INET, 0);
	struct tcpbuf_census_holder h;

	scene_fill(p.client);
	h = quiet(&p, NETNS);
	ck_assert_int_gt(h.held_bytes, 100000);
	ck_assert_int_eq(h.held_bytes, (int64_t)(h.rmem_alloc_bytes + h.wmem_queued_bytes) + h.fwd_alloc_bytes);
	ck_assert_uint_eq(h.sockets, 3);
	ck_assert_uint_eq(h.states[TCPBUF_SOCK_ESTABLISHED], 2);
	ck_assert_uint_eq(h.states[TCPBUF_SOCK_LISTEN], 1);
	ck_assert(h.valid & TCPBUF_CENSUS_HAS_LABEL);
	ck_assert_uint_eq(h.pid, (unsigned)web.pid);
	pair_close(&p);
}
END_TEST

/* More namespaces than threads, and the same sums by each axis. */
START_TEST(threads_count_the_same)
{
	struct scratch more[6];
	struct pair pairs[6], p = scratch_pair(&web, AF_INET, 0);

	threads = 3;
	for (int i = 0; i < 6; i++) {
		more[i] = scratch_start();
		pairs[i] = scratch_pair(&more[i], AF_INET, 0);
	}
	scene_fill(p.client);
	ck_assert_uint_eq(quiet(&p, NETNS).sockets, 3);
	for (int i = 0; i < 6; i++) {
		pair_close(&pairs[i]);
		scratch_stop(&more[i]);
	}
	ck_assert_uint_eq(quiet(&p, PROCESS).sockets, 3);
	pair_close(&p);
}
END_TEST

START_TEST(a_process_holds_what_its_sockets_do)
{
	struct pair p = scratch_pair(&web, AF_INET6, 0);
	struct tcpbuf_census_holder h;

	scene_fill(p.client);
	h = quiet(&p, PROCESS);
	ck_assert_uint_eq(h.pid, (unsigned)getpid());
	ck_assert(h.start_time != 0);
	ck_assert_str_eq(h.comm, "test_census_sce");
	ck_assert_uint_eq(h.shared_sockets, 0);
	pair_close(&p);
}
END_TEST

/* A child inherits all three: counted once, for the parent. */
START_TEST(an_inherited_socket_counts_once)
{
	struct pair p = scratch_pair(&web, AF_INET, 0);
	struct tcpbuf_census_holder h;
	pid_t child;

	scene_fill(p.client);
	child = scratch_fork();
	ck_assert_int_ge(child, 0);
	if (child == 0) {
		for (;;)
			pause();
	}
	h = quiet(&p, PROCESS);
	ck_assert_uint_eq(h.pid, (unsigned)getpid());
	ck_assert_uint_eq(h.sockets, 3);
	ck_assert_uint_eq(h.shared_sockets, 3);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	pair_close(&p);
}
END_TEST

static int connected(const struct pair *p)
{
	struct sockaddr_storage address;
	socklen_t length = sizeof(address);
	int fd;

	ck_assert_int_eq(getsockname(p->listener, (struct sockaddr *)&address, &length), 0);
	fd = scratch_socket(&web, address.ss_family, SOCK_STREAM);
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&address, length), 0);
	return fd;
}

/* Not accepted: in the namespace's sum, named in the node's, and of no process. */
START_TEST(unaccepted_connections_are_named)
{
	struct pair p = scratch_pair(&web, AF_INET, 0);
	int waiting = connected(&p);
	struct tcpbuf_census_holder h, mine;
	struct tcpbuf_census_node n;
	struct tcpbuf_census *c;

	ck_assert_int_eq(send(waiting, "waits", 5, 0), 5);
	for (int tries = 0;; tries++) {
		c = take(NETNS | PROCESS);
		h = ours(c, NETNS);
		mine = ours(c, PROCESS);
		ck_assert_int_eq(tcpbuf_census_node(c, &n, sizeof(n)), 0);
		tcpbuf_census_free(c);
		if (h.unaccepted_bytes > 0 || tries == 200)
			break;
		poll(NULL, 0, 10);
	}
	ck_assert_uint_eq(h.sockets, 5);
	ck_assert_uint_eq(h.unaccepted_sockets, 1);
	ck_assert_int_gt(h.unaccepted_bytes, 0);
	ck_assert_uint_eq(mine.sockets, 4);
	ck_assert_uint_eq(mine.unaccepted_sockets, 0);
	ck_assert_int_ge(n.unaccepted_bytes, h.unaccepted_bytes);
	close(waiting);
	pair_close(&p);
}
END_TEST

START_TEST(orphans_are_named)
{
	struct pair p = scratch_pair(&web, AF_INET, 0);
	struct tcpbuf_census_holder h;
	struct tcpbuf_census *c;

	scene_fill(p.client);
	close(p.client);
	c = take(NETNS | PROCESS);
	h = ours(c, NETNS);
	ck_assert_uint_eq(h.orphaned_sockets, 1);
	ck_assert_int_gt(h.orphaned_bytes, 100000);
	ck_assert_uint_eq(h.states[TCPBUF_SOCK_FIN_WAIT1], 1);
	ck_assert_uint_eq(ours(c, PROCESS).sockets, 2);
	tcpbuf_census_free(c);
	close(p.server);
	close(p.listener);
}
END_TEST

/* Who closes first waits: it is counted by itself, and holds nothing. */
START_TEST(time_wait_is_apart)
{
	struct pair p = scratch_pair(&web, AF_INET, 0);
	struct tcpbuf_census_holder h;
	struct tcpbuf_census_node n;
	struct tcpbuf_census *c;

	close(p.client);
	close(p.server);
	for (int tries = 0;; tries++) {
		c = take(NETNS | PROCESS);
		h = ours(c, NETNS);
		if (h.time_wait || tries == 200)
			break;
		tcpbuf_census_free(c);
		poll(NULL, 0, 10);
	}
	ck_assert_int_eq(tcpbuf_census_node(c, &n, sizeof(n)), 0);
	ck_assert_uint_eq(h.time_wait, 1);
	ck_assert_uint_eq(h.states[TCPBUF_SOCK_TIME_WAIT], 1);
	ck_assert_uint_ge(n.time_wait, 1);
	ck_assert_uint_eq(h.sockets, 1);
	ck_assert_uint_eq(h.orphaned_sockets, 0);
	ck_assert_int_eq(h.held_bytes, 0);
	ck_assert_uint_eq(ours(c, PROCESS).time_wait, 0);
	tcpbuf_census_free(c);
	close(p.listener);
}
END_TEST

/* A connection between two namespaces: each has its own end, and the node both, once. */
START_TEST(both_ends_are_on_the_node)
{
	struct scratch far = scratch_start();
	struct tcpbuf_census_holder near_h, far_h;
	struct tcpbuf_census *c;
	struct pair p;
	int64_t ends[2];

	scene_cable(&web, &far);
	p = scene_across(&web, &far, 0);
	scene_fill(p.client);
	for (int tries = 0;; tries++) {
		ends[0] = scene_held(p.client);
		ends[1] = scene_held(p.server) + scene_held(p.listener);
		c = take(NETNS | PROCESS);
		near_h = scene_of_netns(c, &web);
		far_h = scene_of_netns(c, &far);
		tcpbuf_census_free(c);
		if ((near_h.held_bytes == ends[0] && far_h.held_bytes == ends[1]) || tries == 200)
			break;
		poll(NULL, 0, 10);
	}
	ck_assert_uint_eq(near_h.sockets, 1);
	ck_assert_uint_eq(far_h.sockets, 2);
	ck_assert_int_eq(near_h.held_bytes, ends[0]);
	ck_assert_int_eq(far_h.held_bytes, ends[1]);
	ck_assert_int_gt(ends[0], 10000);
	ck_assert_int_gt(ends[1], 10000);
	pair_close(&p);
	scratch_stop(&far);
}
END_TEST

START_TEST(sockets_are_ranked)
{
	struct pair p = scratch_pair(&web, AF_INET, 0);
	struct tcpbuf_census_holder h;
	struct tcpbuf_census *c;
	int64_t last = INT64_MAX;
	int found = 0;

	scene_fill(p.client);
	c = take(TCPBUF_CENSUS_BY_SOCKET);
	for (uint32_t i = 0; tcpbuf_census_at(c, TCPBUF_CENSUS_BY_SOCKET, i, &h, sizeof(h)) == 1; i++) {
		ck_assert_int_le(h.held_bytes, last);
		last = h.held_bytes;
		ck_assert_uint_eq(h.sockets, 1);
		ck_assert(h.valid & TCPBUF_CENSUS_HAS_SOCKET);
		if (h.netns_inode != inode_of(web.fd))
			continue;
		found++;
		ck_assert(h.state == TCPBUF_SOCK_LISTEN || h.local_address[0] == 127);
	}
	ck_assert_int_eq(found, 3);
	tcpbuf_census_free(c);
	pair_close(&p);
}
END_TEST

START_TEST(an_empty_namespace_is_listed)
{
	struct tcpbuf_census *c = take(0);
	struct tcpbuf_census_node n;

	ck_assert_uint_eq(ours(c, NETNS).sockets, 0);
	ck_assert_int_eq(tcpbuf_census_node(c, &n, sizeof(n)), 0);
	ck_assert_uint_ge(n.netns_empty, 1);
	ck_assert_uint_ge(n.netns, n.netns_empty);
	tcpbuf_census_free(c);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("census_scene");
	TCase *tc = tcase_create("census_scene");

	scratch_rights();
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, a_namespace_holds_what_its_sockets_do);
	tcase_add_test(tc, threads_count_the_same);
	tcase_add_test(tc, a_process_holds_what_its_sockets_do);
	tcase_add_test(tc, an_inherited_socket_counts_once);
	tcase_add_test(tc, unaccepted_connections_are_named);
	tcase_add_test(tc, orphans_are_named);
	tcase_add_test(tc, time_wait_is_apart);
	if (scene_can_cable())
		tcase_add_test(tc, both_ends_are_on_the_node);
	else
		printf("both_ends_are_on_the_node is left out: it needs root, nsenter and ip\n");
	tcase_add_test(tc, sockets_are_ranked);
	tcase_add_test(tc, an_empty_namespace_is_listed);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
