/* SPDX-License-Identifier: MIT */
/*
 * Who holds the node's TCP memory: the sockets of every namespace that can be reached, summed by
 * namespace, memory cgroup, pod, process or socket, and held against what the node and each cgroup count.
 */
#ifndef TCPBUF_CENSUS_H
#define TCPBUF_CENSUS_H

#include <tcpbuf/api.h>

#ifdef __cplusplus
extern "C" {
#endif

struct tcpbuf;

/* A census that was taken or read. Used by one thread at a time, together with its context. */
struct tcpbuf_census;

/* What sockets are summed by. */
enum tcpbuf_census_by {
	TCPBUF_CENSUS_BY_NETNS = 1,
	TCPBUF_CENSUS_BY_CGROUP = 2,  /* the memory cgroup that is charged */
	TCPBUF_CENSUS_BY_POD = 4,     /* of that cgroup */
	TCPBUF_CENSUS_BY_PROCESS = 8, /* with several, the one with the lowest pid */
	TCPBUF_CENSUS_BY_SOCKET = 16  /* those that hold most */
};

/*
 * What to count. All zero but size: by namespace.
 * @size    sizeof(struct tcpbuf_census_query).
 * @by      mask of enum tcpbuf_census_by; 0: BY_NETNS.
 * @owners  1: look for the processes that have the sockets, in every PROC/PID/fd. Implied by BY_PROCESS,
 *          and where memory is on cgroup v1 by BY_CGROUP and BY_POD: nothing else leads to the cgroup there.
 * @threads that walk namespaces at the same time, 0..64; 0 and 1: none but the caller's.
 * @top     how many holders to keep BY_SOCKET, 0..1048576; 0: 100. The others are in the rest.
 */
struct tcpbuf_census_query {
	uint32_t size;
	uint32_t by;
	uint32_t owners;
	uint32_t threads;
	uint32_t top;
	uint32_t padding; /* 0 */
};

/* Groups of struct tcpbuf_census_holder. */
enum tcpbuf_census_holder_group {
	TCPBUF_CENSUS_HAS_NETNS = 1,      /* netns_inode; of others than BY_NETNS when all sockets are in one */
	TCPBUF_CENSUS_HAS_COOKIE = 2,     /* netns_cookie; Linux 5.14 */
	TCPBUF_CENSUS_HAS_PROCESS = 4,    /* pid, start_time, comm. BY_NETNS: a process that lives there */
	TCPBUF_CENSUS_HAS_CGROUP = 8,     /* cgroup, cgroup_guess */
	TCPBUF_CENSUS_HAS_POD = 16,       /* pod_uid */
	TCPBUF_CENSUS_HAS_POD_NAME = 32,  /* pod_namespace, pod: names. Else "" and the UID */
	TCPBUF_CENSUS_HAS_CONTAINER = 64, /* container: a name, else the id. BY_NETNS: of a pod with one container, the name */
	TCPBUF_CENSUS_HAS_CHARGE = 128,   /* charge_bytes, attributed_bytes, unexplained_bytes; BY_CGROUP */
	TCPBUF_CENSUS_HAS_SOCKET = 256,   /* cookie, family .. state; BY_SOCKET */
	TCPBUF_CENSUS_HAS_GROWTH = 512,   /* growth_bytes; after tcpbuf_census_compare() */
	TCPBUF_CENSUS_HAS_LABEL = 1024    /* label; BY_NETNS */
};

/*
 * Sockets summed. Who it is comes in groups; the sums are always there.
 * @valid            bits of enum tcpbuf_census_holder_group.
 * @sockets          sockets with memory: listening, connected, unaccepted, orphaned.
 * @held_bytes       rmem_alloc + wmem_queued + fwd_alloc: what these sockets are charged. BY_CGROUP and BY_POD
 *                   a connection counts once it is accepted, since no cgroup is charged before.
 * @fwd_alloc_bytes  charged ahead; may be negative.
 * @backlog_bytes    waiting for a socket's lock; in no charge yet.
 * @optmem_bytes     options and filters; not TCP memory.
 * @drops            packets.
 * @rcvbuf_bytes, @sndbuf_bytes limits, added up over sockets that do not listen; never part of what is held.
 * @unaccepted_sockets, @unaccepted_bytes connections that wait for accept(), part of the above.
 * @orphaned_sockets, @orphaned_bytes     sockets that no process has any more, part of the above.
 * @shared_sockets   sockets that several processes have, part of the above; counted once.
 * @time_wait, @half_open connections in TIME_WAIT, and not yet established by the peer; they hold nothing here
 *                   and are in no other number but states.
 * @states           sockets by enum tcpbuf_sock_state.
 * @charge_bytes     what the memory cgroup is charged, children included.
 * @attributed_bytes held by the sockets found in it and its children.
 * @unexplained_bytes the difference. Positive: sockets of it that could not be attributed; on v1 its orphans.
 *                   Negative: on v1 sockets that are not charged: of a cgroup without a limit of its own, or made
 *                   before it was first written.
 * @growth_bytes     held_bytes less that of the earlier census.
 * @start_time       of the process, in clock ticks since boot.
 * @pods             0: none known; 1: the one named here; 2: several, or one and processes of none,
 *                   share this namespace.
 * @cgroup_guess     1: by the process that has the sockets (v1); it need not be the one that made or
 *                   accepted them, nor have been in this cgroup then.
 * @family, @local_address, @remote_address, @local_port, @remote_port, @state as of struct tcpbuf_sock.
 * @comm             name of the process, as it chose it.
 * @label            how the namespace is known: "pid 42", a mount's path.
 * @cgroup           path below the mount of the hierarchy that owns memory, "/" for its root. Sockets of a path
 *                   longer than this count for the nearest ancestor that fits.
 */
struct tcpbuf_census_holder {
	uint64_t valid;
	uint64_t netns_inode;
	uint64_t netns_cookie;
	uint64_t cookie;
	uint64_t start_time;
	uint64_t cgroup_id;

	uint64_t sockets;
	int64_t held_bytes;
	uint64_t rmem_alloc_bytes;
	uint64_t wmem_queued_bytes;
	int64_t fwd_alloc_bytes;
	uint64_t backlog_bytes;
	uint64_t optmem_bytes;
	uint64_t drops;
	uint64_t rcvbuf_bytes;
	uint64_t sndbuf_bytes;
	uint64_t unaccepted_sockets;
	int64_t unaccepted_bytes;
	uint64_t orphaned_sockets;
	int64_t orphaned_bytes;
	uint64_t shared_sockets;
	uint64_t time_wait;
	uint64_t half_open;
	uint64_t states[14];

	uint64_t charge_bytes;
	int64_t attributed_bytes;
	int64_t unexplained_bytes;
	int64_t growth_bytes;
	uint32_t pid;
	uint32_t pods;
	uint32_t cgroup_guess;
	uint32_t family;
	uint32_t state;
	uint32_t local_port;
	uint32_t remote_port;
	uint32_t padding;
	uint8_t local_address[16];
	uint8_t remote_address[16];
	char comm[64];
	char label[128];
	char pod_uid[40];
	char pod_namespace[64];
	char pod[256];
	char container[72];
	char cgroup[1024];
};

/* Groups of struct tcpbuf_census_node. */
enum tcpbuf_census_node_group {
	TCPBUF_CENSUS_NODE_HAS_USED = 1,      /* used_bytes, and what is reckoned from it */
	TCPBUF_CENSUS_NODE_HAS_LIMITS = 2,    /* tcp_mem_bytes */
	TCPBUF_CENSUS_NODE_HAS_ERROR_BAR = 4, /* error_bar_bytes */
	TCPBUF_CENSUS_NODE_HAS_PRESSURE = 8,  /* pressure */
	TCPBUF_CENSUS_NODE_HAS_GROWTH = 16    /* growth_bytes; after tcpbuf_census_compare() */
};

/*
 * The node, reconciled: used = attributed + unaccepted + orphaned + unreachable - uncounted, within the error bar.
 * @valid             bits of enum tcpbuf_census_node_group.
 * @tcp_mem_bytes     the node's limits: low, pressure, high.
 * @used_bytes        what the node counts.
 * @error_bar_bytes   used_bytes may be off by so much either way: what CPUs count by themselves, and
 *                    by how much used_bytes moved while the census was taken.
 * @attributed_bytes  held by sockets that a process (or the kernel) has.
 * @unaccepted_bytes  held by connections that wait for accept().
 * @orphaned_bytes    held by sockets that no process has any more.
 * @unreachable_bytes counted by the node and held by no socket seen: in namespaces that no list leads to, as those of
 *                    deleted pods with unsent data, or that may not be entered.
 * @uncounted_bytes   held, and not counted by the node: sockets made under net.core.bypass_prot_mem (Linux 7.0).
 * @growth_bytes      used_bytes less that of the earlier census.
 * @sockets           seen, with memory; of them @unaccepted_sockets and @orphaned_sockets.
 * @unreachable_sockets orphans of the node that were not seen; where memory is missing and something was denied,
 *                    all sockets not seen.
 * @unseen_sockets    sockets of the node not seen: the unreachable, and those neither bound nor connected.
 * @time_wait, @half_open as of struct tcpbuf_census_holder.
 * @netns             namespaces found; of them @netns_empty without TCP sockets, not entered, and @netns_denied.
 * @processes_denied  processes that may not be looked into: namespaces or owners may be missing.
 * @pressure          1: the node's pressure flag is set.
 * @partial           1: something could not be seen for want of rights. A process that refuses even with
 *                    CAP_SYS_PTRACE makes it partial only when memory or the owner of memory is missing.
 * @cgroup_version    enum tcpbuf_cgroup_version: who owns memory.
 * @by                mask of enum tcpbuf_census_by that was counted.
 */
struct tcpbuf_census_node {
	uint64_t valid;
	uint64_t tcp_mem_bytes[3];
	uint64_t used_bytes;
	uint64_t error_bar_bytes;
	int64_t attributed_bytes;
	int64_t unaccepted_bytes;
	int64_t orphaned_bytes;
	int64_t unreachable_bytes;
	int64_t uncounted_bytes;
	int64_t growth_bytes;
	uint64_t sockets;
	uint64_t unaccepted_sockets;
	uint64_t orphaned_sockets;
	uint64_t unreachable_sockets;
	uint64_t unseen_sockets;
	uint64_t time_wait;
	uint64_t half_open;
	uint64_t netns;
	uint64_t netns_empty;
	uint64_t netns_denied;
	uint64_t processes_denied;
	uint32_t pressure;
	uint32_t partial;
	uint32_t cgroup_version;
	uint32_t by;
};

/*
 * Take a census. Each namespace is entered once, both families in one walk; those without TCP sockets by their
 * sockstat are not. Nothing stays open afterwards: a kept descriptor would keep a deleted pod's namespace alive.
 * @query NULL: as one with nothing but its size set.
 * Returns 0, also when it is partial for want of rights (see the node's record); -EINVAL: NULL, bad size, unknown
 * bit, out of range; -E2BIG: query newer than the library; -ENOENT, -EACCES: no PROC; -EPROTO: a file or answer is
 * not as the kernel writes it; -EMSGSIZE: an answer was cut off; -EIO, -EMFILE, -ENFILE, -ENOMEM, -ENOBUFS, -EAGAIN.
 * Privilege: CAP_SYS_ADMIN enters other namespaces, CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH find namespaces and
 * owners of other users' processes. Without, one's own namespace is counted. Since 0.9.
 */
TCPBUF_API int tcpbuf_census_take(
	struct tcpbuf *tb, const struct tcpbuf_census_query *query, struct tcpbuf_census **out);

/* Free a census, before its context. NULL is accepted. Since 0.9. */
TCPBUF_API void tcpbuf_census_free(struct tcpbuf_census *c);

/*
 * The node's record.
 * @out, @out_size receives a struct tcpbuf_census_node.
 * Returns 0; -EINVAL: NULL. Since 0.9.
 */
TCPBUF_API int tcpbuf_census_node(const struct tcpbuf_census *c, void *out, uint32_t out_size);

/*
 * What was denied, and which right was missing, in one sentence; "" when nothing was.
 * Owned by the census. Since 0.9.
 */
TCPBUF_API const char *tcpbuf_census_lacks(const struct tcpbuf_census *c);

/*
 * How many holders there are.
 * @by one of enum tcpbuf_census_by.
 * Returns the number; -EINVAL: NULL, or not one bit; -ENODATA: not counted. Since 0.9.
 */
TCPBUF_API int64_t tcpbuf_census_count(const struct tcpbuf_census *c, uint32_t by);

/*
 * The holder at a rank; the first one holds most, unless tcpbuf_census_sort() said otherwise.
 * @index from 0.
 * @out, @out_size receives a struct tcpbuf_census_holder.
 * Returns 1; 0: no more; -EINVAL, -ENODATA as of tcpbuf_census_count(). Since 0.9.
 */
TCPBUF_API int tcpbuf_census_at(
	const struct tcpbuf_census *c, uint32_t by, uint32_t index, void *out, uint32_t out_size);

/*
 * All sockets that are in no holder, summed: BY_CGROUP the unaccepted, and on v1 the orphans; BY_POD those of
 * no pod; BY_PROCESS the unaccepted, orphans and the kernel's; BY_SOCKET those beyond the top.
 * Returns 0; -EINVAL, -ENODATA as of tcpbuf_census_count(). Since 0.9.
 */
TCPBUF_API int tcpbuf_census_rest(
	const struct tcpbuf_census *c, uint32_t by, void *out, uint32_t out_size);

/*
 * Who grew: put growth_bytes into every record of a census. A holder that was not there before grew from
 * nothing; a reused inode or pid is not the same holder.
 * Returns 0; -EINVAL: NULL. Since 0.9.
 */
TCPBUF_API int tcpbuf_census_compare(struct tcpbuf_census *now, const struct tcpbuf_census *before);

/* Orders of holders, each biggest first. */
enum tcpbuf_census_order {
	TCPBUF_CENSUS_ORDER_HELD = 0,
	TCPBUF_CENSUS_ORDER_GROWTH = 1
};

/* Rank all holders anew. @order enum tcpbuf_census_order. Returns 0; -EINVAL. Since 0.9. */
TCPBUF_API int tcpbuf_census_sort(struct tcpbuf_census *c, uint32_t order);

/*
 * Record a census as text, to be read elsewhere; the format is in tcpbuf_census(3).
 * @buf, @buf_size receives text, always terminated when buf_size is not 0; buf may be NULL when it is 0.
 * Returns the length of the whole text, which did not fit when it is not below buf_size; -EINVAL. Since 0.9.
 */
TCPBUF_API int64_t tcpbuf_census_write(const struct tcpbuf_census *c, char *buf, uint64_t buf_size);

/*
 * Read a recorded census. Nothing of this machine is looked at.
 * @text, @size at most 256 MiB; need not be terminated.
 * Returns 0; -EINVAL: NULL; -EPROTO: not a record, damaged, or of a newer format; -EMSGSIZE; -ENOMEM. Since 0.9.
 */
TCPBUF_API int tcpbuf_census_read(
	struct tcpbuf *tb, const char *text, uint64_t size, struct tcpbuf_census **out);

/* Records whose fields tcpbuf_census_field_at() describes. */
enum tcpbuf_census_record {
	TCPBUF_CENSUS_RECORD_NODE = 1,
	TCPBUF_CENSUS_RECORD_HOLDER = 2
};

/*
 * One field of a record, for bindings that check themselves and for printers.
 * @name   its member.
 * @offset bytes.
 * @type   enum tcpbuf_field_type.
 * @count  of elements; more than 1: an array. TEXT: bytes of room.
 * @group  bit of the record's valid, 0: always there.
 */
struct tcpbuf_census_field {
	char name[32];
	uint32_t offset;
	uint32_t type;
	uint32_t count;
	uint32_t group;
};

/*
 * Describe the fields of a record one after the other.
 * @record enum tcpbuf_census_record.
 * @index  from 0.
 * Returns 1; 0: no such field; -EINVAL. Pure; any thread. Since 0.9.
 */
TCPBUF_API int tcpbuf_census_field_at(uint32_t record, uint32_t index, void *out, uint32_t out_size);

#ifdef __cplusplus
}
#endif

#endif
