/* SPDX-License-Identifier: MIT */
/*
 * The running kernel: cgroups made here, loopback connections with queued bytes in them, and the sum over
 * the sockets against the charge. Works on whichever hierarchy owns memory.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/base.h"
#include "check_main.h"
#include "groups.h"
#include "scratch.h"
#include <tcpbuf/tcpbuf.h>

#define CONNECTIONS 20
#define FILLED 1000000 /* bytes that they hold at least */
#define LIMIT 262144

static struct tcpbuf *tb;
static struct tcpbuf_cgroup *cg;
static struct groups groups;
static const struct tcpbuf_cgroup_layout *const layout = &groups.layout;
static char *const own = groups.own; /* the memory cgroup of the test */
static char *const parent = groups.parent;
static char child[4096 + 128];

static void setup(void)
{
	ck_assert_int_eq(tcpbuf_new(&tb), 0);
	ck_assert_int_eq(tcpbuf_cgroup_open(tb, &cg), 0);
	groups_start(&groups);
	snprintf(child, sizeof(child), "%s/child", parent);
	group_make(&groups, child);
}

static void teardown(void)
{
	group_drop(&groups, child);
	groups_stop(&groups);
	tcpbuf_cgroup_close(cg);
	tcpbuf_free(tb);
}

/* What sockets hold: rmem_alloc + wmem_queued + fwd_alloc (signed). */
static int64_t held(int fd)
{
	uint32_t words[9] = {0};
	socklen_t size = sizeof(words);

	if (getsockopt(fd, SOL_SOCKET, SO_MEMINFO, words, &size) != 0)
		return INT64_MIN;
	return (int64_t)words[0] + words[5] + (int32_t)words[4];
}

struct holder {
	pid_t pid;
	int ask;    /* close to end it */
	int answer; /* int64_t sums */
};

