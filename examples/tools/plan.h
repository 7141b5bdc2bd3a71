/* SPDX-License-Identifier: MIT */
/* What the files of tcpbuf-plan share. */
#ifndef TCPBUF_TOOLS_PLAN_H
#define TCPBUF_TOOLS_PLAN_H

#include "common.h"

#define PLAN_CLASSES 64
#define PLAN_SETTINGS 16
#define PLAN_FINDINGS 256
#define PLAN_STEPS 1024

extern const struct tool plan_tool;

/* The command line, understood. */
struct plan_options {
	const char *netns;
	const char *kernel; /* NULL: the running one */
	const char *format;
	int json, apply;
	uint32_t kubernetes;
	struct tcpbuf_plan_class classes[PLAN_CLASSES];
	uint32_t count;
	/* What replaces facts of this machine; a negative number: not given. */
	int64_t ram, neighbours, cgroup_limit;
	int64_t tcp_mem[3];
	uint32_t flags; /* enum tcpbuf_plan_flag */
};

/* A plan with all its parts. */
struct plan_made {
	struct tcpbuf_rules rules;
	struct tcpbuf_plan_node node;
	struct tcpbuf_plan plan;
	struct tcpbuf_plan_result results[PLAN_CLASSES];
	struct tcpbuf_plan_step steps[PLAN_STEPS];
	struct tcpbuf_finding findings[PLAN_FINDINGS];
	struct tcpbuf_k8s_setting settings[PLAN_SETTINGS]; /* tcp_rmem, tcp_wmem, and what else is to change */
	int step_count, finding_count, setting_count;
};

/* Demands: "connections=10000,rtt=20ms,rate=40M"; each field is an option of its own, too. 0, or EXIT_USAGE. */
const char *plan_field_name(int index); /* NULL beyond the last */
int plan_field_set(struct tcpbuf_plan_class *class, int index, const char *value);
int plan_class_parse(struct tcpbuf_plan_class *class, const char *text);
void plan_class_init(struct tcpbuf_plan_class *class);

/* Amounts: 64K = 65536, 40M = 40000000 where units are 1000. 1 when understood. */
int plan_amount(const char *text, int unit, int64_t *out);

/* Facts of this machine and namespace, as far as the options do not replace them. 0, or an exit code. */
int plan_facts(struct tcpbuf *tb, struct tcpbuf_netns *ns, const struct plan_options *o, struct plan_made *m);

void plan_print_text(const struct plan_options *o, const struct plan_made *m);
void plan_print_json(const struct plan_options *o, const struct plan_made *m);
void plan_print_findings(const struct tcpbuf_finding *findings, int count);
json_t *plan_findings_json(const struct tcpbuf_finding *findings, int count);

/* Where Kubernetes lets a setting be set. */
struct tcpbuf_k8s_target plan_target(const struct plan_options *o, const struct tcpbuf_rules *rules);

/* Verbs. */
int plan_lint(struct tcpbuf *tb, struct tcpbuf_netns *ns, const struct plan_options *o, const char *file);
int plan_check(struct tcpbuf *tb, struct tcpbuf_netns *ns, const struct plan_options *o, const char *file);
int plan_apply(struct tcpbuf *tb, struct tcpbuf_netns *ns, const struct plan_options *o, const struct plan_made *m);

#endif
