/* SPDX-License-Identifier: MIT */
/*
 * One connection in motion on one machine: a sender that cuts writes into skbs, a receiver
 * that queues them, and the packets between them. Times are microseconds, positions are
 * bytes from the first byte of data.
 */
#ifndef TCPBUF_MODEL_FLOW_H
#define TCPBUF_MODEL_FLOW_H

#include "model/model.h"

enum {
	FLOW_QUEUE = 4096,	/* skbs in the receive queue */
	FLOW_SENDER = 1024,	/* skbs unsent, and as many unacknowledged */
	FLOW_WIRE = 1024,	/* packets on their way to one end */
	FLOW_MAX_FRAGS = 17,	/* MAX_SKB_FRAGS, include/linux/skbuff.h */
	FLOW_GSO_MAX = 65536,	/* gso_max_size of a device, include/linux/netdevice.h */
	FLOW_TASK_FRAG = 32768, /* SKB_FRAG_PAGE_ORDER, net/core/sock.c */
	FLOW_PAGES = 1024	/* page ends that unacknowledged data crosses */
};

/* Bits of flow_receiver.pending: icsk_ack.pending, include/net/inet_connection_sock.h. */
enum {
	FLOW_ACK_SCHED = 1,
	FLOW_ACK_TIMER = 2,
	FLOW_ACK_PUSHED = 4,
	FLOW_ACK_PUSHED2 = 8,
	FLOW_ACK_NOW = 16,
	FLOW_ACK_NOMEM = 32
};

/* An skb of the sender. */
struct flow_skb {
	int64_t seq;
	int64_t end;
	int64_t sent; /* when */
	int64_t push; /* 1: ends a write */
};

/* An skb of the receive queue. */
struct flow_rskb {
	int64_t seq;
	int64_t end;
	int64_t shared_until; /* the sender holds the same data until this is acknowledged */
	uint32_t truesize;
	uint32_t frags;
	uint32_t tailroom; /* of a collapsed, linear skb */
	uint32_t step;	   /* that brought it */
};

struct flow_packet {
	int64_t seq;
	int64_t end;
	int64_t echo; /* tsecr: when the other end sent what is echoed */
	int64_t push;
	int64_t window; /* of an ACK, bytes */
	int64_t frags;
	int64_t mss;
	int64_t is_ack;
};

struct flow_wire {
	uint32_t head;
	uint32_t count;
	struct flow_packet at[FLOW_WIRE];
};

struct flow_receiver {
	int64_t rcvbuf, rmem_alloc, forward_alloc, backlog;
	int64_t window_clamp, rcv_ssthresh, ratio, rcv_mss, advmss, last_seg;
	int64_t rcv_nxt, rcv_wup, rcv_wnd, copied_seq;
	int64_t space, space_seq, space_time;	   /* rcvq_space */
	int64_t rtt8, rtt_seq, rtt_time, rtt_echo; /* rcv_rtt_est, 8 times the estimate */
	int64_t quick, ato, ack_timer, ack_fires, last_data, last_oow; /* ticks */
	int64_t tcp_rmem_max, rto;
	int64_t mstamp; /* tcp_mstamp: time of the last packet in or out */
	uint32_t pending;
	uint32_t predicted; /* pred_flags != 0 */
	uint32_t owned, ack_deferred;
	uint32_t locked, wscale, shrink, signed_windows;
	int32_t adv_win_scale;
	uint32_t tcp_header;
	/* What the other end saw last. */
	int64_t field, acked;
	uint32_t acks, queue_head, queue_count;
	struct flow_rskb queue[FLOW_QUEUE];
};

struct flow_sender {
	int64_t mss, raw_mss, size_goal;
	int64_t snd_una, snd_nxt, write_seq, pushed_seq, snd_wnd, max_window;
	int64_t cwnd, packets_out, max_packets_out, cwnd_usage_seq, cwnd_used, cwnd_stamp;
	int64_t srtt8, min_rtt, pacing_rate, last_sent, last_echo_time;
	int64_t timer, backoff, tlp_seq; /* ticks; what the timer is for: timer_kind */
	int64_t wmem_queued, sndbuf;
	int64_t page_offset;
	uint32_t cwnd_limited, owned, timer_kind, padding;
	uint32_t unsent_head, unsent_count, rtx_head, rtx_count, pages_head, pages_count;
	struct flow_skb unsent[FLOW_SENDER], rtx[FLOW_SENDER];
	int64_t pages[FLOW_PAGES]; /* positions at which the task's page fragment ended */
};

