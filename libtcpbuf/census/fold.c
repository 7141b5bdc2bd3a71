/* SPDX-License-Identifier: MIT */
/* From processes or cgroup ids to memory cgroups, from those to pods, and back to namespaces. */
#include "census/census.h"

#include <errno.h>
#include <string.h>


static void copy_pod(struct tcpbuf_census_holder *to, const struct tcpbuf_census_holder *from)
{
	const uint64_t groups = TCPBUF_CENSUS_HAS_POD | TCPBUF_CENSUS_HAS_POD_NAME;

	to->valid |= from->valid & groups;
	to->pods = from->pods;
	memcpy(to->pod_uid, from->pod_uid, sizeof(to->pod_uid));
	memcpy(to->pod_namespace, from->pod_namespace, sizeof(to->pod_namespace));
	memcpy(to->pod, from->pod, sizeof(to->pod));
}

static void copy_cgroup(struct tcpbuf_census_holder *to, const struct tcpbuf_census_holder *from)
{
	to->valid |= from->valid & (TCPBUF_CENSUS_HAS_CGROUP | TCPBUF_CENSUS_HAS_CONTAINER);
	to->cgroup_id = from->cgroup_id;
	to->cgroup_guess = from->cgroup_guess;
	memcpy(to->cgroup, from->cgroup, sizeof(to->cgroup));
	memcpy(to->container, from->container, sizeof(to->container));
	copy_pod(to, from);
}

/* Sums by another key that the holders have in group; the rest is what has none. */
static int fold(const struct tcpbuf__holders *from, struct tcpbuf__holders *to, enum tcpbuf__axis axis,
	uint64_t group, const struct tcpbuf__sys *sys)
{
	to->rest = from->rest;
	for (uint32_t i = 0; i < from->count; i++) {
		const struct tcpbuf_census_holder *h = &from->items[i];
		int64_t at;

		if (!(h->valid & group)) {
			tcpbuf__census_add(&to->rest, h);
			continue;
		}
		at = tcpbuf__holders_get_like(to, sys, axis, h);
		if (at < 0)
			return (int)at;
		if (axis == TCPBUF__CGROUP && !to->items[at].valid)
			copy_cgroup(&to->items[at], h);
		else if (!to->items[at].valid)
			copy_pod(&to->items[at], h);
		tcpbuf__census_add(&to->items[at], h);
		tcpbuf__census_note_netns(&to->items[at], h->netns_inode);
	}
	return 0;
}

/*
 * The pod of a namespace: of the process that lives in it, and of its sockets' cgroups; several have no name. Nor has
 * one that shares the namespace of a process of no pod, which has HAS_CGROUP meanwhile: hostNetwork.
 */
static void note_pod(struct tcpbuf_census_holder *netns, const struct tcpbuf_census_holder *of)
{
	const uint64_t groups = TCPBUF_CENSUS_HAS_POD | TCPBUF_CENSUS_HAS_POD_NAME;

	if (!(of->valid & TCPBUF_CENSUS_HAS_POD) || strcmp(netns->pod_uid, of->pod_uid) == 0)
		return;
	if (!netns->pods && !(netns->valid & TCPBUF_CENSUS_HAS_CGROUP)) {
		copy_pod(netns, of);
		return;
	}
	netns->pods = 2;
	netns->valid &= ~groups;
}

static void note_pods(struct tcpbuf_census *c, const struct tcpbuf__holders *from)
{
	for (uint32_t i = 0; i < from->count; i++) {
		const struct tcpbuf_census_holder *netns = tcpbuf__holders_find(
			&c->tables[TCPBUF__NETNS], TCPBUF__NETNS, &from->items[i]);

		if (netns)
			note_pod(&c->tables[TCPBUF__NETNS].items[netns - c->tables[TCPBUF__NETNS].items],
				&from->items[i]);
	}
}

static int name_processes(struct tcpbuf_census *c, struct tcpbuf__naming *n)
{
	struct tcpbuf__holders *t = &c->tables[TCPBUF__PROCESS];
	int err = 0;

	for (uint32_t i = 0; !err && i < t->count; i++)
		err = tcpbuf__name_process(n, c->tb, &t->items[i]);
	return err;
}

