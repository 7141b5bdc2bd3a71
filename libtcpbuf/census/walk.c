/* SPDX-License-Identifier: MIT */
/* Every namespace once, and every socket of it into the tables. */
#include "census/census.h"

#include <errno.h>
#include <string.h>

#include "mem/text.h"
#include "netns/netns.h"

#define BATCH 64
/* All but the bound ones, whose search goes over every bound socket of the node again. */
#define STATES 0xffeu

static int add_process(struct tcpbuf_census *c, uint32_t owner, const struct tcpbuf_census_holder *netns,
	const struct tcpbuf_sock *sock)
{
	struct tcpbuf__holders *t = &c->tables[TCPBUF__PROCESS];
	uint32_t pid = owner & ~TCPBUF__OWNER_SHARED;
	int64_t at;

	if (!pid) {
		tcpbuf__census_add_sock(&t->rest, sock, 0);
		return 0;
	}
	at = tcpbuf__holders_get(t, c->tb->sys, TCPBUF__PROCESS, &pid, sizeof(pid));
	if (at < 0)
		return (int)at;
	tcpbuf__census_add_sock(&t->items[at], sock, owner != pid);
	tcpbuf__census_note_netns(&t->items[at], netns->netns_inode);
	return 0;
}

/* No cgroup is charged before accept(): the child of a listener has none, tcp_create_openreq_child(). */
static int add_id(struct tcpbuf_census *c, uint32_t owner, const struct tcpbuf_census_holder *netns,
	const struct tcpbuf_sock *sock)
{
	struct tcpbuf__holders *t = &c->tables[TCPBUF__ID];
	int shared = (owner & TCPBUF__OWNER_SHARED) != 0;
	int64_t at;

	if (!(sock->valid & TCPBUF_SOCK_HAS_CGROUP) ||
		tcpbuf__census_kind(sock) == TCPBUF__SOCK_UNACCEPTED) {
		tcpbuf__census_add_sock(&t->rest, sock, shared);
		return 0;
	}
	at = tcpbuf__holders_get_u64(t, c->tb->sys, TCPBUF__ID, sock->cgroup_id);
	if (at < 0)
		return (int)at;
	tcpbuf__census_add_sock(&t->items[at], sock, shared);
	tcpbuf__census_note_netns(&t->items[at], netns->netns_inode);
	return 0;
}

static int add_socket(struct tcpbuf_census *c, uint32_t owner, const struct tcpbuf_census_holder *netns,
	const struct tcpbuf_sock *sock)
{
	struct tcpbuf__holders *t = &c->tables[TCPBUF__SOCKET];
	int shared = (owner & TCPBUF__OWNER_SHARED) != 0;
	struct tcpbuf_census_holder one;

	if (!(sock->valid & TCPBUF_SOCK_HAS_SKMEM) || !tcpbuf__holders_wants(t, sock->held)) {
		tcpbuf__census_add_sock(&t->rest, sock, shared);
		return 0;
	}
	memset(&one, 0, sizeof(one));
	one.valid = TCPBUF_CENSUS_HAS_SOCKET | TCPBUF_CENSUS_HAS_NETNS;
	one.cookie = sock->cookie;
	one.netns_inode = netns->netns_inode;
	one.cgroup_id = sock->cgroup_id;
	one.pid = owner & ~TCPBUF__OWNER_SHARED;
	one.family = sock->family;
	one.state = sock->state;
	one.local_port = sock->local_port;
	one.remote_port = sock->remote_port;
	memcpy(one.local_address, sock->local_address, sizeof(one.local_address));
	memcpy(one.remote_address, sock->remote_address, sizeof(one.remote_address));
	tcpbuf__census_add_sock(&one, sock, shared);
	return tcpbuf__holders_offer(t, c->tb->sys, c->top, &one);
}

/* The rest of a connection in TIME_WAIT shows as FIN_WAIT2 at first; no other full socket comes without its memory. */
static int lacks_memory(const struct tcpbuf_sock *sock)
{
	const uint32_t none = 1u << TCPBUF_SOCK_TIME_WAIT | 1u << TCPBUF_SOCK_FIN_WAIT2 | 1u << TCPBUF_SOCK_SYN_RECV |
			      1u << TCPBUF_SOCK_NEW_SYN_RECV;

	return !(sock->valid & TCPBUF_SOCK_HAS_SKMEM) && !(none >> (sock->state & 31) & 1);
}

static int add_sock(struct tcpbuf_census *c, const struct tcpbuf__owners *owners,
	struct tcpbuf_census_holder *netns, const struct tcpbuf_sock *sock)
{
	uint32_t owner = owners ? tcpbuf__owners_find(owners, sock->inode) : 0;
	int err;