static int fill(int listener, int *fds)
{
	struct sockaddr_in at;
	socklen_t size = sizeof(at);
	static char bytes[65536];

	if (getsockname(listener, (struct sockaddr *)&at, &size) != 0)
		return -1;
	for (int i = 0; i < CONNECTIONS; i++) {
		fds[2 * i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		if (connect(fds[2 * i], (struct sockaddr *)&at, size) != 0)
			return -1;
		fds[2 * i + 1] = accept(listener, NULL, NULL);
		if (fds[2 * i + 1] < 0)
			return -1;
		while (send(fds[2 * i], bytes, sizeof(bytes), MSG_DONTWAIT) > 0)
			;
	}
	return 0;
}

/* In the child: enter the cgroup, fill connections, answer each question with the sum over them. */
static void hold(const char *path, int ask, int answer)
{
	int fds[2 * CONNECTIONS], listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char byte;

	if (group_put(&groups, path, "cgroup.procs", "0") != 0 || listen(listener, 64) != 0 || fill(listener, fds) != 0)
		_exit(1);
	while (read(ask, &byte, 1) == 1) {
		int64_t sum = 0;

		for (int i = 0; i < 2 * CONNECTIONS; i++)
			sum += held(fds[i]);
		if (write(answer, &sum, sizeof(sum)) != sizeof(sum))
			_exit(1);
	}
	_exit(0);
}

static struct holder start(const char *path)
{
	int ask[2], answer[2];
	struct holder h;

	ck_assert_int_eq(pipe2(ask, O_CLOEXEC), 0);
	ck_assert_int_eq(pipe2(answer, O_CLOEXEC), 0);
	h.pid = scratch_fork();
	ck_assert_int_ge(h.pid, 0);
	if (h.pid == 0) {
		close(ask[1]);
		hold(path, ask[0], answer[1]);
	}
	close(ask[0]);
	close(answer[1]);
	h.ask = ask[1];
	h.answer = answer[0];
	return h;
}

static int64_t sum_of(const struct holder *h)
{
	int64_t sum = -1;

	ck_assert_int_eq(write(h->ask, "?", 1), 1);
	ck_assert_int_eq(read(h->answer, &sum, sizeof(sum)), sizeof(sum));
	return sum;
}

static void stop(struct holder *h)
{
	int status;

	close(h->ask);
	close(h->answer);
	ck_assert_int_eq(waitpid(h->pid, &status, 0), h->pid);
	ck_assert_int_eq(status, 0);
}

static struct tcpbuf_cgroup_memory read_group(const char *path)
{
	struct tcpbuf_cgroup_memory m;

	ck_assert_msg(tcpbuf_cgroup_read(cg, path, 0, &m, sizeof(m)) == 0, "%s", tcpbuf_error_text(tb));
	return m;
}

/* The first number of a cgroup's file. */
static uint64_t number_in(const char *path, const char *file)
{
	char name[8192];
	uint64_t number = 0;
	FILE *in;

	snprintf(name, sizeof(name), "%s%s/%s", layout->memory_mount, path, file);
	in = fopen(name, "re");
	ck_assert_ptr_nonnull(in);
	ck_assert_int_eq(fscanf(in, "%" SCNu64, &number), 1);
	fclose(in);
	return number;
}

/* 1 when a line of the child's file begins so; 0: no, or the file is not there, or cannot be read (PSI off). */
static unsigned has_word(const char *file, const char *word)
{
	char name[8192], line[256];
	unsigned found = 0;
	FILE *in;

	snprintf(name, sizeof(name), "%s%s/%s", layout->memory_mount, child, file);
	in = fopen(name, "re");
	while (in && fgets(line, sizeof(line), in))
		found |= strncmp(line, word, strlen(word)) == 0;
	if (in)
		fclose(in);
	return found;
}

/* Compare until the sums meet: segments and acknowledgements still move after the last send. */
static void check_charge(const struct holder *h, const char *path, int64_t least)
{
	struct tcpbuf_cgroup_memory m;
	int64_t sum = 0;

	for (int tries = 0; tries < 500; tries++) {
		sum = sum_of(h);
		m = read_group(path);
		if (sum == (int64_t)m.tcp_bytes && sum == sum_of(h))
			break;
		poll(NULL, 0, 10);
	}
	ck_assert(m.valid & TCPBUF_CGROUP_MEMORY_TCP);
	ck_assert_int_gt(sum, least);
	ck_assert_int_eq((int64_t)m.tcp_bytes, sum);
	ck_assert_uint_eq(m.charge, TCPBUF_CGROUP_CHARGE_YES);
}

/* Booted with cgroup.memory=nosocket. */
static void check_no_charge(const struct holder *h, const char *path)
{
	struct tcpbuf_cgroup_memory m;

	ck_assert_int_gt(sum_of(h), FILLED);
	m = read_group(path);
	ck_assert(m.valid & TCPBUF_CGROUP_MEMORY_TCP);
	ck_assert_uint_eq(m.tcp_bytes, 0);
	ck_assert_uint_eq(m.charge, TCPBUF_CGROUP_CHARGE_NO);
}

START_TEST(the_charge_is_what_the_sockets_hold)
{
	struct holder h;
	char path[4096];

	if (layout->memory == TCPBUF_CGROUP_V1)
		ck_assert_int_eq(group_put(&groups, child, "memory.kmem.tcp.limit_in_bytes", "-1"), 0);
	h = start(child);
	if (layout->tcp == TCPBUF_CGROUP_CHARGE_NO)
		check_no_charge(&h, child);
	else
		check_charge(&h, child, FILLED);
	ck_assert_int_gt(tcpbuf_cgroup_of_pid(cg, (uint32_t)h.pid, path, sizeof(path)), 0);
	ck_assert_str_eq(path, child);
	stop(&h);
}
END_TEST

/* v1: a written limit of the parent charges the parent's own sockets, not those of a child. */
START_TEST(v1_charges_only_where_a_limit_was_written)
{
	struct holder h;
	struct tcpbuf_cgroup_memory m;

	ck_assert_int_eq(group_put(&groups, parent, "memory.kmem.tcp.limit_in_bytes", "-1"), 0);
	ck_assert_uint_eq(read_group(parent).charge, TCPBUF_CGROUP_CHARGE_UNSEEN);
	h = start(child);
	ck_assert_int_gt(sum_of(&h), FILLED);
	m = read_group(child);
	ck_assert_uint_eq(m.tcp_bytes, 0);
	ck_assert_uint_eq(m.charge, TCPBUF_CGROUP_CHARGE_UNSEEN);
	stop(&h);
	ck_assert_int_eq(group_put(&groups, child, "memory.kmem.tcp.limit_in_bytes", "1G"), 0);
	ck_assert_uint_eq(read_group(child).charge, TCPBUF_CGROUP_CHARGE_YES);
	h = start(child);
	check_charge(&h, child, FILLED);
	m = read_group(parent);
	ck_assert_uint_gt(m.tcp_bytes, 0);
	stop(&h);
}
END_TEST

/* v1: what arrives is charged over the limit, since it cannot be sent back. */
START_TEST(a_limit_is_overshot)
{
	struct tcpbuf_cgroup_limit l;
	struct tcpbuf_cgroup_memory m;
	struct holder h;

	ck_assert_int_eq(group_put(&groups, child, "memory.kmem.tcp.limit_in_bytes", "262144"), 0);
	h = start(child);
	check_charge(&h, child, LIMIT);
	m = read_group(child);
	ck_assert_uint_eq(m.tcp_limit_bytes, LIMIT);
	ck_assert_uint_gt(m.tcp_bytes, m.tcp_limit_bytes);
	ck_assert_uint_ge(m.tcp_max_bytes, m.tcp_bytes);
	ck_assert_uint_eq(m.tcp_failcnt, number_in(child, "memory.kmem.tcp.failcnt"));
	ck_assert_int_eq(tcpbuf_cgroup_get_limit(cg, child, 0, &l, sizeof(l)), 0);
	ck_assert_uint_eq(l.room_kind, TCPBUF_CGROUP_LIMIT_KMEM_TCP);
	ck_assert_uint_eq(l.room_bytes, 0);
	printf("%llu bytes under a limit of %llu, which was hit %llu times\n", (unsigned long long)m.tcp_bytes,
		(unsigned long long)m.tcp_limit_bytes, (unsigned long long)m.tcp_failcnt);
	stop(&h);
}
END_TEST

START_TEST(the_nearest_small_limit_binds)
{
	const char *file = layout->memory == TCPBUF_CGROUP_V1 ? "memory.kmem.tcp.limit_in_bytes" : "memory.max";
	uint32_t kind = layout->memory == TCPBUF_CGROUP_V1 ? TCPBUF_CGROUP_LIMIT_KMEM_TCP : TCPBUF_CGROUP_LIMIT_MAX;
	struct tcpbuf_cgroup_limit l;

	ck_assert_int_eq(group_put(&groups, parent, file, "67108864"), 0);
	ck_assert_int_eq(group_put(&groups, child, file, "134217728"), 0);
	ck_assert_int_eq(tcpbuf_cgroup_get_limit(cg, child, 0, &l, sizeof(l)), 0);
	ck_assert_uint_eq(l.kind, kind);
	ck_assert_uint_eq(l.levels_up, 1);
	ck_assert_uint_eq(l.limit_bytes, 67108864);
	ck_assert_uint_eq(l.room_levels_up, 1);
	ck_assert_int_eq(group_put(&groups, child, file, "33554432"), 0);
	ck_assert_int_eq(tcpbuf_cgroup_get_limit(cg, child, 0, &l, sizeof(l)), 0);
	ck_assert_uint_eq(l.levels_up, 0);
	ck_assert_uint_eq(l.limit_bytes, 33554432);
	ck_assert_int_eq(tcpbuf_cgroup_get_limit(cg, child, 4096, &l, sizeof(l)), 0);
	ck_assert_uint_eq(l.kind, TCPBUF_CGROUP_LIMIT_NODE);
}
END_TEST

START_TEST(limits_and_usage_are_those_of_the_files)
{
	struct tcpbuf_cgroup_memory m;

	if (layout->memory == TCPBUF_CGROUP_V1) {
		ck_assert_int_eq(group_put(&groups, child, "memory.kmem.tcp.limit_in_bytes", "8388608"), 0);
		ck_assert_int_eq(group_put(&groups, child, "memory.limit_in_bytes", "67108864"), 0);
		m = read_group(child);
		ck_assert_uint_eq(m.valid, 15);
		ck_assert_uint_eq(m.tcp_limit_bytes, 8388608);
		ck_assert_uint_eq(m.tcp_bytes, number_in(child, "memory.kmem.tcp.usage_in_bytes"));
		ck_assert_uint_eq(m.tcp_max_bytes, number_in(child, "memory.kmem.tcp.max_usage_in_bytes"));
		ck_assert_uint_eq(m.tcp_failcnt, number_in(child, "memory.kmem.tcp.failcnt"));
		ck_assert_uint_eq(m.memory_bytes, number_in(child, "memory.usage_in_bytes"));
		ck_assert_uint_eq(m.memory_failcnt, number_in(child, "memory.failcnt"));
		ck_assert_uint_eq(m.kmem_bytes, number_in(child, "memory.kmem.usage_in_bytes"));
		ck_assert_uint_eq(m.kmem_case, TCPBUF_CGROUP_CASE_K_NONE);
	} else {
		ck_assert_int_eq(group_put(&groups, child, "memory.max", "67108864"), 0);
		ck_assert_int_eq(group_put(&groups, child, "memory.high", "33554432"), 0);
		m = read_group(child);
		ck_assert_uint_eq(m.memory_high_bytes, 33554432);
		ck_assert_uint_eq(m.memory_bytes, number_in(child, "memory.current"));
		ck_assert(m.valid & TCPBUF_CGROUP_MEMORY_EVENTS);
		ck_assert_uint_eq(!!(m.valid & TCPBUF_CGROUP_MEMORY_THROTTLED), has_word("memory.events", "sock_throttled"));
		ck_assert_uint_eq(!!(m.valid & TCPBUF_CGROUP_MEMORY_PRESSURE), has_word("memory.pressure", "some"));
		ck_assert_uint_eq(m.kmem_case, TCPBUF_CGROUP_CASE_ONE_LIMIT);
		ck_assert_uint_eq(read_group("/").charge, TCPBUF_CGROUP_CHARGE_NO);
	}
	ck_assert_uint_eq(m.memory_limit_bytes, 67108864);
	group_drop(&groups, child);
	ck_assert_int_eq(tcpbuf_cgroup_read(cg, child, 0, &m, sizeof(m)), -ENOENT);
}
END_TEST

static int refuse_kernfs(int mount, uint64_t id)
{
	(void)mount, (void)id;
	return -EPERM;
}

/* An id by asking the kernel and by walking the tree, before and after its end. */
START_TEST(an_id_has_its_path)
{
	struct tcpbuf__sys sys = tcpbuf__sys_kernel;
	char name[1024], folder[64], path[4096];
	struct stat st;
	uint64_t old;

	if (_i)
		sys.open_kernfs = refuse_kernfs;
	tb->sys = &sys;
	snprintf(folder, sizeof(folder), "/tcpbuf-id-%d", (int)getpid());
	snprintf(name, sizeof(name), "%s%s", layout->unified_mount, folder);
	ck_assert_int_eq(mkdir(name, 0755), 0);
	ck_assert_int_eq(stat(name, &st), 0);
	ck_assert_msg(tcpbuf_cgroup_path(cg, st.st_ino, path, sizeof(path)) > 0, "%s", tcpbuf_error_text(tb));
	ck_assert_str_eq(path, folder);
	old = st.st_ino;
	ck_assert_int_eq(rmdir(name), 0);
	ck_assert_int_gt(tcpbuf_cgroup_path(cg, old, path, sizeof(path)), 0);
	ck_assert_int_eq(tcpbuf_cgroup_refresh(cg), 0);
	ck_assert_int_eq(tcpbuf_cgroup_path(cg, old, path, sizeof(path)), -ENOENT);
	ck_assert_int_eq(stat(layout->unified_mount, &st), 0);
	ck_assert_int_eq(tcpbuf_cgroup_path(cg, st.st_ino, path, sizeof(path)), 1);
	ck_assert_str_eq(path, "/");
	tb->sys = &tcpbuf__sys_kernel;
}
END_TEST

/* A budget of 1 is used up: the same answers, and no descriptor is kept. */
START_TEST(no_descriptor_is_kept_over_the_budget)
{
	struct stat st;
	char path[64];

	ck_assert_int_eq(tcpbuf_set_fd_budget(tb, 1), 0);
	ck_assert_int_eq(tcpbuf__fd_hold(tb), 1);
	ck_assert_int_eq(stat(layout->unified_mount, &st), 0);
	ck_assert_int_eq(tcpbuf_cgroup_path(cg, st.st_ino, path, sizeof(path)), 1);
	ck_assert_uint_eq(tb->fds_held, 1);
}
END_TEST

static int is_shown(struct tcpbuf_cgroup *view, pid_t pid, const char *wanted)
{
	static char shown[4096];

	return tcpbuf_cgroup_of_pid(view, (uint32_t)pid, shown, sizeof(shown)) > 0 && strcmp(shown, wanted) == 0;
}

static int is_hidden(struct tcpbuf_cgroup *view, pid_t pid)
{
	char shown[4096];

	return tcpbuf_cgroup_of_pid(view, (uint32_t)pid, shown, sizeof(shown)) == -ENOENT;
}

/* The id of a v2 cgroup has that path; NULL: none that the mount shows. */
static int id_is(struct tcpbuf_cgroup *view, uint64_t id, const char *wanted)
{
	static char shown[4096];
	int64_t length;

	if (layout->memory != TCPBUF_CGROUP_V2)
		return 1;
	length = tcpbuf_cgroup_path(view, id, shown, sizeof(shown));
	return wanted ? length > 0 && strcmp(shown, wanted) == 0 : length == -ENOENT;
}

static uint64_t id_of(const char *path)
{
	char name[8192];
	struct stat st;

	snprintf(name, sizeof(name), "%s%s", layout->memory_mount, path);
	return stat(name, &st) == 0 ? st.st_ino : 0;
}

/* In a cgroup namespace, with the node's tree and the namespace's own mounted: paths below both. */
static int in_namespace(const char *folder)
{
	struct tcpbuf *inner;
	struct tcpbuf_cgroup *view;
	struct tcpbuf_cgroup_memory m;
	pid_t outside = getppid();
	uint64_t id = id_of(child), id_above = id_of(parent);

	if (group_put(&groups, child, "cgroup.procs", "0") != 0 || unshare(CLONE_NEWCGROUP | CLONE_NEWNS) != 0 ||
		mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
		return 10;
	/* Without a mount that begins at the namespace's root, what is not above it cannot be told. */
	if (tcpbuf_new(&inner) != 0 || tcpbuf_cgroup_open(inner, &view) != 0)
		return 11;
	if (!is_hidden(view, getpid()) || !id_is(view, id, child))
		return 12;
	tcpbuf_cgroup_close(view);
	if (mount("none", folder, layout->memory == TCPBUF_CGROUP_V1 ? "cgroup" : "cgroup2", 0,
		    layout->memory == TCPBUF_CGROUP_V1 ? "memory" : NULL) != 0)
		return 13;
	if (tcpbuf_cgroup_open(inner, &view) != 0)
		return 14;
	if (!is_shown(view, getpid(), child) || tcpbuf_cgroup_read(view, child, 0, &m, sizeof(m)) != 0)
		return 15;
	if (!is_shown(view, outside, own) || !id_is(view, id, child) || !id_is(view, id_above, parent))
		return 16;
	tcpbuf_cgroup_close(view);
	/* The namespace's own mount alone shows no one outside. */
	if (tcpbuf_set_root(inner, TCPBUF_ROOT_CGROUP, folder) != 0 || tcpbuf_cgroup_open(inner, &view) != 0)
		return 17;
	if (!is_shown(view, getpid(), "/") || !is_hidden(view, outside))
		return 18;
	if (!id_is(view, id, "/") || !id_is(view, id_above, NULL))
		return 19;
	tcpbuf_cgroup_close(view);
	tcpbuf_free(inner);
	return 0;
}

START_TEST(a_cgroup_namespace_is_seen_through)
{
	char folder[] = "/tmp/tcpbuf-cgroup-XXXXXX";
	int status;
	pid_t pid;

	ck_assert_ptr_nonnull(mkdtemp(folder));
	if (layout->memory == TCPBUF_CGROUP_V2)
		ck_assert_int_gt(tcpbuf_cgroup_of_pid(cg, (uint32_t)getpid(), own, sizeof(groups.own)), 0);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0)
		_exit(in_namespace(folder));
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	rmdir(folder);
	ck_assert(WIFEXITED(status));
	ck_assert_int_eq(WEXITSTATUS(status), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("cgroup_live");
	TCase *tc = tcase_create("cgroup_live");

	if (!groups_can(&groups))
		skip_all("needs root and a memory cgroup hierarchy that can be written");
	printf("memory on v%u\n", layout->memory);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, the_charge_is_what_the_sockets_hold);
	if (layout->memory == TCPBUF_CGROUP_V1) {
		tcase_add_test(tc, v1_charges_only_where_a_limit_was_written);
		tcase_add_test(tc, a_limit_is_overshot);
	}
	tcase_add_test(tc, the_nearest_small_limit_binds);
	tcase_add_test(tc, limits_and_usage_are_those_of_the_files);
	tcase_add_test(tc, a_cgroup_namespace_is_seen_through);
	if (layout->valid & TCPBUF_CGROUP_LAYOUT_HAS_UNIFIED) {
		tcase_add_loop_test(tc, an_id_has_its_path, 0, 2);
		tcase_add_test(tc, no_descriptor_is_kept_over_the_budget);
	}
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
