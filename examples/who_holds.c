/* SPDX-License-Identifier: MIT */
/* Who holds the node's TCP memory, biggest namespace first: cc who_holds.c $(pkg-config --cflags --libs tcpbuf) */
#include <stdio.h>
#include <tcpbuf/tcpbuf.h>

static void print_node(const struct tcpbuf_census_node *n)
{
	printf("node uses %llu bytes: attributed %lld, unaccepted %lld, orphaned %lld, unreachable %lld, +- %llu\n",
		(unsigned long long)n->used_bytes, (long long)n->attributed_bytes,
		(long long)n->unaccepted_bytes, (long long)n->orphaned_bytes,
		(long long)n->unreachable_bytes, (unsigned long long)n->error_bar_bytes);
}

static void print_holder(const struct tcpbuf_census_holder *h)
{
	printf("%12lld bytes in %6llu sockets  netns %llu  %s", (long long)h->held_bytes,
		(unsigned long long)h->sockets, (unsigned long long)h->netns_inode,
		h->valid & TCPBUF_CENSUS_HAS_LABEL ? h->label : "");
	if (h->valid & TCPBUF_CENSUS_HAS_POD)
		printf("  pod %s", h->pod);
	printf("\n");
}

static void print_census(const struct tcpbuf_census *c)
{
	struct tcpbuf_census_holder h;
	struct tcpbuf_census_node n;

	tcpbuf_census_node(c, &n, sizeof(n));
	print_node(&n);
	for (uint32_t i = 0; i < 10 && tcpbuf_census_at(c, TCPBUF_CENSUS_BY_NETNS, i, &h, sizeof(h)) == 1; i++)
		print_holder(&h);
	if (n.partial)
		printf("not all may be seen: %s\n", tcpbuf_census_lacks(c));
}

int main(void)
{
	struct tcpbuf_census *c;
	struct tcpbuf *tb;
	int err;

	if (tcpbuf_new(&tb) != 0)
		return 2;
	err = tcpbuf_census_take(tb, NULL, &c);
	if (err)
		fprintf(stderr, "who_holds: %s\n", tcpbuf_error_text(tb));
	else
		print_census(c);
	tcpbuf_census_free(c);
	tcpbuf_free(tb);
	return err ? 2 : 0;
}
