/* SPDX-License-Identifier: MIT */
/* tcpbuf-window --grow: transfers over time, side by side. */
#ifndef TCPBUF_TOOLS_WINDOW_GROW_H
#define TCPBUF_TOOLS_WINDOW_GROW_H

#include "common.h"

enum { GROW_MAX_SERIES = 8, GROW_MAX_ROWS = 2001 };

/* One kernel with one setting of tcp_rmem. */
struct grow_series {
	char label[96];
	struct tcpbuf_rules rules;
	struct tcpbuf_model_growth transfer;
	struct tcpbuf_model_growth_result result;
	struct tcpbuf_model_growth_sample rows[GROW_MAX_ROWS];
	int64_t count;
};

struct grow {
	int series_count;
	struct grow_series *series;
};

/* The whole of `tcpbuf-window --grow ...`; returns the exit code. */
int window_grow(const struct tool *tool, int argc, char **argv);

/* What limits a series, in words. */
const char *grow_limit_text(uint32_t limit);

/* Payload read per second between two rows, in bits; 0 for the first. */
int64_t grow_rate_bps(const struct grow_series *s, int64_t row);

void grow_print_table(const struct grow *g);
void grow_print_csv(FILE *out, const struct grow *g);
void grow_print_json(const struct grow *g);

/* A picture by gnuplot; svg or png by the file's name. Returns the exit code. */
int grow_plot(const struct tool *tool, const struct grow *g, const char *file);

#endif
