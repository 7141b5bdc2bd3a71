/* SPDX-License-Identifier: MIT */
/* What settings reach: largest buffers, their windows, the window scale, the rate. */
#include "advise/plan.h"

int64_t tcpbuf__plan_rcvbuf(const struct tcpbuf__plan *p, const struct tcpbuf_plan_class *c,
	const struct tcpbuf_model_end *end)
{
	if (c->so_rcvbuf)
		return tcpbuf__model_buffer(
			c->so_rcvbuf, end->rmem_max, tcpbuf__model_min_rcvbuf(&p->rules));
	return tcpbuf__max(end->rmem[1], end->rmem[2]);
}

int64_t tcpbuf__plan_sndbuf(const struct tcpbuf__plan *p, const struct tcpbuf_plan_class *c,
	const struct tcpbuf_model_end *end)
{
	if (c->so_sndbuf)
		return tcpbuf__model_buffer(
			c->so_sndbuf, end->wmem_max, tcpbuf__model_min_sndbuf(&p->rules));
	return tcpbuf__max(end->wmem[1], end->wmem[2]);
}

/* Window scale that the pod offers, as accepting end. Returns 0, or -EINVAL: settings that no
 * kernel takes. */
static int wscale_of(const struct tcpbuf__plan *p, const struct tcpbuf_plan_class *c,
	const struct tcpbuf_model_end *end, uint32_t *wscale)
{
	struct tcpbuf_model_link link = {
		.size = sizeof(link), .family = 2, .client = *end, .server = *end};
	struct tcpbuf_model_handshake h;
	int err;

	link.mtu = c->mss + 40 + (end->timestamps ? 12 : 0);
	link.server.set_rcvbuf = link.client.set_rcvbuf = c->so_rcvbuf > 0;
	link.server.so_rcvbuf = link.client.so_rcvbuf = c->so_rcvbuf;
	err = tcpbuf_model_handshake(&p->rules, &link, &h, sizeof(h));
	*wscale = err ? 0 : h.server.rcv_wscale;
	return err;
}

/* One direction, as if the other end had all the buffer there can be. */
static int reach_of(const struct tcpbuf__plan *p, const struct tcpbuf_plan_class *c, int64_t rcvbuf,
	int64_t sndbuf, uint32_t wscale, struct tcpbuf_plan_reach *reach)
{
	const struct tcpbuf_model_path path = tcpbuf__plan_path(p, c);
	struct tcpbuf_model_ceiling ceiling;
	int err = tcpbuf_model_ceiling(
		&p->rules, &path, rcvbuf, sndbuf, wscale, &ceiling, sizeof(ceiling));

	if (err)
		return err;
	reach->buffer = tcpbuf__min(rcvbuf, sndbuf);
	reach->window = ceiling.flight;
	reach->rate_bps = ceiling.bits_per_second;
	return 0;
}

static int both_ways(const struct tcpbuf__plan *p, const struct tcpbuf_plan_class *c,
	const struct tcpbuf_model_end *end, uint32_t moderate, uint32_t *wscale,
	struct tcpbuf_plan_reach *receive, struct tcpbuf_plan_reach *send)
{
	int64_t rcvbuf = moderate || c->so_rcvbuf ? tcpbuf__plan_rcvbuf(p, c, end) : end->rmem[1];
	int err = wscale_of(p, c, end, wscale);

	if (!err && c->directions & TCPBUF_PLAN_RECEIVES)
		err = reach_of(p, c, rcvbuf, INT32_MAX, *wscale, receive);
	if (!err && c->directions & TCPBUF_PLAN_SENDS)
		err = reach_of(p, c, INT32_MAX, tcpbuf__plan_sndbuf(p, c, end), 14, send);
	return err;
}

