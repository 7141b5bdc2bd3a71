/* SPDX-License-Identifier: MIT */
/* From classes of connections to a plan, in the order check, settings, reach, memory, judge. */
#include "advise/plan.h"

int tcpbuf__plan_refuse(struct tcpbuf__plan *p, uint32_t reason, const char *form,
	const struct tcpbuf__words *words)
{
	memset(&p->out, 0, sizeof(p->out));
	p->out.reason = reason;
	tcpbuf__say(p->out.text, sizeof(p->out.text), form, words);
	return -EINVAL;
}

void tcpbuf__plan_step(struct tcpbuf__plan *p, uint32_t figure, uint32_t index, int64_t value,
	const char *form, const struct tcpbuf__words *words)
{
	struct tcpbuf_plan_step step = {figure, index, value, {0}};

	tcpbuf__say(step.text, sizeof(step.text), form, words);
	tcpbuf__list_add(&p->steps, &step, sizeof(step));
}

void tcpbuf__plan_find(struct tcpbuf__plan *p, struct tcpbuf_finding found, const char *form,
	const struct tcpbuf__words *words)
{
	tcpbuf__say(found.text, sizeof(found.text), form, words);
	tcpbuf__list_add(&p->findings, &found, sizeof(found));
}

static int read_in(struct tcpbuf__plan *p, const struct tcpbuf_rules *rules,
	const struct tcpbuf_plan_node *node, const char *classes, uint32_t class_size,
	uint32_t count)
{
	int err = tcpbuf__model_rules(&p->rules, rules);

	if (!err)
		err = tcpbuf__copy_in(&p->node, sizeof(p->node), node);
	if (err)
		return err;
	if (p->node.flags & ~(uint32_t)(TCPBUF_PLAN_KEEP | TCPBUF_PLAN_CGROUP_TCP) ||
		tcpbuf__model_reserved(&p->node.current))
		return -EINVAL;
	if ((count && !classes) || count > TCPBUF__PLAN_CLASSES || class_size < sizeof(uint32_t))
		return -EINVAL;
	for (uint32_t i = 0; i < count; i++) {
		const char *from = classes + (uint64_t)i * class_size;
		uint32_t size;

		memcpy(&size, from, sizeof(size));
		if (size > class_size)
			return -EINVAL;
		err = tcpbuf__copy_in(&p->classes[i], sizeof(p->classes[i]), from);
		if (err)
			return err;
		if (p->classes[i].padding)
			return -EINVAL;
		p->classes[i].name[sizeof(p->classes[i].name) - 1] = '\0';
	}
	p->count = count;
	return 0;
}

static int run(struct tcpbuf__plan *p)
{
	int (*const parts[])(struct tcpbuf__plan *) = {tcpbuf__plan_check, tcpbuf__plan_settings,
		tcpbuf__plan_reach, tcpbuf__plan_memory, tcpbuf__plan_judge};
	int err = 0;

	for (uint32_t i = 0; i < sizeof(parts) / sizeof(parts[0]) && !err; i++)
		err = parts[i](p);
	return err;
}

int tcpbuf_plan_make(const struct tcpbuf_rules *rules, const struct tcpbuf_plan_node *node,
	const void *classes, uint32_t class_size, uint32_t count, void *out, uint32_t out_size)
{
	struct tcpbuf__plan p;
	int err;

	if (!out)
		return -EINVAL;
	memset(&p, 0, sizeof(p));
	err = read_in(&p, rules, node, classes, class_size, count);
	if (err)
		return err;
	err = run(&p);
	tcpbuf__copy_out(out, out_size, &p.out, sizeof(p.out));
	return err;
}

int tcpbuf_plan_list(const struct tcpbuf_rules *rules, const struct tcpbuf_plan_node *node,
	const void *classes, uint32_t class_size, uint32_t count, uint32_t what, void *items,
	uint32_t item_size, uint32_t capacity)
{
	struct tcpbuf__list list = {items, item_size, capacity, 0}, *chosen = 0;
	struct tcpbuf__plan p;
	int err;

	memset(&p, 0, sizeof(p));
	if ((capacity && !items) || what < TCPBUF_PLAN_RESULTS_LIST ||
		what > TCPBUF_PLAN_FINDINGS_LIST)
		return -EINVAL;
	if (what != TCPBUF_PLAN_RESULTS_LIST) {
		chosen = what == TCPBUF_PLAN_STEPS_LIST	     ? &p.steps
			 : what == TCPBUF_PLAN_SETTINGS_LIST ? &p.settings
							     : &p.findings;
		*chosen = list;
	}
	err = read_in(&p, rules, node, classes, class_size, count);
	if (!err)
		err = run(&p);
	if (err)
		return err;
	for (uint32_t i = 0; !chosen && i < p.count; i++)
		tcpbuf__list_add(&list, &p.results[i], sizeof(p.results[i]));
	return (int)(chosen ? chosen : &list)->count;
}
