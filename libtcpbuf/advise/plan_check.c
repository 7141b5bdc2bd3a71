/* SPDX-License-Identifier: MIT */
/* What cannot be planned gets a sentence. */
#include "advise/plan.h"

#define MOST_CONNECTIONS 10000000
#define MOST_RTT 10000000
#define MOST_RATE INT64_C(1000000000000)

/* A number of a class, the range that it must be in, and what to say. */
struct limit {
	uint32_t reason;
	int64_t least, most;
	const char *what;
};

static int check_limit(
	struct tcpbuf__plan *p, const struct limit *l, int64_t value, const char *name)
{
	if (value >= l->least && value <= l->most)
		return 0;
	return tcpbuf__plan_refuse(p, l->reason, "$$$ #: must be # to #",
		&(struct tcpbuf__words){
			{value, l->least, l->most}, {name, name[0] ? ": " : "", l->what}});
}

static int check_class(struct tcpbuf__plan *p, const struct tcpbuf_plan_class *c)
{
	static const struct limit limits[] = {
		{TCPBUF_PLAN_CONNECTIONS, 1, MOST_CONNECTIONS, "number of connections"},
		{TCPBUF_PLAN_RTT, 1, MOST_RTT, "round trip in microseconds"},
		{TCPBUF_PLAN_RATE, 0, MOST_RATE, "bits a second"},
		{TCPBUF_PLAN_MSS, 88, 65495, "segment payload in bytes"},
		{TCPBUF_PLAN_IDLE, 0, 100, "percentage of idle connections"},
		{TCPBUF_PLAN_DIRECTION, TCPBUF_PLAN_RECEIVES, TCPBUF_PLAN_BOTH, "direction"},
		{TCPBUF_PLAN_MESSAGE, 0, INT32_MAX, "message in bytes"},
		{TCPBUF_PLAN_OPTION, 0, TCPBUF_PLAN_READS_SLOWLY, "reader"},
		{TCPBUF_PLAN_OPTION, 0, 255, "scaling_ratio"},
		{TCPBUF_PLAN_OPTION, 0, INT32_MAX, "SO_RCVBUF in bytes"},
		{TCPBUF_PLAN_OPTION, 0, INT32_MAX, "SO_SNDBUF in bytes"},
		{TCPBUF_PLAN_OPTION, 0, INT32_MAX, "receive buffer of the peers in bytes"},
	};
	const int64_t values[] = {c->connections, c->rtt_us, c->rate_bps, c->mss, c->idle_percent,
		c->directions, c->message_bytes, c->reader, c->scaling_ratio, c->so_rcvbuf,
		c->so_sndbuf, c->peer_rcvbuf};

	for (uint32_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
		if (check_limit(p, &limits[i], values[i], c->name) != 0)
			return -EINVAL;
	return 0;
}

static int check_triple(struct tcpbuf__plan *p, const char *key, const int64_t *n)
{
	if (n[0] >= 1 && n[0] <= n[1] && n[1] <= n[2] && n[2] <= INT32_MAX)
		return 0;
	return tcpbuf__plan_refuse(p, TCPBUF_PLAN_SETTINGS,
		"current $ # # #: must be 1 <= min <= default <= max <= 2147483647",
		&(struct tcpbuf__words){{n[0], n[1], n[2]}, {key}});
}

static int check_settings(struct tcpbuf__plan *p)
{
	const struct tcpbuf_model_end *e = &p->node.current;

	if (check_triple(p, "tcp_rmem", e->rmem) != 0 || check_triple(p, "tcp_wmem", e->wmem) != 0)
		return -EINVAL;
	if (e->adv_win_scale < -31 || e->adv_win_scale > 31 || e->sndbuf_factor < 1 ||
		e->sndbuf_factor > 16 || e->window_scaling > 1 || e->timestamps > 1 ||
		p->node.moderate_rcvbuf > 255)
		return tcpbuf__plan_refuse(p, TCPBUF_PLAN_SETTINGS,
			"a current setting is out of range: adv_win_scale -31 to 31, sndbuf_factor "
			"1 to 16, "
			"switches 0 or 1",
			&(struct tcpbuf__words){{0}, {0}});
	if (p->node.ram_bytes < 0 || p->node.neighbour_bytes < 0 ||
		p->node.cgroup_limit_bytes < 0 || p->node.cgroup_used_bytes < 0 ||
		p->node.socket_bytes > 65536)
		return tcpbuf__plan_refuse(p, TCPBUF_PLAN_SETTINGS,
			"a size of the node is negative or absurd",
			&(struct tcpbuf__words){{0}, {0}});
	return 0;
}

static int check_tcp_mem(struct tcpbuf__plan *p)
{
	const int64_t *m = p->node.tcp_mem;

	if (!m[0] && !m[1] && !m[2])
		return 0;
	if (m[0] < 0 || m[0] > m[1] || m[1] > m[2] || m[2] > TCPBUF__MODEL_MOST_PAGES)
		return tcpbuf__plan_refuse(p, TCPBUF_PLAN_TCP_MEM,
			"tcp_mem # # #: must be low <= pressure <= high, in pages",
			&(struct tcpbuf__words){{m[0], m[1], m[2]}, {0}});
	if (p->node.ram_bytes && m[2] > p->node.ram_bytes / p->rules.page_size)
		return tcpbuf__plan_refuse(p, TCPBUF_PLAN_TCP_MEM,
			"tcp_mem high # pages is above the machine's # pages: the unit is pages, "
			"not bytes",
			&(struct tcpbuf__words){
				{m[2], p->node.ram_bytes / p->rules.page_size}, {0}});
	return 0;
}

static int check_page_each(struct tcpbuf__plan *p)
{
	int64_t connections = 0, high = p->node.tcp_mem[2];

	for (uint32_t i = 0; i < p->count; i++)
		connections += p->classes[i].connections;
	if (!high || high >= connections)
		return 0;
	return tcpbuf__plan_refuse(p, TCPBUF_PLAN_TCP_MEM_IDLE,
		"tcp_mem high # pages is less than one page for each of # connections: not even "
		"one segment each",
		&(struct tcpbuf__words){{high, connections}, {0}});
}

int tcpbuf__plan_check(struct tcpbuf__plan *p)
{
	if (!p->count)
		return tcpbuf__plan_refuse(p, TCPBUF_PLAN_NO_CLASS,
			"no class of connections was given", &(struct tcpbuf__words){{0}, {0}});
	for (uint32_t i = 0; i < p->count; i++)
		if (check_class(p, &p->classes[i]) != 0)
			return -EINVAL;
	if (check_settings(p) != 0 || check_tcp_mem(p) != 0)
		return -EINVAL;
	return check_page_each(p);
}
