/* SPDX-License-Identifier: MIT */
/* What this machine and namespace are like, and the plan for them. */
#include <string.h>
#include <unistd.h>

#include "plan.h"

static int64_t number_of(struct tcpbuf_netns *ns, uint32_t key, int64_t otherwise)
{
	struct tcpbuf_value value;

	return tcpbuf_sysctl_get(ns, key, &value, sizeof(value)) == 0 ? value.numbers[0] : otherwise;
}

static int triple_of(struct tcpbuf_netns *ns, uint32_t key, int64_t *out)
{
	struct tcpbuf_value value;
	int err = tcpbuf_sysctl_get(ns, key, &value, sizeof(value));

	if (!err)
		memcpy(out, value.numbers, sizeof(value.numbers));
	return err;
}

/* Not shown in other namespaces before Linux 6.11: then as the kernel starts. */
static int64_t core_max(struct tcpbuf_netns *ns, uint32_t key, const struct tcpbuf_rules *rules)
{
	struct tcpbuf_key_info info = {0};

	tcpbuf_key_describe(&rules->keys, key, &info, sizeof(info));
	return number_of(ns, key, info.initial[0]);
}

static int read_settings(struct tcpbuf *tb, struct tcpbuf_netns *ns, struct plan_made *m)
{
	struct tcpbuf_model_end *e = &m->node.current;
	struct tcpbuf_value cc = {0};

	if (triple_of(ns, TCPBUF_KEY_TCP_RMEM, e->rmem) != 0 || triple_of(ns, TCPBUF_KEY_TCP_WMEM, e->wmem) != 0)
		return tool_fail(&plan_tool, tb);
	e->rmem_max = core_max(ns, TCPBUF_KEY_CORE_RMEM_MAX, &m->rules);
	e->wmem_max = core_max(ns, TCPBUF_KEY_CORE_WMEM_MAX, &m->rules);
	e->adv_win_scale = (int32_t)number_of(ns, TCPBUF_KEY_TCP_ADV_WIN_SCALE, 1);
	e->app_win = (uint32_t)number_of(ns, TCPBUF_KEY_TCP_APP_WIN, 31);
	e->window_scaling = number_of(ns, TCPBUF_KEY_TCP_WINDOW_SCALING, 1) != 0;
	e->timestamps = number_of(ns, TCPBUF_KEY_TCP_TIMESTAMPS, 1) != 0;
	e->signed_windows = number_of(ns, TCPBUF_KEY_TCP_WORKAROUND_SIGNED_WINDOWS, 0) != 0;
	tcpbuf_sysctl_get(ns, TCPBUF_KEY_TCP_CONGESTION_CONTROL, &cc, sizeof(cc));
	e->sndbuf_factor = strcmp(cc.text, "bbr") == 0 ? 3 : 2;
	m->node.moderate_rcvbuf = number_of(ns, TCPBUF_KEY_TCP_MODERATE_RCVBUF, 1) != 0;
	return 0;
}

/* The size of a socket is the running kernel's. */
static void read_node(struct tcpbuf *tb, const struct plan_options *o, struct plan_made *m)
{
	struct tcpbuf_node node;

	m->node.ram_bytes = (int64_t)sysconf(_SC_PHYS_PAGES) * sysconf(_SC_PAGESIZE);
	if (tcpbuf_node_read(tb, &node, sizeof(node)) != 0)
		return;
	if (node.valid & TCPBUF_NODE_HAS_LIMITS)
		for (int i = 0; i < 3; i++)
			m->node.tcp_mem[i] = (int64_t)node.limit_pages[i];
	if (node.valid & TCPBUF_NODE_HAS_USED)
		m->node.neighbour_bytes = (int64_t)node.used_bytes;
	if (node.valid & TCPBUF_NODE_HAS_TCP && !o->kernel)
		m->node.socket_bytes = node.tcp_sock_bytes;
}

static void replace(const struct plan_options *o, struct plan_made *m)
{
	if (o->ram >= 0)
		m->node.ram_bytes = o->ram;
	if (o->neighbours >= 0)
		m->node.neighbour_bytes = o->neighbours;
	if (o->cgroup_limit >= 0)
		m->node.cgroup_limit_bytes = o->cgroup_limit;
	if (o->tcp_mem[0] >= 0)
		memcpy(m->node.tcp_mem, o->tcp_mem, sizeof(o->tcp_mem));
	m->node.flags = o->flags;
}

static void add_setting(struct plan_made *m, uint32_t key, const int64_t *numbers)
{
	struct tcpbuf_k8s_setting *s = &m->settings[m->setting_count++];

	snprintf(s->key, sizeof(s->key), "%s", tcpbuf_key_name(key));
	snprintf(s->value, sizeof(s->value), "%lld %lld %lld", (long long)numbers[0], (long long)numbers[1],
		(long long)numbers[2]);
}

static int list(const struct plan_options *o, struct plan_made *m, uint32_t what, void *items, size_t size,
	uint32_t capacity)
{
	int count = tcpbuf_plan_list(&m->rules, &m->node, o->classes, sizeof(o->classes[0]), o->count, what, items,
		(uint32_t)size, capacity);

	return count > (int)capacity ? (int)capacity : count;
}

/* The two triples always, so that a saved plan can be checked; other keys when they change. */
static void collect_settings(const struct plan_options *o, struct plan_made *m)
{
	struct tcpbuf_k8s_setting changed[PLAN_SETTINGS - 2];
	int count = list(o, m, TCPBUF_PLAN_SETTINGS_LIST, changed, sizeof(changed[0]), PLAN_SETTINGS - 2);

	m->setting_count = 0;
	add_setting(m, TCPBUF_KEY_TCP_RMEM, m->plan.rmem);
	add_setting(m, TCPBUF_KEY_TCP_WMEM, m->plan.wmem);
	for (int i = 0; i < count; i++)
		if (strcmp(changed[i].key, m->settings[0].key) != 0 && strcmp(changed[i].key, m->settings[1].key) != 0)
			m->settings[m->setting_count++] = changed[i];
}

static int make(const struct plan_options *o, struct plan_made *m)
{
	if (tcpbuf_plan_make(&m->rules, &m->node, o->classes, sizeof(o->classes[0]), o->count, &m->plan,
		    sizeof(m->plan)) != 0) {
		fprintf(stderr, "%s: %s\n", plan_tool.name, m->plan.text);
		return EXIT_USAGE;
	}
	list(o, m, TCPBUF_PLAN_RESULTS_LIST, m->results, sizeof(m->results[0]), PLAN_CLASSES);
	m->step_count = list(o, m, TCPBUF_PLAN_STEPS_LIST, m->steps, sizeof(m->steps[0]), PLAN_STEPS);
	m->finding_count = list(o, m, TCPBUF_PLAN_FINDINGS_LIST, m->findings, sizeof(m->findings[0]), PLAN_FINDINGS);
	collect_settings(o, m);
	return 0;
}

int plan_facts(struct tcpbuf *tb, struct tcpbuf_netns *ns, const struct plan_options *o, struct plan_made *m)
{
	int code;

	memset(m, 0, sizeof(*m));
	code = tool_rules(&plan_tool, o->kernel, &m->rules);
	if (code)
		return code;
	m->node.size = sizeof(m->node);
	code = read_settings(tb, ns, m);
	if (code)
		return code;
	read_node(tb, o, m);
	replace(o, m);
	return make(o, m);
}
