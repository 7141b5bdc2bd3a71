/* SPDX-License-Identifier: MIT */
#include "scene.h"

#include <arpa/inet.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check_main.h"

#define TRIES 100

int64_t scene_held(int fd)
{
	uint32_t words[9] = {0};
	socklen_t size = sizeof(words);

	ck_assert_int_eq(getsockopt(fd, SOL_SOCKET, SO_MEMINFO, words, &size), 0);
	return (int64_t)words[0] + words[5] + (int32_t)words[4];
}

void scene_fill(int fd)
{
	static char bytes[65536];

	while (send(fd, bytes, sizeof(bytes), MSG_DONTWAIT) > 0)
		;
}

static int64_t parts(const struct tcpbuf_census_node *n)
{
	return n->attributed_bytes + n->unaccepted_bytes + n->orphaned_bytes;
}

/* The holders of an axis and its rest are all that was seen. */
static void check_axis(const struct tcpbuf_census *c, const struct tcpbuf_census_node *n, uint32_t by)
{
	struct tcpbuf_census_holder sum, h;

	ck_assert_int_eq(tcpbuf_census_rest(c, by, &sum, sizeof(sum)), 0);
	for (uint32_t i = 0; tcpbuf_census_at(c, by, i, &h, sizeof(h)) == 1; i++) {
		ck_assert_int_eq(h.held_bytes,
			(int64_t)(h.rmem_alloc_bytes + h.wmem_queued_bytes) + h.fwd_alloc_bytes);
		sum.sockets += h.sockets;
		sum.held_bytes += h.held_bytes;
		sum.unaccepted_sockets += h.unaccepted_sockets;
		sum.orphaned_sockets += h.orphaned_sockets;
		sum.time_wait += h.time_wait;
	}
	ck_assert_uint_eq(sum.sockets, n->sockets);
	ck_assert_int_eq(sum.held_bytes, parts(n));
	ck_assert_uint_eq(sum.unaccepted_sockets, n->unaccepted_sockets);
	ck_assert_uint_eq(sum.orphaned_sockets, n->orphaned_sockets);
	ck_assert_uint_eq(sum.time_wait, n->time_wait);
}

/* Beyond the bar only what a socket not seen can hold. */
static int is_settled(const struct tcpbuf_census_node *n)
{
	return n->uncounted_bytes == 0 && (n->unreachable_bytes == 0 || n->unseen_sockets > 0);
}

static void check_node(const struct tcpbuf_census_node *n)
{
	int64_t off = (int64_t)n->used_bytes - parts(n) - n->unreachable_bytes;

	ck_assert(n->valid & TCPBUF_CENSUS_NODE_HAS_USED);
	ck_assert_msg(is_settled(n), "used %llu, seen %lld, unreachable %lld, uncounted %lld, bar %llu",
		(unsigned long long)n->used_bytes, (long long)parts(n), (long long)n->unreachable_bytes,
		(long long)n->uncounted_bytes, (unsigned long long)n->error_bar_bytes);
	ck_assert_int_ge(n->unreachable_bytes, 0);
	ck_assert_int_le(llabs(off), (int64_t)n->error_bar_bytes);
}

void scene_check_axes(const struct tcpbuf_census *c)
{
	struct tcpbuf_census_node n;

	ck_assert_int_eq(tcpbuf_census_node(c, &n, sizeof(n)), 0);
	for (uint32_t by = TCPBUF_CENSUS_BY_NETNS; by <= TCPBUF_CENSUS_BY_SOCKET; by *= 2)
		if (n.by & by)
			check_axis(c, &n, by);
}

struct tcpbuf_census *scene_take(struct tcpbuf *tb, const struct tcpbuf_census_query *query)
{
	struct tcpbuf_census_node n;
	struct tcpbuf_census *c;

	for (int tries = 0;; tries++) {
		ck_assert_msg(tcpbuf_census_take(tb, query, &c) == 0, "%s", tcpbuf_error_text(tb));
		ck_assert_int_eq(tcpbuf_census_node(c, &n, sizeof(n)), 0);
		if (is_settled(&n) || tries == TRIES)
			break;
		tcpbuf_census_free(c);
		poll(NULL, 0, 10);
	}
	check_node(&n);
	scene_check_axes(c);
	return c;
}

struct tcpbuf_census_holder scene_of_netns(const struct tcpbuf_census *c, const struct scratch *s)
{
	struct tcpbuf_census_holder h, found;
	struct stat st;
	int count = 0;

	ck_assert_int_eq(fstat(s->fd, &st), 0);
	for (uint32_t i = 0; tcpbuf_census_at(c, TCPBUF_CENSUS_BY_NETNS, i, &h, sizeof(h)) == 1; i++) {
		if (h.netns_inode != st.st_ino)
			continue;
		found = h;
		count++;
	}
	ck_assert_int_eq(count, 1);
	return found;
}

int scene_can_cable(void)
{
	return geteuid() == 0 && system("command -v nsenter >/dev/null && command -v ip >/dev/null") == 0;
}

static void run(const char *form, pid_t a, pid_t b)
{
	char command[256];

	snprintf(command, sizeof(command), form, (int)a, (int)b);
	ck_assert_msg(system(command) == 0, "%s", command);
}

void scene_cable(const struct scratch *a, const struct scratch *b)
{
	run("ip link add census0 netns %d type veth peer name census0 netns %d", a->pid, b->pid);
	run("nsenter -t %d -n sh -c 'ip addr add 198.18.0.1/24 dev census0 && ip link set census0 up'", a->pid, 0);
	run("nsenter -t %d -n sh -c 'ip addr add 198.18.0.2/24 dev census0 && ip link set census0 up'", b->pid, 0);
}

struct pair scene_across(const struct scratch *a, const struct scratch *b, int sndbuf)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0xc6120002)};
	socklen_t size = sizeof(at);
	struct pair p = {
		.listener = scratch_socket(b, AF_INET, SOCK_STREAM), .client = scratch_socket(a, AF_INET, SOCK_STREAM)};

	ck_assert_int_eq(bind(p.listener, (struct sockaddr *)&at, size), 0);
	ck_assert_int_eq(listen(p.listener, 1), 0);
	ck_assert_int_eq(getsockname(p.listener, (struct sockaddr *)&at, &size), 0);
	if (sndbuf)
		ck_assert_int_eq(setsockopt(p.client, SOL_SOCKET, SO_SNDBUFFORCE, &sndbuf, sizeof(sndbuf)), 0);
	ck_assert_int_eq(connect(p.client, (struct sockaddr *)&at, size), 0);
	p.server = accept(p.listener, NULL, NULL);
	ck_assert_int_ge(p.server, 0);
	return p;
}
