/* SPDX-License-Identifier: MIT */
/* A dump of 100,000 sockets: complete, each once, in the memory that a small one takes. */
#include <tcpbuf/diag.h>
#include <tcpbuf/netns.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/base.h"
#include "check_main.h"
#include "crowd.h"
#include "scratch.h"

#define CONNECTIONS 50000
#define SOCKETS (2 * CONNECTIONS)

static struct crowd crowd;
static uint64_t cookies[SOCKETS];

static void setup(void)
{
	ck_assert_int_eq(crowd_start(&crowd, CONNECTIONS), 0);
}

static void teardown(void)
{
	crowd_stop(&crowd);
}

static int by_number(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static long peak_kib(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_maxrss;
}

/* Cookies of what a query lets pass. Returns how many there are. */
static uint32_t gather(struct tcpbuf_netns *ns, const struct tcpbuf_sock_query *query)
{
	struct tcpbuf_sock batch[64];
	struct tcpbuf_sock_iter *it;
	uint32_t have = 0;
	int got;

	ck_assert_int_eq(tcpbuf_sock_iter_open(ns, query, &it), 0);
	while ((got = tcpbuf_sock_iter_fetch(it, batch, sizeof(batch[0]), 64)) > 0) {
		for (int i = 0; i < got && have < SOCKETS; i++) {
			ck_assert(batch[i].valid & TCPBUF_SOCK_HAS_SKMEM);
			ck_assert(batch[i].valid & TCPBUF_SOCK_HAS_INFO);
			cookies[have++] = batch[i].cookie;
		}
	}
	ck_assert_int_eq(got, 0);
	tcpbuf_sock_iter_close(it);
	return have;
}

START_TEST(each_of_many_once_in_flat_memory)
{
	const struct tcpbuf_sock_query some = {.size = sizeof(some), .states = 1u << TCPBUF_SOCK_ESTABLISHED,
		.local_port_min = CROWD_PORT, .local_port_max = CROWD_PORT};
	const struct tcpbuf_sock_query every = {.size = sizeof(every), .states = 1u << TCPBUF_SOCK_ESTABLISHED};
	struct tcpbuf_netns *ns;
	struct tcpbuf *tb;
	long before;

	ck_assert_int_eq(tcpbuf_new(&tb), 0);
	ck_assert_int_eq(tcpbuf_netns_open_fd(tb, crowd.fd, &ns), 0);
	memset(cookies, 1, sizeof(cookies));
	ck_assert_uint_eq(gather(ns, &some), CROWD_PER_PORT);
	before = peak_kib();
	ck_assert_uint_eq(gather(ns, &every), SOCKETS);
	/* Fifty times as many sockets. */
	ck_assert_int_lt(peak_kib() - before, 256);
	qsort(cookies, SOCKETS, sizeof(cookies[0]), by_number);
	for (uint32_t i = 1; i < SOCKETS; i++)
		ck_assert_uint_ne(cookies[i - 1], cookies[i]);
	tcpbuf_netns_close(ns);
	tcpbuf_free(tb);
}
END_TEST

#ifdef TCPBUF_TEST_TOOL

/* Peak memory in KiB of the tool on the crowd's sockets. */
static long tool_peak(const char *option, const char *word)
{
	struct rusage usage;
	char path[64];
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		snprintf(path, sizeof(path), "/proc/%d/ns/net", (int)crowd.leader);
		if (!freopen("/dev/null", "w", stdout))
			_exit(126);
		execl(TCPBUF_TEST_TOOL, "tcpbuf-sockets", "--json", "--netns", path, option, word, NULL);
		_exit(127);
	}
	ck_assert_int_eq(wait4(pid, &status, 0, &usage), pid);
	ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	return usage.ru_maxrss;
}

START_TEST(the_tool_streams_them)
{
	char port[16];
	long few, all;

	snprintf(port, sizeof(port), "%d", CROWD_PORT);
	few = tool_peak("--local-port", port);
	all = tool_peak("--state", "ESTAB");
	ck_assert_int_lt(all - few, 1024);
}
END_TEST

#endif

int main(void)
{
	Suite *suite = suite_create("diag");
	TCase *tc = tcase_create("crowd");

	scratch_rights();
	tcase_set_timeout(tc, 200);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, each_of_many_once_in_flat_memory);
#ifdef TCPBUF_TEST_TOOL
	tcase_add_test(tc, the_tool_streams_them);
#endif
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
