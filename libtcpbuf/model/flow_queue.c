/* SPDX-License-Identifier: MIT */
/* The receive queue: coalescing, memory accounting, admission, pruning. */
#include "model/flow.h"

/* SK_RECLAIM_CHUNK, include/net/sock.h, until 5.19. */
#define RECLAIM_CHUNK (1 << 20)

static struct flow_rskb *queued(struct flow *f, uint32_t i)
{
	return &f->r.queue[(f->r.queue_head + i) % FLOW_QUEUE];
}

static struct flow_rskb *tail(struct flow *f)
{
	return f->r.queue_count ? queued(f, f->r.queue_count - 1) : NULL;
}

/* __sk_mem_reclaim(): all whole pages of @bytes go back. */
static void reclaim(struct flow *f, int64_t bytes)
{
	f->r.forward_alloc -= bytes - bytes % f->rules.charge_unit;
}

/* sk_rmem_schedule(), include/net/sock.h: since 6.0 only what is missing is asked for. */
static void schedule(struct flow *f, int64_t size)
{
	int64_t ask = f->rules.charge_rest ? size - f->r.forward_alloc : size;

	if (f->r.forward_alloc < size)
		f->r.forward_alloc +=
			tcpbuf__model_units(ask, f->rules.charge_unit) * f->rules.charge_unit;
}

static void charge(struct flow *f, int64_t size)
{
	f->r.rmem_alloc += size;
	f->r.forward_alloc -= size;
}

/* sock_rfree() with sk_mem_uncharge(). */
static void uncharge(struct flow *f, int64_t size)
{
	f->r.rmem_alloc -= size;
	f->r.forward_alloc += size;
	if (f->rules.charge_rest && f->r.forward_alloc >= f->rules.charge_keep)
		reclaim(f, f->r.forward_alloc);
	else if (f->r.forward_alloc > f->rules.charge_keep)
		reclaim(f, RECLAIM_CHUNK);
}

/* sk_mem_reclaim(): when collapsing and when an ACK was late, older kernels give back all but a
 * page. */
void tcpbuf__flow_reclaim(struct flow *f)
{
	if (!f->rules.charge_rest && f->r.forward_alloc >= f->rules.charge_unit)
		reclaim(f, f->r.forward_alloc);
}

/* The data is still shared with the sender's skb, or with a capture's copy. */
static int cloned(const struct flow *f, const struct flow_rskb *skb)
{
	return f->s.snd_una < skb->shared_until ||
	       (f->captured && skb->shared_until && skb->step == f->step);
}

/* tcp_try_coalesce() with skb_try_coalesce(), net/core/skbuff.c: the payload alone is charged. */
static int coalesce(struct flow *f, const struct flow_packet *p)
{
	struct flow_rskb *to = tail(f);
	int64_t len = p->end - p->seq;

	if (!to || to->end != p->seq || cloned(f, to))
		return 0;
	if (len <= to->tailroom) {
		to->tailroom -= (uint32_t)len;
		to->end = p->end;
		return 1;
	}
	if (to->frags + p->frags > FLOW_MAX_FRAGS)
		return 0;
	to->tailroom = 0;
	to->frags += (uint32_t)p->frags;
	to->truesize += (uint32_t)len;
	to->end = p->end;
	charge(f, len);
	return 1;
}

static void append(struct flow *f, const struct flow_rskb *skb)
{
	if (f->r.queue_count == FLOW_QUEUE) {
		f->error = -ENOSPC;
		return;
	}
	f->r.queue_count++;
	*tail(f) = *skb;
	charge(f, skb->truesize);
}

/* tcp_queue_rcv(), net/ipv4/tcp_input.c. */
void tcpbuf__flow_enqueue(struct flow *f, const struct flow_packet *p, int64_t truesize)
{
	struct flow_rskb skb = {.seq = p->seq,
		.end = p->end,
		.shared_until = p->end,
		.truesize = (uint32_t)truesize,
		.frags = (uint32_t)p->frags,
		.step = f->step};

	if (!coalesce(f, p))
		append(f, &skb);
	f->r.rcv_nxt = p->end;
}

/* tcp_clamp_window(), net/ipv4/tcp_input.c. */
static void clamp_window(struct flow *f)
{
	struct flow_receiver *r = &f->r;

	r->quick = 0;
	if (r->rcvbuf < r->tcp_rmem_max && !r->locked)
		r->rcvbuf = tcpbuf__min(r->rmem_alloc, r->tcp_rmem_max);
	if (r->rmem_alloc > r->rcvbuf)
		r->rcv_ssthresh = tcpbuf__min(r->window_clamp, 2 * r->advmss);
}

