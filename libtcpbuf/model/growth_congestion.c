/* SPDX-License-Identifier: MIT */
/* The congestion window: net/ipv4/tcp_cubic.c with HyStart, and BBR by its long-run window. */
#include "model/growth.h"

enum {
	BETA = 717,      /* of 1024 that a loss leaves */
	BETA_SCALE = 15, /* what an equal share with Reno adds, times 8 */
	HYSTART_LOW = 16,
	HYSTART_SAMPLES = 8,
	HYSTART_GAP_US = 2000,
	INIT_CWND = 10,
	BBR_FULL_ROUNDS = 6, /* three in the kernel, whose first estimates are lower; by the recordings */
	MOST_CWND = 1 << 21 /* beyond the largest window of small segments */
};

static int64_t cube_root(int64_t value)
{
	int64_t low = 0, high = 1 << 20;

	while (low < high) {
		int64_t middle = (low + high + 1) / 2;

		if (middle * middle * middle <= value)
			low = middle;
		else
			high = middle - 1;
	}
	return low;
}

static void start_round(struct tcpbuf__cubic *c, const struct tcpbuf__sender *s, int64_t now_us)
{
	c->round_end = s->nxt;
	c->round_start = c->last_ack = now_us;
	c->round_rtt = INT64_MAX;
	c->samples = 0;
}

/* hystart_ack_delay(): what four of the largest packets take at the pacing rate, a millisecond at most. */
static int64_t hold_back(const struct tcpbuf__sender *s)
{
	return tcpbuf__min(1000, 4 * 65536 * 1000 / tcpbuf__max(tcpbuf__pacing_bytes(s) * 1024 / 1000, 1));
}

/* hystart_update(): a train of acknowledgements half a round trip long, or a growing round trip. */
static void hystart(struct tcpbuf__sender *s, int64_t now_us, int64_t rtt_us, int64_t acks, uint32_t late)
{
	struct tcpbuf__cubic *c = &s->cubic;
	int64_t slack = tcpbuf__min(tcpbuf__max(c->delay_min >> 3, 4000), 16000);

	if (late && s->cwnd < HYSTART_LOW)
		return;
	if (s->una > c->round_end)
		start_round(c, s, now_us);
	if (s->cwnd < HYSTART_LOW)
		return;
	if (now_us - c->last_ack <= HYSTART_GAP_US) {
		c->last_ack = now_us;
		c->found |= now_us - c->round_start > (c->delay_min + hold_back(s)) >> 1;
	}
	c->round_rtt = tcpbuf__min(c->round_rtt, rtt_us);
	c->samples += acks;
	if (c->samples > HYSTART_SAMPLES)
		c->found |= c->round_rtt > c->delay_min + slack;
	if (c->found)
		s->ssthresh = s->cwnd;
}

static void start_epoch(struct tcpbuf__sender *s, int64_t now_us)
{
	struct tcpbuf__cubic *c = &s->cubic;

	c->epoch = now_us;
	c->epoch_acked = 0;
	c->reno_cwnd = s->cwnd;
	c->origin = tcpbuf__max(c->last_max, s->cwnd);
	c->k = cube_root((((int64_t)1 << 40) / 410) * (c->origin - s->cwnd));
}

/* bictcp_update(): acknowledged segments that make one more of the window. */
static int64_t segments_per_step(struct tcpbuf__sender *s, int64_t acked, int64_t now_us)
{
	struct tcpbuf__cubic *c = &s->cubic;
	int64_t offset, away, target, count, share;

	if (c->epoch < 0)
		start_epoch(s, now_us);
	c->epoch_acked += acked;
	offset = ((now_us - c->epoch + c->delay_min) << 10) / 1000000 - c->k;
	offset = tcpbuf__max(tcpbuf__min(offset, 1 << 17), -(1 << 17));
	away = 410 * (offset < 0 ? -offset : offset);
	away = (away * offset >> 20) * offset >> 20;
	away = away < 0 ? -away : away;
	target = offset < 0 ? c->origin - away : c->origin + away;
	count = target > s->cwnd ? s->cwnd / (target - s->cwnd) : 100 * s->cwnd;
	if (!c->last_max)
		count = tcpbuf__min(count, 20);
	share = (s->cwnd * BETA_SCALE) >> 3;
	if (c->epoch_acked > share) {
		c->reno_cwnd += (c->epoch_acked - 1) / share;
		c->epoch_acked -= (c->epoch_acked - 1) / share * share;
	}
	if (c->reno_cwnd > s->cwnd)
		count = tcpbuf__min(count, s->cwnd / (c->reno_cwnd - s->cwnd));
	return tcpbuf__max(count, 2);
}

