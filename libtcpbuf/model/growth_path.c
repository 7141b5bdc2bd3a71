/* SPDX-License-Identifier: MIT */
/* The way between two ends: a rate and a queue towards the receiver, a delay both ways. */
#include "model/growth.h"

static uint32_t slot(uint32_t index)
{
	return index % TCPBUF__RING;
}

/* Bits of @bytes in @segments with their headers, in nanoseconds of the link. */
static int64_t wire_time(const struct tcpbuf__path *p, int64_t bytes, int64_t mss)
{
	int64_t segments = (bytes + mss - 1) / mss;

	return (bytes + segments * p->overhead) * 8 * (TCPBUF__SEC / 1000) / (p->rate_bps / 1000);
}

/*
 * The timestamp that leaves with data: of the newest acknowledgement. Where several are merged into one, those between
 * are reckoned with.
 */
static int64_t echoed(const struct tcpbuf__growth *g)
{
	const struct tcpbuf__path *p = &g->path;

	if (g->quantum <= 1 || p->data_head == p->data_tail)
		return g->snd.tsecr;
	return tcpbuf__max(g->snd.tsecr, (g->now - p->one_way) / TCPBUF__MSEC);
}

/* Returns 0 when the queue was full and the burst was not taken. */
int tcpbuf__path_send(struct tcpbuf__growth *g, int64_t bytes, int64_t packets)
{
	struct tcpbuf__path *p = &g->path;
	struct tcpbuf__burst *b;

	if (p->limit && p->queued + packets > p->limit)
		return 0;
	p->queued += packets;
	p->free_at = tcpbuf__max(p->free_at, g->now) + wire_time(p, bytes, g->snd.mss);
	if (p->data_tail - p->data_head == TCPBUF__RING) {
		b = &p->data[slot(p->data_tail - 1)];
		b->bytes += bytes;
		b->packets += packets;
	} else {
		b = &p->data[slot(p->data_tail++)];
		b->bytes = bytes;
		b->packets = packets;
		b->tsecr = echoed(g);
	}
	b->sent = g->now;
	b->due = p->free_at + p->one_way;
	return 1;
}

void tcpbuf__path_ack(struct tcpbuf__growth *g, const struct tcpbuf__ack *ack)
{
	struct tcpbuf__path *p = &g->path;

	if (p->ack_tail - p->ack_head == TCPBUF__RING)
		p->ack_tail--;
	p->acks[slot(p->ack_tail)] = *ack;
	p->acks[slot(p->ack_tail++)].due = g->now + p->one_way;
}

/* When the oldest data not yet acknowledged was sent, as far as the path knows; @now when it has none. */
int64_t tcpbuf__path_oldest(const struct tcpbuf__path *p, int64_t now)
{
	if (p->ack_head != p->ack_tail)
		return p->acks[slot(p->ack_head)].sent;
	return p->data_head != p->data_tail ? p->data[slot(p->data_head)].sent : now;
}
