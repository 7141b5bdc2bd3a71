/* SPDX-License-Identifier: MIT */
#include "crowd.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "scratch.h"

/* Two descriptors a connection, below a limit of 20,000. */
#define PORTS_PER_WORKER 4u

/* Descriptors stay open until the process ends. */
static int connect_many(uint32_t port)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	int listener = socket(AF_INET, SOCK_STREAM, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (bind(listener, (struct sockaddr *)&address, sizeof(address)) != 0 || listen(listener, 16) != 0)
		return -1;
	for (int i = 0; i < CROWD_PER_PORT; i++) {
		int client = socket(AF_INET, SOCK_STREAM, 0);

		if (connect(client, (struct sockaddr *)&address, sizeof(address)) != 0 ||
			accept(listener, NULL, NULL) < 0)
			return -1;
	}
	return 0;
}

static void work(uint32_t first_port, uint32_t ports, int ready)
{
	struct rlimit limit;

	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	for (uint32_t i = 0; i < ports; i++)
		if (connect_many(first_port + i) != 0)
			_exit(1);
	if (write(ready, "x", 1) != 1)
		_exit(1);
	close(ready);
	for (;;)
		pause();
}

static void lead(uint32_t ports, int ready)
{
	if (unshare(CLONE_NEWNET) != 0 || scratch_loopback_up() != 0)
		_exit(1);
	for (uint32_t i = 0; i < ports; i += PORTS_PER_WORKER)
		if (scratch_fork() == 0)
			work(CROWD_PORT + i, ports - i < PORTS_PER_WORKER ? ports - i : PORTS_PER_WORKER, ready);
	close(ready);
	for (;;)
		pause();
}

int crowd_start(struct crowd *c, uint32_t connections)
{
	uint32_t ports = connections / CROWD_PER_PORT, done = 0;
	char path[64], byte;
	int ready[2];

	if (pipe(ready) != 0)
		return -1;
	c->leader = scratch_fork();
	if (c->leader == 0) {
		close(ready[0]);
		lead(ports, ready[1]);
	}
	close(ready[1]);
	/* Ends when all that hold the other end have written or died. */
	while (read(ready[0], &byte, 1) == 1)
		done++;
	close(ready[0]);
	snprintf(path, sizeof(path), "/proc/%d/ns/net", (int)c->leader);
	c->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (done == (ports + PORTS_PER_WORKER - 1) / PORTS_PER_WORKER && c->fd >= 0)
		return 0;
	crowd_stop(c);
	return -1;
}

void crowd_stop(struct crowd *c)
{
	kill(c->leader, SIGKILL);
	waitpid(c->leader, NULL, 0);
	close(c->fd);
}
