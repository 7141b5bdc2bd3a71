/* SPDX-License-Identifier: MIT */
/* A node of few processes: a pid namespace with a PROC of its own, and two network namespaces. */
#include "faults.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check_main.h"

struct scratch web;
struct pair pair;

static const char *const files[] = {"tcp_rmem", "tcp_wmem", "tcp_adv_win_scale", "tcp_window_scaling"};
static const char *const values[] = {"4096 131072 6291456", "4096 16384 4194304", "1", "1"};
#define FILES (sizeof(files) / sizeof(files[0]))
static int fds[2][FILES];

/* The parent stays outside and passes the result on. */
static void become_first(void)
{
	int status;
	pid_t pid = fork();

	if (pid < 0)
		skip_all("cannot fork");
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		return;
	}
	waitpid(pid, &status, 0);
	/* PROC here is the child's by now, where a leak check at exit would not find this process. */
	_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 1);
}

void world_make(void)
{
	scratch_rights();
	if (unshare(CLONE_NEWPID | CLONE_NEWNS) != 0)
		skip_all("needs pid and mount namespaces");
	become_first();
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 || mount("proc", "/proc", "proc", 0, NULL) != 0 ||
		mount("tmpfs", "/run", "tmpfs", 0, NULL) != 0)
		skip_all("cannot mount a PROC of its own");
}

static void open_settings(int *out, pid_t pid)
{
	char path[64];
	int self = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC), other;

	snprintf(path, sizeof(path), "/proc/%d/ns/net", (int)pid);
	other = open(path, O_RDONLY | O_CLOEXEC);
	ck_assert_int_eq(setns(other, CLONE_NEWNET), 0);
	for (size_t i = 0; i < FILES; i++) {
		snprintf(path, sizeof(path), "/proc/sys/net/ipv4/%s", files[i]);
		out[i] = open(path, O_RDWR | O_CLOEXEC);
		ck_assert_int_ge(out[i], 0);
	}
	ck_assert_int_eq(setns(self, CLONE_NEWNET), 0);
	close(self);
	close(other);
}

/* One connection with unread data. */
void world_start(void)
{
	static struct scratch own;
	char path[64];

	own = scratch_start();
	ck_assert_int_eq(setns(own.fd, CLONE_NEWNET), 0);
	scratch_stop(&own);
	web = scratch_start();
	snprintf(path, sizeof(path), "/proc/%d/ns/net", (int)web.pid);
	mkdir(WORLD_RUN "/netns", 0755);
	unlink(WORLD_RUN "/netns/web");
	ck_assert_int_eq(symlink(path, WORLD_RUN "/netns/web"), 0);
	pair = scratch_pair(&web, AF_INET, 0);
	ck_assert_int_eq(send(pair.client, "data", 4, 0), 4);
	open_settings(fds[0], getpid());
	open_settings(fds[1], web.pid);
	world_reset();
}

void world_stop(void)
{
	pair_close(&pair);
	scratch_stop(&web);
	for (size_t i = 0; i < 2 * FILES; i++)
		close(fds[i / FILES][i % FILES]);
}

void world_reset(void)
{
	for (size_t i = 0; i < 2 * FILES; i++) {
		const char *value = values[i % FILES];

		ck_assert_int_eq(pwrite(fds[i / FILES][i % FILES], value, strlen(value), 0), (int)strlen(value));
	}
}

void world_settings(struct settings *out)
{
	memset(out, 0, sizeof(*out));
	for (size_t i = 0; i < 2 * FILES; i++) {
		char *text = out->text[i / FILES][i % FILES];

		ck_assert_int_gt(pread(fds[i / FILES][i % FILES], text, sizeof(out->text[0][0]) - 1, 0), 0);
	}
}
