/* SPDX-License-Identifier: MIT */
/* Ten keys as one change: all of them or none, and a true report. */
#include <tcpbuf/netns.h>
#include <tcpbuf/sysctl.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/base.h"
#include "check_main.h"
#include "fault.h"
#include "scratch.h"

#define KEYS 10
#define SEVENTH 6

static const struct {
	uint32_t key;
	const char *first, *second;
} keys[KEYS] = {
	{TCPBUF_KEY_TCP_RMEM, "4096\t65536\t1048576", "8192\t70000\t2000000"},
	{TCPBUF_KEY_TCP_WMEM, "4096\t32768\t1048576", "8192\t40000\t2000000"},
	{TCPBUF_KEY_TCP_ADV_WIN_SCALE, "2", "-2"},
	{TCPBUF_KEY_TCP_APP_WIN, "20", "30"},
	{TCPBUF_KEY_TCP_MODERATE_RCVBUF, "0", "1"},
	{TCPBUF_KEY_TCP_NOTSENT_LOWAT, "131072", "4294967295"},
	{TCPBUF_KEY_TCP_KEEPALIVE_PROBES, "5", "6"},
	{TCPBUF_KEY_TCP_KEEPALIVE_TIME, "600", "700"},
	{TCPBUF_KEY_TCP_LIMIT_OUTPUT_BYTES, "262144", "524288"},
	{TCPBUF_KEY_TCP_MIN_TSO_SEGS, "3", "4"},
};

static struct tcpbuf *tb;
static struct scratch web;
static struct tcpbuf_netns *ns;
static struct tcpbuf_sysctl_change *change;
static struct tcpbuf__sys sys;

static void add_all(const char *optional_of_seventh)
{
	for (int i = 0; i < KEYS; i++)
		ck_assert_msg(tcpbuf_sysctl_change_add(change, keys[i].key, keys[i].second,
				      optional_of_seventh && i == SEVENTH, NULL, 0) == 0,
			"%s", tcpbuf_error_text(tb));
}

/* A namespace whose ten keys hold the first values, and a change to the second ones. */
static void setup(void)
{
	web = scratch_start();
	ck_assert_int_eq(tcpbuf_new(&tb), 0);
	ck_assert_int_eq(tcpbuf_netns_open_fd(tb, web.fd, &ns), 0);
	for (int i = 0; i < KEYS; i++)
		ck_assert_msg(tcpbuf_sysctl_set(ns, keys[i].key, keys[i].first, NULL, 0) == 0, "%s",
			tcpbuf_error_text(tb));
	ck_assert_int_eq(tcpbuf_sysctl_change_open(ns, &change), 0);
	sys = tcpbuf__sys_kernel;
}

static void teardown(void)
{
	tb->sys = &tcpbuf__sys_kernel;
	tcpbuf_sysctl_change_close(change);
	tcpbuf_netns_close(ns);
	tcpbuf_free(tb);
	scratch_stop(&web);
}

static void ck_value(uint32_t key, const char *wanted)
{
	struct tcpbuf_value value;
	char text[64];

	ck_assert_int_eq(tcpbuf_sysctl_get(ns, key, &value, sizeof(value)), 0);
	ck_assert_int_ge(tcpbuf_key_format(key, &value, text, sizeof(text)), 0);
	ck_assert_msg(strcmp(text, wanted) == 0, "%s is \"%s\", not \"%s\"", tcpbuf_key_name(key), text, wanted);
}

static void ck_all_as_before(void)
{
	for (int i = 0; i < KEYS; i++)
		ck_value(keys[i].key, keys[i].first);
}

static struct tcpbuf_sysctl_result result(uint32_t index)
{
	struct tcpbuf_sysctl_result r;

	ck_assert_int_eq(tcpbuf_sysctl_change_result(change, index, &r, sizeof(r)), 0);
	return r;
}

START_TEST(ten_keys_are_changed)
{
	add_all(NULL);
	ck_value(TCPBUF_KEY_TCP_RMEM, keys[0].first);
	ck_assert_uint_eq(result(0).outcome, TCPBUF_SYSCTL_UNTOUCHED);
	ck_assert_msg(tcpbuf_sysctl_change_apply(change) == 0, "%s", tcpbuf_error_text(tb));
	ck_assert_uint_eq(tcpbuf_sysctl_change_count(change), KEYS);
	for (int i = 0; i < KEYS; i++) {
		struct tcpbuf_sysctl_result r = result((uint32_t)i);

		ck_value(keys[i].key, keys[i].second);
		ck_assert_uint_eq(r.key, keys[i].key);
		ck_assert_uint_eq(r.outcome, TCPBUF_SYSCTL_WRITTEN);
		ck_assert_str_eq(r.before, keys[i].first);
		ck_assert_str_eq(r.value, keys[i].second);
	}
	/* Again: nothing left to do. */
	ck_assert_int_eq(tcpbuf_sysctl_change_apply(change), 0);
	ck_assert_uint_eq(result(3).outcome, TCPBUF_SYSCTL_SAME);
}
END_TEST

