/* SPDX-License-Identifier: MIT */
#include "line.h"

#include <arpa/inet.h>
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define PACKET_SIZE 1600
#define RING_SIZE 8192

/* Packets on their way to one end, in order of arrival. */
struct ring {
	uint64_t free_at; /* ns: when the rate lets the next packet start */
	uint32_t head, count;
	struct {
		uint64_t due; /* ns */
		uint16_t size;
		uint8_t bytes[PACKET_SIZE];
	} packets[RING_SIZE];
};

struct line_relay {
	struct line_options options;
	pthread_t thread;
	int tuns[2], stop[2];
	struct ring to[2]; /* by the end that will get them */
};

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

int line_possible(void)
{
	int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);

	close(fd);
	return fd >= 0;
}

/* When a packet that is here now leaves the line, or 0: the queue is full. */
static uint64_t due_at(const struct line_relay *r, struct ring *ring, int to, uint32_t size)
{
	uint64_t now = now_ns(), rate = to == 1 ? r->options.rate : 0;
	uint64_t took = rate ? (uint64_t)size * 1000000000u / rate : 0;

	if (ring->count == RING_SIZE)
		return 0;
	if (rate && ring->free_at > now && (ring->free_at - now) / took >= r->options.queue)
		return 0;
	ring->free_at = (ring->free_at > now ? ring->free_at : now) + took;
	return ring->free_at + r->options.delay_us * 1000u;
}

static void take_in(struct line_relay *r, int from)
{
	struct ring *ring = &r->to[1 - from];
	uint8_t bytes[PACKET_SIZE];
	ssize_t size;

	while ((size = read(r->tuns[from], bytes, sizeof(bytes))) > 0) {
		uint64_t due = due_at(r, ring, 1 - from, (uint32_t)size);
		uint32_t slot = (ring->head + ring->count) % RING_SIZE;

		if (!due)
			continue;
		ring->packets[slot].due = due;
		ring->packets[slot].size = (uint16_t)size;
		memcpy(ring->packets[slot].bytes, bytes, (size_t)size);
		ring->count++;
	}
}

/* Write what is due; returns ns until the next packet is. */
static uint64_t hand_out(struct line_relay *r, int to)
{
	struct ring *ring = &r->to[to];

	while (ring->count) {
		uint64_t now = now_ns(), due = ring->packets[ring->head].due;

		if (due > now)
			return due - now;
		if (write(r->tuns[to], ring->packets[ring->head].bytes, ring->packets[ring->head].size) < 0)
			ck_assert_int_ne(errno, EINVAL);
		ring->head = (ring->head + 1) % RING_SIZE;
		ring->count--;
	}
	return 1000000000u;
}

static void *relay_main(void *arg)
{
	struct line_relay *r = arg;
	struct pollfd fds[3] = {{r->tuns[0], POLLIN, 0}, {r->tuns[1], POLLIN, 0}, {r->stop[0], POLLIN, 0}};

	while (!fds[2].revents) {
		uint64_t a = hand_out(r, 0), b = hand_out(r, 1), wait = a < b ? a : b;
		struct timespec t = {(time_t)(wait / 1000000000u), (long)(wait % 1000000000u)};

		ppoll(fds, 3, &t, NULL);
		take_in(r, 0);
		take_in(r, 1);
	}
	return NULL;
}

static void set_address(int fd, struct ifreq *request, unsigned long what, const char *text)
{
	struct sockaddr_in address = {.sin_family = AF_INET};

	ck_assert_int_eq(inet_pton(AF_INET, text, &address.sin_addr), 1);
	memcpy(&request->ifr_addr, &address, sizeof(address));
	ck_assert_int_eq(ioctl(fd, what, request), 0);
}

struct tun {
	const struct scratch *end;
	const char *address;
	int fd;
};

/* On a thread of its own: it moves into the end's namespace. */
static void *tun_main(void *arg)
{
	struct tun *tun = arg;
	struct ifreq request = {.ifr_name = "line"};
	int fd;

	ck_assert_int_eq(setns(tun->end->fd, CLONE_NEWNET), 0);
	tun->fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);
	request.ifr_flags = IFF_TUN | IFF_NO_PI;
	ck_assert_int_eq(ioctl(tun->fd, TUNSETIFF, &request), 0);
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	set_address(fd, &request, SIOCSIFADDR, tun->address);
	set_address(fd, &request, SIOCSIFNETMASK, "255.255.255.0");
	request.ifr_flags = IFF_UP | IFF_RUNNING;
	ck_assert_int_eq(ioctl(fd, SIOCSIFFLAGS, &request), 0);
	close(fd);
	return NULL;
}

static int tun_open(const struct scratch *end, const char *address)
{
	struct tun tun = {end, address, -1};
	pthread_t thread;

	ck_assert_int_eq(pthread_create(&thread, NULL, tun_main, &tun), 0);
	pthread_join(thread, NULL);
	ck_assert_int_ge(tun.fd, 0);
	return tun.fd;
}

struct line line_start(const struct line_options *options)
{
	struct line line;
	struct line_relay *r = calloc(1, sizeof(*r));

	ck_assert_ptr_nonnull(r);
	r->options = *options;
	line.relay = r;
	for (int i = 0; i < 2; i++) {
		line.ends[i] = scratch_start();
		r->tuns[i] = tun_open(&line.ends[i], i ? LINE_ADDRESS_1 : LINE_ADDRESS_0);
	}
	ck_assert_int_eq(pipe2(r->stop, O_CLOEXEC), 0);
	ck_assert_int_eq(pthread_create(&r->thread, NULL, relay_main, r), 0);
	return line;
}

static void relay_stop(struct line_relay *r)
{
	close(r->stop[1]);
	pthread_join(r->thread, NULL);
	close(r->stop[0]);
	for (int i = 0; i < 2; i++)
		close(r->tuns[i]);
	free(r);
}

void line_stop(struct line *line)
{
	if (line->relay)
		relay_stop(line->relay);
	for (int i = 0; i < 2; i++)
		scratch_stop(&line->ends[i]);
}

struct pair line_pair(const struct line *line, int rcvbuf, int sndbuf)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	socklen_t length = sizeof(address);
	struct pair p = {scratch_socket(&line->ends[1], AF_INET, SOCK_STREAM),
		scratch_socket(&line->ends[0], AF_INET, SOCK_STREAM), -1};

	inet_pton(AF_INET, LINE_ADDRESS_1, &address.sin_addr);
	if (rcvbuf)
		setsockopt(p.listener, SOL_SOCKET, SO_RCVBUF, &rcvbuf, sizeof(rcvbuf));
	if (sndbuf)
		setsockopt(p.client, SOL_SOCKET, SO_SNDBUF, &sndbuf, sizeof(sndbuf));
	ck_assert_int_eq(bind(p.listener, (struct sockaddr *)&address, sizeof(address)), 0);
	ck_assert_int_eq(listen(p.listener, 1), 0);
	ck_assert_int_eq(getsockname(p.listener, (struct sockaddr *)&address, &length), 0);
	ck_assert_int_eq(connect(p.client, (struct sockaddr *)&address, sizeof(address)), 0);
	p.server = accept4(p.listener, NULL, NULL, SOCK_CLOEXEC);
	ck_assert_int_ge(p.server, 0);
	return p;
}
