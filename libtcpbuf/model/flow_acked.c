/* SPDX-License-Identifier: MIT */
/* An ACK reaches the sender; its timers. net/ipv4/tcp_input.c, tcp_timer.c. */
#include "model/flow.h"

#define RTO_MIN 200000 /* us: TCP_RTO_MIN, which a short path never exceeds */
#define TIMEOUT_MIN 2000 /* us: TCP_TIMEOUT_MIN_US, since 6.6, and in 5.10.y and 6.1.y */
#define INIT_CWND 10
#define MAX_BACKOFF 9
#define RTO_MAX 120 /* s */

int64_t tcpbuf__flow_rto(const struct flow *f)
{
	return tcpbuf__flow_ticks(f, (f->s.srtt8 >> 3) + RTO_MIN);
}

void tcpbuf__flow_arm(struct flow *f, uint32_t kind, int64_t ticks)
{
	f->s.timer_kind = kind;
	f->s.timer = tcpbuf__flow_fires(f, tcpbuf__flow_tick(f, f->now) + ticks);
}

/* tcp_schedule_loss_probe(): two round trips, or the least timeout for a lone segment. */
void tcpbuf__flow_schedule_tlp(struct flow *f)
{
	int64_t after = f->s.packets_out == 1 ? RTO_MIN : TIMEOUT_MIN;

	if (!f->s.packets_out)
		f->s.timer_kind = FLOW_TIMER_NONE;
	else
		tcpbuf__flow_arm(f, FLOW_TIMER_TLP,
			tcpbuf__min(tcpbuf__flow_ticks(f, (f->s.srtt8 >> 2) + after),
				tcpbuf__flow_rto(f)));
}

/* tcp_is_cwnd_limited(), in slow start. */
int tcpbuf__flow_cwnd_limited(const struct flow_sender *s)
{
	return s->cwnd_limited || s->cwnd < 2 * s->max_packets_out;
}

/* tcp_slow_start_after_idle_check(). */
void tcpbuf__flow_restart_after_idle(struct flow *f)
{
	struct flow_sender *s = &f->s;
	int64_t idle = tcpbuf__flow_tick(f, f->now) - tcpbuf__flow_tick(f, s->last_sent),
		rto = tcpbuf__flow_rto(f);

	if (s->packets_out || idle <= rto)
		return;
	for (idle -= rto; idle > 0 && s->cwnd > INIT_CWND; idle -= rto)
		s->cwnd >>= 1;
	s->cwnd = tcpbuf__max(s->cwnd, INIT_CWND);
	s->cwnd_stamp = tcpbuf__flow_tick(f, f->now);
	s->cwnd_used = 0;
}

/* tcp_rtt_estimator(), the mean; the deviation stays at its least. */
static void measure_rtt(struct flow *f, int64_t sent)
{
	int64_t rtt = f->now - sent;

	f->s.srtt8 += rtt - (f->s.srtt8 >> 3);
	f->s.min_rtt = tcpbuf__min(f->s.min_rtt, rtt);
	f->s.backoff = 0;
}

/* tcp_update_pacing_rate(): twice the window a round trip in slow start. */
static void update_pacing(struct flow *f)
{
	struct flow_sender *s = &f->s;

	s->pacing_rate = s->mss * 2 * 8 * 1000000 * tcpbuf__max(s->cwnd, s->packets_out) /
			 tcpbuf__max(s->srtt8, 1);
}

/* tcp_clean_rtx_queue(). Returns segments acknowledged. */
static int64_t clean(struct flow *f, int64_t ack)
{
	struct flow_sender *s = &f->s;
	int64_t acked = 0, sent = -1;

	while (s->rtx_count && s->rtx[s->rtx_head].end <= ack) {
		const struct flow_skb *skb = &s->rtx[s->rtx_head];

		if (sent < 0)
			sent = skb->sent;
		acked += (skb->end - skb->seq + s->mss - 1) / s->mss;
		s->wmem_queued -= skb->end - skb->seq + f->rules.skb_head;
		s->rtx_head = (s->rtx_head + 1) % FLOW_SENDER;
		s->rtx_count--;
	}
	s->packets_out = s->rtx_count ? s->packets_out - acked : 0;
	if (sent >= 0)
		measure_rtt(f, sent);
	return acked;
}

/* tcp_ack_update_window(). */
static void update_window(struct flow *f, const struct flow_packet *p)
{
	struct flow_sender *s = &f->s;

	if (p->seq <= s->snd_una && p->window <= s->snd_wnd && p->window)
		return;
	if (p->window != s->snd_wnd && s->unsent_count)
		tcpbuf__flow_restart_after_idle(f);
	s->snd_wnd = p->window;
	if (p->window > s->max_window) {
		s->max_window = p->window;
		tcpbuf__flow_sync_mss(f);
	}
}

