/* SPDX-License-Identifier: MIT */
/*
 * Growth against this kernel: bulk transfers over netem, of random round trip, rate, tcp_rmem and reader. What the
 * receiver shows at the end is within the model's tolerance in three of four, and never beyond twice that.
 *     test_kernel_growth [SEED [COUNT]]
 * The seed is the same unless told: a step of growth just missed must not fail a build once in a while.
 */
#include <tcpbuf/tcpbuf.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "check_main.h"
#include "line.h"

enum { DURATION_US = 5000000, PAUSE_US = 1500000, TOLERANCE_PERCENT = 15, QUEUE = 100000 };

static unsigned seed = 11;
static int count = 4;

static int64_t upto(int64_t most)
{
	return (((int64_t)random() << 31) + random()) % (most + 1);
}

/* Each doubling as likely. */
static int64_t between(int64_t least, int64_t most)
{
	int64_t doublings = 0, low;

	while (least << (doublings + 1) <= most)
		doublings++;
	low = least << upto(doublings);
	return low + upto((2 * low < most ? 2 * low : most) - low);
}

static int64_t node_limit(const char *path)
{
	FILE *file = fopen(path, "re");
	long long value = 0;

	ck_assert_ptr_nonnull(file);
	ck_assert_int_eq(fscanf(file, "%lld", &value), 1);
	fclose(file);
	return value;
}

static struct tcpbuf_model_growth choose(void)
{
	struct tcpbuf_model_end end = {.rmem = {4096, 131072, between(262144, 33554432)}, .wmem = {4096, 16384, 4194304},
		.rmem_max = node_limit("/proc/sys/net/core/rmem_max"), .wmem_max = node_limit("/proc/sys/net/core/wmem_max"),
		.adv_win_scale = 1, .app_win = 31, .window_scaling = 1, .timestamps = 1, .sndbuf_factor = 2};

	return (struct tcpbuf_model_growth){.size = sizeof(struct tcpbuf_model_growth),
		.reader = upto(1) ? TCPBUF_READER_FAST : TCPBUF_READER_PAUSE, .pause_us = PAUSE_US,
		.congestion = TCPBUF_CONGESTION_CUBIC, .moderate_rcvbuf = 1, .low_rtt_us = 1000, .gso = 1,
		.rtt_us = (uint32_t)between(10000, 100000), .rate_bps = between(10, 100) * 1000000, .queue_packets = QUEUE,
		.interval_us = DURATION_US, .duration_us = DURATION_US,
		.link = {.size = sizeof(struct tcpbuf_model_link), .mtu = 1500, .family = AF_INET, .client = end,
			.server = end}};
}

struct transfer {
	struct line line;
	struct pair pair;
	uint32_t pause_us;
	atomic_int stop;
	pthread_t writer, reader;
};

static void *write_main(void *arg)
{
	static const char zeroes[65536];
	struct transfer *t = arg;

	while (!t->stop && send(t->pair.client, zeroes, sizeof(zeroes), MSG_NOSIGNAL) > 0)
		;
	return NULL;
}

static void *read_main(void *arg)
{
	static char bytes[65536];
	struct transfer *t = arg;

	usleep(t->pause_us);
	while (!t->stop && recv(t->pair.server, bytes, sizeof(bytes), 0) > 0)
		;
	return NULL;
}

static void configure(const struct scratch *end, const struct tcpbuf_model_growth *g)
{
	char text[64];

	snprintf(text, sizeof(text), "4096 131072 %lld", (long long)g->link.server.rmem[2]);
	scratch_set(end, "ipv4/tcp_rmem", text);
	scratch_set(end, "ipv4/tcp_wmem", "4096 16384 4194304");
	scratch_set(end, "ipv4/tcp_adv_win_scale", "1");
	scratch_set(end, "ipv4/tcp_congestion_control", "cubic");
}

