/* SPDX-License-Identifier: MIT */
/*
 * Memory cgroups against the sockets in them, on whichever hierarchy owns memory: processes in namespaces and
 * cgroups of our own, with queued bytes.
 */
#include <tcpbuf/tcpbuf.h>

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check_main.h"
#include "groups.h"
#include "scene.h"

#define CGROUP TCPBUF_CENSUS_BY_CGROUP
#define NETNS TCPBUF_CENSUS_BY_NETNS
#define POD TCPBUF_CENSUS_BY_POD
#define TRIES 500

#ifndef SO_NETNS_COOKIE
#define SO_NETNS_COOKIE 71
#endif

static struct tcpbuf *tb;
static struct groups groups;

/* What a charge may be off by: before Linux 5.13 CPUs count up to 32 pages by themselves, __mod_memcg_state(). */
static int64_t slack(void)
{
	struct utsname name;
	unsigned major = 0, minor = 0;

	if (groups.layout.memory == TCPBUF_CGROUP_V1)
		return 0;
	ck_assert_int_eq(uname(&name), 0);
	ck_assert_int_eq(sscanf(name.release, "%u.%u", &major, &minor), 2);
	return major * 100 + minor < 513 ? 32ll * sysconf(_SC_PAGESIZE) * get_nprocs_conf() : 0;
}

static int is_near(int64_t a, int64_t b)
{
	return a - b <= slack() && b - a <= slack();
}

static void setup(void)
{
	ck_assert_int_eq(tcpbuf_new(&tb), 0);
	groups_start(&groups);
	printf("charges are exact to %lld bytes\n", (long long)slack());
}

static void teardown(void)
{
	groups_stop(&groups);
	tcpbuf_free(tb);
}

static void below(char *out, size_t size, const char *name)
{
	snprintf(out, size, "%s/%s", groups.parent, name);
}

static void make(const char *path)
{
	group_make(&groups, path);
	group_charge(&groups, path);
}

/* What a process in a cgroup and a namespace does with its connections over loopback. */
enum deed { HOLD, LEAVE_WAITING, CLOSE_CLIENTS };

#define CONNECTIONS 2

static int connect_to(int listener, int client)
{
	struct sockaddr_in at;
	socklen_t size = sizeof(at);

	return getsockname(listener, (struct sockaddr *)&at, &size) == 0 &&
	       connect(client, (struct sockaddr *)&at, size) == 0;
}

static int make_sockets(enum deed deed)
{
	static char bytes[65536];
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (listen(listener, 64) != 0)
		return -1;
	for (int i = 0; i < CONNECTIONS; i++) {
		int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

		if (!connect_to(listener, client))
			return -1;
		/* The last one stays in the queue. */
		if ((deed != LEAVE_WAITING || i + 1 < CONNECTIONS) && accept(listener, NULL, NULL) < 0)
			return -1;
		while (send(client, bytes, sizeof(bytes), MSG_DONTWAIT) > 0)
			;
		if (deed == CLOSE_CLIENTS)
			close(client);
	}
	return 0;
}

struct holder {
	pid_t pid;
};

/* Into a namespace, or one of its own. */
static int enter(const struct scratch *s)
{
	if (s)
		return setns(s->fd, CLONE_NEWNET);
	return unshare(CLONE_NEWNET) == 0 ? scratch_loopback_up() : -1;
}

static _Noreturn void hold(const char *path, const struct scratch *s, enum deed deed, int ready)
{
	if (group_put(&groups, path, "cgroup.procs", "0") != 0 || enter(s) != 0 || make_sockets(deed) != 0 ||
		write(ready, "x", 1) != 1)
		_exit(1);
	for (;;)
		pause();
}

static struct holder start(const char *path, const struct scratch *s, enum deed deed)
{
	struct holder h;
	int ready[2];
	char byte;

