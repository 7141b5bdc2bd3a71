/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "fixture.h"

#define SLICE "/kubepods.slice/kubepods-burstable.slice"
#define POD SLICE "/kubepods-burstable-pod0f2c6b1e_7a44_4d0c_9a5b_6a1f0d3c2e11.slice"
#define CONTAINER POD "/cri-containerd-a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f90.scope"
#define V1_POD "/kubepods/burstable/pod0f2c6b1e-7a44-4d0c-9a5b-6a1f0d3c2e11"

static const struct {
	const char *name;
	uint32_t layout, memory, tcp, nosocket, nokmem;
	const char *memory_mount, *unified_mount;
} layouts[] = {
	{"v2", TCPBUF_CGROUP_V2, TCPBUF_CGROUP_V2, TCPBUF_CGROUP_CHARGE_YES, 0, 0, "", ""},
	{"v1", TCPBUF_CGROUP_V1, TCPBUF_CGROUP_V1, TCPBUF_CGROUP_CHARGE_UNSEEN, 1, 1, "/memory", NULL},
	{"hybrid", TCPBUF_CGROUP_HYBRID, TCPBUF_CGROUP_V1, TCPBUF_CGROUP_CHARGE_UNSEEN, 0, 0, "/memory", "/unified"},
	{"container", TCPBUF_CGROUP_V1, TCPBUF_CGROUP_V1, TCPBUF_CGROUP_CHARGE_UNSEEN, 0, 0, "/memory", NULL},
	{"namespaced", TCPBUF_CGROUP_V2, TCPBUF_CGROUP_V2, TCPBUF_CGROUP_CHARGE_YES, 0, 0, "", ""},
	{"off", TCPBUF_CGROUP_V2, TCPBUF_CGROUP_NONE, TCPBUF_CGROUP_CHARGE_NO, 0, 0, NULL, ""},
	{"nosocket", TCPBUF_CGROUP_V2, TCPBUF_CGROUP_V2, TCPBUF_CGROUP_CHARGE_NO, 1, 0, "", ""},
};

/* mount is the fixture's folder and tail, or "" for a tail of NULL. */
static void check_mount(const char *mount, const char *name, const char *tail)
{
	char wanted[512] = "";

	if (tail)
		snprintf(wanted, sizeof(wanted), "%s/fixtures/%s/cgroup%s", TCPBUF_TEST_DATA, name, tail);
	ck_assert_str_eq(mount, wanted);
}

START_TEST(the_layout_is_found)
{
	struct tcpbuf *tb;
	struct tcpbuf_cgroup *cg = fixture_open(&tb, layouts[_i].name);
	struct tcpbuf_cgroup_layout l;

	ck_assert_int_eq(tcpbuf_cgroup_get_layout(cg, &l, sizeof(l)), 0);
	ck_assert_uint_eq(l.layout, layouts[_i].layout);
	ck_assert_uint_eq(l.memory, layouts[_i].memory);
	ck_assert_uint_eq(l.tcp, layouts[_i].tcp);
	ck_assert_uint_eq(l.nosocket, layouts[_i].nosocket);
	ck_assert_uint_eq(l.nokmem, layouts[_i].nokmem);
	check_mount(l.memory_mount, layouts[_i].name, layouts[_i].memory_mount);
	check_mount(l.unified_mount, layouts[_i].name, layouts[_i].unified_mount);
	ck_assert_uint_eq(l.valid, (layouts[_i].memory_mount ? TCPBUF_CGROUP_LAYOUT_HAS_MEMORY : 0u) |
					   (layouts[_i].unified_mount ? TCPBUF_CGROUP_LAYOUT_HAS_UNIFIED : 0u) |
					   TCPBUF_CGROUP_LAYOUT_HAS_CMDLINE);
	fixture_close(tb, cg);
}
END_TEST

