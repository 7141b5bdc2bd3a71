/* SPDX-License-Identifier: MIT */
/* The node's memory, the sockets and events of a namespace, and what kernel this is. */
#include "faults.h"

#include <errno.h>

#include "check_main.h"
#include "fault.h"

static int64_t read_node(struct stage *s)
{
	struct tcpbuf_node node;
	int64_t code = CALLED(s, tcpbuf_node_read, s->tb, &node, sizeof(node));

	if (code)
		return code;
	found_groups(s, node.valid);
	found(s, "%llu %u %u %u", (unsigned long long)node.limit_pages[2], node.reserve_pages, node.max_header_bytes,
		node.cpus_possible);
	return 0;
}

static int64_t tell_netns(struct stage *s, int64_t code, const struct tcpbuf_node_netns *n)
{
	if (code)
		return code;
	found_groups(s, n->valid);
	found(s, "%llu %llu", (unsigned long long)n->tcp, (unsigned long long)n->tcp6);
	return 0;
}

static int64_t read_netns(struct stage *s)
{
	struct tcpbuf_node_netns n;
	int64_t code = CALLED(s, tcpbuf_node_read_netns, s->ns, &n, sizeof(n));

	return tell_netns(s, code, &n);
}

static int64_t read_netns_of_pid(struct stage *s)
{
	struct tcpbuf_node_netns n;
	int64_t code = CALLED(s, tcpbuf_node_read_netns_of_pid, s->tb, (uint32_t)web.pid, &n, sizeof(n));

	return tell_netns(s, code, &n);
}

/* By its process and then by itself: what cannot be read is never taken for empty. */
static int64_t may_have_tcp(struct stage *s)
{
	return CALLED(s, tcpbuf_node_may_have_tcp, s->ns, (uint32_t)web.pid, 0);
}

static int64_t tell_events(struct stage *s, int64_t code, const struct tcpbuf_node_events *e)
{
	if (code == 0)
		found_groups(s, e->valid);
	return code;
}

static int64_t read_events(struct stage *s)
{
	struct tcpbuf_node_events e;
	int64_t code = CALLED(s, tcpbuf_node_read_events, s->ns, &e, sizeof(e));

	return tell_events(s, code, &e);
}

static int64_t read_events_of_pid(struct stage *s)
{
	struct tcpbuf_node_events e;
	int64_t code = CALLED(s, tcpbuf_node_read_events_of_pid, s->tb, (uint32_t)web.pid, &e, sizeof(e));

	return tell_events(s, code, &e);
}

/* A rule may go unseen, but what is said to be seen is so; a file that is gone, a value refused, is another kernel's. */
static int64_t tell_kernel(struct stage *s, int64_t code, const struct tcpbuf_kernel *k)
{
	static struct tcpbuf_kernel first;
	uint64_t seen = 0;

	if (code)
		return code;
	if (!first.known[0])
		first = *k;
	for (uint32_t rule = 0; *tcpbuf_kernel_rule_name(rule); rule++) {
		int64_t value = tcpbuf_kernel_rule_value(k, rule);

		if (k->known[rule] != TCPBUF_KERNEL_SEEN)
			continue;
		seen |= UINT64_C(1) << rule;
		ck_assert_msg(fault.code == -ENOENT || fault.code == -EINVAL || first.known[rule] != TCPBUF_KERNEL_SEEN ||
				value == tcpbuf_kernel_rule_value(&first, rule),
			"%s is seen as %lld", tcpbuf_kernel_rule_name(rule), (long long)value);
	}
	found_groups(s, seen);
	return 0;
}

static int64_t read_kernel(struct stage *s)
{
	struct tcpbuf_kernel k;
	int64_t code = CALLED(s, tcpbuf_kernel_read, s->tb, &k, sizeof(k));

	return tell_kernel(s, code, &k);
}

static int64_t probe_kernel(struct stage *s)
{
	struct tcpbuf_kernel k;
	int64_t code = CALLED(s, tcpbuf_kernel_probe, s->tb, &k, sizeof(k));

	return tell_kernel(s, code, &k);
}

static const struct operation items[] = {
	{"tcpbuf_node_read", NULL, read_node, "read "},
	{"tcpbuf_node_read_netns", ready_web, read_netns, "in netns \"fd "},
	{"tcpbuf_node_read_netns_of_pid", NULL, read_netns_of_pid, "in netns \"pid "},
	{"tcpbuf_node_may_have_tcp", ready_web, may_have_tcp, "in netns \"fd "},
	{"tcpbuf_node_read_events", ready_web, read_events, "in netns \"fd "},
	{"tcpbuf_node_read_events_of_pid", NULL, read_events_of_pid, "in netns \"pid "},
	{"tcpbuf_kernel_read", NULL, read_kernel, "read "},
	{"tcpbuf_kernel_probe", NULL, probe_kernel, " "},
};
const struct operations node_operations = {items, sizeof(items) / sizeof(items[0])};
