/* SPDX-License-Identifier: MIT */
/* Buffers over time: one transfer, event by event. */
#include "model/growth.h"

static void start_sender(struct tcpbuf__growth *g, const struct tcpbuf_model_handshake *h)
{
	const struct tcpbuf_model_growth *in = g->in;
	const struct tcpbuf_model_end *set = &in->link.client;
	struct tcpbuf__sender *s = &g->snd;
	int64_t shake = in->handshake_rtt_us ? in->handshake_rtt_us : in->rtt_us;

	s->mss = h->client.snd_mss;
	s->head = g->rules->skb_head;
	s->skb_cost = tcpbuf__model_sndbuf(g->rules, tcpbuf__max(h->server.advmss, s->mss), 1, set->sndbuf_factor);
	s->cwnd = 10;
	s->ssthresh = INT64_MAX / 4;
	s->sndbuf = h->client.sndbuf;
	s->sndbuf_max = set->wmem[2];
	s->locked = (h->client.lock & 1) != 0;
	s->snd_wnd = h->client.snd_wnd;
	s->edge = s->snd_wnd;
	s->goal = tcpbuf__max(s->snd_wnd / 2 / s->mss, 1) * s->mss;
	s->srtt8 = shake * 8;
	s->min_rtt = shake;
	s->last_sent = -TCPBUF__SEC;
	s->tsecr = -(int64_t)in->rtt_us / 1000;
	s->probe_at = TCPBUF__NEVER;
	s->cubic.epoch = -1;
	s->bbr = in->congestion == TCPBUF_CONGESTION_BBR;
}

static void start_receiver(struct tcpbuf__growth *g, const struct tcpbuf_model_handshake *h)
{
	const struct tcpbuf_model_growth *in = g->in;
	const struct tcpbuf_model_end *set = &in->link.server;
	struct tcpbuf__receiver *r = &g->rcv;

	r->rcvbuf = h->server.rcvbuf;
	r->rcv_ssthresh = h->server.rcv_ssthresh;
	r->rcv_space = h->server.rcv_space;
	r->window_clamp = h->server.window_clamp;
	r->rcv_wnd = h->server.rcv_wnd;
	r->rcv_mss = h->server.rcv_mss;
	r->advmss = h->server.advmss;
	r->ratio = g->rules->default_ratio;
	r->wscale = h->server.rcv_wscale;
	r->locked = (h->server.lock & 2) != 0;
	r->moderate = in->moderate_rcvbuf != 0;
	r->rmem_max = set->rmem[2];
	r->low_rtt = in->low_rtt_us;
	r->adv_win_scale = set->adv_win_scale;
	r->head = g->rules->skb_head;
	r->segment_truesize = in->segment_truesize;
	r->gso = in->gso != 0;
	r->rtt_time = -1;
	r->last_tsecr = INT64_MIN;
	r->delack_at = TCPBUF__NEVER;
	r->read_at = in->reader == TCPBUF_READER_FAST ? TCPBUF__NEVER : 0;
	if (in->reader == TCPBUF_READER_PAUSE)
		r->read_at = (int64_t)in->pause_us * 1000;
	r->reading = in->reader == TCPBUF_READER_FAST;
	r->quick = 16;
}

static void start_path(struct tcpbuf__growth *g)
{
	const struct tcpbuf_model_growth *in = g->in;

	g->path.one_way = (int64_t)in->rtt_us * 500;
	g->path.rate_bps = in->rate_bps;
	g->path.limit = in->queue_packets;
	g->path.overhead = in->link.mtu - g->snd.mss + 14;
	g->path.split = in->segment_truesize != 0;
	if (g->path.split)
		g->path.overhead -= 14;
}

static void read_now(struct tcpbuf__growth *g)
{
	const struct tcpbuf_model_growth *in = g->in;

	if (in->reader == TCPBUF_READER_SLOW) {
		g->rcv.read_at += (int64_t)in->read_period_us * 1000;
		tcpbuf__receiver_read(g, in->read_bytes);
		return;
	}
	g->rcv.read_at = TCPBUF__NEVER;
	g->rcv.reading = 1;
	tcpbuf__receiver_read(g, INT64_MAX / 2);
}

static void arrive(struct tcpbuf__growth *g)
{
	struct tcpbuf__path *p = &g->path;
	const struct tcpbuf__burst *b = &p->data[p->data_head % TCPBUF__RING];

	p->queued -= b->packets;
	p->data_head++;
	tcpbuf__receiver_arrive(g, b);
	if (g->rcv.reading)
		tcpbuf__receiver_read(g, INT64_MAX / 2);
}