	ck_assert_int_eq(pipe2(ready, O_CLOEXEC), 0);
	h.pid = scratch_fork();
	ck_assert_int_ge(h.pid, 0);
	if (h.pid == 0)
		hold(path, s, deed, ready[1]);
	close(ready[1]);
	ck_assert_msg(read(ready[0], &byte, 1) == 1, "no sockets in %s", path);
	close(ready[0]);
	return h;
}

static void stop(struct holder *h)
{
	kill(h->pid, SIGKILL);
	waitpid(h->pid, NULL, 0);
}

static struct tcpbuf_census *take(uint32_t by)
{
	struct tcpbuf_census_query q = {.size = sizeof(q), .by = by};

	return scene_take(tb, &q);
}

/* The holder with that cgroup; all zero when there is none. */
static struct tcpbuf_census_holder of_group(const struct tcpbuf_census *c, const char *path)
{
	struct tcpbuf_census_holder h;

	for (uint32_t i = 0; tcpbuf_census_at(c, CGROUP, i, &h, sizeof(h)) == 1; i++)
		if (strcmp(h.cgroup, path) == 0)
			return h;
	memset(&h, 0, sizeof(h));
	return h;
}

/* Take a census until quiet() says that nothing moves any more, or for TRIES times. */
static struct tcpbuf_census *settle(uint32_t by, int (*quiet)(const struct tcpbuf_census *c))
{
	struct tcpbuf_census *c = take(by);

	for (int tries = 0; tries < TRIES && !quiet(c); tries++) {
		tcpbuf_census_free(c);
		poll(NULL, 0, 10);
		c = take(by);
	}
	return c;
}

#define GROUPS 5
#define NETNS_A_GROUP 4

static char five[GROUPS][4096 + 128];

static int five_are_equal(const struct tcpbuf_census *c)
{
	for (int i = 0; i < GROUPS; i++) {
		struct tcpbuf_census_holder h = of_group(c, five[i]);

		if (!(h.valid & TCPBUF_CENSUS_HAS_CHARGE) || !is_near(h.held_bytes, (int64_t)h.charge_bytes))
			return 0;
	}
	return 1;
}

static int64_t usage(const char *path)
{
	struct tcpbuf_cgroup_memory m;
	struct tcpbuf_cgroup *cg;

	ck_assert_int_eq(tcpbuf_cgroup_open(tb, &cg), 0);
	ck_assert_int_eq(tcpbuf_cgroup_read(cg, path, TCPBUF_CGROUP_MEMORY_TCP, &m, sizeof(m)), 0);
	tcpbuf_cgroup_close(cg);
	return (int64_t)m.tcp_bytes;
}

START_TEST(twenty_namespaces_in_five_groups_are_charged_what_they_hold)
{
	struct scratch netns[GROUPS * NETNS_A_GROUP];
	struct holder holders[GROUPS * NETNS_A_GROUP];
	struct tcpbuf_census *c;
	int64_t total = 0;

	for (int i = 0; i < GROUPS; i++) {
		snprintf(five[i], sizeof(five[i]), "%s/group%d", groups.parent, i);
		make(five[i]);
	}
	for (int i = 0; i < GROUPS * NETNS_A_GROUP; i++) {
		netns[i] = scratch_start();
		holders[i] = start(five[i / NETNS_A_GROUP], &netns[i], HOLD);
	}
	c = settle(CGROUP | NETNS, five_are_equal);
	for (int i = 0; i < GROUPS; i++) {
		struct tcpbuf_census_holder h = of_group(c, five[i]);
		int64_t held = 0;

		for (int j = 0; j < NETNS_A_GROUP; j++)
			held += scene_of_netns(c, &netns[i * NETNS_A_GROUP + j]).held_bytes;
		ck_assert(is_near(h.held_bytes, (int64_t)h.charge_bytes));
		ck_assert_int_eq(h.held_bytes, held);
		ck_assert(is_near(h.held_bytes, usage(five[i])));
		ck_assert_int_gt(h.held_bytes, 100000);
		ck_assert_int_eq(h.unexplained_bytes, (int64_t)h.charge_bytes - h.held_bytes);
		ck_assert_uint_eq(h.sockets, NETNS_A_GROUP * (2 * CONNECTIONS + 1));
		ck_assert_uint_eq(h.cgroup_guess, groups.layout.memory == TCPBUF_CGROUP_V1);
		total += h.held_bytes;
	}
	printf("%lld bytes in %d groups\n", (long long)total, GROUPS);
	tcpbuf_census_free(c);
	for (int i = 0; i < GROUPS * NETNS_A_GROUP; i++) {
		stop(&holders[i]);
		scratch_stop(&netns[i]);
	}
	for (int i = 0; i < GROUPS; i++)
		group_drop(&groups, five[i]);
}
END_TEST

