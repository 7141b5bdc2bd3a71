/* SPDX-License-Identifier: MIT */
#include <tcpbuf/netns.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
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

/* SO_NETNS_COOKIE came with 5.14; an older kernel is told from a failure by asking it for our own. */
static int cookie_of(struct tcpbuf_netns *ns, uint64_t *out)
{
	uint64_t own;
	socklen_t size = sizeof(own);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	int known = getsockopt(fd, SOL_SOCKET, 71 /* SO_NETNS_COOKIE */, &own, &size) == 0;
	int err = tcpbuf_netns_cookie(ns, out);

	close(fd);
	ck_assert_int_eq(err, known ? 0 : -EOPNOTSUPP);
	return known;
}

static uint64_t inode_of(const char *path)
{
	struct stat st;

	ck_assert_int_eq(stat(path, &st), 0);
	return st.st_ino;
}

START_TEST(every_door_leads_to_the_same_namespace)
{
	struct scratch s = scratch_start();
	struct tcpbuf_netns *by_pid, *by_path, *by_fd, *self;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/ns/net", (int)s.pid);
	ck_assert_int_eq(tcpbuf_netns_open_pid(tb, (uint32_t)s.pid, &by_pid), 0);
	ck_assert_int_eq(tcpbuf_netns_open(tb, path, &by_path), 0);
	ck_assert_int_eq(tcpbuf_netns_open_fd(tb, s.fd, &by_fd), 0);
	ck_assert_int_eq(tcpbuf_netns_open(tb, "self", &self), 0);
	ck_assert_uint_eq(tcpbuf_netns_inode(by_pid), inode_of(path));
	ck_assert_uint_eq(tcpbuf_netns_inode(by_path), inode_of(path));
	ck_assert_uint_eq(tcpbuf_netns_inode(by_fd), inode_of(path));
	ck_assert_uint_eq(tcpbuf_netns_inode(self), inode_of("/proc/thread-self/ns/net"));
	ck_assert_uint_ne(tcpbuf_netns_inode(self), tcpbuf_netns_inode(by_pid));
	ck_assert_str_eq(tcpbuf_netns_label(by_path), path);
	tcpbuf_netns_close(by_pid);
	tcpbuf_netns_close(by_path);
	tcpbuf_netns_close(by_fd);
	tcpbuf_netns_close(self);
	scratch_stop(&s);
}
END_TEST

START_TEST(an_open_namespace_outlives_its_process)
{
	struct scratch s = scratch_start();
	struct tcpbuf_netns *ns;
	uint64_t cookie = 0, again = 0;

	ck_assert_int_eq(tcpbuf_netns_open_pid(tb, (uint32_t)s.pid, &ns), 0);
	cookie_of(ns, &cookie);
	scratch_stop(&s);
	if (cookie_of(ns, &again))
		ck_assert_uint_ne(cookie, 0);
	ck_assert_uint_eq(cookie, again);
	tcpbuf_netns_close(ns);
}
END_TEST

