/* SPDX-License-Identifier: MIT */
#include "cgroup/cgroup.h"

#include <errno.h>
#include <fcntl.h>

#include "mem/text.h"

const char *tcpbuf__cgroup_name(
	struct tcpbuf_cgroup *cg, const char *point, const char *path, const char *name)
{
	struct tcpbuf__text t = tcpbuf__text_init(cg->path, sizeof(cg->path));

	tcpbuf__text_str(&t, point);
	if (path[0] && path[1])
		tcpbuf__text_str(&t, path);
	tcpbuf__text_str(&t, "/");
	tcpbuf__text_str(&t, name);
	return tcpbuf__text_cut(&t) ? NULL : cg->path;
}

static int read_name(struct tcpbuf_cgroup *cg, const char *name)
{
	if (!name)
		return -ENAMETOOLONG;
	return tcpbuf__file_read(&cg->file, cg->tb->sys, AT_FDCWD, name);
}

int tcpbuf__cgroup_read_proc(struct tcpbuf_cgroup *cg, const char *name)
{
	return read_name(cg, tcpbuf__cgroup_name(cg, cg->proc, "", name));
}

int tcpbuf__cgroup_read_file(
	struct tcpbuf_cgroup *cg, const char *path, const char *name, struct tcpbuf__reader *out)
{
	int err = read_name(cg, tcpbuf__cgroup_name(cg, cg->memory.point, path, name));

	if (!err)
		*out = tcpbuf__reader_init(cg->file.data, cg->file.used);
	/* What was removed between open and read. */
	return err == -ENODEV ? -ENOENT : err;
}

int tcpbuf__cgroup_fail(
	struct tcpbuf_cgroup *cg, int code, const char *verb, const char *about, const char *cause)
{
	struct tcpbuf__subject subject = {.verb = verb, .key = about};

	return tcpbuf__fail(cg->tb, code, &subject, cause);
}

int tcpbuf__cgroup_has(struct tcpbuf_cgroup *cg, const char *path, const char *name)
{
	const char *full = tcpbuf__cgroup_name(cg, cg->memory.point, path, name);
	struct stat st;
	int err = full ? cg->tb->sys->stat(AT_FDCWD, full, &st, 0) : -ENAMETOOLONG;

	return err == -ENOENT ? 0 : err < 0 ? err : 1;
}

/* Only the root of all has no memory.current where the controller is on. */
int tcpbuf__cgroup_climb(struct tcpbuf_cgroup *cg, char *path, uint32_t *levels_up)
{
	int found = tcpbuf__cgroup_has(cg, path, "cgroup.procs");

	if (found <= 0)
		return found < 0 ? found : -ENOENT;
	*levels_up = 0;
	while ((found = tcpbuf__cgroup_has(cg, path, "memory.current")) == 0) {
		if (!tcpbuf__cgroup_path_up(path))
			return 0;
		++*levels_up;
	}
	return found;
}

int tcpbuf__cgroup_begin(struct tcpbuf_cgroup *cg, const char *path, const char *verb, char *copy)
{
	tcpbuf__error_clear(cg->tb);
	if (!path || !tcpbuf__cgroup_path_ok(path))
		return tcpbuf__cgroup_fail(
			cg, -EINVAL, verb, path, "not an absolute path without \"..\"");
	if (!cg->memory.point[0])
		return tcpbuf__cgroup_fail(
			cg, -ENODATA, verb, path, "no memory hierarchy can be read here");
	if (tcpbuf__text_copy(copy, TCPBUF__CGROUP_PATH, path) != 0)
		return tcpbuf__cgroup_fail(cg, -ENAMETOOLONG, verb, path, NULL);
	return 0;
}
