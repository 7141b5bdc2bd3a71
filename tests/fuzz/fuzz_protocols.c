/* SPDX-License-Identifier: MIT */
/* /proc/net/protocols: what is found stands in some column of a row. */
#include <errno.h>

#include "fuzz.h"
#include "node/node.h"

static int has_number(struct tcpbuf__reader text, uint32_t wanted)
{
	struct tcpbuf__reader word;
	uint64_t value;

	while (tcpbuf__reader_word(&text, &word))
		if (tcpbuf__reader_u64(&word, &value) == 0 && value == wanted)
			return 1;
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tcpbuf__reader text = reader_of(data, size);
	struct tcpbuf__node_raw raw = {0};
	const struct tcpbuf_node *n = &raw.node;
	int err = tcpbuf__node_parse_protocols(text, &raw);

	MUST(err == 0 || err == -EPROTO);
	if (n->valid & TCPBUF_NODE_HAS_TCP)
		MUST(has_number(text, n->tcp_sock_bytes) && has_number(text, n->max_header_bytes));
	if (n->valid & TCPBUF_NODE_HAS_TCP6)
		MUST(has_number(text, n->tcp6_sock_bytes));
	if (n->valid & TCPBUF_NODE_HAS_MPTCP)
		MUST(has_number(text, n->mptcp_sock_bytes));
	if (n->valid & TCPBUF_NODE_HAS_PRESSURE)
		MUST(n->pressure <= 1);
	return 0;
}
