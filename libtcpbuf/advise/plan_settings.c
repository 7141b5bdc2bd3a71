/* SPDX-License-Identifier: MIT */
/* From wanted rates to tcp_rmem and tcp_wmem. */
#include "advise/plan.h"

struct tcpbuf_model_path tcpbuf__plan_path(
	const struct tcpbuf__plan *p, const struct tcpbuf_plan_class *c)
{
	return (struct tcpbuf_model_path){sizeof(struct tcpbuf_model_path), c->mss,
		(uint32_t)c->rtt_us, c->scaling_ratio, p->node.current.adv_win_scale,
		p->node.current.sndbuf_factor, c->rate_bps ? c->rate_bps : 1};
}

static int too_fast(struct tcpbuf__plan *p, const struct tcpbuf_plan_class *c, int64_t window)
{
	return tcpbuf__plan_refuse(p, TCPBUF_PLAN_NO_WINDOW,
		"$$# bit/s over # us need # bytes in flight: no window reaches that (1073725440 by "
		"the protocol, and "
		"no buffer is above 2147483647)",
		&(struct tcpbuf__words){
			{c->rate_bps, c->rtt_us, window}, {c->name, c->name[0] ? ": " : ""}});
}

/* The buffer that autotuning aims at; where that is above any buffer, the least that suffices. */
static int64_t aim(int64_t grown, int64_t least)
{
	return grown > 0 ? grown : tcpbuf__max(least, INT32_MAX);
}

static int need(struct tcpbuf__plan *p, uint32_t index, int64_t *rcvbuf, int64_t *sndbuf)
{
	const struct tcpbuf_plan_class *c = &p->classes[index];
	const struct tcpbuf_model_path path = tcpbuf__plan_path(p, c);
	struct tcpbuf_model_bdp b;

	*rcvbuf = *sndbuf = 0;
	if (!c->rate_bps)
		return 0;
	if (tcpbuf_model_bdp(&p->rules, &path, &b, sizeof(b)) != 0)
		return -EINVAL;
	if (!b.reachable)
		return too_fast(p, c, b.window);
	p->results[index].needed_window = b.window;
	tcpbuf__plan_step(p, TCPBUF_PLAN_FIGURE_WINDOW, index, b.window,
		"# bytes in flight = # bit/s x # us / 8000000",
		&(struct tcpbuf__words){{b.window, c->rate_bps, c->rtt_us}, {0}});
	if (c->directions & TCPBUF_PLAN_RECEIVES && !c->so_rcvbuf) {
		*rcvbuf = aim(b.rcvbuf_grown, b.rcvbuf);
		tcpbuf__plan_step(p, TCPBUF_PLAN_FIGURE_RMEM_MAX, index, *rcvbuf,
			"receive buffer # for a window of 2 x #: what growth aims at, one round "
			"trip in flight and one "
			"being read; $",
			&(struct tcpbuf__words){
				{*rcvbuf, b.window}, {tcpbuf_rules_window_text(&p->rules)}});
	}
	if (c->directions & TCPBUF_PLAN_SENDS && !c->so_sndbuf) {
		*sndbuf = aim(b.sndbuf_grown, b.sndbuf);
		tcpbuf__plan_step(p, TCPBUF_PLAN_FIGURE_WMEM_MAX, index, *sndbuf,
			"send buffer # = # x # segments with their overhead: what growth makes of "
			"that congestion "
			"window (tcp_sndbuf_expand)",
			&(struct tcpbuf__words){{*sndbuf, p->node.current.sndbuf_factor,
							tcpbuf__max(b.segments, 10)},
				{0}});
	}
	return 0;
}

static int64_t whole_pages(const struct tcpbuf__plan *p, int64_t bytes)
{
	int64_t page = p->rules.page_size;

	return tcpbuf__min((bytes + page - 1) / page * page, INT32_MAX);
}

static void put_setting(
	struct tcpbuf__plan *p, uint32_t key, const int64_t *numbers, uint32_t count)
{
	struct tcpbuf_k8s_setting setting = {{0}, {0}};
	static const char *const forms[] = {"", "#", "", "# # #"};