/* The file that a write goes to, by the open before it; -1 when the seventh is not among them. */
static int seventh_fd = -1;
static int opens_for_writing;

static int watch_open(int dir, const char *path, int flags)
{
	int fd = tcpbuf__sys_kernel.open(dir, path, flags);

	if (strcmp(path, "tcp_keepalive_probes") == 0 && (flags & O_ACCMODE) == O_WRONLY)
		seventh_fd = fd;
	return fd;
}

static int watch_close(int fd)
{
	if (fd == seventh_fd)
		seventh_fd = -1;
	return tcpbuf__sys_kernel.close(fd);
}

static ssize_t refuse_seventh(int fd, const void *buf, size_t size)
{
	return fd == seventh_fd ? -EINVAL : tcpbuf__sys_kernel.write(fd, buf, size);
}

static void use_refusal(void)
{
	sys.open = watch_open;
	sys.close = watch_close;
	sys.write = refuse_seventh;
	tb->sys = &sys;
}

static void ck_report_of_seventh(int code)
{
	for (uint32_t i = 0; i < KEYS; i++) {
		struct tcpbuf_sysctl_result r = result(i);

		ck_assert_uint_eq(r.outcome, i < SEVENTH ? TCPBUF_SYSCTL_PUT_BACK
				: i == SEVENTH		 ? TCPBUF_SYSCTL_REFUSED
							 : TCPBUF_SYSCTL_UNTOUCHED);
		ck_assert_int_eq(r.code, i == SEVENTH ? code : 0);
	}
}

START_TEST(the_seventh_fails_and_all_ten_are_as_before)
{
	add_all(NULL);
	use_refusal();
	ck_assert_int_eq(tcpbuf_sysctl_change_apply(change), -EINVAL);
	tb->sys = &tcpbuf__sys_kernel;
	ck_report_of_seventh(-EINVAL);
	ck_assert_ptr_nonnull(strstr(tcpbuf_error_text(tb),
		"cannot set net.ipv4.tcp_keepalive_probes to \"6\" in netns \"fd "));
	ck_assert_ptr_nonnull(
		strstr(tcpbuf_error_text(tb), ": the kernel refused it; 6 keys were put back (EINVAL)"));
	ck_all_as_before();
}
END_TEST

START_TEST(an_optional_seventh_fails_alone)
{
	add_all("optional");
	use_refusal();
	ck_assert_int_eq(tcpbuf_sysctl_change_apply(change), 0);
	ck_assert_str_eq(tcpbuf_error_text(tb), "");
	tb->sys = &tcpbuf__sys_kernel;
	for (uint32_t i = 0; i < KEYS; i++) {
		ck_assert_uint_eq(
			result(i).outcome, i == SEVENTH ? TCPBUF_SYSCTL_REFUSED : TCPBUF_SYSCTL_WRITTEN);
		ck_value(keys[i].key, i == SEVENTH ? keys[i].first : keys[i].second);
	}
	ck_assert_int_eq(result(SEVENTH).code, -EINVAL);
}
END_TEST

/* Rights that end with the seventh key: at its file alone, or for good. */
static int rights_come_back;

static int without_rights(int dir, const char *path, int flags)
{
	if ((flags & O_ACCMODE) != O_WRONLY)
		return tcpbuf__sys_kernel.open(dir, path, flags);
	opens_for_writing++;
	if (opens_for_writing == SEVENTH + 1 || (opens_for_writing > SEVENTH && !rights_come_back))
		return -EACCES;
	return tcpbuf__sys_kernel.open(dir, path, flags);
}

START_TEST(rights_that_end_half_way)
{
	add_all(NULL);
	rights_come_back = _i;
	sys.open = without_rights;
	tb->sys = &sys;
	ck_assert_int_eq(tcpbuf_sysctl_change_apply(change), -EACCES);
	tb->sys = &tcpbuf__sys_kernel;
	if (rights_come_back) {
		ck_report_of_seventh(-EACCES);
		ck_all_as_before();
		return;
	}
	/* Nothing can be put back any more; the report says of what. */
	for (uint32_t i = 0; i < SEVENTH; i++) {
		ck_assert_uint_eq(result(i).outcome, TCPBUF_SYSCTL_LOST);
		ck_assert_str_eq(result(i).before, keys[i].first);
	}
	ck_assert_uint_eq(result(SEVENTH).outcome, TCPBUF_SYSCTL_REFUSED);
	ck_assert_ptr_nonnull(strstr(tcpbuf_error_text(tb),
		"0 keys were put back; net.ipv4.tcp_rmem could NOT be put back: 4096\t65536\t1048576; net.ipv4.tcp_wmem"));
}
END_TEST

