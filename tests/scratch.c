/* SPDX-License-Identifier: MIT */
#include "scratch.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check_main.h"

/* Outside of a test: Check's assertions work only inside one. */
static void map_id(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		skip_all("cannot map ids in a user namespace");
	close(fd);
}

void scratch_rights(void)
{
	char map[64];
	uid_t uid = geteuid();
	gid_t gid = getegid();

	if (uid == 0)
		return;
	if (unshare(CLONE_NEWUSER) != 0)
		skip_all("needs root or unprivileged user namespaces");
	map_id("/proc/self/setgroups", "deny");
	snprintf(map, sizeof(map), "0 %u 1", (unsigned)uid);
	map_id("/proc/self/uid_map", map);
	snprintf(map, sizeof(map), "0 %u 1", (unsigned)gid);
	map_id("/proc/self/gid_map", map);
}

int scratch_loopback_up(void)
{
	struct ifreq ifr = {.ifr_name = "lo", .ifr_flags = IFF_UP};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), err;

	if (fd < 0)
		return -1;
	err = ioctl(fd, SIOCSIFFLAGS, &ifr);
	close(fd);
	return err;
}

pid_t scratch_fork(void)
{
	pid_t parent = getpid(), pid = fork();

	/* A parent that ended before this was asked for sends no signal. */
	if (pid == 0 && (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent))
		_exit(1);
	return pid;
}

struct scratch scratch_start(void)
{
	struct scratch s;
	char path[64], byte;
	int ready[2];

	ck_assert_int_eq(pipe2(ready, O_CLOEXEC), 0);
	s.pid = scratch_fork();
	ck_assert_int_ge(s.pid, 0);
	if (s.pid == 0) {
		if (unshare(CLONE_NEWNET) != 0 || scratch_loopback_up() != 0)
			_exit(1);
		if (write(ready[1], "x", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	close(ready[1]);
	ck_assert_msg(read(ready[0], &byte, 1) == 1, "cannot make a network namespace");
	close(ready[0]);
	snprintf(path, sizeof(path), "/proc/%d/ns/net", (int)s.pid);
	s.fd = open(path, O_RDONLY | O_CLOEXEC);
	ck_assert_int_ge(s.fd, 0);
	return s;
}

void scratch_stop(struct scratch *s)
{
	kill(s->pid, SIGKILL);
	waitpid(s->pid, NULL, 0);
	close(s->fd);
}

struct visit {
	const struct scratch *s;
	int family, type, result;
	const char *file, *value;
};

static void *visit_main(void *arg)
{
	struct visit *v = arg;
	char path[160];

	if (setns(v->s->fd, CLONE_NEWNET) != 0)
		return NULL;
	if (v->file) {
		snprintf(path, sizeof(path), "/proc/sys/net/%s", v->file);
		v->result = open(path, O_WRONLY | O_CLOEXEC);
	} else {
		v->result = socket(v->family, v->type | SOCK_CLOEXEC, 0);
	}
	return NULL;
}

static int visit(struct visit v)
{
	pthread_t thread;

	v.result = -1;
	ck_assert_int_eq(pthread_create(&thread, NULL, visit_main, &v), 0);
	pthread_join(thread, NULL);
	ck_assert_int_ge(v.result, 0);
	return v.result;
}

int scratch_socket(const struct scratch *s, int family, int type)
{
	return visit((struct visit){.s = s, .family = family, .type = type});
}

void scratch_set(const struct scratch *s, const char *file, const char *value)
{
	int fd = visit((struct visit){.s = s, .file = file});

	ck_assert_int_eq(write(fd, value, strlen(value)), (int)strlen(value));
	close(fd);
}

static socklen_t loopback(int family, struct sockaddr_storage *out)
{
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
	struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

	memset(out, 0, sizeof(*out));
	memcpy(out, family == AF_INET6 ? (void *)&v6 : (void *)&v4,
		family == AF_INET6 ? sizeof(v6) : sizeof(v4));
	return family == AF_INET6 ? sizeof(v6) : sizeof(v4);
}

struct pair scratch_pair(const struct scratch *s, int family, int rcvbuf)
{
	struct sockaddr_storage address;
	socklen_t length = loopback(family, &address);
	struct pair p;

	p.listener = scratch_socket(s, family, SOCK_STREAM);
	p.client = scratch_socket(s, family, SOCK_STREAM);
	if (rcvbuf)
		setsockopt(p.listener, SOL_SOCKET, SO_RCVBUF, &rcvbuf, sizeof(rcvbuf));
	ck_assert_int_eq(bind(p.listener, (struct sockaddr *)&address, length), 0);
	ck_assert_int_eq(listen(p.listener, 7), 0);
	ck_assert_int_eq(getsockname(p.listener, (struct sockaddr *)&address, &length), 0);
	ck_assert_int_eq(connect(p.client, (struct sockaddr *)&address, length), 0);
	p.server = accept4(p.listener, NULL, NULL, SOCK_CLOEXEC);
	ck_assert_int_ge(p.server, 0);
	return p;
}

void pair_close(struct pair *p)
{
	close(p->client);
	close(p->server);
	close(p->listener);
}
