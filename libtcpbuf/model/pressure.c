/* SPDX-License-Identifier: MIT */
/* The node's limits on TCP memory: who is granted a page, net/core/sock.c. */
#include "model/model.h"

#define LOCK_SNDBUF 1u

/* Limits are in pages of the machine, the counter in units of its own until 5.19. */
static int64_t limit_of(const struct tcpbuf_rules *r, const struct tcpbuf_model_node *node, int which)
{
	return node->mem[which] * (r->page_size / r->charge_unit);
}

static int bad_node(const struct tcpbuf_model_node *node)
{
	for (int i = 0; i < 3; i++)
		if (node->mem[i] < 0 || node->mem[i] > TCPBUF__MODEL_MOST_PAGES)
			return 1;
	return node->allocated < 0 || node->allocated > TCPBUF__MODEL_MOST_PAGES || node->sockets < 0 ||
	       node->sockets > INT32_MAX;
}

static int bad_bytes(int64_t bytes)
{
	return bytes < 0 || bytes > INT32_MAX;
}

static int bad_holder(const struct tcpbuf_model_holder *h)
{
	if ((h->kind != TCPBUF_CHARGE_RECEIVE && h->kind != TCPBUF_CHARGE_SEND) || h->padding)
		return 1;
	return bad_bytes(h->guaranteed) || bad_bytes(h->rmem_alloc) || bad_bytes(h->wmem_queued) ||
	       bad_bytes(h->forward_alloc) || bad_bytes(h->sndbuf);
}

/* Until 5.19 the whole request is charged, whatever part of it forward_alloc covers. */
static int64_t pages_for(const struct tcpbuf_rules *r, const struct tcpbuf_model_holder *h, int64_t bytes)
{
	if (h->forward_alloc >= bytes)
		return 0;
	return tcpbuf__model_units(r->charge_rest ? bytes - h->forward_alloc : bytes, r->charge_unit);
}

static int64_t guaranteed_part(const struct tcpbuf_model_holder *h)
{
	return h->kind == TCPBUF_CHARGE_RECEIVE ? h->rmem_alloc : h->wmem_queued;
}

/* Pages of this socket, those asked for included, against an equal share of the hard limit. */
static int has_share(const struct tcpbuf_rules *r, const struct tcpbuf_model_node *node,
	const struct tcpbuf_model_holder *h, int64_t asked)
{
	int64_t held = h->rmem_alloc + h->wmem_queued + h->forward_alloc + asked * r->charge_unit;

	return node->sockets * tcpbuf__model_units(held, r->charge_unit) < limit_of(r, node, 2);
}

/* __sk_mem_raise_allocated(): the first rule that decides. */
static uint32_t decide(const struct tcpbuf_rules *r, struct tcpbuf_model_node *node,
	const struct tcpbuf_model_holder *h, int64_t asked)
{
	if (h->cgroup_full)
		return TCPBUF_CHARGE_CGROUP;
	if (node->allocated <= limit_of(r, node, 0)) {
		node->pressure = 0;
		return TCPBUF_CHARGE_BELOW_LOW;
	}
	if (node->allocated > limit_of(r, node, 1))
		node->pressure = 1;
	if (node->allocated > limit_of(r, node, 2))
		return TCPBUF_CHARGE_HARD_LIMIT;
	if (guaranteed_part(h) < h->guaranteed)
		return TCPBUF_CHARGE_GUARANTEED;
	if (!node->pressure && !(r->charge_cgroup && h->cgroup_pressure))
		return TCPBUF_CHARGE_CALM;
	return has_share(r, node, h, asked) ? TCPBUF_CHARGE_SHARE : TCPBUF_CHARGE_NO_SHARE;
}

static int is_refusal(uint32_t why)
{
	return why == TCPBUF_CHARGE_CGROUP || why == TCPBUF_CHARGE_HARD_LIMIT || why == TCPBUF_CHARGE_NO_SHARE;
}

/* sk_stream_moderate_sndbuf(); a buffer that is full then blocks its writer, so that charge is made. */
static int is_forced(const struct tcpbuf_rules *r, struct tcpbuf_model_holder *h, int64_t bytes)
{
	if (h->kind != TCPBUF_CHARGE_SEND)
		return 0;
	if (!(h->lock & LOCK_SNDBUF))
		h->sndbuf = tcpbuf__max(
			tcpbuf__min(h->sndbuf, h->wmem_queued >> 1), tcpbuf__model_min_sndbuf(r));
	return h->wmem_queued + bytes >= h->sndbuf;
}

