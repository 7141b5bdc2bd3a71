/* SPDX-License-Identifier: MIT */
/*
 * Predictions against this machine: connections over loopback in scratch namespaces, under random settings.
 *     test_kernel_live [SEED [COUNT]]
 * Everything that a socket and its saved SYN show must be what the model says under the rules that a probe found.
 */
#include <tcpbuf/tcpbuf.h>

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "check_main.h"
#include "scratch.h"

#ifndef SO_BUF_LOCK
#define SO_BUF_LOCK 72
#endif

/* Offsets in struct tcp_info, as every kernel has them. */
enum { WSCALES = 6, SND_MSS = 16, RCV_MSS = 20, SSTHRESH = 64, ADVMSS = 84, RCV_SPACE = 96, SND_WND = 228, RCV_WND = 232 };

static unsigned seed;
static int count = 200;

static int64_t upto(int64_t most)
{
	return (((int64_t)random() << 31) + random()) % (most + 1);
}

/* As likely 100 as a million. */
static int64_t size_between(int64_t least, int64_t most)
{
	int64_t value = least + (upto(most - least) >> upto(24));

	return value > most ? most : value;
}

static int one_in(int n)
{
	return upto(n - 1) == 0;
}

static const uint32_t mtus[] = {1500, 9000, 65535, 65536, 1280, 1501, 4000};

static void choose_end(const struct tcpbuf_model_end *shared, uint32_t mtu, struct tcpbuf_model_end *end)
{
	*end = *shared;
	end->set_rcvbuf = (uint32_t)one_in(2);
	end->so_rcvbuf = one_in(10) ? -(int32_t)upto(INT32_MAX) : (int32_t)size_between(0, 20000000);
	end->set_sndbuf = (uint32_t)one_in(3);
	end->so_sndbuf = (int32_t)size_between(0, 20000000);
	end->set_clamp = (uint32_t)one_in(4);
	end->window_clamp = one_in(10) ? -1 : (int32_t)size_between(1, 20000000);
	end->maxseg = one_in(4) ? (uint32_t)(88 + upto(mtu < 32000 ? mtu : 32000)) : 0;
}

static void choose(const struct tcpbuf_kernel *k, const struct tcpbuf_model_end *limits, struct tcpbuf_model_link *link)
{
	struct tcpbuf_model_end shared = *limits;
	int64_t least = tcpbuf_kernel_rule_value(k, TCPBUF_KERNEL_RMEM_FLOOR) ? k->rules.page_size : 1;

	for (int i = 0; i < 3; i++) {
		shared.rmem[i] = size_between(least, INT32_MAX);
		shared.wmem[i] = size_between(1, INT32_MAX);
	}
	if (one_in(2))
		shared.rmem[1] = 131072;
	if (one_in(2))
		shared.rmem[2] = 6291456;
	shared.adv_win_scale = (int32_t)(one_in(3) ? upto(62) - 31 : upto(8) - 4);
	shared.app_win = one_in(2) ? 31 : (uint32_t)upto(31);
	shared.window_scaling = !one_in(4);
	shared.timestamps = !one_in(3);
	shared.signed_windows = (uint32_t)one_in(8);
	shared.shrink_window = k->rules.shrink_window && one_in(4);
	link->size = sizeof(*link);
	link->family = one_in(2) ? AF_INET6 : AF_INET;
	link->mtu = one_in(2) ? mtus[upto(6)] : (uint32_t)(1280 + upto(65536 - 1280));
	link->local = 1;
	choose_end(&shared, link->mtu, &link->client);
	choose_end(&shared, link->mtu, &link->server);
}

static void set_number(const struct scratch *s, const char *file, int64_t value)
{
	char text[32];

	snprintf(text, sizeof(text), "%lld", (long long)value);
	scratch_set(s, file, text);
}

static void set_triple(const struct scratch *s, const char *file, const int64_t v[3])
{
	char text[96];

	snprintf(text, sizeof(text), "%lld %lld %lld", (long long)v[0], (long long)v[1], (long long)v[2]);
	scratch_set(s, file, text);
}

