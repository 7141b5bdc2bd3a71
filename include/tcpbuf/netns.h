/* SPDX-License-Identifier: MIT */
/* Network namespaces: open one and keep it, without ever moving the caller's thread. */
#ifndef TCPBUF_NETNS_H
#define TCPBUF_NETNS_H

#include <tcpbuf/api.h>

#ifdef __cplusplus
extern "C" {
#endif

struct tcpbuf;

/*
 * One open network namespace. It stays usable after the process or the name it was
 * opened from is gone. Used by one thread at a time, together with its context.
 */
struct tcpbuf_netns;

/*
 * Open a namespace as a command line names it.
 * @which "self"; digits: a process or thread id; a path that begins with '/'; else a name below RUN/netns.
 * Returns -EINVAL: NULL; else, with its privileges, as tcpbuf_netns_open_self(), tcpbuf_netns_open_pid(),
 * tcpbuf_netns_open_path() or tcpbuf_netns_open_name(). Since 0.9.
 */
TCPBUF_API int tcpbuf_netns_open(struct tcpbuf *tb, const char *which, struct tcpbuf_netns **out);

/*
 * Open the calling thread's namespace. No privilege needed.
 * Returns 0; -EINVAL: NULL; -ENOENT, -EACCES: no /proc; -EIO, -EMFILE, -ENFILE, -ENOMEM. Since 0.9.
 */
TCPBUF_API int tcpbuf_netns_open_self(struct tcpbuf *tb, struct tcpbuf_netns **out);

/*
 * Open the namespace of a process or thread, through one directory handle on
 * PROC/PID: a reused pid is never opened by mistake.
 * @pid 1..4194304.
 * Returns 0; -EINVAL; -ESRCH: no such process; -EACCES: the process belongs to somebody else
 * (needs CAP_SYS_PTRACE); -EIO, -EMFILE, -ENFILE, -ENOMEM. Since 0.9.
 */
TCPBUF_API int tcpbuf_netns_open_pid(struct tcpbuf *tb, uint32_t pid, struct tcpbuf_netns **out);

/*
 * Open a namespace file, for example "/run/netns/web" or "/proc/1/ns/net". A FIFO or
 * device there is refused without blocking.
 * Returns 0; -EINVAL: no namespace file; -ENOENT; -EACCES; -ELOOP; -ENOTDIR; -EIO, -EMFILE, -ENFILE,
 * -ENOMEM. Since 0.9.
 */
TCPBUF_API int tcpbuf_netns_open_path(struct tcpbuf *tb, const char *path, struct tcpbuf_netns **out);

/*
 * Open a namespace by its ip-netns(8) name, below RUN/netns.
 * @name without '/', not "", "." or "..".
 * Returns as tcpbuf_netns_open_path(); -ENAMETOOLONG. Since 0.9.
 */
TCPBUF_API int tcpbuf_netns_open_name(struct tcpbuf *tb, const char *name, struct tcpbuf_netns **out);

/*
 * Open the namespace behind a descriptor of a namespace file. The descriptor is
 * duplicated and stays the caller's.
 * Returns 0; -EINVAL: no descriptor of a network namespace; -ENOENT, -EACCES: no /proc; -EIO, -EMFILE, -ENFILE,
 * -ENOMEM. Since 0.9.
 */
TCPBUF_API int tcpbuf_netns_open_fd(struct tcpbuf *tb, int32_t fd, struct tcpbuf_netns **out);

/* Close a namespace and the descriptors kept in it; close its iterators first. NULL is accepted. Since 0.9. */
TCPBUF_API void tcpbuf_netns_close(struct tcpbuf_netns *ns);

/* The namespace's identity: inode of its namespace file, as in readlink("/proc/PID/ns/net"). 0 for NULL. Since 0.9. */
TCPBUF_API uint64_t tcpbuf_netns_inode(const struct tcpbuf_netns *ns);

/* How it was opened: "self", "pid 42", "web", a path, "fd 5". Owned by the namespace. Since 0.9. */
TCPBUF_API const char *tcpbuf_netns_label(const struct tcpbuf_netns *ns);

/*
 * The namespace's cookie: unique until reboot, where an inode may be reused.
 * Returns 0; -EINVAL; -EOPNOTSUPP: kernel before 5.14; -EPERM: entering the namespace needs
 * CAP_SYS_ADMIN in its user namespace; -EACCES; -EAGAIN: no more threads; -EIO, -EMFILE, -ENFILE, -ENOBUFS,
 * -ENOMEM. Since 0.9.
 * Kernel: SO_NETNS_COOKIE, net/core/sock.c.
 */
TCPBUF_API int tcpbuf_netns_cookie(struct tcpbuf_netns *ns, uint64_t *out);

/*
 * A walk over the namespaces of the node that something below PROC leads to: a task, a bind mount, an open
 * descriptor. Used by one thread at a time, together with its context.
 */
struct tcpbuf_netns_list;

/* What a namespace is known by; the first of these that is found. */
enum tcpbuf_netns_by {
	TCPBUF_NETNS_BY_TASK = 1, /* a process or thread is in it */
	TCPBUF_NETNS_BY_MOUNT = 2, /* it is mounted on a path, as ip-netns(8) does */
	TCPBUF_NETNS_BY_FD = 3 /* a process holds it open */
};

/*
 * A namespace of the list.
 * @inode identity, as tcpbuf_netns_inode().
 * @by    enum tcpbuf_netns_by.
 * @pid   the task in it; the process that sees the mount; the process that holds it open.
 * @fd    the descriptor in that process, BY_FD only; else -1.
 * @path  the mount point as process @pid sees it, BY_MOUNT only; "" also where it is longer than 255 bytes.
 */
struct tcpbuf_netns_entry {
	uint64_t inode;
	uint32_t by;
	uint32_t pid;
	int32_t fd;
	uint32_t padding; /* 0 */
	char path[256];
};

/*
 * What a walk has met so far.
 * @listed namespaces that tcpbuf_netns_list_next() returned.
 * @gone   namespaces that something led to, but that had ended before they could be opened.
 * @denied processes and paths that this process may not look into (CAP_SYS_PTRACE, or root of
 *         their user namespace), or that cannot be read. Not 0: the list is partial.
 */
struct tcpbuf_netns_summary {
	uint64_t listed;
	uint64_t gone;
	uint64_t denied;
};

/*
 * Begin a walk: the processes are noted now, their namespaces are looked up as the walk goes on. Two
 * descriptors stay open, a few more during a call, however many namespaces there are.
 * What cannot be found: a namespace that only its sockets keep alive (those of a deleted pod, until the
 * peer has answered or given up). Nothing leads there; its memory shows only in the totals of
 * tcpbuf_node_read(). Likewise what is held only by a mount namespace without a process, by a descriptor in
 * flight between two processes, or in a pid namespace that PROC does not show.
 * Returns 0; -EINVAL: NULL; -ENOENT, -ENOTDIR, -EACCES: no PROC; -EIO, -EMFILE, -ENFILE, -ENOMEM. No privilege
 * needed for one's own processes; CAP_SYS_PTRACE for those of others. Since 0.9.
 */
TCPBUF_API int tcpbuf_netns_list_open(struct tcpbuf *tb, struct tcpbuf_netns_list **out);

/*
 * The next namespace, each one once. It is open until the next call: it has not ended, and its inode is not reused.
 * @out, @out_size receives a struct tcpbuf_netns_entry.
 * Returns 1; 0 at the end; -EINVAL: NULL; -EMFILE, -ENFILE, -ENOMEM: begin anew. Since 0.9.
 */
TCPBUF_API int tcpbuf_netns_list_next(struct tcpbuf_netns_list *list, void *out, uint32_t out_size);

/*
 * Open the namespace that tcpbuf_netns_list_next() returned last. It outlives the list.
 * Returns 0; -EINVAL: NULL, or none was returned; -ENOENT, -EACCES: no /proc; -EIO, -EMFILE, -ENFILE, -ENOMEM.
 * No privilege needed. Since 0.9.
 */
TCPBUF_API int tcpbuf_netns_open_listed(struct tcpbuf_netns_list *list, struct tcpbuf_netns **out);

/*
 * What the walk has met so far; complete once tcpbuf_netns_list_next() has returned 0.
 * @out, @out_size receives a struct tcpbuf_netns_summary.
 * Returns 0; -EINVAL: NULL. Since 0.9.
 */
TCPBUF_API int tcpbuf_netns_list_summary(const struct tcpbuf_netns_list *list, void *out, uint32_t out_size);

/* End a walk, at any place. NULL is accepted. Since 0.9. */
TCPBUF_API void tcpbuf_netns_list_close(struct tcpbuf_netns_list *list);

#ifdef __cplusplus
}
#endif

#endif
