/* SPDX-License-Identifier: MIT */
/* A /proc whose files are missing, empty, huge or garbage: right code, right sentence. */
#include <tcpbuf/netns.h>
#include <tcpbuf/sysctl.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/base.h"
#include "check_main.h"

static char root[] = "/tmp/tcpbuf-proc-XXXXXX";
static struct tcpbuf *tb;
static struct tcpbuf_netns *ns;

static void path_of(char *path, size_t size, const char *below)
{
	snprintf(path, size, "%s%s", root, below);
}

static void put(const char *text, size_t length)
{
	char path[128];
	int fd;

	path_of(path, sizeof(path), "/sys/net/ipv4/tcp_rmem");
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, length), (int)length);
	close(fd);
}

static void setup(void)
{
	static const char *const folders[] = {"/sys", "/sys/net", "/sys/net/ipv4"};
	char path[128];

	ck_assert_ptr_nonnull(mkdtemp(root));
	for (int i = 0; i < 3; i++) {
		path_of(path, sizeof(path), folders[i]);
		ck_assert_int_eq(mkdir(path, 0755), 0);
	}
	ck_assert_int_eq(tcpbuf_new(&tb), 0);
	ck_assert_int_eq(tcpbuf_set_root(tb, TCPBUF_ROOT_PROC, root), 0);
	ck_assert_int_eq(tcpbuf_netns_open_self(tb, &ns), 0);
}

static void teardown(void)
{
	static const char *const all[] = {
		"/sys/net/ipv4/tcp_rmem", "/sys/net/ipv4", "/sys/net", "/sys", ""};
	char path[128];

	tcpbuf_netns_close(ns);
	tcpbuf_free(tb);
	for (int i = 0; i < 5; i++) {
		path_of(path, sizeof(path), all[i]);
		remove(path);
	}
}

static int get(void)
{
	struct tcpbuf_value value;

	return tcpbuf_sysctl_get(ns, TCPBUF_KEY_TCP_RMEM, &value, sizeof(value));
}

START_TEST(missing_files_and_folders)
{
	struct tcpbuf_value value;

	ck_assert_int_eq(get(), -ENOENT);
	ck_assert_ptr_nonnull(strstr(tcpbuf_error_text(tb), "cannot read net.ipv4.tcp_rmem in netns \"self\""));
	ck_assert_int_eq(
		tcpbuf_sysctl_get(ns, TCPBUF_KEY_CORE_RMEM_MAX, &value, sizeof(value)), -ENOENT);
	ck_assert_int_eq(tcpbuf_sysctl_set(ns, TCPBUF_KEY_TCP_RMEM, "4096 131072 6291456", NULL, 0), -ENOENT);
}
END_TEST

static const struct {
	const char *text;
	int code;
} contents[] = {
	{"4096\t131072\t6291456\n", 0},
	{"", -EINVAL},
	{"\n", -EINVAL},
	{"4096\t131072\n", -EINVAL},
	{"4096\t131072\t6291456\t7\n", -EINVAL},
	{"4096\tx\t6291456\n", -EINVAL},
	{"\x1b[31m\n", -EINVAL},
	{"1 2 99999999999999999999999999\n", -EOVERFLOW},
};

START_TEST(what_a_file_may_hold)
{
	put(contents[_i].text, strlen(contents[_i].text));
	ck_assert_int_eq(get(), contents[_i].code);
	ck_assert_int_eq(tcpbuf_error_code(tb), contents[_i].code);
}
END_TEST

START_TEST(a_huge_file_is_cut_off_by_its_size)
{
	char zeros[4096];

	memset(zeros, '0', sizeof(zeros));
	put(zeros, sizeof(zeros));
	ck_assert_int_eq(get(), -EOVERFLOW);
}
END_TEST

START_TEST(a_fifo_does_not_hang)
{
	char path[128];

	path_of(path, sizeof(path), "/sys/net/ipv4/tcp_rmem");
	ck_assert_int_eq(mkfifo(path, 0600), 0);
	ck_assert_int_lt(get(), 0);
}
END_TEST

START_TEST(a_plain_file_is_changed_and_read_back)
{
	put("4096\t131072\t6291456\n", 20 /* with its newline */);
	/* The write is shorter than what was there: the rest stays, which the read-back notices. */
	ck_assert_int_eq(tcpbuf_sysctl_set(ns, TCPBUF_KEY_TCP_RMEM, "1 2 3", NULL, 0), -EIO);
	ck_assert_ptr_nonnull(strstr(tcpbuf_error_text(tb), "reads otherwise"));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("sysctl");
	TCase *tc = tcase_create("fixture");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, missing_files_and_folders);
	tcase_add_loop_test(tc, what_a_file_may_hold, 0, sizeof(contents) / sizeof(contents[0]));
	tcase_add_test(tc, a_huge_file_is_cut_off_by_its_size);
	tcase_add_test(tc, a_fifo_does_not_hang);
	tcase_add_test(tc, a_plain_file_is_changed_and_read_back);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
