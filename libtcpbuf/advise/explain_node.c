/* SPDX-License-Identifier: MIT */
/* The node's TCP memory: the state of the pressure machine, and who holds it. */
#include "advise/explain.h"

#include <errno.h>
#include <string.h>

#define HOLDERS_NAMED 10
/* In 1/100 percent of the node's use. */
#define HOLDER_SHARE 100u
#define PART_SHARE 1000u

static void add_state(const struct tcpbuf_census_node *n, struct tcpbuf__verdicts *v)
{
	const uint64_t *mem = n->tcp_mem_bytes;
	uint64_t used = n->used_bytes;
	int pressure = n->valid & TCPBUF_CENSUS_NODE_HAS_PRESSURE && n->pressure;
	struct tcpbuf__finding f = {TCPBUF_VERDICT_NODE_FINE, TCPBUF_CERTAINTY_MEASURED,
		tcpbuf__explain_share(used, mem[2]), "# bytes of TCP memory in use, below # where nothing happens; pressure begins above #",
		"nothing", {{(int64_t)used, (int64_t)mem[0], (int64_t)mem[1]}, {0}}};

	if (used > mem[2]) {
		f.code = TCPBUF_VERDICT_NODE_OUT;
		f.evidence = "# bytes of TCP memory in use, above # where the kernel refuses more; pressure begins above #";
		f.words.number[1] = (int64_t)mem[2];
		f.setting = "the holders below first; then net.ipv4.tcp_mem of the node";
	} else if (pressure) {
		f.code = TCPBUF_VERDICT_NODE_PRESSURE;
		f.evidence = "in pressure with # bytes of TCP memory in use: it ends below #, it began above #";
		f.setting = "the holders below first; then net.ipv4.tcp_mem of the node";
	} else if (used > mem[0]) {
		f.code = TCPBUF_VERDICT_NODE_NEAR;
		f.evidence = "# bytes of TCP memory in use, above #: buffers stop to grow; pressure begins above #";
		f.setting = "the holders below, before pressure begins";
	}
	tcpbuf__verdict_add(v, 0, &f);
}

static void add_part(const struct tcpbuf_census_node *n, uint32_t code, int64_t bytes, int64_t sockets,
	const char *evidence, const char *setting, struct tcpbuf__verdicts *v)
{
	uint64_t part = bytes > 0 ? (uint64_t)bytes : 0;
	const struct tcpbuf__finding f = {code, TCPBUF_CERTAINTY_MEASURED,
		tcpbuf__explain_share(part, n->used_bytes), evidence, setting, {{bytes, sockets}, {0}}};

	if (f.share >= PART_SHARE && part > n->error_bar_bytes)
		tcpbuf__verdict_add(v, 0, &f);
}

static void add_parts(const struct tcpbuf_census_node *n, struct tcpbuf__verdicts *v)
{
	add_part(n, TCPBUF_VERDICT_NODE_UNACCEPTED, n->unaccepted_bytes, (int64_t)n->unaccepted_sockets,
		"# bytes in # connections that wait for accept()", "the listening applications: they do not accept", v);
	add_part(n, TCPBUF_VERDICT_NODE_ORPHANED, n->orphaned_bytes, (int64_t)n->orphaned_sockets,
		"# bytes in # sockets that no process has any more", "net.ipv4.tcp_orphan_retries, and the peers that do not read", v);
	add_part(n, TCPBUF_VERDICT_NODE_UNREACHABLE, n->unreachable_bytes, (int64_t)n->unreachable_sockets,
		"# bytes in # sockets or more of namespaces that nothing leads to",
		"deleted pods with unsent data: their peers, or time", v);
}

/* The bigger part of what is held, and what would shrink it. */
static void judge_kind(const struct tcpbuf_census_holder *h, struct tcpbuf__finding *f)
{
	int64_t rmem = (int64_t)h->rmem_alloc_bytes, wmem = (int64_t)h->wmem_queued_bytes;

	f->words.text[0] = "charged ahead";
	f->setting = "nothing: the kernel takes it back when it needs it";
	if (rmem >= wmem && rmem >= h->fwd_alloc_bytes) {
		f->words.text[0] = "received and not read";
		f->setting = "its applications: they read too slowly; net.ipv4.tcp_rmem of its namespace";
	} else if (wmem >= h->fwd_alloc_bytes) {
		f->words.text[0] = "sent and not acknowledged, or waiting to be sent";
		f->setting = "its peers: they read too slowly; TCP_USER_TIMEOUT, net.ipv4.tcp_wmem of its namespace";
	}
}

