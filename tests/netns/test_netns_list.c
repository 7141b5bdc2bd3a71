/* SPDX-License-Identifier: MIT */
#include <tcpbuf/netns.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/base.h"
#include "check_main.h"
#include "scratch.h"

static struct tcpbuf *tb;

static void setup(void)
{
	ck_assert_int_eq(tcpbuf_new(&tb), 0);
}

static void teardown(void)
{
	tcpbuf_free(tb);
}

static uint64_t inode_of_fd(int fd)
{
	struct stat st;

	ck_assert_int_eq(fstat(fd, &st), 0);
	return st.st_ino;
}

/* Walk the whole list: how often the inode is in it, its entry, and its label when opened. */
static int find(uint64_t inode, struct tcpbuf_netns_entry *out, char *label, size_t size)
{
	struct tcpbuf_netns_entry entry;
	struct tcpbuf_netns_list *list;
	struct tcpbuf_netns *ns;
	int more, times = 0;

	ck_assert_int_eq(tcpbuf_netns_list_open(tb, &list), 0);
	while ((more = tcpbuf_netns_list_next(list, &entry, sizeof(entry))) == 1) {
		if (entry.inode != inode)
			continue;
		times++;
		*out = entry;
		ck_assert_int_eq(tcpbuf_netns_open_listed(list, &ns), 0);
		ck_assert_uint_eq(tcpbuf_netns_inode(ns), inode);
		snprintf(label, size, "%s", tcpbuf_netns_label(ns));
		tcpbuf_netns_close(ns);
	}
	ck_assert_int_eq(more, 0);
	tcpbuf_netns_list_close(list);
	return times;
}

START_TEST(a_process_leads_to_its_namespace)
{
	struct scratch s = scratch_start();
	struct tcpbuf_netns_entry entry;
	char label[128], wanted[32];

	/* Held by a descriptor of ours too, and still listed once. */
	ck_assert_int_eq(find(inode_of_fd(s.fd), &entry, label, sizeof(label)), 1);
	ck_assert_uint_eq(entry.by, TCPBUF_NETNS_BY_TASK);
	ck_assert_uint_eq(entry.pid, (uint32_t)s.pid);
	ck_assert_int_eq(entry.fd, -1);
	ck_assert_str_eq(entry.path, "");
	snprintf(wanted, sizeof(wanted), "pid %d", (int)s.pid);
	ck_assert_str_eq(label, wanted);
	scratch_stop(&s);
}
END_TEST

START_TEST(a_descriptor_leads_to_a_namespace_without_a_task)
{
	struct scratch s = scratch_start();
	int fd = dup(s.fd);
	uint64_t inode = inode_of_fd(fd);
	struct tcpbuf_netns_entry entry;
	char label[128], wanted[48];

	scratch_stop(&s);
	ck_assert_int_eq(find(inode, &entry, label, sizeof(label)), 1);
	ck_assert_uint_eq(entry.by, TCPBUF_NETNS_BY_FD);
	ck_assert_uint_eq(entry.pid, (uint32_t)getpid());
	ck_assert_int_eq(entry.fd, fd);
	snprintf(wanted, sizeof(wanted), "pid %d fd %d", (int)getpid(), fd);
	ck_assert_str_eq(label, wanted);
	close(fd);
}
END_TEST