static const struct {
	const char *name;
	uint32_t pid;
	int64_t code; /* or the path's length */
	const char *path;
} pids[] = {
	{"v2", 42, sizeof(CONTAINER) - 1, CONTAINER},
	{"v2", 2, 1, "/"},
	{"v2", 43, -ENOENT, ""},
	{"v2", 44, 11, "/gone.slice"},
	{"v2", 45, -ENODATA, ""},
	{"v2", 46, -ESRCH, ""},
	{"v2", 0, -EINVAL, ""},
	{"v2", 4194305, -EINVAL, ""},
	{"v1", 42, sizeof(V1_POD) + 3, V1_POD "/web"},
	{"hybrid", 42, 2, "/a"},
	{"container", 42, 4, "/sub"},
	{"container", 43, 1, "/"},
	{"container", 44, -ENOENT, ""},
	{"namespaced", 42, 17, "/kubepods.slice/b"},
	{"namespaced", 43, -ENOENT, ""},
	{"namespaced", 44, 1, "/"},
	{"namespaced", 45, -ENOENT, ""},
	{"off", 42, -ENODATA, ""},
};

START_TEST(the_cgroup_of_a_process_is_found)
{
	struct tcpbuf *tb;
	struct tcpbuf_cgroup *cg = fixture_open(&tb, pids[_i].name);
	char path[4096] = "";
	int64_t length = tcpbuf_cgroup_of_pid(cg, pids[_i].pid, path, sizeof(path));

	ck_assert_int_eq(length, pids[_i].code);
	ck_assert_str_eq(path, pids[_i].path);
	ck_assert_int_eq(tcpbuf_error_code(tb), length < 0 ? (int)length : 0);
	if (length < 0)
		ck_assert_ptr_nonnull(strstr(tcpbuf_error_text(tb), "cannot find the cgroup of process "));
	fixture_close(tb, cg);
}
END_TEST

START_TEST(a_small_buffer_is_told_the_length)
{
	struct tcpbuf *tb;
	struct tcpbuf_cgroup *cg = fixture_open(&tb, "v2");
	char path[8] = "xxxxxxx";

	ck_assert_int_eq(tcpbuf_cgroup_of_pid(cg, 42, path, 5), sizeof(CONTAINER) - 1);
	ck_assert_str_eq(path, "/kub");
	ck_assert_int_eq(path[5], 'x');
	ck_assert_int_eq(tcpbuf_cgroup_of_pid(cg, 42, NULL, 0), sizeof(CONTAINER) - 1);
	ck_assert_int_eq(tcpbuf_cgroup_of_pid(cg, 42, NULL, 1), -EINVAL);
	fixture_close(tb, cg);
}
END_TEST

enum {
	TCP = TCPBUF_CGROUP_MEMORY_TCP,
	TCP_LIMIT = TCPBUF_CGROUP_MEMORY_TCP_LIMIT,
	MEMORY = TCPBUF_CGROUP_MEMORY_MEMORY,
	KMEM = TCPBUF_CGROUP_MEMORY_KMEM,
	HIGH = TCPBUF_CGROUP_MEMORY_HIGH,
	EVENTS = TCPBUF_CGROUP_MEMORY_EVENTS,
	THROTTLED = TCPBUF_CGROUP_MEMORY_THROTTLED,
	PRESSURE = TCPBUF_CGROUP_MEMORY_PRESSURE
};

#define NO TCPBUF_CGROUP_CHARGE_NO
#define YES TCPBUF_CGROUP_CHARGE_YES
#define UNSEEN TCPBUF_CGROUP_CHARGE_UNSEEN

