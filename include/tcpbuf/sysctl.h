/* SPDX-License-Identifier: MIT */
/* Read, check and change the TCP buffer sysctls of one namespace. */
#ifndef TCPBUF_SYSCTL_H
#define TCPBUF_SYSCTL_H

#include <tcpbuf/keys.h>

#ifdef __cplusplus
extern "C" {
#endif

struct tcpbuf_netns;

/*
 * Read a key.
 * @key enum tcpbuf_key.
 * @out, @out_size receives a struct tcpbuf_value.
 * Returns 0; -EINVAL: bad argument, or the file holds no value of that key; -ENOENT: no such key in this
 * namespace, the sentence says whether it is node-wide; -EACCES: not readable; -EPERM: entering the namespace
 * needs CAP_SYS_ADMIN in its user namespace (none for one's own); -EOVERFLOW: the file is longer than any value;
 * -EIO, -EMFILE, -ENFILE, -ENOMEM. Since 0.1.
 */
TCPBUF_API int tcpbuf_sysctl_get(struct tcpbuf_netns *ns, uint32_t key, void *out, uint32_t out_size);

/*
 * Would tcpbuf_sysctl_set() accept this value? Nothing is written.
 * @value NUL-terminated, "4096 131072 6291456".
 * @out, @out_size receives a struct tcpbuf_key_verdict: reason, warning, text that would be written. NULL, 0 to skip.
 * Returns 0; -EINVAL: malformed; -ERANGE: out of range or out of order; and as tcpbuf_sysctl_set() where the
 * key is absent, read-only or not permitted. Since 0.1.
 */
TCPBUF_API int tcpbuf_sysctl_check(
	struct tcpbuf_netns *ns, uint32_t key, const char *value, void *out, uint32_t out_size);

/*
 * Change a key: check, remember, write in one call, read back; on any failure the old value is put back.
 * @value as for tcpbuf_sysctl_check(), which says first whether it is refused.
 * @out, @out_size receives a struct tcpbuf_key_verdict, with a warning where a legal value may do harm. NULL, 0 to skip.
 * Returns 0: the key now reads as the value; -EINVAL, -ERANGE: refused, nothing was written; -ENOENT: no such
 * key in this namespace; -EROFS: the key is read-only in this namespace, or /proc/sys is mounted read-only;
 * -EACCES, -EPERM: not permitted (needs root of the namespace's user namespace); -EIO: the kernel took it and
 * reads otherwise, the old value was put back; or the kernel's own refusal. The sentence says when putting back failed. Since 0.1.
 */
TCPBUF_API int tcpbuf_sysctl_set(
	struct tcpbuf_netns *ns, uint32_t key, const char *value, void *out, uint32_t out_size);

/*
 * How a key shows in this namespace, to this process.
 * Returns enum tcpbuf_key_access (0 absent, 1 read-only here, 2 writable); -EACCES: writable here, but not by
 * this process; -EINVAL; or why the namespace cannot be entered. Since 0.1.
 */
TCPBUF_API int tcpbuf_sysctl_access(struct tcpbuf_netns *ns, uint32_t key);

#ifdef __cplusplus
}
#endif

#endif
