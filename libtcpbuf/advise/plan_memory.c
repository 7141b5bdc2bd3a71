/* SPDX-License-Identifier: MIT */
/* Memory of one connection, and of all: idle, expected when readers stop, bound. */
#include "advise/plan.h"

/*
 * Slab that an open socket costs beside its own structure, x86-64: inode 832, file 192, dentry 192,
 * bind bucket 128, and what security modules hang on inode and file, 56. TCP's slab rounds its
 * structure up to cache lines, and keeps a reference count for TIME_WAIT beside it.
 */
#define SOCKET_COMPANY 1400
#define SOCKET_BYTES 2304
#define SLAB_ROUND 64

/* A packet's largest payload with GSO: 65536 less the headers, sk_setup_caps(), net/core/sock.c. */
#define GSO_MOST 65535

/* Round trips below which tcp_tso_autosize() adds a whole packet to what is paced, tcp_tso_rtt_log = 9. */
#define WHOLE_PACKETS_US 512

/*
 * Else it makes packets of what is paced for a millisecond, of two segments at least. The slowest that
 * paces most in flight is bbr when it drains: 1/2.89 of the rate with 2.89 round trips of it in flight.
 */
#define PACED_US 1024
#define SLOWEST_PACE 9
#define LEAST_SEGMENTS 2

/*
 * Ends of windows within one buffer: the first window has at least 1/16 of it, __tcp_select_window(), and
 * a reader announces each one that is twice the last, __tcp_cleanup_rbuf(), net/ipv4/tcp.c. While data
 * moves, a connection of many was seen with three more for a moment; at rest there are none.
 */
#define WINDOW_ENDS 4

/* Packets of one direction. */
struct packets {
	int64_t payload;  /* of the largest */
	int64_t overhead; /* of each, beyond its payload */
	int64_t least;	  /* payload of the smallest that comes in a row */
};

/*
 * The sender makes packets of whole segments, at most half of the largest window that it was
 * offered: tcp_bound_to_half_wnd(), tcp_xmit_size_goal(), net/ipv4/tcp.c.
 */
static int64_t largest_payload(const struct tcpbuf__plan *p, int64_t mss, int64_t rcvbuf)
{
	int64_t most = GSO_MOST - p->rules.max_tcp_header, half = rcvbuf / 2;
	/* The window of a buffer at the ratio that packets of that size make. */
	int64_t window = rcvbuf * half / (half + p->rules.skb_head);

	most = tcpbuf__min(most, tcpbuf__max(window / 2, 1));
	/* NOLINTNEXTLINE(clang-analyzer-core.DivideZero): plan_check.c refuses a small mss */
	return most > mss ? most / mss * mss : most;
}

static struct packets packets_of(
	const struct tcpbuf__plan *p, const struct tcpbuf_plan_class *c, int64_t rcvbuf)
{
	struct packets k = {largest_payload(p, c->mss, rcvbuf), p->rules.skb_head, c->mss};

	if (c->message_bytes && c->message_bytes < c->mss)
		k.least = c->message_bytes;
	if (c->scaling_ratio) {
		k.overhead = (int64_t)c->mss * 256 / c->scaling_ratio - c->mss;
		k.payload = c->mss;
	}
	return k;
}

/*
 * The queue is tested before a packet is added, tcp_try_rmem_schedule(), net/ipv4/tcp_input.c: the
 * last one goes on top. It fits in the window that was promised when the queue was empty. Small
 * packets, dear in memory, fill the buffer before they use that window, and a large one may follow:
 * @mixed. Packets that are alike, as bulk sends them, leave less: what their number of segments,
 * whichever, costs beyond the buffer.
 */
static int64_t last_received(int64_t rcvbuf, const struct packets *k, int mixed)
{
	int64_t promised = rcvbuf * k->payload / (k->payload + k->overhead), most = 0;

	if (mixed) {
		int64_t used = rcvbuf * k->least / (k->least + k->overhead);

		return tcpbuf__min(k->payload, tcpbuf__max(promised - used, 0)) + k->overhead;
	}
	for (int64_t size = k->least; size <= k->payload; size += k->least) {
		/* NOLINTNEXTLINE(clang-analyzer-core.DivideZero): the same, and so of what is smaller */
		int64_t beyond = promised + promised * k->overhead / size - rcvbuf;

		most = tcpbuf__max(most, tcpbuf__min(size + k->overhead, beyond));
	}
	return tcpbuf__max(most, k->least + k->overhead);
}

/*
 * Charges are whole units, __sk_mem_raise_allocated(), net/core/sock.c: what the queues hold, rounded
 * up. A received packet is charged whole, and its head stays ahead when it is merged.
 */
static int64_t charged(const struct tcpbuf__plan *p, const struct tcpbuf_plan_class *c,
	const struct packets *in, int64_t queues)
{
	int64_t unit = p->rules.charge_unit;

	if (c->directions & TCPBUF_PLAN_RECEIVES || !p->rules.charge_rest)
		queues += in->overhead;
	if (!p->rules.charge_rest)
		queues += in->payload;
	return tcpbuf__model_units(queues, unit) * unit;
}