	tcpbuf__say(setting.key, sizeof(setting.key), "$",
		&(struct tcpbuf__words){{0}, {tcpbuf_key_name(key)}});
	tcpbuf__say(setting.value, sizeof(setting.value), forms[count],
		&(struct tcpbuf__words){{numbers[0], numbers[count / 3], numbers[count - 1]}, {0}});
	tcpbuf__list_add(&p->settings, &setting, sizeof(setting));
	p->out.changes++;
}

/* A socket option that asks for more than its sysctl grants. */
static void raise_limits(struct tcpbuf__plan *p)
{
	int64_t rcv = 0, snd = 0;

	for (uint32_t i = 0; i < p->count; i++) {
		rcv = tcpbuf__max(rcv, p->classes[i].so_rcvbuf);
		snd = tcpbuf__max(snd, p->classes[i].so_sndbuf);
	}
	if (rcv > p->planned.rmem_max)
		put_setting(p, TCPBUF_KEY_CORE_RMEM_MAX, &rcv, 1);
	if (snd > p->planned.wmem_max)
		put_setting(p, TCPBUF_KEY_CORE_WMEM_MAX, &snd, 1);
	p->planned.rmem_max = tcpbuf__max(p->planned.rmem_max, rcv);
	p->planned.wmem_max = tcpbuf__max(p->planned.wmem_max, snd);
}

static void turn_on(struct tcpbuf__plan *p, int64_t rcvbuf)
{
	static const int64_t on = 1;
	int64_t window = 0;

	for (uint32_t i = 0; i < p->count; i++)
		window = tcpbuf__max(window, p->results[i].needed_window);
	if (window > 65535 && !p->planned.window_scaling) {
		p->planned.window_scaling = 1;
		put_setting(p, TCPBUF_KEY_TCP_WINDOW_SCALING, &on, 1);
	}
	if (rcvbuf > p->planned.rmem[1] && !p->moderate) {
		p->moderate = 1;
		put_setting(p, TCPBUF_KEY_TCP_MODERATE_RCVBUF, &on, 1);
	}
}

/* The smallest maximum that serves every class; what sockets begin with is left alone. */
static void set_maximum(struct tcpbuf__plan *p, uint32_t key, int64_t *triple, int64_t needed)
{
	int64_t before = triple[2];

	if (!needed)
		return;
	triple[2] = tcpbuf__max(whole_pages(p, needed), triple[1]);
	if (triple[2] != before)
		put_setting(p, key, triple, 3);
}

/* Peers that nobody has described are like the pod, and can receive what it is to send. */
static int64_t peer_rcvbuf(const struct tcpbuf__plan *p, const struct tcpbuf_plan_class *c)
{
	const struct tcpbuf_model_path path = tcpbuf__plan_path(p, c);
	int64_t like_pod = tcpbuf__max(p->planned.rmem[1], p->planned.rmem[2]);
	struct tcpbuf_model_bdp b;

	if (c->peer_rcvbuf)
		return c->peer_rcvbuf;
	if (!c->rate_bps || tcpbuf_model_bdp(&p->rules, &path, &b, sizeof(b)) != 0)
		return like_pod;
	return tcpbuf__max(like_pod, aim(b.rcvbuf_grown, b.rcvbuf));
}

int tcpbuf__plan_settings(struct tcpbuf__plan *p)
{
	int64_t rcvbuf = 0, sndbuf = 0;

	p->planned = p->node.current;
	p->moderate = p->node.moderate_rcvbuf;
	for (uint32_t i = 0; i < p->count; i++) {
		int64_t receive, send;

		if (need(p, i, &receive, &send) != 0)
			return -EINVAL;
		rcvbuf = tcpbuf__max(rcvbuf, receive);
		sndbuf = tcpbuf__max(sndbuf, send);
	}
	if (!(p->node.flags & TCPBUF_PLAN_KEEP)) {
		set_maximum(p, TCPBUF_KEY_TCP_RMEM, p->planned.rmem, rcvbuf);
		set_maximum(p, TCPBUF_KEY_TCP_WMEM, p->planned.wmem, sndbuf);
		turn_on(p, rcvbuf);
		raise_limits(p);
	}
	for (uint32_t i = 0; i < p->count; i++)
		p->peers[i] = peer_rcvbuf(p, &p->classes[i]);
	memcpy(p->out.rmem, p->planned.rmem, sizeof(p->out.rmem));
	memcpy(p->out.wmem, p->planned.wmem, sizeof(p->out.wmem));
	p->out.verified = p->rules.verified;
	return 0;
}