static void set_mtu(const struct scratch *s, uint32_t mtu)
{
	struct ifreq lo = {.ifr_name = "lo", .ifr_mtu = (int)mtu};
	int fd = scratch_socket(s, AF_INET, SOCK_DGRAM);

	ck_assert_int_eq(ioctl(fd, SIOCSIFMTU, &lo), 0);
	close(fd);
}

static void configure(const struct scratch *s, const struct tcpbuf_kernel *k, const struct tcpbuf_model_link *link)
{
	const struct tcpbuf_model_end *set = &link->client;

	set_triple(s, "ipv4/tcp_rmem", set->rmem);
	set_triple(s, "ipv4/tcp_wmem", set->wmem);
	set_number(s, "ipv4/tcp_adv_win_scale", set->adv_win_scale);
	set_number(s, "ipv4/tcp_app_win", set->app_win);
	set_number(s, "ipv4/tcp_window_scaling", set->window_scaling);
	set_number(s, "ipv4/tcp_timestamps", set->timestamps);
	set_number(s, "ipv4/tcp_workaround_signed_windows", set->signed_windows);
	if (k->rules.shrink_window)
		set_number(s, "ipv4/tcp_shrink_window", set->shrink_window);
	set_mtu(s, link->mtu);
}

static int get(int fd, int level, int option)
{
	int value = 0;
	socklen_t size = sizeof(value);

	return getsockopt(fd, level, option, &value, &size) < 0 ? -errno : value;
}

static int set(int fd, int level, int option, int value)
{
	return setsockopt(fd, level, option, &value, sizeof(value)) < 0 ? -errno : 0;
}

static int open_end(const struct scratch *s, const struct tcpbuf_model_link *link, const struct tcpbuf_model_end *end)
{
	struct timeval limit = {20, 0};
	int fd = scratch_socket(s, (int)link->family, SOCK_STREAM);

	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	ck_assert_int_eq(setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, "reno", 4), 0);
	if (end->maxseg && set(fd, IPPROTO_TCP, TCP_MAXSEG, (int)end->maxseg))
		ck_abort_msg("TCP_MAXSEG %u", end->maxseg);
	if (end->set_rcvbuf)
		ck_assert_int_eq(set(fd, SOL_SOCKET, SO_RCVBUF, end->so_rcvbuf), 0);
	if (end->set_sndbuf)
		ck_assert_int_eq(set(fd, SOL_SOCKET, SO_SNDBUF, end->so_sndbuf), 0);
	if (end->set_clamp)
		ck_assert_int_eq(set(fd, IPPROTO_TCP, TCP_WINDOW_CLAMP, end->window_clamp), 0);
	return fd;
}

static struct pair connect_ends(const struct scratch *s, const struct tcpbuf_model_link *link)
{
	struct sockaddr_storage at;
	socklen_t size = sizeof(at);
	struct pair p = {.listener = open_end(s, link, &link->server)};

	ck_assert_int_eq(set(p.listener, IPPROTO_TCP, TCP_SAVE_SYN, 1), 0);
	ck_assert_int_eq(listen(p.listener, 1), 0);
	ck_assert_int_eq(getsockname(p.listener, (struct sockaddr *)&at, &size), 0);
	p.client = open_end(s, link, &link->client);
	if (link->family == AF_INET6)
		((struct sockaddr_in6 *)&at)->sin6_addr = in6addr_loopback;
	else
		((struct sockaddr_in *)&at)->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ck_assert_msg(connect(p.client, (struct sockaddr *)&at, size) == 0, "connect: %s", strerror(errno));
	p.server = accept4(p.listener, NULL, NULL, SOCK_CLOEXEC);
	ck_assert_int_ge(p.server, 0);
	return p;
}

/* One cell: what it is about, for the message of a difference. */
struct cell {
	int index;
	const char *about;
	const struct tcpbuf_model_link *link;
};

