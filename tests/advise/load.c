/* SPDX-License-Identifier: MIT */
#include "load.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check_main.h"

#define POD "10.78.0.1"
#define PEERS "10.78.0.2"
#define FIRST_PORT 5000

static char data[1 << 20];

static void shell(const char *form, pid_t a, pid_t b)
{
	char command[256];

	snprintf(command, sizeof(command), form, (int)a, (int)b);
	ck_assert_int_eq(system(command), 0);
}

struct load_pair load_pair_start(void)
{
	struct load_pair p = {scratch_start(), scratch_start()};

	shell("ip link add plan0 netns %d type veth peer name plan0 netns %d", p.pod.pid, p.peers.pid);
	shell("nsenter -t %d -n sh -c 'ip addr add " POD "/24 dev plan0 && ip link set plan0 up'", p.pod.pid, 0);
	shell("nsenter -t %d -n sh -c 'ip addr add " PEERS "/24 dev plan0 && ip link set plan0 up'", p.peers.pid, 0);
	scratch_set(&p.peers, "ipv4/ip_local_port_range", "10000 65000");
	return p;
}

void load_pair_stop(struct load_pair *p)
{
	scratch_stop(&p->pod);
	scratch_stop(&p->peers);
}

/* One connection: ends[0] the pod's, ends[1] the peer's. */
struct connection {
	int ends[2];
};

static void die(const char *what)
{
	perror(what);
	_exit(1);
}

static int listen_on(const struct sockaddr_in *address)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (const struct sockaddr *)address, sizeof(*address)) != 0 || listen(fd, 128) != 0)
		die("listen");
	return fd;
}

static struct connection *connect_all(const struct load_pair *pair, const struct load *load, uint32_t count,
	uint32_t worker)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)(FIRST_PORT + worker))};
	struct connection *all = calloc(count, sizeof(*all));
	int listener, one = load->chunk < 65536;

	inet_pton(AF_INET, POD, &address.sin_addr);
	if (!all || setns(pair->pod.fd, CLONE_NEWNET) != 0)
		die("pod");
	listener = listen_on(&address);
	if (setns(pair->peers.fd, CLONE_NEWNET) != 0)
		die("peers");
	for (uint32_t i = 0; i < count; i++) {
		int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

		if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0)
			die("connect");
		all[i].ends[1] = fd;
		all[i].ends[0] = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		if (all[i].ends[0] < 0)
			die("accept");
		for (int end = 0; end < 2; end++)
			setsockopt(all[i].ends[end], IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	}
	return all;
}

/* 1 when something was taken. */
static int write_once(const struct connection *c, const struct load *load)
{
	int taken = 0;

	if (load->receives)
		taken |= send(c->ends[1], data, load->chunk, MSG_DONTWAIT | MSG_NOSIGNAL) > 0;
	if (load->sends)
		taken |= send(c->ends[0], data, load->chunk, MSG_DONTWAIT | MSG_NOSIGNAL) > 0;
	return taken;
}

static void read_once(const struct connection *c, const struct load *load)
{
	for (int end = 0; end < 2; end++)
		while (recv(c->ends[end], data, load->read ? load->read : sizeof(data), MSG_DONTWAIT) > 0 && !load->read)
			;
}

static int is_under_way(int fd)
{
	struct tcp_info info;
	socklen_t size = sizeof(info);

	return getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) == 0 && info.tcpi_unacked;
}

/*
 * How many passes without a send taken are enough: acknowledgements, window probes and, while data is under
 * way, retransmissions still move data then.
 */
static uint32_t patience(const struct connection *all, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		if (is_under_way(all[i].ends[0]) || is_under_way(all[i].ends[1]))
			return 200;
	return 20;
}

static void fill(const struct connection *all, uint32_t count, const struct load *load)
{
	uint32_t quiet = 0;

	for (uint32_t pass = 0; pass < 100000 && (quiet < 20 || quiet < patience(all, count)); pass++) {
		int taken = 0;

		for (uint32_t i = 0; i < count; i++)
			taken |= write_once(&all[i], load);
		quiet = taken ? 0 : quiet + 1;
		if (!taken)
			poll(NULL, 0, 10);
	}
}

static void work(const struct load_pair *pair, const struct load *load, uint32_t count, uint32_t worker, int ready,
	int stop)
{
	struct connection *all = connect_all(pair, load, count, worker);
	char byte = 'x';

	for (uint32_t round = 0; round < load->rounds; round++)
		for (uint32_t i = 0; i < count; i++) {
			write_once(&all[i], load);
			read_once(&all[i], load);
		}
	fill(all, count, load);
	if (write(ready, &byte, 1) == 1 && read(stop, &byte, 1) >= 0)
		_exit(0);
	_exit(1);
}

struct load_run load_start(const struct load_pair *pair, const struct load *load)
{
	struct load_run run = {{0}, load->connections < LOAD_WORKERS ? 1 : LOAD_WORKERS, -1, -1};
	struct rlimit files;
	int ready[2], stop[2];

	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	ck_assert_int_eq(pipe(ready), 0);
	ck_assert_int_eq(pipe(stop), 0);
	for (uint32_t i = 0; i < run.count; i++) {
		uint32_t share = load->connections / run.count + (i < load->connections % run.count);

		run.workers[i] = scratch_fork();
		ck_assert_int_ge(run.workers[i], 0);
		if (run.workers[i] == 0) {
			close(stop[1]);
			work(pair, load, share, i, ready[1], stop[0]);
		}
	}
	close(ready[1]);
	close(stop[0]);
	run.ready = ready[0];
	run.stop = stop[1];
	return run;
}

void load_settle(struct load_run *run, void (*each)(void *arg), void *arg)
{
	struct pollfd ready = {run->ready, POLLIN, 0};
	char byte;

	for (uint32_t done = 0; done < run->count;) {
		if (poll(&ready, 1, 200) == 0) {
			if (each)
				each(arg);
			continue;
		}
		ck_assert_msg(read(run->ready, &byte, 1) == 1, "a worker failed");
		done++;
	}
}

void load_stop(struct load_run *run)
{
	close(run->stop);
	for (uint32_t i = 0; i < run->count; i++)
		waitpid(run->workers[i], NULL, 0);
	close(run->ready);
}
