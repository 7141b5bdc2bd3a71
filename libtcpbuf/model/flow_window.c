/* SPDX-License-Identifier: MIT */
/* What the receiver of a flow may offer. */
#include "model/flow.h"

/* tcp_win_from_space(), include/net/tcp.h, with the socket's own ratio. */
int64_t tcpbuf__flow_win(const struct flow *f, int64_t space)
{
	if (f->rules.window == TCPBUF_RULE_WINDOW_SCALING_RATIO)
		return (space * f->r.ratio) >> 8;
	return tcpbuf__model_win(&f->rules, f->r.adv_win_scale, space);
}

/* tcp_space(). */
int64_t tcpbuf__flow_space(const struct flow *f)
{
	return tcpbuf__flow_win(f, f->r.rcvbuf - f->r.backlog - f->r.rmem_alloc);
}

/* tcp_receive_window(): what is left of the last offer. */
int64_t tcpbuf__flow_receive_window(const struct flow *f)
{
	return tcpbuf__max(f->r.rcv_wup + f->r.rcv_wnd - f->r.rcv_nxt, 0);
}

/* What an ACK may offer now; with less than half the window free, ACKs are no longer hurried:
 * __tcp_select_window(). */
struct tcpbuf__offer tcpbuf__flow_offer(struct flow *f)
{
	struct tcpbuf__offer offer = {.space = tcpbuf__flow_space(f),
		.full = tcpbuf__flow_win(f, f->r.rcvbuf),
		.window_clamp = f->r.window_clamp,
		.rcv_ssthresh = f->r.rcv_ssthresh,
		.rcv_mss = f->r.rcv_mss,
		.rcv_wnd = f->r.rcv_wnd,
		.wscale = f->r.wscale,
		.shrink = f->r.shrink};
	int64_t full = tcpbuf__min(offer.window_clamp, offer.full);

	if (full > 0 && offer.space < full >> 1)
		f->r.quick = 0;
	return offer;
}

/* The window that an ACK would have. */
int64_t tcpbuf__flow_window(struct flow *f)
{
	struct tcpbuf__offer offer = tcpbuf__flow_offer(f);

	return tcpbuf__model_select_window(&offer);
}
