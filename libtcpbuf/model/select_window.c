/* SPDX-License-Identifier: MIT */
/* The window that an ACK offers: __tcp_select_window(), net/ipv4/tcp_output.c. */
#include "model/model.h"

int64_t tcpbuf__model_round_up(int64_t value, int64_t unit)
{
	return value + unit - 1 - (value + unit - 1) % unit;
}

/* Towards zero for what is positive, away from it below: round_down() of a power of two. */
static int64_t round_down(int64_t value, int64_t unit)
{
	return value < 0 ? -tcpbuf__model_round_up(-value, unit) : value - value % unit;
}

/* tcp_shrink_window, since 6.5: the window may fall with the space. */
static int64_t shrinking(const struct tcpbuf__offer *o, int64_t full, int64_t mss)
{
	int64_t unit = (int64_t)1 << o->wscale, space = round_down(o->space, unit);

	if (space < full >> 1 && (space < o->full >> 4 || space < mss || space < unit))
		return 0;
	return space > o->rcv_ssthresh ? tcpbuf__model_round_up(o->rcv_ssthresh, unit) : space;
}

/* Without window scaling: whole segments, and no change for less than one. */
static int64_t unscaled(const struct tcpbuf__offer *o, int64_t space, int64_t full, int64_t mss)
{
	int64_t window = o->rcv_wnd;

	if (window <= space - mss || window > space)
		return space - space % mss;
	if (mss == full && space > window + (full >> 1))
		return space;
	return window;
}

int64_t tcpbuf__model_select_window(const struct tcpbuf__offer *o)
{
	int64_t full = tcpbuf__min(o->window_clamp, o->full), mss = tcpbuf__min(o->rcv_mss, full);
	int64_t unit = (int64_t)1 << o->wscale, space = o->space;

	if (full <= 0)
		return 0;
	if (o->shrink && o->wscale)
		return shrinking(o, full, mss);
	if (space < full >> 1) {
		space = round_down(space, unit);
		if (space < o->full >> 4 || space < mss)
			return 0;
	}
	space = tcpbuf__min(space, o->rcv_ssthresh);
	return o->wscale ? tcpbuf__model_round_up(space, unit) : unscaled(o, space, full, mss);
}

int64_t tcpbuf__model_offer_window(
	const struct tcpbuf__offer *o, int64_t current, int signed_windows, int64_t *rcv_wnd)
{
	int64_t unit = (int64_t)1 << o->wscale, window = tcpbuf__model_select_window(o);

	if (window < current && !(o->shrink && o->wscale))
		window = tcpbuf__model_round_up(current, unit);
	*rcv_wnd = window;
	if (!o->wscale && signed_windows)
		return tcpbuf__min(window, 32767);
	return tcpbuf__min(window, (int64_t)65535 << o->wscale) >> o->wscale;
}
