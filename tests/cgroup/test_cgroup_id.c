/* SPDX-License-Identifier: MIT */
/* Ids of a tree that is made here: an inode is an id, and the kernel cannot be asked, so the tree is walked. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/base.h"
#include "check_main.h"
#include <tcpbuf/tcpbuf.h>

static char top[] = "/tmp/tcpbuf-cgroup-XXXXXX";
static struct tcpbuf *tb;
static struct tcpbuf_cgroup *cg;

static void put(const char *name, const char *text)
{
	char path[256];
	FILE *out;

	snprintf(path, sizeof(path), "%s/%s", top, name);
	out = fopen(path, "w");
	ck_assert_ptr_nonnull(out);
	fputs(text, out);
	fclose(out);
}

static uint64_t make(const char *name)
{
	char path[4096];
	struct stat st;

	snprintf(path, sizeof(path), "%s/cgroup%s", top, name);
	ck_assert_msg(mkdir(path, 0755) == 0, "%s: %s", path, strerror(errno));
	ck_assert_int_eq(stat(path, &st), 0);
	return st.st_ino;
}

static void setup(void)
{
	char path[128];

	ck_assert_ptr_nonnull(mkdtemp(top));
	snprintf(path, sizeof(path), "%s/proc", top);
	ck_assert_int_eq(mkdir(path, 0755), 0);
	snprintf(path, sizeof(path), "%s/proc/self", top);
	ck_assert_int_eq(mkdir(path, 0755), 0);
	put("proc/self/mountinfo", "31 22 0:27 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n");
	make("");
	ck_assert_int_eq(tcpbuf_new(&tb), 0);
	snprintf(path, sizeof(path), "%s/proc", top);
	ck_assert_int_eq(tcpbuf_set_root(tb, TCPBUF_ROOT_PROC, path), 0);
	snprintf(path, sizeof(path), "%s/cgroup", top);
	ck_assert_int_eq(tcpbuf_set_root(tb, TCPBUF_ROOT_CGROUP, path), 0);
	ck_assert_msg(tcpbuf_cgroup_open(tb, &cg) == 0, "%s", tcpbuf_error_text(tb));
}

static void teardown(void)
{
	char command[64];

	tcpbuf_cgroup_close(cg);
	tcpbuf_free(tb);
	snprintf(command, sizeof(command), "rm -rf %s", top);
	ck_assert_int_eq(system(command), 0);
}

static void check_path(uint64_t id, const char *wanted)
{
	char path[4096];
	int64_t length = tcpbuf_cgroup_path(cg, id, path, sizeof(path));

	ck_assert_msg(length >= 0, "%s", tcpbuf_error_text(tb));
	ck_assert_str_eq(path, wanted);
	ck_assert_int_eq(length, (int64_t)strlen(wanted));
}

START_TEST(every_folder_has_its_path)
{
	uint64_t a = make("/a"), ab = make("/a/b"), odd = make("/\x1b[31m \"\\:\xff");
	struct stat st;
	char path[64];

	put("cgroup/a/cgroup.procs", "");
	check_path(ab, "/a/b");
	check_path(a, "/a");
	check_path(odd, "/\x1b[31m \"\\:\xff");
	snprintf(path, sizeof(path), "%s/cgroup", top);
	ck_assert_int_eq(stat(path, &st), 0);
	check_path(st.st_ino, "/");
	snprintf(path, sizeof(path), "%s/cgroup/a/cgroup.procs", top);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_int_eq(tcpbuf_cgroup_path(cg, st.st_ino, path, sizeof(path)), -ENOENT);
}
END_TEST

START_TEST(thousands_are_found)
{
	static uint64_t ids[3000];
	char name[64];

	for (int i = 0; i < 3000; i++) {
		snprintf(name, sizeof(name), "/a-slice-with-a-name-of-usual-length-%d", i);
		ids[i] = make(name);
	}
	for (int i = 0; i < 3000; i++) {
		snprintf(name, sizeof(name), "/a-slice-with-a-name-of-usual-length-%d", i);
		check_path(ids[i], name);
	}
}
END_TEST

START_TEST(a_new_folder_is_seen_after_a_refresh)
{
	char path[64];
	uint64_t a = make("/a"), b;

	check_path(a, "/a");
	b = make("/b");
	ck_assert_int_eq(tcpbuf_cgroup_path(cg, b, path, sizeof(path)), -ENOENT);
	ck_assert_ptr_nonnull(strstr(tcpbuf_error_text(tb), "cannot find the path of cgroup id "));
	ck_assert_int_eq(tcpbuf_cgroup_refresh(cg), 0);
	check_path(b, "/b");
	snprintf(path, sizeof(path), "%s/cgroup/b", top);
	ck_assert_int_eq(rmdir(path), 0);
	ck_assert_int_eq(tcpbuf_cgroup_refresh(cg), 0);
	ck_assert_int_eq(tcpbuf_cgroup_path(cg, b, path, sizeof(path)), -ENOENT);
}
END_TEST

START_TEST(a_small_buffer_is_told_the_length)
{
	uint64_t a = make("/abcdef");
	char path[] = "xxxxxxxx";

	ck_assert_int_eq(tcpbuf_cgroup_path(cg, a, path, 4), 7);
	ck_assert_str_eq(path, "/ab");
	ck_assert_int_eq(path[4], 'x');
	ck_assert_int_eq(tcpbuf_cgroup_path(cg, a, NULL, 0), 7);
	ck_assert_int_eq(tcpbuf_cgroup_path(cg, a, NULL, 8), -EINVAL);
	ck_assert_int_eq(tcpbuf_cgroup_path(cg, 0, path, sizeof(path)), -ENOENT);
	ck_assert_int_eq(tcpbuf_cgroup_path(cg, UINT64_MAX, path, sizeof(path)), -ENOENT);
}
END_TEST

/* Deeper than a path can name: what can be opened is found, the rest is left out. */
START_TEST(a_deep_tree_ends)
{
	char name[4096] = "", part[202];
	uint64_t last = 0;

	memset(part, 'n', sizeof(part));
	part[0] = '/';
	part[200] = '\0';
	for (int depth = 0; depth < 19; depth++) {
		strcat(name, part);
		last = make(name);
	}
	check_path(last, name);
}
END_TEST

