/* SPDX-License-Identifier: MIT */
/* The application reads: buffer autotuning, and the window update that follows. */
#include "model/flow.h"

/* The buffer that @copied bytes in one round trip ask for. */
static int64_t wanted(const struct flow *f, int64_t copied)
{
	const struct flow_receiver *r = &f->r;
	struct tcpbuf_model_drs step = {.size = sizeof(step),
		.scaling_ratio = (uint32_t)r->ratio,
		.adv_win_scale = r->adv_win_scale,
		.rcvbuf = r->rcvbuf,
		.copied = copied,
		.rcv_space = r->space,
		.advmss = r->advmss,
		.rmem_max = r->tcp_rmem_max,
		.rtt_us = r->rtt8 >> 3,
		.low_rtt_us = f->low_rtt};

	return tcpbuf__drs_rcvbuf(&f->rules, &step);
}

/* tcp_rcv_space_adjust(), net/ipv4/tcp_input.c. */
static void space_adjust(struct flow *f)
{
	struct flow_receiver *r = &f->r;
	int64_t copied = r->copied_seq - r->space_seq, size;
	int64_t now = f->rules.growth_packet_clock ? r->mstamp : f->now;

	if (!r->rtt8 || now - r->space_time < r->rtt8 >> 3)
		return;
	if (f->rules.growth_less_queued)
		copied -= r->rcv_nxt - r->copied_seq;
	if (copied > r->space) {
		size = wanted(f, copied);
		if (f->moderate && !r->locked && size > r->rcvbuf) {
			r->rcvbuf = size;
			r->window_clamp = tcpbuf__flow_win(f, size);
		}
		r->space = copied;
	}
	r->space_seq = r->copied_seq;
	r->space_time = now;
}

/* __tcp_cleanup_rbuf(), net/ipv4/tcp.c: does the sender have to hear of the room? */
static void cleanup(struct flow *f, int64_t copied)
{
	struct flow_receiver *r = &f->r;
	int64_t left = tcpbuf__flow_receive_window(f), window;
	uint32_t pushed = r->pending & (FLOW_ACK_PUSHED | FLOW_ACK_PUSHED2);

	if ((r->pending & FLOW_ACK_SCHED) &&
		(r->rcv_nxt - r->rcv_wup > r->rcv_mss || (copied && pushed && !r->rmem_alloc))) {
		tcpbuf__flow_send_ack(f);
		return;
	}
	if (!copied || 2 * left > r->window_clamp)
		return;
	window = tcpbuf__flow_window(f);
	if (window && window >= 2 * left)
		tcpbuf__flow_send_ack(f);
}

/* tcp_recvmsg(), not blocking. */
int64_t tcpbuf__flow_read(struct flow *f, int64_t bytes)
{
	int64_t copied = 0;

	f->r.owned = 1;
	while (copied < bytes && f->r.queue_count) {
		copied += tcpbuf__flow_read_queue(f, bytes - copied);
		space_adjust(f);
		if (tcpbuf__flow_head_read(f))
			tcpbuf__flow_eat(f);
	}
	cleanup(f, copied);
	tcpbuf__flow_release_receiver(f);
	return copied;
}
