/* SPDX-License-Identifier: MIT */
/* TCP sockets of a namespace, or of all, with what they hold and their windows. */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"
#include "owner.h"
#include "sock_filter.h"
#include "sock_show.h"

#define BATCH 64

static const struct tool tool = {"tcpbuf-sockets",
	"Usage: tcpbuf-sockets [OPTION]...\n"
	"List the TCP sockets of a network namespace with their memory and windows.\n"
	"\n"
	"  -N, --netns WHICH        self (default), a process id, a /path, an ip-netns(8) name, or all\n"
	"  -s, --state NAME,...     only these states: ESTAB, LISTEN, ...\n"
	"  -l, --local ADDRESS[/BITS]     only sockets with this local address\n"
	"  -r, --remote ADDRESS[/BITS]    only sockets with this remote address\n"
	"  -L, --local-port PORT[-PORT]   only sockets with this local port\n"
	"  -R, --remote-port PORT[-PORT]  only sockets with this remote port\n"
	"  -m, --mark MARK[/MASK]   only sockets with this SO_MARK\n"
	"  -c, --cgroup ID|DIR      only sockets made in this cgroup of the v2 hierarchy\n"
	"  -p, --pid PID            only sockets that this process has open, in its namespace unless -N says another\n"
	"  -j, --json               JSON: every field that the kernel gave\n"
	"  -h, --help               this text\n"
	"  -V, --version            version\n"
	"\n"
	"HELD is what the socket is charged: receive queue, send queue and memory charged ahead.\n"
	"RCVBUF and SNDBUF are limits. A field that the kernel does not give is '-'.\n"
	"Exit status: 0 ok, 1 usage, 2 kernel or permission, 3 partial result.\n"};

/* What is asked for, and where it goes. */
struct listing {
	struct tcpbuf_sock_query query;
	const char *netns;
	uint32_t pid; /* 0: of any process */
	char pid_text[16];
	struct owner_sockets owned;
	int json;
	struct json_stream stream;
	struct libscols_table *table;
	int partial;
	int shown; /* 1: at least one socket */
};

static void show(struct listing *l, const struct tcpbuf_sock *sock, uint64_t netns_inode)
{
	if (l->pid && !owner_has(&l->owned, sock->inode))
		return;
	l->shown = 1;
	if (l->json)
		json_stream_add(&l->stream, sock_json(sock, netns_inode));
	else
		sock_row(l->table, sock, netns_inode);
}

/* Returns 0, or a negative errno: some sockets are missing. */
static int list(struct listing *l, struct tcpbuf_netns *ns)
{
	uint64_t inode = tcpbuf_netns_inode(ns);
	struct tcpbuf_sock batch[BATCH];
	struct tcpbuf_sock_iter *it;
	int got = tcpbuf_sock_iter_open(ns, &l->query, &it);

	if (got)
		return got;
	while ((got = tcpbuf_sock_iter_fetch(it, batch, sizeof(batch[0]), BATCH)) > 0)
		for (int i = 0; i < got; i++)
			show(l, &batch[i], inode);
	tcpbuf_sock_iter_close(it);
	return got;
}

static void begin(struct listing *l)
{
	if (l->json)
		fputs("{\"sockets\": [", stdout);
	else
		l->table = sock_table();
}

static void end(struct listing *l)
{
	if (l->json)
		printf("\n]%s}\n", l->partial ? ", \"partial\": true" : "");
	else
		table_print(l->table);
}

static int list_one(struct tcpbuf *tb, struct listing *l)
{
	struct tcpbuf_netns *ns;
	int err = tcpbuf_netns_open(tb, l->netns, &ns);

	if (err)
		return tool_fail(&tool, tb);
	begin(l);
	err = list(l, ns);
	l->partial = err != 0;
	end(l);
	if (err)
		tool_fail(&tool, tb);
	tcpbuf_netns_close(ns);
	if (err)
		return l->shown ? EXIT_PARTIAL : EXIT_KERNEL;
	return EXIT_OK;
}

/* A dump walks every socket of the node: not for a namespace without any. */
static int list_unless_empty(
	struct listing *l, const struct tcpbuf_netns_entry *entry, struct tcpbuf_netns *ns)
{
	uint32_t pid = entry->by == TCPBUF_NETNS_BY_TASK ? entry->pid : 0;

	if (!tcpbuf_node_may_have_tcp(ns, pid, l->query.states >> TCPBUF_SOCK_BOUND_INACTIVE & 1))
		return 0;
	return list(l, ns);
}

/* A namespace that cannot be listed is told, and the others are listed. */
static void list_listed(struct tcpbuf *tb, struct listing *l, const struct tcpbuf_netns_entry *entry,
	struct tcpbuf_netns_list *all)
{
	struct tcpbuf_netns *ns;

	if (tcpbuf_netns_open_listed(all, &ns) != 0 || list_unless_empty(l, entry, ns) != 0) {
		tool_fail(&tool, tb);
		l->partial = 1;
	}
	tcpbuf_netns_close(ns);
}

