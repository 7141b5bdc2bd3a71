/* SPDX-License-Identifier: MIT */
/* The whole legal range: nothing overflows (the asan preset looks), and more of a setting never gives less. */
#include <tcpbuf/model.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "check_main.h"

static const char *const kernels[] = {"4.19", "5.4", "debian-5.10.223", "5.15", "debian-6.1.176", "6.5", "6.6", "6.10",
	"debian-6.12.117", "6.14", "6.17", "6.18.44", "7.1", "debian-7.3.4"};
enum { KERNELS = sizeof(kernels) / sizeof(kernels[0]), ROUNDS = 5000 };

static int64_t upto(int64_t most)
{
	return (((int64_t)random() << 31) + random()) % (most + 1);
}

/* An edge as often as any other number; small ones as likely as large ones. */
static int64_t any(int64_t least, int64_t most)
{
	switch (upto(3)) {
	case 0:
		return least;
	case 1:
		return most;
	default:
		return least + (upto(most - least) >> upto(28));
	}
}

static struct tcpbuf_rules any_rules(void)
{
	struct tcpbuf_rules rules;

	ck_assert_int_eq(tcpbuf_rules_named(kernels[upto(KERNELS - 1)], &rules, sizeof(rules)), 0);
	return rules;
}

static void seed_once(void)
{
	unsigned seed = (unsigned)time(NULL);

	printf("seed %u\n", seed);
	srandom(seed);
}

static void any_end(struct tcpbuf_model_end *end)
{
	for (int i = 0; i < 3; i++) {
		end->rmem[i] = any(1, INT32_MAX);
		end->wmem[i] = any(1, INT32_MAX);
	}
	end->rmem_max = any(0, INT32_MAX);
	end->wmem_max = any(0, INT32_MAX);
	end->adv_win_scale = (int32_t)any(-31, 31);
	end->app_win = (uint32_t)any(0, 31);
	end->window_scaling = (uint32_t)upto(1);
	end->timestamps = (uint32_t)upto(1);
	end->signed_windows = (uint32_t)upto(1);
	end->shrink_window = (uint32_t)upto(1);
	end->set_rcvbuf = (uint32_t)upto(1);
	end->set_sndbuf = (uint32_t)upto(1);
	end->set_clamp = (uint32_t)upto(1);
	end->so_rcvbuf = (int32_t)any(INT32_MIN, INT32_MAX);
	end->so_sndbuf = (int32_t)any(INT32_MIN, INT32_MAX);
	end->window_clamp = (int32_t)any(INT32_MIN, INT32_MAX);
	end->maxseg = upto(1) ? (uint32_t)any(88, UINT32_MAX) : 0;
	end->initrwnd = (uint32_t)any(0, UINT32_MAX);
	end->route_window = (uint32_t)any(0, UINT32_MAX);
	end->sndbuf_factor = (uint32_t)any(1, 16);
}

static void any_link(struct tcpbuf_model_link *link)
{
	memset(link, 0, sizeof(*link));
	link->size = sizeof(*link);
	link->family = upto(1) ? 2 : 10;
	link->mtu = (uint32_t)any(link->family == 2 ? 68 : 1280, 65536);
	link->local = (uint32_t)upto(1);
	any_end(&link->client);
	any_end(&link->server);
}

static void check_state(const struct tcpbuf_model_state *st)
{
	ck_assert_int_gt(st->rcvbuf, 0);
	ck_assert_int_gt(st->sndbuf, 0);
	ck_assert_int_ge(st->rcv_mss, 88);
	ck_assert_int_ge(st->rcv_wnd, 0);
	ck_assert_uint_le(st->rcv_wscale, 14);
	ck_assert_uint_le(st->snd_wscale, 14);
}

static void check_handshake(const struct tcpbuf_model_handshake *h)
{
	ck_assert_int_ge(h->syn_win, 0);
	ck_assert_int_le(h->syn_win, 65535);
	ck_assert_int_le(h->synack_win, 65535);
	ck_assert_int_le(h->ack_win, 65535);
	ck_assert_int_ge(h->ack_win, 0);
	check_state(&h->client);
	check_state(&h->server);
}