static const struct {
	const char *name, *path;
	uint32_t want;
	struct tcpbuf_cgroup_memory m;
} records[] = {
	{"v2", CONTAINER, 0,
		{.valid = TCP | MEMORY | HIGH | EVENTS | PRESSURE, .version = 2, .charge = YES,
			.kmem_case = TCPBUF_CGROUP_CASE_ONE_LIMIT, .tcp_bytes = 16605184, .memory_bytes = 200003584,
			.memory_limit_bytes = 1073741824, .memory_high_bytes = 805306368, .events_high = 12,
			.events_max = 3, .events_oom = 1, .events_oom_kill = 1, .pressure_some_avg10 = 150,
			.pressure_some_avg60 = 25, .pressure_some_avg300 = 5, .pressure_full_avg10 = 75,
			.pressure_full_avg60 = 10, .pressure_full_avg300 = 10000, .pressure_some_us = 123456,
			.pressure_full_us = 65432}},
	{"v2", CONTAINER, TCP,
		{.valid = TCP, .version = 2, .charge = YES, .kmem_case = TCPBUF_CGROUP_CASE_ONE_LIMIT, .tcp_bytes = 16605184}},
	{"v2", "/system.slice/web.service", 0,
		{.valid = TCP | MEMORY | HIGH | EVENTS | THROTTLED, .version = 2, .levels_up = 1, .charge = YES,
			.kmem_case = TCPBUF_CGROUP_CASE_ONE_LIMIT, .tcp_bytes = 4096, .memory_bytes = 300003328,
			.memory_limit_bytes = UINT64_MAX, .memory_high_bytes = UINT64_MAX, .events_sock_throttled = 77}},
	{"v2", "/", 0,
		{.valid = TCP, .version = 2, .charge = NO, .kmem_case = TCPBUF_CGROUP_CASE_ONE_LIMIT, .tcp_bytes = 999424}},
	{"v2", SLICE, TCP | MEMORY,
		{.valid = MEMORY, .version = 2, .charge = YES, .kmem_case = TCPBUF_CGROUP_CASE_ONE_LIMIT,
			.memory_bytes = 8000000000, .memory_limit_bytes = UINT64_MAX}},
	{"nosocket", "/a", 0,
		{.valid = TCP, .version = 2, .charge = NO, .kmem_case = TCPBUF_CGROUP_CASE_ONE_LIMIT}},
	{"v1", V1_POD "/web", 0,
		{.valid = TCP | TCP_LIMIT | MEMORY | KMEM, .version = 1, .charge = YES,
			.kmem_case = TCPBUF_CGROUP_CASE_K_BELOW_U, .tcp_bytes = 9527296, .tcp_limit_bytes = 8388608,
			.tcp_max_bytes = 9535488, .tcp_failcnt = 7, .memory_bytes = 90000000,
			.memory_limit_bytes = 268435456, .kmem_bytes = 10000000, .kmem_limit_bytes = 134217728,
			.memory_failcnt = 5}},
	{"v1", V1_POD "/idle", 0,
		{.valid = TCP | TCP_LIMIT | MEMORY | KMEM, .version = 1, .charge = UNSEEN,
			.kmem_case = TCPBUF_CGROUP_CASE_K_ABOVE_U, .tcp_limit_bytes = UINT64_MAX, .memory_bytes = 4096,
			.memory_limit_bytes = 268435456, .kmem_limit_bytes = 268435456}},
	{"v1", V1_POD, MEMORY | KMEM,
		{.valid = MEMORY | KMEM, .version = 1, .charge = TCPBUF_CGROUP_CHARGE_UNKNOWN,
			.kmem_case = TCPBUF_CGROUP_CASE_K_NONE, .memory_bytes = 100000000,
			.memory_limit_bytes = 536870912, .kmem_bytes = 20000000, .kmem_limit_bytes = UINT64_MAX}},
	{"v1", "/", TCP | MEMORY | KMEM,
		{.valid = TCP | MEMORY | KMEM, .version = 1, .charge = NO, .kmem_case = TCPBUF_CGROUP_CASE_NO_LIMIT,
			.tcp_bytes = 9527296, .memory_bytes = 338120704, .memory_limit_bytes = UINT64_MAX,
			.kmem_bytes = 40000000, .kmem_limit_bytes = UINT64_MAX}},
	{"hybrid", "/a", 0, {.version = 1}},
};

START_TEST(a_memory_cgroup_is_read)
{
	struct tcpbuf *tb;
	struct tcpbuf_cgroup *cg = fixture_open(&tb, records[_i].name);
	struct tcpbuf_cgroup_memory m;

	memset(&m, 0xa5, sizeof(m));
	ck_assert_msg(tcpbuf_cgroup_read(cg, records[_i].path, records[_i].want, &m, sizeof(m)) == 0, "%s",
		tcpbuf_error_text(tb));
	ck_assert_uint_eq(m.valid, records[_i].m.valid);
	ck_assert_uint_eq(m.charge, records[_i].m.charge);
	ck_assert_uint_eq(m.kmem_case, records[_i].m.kmem_case);
	ck_assert_mem_eq(&m, &records[_i].m, sizeof(m));
	fixture_close(tb, cg);
}
END_TEST

