/* SPDX-License-Identifier: MIT */
/*
 * CPU and peak memory of a census of many namespaces, against dumping each of them for IPv4 and IPv6. As root:
 *   bench_census           every scene, one after the other: minutes of CPU, and every dump of the node is slow meanwhile
 *   bench_census --one BY  write what one census took to stdout, for the bench itself
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <tcpbuf/tcpbuf.h>

#include "measure.h"
#include "scratch.h"

/* Two dumps each are measured on every ninth: ninths meet each of the scene's tenths. */
enum { NETNS_MAX = 1000, SAMPLE = 9, TENTH = 10, ANSWER_SIZE = 32768, ROUNDS = 5 };

/* Of the namespaces every one, or every tenth, has sockets. */
static const struct scene {
	int netns, has_empty, connections;
} scenes[] = {
	{100, 0, 500},
	{1000, 0, 50},
	{1000, 1, 500},
	{1000, 1, 50},
};

struct bench {
	const struct scene *scene;
	pid_t pids[NETNS_MAX]; /* one lives in each namespace */
	int home;
};

/* ---- the namespaces ---- */

static void connect_many(int connections)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int listener = socket(AF_INET, SOCK_STREAM, 0);
	socklen_t size = sizeof(at);

	if (scratch_loopback_up() != 0 || bind(listener, (struct sockaddr *)&at, size) != 0 ||
		listen(listener, 16) != 0 || getsockname(listener, (struct sockaddr *)&at, &size) != 0)
		_exit(1);
	for (int i = 0; i < connections; i++) {
		int client = socket(AF_INET, SOCK_STREAM, 0);

		if (connect(client, (struct sockaddr *)&at, size) != 0 || accept(listener, NULL, NULL) < 0)
			_exit(1);
	}
}

static pid_t live(int connections, int ready)
{
	pid_t pid = scratch_fork();

	if (pid != 0)
		return pid;
	if (unshare(CLONE_NEWNET) != 0)
		_exit(1);
	if (connections)
		connect_many(connections);
	if (write(ready, "x", 1) != 1)
		_exit(1);
	close(ready);
	for (;;)
		pause();
}

static void start(struct bench *b)
{
	int ready[2];
	char byte;

	if (pipe2(ready, O_CLOEXEC) != 0)
		die("pipe");
	for (int i = 0; i < b->scene->netns; i++) {
		int has_sockets = !b->scene->has_empty || i % TENTH == 0;

		b->pids[i] = live(has_sockets ? b->scene->connections : 0, ready[1]);
		if (b->pids[i] < 0 || read(ready[0], &byte, 1) != 1)
			die("cannot make a namespace");
	}
	close(ready[0]);
	close(ready[1]);
}

static long allocated(void)
{
	FILE *file = fopen("/proc/net/sockstat", "r");
	char line[256];
	long alloc = 0;

	while (file && fgets(line, sizeof(line), file))
		if (strncmp(line, "TCP:", 4) == 0 && strstr(line, "alloc "))
			alloc = strtol(strstr(line, "alloc ") + 6, NULL, 10);
	if (file)
		fclose(file);
	return alloc;
}

/* Other namespaces' sockets slow every dump: wait until these are gone, a minute at most. */
static void stop(struct bench *b, long before)
{
	for (int i = 0; i < b->scene->netns; i++)
		kill(b->pids[i], SIGKILL);
	for (int i = 0; i < b->scene->netns; i++)
		waitpid(b->pids[i], NULL, 0);
	for (int i = 0; i < 600 && allocated() > before + 1000; i++)
		poll(NULL, 0, 100);
}

/* ---- the ways ---- */

static void dump(int fd, uint8_t family)
{
	static uint64_t answer[ANSWER_SIZE / sizeof(uint64_t)];
	struct {
		struct nlmsghdr header;
		struct inet_diag_req_v2 body;
	} request = {.header = {.nlmsg_len = sizeof(request), .nlmsg_type = SOCK_DIAG_BY_FAMILY,
			     .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP},
		.body = {.sdiag_family = family, .sdiag_protocol = IPPROTO_TCP, .idiag_states = 0xffe,
			.idiag_ext = 1 << (INET_DIAG_SKMEMINFO - 1)}};
	const struct nlmsghdr *msg;
	ssize_t size;

	if (send(fd, &request, sizeof(request), 0) != sizeof(request))
		die("send");
	for (;;) {
		size = recv(fd, answer, sizeof(answer), 0);
		if (size <= 0)
			die("recv");
		for (msg = (const struct nlmsghdr *)answer; NLMSG_OK(msg, (size_t)size); msg = NLMSG_NEXT(msg, size))
			if (msg->nlmsg_type == NLMSG_DONE || msg->nlmsg_type == NLMSG_ERROR)
				return;
	}
}

