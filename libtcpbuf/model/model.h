/* SPDX-License-Identifier: MIT */
#ifndef TCPBUF_MODEL_MODEL_H
#define TCPBUF_MODEL_MODEL_H

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <string.h>

#include <tcpbuf/model.h>

#include "mem/record.h"

static inline int64_t tcpbuf__min(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static inline int64_t tcpbuf__max(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* A window from a space under this kernel's rule, at the default ratio. */
int64_t tcpbuf__model_win(const struct tcpbuf_rules *rules, int32_t adv_win_scale, int64_t space);

/* SO_RCVBUF and SO_SNDBUF: the buffer that a request makes. */
int64_t tcpbuf__model_buffer(int32_t request, int64_t limit, int64_t least);

/* Least buffers: SOCK_MIN_RCVBUF, SOCK_MIN_SNDBUF, include/net/sock.h. */
int64_t tcpbuf__model_min_rcvbuf(const struct tcpbuf_rules *rules);
int64_t tcpbuf__model_min_sndbuf(const struct tcpbuf_rules *rules);

/* TCP_WINDOW_CLAMP with a value that is not 0. */
void tcpbuf__model_set_clamp(const struct tcpbuf_rules *rules, int64_t value, int64_t rcv_wnd,
	int64_t *window_clamp, int64_t *rcv_ssthresh);

/* How many units of @unit bytes hold @bytes, 0 and up. */
int64_t tcpbuf__model_units(int64_t bytes, int64_t unit);

/* The least power of two that is not below @value. */
int64_t tcpbuf__model_power(int64_t value);

/* tcp_sndbuf_expand(): what a congestion window of @segments asks for. */
int64_t tcpbuf__model_sndbuf(const struct tcpbuf_rules *rules, int64_t mss, int64_t segments, uint32_t factor);

/* drs.c: rcvbuf after a step of checked rules and values; rcv_rtt_est, in us times eight, after a sample of 1 us or more. */
int64_t tcpbuf__drs_rcvbuf(const struct tcpbuf_rules *rules, const struct tcpbuf_model_drs *step);
int64_t tcpbuf__drs_rtt8(const struct tcpbuf_rules *rules, int64_t rtt8, int64_t sample_us, int by_window, int unread);

/* Beyond any machine, and products of it with a page or the number of sockets fit in 64 bits. */
#define TCPBUF__MODEL_MOST_PAGES (INT64_C(1) << 31)

/* The caller's rules, with machine constants that cannot overflow; -EINVAL, -E2BIG. */
int tcpbuf__model_rules(struct tcpbuf_rules *dst, const struct tcpbuf_rules *rules);

/* 1 when a word kept for later is not 0. */
int tcpbuf__model_reserved(const struct tcpbuf_model_end *set);

/* What an ACK's window depends on. Bytes. */
struct tcpbuf__offer {
	int64_t space; /* tcp_space(): window of the free buffer, may be negative */
	int64_t full;  /* tcp_full_space(): window of the whole buffer */
	int64_t window_clamp;
	int64_t rcv_ssthresh;
	int64_t rcv_mss;
	int64_t rcv_wnd;
	uint32_t wscale;
	uint32_t shrink; /* tcp_shrink_window where the kernel has it */
};

int64_t tcpbuf__model_round_up(int64_t value, int64_t unit);
int64_t tcpbuf__model_select_window(const struct tcpbuf__offer *offer);

/* tcp_select_window(): the 16-bit field of the next ACK; @current is what is left of the last offer. */
int64_t tcpbuf__model_offer_window(
	const struct tcpbuf__offer *offer, int64_t current, int signed_windows, int64_t *rcv_wnd);

/* What follows from a machine constant, once it is known: skb_head; the page and how it is charged. */
void tcpbuf__rules_set_head(struct tcpbuf_rules *rules);
void tcpbuf__rules_set_page(struct tcpbuf_rules *rules, uint32_t page_size);

#endif