static void acknowledge(struct tcpbuf__growth *g)
{
	struct tcpbuf__path *p = &g->path;
	const struct tcpbuf__ack *a = &p->acks[p->ack_head++ % TCPBUF__RING];

	tcpbuf__sender_ack(g, a);
}

static int64_t data_due(const struct tcpbuf__path *p)
{
	return p->data_head == p->data_tail ? TCPBUF__NEVER : p->data[p->data_head % TCPBUF__RING].due;
}

static int64_t ack_due(const struct tcpbuf__path *p)
{
	return p->ack_head == p->ack_tail ? TCPBUF__NEVER : p->acks[p->ack_head % TCPBUF__RING].due;
}

/*
 * Segments that may travel as one: fewer and larger bursts where nothing has changed for many round trips, so that a
 * long quiet transfer costs little.
 */
static void set_quantum(struct tcpbuf__growth *g)
{
	const struct tcpbuf__sender *s = &g->snd;
	int64_t round = tcpbuf__max(s->srtt8 * (1000 / 8), 1), bursts = 64;

	for (int64_t quiet = 64 * round; bursts > 2 && g->now - g->changed > quiet; quiet += 16 * round)
		bursts /= 2;
	g->merge = bursts < 64;
	g->quantum = tcpbuf__min(s->cwnd, g->merge ? s->snd_wnd / s->mss : INT64_MAX) / bursts;
}

/* The next thing that happens, if it happens before @until. */
static int step(struct tcpbuf__growth *g, int64_t until)
{
	int64_t data = data_due(&g->path), ack = ack_due(&g->path);
	int64_t timer = tcpbuf__min(tcpbuf__min(g->rcv.delack_at, g->rcv.read_at),
		tcpbuf__min(g->snd.probe_at, g->snd.write_at));
	int64_t next = tcpbuf__min(tcpbuf__min(data, ack), timer);

	if (next > until)
		return 0;
	g->now = next;
	if (next == data)
		arrive(g);
	else if (next == ack)
		acknowledge(g);
	else if (next == g->snd.write_at)
		tcpbuf__sender_write(g);
	else if (next == g->rcv.read_at)
		read_now(g);
	else if (next == g->rcv.delack_at)
		tcpbuf__receiver_delack(g);
	else
		tcpbuf__sender_probe(g);
	return 1;
}

static void observe(const struct tcpbuf__growth *g, int64_t time, struct tcpbuf_model_growth_sample *o)
{
	const struct tcpbuf__receiver *r = &g->rcv;
	const struct tcpbuf__sender *s = &g->snd;

	*o = (struct tcpbuf_model_growth_sample){.time_us = time / 1000, .rcvbuf = r->rcvbuf, .rmem_alloc = r->rmem,
		.rcv_ssthresh = r->rcv_ssthresh, .rcv_space = r->rcv_space, .rcv_mss = r->rcv_mss,
		.rcv_rtt_us = r->rtt8 >> 3, .rcv_wnd = tcpbuf__max(r->wup + r->rcv_wnd - r->nxt, 0),
		.window_clamp = r->window_clamp, .received = r->nxt, .read = r->copied, .drops = r->drops,
		.sndbuf = s->sndbuf, .wmem_queued = tcpbuf__sender_wmem(s), .snd_cwnd = s->cwnd,
		.srtt_us = s->srtt8 >> 3, .snd_wnd = s->snd_wnd,
		.unacked = (s->nxt - s->una + s->mss - 1) / s->mss, .acked = s->una, .retrans = s->retrans};
}

static uint32_t window_limit(const struct tcpbuf__growth *g)
{
	const struct tcpbuf__receiver *r = &g->rcv;

	if (g->in->reader == TCPBUF_READER_SLOW)
		return TCPBUF_GROWTH_LIMIT_READER;
	if (r->rcv_ssthresh > (int64_t)65535 << r->wscale)
		return TCPBUF_GROWTH_LIMIT_WSCALE;
	if (r->locked)
		return TCPBUF_GROWTH_LIMIT_SO_RCVBUF;
	return r->moderate ? TCPBUF_GROWTH_LIMIT_RMEM_MAX : TCPBUF_GROWTH_LIMIT_MODERATE;
}