enum { FLOW_TIMER_NONE = 0, FLOW_TIMER_RTO = 1, FLOW_TIMER_TLP = 2, FLOW_TIMER_PROBE = 3 };

struct flow {
	struct tcpbuf_rules rules;
	int64_t now;
	int64_t rtt; /* of the path without waiting */
	uint32_t step;
	uint32_t captured; /* 1: a packet socket holds what a step sent until the step ends */
	int32_t error;	   /* of a full queue */
	uint32_t moderate; /* tcp_moderate_rcvbuf */
	int64_t low_rtt;   /* tcp_rcvbuf_low_rtt, us */
	uint32_t softirq;  /* packets are being delivered, or a timer runs */
	struct flow_receiver r;
	struct flow_sender s;
	struct flow_wire wire, backlog_r, backlog_s;
};

static inline int64_t tcpbuf__flow_tick(const struct flow *f, int64_t us)
{
	return us * f->rules.hz / 1000000;
}

/* usecs_to_jiffies(): rounded up. */
static inline int64_t tcpbuf__flow_ticks(const struct flow *f, int64_t us)
{
	return (us * f->rules.hz + 999999) / 1000000;
}

/* flow_window.c: what the receiver may offer. */
int64_t tcpbuf__flow_win(const struct flow *f, int64_t space);
int64_t tcpbuf__flow_space(const struct flow *f);
int64_t tcpbuf__flow_receive_window(const struct flow *f);
int64_t tcpbuf__flow_window(struct flow *f);
struct tcpbuf__offer tcpbuf__flow_offer(struct flow *f);

/* flow_queue.c */
int tcpbuf__flow_enqueue_tested(struct flow *f, const struct flow_packet *p, int64_t truesize);
void tcpbuf__flow_enqueue(struct flow *f, const struct flow_packet *p, int64_t truesize);
int64_t tcpbuf__flow_read_queue(struct flow *f, int64_t bytes);
int tcpbuf__flow_head_read(const struct flow *f);
void tcpbuf__flow_eat(struct flow *f);
void tcpbuf__flow_reclaim(struct flow *f);

/* flow_receive.c, flow_read.c */
void tcpbuf__flow_receive(struct flow *f, const struct flow_packet *p);
void tcpbuf__flow_send_ack(struct flow *f);
void tcpbuf__flow_delack_timer(struct flow *f);
int64_t tcpbuf__flow_read(struct flow *f, int64_t bytes);

/* flow_write.c, flow_transmit.c */
int64_t tcpbuf__flow_write(struct flow *f, int64_t bytes);
int64_t tcpbuf__flow_frags(const struct flow *f, int64_t seq, int64_t end);
struct flow_skb *tcpbuf__flow_unsent(struct flow *f, uint32_t i);
int64_t tcpbuf__flow_size_goal(const struct flow *f);
void tcpbuf__flow_sync_mss(struct flow *f);
void tcpbuf__flow_push(struct flow *f);
void tcpbuf__flow_transmit(struct flow *f, int push_one);
void tcpbuf__flow_probe(struct flow *f);

/* flow_acked.c */
void tcpbuf__flow_acked(struct flow *f, const struct flow_packet *p);
void tcpbuf__flow_send_timer(struct flow *f);
void tcpbuf__flow_schedule_tlp(struct flow *f);
void tcpbuf__flow_retransmit(struct flow *f);
void tcpbuf__flow_restart_after_idle(struct flow *f);
void tcpbuf__flow_arm(struct flow *f, uint32_t kind, int64_t ticks);
int tcpbuf__flow_cwnd_limited(const struct flow_sender *s);
int64_t tcpbuf__flow_rto(const struct flow *f);

/* flow_wire.c */
void tcpbuf__flow_put(struct flow *f, const struct flow_packet *p);
void tcpbuf__flow_pump(struct flow *f);
void tcpbuf__flow_release_sender(struct flow *f);
void tcpbuf__flow_release_receiver(struct flow *f);
int64_t tcpbuf__flow_fires(const struct flow *f, int64_t expires);
void tcpbuf__flow_until(struct flow *f, int64_t when);

#endif
