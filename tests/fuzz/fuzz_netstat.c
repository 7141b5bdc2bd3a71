/* SPDX-License-Identifier: MIT */
/* /proc/net/netstat: the counters found, printed as the kernel does, are found again. */
#include <errno.h>

#include "fuzz.h"
#include "node/node.h"

#define LINE_MOST 2048

static void check_again(const struct tcpbuf_node_events *e)
{
	char names[LINE_MOST] = "TcpExt:", values[LINE_MOST] = "TcpExt:", both[2 * LINE_MOST];
	struct tcpbuf_node_events again = {0}, delta;

	for (uint32_t i = 0; i < TCPBUF_NODE_EVENT_COUNT; i++) {
		if (!(e->valid & UINT64_C(1) << i))
			continue;
		snprintf(names + strlen(names), sizeof(names) - strlen(names), " %s", tcpbuf_node_event_name(i));
		snprintf(values + strlen(values), sizeof(values) - strlen(values), " %llu",
			(unsigned long long)e->count[i]);
	}
	snprintf(both, sizeof(both), "%s\n%s\n", names, values);
	MUST(tcpbuf__node_parse_events(tcpbuf__reader_init(both, strlen(both)), &again) == 0);
	MUST(memcmp(e, &again, sizeof(again)) == 0);
	MUST(tcpbuf_node_events_delta(e, &again, sizeof(again), &delta, sizeof(delta)) == 0);
	MUST(delta.valid == e->valid);
	for (int i = 0; i < TCPBUF_NODE_EVENT_COUNT; i++)
		MUST(delta.count[i] == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tcpbuf_node_events e = {0};
	int err = tcpbuf__node_parse_events(reader_of(data, size), &e);

	MUST(err == 0 || err == -EPROTO);
	MUST(e.valid >> TCPBUF_NODE_EVENT_COUNT == 0);
	if (!err)
		check_again(&e);
	return 0;
}