#define NONE TCPBUF_CGROUP_LIMIT_NONE
#define KMEM_TCP TCPBUF_CGROUP_LIMIT_KMEM_TCP
#define MAX TCPBUF_CGROUP_LIMIT_MAX
#define SLOW TCPBUF_CGROUP_LIMIT_HIGH
#define NODE TCPBUF_CGROUP_LIMIT_NODE

static const struct {
	const char *name, *path;
	uint64_t node;
	struct tcpbuf_cgroup_limit l;
} limits[] = {
	{"v2", CONTAINER, 0, {MAX, 1, 536870912, MAX, 1, 6291456}},
	{"v2", CONTAINER, 400000000, {NODE, 0, 400000000, MAX, 1, 6291456}},
	{"v2", CONTAINER, 600000000, {MAX, 1, 536870912, MAX, 1, 6291456}},
	{"v2", "/kubepods.slice", 0, {MAX, 0, 16106127360, MAX, 0, 7106125824}},
	{"v2", SLICE, 0, {MAX, 1, 16106127360, MAX, 1, 7106125824}},
	{"v2", "/system.slice/web.service", 0, {NONE, 0, UINT64_MAX, NONE, 0, UINT64_MAX}},
	{"v2", "/", 4096, {NODE, 0, 4096, NONE, 0, UINT64_MAX}},
	{"v1", V1_POD "/web", 0, {KMEM_TCP, 0, 8388608, KMEM_TCP, 0, 0}},
	{"v1", V1_POD "/idle", 0, {KMEM_TCP, 2, 16777216, KMEM_TCP, 2, 7249920}},
	{"v1", "/kubepods", 0, {NONE, 0, UINT64_MAX, NONE, 0, UINT64_MAX}},
	{"v1", "/flat/child", 0, {NONE, 0, UINT64_MAX, NONE, 0, UINT64_MAX}},
	{"v1", "/flat", 0, {KMEM_TCP, 0, 4096, KMEM_TCP, 0, 4096}},
};

START_TEST(the_effective_limit_is_the_smallest)
{
	struct tcpbuf *tb;
	struct tcpbuf_cgroup *cg = fixture_open(&tb, limits[_i].name);
	struct tcpbuf_cgroup_limit l;

	ck_assert_int_eq(tcpbuf_cgroup_get_limit(cg, limits[_i].path, limits[_i].node, &l, sizeof(l)), 0);
	ck_assert_uint_eq(l.kind, limits[_i].l.kind);
	ck_assert_uint_eq(l.levels_up, limits[_i].l.levels_up);
	ck_assert_uint_eq(l.limit_bytes, limits[_i].l.limit_bytes);
	ck_assert_uint_eq(l.room_kind, limits[_i].l.room_kind);
	ck_assert_uint_eq(l.room_levels_up, limits[_i].l.room_levels_up);
	ck_assert_uint_eq(l.room_bytes, limits[_i].l.room_bytes);
	fixture_close(tb, cg);
}
END_TEST

static const struct {
	const char *name, *path;
	int code;
} failures[] = {
	{"v2", "/no/such", -ENOENT}, {"v2", "/..", -EINVAL}, {"v2", "/a/../..", -EINVAL}, {"v2", "a", -EINVAL},
	{"v2", "", -EINVAL}, {"v2", NULL, -EINVAL}, {"v2", "/broken", -EPROTO}, {"off", "/", -ENODATA},
	{"v1", "/no/such", -ENOENT}, {"v1", "/\x1b[31m\"\\", -ENOENT},
};

START_TEST(failures_have_a_code_and_a_sentence)
{
	struct tcpbuf *tb;
	struct tcpbuf_cgroup *cg = fixture_open(&tb, failures[_i].name);
	struct tcpbuf_cgroup_memory m;
	struct tcpbuf_cgroup_limit l;

	ck_assert_int_eq(tcpbuf_cgroup_read(cg, failures[_i].path, 0, &m, sizeof(m)), failures[_i].code);
	ck_assert_int_eq(tcpbuf_error_code(tb), failures[_i].code);
	ck_assert_ptr_nonnull(strstr(tcpbuf_error_text(tb), "cannot read cgroup"));
	ck_assert_ptr_null(strchr(tcpbuf_error_text(tb), '\x1b'));
	if (failures[_i].code != -EPROTO)
		ck_assert_int_eq(tcpbuf_cgroup_get_limit(cg, failures[_i].path, 0, &l, sizeof(l)), failures[_i].code);
	fixture_close(tb, cg);
}
END_TEST

