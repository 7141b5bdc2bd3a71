/* SPDX-License-Identifier: MIT */
/* A receiver that does not read, and then reads. */
#include "model/flow.h"

#define INIT_CWND 10
#define TIMESTAMP_SPACE 12
#define IDLE_READS 2 /* reads of nothing before the end */
#define RCVBUF_LOCK 2u

struct fill {
	struct flow flow;
	struct tcpbuf_model_fill in;
	int64_t written, read, last_received;
	uint32_t begun, step, still, idle, reading, done;
};

uint64_t tcpbuf_model_fill_state_size(void)
{
	return sizeof(struct fill);
}

static int bad(const struct tcpbuf_model_fill *in)
{
	return in->write_bytes < 1 || in->write_bytes > 1 << 24 || in->read_bytes < 1 ||
	       in->read_bytes > INT32_MAX || in->step_us < 1 || in->step_us > 1000000000 ||
	       in->rtt_us > 1000000 || in->max_steps < 1 || in->max_steps > 1000000 ||
	       in->still_steps < 1 || in->still_steps > 1000000;
}

static void start_receiver(
	struct flow *f, const struct tcpbuf_model_state *st, const struct tcpbuf_model_end *set)
{
	struct flow_receiver *r = &f->r;

	r->rcvbuf = st->rcvbuf;
	r->window_clamp = st->window_clamp;
	r->rcv_ssthresh = st->rcv_ssthresh;
	r->ratio = f->rules.default_ratio;
	r->rcv_mss = st->rcv_mss;
	r->advmss = st->advmss;
	r->rcv_wnd = st->rcv_wnd;
	r->space = st->rcv_space;
	r->space_time = f->now;
	r->mstamp = f->now;
	r->rtt_echo = -1;
	r->tcp_rmem_max = set->rmem[2];
	r->locked = (st->lock & RCVBUF_LOCK) != 0;
	r->wscale = st->rcv_wscale;
	r->shrink = f->rules.shrink_window && set->shrink_window;
	r->signed_windows = set->signed_windows;
	r->adv_win_scale = set->adv_win_scale;
	r->predicted = 1;
	r->last_data = f->now * f->rules.hz / 1000000;
	r->rto = tcpbuf__flow_ticks(f, f->rtt + 200000);
}

static void start_sender(
	struct flow *f, const struct tcpbuf_model_fill *in, const struct tcpbuf_model_handshake *h)
{
	struct flow_sender *s = &f->s;
	int64_t header = in->link.family == 10 ? 60 : 40;

	s->raw_mss = tcpbuf__min((int64_t)in->link.mtu - header, h->synack_mss);
	if (in->link.client.maxseg)
		s->raw_mss = tcpbuf__min(s->raw_mss, in->link.client.maxseg);
	s->raw_mss -= f->r.tcp_header - 20;
	s->max_window = h->client.snd_wnd;
	s->snd_wnd = h->client.snd_wnd;
	tcpbuf__flow_sync_mss(f);
	s->sndbuf = h->client.sndbuf;
	s->cwnd = INIT_CWND;
	s->srtt8 = 8 * f->rtt;
	s->min_rtt = f->rtt;
	s->pacing_rate = s->mss * 2 * INIT_CWND * 1000000 / tcpbuf__max(f->rtt, 1);
	s->last_sent = f->now;
	s->last_echo_time = f->now;
}

int tcpbuf_model_fill_begin(const struct tcpbuf_rules *rules, const struct tcpbuf_model_fill *fill,
	void *state, uint64_t state_size)
{
	struct tcpbuf_model_handshake h;
	struct tcpbuf_model_fill in;
	struct fill *s = state;
	int err = tcpbuf__copy_in(&in, sizeof(in), fill);

	if (err)
		return err;
	if (!state || bad(&in))
		return -EINVAL;
	in.link.local = 1;
	err = tcpbuf_model_handshake(rules, &in.link, &h, sizeof(h));
	if (err)
		return err;
	if (state_size < sizeof(*s))
		return -ENOSPC;
	memset(s, 0, sizeof(*s));
	s->in = in;
	tcpbuf__copy_in(&s->flow.rules, sizeof(s->flow.rules), rules);
	s->flow.captured = in.captured;
	s->flow.moderate = in.moderate_rcvbuf;
	s->flow.low_rtt = in.low_rtt_us;
	s->flow.rtt = in.rtt_us;
	s->flow.now = 1000000;
	s->flow.r.tcp_header =
		20 + (in.link.client.timestamps && in.link.server.timestamps ? TIMESTAMP_SPACE : 0);
	start_receiver(&s->flow, &h.server, &in.link.server);
	start_sender(&s->flow, &in, &h);
	s->flow.r.acks = 1; /* the SYN-ACK */
	s->flow.r.field = h.synack_win;
	s->begun = 1;
	return 0;
}

static void act(struct fill *s)
{
	int64_t got;

	if (!s->reading) {
		/* Copying takes about as long as sending. */
		s->flow.now += s->flow.rtt;
		s->written += tcpbuf__flow_write(&s->flow, s->in.write_bytes);
		return;
	}
	got = tcpbuf__flow_read(&s->flow, s->in.read_bytes);
	s->read += got;
	s->idle = got ? 0 : s->idle + 1;
}

/* Is it time to read, or to end? */
static void turn(struct fill *s)
{
	if (s->reading) {
		s->done = s->idle >= IDLE_READS;
		return;
	}
	s->still = s->flow.r.rcv_nxt == s->last_received ? s->still + 1 : 0;
	s->last_received = s->flow.r.rcv_nxt;
	s->reading = s->step == s->in.max_steps || s->still == s->in.still_steps;
}

static void describe(const struct fill *s, struct tcpbuf_model_fill_row *row)
{
	const struct flow_receiver *r = &s->flow.r;

	row->reading = s->reading;
	row->acks = r->acks;
	row->written = s->written;
	row->unsent = s->flow.s.write_seq - s->flow.s.snd_nxt;
	row->received = r->rcv_nxt;
	row->acked = r->acked;
	row->read = s->read;
	row->window_field = r->field;
	row->rmem_alloc = r->rmem_alloc;
	row->rcvbuf = r->rcvbuf;
	row->rcv_ssthresh = r->rcv_ssthresh;
	row->rcv_space = r->space;
	row->rcv_mss = r->rcv_mss;
	row->rcv_wnd = r->rcv_wnd;
	row->window_clamp = r->window_clamp;
	row->rcv_wscale = r->wscale;
}

int tcpbuf_model_fill_step(void *state, void *out, uint32_t out_size)
{
	struct tcpbuf_model_fill_row row;
	struct fill *s = state;
	int64_t began;

	if (!s || !out || !s->begun)
		return -EINVAL;
	if (s->flow.error)
		return s->flow.error;
	if (s->done)
		return 0;
	began = s->flow.now;
	act(s);
	tcpbuf__flow_until(&s->flow, began + s->in.step_us);
	if (s->flow.error)
		return s->flow.error;
	memset(&row, 0, sizeof(row));
	describe(s, &row);
	tcpbuf__copy_out(out, out_size, &row, sizeof(row));
	s->flow.r.acks = 0;
	s->flow.step++;
	turn(s);
	s->step++;
	return 1;
}
