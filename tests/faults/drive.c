/* SPDX-License-Identifier: MIT */
/* The driver: each call of an operation fails once with each of its codes, and what must hold is checked. */
#include "faults.h"

#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/base.h"
#include "check_main.h"
#include "fault.h"

#define CALLS_LIMIT 20000

/* What each call may meet. */
static const struct {
	enum fault_kind kind;
	const char *name;
	int codes[6]; /* up to a 0 */
} failures[] = {
	{FAULT_ALLOC, "alloc", {-ENOMEM}},
	{FAULT_RESIZE, "resize", {-ENOMEM}},
	{FAULT_OPEN, "open", {-ENOMEM, -EMFILE, -EACCES, -EIO, -ENOENT}},
	{FAULT_READ, "read", {-ENOMEM, -EACCES, -EIO}},
	{FAULT_WRITE, "write", {-ENOMEM, -EACCES, -EIO, -EINVAL, FAULT_SHORT}},
	{FAULT_STAT, "stat", {-ENOMEM, -EACCES, -EIO, -ENOENT}},
	{FAULT_READLINK, "readlink", {-ENOMEM, -EACCES, -EIO, -ENOENT}},
	{FAULT_GETDENTS, "getdents", {-ENOMEM, -EACCES, -EIO, -ENOENT}},
	{FAULT_ACCESS, "access", {-EACCES, -EIO}},
	{FAULT_OPEN_KERNFS, "open_kernfs", {-ENOMEM, -EMFILE, -EPERM, -ESTALE, -EIO}},
	{FAULT_IOCTL, "ioctl", {-EPERM, -EIO}},
	{FAULT_GETRLIMIT, "getrlimit", {-EPERM}},
	{FAULT_SOCKET, "socket", {-ENOMEM, -EMFILE, -EACCES, -EIO, -ENOBUFS}},
	{FAULT_SEND, "send", {-ENOMEM, -EACCES, -EIO, -ENOBUFS}},
	{FAULT_RECV, "recv", {-ENOMEM, -EACCES, -EIO, -ENOBUFS}},
	{FAULT_GETNAME, "getname", {-ENOMEM, -EIO, -ENOBUFS}},
	{FAULT_GETSOCKOPT, "getsockopt", {-ENOMEM, -EPERM, -EIO, FAULT_SHORT}},
	{FAULT_SETSOCKOPT, "setsockopt", {-ENOMEM, -EPERM, -EIO}},
	{FAULT_LISTEN, "listen", {-ENOMEM, -EIO}},
	{FAULT_CONNECT, "connect", {-ENOMEM, -EACCES, -EIO}},
	{FAULT_ACCEPT, "accept", {-ENOMEM, -EMFILE, -EIO}},
	{FAULT_SETNS, "setns", {-ENOMEM, -EPERM}},
	{FAULT_UNSHARE, "unshare", {-ENOMEM, -EPERM, -ENOSPC}},
	{FAULT_RUN_THREADS, "run_threads", {-EAGAIN}},
};
#define FAILURES (sizeof(failures) / sizeof(failures[0]))

/* How an operation went. */
struct outcome {
	int64_t code;
	int lacking;
	char facts[sizeof(((struct stage *)0)->facts)];
};

void found(struct stage *s, const char *format, ...)
{
	size_t used = strlen(s->facts);
	va_list args;

	va_start(args, format);
	vsnprintf(s->facts + used, sizeof(s->facts) - used, format, args);
	va_end(args);
}

static struct outcome run(const struct operation *op, struct stage *s)
{
	struct outcome o;

	s->facts[0] = '\0';
	s->lacking = 0;
	o.code = op->run(s);
	o.lacking = s->lacking;
	memcpy(o.facts, s->facts, sizeof(o.facts));
	return o;
}

static void enter(const struct operation *op, struct stage *s)
{
	memset(s, 0, sizeof(*s));
	fault = (struct fault){.countdown = -1};
	ck_assert_int_eq(tcpbuf__new_with(&fault_sys, &s->tb), 0);
	if (op->ready)
		op->ready(s);
	memset(fault.calls, 0, sizeof(fault.calls));
}

static void leave(struct stage *s)
{
	tcpbuf_sysctl_change_close(s->change);
	tcpbuf_netns_list_close(s->list);
	tcpbuf_netns_close(s->ns);
	tcpbuf_cgroup_close(s->cg);
	tcpbuf_cgroup_pods_close(s->pods);
	tcpbuf_census_free(s->census);
	tcpbuf_free(s->tb);
}

static int open_descriptors(void)
{
	DIR *folder = opendir("/proc/self/fd");
	int count = 0;

	ck_assert_ptr_nonnull(folder);
	while (readdir(folder))
		count++;
	closedir(folder);
	return count;
}

static ino_t own_namespace(void)
{
	struct stat st;

	ck_assert_int_eq(stat("/proc/thread-self/ns/net", &st), 0);
	return st.st_ino;
}

/* What must be the same before and after. */
struct before {
	int descriptors;
	ino_t namespace;
	struct settings settings;
};

static struct before look(void)
{
	struct before b = {open_descriptors(), own_namespace(), {{{{0}}}}};

	world_settings(&b.settings);
	return b;
}

