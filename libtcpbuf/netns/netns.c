/* SPDX-License-Identifier: MIT */
#include "netns/netns.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <string.h>

#include "mem/text.h"
#include "util/reader.h"

static int fail_open(struct tcpbuf *tb, const char *label, int code, const char *cause)
{
	struct tcpbuf__subject about = {.verb = "open", .netns = label};

	return tcpbuf__fail(tb, code, &about, cause);
}

int tcpbuf__netns_adopt(struct tcpbuf *tb, int fd, const char *label, struct tcpbuf_netns **out)
{
	const struct tcpbuf__sys *sys = tb->sys;
	struct tcpbuf_netns *ns;
	struct stat st;
	int err;

	if (fd < 0)
		return fail_open(tb, label, fd, NULL);
	if (sys->ioctl(fd, NS_GET_NSTYPE, NULL) != CLONE_NEWNET) {
		sys->close(fd);
		return fail_open(tb, label, -EINVAL, "not a network namespace");
	}
	err = sys->stat(fd, "", &st, AT_EMPTY_PATH);
	ns = err ? NULL : sys->alloc(sizeof(*ns));
	if (!ns) {
		sys->close(fd);
		return fail_open(tb, label, err ? err : -ENOMEM, NULL);
	}
	ns->tb = tb;
	ns->fd = fd;
	ns->device = st.st_dev;
	ns->inode = st.st_ino;
	for (int i = 0; i < TCPBUF__DOORS; i++)
		ns->kept[i] = -1;
	struct tcpbuf__text t = tcpbuf__text_init(ns->label, sizeof(ns->label));
	tcpbuf__text_str(&t, label);
	tcpbuf__text_copy(ns->proc_root, sizeof(ns->proc_root), tb->roots[TCPBUF_ROOT_PROC]);
	*out = ns;
	return 0;
}

static int open_file(struct tcpbuf *tb, int dir, const char *path, const char *label, struct tcpbuf_netns **out)
{
	int fd = tb->sys->open(dir, path, O_RDONLY);

	if (fd == -EACCES || fd == -EPERM)
		return fail_open(tb, label, -EACCES, "it belongs to somebody else; CAP_SYS_PTRACE may open it");
	if (fd == -ENXIO)
		return fail_open(tb, label, -EINVAL, "not a network namespace");
	return tcpbuf__netns_adopt(tb, fd, label, out);
}

int tcpbuf__netns_reopen(const struct tcpbuf__sys *sys, int fd)
{
	char path[32];
	struct tcpbuf__text t = tcpbuf__text_init(path, sizeof(path));

	tcpbuf__text_str(&t, "/proc/self/fd/");
	tcpbuf__text_i64(&t, fd);
	return sys->open(AT_FDCWD, path, O_RDONLY);
}

/* What every entry point starts with. */
static int begin(struct tcpbuf *tb, struct tcpbuf_netns **out)
{
	if (tb)
		tcpbuf__error_clear(tb);
	if (out)
		*out = NULL;
	return tb && out ? 0 : -EINVAL;
}

int tcpbuf_netns_open_self(struct tcpbuf *tb, struct tcpbuf_netns **out)
{
	int err = begin(tb, out);

	return err ? err : open_file(tb, AT_FDCWD, "/proc/thread-self/ns/net", "self", out);
}

int tcpbuf_netns_open_pid(struct tcpbuf *tb, uint32_t pid, struct tcpbuf_netns **out)
{
	char label[32], path[TCPBUF__ROOT_SIZE + 16];
	struct tcpbuf__text t = tcpbuf__text_init(label, sizeof(label));
	int dir, err = begin(tb, out);

	if (err)
		return err;
	tcpbuf__text_str(&t, "pid ");
	tcpbuf__text_u64(&t, pid);
	if (pid == 0 || pid > TCPBUF__PID_MAX)
		return fail_open(tb, label, -EINVAL, "a process id is 1..4194304");
	t = tcpbuf__text_init(path, sizeof(path));
	tcpbuf__text_str(&t, tb->roots[TCPBUF_ROOT_PROC]);
	tcpbuf__text_str(&t, "/");
	tcpbuf__text_u64(&t, pid);
	/* The directory stands for this very process, whatever becomes of its number. */
	dir = tb->sys->open(AT_FDCWD, path, O_PATH | O_DIRECTORY);
	if (dir < 0)
		return fail_open(tb, label, dir == -ENOENT ? -ESRCH : dir, NULL);
	err = open_file(tb, dir, "ns/net", label, out);
	tb->sys->close(dir);
	/* A process that has ended meanwhile has no namespace any more. */
	if (err == -ENOENT || err == -ESRCH)
		return fail_open(tb, label, -ESRCH, NULL);
	return err;
}