static void compare(struct tcpbuf__plan *p, uint32_t index, const struct tcpbuf_plan_reach *now,
	uint32_t figure, const char *side)
{
	const struct tcpbuf_plan_class *c = &p->classes[index];
	struct tcpbuf_finding f = {TCPBUF_FINDING_RATE_BELOW, TCPBUF_FINDING_WARNING, index, 0, 0,
		0, now->rate_bps, c->rate_bps, {0}, {0}};

	if (!now->buffer)
		return;
	tcpbuf__plan_step(p, figure, index, now->rate_bps,
		"now # bit/s to $ = window # of buffer #, once in # us",
		&(struct tcpbuf__words){
			{now->rate_bps, now->window, now->buffer, c->rtt_us}, {side}});
	if (now->rate_bps < c->rate_bps)
		tcpbuf__plan_find(p, f, "$$the current settings reach # bit/s to $, wanted are #",
			&(struct tcpbuf__words){{now->rate_bps, c->rate_bps},
				{c->name, c->name[0] ? ": " : "", side}});
}

static void fixed(struct tcpbuf__plan *p, uint32_t index, const char *option, int64_t asked,
	const struct tcpbuf_plan_reach *reach)
{
	struct tcpbuf_finding f = {TCPBUF_FINDING_FIXED_BUFFER, TCPBUF_FINDING_WARNING, index, 0, 0,
		0, reach->buffer, asked, {0}, {0}};

	if (asked && reach->buffer)
		tcpbuf__plan_find(p, f,
			"$ # makes a buffer of # bytes that never grows and whose memory every "
			"stuck connection may "
			"hold: at most # bit/s; without it the kernel sizes the buffer up to its "
			"sysctl",
			&(struct tcpbuf__words){{asked, reach->buffer, reach->rate_bps}, {option}});
}

/* No setting makes up for a buffer that the application fixed. */
static void promise(struct tcpbuf__plan *p, uint32_t index, const struct tcpbuf_plan_reach *planned, const char *side)
{
	const struct tcpbuf_plan_class *c = &p->classes[index];
	struct tcpbuf_finding f = {TCPBUF_FINDING_RATE_BELOW, TCPBUF_FINDING_ERROR, index, 0, 0, 0, planned->rate_bps,
		c->rate_bps, {0}, {0}};

	if (planned->buffer && planned->rate_bps < c->rate_bps && !(p->node.flags & TCPBUF_PLAN_KEEP))
		tcpbuf__plan_find(p, f, "$$the plan reaches # bit/s to $, wanted are #: the application fixes its buffer",
			&(struct tcpbuf__words){{planned->rate_bps, c->rate_bps},
				{c->name, c->name[0] ? ": " : "", side}});
}

int tcpbuf__plan_reach(struct tcpbuf__plan *p)
{
	for (uint32_t i = 0; i < p->count; i++) {
		const struct tcpbuf_plan_class *c = &p->classes[i];
		struct tcpbuf_plan_result *r = &p->results[i];

		if (both_ways(p, c, &p->node.current, p->node.moderate_rcvbuf, &r->wscale_now,
			    &r->receive_now, &r->send_now) != 0 ||
			both_ways(p, c, &p->planned, p->moderate, &r->wscale_planned,
				&r->receive_planned, &r->send_planned) != 0)
			return tcpbuf__plan_refuse(p, TCPBUF_PLAN_SETTINGS,
				"the kernel would not take the current settings of the pod",
				&(struct tcpbuf__words){{0}, {0}});
		compare(p, i, &r->receive_now, TCPBUF_PLAN_FIGURE_RECEIVE_NOW, "receive");
		compare(p, i, &r->send_now, TCPBUF_PLAN_FIGURE_SEND_NOW, "send");
		fixed(p, i, "SO_RCVBUF", c->so_rcvbuf, &r->receive_planned);
		fixed(p, i, "SO_SNDBUF", c->so_sndbuf, &r->send_planned);
		promise(p, i, &r->receive_planned, "receive");
		promise(p, i, &r->send_planned, "send");
	}
	return 0;
}
