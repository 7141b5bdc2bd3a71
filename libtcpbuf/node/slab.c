/* SPDX-License-Identifier: MIT */
/* slabinfo(5): "name active total size per-slab pages-per-slab : tunables ... : slabdata active total shared". */
#include "node/node.h"

#include <errno.h>

#define AT(field) offsetof(struct tcpbuf_node, field)

static const struct cache {
	const char *name;
	size_t objects;
	size_t bytes;
} caches[] = {
	{"TCP", AT(slab_sockets), AT(slab_sockets_bytes)},
	{"TCPv6", AT(slab_sockets), AT(slab_sockets_bytes)},
	{"tw_sock_TCP", AT(slab_time_wait), AT(slab_time_wait_bytes)},
	{"tw_sock_TCPv6", AT(slab_time_wait), AT(slab_time_wait_bytes)},
	{"request_sock_TCP", AT(slab_requests), AT(slab_requests_bytes)},
	{"request_sock_TCPv6", AT(slab_requests), AT(slab_requests_bytes)},
};

static uint64_t *field(struct tcpbuf_node *n, size_t offset)
{
	return (uint64_t *)(void *)((char *)n + offset);
}

static const struct cache *find_cache(struct tcpbuf__reader name)
{
	for (size_t i = 0; i < sizeof(caches) / sizeof(caches[0]); i++)
		if (tcpbuf__reader_is(&name, caches[i].name))
			return &caches[i];
	return NULL;
}

/* No count of a running kernel comes near this, and three of them multiply within 64 bits. */
#define COUNT_LIMIT (UINT64_C(1) << 40)
#define PAGES_LIMIT (UINT64_C(1) << 10)

static int parse_cache(struct tcpbuf__reader row, uint64_t *objects, uint64_t *pages)
{
	struct tcpbuf__reader word;
	uint64_t numbers[5], slabs;

	for (int i = 0; i < 5; i++)
		if (tcpbuf__reader_u64(&row, &numbers[i]) != 0)
			return -EPROTO;
	do {
		if (!tcpbuf__reader_word(&row, &word))
			return -EPROTO;
	} while (!tcpbuf__reader_is(&word, "slabdata"));
	/* NOLINTNEXTLINE(misc-redundant-expression): each takes the next word */
	if (tcpbuf__reader_u64(&row, &slabs) != 0 || tcpbuf__reader_u64(&row, &slabs) != 0)
		return -EPROTO;
	if (numbers[0] > COUNT_LIMIT || slabs > COUNT_LIMIT || numbers[4] > PAGES_LIMIT)
		return -EPROTO;
	*objects = numbers[0];
	*pages = slabs * numbers[4];
	return 0;
}

int tcpbuf__node_parse_slab(struct tcpbuf__reader text, struct tcpbuf__node_raw *raw)
{
	struct tcpbuf_node *n = &raw->node;
	struct tcpbuf__reader row, name;
	uint64_t objects, pages;

	while (tcpbuf__reader_line(&text, &row)) {
		const struct cache *cache = tcpbuf__reader_word(&row, &name) ? find_cache(name) : NULL;

		if (!cache)
			continue;
		if (parse_cache(row, &objects, &pages) != 0)
			return -EPROTO;
		*field(n, cache->objects) += objects;
		*field(n, cache->bytes) += pages * n->page_bytes;
		n->valid |= TCPBUF_NODE_HAS_SLAB;
	}
	return 0;
}
