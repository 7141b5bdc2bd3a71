/* SPDX-License-Identifier: MIT */
/*
 * The node: which rule windows follow on this kernel, and how much of tcp_mem is used.
 * cc my_node.c $(pkg-config --cflags --libs tcpbuf)
 */
#include <stdio.h>

#include <tcpbuf/tcpbuf.h>

/* The kernel computes tcp_mem from its memory once; an administrator may have set it since. */
static const char *limits_from(const struct tcpbuf_node *node)
{
	return tcpbuf_model_is_boot_mem((int64_t)node->limit_pages[0], (int64_t)node->limit_pages[1],
		       (int64_t)node->limit_pages[2])
		       ? "as at boot"
		       : "set since boot";
}

/* How the rule is known matters: distributions bring rules of later kernels into earlier ones. */
static void show_rule(const struct tcpbuf_kernel *kernel)
{
	printf("Linux %s: %s (%s)\n", kernel->release, tcpbuf_rules_window_text(&kernel->rules),
		tcpbuf_kernel_known_name(kernel->known[TCPBUF_KERNEL_WINDOW]));
}

static void show_memory(const struct tcpbuf_node *node)
{
	printf("TCP memory of the node: %llu bytes", (unsigned long long)node->used_bytes);
	if (node->valid & TCPBUF_NODE_HAS_ERROR_BAR)
		printf(" (+- %llu)", (unsigned long long)node->error_bytes);
	if (node->valid & TCPBUF_NODE_HAS_LIMITS)
		printf(" of low %llu, pressure %llu, high %llu (%s)", (unsigned long long)node->limit_bytes[0],
			(unsigned long long)node->limit_bytes[1], (unsigned long long)node->limit_bytes[2], limits_from(node));
	if (node->valid & TCPBUF_NODE_HAS_SHARE)
		printf(", %u.%02u %% of high", node->used_share[2] / 100, node->used_share[2] % 100);
	if (node->valid & TCPBUF_NODE_HAS_PRESSURE)
		printf(", pressure %s", node->pressure ? "on" : "off");
	printf("\n%llu sockets, %llu orphans\n", (unsigned long long)node->sockets,
		(unsigned long long)node->orphans);
}

int main(void)
{
	struct tcpbuf *tb = NULL;
	struct tcpbuf_kernel kernel;
	struct tcpbuf_node node;
	int err = tcpbuf_new(&tb);

	if (!err)
		err = tcpbuf_kernel_read(tb, &kernel, sizeof(kernel));
	if (!err) {
		show_rule(&kernel);
		err = tcpbuf_node_read(tb, &node, sizeof(node));
	}
	if (err)
		fprintf(stderr, "%s\n", tb ? tcpbuf_error_text(tb) : tcpbuf_strerror(err));
	else
		show_memory(&node);
	tcpbuf_free(tb);
	return err ? 2 : 0;
}
