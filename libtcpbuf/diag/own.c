/* SPDX-License-Identifier: MIT */
/* One's own socket, by getsockopt() on its descriptor. */
#include "diag/diag.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "base/base.h"

/* Newer than the oldest C library in use. */
#ifndef SO_MEMINFO
#define SO_MEMINFO 55
#endif
#ifndef SO_COOKIE
#define SO_COOKIE 57
#endif
#ifndef SO_BINDTOIFINDEX
#define SO_BINDTOIFINDEX 62
#endif
#ifndef SO_BUF_LOCK
#define SO_BUF_LOCK 72
#endif
#ifndef TCP_ULP
#define TCP_ULP 31
#endif

struct own {
	const struct tcpbuf__sys *sys;
	int fd;
};

/* Bytes that the kernel filled in, or a negative errno. */
static int option(const struct own *o, int level, int name, void *value, socklen_t size)
{
	int err = o->sys->getsockopt(o->fd, level, name, value, &size);

	return err < 0 ? err : (int)size;
}

/* A word, or 0 where the kernel does not have it. Returns whether it has. */
static int word(const struct own *o, int level, int name, uint32_t *out)
{
	uint32_t value;
	int has = option(o, level, name, &value, sizeof(value)) == sizeof(value);

	*out = has ? value : 0;
	return has;
}

static int is_tcp(const struct own *o, uint32_t *family)
{
	uint32_t protocol;

	return word(o, SOL_SOCKET, SO_PROTOCOL, &protocol) && protocol == IPPROTO_TCP &&
		word(o, SOL_SOCKET, SO_DOMAIN, family);
}

union end {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

static const void *address_of(const union end *end)
{
	return end->any.sa_family == AF_INET ? (const void *)&end->v4.sin_addr : (const void *)&end->v6.sin6_addr;
}

/* Port and family lie at the same place in both. */
static uint32_t port_of(const union end *end)
{
	return be16toh(end->v4.sin_port);
}

static int read_ends(const struct own *o, uint32_t family, struct tcpbuf_sock *out)
{
	union end local, remote;
	socklen_t size = sizeof(local);
	int err = o->sys->getname(o->fd, 0, &local, &size);

	if (err)
		return err;
	size = sizeof(remote);
	err = o->sys->getname(o->fd, 1, &remote, &size);
	if (err && err != -ENOTCONN)
		return err;
	if (err) {
		memset(&remote, 0, sizeof(remote));
		remote.any.sa_family = local.any.sa_family;
	}
	tcpbuf__diag_parse_addresses(family, address_of(&local), address_of(&remote), out);
	out->local_port = port_of(&local);
	out->remote_port = port_of(&remote);
	return 0;
}

static int read_identity(const struct own *o, struct tcpbuf_sock *out)
{
	struct stat st;
	int err = o->sys->stat(o->fd, "", &st, AT_EMPTY_PATH);

	if (err)
		return err;
	out->inode = (uint32_t)st.st_ino;
	out->uid = st.st_uid;
	if (option(o, SOL_SOCKET, SO_COOKIE, &out->cookie, sizeof(out->cookie)) < 0)
		out->cookie = 0;
	word(o, SOL_SOCKET, SO_BINDTOIFINDEX, &out->ifindex);
	if (word(o, SOL_SOCKET, SO_MARK, &out->mark))
		out->valid |= TCPBUF_SOCK_HAS_MARK;
	return 0;
}

/* As struct tcp_info of a listener says it: tcp_get_info(), net/ipv4/tcp.c. */
static void read_listener(const struct tcp_info *info, struct tcpbuf_sock *out)
{
	out->accept_queue = info->tcpi_unacked;
	out->accept_queue_limit = info->tcpi_sacked;
	out->valid |= TCPBUF_SOCK_HAS_LISTEN;
}

static void read_queues(const struct own *o, struct tcpbuf_sock *out)
{
	int received, sent;

	if (o->sys->ioctl(o->fd, SIOCINQ, &received) != 0 || o->sys->ioctl(o->fd, SIOCOUTQ, &sent) != 0)
		return;
	out->recv_q = (uint32_t)received;
	out->send_q = (uint32_t)sent;
	out->valid |= TCPBUF_SOCK_HAS_QUEUE;
}

static int read_info(const struct own *o, struct tcpbuf_sock *out)
{
	union {
		struct tcp_info known;
		unsigned char bytes[512];
	} info;
	int length = option(o, IPPROTO_TCP, TCP_INFO, &info, sizeof(info));

	if (length < (int)sizeof(uint64_t))
		return length < 0 ? length : -EPROTO;
	out->state = info.known.tcpi_state;
	if (out->state == TCPBUF_SOCK_LISTEN) {
		read_listener(&info.known, out);
		return 0;
	}
	tcpbuf__diag_parse_info(info.bytes, (size_t)length, out);
	read_queues(o, out);
	return 0;
}

static void read_memory(const struct own *o, struct tcpbuf_sock *out)
{
	uint32_t words[16];
	int length = option(o, SOL_SOCKET, SO_MEMINFO, words, sizeof(words));

	if (length > 0)
		tcpbuf__diag_parse_skmem(words, (size_t)length, out);
}

static void read_names(const struct own *o, struct tcpbuf_sock *out)
{
	if (option(o, IPPROTO_TCP, TCP_CONGESTION, out->cong_name, sizeof(out->cong_name) - 1) > 0 && out->cong_name[0])
		out->valid |= TCPBUF_SOCK_HAS_CONG;
	if (option(o, IPPROTO_TCP, TCP_ULP, out->ulp_name, sizeof(out->ulp_name) - 1) > 0 && out->ulp_name[0])
		out->valid |= TCPBUF_SOCK_HAS_ULP;
}

static void read_own(const struct own *o, struct tcpbuf_sock_own *out)
{
	memset(out, 0, sizeof(*out));
	if (word(o, SOL_SOCKET, SO_BUF_LOCK, &out->buf_lock))
		out->valid |= TCPBUF_SOCK_OWN_HAS_BUF_LOCK;
	if (word(o, IPPROTO_TCP, TCP_WINDOW_CLAMP, &out->window_clamp))
		out->valid |= TCPBUF_SOCK_OWN_HAS_WINDOW_CLAMP;
}

static int read_record(const struct own *o, uint32_t family, struct tcpbuf_sock *out)
{
	int err;

	memset(out, 0, sizeof(*out));
	err = read_ends(o, family, out);
	if (!err)
		err = read_identity(o, out);
	if (!err)
		err = read_info(o, out);
	if (err)
		return err;
	read_memory(o, out);
	read_names(o, out);
	return 0;
}

int tcpbuf_sock_of_fd(
	struct tcpbuf *tb, int32_t fd, void *out, uint32_t out_size, void *own, uint32_t own_size)
{
	struct tcpbuf__subject about = {.verb = "read", .key = "socket"};
	struct tcpbuf_sock_own own_record;
	struct tcpbuf_sock record;
	struct own o = {.fd = fd};
	uint32_t family;
	int err;

	if (!tb || !out || (!own && own_size))
		return -EINVAL;
	tcpbuf__error_clear(tb);
	o.sys = tb->sys;
	if (!is_tcp(&o, &family))
		return tcpbuf__fail(tb, -EINVAL, &about, "the descriptor is no TCP socket");
	err = read_record(&o, family, &record);
	if (err)
		return tcpbuf__fail(tb, err, &about, NULL);
	tcpbuf__copy_out(out, out_size, &record, sizeof(record));
	if (own) {
		read_own(&o, &own_record);
		tcpbuf__copy_out(own, own_size, &own_record, sizeof(own_record));
	}
	return 0;
}
