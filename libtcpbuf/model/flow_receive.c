/* SPDX-License-Identifier: MIT */
/* A data segment reaches the receiver: what it learns, and when it answers. */
#include "model/flow.h"

#define MAX_QUICKACKS 16
#define TCP_MIN_MSS 88
#define TCP_MSS_DEFAULT 536
#define MIN_GROW_LEN 128 /* tcp_event_data_recv() */

static int64_t delack_min(const struct flow *f)
{
	return f->rules.hz / 25; /* TCP_DELACK_MIN, TCP_ATO_MIN */
}

/* tcp_incr_quickack(). */
static void add_quickacks(struct flow_receiver *r)
{
	int64_t quick = r->rcv_wnd / (2 * r->rcv_mss);

	quick = tcpbuf__min(quick ? quick : 2, MAX_QUICKACKS);
	r->quick = tcpbuf__max(r->quick, quick);
}

/* tcp_enter_quickack_mode(). */
static void enter_quickack(struct flow *f)
{
	add_quickacks(&f->r);
	f->r.ato = delack_min(f);
}

static void rtt_update(struct flow *f, int64_t sample, int by_window)
{
	struct flow_receiver *r = &f->r;

	r->rtt8 = tcpbuf__drs_rtt8(&f->rules, r->rtt8, tcpbuf__max(sample, 1), by_window,
		r->rcv_nxt != r->copied_seq);
}

/* tcp_rcv_rtt_measure(): the time a whole window takes. */
static void rtt_by_window(struct flow *f)
{
	struct flow_receiver *r = &f->r;

	if (r->rtt_seq && r->rcv_nxt < r->rtt_seq)
		return;
	if (r->rtt_seq)
		rtt_update(f, f->now - r->rtt_time, 1);
	r->rtt_seq = r->rcv_nxt + r->rcv_wnd;
	r->rtt_time = f->now;
}

/* tcp_rcv_rtt_measure_ts(): whole segments only, once an echo, in milliseconds. */
static void rtt_by_timestamp(struct flow *f, const struct flow_packet *p)
{
	struct flow_receiver *r = &f->r;
	int64_t sample = f->now / 1000 - p->echo / 1000;

	if (p->echo / 1000 == r->rtt_echo || r->tcp_header == 20)
		return;
	r->rtt_echo = p->echo / 1000;
	if (p->end - p->seq < r->rcv_mss ||
		(!sample && f->rules.rcv_rtt_positive))
		return;
	rtt_update(f, 1000 * tcpbuf__max(sample, 1), 0);
}

/* What a new scaling_ratio does to the clamp, tcp_measure_rcv_mss(). */
static void ratio_changed(struct flow *f)
{
	struct flow_receiver *r = &f->r;
	int64_t window = tcpbuf__flow_win(f, r->rcvbuf);

	if (f->rules.ratio_clamp == TCPBUF_RULE_RATIO_CLAMP_KEEP)
		return;
	if (f->rules.ratio_clamp == TCPBUF_RULE_RATIO_CLAMP_SETSOCKOPT)
		tcpbuf__model_set_clamp(
			&f->rules, window, r->rcv_wnd, &r->window_clamp, &r->rcv_ssthresh);
	else
		r->window_clamp = window;
	if (f->rules.ratio_clamp != TCPBUF_RULE_RATIO_CLAMP_SET)
		r->space = tcpbuf__min(r->space, r->window_clamp);
}

static void segment_grew(struct flow *f, const struct flow_packet *p, int64_t len, int64_t truesize)
{
	struct flow_receiver *r = &f->r;

	if (len != r->rcv_mss && f->rules.window == TCPBUF_RULE_WINDOW_SCALING_RATIO) {
		r->ratio = tcpbuf__max((p->end - p->seq) * 256 / truesize, 1);
		ratio_changed(f);
	}
	r->rcv_mss = tcpbuf__min(len, r->advmss);
	if (p->push && p->end - p->seq == r->rcv_mss)
		r->pending |= FLOW_ACK_PUSHED;
}

