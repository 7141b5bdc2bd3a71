/* SPDX-License-Identifier: MIT */
/* Both ends of a connection, by what a user knows of it. */
#include "explain.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "owner.h"

static void id_of(const struct tcpbuf_sock *sock, struct tcpbuf_sock_id *id)
{
	memset(id, 0, sizeof(*id));
	id->size = sizeof(*id);
	id->family = sock->family;
	id->ifindex = sock->ifindex;
	id->cookie = sock->cookie;
	memcpy(id->local_address, sock->local_address, sizeof(id->local_address));
	memcpy(id->remote_address, sock->remote_address, sizeof(id->remote_address));
	id->local_port = sock->local_port;
	id->remote_port = sock->remote_port;
}

static void turn(const struct tcpbuf_sock *sock, struct tcpbuf_sock_id *id)
{
	id_of(sock, id);
	id->cookie = 0;
	id->ifindex = 0;
	memcpy(id->local_address, sock->remote_address, sizeof(id->local_address));
	memcpy(id->remote_address, sock->local_address, sizeof(id->remote_address));
	id->local_port = sock->remote_port;
	id->remote_port = sock->local_port;
}

static int get(struct tcpbuf_netns *ns, const struct tcpbuf_sock_id *id, struct tcpbuf_sock *out)
{
	return tcpbuf_sock_get(ns, id, out, sizeof(*out));
}

/* What a search looks for in each namespace. */
struct wanted {
	struct tcpbuf_sock_id id;
	uint64_t cookie; /* not 0: this instead of the ends */
};

static int look(struct tcpbuf_netns *ns, const struct wanted *wanted, struct end *end)
{
	int err = wanted->cookie ? tcpbuf_sock_find(ns, wanted->cookie, 0, &end->before, sizeof(end->before))
				 : get(ns, &wanted->id, &end->before);

	if (err)
		return err;
	id_of(&end->before, &end->id);
	end->ns = ns;
	return 0;
}

/* Every namespace of the node; keeps open the one of the hit. */
static int look_everywhere(struct tcpbuf *tb, const struct wanted *wanted, struct end *end)
{
	struct tcpbuf_netns_list *list;
	struct tcpbuf_netns_entry entry;
	struct tcpbuf_netns *ns;
	int err = tcpbuf_netns_list_open(tb, &list);

	if (err)
		return err;
	while (!end->ns && (err = tcpbuf_netns_list_next(list, &entry, sizeof(entry))) == 1) {
		err = tcpbuf_netns_open_listed(list, &ns);
		if (!err && look(ns, wanted, end) != 0)
			tcpbuf_netns_close(ns);
	}
	tcpbuf_netns_list_close(list);
	return end->ns ? 0 : err;
}

static int not_found(const struct tool *tool, const struct target *target)
{
	char *safe = escape_name(target->netns ? target->netns : "self");

	fprintf(stderr, "%s: no such connection in netns \"%s\"\n", tool->name, safe);
	free(safe);
	return EXIT_KERNEL;
}

/* By ends or cookie. */
static int find_named(const struct tool *tool, struct tcpbuf *tb, const struct target *target,
	const struct wanted *wanted, struct end *own)
{
	struct tcpbuf_netns *ns;

	if (target->netns && strcmp(target->netns, "all") == 0) {
		if (look_everywhere(tb, wanted, own) < 0)
			return tool_fail(tool, tb);
		return own->ns ? EXIT_OK : not_found(tool, target);
	}
	if (tcpbuf_netns_open(tb, target->netns ? target->netns : "self", &ns) != 0)
		return tool_fail(tool, tb);
	if (look(ns, wanted, own) == 0)
		return EXIT_OK;
	tool_fail(tool, tb);
	tcpbuf_netns_close(ns);
	return EXIT_KERNEL;
}

