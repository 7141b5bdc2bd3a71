/* SPDX-License-Identifier: MIT */
/*
 * Everything at once, for a while, under namespaces, processes and sockets that come and go: soak SECONDS EXPORTER
 * Memory, descriptors and threads must stay the same, and every failure be one that coming and going explains.
 * It has network, pid and mount namespaces of its own: what else the machine does is neither counted nor touched.
 */
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <tcpbuf/tcpbuf.h>

#include "check_main.h"
#include "churn.h"
#include "soak.h"

enum {
	SAMPLES = 20,
	PATIENCE_S = 60 /* for one run of each operation */
};

static struct shift {
	struct worker w;
	const struct operation *op;
	pthread_t thread;
	atomic_ulong runs;
} shifts[OPERATIONS];

static double seconds;
static const char *program;

/* Operations read it; who takes a sample writes it, and waits for all that run. */
static pthread_rwlock_t running;
static atomic_int ended;

static void *shift_main(void *arg)
{
	struct shift *s = arg;

	while (!ended) {
		pthread_rwlock_rdlock(&running);
		s->op->run(&s->w);
		pthread_rwlock_unlock(&running);
		s->runs++;
	}
	return NULL;
}

static void start_shifts(int busy_fd, int quiet_fd)
{
	pthread_rwlockattr_t attr;

	pthread_rwlockattr_init(&attr);
	pthread_rwlockattr_setkind_np(&attr, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
	pthread_rwlock_init(&running, &attr);
	for (int i = 0; i < OPERATIONS; i++) {
		struct shift *s = &shifts[i];

		s->op = &operations[i];
		s->w = (struct worker){.busy_fd = busy_fd, .quiet_fd = quiet_fd};
		ck_assert_int_eq(tcpbuf_new(&s->w.tb), 0);
		ck_assert_int_eq(pthread_create(&s->thread, NULL, shift_main, s), 0);
	}
}

static void stop_shifts(void)
{
	ended = 1;
	for (int i = 0; i < OPERATIONS; i++) {
		pthread_join(shifts[i].thread, NULL);
		tcpbuf_free(shifts[i].w.tb);
	}
}

static double now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* For a time, and until each operation has run again: a slow machine makes the soak longer, not its samples alike. */
static int work_for(double span)
{
	double start = now_s();
	unsigned long before[OPERATIONS];
	int idle = 0;

	for (int i = 0; i < OPERATIONS; i++)
		before[i] = shifts[i].runs;
	while (now_s() < start + span || (idle < OPERATIONS && now_s() < start + span + PATIENCE_S)) {
		nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
		for (idle = 0; idle < OPERATIONS && shifts[idle].runs > before[idle]; idle++)
			;
	}
	if (idle < OPERATIONS)
		printf("%s: has not run in %d s\n", operations[idle].name, PATIENCE_S);
	return idle < OPERATIONS;
}

static void take_sample(pid_t exporter)
{
	pthread_rwlock_wrlock(&running);
	samples_take(exporter);
	pthread_rwlock_unlock(&running);
}

static int report(const struct churn_made *made, double took)
{
	printf("%.0f s; %u namespaces and %u connections came and went\n", took, made->netns, made->sockets);
	for (int i = 0; i < OPERATIONS; i++)
		printf("%-24s %8lu times\n", operations[i].name, (unsigned long)shifts[i].runs);
	return failures_report() + samples_report();
}

START_TEST(what_it_takes_stays_the_same)
{
	struct scratch quiet = scratch_start();
	double start = now_s();
	struct churn churn;
	pid_t exporter;
	int bad = 0;

	/* Both before the threads: what forks with locks held may not go on. */
	churn_start(&churn, UINT32_MAX);
	exporter = exporter_start(program);
	start_shifts(churn.busy.fd, quiet.fd);
	for (int i = 0; i < SAMPLES && !bad; i++) {
		bad = work_for(seconds / SAMPLES);
		take_sample(exporter);
	}
	stop_shifts();
	bad += report(churn.made, now_s() - start);
	ck_assert_int_eq(bad, 0);
	ck_assert_int_eq(exporter_stop(exporter), 0);
	scratch_stop(&quiet);
	churn_stop(&churn);
}
END_TEST

/* As the first process of a pid namespace, which ends with it, and with the parent. */
static int run_inside(void)
{
	Suite *suite = suite_create("soak");
	TCase *tc = tcase_create("soak");

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
		mount("proc", "/proc", "proc", 0, NULL) != 0 || scratch_loopback_up() != 0)
		skip_all("needs a /proc of its own");
	tcase_set_timeout(tc, seconds + SAMPLES * PATIENCE_S);
	tcase_add_test(tc, what_it_takes_stays_the_same);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}

int main(int argc, char **argv)
{
	int status = 0;
	pid_t pid;

	seconds = argc == 3 ? atof(argv[1]) : 0;
	if (seconds <= 0) {
		fprintf(stderr, "usage: soak SECONDS EXPORTER\n");
		return 1;
	}
	program = argv[2];
	scratch_rights();
	if (unshare(CLONE_NEWNET | CLONE_NEWPID | CLONE_NEWNS) != 0)
		skip_all("needs root or unprivileged user namespaces");
	pid = fork();
	if (pid == 0)
		exit(run_inside());
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
