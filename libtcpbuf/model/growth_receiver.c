/* SPDX-License-Identifier: MIT */
/* The receiving end: memory, window and acknowledgements. net/ipv4/tcp_input.c, tcp_output.c. */
#include "model/growth.h"

#define DELACK (40 * TCPBUF__MSEC)

int64_t tcpbuf__receiver_win(const struct tcpbuf__growth *g, int64_t space)
{
	if (g->rules->window == TCPBUF_RULE_WINDOW_SCALING_RATIO)
		return space * g->rcv.ratio >> 8;
	return tcpbuf__model_win(g->rules, (int32_t)g->rcv.adv_win_scale, space);
}

static int64_t full_space(const struct tcpbuf__growth *g)
{
	return tcpbuf__receiver_win(g, g->rcv.rcvbuf);
}

static struct tcpbuf__offer offer_of(const struct tcpbuf__growth *g)
{
	const struct tcpbuf__receiver *r = &g->rcv;

	return (struct tcpbuf__offer){.space = tcpbuf__receiver_win(g, r->rcvbuf - r->rmem), .full = full_space(g),
		.window_clamp = r->window_clamp, .rcv_ssthresh = r->rcv_ssthresh, .rcv_mss = r->rcv_mss,
		.rcv_wnd = r->rcv_wnd, .wscale = (uint32_t)r->wscale,
		.shrink = g->rules->shrink_window && g->in->link.server.shrink_window};
}

static int64_t select_window(const struct tcpbuf__growth *g)
{
	struct tcpbuf__offer offer = offer_of(g);

	return tcpbuf__model_select_window(&offer);
}

static int64_t open_window(const struct tcpbuf__receiver *r)
{
	return tcpbuf__max(r->wup + r->rcv_wnd - r->nxt, 0);
}

static void send_ack(struct tcpbuf__growth *g)
{
	struct tcpbuf__receiver *r = &g->rcv;
	struct tcpbuf__ack ack = {.ack = r->nxt, .sent = r->newest_sent, .tsval = g->now / TCPBUF__MSEC};
	struct tcpbuf__offer offer = offer_of(g);

	ack.wnd = tcpbuf__model_offer_window(
			  &offer, open_window(r), g->in->link.server.signed_windows != 0, &r->rcv_wnd) << r->wscale;
	ack.edge = r->nxt + ack.wnd;
	r->wup = r->nxt;
	r->delack_at = TCPBUF__NEVER;
	if (r->quick > 0)
		r->quick--;
	tcpbuf__path_ack(g, &ack);
}

/* Memory of one packet of @bytes. */
static int64_t truesize_of(const struct tcpbuf__receiver *r, int64_t bytes)
{
	return r->segment_truesize ? r->segment_truesize : bytes + r->head;
}

/* tcp_clamp_window(): memory in use becomes the limit. Returns whether there is room now. */
static int make_room(struct tcpbuf__growth *g)
{
	struct tcpbuf__receiver *r = &g->rcv;

	if (!r->locked && r->rcvbuf < r->rmem_max) {
		r->rcvbuf = tcpbuf__min(r->rmem, r->rmem_max);
		g->changed = g->now;
	}
	if (r->rmem > r->rcvbuf)
		r->rcv_ssthresh = tcpbuf__min(r->window_clamp, 2 * r->advmss);
	r->quick = 0;
	return r->rmem <= r->rcvbuf;
}

static void clamp_follows(struct tcpbuf__growth *g)
{
	struct tcpbuf__receiver *r = &g->rcv;
	int64_t clamp = full_space(g);

	switch (g->rules->ratio_clamp) {
	case TCPBUF_RULE_RATIO_CLAMP_SET:
		r->window_clamp = clamp;
		break;
	case TCPBUF_RULE_RATIO_CLAMP_SET_SPACE:
		r->window_clamp = clamp;
		r->rcv_space = tcpbuf__min(r->rcv_space, clamp);
		break;
	case TCPBUF_RULE_RATIO_CLAMP_SETSOCKOPT:
		tcpbuf__model_set_clamp(g->rules, clamp, r->rcv_wnd, &r->window_clamp, &r->rcv_ssthresh);
		r->rcv_space = tcpbuf__min(r->rcv_space, clamp);
		break;
	default:
		break;
	}
}

/* tcp_measure_rcv_mss(): a larger segment than any before sets the ratio anew. */
static void measure_segment(struct tcpbuf__growth *g, int64_t len, int64_t skb_len, int64_t skb_truesize)
{
	struct tcpbuf__receiver *r = &g->rcv;

	if (len <= r->rcv_mss)
		return;
	if (g->rules->window == TCPBUF_RULE_WINDOW_SCALING_RATIO) {
		r->ratio = tcpbuf__min(tcpbuf__max(skb_len * 256 / skb_truesize, 1), 255);
		clamp_follows(g);
	}
	r->rcv_mss = tcpbuf__min(len, r->advmss);
}

/* The round trip as the time that one window takes. */
static void measure_window(struct tcpbuf__growth *g)
{
	struct tcpbuf__receiver *r = &g->rcv;

	if (r->rtt_time >= 0) {
		if (r->nxt < r->rtt_seq)
			return;
		tcpbuf__rcv_rtt_sample(g, tcpbuf__max((g->now - r->rtt_time) / 1000, 1), 1);
	}
	r->rtt_seq = r->nxt + r->rcv_wnd;
	r->rtt_time = g->now;
}

