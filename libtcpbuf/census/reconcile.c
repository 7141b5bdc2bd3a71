/* SPDX-License-Identifier: MIT */
/* Pure: what was seen against what the node and each cgroup count. */
#include "census/census.h"

#include <string.h>

static uint64_t distance(uint64_t a, uint64_t b)
{
	return a > b ? a - b : b - a;
}

static uint64_t above(uint64_t a, uint64_t b)
{
	return a > b ? a - b : 0;
}

static void copy_node(struct tcpbuf_census_node *n, const struct tcpbuf_node *before, const struct tcpbuf_node *after)
{
	uint64_t moved = distance(before->used_bytes, after->used_bytes);

	if (after->valid & TCPBUF_NODE_HAS_LIMITS) {
		n->valid |= TCPBUF_CENSUS_NODE_HAS_LIMITS;
		memcpy(n->tcp_mem_bytes, after->limit_bytes, sizeof(n->tcp_mem_bytes));
	}
	if (after->valid & TCPBUF_NODE_HAS_PRESSURE) {
		n->valid |= TCPBUF_CENSUS_NODE_HAS_PRESSURE;
		n->pressure = after->pressure;
	}
	n->error_bar_bytes = moved;
	if (after->valid & TCPBUF_NODE_HAS_ERROR_BAR) {
		n->valid |= TCPBUF_CENSUS_NODE_HAS_ERROR_BAR;
		n->error_bar_bytes += after->error_bytes;
	}
	n->used_bytes = after->used_bytes;
	n->valid |= TCPBUF_CENSUS_NODE_HAS_USED;
}

static void copy_seen(struct tcpbuf_census_node *n, const struct tcpbuf_census_holder *total)
{
	n->sockets = total->sockets;
	n->time_wait = total->time_wait;
	n->half_open = total->half_open;
	n->unaccepted_sockets = total->unaccepted_sockets;
	n->unaccepted_bytes = total->unaccepted_bytes;
	n->orphaned_sockets = total->orphaned_sockets;
	n->orphaned_bytes = total->orphaned_bytes;
	n->attributed_bytes = total->held_bytes - total->unaccepted_bytes - total->orphaned_bytes;
}

/* A namespace that no list leads to lives on through orphans alone, and the node counts those exactly. */
static void count_unseen(struct tcpbuf_census_node *n, const struct tcpbuf_node *before, const struct tcpbuf_node *after)
{
	uint64_t sockets = before->sockets < after->sockets ? before->sockets : after->sockets;
	uint64_t orphans = before->orphans < after->orphans ? before->orphans : after->orphans;

	n->unseen_sockets = above(sockets, n->sockets);
	n->unreachable_sockets = above(orphans, n->orphaned_sockets);
}

/* Within the error bar, a difference without a socket behind it is none. */
static void name_difference(struct tcpbuf_census_node *n, int64_t held)
{
	int64_t difference = (int64_t)n->used_bytes - held;
	int64_t bar = (int64_t)n->error_bar_bytes;

	if (difference > bar && (n->netns_denied || n->processes_denied))
		n->unreachable_sockets = n->unseen_sockets;
	if (difference > bar || (difference > 0 && n->unreachable_sockets))
		n->unreachable_bytes = difference;
	else if (-difference > bar)
		n->uncounted_bytes = -difference;
}

void tcpbuf__census_reconcile(struct tcpbuf_census *c, const struct tcpbuf_node *before, const struct tcpbuf_node *after)
{
	for (uint32_t i = 0; i < c->tables[TCPBUF__NETNS].count; i++)
		tcpbuf__census_add(&c->total, &c->tables[TCPBUF__NETNS].items[i]);
	copy_seen(&c->node, &c->total);
	copy_node(&c->node, before, after);
	count_unseen(&c->node, before, after);
	name_difference(&c->node, c->total.held_bytes);
}

/* Is the path the cgroup's own, or one below it? */
static int is_in(const char *path, const char *cgroup, size_t size)
{
	return memcmp(path, cgroup, size) == 0 && (path[size] == '\0' || path[size] == '/');
}

/* Held by the sockets of a cgroup and those below that are charged: v1 charges a child only where it is switched on. */
static int64_t held_below(const struct tcpbuf__holders *cgroups, const struct tcpbuf_census_holder *of)
{
	size_t size = strlen(of->cgroup);
	int64_t held = 0;

	for (uint32_t i = 0; i < cgroups->count; i++) {
		const struct tcpbuf_census_holder *h = &cgroups->items[i];

		if ((h->valid & TCPBUF_CENSUS_HAS_CHARGE) && strlen(h->cgroup) >= size &&
			is_in(h->cgroup, of->cgroup, size))
			held += h->held_bytes;
	}
	return held;
}

void tcpbuf__census_explain(struct tcpbuf__holders *cgroups)
{
	for (uint32_t i = 0; i < cgroups->count; i++) {
		struct tcpbuf_census_holder *h = &cgroups->items[i];

		if (!(h->valid & TCPBUF_CENSUS_HAS_CHARGE))
			continue;
		h->attributed_bytes = held_below(cgroups, h);
		h->unexplained_bytes = (int64_t)h->charge_bytes - h->attributed_bytes;
	}
}