static uint32_t limit_of(const struct tcpbuf__growth *g, int64_t rate_bps)
{
	const struct tcpbuf__blocked *b = &g->blocked;
	int64_t payload = g->in->rate_bps / (g->snd.mss + g->path.overhead) * g->snd.mss;

	if (rate_bps >= payload - payload / 20)
		return TCPBUF_GROWTH_LIMIT_PATH;
	if (b->rwnd >= b->cwnd && b->rwnd >= b->sndbuf)
		return window_limit(g);
	if (b->cwnd >= b->sndbuf)
		return TCPBUF_GROWTH_LIMIT_CONGESTION;
	return g->snd.locked ? TCPBUF_GROWTH_LIMIT_SO_SNDBUF : TCPBUF_GROWTH_LIMIT_WMEM_MAX;
}

static void conclude(const struct tcpbuf__growth *g, int64_t quarter, int64_t read_before,
	struct tcpbuf_model_growth_result *out)
{
	int64_t end = g->in->duration_us * 1000, spent_us = tcpbuf__max((end - quarter) / 1000, 1);

	observe(g, end, &out->last);
	out->rate_bps = (g->rcv.copied - read_before) * 8000 / tcpbuf__max(spent_us / 1000, 1);
	out->limit = limit_of(g, out->rate_bps);
	out->settled = g->changed < quarter;
	out->settled_us = g->changed / 1000;
	out->rmem_peak = g->rcv.rmem_peak;
	out->wmem_peak = g->snd.wmem_peak;
}

static void run(struct tcpbuf__growth *g, char *rows, uint32_t count, uint32_t item_size,
	struct tcpbuf_model_growth_result *out)
{
	int64_t interval = (int64_t)g->in->interval_us * 1000, end = g->in->duration_us * 1000;
	int64_t quarter = end - end / 4, read_before = 0, seen = 0;
	uint32_t written = 0;

	for (int64_t at = 0; at <= end; at += interval) {
		struct tcpbuf_model_growth_sample sample;

		set_quantum(g);
		while (step(g, at))
			;
		if (at >= quarter && !seen) {
			seen = 1;
			read_before = g->rcv.copied;
			quarter = at;
			g->blocked = (struct tcpbuf__blocked){0, 0, 0};
		}
		out->samples++;
		if (written >= count)
			continue;
		observe(g, at, &sample);
		tcpbuf__copy_out(rows + (uint64_t)written * item_size, item_size, &sample, sizeof(sample));
		written++;
	}
	while (step(g, end))
		;
	conclude(g, quarter, read_before, out);
}

static int in_range(int64_t value, int64_t least, int64_t most)
{
	return value >= least && value <= most;
}

static int bad_transfer(const struct tcpbuf_model_growth *t)
{
	if (!in_range(t->reader, 1, 3) || !in_range(t->congestion, 1, 2) || !in_range(t->rtt_us, 1, 10000000) ||
		t->handshake_rtt_us > 10000000 || t->pause_us > 600000000)
		return 1;
	if (t->reader == TCPBUF_READER_SLOW &&
		(!in_range(t->read_bytes, 1, INT32_MAX) || !in_range(t->read_period_us, 1, 10000000)))
		return 1;
	return !in_range(t->interval_us, 1, 60000000) || !in_range(t->duration_us, 1, 86400000000) ||
		!in_range(t->rate_bps, 8000, 400000000000) || t->queue_packets > INT32_MAX ||
		t->segment_truesize > 1 << 20;
}

int64_t tcpbuf_model_growth(const struct tcpbuf_rules *rules, const struct tcpbuf_model_growth *transfer, void *samples,
	uint32_t count, uint32_t item_size, void *out, uint32_t out_size)
{
	struct tcpbuf_model_growth_result result = {0};
	struct tcpbuf_model_handshake shake;
	struct tcpbuf_model_growth in;
	struct tcpbuf_rules r;
	int err = tcpbuf__model_rules(&r, rules);

	if (!err)
		err = tcpbuf__copy_in(&in, sizeof(in), transfer);
	if (!err && (bad_transfer(&in) || (!samples && count) || (!out && out_size)))
		err = -EINVAL;
	if (!err)
		err = tcpbuf_model_handshake(&r, &in.link, &shake, sizeof(shake));
	if (err)
		return err;

	struct tcpbuf__growth g = {.rules = &r, .in = &in};

	start_sender(&g, &shake);
	start_receiver(&g, &shake);
	start_path(&g);
	run(&g, samples, count, item_size, &result);
	if (out)
		tcpbuf__copy_out(out, out_size, &result, sizeof(result));
	return tcpbuf__min(count, result.samples);
}