/* One cgroup and namespace for a scene. */
static char path[4096 + 128];
static struct scratch web;

static int is_charged_what_it_holds(const struct tcpbuf_census *c)
{
	struct tcpbuf_census_holder h = of_group(c, path);

	return (h.valid & TCPBUF_CENSUS_HAS_CHARGE) && is_near(h.held_bytes, (int64_t)h.charge_bytes);
}

START_TEST(unaccepted_connections_are_held_and_not_charged)
{
	struct tcpbuf_census_holder group, netns;
	struct tcpbuf_census_node n;
	struct tcpbuf_census *c;
	struct holder holder;

	below(path, sizeof(path), "waiting");
	make(path);
	web = scratch_start();
	holder = start(path, &web, LEAVE_WAITING);
	c = settle(CGROUP | NETNS, is_charged_what_it_holds);
	group = of_group(c, path);
	netns = scene_of_netns(c, &web);
	ck_assert_int_eq(tcpbuf_census_node(c, &n, sizeof(n)), 0);
	ck_assert(is_near(group.held_bytes, (int64_t)group.charge_bytes));
	ck_assert_uint_eq(group.unaccepted_sockets, 0);
	ck_assert_uint_eq(netns.unaccepted_sockets, 1);
	ck_assert_int_gt(netns.unaccepted_bytes, 0);
	ck_assert_int_eq(netns.held_bytes, group.held_bytes + netns.unaccepted_bytes);
	ck_assert_int_ge(n.unaccepted_bytes, netns.unaccepted_bytes);
	tcpbuf_census_free(c);
	stop(&holder);
	scratch_stop(&web);
	group_drop(&groups, path);
}
END_TEST

/* v1 knows an orphan's cgroup by nothing but the charge; v2 by the socket. */
static int orphans_explain(const struct tcpbuf_census *c)
{
	struct tcpbuf_census_holder group = of_group(c, path), netns = scene_of_netns(c, &web);
	int64_t missing = groups.layout.memory == TCPBUF_CGROUP_V1 ? netns.orphaned_bytes : 0;

	return (group.valid & TCPBUF_CENSUS_HAS_CHARGE) && is_near(group.unexplained_bytes, missing);
}

START_TEST(orphans_are_what_a_charge_has_more)
{
	int v1 = groups.layout.memory == TCPBUF_CGROUP_V1;
	struct tcpbuf_census_holder group, netns;
	struct tcpbuf_census_node n;
	struct tcpbuf_census *c;
	struct holder holder;

	below(path, sizeof(path), "orphans");
	make(path);
	web = scratch_start();
	holder = start(path, &web, CLOSE_CLIENTS);
	c = settle(CGROUP | NETNS, orphans_explain);
	group = of_group(c, path);
	netns = scene_of_netns(c, &web);
	ck_assert_int_eq(tcpbuf_census_node(c, &n, sizeof(n)), 0);
	ck_assert_uint_eq(netns.orphaned_sockets, CONNECTIONS);
	ck_assert_int_gt(netns.orphaned_bytes, 100000);
	ck_assert_int_ge(n.orphaned_bytes, netns.orphaned_bytes);
	ck_assert(is_near(group.unexplained_bytes, v1 ? netns.orphaned_bytes : 0));
	ck_assert_int_eq(group.orphaned_bytes, v1 ? 0 : netns.orphaned_bytes);
	ck_assert(is_near((int64_t)group.charge_bytes, netns.held_bytes));
	tcpbuf_census_free(c);
	stop(&holder);
	scratch_stop(&web);
	group_drop(&groups, path);
}
END_TEST

