/* SPDX-License-Identifier: MIT */
#ifndef TCPBUF_CENSUS_CENSUS_H
#define TCPBUF_CENSUS_CENSUS_H

#include <tcpbuf/census.h>
#include <tcpbuf/cgroup.h>
#include <tcpbuf/diag.h>
#include <tcpbuf/node.h>

#include "base/base.h"
#include "util/reader.h"

/* ---- sum: one socket into sums, sums into sums ---- */

/* What becomes of a socket in the sums. */
enum tcpbuf__sock_kind {
	TCPBUF__SOCK_ATTACHED,   /* a process, or the kernel, has it */
	TCPBUF__SOCK_UNACCEPTED,
	TCPBUF__SOCK_ORPHANED,
	TCPBUF__SOCK_TIME_WAIT,
	TCPBUF__SOCK_HALF_OPEN
};

enum tcpbuf__sock_kind tcpbuf__census_kind(const struct tcpbuf_sock *sock);
void tcpbuf__census_add_sock(struct tcpbuf_census_holder *into, const struct tcpbuf_sock *sock, int shared);
void tcpbuf__census_add(struct tcpbuf_census_holder *into, const struct tcpbuf_census_holder *sums);

/* All sockets of a holder are in one namespace, or it has none to show. */
void tcpbuf__census_note_netns(struct tcpbuf_census_holder *h, uint64_t inode);

/* ---- holders: a table with one key a kind ---- */

/* Tables of a census; the last one is of v2 cgroup ids, before they have paths. */
enum tcpbuf__axis {
	TCPBUF__NETNS,
	TCPBUF__CGROUP,
	TCPBUF__POD,
	TCPBUF__PROCESS,
	TCPBUF__SOCKET,
	TCPBUF__PUBLIC_AXES,
	TCPBUF__ID = TCPBUF__PUBLIC_AXES,
	TCPBUF__AXES
};

struct tcpbuf__holders {
	struct tcpbuf_census_holder *items;
	uint32_t *order; /* ranks to items; NULL: as they came */
	uint32_t *slots; /* index + 1; 0: free */
	uint32_t count;
	uint32_t room;
	uint32_t slot_count;           /* 0 or a power of two */
	struct tcpbuf_census_holder rest; /* sockets of no holder */
};

/* Index of the holder with that key, which is made when there is none; or -ENOMEM. */
int64_t tcpbuf__holders_get(struct tcpbuf__holders *t, const struct tcpbuf__sys *sys, enum tcpbuf__axis axis,
	const void *key, size_t size);

/* The same of number keys; and of another holder's key. */
int64_t tcpbuf__holders_get_u64(
	struct tcpbuf__holders *t, const struct tcpbuf__sys *sys, enum tcpbuf__axis axis, uint64_t key);
int64_t tcpbuf__holders_get_like(struct tcpbuf__holders *t, const struct tcpbuf__sys *sys,
	enum tcpbuf__axis axis, const struct tcpbuf_census_holder *like);

/* The holder with another one's key, or NULL. */
const struct tcpbuf_census_holder *tcpbuf__holders_find(
	const struct tcpbuf__holders *t, enum tcpbuf__axis axis, const struct tcpbuf_census_holder *like);

/* A holder more, all zero and not in the index: its number or -ENOMEM. And the index made anew. */
int64_t tcpbuf__holders_append(struct tcpbuf__holders *t, const struct tcpbuf__sys *sys);
int tcpbuf__holders_index(struct tcpbuf__holders *t, const struct tcpbuf__sys *sys, enum tcpbuf__axis axis);

/*
 * Keep the sockets that hold most, @top of them; the others go to the rest. The order is a heap
 * meanwhile, and there is no index: sort and index afterwards.
 */
int tcpbuf__holders_offer(struct tcpbuf__holders *t, const struct tcpbuf__sys *sys, uint32_t top,
	const struct tcpbuf_census_holder *one);

/* 1 when a socket that holds so much would be kept now. */
int tcpbuf__holders_wants(const struct tcpbuf__holders *t, int64_t held);

/* Rank by enum tcpbuf_census_order. Returns 0 or -ENOMEM. */
int tcpbuf__holders_sort(struct tcpbuf__holders *t, const struct tcpbuf__sys *sys, uint32_t order);
void tcpbuf__holders_free(struct tcpbuf__holders *t, const struct tcpbuf__sys *sys);

/* ---- fields: one table for printers, the writer and the parser ---- */

struct tcpbuf__field {
	const char *name;
	uint16_t offset;
	uint16_t type; /* enum tcpbuf_field_type */
	uint16_t count;
	uint16_t group;
};
extern const struct tcpbuf__field tcpbuf__node_fields[];
extern const struct tcpbuf__field tcpbuf__holder_fields[];

/* ---- the census ---- */

struct tcpbuf_census {
	struct tcpbuf *tb;
	uint32_t by;
	uint32_t top;
	struct tcpbuf_census_node node;
	struct tcpbuf_census_holder total; /* of all namespaces */
	struct tcpbuf__holders tables[TCPBUF__AXES];
	char lacks[256];
};

