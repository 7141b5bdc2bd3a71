/* SPDX-License-Identifier: MIT */
#include "cgroup/cgroup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "mem/text.h"
#include "util/map.h"

/* No node has as many; a bound on a tree that grows while it is walked. */
#define IDS_LIMIT (1u << 20)

static const char verb[] = "find the path of cgroup id";

/* Ids to paths: a block of strings, which a walk also uses as its queue. */
struct table {
	struct tcpbuf__map offsets; /* of an id's path in names, + 1 */
	char *names;
	uint64_t used;
	uint64_t names_size;
	uint64_t names_used;
	int denied; /* the code of a folder that the walk could not look into, or 0 */
};

struct tcpbuf__cgroup_ids {
	struct table table;
	int walked;
	int handles; /* 0: not tried, 1: the kernel answers, -1: it does not */
	int mount;   /* -1: not kept open */
	char path[TCPBUF__CGROUP_PATH + TCPBUF__CGROUP_POINT];
};

static int more_names(struct table *t, const struct tcpbuf__sys *sys, uint64_t need)
{
	uint64_t size = t->names_size ? t->names_size : 4096;
	char *names;

	while (size - t->names_used < need)
		size *= 2;
	if (size == t->names_size)
		return 0;
	names = sys->resize(t->names, size);
	if (!names)
		return -ENOMEM;
	t->names = names;
	t->names_size = size;
	return 0;
}

static int table_add(struct table *t, const struct tcpbuf__sys *sys, uint64_t id, const char *path)
{
	uint64_t size = strlen(path) + 1, *offset;
	int err;

	if (t->used >= IDS_LIMIT)
		return -ENOSPC;
	offset = tcpbuf__map_at(&t->offsets, sys, id);
	if (!offset)
		return -ENOMEM;
	if (*offset)
		return 0;
	err = more_names(t, sys, size);
	if (err)
		return err;
	memcpy(t->names + t->names_used, path, size);
	*offset = t->names_used + 1;
	t->names_used += size;
	t->used++;
	return 0;
}

static const char *table_find(const struct table *t, uint64_t id)
{
	uint64_t offset = tcpbuf__map_get(&t->offsets, id);

	return offset ? t->names + offset - 1 : NULL;
}

static void table_free(struct table *t, const struct tcpbuf__sys *sys)
{
	tcpbuf__map_free(&t->offsets, sys);
	sys->release(t->names);
	memset(t, 0, sizeof(*t));
}

static int is_folder(const struct tcpbuf__sys *sys, int fd, const struct tcpbuf__entry *e)
{
	struct stat st;

	if (e->type != DT_UNKNOWN)
		return e->type == DT_DIR;
	return sys->stat(fd, e->name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode);
}

/*
 * Add the folders in the one that path names; below is the length of the mount point in it. What is
 * gone or not ours is left out, as is a name too long to be opened.
 */
static int list_children(
	struct table *t, const struct tcpbuf__sys *sys, struct tcpbuf__text *path, size_t below)
{
	struct tcpbuf__folder folder;
	struct tcpbuf__entry e;
	size_t end = path->used;
	int err = tcpbuf__folder_open(&folder, sys, AT_FDCWD, path->buf);

	if (err == -EACCES)
		t->denied = err;
	if (err)
		return err == -ENOENT || err == -EACCES || err == -ENAMETOOLONG ? 0 : err;
	while ((err = tcpbuf__folder_next(&folder, &e)) == 1) {
		if (!is_folder(sys, folder.fd, &e))
			continue;
		path->used = end;
		tcpbuf__text_str(path, "/");
		tcpbuf__text_str(path, e.name);
		if (tcpbuf__text_cut(path) || path->used - below >= TCPBUF__CGROUP_PATH)
			continue;
		err = table_add(t, sys, e.inode, path->buf + below);
		if (err)
			break;
	}
	tcpbuf__folder_close(&folder);
	return err;
}

/* Breadth first: the strings of the table, in the order in which they came, are the queue. */
static int walk(
	struct table *t, const struct tcpbuf__sys *sys, const char *point, char *buf, size_t size)
{
	struct stat st;
	uint64_t at = 0;
	int err = sys->stat(AT_FDCWD, point, &st, 0);

