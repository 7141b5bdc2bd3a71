/* SPDX-License-Identifier: MIT */
/* The sender cuts its queue into the skbs that the receiver gets: tcp_write_xmit(),
 * net/ipv4/tcp_output.c. */
#include "model/flow.h"

#define PACING_SHIFT 10 /* sk_pacing_shift */
#define MIN_TSO_SEGS 2	/* tcp_min_tso_segs */
#define TSO_RTT_LOG 9	/* tcp_tso_rtt_log */
#define TSO_WIN_DIVISOR 3
#define RECENT 1000 /* us: a write is a burst with the one before, tcp_tso_should_defer() */
#define INIT_CWND 10
#define MSS_DEFAULT 536

struct flow_skb *tcpbuf__flow_unsent(struct flow *f, uint32_t i)
{
	return &f->s.unsent[(f->s.unsent_head + i) % FLOW_SENDER];
}

static void drop_head(struct flow_sender *s)
{
	s->unsent_head = (s->unsent_head + 1) % FLOW_SENDER;
	s->unsent_count--;
}

static int64_t segments(const struct flow *f, int64_t bytes)
{
	return (bytes + f->s.mss - 1) / f->s.mss;
}

/* tcp_bound_to_half_wnd(). */
static int64_t half_window(const struct flow *f, int64_t size)
{
	int64_t most = f->s.max_window > MSS_DEFAULT ? f->s.max_window >> 1 : f->s.max_window;

	return most && size > most ? tcpbuf__max(most, 68 - (int64_t)f->r.tcp_header) : size;
}

/* tcp_sync_mss(). */
void tcpbuf__flow_sync_mss(struct flow *f)
{
	f->s.mss = half_window(f, f->s.raw_mss);
}

/* tcp_xmit_size_goal(), net/ipv4/tcp.c. */
int64_t tcpbuf__flow_size_goal(const struct flow *f)
{
	int64_t goal = half_window(f, FLOW_GSO_MAX - 1 - (int64_t)f->rules.max_tcp_header);

	return tcpbuf__max(goal - goal % f->s.mss, f->s.mss);
}

/* tcp_tso_autosize(): segments that one skb may have. */
static int64_t most_segments(const struct flow *f)
{
	int64_t bytes = f->s.pacing_rate >> PACING_SHIFT,
		most = FLOW_GSO_MAX - 1 - (int64_t)f->rules.max_tcp_header;
	int64_t shift = f->s.min_rtt >> TSO_RTT_LOG;

	if (f->rules.tso_by_rtt && shift < 32)
		bytes += (int64_t)FLOW_GSO_MAX >> shift;
	return tcpbuf__max(tcpbuf__min(bytes, most) / f->s.mss, MIN_TSO_SEGS);
}

/* tcp_cwnd_test(): half the window at a time. */
static int64_t quota(const struct flow_sender *s)
{
	if (s->packets_out >= s->cwnd)
		return 0;
	return tcpbuf__min(tcpbuf__max(s->cwnd >> 1, 1), s->cwnd - s->packets_out);
}

static int64_t window_end(const struct flow_sender *s)
{
	return s->snd_una + s->snd_wnd;
}

/* tcp_grow_skb(), since 6.10: fill the first skb from the next. */
static void grow_head(struct flow *f, int64_t most)
{
	struct flow_skb *head = tcpbuf__flow_unsent(f, 0), *next = tcpbuf__flow_unsent(f, 1);
	int64_t take = most - (head->end - head->seq);

	if (take <= 0 || f->s.unsent_count < 2)
		return;
	take = tcpbuf__min(take, next->end - next->seq);
	if (tcpbuf__flow_frags(f, head->seq, head->end + take) > FLOW_MAX_FRAGS)
		return;
	head->end += take;
	next->seq += take;
	if (next->seq < next->end)
		return;
	head->push |= next->push;
	f->s.wmem_queued -= f->rules.skb_head;
	*next = *head;
	drop_head(&f->s);
}

/* tcp_tso_should_defer(): wait for more room? 1: held by the congestion window, 2: by the other
 * end's. */
static int should_defer(const struct flow *f, const struct flow_skb *skb, int64_t max_segs)
{
	const struct flow_sender *s = &f->s;
	int64_t len = skb->end - skb->seq, send_win = window_end(s) - skb->seq;
	int64_t cong_win = (s->cwnd - s->packets_out) * s->mss,
		limit = tcpbuf__min(send_win, cong_win);

	if (f->now - s->last_sent > RECENT || limit >= max_segs * s->mss)
		return 0;
	if (s->unsent_count > 1 && limit >= len)
		return 0;
	if (limit >= tcpbuf__min(s->snd_wnd, s->cwnd * s->mss) / TSO_WIN_DIVISOR)
		return 0;
	if (!s->rtx_count || f->now - s->rtx[s->rtx_head].sent < s->srtt8 >> 4)
		return 0;
	if (cong_win < send_win)
		return cong_win <= len ? 1 : 0;
	return send_win <= len ? 2 : 0;
}

/* tcp_mss_split_point(). */
static int64_t split_point(const struct flow *f, const struct flow_skb *skb, int64_t max_segs)
{
	int64_t window = window_end(&f->s) - skb->seq, most = f->s.mss * max_segs;

	if (most <= window && f->s.unsent_count > 1)
		return most;
	return tcpbuf__min(tcpbuf__min(skb->end - skb->seq, window), most);
}

static void remember(struct flow *f, const struct flow_skb *skb)
{
	struct flow_sender *s = &f->s;

	if (s->rtx_count == FLOW_SENDER) {
		f->error = -ENOSPC;
		return;
	}
	s->rtx[(s->rtx_head + s->rtx_count++) % FLOW_SENDER] = *skb;
}

