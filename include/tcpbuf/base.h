/* SPDX-License-Identifier: MIT */
/* Context, errors, version. */
#ifndef TCPBUF_BASE_H
#define TCPBUF_BASE_H

#include <tcpbuf/api.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * A context: options, the last error, and the count of held descriptors.
 * One thread at a time uses a context and what was opened from it; different
 * contexts are independent. After fork() the child must not use the parent's.
 */
struct tcpbuf;

/* Directories that a context reads below; see tcpbuf_set_root(). */
enum tcpbuf_root {
	TCPBUF_ROOT_PROC = 0,    /* "/proc" */
	TCPBUF_ROOT_CGROUP = 1,  /* "/sys/fs/cgroup" */
	TCPBUF_ROOT_RUN = 2,     /* "/run": named namespaces are in RUN/netns */
	TCPBUF_ROOT_POD_LOGS = 3 /* "/var/log/pods" */
};

/*
 * Library version, major << 16 | minor << 8 | patch.
 * Pure; any thread. Since 0.9.
 */
TCPBUF_API uint32_t tcpbuf_version(void);

/*
 * Text of a code that this library returned: 0 or a negative errno.
 * Never NULL; static text. Pure; any thread. Since 0.9.
 */
TCPBUF_API const char *tcpbuf_strerror(int code);

/*
 * Make a context with default options.
 * @out receives the context; free it with tcpbuf_free().
 * Returns 0; -EINVAL: out is NULL; -ENOMEM. No privilege needed. Since 0.9.
 */
TCPBUF_API int tcpbuf_new(struct tcpbuf **out);

/*
 * Free a context. Free everything that was opened from it first. NULL is accepted. Since 0.9.
 */
TCPBUF_API void tcpbuf_free(struct tcpbuf *tb);

/*
 * Read below another directory than the default, for a container that mounts
 * the host's /proc elsewhere, or for a recorded tree.
 * @which one of enum tcpbuf_root.
 * @path  absolute, at most 255 bytes; copied. NULL restores the default.
 * Namespaces opened earlier keep the roots they were opened with.
 * Returns 0; -EINVAL: bad argument; -ENAMETOOLONG. Since 0.9.
 */
TCPBUF_API int tcpbuf_set_root(struct tcpbuf *tb, uint32_t which, const char *path);

/*
 * Limit the descriptors that the context keeps open between calls.
 * @count 0 restores the default, a quarter of the soft RLIMIT_NOFILE as of tcpbuf_new().
 * Over the limit every call still works: it opens what it needs and closes it again.
 * Returns 0; -EINVAL: tb is NULL. Since 0.9.
 */
TCPBUF_API int tcpbuf_set_fd_budget(struct tcpbuf *tb, uint32_t count);

/*
 * The last failure of a call on this context or on anything opened from it, as
 * one sentence that names key, value, namespace and cause. "" after a success.
 * Valid until the next call with the same context. Since 0.9.
 */
TCPBUF_API const char *tcpbuf_error_text(const struct tcpbuf *tb);

/* Code of the last failure, negative errno, or 0. Since 0.9. */
TCPBUF_API int tcpbuf_error_code(const struct tcpbuf *tb);

/* Key of the last failure, as "net.ipv4.tcp_rmem", or "". Lifetime as tcpbuf_error_text(). Since 0.9. */
TCPBUF_API const char *tcpbuf_error_key(const struct tcpbuf *tb);

/* Namespace of the last failure, as it was opened ("self", "pid 42", "web"), or "". Since 0.9. */
TCPBUF_API const char *tcpbuf_error_netns(const struct tcpbuf *tb);

/* Value of the last failure, as the caller gave it, or "". Since 0.9. */
TCPBUF_API const char *tcpbuf_error_value(const struct tcpbuf *tb);

#ifdef __cplusplus
}
#endif

#endif
