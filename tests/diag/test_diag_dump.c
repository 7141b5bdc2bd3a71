/* SPDX-License-Identifier: MIT */
/* What a dump says of real sockets, against what the sockets say of themselves. */
#include <tcpbuf/diag.h>
#include <tcpbuf/netns.h>

#include <errno.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/base.h"
#include "check_main.h"
#include "web.h"

#ifndef SO_MEMINFO
#define SO_MEMINFO 55
#endif

static int dump(struct tcpbuf_sock *out, uint32_t room)
{
	struct tcpbuf_sock_iter *it;
	int got, have = 0;

	ck_assert_int_eq(tcpbuf_sock_iter_open(ns, NULL, &it), 0);
	while ((got = tcpbuf_sock_iter_fetch(it, out + have, sizeof(*out), room - (uint32_t)have)) > 0)
		have += got;
	ck_assert_int_eq(got, 0);
	tcpbuf_sock_iter_close(it);
	return have;
}

static uint64_t cookie_of(int fd)
{
	uint64_t cookie = 0;
	socklen_t size = sizeof(cookie);

	ck_assert_int_eq(getsockopt(fd, SOL_SOCKET, SO_COOKIE, &cookie, &size), 0);
	return cookie;
}

static const struct tcpbuf_sock *find(const struct tcpbuf_sock *all, int count, int fd)
{
	uint64_t cookie = cookie_of(fd);

	for (int i = 0; i < count; i++)
		if (all[i].cookie == cookie)
			return &all[i];
	ck_abort_msg("socket not in the dump");
	return NULL;
}

/* An IPv4 client of an IPv6 listener. */
static struct pair mapped_pair(void)
{
	struct sockaddr_in6 any = {.sin6_family = AF_INET6};
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof(any);
	struct pair p = {scratch_socket(&web, AF_INET6, SOCK_STREAM), scratch_socket(&web, AF_INET, SOCK_STREAM), -1};
	int off = 0;