static void avoid_congestion(struct tcpbuf__sender *s, int64_t acked, int64_t per_step)
{
	if (s->cwnd_count >= per_step) {
		s->cwnd_count = 0;
		s->cwnd++;
	}
	s->cwnd_count += acked;
	s->cwnd += s->cwnd_count / per_step;
	s->cwnd_count %= per_step;
}

static int cwnd_limited(const struct tcpbuf__sender *s)
{
	return s->limited || (s->cwnd < s->ssthresh && s->cwnd < 2 * s->max_out);
}

static void cubic_acked(struct tcpbuf__growth *g, int64_t acked, int64_t rtt_us, int64_t acks)
{
	struct tcpbuf__sender *s = &g->snd;
	struct tcpbuf__cubic *c = &s->cubic;
	int64_t now_us = g->now / 1000, before = s->cwnd;

	if (!c->delay_min || rtt_us < c->delay_min)
		c->delay_min = tcpbuf__max(rtt_us, 1);
	if (!c->found && s->cwnd < s->ssthresh)
		hystart(s, now_us, rtt_us, acks, g->rules->hystart_late);
	if (s->una < s->recovery_end || !cwnd_limited(s))
		return;
	if (s->cwnd < s->ssthresh) {
		s->cwnd = tcpbuf__min(s->cwnd + acked, s->ssthresh);
		acked -= s->cwnd - before;
	}
	if (acked)
		avoid_congestion(s, acked, segments_per_step(s, acked, now_us));
}

/* bictcp_recalc_ssthresh() and the end of tcp_enter_cwr(), at once. */
void tcpbuf__congestion_cut(struct tcpbuf__growth *g)
{
	struct tcpbuf__sender *s = &g->snd;
	struct tcpbuf__cubic *c = &s->cubic;

	if (s->una < s->recovery_end || s->bbr)
		return;
	c->last_max = s->cwnd < c->last_max ? s->cwnd * (1024 + BETA) / 2048 : s->cwnd;
	c->epoch = -1;
	s->cwnd = s->ssthresh = tcpbuf__max(s->cwnd * BETA / 1024, 2);
	s->recovery_end = s->nxt;
}

/* Startup until rounds bring no quarter more, then the bandwidth-delay product with its probe. */
static void bbr_round(struct tcpbuf__growth *g)
{
	struct tcpbuf__sender *s = &g->snd;
	struct tcpbuf__bbr *b = &s->bbr_state;
	int64_t spent = tcpbuf__max(g->now - b->round_start, 1);
	int64_t rate = (s->una - b->round_bytes) * 1000000 / tcpbuf__max(spent / 1000, 1);

	if (!b->full && rate * 4 < b->bandwidth * 5)
		b->full = ++b->full_rounds >= BBR_FULL_ROUNDS;
	else
		b->full_rounds = 0;
	/* The largest of the last rounds, roughly: a lower one counts little at a time. */
	b->bandwidth = rate > b->bandwidth ? rate : b->bandwidth - (b->full ? (b->bandwidth - rate) / 16 : 0);
	b->phase = (b->phase + 1) % 8;
	b->round_bytes = s->una;
	b->round_end = s->nxt;
	b->round_start = g->now;
}

static void bbr_acked(struct tcpbuf__growth *g, int64_t acked)
{
	struct tcpbuf__sender *s = &g->snd;
	struct tcpbuf__bbr *b = &s->bbr_state;
	int64_t product;

	if (s->una >= b->round_end)
		bbr_round(g);
	product = b->bandwidth / 1000 * s->min_rtt / 1000 / s->mss;
	if (!b->full)
		s->cwnd += acked;
	else
		s->cwnd = tcpbuf__max(product * (b->phase ? 4 : 5) / 4 +
				3 * tcpbuf__max(b->bandwidth / 1024 / s->mss, 4),
			4);
}

void tcpbuf__congestion_acked(struct tcpbuf__growth *g, int64_t segments, int64_t rtt_us, int64_t acks)
{
	if (g->snd.bbr)
		bbr_acked(g, segments);
	else
		cubic_acked(g, segments, rtt_us, acks);
	g->snd.cwnd = tcpbuf__min(g->snd.cwnd, MOST_CWND);
}

/* Bytes of a millisecond at the pacing rate, the size of one large packet. */
int64_t tcpbuf__pacing_bytes(const struct tcpbuf__sender *s)
{
	int64_t gain = s->cwnd < s->ssthresh / 2 ? 2000 : 1200;
	int64_t srtt = tcpbuf__max(s->srtt8 >> 3, 1);

	return s->cwnd * s->mss * gain / 1024 * 1000 / srtt;
}