static void same(const struct cell *c, const char *field, int64_t predicted, int64_t shown)
{
	const struct tcpbuf_model_end *e = &c->link->client;

	ck_assert_msg(predicted == shown,
		"seed %u, setting %d, %s %s: predicted %lld, shown %lld (mtu %u family %u, rmem %lld %lld %lld, "
		"adv_win_scale %d app_win %u scaling %u timestamps %u shrink %u)",
		seed, c->index, c->about, field, (long long)predicted, (long long)shown, c->link->mtu,
		c->link->family, (long long)e->rmem[0], (long long)e->rmem[1], (long long)e->rmem[2],
		e->adv_win_scale, e->app_win, e->window_scaling, e->timestamps, e->shrink_window);
}

static uint32_t word(const unsigned char *info, unsigned offset)
{
	uint32_t value;

	memcpy(&value, info + offset, sizeof(value));
	return value;
}

static void compare_end(const struct cell *c, const struct tcpbuf_model_state *st, int fd)
{
	unsigned char info[512] = {0};
	socklen_t size = sizeof(info);

	ck_assert_int_eq(getsockopt(fd, IPPROTO_TCP, TCP_INFO, info, &size), 0);
	same(c, "rcvbuf", st->rcvbuf, get(fd, SOL_SOCKET, SO_RCVBUF));
	same(c, "sndbuf", st->sndbuf, get(fd, SOL_SOCKET, SO_SNDBUF));
	same(c, "clamp", (int32_t)(uint32_t)st->window_clamp, get(fd, IPPROTO_TCP, TCP_WINDOW_CLAMP));
	same(c, "rcv_ssthresh", st->rcv_ssthresh, word(info, SSTHRESH));
	same(c, "rcv_space", st->rcv_space, word(info, RCV_SPACE));
	same(c, "rcv_mss", st->rcv_mss, word(info, RCV_MSS));
	same(c, "snd_mss", st->snd_mss, word(info, SND_MSS));
	same(c, "advmss", st->advmss, word(info, ADVMSS));
	same(c, "snd_wscale", st->snd_wscale, info[WSCALES] & 15);
	same(c, "rcv_wscale", st->rcv_wscale, info[WSCALES] >> 4);
	if (size >= SND_WND + 4)
		same(c, "snd_wnd", st->snd_wnd, word(info, SND_WND));
	if (size >= RCV_WND + 4)
		same(c, "rcv_wnd", st->rcv_wnd, word(info, RCV_WND));
}

/* The SYN as the listener kept it: IP header, TCP header. */
static void compare_syn(struct cell *c, const struct tcpbuf_model_handshake *h, int server)
{
	unsigned char syn[256];
	socklen_t size = sizeof(syn);
	const unsigned char *tcp, *option;
	int wscale = -1, mss = -1;

	ck_assert_int_eq(getsockopt(server, IPPROTO_TCP, TCP_SAVED_SYN, syn, &size), 0);
	ck_assert_int_ge(size, 44);
	tcp = syn + (syn[0] >> 4 == 6 ? 40 : 4 * (syn[0] & 15));
	for (option = tcp + 20; option < syn + size && *option; option += *option == 1 ? 1 : option[1]) {
		if (*option == 2)
			mss = option[2] << 8 | option[3];
		if (*option == 3)
			wscale = option[2];
	}
	c->about = "SYN";
	same(c, "window", h->syn_win, tcp[14] << 8 | tcp[15]);
	same(c, "wscale", h->syn_wscale, wscale);
	same(c, "mss", h->syn_mss, mss);
}

static const struct option {
	uint32_t option;
	int level, name;
} options[] = {
	{TCPBUF_SOCKOPT_RCVBUF, SOL_SOCKET, SO_RCVBUF},
	{TCPBUF_SOCKOPT_SNDBUF, SOL_SOCKET, SO_SNDBUF},
	{TCPBUF_SOCKOPT_RCVBUFFORCE, SOL_SOCKET, SO_RCVBUFFORCE},
	{TCPBUF_SOCKOPT_SNDBUFFORCE, SOL_SOCKET, SO_SNDBUFFORCE},
	{TCPBUF_SOCKOPT_WINDOW_CLAMP, IPPROTO_TCP, TCP_WINDOW_CLAMP},
	{TCPBUF_SOCKOPT_RCVLOWAT, SOL_SOCKET, SO_RCVLOWAT},
	{TCPBUF_SOCKOPT_NOTSENT_LOWAT, IPPROTO_TCP, TCP_NOTSENT_LOWAT},
	{TCPBUF_SOCKOPT_BUF_LOCK, SOL_SOCKET, SO_BUF_LOCK},
};

