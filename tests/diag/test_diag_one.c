/* SPDX-License-Identifier: MIT */
/* One socket, by ends, by cookie and by descriptor, is the socket that a dump shows. */
#include <tcpbuf/netns.h>

#include <errno.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/base.h"
#include "check_main.h"
#include "diag/diag.h"
#include "population.h"

#define ROOM 256

static struct tcpbuf_sock all[ROOM];
static int count;
static int requests;

static ssize_t counted_send(int fd, const void *buf, size_t size)
{
	requests++;
	return tcpbuf__sys_kernel.send(fd, buf, size);
}

static void list_all(void)
{
	const struct tcpbuf_sock_query everything = {.size = sizeof(everything), .states = ~0u, .want = 7};
	struct tcpbuf_sock_iter *it;
	int got;

	count = 0;
	ck_assert_int_eq(tcpbuf_sock_iter_open(ns, &everything, &it), 0);
	while ((got = tcpbuf_sock_iter_fetch(it, all + count, sizeof(all[0]), (uint32_t)(ROOM - count))) > 0)
		count += got;
	ck_assert_int_eq(got, 0);
	tcpbuf_sock_iter_close(it);
}

static void setup(void)
{
	people_setup();
	people_sys.send = counted_send;
	list_all();
}

static struct tcpbuf_sock_id id_of(const struct tcpbuf_sock *sock)
{
	struct tcpbuf_sock_id id = {.size = sizeof(id), .family = sock->family, .want = 7, .ifindex = sock->ifindex,
		.cookie = sock->cookie, .local_port = sock->local_port, .remote_port = sock->remote_port};

	memcpy(id.local_address, sock->local_address, sizeof(id.local_address));
	memcpy(id.remote_address, sock->remote_address, sizeof(id.remote_address));
	return id;
}

/* Times that run on by themselves. */
static int runs_on(const char *name)
{
	static const char *const names[] = {"last_data_sent", "last_ack_sent", "last_data_recv", "last_ack_recv",
		"timer_ms", "total_rto_time", "busy_time", "rwnd_limited", "sndbuf_limited"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(name, names[i]) == 0)
			return 1;
	return 0;
}

/* The first field that both have and that differs, or "". */
static const char *difference(const struct tcpbuf_sock *a, const struct tcpbuf_sock *b)
{
	static const uint32_t sizes[] = {0, 2, 4, 4, 8, 8, 16, 16};
	static struct tcpbuf_sock_field field;

	for (uint32_t i = 0; tcpbuf_sock_field_at(i, &field, sizeof(field)) == 1; i++)
		if (tcpbuf_sock_has(a, field.name) == 1 && tcpbuf_sock_has(b, field.name) == 1 &&
			!runs_on(field.name) &&
			memcmp((const char *)a + field.offset, (const char *)b + field.offset, sizes[field.type]) != 0)
			return field.name;
	return "";
}

static int is_bound_only(const struct tcpbuf_sock *sock)
{
	return sock->state == TCPBUF_SOCK_CLOSE;
}

/* Linux 6.8. */
static int shows_bound(void)
{
	int bound = 0;

	for (int i = 0; i < count; i++)
		bound += is_bound_only(&all[i]);
	return bound > 0;
}

START_TEST(by_its_ends_with_one_request)
{
	for (int i = 0; i < count; i++) {
		struct tcpbuf_sock_id id = id_of(&all[i]);
		struct tcpbuf_sock sock;
		int err;

		requests = 0;
		err = tcpbuf_sock_get(ns, &id, &sock, sizeof(sock));
		ck_assert_int_eq(requests, 1);
		if (is_bound_only(&all[i])) {
			ck_assert_int_eq(err, -ENOENT);
			continue;
		}
		ck_assert_msg(err == 0, "%s: %s", tcpbuf_sock_state_name(all[i].state), tcpbuf_error_text(tb));
		ck_assert_uint_eq(sock.cookie, all[i].cookie);
		ck_assert_uint_eq(sock.valid, all[i].valid);
		ck_assert_uint_eq(sock.inode, all[i].inode);
	}
}
END_TEST

START_TEST(another_cookie_is_another_socket)
{
	struct tcpbuf_sock_id id = id_of(&all[0]);
	struct tcpbuf_sock sock;

	id.cookie++;
	ck_assert_int_eq(tcpbuf_sock_get(ns, &id, &sock, sizeof(sock)), -ENOENT);
	id.cookie = 0;
	ck_assert_int_eq(tcpbuf_sock_get(ns, &id, &sock, sizeof(sock)), 0);
	ck_assert_uint_eq(sock.cookie, all[0].cookie);
}
END_TEST

