/* SPDX-License-Identifier: MIT */
/* /proc/net/sockstat and sockstat6: what is found is what a file with those numbers gives. */
#include <errno.h>

#include "fuzz.h"
#include "node/node.h"

static void check_node(struct tcpbuf__reader text)
{
	struct tcpbuf__node_raw raw = {0}, again = {0};
	char printed[128];
	int err = tcpbuf__node_parse_sockstat(text, &raw);

	MUST(err == 0 || err == -EPROTO);
	if (err || !(raw.node.valid & TCPBUF_NODE_HAS_USED))
		return;
	snprintf(printed, sizeof(printed), "TCP: inuse 1 orphan %llu tw 2 alloc %llu mem %llu\n",
		(unsigned long long)raw.node.orphans, (unsigned long long)raw.node.sockets,
		(unsigned long long)raw.node.used_pages);
	MUST(tcpbuf__node_parse_sockstat(tcpbuf__reader_init(printed, strlen(printed)), &again) == 0);
	MUST(memcmp(&raw, &again, sizeof(raw)) == 0);
	raw.node.page_bytes = 4096;
	tcpbuf__node_derive(&raw);
}

static void check_netns(struct tcpbuf__reader text)
{
	struct tcpbuf_node_netns n = {0}, again = {0};
	char printed[160];

	if (tcpbuf__node_parse_netns(text, &n) != 0)
		return;
	MUST(n.valid == TCPBUF_NODE_NETNS_HAS_TCP);
	if (tcpbuf__node_parse_netns6(text, &n) != 0)
		return;
	snprintf(printed, sizeof(printed), "sockets: used %llu\nTCP: inuse %llu orphan 0 tw %llu\nTCP6: inuse %llu\n",
		(unsigned long long)n.sockets_used, (unsigned long long)n.tcp, (unsigned long long)n.time_wait,
		(unsigned long long)n.tcp6);
	text = tcpbuf__reader_init(printed, strlen(printed));
	MUST(tcpbuf__node_parse_netns(text, &again) == 0 && tcpbuf__node_parse_netns6(text, &again) == 0);
	MUST(memcmp(&n, &again, sizeof(n)) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check_node(reader_of(data, size));
	check_netns(reader_of(data, size));
	return 0;
}
