/* SPDX-License-Identifier: MIT */
/* What was received and not read: memory comes back packet by packet. */
#include "model/growth.h"

enum {
	MAX_FRAGMENTS = 17,  /* MAX_SKB_FRAGS */
	FRAGMENT_SIZE = 32768 /* what a sending task fills across its writes, net/core/sock.c */
};

static struct tcpbuf__run *at(struct tcpbuf__queue *q, uint32_t index)
{
	return &q->runs[index % TCPBUF__RING];
}

static int64_t fragments_of(int64_t start, int64_t bytes)
{
	return (start + bytes - 1) / FRAGMENT_SIZE - start / FRAGMENT_SIZE + 1;
}

/* tcp_try_coalesce(): into the last packet, once the sender has let go of it. */
static int coalesces(const struct tcpbuf__growth *g, const struct tcpbuf__run *last, int64_t fragments)
{
	const struct tcpbuf__receiver *r = &g->rcv;

	return r->gso && !r->segment_truesize && last->count == 1 && g->snd.una >= r->queue.tail_end &&
		last->fragments + fragments <= MAX_FRAGMENTS;
}

static void append(struct tcpbuf__queue *q, const struct tcpbuf__run *run)
{
	struct tcpbuf__run *last = at(q, q->tail - 1);

	if (q->tail != q->head && last->bytes == run->bytes && last->truesize == run->truesize) {
		last->count += run->count;
	} else if (q->tail - q->head < TCPBUF__RING) {
		*at(q, q->tail++) = *run;
	} else {
		last->bytes = (last->bytes * last->count + run->bytes * run->count);
		last->truesize = (last->truesize * last->count + run->truesize * run->count);
		last->count = 1;
	}
}

/* Queue @bytes in packets of @skb_len with @truesize each; returns the memory that this costs. */
int64_t tcpbuf__queue_add(struct tcpbuf__growth *g, int64_t bytes, int64_t skb_len, int64_t truesize)
{
	struct tcpbuf__queue *q = &g->rcv.queue;
	struct tcpbuf__run run = {skb_len, truesize, bytes / skb_len, fragments_of(g->rcv.nxt, skb_len)};
	struct tcpbuf__run *last = at(q, q->tail - 1);
	int64_t rest = bytes % skb_len, cost;

	if (q->tail != q->head && run.count == 1 && !rest && coalesces(g, last, run.fragments)) {
		last->bytes += bytes;
		last->truesize += bytes;
		last->fragments += run.fragments;
		q->tail_end = g->rcv.nxt + bytes;
		return bytes;
	}
	cost = run.count * truesize;
	if (run.count)
		append(q, &run);
	if (rest) {
		struct tcpbuf__run end = {rest, truesize - skb_len + rest, 1, 1};

		append(q, &end);
		cost += end.truesize;
	}
	q->tail_end = g->rcv.nxt + bytes;
	return cost;
}

/* Unread bytes of the first packet. */
int64_t tcpbuf__queue_first(const struct tcpbuf__queue *q)
{
	return q->runs[q->head % TCPBUF__RING].bytes - q->head_read;
}

/* Read @bytes; returns the memory that this frees. */
int64_t tcpbuf__queue_take(struct tcpbuf__queue *q, int64_t bytes)
{
	int64_t freed = 0;

	bytes += q->head_read;
	while (q->head != q->tail) {
		struct tcpbuf__run *run = at(q, q->head);
		int64_t whole = tcpbuf__min(bytes / run->bytes, run->count);

		freed += whole * run->truesize;
		bytes -= whole * run->bytes;
		run->count -= whole;
		if (run->count)
			break;
		q->head++;
	}
	q->head_read = bytes;
	return freed;
}