static void take(struct tcpbuf_model_holder *h, int64_t bytes, int64_t charged)
{
	h->forward_alloc += charged - bytes;
	if (h->kind == TCPBUF_CHARGE_RECEIVE)
		h->rmem_alloc += bytes;
	else
		h->wmem_queued += bytes;
}

static void charge(const struct tcpbuf_rules *r, struct tcpbuf_model_node *node, struct tcpbuf_model_holder *h,
	int64_t bytes, struct tcpbuf_model_charge *out)
{
	int64_t pages = pages_for(r, h, bytes);

	out->why = TCPBUF_CHARGE_FORWARD;
	if (pages) {
		node->allocated += pages;
		out->why = decide(r, node, h, pages);
	}
	out->granted = 1;
	if (is_refusal(out->why))
		out->granted = out->forced = (uint32_t)is_forced(r, h, bytes);
	out->pages = out->granted ? pages : 0;
	node->allocated -= pages - out->pages;
	if (out->granted)
		take(h, bytes, pages * r->charge_unit);
}

static int read_node(const struct tcpbuf_rules *rules, const struct tcpbuf_model_node *node,
	struct tcpbuf_rules *r, struct tcpbuf_model_node *n)
{
	int err = tcpbuf__model_rules(r, rules);

	return err ? err : tcpbuf__copy_in(n, sizeof(*n), node);
}

int tcpbuf_model_charge(const struct tcpbuf_rules *rules, struct tcpbuf_model_node *node,
	struct tcpbuf_model_holder *holder, int64_t bytes, void *out, uint32_t out_size)
{
	struct tcpbuf_model_charge result;
	struct tcpbuf_model_holder h;
	struct tcpbuf_model_node n;
	struct tcpbuf_rules r;
	int err = read_node(rules, node, &r, &n);

	if (!err)
		err = tcpbuf__copy_in(&h, sizeof(h), holder);
	if (err)
		return err;
	if (!out || bytes < 1 || bytes > INT32_MAX || bad_node(&n) || bad_holder(&h))
		return -EINVAL;
	memset(&result, 0, sizeof(result));
	result.verified = r.verified;
	charge(&r, &n, &h, bytes, &result);
	tcpbuf__copy_back(node, &n, sizeof(n));
	tcpbuf__copy_back(holder, &h, sizeof(h));
	tcpbuf__copy_out(out, out_size, &result, sizeof(result));
	return 0;
}

int tcpbuf_model_uncharge(const struct tcpbuf_rules *rules, struct tcpbuf_model_node *node, int64_t pages)
{
	struct tcpbuf_model_node n;
	struct tcpbuf_rules r;
	int err = read_node(rules, node, &r, &n);

	if (err)
		return err;
	if (bad_node(&n) || pages < 0 || pages > n.allocated)
		return -EINVAL;
	n.allocated -= pages;
	if (n.allocated < limit_of(&r, &n, 0))
		n.pressure = 0;
	tcpbuf__copy_back(node, &n, sizeof(n));
	return 0;
}

static uint32_t level_of(const struct tcpbuf_rules *r, const struct tcpbuf_model_node *node)
{
	for (int i = 0; i < 3; i++)
		if (node->allocated <= limit_of(r, node, i))
			return TCPBUF_SHARE_LOW + (uint32_t)i;
	return TCPBUF_SHARE_FULL;
}

/* Most whole pages p with sockets * p < tcp_mem[2]. */
static int64_t share_bytes(const struct tcpbuf_rules *r, const struct tcpbuf_model_node *node)
{
	int64_t limit = limit_of(r, node, 2);

	return limit ? (limit - 1) / tcpbuf__max(node->sockets, 1) * r->charge_unit : 0;
}

int tcpbuf_model_share(
	const struct tcpbuf_rules *rules, const struct tcpbuf_model_node *node, void *out, uint32_t out_size)
{
	struct tcpbuf_model_share share;
	struct tcpbuf_model_node n;
	struct tcpbuf_rules r;
	int err = read_node(rules, node, &r, &n);

	if (err)
		return err;
	if (!out || bad_node(&n))
		return -EINVAL;
	memset(&share, 0, sizeof(share));
	share.level = level_of(&r, &n);
	share.pressure = share.level > TCPBUF_SHARE_BETWEEN || (n.pressure && share.level > TCPBUF_SHARE_LOW);
	share.verified = r.verified;
	share.socket_bytes = share_bytes(&r, &n);
	share.until_pressure = tcpbuf__max(limit_of(&r, &n, 1) - n.allocated, 0);
	share.until_limit = tcpbuf__max(limit_of(&r, &n, 2) - n.allocated, 0);
	tcpbuf__copy_out(out, out_size, &share, sizeof(share));
	return 0;
}