/* Sums of the node from the total and readings before and after the walk. */
void tcpbuf__census_reconcile(struct tcpbuf_census *c, const struct tcpbuf_node *before, const struct tcpbuf_node *after);

/* attributed_bytes and unexplained_bytes of the cgroups with a charge. */
void tcpbuf__census_explain(struct tcpbuf__holders *cgroups);

/* ---- owners: which process has a socket ---- */

struct tcpbuf__owners {
	struct {
		uint32_t inode; /* 0: free */
		uint32_t pid;   /* the lowest; TCPBUF__OWNER_SHARED: and others */
	} * slots;
	uint32_t slot_count;
	uint32_t used;
	uint32_t denied; /* processes that could not be looked at */
};
#define TCPBUF__OWNER_SHARED 0x80000000u

int tcpbuf__owners_add(struct tcpbuf__owners *o, const struct tcpbuf__sys *sys, uint32_t inode, uint32_t pid);
/* 0: none. */
uint32_t tcpbuf__owners_find(const struct tcpbuf__owners *o, uint32_t inode);
int tcpbuf__owners_read(struct tcpbuf__owners *o, struct tcpbuf *tb);
void tcpbuf__owners_free(struct tcpbuf__owners *o, const struct tcpbuf__sys *sys);

/* "PID (COMM) S ...": name and start time of PROC/PID/stat. Returns 0 or -EPROTO. */
int tcpbuf__census_parse_stat(struct tcpbuf__reader text, struct tcpbuf_census_holder *out);

/* ---- io ---- */

/* Say what the census lacks, and whether that makes it partial. */
int tcpbuf__census_lack(struct tcpbuf_census *c, int has_owners);

/* The mask of "CapEff:" in PROC/PID/status. Returns 0 or -EPROTO. */
int tcpbuf__census_parse_rights(struct tcpbuf__reader text, uint64_t *mask);

/* Dump one namespace into its holder and the other tables. */
int tcpbuf__census_dump(struct tcpbuf_census *c, const struct tcpbuf__owners *owners, struct tcpbuf_netns *ns,
	struct tcpbuf_census_holder *into);

/* Open namespaces that wait to be dumped, one alone or some for each thread. */
#define TCPBUF__BATCH_MAX 1024
struct tcpbuf__batch {
	struct tcpbuf_census *c;
	const struct tcpbuf__owners *owners;
	uint32_t threads;
	uint32_t room;
	uint32_t count;
	struct {
		struct tcpbuf_netns *ns;
		uint32_t at; /* its holder */
	} jobs[TCPBUF__BATCH_MAX];
};
void tcpbuf__batch_start(struct tcpbuf__batch *b, struct tcpbuf_census *c, const struct tcpbuf__owners *owners,
	uint32_t threads);
/* Takes the namespace over; a full batch is run. */
int tcpbuf__batch_add(struct tcpbuf__batch *b, struct tcpbuf_netns *ns, uint32_t at);
int tcpbuf__batch_run(struct tcpbuf__batch *b);
/* Close what has not been run. */
void tcpbuf__batch_drop(struct tcpbuf__batch *b);

/* Walk every namespace and sum into the tables. */
int tcpbuf__census_walk(struct tcpbuf_census *c, const struct tcpbuf__owners *owners, uint32_t threads);

/* What the node's cgroups and pods are asked with; cg and pods NULL where there are none. */
struct tcpbuf__naming {
	struct tcpbuf_cgroup *cg;
	struct tcpbuf_cgroup_pods *pods;
	uint32_t version; /* enum tcpbuf_cgroup_version: who owns memory */
	char path[4096];  /* scratch */
};
int tcpbuf__naming_open(struct tcpbuf__naming *n, struct tcpbuf *tb);
void tcpbuf__naming_close(struct tcpbuf__naming *n);

/* Name and start time of a process, its cgroup and the pod of that. */
int tcpbuf__name_process(struct tcpbuf__naming *n, struct tcpbuf *tb, struct tcpbuf_census_holder *h);

/* The memory cgroup of a v2 id, and its pod. */
int tcpbuf__name_id(struct tcpbuf__naming *n, struct tcpbuf_census_holder *h);

/* Who the pod of a cgroup is. */
void tcpbuf__name_pod(struct tcpbuf__naming *n, struct tcpbuf_census_holder *h);

/* The container of a namespace: a pod's containers share it, so only where the pod has one. */
int tcpbuf__name_only_container(struct tcpbuf__naming *n, struct tcpbuf_census_holder *h);

/* Fill the tables BY_CGROUP and BY_POD, and put names everywhere. */
int tcpbuf__census_name(struct tcpbuf_census *c, struct tcpbuf__naming *n, int has_owners);

/* Charges of cgroups; one that is charged and has no socket found is a holder too. */
int tcpbuf__census_charge(struct tcpbuf_census *c, struct tcpbuf__naming *n);

#endif
