/* SPDX-License-Identifier: MIT */
/* One connection under examination: both ends, two samples each. */
#ifndef TCPBUF_ADVISE_EXPLAIN_H
#define TCPBUF_ADVISE_EXPLAIN_H

#include <tcpbuf/advise.h>

#include "advise/say.h"
#include "mem/record.h"

/* One end. */
struct tcpbuf__end {
	uint32_t number; /* 0 this end, 1 the peer's */
	uint32_t known;  /* 0: no records */
	struct tcpbuf_sock before;
	struct tcpbuf_sock after;
	struct tcpbuf_explain_end facts;
	uint64_t interval_us;
};

/* Where verdicts go. */
struct tcpbuf__verdicts {
	char *items;
	uint32_t item_size;
	uint32_t room;
	uint32_t count;
};

/* A verdict before its sentences are filled in. */
struct tcpbuf__finding {
	uint32_t code;
	uint32_t certainty;
	uint32_t share; /* in 1/100 percent */
	const char *evidence;
	const char *setting;
	struct tcpbuf__words words;
};

/* end: number of the end that it is about. */
void tcpbuf__verdict_add(
	struct tcpbuf__verdicts *v, uint32_t end, const struct tcpbuf__finding *finding);

/* A caller's facts; NULL: nothing is known. Returns 0, -EINVAL or -E2BIG. */
int tcpbuf__explain_facts(struct tcpbuf_explain_end *dst, const struct tcpbuf_explain_end *src);

/* What the sending side of an end shows. */
void tcpbuf__explain_sender(const struct tcpbuf__end *end, struct tcpbuf__verdicts *v);

/* What the receiving side of an end shows; sender: the other end, where it is known. */
void tcpbuf__explain_receiver(
	const struct tcpbuf__end *end, const struct tcpbuf__end *sender, struct tcpbuf__verdicts *v);

/* Share of the interval's busy time in which the peer's window was full, in 1/100 percent. */
uint32_t tcpbuf__explain_rwnd_share(const struct tcpbuf__end *end);

/* 1 when the window field can say no more than this: 65535 units of 1 << wscale. */
int tcpbuf__explain_field_full(const struct tcpbuf_sock *sock, uint32_t wscale, uint32_t window);

/* What would make the field larger. */
const char *tcpbuf__explain_scale_setting(const struct tcpbuf_sock *sock);

uint64_t tcpbuf__explain_grown(uint64_t before, uint64_t after);
uint32_t tcpbuf__explain_share(uint64_t part, uint64_t whole);

#endif
