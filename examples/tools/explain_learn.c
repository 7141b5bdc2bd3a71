/* SPDX-License-Identifier: MIT */
/* What a socket's record does not tell: settings of its namespace, its lock bits, the node's pressure. */
#include "explain.h"

#include <sys/syscall.h>
#include <unistd.h>

#include "owner.h"

static int number(struct tcpbuf_netns *ns, uint32_t key, uint32_t element, int64_t *out)
{
	struct tcpbuf_value value;
	int err = tcpbuf_sysctl_get(ns, key, &value, sizeof(value));

	if (!err)
		*out = value.numbers[element];
	return err;
}

void explain_learn_settings(struct tcpbuf_netns *ns, struct tcpbuf_explain_end *f)
{
	int64_t moderate, scaling;

	f->size = sizeof(*f);
	if (number(ns, TCPBUF_KEY_TCP_RMEM, 2, &f->rmem_max) != 0 ||
		number(ns, TCPBUF_KEY_TCP_WMEM, 2, &f->wmem_max) != 0 ||
		number(ns, TCPBUF_KEY_TCP_MODERATE_RCVBUF, 0, &moderate) != 0 ||
		number(ns, TCPBUF_KEY_TCP_WINDOW_SCALING, 0, &scaling) != 0)
		return;
	f->moderate_rcvbuf = (uint32_t)moderate;
	f->window_scaling = (uint32_t)scaling;
	f->known |= TCPBUF_EXPLAIN_KNOWS_SETTINGS;
}

void explain_learn(struct tcpbuf *tb, struct end *end)
{
	struct tcpbuf_explain_end *f = &end->facts;
	struct tcpbuf_node node;

	explain_learn_settings(end->ns, f);
	if (tcpbuf_node_read(tb, &node, sizeof(node)) == 0 && node.valid & TCPBUF_NODE_HAS_PRESSURE) {
		f->pressure = node.pressure;
		f->known |= TCPBUF_EXPLAIN_KNOWS_PRESSURE;
	}
}

/* A duplicate of another process's descriptor; pidfd_getfd() needs PTRACE_MODE_ATTACH, Linux 5.6. */
static int duplicate(uint32_t pid, int fd)
{
	int process = (int)syscall(SYS_pidfd_open, pid, 0), copy;

	if (process < 0)
		return -1;
	copy = (int)syscall(SYS_pidfd_getfd, process, fd, 0);
	close(process);
	return copy;
}

int explain_inspect(struct tcpbuf *tb, struct end *end)
{
	struct tcpbuf_sock_own own;
	struct tcpbuf_sock sock;
	uint32_t pid;
	int fd, copy, err;

	if (!end->before.inode || owner_find(end->before.inode, &pid, &fd) != 0)
		return -1;
	copy = duplicate(pid, fd);
	if (copy < 0)
		return -1;
	err = tcpbuf_sock_of_fd(tb, copy, &sock, sizeof(sock), &own, sizeof(own));
	close(copy);
	/* The descriptor may have been given to another socket meanwhile. */
	if (err || sock.cookie != end->before.cookie || !(own.valid & TCPBUF_SOCK_OWN_HAS_BUF_LOCK))
		return -1;
	end->facts.lock = own.buf_lock;
	end->facts.known |= TCPBUF_EXPLAIN_KNOWS_LOCK;
	return 0;
}
