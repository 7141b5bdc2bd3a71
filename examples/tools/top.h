/* SPDX-License-Identifier: MIT */
/* What tcpbuf-top shows of a census. */
#ifndef TCPBUF_TOOLS_TOP_H
#define TCPBUF_TOOLS_TOP_H

#include "common.h"

/* A report: node line and ranked holders, at most @rows; 0: all. */
void top_show_table(const struct tcpbuf_census *c, uint32_t by, uint32_t rows);
void top_show_json(const struct tcpbuf_census *c, uint32_t by, uint32_t rows);

#endif
