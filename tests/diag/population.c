/* SPDX-License-Identifier: MIT */
#include "population.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check_main.h"

union address address_of(const char *text, uint16_t port)
{
	union address address;

	memset(&address, 0, sizeof(address));
	if (inet_pton(AF_INET, text, &address.v4.sin_addr) == 1) {
		address.v4.sin_family = AF_INET;
		address.v4.sin_port = htons(port);
	} else {
		ck_assert_int_eq(inet_pton(AF_INET6, text, &address.v6.sin6_addr), 1);
		address.v6.sin6_family = AF_INET6;
		address.v6.sin6_port = htons(port);
	}
	return address;
}

socklen_t address_size(const union address *address)
{
	return address->any.sa_family == AF_INET ? sizeof(address->v4) : sizeof(address->v6);
}

static int keep(struct population *p, int fd)
{
	ck_assert_int_ge(fd, 0);
	ck_assert_int_lt(p->count, (int)(sizeof(p->fds) / sizeof(p->fds[0])));
	p->fds[p->count++] = fd;
	return fd;
}

static void give_up(struct population *p, int fd)
{
	for (int i = 0; i < p->count; i++)
		if (p->fds[i] == fd)
			p->fds[i] = p->fds[--p->count];
	close(fd);
}

int population_bound(struct population *p, const char *text)
{
	union address address = address_of(text, 0);
	int fd = keep(p, scratch_socket(&p->ns, address.any.sa_family, SOCK_STREAM));

	ck_assert_int_eq(bind(fd, &address.any, address_size(&address)), 0);
	return fd;
}

int population_listen(struct population *p, const char *text, int backlog)
{
	int fd = population_bound(p, text);

	ck_assert_int_eq(listen(fd, backlog), 0);
	return fd;
}

static uint16_t port_of(int fd)
{
	union address address;
	socklen_t size = sizeof(address);

	ck_assert_int_eq(getsockname(fd, &address.any, &size), 0);
	return ntohs(address.v4.sin_port);
}

int population_connect(struct population *p, int listener, const char *from, const char *to)
{
	union address address = address_of(to, port_of(listener));
	int fd = population_bound(p, from);

	ck_assert_int_eq(connect(fd, &address.any, address_size(&address)), 0);
	return fd;
}

struct ends {
	int client, server;
};

static struct ends connected(struct population *p, int listener, const char *from, const char *to)
{
	struct ends ends = {.client = population_connect(p, listener, from, to)};

	ends.server = keep(p, accept4(listener, NULL, NULL, SOCK_CLOEXEC));
	return ends;
}

/* lo has ::1 only; "nodad", or an address could not be used at once. */
static void add_ipv6(struct population *p, const char *text)
{
	char command[128];

	snprintf(command, sizeof(command), "nsenter --net=/proc/%d/ns/net ip address add %s/128 dev lo nodad",
		(int)p->ns.pid, text);
	ck_assert_int_eq(system(command), 0);
}

static const struct {
	const char *listen, *from, *to;
	int mark; /* of the listener and what it accepts */
	int bound; /* to the interface lo */
} pairs[] = {
	{"127.0.0.1", "127.0.0.1", "127.0.0.1", 0, 0},
	{"127.0.0.1", "127.0.0.2", "127.0.0.1", 1, 0},
	{"127.1.2.3", "127.1.2.4", "127.1.2.3", 3, 1},
	{"0.0.0.0", "127.9.0.1", "127.9.8.7", 0x100, 0},
	{"0.0.0.0", "127.128.0.1", "127.255.0.1", 0xffffffff, 0},
	{"::1", "::1", "::1", 0, 0},
	{"fd00::1", "fd00:0:0:1::2", "fd00::1", 1, 0},
	{"::", "fd00::1", "fd00:0:0:1::2", 3, 1},
	{"::", "::1", "::1", 0x101, 0},
	{"::", "127.0.0.1", "127.0.0.1", 0, 0},
	{"::", "127.4.4.4", "127.5.5.5", 1, 1},
	{"::", "::ffff:127.4.4.4", "::ffff:127.4.4.5", 0, 0},
	{"::ffff:127.0.0.3", "::ffff:127.0.0.1", "::ffff:127.0.0.3", 2, 0},
	{"127.0.0.9", "::ffff:127.0.0.1", "::ffff:127.0.0.9", 0, 0},
};

