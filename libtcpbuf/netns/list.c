/* SPDX-License-Identifier: MIT */
/* Every namespace of the node that something leads to, each once. */
#include "netns/list.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "mem/text.h"

/* Values of list->seen. */
enum { LISTED = 1, GONE = 2 };

static int fail_list(struct tcpbuf *tb, int code, const char *cause)
{
	struct tcpbuf__subject about = {.verb = "list namespaces"};

	return tcpbuf__fail(tb, code, &about, cause);
}

static int add_pid(struct tcpbuf_netns_list *list, uint32_t pid)
{
	if (list->pid_count == list->pid_size) {
		size_t size = list->pid_size ? list->pid_size * 2 : 1024;
		uint32_t *pids = list->tb->sys->resize(list->pids, size * sizeof(*pids));

		if (!pids)
			return -ENOMEM;
		list->pids = pids;
		list->pid_size = size;
	}
	list->pids[list->pid_count++] = pid;
	return 0;
}

static int read_pids(struct tcpbuf_netns_list *list)
{
	struct tcpbuf__entry entry;
	int more = tcpbuf__folder_open(&list->folder, list->tb->sys, list->proc, ".");

	if (more < 0)
		return more;
	while ((more = tcpbuf__folder_next(&list->folder, &entry)) == 1) {
		struct tcpbuf__reader r = tcpbuf__reader_init(entry.name, strlen(entry.name));
		uint64_t pid;

		if (tcpbuf__reader_u64(&r, &pid) != 0 || pid == 0 || pid > TCPBUF__PID_MAX)
			continue;
		more = add_pid(list, (uint32_t)pid);
		if (more < 0)
			break;
	}
	tcpbuf__folder_close(&list->folder);
	return more;
}

int tcpbuf_netns_list_open(struct tcpbuf *tb, struct tcpbuf_netns_list **out)
{
	struct tcpbuf_netns_list *list;
	int err;

	if (out)
		*out = NULL;
	if (!tb || !out)
		return -EINVAL;
	tcpbuf__error_clear(tb);
	list = tb->sys->alloc(sizeof(*list));
	if (!list)
		return fail_list(tb, -ENOMEM, NULL);
	list->tb = tb;
	list->dir = list->folder.fd = list->found = -1;
	list->proc = tb->sys->open(AT_FDCWD, tb->roots[TCPBUF_ROOT_PROC], O_PATH | O_DIRECTORY);
	err = list->proc < 0 ? list->proc : read_pids(list);
	list->folder.fd = -1;
	if (err < 0) {
		tcpbuf_netns_list_close(list);
		return fail_list(tb, err, "the processes cannot be read");
	}
	*out = list;
	return 0;
}

static void drop(const struct tcpbuf_netns_list *list, int *fd)
{
	if (*fd >= 0)
		list->tb->sys->close(*fd);
	*fd = -1;
}

static int is_denied(int code)
{
	return code == -EACCES || code == -EPERM || code == -EIO;
}

/* A process refuses each kind of link, but is one process. */
static void note_refusal(struct tcpbuf_netns_list *list)
{
	if (++list->refused <= list->most_refused)
		return;
	list->most_refused++;
	list->summary.denied++;
}

/* Open the process the walk stands at. Returns 1; 0: it cannot be seen; or a fatal errno. */
static int enter_process(struct tcpbuf_netns_list *list)
{
	char name[16];
	struct tcpbuf__text t = tcpbuf__text_init(name, sizeof(name));
	int err;

	tcpbuf__text_u64(&t, list->pids[list->at]);
	list->started = 0;
	list->dir = list->tb->sys->open(list->proc, name, O_PATH | O_DIRECTORY);
	err = list->dir < 0 ? list->dir : tcpbuf__looks[list->look].begin(list);
	if (is_denied(err))
		note_refusal(list);
	return tcpbuf__sys_exhausted(err) ? err : err == 0;
}

static void leave_process(struct tcpbuf_netns_list *list)
{
	drop(list, &list->folder.fd);
	drop(list, &list->dir);
	if (++list->at < list->pid_count)
		return;
	list->at = 0;
	list->refused = 0;
	list->look++;
}

/*
 * Open what the link leads to, if that is a plain file of this inode: a path
 * may have become anything meanwhile, and opening a device can act.
 */
static int open_link(struct tcpbuf_netns_list *list)
{
	const struct tcpbuf__sys *sys = list->tb->sys;
	int fd, handle = sys->open(list->dir, list->link.path, O_PATH);
	struct stat st;

	if (handle < 0)
		return handle;
	fd = sys->stat(handle, "", &st, AT_EMPTY_PATH);
	if (fd == 0 && (st.st_ino != list->link.inode || !S_ISREG(st.st_mode)))
		fd = -ENOENT;
	if (fd == 0)
		fd = tcpbuf__netns_reopen(sys, handle);
	sys->close(handle);
	return fd;
}

