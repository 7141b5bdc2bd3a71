/* SPDX-License-Identifier: MIT */
/* What only a connection shows, in a scratch namespace. */
#include "kernel/kernel.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#ifndef SO_MEMINFO
#define SO_MEMINFO 55
#endif

enum { MSS = 1460, TIMESTAMPS = 12 };

static int bring_up_loopback(const struct tcpbuf__sys *sys)
{
	struct ifreq loopback = {.ifr_name = "lo", .ifr_flags = IFF_UP};
	int fd = sys->socket(AF_INET, SOCK_DGRAM, 0), err;

	if (fd < 0)
		return fd;
	err = sys->ioctl(fd, SIOCSIFFLAGS, &loopback);
	sys->close(fd);
	return err;
}

static int put(const struct tcpbuf__sys *sys, int dir, const char *file, const char *value)
{
	int fd = sys->open(dir, file, O_WRONLY);
	ssize_t put;

	if (fd < 0)
		return fd;
	put = sys->write(fd, value, strlen(value));
	sys->close(fd);
	if (put < 0)
		return (int)put;
	return (size_t)put == strlen(value) ? 0 : -EIO;
}

struct connection {
	const struct tcpbuf__sys *sys;
	int listener, client, server;
};

static void disconnect(struct connection *c)
{
	int *const fds[] = {&c->client, &c->server, &c->listener};

	for (int i = 0; i < 3; i++)
		if (*fds[i] >= 0)
			c->sys->close(*fds[i]);
}

static int stream(const struct tcpbuf__sys *sys, int maxseg, int rcvbuf)
{
	struct timeval second = {1, 0};
	int fd = sys->socket(AF_INET, SOCK_STREAM, 0), err;

	if (fd < 0)
		return fd;
	err = sys->setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &second, sizeof(second));
	if (!err)
		err = sys->setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &second, sizeof(second));
	if (!err && maxseg)
		err = sys->setsockopt(fd, IPPROTO_TCP, TCP_MAXSEG, &maxseg, sizeof(maxseg));
	if (!err && rcvbuf)
		err = sys->setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &rcvbuf, sizeof(rcvbuf));
	if (!err)
		return fd;
	sys->close(fd);
	return err;
}

/* Both ends with the same options. Returns 0 or a negative errno, then with nothing open. */
static int connect_pair(const struct tcpbuf__sys *sys, int maxseg, int rcvbuf, struct connection *c)
{
	struct sockaddr_in at;
	socklen_t size = sizeof(at);
	int err;

	*c = (struct connection){sys, stream(sys, maxseg, rcvbuf), stream(sys, maxseg, rcvbuf), -1};
	err = c->listener < 0 ? c->listener : c->client < 0 ? c->client : sys->listen(c->listener);
	if (!err)
		err = sys->getname(c->listener, 0, &at, &size);
	if (!err)
		err = sys->connect(c->client, at.sin_port);
	if (!err) {
		c->server = sys->accept(c->listener);
		err = c->server < 0 ? c->server : 0;
	}
	if (err)
		disconnect(c);
	return err;
}

/* 0: it cannot be told. */
static uint32_t ssthresh(const struct connection *c, int fd)
{
	struct tcp_info info;
	socklen_t size = sizeof(info);

	memset(&info, 0, sizeof(info));
	return c->sys->getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) < 0 ? 0 : info.tcpi_rcv_ssthresh;
}

static int clamp_of(const struct connection *c, int fd)
{
	int clamp;

	return tcpbuf__kernel_get(c->sys, fd, IPPROTO_TCP, TCP_WINDOW_CLAMP, &clamp) ? clamp : -1;
}

/* A buffer whose window is beyond 65535 shows whether the first window is capped. */
static void see_cap(struct tcpbuf_kernel *k, const struct connection *c)
{
	int clamp = clamp_of(c, c->client);

	uint32_t first = ssthresh(c, c->client);

	if (clamp > 65535 + 2 * MSS && first)
		tcpbuf__kernel_see(k, TCPBUF_KERNEL_INITIAL_CAP, first > 65535 ? 0 : 65535);
}

/* The clamp is the buffer's window less a segment; the server's segment may still count timestamps. */
static void see_advmss(struct tcpbuf_kernel *k, const struct connection *c)
{
	int client = clamp_of(c, c->client), server = clamp_of(c, c->server), difference = client - server;

	if (client < 0 || server < 0)
		return;
	if (difference == 0 || difference == TIMESTAMPS)
		tcpbuf__kernel_see(k, TCPBUF_KERNEL_SERVER_ADVMSS_REDUCED, difference == 0);
}

