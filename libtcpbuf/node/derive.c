/* SPDX-License-Identifier: MIT */
/* What follows from what was read. */
#include "node/node.h"

#define RELEASE(major, minor) ((uint32_t)(major) << 16 | (minor))
#define RESERVE_BYTES (1 << 20) /* SK_MEMORY_PCPU_RESERVE, include/net/sock.h, 6.0 */
#define QUANTUM 4096            /* SK_MEM_QUANTUM, include/net/sock.h, up to 5.19 */

static uint64_t times(uint64_t a, uint64_t b)
{
	return b && a > UINT64_MAX / b ? UINT64_MAX : a * b;
}

/* Up to 5.19 the counter is in quanta of 4 KiB whatever a page is; tcp_mem is in pages in all kernels. */
static void derive_used(struct tcpbuf__node_raw *raw)
{
	struct tcpbuf_node *n = &raw->node;
	int quanta = raw->release && raw->release < RELEASE(6, 0) && n->page_bytes > QUANTUM;

	n->used_bytes = times(n->used_pages, quanta ? QUANTUM : n->page_bytes);
	if (quanta)
		n->used_pages = n->used_bytes / n->page_bytes + (n->used_bytes % n->page_bytes != 0);
}

static uint32_t share(uint64_t used, uint64_t limit)
{
	uint64_t part;

	if (!used)
		return 0;
	while (used > UINT64_MAX / 10000) {
		used >>= 1;
		limit >>= 1;
	}
	part = limit ? used * 10000 / limit : UINT64_MAX;
	return part > UINT32_MAX ? UINT32_MAX : (uint32_t)part;
}

static void derive_limits(struct tcpbuf_node *n)
{
	for (int i = 0; i < 3; i++) {
		n->limit_bytes[i] = times(n->limit_pages[i], n->page_bytes);
		if (n->valid & TCPBUF_NODE_HAS_USED)
			n->used_share[i] = share(n->used_bytes, n->limit_bytes[i]);
	}
	if (n->valid & TCPBUF_NODE_HAS_USED)
		n->valid |= TCPBUF_NODE_HAS_SHARE;
}

/* sk_memory_allocated_add(): since 6.0 each CPU counts up to its reserve by itself. */
static void derive_error_bar(struct tcpbuf__node_raw *raw)
{
	struct tcpbuf_node *n = &raw->node;
	int known = raw->has_reserve || raw->release;

	if (!raw->has_reserve && raw->release >= RELEASE(6, 0))
		n->reserve_pages = RESERVE_BYTES / n->page_bytes;
	if (!known || (!(n->valid & TCPBUF_NODE_HAS_CPUS) && n->reserve_pages))
		return;
	n->error_pages = times(n->cpus_online, n->reserve_pages);
	n->error_bytes = times(n->error_pages, n->page_bytes);
	n->valid |= TCPBUF_NODE_HAS_ERROR_BAR;
}

void tcpbuf__node_derive(struct tcpbuf__node_raw *raw)
{
	struct tcpbuf_node *n = &raw->node;

	if (n->cpus_online && n->cpus_possible)
		n->valid |= TCPBUF_NODE_HAS_CPUS;
	else
		n->cpus_online = n->cpus_possible = 0;
	if (n->valid & TCPBUF_NODE_HAS_USED)
		derive_used(raw);
	if (n->valid & TCPBUF_NODE_HAS_LIMITS)
		derive_limits(n);
	derive_error_bar(raw);
}