/* tcp_measure_rcv_mss(), net/ipv4/tcp_input.c. */
static void measure(struct flow *f, const struct flow_packet *p, int64_t truesize)
{
	struct flow_receiver *r = &f->r;
	int64_t len = tcpbuf__min(p->end - p->seq, p->mss), last = r->last_seg;

	r->last_seg = 0;
	if (len >= r->rcv_mss) {
		segment_grew(f, p, len, truesize);
		return;
	}
	if (len + r->tcp_header >= TCP_MSS_DEFAULT + 20 ||
		(len + r->tcp_header >= TCP_MIN_MSS + 20 && !p->push)) {
		r->last_seg = len;
		if (len == last) {
			r->rcv_mss = len;
			return;
		}
	}
	if (r->pending & FLOW_ACK_PUSHED)
		r->pending |= FLOW_ACK_PUSHED2;
	r->pending |= FLOW_ACK_PUSHED;
}

/* __tcp_grow_window(): for what does not fit the window's share of its own memory. */
static int64_t grow_by_walk(const struct flow *f, int64_t len)
{
	int64_t size = tcpbuf__flow_win(f, len) >> 1,
		window = tcpbuf__flow_win(f, f->r.tcp_rmem_max) >> 1;

	for (; f->r.rcv_ssthresh <= window && window; size >>= 1, window >>= 1)
		if (size <= len)
			return 2 * f->r.rcv_mss;
	return 0;
}

/* tcp_grow_window(): the linear part of local traffic is empty, so only the payload counts. */
static void grow_window(struct flow *f, int64_t len)
{
	struct flow_receiver *r = &f->r;
	int64_t room = tcpbuf__min(r->window_clamp, tcpbuf__flow_space(f)) - r->rcv_ssthresh;
	int64_t more = tcpbuf__flow_win(f, len) <= len ? 2 * r->advmss : grow_by_walk(f, len);

	if (room <= 0 || !more)
		return;
	r->rcv_ssthresh += tcpbuf__min(room, tcpbuf__max(more, 2 * len));
	r->quick |= 1;
}

/* tcp_event_data_recv(). */
static void event_data(struct flow *f, const struct flow_packet *p, int64_t truesize)
{
	struct flow_receiver *r = &f->r;
	int64_t now = tcpbuf__flow_tick(f, f->now), gap = now - r->last_data, least = delack_min(f);

	r->pending |= FLOW_ACK_SCHED;
	measure(f, p, truesize);
	rtt_by_window(f);
	if (!r->ato) {
		add_quickacks(r);
		r->ato = least;
	} else if (gap <= least / 2) {
		r->ato = (r->ato >> 1) + least / 2;
	} else if (gap < r->ato) {
		r->ato = tcpbuf__min((r->ato >> 1) + gap, r->rto);
	} else if (gap > r->rto) {
		add_quickacks(r);
	}
	r->last_data = now;
	if (p->end - p->seq >= MIN_GROW_LEN)
		grow_window(f, p->end - p->seq);
}

/* tcp_send_ack(). */
void tcpbuf__flow_send_ack(struct flow *f)
{
	struct flow_receiver *r = &f->r;
	struct tcpbuf__offer offer = tcpbuf__flow_offer(f);
	struct flow_packet ack = {
		.is_ack = 1, .seq = r->rcv_nxt, .end = r->rcv_nxt, .echo = f->now};

	if (r->pending & FLOW_ACK_NOMEM) {
		r->rcv_wnd = 0;
		r->field = 0;
	} else {
		r->field = tcpbuf__model_offer_window(&offer, tcpbuf__flow_receive_window(f),
			(int)r->signed_windows, &r->rcv_wnd);
	}
	if (!r->field)
		r->predicted = 0;
	r->rcv_wup = r->rcv_nxt;
	ack.window = r->field << r->wscale;
	if (r->quick && !--r->quick)
		r->ato = delack_min(f);
	r->pending = 0;
	r->mstamp = f->now;
	r->acked = r->rcv_nxt;
	r->acks++;
	tcpbuf__flow_put(f, &ack);
}

