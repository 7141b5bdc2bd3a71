/* SPDX-License-Identifier: MIT */
/* From a rate to buffers, and from buffers to the rate they allow. */
#include "model/model.h"

#define MOST_WSCALE 14
#define MOST_WINDOW ((int64_t)65535 << MOST_WSCALE)
#define BIT_MICROSECONDS INT64_C(8000000) /* in a byte and second */

static int bad_path(const struct tcpbuf_model_path *p)
{
	return p->mss < 1 || p->mss > 65535 || p->rtt_us < 1 || p->rtt_us > 10000000 || p->scaling_ratio > 255 ||
	       p->adv_win_scale < -31 || p->adv_win_scale > 31 || p->sndbuf_factor < 1 || p->sndbuf_factor > 16;
}

/* Rules as they are once the path's ratio is measured. */
static int read_in(struct tcpbuf_rules *r, const struct tcpbuf_rules *rules, struct tcpbuf_model_path *p,
	const struct tcpbuf_model_path *path)
{
	int err = tcpbuf__model_rules(r, rules);

	if (!err)
		err = tcpbuf__copy_in(p, sizeof(*p), path);
	if (err)
		return err;
	if (p->scaling_ratio && r->window == TCPBUF_RULE_WINDOW_SCALING_RATIO)
		r->default_ratio = p->scaling_ratio;
	return bad_path(p) ? -EINVAL : 0;
}

/* The least space whose window is at least @win, rounding up where the kernel rounds down; -1: none. */
static int64_t space_for(const struct tcpbuf_rules *r, int32_t adv_win_scale, int64_t win)
{
	int64_t space;

	if (win > INT32_MAX)
		return -1;
	if (r->window == TCPBUF_RULE_WINDOW_SCALING_RATIO) {
		space = tcpbuf__model_units(win << 8, r->default_ratio ? r->default_ratio : 128);
		return space > INT32_MAX ? -1 : space;
	}
	space = tcpbuf_model_space_from_win_legacy(adv_win_scale, win);
	return space < 0 ? -1 : space;
}

static int64_t at_most_int(int64_t bytes)
{
	return bytes > INT32_MAX ? -1 : bytes;
}

static uint32_t scale_for(int64_t window)
{
	uint32_t bits = 0;

	while (bits <= MOST_WSCALE && ((int64_t)65535 << bits) < window)
		bits++;
	return bits;
}

int tcpbuf_model_bdp(
	const struct tcpbuf_rules *rules, const struct tcpbuf_model_path *path, void *out, uint32_t out_size)
{
	struct tcpbuf_model_path p;
	struct tcpbuf_model_bdp b;
	struct tcpbuf_rules r;
	int err = read_in(&r, rules, &p, path);
	uint64_t product;

	if (err)
		return err;
	if (!out || p.bits_per_second < 1 || p.bits_per_second > INT64_C(1000000000000))
		return -EINVAL;
	memset(&b, 0, sizeof(b));
	product = (uint64_t)p.bits_per_second * p.rtt_us;
	b.window = (int64_t)((product + BIT_MICROSECONDS - 1) / BIT_MICROSECONDS);
	b.segments = tcpbuf__model_units(b.window, p.mss);
	b.rcvbuf = space_for(&r, p.adv_win_scale, b.window);
	b.rcvbuf_grown = space_for(&r, p.adv_win_scale, 2 * b.window);
	b.sndbuf = at_most_int(b.segments * ((int64_t)p.mss + r.skb_head));
	b.sndbuf_grown = at_most_int(tcpbuf__model_sndbuf(&r, p.mss, tcpbuf__max(b.segments, 10), p.sndbuf_factor));
	b.wscale = scale_for(b.window);
	b.reachable = b.window <= MOST_WINDOW && b.rcvbuf > 0 && b.sndbuf > 0;
	b.window_rule = r.window;
	b.verified = r.verified;
	tcpbuf__copy_out(out, out_size, &b, sizeof(b));
	return 0;
}

static void find_flight(struct tcpbuf_model_ceiling *c)
{
	c->flight = c->rcvbuf_window;
	c->limit = TCPBUF_CEILING_RCVBUF;
	if (c->wscale_window < c->flight) {
		c->flight = c->wscale_window;
		c->limit = TCPBUF_CEILING_WSCALE;
	}
	if (c->sndbuf_flight < c->flight) {
		c->flight = c->sndbuf_flight;
		c->limit = TCPBUF_CEILING_SNDBUF;
	}
}

int tcpbuf_model_ceiling(const struct tcpbuf_rules *rules, const struct tcpbuf_model_path *path, int64_t rcvbuf,
	int64_t sndbuf, uint32_t wscale, void *out, uint32_t out_size)
{
	struct tcpbuf_model_ceiling c;
	struct tcpbuf_model_path p;
	struct tcpbuf_rules r;
	int err = read_in(&r, rules, &p, path);

	if (err)
		return err;
	if (!out || rcvbuf < 1 || rcvbuf > INT32_MAX || sndbuf < 1 || sndbuf > INT32_MAX || wscale > MOST_WSCALE)
		return -EINVAL;
	memset(&c, 0, sizeof(c));
	c.rcvbuf_window = tcpbuf__model_win(&r, p.adv_win_scale, rcvbuf);
	c.wscale_window = (int64_t)65535 << wscale;
	c.sndbuf_flight = tcpbuf__max(sndbuf / ((int64_t)p.mss + r.skb_head), 1) * p.mss;
	find_flight(&c);
	c.bits_per_second = c.flight * BIT_MICROSECONDS / p.rtt_us;
	c.window_rule = r.window;
	c.verified = r.verified;
	tcpbuf__copy_out(out, out_size, &c, sizeof(c));
	return 0;
}
