/* SPDX-License-Identifier: MIT */
/*
 * Ten thousand connections of a pod on this kernel: settings, memory, and the manifest that sets them.
 * cc plan_pod.c $(pkg-config --cflags --libs tcpbuf)
 */
#include <stdio.h>

#include <tcpbuf/tcpbuf.h>

/* Cassandra's clients: 10 Mbit/s each, 40 ms away. */
static const struct tcpbuf_plan_class clients = {.size = sizeof(clients), .connections = 10000,
	.directions = TCPBUF_PLAN_BOTH, .mss = 1448, .rtt_us = 40000, .rate_bps = 10000000, .name = "clients"};

/* A node of 64 GiB with the limits that Linux 6.18 boots with. */
static const struct tcpbuf_plan_node node = {.size = sizeof(node), .moderate_rcvbuf = 1,
	.ram_bytes = 64LL << 30, .tcp_mem = {768000, 1024000, 1536000}, .neighbour_bytes = 200 << 20,
	.current = {.rmem = {4096, 131072, 33554432}, .wmem = {4096, 16384, 4194304}, .rmem_max = 4194304,
		.wmem_max = 4194304, .adv_win_scale = 1, .app_win = 31, .window_scaling = 1, .timestamps = 1,
		.sndbuf_factor = 2}};

int main(void)
{
	struct tcpbuf_k8s_setting settings[8];
	struct tcpbuf_rules rules;
	struct tcpbuf_plan plan;
	char manifest[4096];
	int count;

	tcpbuf_rules_named("6.18", &rules, sizeof(rules));
	if (tcpbuf_plan_make(&rules, &node, &clients, sizeof(clients), 1, &plan, sizeof(plan)) != 0) {
		fprintf(stderr, "%s\n", plan.text);
		return 1;
	}
	printf("idle %lld, when readers stop %lld, at most %lld bytes\n", (long long)plan.idle_bytes,
		(long long)plan.expected.total, (long long)plan.bound.total);
	printf("left for everybody %lld of %lld bytes\n\n", (long long)plan.remaining_after,
		(long long)plan.limit_bytes[2]);
	count = tcpbuf_plan_list(&rules, &node, &clients, sizeof(clients), 1, TCPBUF_PLAN_SETTINGS_LIST, settings,
		sizeof(settings[0]), 8);
	if (count < 0 || tcpbuf_k8s_write(TCPBUF_K8S_ARTEFACT_POD, NULL, settings, sizeof(settings[0]),
				 (uint32_t)count, manifest, sizeof(manifest)) < 0)
		return 1;
	fputs(manifest, stdout);
	return 0;
}
