/* SPDX-License-Identifier: MIT */
/* The plan against the node, the cgroup and the neighbours. */
#include "advise/plan.h"

static int64_t page_bytes(const struct tcpbuf__plan *p, int64_t pages)
{
	return pages * p->rules.page_size;
}

/* 1/100 percent. */
static uint32_t share(int64_t part, int64_t whole)
{
	if (whole <= 0 || part <= 0)
		return 0;
	return (uint32_t)tcpbuf__min(
		part > INT64_MAX / 10000 ? INT64_MAX / whole : part * 10000 / whole, UINT32_MAX);
}

static struct tcpbuf_finding finding(uint32_t code, uint32_t level, int64_t given, int64_t limit)
{
	return (struct tcpbuf_finding){
		code, level, TCPBUF__PLAN_WHOLE, 0, 0, 0, given, limit, {0}, {0}};
}

static int check_idle(struct tcpbuf__plan *p)
{
	int64_t idle = p->out.idle_bytes, limit = p->node.cgroup_limit_bytes;

	if (p->node.ram_bytes && idle > p->node.ram_bytes)
		return tcpbuf__plan_refuse(p, TCPBUF_PLAN_RAM,
			"# bytes of idle sockets do not fit in # bytes of memory",
			&(struct tcpbuf__words){{idle, p->node.ram_bytes}, {0}});
	if (limit && !(p->node.flags & TCPBUF_PLAN_CGROUP_TCP) &&
		idle + p->node.cgroup_used_bytes > limit)
		return tcpbuf__plan_refuse(p, TCPBUF_PLAN_CGROUP,
			"# bytes of idle sockets and # in use do not fit in the cgroup's limit of "
			"#",
			&(struct tcpbuf__words){{idle, p->node.cgroup_used_bytes, limit}, {0}});
	return 0;
}

static void cap(struct tcpbuf__plan *p, uint32_t by, int64_t limit, const char *form)
{
	struct tcpbuf_plan *o = &p->out;

	if (limit >= o->bound.total)
		return;
	o->cap = by;
	o->bound.total = limit;
	tcpbuf__plan_step(p, TCPBUF_PLAN_FIGURE_CAP, TCPBUF__PLAN_WHOLE, limit, form,
		&(struct tcpbuf__words){{limit, o->permitted_bytes}, {0}});
}

/* A charge over a cgroup's limit is refused, but data that has come is charged anyway: one packet a
 * connection. */
static int64_t cgroup_cap(const struct tcpbuf__plan *p)
{
	int64_t limit = p->node.cgroup_limit_bytes - p->node.cgroup_used_bytes,
		packet = 65536 + p->rules.skb_head;

	if (!(p->node.flags & TCPBUF_PLAN_CGROUP_TCP))
		return tcpbuf__max(limit - p->out.idle_bytes, 0);
	for (uint32_t i = 0; i < p->count; i++)
		limit += packet * p->classes[i].connections;
	return tcpbuf__max(limit, 0);
}

static void judge_cgroup(struct tcpbuf__plan *p)
{
	struct tcpbuf_plan *o = &p->out;
	int64_t limit = p->node.cgroup_limit_bytes, used = p->node.cgroup_used_bytes;

	if (!limit)
		return;
	if (!(p->node.flags & TCPBUF_PLAN_CGROUP_TCP))
		used += o->idle_bytes;
	cap(p, TCPBUF_PLAN_CAP_CGROUP, cgroup_cap(p),
		"# is what the cgroup grants; the settings permit #");
	o->cgroup_expected = share(used + o->expected.total, limit);
	o->cgroup_bound = share(used + o->permitted_bytes, limit);
	if (used + o->expected.total > limit)
		tcpbuf__plan_find(p,
			finding(TCPBUF_FINDING_CGROUP, TCPBUF_FINDING_ERROR,
				used + o->expected.total, limit),
			"when all readers stop, # bytes are wanted of the cgroup's #: charges fail "
			"before",
			&(struct tcpbuf__words){{used + o->expected.total, limit}, {0}});
}

/* How many of @count connections that hold @each take the node past tcp_mem[1]; -1: not even all. */
static int64_t until_pressure(struct tcpbuf__plan *p, int64_t each, int64_t count, const char *what)
{
	int64_t room = p->out.limit_bytes[1] - p->node.neighbour_bytes;
	int64_t begins = room < 0 ? 0 : each && room / each < count ? room / each + 1 : -1;

	tcpbuf__plan_step(p, TCPBUF_PLAN_FIGURE_STUCK, TCPBUF__PLAN_WHOLE, begins,
		begins < 0 ? "# bytes up to tcp_mem's pressure / # of one connection $: not reached by all #"
			   : "# bytes up to tcp_mem's pressure / # of one connection $: reached with #",
		&(struct tcpbuf__words){{tcpbuf__max(room, 0), each, begins < 0 ? count : begins}, {what}});
	return begins;
}

static void count_stuck(struct tcpbuf__plan *p)
{
	int64_t active = 0, all = 0;

	for (uint32_t i = 0; i < p->count; i++) {
		active += p->results[i].active;
		all += p->classes[i].connections;
	}
	p->out.stuck = until_pressure(
		p, active ? p->out.expected.total / active : 0, active, "that is stuck as expected");
	until_pressure(p, all ? p->out.permitted_bytes / all : 0, all, "at its bound");
}

