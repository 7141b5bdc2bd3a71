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
	TCPBUF_NODE_HAS_USED = 1,       /* used_pages, used_bytes, sockets, orphans */
	TCPBUF_NODE_HAS_LIMITS = 2,     /* limit_pages, limit_bytes */
	TCPBUF_NODE_HAS_SHARE = 4,      /* used_share */
	TCPBUF_NODE_HAS_PRESSURE = 8,   /* pressure */
	TCPBUF_NODE_HAS_ERROR_BAR = 16, /* reserve_pages, error_pages, error_bytes */
	TCPBUF_NODE_HAS_CPUS = 32,      /* cpus_online, cpus_possible */
	TCPBUF_NODE_HAS_TCP = 64,       /* max_header_bytes, tcp_sock_bytes */
	TCPBUF_NODE_HAS_TCP6 = 128,     /* tcp6_sock_bytes */
	TCPBUF_NODE_HAS_MPTCP = 256,    /* mptcp_sock_bytes */
	TCPBUF_NODE_HAS_SLAB = 512      /* slab_*; its file is root's alone on most systems */
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
 * namespace only: from elsewhere process 1 or 2 of PROC is visited for them, when rights allow (CAP_SYS_ADMIN,
 * CAP_SYS_PTRACE).
 * @out, @out_size receives a struct tcpbuf_node. What cannot be read is clear in valid.
 * Returns 0; -EINVAL: NULL; -ENOENT, -EACCES: no sockstat can be read; -EPROTO: a file is not as
 * the kernel writes it; -EMSGSIZE, -EAGAIN: no more threads; -EIO, -EMFILE, -ENFILE, -ENOMEM. No privilege needed. Since 0.9.
 */
TCPBUF_API int tcpbuf_node_read(struct tcpbuf *tb, void *out, uint32_t out_size);

/* Groups of struct tcpbuf_node_netns. */
enum tcpbuf_node_netns_group {
	TCPBUF_NODE_NETNS_HAS_TCP = 1,  /* sockets_used, tcp, time_wait */
	TCPBUF_NODE_NETNS_HAS_TCP6 = 2  /* tcp6; absent without IPv6 */
};

/*
 * Sockets of one namespace. Sockets that are neither bound nor connected are in sockets_used alone;
 * connections half open are in none.
 * @valid        bits of enum tcpbuf_node_netns_group.
 * @sockets_used sockets of all protocols that a process has.
 * @tcp          TCP sockets listening or connected over IPv4, orphans included.
 * @tcp6         the same of IPv6, and of IPv6 sockets that carry IPv4.
 * @time_wait    connections in TIME_WAIT, both families.
 */
struct tcpbuf_node_netns {
	uint64_t valid;
	uint64_t sockets_used;
	uint64_t tcp;
	uint64_t tcp6;
	uint64_t time_wait;
};

/*
 * Count the sockets of a namespace: two small files, however many sockets there are. When tcp, tcp6 and
 * time_wait are all 0, a dump would bring nothing but bound sockets.
 * @out, @out_size receives a struct tcpbuf_node_netns.
 * Returns 0; -EINVAL: NULL; -EPERM: the namespace is another one, and entering it needs CAP_SYS_ADMIN in its
 * user namespace and in one's own; -ENOENT, -EACCES: no sockstat can be read; -EPROTO: a file is not as
 * the kernel writes it; -EAGAIN: no more threads; -EIO, -EMFILE, -ENFILE, -ENOMEM. Since 0.9.
 */
TCPBUF_API int tcpbuf_node_read_netns(struct tcpbuf_netns *ns, void *out, uint32_t out_size);

/*
 * The same of a process's namespace, which need not be entered.
 * @pid 1..4194304, as PROC numbers it.
 * Returns as tcpbuf_node_read_netns(); -ESRCH: no such process. No privilege needed. Since 0.9.
 */
TCPBUF_API int tcpbuf_node_read_netns_of_pid(
	struct tcpbuf *tb, uint32_t pid, void *out, uint32_t out_size);

/*
 * May a namespace have a TCP socket? Two small files answer that, where a dump would walk every socket of the node.
 * @pid   a process in it, whose namespace need not be entered; 0: none is known.
 * @bound 1: a socket that is bound and no more counts (any socket of a process may be one); 0: it does not.
 * Returns 0: it has none; 1: it may have some, or that cannot be read; -EINVAL: NULL. Since 0.9.
 */
TCPBUF_API int tcpbuf_node_may_have_tcp(struct tcpbuf_netns *ns, uint32_t pid, uint32_t bound);

