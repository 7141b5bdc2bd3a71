/* SPDX-License-Identifier: MIT */
/* The small files of /proc, each parser given the same bytes: a node's, and those of a process. */
#include <errno.h>

#include "census/census.h"
#include "fuzz.h"
#include "node/node.h"

int tcpbuf__census_parse_rights(struct tcpbuf__reader text, uint64_t *mask);

static int (*const parsers[])(struct tcpbuf__reader text, struct tcpbuf__node_raw *raw) = {
	tcpbuf__node_parse_limits,
	tcpbuf__node_parse_reserve,
	tcpbuf__node_parse_online,
	tcpbuf__node_parse_possible,
	tcpbuf__node_parse_slab,
	tcpbuf__node_parse_release,
};

static void check_node(struct tcpbuf__reader text)
{
	struct tcpbuf__node_raw raw = {.node = {.page_bytes = 4096}};
	struct tcpbuf_node *n = &raw.node;

	for (size_t i = 0; i < sizeof(parsers) / sizeof(parsers[0]); i++) {
		int err = parsers[i](text, &raw);

		MUST(err == 0 || err == -EPROTO);
	}
	n->valid |= TCPBUF_NODE_HAS_USED;
	n->used_pages = n->limit_pages[0];
	tcpbuf__node_derive(&raw);
	MUST(n->used_bytes >= n->used_pages);
	for (int i = 0; n->valid & TCPBUF_NODE_HAS_SHARE && i < 3; i++)
		MUST((n->used_share[i] > 10000) == (n->used_bytes > n->limit_bytes[i]) || n->limit_bytes[i] > UINT64_MAX / 20000 ||
			n->used_share[i] == 10000);
}

/* A name with any bytes in it is found again between the parentheses. */
static void check_stat(struct tcpbuf__reader text)
{
	struct tcpbuf_census_holder h = {0}, again = {0};
	char printed[256];

	if (tcpbuf__census_parse_stat(text, &h) != 0)
		return;
	MUST(memchr(h.comm, '\0', sizeof(h.comm)));
	snprintf(printed, sizeof(printed), "1 (%s) S 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 %llu 23", h.comm,
		(unsigned long long)h.start_time);
	MUST(tcpbuf__census_parse_stat(tcpbuf__reader_init(printed, strlen(printed)), &again) == 0);
	MUST(again.start_time == h.start_time && strcmp(h.comm, again.comm) == 0);
}

static void check_rights(struct tcpbuf__reader text)
{
	uint64_t mask = 0, again = 0;
	char printed[64];

	if (tcpbuf__census_parse_rights(text, &mask) != 0)
		return;
	snprintf(printed, sizeof(printed), "Name:\tx\nCapEff:\t%016llx\n", (unsigned long long)mask);
	MUST(tcpbuf__census_parse_rights(tcpbuf__reader_init(printed, strlen(printed)), &again) == 0 && mask == again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tcpbuf__reader text = reader_of(data, size);

	check_node(text);
	check_stat(text);
	check_rights(text);
	return 0;
}
