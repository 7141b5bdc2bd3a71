/* SPDX-License-Identifier: MIT */
#ifndef TCPBUF_KERNEL_KERNEL_H
#define TCPBUF_KERNEL_KERNEL_H

#include <tcpbuf/kernel.h>

#include "base/base.h"
#include "model/model.h"
#include "netns/netns.h"

/* Note that this machine follows a rule with that value. */
void tcpbuf__kernel_see(struct tcpbuf_kernel *k, uint32_t rule, uint32_t value);

/* The same of a sysctl feature: enum tcpbuf_key_feature. @rule TCPBUF_KERNEL_KEYS or _RMEM_FLOOR. */
void tcpbuf__kernel_see_feature(struct tcpbuf_kernel *k, uint32_t rule, uint32_t feature, int has);

/* Files of PROC/sys/net, in the calling thread's namespace. @dir PROC/sys/net; a path below it. */
int tcpbuf__kernel_number(const struct tcpbuf__sys *sys, int dir, const char *path, int64_t *out);
/* Returns 0, or a negative errno: some were not seen. */
int tcpbuf__kernel_see_files(struct tcpbuf_kernel *k, const struct tcpbuf__sys *sys, int dir);

/* What unconnected sockets of our own show under these settings, in the calling thread's namespace. */
struct tcpbuf__kernel_settings {
	int64_t adv_win_scale;
	int64_t rmem_max; /* third number of tcp_rmem; 0: that or tcp_adv_win_scale is not known */
};
/* Returns 0, or a negative errno: no sockets can be made. */
int tcpbuf__kernel_see_sockets(
	struct tcpbuf_kernel *k, const struct tcpbuf__sys *sys, const struct tcpbuf__kernel_settings *set);

/* Socket options whose failure reads as "not there": returns 1 or 0. */
int tcpbuf__kernel_get(const struct tcpbuf__sys *sys, int fd, int level, int option, int *out);
int tcpbuf__kernel_set(const struct tcpbuf__sys *sys, int fd, int level, int option, int value);

/* Inside a scratch namespace; arg is the struct tcpbuf_kernel. Returns 0 or a negative errno. */
int tcpbuf__kernel_probe_inside(struct tcpbuf_netns *ns, void *arg);

#endif