/* By the timestamp that comes back, in its unit of a millisecond. */
static void measure_timestamp(struct tcpbuf__growth *g, const struct tcpbuf__burst *b)
{
	struct tcpbuf__receiver *r = &g->rcv;

	if (b->tsecr == r->last_tsecr || b->bytes < r->rcv_mss)
		return;
	r->last_tsecr = b->tsecr;
	tcpbuf__rcv_rtt_sample(g, tcpbuf__max(g->now / TCPBUF__MSEC - b->tsecr, 1) * 1000, 0);
}

/*
 * tcp_grow_window() for @bytes in skbs of @skb_len, which hold their memory while the window is measured. Where bursts are
 * merged, a segment that comes alone, as one does in the long run, is not seen: it is what counts then.
 */
static void grow_ssthresh(struct tcpbuf__growth *g, int64_t bytes, int64_t skb_len)
{
	struct tcpbuf__receiver *r = &g->rcv;
	int64_t alone = g->merge && r->reading ? truesize_of(r, g->snd.mss) : r->rmem;
	int64_t space = tcpbuf__receiver_win(g, r->rcvbuf - tcpbuf__min(r->rmem, alone));
	int64_t room = tcpbuf__min(r->window_clamp, space) - r->rcv_ssthresh, step;

	if (room <= 0 || skb_len < 128)
		return;
	step = tcpbuf__max(2 * r->advmss, 2 * skb_len) * ((bytes + skb_len - 1) / skb_len);
	r->rcv_ssthresh += tcpbuf__min(room, step);
	r->quick |= 1;
}

/* __tcp_ack_snd_check(). */
static void ack_data(struct tcpbuf__growth *g)
{
	struct tcpbuf__receiver *r = &g->rcv;

	if (r->quick > 0 || (r->nxt - r->wup > r->rcv_mss && select_window(g) >= r->rcv_wnd))
		send_ack(g);
	else if (r->delack_at == TCPBUF__NEVER)
		r->delack_at = g->now + DELACK;
}

/* The sender has the bytes again, to send when the window allows. */
static void drop(struct tcpbuf__growth *g, const struct tcpbuf__burst *b)
{
	g->rcv.drops++;
	g->snd.nxt -= b->bytes;
	g->snd.retrans++;
	send_ack(g);
}

void tcpbuf__receiver_arrive(struct tcpbuf__growth *g, const struct tcpbuf__burst *b)
{
	struct tcpbuf__receiver *r = &g->rcv;
	int64_t mss = g->snd.mss, packets = tcpbuf__max(b->packets, 1);
	int64_t skb_len = r->gso && !r->segment_truesize ? (b->bytes + packets - 1) / packets : tcpbuf__min(b->bytes, mss);
	int64_t truesize = truesize_of(r, skb_len);

	r->mstamp = g->now;
	measure_timestamp(g, b);
	if (r->rmem > r->rcvbuf && !make_room(g) && r->nxt != r->copied) {
		drop(g, b);
		return;
	}
	r->rmem += tcpbuf__queue_add(g, b->bytes, skb_len, truesize);
	r->rmem_peak = tcpbuf__max(r->rmem_peak, r->rmem);
	r->nxt += b->bytes;
	r->newest_sent = b->sent;
	measure_segment(g, tcpbuf__min(skb_len, mss), skb_len, truesize);
	measure_window(g);
	grow_ssthresh(g, b->bytes, skb_len);
	ack_data(g);
}

/* tcp_cleanup_rbuf(): an acknowledgement that waited, or a window worth telling. */
static void after_read(struct tcpbuf__growth *g)
{
	struct tcpbuf__receiver *r = &g->rcv;
	int64_t current = open_window(r);

	if (r->delack_at != TCPBUF__NEVER && r->nxt - r->wup > r->rcv_mss) {
		send_ack(g);
	} else if (2 * current <= r->window_clamp) {
		int64_t window = select_window(g);

		if (window && window >= 2 * current)
			send_ack(g);
	}
}

static void take(struct tcpbuf__growth *g, int64_t bytes)
{
	struct tcpbuf__receiver *r = &g->rcv;

	r->rmem -= tcpbuf__queue_take(&r->queue, bytes);
	r->copied += bytes;
	tcpbuf__drs_adjust(g);
}

/* The kernel looks at its round trip after each packet copied: the first one ends it. */
void tcpbuf__receiver_read(struct tcpbuf__growth *g, int64_t most)
{
	struct tcpbuf__receiver *r = &g->rcv;
	int64_t bytes = tcpbuf__min(r->nxt - r->copied, most), first;

	if (bytes <= 0)
		return;
	first = tcpbuf__min(bytes, tcpbuf__queue_first(&r->queue));
	take(g, first);
	if (bytes > first)
		take(g, bytes - first);
	after_read(g);
}

void tcpbuf__receiver_delack(struct tcpbuf__growth *g)
{
	g->rcv.mstamp = g->now;
	send_ack(g);
}

/* A window probe is answered at once. */
void tcpbuf__receiver_probe(struct tcpbuf__growth *g)
{
	send_ack(g);
}
