/* SPDX-License-Identifier: MIT */
/* Receive buffer to window, and back. */
#include "window.h"

static int64_t win(const struct window *w, int64_t space)
{
	if (w->rules.window == TCPBUF_RULE_WINDOW_SCALING_RATIO)
		return tcpbuf_model_win_from_space(w->rules.default_ratio, space);
	return tcpbuf_model_win_from_space_legacy(w->link.client.adv_win_scale, space);
}

/* The least buffer whose window is that; the kernel's way back rounds down, so it may miss by a byte. */
static int64_t space(const struct window *w, int64_t window)
{
	int64_t bytes;

	if (w->rules.window != TCPBUF_RULE_WINDOW_SCALING_RATIO)
		return tcpbuf_model_space_from_win_legacy(w->link.client.adv_win_scale, window);
	bytes = tcpbuf_model_space_from_win(w->rules.default_ratio, window);
	while (bytes >= 0 && bytes < INT32_MAX && win(w, bytes) < window)
		bytes++;
	return bytes <= INT32_MAX && win(w, bytes) >= window ? bytes : SHEET_ABSENT;
}

/* The least window scale that can express it; none beyond 14. */
static int64_t scale(int64_t window)
{
	int64_t bits = 0;

	while (bits <= 14 && (int64_t)65535 << bits < window)
		bits++;
	return window < 0 || bits > 14 ? SHEET_ABSENT : bits;
}

static const char *const columns[] = {"buffer_bytes", "window_bytes", "wscale", "so_rcvbuf_bytes", NULL};

/* SO_RCVBUF is doubled; what it cannot give has no request. */
static void put_row(struct sheet *s, const struct window *w, int64_t buffer, int64_t window)
{
	int64_t least = 2048 + (int64_t)w->rules.sk_buff;
	int64_t request = buffer >= least ? (buffer + 1) / 2 : SHEET_ABSENT;
	struct sheet_cell cells[] = {{buffer, NULL}, {window, NULL}, {scale(window), NULL}, {request, NULL}};

	sheet_row(s, cells);
}

int window_buffer(struct window *w)
{
	static const int64_t usual[] = {2304, 4096, 65536, 87380, 131072, 212992, 425984, 1048576, 4194304, 6291456,
		16777216, 33554432, INT32_MAX};
	struct sheet s;

	window_default(w, usual, sizeof(usual) / sizeof(usual[0]));
	sheet_begin(&s, w->format, w->rule, columns);
	for (int i = 0; i < w->count; i++)
		put_row(&s, w, w->values[i], win(w, w->values[i]));
	sheet_end(&s);
	return 0;
}

int window_window(struct window *w)
{
	static const int64_t usual[] = {1460, 14600, 32768, 65535, 131072, 262144, 1048576, 4194304, 16777216, 1073725440};
	struct sheet s;

	window_default(w, usual, sizeof(usual) / sizeof(usual[0]));
	sheet_begin(&s, w->format, w->rule, columns);
	for (int i = 0; i < w->count; i++)
		put_row(&s, w, space(w, w->values[i]), w->values[i]);
	sheet_end(&s);
	return 0;
}
