/* SPDX-License-Identifier: MIT */
/* A running exporter, and scrapes of it. */
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "scratch.h"
#include "soak.h"

enum {
	PORT = 9796, /* the exporter's own choice */
	PATIENCE_S = 60,
	TRIES = 600
};

pid_t exporter_start(const char *program)
{
	pid_t pid = scratch_fork();

	if (pid == 0) {
		execl(program, program, (char *)NULL);
		_exit(127);
	}
	for (int i = 0; pid > 0 && i < TRIES && exporter_scrape() == -ECONNREFUSED; i++)
		nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
	return pid;
}

static int connect_to(void)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(PORT),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct timeval patience = {.tv_sec = PATIENCE_S};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	if (connect(fd, (struct sockaddr *)&at, sizeof(at)) == 0)
		return fd;
	close(fd);
	return -errno;
}

/* The whole answer: its end is where the exporter closes. Returns its status. */
static int answer_of(int fd)
{
	static const char request[] = "GET /metrics HTTP/1.0\r\n\r\n";
	char text[4096];
	ssize_t got;
	int status;

	if (send(fd, request, sizeof(request) - 1, MSG_NOSIGNAL) != (ssize_t)sizeof(request) - 1)
		return -errno;
	got = recv(fd, text, sizeof(text) - 1, MSG_WAITALL);
	if (got < 0)
		return -errno;
	text[got] = 0;
	if (sscanf(text, "HTTP/1.%*c %d", &status) != 1 || (status == 200 && !strstr(text, "\ntcpbuf_")))
		return -EPROTO;
	while ((got = recv(fd, text, sizeof(text), 0)) > 0)
		;
	return got < 0 ? -errno : status;
}

int exporter_scrape(void)
{
	int fd = connect_to(), status;

	if (fd < 0)
		return fd;
	status = answer_of(fd);
	close(fd);
	return status == 200 ? 0 : status;
}

int exporter_stop(pid_t pid)
{
	int status = 0;

	kill(pid, SIGTERM);
	return waitpid(pid, &status, 0) == pid && status == 0 ? 0 : -1;
}