/*
 * What a connection has in flight at most: the window of its peers. Where it is larger than the send
 * buffer, one send(2) may use it all the same, as far as it has bytes: as long as the packet that it
 * fills is cut and sent meanwhile, tcp_sendmsg_locked(), net/ipv4/tcp.c, begins no other one, and
 * only before that is the queue tested.
 */
static int64_t most_in_flight(const struct tcpbuf__plan *p, uint32_t index, int64_t sndbuf)
{
	int64_t message = p->classes[index].message_bytes, window = p->peers[index];

	return message ? tcpbuf__min(window, sndbuf + message) : window;
}

/*
 * Each piece that is cut off a packet has a head of its own, tso_fragment(), net/ipv4/tcp_output.c.
 * Over a short path packets go whole, and are cut where a window ends; over a longer one they go in
 * pieces of what is paced, tcp_tso_autosize().
 */
static int64_t heads_in_flight(
	const struct tcpbuf__plan *p, const struct tcpbuf_plan_class *c, int64_t flight, int64_t payload)
{
	int64_t paced = flight * PACED_US / (c->rtt_us * SLOWEST_PACE), piece = payload;

	if (c->rtt_us >= WHOLE_PACKETS_US)
		piece = tcpbuf__min(payload, tcpbuf__max(paced / c->mss, LEAST_SEGMENTS) * c->mss);
	return tcpbuf__model_units(flight, piece) * p->rules.skb_head;
}

static int64_t bound_send(struct tcpbuf__plan *p, uint32_t index, int64_t sndbuf)
{
	const struct tcpbuf_plan_class *c = &p->classes[index];
	int64_t flight = most_in_flight(p, index, sndbuf), head = p->rules.skb_head;
	int64_t payload = largest_payload(p, c->mss, p->peers[index]), heads = (1 + WINDOW_ENDS) * head, bound;

	/* Whole packets had their heads counted when the queue was tested. */
	if (flight > sndbuf || c->rtt_us >= WHOLE_PACKETS_US)
		heads += heads_in_flight(p, c, flight, payload);
	bound = tcpbuf__max(sndbuf, flight) + payload + heads;
	tcpbuf__plan_step(p, TCPBUF_PLAN_FIGURE_BOUND_SEND, index, bound,
		"# = buffer # or, if more, in flight # + last packet # + heads # of it and of what is cut off, to peers "
		"with a receive buffer of #: the queue is tested before a packet is begun (sk_stream_memory_free), not "
		"while it is cut and sent",
		&(struct tcpbuf__words){{bound, sndbuf, flight, payload, heads, p->peers[index]}, {0}});
	return bound;
}

static void bound_of(struct tcpbuf__plan *p, uint32_t index)
{
	const struct tcpbuf_plan_class *c = &p->classes[index];
	int64_t rcvbuf = tcpbuf__plan_rcvbuf(p, c, &p->planned),
		sndbuf = tcpbuf__plan_sndbuf(p, c, &p->planned);
	struct packets in = packets_of(p, c, rcvbuf);
	struct tcpbuf_plan_sides *b = &p->results[index].bound;

	if (c->directions & TCPBUF_PLAN_RECEIVES) {
		b->receive = rcvbuf +
			     last_received(rcvbuf, &in,
				     in.least < c->mss || c->reader == TCPBUF_PLAN_READS_SLOWLY);
		tcpbuf__plan_step(p, TCPBUF_PLAN_FIGURE_BOUND_RECEIVE, index, b->receive,
			"# = buffer # + last packet #: the queue is tested before a packet is "
			"added "
			"(tcp_try_rmem_schedule)",
			&(struct tcpbuf__words){{b->receive, rcvbuf, b->receive - rcvbuf}, {0}});
	}
	if (c->directions & TCPBUF_PLAN_SENDS)
		b->send = bound_send(p, index, sndbuf);
	b->total = charged(p, c, &in, b->receive + b->send);
}

/* Where the receive buffer is when its reader stops. */
static int64_t grown_rcvbuf(const struct tcpbuf__plan *p, uint32_t index)
{
	const struct tcpbuf_plan_class *c = &p->classes[index];
	const struct tcpbuf_model_path path = tcpbuf__plan_path(p, c);
	int64_t most = tcpbuf__plan_rcvbuf(p, c, &p->planned), start = p->planned.rmem[1];
	struct tcpbuf_model_bdp b;

	if (c->so_rcvbuf)
		return most;
	if (c->reader == TCPBUF_PLAN_READS_SLOWLY || !p->moderate)
		return start;
	if (!c->rate_bps || tcpbuf_model_bdp(&p->rules, &path, &b, sizeof(b)) != 0 ||
		b.rcvbuf_grown < 0)
		return most;
	return tcpbuf__min(most, tcpbuf__max(start, b.rcvbuf_grown));
}