/* To what buffers may grow: all sockets at the maxima, but at least the limits they have now. */
static int64_t ceiling(const struct tcpbuf_census_holder *h, const struct tcpbuf_explain_end *settings)
{
	double now = (double)h->rcvbuf_bytes + (double)h->sndbuf_bytes, most = now;
	double connected = (double)(h->sockets - (h->sockets < h->states[TCPBUF_SOCK_LISTEN] ? h->sockets
											     : h->states[TCPBUF_SOCK_LISTEN]));

	if (settings->known & TCPBUF_EXPLAIN_KNOWS_SETTINGS)
		most = connected * ((double)settings->rmem_max + (double)settings->wmem_max);
	most = most > now ? most : now;
	return most < 9e18 ? (int64_t)most : INT64_MAX;
}

static const char *name_of(const struct tcpbuf_census_holder *h)
{
	if (h->valid & TCPBUF_CENSUS_HAS_POD)
		return h->pod;
	if (h->valid & TCPBUF_CENSUS_HAS_CGROUP)
		return h->cgroup;
	if (h->valid & TCPBUF_CENSUS_HAS_PROCESS)
		return h->comm;
	return h->label;
}

static void add_holder(const struct tcpbuf_census_node *n, const struct tcpbuf_census_holder *h,
	const struct tcpbuf_explain_end *settings, struct tcpbuf__verdicts *v)
{
	struct tcpbuf__finding f = {TCPBUF_VERDICT_NODE_HOLDER, TCPBUF_CERTAINTY_MEASURED,
		tcpbuf__explain_share((uint64_t)h->held_bytes, n->used_bytes),
		"# bytes in # sockets, mostly $; its buffers allow #; netns #, pid #: $", NULL,
		{{h->held_bytes, (int64_t)h->sockets, ceiling(h, settings), (int64_t)h->netns_inode, h->pid},
			{NULL, name_of(h)}}};

	judge_kind(h, &f);
	tcpbuf__verdict_add(v, 0, &f);
}

/* Each is as long as the first says, so that a caller with longer ones is understood. */
static const struct tcpbuf_explain_end *settings_at(const struct tcpbuf_explain_end *settings, uint32_t index)
{
	if (!settings)
		return NULL;
	return (const struct tcpbuf_explain_end *)(const void *)((const char *)settings + (uint64_t)index * settings->size);
}

static int add_holders(const struct tcpbuf_census_node *n, const char *holders, uint32_t size, uint32_t count,
	const struct tcpbuf_explain_end *settings, struct tcpbuf__verdicts *v)
{
	struct tcpbuf_explain_end facts;
	struct tcpbuf_census_holder h;
	uint32_t named = 0;

	for (uint32_t i = 0; i < count && named < HOLDERS_NAMED; i++) {
		int err = tcpbuf__explain_facts(&facts, settings_at(settings, i));

		if (err)
			return err;
		memset(&h, 0, sizeof(h));
		memcpy(&h, holders + (uint64_t)i * size, size < sizeof(h) ? size : sizeof(h));
		if (h.held_bytes <= 0 ||
			tcpbuf__explain_share((uint64_t)h.held_bytes, n->used_bytes) < HOLDER_SHARE)
			continue;
		add_holder(n, &h, &facts, v);
		named++;
	}
	return 0;
}

int tcpbuf_explain_node(const void *node, uint32_t node_size, const void *holders, uint32_t holder_size,
	uint32_t holder_count, const struct tcpbuf_explain_end *settings, void *out, uint32_t item_size,
	uint32_t count)
{
	const uint64_t needed = TCPBUF_CENSUS_NODE_HAS_USED | TCPBUF_CENSUS_NODE_HAS_LIMITS;
	struct tcpbuf__verdicts v = {out, item_size, count, 0};
	struct tcpbuf_census_node n;
	int err;

	if (!node || node_size < sizeof(n.valid) || !out || !item_size || !count)
		return -EINVAL;
	if (!holders != !holder_count || (holders && holder_size < sizeof(n.valid)))
		return -EINVAL;
	memset(&n, 0, sizeof(n));
	memcpy(&n, node, node_size < sizeof(n) ? node_size : sizeof(n));
	if ((n.valid & needed) != needed)
		return -ENODATA;
	add_state(&n, &v);
	add_parts(&n, &v);
	err = add_holders(&n, holders, holder_size, holder_count, settings, &v);
	return err ? err : (int)v.count;
}