/* Rights that are missing from the start: nothing is written at all. */
static int no_access_to_seventh(int dir, const char *path, int mode)
{
	if (strcmp(path, "tcp_keepalive_probes") == 0)
		return -EACCES;
	return tcpbuf__sys_kernel.access(dir, path, mode);
}

static ssize_t must_not_write(int fd, const void *buf, size_t size)
{
	ck_abort_msg("written: %.*s to %d", (int)size, (const char *)buf, fd);
	return -EIO;
}

START_TEST(rights_that_are_missing_are_seen_before_the_first_write)
{
	add_all(NULL);
	sys.access = no_access_to_seventh;
	sys.write = must_not_write;
	tb->sys = &sys;
	ck_assert_int_eq(tcpbuf_sysctl_change_apply(change), -EACCES);
	ck_assert_ptr_nonnull(strstr(tcpbuf_error_text(tb),
		"not permitted: it takes root of the namespace's user namespace; nothing was written (EACCES)"));
	for (uint32_t i = 0; i < KEYS; i++)
		ck_assert_uint_eq(
			result(i).outcome, i == SEVENTH ? TCPBUF_SYSCTL_REFUSED : TCPBUF_SYSCTL_UNTOUCHED);
	ck_all_as_before();
}
END_TEST

/* A namespace that is gone after some calls: every file of it is. */
static int calls_left;

static int open_until_it_dies(int dir, const char *path, int flags)
{
	return calls_left-- > 0 ? tcpbuf__sys_kernel.open(dir, path, flags) : -ENOENT;
}

START_TEST(a_namespace_that_dies_half_way)
{
	uint32_t written = 0, lost = 0;

	add_all(NULL);
	calls_left = _i;
	sys.open = open_until_it_dies;
	tb->sys = &sys;
	ck_assert_int_eq(tcpbuf_sysctl_change_apply(change), -ENOENT);
	ck_assert_int_eq(tcpbuf_error_code(tb), -ENOENT);
	tb->sys = &tcpbuf__sys_kernel;
	for (uint32_t i = 0; i < KEYS; i++) {
		struct tcpbuf_sysctl_result r = result(i);

		written += r.outcome == TCPBUF_SYSCTL_WRITTEN;
		lost += r.outcome == TCPBUF_SYSCTL_LOST;
	}
	ck_assert_uint_eq(written, 0);
	if (lost)
		ck_assert_ptr_nonnull(strstr(tcpbuf_error_text(tb), "could NOT be put back"));
	else
		ck_all_as_before();
}
END_TEST

START_TEST(a_process_that_ends_takes_nothing_away)
{
	struct scratch short_lived = scratch_start();
	struct tcpbuf_netns *kept;
	struct tcpbuf_sysctl_change *late;

	ck_assert_int_eq(tcpbuf_netns_open_pid(tb, (uint32_t)short_lived.pid, &kept), 0);
	ck_assert_int_eq(tcpbuf_sysctl_change_open(kept, &late), 0);
	ck_assert_int_eq(tcpbuf_sysctl_change_add(late, keys[0].key, keys[0].second, 0, NULL, 0), 0);
	scratch_stop(&short_lived);
	ck_assert_int_eq(tcpbuf_sysctl_change_apply(late), 0);
	tcpbuf_sysctl_change_close(late);
	tcpbuf_netns_close(kept);
}
END_TEST

START_TEST(the_last_value_of_a_key_counts)
{
	struct tcpbuf_key_verdict verdict;

	ck_assert_int_eq(tcpbuf_sysctl_change_add(change, TCPBUF_KEY_TCP_RMEM, "4096 4096 4096", 0, NULL, 0), 0);
	ck_assert_int_eq(tcpbuf_sysctl_change_add(change, TCPBUF_KEY_TCP_APP_WIN, "7", 0, NULL, 0), 0);
	ck_assert_int_eq(tcpbuf_sysctl_change_add(
				 change, TCPBUF_KEY_TCP_RMEM, "4096 2000 3000", 0, &verdict, sizeof(verdict)),
		-ERANGE);
	ck_assert_uint_eq(verdict.reason, TCPBUF_KEY_REASON_MIN_ABOVE_DEFAULT);
	ck_assert_int_eq(tcpbuf_sysctl_change_add(
				 change, TCPBUF_KEY_TCP_RMEM, "1024 1024 2048", 0, &verdict, sizeof(verdict)),
		0);
	ck_assert_uint_eq(verdict.reason, TCPBUF_KEY_REASON_BELOW_SEGMENT);
	ck_assert_uint_eq(tcpbuf_sysctl_change_count(change), 2);
	ck_assert_uint_eq(result(0).key, TCPBUF_KEY_TCP_APP_WIN);
	ck_assert_uint_eq(result(1).key, TCPBUF_KEY_TCP_RMEM);
	ck_assert_uint_eq(result(1).warning, TCPBUF_KEY_REASON_BELOW_SEGMENT);
	ck_assert_str_eq(result(1).value, "1024\t1024\t2048");
}
END_TEST

