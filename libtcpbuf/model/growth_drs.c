/* SPDX-License-Identifier: MIT */
/* Receive buffer tuning: how much was read in a round trip, and the buffer that asks for. */
#include "model/growth.h"

/* What one segment costs, grown until its window holds it: the measure until Linux 6.5. */
static uint64_t segment_space(const struct tcpbuf_rules *r, const struct tcpbuf_model_drs *s)
{
	int64_t space = s->advmss + r->max_tcp_header + r->sk_buff + r->shared_info;

	while (tcpbuf_model_win_from_space_legacy(s->adv_win_scale, space) < s->advmss && space < INT32_MAX / 2)
		space += s->adv_win_scale > -16 ? 128 : space;
	return (uint64_t)space;
}

/* The kernel passes the window as an int: a huge one is no limit at all. */
static uint64_t ratio_space(uint32_t ratio, uint64_t window)
{
	return window > INT32_MAX ? UINT64_MAX : (window << 8) / ratio;
}

static uint64_t times(uint64_t a, uint64_t b, uint64_t divisor)
{
	return b && a > UINT64_MAX / b ? UINT64_MAX / divisor : a * b / divisor;
}

/* @window grows with what was read beyond the round before. */
static uint64_t slow_start(uint64_t window, uint64_t copied, uint64_t space)
{
	return copied > space ? times(window, copied - space, space) : 0;
}

static uint64_t wanted(const struct tcpbuf_rules *r, const struct tcpbuf_model_drs *s)
{
	uint64_t copied = (uint64_t)s->copied, space = s->rcv_space ? (uint64_t)s->rcv_space : 1;
	uint64_t window = 2 * copied, advmss = (uint64_t)s->advmss, ooo = (uint64_t)s->out_of_order;

	switch (r->growth) {
	case TCPBUF_RULE_GROWTH_SEGMENTS:
		window += 16 * advmss;
		window += 2 * slow_start(window, copied, space);
		return times(window / advmss, segment_space(r, s), 1);
	case TCPBUF_RULE_GROWTH_SPACE:
		window += 16 * advmss;
		window += 2 * slow_start(window, copied, space);
		return ratio_space(s->scaling_ratio, window);
	case TCPBUF_RULE_GROWTH_DOUBLE:
		return ratio_space(s->scaling_ratio, window + ooo);
	case TCPBUF_RULE_GROWTH_SLOW_START:
		window += 2 * slow_start(window, copied, space);
		return ratio_space(s->scaling_ratio, (uint32_t)(window + ooo));
	default:
		if (s->rtt_us < s->low_rtt_us)
			window += times(window, (uint64_t)s->rtt_us, (uint64_t)s->low_rtt_us);
		else
			window += slow_start(2 * window, copied, space);
		return ratio_space(s->scaling_ratio, (uint32_t)(window + ooo));
	}
}

static int64_t grow(const struct tcpbuf_rules *r, const struct tcpbuf_model_drs *s)
{
	uint64_t want = wanted(r, s), most = (uint64_t)s->rmem_max;

	return tcpbuf__max(s->rcvbuf, (int64_t)(want < most ? want : most));
}

static int u32_range(int64_t value)
{
	return value >= 0 && value <= UINT32_MAX;
}

static int bad_step(const struct tcpbuf_rules *r, const struct tcpbuf_model_drs *s)
{
	if (s->padding || r->growth < TCPBUF_RULE_GROWTH_SEGMENTS || r->growth > TCPBUF_RULE_GROWTH_LOW_RTT)
		return 1;
	if (r->growth == TCPBUF_RULE_GROWTH_SEGMENTS ? s->adv_win_scale < -31 || s->adv_win_scale > 31
					       : s->scaling_ratio < 1 || s->scaling_ratio > 255)
		return 1;
	return !u32_range(s->copied) || !u32_range(s->rcv_space) || !u32_range(s->out_of_order) || s->advmss < 1 ||
		s->advmss > 65535 || s->rmem_max < 1 || s->rmem_max > INT32_MAX || s->rcvbuf < 0 ||
		s->rcvbuf > INT32_MAX || !u32_range(s->rtt_us) || !u32_range(s->low_rtt_us);
}

int64_t tcpbuf_model_grow_rcvbuf(const struct tcpbuf_rules *rules, const struct tcpbuf_model_drs *step)
{
	struct tcpbuf_model_drs s;
	struct tcpbuf_rules r;
	int err = tcpbuf__model_rules(&r, rules);

	if (!err)
		err = tcpbuf__copy_in(&s, sizeof(s), step);
	if (err)
		return err;
	return bad_step(&r, &s) ? -EINVAL : grow(&r, &s);
}

/* tcp_rcv_rtt_update(); the estimate is kept times eight. */
void tcpbuf__rcv_rtt_sample(struct tcpbuf__growth *g, int64_t sample_us, int by_window)
{
	struct tcpbuf__receiver *r = &g->rcv;
	int64_t sample8 = sample_us * 8;

	if (!r->rtt8) {
		r->rtt8 = sample8;
	} else if (g->rules->rcv_rtt == TCPBUF_RULE_RCV_RTT_MEAN) {
		r->rtt8 = by_window ? tcpbuf__min(r->rtt8, sample8) : r->rtt8 + sample_us - (r->rtt8 >> 3);
	} else if (sample8 < r->rtt8) {
		r->rtt8 = sample8;
	} else if (!by_window &&
		(g->rules->rcv_rtt != TCPBUF_RULE_RCV_RTT_IDLE || r->nxt == r->copied)) {
		r->rtt8 += sample_us - (r->rtt8 >> 3);
	}
}

/* tcp_rcv_space_adjust(), after something was copied to the application; since 6.19 by the time of the last packet. */
void tcpbuf__drs_adjust(struct tcpbuf__growth *g)
{
	struct tcpbuf__receiver *r = &g->rcv;
	int64_t rtt_us = r->rtt8 >> 3, copied = r->copied - r->space_seq;
	int64_t now = g->rules->growth == TCPBUF_RULE_GROWTH_LOW_RTT ? r->mstamp : g->now;

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
			int64_t rcvbuf = grow(g->rules, &step);

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