START_TEST(handshakes_stay_in_range)
{
	seed_once();
	for (int i = 0; i < ROUNDS; i++) {
		struct tcpbuf_rules rules = any_rules();
		struct tcpbuf_model_handshake h;
		struct tcpbuf_model_link link;

		any_link(&link);
		ck_assert_int_eq(tcpbuf_model_handshake(&rules, &link, &h, sizeof(h)), 0);
		check_handshake(&h);
	}
}
END_TEST

START_TEST(a_larger_buffer_never_offers_less)
{
	seed_once();
	for (int i = 0; i < ROUNDS; i++) {
		struct tcpbuf_rules rules = any_rules();
		struct tcpbuf_model_handshake less, more;
		struct tcpbuf_model_link link;

		any_link(&link);
		link.client.so_rcvbuf &= INT32_MAX;
		ck_assert_int_eq(tcpbuf_model_handshake(&rules, &link, &less, sizeof(less)), 0);
		link.client.so_rcvbuf += (int32_t)upto(INT32_MAX - link.client.so_rcvbuf);
		link.client.rmem[1] += upto(INT32_MAX - link.client.rmem[1]);
		link.client.rmem[2] += upto(INT32_MAX - link.client.rmem[2]);
		ck_assert_int_eq(tcpbuf_model_handshake(&rules, &link, &more, sizeof(more)), 0);
		ck_assert_int_ge(more.client.rcvbuf, less.client.rcvbuf);
		/* A window that wraps, initrwnd * mss until 7.1, or a locked buffer without space, which is no clamp, may. */
		if (!link.client.initrwnd && link.client.adv_win_scale >= -8)
			ck_assert_int_ge(more.syn_win, less.syn_win);
	}
}
END_TEST

static void any_socket(struct tcpbuf_model_sockopt *s)
{
	memset(s, 0, sizeof(*s));
	s->size = sizeof(*s);
	s->state = 1 + (uint32_t)upto(3);
	s->privileged = (uint32_t)upto(1);
	s->lock = (uint32_t)upto(3);
	s->rcvbuf = any(1, INT32_MAX);
	s->sndbuf = any(1, INT32_MAX);
	s->window_clamp = any(0, UINT32_MAX);
	s->rcvlowat = any(1, INT32_MAX);
	s->rcv_ssthresh = any(0, INT32_MAX);
	s->rcv_wnd = any(0, INT32_MAX);
	s->rmem_max_sysctl = any(2304, INT32_MAX);
	s->wmem_max_sysctl = any(4608, INT32_MAX);
	s->tcp_rmem_max = any(1, INT32_MAX);
	s->adv_win_scale = (int32_t)any(-31, 31);
}

START_TEST(options_stay_in_range)
{
	seed_once();
	for (int i = 0; i < ROUNDS; i++) {
		struct tcpbuf_rules rules = any_rules();
		struct tcpbuf_model_sockopt s, before;
		int err;

		any_socket(&s);
		before = s;
		err = tcpbuf_model_setsockopt(&rules, 1 + (uint32_t)upto(7), (int32_t)any(INT32_MIN, INT32_MAX), &s);
		ck_assert(err == 0 || err == -EINVAL || err == -EPERM || err == -ENOPROTOOPT);
		if (err)
			ck_assert_mem_eq(&s, &before, sizeof(s));
		ck_assert_int_gt(s.rcvbuf, 0);
		ck_assert_int_le(s.rcvbuf, INT32_MAX);
		ck_assert_int_gt(s.sndbuf, 0);
		ck_assert_int_gt(s.rcvlowat, 0);
		ck_assert_uint_le(s.lock, 3);
	}
}
END_TEST

