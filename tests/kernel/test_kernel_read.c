/* SPDX-License-Identifier: MIT */
/* What is seen of the running kernel, against its name, against a false name, and under failing calls. */
#include <tcpbuf/tcpbuf.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "check_main.h"
#include "fault.h"
#include "kernel/kernel.h"
#include "scratch.h"

typedef int reader(struct tcpbuf *tb, void *out, uint32_t out_size);
static reader *const readers[] = {tcpbuf_kernel_read, tcpbuf_kernel_probe};

static struct tcpbuf_kernel look(const char *proc, reader *read)
{
	struct tcpbuf_kernel kernel;
	struct tcpbuf *tb;

	ck_assert_int_eq(tcpbuf_new(&tb), 0);
	if (proc)
		ck_assert_int_eq(tcpbuf_set_root(tb, TCPBUF_ROOT_PROC, proc), 0);
	ck_assert_int_eq(read(tb, &kernel, sizeof(kernel)), 0);
	tcpbuf_free(tb);
	return kernel;
}

/* A kernel that was recorded shows itself as its rules say; another one may differ, and then is not verified. */
START_TEST(the_running_kernel_is_its_release)
{
	struct tcpbuf_kernel seen = look(NULL, readers[_i]), named;
	struct utsname machine;

	ck_assert_int_eq(uname(&machine), 0);
	ck_assert_str_eq(seen.release, machine.release);
	ck_assert_uint_eq(seen.probed, (uint32_t)_i);
	ck_assert_int_eq(tcpbuf_kernel_named(machine.release, &named, sizeof(named)), 0);
	printf("%s: %u corrected\n", seen.release, seen.corrected);
	for (uint32_t rule = 0; *tcpbuf_kernel_rule_name(rule); rule++) {
		ck_assert_uint_ge(seen.known[rule], TCPBUF_KERNEL_ASSUMED);
		ck_assert_uint_le(named.known[rule], TCPBUF_KERNEL_RELEASE);
		if (named.rules.verified)
			ck_assert_msg(tcpbuf_kernel_rule_value(&seen, rule) ==
				tcpbuf_kernel_rule_value(&named, rule), "%s", tcpbuf_kernel_rule_name(rule));
	}
	if (named.rules.verified)
		ck_assert_uint_eq(seen.corrected, 0);
	ck_assert_uint_eq(seen.known[TCPBUF_KERNEL_SK_BUFF], TCPBUF_KERNEL_SEEN);
	ck_assert_uint_eq(seen.known[TCPBUF_KERNEL_HZ], TCPBUF_KERNEL_SEEN);
}
END_TEST

static void link_to(const char *folder, const char *below, const char *target)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", folder, below);
	ck_assert_int_eq(symlink(target, path), 0);
}

/* The machine's PROC, but for the release. */
static char *false_proc(const char *release)
{
	static char folder[64];
	char path[256];
	FILE *file;

	snprintf(folder, sizeof(folder), "/tmp/tcpbuf-kernel.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/sys", folder);
	ck_assert_int_eq(mkdir(path, 0755), 0);
	snprintf(path, sizeof(path), "%s/sys/kernel", folder);
	ck_assert_int_eq(mkdir(path, 0755), 0);
	snprintf(path, sizeof(path), "%s/sys/kernel/osrelease", folder);
	file = fopen(path, "w");
	ck_assert_ptr_nonnull(file);
	fprintf(file, "%s\n", release);
	fclose(file);
	link_to(folder, "sys/net", "/proc/sys/net");
	link_to(folder, "net", "/proc/net");
	link_to(folder, "thread-self", "/proc/thread-self");
	return folder;
}