START_TEST(a_folder_that_may_not_be_read_is_left_out)
{
	uint64_t a = make("/a"), b = make("/b");
	uid_t start = geteuid();
	char path[64];

	snprintf(path, sizeof(path), "%s/cgroup/a", top);
	ck_assert_int_eq(chmod(path, 0), 0);
	ck_assert_int_eq(chmod(top, 0755), 0);
	ck_assert(geteuid() != 0 || setresuid(65534, 65534, 0) == 0);
	check_path(b, "/b");
	check_path(a, "/a");
	ck_assert(geteuid() == start || setresuid(start, start, start) == 0);
	ck_assert_int_eq(chmod(path, 0755), 0);
}
END_TEST

START_TEST(no_v2_no_paths)
{
	struct tcpbuf_cgroup *none;
	char path[64];

	put("proc/self/mountinfo", "28 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n");
	ck_assert_int_eq(tcpbuf_cgroup_open(tb, &none), 0);
	ck_assert_int_eq(tcpbuf_cgroup_path(none, 1, path, sizeof(path)), -ENODATA);
	ck_assert_int_eq(tcpbuf_cgroup_of_pid(none, 1, path, sizeof(path)), -ENODATA);
	tcpbuf_cgroup_close(none);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("cgroup_id");
	TCase *tc = tcase_create("cgroup_id");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, every_folder_has_its_path);
	tcase_add_test(tc, thousands_are_found);
	tcase_add_test(tc, a_new_folder_is_seen_after_a_refresh);
	tcase_add_test(tc, a_small_buffer_is_told_the_length);
	tcase_add_test(tc, a_deep_tree_ends);
	tcase_add_test(tc, a_folder_that_may_not_be_read_is_left_out);
	tcase_add_test(tc, no_v2_no_paths);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
