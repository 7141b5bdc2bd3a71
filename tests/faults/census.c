/* SPDX-License-Identifier: MIT */
/* A census: taken, recorded and read. */
#include "faults.h"

#include <string.h>

#include "check_main.h"

#define ALL (TCPBUF_CENSUS_BY_NETNS | TCPBUF_CENSUS_BY_CGROUP | TCPBUF_CENSUS_BY_POD | TCPBUF_CENSUS_BY_PROCESS | \
	TCPBUF_CENSUS_BY_SOCKET)

/* The namespace beside: nobody else is in it. */
static void tell(struct stage *s, const struct tcpbuf_census *c)
{
	struct tcpbuf_census_holder h;
	struct tcpbuf_census_node node;
	uint64_t groups = 0;

	ck_assert_int_eq(tcpbuf_census_node(c, &node, sizeof(node)), 0);
	for (uint32_t i = 0; tcpbuf_census_at(c, TCPBUF_CENSUS_BY_NETNS, i, &h, sizeof(h)) == 1; i++) {
		if (h.pid != (uint32_t)web.pid)
			continue;
		groups = h.valid;
		found(s, "%llu sockets, %lld held;", (unsigned long long)h.sockets, (long long)h.held_bytes);
	}
	found_groups(s, groups | node.valid << 32);
	s->lacking |= node.partial || node.netns_denied || node.processes_denied;
}

/* Cgroups of a recorded tree: those of the machine are others' as well. */
static void ready(struct stage *s)
{
	ck_assert_int_eq(tcpbuf_set_root(s->tb, TCPBUF_ROOT_CGROUP, TCPBUF_SOURCE_DIR "/tests/cgroup/fixtures/v1/cgroup"), 0);
	ck_assert_int_eq(tcpbuf_set_root(s->tb, TCPBUF_ROOT_POD_LOGS, WORLD_RUN "/log/pods"), 0);
}

static int64_t take_with(struct stage *s, uint32_t threads)
{
	struct tcpbuf_census_query query = {.size = sizeof(query), .by = ALL, .threads = threads};
	struct tcpbuf_census *c = (void *)s;
	int64_t code = CALLED(s, tcpbuf_census_take, s->tb, &query, &c);

	ck_assert_int_eq(code < 0, c == NULL);
	if (code)
		return code;
	tell(s, c);
	tcpbuf_census_free(c);
	return 0;
}

static int64_t take(struct stage *s)
{
	return take_with(s, 0);
}

static void ready_taken(struct stage *s)
{
	struct tcpbuf_census_query query = {.size = sizeof(query), .by = ALL};

	ready(s);
	ck_assert_int_eq(tcpbuf_census_take(s->tb, &query, &s->census), 0);
}

static int64_t read_record(struct stage *s)
{
	static char text[1 << 20];
	struct tcpbuf_census *c = (void *)s;
	int64_t size = tcpbuf_census_write(s->census, text, sizeof(text)), code;

	ck_assert_int_gt(size, 0);
	ck_assert_int_lt(size, (int64_t)sizeof(text));
	/* Needs nothing that could fail. */
	ck_assert_int_eq(tcpbuf_census_sort(s->census, TCPBUF_CENSUS_ORDER_GROWTH), 0);
	code = CALLED(s, tcpbuf_census_read, s->tb, text, (uint64_t)size, &c);
	ck_assert_int_eq(code < 0, c == NULL);
	if (code)
		return code;
	tell(s, c);
	tcpbuf_census_free(c);
	return 0;
}

static const struct operation items[] = {
	{"tcpbuf_census_take tcpbuf_census_free", ready, take, " "},
	{"tcpbuf_census_read", ready_taken, read_record, "read a recorded census"},
};
const struct operations census_operations = {items, sizeof(items) / sizeof(items[0])};