static int take(struct tcpbuf_netns_list *list, uint64_t *seen, int fd)
{
	/* Gone by one way, and found by another. */
	list->summary.gone -= *seen == GONE;
	list->summary.listed++;
	*seen = LISTED;
	list->found = fd;
	return 1;
}

/* Returns 1: a namespace not yet listed, open in list->found; 0; or a fatal errno. */
static int try_link(struct tcpbuf_netns_list *list)
{
	uint64_t *seen = tcpbuf__map_at(&list->seen, list->tb->sys, list->link.inode);
	int fd;

	if (!seen)
		return -ENOMEM;
	if (*seen == LISTED)
		return 0;
	fd = open_link(list);
	if (tcpbuf__sys_exhausted(fd))
		return fd;
	if (fd >= 0)
		return take(list, seen, fd);
	if (is_denied(fd)) {
		list->summary.denied++;
	} else if (*seen != GONE) {
		list->summary.gone++;
		*seen = GONE;
	}
	return 0;
}

/* Returns 1: found; 0: nothing more in this process; or a fatal errno. */
static int walk_process(struct tcpbuf_netns_list *list)
{
	int more;

	do {
		list->link.pid = list->pids[list->at];
		list->link.fd = -1;
		more = tcpbuf__looks[list->look].next(list);
		if (more != 1)
			break;
		more = try_link(list);
	} while (more == 0);
	if (is_denied(more))
		note_refusal(list);
	return more == 1 || tcpbuf__sys_exhausted(more) ? more : 0;
}

static int walk(struct tcpbuf_netns_list *list)
{
	while (list->look < TCPBUF__LOOKS && list->at < list->pid_count) {
		int more = list->dir >= 0 ? 1 : enter_process(list);

		if (more == 1)
			more = walk_process(list);
		if (more != 0)
			return more;
		leave_process(list);
	}
	return 0;
}

static void describe(const struct tcpbuf_netns_list *list, struct tcpbuf_netns_entry *out)
{
	memset(out, 0, sizeof(*out));
	out->inode = list->link.inode;
	out->by = tcpbuf__looks[list->look].by;
	out->pid = list->link.pid;
	out->fd = list->link.fd;
	if (out->by == TCPBUF_NETNS_BY_MOUNT && tcpbuf__text_copy(out->path, sizeof(out->path),
							list->link.path + strlen("root")) != 0)
		out->path[0] = '\0';
}

int tcpbuf_netns_list_next(struct tcpbuf_netns_list *list, void *out, uint32_t out_size)
{
	struct tcpbuf_netns_entry entry;
	int more;

	if (!list || !out)
		return -EINVAL;
	tcpbuf__error_clear(list->tb);
	drop(list, &list->found);
	more = walk(list);
	if (more < 0)
		return fail_list(list->tb, more, NULL);
	if (more == 0)
		return 0;
	describe(list, &entry);
	tcpbuf__copy_out(out, out_size, &entry, sizeof(entry));
	return 1;
}

/* As a person would name it: the name of a mount, else the process. */
static void put_label(const struct tcpbuf_netns_list *list, struct tcpbuf__text *t)
{
	struct tcpbuf_netns_entry entry;

	describe(list, &entry);
	if (entry.path[0]) {
		tcpbuf__text_str(t, entry.path);
		return;
	}
	tcpbuf__text_str(t, "pid ");
	tcpbuf__text_u64(t, entry.pid);
	if (entry.fd < 0)
		return;
	tcpbuf__text_str(t, " fd ");
	tcpbuf__text_i64(t, entry.fd);
}

int tcpbuf_netns_open_listed(struct tcpbuf_netns_list *list, struct tcpbuf_netns **out)
{
	char label[128];
	struct tcpbuf__text t = tcpbuf__text_init(label, sizeof(label));

	if (out)
		*out = NULL;
	if (!list || !out)
		return -EINVAL;
	tcpbuf__error_clear(list->tb);
	if (list->found < 0)
		return fail_list(list->tb, -EINVAL, "no entry has been listed");
	put_label(list, &t);
	return tcpbuf__netns_adopt(
		list->tb, tcpbuf__netns_reopen(list->tb->sys, list->found), label, out);
}

int tcpbuf_netns_list_summary(const struct tcpbuf_netns_list *list, void *out, uint32_t out_size)
{
	if (!list || !out)
		return -EINVAL;
	tcpbuf__copy_out(out, out_size, &list->summary, sizeof(list->summary));
	return 0;
}

void tcpbuf_netns_list_close(struct tcpbuf_netns_list *list)
{
	const struct tcpbuf__sys *sys;

	if (!list)
		return;
	sys = list->tb->sys;
	drop(list, &list->found);
	drop(list, &list->folder.fd);
	drop(list, &list->dir);
	drop(list, &list->proc);
	tcpbuf__file_free(&list->mountinfo, sys);
	tcpbuf__map_free(&list->mounts, sys);
	tcpbuf__map_free(&list->seen, sys);
	sys->release(list->pids);
	sys->release(list);
}
