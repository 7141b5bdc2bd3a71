/* SPDX-License-Identifier: MIT */
/*
 * CPU of reading one setting in many namespaces: a program for each, the library as it comes, the library with
 * its descriptors kept. As root: bench_sysctl [NAMESPACES]
 */
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <tcpbuf/tcpbuf.h>

#include "measure.h"

#define PROGRAMS 40 /* of the slow way */
#define ROUNDS 20   /* of the fast way */

struct bench {
	int count;
	pid_t holder;
	int *fds; /* the namespaces, as the holder numbers them */
	struct tcpbuf *tb;
	struct tcpbuf_netns **open;
};

static void hold(int count, int pipe_fd)
{
	for (int i = 0; i < count; i++) {
		int fd = unshare(CLONE_NEWNET) == 0 ? open("/proc/self/ns/net", O_RDONLY) : -1;

		if (fd < 0 || write(pipe_fd, &fd, sizeof(fd)) != sizeof(fd))
			_exit(1);
	}
	pause();
	_exit(0);
}

static void start_holder(struct bench *b)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) != 0 || (b->holder = fork()) < 0)
		die("fork");
	if (b->holder == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		hold(b->count, ends[1]);
	}
	close(ends[1]);
	for (int i = 0; i < b->count; i++)
		if (read(ends[0], &b->fds[i], sizeof(b->fds[i])) != sizeof(b->fds[i]))
			die("cannot make the namespaces");
	close(ends[0]);
}

static void path_of(const struct bench *b, int i, char *path, size_t size)
{
	snprintf(path, size, "/proc/%d/fd/%d", (int)b->holder, b->fds[i]);
}

static void run_program(const struct bench *b, int i)
{
	char net[80] = "--net=";
	pid_t pid = fork();

	path_of(b, i, net + strlen(net), sizeof(net) - strlen(net));
	if (pid == 0) {
		int null = open("/dev/null", O_WRONLY);

		dup2(null, 1);
		execlp("nsenter", "nsenter", net, "sysctl", "-n", "net.ipv4.tcp_rmem", (char *)NULL);
		_exit(127);
	}
	int status = 0;
	if (waitpid(pid, &status, 0) != pid || status != 0)
		die("nsenter or sysctl");
}

static void get(const struct bench *b, struct tcpbuf_netns *ns)
{
	struct tcpbuf_value value;

	if (tcpbuf_sysctl_get(ns, TCPBUF_KEY_TCP_RMEM, &value, sizeof(value)) != 0) {
		fprintf(stderr, "bench_sysctl: %s\n", tcpbuf_error_text(b->tb));
		exit(1);
	}
}

static double programs(const struct bench *b)
{
	int count = b->count < PROGRAMS ? b->count : PROGRAMS;
	double start = cpu_us();

	for (int i = 0; i < count; i++)
		run_program(b, i * (b->count / count));
	return (cpu_us() - start) / count;
}

static struct tcpbuf_netns *open_one(const struct bench *b, int i)
{
	struct tcpbuf_netns *ns;
	char path[64];

	path_of(b, i, path, sizeof(path));
	if (tcpbuf_netns_open(b->tb, path, &ns) != 0)
		die(tcpbuf_error_text(b->tb));
	return ns;
}

static double opened_each_time(const struct bench *b)
{
	double start = cpu_us();

	for (int i = 0; i < b->count; i++) {
		struct tcpbuf_netns *ns = open_one(b, i);

		get(b, ns);
		tcpbuf_netns_close(ns);
	}
	return (cpu_us() - start) / b->count;
}

/* Finding all namespaces of the node, for each. */
static double listed(const struct bench *b)
{
	double start = cpu_us();
	struct tcpbuf_netns_list *list;
	struct tcpbuf_netns_entry entry;
	int count = 0;

	if (tcpbuf_netns_list_open(b->tb, &list) != 0)
		die(tcpbuf_error_text(b->tb));
	while (tcpbuf_netns_list_next(list, &entry, sizeof(entry)) == 1)
		count++;
	tcpbuf_netns_list_close(list);
	if (count < b->count)
		die("namespaces are missing from the list");
	return (cpu_us() - start) / count;
}

static double kept(const struct bench *b)
{
	double start;

	tcpbuf_set_fd_budget(b->tb, (uint32_t)b->count);
	for (int i = 0; i < b->count; i++) {
		b->open[i] = open_one(b, i);
		get(b, b->open[i]);
	}
	start = cpu_us();
	for (int round = 0; round < ROUNDS; round++)
		for (int i = 0; i < b->count; i++)
			get(b, b->open[i]);
	start = (cpu_us() - start) / b->count / ROUNDS;
	for (int i = 0; i < b->count; i++)
		tcpbuf_netns_close(b->open[i]);
	return start;
}

int main(int argc, char **argv)
{
	struct bench b = {.count = argc > 1 ? atoi(argv[1]) : 1000};
	struct rlimit limit;
	double slow, found, fresh, fast;

	if (b.count < 1 || getrlimit(RLIMIT_NOFILE, &limit) != 0)
		die("NAMESPACES is a number from 1");
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	b.fds = calloc((size_t)b.count, sizeof(*b.fds));
	b.open = calloc((size_t)b.count, sizeof(struct tcpbuf_netns *));
	if (!b.fds || !b.open || tcpbuf_new(&b.tb) != 0)
		die("memory");
	start_holder(&b);
	slow = programs(&b);
	found = listed(&b);
	fresh = opened_each_time(&b);
	fast = kept(&b);
	printf("net.ipv4.tcp_rmem in %d namespaces, CPU each\n"
	       "nsenter + sysctl      %10.1f us\n"
	       "found in the list     %10.1f us\n"
	       "opened each time      %10.1f us  %6.0f times cheaper\n"
	       "descriptors kept      %10.1f us  %6.0f times cheaper\n",
		b.count, slow, found, fresh, slow / fresh, fast, slow / fast);
	kill(b.holder, SIGKILL);
	waitpid(b.holder, NULL, 0);
	tcpbuf_free(b.tb);
	free(b.fds);
	free(b.open);
	return 0;
}
