/* SPDX-License-Identifier: MIT */
/* The sending side: what kept data from leaving, by the kernel's own stop watches. */
#include "advise/explain.h"

/* In 1/100 percent. Below half busy the application sets the pace; above half of that time, a limit does. */
#define BUSY_LITTLE 5000u
#define LIMIT_MUCH 5000u

/* busy_time, rwnd_limited and sndbuf_limited: tcp_get_info_chrono_stats(), net/ipv4/tcp.c. */
struct watches {
	uint32_t busy; /* shares in 1/100 percent: of the interval */
	uint32_t rwnd; /* of the busy time */
	uint32_t sndbuf;
};

static struct watches watches_of(const struct tcpbuf__end *end)
{
	uint64_t busy = tcpbuf__explain_grown(end->before.busy_time, end->after.busy_time);
	uint64_t rwnd = tcpbuf__explain_grown(end->before.rwnd_limited, end->after.rwnd_limited);
	uint64_t sndbuf = tcpbuf__explain_grown(end->before.sndbuf_limited, end->after.sndbuf_limited);
	struct watches w = {tcpbuf__explain_share(busy, end->interval_us),
		tcpbuf__explain_share(rwnd, busy), tcpbuf__explain_share(sndbuf, busy)};

	return w;
}

uint32_t tcpbuf__explain_rwnd_share(const struct tcpbuf__end *end)
{
	struct watches w = watches_of(end);

	return w.busy < BUSY_LITTLE ? 0 : w.rwnd;
}

static int is_zero_window(const struct tcpbuf_sock *s)
{
	return s->valid & TCPBUF_SOCK_HAS_INFO_SND_WND && s->snd_wnd == 0 && s->send_q;
}

/* Closed at both samples, and nothing got through between them: a slow reader opens it now and then. */
static int is_closed(const struct tcpbuf__end *end)
{
	return is_zero_window(&end->before) && is_zero_window(&end->after) &&
		end->before.bytes_acked == end->after.bytes_acked;
}

static void add_closed(const struct tcpbuf__end *end, struct tcpbuf__verdicts *v)
{
	const struct tcpbuf__finding finding = {TCPBUF_VERDICT_ZERO_WINDOW, TCPBUF_CERTAINTY_MEASURED, 10000,
		"the peer's window is 0 at both samples, # bytes wait, # probes unanswered",
		"the application at the peer: it does not read", {{end->after.send_q, end->after.probes}, {0}}};

	tcpbuf__verdict_add(v, end->number, &finding);
}

static void add_idle(const struct tcpbuf__end *end, const struct watches *w, struct tcpbuf__verdicts *v)
{
	const struct tcpbuf__finding finding = {TCPBUF_VERDICT_APP_IDLE, TCPBUF_CERTAINTY_MEASURED,
		10000 - w->busy, "data was under way in #.# % of the interval, nothing waits to be sent",
		"the application: it sends no more", {{w->busy / 100, w->busy % 100 / 10}, {0}}};

	tcpbuf__verdict_add(v, end->number, &finding);
}

static void add_peer_window(const struct tcpbuf__end *end, const struct watches *w, struct tcpbuf__verdicts *v)
{
	const struct tcpbuf_sock *s = &end->after;
	struct tcpbuf__finding finding = {TCPBUF_VERDICT_PEER_WINDOW, TCPBUF_CERTAINTY_MEASURED, w->rwnd,
		"the peer's window, # bytes now, was full in # % of the time with data to send",
		"the peer: its reader, or its net.ipv4.tcp_rmem or SO_RCVBUF", {{s->snd_wnd, w->rwnd / 100}, {0}}};

	if (s->valid & TCPBUF_SOCK_HAS_INFO_SND_WND && s->snd_wnd &&
		tcpbuf__explain_field_full(s, s->snd_wscale, s->snd_wnd)) {
		finding.code = TCPBUF_VERDICT_WSCALE;
		finding.evidence = "the peer's window of # bytes is where its field ends, 65535 << #, and was full in "
				   "# % of the time with data to send";
		finding.setting = tcpbuf__explain_scale_setting(s);
		finding.words = (struct tcpbuf__words){{s->snd_wnd, s->snd_wscale, w->rwnd / 100}, {0}};
	}
	tcpbuf__verdict_add(v, end->number, &finding);
}