/*
 * Events of TCP memory, by the counters of PROC/net/netstat. Each is counted in the namespace of the
 * socket that it hit, also when the cause is the whole node's.
 */
enum tcpbuf_node_event {
	TCPBUF_NODE_EVENT_MEMORY_PRESSURES = 0,      /* times the node's pressure flag was set from here */
	TCPBUF_NODE_EVENT_MEMORY_PRESSURES_MS = 1,   /* milliseconds in pressure, added when it ends */
	TCPBUF_NODE_EVENT_PRUNE_CALLED = 2,          /* no room for a segment at first: memory is tidied */
	TCPBUF_NODE_EVENT_RCV_PRUNED = 3,            /* still no room: segment dropped */
	TCPBUF_NODE_EVENT_OFO_PRUNED = 4,            /* data received out of order thrown away */
	TCPBUF_NODE_EVENT_RCV_COLLAPSED = 5,         /* buffers saved by copying into denser ones */
	TCPBUF_NODE_EVENT_RCV_QUEUE_DROP = 6,        /* segment in order dropped for memory */
	TCPBUF_NODE_EVENT_OFO_DROP = 7,              /* segment out of order dropped for memory */
	TCPBUF_NODE_EVENT_BACKLOG_DROP = 8,          /* backlog of a socket in use is full */
	TCPBUF_NODE_EVENT_ZERO_WINDOW_DROP = 9,      /* data, or a probe, came while the window was zero */
	TCPBUF_NODE_EVENT_TO_ZERO_WINDOW = 10,       /* advertised window became zero */
	TCPBUF_NODE_EVENT_FROM_ZERO_WINDOW = 11,     /* advertised window opened again */
	TCPBUF_NODE_EVENT_WANT_ZERO_WINDOW = 12,     /* would have been zero, but it may not shrink */
	TCPBUF_NODE_EVENT_ABORT_ON_MEMORY = 13,      /* orphan reset: too many, or node out of TCP memory */
	TCPBUF_NODE_EVENT_WQUEUE_TOO_BIG = 14,       /* segment not split: send queue far above its limit */
	TCPBUF_NODE_EVENT_BEYOND_WINDOW = 15,        /* segment past the window offered */
	TCPBUF_NODE_EVENT_PFMEMALLOC_DROP = 16,      /* segment in emergency memory that its socket may not use */
	TCPBUF_NODE_EVENT_RCV_COALESCE = 17,         /* received segments merged */
	TCPBUF_NODE_EVENT_BACKLOG_COALESCE = 18,     /* the same in the backlog */
	TCPBUF_NODE_EVENT_COUNT = 19                 /* of this header; the library may know more */
};

/*
 * Counters since the namespace began, or between two readings.
 * @valid bit 1 << N for each enum tcpbuf_node_event N that this kernel counts.
 * @count by enum tcpbuf_node_event.
 */
struct tcpbuf_node_events {
	uint64_t valid;
	uint64_t count[19];
};

/*
 * The kernel's name of an event, as "TCPRcvCollapsed".
 * Returns NULL when event is none; so 0 and up until NULL lists them all. Static text. Since 0.9.
 */
TCPBUF_API const char *tcpbuf_node_event_name(uint32_t event);

/*
 * Read the counters of a namespace.
 * @out, @out_size receives a struct tcpbuf_node_events.
 * Returns as tcpbuf_node_read_netns(), of netstat. Since 0.9.
 */
TCPBUF_API int tcpbuf_node_read_events(struct tcpbuf_netns *ns, void *out, uint32_t out_size);

/*
 * The same of a process's namespace, which need not be entered.
 * Returns as tcpbuf_node_read_netns_of_pid(). No privilege needed. Since 0.9.
 */
TCPBUF_API int tcpbuf_node_read_events_of_pid(
	struct tcpbuf *tb, uint32_t pid, void *out, uint32_t out_size);

/*
 * What happened between two readings of one namespace.
 * @before, @after readings, each of @size bytes.
 * @out, @out_size receives a struct tcpbuf_node_events: valid are the counters of both readings that did
 *                 not fall; one that fell belongs to another namespace or another boot.
 * Returns 0; -EINVAL: NULL, or size below 8. Pure; any thread. Since 0.9.
 */
TCPBUF_API int tcpbuf_node_events_delta(
	const void *before, const void *after, uint32_t size, void *out, uint32_t out_size);

#ifdef __cplusplus
}
#endif

#endif
