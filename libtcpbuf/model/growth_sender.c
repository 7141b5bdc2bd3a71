/* SPDX-License-Identifier: MIT */
/* The sending end: what may leave, and what its buffer holds. net/ipv4/tcp_output.c, tcp_input.c. */
#include "model/growth.h"

#define LEAST_RTO (200 * TCPBUF__MSEC)

enum { GSO_MAX = 65536, BLOCK = 65536, WRITE_NS_PER_KB = 2500 };

static int64_t in_flight(const struct tcpbuf__sender *s)
{
	return (s->nxt - s->una + s->mss - 1) / s->mss;
}

/* Payload not yet acknowledged, and what its packets cost beyond. */
int64_t tcpbuf__sender_wmem(const struct tcpbuf__sender *s)
{
	int64_t unsent = s->written - s->nxt;

	return s->written - s->una + s->head * (s->skbs + (unsent + s->goal - 1) / s->goal);
}

/* tcp_tso_autosize(): segments of one large packet. */
static int64_t burst_segments(const struct tcpbuf__growth *g)
{
	const struct tcpbuf__sender *s = &g->snd;
	int64_t bytes = tcpbuf__pacing_bytes(s), shift = s->min_rtt >> 9;

	if (g->rules->tso_by_rtt && shift < 32)
		bytes += (int64_t)GSO_MAX >> shift;
	return tcpbuf__max(tcpbuf__min(bytes, s->goal) / s->mss, 2);
}

/* tcp_tso_should_defer(): wait for a whole large packet while acknowledgements come fast. */
static int defers(const struct tcpbuf__growth *g, int64_t room, int64_t burst)
{
	const struct tcpbuf__sender *s = &g->snd;

	if (g->merge && room < g->quantum && s->una < s->nxt)
		return 1;
	return room < burst && s->una < s->nxt && g->now - s->last_sent <= TCPBUF__MSEC &&
		room * s->mss < tcpbuf__min(s->snd_wnd, s->cwnd * s->mss) / 3 &&
		g->now - tcpbuf__path_oldest(&g->path, g->now) >= s->srtt8 * (1000 / 16);
}

static void transmit(struct tcpbuf__growth *g, int64_t bytes, int64_t packets)
{
	struct tcpbuf__sender *s = &g->snd;

	s->nxt += bytes;
	s->skbs += packets;
	s->last_sent = g->now;
}

/* tcp_cwnd_validate(): was the congestion window the limit in this window of data? */
static void note_usage(struct tcpbuf__sender *s, int limited)
{
	if (s->una < s->usage_end && !limited && (s->limited || in_flight(s) <= s->max_out))
		return;
	s->limited = limited;
	s->max_out = in_flight(s);
	s->usage_end = s->nxt;
}

/* tcp_write_xmit(). */
static void transmit_all(struct tcpbuf__growth *g)
{
	struct tcpbuf__sender *s = &g->snd;
	int64_t burst = burst_segments(g), quantum = tcpbuf__max(g->path.split ? 2 : burst, g->quantum);
	int sent = 0, limited = 0;

	for (;;) {
		int64_t open = s->cwnd - in_flight(s), offered = (s->edge - s->nxt) / s->mss;
		int64_t room = tcpbuf__min(open, offered), packets;
		int64_t segments = tcpbuf__min(room, (s->written - s->nxt) / s->mss);

		if (segments <= 0)
			break;
		if (defers(g, room, burst)) {
			limited = open < offered;
			break;
		}
		segments = tcpbuf__min(segments, tcpbuf__min(quantum, tcpbuf__max(s->cwnd / 2, 1)));
		packets = g->path.split ? segments : tcpbuf__model_units(segments, burst);
		if (!tcpbuf__path_send(g, segments * s->mss, packets)) {
			s->retrans += g->path.limit < 0;
			tcpbuf__congestion_cut(g);
			break;
		}
		transmit(g, segments * s->mss, tcpbuf__model_units(segments, burst));
		sent = 1;
	}
	limited |= in_flight(s) >= s->cwnd;
	if (sent || limited)
		note_usage(s, limited);
}

/* What stops the sender now, for the verdict: 1 its congestion window, 2 the receiver's window, 3 want of data. */
static int stopped_by(const struct tcpbuf__sender *s)
{
	if (s->written - s->nxt < s->mss)
		return 3;
	return (s->cwnd - in_flight(s)) * s->mss <= s->edge - s->nxt ? 1 : 2;
}

static void account(struct tcpbuf__growth *g)
{
	int64_t spent = g->now - g->stopped_since;

	if (g->stopped_by == 1)
		g->blocked.cwnd += spent;
	else if (g->stopped_by == 2)
		g->blocked.rwnd += spent;
	else
		g->blocked.sndbuf += spent;
	g->stopped_since = g->now;
	g->stopped_by = stopped_by(&g->snd);
}

