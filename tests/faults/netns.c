/* SPDX-License-Identifier: MIT */
/* A context; namespaces: open one in each way, list them. */
#include "faults.h"

#include <stdio.h>
#include <unistd.h>

#include "base/base.h"
#include "check_main.h"
#include "fault.h"

static int64_t make_context(struct stage *s)
{
	struct tcpbuf *tb = NULL;
	int64_t code = tcpbuf__new_with(&fault_sys, &tb);

	s->called = "tcpbuf_new";
	ck_assert_int_eq(code < 0, tb == NULL);
	tcpbuf_free(tb);
	return code;
}

/* Only where a failed call leaves NULL is the handle a new one. */
#define NOT_NULL ((void *)1)

/* What an opened namespace is; it is closed again. */
static int64_t take(struct stage *s, int64_t code, struct tcpbuf_netns *ns)
{
	if (code < 0) {
		ck_assert_ptr_null(ns);
		return code;
	}
	found(s, "%llu %s;", (unsigned long long)tcpbuf_netns_inode(ns), tcpbuf_netns_label(ns));
	tcpbuf_netns_close(ns);
	return 0;
}

static int64_t open_self(struct stage *s)
{
	struct tcpbuf_netns *ns = NOT_NULL;
	int64_t code = CALLED(s, tcpbuf_netns_open_self, s->tb, &ns);

	return take(s, code, ns);
}

static int64_t open_pid(struct stage *s)
{
	struct tcpbuf_netns *ns = NOT_NULL;
	int64_t code = CALLED(s, tcpbuf_netns_open_pid, s->tb, (uint32_t)web.pid, &ns);

	return take(s, code, ns);
}

static int64_t open_path(struct stage *s)
{
	struct tcpbuf_netns *ns = NOT_NULL;
	char path[64];
	int64_t code;

	snprintf(path, sizeof(path), "/proc/%d/ns/net", (int)web.pid);
	code = CALLED(s, tcpbuf_netns_open_path, s->tb, path, &ns);
	return take(s, code, ns);
}

static void ready_name(struct stage *s)
{
	ck_assert_int_eq(tcpbuf_set_root(s->tb, TCPBUF_ROOT_RUN, WORLD_RUN), 0);
}

static int64_t open_name(struct stage *s)
{
	struct tcpbuf_netns *ns = NOT_NULL;
	int64_t code = CALLED(s, tcpbuf_netns_open_name, s->tb, "web", &ns);

	return take(s, code, ns);
}

static int64_t open_fd(struct stage *s)
{
	struct tcpbuf_netns *ns = NOT_NULL;
	int64_t code = CALLED(s, tcpbuf_netns_open_fd, s->tb, web.fd, &ns);

	return take(s, code, ns);
}

static int64_t open_each_way(struct stage *s)
{
	const char *const ways[] = {"self", "1", "/proc/thread-self/ns/net", "web"};
	int64_t code = 0;

	for (size_t i = 0; code >= 0 && i < sizeof(ways) / sizeof(ways[0]); i++) {
		struct tcpbuf_netns *ns = NOT_NULL;

		code = CALLED(s, tcpbuf_netns_open, s->tb, ways[i], &ns);
		code = take(s, code, ns);
	}
	return code;
}

void ready_web(struct stage *s)
{
	ck_assert_int_eq(tcpbuf_netns_open_fd(s->tb, web.fd, &s->ns), 0);
}

static int64_t read_cookie(struct stage *s)
{
	uint64_t cookie;
	int64_t code = CALLED(s, tcpbuf_netns_cookie, s->ns, &cookie);

	if (code == 0)
		found(s, "%llu", (unsigned long long)cookie);
	return code;
}

static int64_t open_list(struct stage *s)
{
	struct tcpbuf_netns_list *list = NOT_NULL;
	int64_t code = CALLED(s, tcpbuf_netns_list_open, s->tb, &list);

	ck_assert_int_eq(code < 0, list == NULL);
	tcpbuf_netns_list_close(list);
	return code;
}

static void ready_list(struct stage *s)
{
	ck_assert_int_eq(tcpbuf_netns_list_open(s->tb, &s->list), 0);
}

static void tell_entry(struct stage *s, const struct tcpbuf_netns_entry *e)
{
	found(s, "%llu by %u pid %u;", (unsigned long long)e->inode, e->by, e->pid);
}

/* A walk that failed is begun anew. */
static int64_t walk_list(struct stage *s)
{
	struct tcpbuf_netns_summary sum;
	struct tcpbuf_netns_entry e;
	int64_t code;

	while ((code = CALLED(s, tcpbuf_netns_list_next, s->list, &e, sizeof(e))) == 1)
		tell_entry(s, &e);
	ck_assert_int_eq(tcpbuf_netns_list_summary(s->list, &sum, sizeof(sum)), 0);
	s->lacking = sum.denied || sum.gone;
	if (code == 0)
		found(s, "%llu listed", (unsigned long long)sum.listed);
	return code;
}

static int64_t walk_new_list(struct stage *s)
{
	tcpbuf_netns_list_close(s->list);
	s->list = NULL;
	if (CALLED(s, tcpbuf_netns_list_open, s->tb, &s->list) != 0)
		return tcpbuf_error_code(s->tb);
	return walk_list(s);
}

static void ready_listed(struct stage *s)
{
	struct tcpbuf_netns_entry e;

	ready_list(s);
	ck_assert_int_eq(tcpbuf_netns_list_next(s->list, &e, sizeof(e)), 1);
}

static int64_t open_listed(struct stage *s)
{
	struct tcpbuf_netns *ns = NOT_NULL;
	int64_t code = CALLED(s, tcpbuf_netns_open_listed, s->list, &ns);

	return take(s, code, ns);
}

static const struct operation items[] = {
	{"tcpbuf_new tcpbuf_free", NULL, make_context, NULL},
	{"tcpbuf_netns_open_self tcpbuf_netns_close", NULL, open_self, "netns \"self\""},
	{"tcpbuf_netns_open_pid", NULL, open_pid, "netns \"pid "},
	{"tcpbuf_netns_open_path", NULL, open_path, "netns \"/proc/"},
	{"tcpbuf_netns_open_name", ready_name, open_name, "netns \"web\""},
	{"tcpbuf_netns_open_fd", NULL, open_fd, "netns \"fd "},
	{"tcpbuf_netns_open", ready_name, open_each_way, "netns \""},
	{"tcpbuf_netns_cookie", ready_web, read_cookie, "netns \"fd "},
	{"tcpbuf_netns_list_open tcpbuf_netns_list_close", NULL, open_list, "list namespaces"},
	{"tcpbuf_netns_list_next", ready_list, walk_new_list, "list namespaces"},
	{"tcpbuf_netns_open_listed", ready_listed, open_listed, "netns \""},
};
const struct operations netns_operations = {items, sizeof(items) / sizeof(items[0])};
