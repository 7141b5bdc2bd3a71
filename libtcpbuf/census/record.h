/* SPDX-License-Identifier: MIT */
/* What the writer and the parser of a recorded census share; the format is in tcpbuf_census(3). */
#ifndef TCPBUF_CENSUS_RECORD_H
#define TCPBUF_CENSUS_RECORD_H

#include "census/census.h"

extern const char tcpbuf__record_head[];
extern const char *const tcpbuf__record_axes[TCPBUF__PUBLIC_AXES];

/* Bytes of one element of a field. */
size_t tcpbuf__record_element(uint32_t type);

/* Bytes into an empty census that has its context; pure but for its allocations. Returns 0, -EPROTO or -ENOMEM. */
int tcpbuf__record_parse(struct tcpbuf_census *c, struct tcpbuf__reader text);

#endif
