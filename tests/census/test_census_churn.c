/* SPDX-License-Identifier: MIT */
/* Censuses while namespaces, processes and sockets come and go: what stays is in each of them, once. */
#include <tcpbuf/tcpbuf.h>

#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/base.h"
#include "check_main.h"
#include "fault.h"
#include "scene.h"

#define STABLE 6
#define SECONDS 20
#define MADE 4000 /* rounds of a churner at most */
#define BURST 16
#define ALL_AXES 31u

/* What the churners count, for both sides to see. */
struct made {
	volatile unsigned netns, sockets;
};

static struct made *made;
static struct scratch stable[STABLE];
static struct pair pairs[STABLE];
static struct scratch busy;

/* Ends with whoever made it. */
static pid_t child(void)
{
	pid_t parent = getpid(), pid = fork();

	if (pid == 0 && (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent))
		_exit(1);
	return pid;
}

static void connect_some(int count)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof(at);
	int listener = socket(AF_INET, SOCK_STREAM, 0);

	if (bind(listener, (struct sockaddr *)&at, size) != 0 || listen(listener, BURST) != 0 ||
		getsockname(listener, (struct sockaddr *)&at, &size) != 0)
		_exit(1);
	for (int i = 0; i < count; i++) {
		int client = socket(AF_INET, SOCK_STREAM, 0);

		if (connect(client, (struct sockaddr *)&at, size) != 0 || send(client, "unread", 6, 0) != 6)
			_exit(1);
		/* Some are accepted, some closed by one end, some left to wait. */
		if (i % 3)
			accept(listener, NULL, NULL);
		if (i % 4 == 0)
			close(client);
		made->sockets++;
	}
}

/* Namespaces end with the processes in them, some with sockets, some empty. */
static void churn_netns(void)
{
	for (unsigned round = 0; round < MADE; round++) {
		if (child() == 0) {
			struct scratch here;

			if (round % 2) {
				here = scratch_start();
				if (setns(here.fd, CLONE_NEWNET) == 0)
					connect_some(3);
				scratch_stop(&here);
			}
			_exit(unshare(CLONE_NEWNET) != 0);
		}
		wait(NULL);
		made->netns += 1 + round % 2;
	}
}

/* Processes that inherit sockets, make their own, and end, in a namespace that stays. */
static void churn_processes(void)
{
	if (setns(busy.fd, CLONE_NEWNET) != 0)
		_exit(1);
	for (unsigned round = 0; round < MADE; round++) {
		if (child() == 0) {
			connect_some(BURST);
			if (child() == 0)
				_exit(0);
			wait(NULL);
			_exit(0);
		}
		wait(NULL);
	}
}

static pid_t start(void (*churn)(void))
{
	pid_t pid = child();

	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		churn();
		_exit(0);
	}
	return pid;
}

static void stop(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void check_stable(const struct tcpbuf_census *c)
{
	struct tcpbuf_census_holder h;
	uint64_t mine = 0, ranked = 0;

	for (int i = 0; i < STABLE; i++) {
		h = scene_of_netns(c, &stable[i]);
		ck_assert_uint_eq(h.sockets, 3);
		ck_assert_uint_eq(h.states[TCPBUF_SOCK_ESTABLISHED], 2);
		ck_assert_uint_eq(h.states[TCPBUF_SOCK_LISTEN], 1);
		for (uint32_t at = 0; tcpbuf_census_at(c, TCPBUF_CENSUS_BY_SOCKET, at, &h, sizeof(h)) == 1; at++)
			ranked += h.netns_inode == scene_of_netns(c, &stable[i]).netns_inode;
	}
	ck_assert_uint_eq(ranked, 3 * STABLE);
	for (uint32_t at = 0; tcpbuf_census_at(c, TCPBUF_CENSUS_BY_PROCESS, at, &h, sizeof(h)) == 1; at++)
		mine += h.pid == (uint32_t)getpid() ? h.sockets : 0;
	ck_assert_uint_eq(mine, 3 * STABLE);
}

/* Nothing of what ended meanwhile is an error, and what could not be seen is said. */
static void take(struct tcpbuf *tb, uint32_t threads)
{
	struct tcpbuf_census_query q = {.size = sizeof(q), .by = ALL_AXES, .threads = threads, .top = 1u << 16};
	struct tcpbuf_census_node n;
	struct tcpbuf_census *c;

	ck_assert_msg(tcpbuf_census_take(tb, &q, &c) == 0, "%s", tcpbuf_error_text(tb));
	ck_assert_int_eq(tcpbuf_census_node(c, &n, sizeof(n)), 0);
	if (n.partial)
		ck_assert_str_ne(tcpbuf_census_lacks(c), "");
	scene_check_axes(c);
	check_stable(c);
	tcpbuf_census_free(c);
}

static void setup(void)
{
	made = mmap(NULL, sizeof(*made), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ck_assert_ptr_ne(made, MAP_FAILED);
	/* What the churners leave behind becomes ours, to be waited for. */
	ck_assert_int_eq(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
	busy = scratch_start();
	for (int i = 0; i < STABLE; i++)
		stable[i] = scratch_start();
}

static void teardown(void)
{
	for (int i = 0; i < STABLE; i++) {
		pair_close(&pairs[i]);
		scratch_stop(&stable[i]);
	}
	scratch_stop(&busy);
	/* The sockets of who has ended are closed: the next test finds none of them. */
	while (waitpid(-1, NULL, 0) > 0)
		;
	munmap(made, sizeof(*made));
}

START_TEST(what_stays_is_never_missing)
{
	struct tcpbuf *counted, *plain;
	time_t end = time(NULL) + SECONDS;
	pid_t churners[2] = {start(churn_netns), start(churn_processes)};
	int blocks, open_fds, before, after, censuses = 0;

	/* After the churners are forked: they must not inherit these. */
	for (int i = 0; i < STABLE; i++)
		pairs[i] = scratch_pair(&stable[i], i % 2 ? AF_INET6 : AF_INET, 0);
	ck_assert_int_eq(tcpbuf__new_with(&fault_sys, &counted), 0);
	ck_assert_int_eq(tcpbuf_new(&plain), 0);
	blocks = fault.blocks;
	open_fds = fault.open_fds;
	before = dup(0);
	close(before);
	for (; time(NULL) < end; censuses += 2) {
		take(counted, 0);
		ck_assert_int_eq(fault.blocks, blocks);
		ck_assert_int_eq(fault.open_fds, open_fds);
		take(plain, 3);
		after = dup(0);
		close(after);
		ck_assert_int_eq(after, before);
	}
	stop(churners[0]);
	stop(churners[1]);
	printf("%d censuses, %u namespaces and %u sockets that came and went\n", censuses, made->netns, made->sockets);
	ck_assert_uint_gt(made->netns, STABLE);
	ck_assert_uint_gt(made->sockets, STABLE);
	tcpbuf_free(counted);
	tcpbuf_free(plain);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("census_churn");
	TCase *tc = tcase_create("census_churn");

	scratch_rights();
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 100);
	tcase_add_test(tc, what_stays_is_never_missing);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