static int find_ends(const struct tool *tool, struct tcpbuf *tb, const struct target *target, struct end *own)
{
	struct wanted wanted = {{.size = sizeof(wanted.id)}, target->cookie};
	uint32_t family;

	if (!target->cookie) {
		if (parse_end(target->local, &wanted.id.family, wanted.id.local_address,
			    &wanted.id.local_port) != 0)
			return tool_usage(tool, "not ADDRESS:PORT:", target->local);
		if (parse_end(target->remote, &family, wanted.id.remote_address,
			    &wanted.id.remote_port) != 0 ||
			family != wanted.id.family)
			return tool_usage(tool, "not ADDRESS:PORT of the same family:", target->remote);
	}
	return find_named(tool, tb, target, &wanted, own);
}

/* The other end may be in the same namespace, in any other one, or elsewhere. */
static void find_peer(struct tcpbuf *tb, const struct end *own, struct end *peer)
{
	struct wanted wanted = {.cookie = 0};

	turn(&own->before, &wanted.id);
	if (look(own->ns, &wanted, peer) != 0)
		look_everywhere(tb, &wanted, peer);
}

static uint64_t moved(const struct tcpbuf_sock *sock)
{
	return sock->bytes_acked + sock->bytes_received;
}

/* Bytes that a connection of the process had moved, by its cookie. */
struct mark {
	uint64_t cookie, moved;
};

/* The process's connections: each one's mark, and the one that moved most since its earlier mark. */
static int scan(struct tcpbuf_netns *ns, const struct owner_sockets *sockets, struct mark *marks,
	size_t *count, uint64_t *busiest)
{
	struct tcpbuf_sock_query query = {.size = sizeof(query), .states = 1u << TCPBUF_SOCK_ESTABLISHED};
	struct tcpbuf_sock_iter *it;
	struct tcpbuf_sock sock;
	uint64_t most = 0;
	int ret = tcpbuf_sock_iter_open(ns, &query, &it);

	if (ret)
		return ret;
	while ((ret = tcpbuf_sock_iter_next(it, &sock, sizeof(sock))) == 1) {
		size_t i = 0;

		if (!owner_has(sockets, sock.inode))
			continue;
		while (i < *count && marks[i].cookie != sock.cookie)
			i++;
		if (i == *count && i < sockets->count)
			marks[(*count)++] = (struct mark){sock.cookie, moved(&sock)};
		if (i < *count && moved(&sock) - marks[i].moved >= most) {
			most = moved(&sock) - marks[i].moved;
			*busiest = sock.cookie;
		}
	}
	tcpbuf_sock_iter_close(it);
	return ret;
}

static int find_busiest(const struct tool *tool, struct tcpbuf *tb, const struct target *target, struct end *own)
{
	struct wanted wanted = {.cookie = 0};
	struct owner_sockets sockets;
	struct tcpbuf_netns *ns;
	struct mark *marks;
	size_t count = 0;
	int err;

	if (owner_sockets(target->pid, &sockets) != 0) {
		fprintf(stderr, "%s: cannot look into process %u: %s\n", tool->name, target->pid, strerror(errno));
		return EXIT_KERNEL;
	}
	if (tcpbuf_netns_open_pid(tb, target->pid, &ns) != 0) {
		free(sockets.inodes);
		return tool_fail(tool, tb);
	}
	marks = calloc(sockets.count + 1, sizeof(*marks));
	if (!marks)
		abort();
	err = scan(ns, &sockets, marks, &count, &wanted.cookie);
	explain_wait(target->interval_ms);
	if (!err)
		err = scan(ns, &sockets, marks, &count, &wanted.cookie);
	free(marks);
	free(sockets.inodes);
	if (!err && wanted.cookie && look(ns, &wanted, own) == 0)
		return EXIT_OK;
	if (err)
		tool_fail(tool, tb);
	else
		fprintf(stderr, "%s: process %u has no established TCP connection\n", tool->name, target->pid);
	tcpbuf_netns_close(ns);
	return EXIT_KERNEL;
}

int explain_find(const struct tool *tool, struct tcpbuf *tb, const struct target *target, struct end *own,
	struct end *peer)
{
	int code = target->pid ? find_busiest(tool, tb, target, own) : find_ends(tool, tb, target, own);

	if (code == EXIT_OK)
		find_peer(tb, own, peer);
	return code;
}