START_TEST(hostile_paths_are_refused)
{
	struct tcpbuf *tb;
	struct tcpbuf_cgroup *cg = fixture_open(&tb, "v2");
	struct tcpbuf_cgroup_memory m;
	char path[8192];

	memset(path, 'a', sizeof(path));
	for (size_t i = 0; i < sizeof(path); i += 100)
		path[i] = '/';
	path[sizeof(path) - 1] = '\0';
	ck_assert_int_eq(tcpbuf_cgroup_read(cg, path, 0, &m, sizeof(m)), -ENAMETOOLONG);
	path[4095] = '\0';
	ck_assert_int_eq(tcpbuf_cgroup_read(cg, path, 0, &m, sizeof(m)), -ENAMETOOLONG);
	fixture_close(tb, cg);
}
END_TEST

START_TEST(arguments_are_checked)
{
	struct tcpbuf *tb;
	struct tcpbuf_cgroup *cg = fixture_open(&tb, "v2"), *other;
	char buf[16];

	ck_assert_int_eq(tcpbuf_cgroup_open(NULL, &other), -EINVAL);
	ck_assert_int_eq(tcpbuf_cgroup_open(tb, NULL), -EINVAL);
	ck_assert_int_eq(tcpbuf_cgroup_get_layout(NULL, buf, sizeof(buf)), -EINVAL);
	ck_assert_int_eq(tcpbuf_cgroup_get_layout(cg, NULL, 0), -EINVAL);
	ck_assert_int_eq(tcpbuf_cgroup_read(cg, "/", 0, NULL, 0), -EINVAL);
	ck_assert_int_eq(tcpbuf_cgroup_read(cg, "/", 1u << 31, buf, sizeof(buf)), -EINVAL);
	ck_assert_int_eq(tcpbuf_cgroup_read(NULL, "/", 0, buf, sizeof(buf)), -EINVAL);
	ck_assert_int_eq(tcpbuf_cgroup_get_limit(NULL, "/", 0, buf, sizeof(buf)), -EINVAL);
	ck_assert_int_eq(tcpbuf_cgroup_of_pid(NULL, 1, buf, sizeof(buf)), -EINVAL);
	ck_assert_int_eq(tcpbuf_cgroup_path(NULL, 1, buf, sizeof(buf)), -EINVAL);
	ck_assert_int_eq(tcpbuf_cgroup_refresh(NULL), -EINVAL);
	tcpbuf_cgroup_close(NULL);
	ck_assert_int_eq(tcpbuf_set_root(tb, TCPBUF_ROOT_PROC, "/no/such"), 0);
	ck_assert_int_eq(tcpbuf_cgroup_open(tb, &other), -ENOENT);
	ck_assert_ptr_null(other);
	ck_assert_str_eq(tcpbuf_error_text(tb), "cannot read self/mountinfo: does not exist (ENOENT)");
	fixture_close(tb, cg);
}
END_TEST

#define LOOP(tc, test, table) tcase_add_loop_test(tc, test, 0, sizeof(table) / sizeof((table)[0]))

int main(void)
{
	Suite *suite = suite_create("cgroup_fixture");
	TCase *tc = tcase_create("cgroup_fixture");

	LOOP(tc, the_layout_is_found, layouts);
	LOOP(tc, the_cgroup_of_a_process_is_found, pids);
	tcase_add_test(tc, a_small_buffer_is_told_the_length);
	LOOP(tc, a_memory_cgroup_is_read, records);
	LOOP(tc, the_effective_limit_is_the_smallest, limits);
	LOOP(tc, failures_have_a_code_and_a_sentence, failures);
	tcase_add_test(tc, hostile_paths_are_refused);
	tcase_add_test(tc, arguments_are_checked);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
