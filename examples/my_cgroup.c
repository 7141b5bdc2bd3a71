/* SPDX-License-Identifier: MIT */
/*
 * The memory cgroup of a process: is TCP charged to it, how much, and what limits it.
 * cc my_cgroup.c $(pkg-config --cflags --libs tcpbuf); ./my_cgroup [PID]
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <tcpbuf/tcpbuf.h>

static const char *const charged[] = {
	[TCPBUF_CGROUP_CHARGE_UNKNOWN] = "TCP may be charged or not",
	[TCPBUF_CGROUP_CHARGE_NO] = "TCP is not charged",
	[TCPBUF_CGROUP_CHARGE_YES] = "TCP is charged",
	[TCPBUF_CGROUP_CHARGE_UNSEEN] = "TCP is not charged: no kmem.tcp limit was ever written",
};

static const char *const cases[] = {
	[TCPBUF_CGROUP_CASE_UNKNOWN] = "limits of user and kernel memory are not known",
	[TCPBUF_CGROUP_CASE_NO_LIMIT] = "user memory is not limited",
	[TCPBUF_CGROUP_CASE_K_NONE] = "kernel memory counts towards the limit of user memory alone",
	[TCPBUF_CGROUP_CASE_K_BELOW_U] = "kernel memory has a limit of its own, below that of user memory",
	[TCPBUF_CGROUP_CASE_K_ABOVE_U] = "the limit of user memory stops kernel memory first",
	[TCPBUF_CGROUP_CASE_ONE_LIMIT] = "one limit for user, kernel and socket memory",
};

static void show(const struct tcpbuf_cgroup_memory *m, const struct tcpbuf_cgroup_limit *limit)
{
	printf("%s; %s\n", charged[m->charge], cases[m->kmem_case]);
	if (m->valid & TCPBUF_CGROUP_MEMORY_TCP)
		printf("charged for TCP: %llu bytes\n", (unsigned long long)m->tcp_bytes);
	if (m->valid & TCPBUF_CGROUP_MEMORY_TCP_LIMIT)
		printf("at most so far: %llu bytes; the limit was hit %llu times\n", (unsigned long long)m->tcp_max_bytes,
			(unsigned long long)m->tcp_failcnt);
	if (m->valid & TCPBUF_CGROUP_MEMORY_THROTTLED)
		printf("sockets found pressure %llu times\n", (unsigned long long)m->events_sock_throttled);
	if (limit->kind != TCPBUF_CGROUP_LIMIT_NONE)
		printf("limited to %llu bytes, %u levels up\n", (unsigned long long)limit->limit_bytes, limit->levels_up);
}

static int read_group(struct tcpbuf_cgroup *cg, uint32_t pid)
{
	struct tcpbuf_cgroup_layout layout;
	struct tcpbuf_cgroup_memory memory;
	struct tcpbuf_cgroup_limit limit;
	char path[4096];
	int64_t err = tcpbuf_cgroup_get_layout(cg, &layout, sizeof(layout));

	if (!err)
		err = tcpbuf_cgroup_of_pid(cg, pid, path, sizeof(path));
	if (err >= 0)
		err = tcpbuf_cgroup_read(cg, path, 0, &memory, sizeof(memory));
	if (!err)
		err = tcpbuf_cgroup_get_limit(cg, path, 0, &limit, sizeof(limit));
	if (err)
		return (int)err;
	printf("memory is on cgroup v%u%s\n", layout.memory,
		layout.nokmem ? "; nokmem: kernel memory other than of sockets is not charged" : "");
	show(&memory, &limit);
	return 0;
}

int main(int argc, char **argv)
{
	uint32_t pid = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : (uint32_t)getpid();
	struct tcpbuf_cgroup *cg = NULL;
	struct tcpbuf *tb = NULL;
	int err = tcpbuf_new(&tb);

	if (!err)
		err = tcpbuf_cgroup_open(tb, &cg);
	if (!err)
		err = read_group(cg, pid);
	if (err)
		fprintf(stderr, "%s\n", tb ? tcpbuf_error_text(tb) : tcpbuf_strerror(err));
	tcpbuf_cgroup_close(cg);
	tcpbuf_free(tb);
	return err ? 2 : 0;
}
