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
#include "documented.h"
#include "check_main.h"
#include "fault.h"

#define CALLS_LIMIT 20000
/* Of an operation with more calls than this each call fails with one of its codes, in turn; TCPBUF_TEST_FAULTS=all: with all. */
#define MANY_CALLS 100

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

static int count_codes(size_t failure)
{
	int count = 0;

	while (count < 6 && failures[failure].codes[count])
		count++;
	return count;
}

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

void found_groups(struct stage *s, uint64_t groups)
{
	static uint64_t first;

	if (!first)
		first = groups;
	s->lacking |= (first & ~groups) != 0;
	found(s, "groups %llx ", (unsigned long long)groups);
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

/* Without memory or descriptors there is no making do. But a socket's own calls tell of that socket alone. */
static int may_lack(const struct fault *how)
{
	return how->kind >= FAULT_SEND || !tcpbuf__sys_exhausted(how->code);
}

/* Where the call made do, it found the same or says that it did not find all; what is gone is not found. */
static void check_success(const struct stage *s, const struct outcome *o, const struct outcome *good,
	const struct fault *how, const char *what)
{
	ck_assert_msg(tcpbuf_error_code(s->tb) == 0 && !tcpbuf_error_text(s->tb)[0],
		"%s: %s() succeeded and left a failure: %s", what, s->called, tcpbuf_error_text(s->tb));
	ck_assert_msg(how->code == -ENOENT || (o->lacking && may_lack(how)) || (o->code == good->code && strcmp(o->facts, good->facts) == 0),
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
		check_success(&s, &o, good, how, what);
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

/* Fail the call at @first, and each @step further on. Returns how many there were. */
static int fail_each(const struct operation *op, struct fault how, int first, int step, const struct outcome *good,
	const char *name)
{
	char what[160];

	for (int count = 0; count < CALLS_LIMIT; count++) {
		how.countdown = first + count * step;
		snprintf(what, sizeof(what), "%s, call %d of %s", op->covers, how.countdown + 1, name);
		if (!inject(op, &how, good, what))
			return count;
	}
	ck_abort_msg("%s: no end", op->covers);
	return 0;
}

static int fail_kind(const struct operation *op, size_t failure, int in_turn, const struct outcome *good)
{
	int codes = count_codes(failure), faults = 0;

	for (int i = 0; i < codes; i++) {
		struct fault how = {.kind = failures[failure].kind, .code = failures[failure].codes[i]};
		char name[64];

		snprintf(name, sizeof(name), "%s gives %s", failures[failure].name,
			how.code == FAULT_SHORT ? "half" : strerrorname_np(-how.code));
		faults += fail_each(op, how, in_turn ? i : 0, in_turn ? codes : 1, good, name);
	}
	return faults;
}

/* Each answer of netlink is another one. */
static int answer_each(const struct operation *op, const struct outcome *good)
{
	int faults = 0;

	for (const struct answer *a = answers; a->name; a++) {
		struct fault how = {.kind = FAULT_RECV, .code = FAULT_SHORT, .answer = a->give};

		faults += fail_each(op, how, 0, 1, good, a->name);
	}
	return faults;
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

	for (size_t f = 0; f < FAILURES; f++)
		total += calls[failures[f].kind];
	for (size_t f = 0; f < FAILURES; f++)
		if (calls[failures[f].kind])
			faults += fail_kind(op, f, total > MANY_CALLS && !getenv("TCPBUF_TEST_FAULTS"), &good);
	if (calls[FAULT_RECV])
		faults += answer_each(op, &good);
	interrupted = disturb(op, &good);
	printf("%-62s %5d calls %5d faults %5d interrupted\n", op->covers, total, faults, interrupted);
	return faults;
}
