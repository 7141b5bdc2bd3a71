/* SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check_main.h"
#include "util/file.h"

static char dir[] = "/tmp/tcpbuf-file-XXXXXX";

static void write_file(const char *name, size_t size)
{
	char path[128];
	FILE *out;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	out = fopen(path, "w");
	ck_assert_ptr_nonnull(out);
	for (size_t i = 0; i < size; i++)
		fputc('a' + (int)(i % 26), out);
	fclose(out);
}

static ssize_t read_three(int fd, void *buf, size_t size)
{
	return tcpbuf__sys_kernel.read(fd, buf, size < 3 ? size : 3);
}

static ssize_t read_fails(int fd, void *buf, size_t size)
{
	(void)fd, (void)buf, (void)size;
	return -EIO;
}

static void *resize_fails(void *ptr, size_t size)
{
	(void)ptr, (void)size;
	return NULL;
}

static void setup(void)
{
	ck_assert_ptr_nonnull(mkdtemp(dir));
}

static void teardown(void)
{
	char command[64];

	snprintf(command, sizeof(command), "rm -rf %s", dir);
	ck_assert_int_eq(system(command), 0);
}

START_TEST(a_file_of_any_size_is_read_whole)
{
	static const size_t sizes[] = {0, 1, 16383, 16384, 16385, 70000};
	struct tcpbuf__sys slow = tcpbuf__sys_kernel;
	struct tcpbuf__file f = {NULL, 0, 0};
	int fd = open(dir, O_RDONLY | O_DIRECTORY);

	slow.read = read_three;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		write_file("f", sizes[i]);
		for (int slowly = 0; slowly < 2; slowly++) {
			ck_assert_int_eq(
				tcpbuf__file_read(&f, slowly ? &slow : &tcpbuf__sys_kernel, fd, "f"), 0);
			ck_assert_uint_eq(f.used, sizes[i]);
			if (sizes[i])
				ck_assert_int_eq(f.data[sizes[i] - 1], 'a' + (int)((sizes[i] - 1) % 26));
		}
	}
	tcpbuf__file_free(&f, &tcpbuf__sys_kernel);
	close(fd);
}
END_TEST

START_TEST(failures_are_handed_on)
{
	struct tcpbuf__sys sys = tcpbuf__sys_kernel;
	struct tcpbuf__file f = {NULL, 0, 0};

	ck_assert_int_eq(tcpbuf__file_read(&f, &sys, AT_FDCWD, "/no/such/file"), -ENOENT);
	sys.read = read_fails;
	ck_assert_int_eq(tcpbuf__file_read(&f, &sys, AT_FDCWD, "/proc/self/stat"), -EIO);
	tcpbuf__file_free(&f, &sys);
	sys.resize = resize_fails;
	ck_assert_int_eq(tcpbuf__file_read(&f, &sys, AT_FDCWD, "/proc/self/stat"), -ENOMEM);
	ck_assert_int_eq(tcpbuf__file_read(&f, &tcpbuf__sys_kernel, AT_FDCWD, "/dev/zero"), -EMSGSIZE);
	tcpbuf__file_free(&f, &sys);
}
END_TEST

START_TEST(a_folder_lists_each_entry_once)
{
	struct tcpbuf__folder d;
	struct tcpbuf__entry e;
	char seen[600] = {0};
	char name[128];
	struct stat st;
	int count = 0, n;

	for (int i = 0; i < 600; i++) {
		snprintf(name, sizeof(name), "a-rather-long-name-of-a-file-%d", i);
		write_file(name, 0);
	}
	ck_assert_int_eq(tcpbuf__folder_open(&d, &tcpbuf__sys_kernel, AT_FDCWD, dir), 0);
	while (tcpbuf__folder_next(&d, &e) == 1) {
		ck_assert_int_eq(sscanf(e.name, "a-rather-long-name-of-a-file-%d", &n), 1);
		ck_assert_int_eq(seen[n]++, 0);
		snprintf(name, sizeof(name), "%s/%s", dir, e.name);
		ck_assert_int_eq(stat(name, &st), 0);
		ck_assert_uint_eq(e.inode, st.st_ino);
		ck_assert(e.type == DT_REG || e.type == DT_UNKNOWN);
		count++;
	}
	ck_assert_int_eq(count, 600);
	tcpbuf__folder_close(&d);
	ck_assert_int_eq(tcpbuf__folder_open(&d, &tcpbuf__sys_kernel, AT_FDCWD, "/no/such"), -ENOENT);
	ck_assert_int_eq(tcpbuf__folder_open(&d, &tcpbuf__sys_kernel, AT_FDCWD, "/proc/self/stat"), -ENOTDIR);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("file");
	TCase *tc = tcase_create("file");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_file_of_any_size_is_read_whole);
	tcase_add_test(tc, failures_are_handed_on);
	tcase_add_test(tc, a_folder_lists_each_entry_once);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