/*
 * The stop watch of the send buffer starts only when the last of it leaves while a writer waits, see
 * tcp_cwnd_validate(); a writer that fills the buffer in one call it misses. Then what is under way in a round
 * trip tells: the writer is woken below two thirds of the buffer, sk_stream_is_writeable().
 */
static int is_sndbuf_full(const struct tcpbuf__end *end, const struct watches *w)
{
	const struct tcpbuf_sock *s = &end->after;
	uint64_t acked = tcpbuf__explain_grown(end->before.bytes_acked, s->bytes_acked);
	double under_way = (double)acked / (double)end->interval_us * s->rtt;

	return w->sndbuf >= LIMIT_MUCH || (!end->before.notsent_bytes && !s->notsent_bytes &&
						  under_way >= s->sndbuf * 2.0 / 3);
}

static void add_sndbuf(const struct tcpbuf__end *end, const struct watches *w, struct tcpbuf__verdicts *v)
{
	int64_t sndbuf = end->after.sndbuf, max = end->facts.wmem_max;
	int settings = !!(end->facts.known & TCPBUF_EXPLAIN_KNOWS_SETTINGS);
	int lock = !!(end->facts.known & TCPBUF_EXPLAIN_KNOWS_LOCK);
	struct tcpbuf__finding finding = {TCPBUF_VERDICT_SNDBUF_MAX,
		lock ? TCPBUF_CERTAINTY_MEASURED : TCPBUF_CERTAINTY_INFERRED, w->sndbuf,
		"all of the send buffer of # bytes is under way while the peer's window is open; a round trip takes # us",
		"net.ipv4.tcp_wmem, third number", {{sndbuf, end->after.rtt}, {0}}};

	if (lock ? end->facts.lock & 1 : settings && sndbuf != max) {
		finding.code = TCPBUF_VERDICT_SNDBUF_FIXED;
		finding.setting = "the application: without SO_SNDBUF the kernel tunes the buffer";
	}
	tcpbuf__verdict_add(v, end->number, &finding);
}

static void add_cwnd(const struct tcpbuf__end *end, const struct watches *w, struct tcpbuf__verdicts *v)
{
	const struct tcpbuf_sock *s = &end->after;
	int64_t lost = (int64_t)tcpbuf__explain_grown(end->before.total_retrans, s->total_retrans);
	const struct tcpbuf__finding finding = {TCPBUF_VERDICT_CWND, TCPBUF_CERTAINTY_MEASURED, w->busy,
		"# bytes wait while neither window nor buffer is full: # of # segments of the congestion window "
		"under way, # retransmitted, RTT # us",
		"the path: loss, RTT and rate; or the congestion control",
		{{s->notsent_bytes, s->unacked, s->snd_cwnd, lost, s->rtt}, {0}}};

	tcpbuf__verdict_add(v, end->number, &finding);
}

/* Does this end also receive? Then it is no idle sender, but a receiver. */
static int receives(const struct tcpbuf__end *end)
{
	return end->after.recv_q || end->after.bytes_received > end->before.bytes_received;
}

void tcpbuf__explain_sender(const struct tcpbuf__end *end, struct tcpbuf__verdicts *v)
{
	uint64_t has = end->before.valid & end->after.valid & TCPBUF_SOCK_HAS_INFO_LIMITS;
	int waiting = end->before.notsent_bytes && end->after.notsent_bytes;
	struct watches w = watches_of(end);

	if (is_closed(end)) {
		add_closed(end, v);
	} else if (has && w.busy < BUSY_LITTLE && !waiting) {
		if (!receives(end))
			add_idle(end, &w, v);
	} else if (has && w.rwnd >= LIMIT_MUCH) {
		add_peer_window(end, &w, v);
	} else if (has && is_sndbuf_full(end, &w)) {
		add_sndbuf(end, &w, v);
	} else if (has && waiting) {
		add_cwnd(end, &w, v);
	}
}
