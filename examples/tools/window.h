/* SPDX-License-Identifier: MIT */
/* tcpbuf-window: one file a sub-table. */
#ifndef TCPBUF_TOOLS_WINDOW_H
#define TCPBUF_TOOLS_WINDOW_H

#include "sheet.h"

enum { WINDOW_MOST_VALUES = 64 };

/* What is asked. */
struct window {
	struct tcpbuf_rules rules;
	char rule[256];
	enum sheet_format format;
	struct tcpbuf_model_link link; /* settings of both ends alike */
	uint32_t option;               /* enum tcpbuf_sockopt */
	uint32_t state;                /* enum tcpbuf_sockopt_state */
	uint32_t privileged;
	int64_t values[WINDOW_MOST_VALUES];
	int count;
};

/* A sub-table: prints its rows; returns 0, or a negative errno when a setting is out of range. */
typedef int window_table(struct window *w);
window_table window_buffer;
window_table window_window;
window_table window_first;
window_table window_option;
window_table window_scale;

/* The values of the command line, or those of the table when there are none. */
void window_default(struct window *w, const int64_t *values, int count);

/* Settings as a machine has them after boot, or, with a namespace, as they are there. */
void window_boot_settings(struct window *w);
void window_read_settings(struct window *w, struct tcpbuf_netns *ns);

#endif