static void add_pairs(struct population *p)
{
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		int listener = population_listen(p, pairs[i].listen, 7);
		struct ends ends;

		if (pairs[i].mark)
			ck_assert_int_eq(
				setsockopt(listener, SOL_SOCKET, SO_MARK, &pairs[i].mark, sizeof(int)), 0);
		if (pairs[i].bound)
			ck_assert_int_eq(setsockopt(listener, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3), 0);
		ends = connected(p, listener, pairs[i].from, pairs[i].to);
		/* Marked at one end only, every second time. */
		if (pairs[i].mark && i % 2)
			setsockopt(ends.client, SOL_SOCKET, SO_MARK, &pairs[i].mark, sizeof(int));
		ck_assert_int_eq(send(ends.client, "some bytes", 10, 0), 10);
	}
}

/* FIN_WAIT2 and CLOSE_WAIT, TIME_WAIT, FIN_WAIT1: by who closes first, and whether the peer has room. */
static void add_closing(struct population *p, const char *address)
{
	static const char bytes[65536];
	int listener = population_listen(p, address, 7);
	struct ends half = connected(p, listener, address, address), gone = connected(p, listener, address, address);
	struct ends full = connected(p, listener, address, address);

	ck_assert_int_eq(shutdown(half.client, SHUT_WR), 0);
	give_up(p, gone.client);
	give_up(p, gone.server);
	while (send(full.client, bytes, sizeof(bytes), MSG_DONTWAIT) > 0)
		;
	ck_assert_int_eq(shutdown(full.client, SHUT_WR), 0);
}

/* With TCP_DEFER_ACCEPT a connection stays a request until its first byte. */
static void add_requests(struct population *p, const char *address)
{
	int listener = population_listen(p, address, 7), seconds = 120;

	ck_assert_int_eq(setsockopt(listener, IPPROTO_TCP, TCP_DEFER_ACCEPT, &seconds, sizeof(seconds)), 0);
	population_connect(p, listener, address, address);
}

/* A full accept queue answers no SYN. */
static void add_unanswered(struct population *p, const char *address)
{
	int listener = population_listen(p, address, 0);
	union address to = address_of(address, port_of(listener));
	int fd = population_bound(p, address);

	population_connect(p, listener, address, address);
	ck_assert_int_eq(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
	ck_assert_int_eq(connect(fd, &to.any, address_size(&to)), -1);
	ck_assert_int_eq(errno, EINPROGRESS);
}

static int write_pid(const char *cgroup)
{
	char path[256];
	FILE *file;

	snprintf(path, sizeof(path), "%s/cgroup.procs", cgroup);
	file = fopen(path, "w");
	if (!file)
		return -1;
	fprintf(file, "%d", (int)getpid());
	return fclose(file);
}

/*
 * Two connections made from a cgroup of their own, which then goes; the mount is this process's alone.
 * An ordinary user has one cgroup only.
 */
static void add_cgroup(struct population *p)
{
	char mounted[] = "/tmp/tcpbuf-cgroup-XXXXXX", folder[64];

	ck_assert_ptr_nonnull(mkdtemp(mounted));
	snprintf(folder, sizeof(folder), "%s/tcpbuf-%d", mounted, (int)getpid());
	if (unshare(CLONE_NEWNS) == 0 && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
		mount("none", mounted, "cgroup2", 0, NULL) == 0) {
		if (mkdir(folder, 0755) == 0 && write_pid(folder) == 0) {
			connected(p, population_listen(p, "127.0.0.1", 7), "127.0.0.1", "127.0.0.1");
			connected(p, population_listen(p, "::", 7), "fd00::1", "fd00::1");
			write_pid(mounted);
		}
		rmdir(folder);
		umount2(mounted, MNT_DETACH);
	}
	rmdir(mounted);
}

struct population population_start(void)
{
	static const char *const loopbacks[] = {"127.0.0.1", "::1", "::ffff:127.0.0.1"};
	struct population p = {.ns = scratch_start()};

	add_ipv6(&p, "fd00::1");
	add_ipv6(&p, "fd00:0:0:1::2");
	add_pairs(&p);
	add_cgroup(&p);
	for (int i = 0; i < 3; i++) {
		population_bound(&p, loopbacks[i]);
		add_closing(&p, loopbacks[i]);
		add_requests(&p, loopbacks[i]);
		add_unanswered(&p, loopbacks[i]);
	}
	population_bound(&p, "0.0.0.0");
	population_bound(&p, "::");
	return p;
}

void population_stop(struct population *p)
{
	while (p->count)
		close(p->fds[--p->count]);
	scratch_stop(&p->ns);
}

struct population people;
struct tcpbuf__sys people_sys;

void people_setup(void)
{
	people = population_start();
	people_sys = tcpbuf__sys_kernel;
	ck_assert_int_eq(tcpbuf__new_with(&people_sys, &tb), 0);
	ck_assert_int_eq(tcpbuf_netns_open_fd(tb, people.ns.fd, &ns), 0);
}

void people_teardown(void)
{
	self_teardown();
	population_stop(&people);
}
