/* SPDX-License-Identifier: MIT */
/* A deleted namespace whose senders still have unsent data: nothing leads there, and the census names it. */
#include <tcpbuf/tcpbuf.h>

#include <arpa/inet.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "check_main.h"
#include "scratch.h"

#define CLIENTS 6

static void run(const char *command)
{
	ck_assert_msg(system(command) == 0, "%s", command);
}

/* A cable between two namespaces, 198.18.0.1 and .2. */
static void cable(const struct scratch *a, const struct scratch *b)
{
	char command[512];

	snprintf(command, sizeof(command),
		"nsenter --net=/proc/%d/ns/net ip link add census0 type veth peer name census1 netns %d",
		(int)a->pid, (int)b->pid);
	run(command);
	snprintf(command, sizeof(command),
		"nsenter --net=/proc/%d/ns/net sh -c 'ip addr add 198.18.0.1/24 dev census0; ip link set census0 up'",
		(int)a->pid);
	run(command);
	snprintf(command, sizeof(command),
		"nsenter --net=/proc/%d/ns/net sh -c 'ip addr add 198.18.0.2/24 dev census1; ip link set census1 up'",
		(int)b->pid);
	run(command);
}

static int64_t held(int fd)
{
	uint32_t words[9] = {0};
	socklen_t size = sizeof(words);

	ck_assert_int_eq(getsockopt(fd, SOL_SOCKET, SO_MEMINFO, words, &size), 0);
	return (int64_t)words[0] + words[5] + (int32_t)words[4];
}

static struct tcpbuf_census_node take(struct tcpbuf *tb)
{
	struct tcpbuf_census_node n;
	struct tcpbuf_census *c;

	ck_assert_msg(tcpbuf_census_take(tb, NULL, &c) == 0, "%s", tcpbuf_error_text(tb));
	ck_assert_int_eq(tcpbuf_census_node(c, &n, sizeof(n)), 0);
	tcpbuf_census_free(c);
	return n;
}

START_TEST(a_deleted_namespace_is_named)
{
	static char bytes[65536];
	/* In this order: the one that is forked later would keep the other's namespace open. */
	struct scratch receiver = scratch_start(), sender = scratch_start();
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0xc6120002)};
	socklen_t size = sizeof(at);
	int listener = scratch_socket(&receiver, AF_INET, SOCK_STREAM), clients[CLIENTS], servers[CLIENTS];
	struct tcpbuf_census_node n = {0};
	int buffer = 4 << 20;
	int64_t sum = 0;
	struct tcpbuf *tb;

	ck_assert_int_eq(tcpbuf_new(&tb), 0);
	cable(&sender, &receiver);
	ck_assert_int_eq(bind(listener, (struct sockaddr *)&at, size), 0);
	ck_assert_int_eq(listen(listener, CLIENTS), 0);
	ck_assert_int_eq(getsockname(listener, (struct sockaddr *)&at, &size), 0);
	for (int i = 0; i < CLIENTS; i++) {
		clients[i] = scratch_socket(&sender, AF_INET, SOCK_STREAM);
		ck_assert_int_eq(setsockopt(clients[i], SOL_SOCKET, SO_SNDBUFFORCE, &buffer, sizeof(buffer)), 0);
		ck_assert_int_eq(connect(clients[i], (struct sockaddr *)&at, size), 0);
		servers[i] = accept(listener, NULL, NULL);
		while (send(clients[i], bytes, sizeof(bytes), MSG_DONTWAIT) > 0)
			;
	}
	for (int i = 0; i < CLIENTS; i++)
		sum += held(clients[i]);
	for (int i = 0; i < CLIENTS; i++)
		close(clients[i]);
	scratch_stop(&sender);
	for (int tries = 0; tries < 300; tries++) {
		n = take(tb);
		if (n.unreachable_sockets >= CLIENTS &&
			llabs(n.unreachable_bytes - sum) <= (int64_t)n.error_bar_bytes)
			break;
		poll(NULL, 0, 10);
	}
	ck_assert_uint_ge(n.unreachable_sockets, CLIENTS);
	ck_assert_int_gt(n.unreachable_bytes, 0);
	ck_assert_int_le(llabs(n.unreachable_bytes - sum), (int64_t)n.error_bar_bytes);
	for (int i = 0; i < CLIENTS; i++)
		close(servers[i]);
	close(listener);
	scratch_stop(&receiver);
	tcpbuf_free(tb);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("census_unreachable");
	TCase *tc = tcase_create("census_unreachable");

	/* The sum is the whole node's: a user namespace would not see the rest. */
	if (geteuid() != 0 || system("command -v nsenter >/dev/null && command -v ip >/dev/null") != 0)
		skip_all("needs root, nsenter and ip");
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, a_deleted_namespace_is_named);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
