/* SPDX-License-Identifier: MIT */
/* Which rules a kernel follows, and how each of them is known. */
#ifndef TCPBUF_KERNEL_H
#define TCPBUF_KERNEL_H

#include <tcpbuf/model.h>

#ifdef __cplusplus
extern "C" {
#endif

struct tcpbuf;

/* How a rule is known. */
enum tcpbuf_kernel_known {
	TCPBUF_KERNEL_ASSUMED = 1, /* as in the nearest mainline release; distributions back-port */
	TCPBUF_KERNEL_RELEASE = 2, /* as recorded from this very release */
	TCPBUF_KERNEL_SEEN = 3     /* as this machine shows it */
};

/* The rules, in the order of a table; each stands for a field of struct tcpbuf_rules. */
enum tcpbuf_kernel_rule {
	TCPBUF_KERNEL_WINDOW = 0,
	TCPBUF_KERNEL_DEFAULT_RATIO = 1,
	TCPBUF_KERNEL_INITIAL_CAP = 2,
	TCPBUF_KERNEL_INITRWND_64 = 3,
	TCPBUF_KERNEL_SERVER_ADVMSS_REDUCED = 4,
	TCPBUF_KERNEL_CLAMP = 5,
	TCPBUF_KERNEL_CLAMP_NEGATIVE_FLOOR = 6,
	TCPBUF_KERNEL_RCVBUF_MOVES_CLAMP = 7,
	TCPBUF_KERNEL_RCVLOWAT = 8,
	TCPBUF_KERNEL_BUF_LOCK = 9,
	TCPBUF_KERNEL_SHRINK_WINDOW = 10,
	TCPBUF_KERNEL_RMEM_CAP = 11,
	TCPBUF_KERNEL_SK_BUFF = 12,
	TCPBUF_KERNEL_SHARED_INFO = 13,
	TCPBUF_KERNEL_MAX_TCP_HEADER = 14,
	TCPBUF_KERNEL_SKB_HEAD = 15,
	TCPBUF_KERNEL_PAGE_SIZE = 16,
	TCPBUF_KERNEL_HZ = 17,
	TCPBUF_KERNEL_CHARGE_REST = 18,
	TCPBUF_KERNEL_PCPU_RESERVE = 19,
	TCPBUF_KERNEL_KEYS = 20,      /* which sysctls exist, and where: keys.keys_init, keys_child, keys_child_rw */
	TCPBUF_KERNEL_RMEM_FLOOR = 21, /* keys.features: tcp_rmem takes no number below the page size */
	TCPBUF_KERNEL_GROWTH = 22     /* seen where net.ipv4.tcp_rcvbuf_low_rtt exists: enum tcpbuf_rule_growth */
};

/*
 * A kernel.
 * @known     enum tcpbuf_kernel_known of each enum tcpbuf_kernel_rule; 0 beyond the last.
 * @probed    1: a probe was made.
 * @corrected how many rules this machine was seen to follow that are not those of its release.
 * @release   as uname prints it, or the name that was asked for.
 * @rules     rules.verified is 0 when a rule other than a machine constant was corrected.
 */
struct tcpbuf_kernel {
	uint32_t known[64];
	uint32_t probed;
	uint32_t corrected;
	char release[64];
	struct tcpbuf_rules rules;
};

/*
 * The running kernel, by what can be seen without changing anything: its release, which sysctl files exist
 * and with which mode, PROC/net/protocols, the timer's resolution, and setsockopt() on unconnected
 * sockets of our own. Of the calling thread's namespace, where that matters.
 * @out, @out_size receives a struct tcpbuf_kernel.
 * Returns 0; -EINVAL: NULL, or a release older than 4.19; -ENOENT, -EACCES, -EIO: PROC cannot be read; -EMFILE,
 * -ENFILE, -ENOMEM. No privilege needed. Since 0.9.
 */
TCPBUF_API int tcpbuf_kernel_read(struct tcpbuf *tb, void *out, uint32_t out_size);

/*
 * The same, and what only a connection shows. Makes, on a thread of its own, a network namespace with its
 * loopback up, sets tcp_rmem, tcp_wmem and tcp_adv_win_scale in it, and connects two pairs of sockets
 * there; all of it is gone when the call returns. Nothing that exists is touched. Takes a few milliseconds.
 * @out, @out_size receives a struct tcpbuf_kernel.
 * Returns as tcpbuf_kernel_read(); -EPERM: making a namespace needs CAP_SYS_ADMIN; -EAGAIN, -ENOSPC: no more
 * threads or namespaces; -ENOBUFS. Since 0.9.
 */
TCPBUF_API int tcpbuf_kernel_probe(struct tcpbuf *tb, void *out, uint32_t out_size);

/*
 * A kernel by name, as tcpbuf_rules_named(): nothing is seen.
 * @out, @out_size receives a struct tcpbuf_kernel.
 * Returns 0; -EINVAL: not a kernel's name, older than 4.19, or NULL. Pure; any thread. Since 0.9.
 */
TCPBUF_API int tcpbuf_kernel_named(const char *name, void *out, uint32_t out_size);

/* Name of a rule, as the field of struct tcpbuf_rules; "" beyond the last. Static. Since 0.9. */
TCPBUF_API const char *tcpbuf_kernel_rule_name(uint32_t rule);

/*
 * A rule's value; of TCPBUF_KERNEL_KEYS how many sysctls of the family the first namespace has.
 * @kernel written by this library. INT64_MIN beyond the last, or for NULL. Since 0.9.
 */
TCPBUF_API int64_t tcpbuf_kernel_rule_value(const struct tcpbuf_kernel *kernel, uint32_t rule);

/* "assumed", "release", "seen"; "" for another number. Static. Since 0.9. */
TCPBUF_API const char *tcpbuf_kernel_known_name(uint32_t known);

#ifdef __cplusplus
}
#endif

#endif