START_TEST(bad_doors_are_refused_with_a_sentence)
{
	struct tcpbuf_netns *ns = (void *)tb;
	char dir[] = "/tmp/tcpbuf-netns-XXXXXX", path[128], name[300];

	ck_assert_int_eq(tcpbuf_netns_open_pid(tb, 0, &ns), -EINVAL);
	ck_assert_ptr_null(ns);
	ck_assert_int_eq(tcpbuf_netns_open_pid(tb, 4194304, &ns), -ESRCH);
	ck_assert_str_eq(tcpbuf_error_text(tb), "cannot open netns \"pid 4194304\": no such process (ESRCH)");
	ck_assert_int_eq(tcpbuf_netns_open(tb, "99999999999999999999", &ns), -ENOENT);
	ck_assert_int_eq(tcpbuf_netns_open_name(tb, "../x", &ns), -EINVAL);
	ck_assert_int_eq(tcpbuf_netns_open_name(tb, "..", &ns), -EINVAL);
	ck_assert_int_eq(tcpbuf_netns_open_name(tb, NULL, &ns), -EINVAL);
	ck_assert_int_eq(tcpbuf_netns_open_name(tb, "tcpbuf-no-such-name", &ns), -ENOENT);
	ck_assert_int_eq(tcpbuf_netns_open_fd(tb, -1, &ns), -EINVAL);
	ck_assert_int_eq(tcpbuf_netns_open_fd(tb, 0, &ns), -EINVAL);
	ck_assert_int_eq(tcpbuf_netns_open_path(tb, "/dev/null", &ns), -EINVAL);
	ck_assert_int_eq(tcpbuf_netns_open_path(tb, "", &ns), -EINVAL);
	ck_assert_int_eq(tcpbuf_netns_open(NULL, "self", &ns), -EINVAL);
	ck_assert_int_eq(tcpbuf_netns_open(tb, "self", NULL), -EINVAL);
	memset(name, 'n', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	ck_assert_int_eq(tcpbuf_netns_open_name(tb, name, &ns), -ENAMETOOLONG);
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/fifo", dir);
	ck_assert_int_eq(mkfifo(path, 0600), 0);
	ck_assert_int_eq(tcpbuf_netns_open_path(tb, path, &ns), -EINVAL);
	ck_assert_ptr_nonnull(strstr(tcpbuf_error_text(tb), "not a network namespace"));
	unlink(path);
	rmdir(dir);
}
END_TEST

START_TEST(a_name_is_found_below_run)
{
	struct scratch s = scratch_start();
	char dir[] = "/tmp/tcpbuf-run-XXXXXX", sub[64], link[96], target[64];
	struct tcpbuf_netns *ns;

	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(sub, sizeof(sub), "%s/netns", dir);
	snprintf(link, sizeof(link), "%s/web", sub);
	snprintf(target, sizeof(target), "/proc/%d/ns/net", (int)s.pid);
	ck_assert_int_eq(mkdir(sub, 0700), 0);
	ck_assert_int_eq(symlink(target, link), 0);
	ck_assert_int_eq(tcpbuf_set_root(tb, TCPBUF_ROOT_RUN, dir), 0);
	ck_assert_int_eq(tcpbuf_netns_open(tb, "web", &ns), 0);
	ck_assert_str_eq(tcpbuf_netns_label(ns), "web");
	ck_assert_uint_eq(tcpbuf_netns_inode(ns), inode_of(target));
	tcpbuf_netns_close(ns);
	unlink(link);
	rmdir(sub);
	rmdir(dir);
	scratch_stop(&s);
}
END_TEST

struct mover {
	const struct scratch *s;
	int moved;
};

static void *stay(void *arg)
{
	struct mover *m = arg;
	uint64_t home = inode_of("/proc/thread-self/ns/net"), cookie;
	struct tcpbuf *mine;
	struct tcpbuf_netns *ns;

	if (tcpbuf_new(&mine) != 0)
		return NULL;
	for (int i = 0; i < 200; i++) {
		if (tcpbuf_netns_open_fd(mine, m->s->fd, &ns) != 0)
			break;
		tcpbuf_netns_cookie(ns, &cookie);
		m->moved += inode_of("/proc/thread-self/ns/net") != home;
		tcpbuf_netns_close(ns);
	}
	tcpbuf_free(mine);
	return NULL;
}

START_TEST(four_threads_never_see_their_namespace_move)
{
	struct scratch s = scratch_start();
	struct mover movers[4];
	pthread_t threads[4];

	for (int i = 0; i < 4; i++) {
		movers[i] = (struct mover){&s, 0};
		ck_assert_int_eq(pthread_create(&threads[i], NULL, stay, &movers[i]), 0);
	}
	for (int i = 0; i < 4; i++) {
		pthread_join(threads[i], NULL);
		ck_assert_int_eq(movers[i].moved, 0);
	}
	scratch_stop(&s);
}
END_TEST

START_TEST(no_descriptor_is_left_over)
{
	struct scratch s = scratch_start();
	struct tcpbuf_netns *ns;
	uint64_t cookie;
	int before = dup(0), after;

	close(before);
	for (uint32_t budget = 1; budget < 3; budget++) {
		tcpbuf_set_fd_budget(tb, budget);
		ck_assert_int_eq(tcpbuf_netns_open_fd(tb, s.fd, &ns), 0);
		cookie_of(ns, &cookie);
		tcpbuf_netns_close(ns);
		ck_assert_uint_eq(tb->fds_held, 0);
	}
	after = dup(0);
	close(after);
	ck_assert_int_eq(before, after);
	scratch_stop(&s);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("netns");
	TCase *tc = tcase_create("open");

	scratch_rights();
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, every_door_leads_to_the_same_namespace);
	tcase_add_test(tc, an_open_namespace_outlives_its_process);
	tcase_add_test(tc, bad_doors_are_refused_with_a_sentence);
	tcase_add_test(tc, a_name_is_found_below_run);
	tcase_add_test(tc, four_threads_never_see_their_namespace_move);
	tcase_add_test(tc, no_descriptor_is_left_over);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
