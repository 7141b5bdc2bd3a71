/* SPDX-License-Identifier: MIT */
/*
 * CPU of dumping 100,000 sockets, as medians of interleaved rounds. As root:
 *   bench_dump                    the library against a bare receive loop, a filter, one socket; peak memory
 *   bench_dump --user N           dump N sockets of this namespace, for a profiler to count
 *   bench_dump --peak             dump this namespace, print the peak memory in KiB
 *   bench_dump --with COMMAND...  run a command in a namespace with as many sockets
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <tcpbuf/tcpbuf.h>

#include "crowd.h"
#include "measure.h"

enum { CONNECTIONS = 50000, BATCH = 64, ROUNDS = 9, GETS = 2000, ANSWER_SIZE = 32768 };

#define EXTENSIONS ((1 << (INET_DIAG_INFO - 1)) | (1 << (INET_DIAG_SKMEMINFO - 1)))
#define STATES (~(1u << TCPBUF_SOCK_BOUND_INACTIVE))

struct bench {
	struct tcpbuf *tb;
	struct tcpbuf_netns *ns;
	int fd; /* the bare loop's own */
	struct tcpbuf_sock one;
};

enum way {
	BARE_DUMP,
	LIBRARY_DUMP,
	FILTERED_DUMP,
	BARE_GET,
	LIBRARY_GET,
	WAYS
};

static void bare_request(const struct bench *b)
{
	struct {
		struct nlmsghdr header;
		struct inet_diag_req body;
	} request = {.header = {.nlmsg_len = sizeof(request), .nlmsg_type = TCPDIAG_GETSOCK,
			     .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP},
		.body = {.idiag_ext = EXTENSIONS, .idiag_states = STATES}};

	if (send(b->fd, &request, sizeof(request), 0) != sizeof(request))
		die("send");
}

/* Steps over the headers of one answer. Returns 1 until the dump is done. */
static int bare_step(const struct nlmsghdr *msg, ssize_t size, uint32_t *count)
{
	for (; NLMSG_OK(msg, (size_t)size); msg = NLMSG_NEXT(msg, size)) {
		if (msg->nlmsg_type == NLMSG_DONE)
			return 0;
		if (msg->nlmsg_type == NLMSG_ERROR)
			die("the kernel refused the dump");
		++*count;
	}
	return 1;
}

static uint32_t bare_dump(const struct bench *b)
{
	static uint64_t answer[ANSWER_SIZE / sizeof(uint64_t)];
	uint32_t count = 0;
	ssize_t size;

	bare_request(b);
	do {
		size = recv(b->fd, answer, sizeof(answer), MSG_TRUNC);
		if (size <= 0)
			die("recv");
	} while (bare_step((const struct nlmsghdr *)answer, size, &count));
	return count;
}

/* At most @limit sockets. */
static uint32_t library_dump(const struct bench *b, const struct tcpbuf_sock_query *query, uint32_t limit)
{
	static struct tcpbuf_sock batch[BATCH];
	struct tcpbuf_sock_iter *it;
	uint32_t count = 0, ask;
	int got = 0;

	if (tcpbuf_sock_iter_open(b->ns, query, &it) != 0)
		die(tcpbuf_error_text(b->tb));
	while (count < limit) {
		ask = limit - count < BATCH ? limit - count : BATCH;
		got = tcpbuf_sock_iter_fetch(it, batch, sizeof(batch[0]), ask);
		if (got <= 0)
			break;
		count += (uint32_t)got;
	}
	if (got < 0)
		die(tcpbuf_error_text(b->tb));
	tcpbuf_sock_iter_close(it);
	return count;
}

/* One listener's side of its connections. */
static uint32_t filtered_dump(const struct bench *b)
{
	const struct tcpbuf_sock_query query = {
		.size = sizeof(query), .local_port_min = CROWD_PORT, .local_port_max = CROWD_PORT};

	return library_dump(b, &query, UINT32_MAX);
}

static uint32_t bare_gets(const struct bench *b)
{
	static uint64_t answer[1024];
	const struct nlmsghdr *msg = (const struct nlmsghdr *)answer;
	struct {
		struct nlmsghdr header;
		struct inet_diag_req_v2 body;
	} request = {.header = {.nlmsg_len = sizeof(request), .nlmsg_type = SOCK_DIAG_BY_FAMILY,
			     .nlmsg_flags = NLM_F_REQUEST},
		.body = {.sdiag_family = AF_INET, .sdiag_protocol = IPPROTO_TCP, .idiag_ext = EXTENSIONS,
			.id = {.idiag_sport = htons((uint16_t)b->one.local_port),
				.idiag_dport = htons((uint16_t)b->one.remote_port),
				.idiag_cookie = {INET_DIAG_NOCOOKIE, INET_DIAG_NOCOOKIE}}}};

	memcpy(request.body.id.idiag_src, b->one.local_address, 4);
	memcpy(request.body.id.idiag_dst, b->one.remote_address, 4);
	for (int i = 0; i < GETS; i++)
		if (send(b->fd, &request, sizeof(request), 0) != sizeof(request) ||
			recv(b->fd, answer, sizeof(answer), MSG_TRUNC) <= 0 ||
			msg->nlmsg_type != SOCK_DIAG_BY_FAMILY)
			die("one socket");
	return GETS;
}