/* tcp_mem in the kernel's own proportions, tcp_init_mem(), with the need at its pressure level. */
static void raise_tcp_mem(struct tcpbuf__plan *p)
{
	struct tcpbuf_k8s_setting setting = {"net.ipv4.tcp_mem", {0}};
	int64_t need = tcpbuf__model_units(
		p->node.neighbour_bytes + p->out.expected.total, p->rules.page_size);
	int64_t limit = (need + 3) / 4 * 4, high = limit / 4 * 6;

	if (page_bytes(p, high) > p->node.ram_bytes / 2) {
		tcpbuf__plan_find(p,
			finding(TCPBUF_FINDING_NO_ROOM, TCPBUF_FINDING_ERROR, page_bytes(p, high),
				p->node.ram_bytes / 2),
			"tcp_mem would have to grow to # bytes, more than half of the machine's "
			"memory: fewer "
			"connections, or smaller maxima",
			&(struct tcpbuf__words){{page_bytes(p, high)}, {0}});
		return;
	}
	tcpbuf__say(setting.value, sizeof(setting.value), "# # #",
		&(struct tcpbuf__words){{limit / 4 * 3, limit, high}, {0}});
	tcpbuf__list_add(&p->settings, &setting, sizeof(setting));
	p->out.changes++;
	tcpbuf__plan_step(p, TCPBUF_PLAN_FIGURE_TCP_MEM, TCPBUF__PLAN_WHOLE, limit,
		"tcp_mem pressure # pages = neighbours # + expected #, low and high in the "
		"kernel's proportions "
		"(tcp_init_mem)",
		&(struct tcpbuf__words){
			{limit, p->node.neighbour_bytes, p->out.expected.total}, {0}});
}

static void judge_pressure(struct tcpbuf__plan *p)
{
	struct tcpbuf_plan *o = &p->out;
	int64_t after = p->node.neighbour_bytes + o->expected.total;

	if (after <= o->limit_bytes[1])
		return;
	tcpbuf__plan_find(p,
		finding(TCPBUF_FINDING_PRESSURE,
			after > o->limit_bytes[2] ? TCPBUF_FINDING_ERROR : TCPBUF_FINDING_WARNING,
			after, o->limit_bytes[1]),
		o->stuck ? "when all readers stop, the node holds # bytes: above tcp_mem's pressure #, so every "
			   "neighbour's buffers stop growing and its windows shrink; from # stuck connections on"
			 : "when all readers stop, the node holds # bytes: above tcp_mem's pressure #, as the neighbours "
			   "alone do",
		&(struct tcpbuf__words){{after, o->limit_bytes[1], o->stuck}, {0}});
	if (!(p->node.flags & TCPBUF_PLAN_KEEP) && p->node.ram_bytes)
		raise_tcp_mem(p);
}

static void judge_node(struct tcpbuf__plan *p)
{
	struct tcpbuf_plan *o = &p->out;
	int64_t before = p->node.neighbour_bytes;

	if (!p->node.tcp_mem[2])
		return;
	for (uint32_t i = 0; i < 3; i++) {
		o->limit_bytes[i] = page_bytes(p, p->node.tcp_mem[i]);
		o->share_expected[i] = share(before + o->expected.total, o->limit_bytes[i]);
		o->share_bound[i] = share(before + o->permitted_bytes, o->limit_bytes[i]);
	}
	cap(p, TCPBUF_PLAN_CAP_TCP_MEM, o->limit_bytes[2],
		"# is tcp_mem's high; the settings permit #");
	o->remaining_before = o->limit_bytes[2] - before;
	o->remaining_after = o->remaining_before - o->expected.total;
	tcpbuf__plan_step(p, TCPBUF_PLAN_FIGURE_REMAINING, TCPBUF__PLAN_WHOLE, o->remaining_after,
		"tcp_mem's high # - neighbours # - expected #",
		&(struct tcpbuf__words){{o->limit_bytes[2], before, o->expected.total}, {0}});
	count_stuck(p);
	judge_pressure(p);
}

static void sum_up(struct tcpbuf__plan *p)
{
	static const char form[] =
		"# = # to receive + # to send + what does not fill its pages, of # connections";
	const struct tcpbuf_plan *o = &p->out;
	int64_t all = 0, active = 0;

	for (uint32_t i = 0; i < p->count; i++) {
		all += p->classes[i].connections;
		active += p->results[i].active;
	}
	tcpbuf__plan_step(p, TCPBUF_PLAN_FIGURE_EXPECTED, TCPBUF__PLAN_WHOLE, o->expected.total,
		form,
		&(struct tcpbuf__words){
			{o->expected.total, o->expected.receive, o->expected.send, active}, {0}});
	tcpbuf__plan_step(p, TCPBUF_PLAN_FIGURE_BOUND, TCPBUF__PLAN_WHOLE, o->bound.total, form,
		&(struct tcpbuf__words){
			{o->bound.total, o->bound.receive, o->bound.send, all}, {0}});
}

int tcpbuf__plan_judge(struct tcpbuf__plan *p)
{
	int err = check_idle(p);

	if (err)
		return err;
	sum_up(p);
	judge_node(p);
	judge_cgroup(p);
	if (p->out.cap)
		tcpbuf__plan_find(p,
			finding(TCPBUF_FINDING_CAPPED, TCPBUF_FINDING_WARNING,
				p->out.permitted_bytes, p->out.bound.total),
			"the settings permit # bytes, $ grants # at most",
			&(struct tcpbuf__words){{p->out.permitted_bytes, p->out.bound.total},
				{p->out.cap == TCPBUF_PLAN_CAP_CGROUP ? "the cgroup" : "tcp_mem"}});
	return 0;
}