static int name_ids(struct tcpbuf_census *c, struct tcpbuf__naming *n)
{
	struct tcpbuf__holders *t = &c->tables[TCPBUF__ID];
	int err = 0;

	for (uint32_t i = 0; n->cg && !err && i < t->count; i++)
		err = tcpbuf__name_id(n, &t->items[i]);
	return err;
}

/* A namespace has a process's pod, not its cgroup: there may be other processes. */
static int name_netns(struct tcpbuf_census *c, struct tcpbuf__naming *n)
{
	struct tcpbuf__holders *t = &c->tables[TCPBUF__NETNS];
	struct tcpbuf_census_holder one;
	int err = 0;

	for (uint32_t i = 0; !err && i < t->count; i++) {
		struct tcpbuf_census_holder *h = &t->items[i];

		if (!h->pid)
			continue;
		memset(&one, 0, sizeof(one));
		one.pid = h->pid;
		err = tcpbuf__name_process(n, c->tb, &one);
		h->valid |= TCPBUF_CENSUS_HAS_PROCESS;
		h->start_time = one.start_time;
		memcpy(h->comm, one.comm, sizeof(h->comm));
		note_pod(h, &one);
		if (!(one.valid & TCPBUF_CENSUS_HAS_POD))
			h->valid |= one.valid & TCPBUF_CENSUS_HAS_CGROUP;
	}
	return err;
}

/* Once its pod is certain; the mark of a process of no pod has done its service. */
static int name_containers(struct tcpbuf__holders *netns, struct tcpbuf__naming *n)
{
	int err = 0;

	for (uint32_t i = 0; !err && i < netns->count; i++) {
		netns->items[i].valid &= ~(uint64_t)TCPBUF_CENSUS_HAS_CGROUP;
		err = tcpbuf__name_only_container(n, &netns->items[i]);
	}
	return err;
}

/* A socket has the names of its process and cgroup, where those are known. */
static void name_sockets(struct tcpbuf_census *c)
{
	struct tcpbuf__holders *t = &c->tables[TCPBUF__SOCKET];

	for (uint32_t i = 0; i < t->count; i++) {
		struct tcpbuf_census_holder *h = &t->items[i];
		const struct tcpbuf_census_holder *process =
			tcpbuf__holders_find(&c->tables[TCPBUF__PROCESS], TCPBUF__PROCESS, h);
		const struct tcpbuf_census_holder *id =
			tcpbuf__holders_find(&c->tables[TCPBUF__ID], TCPBUF__ID, h);

		if (process) {
			h->valid |= TCPBUF_CENSUS_HAS_PROCESS;
			h->start_time = process->start_time;
			memcpy(h->comm, process->comm, sizeof(h->comm));
		}
		if (id && (id->valid & TCPBUF_CENSUS_HAS_CGROUP))
			copy_cgroup(h, id);
		else if (process)
			copy_cgroup(h, process);
	}
}

/* On v2 each socket tells its cgroup; on v1, and before 5.9, its process does. */
static const struct tcpbuf__holders *source_of_cgroups(const struct tcpbuf_census *c, const struct tcpbuf__naming *n)
{
	int by_id = n->version != TCPBUF_CGROUP_V1 && c->tables[TCPBUF__ID].count;

	return &c->tables[by_id ? TCPBUF__ID : TCPBUF__PROCESS];
}

int tcpbuf__census_name(struct tcpbuf_census *c, struct tcpbuf__naming *n, int has_owners)
{
	const struct tcpbuf__sys *sys = c->tb->sys;
	struct tcpbuf__holders *t = c->tables;
	int err = name_processes(c, n);

	if (!err && n->version != TCPBUF_CGROUP_V1)
		err = name_ids(c, n);
	if (!err)
		err = name_netns(c, n);
	if (err)
		return err;
	if (!has_owners)
		t[TCPBUF__PROCESS].rest = c->total;
	err = fold(source_of_cgroups(c, n), &t[TCPBUF__CGROUP], TCPBUF__CGROUP, TCPBUF_CENSUS_HAS_CGROUP, sys);
	if (!err)
		err = fold(&t[TCPBUF__CGROUP], &t[TCPBUF__POD], TCPBUF__POD, TCPBUF_CENSUS_HAS_POD, sys);
	note_pods(c, source_of_cgroups(c, n));
	if (!err)
		err = name_containers(&t[TCPBUF__NETNS], n);
	name_sockets(c);
	return err;
}
