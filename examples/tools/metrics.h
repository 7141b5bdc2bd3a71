/* SPDX-License-Identifier: MIT */
/* Metrics of tcpbuf-exporter: one table, filled from a census, written in two text formats. */
#ifndef TCPBUF_TOOLS_METRICS_H
#define TCPBUF_TOOLS_METRICS_H

#include <stdio.h>

#include <tcpbuf/tcpbuf.h>

enum metrics_format {
	METRICS_PROMETHEUS, /* text format 0.0.4 */
	METRICS_OPENMETRICS /* 1.0.0 */
};

/* What to export. */
struct metrics_options {
	uint32_t top; /* namespaces with labels of their own; the rest is summed as netns="other" */
};

/* The format that an Accept header asks for; NULL: none was sent. */
enum metrics_format metrics_accepted(const char *accept);

/* Content-Type of a format. */
const char *metrics_content_type(enum metrics_format format);

/* Take a census and write it. Returns 0, or a negative code and nothing of use was written. */
int metrics_write(struct tcpbuf *tb, const struct metrics_options *options, enum metrics_format format, FILE *out);

#endif
