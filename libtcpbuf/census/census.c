/* SPDX-License-Identifier: MIT */
/* The calls: take a census, hand out its records, compare two. */
#include "census/census.h"

#include <errno.h>
#include <string.h>


#define ALL_BY 31u
#define TOP 100
#define TOP_LIMIT (1u << 20)
#define THREADS_LIMIT 64

static int fail(struct tcpbuf *tb, int code, const char *cause)
{
	struct tcpbuf__subject about = {.verb = "take a census"};

	return tcpbuf__fail(tb, code, &about, cause);
}

static int read_query(struct tcpbuf *tb, const struct tcpbuf_census_query *in, struct tcpbuf_census_query *q)
{
	int err = 0;

	memset(q, 0, sizeof(*q));
	if (in)
		err = tcpbuf__copy_in(q, sizeof(*q), in);
	if (err)
		return fail(tb, err, err == -EINVAL ? "the query's size is not set" : NULL);
	if (q->by & ~ALL_BY || q->owners > 1 || q->padding)
		return fail(tb, -EINVAL, "the query has unknown bits");
	if (q->threads > THREADS_LIMIT || q->top > TOP_LIMIT)
		return fail(tb, -EINVAL, "threads are 0..64, top is 0..1048576");
	q->by = q->by ? q->by : TCPBUF_CENSUS_BY_NETNS;
	q->top = q->top ? q->top : TOP;
	return 0;
}

/* On v1 a process is the only way from a socket to its memory cgroup. */
static int wants_owners(const struct tcpbuf_census_query *q, uint32_t version)
{
	return q->owners || (q->by & TCPBUF_CENSUS_BY_PROCESS) ||
	       (version == TCPBUF_CGROUP_V1 && (q->by & (TCPBUF_CENSUS_BY_CGROUP | TCPBUF_CENSUS_BY_POD)));
}

static int walk(struct tcpbuf_census *c, const struct tcpbuf__owners *owners, uint32_t threads)
{
	struct tcpbuf_node before, after;
	int err = tcpbuf_node_read(c->tb, &before, sizeof(before));

	if (!err)
		err = tcpbuf__census_walk(c, owners, threads);
	if (!err)
		err = tcpbuf_node_read(c->tb, &after, sizeof(after));
	if (err)
		return err;
	if (owners && owners->denied > c->node.processes_denied)
		c->node.processes_denied = owners->denied;
	tcpbuf__census_reconcile(c, &before, &after);
	return tcpbuf__census_lack(c, owners != NULL);
}

/* What stood for several namespaces while sums came in. */
static void clear_several(struct tcpbuf__holders *t)
{
	for (uint32_t i = 0; i < t->count; i++) {
		if (t->items[i].netns_inode != UINT64_MAX)
			continue;
		t->items[i].netns_inode = 0;
		t->items[i].valid &= ~(uint64_t)TCPBUF_CENSUS_HAS_NETNS;
	}
}

static int finish(struct tcpbuf_census *c)
{
	int err = tcpbuf__holders_index(&c->tables[TCPBUF__SOCKET], c->tb->sys, TCPBUF__SOCKET);

	for (int axis = 0; axis < TCPBUF__PUBLIC_AXES; axis++)
		clear_several(&c->tables[axis]);
	tcpbuf__holders_free(&c->tables[TCPBUF__ID], c->tb->sys);
	return err ? err : tcpbuf_census_sort(c, TCPBUF_CENSUS_ORDER_HELD);
}

static int take(struct tcpbuf_census *c, const struct tcpbuf_census_query *q, struct tcpbuf__naming *n)
{
	struct tcpbuf__owners owners = {0};
	int has_owners, err = tcpbuf__naming_open(n, c->tb);

	if (err)
		return err;
	c->node.cgroup_version = n->version;
	has_owners = wants_owners(q, n->version);
	if (has_owners)
		err = tcpbuf__owners_read(&owners, c->tb);
	if (!err)
		err = walk(c, has_owners ? &owners : NULL, q->threads);
	tcpbuf__owners_free(&owners, c->tb->sys);
	if (!err)
		err = tcpbuf__census_name(c, n, has_owners);
	if (!err && (c->by & TCPBUF_CENSUS_BY_CGROUP))
		err = tcpbuf__census_charge(c, n);
	return err ? err : finish(c);
}

static struct tcpbuf_census *new_census(struct tcpbuf *tb)
{
	struct tcpbuf_census *c = tb->sys->alloc(sizeof(*c));

	if (c)
		c->tb = tb;
	return c;
}