	table_free(t, sys);
	if (!err)
		err = table_add(t, sys, st.st_ino, "");
	for (; !err && at < t->names_used; at += strlen(t->names + at) + 1) {
		struct tcpbuf__text path = tcpbuf__text_init(buf, size);

		tcpbuf__text_str(&path, point);
		tcpbuf__text_str(&path, t->names + at);
		err = list_children(t, sys, &path, strlen(point));
	}
	return err == -ENOSPC ? 0 : err;
}

static struct tcpbuf__cgroup_ids *ids_of(struct tcpbuf_cgroup *cg)
{
	if (!cg->ids) {
		cg->ids = cg->tb->sys->alloc(sizeof(*cg->ids));
		if (cg->ids)
			cg->ids->mount = -1;
	}
	return cg->ids;
}

int tcpbuf__cgroup_find_inode(
	struct tcpbuf_cgroup *cg, const char *point, uint64_t inode, char *out)
{
	const struct tcpbuf__sys *sys = cg->tb->sys;
	struct tcpbuf__cgroup_ids *ids = ids_of(cg);
	struct table t = {0};
	const char *path;
	int err;

	if (!ids)
		return -ENOMEM;
	err = walk(&t, sys, point, ids->path, sizeof(ids->path));
	path = err ? NULL : table_find(&t, inode);
	if (path)
		err = tcpbuf__text_copy(out, TCPBUF__CGROUP_PATH, path);
	else if (!err)
		err = -ENOENT;
	table_free(&t, sys);
	return err;
}

int tcpbuf__cgroup_list(struct tcpbuf_cgroup *cg, char **names, uint64_t *size)
{
	struct tcpbuf__cgroup_ids *ids = ids_of(cg);
	struct table t = {0};
	int err;

	*names = NULL;
	*size = 0;
	if (!ids)
		return -ENOMEM;
	if (!cg->memory.point[0])
		return 0;
	err = walk(&t, cg->tb->sys, cg->memory.point, ids->path, sizeof(ids->path));
	if (!err) {
		*names = t.names;
		*size = t.names_used;
		t.names = NULL;
	}
	table_free(&t, cg->tb->sys);
	return err;
}

/* A descriptor on the v2 mount, kept when the budget allows it. */
static int take_mount(struct tcpbuf_cgroup *cg)
{
	struct tcpbuf__cgroup_ids *ids = cg->ids;
	int fd = ids->mount;

	if (fd < 0) {
		fd = cg->tb->sys->open(AT_FDCWD, cg->unified.point, O_RDONLY | O_DIRECTORY);
		if (fd >= 0 && tcpbuf__fd_hold(cg->tb))
			ids->mount = fd;
	}
	return fd;
}

static int open_id(struct tcpbuf_cgroup *cg, uint64_t id)
{
	int mount = take_mount(cg), fd;

	if (mount < 0)
		return mount;
	fd = cg->tb->sys->open_kernfs(mount, id);
	if (mount != cg->ids->mount)
		cg->tb->sys->close(mount);
	return fd;
}

/* Where an open directory is, below the mount. */
static int path_of_fd(struct tcpbuf_cgroup *cg, int fd, const char **out)
{
	struct tcpbuf__cgroup_ids *ids = cg->ids;
	size_t size = strlen(cg->unified.seen);
	char name[32];
	struct tcpbuf__text t = tcpbuf__text_init(name, sizeof(name));
	const char *link;
	ssize_t got;

	tcpbuf__text_str(&t, "self/fd/");
	tcpbuf__text_u64(&t, (uint64_t)fd);
	link = tcpbuf__cgroup_name(cg, cg->proc, "", name);
	got = link ? cg->tb->sys->readlink(AT_FDCWD, link, ids->path, sizeof(ids->path))
		   : -ENAMETOOLONG;
	if (got < 0)
		return (int)got;
	if ((size_t)got >= sizeof(ids->path))
		return -ENAMETOOLONG;
	ids->path[got] = '\0';
	if (strncmp(ids->path, cg->unified.seen, size) != 0 ||
		(ids->path[size] && ids->path[size] != '/'))
		return -ENOENT;
	*out = ids->path + size;
	return 0;
}

