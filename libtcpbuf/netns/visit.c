/* SPDX-License-Identifier: MIT */
/* Entering a namespace: the only place that does, and never on the caller's thread. */
#include "netns/netns.h"

#include <fcntl.h>

struct visit {
	struct tcpbuf_netns *ns;
	int (*fn)(struct tcpbuf_netns *ns, void *arg);
	void *arg;
	int result;
};

static void visit_main(void *arg)
{
	struct visit *visit = arg;
	const struct tcpbuf__sys *sys = visit->ns->tb->sys;

	visit->result = sys->setns(visit->ns->fd);
	if (visit->result == 0)
		visit->result = visit->fn(visit->ns, visit->arg);
}

/* An unprivileged caller may not setns(), not even to where it already is. */
static int already_there(const struct tcpbuf_netns *ns)
{
	struct stat st;

	return ns->tb->sys->stat(AT_FDCWD, "/proc/thread-self/ns/net", &st, 0) == 0 &&
		st.st_ino == ns->inode && st.st_dev == ns->device;
}

int tcpbuf__netns_visit(struct tcpbuf_netns *ns, int (*fn)(struct tcpbuf_netns *ns, void *arg), void *arg)
{
	struct visit visit = {ns, fn, arg, 0};
	int err;

	if (already_there(ns))
		return fn(ns, arg);
	err = ns->tb->sys->run_thread(visit_main, &visit);
	return err ? err : visit.result;
}