/* The congestion window follows what the peer lets be in flight. */
static int64_t grown_sndbuf(const struct tcpbuf__plan *p, uint32_t index)
{
	const struct tcpbuf_plan_class *c = &p->classes[index];
	int64_t most = tcpbuf__plan_sndbuf(p, c, &p->planned), start = p->planned.wmem[1], flight;

	if (c->so_sndbuf || (!c->rate_bps && c->reader == TCPBUF_PLAN_READS_ALL))
		return most;
	flight = c->reader == TCPBUF_PLAN_READS_SLOWLY ? p->planned.rmem[1]
						       : p->results[index].needed_window;
	flight = tcpbuf__model_sndbuf(&p->rules, c->mss,
		tcpbuf__max(tcpbuf__model_units(flight, c->mss), 10), p->planned.sndbuf_factor);
	return tcpbuf__min(most, tcpbuf__max(start, flight));
}

/* The queue of a bulk writer over a short path is of whole packets, where windows leave them whole. */
static int queues_whole_packets(const struct tcpbuf__plan *p, const struct tcpbuf_plan_class *c, int64_t payload)
{
	return c->reader == TCPBUF_PLAN_READS_ALL && c->rtt_us < WHOLE_PACKETS_US &&
	       (!c->message_bytes || c->message_bytes >= payload) &&
	       payload == largest_payload(p, c->mss, INT32_MAX);
}

static int64_t expected_send(struct tcpbuf__plan *p, uint32_t index)
{
	const struct tcpbuf_plan_class *c = &p->classes[index];
	int64_t sndbuf = grown_sndbuf(p, index), payload = largest_payload(p, c->mss, p->peers[index]);
	int64_t packet = payload + p->rules.skb_head, packets = tcpbuf__model_units(sndbuf, packet);
	int64_t expected = queues_whole_packets(p, c, payload) ? packets * packet : sndbuf + packet / 2;
	const struct tcpbuf__words words = {{expected, sndbuf, packet, packets}, {0}};

	tcpbuf__plan_step(p, TCPBUF_PLAN_FIGURE_EXPECTED_SEND, index, expected,
		queues_whole_packets(p, c, payload)
			? "# = buffer # in whole packets of #, # of them: the queue is tested before a packet is begun "
			  "(sk_stream_memory_free)"
			: "# = buffer # + half of the last packet #: the queue is tested before a packet is begun "
			  "(sk_stream_memory_free)",
		&words);
	return expected;
}

static void expected_of(struct tcpbuf__plan *p, uint32_t index)
{
	const struct tcpbuf_plan_class *c = &p->classes[index];
	struct tcpbuf_plan_sides *e = &p->results[index].expected;
	int64_t rcvbuf = grown_rcvbuf(p, index);

	if (c->directions & TCPBUF_PLAN_RECEIVES) {
		e->receive = rcvbuf / 32 * 31;
		tcpbuf__plan_step(p, TCPBUF_PLAN_FIGURE_EXPECTED_RECEIVE, index, e->receive,
			"# = 31/32 of buffer #: the window closes when less than 1/16 is free "
			"(__tcp_select_window)",
			&(struct tcpbuf__words){{e->receive, rcvbuf}, {0}});
	}
	if (c->directions & TCPBUF_PLAN_SENDS)
		e->send = expected_send(p, index);
	e->total = e->receive + e->send + p->rules.charge_unit / 2;
}

static void add_sides(
	struct tcpbuf_plan_sides *sum, const struct tcpbuf_plan_sides *one, int64_t times)
{
	sum->receive += one->receive * times;
	sum->send += one->send * times;
	sum->total += one->total * times;
}

static int64_t socket_slab(const struct tcpbuf__plan *p)
{
	int64_t bytes = p->node.socket_bytes ? p->node.socket_bytes : SOCKET_BYTES;

	return (bytes + SLAB_ROUND) / SLAB_ROUND * SLAB_ROUND + SOCKET_COMPANY;
}

int tcpbuf__plan_memory(struct tcpbuf__plan *p)
{
	int64_t idle = socket_slab(p);

	for (uint32_t i = 0; i < p->count; i++) {
		const struct tcpbuf_plan_class *c = &p->classes[i];
		struct tcpbuf_plan_result *r = &p->results[i];

		r->active = c->connections -
			    (uint32_t)((uint64_t)c->connections * c->idle_percent / 100);
		r->idle_bytes = idle;
		tcpbuf__plan_step(p, TCPBUF_PLAN_FIGURE_IDLE, i, idle * c->connections,
			"# = # connections x # of slab (socket # with inode, file, dentry, bind "
			"bucket), in no counter "
			"of TCP memory",
			&(struct tcpbuf__words){{idle * c->connections, c->connections, idle,
							idle - SOCKET_COMPANY},
				{0}});
		expected_of(p, i);
		bound_of(p, i);
		p->out.idle_bytes += idle * c->connections;
		add_sides(&p->out.expected, &r->expected, r->active);
		/* Idle ones may wake up. */
		add_sides(&p->out.bound, &r->bound, c->connections);
	}
	p->out.permitted_bytes = p->out.bound.total;
	return 0;
}