START_TEST(bad_arguments_change_nothing)
{
	struct tcpbuf_sysctl_result r;
	struct tcpbuf_sysctl_change *other = (void *)tb;

	ck_assert_int_eq(tcpbuf_sysctl_change_open(NULL, &other), -EINVAL);
	ck_assert_ptr_null(other);
	ck_assert_int_eq(tcpbuf_sysctl_change_open(ns, NULL), -EINVAL);
	ck_assert_int_eq(tcpbuf_sysctl_change_add(NULL, TCPBUF_KEY_TCP_RMEM, "1 2 3", 0, NULL, 0), -EINVAL);
	ck_assert_int_eq(tcpbuf_sysctl_change_add(change, 9999, "1", 0, NULL, 0), -EINVAL);
	ck_assert_int_eq(tcpbuf_sysctl_change_add(change, TCPBUF_KEY_TCP_RMEM, NULL, 0, NULL, 0), -EINVAL);
	ck_assert_int_eq(tcpbuf_sysctl_change_add(change, TCPBUF_KEY_TCP_RMEM, "", 0, NULL, 0), -EINVAL);
	ck_assert_int_eq(tcpbuf_sysctl_change_apply(NULL), -EINVAL);
	ck_assert_uint_eq(tcpbuf_sysctl_change_count(change), 0);
	ck_assert_uint_eq(tcpbuf_sysctl_change_count(NULL), 0);
	ck_assert_int_eq(tcpbuf_sysctl_change_result(change, 0, &r, sizeof(r)), -EINVAL);
	ck_assert_int_eq(tcpbuf_sysctl_change_result(NULL, 0, &r, sizeof(r)), -EINVAL);
	ck_assert_int_eq(tcpbuf_sysctl_change_apply(change), 0);
	tcpbuf_sysctl_change_close(NULL);
}
END_TEST

/* Each call fails once; the report is true, and nothing is leaked. */
START_TEST(each_call_may_fail)
{
	int n = 0, failed = 0, err;

	tb->sys = &fault_sys;
	fault.code = -EIO;
	do {
		struct tcpbuf_sysctl_change *c;
		int added = 0, held = (int)tb->fds_held;

		fault.countdown = n++;
		fault.open_fds = 0;
		err = tcpbuf_sysctl_change_open(ns, &c);
		while (!err && added < KEYS) {
			err = tcpbuf_sysctl_change_add(c, keys[added].key, keys[added].second, 0, NULL, 0);
			added++;
		}
		if (!err)
			err = tcpbuf_sysctl_change_apply(c);
		ck_assert_int_eq(err, tcpbuf_error_code(tb));
		failed += err != 0;
		fault.countdown = fault.countdown < 0 ? -1 : fault.countdown;
		for (uint32_t i = 0; err && i < tcpbuf_sysctl_change_count(c); i++) {
			struct tcpbuf_sysctl_result r;

			tcpbuf_sysctl_change_result(c, i, &r, sizeof(r));
			ck_assert_uint_ne(r.outcome, TCPBUF_SYSCTL_WRITTEN);
			ck_value(r.key, r.outcome == TCPBUF_SYSCTL_LOST ? r.value : keys[i].first);
		}
		tcpbuf_sysctl_change_close(c);
		ck_assert_int_eq(fault.open_fds, (int)tb->fds_held - held);
		ck_assert_int_eq(fault.blocks, 0);
	} while (fault.countdown < 0 && n < 1000);
	ck_assert_int_lt(n, 1000);
	ck_assert_int_gt(failed, 50);
	fault.countdown = -1;
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("sysctl change");
	TCase *tc = tcase_create("change");

	scratch_rights();
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, ten_keys_are_changed);
	tcase_add_test(tc, the_seventh_fails_and_all_ten_are_as_before);
	tcase_add_test(tc, an_optional_seventh_fails_alone);
	tcase_add_loop_test(tc, rights_that_end_half_way, 0, 2);
	tcase_add_test(tc, rights_that_are_missing_are_seen_before_the_first_write);
	tcase_add_loop_test(tc, a_namespace_that_dies_half_way, 0, 29);
	tcase_add_test(tc, a_process_that_ends_takes_nothing_away);
	tcase_add_test(tc, the_last_value_of_a_key_counts);
	tcase_add_test(tc, bad_arguments_change_nothing);
	tcase_add_test(tc, each_call_may_fail);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