static int32_t any_value(void)
{
	static const int32_t edges[] = {0, 1, 3, 1151, 1152, 1153, 2304, 4608, INT32_MAX / 2, INT32_MAX, -1, INT32_MIN};

	if (one_in(3))
		return edges[upto(11)];
	return one_in(8) ? -(int32_t)upto(INT32_MAX) : (int32_t)size_between(0, INT32_MAX);
}

/* One option on one socket: the return code, and all values afterwards. */
static void try_option(struct cell *c, const struct tcpbuf_kernel *k, struct tcpbuf_model_sockopt *s, int fd)
{
	const struct option *o = &options[upto(7)];
	int32_t value = any_value();
	int lock = get(fd, SOL_SOCKET, SO_BUF_LOCK), tcp = s->state != TCPBUF_SOCKOPT_UDP;
	unsigned char info[512] = {0};
	socklen_t size = sizeof(info);
	char about[64];

	s->size = sizeof(*s);
	s->rcvbuf = get(fd, SOL_SOCKET, SO_RCVBUF);
	s->sndbuf = get(fd, SOL_SOCKET, SO_SNDBUF);
	s->rcvlowat = get(fd, SOL_SOCKET, SO_RCVLOWAT);
	s->lock = lock >= 0 ? (uint32_t)lock : s->lock;
	if (tcp) {
		s->window_clamp = (uint32_t)get(fd, IPPROTO_TCP, TCP_WINDOW_CLAMP);
		s->notsent_lowat = (uint32_t)get(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT);
		ck_assert_int_eq(getsockopt(fd, IPPROTO_TCP, TCP_INFO, info, &size), 0);
		s->rcv_ssthresh = word(info, SSTHRESH);
	}
	snprintf(about, sizeof(about), "state %u, option %u = %d:", s->state, o->option, value);
	c->about = about;
	same(c, "return", tcpbuf_model_setsockopt(&k->rules, o->option, value, s), set(fd, o->level, o->name, value));
	same(c, "rcvbuf", s->rcvbuf, get(fd, SOL_SOCKET, SO_RCVBUF));
	same(c, "sndbuf", s->sndbuf, get(fd, SOL_SOCKET, SO_SNDBUF));
	same(c, "rcvlowat", s->rcvlowat, get(fd, SOL_SOCKET, SO_RCVLOWAT));
	if (lock >= 0)
		same(c, "lock", s->lock, get(fd, SOL_SOCKET, SO_BUF_LOCK));
	if (!tcp)
		return;
	same(c, "clamp", (int32_t)(uint32_t)s->window_clamp, get(fd, IPPROTO_TCP, TCP_WINDOW_CLAMP));
	same(c, "notsent", (int32_t)(uint32_t)s->notsent_lowat, get(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT));
	getsockopt(fd, IPPROTO_TCP, TCP_INFO, info, &size);
	if (s->state == TCPBUF_SOCKOPT_ESTABLISHED)
		same(c, "rcv_ssthresh", s->rcv_ssthresh, word(info, SSTHRESH));
}

/* Three options on a socket, one after the other. */
static void try_options(struct cell *c, const struct tcpbuf_kernel *k, struct tcpbuf_model_sockopt s, uint32_t state,
	int fd)
{
	s.state = state;
	for (int i = 0; i < 3; i++)
		try_option(c, k, &s, fd);
}

static void try_unconnected(struct cell *c, const struct tcpbuf_kernel *k, const struct scratch *ns,
	const struct tcpbuf_model_sockopt *s)
{
	int fresh = scratch_socket(ns, (int)c->link->family, SOCK_STREAM);
	int listening = scratch_socket(ns, (int)c->link->family, SOCK_STREAM);
	int udp = scratch_socket(ns, (int)c->link->family, SOCK_DGRAM);

	ck_assert_int_eq(listen(listening, 1), 0);
	try_options(c, k, *s, TCPBUF_SOCKOPT_FRESH, fresh);
	try_options(c, k, *s, TCPBUF_SOCKOPT_LISTEN, listening);
	try_options(c, k, *s, TCPBUF_SOCKOPT_UDP, udp);
	close(fresh);
	close(listening);
	close(udp);
}

