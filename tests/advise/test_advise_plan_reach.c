/* SPDX-License-Identifier: MIT */
/* Planned settings over a real path: what the wanted rate needs gets in flight, and much smaller buffers do not let it. */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/utsname.h>

#include "check_main.h"
#include "line.h"
#include <tcpbuf/tcpbuf.h>

#define TRIES 400
#define TRY_MS 50

static struct tcpbuf_rules rules;

/* What is wanted of one connection. */
static const struct demand {
	int64_t rate_bps;
	uint32_t delay_us; /* each way */
} demands[] = {
	{20000000, 20000},
	{40000000, 40000},
};

static struct tcpbuf_plan_class class_of(const struct demand *d, uint32_t directions)
{
	return (struct tcpbuf_plan_class){.size = sizeof(struct tcpbuf_plan_class), .connections = 1,
		.directions = directions, .mss = 1448, .rtt_us = 2ll * d->delay_us, .rate_bps = d->rate_bps};
}

/* The plan for a pod whose settings are the kernel's. */
static void plan_for(const struct demand *d, struct tcpbuf_plan *plan, struct tcpbuf_plan_result *result)
{
	const struct tcpbuf_plan_class class = class_of(d, TCPBUF_PLAN_BOTH);
	const struct tcpbuf_plan_node node = {.size = sizeof(node), .moderate_rcvbuf = 1,
		.current = {.rmem = {4096, 131072, 6291456}, .wmem = {4096, 16384, 4194304}, .rmem_max = 212992,
			.wmem_max = 212992, .adv_win_scale = 1, .app_win = 31, .window_scaling = 1, .timestamps = 1,
			.sndbuf_factor = 2}};

	ck_assert_int_eq(tcpbuf_plan_make(&rules, &node, &class, sizeof(class), 1, plan, sizeof(*plan)), 0);
	ck_assert_int_eq(tcpbuf_plan_list(&rules, &node, &class, sizeof(class), 1, TCPBUF_PLAN_RESULTS_LIST, result,
				 sizeof(*result), 1),
		1);
}

static void set_triple(const struct scratch *s, const char *file, const int64_t *n, int64_t most)
{
	char text[64];

	snprintf(text, sizeof(text), "%lld %lld %lld", (long long)n[0], (long long)(n[1] < most ? n[1] : most),
		(long long)most);
	scratch_set(s, file, text);
}

/* A bulk transfer, by two threads. */
struct transfer {
	struct line line;
	struct pair pair; /* the client sends */
	atomic_int stop;
	pthread_t threads[2];
};

static void *send_main(void *arg)
{
	static const char zeroes[65536];
	struct transfer *t = arg;

	while (!t->stop) {
		struct pollfd fd = {t->pair.client, POLLOUT, 0};

		if (poll(&fd, 1, 100) == 1)
			send(t->pair.client, zeroes, sizeof(zeroes), MSG_DONTWAIT | MSG_NOSIGNAL);
	}
	return NULL;
}

static void *receive_main(void *arg)
{
	static char data[1 << 20];
	struct transfer *t = arg;

	while (!t->stop) {
		struct pollfd fd = {t->pair.server, POLLIN, 0};

		if (poll(&fd, 1, 100) == 1)
			recv(t->pair.server, data, sizeof(data), MSG_DONTWAIT);
	}
	return NULL;
}

/* Maxima: of the receiver's tcp_rmem and of the sender's tcp_wmem. */
static void start(struct transfer *t, const struct demand *d, const struct tcpbuf_plan *plan, int64_t rmem, int64_t wmem)
{
	const struct line_options options = {d->delay_us, 0, 4000};

	t->stop = 0;
	t->line = line_start(&options);
	set_triple(&t->line.ends[1], "ipv4/tcp_rmem", plan->rmem, rmem);
	set_triple(&t->line.ends[0], "ipv4/tcp_wmem", plan->wmem, wmem);
	t->pair = line_pair(&t->line, 0, 0);
	setsockopt(t->pair.client, IPPROTO_TCP, TCP_CONGESTION, "reno", 4);
	pthread_create(&t->threads[0], NULL, send_main, t);
	pthread_create(&t->threads[1], NULL, receive_main, t);
}

static void finish(struct transfer *t)
{
	t->stop = 1;
	pthread_join(t->threads[0], NULL);
	pthread_join(t->threads[1], NULL);
	pair_close(&t->pair);
	line_stop(&t->line);
}

static int64_t in_flight(const struct transfer *t)
{
	struct tcp_info info;
	socklen_t size = sizeof(info);

	ck_assert_int_eq(getsockopt(t->pair.client, IPPROTO_TCP, TCP_INFO, &info, &size), 0);
	return (int64_t)info.tcpi_unacked * info.tcpi_snd_mss;
}

/* The most that was seen in flight until it was enough; bounded. */
static int64_t most_in_flight(const struct transfer *t, int64_t enough, int tries)
{
	int64_t most = 0;

	for (int i = 0; i < tries && most < enough; i++) {
		int64_t now = in_flight(t);

		most = now > most ? now : most;
		poll(NULL, 0, TRY_MS);
	}
	return most;
}

START_TEST(what_the_rate_needs_gets_in_flight)
{
	const struct demand *d = &demands[_i];
	struct tcpbuf_plan_result result;
	struct tcpbuf_plan plan;
	struct transfer t;
	int64_t most;

	plan_for(d, &plan, &result);
	ck_assert_int_eq(result.needed_window, d->rate_bps * d->delay_us * 2 / 8000000);
	start(&t, d, &plan, plan.rmem[2], plan.wmem[2]);
	most = most_in_flight(&t, result.needed_window, TRIES);
	finish(&t);
	printf("%lld bit/s over %u us: needs %lld in flight, tcp_rmem to %lld and tcp_wmem to %lld let %lld\n",
		(long long)d->rate_bps, 2 * d->delay_us, (long long)result.needed_window, (long long)plan.rmem[2],
		(long long)plan.wmem[2], (long long)most);
	ck_assert_int_ge(most, result.needed_window);
}
END_TEST

/* Of either side: so small that not even one packet beyond the buffer makes up for it. */
START_TEST(a_quarter_of_the_window_does_not_suffice)
{
	const struct demand *d = &demands[0];
	struct tcpbuf_plan_result result;
	struct tcpbuf_plan plan;
	int64_t most, small;

	plan_for(d, &plan, &result);
	small = result.needed_window / 4;
	for (int side = 0; side < 2; side++) {
		struct transfer t;

		start(&t, d, &plan, side ? plan.rmem[2] : small, side ? small : plan.wmem[2]);
		most = most_in_flight(&t, result.needed_window, TRIES / 10);
		finish(&t);
		printf("%s of %lld: %lld in flight\n", side ? "tcp_wmem" : "tcp_rmem", (long long)small,
			(long long)most);
		ck_assert_int_lt(most, result.needed_window);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("plan, reach");
	TCase *tcase = tcase_create("reach");
	struct utsname name;

	if (!line_possible())
		skip_all("needs /dev/net/tun");
	if (uname(&name) != 0 || tcpbuf_rules_named(name.release, &rules, sizeof(rules)) != 0)
		skip_all("this kernel has no rules");
	scratch_rights();
	tcase_add_loop_test(tcase, what_the_rate_needs_gets_in_flight, 0, sizeof(demands) / sizeof(demands[0]));
	tcase_add_test(tcase, a_quarter_of_the_window_does_not_suffice);
	tcase_set_timeout(tcase, 60);
	suite_add_tcase(suite, tcase);
	return run_suite(suite);
}
