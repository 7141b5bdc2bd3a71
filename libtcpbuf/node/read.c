/* SPDX-License-Identifier: MIT */
#include "node/node.h"

#include <errno.h>
#include <string.h>

/* Without the first there is no record. */
static const struct source {
	const char *name;
	int (*parse)(struct tcpbuf__reader text, struct tcpbuf__node_raw *raw);
} sources[] = {
	{"net/sockstat", tcpbuf__node_parse_sockstat},
	{"net/protocols", tcpbuf__node_parse_protocols},
	{"stat", tcpbuf__node_parse_online},
	{"softirqs", tcpbuf__node_parse_possible},
	{"slabinfo", tcpbuf__node_parse_slab},
	{"sys/kernel/osrelease", tcpbuf__node_parse_release},
};

/* Shown in the machine's first namespace only. */
static const struct source limits[] = {
	{"sys/net/ipv4/tcp_mem", tcpbuf__node_parse_limits},
	{"sys/net/core/mem_pcpu_rsv", tcpbuf__node_parse_reserve},
};

static int read_source(struct tcpbuf__node_dir *dir, const struct source *source, struct tcpbuf__node_raw *raw)
{
	struct tcpbuf__reader text;
	int err = tcpbuf__node_file(dir, source->name, &text);

	if (!err)
		err = source->parse(text, raw);
	else if (source != sources && tcpbuf__node_absent(err))
		err = 0;
	return err ? tcpbuf__node_fail(dir->tb, err, source->name, NULL) : 0;
}

int tcpbuf__node_limits(struct tcpbuf__node_dir *dir, struct tcpbuf__node_raw *raw)
{
	int err = read_source(dir, &limits[0], raw);

	return err ? err : read_source(dir, &limits[1], raw);
}

static int read_sources(struct tcpbuf__node_dir *dir, struct tcpbuf__node_raw *raw)
{
	int err = 0;

	for (size_t i = 0; !err && i < sizeof(sources) / sizeof(sources[0]); i++)
		err = read_source(dir, &sources[i], raw);
	if (!err && !(raw->node.valid & TCPBUF_NODE_HAS_USED))
		err = tcpbuf__node_fail(dir->tb, -EPROTO, sources[0].name, NULL);
	return err ? err : tcpbuf__node_limits(dir, raw);
}

int tcpbuf_node_read(struct tcpbuf *tb, void *out, uint32_t out_size)
{
	struct tcpbuf__node_raw raw;
	struct tcpbuf__node_dir dir;
	int err;

	if (!tb || !out)
		return -EINVAL;
	tcpbuf__error_clear(tb);
	memset(&raw, 0, sizeof(raw));
	raw.node.page_bytes = tb->sys->page_size();
	err = tcpbuf__node_open(&dir, tb, tb->roots[TCPBUF_ROOT_PROC], "");
	if (err)
		return tcpbuf__node_fail(tb, err, tb->roots[TCPBUF_ROOT_PROC], NULL);
	err = read_sources(&dir, &raw);
	tcpbuf__node_close(&dir);
	if (!err && !(raw.node.valid & TCPBUF_NODE_HAS_LIMITS))
		err = tcpbuf__node_visit_first(tb, &raw);
	if (err)
		return err;
	tcpbuf__node_derive(&raw);
	tcpbuf__copy_out(out, out_size, &raw.node, sizeof(raw.node));
	return 0;
}
