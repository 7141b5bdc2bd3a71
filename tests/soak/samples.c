/* SPDX-License-Identifier: MIT */
/* Memory, descriptors and threads of the soak and of the exporter, and whether they stay the same. */
#include <dirent.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "soak.h"

#define MAX_SAMPLES 64

/* A sanitizer keeps freed memory back, and does not tell mallinfo2(). */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { RSS_SLACK = INT32_MAX };
#else
enum { RSS_SLACK = 2 << 20 };
#endif

enum measure { HEAP, RSS, FDS, THREADS, EXPORTER_RSS, EXPORTER_FDS, EXPORTER_THREADS, MEASURES };

/* @slack by how much it may differ and still be the same: what malloc() caches a thread, pages it keeps. */
static const struct {
	const char *name;
	int64_t slack;
} measures[MEASURES] = {
	[HEAP] = {"heap in use, bytes", 64 << 10},
	[RSS] = {"resident, bytes", RSS_SLACK},
	[FDS] = {"descriptors", 0},
	[THREADS] = {"threads", 0},
	[EXPORTER_RSS] = {"exporter: resident, bytes", RSS_SLACK},
	[EXPORTER_FDS] = {"exporter: descriptors", 0},
	[EXPORTER_THREADS] = {"exporter: threads", 0},
};

static int64_t samples[MAX_SAMPLES][MEASURES];
static int count;

static int64_t entries(pid_t pid, const char *folder)
{
	char path[64];
	int64_t n = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, folder);
	dir = opendir(path);
	if (!dir)
		return -1;
	while (readdir(dir))
		n++;
	closedir(dir);
	return n - 2;
}

static int64_t resident(pid_t pid)
{
	char path[64];
	long long pages = -1;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/statm", (int)pid);
	file = fopen(path, "re");
	if (!file)
		return -1;
	if (fscanf(file, "%*s %lld", &pages) != 1)
		pages = -1;
	fclose(file);
	return pages * sysconf(_SC_PAGESIZE);
}

void samples_take(pid_t exporter)
{
	int64_t *s = samples[count];

	if (count == MAX_SAMPLES)
		abort();
	s[HEAP] = (int64_t)mallinfo2().uordblks;
	s[RSS] = resident(getpid());
	s[FDS] = entries(getpid(), "fd");
	s[THREADS] = entries(getpid(), "task");
	s[EXPORTER_RSS] = resident(exporter);
	s[EXPORTER_FDS] = entries(exporter, "fd");
	s[EXPORTER_THREADS] = entries(exporter, "task");
	count++;
}

struct range {
	int64_t least, most;
};

static struct range of_quarter(enum measure m, int quarter)
{
	int first = count * quarter / 4, end = count * (quarter + 1) / 4;
	struct range r = {samples[first][m], samples[first][m]};

	for (int i = first + 1; i < end; i++) {
		r.least = samples[i][m] < r.least ? samples[i][m] : r.least;
		r.most = samples[i][m] > r.most ? samples[i][m] : r.most;
	}
	return r;
}

int samples_report(void)
{
	int grown = 0;

	printf("%-26s %22s %22s %22s  (least, most of %d samples)\n", "", "first quarter", "second quarter",
		"last quarter", count);
	for (enum measure m = 0; m < MEASURES; m++) {
		struct range first = of_quarter(m, 0), second = of_quarter(m, 1), last = of_quarter(m, 3);
		/* The first quarter is for warming up. A leak lifts even the least of what comes later. */
		int grew = last.least < 0 || last.least > second.most + measures[m].slack;

		printf("%-26s %10lld %11lld %10lld %11lld %10lld %11lld  %s\n", measures[m].name,
			(long long)first.least, (long long)first.most, (long long)second.least,
			(long long)second.most, (long long)last.least, (long long)last.most,
			grew ? "GREW" : "flat");
		grown += grew;
	}
	return grown;
}