static uint32_t library_gets(const struct bench *b)
{
	struct tcpbuf_sock_id id = {.size = sizeof(id), .family = b->one.family, .local_port = b->one.local_port,
		.remote_port = b->one.remote_port};
	struct tcpbuf_sock out;

	memcpy(id.local_address, b->one.local_address, sizeof(id.local_address));
	memcpy(id.remote_address, b->one.remote_address, sizeof(id.remote_address));
	for (int i = 0; i < GETS; i++)
		if (tcpbuf_sock_get(b->ns, &id, &out, sizeof(out)) != 0)
			die(tcpbuf_error_text(b->tb));
	return GETS;
}

static uint32_t go(const struct bench *b, enum way way)
{
	switch (way) {
	case BARE_DUMP:
		return bare_dump(b);
	case LIBRARY_DUMP:
		return library_dump(b, NULL, UINT32_MAX);
	case FILTERED_DUMP:
		return filtered_dump(b);
	case BARE_GET:
		return bare_gets(b);
	default:
		return library_gets(b);
	}
}

static void open_here(struct bench *b)
{
	if (tcpbuf_new(&b->tb) != 0 || tcpbuf_netns_open(b->tb, "self", &b->ns) != 0)
		die("cannot open this namespace");
}

static void open_bare(struct bench *b)
{
	struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};

	b->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
	if (b->fd < 0 || connect(b->fd, (struct sockaddr *)&kernel, sizeof(kernel)) != 0)
		die("netlink");
}

static void pick_one(struct bench *b)
{
	const struct tcpbuf_sock_query query = {.size = sizeof(query), .states = 1u << TCPBUF_SOCK_ESTABLISHED};
	struct tcpbuf_sock_iter *it;

	if (tcpbuf_sock_iter_open(b->ns, &query, &it) != 0 ||
		tcpbuf_sock_iter_next(it, &b->one, sizeof(b->one)) != 1)
		die(tcpbuf_error_text(b->tb));
	tcpbuf_sock_iter_close(it);
}

static void print_peak(void)
{
	FILE *status = fopen("/proc/self/status", "r");
	char line[128];

	while (status && fgets(line, sizeof(line), status))
		if (strncmp(line, "VmHWM:", 6) == 0)
			printf("a process that only dumps: peak memory %s", line + 6);
	if (status)
		fclose(status);
}

static int run(char *const *command)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		execvp(command[0], command);
		_exit(127);
	}
	if (waitpid(pid, &status, 0) != pid)
		return 1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

static void print(double spent[WAYS][ROUNDS], const uint32_t counts[WAYS])
{
	double bare = median(spent[BARE_DUMP], ROUNDS), library = median(spent[LIBRARY_DUMP], ROUNDS);
	double filtered = median(spent[FILTERED_DUMP], ROUNDS), bare_get = median(spent[BARE_GET], ROUNDS);
	double get = median(spent[LIBRARY_GET], ROUNDS);

	printf("sockets: %u bare, %u library, %u filtered\n", counts[BARE_DUMP], counts[LIBRARY_DUMP],
		counts[FILTERED_DUMP]);
	printf("library / bare receive loop: %.3f\n", library / bare);
	printf("filter that matches %.1f %% / all: %.3f\n", 100.0 * counts[FILTERED_DUMP] / counts[LIBRARY_DUMP],
		filtered / library);
	printf("left out by the filter / handed out, a socket: %.3f\n",
		(filtered - library * counts[FILTERED_DUMP] / counts[LIBRARY_DUMP]) /
			(counts[LIBRARY_DUMP] - counts[FILTERED_DUMP]) / (library / counts[LIBRARY_DUMP]));
	printf("one socket, library / bare question: %.3f; %.1f us\n", get / bare_get, get / GETS);
	printf("one socket / a dump of all: 1 / %.0f\n", library / (get / GETS));
}

static void measure(void)
{
	static double spent[WAYS][ROUNDS];
	char *peak[] = {(char *)"/proc/self/exe", (char *)"--peak", NULL};
	uint32_t counts[WAYS];
	struct bench b;

	open_here(&b);
	open_bare(&b);
	pick_one(&b);
	for (int round = -1; round < ROUNDS; round++) /* the first warms up */
		for (enum way way = 0; way < WAYS; way++) {
			double start = cpu_us();

			counts[way] = go(&b, way);
			if (round >= 0)
				spent[way][round] = cpu_us() - start;
		}
	print(spent, counts);
	fflush(stdout);
	run(peak);
	close(b.fd);
	tcpbuf_netns_close(b.ns);
	tcpbuf_free(b.tb);
}

static void dump_only(uint32_t limit, int peak)
{
	struct bench b;

	open_here(&b);
	printf("sockets: %u\n", library_dump(&b, NULL, limit));
	if (peak)
		print_peak();
	tcpbuf_netns_close(b.ns);
	tcpbuf_free(b.tb);
}

int main(int argc, char **argv)
{
	struct crowd crowd;
	int ret = 0;

	if (argc == 3 && strcmp(argv[1], "--user") == 0) {
		dump_only((uint32_t)strtoul(argv[2], NULL, 10), 0);
		return 0;
	}
	if (argc == 2 && strcmp(argv[1], "--peak") == 0) {
		dump_only(UINT32_MAX, 1);
		return 0;
	}
	if (crowd_start(&crowd, CONNECTIONS) != 0 || setns(crowd.fd, CLONE_NEWNET) != 0)
		die("cannot make the sockets");
	if (argc > 2 && strcmp(argv[1], "--with") == 0)
		ret = run(argv + 2);
	else
		measure();
	crowd_stop(&crowd);
	return ret;
}