/* tcp_ack_probe(): nothing is in flight; is the window open for what waits? */
static void ack_probe(struct flow *f)
{
	struct flow_sender *s = &f->s;

	if (!s->unsent_count)
		return;
	if (tcpbuf__flow_unsent(f, 0)->end <= s->snd_una + s->snd_wnd) {
		s->backoff = 0;
		s->timer_kind = FLOW_TIMER_NONE;
	} else {
		tcpbuf__flow_arm(f, FLOW_TIMER_PROBE,
			tcpbuf__min(tcpbuf__flow_rto(f) << s->backoff, RTO_MAX * f->rules.hz));
	}
}

/* tcp_ack(), then what the news allows to send. */
void tcpbuf__flow_acked(struct flow *f, const struct flow_packet *p)
{
	struct flow_sender *s = &f->s;
	int64_t in_flight = s->packets_out;

	s->last_echo_time = p->echo;
	update_window(f, p);
	s->snd_una = tcpbuf__max(s->snd_una, p->seq);
	if (!in_flight) {
		ack_probe(f);
	} else {
		int64_t acked = clean(f, s->snd_una);

		if (p->seq >= s->tlp_seq)
			s->tlp_seq = 0;
		if (acked) {
			tcpbuf__flow_schedule_tlp(f);
			if (tcpbuf__flow_cwnd_limited(s))
				s->cwnd += acked;
		}
		update_pacing(f);
	}
	tcpbuf__flow_push(f);
}

/* tcp_send_loss_probe(): something new, or the last segment again. */
static void loss_probe(struct flow *f)
{
	struct flow_sender *s = &f->s;
	int64_t before = s->packets_out;

	if (s->unsent_count)
		tcpbuf__flow_transmit(f, 2);
	if (s->packets_out == before && !s->tlp_seq && s->rtx_count) {
		const struct flow_skb *last =
			&s->rtx[(s->rtx_head + s->rtx_count - 1) % FLOW_SENDER];
		int64_t len = last->end - last->seq,
			part = (len % s->mss) ? len % s->mss : tcpbuf__min(len, s->mss);
		struct flow_packet p = {.seq = last->end - part,
			.end = last->end,
			.push = last->push,
			.frags = 1,
			.mss = s->mss,
			.echo = s->last_echo_time};

		tcpbuf__flow_put(f, &p);
		s->last_sent = f->now;
		s->tlp_seq = s->snd_nxt;
	}
	tcpbuf__flow_arm(f, FLOW_TIMER_RTO, tcpbuf__flow_rto(f));
}

/* tcp_probe_timer() with tcp_send_probe0(). */
static void probe_timer(struct flow *f)
{
	struct flow_sender *s = &f->s;

	tcpbuf__flow_probe(f);
	if (s->packets_out || !s->unsent_count) {
		s->backoff = 0;
		return;
	}
	s->backoff = tcpbuf__min(s->backoff + 1, MAX_BACKOFF);
	tcpbuf__flow_arm(f, FLOW_TIMER_PROBE,
		tcpbuf__min(tcpbuf__flow_rto(f) << s->backoff, RTO_MAX * f->rules.hz));
}

void tcpbuf__flow_send_timer(struct flow *f)
{
	uint32_t kind = f->s.timer_kind;

	f->s.timer_kind = FLOW_TIMER_NONE;
	if (kind == FLOW_TIMER_PROBE)
		probe_timer(f);
	else if (kind == FLOW_TIMER_TLP)
		loss_probe(f);
	else if (kind == FLOW_TIMER_RTO)
		tcpbuf__flow_retransmit(f);
}

/* tcp_retransmit_timer(): the first segments again, and the timer twice as long. */
void tcpbuf__flow_retransmit(struct flow *f)
{
	struct flow_sender *s = &f->s;
	const struct flow_skb *skb = &s->rtx[s->rtx_head];
	struct flow_packet p = {.mss = s->mss, .echo = s->last_echo_time, .frags = 1};

	if (!s->rtx_count)
		return;
	p.seq = skb->seq;
	p.end = tcpbuf__min(skb->end, skb->seq + s->mss);
	p.push = p.end == skb->end && skb->push;
	tcpbuf__flow_put(f, &p);
	s->last_sent = f->now;
	s->backoff = tcpbuf__min(s->backoff + 1, MAX_BACKOFF);
	tcpbuf__flow_arm(f, FLOW_TIMER_RTO,
		tcpbuf__min(tcpbuf__flow_rto(f) << s->backoff, RTO_MAX * f->rules.hz));
}
