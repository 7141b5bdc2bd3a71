/* SPDX-License-Identifier: MIT */
/* The node's TCP memory against its limits, the sockets of a namespace, and its memory events. */
#ifndef TCPBUF_NODE_H
#define TCPBUF_NODE_H

#include <tcpbuf/api.h>

#ifdef __cplusplus
extern "C" {
#endif

struct tcpbuf;
struct tcpbuf_netns;

/* Groups of struct tcpbuf_node. */
enum tcpbuf_node_group {
	TCPBUF_NODE_USED = 1,       /* used_pages, used_bytes, sockets, orphans */
	TCPBUF_NODE_LIMITS = 2,     /* limit_pages, limit_bytes */
	TCPBUF_NODE_SHARE = 4,      /* used_share */
	TCPBUF_NODE_PRESSURE = 8,   /* pressure */
	TCPBUF_NODE_ERROR_BAR = 16, /* reserve_pages, error_pages, error_bytes */
	TCPBUF_NODE_CPUS = 32,      /* cpus_online, cpus_possible */
	TCPBUF_NODE_TCP = 64,       /* max_header_bytes, tcp_sock_bytes */
	TCPBUF_NODE_TCP6 = 128,     /* tcp6_sock_bytes */
	TCPBUF_NODE_MPTCP = 256,    /* mptcp_sock_bytes */
	TCPBUF_NODE_SLAB = 512      /* slab_*; its file is root's alone on most systems */
};

/*
 * TCP memory of the whole node, every namespace together.
 * @valid       bits of enum tcpbuf_node_group.
 * @used_pages, @used_bytes charged to TCP sockets, IPv4, IPv6 and MPTCP together: the kernel's
 *              tcp_memory_allocated. Data structures of sockets are not in it, see slab_*. In kernels
 *              up to 5.19 with pages above 4 KiB, pages are rounded up from what the kernel counts.
 * @limit_pages, @limit_bytes tcp_mem: below the first the kernel leaves pressure, above the second
 *              it enters it, above the third it refuses to charge.
 * @used_share  use of each limit in 1/100 percent, 10000 is all; no more than UINT32_MAX.
 * @error_pages, @error_bytes true use is at most this far from used_*, either way: each CPU that is
 *              online keeps less than reserve_pages uncounted. 0 before kernel 6.0. A CPU that was taken
 *              offline may keep its part: then cpus_possible times reserve_pages.
 * @sockets     TCP sockets with memory, orphans included, TIME_WAIT not (sockstat's alloc).
 * @orphans     sockets that no process has any more.
 * @page_bytes  a page of the machine that asks. Always there.
 * @pressure    1: the node's pressure flag is set. Once set it stays until use is below the first limit.
 * @reserve_pages net.core.mem_pcpu_rsv; where that cannot be read, the kernel's constant 1 MiB.
 * @max_header_bytes MAX_TCP_HEADER of this kernel's configuration.
 * @tcp_sock_bytes, @tcp6_sock_bytes, @mptcp_sock_bytes size of a socket's own structure.
 * @slab_sockets, @slab_sockets_bytes   structures of TCP sockets in use, and memory of all pages kept for them.
 * @slab_time_wait, @slab_time_wait_bytes the same of TIME_WAIT.
 * @slab_requests, @slab_requests_bytes   the same of connections half open.
 */
struct tcpbuf_node {
	uint64_t valid;
	uint64_t used_pages;
	uint64_t used_bytes;
	uint64_t limit_pages[3];
	uint64_t limit_bytes[3];
	uint64_t error_pages;
	uint64_t error_bytes;
	uint64_t sockets;
	uint64_t orphans;
	uint32_t used_share[3];
	uint32_t pressure;
	uint32_t page_bytes;
	uint32_t reserve_pages;
	uint32_t cpus_online;
	uint32_t cpus_possible;
	uint32_t max_header_bytes;
	uint32_t tcp_sock_bytes;
	uint32_t tcp6_sock_bytes;
	uint32_t mptcp_sock_bytes;
	uint64_t slab_sockets;
	uint64_t slab_sockets_bytes;
	uint64_t slab_time_wait;
	uint64_t slab_time_wait_bytes;
	uint64_t slab_requests;
	uint64_t slab_requests_bytes;
};

/*
 * Read the node's TCP memory, from PROC/net/sockstat and protocols, PROC/sys/net, PROC/stat,
 * softirqs, slabinfo and sys/kernel/osrelease. tcp_mem and mem_pcpu_rsv show in the machine's first
 * namespace only: from elsewhere process 1 of PROC is visited for them, when rights allow (CAP_SYS_ADMIN,
 * CAP_SYS_PTRACE).
 * @out, @out_size receives a struct tcpbuf_node. What cannot be read is clear in valid.
 * Returns 0; -EINVAL: NULL; -ENOENT, -EACCES: no sockstat can be read; -EPROTO: a file is not as
 * the kernel writes it; -EMSGSIZE, -EMFILE, -ENFILE, -ENOMEM. No privilege needed. Since 0.1.
 */
TCPBUF_API int tcpbuf_node_read(struct tcpbuf *tb, void *out, uint32_t out_size);

#ifdef __cplusplus
}
#endif

#endif
