/* SPDX-License-Identifier: MIT */
/* Why a connection is no faster: both ends together. */
#include "advise/explain.h"

#include <errno.h>
#include <string.h>

#define MAX_INTERVAL_US 3600000000u

uint64_t tcpbuf__explain_grown(uint64_t before, uint64_t after)
{
	return after > before ? after - before : 0;
}

uint32_t tcpbuf__explain_share(uint64_t part, uint64_t whole)
{
	if (!whole)
		return 0;
	if (part >= whole)
		return 10000;
	return (uint32_t)((double)part * 10000 / (double)whole);
}

/* TCPI_OPT_WSCALE, include/uapi/linux/tcp.h: both ends offered it. */
static int is_scaled(const struct tcpbuf_sock *sock)
{
	return !!(sock->options & 4);
}

int tcpbuf__explain_field_full(const struct tcpbuf_sock *sock, uint32_t wscale, uint32_t window)
{
	/* The field rounds to its unit: one unit less is still the end of it. */
	return window >= (is_scaled(sock) ? 65534u << wscale : 65534u);
}

/* The scale follows from the buffers there may be when SYNs are sent, tcp_select_initial_window(). */
const char *tcpbuf__explain_scale_setting(const struct tcpbuf_sock *sock)
{
	return is_scaled(sock) ? "a larger SO_RCVBUF of the receiver before connect or listen, or none: the scale is fixed then"
			       : "net.ipv4.tcp_window_scaling = 1 at both ends: one did not offer it";
}

/* A newer caller's facts are accepted while what this library does not know is zero. */
int tcpbuf__explain_facts(struct tcpbuf_explain_end *dst, const struct tcpbuf_explain_end *src)
{
	const uint32_t known =
		TCPBUF_EXPLAIN_KNOWS_SETTINGS | TCPBUF_EXPLAIN_KNOWS_LOCK | TCPBUF_EXPLAIN_KNOWS_PRESSURE;
	int err;

	memset(dst, 0, sizeof(*dst));
	err = src ? tcpbuf__copy_in(dst, sizeof(*dst), src) : 0;
	return !err && dst->known & ~known ? -EINVAL : err;
}

static int fill_end(struct tcpbuf__end *end, const struct tcpbuf_sock *before,
	const struct tcpbuf_sock *after, uint32_t size, const struct tcpbuf_explain_end *facts)
{
	const uint64_t needed = TCPBUF_SOCK_HAS_SKMEM | TCPBUF_SOCK_HAS_INFO;
	int err = tcpbuf__explain_facts(&end->facts, facts);

	if (err)
		return err;
	tcpbuf__copy_out(&end->before, sizeof(end->before), before, size);
	tcpbuf__copy_out(&end->after, sizeof(end->after), after, size);
	if (end->before.cookie != end->after.cookie)
		return -EINVAL;
	if ((end->before.valid & end->after.valid & needed) != needed)
		return -ENODATA;
	end->known = 1;
	return 0;
}

int tcpbuf_explain_socket(const struct tcpbuf_sock *before, const struct tcpbuf_sock *after,
	uint32_t sock_size, uint64_t interval_us, const struct tcpbuf_explain_end *own,
	const struct tcpbuf_sock *peer_before, const struct tcpbuf_sock *peer_after,
	const struct tcpbuf_explain_end *peer, void *out, uint32_t item_size, uint32_t count)
{
	struct tcpbuf__end ends[2] = {{.number = 0, .interval_us = interval_us},
		{.number = 1, .interval_us = interval_us}};
	struct tcpbuf__verdicts v = {out, item_size, count, 0};
	int err;

	if (!before || !after || !out || !item_size || !count || !peer_before != !peer_after)
		return -EINVAL;
	if (sock_size < sizeof(before->valid) || !interval_us || interval_us > MAX_INTERVAL_US)
		return -EINVAL;
	err = fill_end(&ends[0], before, after, sock_size, own);
	if (!err && peer_before)
		err = fill_end(&ends[1], peer_before, peer_after, sock_size, peer);
	if (err)
		return err;
	/* A receiver's verdict is the cause of what its sender sees. */
	for (int i = 0; i < 2; i++) {
		if (ends[i].known)
			tcpbuf__explain_receiver(&ends[i], &ends[1 - i], &v);
	}
	for (int i = 0; i < 2; i++) {
		if (ends[i].known)
			tcpbuf__explain_sender(&ends[i], &v);
	}
	return (int)v.count;
}
