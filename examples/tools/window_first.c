/* SPDX-License-Identifier: MIT */
/* The windows of a handshake, for one SO_RCVBUF a row at both ends. */
#include "window.h"

static const char *const columns[] = {"so_rcvbuf_bytes", "syn_window_bytes", "wscale", "synack_window_bytes",
	"ack_window_bytes", "rcvbuf_bytes", "clamp_bytes", "rcv_ssthresh_bytes", "rcv_space_bytes", "rcv_wnd_bytes", NULL};

static void put_row(struct sheet *s, int64_t request, const struct tcpbuf_model_handshake *h)
{
	const struct tcpbuf_model_state *client = &h->client;
	struct sheet_cell cells[] = {{request ? request : SHEET_ABSENT, NULL}, {h->syn_win, NULL},
		{h->syn_wscale < 0 ? SHEET_ABSENT : h->syn_wscale, NULL}, {h->synack_win, NULL},
		{h->ack_win << client->rcv_wscale, NULL}, {client->rcvbuf, NULL}, {client->window_clamp, NULL},
		{client->rcv_ssthresh, NULL}, {client->rcv_space, NULL}, {client->rcv_wnd, NULL}};

	sheet_row(s, cells);
}

int window_first(struct window *w)
{
	static const int64_t usual[] = {0, 1, 8192, 32768, 65535, 65536, 131072, 1048576, 4194304};
	struct tcpbuf_model_end *const ends[] = {&w->link.client, &w->link.server};
	struct tcpbuf_model_handshake h;
	struct sheet s;
	int err = tcpbuf_model_handshake(&w->rules, &w->link, &h, sizeof(h));

	if (err)
		return err;
	window_default(w, usual, sizeof(usual) / sizeof(usual[0]));
	sheet_begin(&s, w->format, w->rule, columns);
	for (int i = 0; i < w->count; i++) {
		for (int end = 0; end < 2; end++) {
			ends[end]->so_rcvbuf = (int32_t)w->values[i];
			ends[end]->set_rcvbuf = w->values[i] != 0;
		}
		tcpbuf_model_handshake(&w->rules, &w->link, &h, sizeof(h));
		put_row(&s, w->values[i], &h);
	}
	sheet_end(&s);
	return 0;
}