/* One byte, and what it costs the receiver. */
static void see_head(struct tcpbuf_kernel *k, const struct connection *c)
{
	uint32_t memory[9] = {0};
	socklen_t size = sizeof(memory);
	char byte = 0;

	if (c->sys->send(c->client, &byte, 1) != 1 || c->sys->recv(c->server, &byte, 1, MSG_PEEK) != 1)
		return;
	if (c->sys->getsockopt(c->server, SOL_SOCKET, SO_MEMINFO, memory, &size) >= 0 && memory[0] > 256 &&
		memory[0] <= 8192)
		tcpbuf__kernel_see(k, TCPBUF_KERNEL_SKB_HEAD, memory[0] - 1);
}

/*
 * On loopback rcv_ssthresh lies below the clamp and the window, which scaling rounded up: a clamp in between
 * leaves it alone, or lifts it to the clamp (TO_WND); a low one tells the other two apart.
 */
static void see_clamp(struct tcpbuf_kernel *k, const struct connection *c)
{
	uint32_t before = ssthresh(c, c->client), between = before + 5, after;

	if (clamp_of(c, c->client) <= (int)between || before < 20000 ||
		!tcpbuf__kernel_set(c->sys, c->client, IPPROTO_TCP, TCP_WINDOW_CLAMP, (int)between))
		return;
	after = ssthresh(c, c->client);
	if (after == between)
		tcpbuf__kernel_see(k, TCPBUF_KERNEL_CLAMP, TCPBUF_RULE_CLAMP_TO_WND);
	if (after != before || !tcpbuf__kernel_set(c->sys, c->client, IPPROTO_TCP, TCP_WINDOW_CLAMP, 10000))
		return;
	after = ssthresh(c, c->client);
	if (after == 10000 || after == before)
		tcpbuf__kernel_see(k, TCPBUF_KERNEL_CLAMP,
			after == 10000 ? TCPBUF_RULE_CLAMP_FOLLOWS : TCPBUF_RULE_CLAMP_ALONE);
}

static int see_connections(struct tcpbuf_kernel *k, const struct tcpbuf__sys *sys)
{
	struct connection c;
	int err = connect_pair(sys, MSS, 1 << 20, &c);

	if (err)
		return err;
	see_cap(k, &c);
	see_advmss(k, &c);
	see_head(k, &c);
	disconnect(&c);
	err = connect_pair(sys, 0, 0, &c);
	if (err)
		return err;
	see_clamp(k, &c);
	disconnect(&c);
	return 0;
}

/* Settings that tell the rules apart; a value below the page shows whether the kernel has that floor. */
static int see_settings(struct tcpbuf_kernel *k, const struct tcpbuf__sys *sys, int dir)
{
	static const struct tcpbuf__kernel_settings telling = {.adv_win_scale = -2, .rmem_max = 6291456};
	int floor = put(sys, dir, "tcp_rmem", "1 1 1");
	int err = floor == -EINVAL ? 0 : floor;

	if (!err)
		err = put(sys, dir, "tcp_rmem", "4096 131072 6291456");
	if (!err)
		err = put(sys, dir, "tcp_wmem", "4096 16384 4194304");
	if (!err)
		err = put(sys, dir, "tcp_adv_win_scale", "-2");
	if (err)
		return err;
	tcpbuf__kernel_see_feature(k, TCPBUF_KERNEL_RMEM_FLOOR, TCPBUF_KEY_FEATURE_RMEM_FLOOR, floor != 0);
	err = tcpbuf__kernel_see_sockets(k, sys, &telling);
	return err ? err : put(sys, dir, "tcp_adv_win_scale", "1");
}

int tcpbuf__kernel_probe_inside(struct tcpbuf_netns *ns, void *arg)
{
	struct tcpbuf__subject about = {.verb = "probe", .key = "the kernel", .netns = "scratch"};
	const struct tcpbuf__sys *sys = ns->tb->sys;
	int dir = tcpbuf__netns_take(ns, TCPBUF__DOOR_IPV4, &about);
	int err;

	if (dir < 0)
		return dir;
	err = see_settings(arg, sys, dir);
	tcpbuf__netns_give(ns, TCPBUF__DOOR_IPV4, dir);
	if (!err)
		err = bring_up_loopback(sys);
	if (!err)
		err = see_connections(arg, sys);
	return err ? tcpbuf__fail(ns->tb, err, &about, NULL) : 0;
}
