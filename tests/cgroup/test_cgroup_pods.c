/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/base.h"
#include "check_main.h"
#include <tcpbuf/tcpbuf.h>

#define UID "0f2c6b1e-7a44-4d0c-9a5b-6a1f0d3c2e11"
#define UID2 "1f2c6b1e-7a44-4d0c-9a5b-6a1f0d3c2e12"
#define HASH "3f1c0e9ad0b54e6c8f7a6b5c4d3e2f10"
#define ID "a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f90"
#define ID2 "b1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f90"

static char top[] = "/tmp/tcpbuf-pods-XXXXXX";
static struct tcpbuf *tb;

static void make(const char *name)
{
	char path[1024];

	snprintf(path, sizeof(path), "%s/%s", top, name);
	ck_assert_msg(mkdir(path, 0755) == 0, "%s: %s", path, strerror(errno));
}

static void make_link(const char *name)
{
	char path[1024];

	snprintf(path, sizeof(path), "%s/containers/%s", top, name);
	ck_assert_int_eq(symlink("/nowhere", path), 0);
}

static void setup(void)
{
	char path[64];

	ck_assert_ptr_nonnull(mkdtemp(top));
	make("pods");
	make("containers");
	ck_assert_int_eq(tcpbuf_new(&tb), 0);
	snprintf(path, sizeof(path), "%s/pods/", top);
	ck_assert_int_eq(tcpbuf_set_root(tb, TCPBUF_ROOT_POD_LOGS, path), 0);
}

static void teardown(void)
{
	char command[64];

	tcpbuf_free(tb);
	snprintf(command, sizeof(command), "rm -rf %s", top);
	ck_assert_int_eq(system(command), 0);
}

static struct tcpbuf_cgroup_pods *open_pods(int64_t count)
{
	struct tcpbuf_cgroup_pods *pods;

	ck_assert_msg(tcpbuf_cgroup_pods_open(tb, &pods) == 0, "%s", tcpbuf_error_text(tb));
	ck_assert_int_eq(tcpbuf_cgroup_pods_count(pods), count);
	return pods;
}

static void check(struct tcpbuf_cgroup_pods *pods, const char *uid, const char *id, uint64_t valid, const char *space,
	const char *name, const char *container)
{
	struct tcpbuf_cgroup_pod got;

	memset(&got, 0xa5, sizeof(got));
	ck_assert_int_eq(tcpbuf_cgroup_pods_find(pods, uid, id, &got, sizeof(got)), 0);
	ck_assert_str_eq(got.pod_namespace, space);
	ck_assert_str_eq(got.pod, name);
	ck_assert_str_eq(got.container, container);
	ck_assert_uint_eq(got.valid, valid);
}

START_TEST(folders_and_links_name_pods_and_containers)
{
	struct tcpbuf_cgroup_pods *pods;

	make("pods/default_web-0_" UID);
	make("pods/default_web-0_" UID "/app");
	make("pods/default_web-0_" UID "/sidecar");
	make("pods/kube-system_etcd-n1.example_" HASH);
	make("pods/kube-system_etcd-n1.example_" HASH "/etcd");
	make("pods/not a pod");
	make("pods/.._x_" UID);
	make_link("web-0_default_app-" ID ".log");
	make_link("web-0_default_app-notanid.log");
	make_link("web-0_default_App-" ID2 ".log");
	make_link("\x1b[31m_default_app-" ID2 ".log");
	pods = open_pods(2);
	check(pods, UID, ID, 3, "default", "web-0", "app");
	check(pods, UID, ID2, 1, "default", "web-0", ID2);
	check(pods, UID, "", 1, "default", "web-0", "");
	check(pods, UID, NULL, 1, "default", "web-0", "");
	check(pods, HASH, ID2, 3, "kube-system", "etcd-n1.example", "etcd");
	check(pods, HASH, ID2, 3, "kube-system", "etcd-n1.example", "etcd");
	check(pods, HASH, NULL, 3, "kube-system", "etcd-n1.example", "etcd");
	check(pods, HASH, "", 3, "kube-system", "etcd-n1.example", "etcd");
	check(pods, UID2, NULL, 0, "", UID2, "");
	check(pods, UID2, ID2, 0, "", UID2, ID2);
	check(pods, UID2, ID, 2, "", UID2, "app");
	tcpbuf_cgroup_pods_close(pods);
}
END_TEST

START_TEST(many_pods_are_found)
{
	struct tcpbuf_cgroup_pods *pods;
	char name[128], uid[64];

	for (int i = 0; i < 500; i++) {
		snprintf(name, sizeof(name), "pods/space-%d_pod-%d_%08x-7a44-4d0c-9a5b-6a1f0d3c2e11", i % 7, i, 7919 * i);
		make(name);
	}
	pods = open_pods(500);
	for (int i = 0; i < 500; i++) {
		char space[16], pod[16];

		snprintf(uid, sizeof(uid), "%08x-7a44-4d0c-9a5b-6a1f0d3c2e11", 7919 * i);
		snprintf(space, sizeof(space), "space-%d", i % 7);
		snprintf(pod, sizeof(pod), "pod-%d", i);
		check(pods, uid, ID, 1, space, pod, ID);
	}
	tcpbuf_cgroup_pods_close(pods);
}
END_TEST