/* Sends @len bytes of the first unsent skb: tcp_transmit_skb() and tcp_event_new_data_sent(). */
static void send_head(struct flow *f, int64_t len)
{
	struct flow_sender *s = &f->s;
	struct flow_skb *head = tcpbuf__flow_unsent(f, 0), part = *head;
	struct flow_packet p = {
		.seq = head->seq, .end = head->seq + len, .echo = s->last_echo_time, .mss = s->mss};
	int64_t before = s->packets_out;

	part.end = p.end;
	part.sent = f->now;
	if (part.end < head->end) {
		part.push = 0;
		head->seq = part.end;
		s->wmem_queued += f->rules.skb_head;
	} else {
		drop_head(s);
	}
	p.push = part.push;
	p.frags = tcpbuf__flow_frags(f, p.seq, p.end);
	s->last_sent = f->now;
	remember(f, &part);
	s->snd_nxt = p.end;
	s->packets_out += segments(f, len);
	if (!before || s->timer_kind == FLOW_TIMER_TLP)
		tcpbuf__flow_arm(f, FLOW_TIMER_RTO, tcpbuf__flow_rto(f));
	tcpbuf__flow_put(f, &p);
}

/* tcp_cwnd_validate(): was the congestion window in the way? */
static void validate_cwnd(struct flow *f, int limited)
{
	struct flow_sender *s = &f->s;
	int64_t now = tcpbuf__flow_tick(f, f->now);

	if (s->snd_una >= s->cwnd_usage_seq || limited ||
		(!s->cwnd_limited && s->packets_out > s->max_packets_out)) {
		s->cwnd_limited = (uint32_t)limited;
		s->max_packets_out = s->packets_out;
		s->cwnd_usage_seq = s->snd_nxt;
	}
	if (tcpbuf__flow_cwnd_limited(s)) {
		s->cwnd_used = 0;
		s->cwnd_stamp = now;
		return;
	}
	s->cwnd_used = tcpbuf__max(s->cwnd_used, s->packets_out);
	if (now - s->cwnd_stamp < tcpbuf__flow_rto(f))
		return;
	/* tcp_cwnd_application_limited() */
	if (tcpbuf__max(s->cwnd_used, INIT_CWND) < s->cwnd)
		s->cwnd = (s->cwnd + tcpbuf__max(s->cwnd_used, INIT_CWND)) >> 1;
	s->cwnd_used = 0;
	s->cwnd_stamp = now;
}

/* What the first unsent skb may send now; 0: nothing, and *limited tells whether cwnd is why. */
static int64_t sendable(struct flow *f, int64_t max_segs, int push_one, int *limited)
{
	struct flow_sender *s = &f->s;
	int64_t segs = quota(s), len;
	struct flow_skb *skb;

	if (!segs && push_one != 2)
		return 0;
	segs = tcpbuf__min(segs ? segs : 1, max_segs);
	if (f->rules.grow_skb)
		grow_head(f, segs * s->mss);
	skb = tcpbuf__flow_unsent(f, 0);
	len = skb->end - skb->seq;
	if (skb->seq + tcpbuf__min(len, s->mss) > window_end(s))
		return 0;
	if (len <= s->mss)
		return len;
	if (!push_one) {
		int why = should_defer(f, skb, max_segs);

		if (why) {
			*limited |= why == 1;
			return 0;
		}
	}
	return tcpbuf__min(len, split_point(f, skb, segs));
}

/* tcp_write_xmit(); @push_one 1: one skb, 2: one skb whatever cwnd says. */
void tcpbuf__flow_transmit(struct flow *f, int push_one)
{
	struct flow_sender *s = &f->s;
	int64_t max_segs = most_segments(f), len;
	int sent = 0, limited = 0;

	while (s->unsent_count && !f->error) {
		len = sendable(f, max_segs, push_one, &limited);
		if (!len)
			break;
		send_head(f, len);
		sent = 1;
		if (push_one)
			break;
	}
	limited |= s->packets_out >= s->cwnd;
	if (sent || limited)
		validate_cwnd(f, limited);
	if (sent && push_one != 2)
		tcpbuf__flow_schedule_tlp(f);
}

/* __tcp_push_pending_frames() with tcp_check_probe_timer(). */
void tcpbuf__flow_push(struct flow *f)
{
	struct flow_sender *s = &f->s;

	if (!s->unsent_count)
		return;
	tcpbuf__flow_transmit(f, 0);
	if (!s->packets_out && s->unsent_count && s->timer_kind == FLOW_TIMER_NONE)
		tcpbuf__flow_arm(f, FLOW_TIMER_PROBE, tcpbuf__flow_rto(f));
}

/* tcp_write_wakeup(): what fits the window, or nothing but a question. */
void tcpbuf__flow_probe(struct flow *f)
{
	struct flow_sender *s = &f->s;
	struct flow_packet ask = {
		.seq = s->snd_una, .end = s->snd_una, .mss = s->mss, .echo = s->last_echo_time};
	int64_t room;

	if (s->unsent_count && tcpbuf__flow_unsent(f, 0)->seq < window_end(s)) {
		struct flow_skb *skb = tcpbuf__flow_unsent(f, 0);

		room = tcpbuf__min(window_end(s) - skb->seq, s->mss);
		s->pushed_seq = tcpbuf__max(s->pushed_seq, skb->end);
		skb->push = 1;
		send_head(f, tcpbuf__min(room, skb->end - skb->seq));
	} else {
		tcpbuf__flow_put(f, &ask);
	}
}
