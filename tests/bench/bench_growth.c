/* SPDX-License-Identifier: MIT */
/* What 10,000 simulated round trips cost, one row each: the median of nine runs of each path, in CPU time. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <tcpbuf/tcpbuf.h>

#include "measure.h"

enum { ROUNDS = 10000, RUNS = 9 };

static const uint32_t rtts[] = {1000, 40000, 100000};
static const int64_t rates[] = {10000000, 200000000, 10000000000};
static const int64_t maxima[] = {262144, 6291456, 33554432};
static struct tcpbuf_model_growth_sample rows[ROUNDS + 1];

static double median_ms(const struct tcpbuf_rules *rules, const struct tcpbuf_model_growth *t)
{
	double spent[RUNS];

	for (int i = 0; i < RUNS; i++) {
		double began = cpu_us();

		if (tcpbuf_model_growth(rules, t, rows, ROUNDS + 1, sizeof(rows[0]), NULL, 0) != ROUNDS + 1)
			exit(1);
		spent[i] = (cpu_us() - began) / 1e3;
	}
	return median(spent, RUNS);
}

int main(void)
{
	struct tcpbuf_model_end end = {.rmem = {4096, 131072}, .wmem = {4096, 16384, 4194304}, .rmem_max = 212992,
		.wmem_max = 212992, .adv_win_scale = 1, .app_win = 31, .window_scaling = 1, .timestamps = 1,
		.sndbuf_factor = 2};
	double worst = 0, sum = 0, spent;
	struct tcpbuf_rules rules;

	if (tcpbuf_rules_named("debian-6.12.117", &rules, sizeof(rules)) != 0)
		return 1;
	for (int i = 0; i < 27; i++) {
		struct tcpbuf_model_growth t = {.size = sizeof(t), .reader = TCPBUF_READER_FAST,
			.congestion = TCPBUF_CONGESTION_CUBIC, .moderate_rcvbuf = 1, .rtt_us = rtts[i / 9], .gso = 1,
			.interval_us = rtts[i / 9], .duration_us = (int64_t)rtts[i / 9] * ROUNDS,
			.rate_bps = rates[i / 3 % 3]};

		end.rmem[2] = maxima[i % 3];
		t.link = (struct tcpbuf_model_link){.size = sizeof(t.link), .mtu = 1500, .family = 2, .client = end,
			.server = end};
		spent = median_ms(&rules, &t);
		printf("rtt %6" PRIu32 " us, %5" PRId64 " Mbit/s, tcp_rmem max %8" PRId64 ": %6.2f ms\n", t.rtt_us,
			t.rate_bps / 1000000, end.rmem[2], spent);
		worst = spent > worst ? spent : worst;
		sum += spent;
	}
	printf("%d round trips: mean %.2f ms, worst %.2f ms\n", ROUNDS, sum / 27, worst);
	return 0;
}