/* kmalloc()'s sizes, and since 6.5 the cache of small heads. */
static int64_t bucket(const struct flow *f, int64_t bytes)
{
	int64_t small = f->rules.skb_head - f->rules.sk_buff, size = 256;

	if (small % 256 && bytes <= small)
		return small;
	while (size < bytes)
		size *= 2;
	return size;
}

/* tcp_collapse(): which skb is the first worth rewriting; queue_count when none is. */
static uint32_t first_bloated(struct flow *f)
{
	uint32_t i = 0;

	for (; i < f->r.queue_count; i++) {
		const struct flow_rskb *skb = queued(f, i);

		if (tcpbuf__flow_win(f, skb->truesize) > skb->end - skb->seq ||
			skb->seq < f->r.copied_seq)
			break;
	}
	return i;
}

/* tcp_collapse(), net/ipv4/tcp_input.c: from there on, linear skbs of at most a page. */
static void collapse(struct flow *f)
{
	uint32_t first = first_bloated(f);
	int64_t room = (f->rules.page_size - f->rules.shared_info) / 64 * 64;
	int64_t start, end = f->r.rcv_nxt;

	if (first == f->r.queue_count)
		return;
	start = tcpbuf__max(queued(f, first)->seq, f->r.copied_seq);
	while (f->r.queue_count > first) {
		uncharge(f, tail(f)->truesize);
		f->r.queue_count--;
	}
	while (start < end && !f->error) {
		int64_t len = tcpbuf__min(room, end - start);
		int64_t head = bucket(f, (len + 63) / 64 * 64 + f->rules.shared_info);
		struct flow_rskb skb = {.seq = start,
			.end = start + len,
			.truesize = (uint32_t)(head + f->rules.sk_buff),
			.tailroom = (uint32_t)(head - f->rules.shared_info - len)};

		append(f, &skb);
		start += len;
	}
}

static int admits(const struct flow *f, int64_t len, int64_t truesize)
{
	int64_t more = f->rules.admission == TCPBUF_RULE_ADMISSION_TRUESIZE ? truesize
		       : f->rules.admission == TCPBUF_RULE_ADMISSION_LENGTH ? len
									    : 0;

	return f->r.rmem_alloc + more <= f->r.rcvbuf;
}

/* tcp_prune_queue(), net/ipv4/tcp_input.c; 1: there is room now. */
static int prune(struct flow *f, int64_t len, int64_t truesize)
{
	if (f->r.rmem_alloc >= f->r.rcvbuf)
		clamp_window(f);
	if (admits(f, len, truesize))
		return 1;
	collapse(f);
	tcpbuf__flow_reclaim(f);
	if (admits(f, len, truesize))
		return 1;
	f->r.predicted = 0;
	return 0;
}

/* tcp_try_rmem_schedule(); 0: taken, -1: dropped for memory. */
int tcpbuf__flow_enqueue_tested(struct flow *f, const struct flow_packet *p, int64_t truesize)
{
	int64_t len = p->end - p->seq;
	int forced = !f->r.queue_count && f->rules.empty_queue_forced;

	if (!forced && !admits(f, len, truesize) && !prune(f, len, truesize)) {
		if (f->rules.nomem_ack)
			f->r.pending |= FLOW_ACK_NOMEM | FLOW_ACK_NOW | FLOW_ACK_SCHED;
		if (f->r.queue_count)
			return -1;
	}
	schedule(f, truesize);
	tcpbuf__flow_enqueue(f, p, truesize);
	return 0;
}

int tcpbuf__flow_head_read(const struct flow *f)
{
	return f->r.queue_count && f->r.copied_seq == f->r.queue[f->r.queue_head].end;
}

/* The head skb, once read to its end: tcp_eat_recv_skb(). */
void tcpbuf__flow_eat(struct flow *f)
{
	uncharge(f, queued(f, 0)->truesize);
	f->r.queue_head = (f->r.queue_head + 1) % FLOW_QUEUE;
	f->r.queue_count--;
}

/* Copies up to @bytes of the head skb; returns how many. */
int64_t tcpbuf__flow_read_queue(struct flow *f, int64_t bytes)
{
	int64_t used;

	if (!f->r.queue_count)
		return 0;
	used = tcpbuf__min(bytes, queued(f, 0)->end - f->r.copied_seq);
	f->r.copied_seq += used;
	return used;
}