/* May the program hand over more? A packet that is not full takes data whatever the buffer holds, and what leaves at
 * once leaves such a packet. */
static int may_write(const struct tcpbuf__growth *g)
{
	const struct tcpbuf__sender *s = &g->snd;

	return tcpbuf__sender_wmem(s) < s->sndbuf ||
		(s->written - s->nxt < s->goal && burst_segments(g) * s->mss < s->goal);
}

/* One block of the program; what cannot leave fills the buffer at once. */
void tcpbuf__sender_write(struct tcpbuf__growth *g)
{
	struct tcpbuf__sender *s = &g->snd;
	int64_t room = tcpbuf__min(s->cwnd - in_flight(s), (s->edge - s->nxt) / s->mss);

	s->write_at = TCPBUF__NEVER;
	if (room > 0 && may_write(g)) {
		int64_t block = tcpbuf__max(BLOCK, g->quantum * s->mss);

		s->written += block;
		transmit_all(g);
		s->write_at = g->now + block * WRITE_NS_PER_KB / 1024;
	} else {
		room = s->sndbuf - tcpbuf__sender_wmem(s);
		if (room > 0)
			s->written += tcpbuf__model_units(room, s->goal) * s->goal;
	}
	s->wmem_peak = tcpbuf__max(s->wmem_peak, tcpbuf__sender_wmem(s));
}

/* A window too small for a segment while nothing is on its way must be asked for. */
static void after_event(struct tcpbuf__growth *g)
{
	struct tcpbuf__sender *s = &g->snd;

	s->probe_at = s->nxt == s->una && s->edge - s->nxt < s->mss ? g->now + s->probe_wait : TCPBUF__NEVER;
	account(g);
}

/* tcp_rtt_estimator(). */
static void measure_rtt(struct tcpbuf__sender *s, int64_t rtt_us)
{
	rtt_us = tcpbuf__max(rtt_us, 1);
	s->srtt8 = s->srtt8 ? s->srtt8 + rtt_us - (s->srtt8 >> 3) : rtt_us * 8;
	s->min_rtt = s->min_rtt ? tcpbuf__min(s->min_rtt, rtt_us) : rtt_us;
}

/* tcp_new_space(): a full buffer follows the congestion window; a third free wakes the program. */
static void new_space(struct tcpbuf__growth *g)
{
	struct tcpbuf__sender *s = &g->snd;
	int64_t want = tcpbuf__min(s->cwnd * s->skb_cost, s->sndbuf_max), wmem;

	if (!s->locked && s->sndbuf < want) {
		s->sndbuf = want;
		g->changed = g->now;
	}
	wmem = tcpbuf__sender_wmem(s);
	if (s->write_at == TCPBUF__NEVER && s->sndbuf - wmem >= wmem >> 1)
		s->write_at = g->now;
}

static int64_t rto_of(const struct tcpbuf__sender *s)
{
	return tcpbuf__max((s->srtt8 >> 3) * 1000 + LEAST_RTO, LEAST_RTO);
}

void tcpbuf__sender_ack(struct tcpbuf__growth *g, const struct tcpbuf__ack *a)
{
	struct tcpbuf__sender *s = &g->snd;
	int64_t acked = a->ack - s->una, flight = s->nxt - s->una;

	s->tsecr = a->tsval;
	s->edge = tcpbuf__max(s->edge, a->edge);
	s->snd_wnd = a->wnd;
	s->goal = tcpbuf__max(tcpbuf__min(GSO_MAX - 1 - 320, tcpbuf__max(s->goal, a->wnd / 2)) / s->mss, 1) * s->mss;
	s->probe_wait = rto_of(s);
	if (acked > 0) {
		int64_t rtt_us = (g->now - a->sent) / 1000, segments = tcpbuf__model_units(acked, s->mss);

		s->skbs -= s->skbs * acked / tcpbuf__max(flight, 1);
		s->una = a->ack;
		if (s->una >= s->nxt)
			s->skbs = 0;
		measure_rtt(s, rtt_us);
		tcpbuf__congestion_acked(g, segments, rtt_us, g->rcv.gso ? 1 : tcpbuf__model_units(segments, 2));
	}
	transmit_all(g);
	new_space(g);
	after_event(g);
}

/* A closed window is asked again, each time later. */
void tcpbuf__sender_probe(struct tcpbuf__growth *g)
{
	struct tcpbuf__sender *s = &g->snd;

	s->probe_wait = tcpbuf__min(s->probe_wait * 2, 120 * TCPBUF__SEC);
	s->probe_at = g->now + s->probe_wait;
	tcpbuf__receiver_probe(g);
}
