/* SPDX-License-Identifier: MIT */
/* Entering a namespace: the only place that does, and never on the caller's thread. */
#include "netns/netns.h"

#include <errno.h>
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

static int fail_scratch(struct tcpbuf *tb, int code)
{
	struct tcpbuf__subject about = {.verb = "make", .key = "a network namespace"};

	return tcpbuf__fail(tb, code, &about, code == -EPERM ? "it needs CAP_SYS_ADMIN" : NULL);
}

struct scratch {
	struct tcpbuf *tb;
	int (*fn)(struct tcpbuf_netns *ns, void *arg);
	void *arg;
	int result;
};

static void scratch_main(void *arg)
{
	struct scratch *scratch = arg;
	const struct tcpbuf__sys *sys = scratch->tb->sys;
	struct tcpbuf_netns *ns;
	int fd;

	scratch->result = sys->unshare();
	if (scratch->result) {
		fail_scratch(scratch->tb, scratch->result);
		return;
	}
	fd = sys->open(AT_FDCWD, "/proc/thread-self/ns/net", O_RDONLY);
	scratch->result = tcpbuf__netns_adopt(scratch->tb, fd, "scratch", &ns);
	if (scratch->result)
		return;
	scratch->result = scratch->fn(ns, scratch->arg);
	tcpbuf_netns_close(ns);
}

int tcpbuf__netns_scratch(struct tcpbuf *tb, int (*fn)(struct tcpbuf_netns *ns, void *arg), void *arg)
{
	struct scratch scratch = {tb, fn, arg, 0};
	int err = tb->sys->run_thread(scratch_main, &scratch);

	return err ? fail_scratch(tb, err) : scratch.result;
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