static const char *const uids[] = {"11111111-2222-3333-4444-555555555555", "66666666-7777-8888-9999-000000000000"};

static struct tcpbuf_census_holder of_pod(const struct tcpbuf_census *c, const char *uid)
{
	struct tcpbuf_census_holder h;

	for (uint32_t i = 0; tcpbuf_census_at(c, POD, i, &h, sizeof(h)) == 1; i++)
		if (strcmp(h.pod_uid, uid) == 0)
			return h;
	memset(&h, 0, sizeof(h));
	return h;
}

static int pods_make_the_namespace(const struct tcpbuf_census *c)
{
	return of_pod(c, uids[0]).held_bytes + of_pod(c, uids[1]).held_bytes == scene_of_netns(c, &web).held_bytes;
}

/* kubepods/podUID of a test's own. */
static char kubepods[4096 + 96], pods[2][4096 + 160];

static void make_pods(uint32_t count)
{
	below(kubepods, sizeof(kubepods), "kubepods");
	group_make(&groups, kubepods);
	if (groups.layout.memory == TCPBUF_CGROUP_V2)
		ck_assert_int_eq(group_put(&groups, kubepods, "cgroup.subtree_control", "+memory"), 0);
	for (uint32_t i = 0; i < count; i++) {
		snprintf(pods[i], sizeof(pods[i]), "%s/pod%s", kubepods, uids[i]);
		group_make(&groups, pods[i]);
	}
}

static void drop_pods(uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		group_drop(&groups, pods[i]);
	group_drop(&groups, kubepods);
}

/* Pods in one namespace, whose first process is of no pod: hostNetwork. */
static struct tcpbuf_census *take_pods(uint32_t count)
{
	struct holder holders[2];
	struct tcpbuf_census *c;

	make_pods(count);
	for (uint32_t i = 0; i < count; i++)
		holders[i] = start(pods[i], &web, HOLD);
	c = settle(POD | NETNS, pods_make_the_namespace);
	for (uint32_t i = 0; i < count; i++)
		stop(&holders[i]);
	drop_pods(count);
	return c;
}

/* The namespace counts once and is no pod's, and each pod has its own sockets. */
START_TEST(pods_share_a_namespace)
{
	uint32_t count = (uint32_t)_i;
	struct tcpbuf_census_holder netns;
	struct tcpbuf_census *c;

	web = scratch_start();
	c = take_pods(count);
	netns = scene_of_netns(c, &web);
	ck_assert_uint_eq(netns.pods, 2);
	ck_assert_uint_eq(netns.valid & (TCPBUF_CENSUS_HAS_POD | TCPBUF_CENSUS_HAS_CGROUP), 0);
	ck_assert_uint_eq(netns.sockets, count * (2 * CONNECTIONS + 1));
	for (uint32_t i = 0; i < count; i++) {
		struct tcpbuf_census_holder pod = of_pod(c, uids[i]);

		ck_assert_uint_eq(pod.sockets, 2 * CONNECTIONS + 1);
		ck_assert_int_gt(pod.held_bytes, 100000);
		ck_assert_uint_eq(pod.netns_inode, netns.netns_inode);
		ck_assert_str_eq(pod.pod, uids[i]);
	}
	ck_assert_int_eq(of_pod(c, uids[0]).held_bytes + of_pod(c, uids[1]).held_bytes, netns.held_bytes);
	tcpbuf_census_free(c);
	scratch_stop(&web);
}
END_TEST

static char logs[] = "/tmp/tcpbuf-census-XXXXXX";

