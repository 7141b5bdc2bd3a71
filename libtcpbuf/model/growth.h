/* SPDX-License-Identifier: MIT */
/*
 * The inside of tcpbuf_model_growth(): two ends and a path between them. Times are
 * nanoseconds since the accept, sequence numbers are bytes since the first data byte.
 */
#ifndef TCPBUF_MODEL_GROWTH_H
#define TCPBUF_MODEL_GROWTH_H

#include "model/model.h"

enum { TCPBUF__RING = 256 };

#define TCPBUF__NEVER INT64_MAX
#define TCPBUF__MSEC 1000000LL
#define TCPBUF__SEC 1000000000LL

/* Segments that travel together: one large packet, or several where that changes nothing. */
struct tcpbuf__burst {
	int64_t due;  /* at the receiver */
	int64_t sent;
	int64_t bytes;
	int64_t packets; /* in the path's queue */
	int64_t tsecr;   /* timestamp of the receiver that it echoes */
};

struct tcpbuf__ack {
	int64_t due; /* at the sender */
	int64_t ack;
	int64_t edge; /* right edge of the window */
	int64_t wnd;
	int64_t sent; /* when the newest burst it covers left */
	int64_t tsval;
};

struct tcpbuf__path {
	int64_t one_way;
	int64_t free_at; /* when the link has sent all it was given */
	int64_t rate_bps;
	int64_t limit, queued; /* packets */
	int64_t overhead;      /* bytes of headers a segment */
	int split;             /* segments travel one by one */
	uint32_t data_head, data_tail, ack_head, ack_tail;
	struct tcpbuf__burst data[TCPBUF__RING];
	struct tcpbuf__ack acks[TCPBUF__RING];
};

/* tcp_cubic.c and its HyStart; times are microseconds. */
struct tcpbuf__cubic {
	int64_t last_max, origin, k, epoch, epoch_acked, reno_cwnd, delay_min;
	int64_t round_end, round_start, last_ack, round_rtt, samples;
	int found;
};

/* BBR by the window it settles at. */
struct tcpbuf__bbr {
	int64_t bandwidth; /* bytes a second */
	int64_t round_end, round_start, round_bytes;
	int64_t full_rounds, phase;
	int full;
};

struct tcpbuf__sender {
	int64_t mss, head, skb_cost, goal;
	int64_t una, nxt, written; /* sequence */
	int64_t edge, snd_wnd;
	int64_t cwnd, cwnd_count, ssthresh;
	int64_t sndbuf, sndbuf_max, skbs; /* skbs in flight */
	int64_t srtt8, min_rtt;           /* microseconds */
	int64_t last_sent, tsecr;
	int64_t usage_end, max_out;
	int64_t recovery_end; /* sequence; cwnd is cut once before it */
	int64_t probe_at, probe_wait, write_at;
	int64_t retrans, wmem_peak;
	int limited, locked, bbr;
	struct tcpbuf__cubic cubic;
	struct tcpbuf__bbr bbr_state;
};

/* Equal packets in a row, not read yet. */
struct tcpbuf__run {
	int64_t bytes, truesize; /* of one */
	int64_t count, fragments;
};

struct tcpbuf__queue {
	uint32_t head, tail;
	int64_t head_read; /* bytes read of the first packet */
	int64_t tail_end;  /* sequence after the last packet */
	struct tcpbuf__run runs[TCPBUF__RING];
};

struct tcpbuf__receiver {
	int64_t rcvbuf, rcv_ssthresh, rcv_space, space_seq, space_time;
	int64_t window_clamp, rcv_wnd, rcv_mss, advmss, ratio;
	int64_t nxt, wup, copied; /* sequence */
	int64_t rmem, rmem_peak, drops;
	int64_t rtt8, rtt_seq, rtt_time, last_tsecr;
	int64_t mstamp; /* when the last packet came or the delayed acknowledgement left */
	int64_t newest_sent, delack_at, read_at, quick;
	int64_t rmem_max, low_rtt, wscale, adv_win_scale;
	int64_t head, segment_truesize; /* memory beyond payload; of a whole segment or 0 */
	int locked, moderate, gso, reading;
	struct tcpbuf__queue queue;
};

/* What stopped the sender, in nanoseconds, since the last quarter began. */
struct tcpbuf__blocked {
	int64_t cwnd, rwnd, sndbuf;
};

struct tcpbuf__growth {
	const struct tcpbuf_rules *rules;
	const struct tcpbuf_model_growth *in;
	int64_t now, quantum;
	int64_t changed; /* when a buffer last changed */
	int64_t stopped_since;
	int stopped_by, merge;
	struct tcpbuf__blocked blocked;
	struct tcpbuf__path path;
	struct tcpbuf__sender snd;
	struct tcpbuf__receiver rcv;
};

/* growth_path.c */
int tcpbuf__path_send(struct tcpbuf__growth *g, int64_t bytes, int64_t packets);
void tcpbuf__path_ack(struct tcpbuf__growth *g, const struct tcpbuf__ack *ack);
int64_t tcpbuf__path_oldest(const struct tcpbuf__path *path, int64_t now);

/* growth_receiver.c */
void tcpbuf__receiver_arrive(struct tcpbuf__growth *g, const struct tcpbuf__burst *burst);
void tcpbuf__receiver_read(struct tcpbuf__growth *g, int64_t most);
void tcpbuf__receiver_delack(struct tcpbuf__growth *g);
void tcpbuf__receiver_probe(struct tcpbuf__growth *g);
int64_t tcpbuf__receiver_win(const struct tcpbuf__growth *g, int64_t space);

/* growth_queue.c */
int64_t tcpbuf__queue_add(struct tcpbuf__growth *g, int64_t bytes, int64_t skb_len, int64_t truesize);
int64_t tcpbuf__queue_first(const struct tcpbuf__queue *queue);
int64_t tcpbuf__queue_take(struct tcpbuf__queue *queue, int64_t bytes);

/* growth_drs.c */
void tcpbuf__drs_adjust(struct tcpbuf__growth *g);
void tcpbuf__rcv_rtt_sample(struct tcpbuf__growth *g, int64_t sample_us, int by_window);

/* growth_sender.c */
void tcpbuf__sender_ack(struct tcpbuf__growth *g, const struct tcpbuf__ack *ack);
void tcpbuf__sender_write(struct tcpbuf__growth *g);
void tcpbuf__sender_probe(struct tcpbuf__growth *g);
int64_t tcpbuf__sender_wmem(const struct tcpbuf__sender *s);

/* growth_congestion.c */
void tcpbuf__congestion_acked(struct tcpbuf__growth *g, int64_t segments, int64_t rtt_us, int64_t acks);
void tcpbuf__congestion_cut(struct tcpbuf__growth *g);
int64_t tcpbuf__pacing_bytes(const struct tcpbuf__sender *s);

#endif
