/* SPDX-License-Identifier: MIT */
/*
 * Packets between two sockets of one machine. Sending from a system call delivers at once; sending
 * while packets are being delivered waits for its turn, as the softirq does; and a socket that its
 * owner has locked keeps what arrives in its backlog.
 */
#include "model/flow.h"

#define IP_AND_LINK_HEADER 34
#define WHEEL_SPLIT (6u << 16 | 9u << 8)

static void wire_put(struct flow *f, struct flow_wire *w, const struct flow_packet *p)
{
	if (w->count == FLOW_WIRE)
		f->error = -ENOSPC;
	else
		w->at[(w->head + w->count++) % FLOW_WIRE] = *p;
}

static struct flow_packet wire_take(struct flow_wire *w)
{
	struct flow_packet p = w->at[w->head];

	w->head = (w->head + 1) % FLOW_WIRE;
	w->count--;
	return p;
}

/* tcp_add_backlog(), net/ipv4/tcp_ipv4.c: ACKs that wait for their socket become one, unless a
 * capture shares them. */
static void await_sender(struct flow *f, const struct flow_packet *p)
{
	if (!f->captured)
		f->backlog_s.count = 0;
	wire_put(f, &f->backlog_s, p);
}

/* A round trip passes with each answer, one after the other: the machine is busy with it. */
static void deliver(struct flow *f, const struct flow_packet *p)
{
	f->now += p->is_ack ? f->rtt : 0;
	if (p->is_ack && f->s.owned) {
		await_sender(f, p);
	} else if (p->is_ack) {
		tcpbuf__flow_acked(f, p);
	} else if (f->r.owned) {
		wire_put(f, &f->backlog_r, p);
		f->r.backlog += p->end - p->seq + f->rules.skb_head;
	} else {
		tcpbuf__flow_receive(f, p);
	}
}

void tcpbuf__flow_pump(struct flow *f)
{
	f->softirq = 1;
	while (f->wire.count && !f->error) {
		struct flow_packet p = wire_take(&f->wire);

		deliver(f, &p);
	}
	f->softirq = 0;
}

/* gso_features_check(), net/core/dev.c: what is too long for the device as one goes as segments. */
static int too_long(const struct flow *f, const struct flow_packet *p)
{
	int64_t len = p->end - p->seq;

	return len > p->mss && len + f->r.tcp_header + IP_AND_LINK_HEADER >= FLOW_GSO_MAX;
}

/* skb_segment(): copies of its own, which refer to the sender's pages. */
static void put_segments(struct flow *f, const struct flow_packet *p)
{
	struct flow_packet segment = *p;

	for (; segment.seq < p->end; segment.seq = segment.end) {
		segment.end = tcpbuf__min(segment.seq + p->mss, p->end);
		segment.push = segment.end == p->end && p->push;
		segment.frags = tcpbuf__flow_frags(f, segment.seq, segment.end);
		wire_put(f, &f->wire, &segment);
	}
}

void tcpbuf__flow_put(struct flow *f, const struct flow_packet *p)
{
	if (too_long(f, p))
		put_segments(f, p);
	else
		wire_put(f, &f->wire, p);
	if (!f->softirq)
		tcpbuf__flow_pump(f);
}

/* release_sock() of the sender. */
void tcpbuf__flow_release_sender(struct flow *f)
{
	while (f->backlog_s.count && !f->error) {
		struct flow_packet p = wire_take(&f->backlog_s);

		tcpbuf__flow_acked(f, &p);
	}
	f->s.owned = 0;
}

/* release_sock() of the receiver: the backlog counts until all of it is done; tcp_release_cb()
 * sends a deferred ACK. */
void tcpbuf__flow_release_receiver(struct flow *f)
{
	while (f->backlog_r.count && !f->error) {
		struct flow_packet p = wire_take(&f->backlog_r);

		tcpbuf__flow_receive(f, &p);
	}
	f->r.backlog = 0;
	f->softirq = 1;
	if (f->r.ack_deferred && (f->r.pending & FLOW_ACK_SCHED))
		tcpbuf__flow_send_ack(f);
	f->r.ack_deferred = 0;
	f->r.owned = 0;
	tcpbuf__flow_pump(f);
}

/*
 * When a timer that was armed with @expires ticks fires: calc_wheel_index(), kernel/time/timer.c.
 * The wheel rounds up, by one tick for the next 63, and eight times more coarsely on each further
 * level.
 */
int64_t tcpbuf__flow_fires(const struct flow *f, int64_t expires)
{
	int64_t ahead = expires - tcpbuf__flow_tick(f, f->now);
	int shift = 0;

	while (ahead >= 63 << shift && shift < 24)
		shift += 3;
	return ((expires >> shift) + 1) << shift;
}

static int64_t time_of(const struct flow *f, int64_t tick)
{
	return (tick * 1000000 + f->rules.hz - 1) / f->rules.hz;
}

/* Of two timers that fire in one tick: recorded, since the wheel was split in 6.9 the sender's comes first. */
static int ack_timer_first(const struct flow *f, int64_t ack, int64_t send)
{
	return ack < send || (ack == send && f->rules.keys.version < WHEEL_SPLIT);
}

/* Runs the timers until @when. */
void tcpbuf__flow_until(struct flow *f, int64_t when)
{
	while (!f->error) {
		int64_t ack =
			f->r.pending & FLOW_ACK_TIMER ? time_of(f, f->r.ack_fires) : INT64_MAX;
		int64_t send = f->s.timer_kind ? time_of(f, f->s.timer) : INT64_MAX;

		if (tcpbuf__min(ack, send) > when)
			break;
		f->now = tcpbuf__max(f->now, tcpbuf__min(ack, send));
		f->softirq = 1;
		if (ack_timer_first(f, ack, send))
			tcpbuf__flow_delack_timer(f);
		else
			tcpbuf__flow_send_timer(f);
		tcpbuf__flow_pump(f);
	}
	f->now = tcpbuf__max(f->now, when);
}