START_TEST(a_mount_leads_to_a_namespace_without_a_task)
{
	struct scratch s = scratch_start();
	uint64_t inode = inode_of_fd(s.fd);
	char dir[] = "/tmp/tcpbuf mount-XXXXXX", path[64], source[64], label[128];
	struct tcpbuf_netns_entry entry;

	/* In a mount namespace of our own, which ends with this test's process. */
	ck_assert_int_eq(unshare(CLONE_NEWNS), 0);
	ck_assert_int_eq(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
	ck_assert_ptr_nonnull(mkdtemp(dir));
	ck_assert_int_eq(mount("none", dir, "tmpfs", 0, NULL), 0);
	snprintf(path, sizeof(path), "%s/web", dir);
	snprintf(source, sizeof(source), "/proc/%d/ns/net", (int)s.pid);
	ck_assert_int_eq(mknod(path, S_IFREG | 0600, 0), 0);
	ck_assert_int_eq(mount(source, path, NULL, MS_BIND, NULL), 0);
	scratch_stop(&s);
	ck_assert_int_eq(find(inode, &entry, label, sizeof(label)), 1);
	ck_assert_uint_eq(entry.by, TCPBUF_NETNS_BY_MOUNT);
	ck_assert_str_eq(entry.path, path);
	ck_assert_str_eq(label, path);
	umount2(path, MNT_DETACH);
	umount2(dir, MNT_DETACH);
	rmdir(dir);
}
END_TEST

struct wanderer {
	int moved[2], done[2];
	pid_t tid;
	uint64_t inode;
};

static void *wander(void *arg)
{
	struct wanderer *w = arg;
	struct stat st;
	char byte = 0;

	w->tid = (pid_t)syscall(SYS_gettid);
	if (unshare(CLONE_NEWNET) == 0 && stat("/proc/thread-self/ns/net", &st) == 0)
		w->inode = st.st_ino;
	if (write(w->moved[1], &byte, 1) == 1)
		(void)!read(w->done[0], &byte, 1);
	return NULL;
}

START_TEST(a_thread_leads_to_its_namespace)
{
	struct wanderer w = {.inode = 0};
	struct tcpbuf_netns_entry entry;
	pthread_t thread;
	char label[128], byte = 0;

	ck_assert_int_eq(pipe(w.moved), 0);
	ck_assert_int_eq(pipe(w.done), 0);
	ck_assert_int_eq(pthread_create(&thread, NULL, wander, &w), 0);
	ck_assert_int_eq(read(w.moved[0], &byte, 1), 1);
	ck_assert_uint_ne(w.inode, 0);
	ck_assert_int_eq(find(w.inode, &entry, label, sizeof(label)), 1);
	ck_assert_uint_eq(entry.by, TCPBUF_NETNS_BY_TASK);
	ck_assert_uint_eq(entry.pid, (uint32_t)w.tid);
	ck_assert_int_eq(write(w.done[1], &byte, 1), 1);
	pthread_join(thread, NULL);
}
END_TEST

/* A joined thread may still be listed, with its namespace; a folder has a link for each of its own. */
static void wait_for_threads(void)
{
	struct stat st;

	do {
		sched_yield();
		ck_assert_int_eq(stat("/proc/self/task", &st), 0);
	} while (st.st_nlink > 3);
}

/* A namespace that lives on through a socket cannot be entered; nothing leads to it. */
START_TEST(a_socket_alone_does_not_lead_to_its_namespace)
{
	struct scratch s = scratch_start();
	uint64_t inode = inode_of_fd(s.fd);
	int fd = scratch_socket(&s, AF_INET, SOCK_STREAM);
	struct tcpbuf_netns_entry entry;
	char label[128];

	scratch_stop(&s);
	wait_for_threads();
	ck_assert_int_eq(find(inode, &entry, label, sizeof(label)), 0);
	ck_assert_int_eq(listen(fd, 1), 0);
	close(fd);
}
END_TEST

START_TEST(bad_arguments)
{
	struct tcpbuf_netns_list *list = (void *)tb;
	struct tcpbuf_netns *ns = (void *)tb;
	struct tcpbuf_netns_summary summary;
	struct tcpbuf_netns_entry entry;

	ck_assert_int_eq(tcpbuf_netns_list_open(NULL, &list), -EINVAL);
	ck_assert_ptr_null(list);
	ck_assert_int_eq(tcpbuf_netns_list_open(tb, NULL), -EINVAL);
	ck_assert_int_eq(tcpbuf_netns_list_next(NULL, &entry, sizeof(entry)), -EINVAL);
	ck_assert_int_eq(tcpbuf_netns_list_open(tb, &list), 0);
	ck_assert_int_eq(tcpbuf_netns_list_next(list, NULL, 0), -EINVAL);
	ck_assert_int_eq(tcpbuf_netns_open_listed(list, &ns), -EINVAL);
	ck_assert_ptr_null(ns);
	ck_assert_str_eq(tcpbuf_error_text(tb), "cannot list namespaces: no entry has been listed (EINVAL)");
	ck_assert_int_eq(tcpbuf_netns_open_listed(NULL, &ns), -EINVAL);
	ck_assert_int_eq(tcpbuf_netns_list_summary(NULL, &summary, sizeof(summary)), -EINVAL);
	ck_assert_int_eq(tcpbuf_netns_list_summary(list, NULL, 0), -EINVAL);
	tcpbuf_netns_list_close(list);
	tcpbuf_netns_list_close(NULL);
	ck_assert_int_eq(tcpbuf_set_root(tb, TCPBUF_ROOT_PROC, "/tcpbuf-no-such-folder"), 0);
	ck_assert_int_eq(tcpbuf_netns_list_open(tb, &list), -ENOENT);
	ck_assert_ptr_null(list);
	ck_assert_str_eq(tcpbuf_error_text(tb),
		"cannot list namespaces: the processes cannot be read (ENOENT)");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("netns list");
	TCase *tc = tcase_create("walk");

	scratch_rights();
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_process_leads_to_its_namespace);
	tcase_add_test(tc, a_descriptor_leads_to_a_namespace_without_a_task);
	tcase_add_test(tc, a_mount_leads_to_a_namespace_without_a_task);
	tcase_add_test(tc, a_thread_leads_to_its_namespace);
	tcase_add_test(tc, a_socket_alone_does_not_lead_to_its_namespace);
	tcase_add_test(tc, bad_arguments);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
