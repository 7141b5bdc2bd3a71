/* SPDX-License-Identifier: MIT */
/* What shows in the machine's first namespace alone, read from another one. */
#include "node/node.h"

#include <errno.h>

static int read_there(struct tcpbuf_netns *ns, void *arg)
{
	struct tcpbuf__node_raw *raw = arg;
	struct tcpbuf__node_dir dir;
	int err = tcpbuf__node_open(&dir, ns->tb, ns->proc_root, "");

	if (err)
		return err;
	err = tcpbuf__node_limits(&dir, raw);
	tcpbuf__node_close(&dir);
	return err;
}

static int visit_process(struct tcpbuf *tb, uint32_t pid, struct tcpbuf__node_raw *raw)
{
	struct tcpbuf_netns *ns;
	int err = tcpbuf_netns_open_pid(tb, pid, &ns);

	if (err)
		return err == -ESRCH ? -ENOENT : err;
	err = tcpbuf__netns_visit(ns, read_there, raw);
	tcpbuf_netns_close(ns);
	return err;
}

/* Process 1 is there on a node; some refuse to be looked into, but kthreadd, process 2, does not. */
int tcpbuf__node_visit_first(struct tcpbuf *tb, struct tcpbuf__node_raw *raw)
{
	for (uint32_t pid = 1; pid <= 2 && !(raw->node.valid & TCPBUF_NODE_HAS_LIMITS); pid++) {
		int err = visit_process(tb, pid, raw);

		if (err && !tcpbuf__node_absent(err))
			return tcpbuf__node_fail(tb, err, "sys/net/ipv4/tcp_mem", NULL);
	}
	tcpbuf__error_clear(tb);
	return 0;
}