	if (lacks_memory(sock))
		return -EPROTO;
	tcpbuf__census_add_sock(netns, sock, (owner & TCPBUF__OWNER_SHARED) != 0);
	err = add_id(c, owner, netns, sock);
	if (!err && owners)
		err = add_process(c, owner, netns, sock);
	if (!err && (c->by & TCPBUF_CENSUS_BY_SOCKET))
		err = add_socket(c, owner, netns, sock);
	return err;
}

static int dump(struct tcpbuf_census *c, const struct tcpbuf__owners *owners, struct tcpbuf_netns *ns,
	struct tcpbuf_census_holder *into)
{
	struct tcpbuf_sock_query query = {
		.size = sizeof(query), .states = STATES, .want = TCPBUF_SOCK_WANT_SKMEM};
	struct tcpbuf_sock batch[BATCH];
	struct tcpbuf_sock_iter *it;
	int got = tcpbuf_sock_iter_open(ns, &query, &it), err = 0;

	if (got)
		return got;
	while (!err && (got = tcpbuf_sock_iter_fetch(it, batch, sizeof(batch[0]), BATCH)) > 0)
		for (int i = 0; !err && i < got; i++)
			err = add_sock(c, owners, into, &batch[i]);
	tcpbuf_sock_iter_close(it);
	return err ? err : got;
}

int tcpbuf__census_dump(struct tcpbuf_census *c, const struct tcpbuf__owners *owners, struct tcpbuf_netns *ns,
	struct tcpbuf_census_holder *into)
{
	int err = tcpbuf_netns_cookie(ns, &into->netns_cookie);

	if (tcpbuf__sys_exhausted(err))
		return err;
	if (!err)
		into->valid |= TCPBUF_CENSUS_HAS_COOKIE;
	err = dump(c, owners, ns, into);
	if (err != -EPERM)
		return err;
	c->node.netns_denied++;
	return 0;
}

static int64_t add_netns(struct tcpbuf_census *c, const struct tcpbuf_netns_entry *entry, struct tcpbuf_netns *ns)
{
	struct tcpbuf__holders *t = &c->tables[TCPBUF__NETNS];
	int64_t at = tcpbuf__holders_get_u64(t, c->tb->sys, TCPBUF__NETNS, entry->inode);
	struct tcpbuf_census_holder *h;

	if (at < 0)
		return at;
	h = &t->items[at];
	h->valid |= TCPBUF_CENSUS_HAS_NETNS | TCPBUF_CENSUS_HAS_LABEL;
	tcpbuf__text_copy(h->label, sizeof(h->label), tcpbuf_netns_label(ns));
	if (entry->by == TCPBUF_NETNS_BY_TASK)
		h->pid = entry->pid;
	return at;
}

/* The namespace is the batch's from here on, or closed. */
static int take_netns(struct tcpbuf_census *c, struct tcpbuf__batch *batch,
	const struct tcpbuf_netns_entry *entry, struct tcpbuf_netns *ns)
{
	uint32_t pid = entry->by == TCPBUF_NETNS_BY_TASK ? entry->pid : 0;
	int64_t at = add_netns(c, entry, ns);

	if (at >= 0 && tcpbuf_node_may_have_tcp(ns, pid, 0))
		return tcpbuf__batch_add(batch, ns, (uint32_t)at);
	c->node.netns_empty += at >= 0;
	tcpbuf_netns_close(ns);
	return at < 0 ? (int)at : 0;
}

static int walk(struct tcpbuf_census *c, struct tcpbuf__batch *batch, struct tcpbuf_netns_list *list)
{
	struct tcpbuf_netns_summary summary;
	struct tcpbuf_netns_entry entry;
	struct tcpbuf_netns *ns;
	int more;

	while ((more = tcpbuf_netns_list_next(list, &entry, sizeof(entry))) == 1) {
		more = tcpbuf_netns_open_listed(list, &ns);
		if (!more)
			more = take_netns(c, batch, &entry, ns);
		if (more)
			return more;
	}
	if (!more)
		more = tcpbuf__batch_run(batch);
	if (!more)
		more = tcpbuf_netns_list_summary(list, &summary, sizeof(summary));
	if (more)
		return more;
	c->node.netns = summary.listed;
	c->node.processes_denied = summary.denied;
	return 0;
}

int tcpbuf__census_walk(struct tcpbuf_census *c, const struct tcpbuf__owners *owners, uint32_t threads)
{
	struct tcpbuf__batch batch;
	struct tcpbuf_netns_list *list;
	int err = tcpbuf_netns_list_open(c->tb, &list);

	if (err)
		return err;
	tcpbuf__batch_start(&batch, c, owners, threads);
	err = walk(c, &batch, list);
	tcpbuf__batch_drop(&batch);
	tcpbuf_netns_list_close(list);
	return err;
}