int tcpbuf_census_take(struct tcpbuf *tb, const struct tcpbuf_census_query *query, struct tcpbuf_census **out)
{
	struct tcpbuf__naming *n;
	struct tcpbuf_census_query q;
	struct tcpbuf_census *c;
	int err;

	if (out)
		*out = NULL;
	if (!tb || !out)
		return -EINVAL;
	tcpbuf__error_clear(tb);
	err = read_query(tb, query, &q);
	if (err)
		return err;
	c = new_census(tb);
	n = tb->sys->alloc(sizeof(*n));
	err = c && n ? 0 : -ENOMEM;
	if (!err) {
		c->by = c->node.by = q.by;
		c->top = q.top;
		err = take(c, &q, n);
		tcpbuf__naming_close(n);
	}
	tb->sys->release(n);
	if (err) {
		tcpbuf_census_free(c);
		/* A sentence of a room below says more. */
		return tcpbuf_error_code(tb) == err ? err : fail(tb, err, NULL);
	}
	tcpbuf__error_clear(tb);
	*out = c;
	return 0;
}

void tcpbuf_census_free(struct tcpbuf_census *c)
{
	if (!c)
		return;
	for (int axis = 0; axis < TCPBUF__AXES; axis++)
		tcpbuf__holders_free(&c->tables[axis], c->tb->sys);
	c->tb->sys->release(c);
}

int tcpbuf_census_node(const struct tcpbuf_census *c, void *out, uint32_t out_size)
{
	if (!c || !out)
		return -EINVAL;
	tcpbuf__copy_out(out, out_size, &c->node, sizeof(c->node));
	return 0;
}

const char *tcpbuf_census_lacks(const struct tcpbuf_census *c)
{
	return c ? c->lacks : "";
}

/* The table of one bit. Returns 0, -EINVAL or -ENODATA. */
static int pick(const struct tcpbuf_census *c, uint32_t by, const struct tcpbuf__holders **out)
{
	if (!c || !by || by & ~ALL_BY || by & (by - 1))
		return -EINVAL;
	if (!(c->by & by))
		return -ENODATA;
	for (*out = c->tables; by > 1; by >>= 1)
		++*out;
	return 0;
}

int64_t tcpbuf_census_count(const struct tcpbuf_census *c, uint32_t by)
{
	const struct tcpbuf__holders *t;
	int err = pick(c, by, &t);

	return err ? err : (int64_t)t->count;
}

int tcpbuf_census_at(const struct tcpbuf_census *c, uint32_t by, uint32_t index, void *out, uint32_t out_size)
{
	const struct tcpbuf__holders *t;
	int err = pick(c, by, &t);

	if (err || !out)
		return err ? err : -EINVAL;
	if (index >= t->count)
		return 0;
	tcpbuf__copy_out(out, out_size, &t->items[t->order[index]], sizeof(t->items[0]));
	return 1;
}

int tcpbuf_census_rest(const struct tcpbuf_census *c, uint32_t by, void *out, uint32_t out_size)
{
	const struct tcpbuf__holders *t;
	int err = pick(c, by, &t);

	if (err || !out)
		return err ? err : -EINVAL;
	tcpbuf__copy_out(out, out_size, &t->rest, sizeof(t->rest));
	return 0;
}

int tcpbuf_census_sort(struct tcpbuf_census *c, uint32_t order)
{
	int err = 0;

	if (!c || order > TCPBUF_CENSUS_ORDER_GROWTH)
		return -EINVAL;
	for (int axis = 0; !err && axis < TCPBUF__PUBLIC_AXES; axis++)
		err = tcpbuf__holders_sort(&c->tables[axis], c->tb->sys, order);
	return err;
}

/* An inode and a pid are used again; a cookie and a start time are not. */
static int is_same(const struct tcpbuf_census_holder *a, const struct tcpbuf_census_holder *b, int axis)
{
	uint64_t both = a->valid & b->valid;

	if (axis == TCPBUF__NETNS && (both & TCPBUF_CENSUS_HAS_COOKIE))
		return a->netns_cookie == b->netns_cookie;
	return axis != TCPBUF__PROCESS || a->start_time == b->start_time;
}

static void grow(struct tcpbuf_census_holder *now, const struct tcpbuf_census_holder *before)
{
	now->growth_bytes = now->held_bytes - (before ? before->held_bytes : 0);
	now->valid |= TCPBUF_CENSUS_HAS_GROWTH;
}

int tcpbuf_census_compare(struct tcpbuf_census *now, const struct tcpbuf_census *before)
{
	if (!now || !before)
		return -EINVAL;
	now->node.growth_bytes = (int64_t)(now->node.used_bytes - before->node.used_bytes);
	now->node.valid |= TCPBUF_CENSUS_NODE_HAS_GROWTH;
	for (int axis = 0; axis < TCPBUF__PUBLIC_AXES; axis++) {
		struct tcpbuf__holders *t = &now->tables[axis];

		for (uint32_t i = 0; i < t->count; i++) {
			const struct tcpbuf_census_holder *old =
				tcpbuf__holders_find(&before->tables[axis], axis, &t->items[i]);

			grow(&t->items[i], old && is_same(&t->items[i], old, axis) ? old : NULL);
		}
		grow(&t->rest, &before->tables[axis].rest);
	}
	return 0;
}