/* The log folder of the first pod, with one container. */
static void make_logs(void)
{
	char folder[256];

	ck_assert_ptr_nonnull(mkdtemp(logs));
	snprintf(folder, sizeof(folder), "%s/shop_web-0_%s", logs, uids[0]);
	ck_assert_int_eq(mkdir(folder, 0755), 0);
	strcat(folder, "/nginx");
	ck_assert_int_eq(mkdir(folder, 0755), 0);
	ck_assert_int_eq(tcpbuf_set_root(tb, TCPBUF_ROOT_POD_LOGS, logs), 0);
}

static void drop_logs(void)
{
	char folder[256];

	snprintf(folder, sizeof(folder), "%s/shop_web-0_%s/nginx", logs, uids[0]);
	ck_assert_int_eq(rmdir(folder), 0);
	*strrchr(folder, '/') = '\0';
	ck_assert_int_eq(rmdir(folder), 0);
	ck_assert_int_eq(rmdir(logs), 0);
}

/* As a process in it is told: inode, and the cookie of its sockets (Linux 5.14; 0 before). */
static void identity(const struct scratch *s, uint64_t *inode, uint64_t *cookie)
{
	int fd = scratch_socket(s, AF_INET, SOCK_STREAM);
	socklen_t size = sizeof(*cookie);
	struct stat st;

	ck_assert_int_eq(fstat(s->fd, &st), 0);
	*inode = st.st_ino;
	*cookie = 0;
	if (getsockopt(fd, SOL_SOCKET, SO_NETNS_COOKIE, cookie, &size) != 0)
		ck_assert_int_eq(errno, ENOPROTOOPT);
	close(fd);
}

START_TEST(a_namespace_is_identified)
{
	struct tcpbuf_census_holder netns;
	struct tcpbuf_census *c;
	struct holder holder;
	struct scratch pod;
	uint64_t inode, cookie;
	char text[64];

	make_logs();
	make_pods(1);
	holder = start(pods[0], NULL, HOLD);
	snprintf(text, sizeof(text), "/proc/%d/ns/net", (int)holder.pid);
	pod = (struct scratch){holder.pid, open(text, O_RDONLY | O_CLOEXEC)};
	ck_assert_int_ge(pod.fd, 0);
	identity(&pod, &inode, &cookie);
	c = take(NETNS | POD);
	netns = scene_of_netns(c, &pod);
	ck_assert_uint_eq(netns.netns_inode, inode);
	ck_assert_uint_eq(netns.netns_cookie, cookie);
	ck_assert_uint_eq(netns.valid & TCPBUF_CENSUS_HAS_COOKIE, cookie ? TCPBUF_CENSUS_HAS_COOKIE : 0);
	ck_assert_uint_eq(netns.pid, (uint32_t)holder.pid);
	ck_assert_str_eq(netns.comm, "test_census_cgr");
	snprintf(text, sizeof(text), "pid %d", (int)holder.pid);
	ck_assert_str_eq(netns.label, text);
	ck_assert_uint_eq(netns.pods, 1);
	ck_assert_str_eq(netns.pod_uid, uids[0]);
	ck_assert_str_eq(netns.pod_namespace, "shop");
	ck_assert_str_eq(netns.pod, "web-0");
	ck_assert_str_eq(netns.container, "nginx");
	tcpbuf_census_free(c);
	close(pod.fd);
	stop(&holder);
	drop_pods(1);
	drop_logs();
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("census_cgroup");
	TCase *tc = tcase_create("census_cgroup");

	if (!groups_can(&groups))
		skip_all("needs root and a memory cgroup hierarchy that can be written");
	printf("memory on v%u\n", groups.layout.memory);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 120);
	tcase_add_test(tc, twenty_namespaces_in_five_groups_are_charged_what_they_hold);
	tcase_add_test(tc, unaccepted_connections_are_held_and_not_charged);
	tcase_add_test(tc, orphans_are_what_a_charge_has_more);
	tcase_add_loop_test(tc, pods_share_a_namespace, 1, 3);
	tcase_add_test(tc, a_namespace_is_identified);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
