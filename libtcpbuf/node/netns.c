/* SPDX-License-Identifier: MIT */
/* How many sockets a namespace has. */
#include "node/node.h"

#include <errno.h>
#include <string.h>

int tcpbuf__node_parse_netns(struct tcpbuf__reader text, struct tcpbuf_node_netns *out)
{
	const struct {
		const char *line;
		const char *key;
		uint64_t *value;
	} pairs[] = {
		{"sockets:", "used", &out->sockets_used},
		{"TCP:", "inuse", &out->tcp},
		{"TCP:", "tw", &out->time_wait},
	};

	for (int i = 0; i < 3; i++)
		if (tcpbuf__node_parse_pair(text, pairs[i].line, pairs[i].key, pairs[i].value) <= 0)
			return -EPROTO;
	out->valid |= TCPBUF_NODE_NETNS_HAS_TCP;
	return 0;
}

int tcpbuf__node_parse_netns6(struct tcpbuf__reader text, struct tcpbuf_node_netns *out)
{
	if (tcpbuf__node_parse_pair(text, "TCP6:", "inuse", &out->tcp6) <= 0)
		return -EPROTO;
	out->valid |= TCPBUF_NODE_NETNS_HAS_TCP6;
	return 0;
}

static int read_netns(struct tcpbuf__node_dir *dir, void *out, const char **about)
{
	struct tcpbuf__reader text;
	int err;

	*about = "net/sockstat";
	err = tcpbuf__node_file(dir, *about, &text);
	if (!err)
		err = tcpbuf__node_parse_netns(text, out);
	if (err)
		return err;
	*about = "net/sockstat6";
	err = tcpbuf__node_file(dir, *about, &text);
	if (!err)
		return tcpbuf__node_parse_netns6(text, out);
	return tcpbuf__node_absent(err) ? 0 : err;
}

int tcpbuf_node_read_netns(struct tcpbuf_netns *ns, void *out, uint32_t out_size)
{
	struct tcpbuf_node_netns n;
	int err;

	if (!ns || !out)
		return -EINVAL;
	tcpbuf__error_clear(ns->tb);
	memset(&n, 0, sizeof(n));
	err = tcpbuf__node_in_netns(ns, read_netns, &n);
	if (!err)
		tcpbuf__copy_out(out, out_size, &n, sizeof(n));
	return err;
}

int tcpbuf_node_read_netns_of_pid(struct tcpbuf *tb, uint32_t pid, void *out, uint32_t out_size)
{
	struct tcpbuf_node_netns n;
	int err;

	if (!tb || !out)
		return -EINVAL;
	tcpbuf__error_clear(tb);
	memset(&n, 0, sizeof(n));
	err = tcpbuf__node_of_pid(tb, pid, read_netns, &n);
	if (!err)
		tcpbuf__copy_out(out, out_size, &n, sizeof(n));
	return err;
}

int tcpbuf_node_may_have_tcp(struct tcpbuf_netns *ns, uint32_t pid, uint32_t bound)
{
	struct tcpbuf_node_netns n;
	int err = -ESRCH;

	if (!ns)
		return -EINVAL;
	if (pid)
		err = tcpbuf_node_read_netns_of_pid(ns->tb, pid, &n, sizeof(n));
	if (err)
		err = tcpbuf_node_read_netns(ns, &n, sizeof(n));
	tcpbuf__error_clear(ns->tb);
	return err || n.tcp || n.tcp6 || n.time_wait || (bound && n.sockets_used);
}
