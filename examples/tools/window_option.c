/* SPDX-License-Identifier: MIT */
/* What setsockopt() makes of a value. */
#include "window.h"

#include <string.h>

static const char *const columns[] = {
	"value", "return", "rcvbuf_bytes", "sndbuf_bytes", "clamp_bytes", "rcvlowat_bytes", "rcv_ssthresh_bytes", NULL};

/* A socket in the state that was asked for; the accepted end, when it is established. */
static int start(const struct window *w, struct tcpbuf_model_sockopt *s)
{
	const struct tcpbuf_model_end *set = &w->link.server;
	struct tcpbuf_model_handshake h;
	int err = tcpbuf_model_handshake(&w->rules, &w->link, &h, sizeof(h));

	if (err)
		return err;
	*s = (struct tcpbuf_model_sockopt){.size = sizeof(*s), .state = w->state, .privileged = w->privileged,
		.rcvbuf = set->rmem[1], .sndbuf = set->wmem[1], .rcvlowat = 1, .rmem_max_sysctl = set->rmem_max,
		.wmem_max_sysctl = set->wmem_max, .tcp_rmem_max = set->rmem[2], .adv_win_scale = set->adv_win_scale};
	if (w->state == TCPBUF_SOCKOPT_UDP)
		s->rcvbuf = s->sndbuf = 212992;
	if (w->state != TCPBUF_SOCKOPT_ESTABLISHED)
		return 0;
	s->rcvbuf = h.server.rcvbuf;
	s->sndbuf = h.server.sndbuf;
	s->window_clamp = h.server.window_clamp;
	s->rcv_ssthresh = h.server.rcv_ssthresh;
	s->rcv_wnd = h.server.rcv_wnd;
	return 0;
}

static void put_row(struct sheet *sheet, int64_t value, int ret, const struct tcpbuf_model_sockopt *s)
{
	int tcp = s->state != TCPBUF_SOCKOPT_UDP, established = s->state == TCPBUF_SOCKOPT_ESTABLISHED;
	struct sheet_cell cells[] = {{value, NULL}, {0, ret ? strerrorname_np(-ret) : "0"}, {s->rcvbuf, NULL},
		{s->sndbuf, NULL}, {tcp ? s->window_clamp : SHEET_ABSENT, NULL}, {s->rcvlowat, NULL},
		{established ? s->rcv_ssthresh : SHEET_ABSENT, NULL}};

	sheet_row(sheet, cells);
}

int window_option(struct window *w)
{
	static const int64_t usual[] = {0, 1, 1152, 2304, 4608, 65536, 131072, 212992, 4194304, INT32_MAX, -1};
	struct tcpbuf_model_sockopt before, s;
	struct sheet sheet;
	int err = start(w, &before);

	if (err)
		return err;
	window_default(w, usual, sizeof(usual) / sizeof(usual[0]));
	sheet_begin(&sheet, w->format, w->rule, columns);
	for (int i = 0; i < w->count; i++) {
		s = before;
		err = tcpbuf_model_setsockopt(&w->rules, w->option, (int32_t)w->values[i], &s);
		put_row(&sheet, w->values[i], err, &s);
	}
	sheet_end(&sheet);
	return 0;
}