START_TEST(a_listener_is_not_the_connection_asked_for)
{
	struct tcpbuf_sock sock;
	int listeners = 0;

	for (int i = 0; i < count; i++) {
		struct tcpbuf_sock_id id = id_of(&all[i]);

		if (all[i].state != TCPBUF_SOCK_LISTEN)
			continue;
		listeners++;
		id.cookie = 0;
		id.remote_port = 9;
		id.remote_address[0] = 127;
		ck_assert_int_eq(tcpbuf_sock_get(ns, &id, &sock, sizeof(sock)), -ENOENT);
		ck_assert_ptr_nonnull(strstr(tcpbuf_error_text(tb), "only a listener"));
	}
	ck_assert_int_gt(listeners, 10);
}
END_TEST

START_TEST(by_its_cookie_alone)
{
	struct tcpbuf_sock sock;

	for (int i = 0; i < count; i++) {
		ck_assert_int_eq(tcpbuf_sock_find(ns, all[i].cookie, 0, &sock, sizeof(sock)), 0);
		ck_assert_uint_eq(sock.cookie, all[i].cookie);
		ck_assert_uint_eq(sock.local_port, all[i].local_port);
	}
	ck_assert_int_eq(tcpbuf_sock_find(ns, UINT64_MAX, 0, &sock, sizeof(sock)), -ENOENT);
	ck_assert_str_eq(tcpbuf_error_key(tb), "socket");
}
END_TEST

/* Between two equal answers of the kernel, or again: a probe of a closed window moves what is compared. */
static void same_as_own(int fd)
{
	const char *name = "";
	struct tcpbuf_sock own, before, after;

	for (int i = 0; i < 50; i++) {
		ck_assert_int_eq(tcpbuf_sock_of_fd(tb, fd, &own, sizeof(own), NULL, 0), 0);
		if (own.state == TCPBUF_SOCK_CLOSE && !shows_bound())
			return;
		ck_assert_int_eq(tcpbuf_sock_find(ns, own.cookie, 7, &before, sizeof(before)), 0);
		ck_assert_int_eq(tcpbuf_sock_of_fd(tb, fd, &own, sizeof(own), NULL, 0), 0);
		ck_assert_int_eq(tcpbuf_sock_find(ns, own.cookie, 7, &after, sizeof(after)), 0);
		if (difference(&before, &after)[0] == '\0')
			break;
	}
	/* Neither is known to the owner yet. */
	if (own.state == TCPBUF_SOCK_SYN_SENT) {
		memcpy(own.remote_address, before.remote_address, sizeof(own.remote_address));
		own.remote_port = before.remote_port;
		own.send_q = before.send_q;
	}
	/* The bytes and one for the FIN behind them. */
	if (own.state == TCPBUF_SOCK_CLOSE_WAIT)
		own.recv_q = before.recv_q;
	name = difference(&own, &before);
	ck_assert_msg(name[0] == '\0', "%s of a %s socket differs", name, tcpbuf_sock_state_name(own.state));
}

START_TEST(ones_own_sockets)
{
	for (int i = 0; i < people.count; i++)
		same_as_own(people.fds[i]);
}
END_TEST

START_TEST(only_the_owner_sees_locks_and_clamp)
{
	int listener = population_listen(&people, "127.0.0.1", 1), size = 20000;
	int client = population_connect(&people, listener, "127.0.0.1", "127.0.0.1");
	struct tcpbuf_sock sock;
	struct tcpbuf_sock_own own;
	uint32_t clamp;
	socklen_t length = sizeof(clamp);

	ck_assert_int_eq(tcpbuf_sock_of_fd(tb, client, &sock, sizeof(sock), &own, sizeof(own)), 0);
	ck_assert_uint_eq(own.buf_lock, 0);
	ck_assert_int_eq(setsockopt(client, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size)), 0);
	ck_assert_int_eq(getsockopt(client, IPPROTO_TCP, TCP_WINDOW_CLAMP, &clamp, &length), 0);
	ck_assert_int_eq(tcpbuf_sock_of_fd(tb, client, &sock, sizeof(sock), &own, sizeof(own)), 0);
	ck_assert_uint_eq(sock.rcvbuf, 40000);
	ck_assert(own.valid & TCPBUF_SOCK_OWN_HAS_WINDOW_CLAMP);
	ck_assert_uint_eq(own.window_clamp, clamp);
	/* Linux 5.14 */
	if (own.valid & TCPBUF_SOCK_OWN_HAS_BUF_LOCK)
		ck_assert_uint_eq(own.buf_lock, TCPBUF_SOCK_LOCK_RCVBUF);
	ck_assert_int_eq(tcpbuf_sock_has(&sock, "timer"), 0);
	ck_assert_int_eq(tcpbuf_sock_has(&sock, "cgroup_id"), 0);
}
END_TEST