START_TEST(a_node_without_kubelet_gives_ids)
{
	struct tcpbuf_cgroup_pods *pods;
	uid_t start = geteuid();
	char path[64];

	check(pods = open_pods(0), UID, ID, 0, "", UID, ID);
	tcpbuf_cgroup_pods_close(pods);
	ck_assert_int_eq(tcpbuf_set_root(tb, TCPBUF_ROOT_POD_LOGS, "/no/such/folder"), 0);
	check(pods = open_pods(-ENOENT), UID, ID, 0, "", UID, ID);
	tcpbuf_cgroup_pods_close(pods);
	ck_assert_int_eq(tcpbuf_set_root(tb, TCPBUF_ROOT_POD_LOGS, "/"), 0);
	tcpbuf_cgroup_pods_close(open_pods(0));
	snprintf(path, sizeof(path), "%s/pods", top);
	ck_assert_int_eq(tcpbuf_set_root(tb, TCPBUF_ROOT_POD_LOGS, path), 0);
	ck_assert_int_eq(chmod(path, 0), 0);
	ck_assert(geteuid() != 0 || setresuid(65534, 65534, 0) == 0);
	check(pods = open_pods(-EACCES), UID, ID, 0, "", UID, ID);
	tcpbuf_cgroup_pods_close(pods);
	ck_assert(geteuid() == start || setresuid(start, start, start) == 0);
	ck_assert_int_eq(chmod(path, 0755), 0);
}
END_TEST

START_TEST(arguments_are_checked)
{
	struct tcpbuf_cgroup_pods *pods = open_pods(0);
	struct tcpbuf_cgroup_pod got;
	char huge[4096];

	memset(huge, 'a', sizeof(huge));
	huge[sizeof(huge) - 1] = '\0';
	ck_assert_int_eq(tcpbuf_cgroup_pods_find(pods, huge, NULL, &got, sizeof(got)), -EINVAL);
	ck_assert_int_eq(tcpbuf_cgroup_pods_find(pods, UID, huge, &got, sizeof(got)), -EINVAL);
	ck_assert_ptr_nonnull(strstr(tcpbuf_error_text(tb), "cannot find the names of pod " UID));
	ck_assert_int_eq(tcpbuf_cgroup_pods_find(pods, NULL, NULL, &got, sizeof(got)), -EINVAL);
	ck_assert_int_eq(tcpbuf_cgroup_pods_find(NULL, UID, NULL, &got, sizeof(got)), -EINVAL);
	ck_assert_int_eq(tcpbuf_cgroup_pods_find(pods, UID, NULL, NULL, 0), -EINVAL);
	ck_assert_int_eq(tcpbuf_cgroup_pods_open(NULL, &pods), -EINVAL);
	ck_assert_int_eq(tcpbuf_cgroup_pods_open(tb, NULL), -EINVAL);
	ck_assert_int_eq(tcpbuf_cgroup_pods_count(NULL), -EINVAL);
	tcpbuf_cgroup_pods_close(NULL);
	tcpbuf_cgroup_pods_close(pods);
}
END_TEST

static int left;

static void *alloc_or_fail(size_t size)
{
	return left-- > 0 ? tcpbuf__sys_kernel.alloc(size) : NULL;
}

static void *resize_or_fail(void *ptr, size_t size)
{
	return left-- > 0 ? tcpbuf__sys_kernel.resize(ptr, size) : NULL;
}

START_TEST(want_of_memory_is_said)
{
	struct tcpbuf__sys sys = tcpbuf__sys_kernel;
	struct tcpbuf_cgroup_pods *pods;

	make("pods/default_web-0_" UID);
	make_link("web-0_default_app-" ID ".log");
	sys.alloc = alloc_or_fail;
	sys.resize = resize_or_fail;
	tb->sys = &sys;
	for (int n = 0; n < 3; n++) {
		left = n;
		ck_assert_int_eq(tcpbuf_cgroup_pods_open(tb, &pods), -ENOMEM);
		ck_assert_str_eq(tcpbuf_error_text(tb), "cannot list the pods' log folders: out of memory (ENOMEM)");
		ck_assert_ptr_null(pods);
	}
	left = 3;
	tcpbuf_cgroup_pods_close(open_pods(1));
	tb->sys = &tcpbuf__sys_kernel;
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("cgroup_pods");
	TCase *tc = tcase_create("cgroup_pods");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, folders_and_links_name_pods_and_containers);
	tcase_add_test(tc, many_pods_are_found);
	tcase_add_test(tc, a_node_without_kubelet_gives_ids);
	tcase_add_test(tc, arguments_are_checked);
	tcase_add_test(tc, want_of_memory_is_said);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
