/* SPDX-License-Identifier: MIT */
/* Memory cgroups: which hierarchy owns memory, what TCP is charged there, and what limits it. */
#ifndef TCPBUF_CGROUP_H
#define TCPBUF_CGROUP_H

#include <tcpbuf/api.h>

#ifdef __cplusplus
extern "C" {
#endif

struct tcpbuf;

/*
 * The cgroup mounts below the context's cgroup root, as of tcpbuf_cgroup_open().
 * Used by one thread at a time, together with its context.
 */
struct tcpbuf_cgroup;

/* A hierarchy. */
enum tcpbuf_cgroup_version {
	TCPBUF_CGROUP_NONE = 0,
	TCPBUF_CGROUP_V1 = 1,
	TCPBUF_CGROUP_V2 = 2,
	TCPBUF_CGROUP_HYBRID = 3 /* both are mounted; of a whole node only */
};

/* Is the memory of TCP sockets charged to a cgroup? */
enum tcpbuf_cgroup_charge {
	TCPBUF_CGROUP_CHARGE_UNKNOWN = 0,
	TCPBUF_CGROUP_CHARGE_NO = 1,
	TCPBUF_CGROUP_CHARGE_YES = 2,
	/*
	 * v1: only to cgroups whose kmem.tcp limit was written at least once, and for sockets made
	 * afterwards. In a cgroup's record: no limit, and the counter never moved.
	 */
	TCPBUF_CGROUP_CHARGE_UNSEEN = 3
};

/* Groups of struct tcpbuf_cgroup_layout. */
enum tcpbuf_cgroup_layout_group {
	TCPBUF_CGROUP_LAYOUT_HAS_MEMORY = 1,  /* memory_mount: the memory hierarchy can be read */
	TCPBUF_CGROUP_LAYOUT_HAS_UNIFIED = 2, /* unified_mount: a v2 hierarchy can be read */
	TCPBUF_CGROUP_LAYOUT_HAS_CMDLINE = 4  /* nosocket, nokmem */
};

/*
 * @valid         bits of enum tcpbuf_cgroup_layout_group.
 * @layout        enum tcpbuf_cgroup_version: what is mounted.
 * @memory        enum tcpbuf_cgroup_version: who owns memory; NONE when the controller is off.
 * @tcp           enum tcpbuf_cgroup_charge, of cgroups other than the root, which is never charged.
 * @nosocket      1: booted with cgroup.memory=nosocket. It stops the charge on v2 only.
 * @nokmem        1: booted with cgroup.memory=nokmem: kernel memory other than socket buffers is not charged.
 * @memory_mount  where the memory hierarchy is read; "" when it is not.
 * @unified_mount where the v2 hierarchy is read; "" when it is not.
 */
struct tcpbuf_cgroup_layout {
	uint64_t valid;
	uint32_t layout;
	uint32_t memory;
	uint32_t tcp;
	uint32_t nosocket;
	uint32_t nokmem;
	uint32_t padding;
	char memory_mount[512];
	char unified_mount[512];
};

/*
 * Find the cgroup hierarchies that are mounted at or below the context's cgroup root, from
 * PROC/self/mountinfo, PROC/cgroups and PROC/cmdline. When nothing is mounted there, what
 * mountinfo shows below /sys/fs/cgroup is looked for in the root (recorded trees).
 * Returns 0, also when there are none; -EINVAL: NULL; -ENOENT: no mountinfo; -EACCES;
 * -EMSGSIZE, -EIO, -EMFILE, -ENFILE, -ENOMEM. No privilege needed. Since 0.9.
 */
TCPBUF_API int tcpbuf_cgroup_open(struct tcpbuf *tb, struct tcpbuf_cgroup **out);

/* Close; NULL is accepted. Since 0.9. */
TCPBUF_API void tcpbuf_cgroup_close(struct tcpbuf_cgroup *cg);

/*
 * What was found.
 * @out, @out_size receives a struct tcpbuf_cgroup_layout.
 * Returns 0; -EINVAL: NULL. Since 0.9.
 */
TCPBUF_API int tcpbuf_cgroup_get_layout(struct tcpbuf_cgroup *cg, void *out, uint32_t out_size);

/*
 * The memory cgroup of a process: its path below the memory mount, "/" for the root.
 * @pid 1..4194304, as PROC numbers it.
 * @buf, @buf_size always terminated when buf_size is not 0.
 * Paths that /proc shows relative to this process's cgroup namespace are resolved, where
 * the mount shows that much.
 * Returns the length, which did not fit when it is not below buf_size; -EINVAL; -ESRCH: no such
 * process; -EACCES; -ENOENT: outside what the mount shows; -ENODATA: no memory hierarchy;
 * -ENAMETOOLONG, -EIO, -EMFILE, -ENFILE, -ENOMEM. Since 0.9.
 */
TCPBUF_API int64_t tcpbuf_cgroup_of_pid(
	struct tcpbuf_cgroup *cg, uint32_t pid, char *buf, uint64_t buf_size);

/*
 * The path below the v2 mount of a cgroup id, as sock_diag reports it for a socket (on v1
 * and hybrid nodes that is not the socket's memory cgroup).
 * @id the v2 id, which is the inode number of its directory on 64-bit systems.
 * @buf, @buf_size as of tcpbuf_cgroup_of_pid().
 * With CAP_DAC_READ_SEARCH the kernel is asked for each new id; else the tree is walked once.
 * Answers are kept until tcpbuf_cgroup_refresh().
 * Returns the length; -EINVAL; -ENOENT: removed, or not below this mount; -ENODATA: no v2 mount;
 * -EACCES: also where part of the tree cannot be walked; -EIO, -EMFILE, -ENFILE, -ENOMEM. Since 0.9.
 */
TCPBUF_API int64_t tcpbuf_cgroup_path(
	struct tcpbuf_cgroup *cg, uint64_t id, char *buf, uint64_t buf_size);

/* Forget all paths of ids, before the next census. Returns 0; -EINVAL: NULL. Since 0.9. */
TCPBUF_API int tcpbuf_cgroup_refresh(struct tcpbuf_cgroup *cg);

/* Groups of struct tcpbuf_cgroup_memory; those that are wanted, and those that there are. */
enum tcpbuf_cgroup_memory_group {
	TCPBUF_CGROUP_MEMORY_TCP = 1,        /* tcp_bytes. v1: memory.kmem.tcp.usage_in_bytes; v2: sock of memory.stat */
	TCPBUF_CGROUP_MEMORY_TCP_LIMIT = 2,  /* v1: tcp_limit_bytes, tcp_max_bytes, tcp_failcnt */
	TCPBUF_CGROUP_MEMORY_MEMORY = 4,     /* memory_bytes, memory_limit_bytes */
	TCPBUF_CGROUP_MEMORY_KMEM = 8,       /* v1: kmem_bytes, kmem_limit_bytes, memory_failcnt */
	TCPBUF_CGROUP_MEMORY_HIGH = 16,      /* v2: memory_high_bytes */
	TCPBUF_CGROUP_MEMORY_EVENTS = 32,    /* v2: events_high, events_max, events_oom, events_oom_kill */
	TCPBUF_CGROUP_MEMORY_THROTTLED = 64, /* v2, since kernel 7.0: events_sock_throttled */
	TCPBUF_CGROUP_MEMORY_PRESSURE = 128  /* v2 with PSI: pressure_* */
};

/*
 * Which case of the kernel's documentation holds (cgroup-v1/memory.rst, "Kernel Memory
 * Extension"): U is the limit of user memory, K that of kernel memory.
 */
enum tcpbuf_cgroup_case {
	TCPBUF_CGROUP_CASE_UNKNOWN = 0,    /* not read */
	TCPBUF_CGROUP_CASE_NO_LIMIT = 1,   /* U unlimited */
	TCPBUF_CGROUP_CASE_K_NONE = 2,     /* U set, K unlimited: kernel memory counts towards U alone */
	TCPBUF_CGROUP_CASE_K_BELOW_U = 3,  /* K < U: kernel memory has a limit of its own within U */
	TCPBUF_CGROUP_CASE_K_ABOVE_U = 4,  /* K >= U: U stops kernel memory first, and K tracks it */
	TCPBUF_CGROUP_CASE_ONE_LIMIT = 5   /* v2: one counter and limit for user, kernel and socket memory */
};

/*
 * A memory cgroup. A limit of UINT64_MAX is none.
 * @valid       bits of enum tcpbuf_cgroup_memory_group.
 * @version     enum tcpbuf_cgroup_version: V1 or V2.
 * @levels_up   v2: how far above the given path the memory cgroup is, to which its sockets are
 *              charged, when the controller is not enabled further down; else 0.
 * @charge      enum tcpbuf_cgroup_charge: is TCP charged here; from group TCP, on v1 and TCP_LIMIT.
 * @kmem_case   enum tcpbuf_cgroup_case; from groups MEMORY and KMEM.
 * @tcp_bytes   socket memory charged here and below: bytes in buffers, in whole pages. v2 before Linux 5.13:
 *              off by up to 32 pages a CPU and cgroup, __mod_memcg_state(), mm/memcontrol.c.
 * @tcp_limit_bytes, @tcp_max_bytes, @tcp_failcnt limit, highest use and hits of the limit. A charge on the
 *              receive path is forced, so use exceeds the limit. failcnt stays 0 in kernels 6.17 to 7.1.
 * @memory_bytes, @memory_limit_bytes v1: without TCP; v2: with it.
 * @kmem_bytes, @kmem_limit_bytes kernel memory (slab, stacks; not TCP buffers); the limit is deprecated.
 * @memory_failcnt hits of the memory limit.
 * @memory_high_bytes memory.high: above it the kernel reclaims, which puts sockets under pressure for a second.
 * @events_*    memory.events.
 * @events_sock_throttled checks of a socket that found pressure.
 * @pressure_some_avg10, ... share of time in 1/100 percent, 0..10000, in the last 10, 60, 300 s.
 * @pressure_some_us, @pressure_full_us total, microseconds.
 */
struct tcpbuf_cgroup_memory {
	uint64_t valid;
	uint32_t version;
	uint32_t levels_up;
	uint32_t charge;
	uint32_t kmem_case;
	uint64_t tcp_bytes;
	uint64_t tcp_limit_bytes;
	uint64_t tcp_max_bytes;
	uint64_t tcp_failcnt;
	uint64_t memory_bytes;
	uint64_t memory_limit_bytes;
	uint64_t kmem_bytes;
	uint64_t kmem_limit_bytes;
	uint64_t memory_failcnt;
	uint64_t memory_high_bytes;
	uint64_t events_high;
	uint64_t events_max;
	uint64_t events_oom;
	uint64_t events_oom_kill;
	uint64_t events_sock_throttled;
	uint32_t pressure_some_avg10;
	uint32_t pressure_some_avg60;
	uint32_t pressure_some_avg300;
	uint32_t pressure_full_avg10;
	uint32_t pressure_full_avg60;
	uint32_t pressure_full_avg300;
	uint64_t pressure_some_us;
	uint64_t pressure_full_us;
};

/*
 * Read a memory cgroup.
 * @path below the memory mount, as of tcpbuf_cgroup_of_pid() (on v2 also of tcpbuf_cgroup_path()).
 * @want bits of enum tcpbuf_cgroup_memory_group; 0: all. Each costs one to three files.
 * @out, @out_size receives a struct tcpbuf_cgroup_memory.
 * Returns 0; -EINVAL: NULL, unknown bit, or ".." in the path; -ENOENT: no such cgroup; -ENODATA: no memory
 * hierarchy; -EACCES; -EPROTO: a file is not as the kernel writes it; -ENAMETOOLONG,
 * -EIO, -EMFILE, -ENFILE, -ENOMEM. No privilege needed on most systems. Since 0.9.
 */
TCPBUF_API int tcpbuf_cgroup_read(
	struct tcpbuf_cgroup *cg, const char *path, uint32_t want, void *out, uint32_t out_size);

/* What a limit is. */
enum tcpbuf_cgroup_limit_kind {
	TCPBUF_CGROUP_LIMIT_NONE = 0,
	TCPBUF_CGROUP_LIMIT_KMEM_TCP = 1, /* v1: memory.kmem.tcp.limit_in_bytes */
	TCPBUF_CGROUP_LIMIT_MAX = 2,      /* v2: memory.max */
	TCPBUF_CGROUP_LIMIT_HIGH = 3,     /* v2: memory.high, above which TCP is slowed and not stopped */
	TCPBUF_CGROUP_LIMIT_NODE = 4      /* the node's limit that was passed in */
};

/*
 * What binds the TCP memory of a cgroup: the smallest of its own limits, its ancestors' and the node's.
 * @kind, @levels_up, @limit_bytes  the smallest limit, whose it is (0: the cgroup's own, n: the n-th
 *                                  ancestor's), bytes; NONE, 0, UINT64_MAX when nothing limits.
 * @room_kind, @room_levels_up, @room_bytes  the limit of a cgroup that leaves least room above what is used
 *                                  there now. An ancestor may bind before the smallest limit does.
 */
struct tcpbuf_cgroup_limit {
	uint32_t kind;
	uint32_t levels_up;
	uint64_t limit_bytes;
	uint32_t room_kind;
	uint32_t room_levels_up;
	uint64_t room_bytes;
};

/*
 * The effective limit up the tree.
 * @path       as of tcpbuf_cgroup_read().
 * @node_bytes the node's limit, tcp_mem[2] in bytes; 0: not to be considered.
 * @out, @out_size receives a struct tcpbuf_cgroup_limit.
 * On v1 a limit stops charges of sockets only where TCP is charged at all: see the record's charge.
 * Ancestors above the mount (a container's view) are not seen, nor are those that do not count their
 * children (v1 before 5.11, memory.use_hierarchy 0).
 * Returns as tcpbuf_cgroup_read(). Since 0.9.
 */
TCPBUF_API int tcpbuf_cgroup_get_limit(
	struct tcpbuf_cgroup *cg, const char *path, uint64_t node_bytes, void *out, uint32_t out_size);

/*
 * The pods that the kubelet has log folders of, as of tcpbuf_cgroup_pods_open(). Used by one thread at a
 * time, together with its context.
 */
struct tcpbuf_cgroup_pods;

/*
 * List the log folders below the context's pod log root, NAMESPACE_POD_UID, and the links in the folder
 * "containers" beside it, which know containers by id. A node without them gives an empty list.
 * Returns 0; -EINVAL: NULL; -EMFILE, -ENFILE, -ENOMEM. Since 0.9.
 * Privilege: /var/log/pods is root's on most nodes.
 */
TCPBUF_API int tcpbuf_cgroup_pods_open(struct tcpbuf *tb, struct tcpbuf_cgroup_pods **out);

/* Close; NULL is accepted. Since 0.9. */
TCPBUF_API void tcpbuf_cgroup_pods_close(struct tcpbuf_cgroup_pods *pods);

/*
 * How many pods are listed, or why none could be: -ENOENT: no such folder, no kubelet; -EACCES; -ENOTDIR;
 * -EINVAL: NULL. Since 0.9.
 */
TCPBUF_API int64_t tcpbuf_cgroup_pods_count(const struct tcpbuf_cgroup_pods *pods);

/* Groups of struct tcpbuf_cgroup_pod. */
enum tcpbuf_cgroup_pod_group {
	TCPBUF_CGROUP_POD_HAS_NAME = 1,     /* pod_namespace and pod are names, not "" and the UID */
	TCPBUF_CGROUP_POD_HAS_CONTAINER = 2 /* container is a name, not the id */
};

/*
 * @valid         bits of enum tcpbuf_cgroup_pod_group.
 * @pod_namespace "" when not known.
 * @pod           name, else the UID.
 * @container     name, else the id, else "".
 */
struct tcpbuf_cgroup_pod {
	uint64_t valid;
	char pod_namespace[64];
	char pod[256];
	char container[72];
};

/*
 * Names of a pod and a container, as far as log folders tell. A container's name is known by a link of its
 * id, or when its pod has one container only.
 * @pod_uid, @container_id as of tcpbuf_k8s_parse_cgroup(); the id may be NULL or "": the only container, if it is one.
 * @out, @out_size receives a struct tcpbuf_cgroup_pod.
 * Returns 0, also when nothing is known of them; -EINVAL: NULL, or longer than an id can be;
 * -EMFILE, -ENFILE, -ENOMEM. Since 0.9.
 */
TCPBUF_API int tcpbuf_cgroup_pods_find(struct tcpbuf_cgroup_pods *pods, const char *pod_uid,
	const char *container_id, void *out, uint32_t out_size);

#ifdef __cplusplus
}
#endif

#endif
