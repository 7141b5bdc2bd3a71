/* SPDX-License-Identifier: MIT */
/* tcp_adv_win_scale as manuals teach it, and what is left of it. */
#include "window.h"

static const char *const columns[] = {
	"tcp_adv_win_scale", "share", "buffer_bytes", "window_until_6_5_bytes", "window_bytes", "effect", NULL};

static const struct {
	int32_t scale;
	const char *share;
} taught[] = {{-3, "1/8"}, {-2, "1/4"}, {-1, "1/2"}, {0, "1"}, {1, "1/2"}, {2, "3/4"}, {3, "7/8"}, {4, "15/16"}};

int window_scale(struct window *w)
{
	static const int64_t usual[] = {131072};
	int dead = w->rules.window == TCPBUF_RULE_WINDOW_SCALING_RATIO;
	struct sheet s;

	window_default(w, usual, 1);
	sheet_begin(&s, w->format, w->rule, columns);
	for (int v = 0; v < w->count; v++)
		for (unsigned i = 0; i < sizeof(taught) / sizeof(taught[0]); i++) {
			int64_t was = tcpbuf_model_win_from_space_legacy(taught[i].scale, w->values[v]);
			int64_t is = dead ? tcpbuf_model_win_from_space(w->rules.default_ratio, w->values[v]) : was;
			struct sheet_cell cells[] = {{taught[i].scale, NULL}, {0, taught[i].share}, {w->values[v], NULL},
				{was, NULL}, {is, NULL}, {0, dead ? "dead since 6.6" : "in force"}};

			sheet_row(&s, cells);
		}
	sheet_end(&s);
	return 0;
}
