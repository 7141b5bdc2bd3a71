/* SPDX-License-Identifier: MIT */
/* The walk over a /proc of our own making: missing, empty, huge and garbage files, links that lead nowhere. */
#include <tcpbuf/netns.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/base.h"
#include "check_main.h"
#include "fault.h"
#include "scratch.h"

static char root[] = "/tmp/tcpbuf-proc-XXXXXX";
static struct tcpbuf *tb;
static struct scratch s;
static uint64_t inode;

static void setup(void)
{
	struct stat st;

	s = scratch_start();
	ck_assert_int_eq(fstat(s.fd, &st), 0);
	inode = st.st_ino;
	ck_assert_ptr_nonnull(mkdtemp(root));
	ck_assert_int_eq(tcpbuf_new(&tb), 0);
	ck_assert_int_eq(tcpbuf_set_root(tb, TCPBUF_ROOT_PROC, root), 0);
}

static void teardown(void)
{
	char command[64];

	tcpbuf_free(tb);
	scratch_stop(&s);
	snprintf(command, sizeof(command), "rm -r %s", root);
	ck_assert_int_eq(system(command), 0);
}

/* A path below the root, its folders made. */
static void path_of(char *path, size_t size, const char *below)
{
	snprintf(path, size, "%s/%s", root, below);
	for (char *slash = path + strlen(root) + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		mkdir(path, 0755);
		*slash = '/';
	}
}

static void put_link(const char *below, const char *target)
{
	char path[256];

	path_of(path, sizeof(path), below);
	ck_assert_int_eq(symlink(target, path), 0);
}

static void put_file(const char *below, const char *text, size_t length)
{
	char path[256];
	int fd;

	path_of(path, sizeof(path), below);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0644);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, length), (int)length);
	close(fd);
}

/* A link that reads "net:[N]" as the kernel's does, and leads to the scratch namespace. */
static void put_door(const char *folder, const char *name)
{
	char below[128], text[64], target[64];

	snprintf(text, sizeof(text), "net:[%llu]", (unsigned long long)inode);
	snprintf(below, sizeof(below), "%s/%s", folder, name);
	put_link(below, text);
	snprintf(below, sizeof(below), "%s/%s", folder, text);
	snprintf(target, sizeof(target), "/proc/%d/ns/net", (int)s.pid);
	put_link(below, target);
}

/* The whole walk. Returns its entries; the last one in *entry. */
static int walk(struct tcpbuf_netns_entry *entry, struct tcpbuf_netns_summary *summary)
{
	struct tcpbuf_netns_list *list;
	struct tcpbuf_netns *ns;
	int more, count = 0;

	ck_assert_int_eq(tcpbuf_netns_list_open(tb, &list), 0);
	while ((more = tcpbuf_netns_list_next(list, entry, sizeof(*entry))) == 1) {
		count++;
		ck_assert_int_eq(tcpbuf_netns_open_listed(list, &ns), 0);
		ck_assert_uint_eq(tcpbuf_netns_inode(ns), entry->inode);
		tcpbuf_netns_close(ns);
	}
	ck_assert_int_eq(more, 0);
	ck_assert_int_eq(tcpbuf_netns_list_next(list, entry, sizeof(*entry)), 0);
	ck_assert_int_eq(tcpbuf_netns_list_summary(list, summary, sizeof(*summary)), 0);
	tcpbuf_netns_list_close(list);
	ck_assert_int_eq(summary->listed, count);
	return count;
}

START_TEST(an_empty_proc_has_none)
{
	struct tcpbuf_netns_entry entry;
	struct tcpbuf_netns_summary summary;

	ck_assert_int_eq(walk(&entry, &summary), 0);
	ck_assert_int_eq(summary.gone + summary.denied, 0);
}
END_TEST

START_TEST(a_task_in_another_proc)
{
	struct tcpbuf_netns_entry entry;
	struct tcpbuf_netns_summary summary;

	put_door("42/ns", "net");
	put_door("43/ns", "net");
	ck_assert_int_eq(walk(&entry, &summary), 1);
	ck_assert_uint_eq(entry.inode, inode);
	ck_assert_uint_eq(entry.by, TCPBUF_NETNS_BY_TASK);
	ck_assert(entry.pid == 42 || entry.pid == 43);
	ck_assert_int_eq(summary.gone, 0);
}
END_TEST

START_TEST(the_thread_of_a_leader_that_ended)
{
	struct tcpbuf_netns_entry entry;
	struct tcpbuf_netns_summary summary;

	put_file("42/task/42/comm", "", 0);
	put_door("42/task/44/ns", "net");
	ck_assert_int_eq(walk(&entry, &summary), 1);
	ck_assert_uint_eq(entry.by, TCPBUF_NETNS_BY_TASK);
	ck_assert_uint_eq(entry.pid, 44);
}
END_TEST

START_TEST(a_mount_is_found_below_the_process_root)
{
	struct tcpbuf_netns_entry entry;
	struct tcpbuf_netns_summary summary;
	char line[256];

	snprintf(line, sizeof(line),
		"1 0 0:4 net:[1] /missing rw - nsfs nsfs rw\n"
		"2 0 0:4 net:[%llu] /run/netns/a\\040b rw shared:9 - nsfs nsfs rw\n",
		(unsigned long long)inode);
	put_link("42/ns/mnt", "mnt:[9]");
	put_file("42/mountinfo", line, strlen(line));
	put_door("42/root/run/netns", "a b");
	/* The same mounts again, which are not read twice. */
	put_link("43/ns/mnt", "mnt:[9]");
	ck_assert_int_eq(walk(&entry, &summary), 1);
	ck_assert_uint_eq(entry.by, TCPBUF_NETNS_BY_MOUNT);
	ck_assert_str_eq(entry.path, "/run/netns/a b");
	ck_assert_int_eq(summary.gone, 1);
}
END_TEST

