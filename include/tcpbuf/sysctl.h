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
 * -EAGAIN: no more threads; -EIO, -EMFILE, -ENFILE, -ENOMEM. Since 0.9.
 */
TCPBUF_API int tcpbuf_sysctl_get(struct tcpbuf_netns *ns, uint32_t key, void *out, uint32_t out_size);

/*
 * Would tcpbuf_sysctl_set() accept this value? Nothing is written.
 * @value NUL-terminated, "4096 131072 6291456".
 * @out, @out_size receives a struct tcpbuf_key_verdict: reason, warning, text that would be written. NULL, 0 to skip.
 * Returns 0; -EINVAL: malformed; -ERANGE: out of range or out of order; and as tcpbuf_sysctl_set() where the
 * key is absent, read-only or not permitted. Since 0.9.
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
 * reads otherwise, the old value was put back; -EAGAIN: no more threads;
 * -EMFILE, -ENFILE, -ENOMEM; or the kernel's own refusal. The sentence says when putting back failed. Since 0.9.
 */
TCPBUF_API int tcpbuf_sysctl_set(
	struct tcpbuf_netns *ns, uint32_t key, const char *value, void *out, uint32_t out_size);

/*
 * How a key shows in this namespace, to this process.
 * Returns enum tcpbuf_key_access (0 absent, 1 read-only here, 2 writable); -EACCES: writable here, but not by
 * this process; -EINVAL; else as tcpbuf_sysctl_get(). Since 0.9.
 */
TCPBUF_API int tcpbuf_sysctl_access(struct tcpbuf_netns *ns, uint32_t key);

/* Many keys of one namespace, to be changed together: all of them, or none. */
struct tcpbuf_sysctl_change;

/* What became of one key of a change. */
enum tcpbuf_sysctl_outcome {
	TCPBUF_SYSCTL_UNTOUCHED = 0, /* not written: the change failed before, or was not applied yet */
	TCPBUF_SYSCTL_SAME = 1,      /* read as asked already; not written */
	TCPBUF_SYSCTL_WRITTEN = 2,   /* reads as asked now */
	TCPBUF_SYSCTL_REFUSED = 3,   /* failed, and reads as before */
	TCPBUF_SYSCTL_PUT_BACK = 4,  /* was written, and reads as before again, because another key failed */
	TCPBUF_SYSCTL_LOST = 5       /* could not be put back: see @before */
};

/*
 * The report on one key of a change.
 * @key     enum tcpbuf_key.
 * @outcome enum tcpbuf_sysctl_outcome.
 * @code    REFUSED, LOST: the negative errno of this key's own failure, 0 when it was another's.
 * @warning 0, or the enum tcpbuf_key_reason (64 and up) of a legal value that may do harm.
 * @value   what was asked for, as the kernel prints it.
 * @before  what the key held before; "" when that is not known.
 */
struct tcpbuf_sysctl_result {
	uint32_t key;
	uint32_t outcome;
	int32_t code;
	uint32_t warning;
	char value[64];
	char before[64];
};

/*
 * Begin a change; close it before its namespace.
 * Returns 0; -EINVAL: NULL; -ENOMEM. Since 0.9.
 */
TCPBUF_API int tcpbuf_sysctl_change_open(struct tcpbuf_netns *ns, struct tcpbuf_sysctl_change **out);

/*
 * Check a value and add it to the change; nothing is written yet. A key that was added before is replaced, and
 * moves to the end.
 * @value    as for tcpbuf_sysctl_check().
 * @optional 0, or 1: when this key cannot be changed, the others are all the same.
 * @out, @out_size receives a struct tcpbuf_key_verdict. NULL, 0 to skip.
 * Returns 0; -EINVAL: malformed; -ERANGE: out of range or out of order (then the change is as before); -ENOMEM. Since 0.9.
 */
TCPBUF_API int tcpbuf_sysctl_change_add(struct tcpbuf_sysctl_change *change, uint32_t key, const char *value,
	uint32_t optional, void *out, uint32_t out_size);

/*
 * Write the keys in the order in which they were added, each read back. All are read and their permissions
 * looked at before the first is written; when one fails, those before it are put back, the last first.
 * Returns 0: each key reads as asked, save optional ones; else as tcpbuf_sysctl_set(), with the key that failed
 * in the sentence, and all keys as before, save those whose outcome is LOST, which the sentence names.
 * Privileges: as tcpbuf_sysctl_set(), for each key that does not read as asked already. Since 0.9.
 */
TCPBUF_API int tcpbuf_sysctl_change_apply(struct tcpbuf_sysctl_change *change);

/* Keys of a change; 0 for NULL. Since 0.9. */
TCPBUF_API uint32_t tcpbuf_sysctl_change_count(const struct tcpbuf_sysctl_change *change);

/*
 * What became of a key of the change.
 * @index 0 .. count - 1, in the order in which they are written.
 * @out, @out_size receives a struct tcpbuf_sysctl_result.
 * Returns 0; -EINVAL: NULL, or no such index. Since 0.9.
 */
TCPBUF_API int tcpbuf_sysctl_change_result(
	const struct tcpbuf_sysctl_change *change, uint32_t index, void *out, uint32_t out_size);

/* End a change; what was written stays. NULL is accepted. Since 0.9. */
TCPBUF_API void tcpbuf_sysctl_change_close(struct tcpbuf_sysctl_change *change);

#ifdef __cplusplus
}
#endif

#endif
