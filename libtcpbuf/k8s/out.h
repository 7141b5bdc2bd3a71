/* SPDX-License-Identifier: MIT */
/* Text into a caller's buffer, as snprintf does: terminated, never overrun, the length needed is counted. */
#ifndef TCPBUF_K8S_OUT_H
#define TCPBUF_K8S_OUT_H

#include <stdint.h>

#include "k8s/span.h"

struct tcpbuf__out {
	char *buf;
	uint64_t size;
	uint64_t used;
};

void tcpbuf__out_span(struct tcpbuf__out *o, struct tcpbuf__span s);
void tcpbuf__out_str(struct tcpbuf__out *o, const char *str);

/* "1.32" of major << 16 | minor << 8. */
void tcpbuf__out_version(struct tcpbuf__out *o, uint32_t version);

#endif
