/* SPDX-License-Identifier: MIT */
#include "cgroup/cgroup.h"

#include <errno.h>
#include <string.h>

#define TCP TCPBUF_CGROUP_MEMORY_TCP
#define TCP_LIMIT TCPBUF_CGROUP_MEMORY_TCP_LIMIT
#define MEMORY TCPBUF_CGROUP_MEMORY_MEMORY
#define KMEM TCPBUF_CGROUP_MEMORY_KMEM
#define HIGH TCPBUF_CGROUP_MEMORY_HIGH
#define ALL_GROUPS (2 * TCPBUF_CGROUP_MEMORY_PRESSURE - 1)

#define AT(field) offsetof(struct tcpbuf_cgroup_memory, field)

/* Files of one number. A group is there when all its files are. */
static const struct number {
	const char *name;
	uint32_t version;
	uint32_t group;
	size_t offset;
} numbers[] = {
	{"memory.kmem.tcp.usage_in_bytes", TCPBUF_CGROUP_V1, TCP, AT(tcp_bytes)},
	{"memory.kmem.tcp.limit_in_bytes", TCPBUF_CGROUP_V1, TCP_LIMIT, AT(tcp_limit_bytes)},
	{"memory.kmem.tcp.max_usage_in_bytes", TCPBUF_CGROUP_V1, TCP_LIMIT, AT(tcp_max_bytes)},
	{"memory.kmem.tcp.failcnt", TCPBUF_CGROUP_V1, TCP_LIMIT, AT(tcp_failcnt)},
	{"memory.usage_in_bytes", TCPBUF_CGROUP_V1, MEMORY, AT(memory_bytes)},
	{"memory.limit_in_bytes", TCPBUF_CGROUP_V1, MEMORY, AT(memory_limit_bytes)},
	{"memory.kmem.usage_in_bytes", TCPBUF_CGROUP_V1, KMEM, AT(kmem_bytes)},
	{"memory.kmem.limit_in_bytes", TCPBUF_CGROUP_V1, KMEM, AT(kmem_limit_bytes)},
	{"memory.failcnt", TCPBUF_CGROUP_V1, KMEM, AT(memory_failcnt)},
	{"memory.current", TCPBUF_CGROUP_V2, MEMORY, AT(memory_bytes)},
	{"memory.max", TCPBUF_CGROUP_V2, MEMORY, AT(memory_limit_bytes)},
	{"memory.high", TCPBUF_CGROUP_V2, HIGH, AT(memory_high_bytes)},
};