/* tcp_send_delayed_ack(): the round trip is short, so no delay is longer than the least. */
static void delay_ack(struct flow *f)
{
	struct flow_receiver *r = &f->r;
	int64_t now = tcpbuf__flow_tick(f, f->now), ato = tcpbuf__min(r->ato, delack_min(f));
	int64_t when = now + ato;

	if (r->pending & FLOW_ACK_TIMER) {
		if (r->ack_timer <= now + (ato >> 2)) {
			tcpbuf__flow_send_ack(f);
			return;
		}
		when = tcpbuf__min(when, r->ack_timer);
	}
	if (!(r->pending & FLOW_ACK_TIMER) || when != r->ack_timer)
		r->ack_fires = tcpbuf__flow_fires(f, when);
	r->pending |= FLOW_ACK_SCHED | FLOW_ACK_TIMER;
	r->ack_timer = when;
}

/* tcp_ack_snd_check(); processing the backlog, newer kernels wait for its end. */
static void ack_check(struct flow *f)
{
	struct flow_receiver *r = &f->r;

	if (!(r->pending & FLOW_ACK_SCHED))
		return;
	if (!(r->rcv_nxt - r->rcv_wup > r->rcv_mss &&
		    (r->rcv_nxt == r->copied_seq || tcpbuf__flow_window(f) >= r->rcv_wnd)) &&
		!r->quick && !(r->pending & FLOW_ACK_NOW)) {
		delay_ack(f);
		return;
	}
	if (r->owned && f->rules.ack_defer)
		r->ack_deferred = 1;
	else
		tcpbuf__flow_send_ack(f);
}

/* tcp_delack_timer_handler(). */
void tcpbuf__flow_delack_timer(struct flow *f)
{
	struct flow_receiver *r = &f->r;

	tcpbuf__flow_reclaim(f);
	r->pending &= ~(uint32_t)FLOW_ACK_TIMER;
	if (!(r->pending & FLOW_ACK_SCHED))
		return;
	r->ato = tcpbuf__min(r->ato << 1, r->rto);
	tcpbuf__flow_send_ack(f);
}

/* tcp_data_queue(): out of the window, or seen before. */
static void refuse(struct flow *f)
{
	enter_quickack(f);
	f->r.pending |= FLOW_ACK_SCHED;
}

static void data_queue(struct flow *f, const struct flow_packet *p, int64_t truesize)
{
	struct flow_receiver *r = &f->r;
	int64_t window = tcpbuf__flow_receive_window(f);

	if (p->end <= r->rcv_nxt || p->seq > r->rcv_nxt || !window) {
		refuse(f);
		return;
	}
	if (f->rules.beyond_window && p->end > r->rcv_nxt + window && r->queue_count)
		return;
	if (tcpbuf__flow_enqueue_tested(f, p, truesize))
		return;
	event_data(f, p, truesize);
	if (r->rcv_wnd && r->rmem_alloc < r->rcvbuf)
		r->predicted = 1;
}

/* A probe carries nothing: it is old, and answered at most twice a second. */
static void answer_probe(struct flow *f)
{
	int64_t now = tcpbuf__flow_tick(f, f->now);

	if (f->r.last_oow && now - f->r.last_oow < f->rules.hz / 2)
		return;
	f->r.last_oow = now;
	tcpbuf__flow_send_ack(f);
}

/* tcp_rcv_established(), net/ipv4/tcp_input.c. */
void tcpbuf__flow_receive(struct flow *f, const struct flow_packet *p)
{
	struct flow_receiver *r = &f->r;
	int64_t truesize = p->end - p->seq + f->rules.skb_head;

	r->mstamp = f->now;
	if (p->end == p->seq) {
		answer_probe(f);
		return;
	}
	rtt_by_timestamp(f, p);
	if (r->predicted && p->seq == r->rcv_nxt && truesize <= r->forward_alloc) {
		tcpbuf__flow_enqueue(f, p, truesize);
		event_data(f, p, truesize);
	} else {
		data_queue(f, p, truesize);
	}
	ack_check(f);
}
