/* SPDX-License-Identifier: MIT */
/* Counters of /proc/net/netstat: a line of names, then a line of values, each after "TcpExt:". */
#include "node/node.h"

#include <errno.h>
#include <string.h>

#define EVENTS TCPBUF_NODE_EVENT_COUNT

static const char *const names[EVENTS] = {
	[TCPBUF_NODE_EVENT_MEMORY_PRESSURES] = "TCPMemoryPressures",
	[TCPBUF_NODE_EVENT_MEMORY_PRESSURES_MS] = "TCPMemoryPressuresChrono",
	[TCPBUF_NODE_EVENT_PRUNE_CALLED] = "PruneCalled",
	[TCPBUF_NODE_EVENT_RCV_PRUNED] = "RcvPruned",
	[TCPBUF_NODE_EVENT_OFO_PRUNED] = "OfoPruned",
	[TCPBUF_NODE_EVENT_RCV_COLLAPSED] = "TCPRcvCollapsed",
	[TCPBUF_NODE_EVENT_RCV_QUEUE_DROP] = "TCPRcvQDrop",
	[TCPBUF_NODE_EVENT_OFO_DROP] = "TCPOFODrop",
	[TCPBUF_NODE_EVENT_BACKLOG_DROP] = "TCPBacklogDrop",
	[TCPBUF_NODE_EVENT_ZERO_WINDOW_DROP] = "TCPZeroWindowDrop",
	[TCPBUF_NODE_EVENT_TO_ZERO_WINDOW] = "TCPToZeroWindowAdv",
	[TCPBUF_NODE_EVENT_FROM_ZERO_WINDOW] = "TCPFromZeroWindowAdv",
	[TCPBUF_NODE_EVENT_WANT_ZERO_WINDOW] = "TCPWantZeroWindowAdv",
	[TCPBUF_NODE_EVENT_ABORT_ON_MEMORY] = "TCPAbortOnMemory",
	[TCPBUF_NODE_EVENT_WQUEUE_TOO_BIG] = "TCPWqueueTooBig",
	[TCPBUF_NODE_EVENT_BEYOND_WINDOW] = "BeyondWindow",
	[TCPBUF_NODE_EVENT_PFMEMALLOC_DROP] = "PFMemallocDrop",
	[TCPBUF_NODE_EVENT_RCV_COALESCE] = "TCPRcvCoalesce",
	[TCPBUF_NODE_EVENT_BACKLOG_COALESCE] = "TCPBacklogCoalesce",
};

_Static_assert(sizeof(((struct tcpbuf_node_events *)0)->count) == EVENTS * sizeof(uint64_t), "a count each");

const char *tcpbuf_node_event_name(uint32_t event)
{
	return event < EVENTS ? names[event] : NULL;
}

static int find_event(struct tcpbuf__reader name)
{
	int i = 0;

	while (i < EVENTS && !tcpbuf__reader_is(&name, names[i]))
		i++;
	return i;
}

static int parse_values(struct tcpbuf__reader keys, struct tcpbuf__reader values, struct tcpbuf_node_events *out)
{
	struct tcpbuf__reader name;
	uint64_t value;

	while (tcpbuf__reader_word(&keys, &name)) {
		int event = find_event(name);

		if (tcpbuf__reader_u64(&values, &value) != 0)
			return -EPROTO;
		if (event == EVENTS)
			continue;
		out->count[event] = value;
		out->valid |= UINT64_C(1) << event;
	}
	return tcpbuf__reader_blank(&values) ? 0 : -EPROTO;
}

int tcpbuf__node_parse_events(struct tcpbuf__reader text, struct tcpbuf_node_events *out)
{
	struct tcpbuf__reader keys, values, word;

	while (tcpbuf__reader_line(&text, &keys)) {
		if (!tcpbuf__reader_word(&keys, &word) || !tcpbuf__reader_is(&word, "TcpExt:"))
			continue;
		if (!tcpbuf__reader_line(&text, &values) || !tcpbuf__reader_word(&values, &word) ||
			!tcpbuf__reader_is(&word, "TcpExt:"))
			return -EPROTO;
		return parse_values(keys, values, out);
	}
	return -EPROTO;
}

static int read_events(struct tcpbuf__node_dir *dir, void *out, const char **about)
{
	struct tcpbuf__reader text;
	int err;

	*about = "net/netstat";
	err = tcpbuf__node_file(dir, *about, &text);
	return err ? err : tcpbuf__node_parse_events(text, out);
}

int tcpbuf_node_read_events(struct tcpbuf_netns *ns, void *out, uint32_t out_size)
{
	struct tcpbuf_node_events e;
	int err;

	if (!ns || !out)
		return -EINVAL;
	tcpbuf__error_clear(ns->tb);
	memset(&e, 0, sizeof(e));
	err = tcpbuf__node_in_netns(ns, read_events, &e);
	if (!err)
		tcpbuf__copy_out(out, out_size, &e, sizeof(e));
	return err;
}

int tcpbuf_node_read_events_of_pid(struct tcpbuf *tb, uint32_t pid, void *out, uint32_t out_size)
{
	struct tcpbuf_node_events e;
	int err;

	if (!tb || !out)
		return -EINVAL;
	tcpbuf__error_clear(tb);
	memset(&e, 0, sizeof(e));
	err = tcpbuf__node_of_pid(tb, pid, read_events, &e);
	if (!err)
		tcpbuf__copy_out(out, out_size, &e, sizeof(e));
	return err;
}

/* What a caller's reading holds: an older header's is shorter, its missing counters are not valid. */
static struct tcpbuf_node_events take(const void *reading, uint32_t size)
{
	struct tcpbuf_node_events e;
	uint32_t counts;

	memset(&e, 0, sizeof(e));
	memcpy(&e, reading, size < sizeof(e) ? size : sizeof(e));
	counts = (size - (uint32_t)sizeof(e.valid)) / (uint32_t)sizeof(e.count[0]);
	if (counts < EVENTS)
		e.valid &= (UINT64_C(1) << counts) - 1;
	return e;
}

int tcpbuf_node_events_delta(const void *before, const void *after, uint32_t size, void *out, uint32_t out_size)
{
	struct tcpbuf_node_events a, b, delta;

	if (!before || !after || !out || size < sizeof(a.valid))
		return -EINVAL;
	a = take(before, size);
	b = take(after, size);
	memset(&delta, 0, sizeof(delta));
	for (int i = 0; i < EVENTS; i++) {
		uint64_t bit = UINT64_C(1) << i;

		if (!(a.valid & b.valid & bit) || b.count[i] < a.count[i])
			continue;
		delta.count[i] = b.count[i] - a.count[i];
		delta.valid |= bit;
	}
	tcpbuf__copy_out(out, out_size, &delta, sizeof(delta));
	return 0;
}