static void try_connection(struct cell *c, const struct tcpbuf_kernel *k, const struct scratch *ns,
	struct tcpbuf_model_sockopt s)
{
	struct tcpbuf_model_handshake h;
	struct pair p = connect_ends(ns, c->link);

	ck_assert_int_eq(tcpbuf_model_handshake(&k->rules, c->link, &h, sizeof(h)), 0);
	compare_syn(c, &h, p.server);
	c->about = "client";
	compare_end(c, &h.client, p.client);
	same(c, "snd_wnd, the field of the SYN-ACK,", h.client.snd_wnd, h.synack_win);
	c->about = "server";
	compare_end(c, &h.server, p.server);
	s.rcv_wnd = h.server.rcv_wnd;
	s.lock = h.server.lock;
	try_options(c, k, s, TCPBUF_SOCKOPT_ESTABLISHED, p.server);
	s.rcv_wnd = h.client.rcv_wnd;
	s.lock = h.client.lock;
	try_options(c, k, s, TCPBUF_SOCKOPT_ESTABLISHED, p.client);
	pair_close(&p);
}

/* What setsockopt() grants at most here, as rmem_max and wmem_max are not shown in every namespace. */
static void read_limits(const struct scratch *ns, struct tcpbuf_model_end *limits, uint32_t *privileged)
{
	int fd = scratch_socket(ns, AF_INET, SOCK_STREAM);

	*limits = (struct tcpbuf_model_end){.sndbuf_factor = 2};
	set(fd, SOL_SOCKET, SO_RCVBUF, INT32_MAX);
	set(fd, SOL_SOCKET, SO_SNDBUF, INT32_MAX);
	limits->rmem_max = get(fd, SOL_SOCKET, SO_RCVBUF) / 2;
	limits->wmem_max = get(fd, SOL_SOCKET, SO_SNDBUF) / 2;
	*privileged = set(fd, SOL_SOCKET, SO_RCVBUFFORCE, 4096) == 0;
	close(fd);
}

START_TEST(predictions_are_what_connections_show)
{
	struct tcpbuf_kernel kernel;
	struct tcpbuf_model_end limits;
	struct tcpbuf_model_link link;
	struct tcpbuf *tb;
	uint32_t privileged;

	printf("seed %u, %d settings\n", seed, count);
	srandom(seed);
	ck_assert_int_eq(tcpbuf_new(&tb), 0);
	ck_assert_msg(tcpbuf_kernel_probe(tb, &kernel, sizeof(kernel)) == 0, "%s", tcpbuf_error_text(tb));
	tcpbuf_free(tb);
	struct scratch ns = scratch_start();

	scratch_set(&ns, "ipv4/tcp_no_metrics_save", "1");
	read_limits(&ns, &limits, &privileged);
	for (int i = 0; i < count; i++) {
		choose(&kernel, &limits, &link);
		configure(&ns, &kernel, &link);
		struct cell cell = {.index = i, .link = &link};
		struct tcpbuf_model_sockopt s = {.privileged = privileged, .rmem_max_sysctl = limits.rmem_max,
			.wmem_max_sysctl = limits.wmem_max, .tcp_rmem_max = link.client.rmem[2],
			.adv_win_scale = link.client.adv_win_scale};

		try_connection(&cell, &kernel, &ns, s);
		try_unconnected(&cell, &kernel, &ns, &s);
	}
	scratch_stop(&ns);
}
END_TEST

int main(int argc, char **argv)
{
	Suite *suite = suite_create("kernel");
	TCase *tc = tcase_create("live");

	seed = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : (unsigned)time(NULL);
	count = argc > 2 ? atoi(argv[2]) : count;
	scratch_rights();
	tcase_set_timeout(tc, 240);
	tcase_add_test(tc, predictions_are_what_connections_show);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
