/* SPDX-License-Identifier: MIT */
#include "cgroup/cgroup.h"

#include <errno.h>
#include <string.h>

/* What limits the TCP memory of one level, and what counts against it. */
static const struct {
	uint32_t version;
	uint32_t kind;
	const char *limit;
	const char *usage;
} limits[] = {
	{TCPBUF_CGROUP_V1, TCPBUF_CGROUP_LIMIT_KMEM_TCP, "memory.kmem.tcp.limit_in_bytes",
		"memory.kmem.tcp.usage_in_bytes"},
	{TCPBUF_CGROUP_V2, TCPBUF_CGROUP_LIMIT_MAX, "memory.max", "memory.current"},
	{TCPBUF_CGROUP_V2, TCPBUF_CGROUP_LIMIT_HIGH, "memory.high", "memory.current"},
};

/* Returns 1, 0 when there is no such file or no limit in it, or a negative errno. */
static int read_number(struct tcpbuf_cgroup *cg, const char *path, const char *name, uint64_t *out)
{
	struct tcpbuf__reader text;
	int err = tcpbuf__cgroup_read_file(cg, path, name, &text);

	if (err == -ENOENT)
		return 0;
	if (!err)
		err = tcpbuf__cgroup_parse_number(text, out);
	if (err)
		return err;
	*out = tcpbuf__cgroup_no_limit(*out);
	return *out != UINT64_MAX;
}

static void offer(struct tcpbuf_cgroup_limit *l, uint32_t kind, uint32_t level, uint64_t limit,
	uint64_t usage)
{
	uint64_t room = usage < limit ? limit - usage : 0;

	if (limit < l->limit_bytes) {
		l->kind = kind;
		l->levels_up = level;
		l->limit_bytes = limit;
	}
	if (room < l->room_bytes) {
		l->room_kind = kind;
		l->room_levels_up = level;
		l->room_bytes = room;
	}
}

static int read_level(
	struct tcpbuf_cgroup *cg, const char *path, uint32_t level, struct tcpbuf_cgroup_limit *l)
{
	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		uint64_t limit = 0, usage = 0;
		int found;

		if (limits[i].version != cg->layout.memory)
			continue;
		found = read_number(cg, path, limits[i].limit, &limit);
		if (found > 0)
			found = read_number(cg, path, limits[i].usage, &usage);
		if (found < 0)
			return found;
		if (found > 0)
			offer(l, limits[i].kind, level, limit, usage);
	}
	return 0;
}

/* v1 before 5.11 could leave a child out of its parent's counters. Returns 1, 0 or a negative
 * errno. */
static int counts_children(struct tcpbuf_cgroup *cg, const char *path)
{
	uint64_t value = 1;
	int err;

	if (cg->layout.memory != TCPBUF_CGROUP_V1)
		return 1;
	err = read_number(cg, path, "memory.use_hierarchy", &value);
	return err < 0 ? err : value != 0;
}

static int read_levels(struct tcpbuf_cgroup *cg, char *path, struct tcpbuf_cgroup_limit *l)
{
	uint32_t level = 0;
	int err = tcpbuf__cgroup_has(cg, path, "cgroup.procs"), more;

	if (err <= 0)
		return err < 0 ? err : -ENOENT;
	do {
		err = read_level(cg, path, level++, l);
		if (err || !tcpbuf__cgroup_path_up(path))
			return err;
		more = counts_children(cg, path);
	} while (more > 0);
	return more;
}

int tcpbuf_cgroup_get_limit(struct tcpbuf_cgroup *cg, const char *path, uint64_t node_bytes,
	void *out, uint32_t out_size)
{
	static const char verb[] = "read the limits of cgroup";
	struct tcpbuf_cgroup_limit l;
	char copy[TCPBUF__CGROUP_PATH];
	int err;

	if (!cg || !out)
		return -EINVAL;
	err = tcpbuf__cgroup_begin(cg, path, verb, copy);
	if (err)
		return err;
	memset(&l, 0, sizeof(l));
	l.limit_bytes = l.room_bytes = UINT64_MAX;
	err = read_levels(cg, copy, &l);
	if (err)
		return tcpbuf__cgroup_fail(cg, err, verb, path, NULL);
	if (node_bytes && node_bytes < l.limit_bytes) {
		l.kind = TCPBUF_CGROUP_LIMIT_NODE;
		l.levels_up = 0;
		l.limit_bytes = node_bytes;
	}
	tcpbuf__copy_out(out, out_size, &l, sizeof(l));
	return 0;
}