static int list_all(struct tcpbuf *tb, struct listing *l)
{
	struct tcpbuf_netns_summary summary;
	struct tcpbuf_netns_entry entry;
	struct tcpbuf_netns_list *all;
	int more;

	if (tcpbuf_netns_list_open(tb, &all) != 0)
		return tool_fail(&tool, tb);
	begin(l);
	while ((more = tcpbuf_netns_list_next(all, &entry, sizeof(entry))) == 1)
		list_listed(tb, l, &entry, all);
	if (more < 0)
		tool_fail(&tool, tb);
	tcpbuf_netns_list_summary(all, &summary, sizeof(summary));
	if (summary.denied)
		fprintf(stderr, "%s: %llu processes or paths may not be looked into: namespaces may be missing\n",
			tool.name, (unsigned long long)summary.denied);
	l->partial |= more < 0 || summary.denied;
	end(l);
	tcpbuf_netns_list_close(all);
	return l->partial ? EXIT_PARTIAL : EXIT_OK;
}

static int run(struct tcpbuf *tb, struct listing *l)
{
	int code;

	if (l->pid && owner_sockets(l->pid, &l->owned) != 0) {
		fprintf(stderr, "%s: cannot list the sockets of process %u: %s\n", tool.name, l->pid,
			errno == ENOENT ? "no such process" : strerror(errno));
		return EXIT_KERNEL;
	}
	snprintf(l->pid_text, sizeof(l->pid_text), "%u", l->pid);
	if (!l->netns)
		l->netns = l->pid ? l->pid_text : "self";
	code = strcmp(l->netns, "all") == 0 ? list_all(tb, l) : list_one(tb, l);
	free(l->owned.inodes);
	return code;
}

/* An option's word into the listing. Returns NULL, or what is wrong with it. */
static const char *take(struct listing *l, int option, const char *word)
{
	struct tcpbuf_sock_query *q = &l->query;

	switch (option) {
	case 'N':
		l->netns = word;
		return NULL;
	case 's':
		return filter_states(word, q);
	case 'l':
		return filter_address(word, &q->local_family, q->local_address, &q->local_prefix);
	case 'r':
		return filter_address(word, &q->remote_family, q->remote_address, &q->remote_prefix);
	case 'L':
		return filter_ports(word, &q->local_port_min, &q->local_port_max);
	case 'R':
		return filter_ports(word, &q->remote_port_min, &q->remote_port_max);
	case 'm':
		return filter_mark(word, q);
	case 'c':
		return filter_cgroup(word, q);
	default:
		return filter_pid(word, &l->pid);
	}
}

/* Every group in JSON; what the table shows otherwise. Returns NULL, or what does not fit together. */
static const char *complete(struct listing *l)
{
	if (l->query.local_family && l->query.remote_family && l->query.local_family != l->query.remote_family)
		return "--local and --remote are one IPv4 and one IPv6";
	l->query.size = sizeof(l->query);
	if (!l->query.states)
		l->query.states = ~0u;
	if (l->json)
		l->query.want = TCPBUF_SOCK_WANT_SKMEM | TCPBUF_SOCK_WANT_INFO | TCPBUF_SOCK_WANT_CONG |
			TCPBUF_SOCK_WANT_CONG_INFO;
	return NULL;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {{"netns", required_argument, NULL, 'N'},
		{"state", required_argument, NULL, 's'}, {"local", required_argument, NULL, 'l'},
		{"remote", required_argument, NULL, 'r'}, {"local-port", required_argument, NULL, 'L'},
		{"remote-port", required_argument, NULL, 'R'}, {"mark", required_argument, NULL, 'm'},
		{"cgroup", required_argument, NULL, 'c'}, {"pid", required_argument, NULL, 'p'},
		{"json", no_argument, NULL, 'j'}, {"help", no_argument, NULL, 'h'},
		{"version", no_argument, NULL, 'V'}, {NULL, 0, NULL, 0}};
	struct listing l = {.stream = {stdout, 0}};
	const char *wrong;
	struct tcpbuf *tb;
	int c, code;

	while ((c = getopt_long(argc, argv, "N:s:l:r:L:R:m:c:p:jhV", options, NULL)) != -1) {
		if (c == 'h')
			return tool_help(&tool);
		if (c == 'V')
			return tool_version(&tool);
		if (c == '?')
			return EXIT_USAGE;
		if (c == 'j')
			l.json = 1;
		else if ((wrong = take(&l, c, optarg)))
			return tool_usage(&tool, wrong, optarg);
	}
	if (optind < argc)
		return tool_usage(&tool, "unexpected argument", argv[optind]);
	wrong = complete(&l);
	if (wrong)
		return tool_usage(&tool, wrong, NULL);
	tb = tool_context(&tool);
	if (!tb)
		return EXIT_KERNEL;
	code = run(tb, &l);
	tcpbuf_free(tb);
	return tool_finish(&tool, code);
}