START_TEST(what_is_no_tcp_socket)
{
	struct tcpbuf_sock sock;
	int udp = scratch_socket(&people.ns, AF_INET, SOCK_DGRAM);

	ck_assert_int_eq(tcpbuf_sock_of_fd(tb, udp, &sock, sizeof(sock), NULL, 0), -EINVAL);
	ck_assert_int_eq(tcpbuf_sock_of_fd(tb, people.ns.fd, &sock, sizeof(sock), NULL, 0), -EINVAL);
	ck_assert_int_eq(tcpbuf_sock_of_fd(tb, -1, &sock, sizeof(sock), NULL, 0), -EINVAL);
	ck_assert_str_eq(tcpbuf_error_text(tb), "cannot read socket: the descriptor is no TCP socket (EINVAL)");
	ck_assert_int_eq(tcpbuf_sock_of_fd(NULL, udp, &sock, sizeof(sock), NULL, 0), -EINVAL);
	ck_assert_int_eq(tcpbuf_sock_of_fd(tb, udp, NULL, 0, NULL, 0), -EINVAL);
	ck_assert_int_eq(tcpbuf_sock_of_fd(tb, udp, &sock, sizeof(sock), NULL, 8), -EINVAL);
	close(udp);
}
END_TEST

static const struct {
	struct tcpbuf_sock_id id;
	int code;
	const char *cause;
} refused[] = {
	{{.size = 0}, -EINVAL, "size"},
	{{.size = 64, .family = 2}, -EINVAL, "local port 0"},
	{{.size = 64, .local_port = 80}, -EINVAL, "neither 2 (IPv4) nor 10 (IPv6)"},
	{{.size = 64, .family = 2, .local_port = 65536}, -EINVAL, "above 65535"},
	{{.size = 64, .family = 2, .local_port = 80, .want = 1u << 31}, -EINVAL, "does not know"},
	{{.size = 64, .family = 2, .local_port = 1}, -ENOENT, "no such socket"},
};

START_TEST(bad_ids_are_refused)
{
	struct tcpbuf_sock sock;

	ck_assert_uint_eq(sizeof(refused[0].id), 64);
	ck_assert_int_eq(tcpbuf_sock_get(ns, &refused[_i].id, &sock, sizeof(sock)), refused[_i].code);
	ck_assert_msg(strstr(tcpbuf_error_text(tb), refused[_i].cause) != NULL, "%s", tcpbuf_error_text(tb));
	ck_assert_int_eq(tcpbuf_sock_get(NULL, &refused[_i].id, &sock, sizeof(sock)), -EINVAL);
	ck_assert_int_eq(tcpbuf_sock_get(ns, NULL, &sock, sizeof(sock)), -EINVAL);
	ck_assert_int_eq(tcpbuf_sock_find(ns, 0, 0, &sock, sizeof(sock)), -EINVAL);
	ck_assert_int_eq(tcpbuf_sock_find(ns, 1, 1u << 31, &sock, sizeof(sock)), -EINVAL);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("diag");
	TCase *tc = tcase_create("one"), *bad = tcase_create("bad");

	scratch_rights();
	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, setup, people_teardown);
	tcase_add_test(tc, by_its_ends_with_one_request);
	tcase_add_test(tc, another_cookie_is_another_socket);
	tcase_add_test(tc, a_listener_is_not_the_connection_asked_for);
	tcase_add_test(tc, by_its_cookie_alone);
	tcase_add_test(tc, ones_own_sockets);
	tcase_add_test(tc, only_the_owner_sees_locks_and_clamp);
	tcase_add_test(tc, what_is_no_tcp_socket);
	suite_add_tcase(suite, tc);
	tcase_add_checked_fixture(bad, self_setup, self_teardown);
	tcase_add_loop_test(bad, bad_ids_are_refused, 0, sizeof(refused) / sizeof(refused[0]));
	suite_add_tcase(suite, bad);
	return run_suite(suite);
}
