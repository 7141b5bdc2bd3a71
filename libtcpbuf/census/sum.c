/* SPDX-License-Identifier: MIT */
/* Pure sums: one socket into a holder, a holder into a holder. */
#include "census/census.h"

/* The sums of a holder are one row of 64-bit words. */
#define FIRST offsetof(struct tcpbuf_census_holder, sockets)
#define BEYOND offsetof(struct tcpbuf_census_holder, charge_bytes)
#define WORDS ((BEYOND - FIRST) / sizeof(uint64_t))
_Static_assert(BEYOND - FIRST == sizeof(uint64_t) * (17 + 14), "nothing but sums");

#define NETNS_SEVERAL UINT64_MAX

/*
 * Without an inode a socket waits for accept() or is an orphan. close() leaves no socket in a state
 * in which one can wait: tcp_close_state(), net/ipv4/tcp.c. A TIME_WAIT socket has no memory, and
 * shows as FIN_WAIT2 while it stands for that.
 */
enum tcpbuf__sock_kind tcpbuf__census_kind(const struct tcpbuf_sock *sock)
{
	if (!(sock->valid & TCPBUF_SOCK_HAS_SKMEM))
		return sock->state == TCPBUF_SOCK_SYN_RECV || sock->state == TCPBUF_SOCK_NEW_SYN_RECV
			       ? TCPBUF__SOCK_HALF_OPEN
			       : TCPBUF__SOCK_TIME_WAIT;
	if (sock->inode)
		return TCPBUF__SOCK_ATTACHED;
	switch (sock->state) {
	case TCPBUF_SOCK_SYN_RECV:
	case TCPBUF_SOCK_ESTABLISHED:
	case TCPBUF_SOCK_CLOSE_WAIT:
		return TCPBUF__SOCK_UNACCEPTED;
	default:
		return TCPBUF__SOCK_ORPHANED;
	}
}

static void add_memory(struct tcpbuf_census_holder *into, const struct tcpbuf_sock *sock)
{
	into->sockets++;
	into->held_bytes += sock->held;
	into->rmem_alloc_bytes += sock->rmem_alloc;
	into->wmem_queued_bytes += sock->wmem_queued;
	into->fwd_alloc_bytes += sock->fwd_alloc;
	into->backlog_bytes += sock->backlog;
	into->optmem_bytes += sock->optmem;
	into->drops += sock->drops;
	/* A listener shows what its children will inherit. */
	if (sock->state != TCPBUF_SOCK_LISTEN) {
		into->rcvbuf_bytes += sock->rcvbuf;
		into->sndbuf_bytes += sock->sndbuf;
	}
}

void tcpbuf__census_add_sock(struct tcpbuf_census_holder *into, const struct tcpbuf_sock *sock, int shared)
{
	enum tcpbuf__sock_kind kind = tcpbuf__census_kind(sock);

	if (sock->state < sizeof(into->states) / sizeof(into->states[0]))
		into->states[sock->state]++;
	into->time_wait += kind == TCPBUF__SOCK_TIME_WAIT;
	into->half_open += kind == TCPBUF__SOCK_HALF_OPEN;
	if (!(sock->valid & TCPBUF_SOCK_HAS_SKMEM))
		return;
	add_memory(into, sock);
	into->shared_sockets += shared != 0;
	if (kind == TCPBUF__SOCK_UNACCEPTED) {
		into->unaccepted_sockets++;
		into->unaccepted_bytes += sock->held;
	} else if (kind == TCPBUF__SOCK_ORPHANED) {
		into->orphaned_sockets++;
		into->orphaned_bytes += sock->held;
	}
}

void tcpbuf__census_add(struct tcpbuf_census_holder *into, const struct tcpbuf_census_holder *sums)
{
	uint64_t *to = (uint64_t *)(void *)((char *)into + FIRST);
	const uint64_t *from = (const uint64_t *)(const void *)((const char *)sums + FIRST);

	/* Two's complement: the signed ones add up as well. */
	for (size_t i = 0; i < WORDS; i++)
		to[i] += from[i];
}

void tcpbuf__census_note_netns(struct tcpbuf_census_holder *h, uint64_t inode)
{
	if (h->netns_inode && h->netns_inode != inode)
		inode = NETNS_SEVERAL;
	h->netns_inode = inode;
	h->valid |= TCPBUF_CENSUS_HAS_NETNS;
}
