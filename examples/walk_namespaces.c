/* SPDX-License-Identifier: MIT */
/*
 * Every network namespace of the node that something leads to, its TCP sockets and its tcp_rmem.
 * cc walk_namespaces.c $(pkg-config --cflags --libs tcpbuf)
 */
#include <stdio.h>

#include <tcpbuf/tcpbuf.h>

static const char *const known_by[] = {"", "task", "mount", "descriptor"};

/* Returns the namespace's TCP sockets. */
static uint64_t show(struct tcpbuf_netns *ns, const struct tcpbuf_netns_entry *entry)
{
	struct tcpbuf_value rmem = {0};
	struct tcpbuf_node_netns sockets = {0};

	printf("%llu  %-10s %s", (unsigned long long)entry->inode, known_by[entry->by], tcpbuf_netns_label(ns));
	if (tcpbuf_node_read_netns(ns, &sockets, sizeof(sockets)) == 0)
		printf("  %llu sockets", (unsigned long long)sockets.tcp + sockets.tcp6);
	if (tcpbuf_sysctl_get(ns, TCPBUF_KEY_TCP_RMEM, &rmem, sizeof(rmem)) == 0)
		printf("  tcp_rmem %lld %lld %lld", (long long)rmem.numbers[0], (long long)rmem.numbers[1],
			(long long)rmem.numbers[2]);
	printf("\n");
	return sockets.tcp + sockets.tcp6;
}

/* Returns the sockets met, and how the walk ended in *more: 0 at its end, else a negative errno. */
static uint64_t walk(struct tcpbuf_netns_list *list, int *more)
{
	struct tcpbuf_netns_entry entry;
	struct tcpbuf_netns *ns;
	uint64_t sockets = 0;

	while ((*more = tcpbuf_netns_list_next(list, &entry, sizeof(entry))) == 1) {
		if ((*more = tcpbuf_netns_open_listed(list, &ns)) != 0)
			break;
		sockets += show(ns, &entry);
		tcpbuf_netns_close(ns);
	}
	return sockets;
}

/* The kernel counts all sockets; those of a namespace that nothing leads to are in the difference. */
static void show_rest(struct tcpbuf *tb, const struct tcpbuf_netns_list *list, uint64_t met)
{
	struct tcpbuf_netns_summary summary;
	struct tcpbuf_node node;

	tcpbuf_netns_list_summary(list, &summary, sizeof(summary));
	printf("%llu namespaces, %llu ended meanwhile, %llu places not permitted to look into\n",
		(unsigned long long)summary.listed, (unsigned long long)summary.gone,
		(unsigned long long)summary.denied);
	if (tcpbuf_node_read(tb, &node, sizeof(node)) == 0)
		printf("%llu TCP sockets here, %llu on the node\n", (unsigned long long)met,
			(unsigned long long)node.sockets);
}

int main(void)
{
	struct tcpbuf *tb = NULL;
	struct tcpbuf_netns_list *list = NULL;
	int err = tcpbuf_new(&tb);

	if (!err)
		err = tcpbuf_netns_list_open(tb, &list);
	if (!err) {
		uint64_t met = walk(list, &err);

		if (!err)
			show_rest(tb, list, met);
	}
	if (err)
		fprintf(stderr, "%s\n", tb ? tcpbuf_error_text(tb) : tcpbuf_strerror(err));
	tcpbuf_netns_list_close(list);
	tcpbuf_free(tb);
	return err ? 2 : 0;
}
