/* SPDX-License-Identifier: MIT */
/* The receiving side: a reader that is behind, or a buffer that is too small for the path. */
#include "advise/explain.h"

/* In 1/100 percent of the sender's busy time. */
#define LIMIT_MUCH 5000u
/* Memory that is this many times its payload comes from small segments. */
#define TRUESIZE_MUCH 4

/* Unread data takes half of what the window could be, in payload or in memory. */
static int is_behind(const struct tcpbuf_sock *s)
{
	uint64_t open = s->valid & TCPBUF_SOCK_HAS_INFO_RCV_WND ? s->rcv_wnd : s->rcv_ssthresh;

	return s->recv_q && (s->recv_q >= open || s->rmem_alloc >= s->rcvbuf / 2);
}

static void add_reader(const struct tcpbuf__end *end, struct tcpbuf__verdicts *v)
{
	const struct tcpbuf_sock *s = &end->after;
	const struct tcpbuf__finding finding = {TCPBUF_VERDICT_READER_SLOW, TCPBUF_CERTAINTY_MEASURED, 0,
		"# bytes wait to be read, # a moment ago; they take # of # bytes of the receive buffer",
		"the application: it reads too slowly",
		{{s->recv_q, end->before.recv_q, s->rmem_alloc, s->rcvbuf}, {0}}};

	tcpbuf__verdict_add(v, end->number, &finding);
}

static int is_blown_up(const struct tcpbuf_sock *s)
{
	return s->recv_q && s->rmem_alloc >= s->rcvbuf / 4 &&
		s->rmem_alloc / TRUESIZE_MUCH >= s->recv_q;
}

static void add_truesize(const struct tcpbuf__end *end, struct tcpbuf__verdicts *v)
{
	const struct tcpbuf_sock *s = &end->after;
	const struct tcpbuf__finding finding = {TCPBUF_VERDICT_TRUESIZE, TCPBUF_CERTAINTY_MEASURED, 0,
		"# bytes of payload take # bytes of memory, of a receive buffer of #; segments of # bytes",
		"the sender: larger writes; or net.ipv4.tcp_rmem, third number",
		{{s->recv_q, s->rmem_alloc, s->rcvbuf, s->rcv_mss}, {0}}};

	tcpbuf__verdict_add(v, end->number, &finding);
}

/* Round-trip time as this end knows it; the receiver's own estimate follows the window, not the path. */
static uint64_t round_trip_us(const struct tcpbuf_sock *s)
{
	if (s->rcv_rtt && (!s->rtt || s->rcv_rtt < s->rtt))
		return s->rcv_rtt;
	return s->rtt;
}

/* Data of one round trip fills three quarters of the window. */
static int fills_window(const struct tcpbuf__end *end)
{
	uint64_t bytes = tcpbuf__explain_grown(end->before.bytes_received, end->after.bytes_received);
	double per_trip = (double)bytes / (double)end->interval_us * (double)round_trip_us(&end->after);

	return per_trip >= 0.75 * end->after.rcv_ssthresh;
}

static int is_window_limited(const struct tcpbuf__end *end, const struct tcpbuf__end *sender)
{
	if (sender->known)
		return tcpbuf__explain_rwnd_share(sender) >= LIMIT_MUCH;
	return end->after.bytes_received > end->before.bytes_received && fills_window(end);
}

/*
 * Why the buffer is no larger. The lock bit of another process's socket is not to be seen, so a buffer that
 * is neither at the maximum nor growing counts as fixed.
 */
static uint32_t buffer_cause(const struct tcpbuf__end *end)
{
	const struct tcpbuf_explain_end *f = &end->facts;
	int settings = !!(f->known & TCPBUF_EXPLAIN_KNOWS_SETTINGS);
	int64_t rcvbuf = end->after.rcvbuf;

	if (f->known & TCPBUF_EXPLAIN_KNOWS_LOCK && f->lock & 2)
		return TCPBUF_VERDICT_RCVBUF_FIXED;
	if (settings && !f->moderate_rcvbuf)
		return TCPBUF_VERDICT_RCVBUF_UNTUNED;
	if (settings && rcvbuf == f->rmem_max)
		return TCPBUF_VERDICT_RCVBUF_MAX;
	if (f->known & TCPBUF_EXPLAIN_KNOWS_LOCK || !settings || rcvbuf != (int64_t)end->before.rcvbuf)
		return 0;
	return TCPBUF_VERDICT_RCVBUF_FIXED;
}

static void add_buffer(const struct tcpbuf__end *end, struct tcpbuf__verdicts *v)
{
	const struct tcpbuf_sock *s = &end->after;
	struct tcpbuf__finding finding = {buffer_cause(end), TCPBUF_CERTAINTY_MEASURED, 0,
		"the receive buffer of # bytes gives a window of #; a round trip takes # us, nothing waits to be read",
		"net.ipv4.tcp_rmem, third number", {{s->rcvbuf, s->rcv_ssthresh, (int64_t)round_trip_us(s)}, {0}}};

	if (finding.code == TCPBUF_VERDICT_RCVBUF_FIXED) {
		finding.setting = "the application: without SO_RCVBUF the kernel tunes the buffer";
		if (!(end->facts.known & TCPBUF_EXPLAIN_KNOWS_LOCK))
			finding.certainty = TCPBUF_CERTAINTY_INFERRED;
	}
	if (finding.code == TCPBUF_VERDICT_RCVBUF_UNTUNED)
		finding.setting = "net.ipv4.tcp_moderate_rcvbuf";
	if (tcpbuf__explain_field_full(s, s->rcv_wscale, s->rcv_ssthresh))
		finding = (struct tcpbuf__finding){TCPBUF_VERDICT_WSCALE, TCPBUF_CERTAINTY_MEASURED, 0,
			"the receive buffer of # bytes allows a window of #, its field ends at 65535 << #; a round trip "
			"takes # us, nothing waits to be read",
			tcpbuf__explain_scale_setting(s),
			{{s->rcvbuf, s->rcv_ssthresh, s->rcv_wscale, (int64_t)round_trip_us(s)}, {0}}};
	if (finding.code)
		tcpbuf__verdict_add(v, end->number, &finding);
}

/* Under pressure the kernel cuts rcv_ssthresh to four segments: tcp_adjust_rcv_ssthresh(), net/ipv4/tcp.h. */
static int is_held_down(const struct tcpbuf__end *end)
{
	return end->facts.known & TCPBUF_EXPLAIN_KNOWS_PRESSURE && end->facts.pressure &&
		end->after.rcv_ssthresh <= 4 * end->after.advmss;
}

static void add_pressure(const struct tcpbuf__end *end, struct tcpbuf__verdicts *v)
{
	const struct tcpbuf__finding finding = {TCPBUF_VERDICT_MEMORY_PRESSURE, TCPBUF_CERTAINTY_MEASURED, 0,
		"the node is under TCP memory pressure: the window is cut to # bytes, four segments of #",
		"net.ipv4.tcp_mem of the node, and who holds its memory",
		{{end->after.rcv_ssthresh, end->after.advmss}, {0}}};

	tcpbuf__verdict_add(v, end->number, &finding);
}

void tcpbuf__explain_receiver(
	const struct tcpbuf__end *end, const struct tcpbuf__end *sender, struct tcpbuf__verdicts *v)
{
	if (is_held_down(end))
		add_pressure(end, v);
	if (is_behind(&end->before) && is_behind(&end->after))
		add_reader(end, v);
	else if (is_window_limited(end, sender))
		add_buffer(end, v);
	if (is_blown_up(&end->after))
		add_truesize(end, v);
}
