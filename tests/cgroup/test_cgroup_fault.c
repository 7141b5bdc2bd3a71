/* SPDX-License-Identifier: MIT */
/* The n-th allocation or system call fails: a listed code, a sentence, nothing leaked, and the next try works. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/base.h"
#include "fault.h"
#include "fixture.h"

#define SLICE "/kubepods.slice/kubepods-burstable.slice"

/* Everything once. Returns 0 or the first failure's code. */
static int use(struct tcpbuf *tb, uint64_t id)
{
	struct tcpbuf_cgroup *cg;
	struct tcpbuf_cgroup_memory m;
	struct tcpbuf_cgroup_limit l;
	char path[4096];
	int64_t err = tcpbuf_cgroup_open(tb, &cg);

	if (err)
		return (int)err;
	err = tcpbuf_cgroup_of_pid(cg, 42, path, sizeof(path));
	if (err >= 0)
		err = tcpbuf_cgroup_read(cg, path, 0, &m, sizeof(m));
	if (err >= 0)
		err = tcpbuf_cgroup_get_limit(cg, path, 0, &l, sizeof(l));
	if (err >= 0)
		err = tcpbuf_cgroup_path(cg, id, path, sizeof(path));
	if (err < 0) {
		ck_assert_int_eq(tcpbuf_error_code(tb), err);
		ck_assert_ptr_nonnull(strstr(tcpbuf_error_text(tb), "cannot "));
	}
	tcpbuf_cgroup_close(cg);
	return err < 0 ? (int)err : 0;
}

static const int codes[] = {-EIO, -EACCES, -ENOMEM, -EMFILE, -ENOENT};

START_TEST(each_call_may_fail)
{
	struct tcpbuf *tb;
	struct stat st;
	char path[512];
	int n = 0, failed = 0;

	fault.code = codes[_i];
	snprintf(path, sizeof(path), "%s/fixtures/v2/cgroup" SLICE, TCPBUF_TEST_DATA);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_int_eq(tcpbuf__new_with(&fault_sys, &tb), 0);
	fixture_roots(tb, "v2");
	do {
		int err;

		fault.countdown = n++;
		err = use(tb, st.st_ino);
		/* An allocation's failure is always ENOMEM; one that is survived, as a missing cmdline, is none. */
		ck_assert_msg(err == 0 || err == fault.code || err == -ENOMEM || err == -ESRCH || err == -ENODATA ||
				      (err == -ENOENT && fault.code == -EACCES),
			"call %d: %d", n, err);
		failed += err != 0;
		ck_assert_int_eq(fault.open_fds, 0);
		ck_assert_int_eq(fault.blocks, 1);
	} while (fault.countdown < 0 && n < 1000);
	ck_assert_int_lt(n, 1000);
	ck_assert_int_gt(failed, 20);
	fault.countdown = -1;
	ck_assert_int_eq(use(tb, st.st_ino), 0);
	tcpbuf_free(tb);
	ck_assert_int_eq(fault.blocks, 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("cgroup_fault");
	TCase *tc = tcase_create("cgroup_fault");

	tcase_add_loop_test(tc, each_call_may_fail, 0, sizeof(codes) / sizeof(codes[0]));
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
