/* SPDX-License-Identifier: MIT */
/* The net folder of one namespace: from inside, or of a process that lives there. */
#include "node/node.h"

#include <errno.h>

#include "mem/text.h"

#define PID_MAX 4194304

struct visit {
	tcpbuf__node_reader *reader;
	void *out;
	const char *about;
};

/* thread-self, since only the thread that visits is inside. */
static int read_inside(struct tcpbuf_netns *ns, void *arg)
{
	struct visit *visit = arg;
	struct tcpbuf__node_dir dir;
	int err = tcpbuf__node_open(&dir, ns->tb, ns->proc_root, "/thread-self");

	if (err)
		return err;
	err = visit->reader(&dir, visit->out, &visit->about);
	tcpbuf__node_close(&dir);
	return err;
}

int tcpbuf__node_in_netns(struct tcpbuf_netns *ns, tcpbuf__node_reader *reader, void *out)
{
	struct visit visit = {reader, out, "PROC/thread-self"};
	int err = tcpbuf__netns_visit(ns, read_inside, &visit);
	struct tcpbuf__subject about = {.verb = "read", .key = visit.about, .netns = ns->label};

	if (err == -EPERM)
		return tcpbuf__fail(ns->tb, err, &about,
			"entering the namespace needs CAP_SYS_ADMIN in its user namespace and in one's own");
	return err ? tcpbuf__fail(ns->tb, err, &about, NULL) : 0;
}

/* A process that has ended, or is ending, has no net folder. */
static int gone(int err)
{
	return err == -ENOENT || err == -EINVAL || err == -ESRCH;
}

int tcpbuf__node_of_pid(struct tcpbuf *tb, uint32_t pid, tcpbuf__node_reader *reader, void *out)
{
	char below[16], label[16];
	struct tcpbuf__text t = tcpbuf__text_init(below, sizeof(below));
	struct tcpbuf__node_dir dir;
	const char *about = "net";
	int err;

	tcpbuf__text_str(&t, "/");
	tcpbuf__text_u64(&t, pid);
	t = tcpbuf__text_init(label, sizeof(label));
	tcpbuf__text_str(&t, "pid ");
	tcpbuf__text_u64(&t, pid);
	if (pid == 0 || pid > PID_MAX)
		return tcpbuf__node_fail(tb, -EINVAL, about, label);
	err = tcpbuf__node_open(&dir, tb, tb->roots[TCPBUF_ROOT_PROC], below);
	if (err)
		return tcpbuf__node_fail(tb, gone(err) ? -ESRCH : err, about, label);
	err = reader(&dir, out, &about);
	tcpbuf__node_close(&dir);
	return err ? tcpbuf__node_fail(tb, gone(err) ? -ESRCH : err, about, label) : 0;
}
