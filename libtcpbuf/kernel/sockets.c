/* SPDX-License-Identifier: MIT */
/* What unconnected sockets of our own show: each question gets a fresh one. */
#include "kernel/kernel.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#ifndef SO_BUF_LOCK
#define SO_BUF_LOCK 72
#endif

int tcpbuf__kernel_get(const struct tcpbuf__sys *sys, int fd, int level, int option, int *out)
{
	socklen_t size = sizeof(*out);

	*out = 0;
	return sys->getsockopt(fd, level, option, out, &size) >= 0 && size == sizeof(*out);
}

int tcpbuf__kernel_set(const struct tcpbuf__sys *sys, int fd, int level, int option, int value)
{
	return sys->setsockopt(fd, level, option, &value, sizeof(value)) >= 0;
}

struct asked {
	struct tcpbuf_kernel *kernel;
	const struct tcpbuf__sys *sys;
	const struct tcpbuf__kernel_settings *set;
	int fd;
};

static int get(const struct asked *a, int level, int option, int *out)
{
	return tcpbuf__kernel_get(a->sys, a->fd, level, option, out);
}

static int set(const struct asked *a, int level, int option, int value)
{
	return tcpbuf__kernel_set(a->sys, a->fd, level, option, value);
}

/* SO_RCVBUF of 1 gives SOCK_MIN_RCVBUF, 2048 and a struct sk_buff; the send side twice that. */
static void ask_least(const struct asked *a)
{
	struct tcpbuf_kernel *k = a->kernel;
	int least;

	if (!set(a, SOL_SOCKET, SO_RCVBUF, 1) || !get(a, SOL_SOCKET, SO_RCVBUF, &least) || least <= 2048 ||
		least > 4096)
		return;
	tcpbuf__kernel_see(k, TCPBUF_KERNEL_SK_BUFF, (uint32_t)least - 2048);
	k->rules.keys.min_rcvbuf = (uint32_t)least;
	k->rules.keys.min_sndbuf = 2 * (uint32_t)least;
}

static void ask_lock(const struct asked *a)
{
	int lock;
	socklen_t size = sizeof(lock);
	int err = a->sys->getsockopt(a->fd, SOL_SOCKET, SO_BUF_LOCK, &lock, &size);

	if (!err || err == -ENOPROTOOPT)
		tcpbuf__kernel_see(a->kernel, TCPBUF_KERNEL_BUF_LOCK, !err);
}

static void ask_negative_clamp(const struct asked *a)
{
	int clamp;

	if (set(a, IPPROTO_TCP, TCP_WINDOW_CLAMP, -1) && get(a, IPPROTO_TCP, TCP_WINDOW_CLAMP, &clamp))
		tcpbuf__kernel_see(a->kernel, TCPBUF_KERNEL_CLAMP_NEGATIVE_FLOOR, clamp != -1);
}

static void ask_rcvbuf(const struct asked *a)
{
	int clamp;

	if (set(a, SOL_SOCKET, SO_RCVBUF, 65536) && get(a, IPPROTO_TCP, TCP_WINDOW_CLAMP, &clamp))
		tcpbuf__kernel_see(a->kernel, TCPBUF_KERNEL_RCVBUF_MOVES_CLAMP, clamp != 0);
}

static void see_window(struct tcpbuf_kernel *k, uint32_t ratio, uint32_t rcvlowat)
{
	tcpbuf__kernel_see(k, TCPBUF_KERNEL_WINDOW,
		ratio ? TCPBUF_RULE_WINDOW_SCALING_RATIO : TCPBUF_RULE_WINDOW_ADV_WIN_SCALE);
	tcpbuf__kernel_see(k, TCPBUF_KERNEL_DEFAULT_RATIO, ratio);
	tcpbuf__kernel_see(k, TCPBUF_KERNEL_RCVLOWAT, rcvlowat);
}

/*
 * SO_RCVLOWAT makes room: tcp_set_rcvlowat(), net/ipv4/tcp.c. By ratio the room is lowat * 256 / ratio and the
 * clamp lowat, or left alone; before it is twice lowat and the clamp its window, which is lowat as well
 * while tcp_adv_win_scale is 1: then nothing can be told.
 */
static void ask_rcvlowat(const struct asked *a)
{
	int before, after, clamp;
	int64_t old_window, ratio;

	if (!get(a, SOL_SOCKET, SO_RCVBUF, &before) || before < 4096 || before > a->set->rmem_max / 2 ||
		before > INT32_MAX / 4)
		return;
	if (!set(a, SOL_SOCKET, SO_RCVLOWAT, before) || !get(a, SOL_SOCKET, SO_RCVBUF, &after) ||
		!get(a, IPPROTO_TCP, TCP_WINDOW_CLAMP, &clamp) || after <= before)
		return;
	ratio = ((int64_t)before * 256 + after / 2) / after;
	old_window = tcpbuf_model_win_from_space_legacy((int32_t)a->set->adv_win_scale, after);
	if (clamp == 0)
		see_window(a->kernel, (uint32_t)ratio, TCPBUF_RULE_RCVLOWAT_RAISE);
	else if (clamp == before && (after != 2 * before || old_window != before))
		see_window(a->kernel, (uint32_t)ratio, TCPBUF_RULE_RCVLOWAT_SPACE);
	else if (clamp == old_window && clamp != before)
		see_window(a->kernel, 0, TCPBUF_RULE_RCVLOWAT_DOUBLE);
}

/* An untouched rmem_default is 256 packets of 256 bytes and their overhead: net/core/sock.c. */
static void ask_default(const struct asked *a)
{
	struct tcpbuf_kernel *k = a->kernel;
	int rcvbuf, shared;

	if (!get(a, SOL_SOCKET, SO_RCVBUF, &rcvbuf) || rcvbuf % 256)
		return;
	shared = rcvbuf / 256 - 256 - (int)k->rules.sk_buff;
	if (shared >= 256 && shared <= 448 && shared % 64 == 0)
		tcpbuf__kernel_see(k, TCPBUF_KERNEL_SHARED_INFO, (uint32_t)shared);
}

static const struct {
	void (*ask)(const struct asked *a);
	int type;
} questions[] = {
	{ask_least, SOCK_STREAM},
	{ask_lock, SOCK_STREAM},
	{ask_negative_clamp, SOCK_STREAM},
	{ask_rcvbuf, SOCK_STREAM},
	{ask_rcvlowat, SOCK_STREAM},
	{ask_default, SOCK_DGRAM},
};

int tcpbuf__kernel_see_sockets(
	struct tcpbuf_kernel *k, const struct tcpbuf__sys *sys, const struct tcpbuf__kernel_settings *set)
{
	for (unsigned i = 0; i < sizeof(questions) / sizeof(questions[0]); i++) {
		struct asked a = {k, sys, set, sys->socket(AF_INET, questions[i].type, 0)};

		if (tcpbuf__sys_exhausted(a.fd))
			return a.fd;
		if (a.fd < 0)
			continue;
		questions[i].ask(&a);
		sys->close(a.fd);
	}
	return 0;
}