START_TEST(more_is_never_less)
{
	seed_once();
	for (int i = 0; i < ROUNDS; i++) {
		uint32_t option = 1 + (uint32_t)upto(3);
		int32_t value = (int32_t)any(0, INT32_MAX), more = value + (int32_t)upto(INT32_MAX - value);
		int64_t pages = any(0, INT32_MAX), more_pages = pages + upto(INT32_MAX - pages);
		struct tcpbuf_rules rules = any_rules();
		struct tcpbuf_model_sockopt a, b;
		struct tcpbuf_model_boot x, y;

		any_socket(&a);
		a.privileged = 1;
		b = a;
		ck_assert_int_eq(tcpbuf_model_setsockopt(&rules, option, value, &a), 0);
		ck_assert_int_eq(tcpbuf_model_setsockopt(&rules, option, more, &b), 0);
		ck_assert_int_le(a.rcvbuf, b.rcvbuf);
		ck_assert_int_le(a.sndbuf, b.sndbuf);
		ck_assert_int_eq(tcpbuf_model_boot(&rules, pages, &x, sizeof(x)), 0);
		ck_assert_int_eq(tcpbuf_model_boot(&rules, more_pages, &y, sizeof(y)), 0);
		for (int n = 0; n < 3; n++) {
			ck_assert_int_le(x.tcp_mem[n], y.tcp_mem[n]);
			ck_assert_int_le(x.tcp_rmem[n], y.tcp_rmem[n]);
			ck_assert_int_le(x.tcp_wmem[n], y.tcp_wmem[n]);
		}
	}
}
END_TEST

/* 24 GiB, as measured; and the least. */
START_TEST(limits_at_boot)
{
	struct tcpbuf_model_boot boot;
	struct tcpbuf_rules rules;

	ck_assert_int_eq(tcpbuf_rules_named("6.18.44", &rules, sizeof(rules)), 0);
	ck_assert_int_eq(tcpbuf_model_boot(&rules, 383867 * 16, &boot, sizeof(boot)), 0);
	ck_assert_int_eq(boot.tcp_mem[0], 287898);
	ck_assert_int_eq(boot.tcp_mem[1], 383867);
	ck_assert_int_eq(boot.tcp_mem[2], 575796);
	ck_assert_int_eq(boot.tcp_rmem[2], 33554432);
	ck_assert_int_eq(tcpbuf_model_boot(&rules, 0, &boot, sizeof(boot)), 0);
	ck_assert_int_eq(boot.tcp_mem[1], 128);
	ck_assert_int_eq(boot.tcp_rmem[2], 131072);
	ck_assert_int_eq(boot.tcp_wmem[2], 65536);
	ck_assert_int_eq(tcpbuf_model_boot(&rules, -1, &boot, sizeof(boot)), -EINVAL);
}
END_TEST

/* Whatever the memory, what the kernel computes is known as its own; with a number changed it is not. */
START_TEST(tcp_mem_at_boot_is_recognised)
{
	struct tcpbuf_model_boot boot;
	struct tcpbuf_rules rules;

	ck_assert_int_eq(tcpbuf_rules_named("6.18.44", &rules, sizeof(rules)), 0);
	for (int64_t pages = 0; pages < INT32_MAX; pages = pages * 2 + 1021) {
		ck_assert_int_eq(tcpbuf_model_boot(&rules, pages, &boot, sizeof(boot)), 0);
		for (int move = 0; move < 8; move++) {
			int64_t low = boot.tcp_mem[0] - (move & 1);
			int64_t pressure = boot.tcp_mem[1] + (move & 2) * 2;
			int64_t high = boot.tcp_mem[2] + (move & 4);

			ck_assert_int_eq(tcpbuf_model_is_boot_mem(low, pressure, high), move == 0);
		}
	}
	ck_assert_int_eq(tcpbuf_model_is_boot_mem(287898, 383865, 575796), 1);
	ck_assert_int_eq(tcpbuf_model_is_boot_mem(93, 127, 186), 0);
	ck_assert_int_eq(tcpbuf_model_is_boot_mem(INT64_MIN, INT64_MAX, 0), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("model");
	TCase *tc = tcase_create("range");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, handshakes_stay_in_range);
	tcase_add_test(tc, a_larger_buffer_never_offers_less);
	tcase_add_test(tc, options_stay_in_range);
	tcase_add_test(tc, more_is_never_less);
	tcase_add_test(tc, limits_at_boot);
	tcase_add_test(tc, tcp_mem_at_boot_is_recognised);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