/* A documented code, and a sentence that names the code and what the call was about. */
static void check_failure(const struct operation *op, const struct stage *s, int code, const char *what)
{
	const char *text = tcpbuf_error_text(s->tb);

	ck_assert_msg(documents(s->called, code), "%s: %s() returned %s, which it does not document", what,
		s->called, strerrorname_np(-code));
	if (!op->names)
		return;
	ck_assert_msg(tcpbuf_error_code(s->tb) == code, "%s: %s() returned %d, the context says %d", what, s->called,
		code, tcpbuf_error_code(s->tb));
	ck_assert_msg(strncmp(text, "cannot ", 7) == 0 && strstr(text, strerrorname_np(-code)) &&
			strstr(text, op->names), "%s: %s(): \"%s\"", what, s->called, text);
}

/* Where the call made do, it found the same or says that it did not find all; what is gone is not found. */
static void check_success(
	const struct stage *s, const struct outcome *o, const struct outcome *good, int code, const char *what)
{
	ck_assert_msg(tcpbuf_error_code(s->tb) == 0 && !tcpbuf_error_text(s->tb)[0],
		"%s: %s() succeeded and left a failure: %s", what, s->called, tcpbuf_error_text(s->tb));
	ck_assert_msg(code == -ENOENT || o->lacking || (o->code == good->code && strcmp(o->facts, good->facts) == 0),
		"%s: %s() is wrong and does not say so: %lld \"%s\", not %lld \"%s\"", what, s->called,
		(long long)o->code, o->facts, (long long)good->code, good->facts);
}

static void check_same(const struct outcome *now, const struct outcome *good, const struct stage *s, const char *what)
{
	ck_assert_msg(now->code == good->code && strcmp(now->facts, good->facts) == 0,
		"%s: the next call gives %lld \"%s\" (%s), not %lld \"%s\"", what, (long long)now->code, now->facts,
		tcpbuf_error_text(s->tb), (long long)good->code, good->facts);
}

/* One run with whatever fails set in the fault. Returns 0 when there was no such call any more. */
static int inject(const struct operation *op, const struct fault *how, const struct outcome *good, const char *what)
{
	struct before b = look();
	struct outcome o;
	struct stage s;
	int happened;

	enter(op, &s);
	fault.kind = how->kind;
	fault.code = how->code;
	fault.answer = how->answer;
	fault.short_reads = how->short_reads;
	fault.countdown = how->countdown;
	o = run(op, &s);
	happened = fault.countdown < 0;
	fault.countdown = -1;
	fault.short_reads = 0;
	if (o.code < 0) {
		struct before after = look();

		check_failure(op, &s, (int)o.code, what);
		ck_assert_msg(memcmp(&after.settings, &b.settings, sizeof(b.settings)) == 0,
			"%s: %s() failed and changed a sysctl", what, s.called);
	} else {
		check_success(&s, &o, good, how->code, what);
	}
	world_reset();
	o = run(op, &s);
	check_same(&o, good, &s, what);
	leave(&s);
	world_reset();
	ck_assert_msg(fault.blocks == 0, "%s: %d blocks are not given back", what, fault.blocks);
	ck_assert_msg(fault.open_fds == 0 && open_descriptors() == b.descriptors, "%s: a descriptor stays open", what);
	ck_assert_msg(own_namespace() == b.namespace, "%s: the caller is in another namespace", what);
	return happened;
}

static int fail_each(const struct operation *op, size_t failure, int code, const struct outcome *good)
{
	struct fault how = {.kind = failures[failure].kind, .code = code};
	char what[128];

	for (how.countdown = 0; how.countdown < CALLS_LIMIT; how.countdown++) {
		snprintf(what, sizeof(what), "%s, call %d of %s gives %s", op->covers, how.countdown + 1,
			failures[failure].name, code == FAULT_SHORT ? "half" : strerrorname_np(-code));
		if (!inject(op, &how, good, what))
			return how.countdown;
	}
	ck_abort_msg("%s: no end", op->covers);
	return 0;
}

/* What must change nothing at all: short reads, and signals. */
static int disturb(const struct operation *op, const struct outcome *good)
{
	struct fault short_reads = {.kind = FAULT_ANY, .countdown = -1, .short_reads = 1};
	struct stage s;
	struct outcome o;
	char what[128];
	int count;

	snprintf(what, sizeof(what), "%s, short reads", op->covers);
	inject(op, &short_reads, good, what);
	snprintf(what, sizeof(what), "%s, interrupted", op->covers);
	enter(op, &s);
	interrupt_calls(1);
	o = run(op, &s);
	count = interrupted_calls();
	interrupt_calls(0);
	check_same(&o, good, &s, what);
	leave(&s);
	world_reset();
	return count;
}

static struct outcome run_well(const struct operation *op, int *calls)
{
	struct outcome good, again;
	struct stage s;

	enter(op, &s);
	good = run(op, &s);
	memcpy(calls, fault.calls, sizeof(fault.calls));
	ck_assert_msg(good.code >= 0, "%s: %s", op->covers, tcpbuf_error_text(s.tb));
	ck_assert_msg(!good.lacking, "%s: nothing failed, and something is missing: %s", op->covers, good.facts);
	world_reset();
	again = run(op, &s);
	check_same(&again, &good, &s, op->covers);
	leave(&s);
	world_reset();
	return good;
}

int drive(const struct operation *op)
{
	int calls[FAULT_KINDS], total = 0, faults = 0, interrupted;
	struct outcome good = run_well(op, calls);

	for (size_t f = 0; f < FAILURES; f++) {
		total += calls[failures[f].kind];
		for (int i = 0; calls[failures[f].kind] && failures[f].codes[i]; i++)
			faults += fail_each(op, f, failures[f].codes[i], &good);
	}
	interrupted = disturb(op, &good);
	printf("%-62s %5d calls %5d faults %5d interrupted\n", op->covers, total, faults, interrupted);
	return faults;
}