	setsockopt(p.listener, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
	ck_assert_int_eq(bind(p.listener, (struct sockaddr *)&any, sizeof(any)), 0);
	ck_assert_int_eq(listen(p.listener, 1), 0);
	getsockname(p.listener, (struct sockaddr *)&any, &length);
	to.sin_port = any.sin6_port;
	ck_assert_int_eq(connect(p.client, (struct sockaddr *)&to, sizeof(to)), 0);
	p.server = accept(p.listener, NULL, NULL);
	return p;
}

/* Bytes of struct tcp_info that run on in a quiet socket: times since, times of work, the state of a timer. */
static int runs_on(uint32_t offset)
{
	return (offset >= 44 && offset < 60) || (offset >= 168 && offset < 192) || (offset >= 244 && offset < 248);
}

/* What a socket says of itself. */
struct own {
	int fd;
	uint32_t mem[9];
	unsigned char info[280]; /* as much as the record knows */
	socklen_t info_size;
};

static void ask(struct own *own)
{
	socklen_t size = sizeof(own->mem);

	ck_assert_int_eq(getsockopt(own->fd, SOL_SOCKET, SO_MEMINFO, own->mem, &size), 0);
	own->info_size = sizeof(own->info);
	memset(own->info, 0, sizeof(own->info));
	ck_assert_int_eq(getsockopt(own->fd, IPPROTO_TCP, TCP_INFO, own->info, &own->info_size), 0);
}

static int is_same(const struct own *a, const struct own *b)
{
	for (uint32_t i = 0; i < sizeof(a->info); i++)
		if (a->info[i] != b->info[i] && !runs_on(i))
			return 0;
	return memcmp(a->mem, b->mem, sizeof(a->mem)) == 0;
}

/* All sockets before and after a dump, until nothing moved in between. Returns how many the dump has. */
static int quiet_dump(struct own *sockets, int count, struct tcpbuf_sock *all, uint32_t room)
{
	int have = 0, same = 0;

	for (int i = 0; i < 200 && !same; i++) {
		for (int k = 0; k < count; k++)
			ask(&sockets[k]);
		have = dump(all, room);
		same = 1;
		for (int k = 0; k < count; k++) {
			struct own after = {.fd = sockets[k].fd};

			ask(&after);
			same &= is_same(&sockets[k], &after);
		}
	}
	ck_assert_msg(same, "the sockets never became quiet");
	return have;
}

static void compare_info(const struct tcpbuf_sock *sock, const struct own *own)
{
	struct tcp_info known;

	memcpy(&known, own->info, sizeof(known));
	ck_assert_uint_eq(sock->state, own->info[0]);
	ck_assert_uint_eq(sock->ca_state, own->info[1]);
	ck_assert_uint_eq(sock->retransmits, own->info[2]);
	ck_assert_uint_eq(sock->probes, own->info[3]);
	ck_assert_uint_eq(sock->backoff, own->info[4]);
	ck_assert_uint_eq(sock->options, own->info[5]);
	ck_assert_uint_eq(sock->snd_wscale, known.tcpi_snd_wscale);
	ck_assert_uint_eq(sock->rcv_wscale, known.tcpi_rcv_wscale);
	ck_assert_uint_eq(sock->app_limited, known.tcpi_delivery_rate_app_limited);
	for (uint32_t offset = 8; offset < own->info_size; offset += 4)
		ck_assert_msg(runs_on(offset) ||
				memcmp(own->info + offset, (const char *)&sock->rto + offset - 8, 4) == 0,
			"tcp_info differs at byte %u", offset);
}

/* Every field of one record against the descriptor's own getsockopt(). */
static void compare(const struct tcpbuf_sock *sock, const struct own *own)
{
	struct stat st;

	ck_assert(sock->valid & TCPBUF_SOCK_HAS_SKMEM);
	ck_assert_mem_eq(own->mem, &sock->rmem_alloc, sizeof(own->mem));
	ck_assert_int_eq(sock->held, (int64_t)own->mem[0] + own->mem[5] + (int32_t)own->mem[4]);
	ck_assert_int_eq(fstat(own->fd, &st), 0);
	ck_assert_uint_eq(sock->inode, st.st_ino);
	ck_assert_uint_eq(sock->uid, st.st_uid);
	if (sock->state != TCPBUF_SOCK_LISTEN)
		compare_info(sock, own);
}

/* What the reader takes makes the kernel grow its buffer. */
static void grow(const struct pair *p)
{
	static char bytes[40000];

	for (int i = 0; i < 50; i++) {
		ck_assert_int_eq(send(p->client, bytes, sizeof(bytes), 0), sizeof(bytes));
		ck_assert_int_eq(recv(p->server, bytes, sizeof(bytes), MSG_WAITALL), sizeof(bytes));
	}
}

static void fill(int fd)
{
	static const char bytes[100000];

	while (send(fd, bytes, sizeof(bytes), MSG_DONTWAIT) > 0)
		;
}

START_TEST(every_kind_of_socket_is_itself)
{
	static const char bytes[5000];
	struct pair v4 = scratch_pair(&web, AF_INET, 0), v6 = scratch_pair(&web, AF_INET6, 0);
	struct pair fixed = scratch_pair(&web, AF_INET, 4096), grown = scratch_pair(&web, AF_INET, 0);
	struct pair full = scratch_pair(&web, AF_INET6, 1), mapped = mapped_pair();
	const struct pair pairs[] = {v4, v6, fixed, grown, full, mapped};
	struct own own[18];
	struct tcpbuf_sock all[32];
	int count;

	for (int i = 0; i < 18; i++)
		own[i].fd = i % 3 == 0 ? pairs[i / 3].listener : i % 3 == 1 ? pairs[i / 3].client : pairs[i / 3].server;
	ck_assert_int_gt(send(v4.client, bytes, sizeof(bytes), MSG_DONTWAIT), 0);
	ck_assert_int_gt(send(mapped.server, bytes, sizeof(bytes), MSG_DONTWAIT), 0);
	grow(&grown);
	fill(fixed.client);
	fill(full.client);
	count = quiet_dump(own, 18, all, 32);
	ck_assert_int_eq(count, 18);
	for (int i = 0; i < 18; i++)
		compare(find(all, count, own[i].fd), &own[i]);
	ck_assert_uint_eq(find(all, count, v4.server)->recv_q, 5000);
	ck_assert_uint_eq(find(all, count, v6.client)->family, AF_INET6);
	ck_assert_uint_eq(find(all, count, v6.client)->remote_address[15], 1);
	for (int i = 0; i < 18; i++)
		close(own[i].fd);
}
END_TEST

START_TEST(a_listener_tells_its_queues)
{
	struct pair p = scratch_pair(&web, AF_INET, 0);
	struct sockaddr_in address;
	socklen_t length = sizeof(address);
	struct tcpbuf_sock all[16];
	const struct tcpbuf_sock *sock;
	int waiting = scratch_socket(&web, AF_INET, SOCK_STREAM), count;

	getsockname(p.listener, (struct sockaddr *)&address, &length);
	ck_assert_int_eq(connect(waiting, (struct sockaddr *)&address, length), 0);
	count = dump(all, 16);
	sock = find(all, count, p.listener);
	ck_assert_uint_eq(sock->accept_queue, 1);
	ck_assert_uint_eq(sock->accept_queue_limit, 7);
	ck_assert_int_eq(tcpbuf_sock_has(sock, "accept_queue"), 1);
	ck_assert_int_eq(tcpbuf_sock_has(sock, "recv_q"), 0);
	ck_assert_int_eq(tcpbuf_sock_has(sock, "rtt"), 0);
	ck_assert_int_eq(tcpbuf_sock_has(sock, "no_such_field"), -EINVAL);
	close(waiting);
	pair_close(&p);
}
END_TEST

START_TEST(a_zero_window_is_zero_and_present)
{
	static const char bytes[65536];
	struct pair p = scratch_pair(&web, AF_INET, 1);
	struct tcpbuf_sock all[16];
	const struct tcpbuf_sock *sock;
	int count, closed = 0;

	for (int i = 0; i < 200 && !closed; i++) {
		send(p.client, bytes, sizeof(bytes), MSG_DONTWAIT);
		usleep(10000);
		count = dump(all, 16);
		sock = find(all, count, p.client);
		closed = tcpbuf_sock_has(sock, "snd_wnd") == 1 && sock->snd_wnd == 0;
	}
	ck_assert(closed);
	pair_close(&p);
}
END_TEST

START_TEST(mapped_addresses_are_ipv4)
{
	struct pair p = mapped_pair();
	struct tcpbuf_sock all[16];
	int count = dump(all, 16);
	const struct tcpbuf_sock *a = find(all, count, p.client), *b = find(all, count, p.server);

	ck_assert_uint_eq(b->socket_family, AF_INET6);
	ck_assert_uint_eq(b->family, AF_INET);
	ck_assert_mem_eq(a->local_address, b->remote_address, 16);
	ck_assert_mem_eq(a->remote_address, b->local_address, 16);
	ck_assert_uint_eq(a->local_port, b->remote_port);
	pair_close(&p);
}
END_TEST

START_TEST(stopping_early_leaves_nothing_behind)
{
	struct pair pairs[40];
	struct tcpbuf_sock_query listeners = {.size = sizeof(listeners), .states = 1 << TCPBUF_SOCK_LISTEN};
	struct tcpbuf_sock_iter *it, *second;
	struct tcpbuf_sock all[160];

	for (int i = 0; i < 40; i++)
		pairs[i] = scratch_pair(&web, AF_INET, 0);
	ck_assert_int_eq(tcpbuf_sock_iter_open(ns, NULL, &it), 0);
	ck_assert_int_eq(tcpbuf_sock_iter_next(it, all, sizeof(all[0])), 1);
	ck_assert_int_eq(tcpbuf_sock_iter_open(ns, &listeners, &second), 0);
	tcpbuf_sock_iter_close(it);
	ck_assert_int_eq(tcpbuf_sock_iter_fetch(second, all, sizeof(all[0]), 160), 40);
	for (int i = 0; i < 40; i++)
		ck_assert_uint_eq(all[i].state, TCPBUF_SOCK_LISTEN);
	ck_assert_int_eq(tcpbuf_sock_iter_next(second, all, sizeof(all[0])), 0);
	ck_assert_int_eq(tcpbuf_sock_iter_next(second, all, sizeof(all[0])), 0);
	tcpbuf_sock_iter_close(second);
	ck_assert_int_eq(dump(all, 160), 120);
	for (int i = 0; i < 40; i++)
		pair_close(&pairs[i]);
}
END_TEST

START_TEST(records_of_other_sizes)
{
	struct pair p = scratch_pair(&web, AF_INET, 0);
	struct {
		struct tcpbuf_sock sock;
		uint64_t later;
	} big;
	struct tcpbuf_sock_iter *it;
	uint64_t small[2] = {0, 0};

	memset(&big, 0xff, sizeof(big));
	ck_assert_int_eq(tcpbuf_sock_iter_open(ns, NULL, &it), 0);
	ck_assert_int_eq(tcpbuf_sock_iter_next(it, &big, sizeof(big)), 1);
	ck_assert_uint_eq(big.later, 0);
	ck_assert_int_eq(tcpbuf_sock_iter_next(it, small, sizeof(small)), 1);
	ck_assert_uint_ne(small[1], 0);
	ck_assert_int_eq(tcpbuf_sock_iter_next(it, NULL, 8), -EINVAL);
	ck_assert_int_eq(tcpbuf_sock_iter_fetch(it, small, 0, 1), -EINVAL);
	tcpbuf_sock_iter_close(it);
	tcpbuf_sock_iter_close(NULL);
	pair_close(&p);
}
END_TEST

START_TEST(bad_queries_are_refused)
{
	struct tcpbuf_sock_query query = {.size = sizeof(query), .want = 1u << 30};
	struct tcpbuf_sock_iter *it;

	ck_assert_int_eq(tcpbuf_sock_iter_open(ns, &query, &it), -EINVAL);
	query = (struct tcpbuf_sock_query){.size = 0};
	ck_assert_int_eq(tcpbuf_sock_iter_open(ns, &query, &it), -EINVAL);
	ck_assert_ptr_null(it);
	ck_assert_int_eq(tcpbuf_sock_iter_open(NULL, NULL, &it), -EINVAL);
	ck_assert_int_eq(tcpbuf_sock_iter_open(ns, NULL, NULL), -EINVAL);
}
END_TEST

START_TEST(the_field_table_covers_the_record)
{
	struct tcpbuf_sock_field field;
	unsigned char seen[sizeof(struct tcpbuf_sock)] = {0};
	static const uint32_t sizes[] = {0, 2, 4, 4, 8, 8, 16, 16};
	uint32_t i = 0, gaps = 0;

	for (; tcpbuf_sock_field_at(i, &field, sizeof(field)) == 1; i++)
		for (uint32_t b = 0; b < sizes[field.type]; b++)
			ck_assert_msg(!seen[field.offset + b]++, "%s overlaps", field.name);
	ck_assert_uint_gt(i, 90);
	/* valid and three words of padding are in no field. */
	for (i = 0; i < sizeof(seen); i++)
		gaps += !seen[i];
	ck_assert_uint_eq(gaps, 8 + 4 + 4 + 4);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("diag");
	TCase *tc = tcase_create("dump");

	scratch_rights();
	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, web_setup, web_teardown);
	tcase_add_test(tc, every_kind_of_socket_is_itself);
	tcase_add_test(tc, a_listener_tells_its_queues);
	tcase_add_test(tc, a_zero_window_is_zero_and_present);
	tcase_add_test(tc, mapped_addresses_are_ipv4);
	tcase_add_test(tc, stopping_early_leaves_nothing_behind);
	tcase_add_test(tc, records_of_other_sizes);
	tcase_add_test(tc, bad_queries_are_refused);
	tcase_add_test(tc, the_field_table_covers_the_record);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
