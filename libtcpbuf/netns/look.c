/* SPDX-License-Identifier: MIT */
/* The links of a process that lead to network namespaces: those of its tasks, its mounts, its descriptors. */
#include "netns/list.h"

#include <errno.h>
#include <string.h>

#include "mem/text.h"
#include "util/mountinfo.h"

/* "net:[4026531840]" and the like: 1 and the number, or 0. */
static int parse_link(struct tcpbuf__reader text, const char *kind, uint64_t *inode)
{
	struct tcpbuf__reader name, number;

	return tcpbuf__reader_until(&text, '[', &name) && tcpbuf__reader_is(&name, kind) &&
	       tcpbuf__reader_until(&text, ']', &number) && text.pos == text.end &&
	       tcpbuf__reader_u64(&number, inode) == 0 && *inode != 0;
}

/* The namespace that a link of the process names. Returns 1; 0: it names something else; or a negative errno. */
static int read_link(
	const struct tcpbuf_netns_list *list, const char *path, const char *kind, uint64_t *inode)
{
	char text[64];
	ssize_t length = list->tb->sys->readlink(list->dir, path, text, sizeof(text));

	if (length < 0)
		return (int)length;
	return parse_link(tcpbuf__reader_init(text, (size_t)length), kind, inode);
}

/* Make "BEFORE/NAMEafter" the link's path and read it; a number as name goes to *number. */
static int take_numbered(struct tcpbuf_netns_list *list, const char *before, const char *name,
	const char *after, uint64_t *number)
{
	struct tcpbuf__reader r = tcpbuf__reader_init(name, strlen(name));
	struct tcpbuf__text t = tcpbuf__text_init(list->link.path, sizeof(list->link.path));

	if (tcpbuf__reader_u64(&r, number) != 0 || *number > INT32_MAX)
		return 0;
	tcpbuf__text_str(&t, before);
	tcpbuf__text_str(&t, name);
	tcpbuf__text_str(&t, after);
	return read_link(list, list->link.path, "net:", &list->link.inode);
}

/* A task, or a descriptor, that has ended meanwhile. */
static int is_gone(int code)
{
	return code == -ENOENT || code == -ESRCH;
}

static int begin_tasks(struct tcpbuf_netns_list *list)
{
	struct stat st;
	int more = list->tb->sys->stat(list->dir, "task", &st, 0);

	/* A directory for each thread, and two links more, fs/proc/base.c proc_task_getattr(). */
	if (is_gone(more) || (more == 0 && st.st_nlink == 3))
		return 0;
	return more < 0 ? more : tcpbuf__folder_open(&list->folder, list->tb->sys, list->dir, "task");
}

static int next_task(struct tcpbuf_netns_list *list)
{
	struct tcpbuf__entry entry;
	uint64_t tid;
	int more;

	if (!list->started) {
		list->started = 1;
		tcpbuf__text_copy(list->link.path, sizeof(list->link.path), "ns/net");
		more = read_link(list, list->link.path, "net:", &list->link.inode);
		/* A leader may have ended before its threads. */
		if (!is_gone(more))
			return more;
	}
	while (list->folder.fd >= 0) {
		more = tcpbuf__folder_next(&list->folder, &entry);
		if (more != 1)
			return more;
		more = take_numbered(list, "task/", entry.name, "/ns/net", &tid);
		if (more == 1)
			list->link.pid = (uint32_t)tid;
		if (more != 0 && !is_gone(more))
			return more;
	}
	return 0;
}

/* The mounts of each mount namespace are read once. */
static int begin_mounts(struct tcpbuf_netns_list *list)
{
	const struct tcpbuf__sys *sys = list->tb->sys;
	uint64_t *is_read;
	uint64_t inode;
	int err = read_link(list, "ns/mnt", "mnt:", &inode);

	list->lines = tcpbuf__reader_init(NULL, 0);
	if (err != 1)
		return err;
	is_read = tcpbuf__map_at(&list->mounts, sys, inode);
	if (!is_read)
		return -ENOMEM;
	if (*is_read)
		return 0;
	err = tcpbuf__file_read(&list->mountinfo, sys, list->dir, "mountinfo");
	if (err)
		return err;
	/* Empty: the process is on its way out and has none any more. */
	*is_read = list->mountinfo.used > 0;
	list->lines = tcpbuf__reader_init(list->mountinfo.data, list->mountinfo.used);
	return 0;
}

static int next_mount(struct tcpbuf_netns_list *list)
{
	struct tcpbuf__reader line;
	struct tcpbuf__mount mount;
	size_t root = strlen("root");

	while (tcpbuf__reader_line(&list->lines, &line)) {
		if (!tcpbuf__mount_parse(line, &mount) || !tcpbuf__reader_is(&mount.type, "nsfs") ||
			!parse_link(mount.root, "net:", &list->link.inode))
			continue;
		memcpy(list->link.path, "root", root);
		if (tcpbuf__mount_path(mount.point, list->link.path + root, PATH_MAX))
			return 1;
	}
	return 0;
}

static int begin_fds(struct tcpbuf_netns_list *list)
{
	return tcpbuf__folder_open(&list->folder, list->tb->sys, list->dir, "fd");
}

static int next_fd(struct tcpbuf_netns_list *list)
{
	struct tcpbuf__entry entry;
	uint64_t fd;
	int more;

	while ((more = tcpbuf__folder_next(&list->folder, &entry)) == 1) {
		more = take_numbered(list, "fd/", entry.name, "", &fd);
		if (more == 1)
			list->link.fd = (int32_t)fd;
		if (more != 0 && !is_gone(more))
			return more;
	}
	return more;
}

const struct tcpbuf__look tcpbuf__looks[TCPBUF__LOOKS] = {
	{TCPBUF_NETNS_BY_TASK, begin_tasks, next_task},
	{TCPBUF_NETNS_BY_MOUNT, begin_mounts, next_mount},
	{TCPBUF_NETNS_BY_FD, begin_fds, next_fd},
};