/* Lines of memory.events. */
static const struct {
	const char *key;
	size_t offset;
} events[] = {
	{"high", AT(events_high)},
	{"max", AT(events_max)},
	{"oom", AT(events_oom)},
	{"oom_kill", AT(events_oom_kill)},
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static uint64_t *field(struct tcpbuf_cgroup_memory *m, size_t offset)
{
	return (uint64_t *)(void *)((char *)m + offset);
}

/* A file that this kernel, or this cgroup, does not have is no failure. */
static int is_absent(int err)
{
	return err == -ENOENT || err == -EOPNOTSUPP || err == -ENODATA;
}

/* Nothing of a group that is not whole. */
static int read_group(
	struct tcpbuf_cgroup *cg, const char *path, uint32_t group, struct tcpbuf_cgroup_memory *m)
{
	struct tcpbuf_cgroup_memory whole = *m;
	struct tcpbuf__reader text;
	uint64_t value;

	for (size_t i = 0; i < COUNT(numbers); i++) {
		int err;

		if (numbers[i].group != group || numbers[i].version != m->version)
			continue;
		err = tcpbuf__cgroup_read_file(cg, path, numbers[i].name, &text);
		if (err)
			return is_absent(err) ? 0 : err;
		err = tcpbuf__cgroup_parse_number(text, &value);
		if (err)
			return err;
		*field(&whole, numbers[i].offset) = tcpbuf__cgroup_no_limit(value);
	}
	*m = whole;
	m->valid |= group;
	return 0;
}

static int read_stat(struct tcpbuf_cgroup *cg, const char *path, struct tcpbuf_cgroup_memory *m)
{
	struct tcpbuf__reader text;
	int err = tcpbuf__cgroup_read_file(cg, path, "memory.stat", &text);

	if (err)
		return is_absent(err) ? 0 : err;
	err = tcpbuf__cgroup_parse_keyed(text, "sock", &m->tcp_bytes);
	if (err > 0)
		m->valid |= TCP;
	return err < 0 ? err : 0;
}

static int parse_events(struct tcpbuf__reader text, struct tcpbuf_cgroup_memory *m)
{
	struct tcpbuf_cgroup_memory whole = *m;
	int found;

	for (size_t i = 0; i < COUNT(events); i++) {
		found = tcpbuf__cgroup_parse_keyed(
			text, events[i].key, field(&whole, events[i].offset));
		if (found <= 0)
			return found;
	}
	*m = whole;
	m->valid |= TCPBUF_CGROUP_MEMORY_EVENTS;
	found = tcpbuf__cgroup_parse_keyed(text, "sock_throttled", &m->events_sock_throttled);
	if (found > 0)
		m->valid |= TCPBUF_CGROUP_MEMORY_THROTTLED;
	return found < 0 ? found : 0;
}

static int read_events(struct tcpbuf_cgroup *cg, const char *path, struct tcpbuf_cgroup_memory *m)
{
	struct tcpbuf__reader text;
	int err = tcpbuf__cgroup_read_file(cg, path, "memory.events", &text);

	if (err)
		return is_absent(err) ? 0 : err;
	return parse_events(text, m);
}

static int read_pressure(struct tcpbuf_cgroup *cg, const char *path, struct tcpbuf_cgroup_memory *m)
{
	struct tcpbuf__reader text;
	int err = tcpbuf__cgroup_read_file(cg, path, "memory.pressure", &text);

	if (!err)
		err = tcpbuf__cgroup_parse_pressure(text, m);
	else if (is_absent(err))
		return 0;
	if (!err)
		m->valid |= TCPBUF_CGROUP_MEMORY_PRESSURE;
	return err;
}

static int read_v1(
	struct tcpbuf_cgroup *cg, const char *path, uint32_t want, struct tcpbuf_cgroup_memory *m)
{
	static const uint32_t groups[] = {TCP, TCP_LIMIT, MEMORY, KMEM};
	int err = 0;

	for (size_t i = 0; !err && i < COUNT(groups); i++)
		if (want & groups[i])
			err = read_group(cg, path, groups[i], m);
	return err;
}

static int read_v2(
	struct tcpbuf_cgroup *cg, const char *path, uint32_t want, struct tcpbuf_cgroup_memory *m)
{
	int err = want & TCP ? read_stat(cg, path, m) : 0;

	if (!err && (want & MEMORY))
		err = read_group(cg, path, MEMORY, m);
	if (!err && (want & HIGH))
		err = read_group(cg, path, HIGH, m);
	if (!err && (want & (TCPBUF_CGROUP_MEMORY_EVENTS | TCPBUF_CGROUP_MEMORY_THROTTLED)))
		err = read_events(cg, path, m);
	if (!err && (want & TCPBUF_CGROUP_MEMORY_PRESSURE))
		err = read_pressure(cg, path, m);
	return err;
}

static uint32_t case_of(const struct tcpbuf_cgroup_memory *m)
{
	if (m->version == TCPBUF_CGROUP_V2)
		return TCPBUF_CGROUP_CASE_ONE_LIMIT;
	if (!(m->valid & MEMORY) || !(m->valid & KMEM))
		return TCPBUF_CGROUP_CASE_UNKNOWN;
	if (m->memory_limit_bytes == UINT64_MAX)
		return TCPBUF_CGROUP_CASE_NO_LIMIT;
	if (m->kmem_limit_bytes == UINT64_MAX)
		return TCPBUF_CGROUP_CASE_K_NONE;
	return m->kmem_limit_bytes < m->memory_limit_bytes ? TCPBUF_CGROUP_CASE_K_BELOW_U
							   : TCPBUF_CGROUP_CASE_K_ABOVE_U;
}

/* v1: a limit proves the charge; a counter that moved does too, of this group or one below it. */
static uint32_t charge_v1(const struct tcpbuf_cgroup_memory *m, int is_root)
{
	if (is_root)
		return TCPBUF_CGROUP_CHARGE_NO;
	if ((m->valid & TCP) && m->tcp_bytes)
		return TCPBUF_CGROUP_CHARGE_YES;
	if (!(m->valid & TCP_LIMIT))
		return TCPBUF_CGROUP_CHARGE_UNKNOWN;
	return m->tcp_limit_bytes != UINT64_MAX || m->tcp_max_bytes ? TCPBUF_CGROUP_CHARGE_YES
								    : TCPBUF_CGROUP_CHARGE_UNSEEN;
}

static int read_all(
	struct tcpbuf_cgroup *cg, char *path, uint32_t want, struct tcpbuf_cgroup_memory *m)
{
	int found;

	m->version = cg->layout.memory;
	if (m->version == TCPBUF_CGROUP_V1) {
		found = tcpbuf__cgroup_has(cg, path, "cgroup.procs");
		if (found <= 0)
			return found < 0 ? found : -ENOENT;
		found = read_v1(cg, path, want, m);
		/* Only the root of a v1 hierarchy has a release_agent. */
		m->charge = charge_v1(m, tcpbuf__cgroup_has(cg, path, "release_agent") == 1);
	} else {
		found = tcpbuf__cgroup_climb(cg, path, &m->levels_up);
		if (found < 0)
			return found;
		m->charge = found ? cg->layout.tcp : TCPBUF_CGROUP_CHARGE_NO;
		found = read_v2(cg, path, want, m);
	}
	m->kmem_case = case_of(m);
	return found;
}

int tcpbuf_cgroup_read(
	struct tcpbuf_cgroup *cg, const char *path, uint32_t want, void *out, uint32_t out_size)
{
	static const char verb[] = "read cgroup";
	struct tcpbuf_cgroup_memory m;
	char copy[TCPBUF__CGROUP_PATH];
	int err;

	if (!cg || !out)
		return -EINVAL;
	err = tcpbuf__cgroup_begin(cg, path, verb, copy);
	if (err)
		return err;
	if (want & ~(uint32_t)ALL_GROUPS)
		return tcpbuf__cgroup_fail(cg, -EINVAL, verb, path, "unknown group wanted");
	memset(&m, 0, sizeof(m));
	err = read_all(cg, copy, want ? want : ALL_GROUPS, &m);
	if (err)
		return tcpbuf__cgroup_fail(cg, err, verb, path, NULL);
	tcpbuf__copy_out(out, out_size, &m, sizeof(m));
	return 0;
}