static void remove_proc(const char *folder)
{
	static const char *const below[] = {
		"sys/kernel/osrelease", "sys/kernel", "sys/net", "sys", "net", "thread-self", ""};
	char path[256];

	for (unsigned i = 0; i < sizeof(below) / sizeof(below[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, below[i]);
		ck_assert_int_eq(remove(path), 0);
	}
}

static const char *const lies[] = {"4.19.0", "5.15.0", "6.6.1", "6.14.0", "7.1.0"};

static int has_low_rtt(void)
{
	return access("/proc/sys/net/ipv4/tcp_rcvbuf_low_rtt", F_OK) == 0;
}

/* Whatever a kernel calls itself, what is seen is the same. */
START_TEST(a_false_name_is_corrected)
{
	char *folder = false_proc(lies[_i]);
	struct tcpbuf_kernel truth = look(NULL, tcpbuf_kernel_probe), lie = look(folder, tcpbuf_kernel_probe);

	remove_proc(folder);
	ck_assert_str_eq(lie.release, lies[_i]);
	ck_assert_uint_eq(lie.rules.verified, 0);
	for (uint32_t rule = 0; *tcpbuf_kernel_rule_name(rule); rule++)
		if (lie.known[rule] == TCPBUF_KERNEL_SEEN)
			ck_assert_msg(tcpbuf_kernel_rule_value(&lie, rule) ==
				tcpbuf_kernel_rule_value(&truth, rule), "%s", tcpbuf_kernel_rule_name(rule));
	ck_assert_uint_gt(lie.corrected, 0);
	ck_assert_uint_eq(lie.known[TCPBUF_KERNEL_WINDOW], TCPBUF_KERNEL_SEEN);
	ck_assert_uint_eq(lie.known[TCPBUF_KERNEL_CLAMP], TCPBUF_KERNEL_SEEN);
	/* Only the key tells, and only of the growth that came with it. */
	ck_assert_int_eq(lie.rules.growth == TCPBUF_RULE_GROWTH_LOW_RTT, has_low_rtt());
	ck_assert_int_eq(lie.known[TCPBUF_KERNEL_GROWTH] == TCPBUF_KERNEL_SEEN, has_low_rtt());
}
END_TEST

START_TEST(no_release_is_a_sentence)
{
	struct tcpbuf_kernel kernel;
	char *folder = false_proc("2.6.32");
	struct tcpbuf *tb;

	ck_assert_int_eq(tcpbuf_new(&tb), 0);
	ck_assert_int_eq(tcpbuf_set_root(tb, TCPBUF_ROOT_PROC, folder), 0);
	ck_assert_int_eq(tcpbuf_kernel_read(tb, &kernel, sizeof(kernel)), -EINVAL);
	ck_assert_ptr_nonnull(strstr(tcpbuf_error_text(tb), "\"2.6.32\""));
	remove_proc(folder);
	ck_assert_int_eq(tcpbuf_kernel_read(tb, &kernel, sizeof(kernel)), -ENOENT);
	ck_assert_int_eq(tcpbuf_kernel_read(tb, NULL, 0), -EINVAL);
	ck_assert_int_eq(tcpbuf_kernel_read(NULL, &kernel, sizeof(kernel)), -EINVAL);
	ck_assert_int_eq(tcpbuf_kernel_named(NULL, &kernel, sizeof(kernel)), -EINVAL);
	ck_assert_int_eq(tcpbuf_kernel_named("6.1", NULL, 0), -EINVAL);
	ck_assert_str_eq(tcpbuf_kernel_rule_name(63), "");
	ck_assert_int_eq(tcpbuf_kernel_rule_value(NULL, 0), INT64_MIN);
	ck_assert_str_eq(tcpbuf_kernel_known_name(4), "");
	tcpbuf_free(tb);
}
END_TEST

static ino_t here(void)
{
	struct stat st;

	ck_assert_int_eq(stat("/proc/thread-self/ns/net", &st), 0);
	return st.st_ino;
}

/* Every call fails once: a rule is not seen, or the whole fails with a sentence; nothing stays. */
START_TEST(failing_calls_leave_nothing_behind)
{
	struct tcpbuf_kernel kernel;
	ino_t before = here();
	struct tcpbuf *tb;
	int failures = 0, passed = 0;

	for (int n = 0; passed < 1; n++) {
		fault.countdown = -1;
		fault.code = -EMFILE;
		ck_assert_int_eq(tcpbuf__new_with(&fault_sys, &tb), 0);
		fault.countdown = n;
		int err = readers[_i](tb, &kernel, sizeof(kernel));

		passed += fault.countdown >= 0;
		fault.countdown = -1;
		failures += err != 0;
		if (err)
			ck_assert_str_ne(tcpbuf_error_text(tb), "");
		else
			ck_assert_uint_ge(kernel.known[0], TCPBUF_KERNEL_ASSUMED);
		tcpbuf_free(tb);
		ck_assert_int_eq(fault.open_fds, 0);
		ck_assert_int_eq(fault.blocks, 0);
		ck_assert_uint_eq(here(), before);
		ck_assert_int_lt(n, 2000);
	}
	ck_assert_int_gt(failures, 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("kernel");
	TCase *tc = tcase_create("read");

	scratch_rights();
	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, the_running_kernel_is_its_release, 0, 2);
	tcase_add_loop_test(tc, a_false_name_is_corrected, 0, sizeof(lies) / sizeof(lies[0]));
	tcase_add_test(tc, no_release_is_a_sentence);
	tcase_add_loop_test(tc, failing_calls_leave_nothing_behind, 0, 2);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
