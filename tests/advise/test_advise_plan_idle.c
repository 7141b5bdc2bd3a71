/* SPDX-License-Identifier: MIT */
/* What a plan says of idle sockets, against the growth of the kernel's slab caches. */
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "check_main.h"
#include "load.h"
#include <tcpbuf/tcpbuf.h>

#define CONNECTIONS 4000
#define TRIES 5
#define ALIASES "/sys/kernel/slab/"

/* All that an open socket costs; lsm_*: what security modules hang on its inode and file. */
static const char *const caches[] = {"TCP", "sock_inode_cache", "filp", "dentry", "tcp_bind_bucket",
	"tcp_bind2_bucket", "lsm_inode_cache", "lsm_file_cache"};
#define CACHES (sizeof(caches) / sizeof(caches[0]))

static struct tcpbuf_rules rules;

/* Bytes of active objects of a row of /proc/slabinfo; -1: there is no such row. */
static int64_t active_bytes(const char *row)
{
	FILE *f = fopen("/proc/slabinfo", "re");
	char line[512], name[128];
	long long active, size, found = -1;

	ck_assert_ptr_nonnull(f);
	while (found < 0 && fgets(line, sizeof(line), f))
		if (sscanf(line, "%127s %lld %*d %lld", name, &active, &size) == 3 && strcmp(name, row) == 0)
			found = active * size;
	fclose(f);
	return found;
}

static ssize_t merged_into(const char *cache, char *target)
{
	char path[PATH_MAX];
	ssize_t length;

	snprintf(path, sizeof(path), ALIASES "%s", cache);
	length = readlink(path, target, 255);
	target[length > 0 ? length : 0] = '\0';
	return length;
}

/* Caches alike are merged; the row bears the name of the first one: slab_alias in mm/slub.c. */
static int find_row(const char *cache, char *row, size_t size)
{
	char target[256], other[256];
	DIR *aliases = opendir(ALIASES);
	struct dirent *entry;
	int found = active_bytes(cache) >= 0;

	if (found)
		snprintf(row, size, "%s", cache);
	if (aliases && !found && merged_into(cache, target) > 0)
		while (!found && (entry = readdir(aliases)))
			if (merged_into(entry->d_name, other) > 0 && strcmp(target, other) == 0 &&
				active_bytes(entry->d_name) >= 0) {
				snprintf(row, size, "%s", entry->d_name);
				found = 1;
			}
	if (aliases)
		closedir(aliases);
	return found;
}

/* The rows of all caches, each once. */
struct rows {
	char names[CACHES][256];
	size_t count;
};

static struct rows find_rows(void)
{
	struct rows r = {.count = 0};

	for (size_t i = 0; i < CACHES; i++) {
		size_t same = 0;

		if (!find_row(caches[i], r.names[r.count], sizeof(r.names[0])))
			continue;
		while (strcmp(r.names[same], r.names[r.count]) != 0)
			same++;
		r.count += same == r.count;
	}
	return r;
}

static int64_t slab(const struct rows *r)
{
	int64_t sum = 0;

	for (size_t i = 0; i < r->count; i++)
		sum += active_bytes(r->names[i]);
	return sum;
}

static int64_t planned_idle(void)
{
	const struct tcpbuf_plan_node node = {.size = sizeof(node), .flags = TCPBUF_PLAN_KEEP, .moderate_rcvbuf = 1,
		.current = {.rmem = {4096, 131072, 6291456}, .wmem = {4096, 16384, 4194304}, .rmem_max = 4194304,
			.wmem_max = 4194304, .adv_win_scale = 1, .app_win = 31, .window_scaling = 1, .timestamps = 1,
			.sndbuf_factor = 2}};
	const struct tcpbuf_plan_class class = {.size = sizeof(class), .connections = 2 * CONNECTIONS,
		.directions = TCPBUF_PLAN_RECEIVES, .mss = 1448, .rtt_us = 100};
	struct tcpbuf_plan plan;

	ck_assert_int_eq(tcpbuf_plan_make(&rules, &node, &class, sizeof(class), 1, &plan, sizeof(plan)), 0);
	return plan.idle_bytes;
}

/* Of both ends of CONNECTIONS connections that carry nothing. */
static int64_t measured_idle(const struct rows *rows)
{
	const struct load quiet = {.connections = CONNECTIONS, .chunk = 1};
	struct load_pair pair = load_pair_start();
	int64_t before = slab(rows), after;
	struct load_run run = load_start(&pair, &quiet);

	load_settle(&run, NULL, NULL);
	after = slab(rows);
	load_stop(&run);
	load_pair_stop(&pair);
	return after - before;
}

/* Other programs use the same caches: a disturbed measurement is made again. */
START_TEST(idle_is_slab)
{
	const struct rows rows = find_rows();
	const int64_t planned = planned_idle();
	int64_t measured = 0;

	ck_assert_int_ge(rows.count, 5);
	for (int try = 0; try < TRIES; try++) {
		measured = measured_idle(&rows);
		printf("idle: slab %lld a socket, planned %lld\n", (long long)(measured / (2 * CONNECTIONS)),
			(long long)(planned / (2 * CONNECTIONS)));
		fflush(stdout);
		if (llabs(planned - measured) * 10 <= measured)
			return;
	}
	ck_abort_msg("planned %lld bytes, slab grew by %lld", (long long)planned, (long long)measured);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("plan_idle");
	TCase *tcase = tcase_create("plan_idle");
	struct utsname name;

	if (geteuid() != 0 || access("/proc/slabinfo", R_OK) != 0)
		skip_all("needs root to read /proc/slabinfo");
	if (uname(&name) != 0 || tcpbuf_rules_named(name.release, &rules, sizeof(rules)) != 0)
		skip_all("this kernel has no rules");
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, idle_is_slab);
	suite_add_tcase(suite, tcase);
	return run_suite(suite);
}
