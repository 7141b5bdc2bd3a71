/* SPDX-License-Identifier: MIT */
/* Receive buffer tuning over a transfer: when a step is made, and what it leaves. */
#include "model/growth.h"

void tcpbuf__rcv_rtt_sample(struct tcpbuf__growth *g, int64_t sample_us, int by_window)
{
	struct tcpbuf__receiver *r = &g->rcv;

	r->rtt8 = tcpbuf__drs_rtt8(g->rules, r->rtt8, sample_us, by_window, r->nxt != r->copied);
}

/* tcp_rcv_space_adjust(), after something was copied to the application; since 6.19 by the time of the last packet. */
void tcpbuf__drs_adjust(struct tcpbuf__growth *g)
{
	struct tcpbuf__receiver *r = &g->rcv;
	int64_t rtt_us = r->rtt8 >> 3, copied = r->copied - r->space_seq;
	int64_t now = g->rules->growth_packet_clock ? r->mstamp : g->now;

	if (!r->rtt8 || (now - r->space_time) / 1000 < rtt_us)
		return;
	if (g->rules->growth_less_queued)
		copied -= r->nxt - r->copied;
	if (copied > r->rcv_space) {
		if (r->moderate && !r->locked) {
			struct tcpbuf_model_drs step = {.size = sizeof(step), .scaling_ratio = (uint32_t)r->ratio,
				.adv_win_scale = (int32_t)r->adv_win_scale, .rcvbuf = r->rcvbuf, .copied = copied,
				.rcv_space = r->rcv_space, .advmss = r->advmss, .rmem_max = r->rmem_max,
				.rtt_us = rtt_us, .low_rtt_us = r->low_rtt};
			int64_t rcvbuf = tcpbuf__drs_rcvbuf(g->rules, &step);

			if (rcvbuf > r->rcvbuf) {
				r->rcvbuf = rcvbuf;
				r->window_clamp = tcpbuf__receiver_win(g, rcvbuf);
				g->changed = g->now;
			}
		}
		r->rcv_space = copied;
	}
	r->space_seq = r->copied;
	r->space_time = now;
}
