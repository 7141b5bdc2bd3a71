/* SPDX-License-Identifier: MIT */
#include "churn.h"

#include <check.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define BURST 16

static void wait_for_all(void)
{
	while (wait(NULL) > 0)
		;
}

static void connect_some(struct churn_made *made, int count)
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
static void churn_netns(const struct churn *c, unsigned rounds)
{
	for (unsigned round = 0; round < rounds; round++) {
		if (scratch_fork() == 0) {
			struct scratch here;

			if (round % 2) {
				here = scratch_start();
				if (setns(here.fd, CLONE_NEWNET) == 0)
					connect_some(c->made, 3);
				scratch_stop(&here);
			}
			_exit(unshare(CLONE_NEWNET) != 0);
		}
		wait_for_all();
		c->made->netns += 1 + round % 2;
	}
}

/* Processes that inherit sockets, make their own, and end, in a namespace that stays. */
static void churn_processes(const struct churn *c, unsigned rounds)
{
	if (setns(c->busy.fd, CLONE_NEWNET) != 0)
		_exit(1);
	for (unsigned round = 0; round < rounds; round++) {
		if (scratch_fork() == 0) {
			connect_some(c->made, BURST);
			if (scratch_fork() == 0)
				_exit(0);
			wait_for_all();
			_exit(0);
		}
		wait_for_all();
	}
}

static pid_t start(void (*churn)(const struct churn *, unsigned), const struct churn *c, unsigned rounds)
{
	pid_t pid = scratch_fork();

	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		/* However long it lasts: children of those that failed do not pile up. */
		prctl(PR_SET_CHILD_SUBREAPER, 1);
		churn(c, rounds);
		_exit(0);
	}
	return pid;
}

void churn_start(struct churn *c, unsigned rounds)
{
	c->made = mmap(NULL, sizeof(*c->made), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ck_assert_ptr_ne(c->made, MAP_FAILED);
	/* What the churners leave behind becomes ours, to be waited for. */
	ck_assert_int_eq(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
	c->busy = scratch_start();
	c->pids[0] = start(churn_netns, c, rounds);
	c->pids[1] = start(churn_processes, c, rounds);
}

void churn_stop(struct churn *c)
{
	for (int i = 0; i < 2; i++) {
		kill(c->pids[i], SIGKILL);
		waitpid(c->pids[i], NULL, 0);
	}
	scratch_stop(&c->busy);
	/* The sockets of who has ended are closed: the next test finds none of them. */
	wait_for_all();
	munmap(c->made, sizeof(*c->made));
}
