/* SPDX-License-Identifier: MIT */
/* What the files of a plan share. */
#ifndef TCPBUF_ADVISE_PLAN_H
#define TCPBUF_ADVISE_PLAN_H

#include <tcpbuf/advise.h>

#include "advise/list.h"
#include "advise/say.h"
#include "model/model.h"

#define TCPBUF__PLAN_CLASSES 64
#define TCPBUF__PLAN_WHOLE UINT32_MAX /* index of a step or finding that is of no class */

/* A plan in the making. */
struct tcpbuf__plan {
	struct tcpbuf_rules rules;
	struct tcpbuf_plan_node node;
	struct tcpbuf_model_end planned;
	struct tcpbuf_plan_class classes[TCPBUF__PLAN_CLASSES];
	struct tcpbuf_plan_result results[TCPBUF__PLAN_CLASSES];
	int64_t peers[TCPBUF__PLAN_CLASSES]; /* largest receive buffer of a class's peers */
	uint32_t count;
	uint32_t moderate; /* planned tcp_moderate_rcvbuf */
	struct tcpbuf_plan out;
	struct tcpbuf__list steps, settings, findings;
};

/* No plan: the reason and its sentence. Returns -EINVAL. */
int tcpbuf__plan_refuse(struct tcpbuf__plan *p, uint32_t reason, const char *form,
	const struct tcpbuf__words *words);

void tcpbuf__plan_step(struct tcpbuf__plan *p, uint32_t figure, uint32_t index, int64_t value,
	const char *form, const struct tcpbuf__words *words);
void tcpbuf__plan_find(struct tcpbuf__plan *p, struct tcpbuf_finding found, const char *form,
	const struct tcpbuf__words *words);

/* Each: 0, or -EINVAL after a refusal. */
int tcpbuf__plan_check(struct tcpbuf__plan *p);
int tcpbuf__plan_settings(struct tcpbuf__plan *p);
int tcpbuf__plan_reach(struct tcpbuf__plan *p);
int tcpbuf__plan_memory(struct tcpbuf__plan *p);
int tcpbuf__plan_judge(struct tcpbuf__plan *p);

/* The path of a class; bits_per_second is 1 where no rate is wanted. */
struct tcpbuf_model_path tcpbuf__plan_path(const struct tcpbuf__plan *p, const struct tcpbuf_plan_class *c);

/* The largest buffers of a class under the settings of @end. */
int64_t tcpbuf__plan_rcvbuf(
	const struct tcpbuf__plan *p, const struct tcpbuf_plan_class *c, const struct tcpbuf_model_end *end);
int64_t tcpbuf__plan_sndbuf(
	const struct tcpbuf__plan *p, const struct tcpbuf_plan_class *c, const struct tcpbuf_model_end *end);

#endif