int tcpbuf_netns_open_path(struct tcpbuf *tb, const char *path, struct tcpbuf_netns **out)
{
	int err = begin(tb, out);

	if (err)
		return err;
	if (!path || path[0] == '\0')
		return fail_open(tb, path, -EINVAL, "empty path");
	return open_file(tb, AT_FDCWD, path, path, out);
}

static int is_file_name(const char *name)
{
	return name[0] && strcmp(name, ".") != 0 && strcmp(name, "..") != 0 && !strchr(name, '/');
}

int tcpbuf_netns_open_name(struct tcpbuf *tb, const char *name, struct tcpbuf_netns **out)
{
	char path[TCPBUF__ROOT_SIZE + 264];
	struct tcpbuf__text t = tcpbuf__text_init(path, sizeof(path));
	int err = begin(tb, out);

	if (err)
		return err;
	if (!name || !is_file_name(name))
		return fail_open(tb, name, -EINVAL, "not a namespace name");
	tcpbuf__text_str(&t, tb->roots[TCPBUF_ROOT_RUN]);
	tcpbuf__text_str(&t, "/netns/");
	tcpbuf__text_str(&t, name);
	if (strlen(name) > NAME_MAX || tcpbuf__text_cut(&t))
		return fail_open(tb, name, -ENAMETOOLONG, NULL);
	return open_file(tb, AT_FDCWD, path, name, out);
}

int tcpbuf_netns_open_fd(struct tcpbuf *tb, int32_t fd, struct tcpbuf_netns **out)
{
	char label[32];
	struct tcpbuf__text t = tcpbuf__text_init(label, sizeof(label));
	int err = begin(tb, out);

	if (err)
		return err;
	tcpbuf__text_str(&t, "fd ");
	tcpbuf__text_i64(&t, fd);
	if (fd < 0 || tb->sys->ioctl(fd, NS_GET_NSTYPE, NULL) != CLONE_NEWNET)
		return fail_open(tb, label, -EINVAL, "not a descriptor of a network namespace");
	return tcpbuf__netns_adopt(tb, tcpbuf__netns_reopen(tb->sys, fd), label, out);
}

int tcpbuf_netns_open(struct tcpbuf *tb, const char *which, struct tcpbuf_netns **out)
{
	struct tcpbuf__reader r;
	uint64_t pid;
	int err = begin(tb, out);

	if (err)
		return err;
	if (!which)
		return fail_open(tb, which, -EINVAL, "no namespace named");
	if (strcmp(which, "self") == 0)
		return tcpbuf_netns_open_self(tb, out);
	if (which[0] == '/')
		return tcpbuf_netns_open_path(tb, which, out);
	r = tcpbuf__reader_init(which, strlen(which));
	if (strspn(which, "0123456789") != strlen(which) || tcpbuf__reader_u64(&r, &pid) != 0)
		return tcpbuf_netns_open_name(tb, which, out);
	return tcpbuf_netns_open_pid(tb, pid > UINT32_MAX ? UINT32_MAX : (uint32_t)pid, out);
}

void tcpbuf_netns_close(struct tcpbuf_netns *ns)
{
	if (!ns)
		return;
	for (int i = 0; i < TCPBUF__DOORS; i++) {
		if (ns->kept[i] < 0)
			continue;
		ns->tb->sys->close(ns->kept[i]);
		tcpbuf__fd_drop(ns->tb);
	}
	ns->tb->sys->close(ns->fd);
	ns->tb->sys->release(ns);
}

uint64_t tcpbuf_netns_inode(const struct tcpbuf_netns *ns)
{
	return ns ? ns->inode : 0;
}

const char *tcpbuf_netns_label(const struct tcpbuf_netns *ns)
{
	return ns ? ns->label : "";
}