/* The path that the kernel gives for an id, in ids->path. */
static int ask_kernel(struct tcpbuf_cgroup *cg, uint64_t id, const char **path)
{
	int fd = open_id(cg, id), err;

	if (fd < 0)
		/* ENOTDIR: the id of a file in a cgroup. */
		return fd == -ESTALE || fd == -ENOTDIR ? -ENOENT : fd;
	err = path_of_fd(cg, fd, path);
	cg->tb->sys->close(fd);
	return err;
}

/* Asked for the mount's own id, the kernel must give the mount: it cannot without the right, or in
 * a recorded tree. */
static int kernel_answers(struct tcpbuf_cgroup *cg)
{
	struct stat st;
	const char *path;

	if (cg->ids->handles == 0) {
		cg->ids->handles = -1;
		if (cg->tb->sys->stat(AT_FDCWD, cg->unified.point, &st, 0) == 0 &&
			ask_kernel(cg, st.st_ino, &path) == 0 && !path[0])
			cg->ids->handles = 1;
	}
	return cg->ids->handles > 0;
}

static int learn(struct tcpbuf_cgroup *cg, uint64_t id)
{
	struct tcpbuf__cgroup_ids *ids = cg->ids;
	const char *path;
	int err;

	if (kernel_answers(cg)) {
		err = ask_kernel(cg, id, &path);
		return err ? err : table_add(&ids->table, cg->tb->sys, id, path);
	}
	if (ids->walked)
		return -ENOENT;
	err = walk(&ids->table, cg->tb->sys, cg->unified.point, ids->path, sizeof(ids->path));
	if (!err && ids->table.denied && !table_find(&ids->table, id))
		return ids->table.denied;
	ids->walked = !err && !ids->table.denied;
	return err;
}

static int find(struct tcpbuf_cgroup *cg, uint64_t id, const char **out)
{
	struct tcpbuf__cgroup_ids *ids = ids_of(cg);
	int err;

	if (!ids)
		return -ENOMEM;
	*out = table_find(&ids->table, id);
	if (*out)
		return 0;
	err = learn(cg, id);
	if (err)
		return err;
	*out = table_find(&ids->table, id);
	return *out ? 0 : -ENOENT;
}

int64_t tcpbuf_cgroup_path(struct tcpbuf_cgroup *cg, uint64_t id, char *buf, uint64_t buf_size)
{
	char digits[24];
	struct tcpbuf__text t = tcpbuf__text_init(digits, sizeof(digits));
	const char *path;
	int err;

	if (!cg || (buf_size && !buf))
		return -EINVAL;
	tcpbuf__error_clear(cg->tb);
	tcpbuf__text_u64(&t, id);
	if (!cg->unified.point[0])
		return tcpbuf__cgroup_fail(
			cg, -ENODATA, verb, digits, "no v2 hierarchy can be read here");
	err = find(cg, id, &path);
	if (err)
		return tcpbuf__cgroup_fail(cg, err, verb, digits, NULL);
	t = tcpbuf__text_init(buf, buf_size);
	tcpbuf__text_str(&t, path[0] ? path : "/");
	return (int64_t)t.used;
}

int tcpbuf_cgroup_refresh(struct tcpbuf_cgroup *cg)
{
	if (!cg)
		return -EINVAL;
	tcpbuf__error_clear(cg->tb);
	if (cg->ids) {
		table_free(&cg->ids->table, cg->tb->sys);
		cg->ids->walked = 0;
	}
	return 0;
}

void tcpbuf__cgroup_ids_free(struct tcpbuf_cgroup *cg)
{
	if (!cg->ids)
		return;
	table_free(&cg->ids->table, cg->tb->sys);
	if (cg->ids->mount >= 0) {
		cg->tb->sys->close(cg->ids->mount);
		tcpbuf__fd_drop(cg->tb);
	}
	cg->tb->sys->release(cg->ids);
	cg->ids = NULL;
}