/* What ss does in each: a bare loop without parsing. */
static double two_dumps_each(const struct bench *b)
{
	double began = cpu_us();
	char path[64];
	int count = 0;

	for (int i = 0; i < b->scene->netns; i += SAMPLE, count++) {
		int ns, fd;

		snprintf(path, sizeof(path), "/proc/%d/ns/net", (int)b->pids[i]);
		ns = open(path, O_RDONLY | O_CLOEXEC);
		if (ns < 0 || setns(ns, CLONE_NEWNET) != 0)
			die(path);
		fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
		dump(fd, AF_INET);
		dump(fd, AF_INET6);
		close(fd);
		close(ns);
	}
	if (setns(b->home, CLONE_NEWNET) != 0)
		die("setns");
	return (cpu_us() - began) * b->scene->netns / count;
}

/* What one census, by a process of its own, took and found. */
struct census {
	double cpu_us;
	uint64_t peak_kb; /* more than before it */
	struct tcpbuf_census_node node;
};

static uint64_t peak_kb(void)
{
	FILE *status = fopen("/proc/self/status", "r");
	char line[128];
	uint64_t kb = 0;

	while (status && fgets(line, sizeof(line), status))
		if (strncmp(line, "VmHWM:", 6) == 0)
			kb = strtoull(line + 6, NULL, 10);
	if (status)
		fclose(status);
	return kb;
}

static void take_one(const char *by, int to)
{
	const struct tcpbuf_census_query q = {.size = sizeof(q), .by = (uint32_t)strtoul(by, NULL, 10)};
	uint64_t before = peak_kb();
	double began = cpu_us();
	struct tcpbuf_census *c;
	struct census out;
	struct tcpbuf *tb;

	if (tcpbuf_new(&tb) != 0)
		die("tcpbuf_new");
	if (tcpbuf_census_take(tb, &q, &c) != 0)
		die(tcpbuf_error_text(tb));
	out.cpu_us = cpu_us() - began;
	out.peak_kb = peak_kb() - before;
	tcpbuf_census_node(c, &out.node, sizeof(out.node));
	if (write(to, &out, sizeof(out)) != sizeof(out))
		die("write");
	tcpbuf_census_free(c);
	tcpbuf_free(tb);
}

static struct census census(uint32_t by)
{
	struct census out;
	char text[16];
	int ends[2];
	pid_t pid = -1;

	if (pipe(ends) != 0 || (pid = fork()) < 0)
		die("fork");
	if (pid == 0) {
		dup2(ends[1], 1);
		snprintf(text, sizeof(text), "%u", by);
		execl("/proc/self/exe", "bench_census", "--one", text, (char *)NULL);
		_exit(127);
	}
	close(ends[1]);
	if (read(ends[0], &out, sizeof(out)) != sizeof(out))
		die("no census");
	close(ends[0]);
	waitpid(pid, NULL, 0);
	return out;
}

static void measure(const struct scene *scene)
{
	struct bench b = {.scene = scene, .home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC)};
	long before = allocated();
	double two = 0, ratios[ROUNDS];
	struct census c = {0};

	start(&b);
	for (int i = 0; i < ROUNDS; i++) {
		c = census(TCPBUF_CENSUS_BY_NETNS);
		two = two_dumps_each(&b);
		ratios[i] = c.cpu_us / two;
	}
	stop(&b, before);
	close(b.home);
	printf("%llu namespaces, %llu empty, %llu sockets: census / two dumps each %.3f, of %.1f s; peak memory %llu kB, "
	       "of them holders %llu kB\n",
		(unsigned long long)c.node.netns, (unsigned long long)c.node.netns_empty,
		(unsigned long long)c.node.sockets, median(ratios, ROUNDS), two / 1e6, (unsigned long long)c.peak_kb,
		(unsigned long long)(c.node.netns * sizeof(struct tcpbuf_census_holder) / 1024));
	fflush(stdout);
}

int main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "--one") == 0) {
		take_one(argv[2], 1);
		return 0;
	}
	for (size_t i = 0; i < sizeof(scenes) / sizeof(scenes[0]); i++)
		measure(&scenes[i]);
	return 0;
}
