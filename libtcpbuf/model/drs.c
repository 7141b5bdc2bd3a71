/* SPDX-License-Identifier: MIT */
/* Receive buffer tuning, one step: the buffer that the bytes read in a round trip ask for, and that round trip. */
#include "model/model.h"

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

int64_t tcpbuf__drs_rcvbuf(const struct tcpbuf_rules *r, const struct tcpbuf_model_drs *s)
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
	return bad_step(&r, &s) ? -EINVAL : tcpbuf__drs_rcvbuf(&r, &s);
}

/* tcp_rcv_rtt_update(). A whole window's time is only an upper bound; a sample that would raise the estimate tells of
 * a sender that paused while data waits to be read. */
int64_t tcpbuf__drs_rtt8(const struct tcpbuf_rules *r, int64_t rtt8, int64_t sample_us, int by_window, int unread)
{
	int64_t sample8 = 8 * sample_us, mean8 = rtt8 - (rtt8 >> 3) + sample_us;

	if (!rtt8)
		return sample8;
	if (r->rcv_rtt == TCPBUF_RULE_RCV_RTT_MEAN)
		return by_window ? tcpbuf__min(rtt8, sample8) : mean8;
	if (sample8 < rtt8)
		return sample8;
	return by_window || (unread && r->rcv_rtt == TCPBUF_RULE_RCV_RTT_IDLE) ? rtt8 : mean8;
}
