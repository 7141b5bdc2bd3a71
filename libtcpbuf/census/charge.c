/* SPDX-License-Identifier: MIT */
/* What each memory cgroup is charged. */
#include "census/census.h"

#include <errno.h>
#include <string.h>

#include "cgroup/cgroup.h"

/* v1 counts nothing until a limit was written, which one more group of files tells. */
static int read_charge(struct tcpbuf__naming *n, const char *path, struct tcpbuf_cgroup_memory *m)
{
	int err = tcpbuf_cgroup_read(n->cg, path, TCPBUF_CGROUP_MEMORY_TCP, m, sizeof(*m));

	if (!err && m->charge == TCPBUF_CGROUP_CHARGE_UNKNOWN)
		err = tcpbuf_cgroup_read(n->cg, path,
			TCPBUF_CGROUP_MEMORY_TCP | TCPBUF_CGROUP_MEMORY_TCP_LIMIT, m, sizeof(*m));
	return err;
}

static int charge_one(struct tcpbuf_census *c, struct tcpbuf__naming *n, const char *path)
{
	struct tcpbuf__holders *t = &c->tables[TCPBUF__CGROUP];
	struct tcpbuf_census_holder *h;
	struct tcpbuf_cgroup_memory m;
	int64_t at;
	int err;

	if (strlen(path) >= sizeof(h->cgroup))
		return 0;
	err = read_charge(n, path, &m);
	/* Below where the controller ends, the numbers are those of a cgroup above. */
	if (err || !(m.valid & TCPBUF_CGROUP_MEMORY_TCP) || m.charge != TCPBUF_CGROUP_CHARGE_YES || m.levels_up)
		return tcpbuf__sys_exhausted(err) ? err : 0;
	at = tcpbuf__holders_get(t, c->tb->sys, TCPBUF__CGROUP, path, strlen(path));
	if (at < 0)
		return (int)at;
	h = &t->items[at];
	if (!h->valid) {
		h->valid = TCPBUF_CENSUS_HAS_CGROUP;
		tcpbuf__name_pod(n, h);
	}
	h->valid |= TCPBUF_CENSUS_HAS_CHARGE;
	h->charge_bytes = m.tcp_bytes;
	return 0;
}

int tcpbuf__census_charge(struct tcpbuf_census *c, struct tcpbuf__naming *n)
{
	uint64_t size = 0, at = 0;
	char *names = NULL;
	int err = n->cg ? tcpbuf__cgroup_list(n->cg, &names, &size) : 0;

	for (; !err && at < size; at += strlen(names + at) + 1)
		if (names[at])
			err = charge_one(c, n, names + at);
	c->tb->sys->release(names);
	if (!err)
		tcpbuf__census_explain(&c->tables[TCPBUF__CGROUP]);
	return err;
}