static void start(struct transfer *t, const struct tcpbuf_model_growth *g)
{
	const struct line_options options = {g->rtt_us / 2, (uint64_t)g->rate_bps / 8, QUEUE};

	*t = (struct transfer){.line = line_start_netem(&options)};
	if (g->reader == TCPBUF_READER_PAUSE)
		t->pause_us = g->pause_us;
	configure(&t->line.ends[0], g);
	configure(&t->line.ends[1], g);
	t->pair = line_pair(&t->line, 0, 0);
	pthread_create(&t->writer, NULL, write_main, t);
	pthread_create(&t->reader, NULL, read_main, t);
}

static void stop(struct transfer *t)
{
	t->stop = 1;
	shutdown(t->pair.client, SHUT_RDWR);
	shutdown(t->pair.server, SHUT_RDWR);
	pthread_join(t->writer, NULL);
	pthread_join(t->reader, NULL);
	pair_close(&t->pair);
	line_stop(&t->line);
}

static int is_within(int percent, int64_t predicted, int64_t shown)
{
	return llabs(predicted - shown) * 100 <= shown * percent;
}

/* Returns 1 when both are within the tolerance; fails the test beyond twice that. */
static int compare(int index, const struct tcpbuf_model_growth *g, const struct tcpbuf_model_growth_sample *last,
	const struct tcpbuf_sock *shown)
{
	char text[256];

	snprintf(text, sizeof(text),
		"seed %u, transfer %d: rtt %u us, %lld Mbit/s, tcp_rmem[2] %lld, %s reader: predicted, shown "
		"rcvbuf %lld %u, rcv_ssthresh %lld %u, received %lld %llu",
		seed, index, g->rtt_us, (long long)g->rate_bps / 1000000, (long long)g->link.server.rmem[2],
		g->reader == TCPBUF_READER_FAST ? "fast" : "pausing", (long long)last->rcvbuf, shown->rcvbuf,
		(long long)last->rcv_ssthresh, shown->rcv_ssthresh, (long long)last->received,
		(unsigned long long)shown->bytes_received);
	puts(text);
	fflush(stdout);
	ck_assert_msg(is_within(2 * TOLERANCE_PERCENT, last->rcvbuf, shown->rcvbuf) &&
		is_within(2 * TOLERANCE_PERCENT, last->rcv_ssthresh, shown->rcv_ssthresh), "%s", text);
	return is_within(TOLERANCE_PERCENT, last->rcvbuf, shown->rcvbuf) &&
		is_within(TOLERANCE_PERCENT, last->rcv_ssthresh, shown->rcv_ssthresh);
}

START_TEST(buffers_grow_as_predicted)
{
	struct tcpbuf_model_growth_result result;
	struct tcpbuf_model_growth growth;
	struct tcpbuf_kernel kernel;
	struct tcpbuf_sock shown;
	struct transfer transfer;
	struct tcpbuf *tb;
	int near = 0;

	printf("seed %u, %d transfers\n", seed, count);
	srandom(seed);
	ck_assert_int_eq(tcpbuf_new(&tb), 0);
	ck_assert_int_eq(tcpbuf_kernel_probe(tb, &kernel, sizeof(kernel)), 0);
	for (int i = 0; i < count; i++) {
		growth = choose();
		start(&transfer, &growth);
		usleep(DURATION_US);
		ck_assert_int_eq(tcpbuf_sock_of_fd(tb, transfer.pair.server, &shown, sizeof(shown), NULL, 0), 0);
		stop(&transfer);
		ck_assert_int_ge(tcpbuf_model_growth(&kernel.rules, &growth, NULL, 0, 0, &result, sizeof(result)), 0);
		near += compare(i, &growth, &result.last, &shown);
	}
	ck_assert_msg(near * 4 >= count * 3, "only %d of %d within %d %%", near, count, TOLERANCE_PERCENT);
	tcpbuf_free(tb);
}
END_TEST

int main(int argc, char **argv)
{
	Suite *suite = suite_create("kernel, growth");
	TCase *tc = tcase_create("netem");

	if (!getenv("TCPBUF_TEST_OWN_KERNEL"))
		skip_all("needs a guest: sch_netem, and a clock that a busy machine does not stretch");
	seed = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : seed;
	count = argc > 2 ? atoi(argv[2]) : count;
	tcase_set_timeout(tc, 1200);
	tcase_add_test(tc, buffers_grow_as_predicted);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