START_TEST(a_descriptor_and_what_only_looks_like_one)
{
	struct tcpbuf_netns_entry entry;
	struct tcpbuf_netns_summary summary;
	char fifo[128];

	put_link("42/fd/5", "socket:[99]");
	put_link("42/fd/6", "net:[5]");
	path_of(fifo, sizeof(fifo), "42/fd/net:[5]");
	ck_assert_int_eq(mkfifo(fifo, 0600), 0);
	put_link("42/fd/8", "net:[7]");
	put_file("42/fd/net:[7]", "", 0);
	put_door("42/fd", "7");
	ck_assert_int_eq(walk(&entry, &summary), 1);
	ck_assert_uint_eq(entry.by, TCPBUF_NETNS_BY_FD);
	ck_assert_int_eq(entry.fd, 7);
	ck_assert_int_eq(summary.gone, 2);
}
END_TEST

START_TEST(what_has_ended_by_one_way_is_found_by_another)
{
	struct tcpbuf_netns_entry entry;
	struct tcpbuf_netns_summary summary;
	char text[64];

	snprintf(text, sizeof(text), "net:[%llu]", (unsigned long long)inode);
	put_link("42/ns/net", text);
	put_link("43/ns/net", "net:[77]");
	put_link("44/ns/net", "net:[77]");
	put_door("45/fd", "3");
	ck_assert_int_eq(walk(&entry, &summary), 1);
	ck_assert_int_eq(summary.gone, 1);
}
END_TEST

START_TEST(garbage)
{
	static const char *const links[] = {"net:[", "net:[]", "net:[0]", "net:[-1]", "net:[12]x", "net:12",
		"mnt:[12]", "[12]", "net:[99999999999999999999]", "net:[\x1b]"};
	struct tcpbuf_netns_entry entry;
	struct tcpbuf_netns_summary summary;
	static const char lines[] = "\0\n1 2 3\n- - - -\n1 0 0:4 net:[5] relative - nsfs nsfs rw\n";
	static char huge[1 << 20];
	char below[64];

	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++) {
		snprintf(below, sizeof(below), "%zu/ns/net", i + 1);
		put_link(below, links[i]);
	}
	put_file("50", "a file", 6);
	put_file("self/ns/net", "", 0);
	put_file("4194305/ns/net", "", 0);
	put_link("51/ns/mnt", "mnt:[51]");
	put_file("51/mountinfo", lines, sizeof(lines) - 1);
	memset(huge, '\\', sizeof(huge));
	put_link("52/ns/mnt", "mnt:[52]");
	put_file("52/mountinfo", huge, sizeof(huge));
	put_link("53/ns/mnt", "mnt:[53]");
	put_file("53/mountinfo", "", 0);
	put_file("54/fd/x", "", 0);
	put_link("54/fd/99999999999", "net:[5]");
	ck_assert_int_eq(walk(&entry, &summary), 0);
	ck_assert_int_eq(summary.denied, 0);
	ck_assert_int_eq(summary.gone, 0);
}
END_TEST

static const int codes[] = {-EIO, -EACCES, -ENOMEM, -EMFILE, -ENOENT};

/* Each call fails once: a code with a sentence, or a place passed over and counted; nothing is leaked. */
START_TEST(each_call_may_fail)
{
	static const char line[] = "1 0 0:4 net:[1] /missing rw - nsfs nsfs rw\n";
	struct tcpbuf_netns_summary summary;
	struct tcpbuf_netns_entry entry;
	struct tcpbuf_netns_list *list;
	int more, n = 0, failed = 0;

	put_door("42/ns", "net");
	put_link("42/ns/mnt", "mnt:[9]");
	put_file("42/mountinfo", line, strlen(line));
	put_door("42/task/43/ns", "net");
	put_door("44/fd", "3");
	tb->sys = &fault_sys;
	fault.code = codes[_i];
	do {
		fault.countdown = n++;
		more = tcpbuf_netns_list_open(tb, &list);
		while (more == 0 && (more = tcpbuf_netns_list_next(list, &entry, sizeof(entry))) == 1)
			more = 0;
		ck_assert_int_eq(more, tcpbuf_error_code(tb));
		ck_assert(more == 0 || more == -ENOMEM || more == fault.code);
		failed += more != 0;
		if (more == 0 && fault.countdown < 0) {
			tcpbuf_netns_list_summary(list, &summary, sizeof(summary));
			ck_assert_uint_le(summary.listed, 1);
		}
		tcpbuf_netns_list_close(list);
		ck_assert_int_eq(fault.open_fds, 0);
		ck_assert_int_eq(fault.blocks, 0);
	} while (fault.countdown < 0 && n < 1000);
	ck_assert_int_lt(n, 1000);
	ck_assert_int_gt(failed, 3);
	fault.countdown = -1;
	tb->sys = &tcpbuf__sys_kernel;
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("netns list over a fixture");
	TCase *tc = tcase_create("fixture");

	scratch_rights();
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, an_empty_proc_has_none);
	tcase_add_test(tc, a_task_in_another_proc);
	tcase_add_test(tc, the_thread_of_a_leader_that_ended);
	tcase_add_test(tc, a_mount_is_found_below_the_process_root);
	tcase_add_test(tc, a_descriptor_and_what_only_looks_like_one);
	tcase_add_test(tc, what_has_ended_by_one_way_is_found_by_another);
	tcase_add_test(tc, garbage);
	tcase_add_loop_test(tc, each_call_may_fail, 0, sizeof(codes) / sizeof(codes[0]));
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
