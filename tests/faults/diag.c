/* SPDX-License-Identifier: MIT */
/* Sockets of a namespace: dumped, by both ends, by their cookie, by one's own descriptor. */
#include "faults.h"

#include <string.h>

#include "check_main.h"

/* The connection's client, as a dump tells it. */
static struct tcpbuf_sock client;

static void tell(struct stage *s, const struct tcpbuf_sock *sock)
{
	found(s, "%u %u %u held %lld;", sock->state, sock->local_port, sock->remote_port, (long long)sock->held);
	if (sock->state != TCPBUF_SOCK_ESTABLISHED)
		return;
	found_groups(s, sock->valid);
	if (sock->remote_port == client.remote_port || !client.cookie)
		client = *sock;
}

static int64_t open_dump(struct stage *s)
{
	struct tcpbuf_sock_iter *it = (void *)s;
	int64_t code = CALLED(s, tcpbuf_sock_iter_open, s->ns, NULL, &it);

	ck_assert_int_eq(code < 0, it == NULL);
	tcpbuf_sock_iter_close(it);
	return code;
}

/* A failure is repeated; what was handed out before it stands. */
static int64_t dump(struct stage *s, uint32_t batch)
{
	struct tcpbuf_sock socks[8];
	struct tcpbuf_sock_iter *it;
	int64_t code = CALLED(s, tcpbuf_sock_iter_open, s->ns, NULL, &it);

	if (code < 0)
		return code;
	do {
		code = batch > 1 ? CALLED(s, tcpbuf_sock_iter_fetch, it, socks, sizeof(socks[0]), batch)
				 : CALLED(s, tcpbuf_sock_iter_next, it, socks, sizeof(socks[0]));
		for (int64_t i = 0; i < code; i++)
			tell(s, &socks[i]);
	} while (code > 0);
	if (code < 0)
		ck_assert_int_eq(tcpbuf_sock_iter_next(it, socks, sizeof(socks[0])), code);
	tcpbuf_sock_iter_close(it);
	return code;
}

static int64_t dump_singly(struct stage *s)
{
	return dump(s, 1);
}

static int64_t dump_many(struct stage *s)
{
	return dump(s, 8);
}

static void ready_client(struct stage *s)
{
	ready_web(s);
	ck_assert_int_eq(dump(s, 8), 0);
	tcpbuf_netns_close(s->ns);
	ready_web(s);
}

static int64_t get(struct stage *s)
{
	struct tcpbuf_sock_id id = {.size = sizeof(id), .family = client.family, .cookie = client.cookie,
		.local_port = client.local_port, .remote_port = client.remote_port};
	struct tcpbuf_sock sock;
	int64_t code;

	memcpy(id.local_address, client.local_address, sizeof(id.local_address));
	memcpy(id.remote_address, client.remote_address, sizeof(id.remote_address));
	code = CALLED(s, tcpbuf_sock_get, s->ns, &id, &sock, sizeof(sock));
	if (code == 0)
		tell(s, &sock);
	return code;
}

static int64_t find(struct stage *s)
{
	struct tcpbuf_sock sock;
	int64_t code = CALLED(s, tcpbuf_sock_find, s->ns, client.cookie, 0, &sock, sizeof(sock));

	if (code == 0)
		tell(s, &sock);
	return code;
}

static int64_t ask_own(struct stage *s)
{
	struct tcpbuf_sock sock;
	struct tcpbuf_sock_own own;
	int64_t code = CALLED(s, tcpbuf_sock_of_fd, s->tb, pair.client, &sock, sizeof(sock), &own, sizeof(own));

	if (code)
		return code;
	tell(s, &sock);
	s->lacking |= own.valid != (TCPBUF_SOCK_OWN_HAS_BUF_LOCK | TCPBUF_SOCK_OWN_HAS_WINDOW_CLAMP) || !sock.cookie;
	return 0;
}

static const struct operation items[] = {
	{"tcpbuf_sock_iter_open tcpbuf_sock_iter_close", ready_web, open_dump, "sockets in netns \"fd "},
	{"tcpbuf_sock_iter_next", ready_web, dump_singly, "sockets in netns \"fd "},
	{"tcpbuf_sock_iter_fetch", ready_web, dump_many, "sockets in netns \"fd "},
	{"tcpbuf_sock_get", ready_client, get, "socket in netns \"fd "},
	{"tcpbuf_sock_find", ready_client, find, "in netns \"fd "},
	{"tcpbuf_sock_of_fd", NULL, ask_own, "socket"},
};
const struct operations diag_operations = {items, sizeof(items) / sizeof(items[0])};
