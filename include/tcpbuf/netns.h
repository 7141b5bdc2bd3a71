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
 * Returns and privileges: as the function that it stands for below. Since 0.1.
 */
TCPBUF_API int tcpbuf_netns_open(struct tcpbuf *tb, const char *which, struct tcpbuf_netns **out);

/*
 * Open the calling thread's namespace. No privilege needed.
 * Returns 0; -EINVAL: NULL; -ENOENT: no /proc; -EMFILE, -ENFILE, -ENOMEM. Since 0.1.
 */
TCPBUF_API int tcpbuf_netns_open_self(struct tcpbuf *tb, struct tcpbuf_netns **out);

/*
 * Open the namespace of a process or thread, through one directory handle on
 * PROC/PID: a reused pid is never opened by mistake.
 * @pid 1..4194304.
 * Returns 0; -EINVAL; -ESRCH: no such process; -EACCES: the process belongs to somebody else
 * (needs CAP_SYS_PTRACE); -EMFILE, -ENFILE, -ENOMEM. Since 0.1.
 */
TCPBUF_API int tcpbuf_netns_open_pid(struct tcpbuf *tb, uint32_t pid, struct tcpbuf_netns **out);

/*
 * Open a namespace file, for example "/run/netns/web" or "/proc/1/ns/net". A FIFO or
 * device there is refused without blocking.
 * Returns 0; -EINVAL: no namespace file; -ENOENT; -EACCES; -ELOOP; -ENOTDIR; -EMFILE, -ENFILE, -ENOMEM. Since 0.1.
 */
TCPBUF_API int tcpbuf_netns_open_path(struct tcpbuf *tb, const char *path, struct tcpbuf_netns **out);

/*
 * Open a namespace by its ip-netns(8) name, below RUN/netns.
 * @name without '/', not "", "." or "..".
 * Returns as tcpbuf_netns_open_path(). Since 0.1.
 */
TCPBUF_API int tcpbuf_netns_open_name(struct tcpbuf *tb, const char *name, struct tcpbuf_netns **out);

/*
 * Open the namespace behind a descriptor of a namespace file. The descriptor is
 * duplicated and stays the caller's.
 * Returns 0; -EINVAL: no descriptor of a network namespace; -EMFILE, -ENFILE, -ENOMEM. Since 0.1.
 */
TCPBUF_API int tcpbuf_netns_open_fd(struct tcpbuf *tb, int32_t fd, struct tcpbuf_netns **out);

/* Close a namespace and the descriptors kept in it; close its iterators first. NULL is accepted. Since 0.1. */
TCPBUF_API void tcpbuf_netns_close(struct tcpbuf_netns *ns);

/* The namespace's identity: inode of its namespace file, as in readlink("/proc/PID/ns/net"). 0 for NULL. Since 0.1. */
TCPBUF_API uint64_t tcpbuf_netns_inode(const struct tcpbuf_netns *ns);

/* How it was opened: "self", "pid 42", "web", a path, "fd 5". Owned by the namespace. Since 0.1. */
TCPBUF_API const char *tcpbuf_netns_label(const struct tcpbuf_netns *ns);

/*
 * The namespace's cookie: unique until reboot, where an inode may be reused.
 * Returns 0; -EINVAL; -EOPNOTSUPP: kernel before 5.14; -EPERM: entering the namespace needs
 * CAP_SYS_ADMIN in its user namespace; -EMFILE, -ENFILE, -ENOMEM. Since 0.1.
 * Kernel: SO_NETNS_COOKIE, net/core/sock.c.
 */
TCPBUF_API int tcpbuf_netns_cookie(struct tcpbuf_netns *ns, uint64_t *out);

#ifdef __cplusplus
}
#endif

#endif
