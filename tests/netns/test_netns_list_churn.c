/* SPDX-License-Identifier: MIT */
/* The walk while namespaces come and go, and over a thousand of them with few descriptors. */
#include <tcpbuf/netns.h>
#include <tcpbuf/sysctl.h>

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/base.h"
#include "check_main.h"
#include "scratch.h"

#define STABLE 8
#define SECONDS 20
#define MADE 2000 /* 100 a second, when the machine has time for it */
#define MANY 1000

static struct tcpbuf *tb;

static void setup(void)
{
	ck_assert_int_eq(tcpbuf_new(&tb), 0);
}

static void teardown(void)
{
	tcpbuf_free(tb);
}

/* Make namespaces that end at once, with the processes that were in them or left behind by one. */
static void churn(volatile unsigned *made)
{
	while (*made < MADE) {
		for (int i = 0; i < 4; i++)
			if (fork() == 0)
				_exit(unshare(CLONE_NEWNET) != 0);
		if (unshare(CLONE_NEWNET) != 0)
			_exit(1);
		while (wait(NULL) > 0)
			;
		*made += 5;
	}
	_exit(0);
}

/* The walk must meet each of these once. */
static void walk_past(const uint64_t *stable)
{
	struct tcpbuf_netns_entry entry;
	struct tcpbuf_netns_list *list;
	struct tcpbuf_netns *ns;
	int more, seen[STABLE] = {0};

	ck_assert_int_eq(tcpbuf_netns_list_open(tb, &list), 0);
	while ((more = tcpbuf_netns_list_next(list, &entry, sizeof(entry))) == 1) {
		for (int i = 0; i < STABLE; i++)
			seen[i] += entry.inode == stable[i];
		ck_assert_int_eq(tcpbuf_netns_open_listed(list, &ns), 0);
		ck_assert_uint_eq(tcpbuf_netns_inode(ns), entry.inode);
		tcpbuf_netns_close(ns);
	}
	ck_assert_int_eq(more, 0);
	tcpbuf_netns_list_close(list);
	for (int i = 0; i < STABLE; i++)
		ck_assert_int_eq(seen[i], 1);
}

START_TEST(no_stable_namespace_is_missed)
{
	struct scratch s[STABLE];
	uint64_t stable[STABLE];
	struct stat st;
	unsigned walks = 0, *made = mmap(NULL, sizeof(*made), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	time_t end = time(NULL) + SECONDS;
	int before, after;
	pid_t churner;

	ck_assert_ptr_ne(made, MAP_FAILED);
	for (int i = 0; i < STABLE; i++) {
		s[i] = scratch_start();
		ck_assert_int_eq(fstat(s[i].fd, &st), 0);
		stable[i] = st.st_ino;
		/* Every other one is held by our descriptor alone. */
		if (i % 2) {
			kill(s[i].pid, SIGKILL);
			waitpid(s[i].pid, NULL, 0);
		}
	}
	before = dup(0);
	close(before);
	churner = scratch_fork();
	ck_assert_int_ge(churner, 0);
	if (churner == 0) {
		churn(made);
	}
	while (*made < MADE && time(NULL) < end) {
		walk_past(stable);
		walks++;
	}
	kill(churner, SIGKILL);
	waitpid(churner, NULL, 0);
	after = dup(0);
	close(after);
	ck_assert_int_eq(before, after);
	printf("%u walks past %u namespaces that came and went in %ld s\n", walks, *made,
		(long)(time(NULL) - end + SECONDS));
	ck_assert_uint_gt(*made, STABLE);
	for (int i = 0; i < STABLE; i++) {
		if (i % 2)
			close(s[i].fd);
		else
			scratch_stop(&s[i]);
	}
}
END_TEST

/* Hold this many namespaces in one process. */
static void hold(int ready)
{
	for (int i = 0; i < MANY; i++)
		if (unshare(CLONE_NEWNET) != 0 || open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC) < 0)
			_exit(1);
	if (write(ready, "x", 1) == 1)
		pause();
	_exit(0);
}

static pid_t start_holder(void)
{
	int ready[2];
	char byte;
	pid_t pid;

	ck_assert_int_eq(pipe2(ready, O_CLOEXEC), 0);
	pid = scratch_fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		hold(ready[1]);
	}
	close(ready[1]);
	ck_assert_msg(read(ready[0], &byte, 1) == 1, "cannot make %d namespaces", MANY);
	close(ready[0]);
	return pid;
}

START_TEST(a_thousand_are_walked_with_few_descriptors)
{
	struct rlimit limit = {MANY + 64, MANY + 64};
	struct tcpbuf_netns_entry entry;
	struct tcpbuf_netns_list *list;
	struct tcpbuf_netns *ns;
	struct tcpbuf_value value;
	int more, mine = 0;
	pid_t holder;

	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
	holder = start_holder();
	limit.rlim_cur = 24;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
	ck_assert_int_eq(tcpbuf_set_fd_budget(tb, 4), 0);
	ck_assert_int_eq(tcpbuf_netns_list_open(tb, &list), 0);
	while ((more = tcpbuf_netns_list_next(list, &entry, sizeof(entry))) == 1) {
		if (entry.pid != (uint32_t)holder)
			continue;
		mine++;
		ck_assert_int_eq(tcpbuf_netns_open_listed(list, &ns), 0);
		ck_assert_msg(tcpbuf_sysctl_get(ns, TCPBUF_KEY_TCP_RMEM, &value, sizeof(value)) == 0, "%s",
			tcpbuf_error_text(tb));
		tcpbuf_netns_close(ns);
	}
	ck_assert_int_eq(more, 0);
	ck_assert_int_eq(mine, MANY);
	ck_assert_uint_eq(tb->fds_held, 0);
	tcpbuf_netns_list_close(list);
	kill(holder, SIGKILL);
	waitpid(holder, NULL, 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("netns list, many and moving");
	TCase *tc = tcase_create("churn");

	scratch_rights();
	tcase_set_timeout(tc, 100);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, no_stable_namespace_is_missed);
	tcase_add_test(tc, a_thousand_are_walked_with_few_descriptors);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
