/* SPDX-License-Identifier: MIT */
/* The n-th allocation or system call fails: a listed code, a sentence, nothing leaked, and the next try works. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/base.h"
#include "fixture.h"

static int countdown = -1; /* calls until the failure; -1: none */
static int code;
static int open_fds;
static int blocks;

static int fails(void)
{
	return countdown >= 0 && countdown-- == 0;
}

static void *alloc_or_fail(size_t size)
{
	if (fails())
		return NULL;
	blocks++;
	return tcpbuf__sys_kernel.alloc(size);
}

static void *resize_or_fail(void *ptr, size_t size)
{
	if (fails())
		return NULL;
	blocks += !ptr;
	return tcpbuf__sys_kernel.resize(ptr, size);
}

static void release(void *ptr)
{
	blocks -= ptr != NULL;
	tcpbuf__sys_kernel.release(ptr);
}

static int open_or_fail(int dir, const char *path, int flags)
{
	int fd = fails() ? code : tcpbuf__sys_kernel.open(dir, path, flags);

	open_fds += fd >= 0;
	return fd;
}

static int close_fd(int fd)
{
	open_fds--;
	return tcpbuf__sys_kernel.close(fd);
}

static ssize_t read_or_fail(int fd, void *buf, size_t size)
{
	return fails() ? code : tcpbuf__sys_kernel.read(fd, buf, size);
}

static ssize_t getdents_or_fail(int fd, void *buf, size_t size)
{
	return fails() ? code : tcpbuf__sys_kernel.getdents(fd, buf, size);
}

static int stat_or_fail(int dir, const char *path, struct stat *out, int flags)
{
	return fails() ? code : tcpbuf__sys_kernel.stat(dir, path, out, flags);
}

static int kernfs_or_fail(int mount, uint64_t id)
{
	int fd = fails() ? code : tcpbuf__sys_kernel.open_kernfs(mount, id);

	open_fds += fd >= 0;
	return fd;
}

static struct tcpbuf__sys faulty(void)
{
	struct tcpbuf__sys sys = tcpbuf__sys_kernel;

	sys.alloc = alloc_or_fail;
	sys.resize = resize_or_fail;
	sys.release = release;
	sys.open = open_or_fail;
	sys.close = close_fd;
	sys.read = read_or_fail;
	sys.getdents = getdents_or_fail;
	sys.stat = stat_or_fail;
	sys.open_kernfs = kernfs_or_fail;
	return sys;
}

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
	struct tcpbuf__sys sys = faulty();
	struct tcpbuf *tb;
	struct stat st;
	char path[512];
	int n = 0, failed = 0;

	code = codes[_i];
	snprintf(path, sizeof(path), "%s/fixtures/v2/cgroup" SLICE, TCPBUF_TEST_DATA);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_int_eq(tcpbuf__new_with(&sys, &tb), 0);
	fixture_roots(tb, "v2");
	do {
		int err;

		countdown = n++;
		err = use(tb, st.st_ino);
		/* An allocation's failure is always ENOMEM; one that is survived, as a missing cmdline, is none. */
		ck_assert_msg(err == 0 || err == code || err == -ENOMEM || err == -ESRCH || err == -ENODATA ||
				      (err == -ENOENT && code == -EACCES),
			"call %d: %d", n, err);
		failed += err != 0;
		ck_assert_int_eq(open_fds, 0);
		ck_assert_int_eq(blocks, 1);
	} while (countdown < 0 && n < 1000);
	ck_assert_int_lt(n, 1000);
	ck_assert_int_gt(failed, 20);
	countdown = -1;
	ck_assert_int_eq(use(tb, st.st_ino), 0);
	tcpbuf_free(tb);
	ck_assert_int_eq(blocks, 0);
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
