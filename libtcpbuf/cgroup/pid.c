/* SPDX-License-Identifier: MIT */
#include "cgroup/cgroup.h"

#include <errno.h>
#include <fcntl.h>

#include "mem/text.h"

static const char verb[] = "find the cgroup of process";

/* Where our namespace's root is below the mount: the inode of its root, found in the tree. */
static const char *home_of(struct tcpbuf_cgroup *cg, struct tcpbuf__cgroup_view *view)
{
	struct stat st;

	if (view->home_known == 0) {
		view->home_known = -1;
		if (view->own[0] && cg->tb->sys->stat(AT_FDCWD, view->own, &st, 0) == 0 &&
			tcpbuf__cgroup_find_inode(cg, view->point, st.st_ino, view->home) == 0)
			view->home_known = 1;
	}
	return view->home_known > 0 ? view->home : NULL;
}

/* The home is looked for only when the path cannot be told without. */
static int resolve(struct tcpbuf_cgroup *cg, struct tcpbuf__reader shown, char *path)
{
	struct tcpbuf__cgroup_view *view = &cg->memory;
	char copy[TCPBUF__CGROUP_PATH];
	struct tcpbuf__text t = tcpbuf__text_init(copy, sizeof(copy));
	int err = tcpbuf__cgroup_path_resolve(view->root, NULL, shown, path);

	if (err != -ENOENT || view->root[1] != '.')
		return err;
	/* Finding the home reads other files, and shown lies in the bytes of the last one. */
	tcpbuf__text_bytes(&t, shown.pos, (size_t)(shown.end - shown.pos));
	if (tcpbuf__text_cut(&t))
		return -ENAMETOOLONG;
	return tcpbuf__cgroup_path_resolve(
		view->root, home_of(cg, view), tcpbuf__reader_init(copy, t.used), path);
}

static int find(struct tcpbuf_cgroup *cg, const char *pid, char *path)
{
	char name[32];
	struct tcpbuf__text t = tcpbuf__text_init(name, sizeof(name));
	struct tcpbuf__reader shown;
	int err;

	if (!cg->memory.point[0])
		return tcpbuf__cgroup_fail(
			cg, -ENODATA, verb, pid, "no memory hierarchy can be read here");
	tcpbuf__text_str(&t, pid);
	tcpbuf__text_str(&t, "/cgroup");
	err = tcpbuf__cgroup_read_proc(cg, name);
	if (err)
		return tcpbuf__cgroup_fail(cg, err == -ENOENT ? -ESRCH : err, verb, pid, NULL);
	if (!tcpbuf__cgroup_parse_proc(
		    tcpbuf__reader_init(cg->file.data, cg->file.used), cg->layout.memory, &shown))
		return tcpbuf__cgroup_fail(
			cg, -ENODATA, verb, pid, "it has none in the memory hierarchy");
	err = resolve(cg, shown, path);
	if (err)
		return tcpbuf__cgroup_fail(cg, err, verb, pid,
			err == -ENOENT ? "it is outside what the mount shows" : NULL);
	return 0;
}

int64_t tcpbuf_cgroup_of_pid(struct tcpbuf_cgroup *cg, uint32_t pid, char *buf, uint64_t buf_size)
{
	char digits[16], path[TCPBUF__CGROUP_PATH];
	struct tcpbuf__text t = tcpbuf__text_init(digits, sizeof(digits));
	int err;

	if (!cg || (buf_size && !buf))
		return -EINVAL;
	tcpbuf__error_clear(cg->tb);
	tcpbuf__text_u64(&t, pid);
	if (pid < 1 || pid > 4194304)
		return tcpbuf__cgroup_fail(cg, -EINVAL, verb, digits, "not a process id");
	err = find(cg, digits, path);
	if (err)
		return err;
	t = tcpbuf__text_init(buf, buf_size);
	tcpbuf__text_str(&t, path);
	return (int64_t)t.used;
}
