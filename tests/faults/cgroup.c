/* SPDX-License-Identifier: MIT */
/* Memory cgroups of recorded trees, and pods by their log folders. */
#include "faults.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#include "check_main.h"

#define FIXTURES TCPBUF_SOURCE_DIR "/tests/cgroup/fixtures/"
#define SLICE "/kubepods.slice/kubepods-burstable.slice"
#define UID "0f2c6b1e-7a44-4d0c-9a5b-6a1f0d3c2e11"
#define ID "a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f90"
#define LOGS WORLD_RUN "/log/pods"

static void ready_tree(struct stage *s, const char *name)
{
	char path[512];

	snprintf(path, sizeof(path), FIXTURES "%s/proc", name);
	ck_assert_int_eq(tcpbuf_set_root(s->tb, TCPBUF_ROOT_PROC, path), 0);
	snprintf(path, sizeof(path), FIXTURES "%s/cgroup", name);
	ck_assert_int_eq(tcpbuf_set_root(s->tb, TCPBUF_ROOT_CGROUP, path), 0);
}

static void ready_v2(struct stage *s)
{
	ready_tree(s, "v2");
}

static void ready_v1_open(struct stage *s)
{
	ready_tree(s, "v1");
	ck_assert_int_eq(tcpbuf_cgroup_open(s->tb, &s->cg), 0);
}

static void ready_v2_open(struct stage *s)
{
	ready_v2(s);
	ck_assert_int_eq(tcpbuf_cgroup_open(s->tb, &s->cg), 0);
}

static int64_t open_tree(struct stage *s)
{
	struct tcpbuf_cgroup *cg = (void *)s;
	struct tcpbuf_cgroup_layout layout;
	int64_t code = CALLED(s, tcpbuf_cgroup_open, s->tb, &cg);

	ck_assert_int_eq(code < 0, cg == NULL);
	if (code)
		return code;
	ck_assert_int_eq(tcpbuf_cgroup_get_layout(cg, &layout, sizeof(layout)), 0);
	found_groups(s, layout.valid);
	found(s, "%u %u %u %u", layout.layout, layout.memory, layout.tcp, layout.nosocket);
	tcpbuf_cgroup_close(cg);
	return 0;
}

static int64_t of_pid(struct stage *s)
{
	char path[4096];
	int64_t code = CALLED(s, tcpbuf_cgroup_of_pid, s->cg, 42, path, sizeof(path));

	if (code >= 0)
		found(s, "%s", path);
	return code;
}

static int64_t path_of_id(struct stage *s)
{
	static int64_t last;
	struct stat st;
	char path[4096];
	int64_t code;

	/* What was gone once is kept as such. */
	if (last == -ENOENT)
		ck_assert_int_eq(tcpbuf_cgroup_refresh(s->cg), 0);
	ck_assert_int_eq(stat(FIXTURES "v2/cgroup" SLICE, &st), 0);
	code = CALLED(s, tcpbuf_cgroup_path, s->cg, st.st_ino, path, sizeof(path));
	if (code >= 0)
		found(s, "%s", path);
	return last = code;
}

static int64_t path_after_refresh(struct stage *s)
{
	int64_t code = CALLED(s, tcpbuf_cgroup_refresh, s->cg);

	return code ? code : path_of_id(s);
}

static int64_t read_memory(struct stage *s, const char *path)
{
	struct tcpbuf_cgroup_memory m;
	int64_t code = CALLED(s, tcpbuf_cgroup_read, s->cg, path, 0, &m, sizeof(m));

	if (code)
		return code;
	found_groups(s, m.valid);
	found(s, "%u %u %llu %llu", m.charge, m.levels_up, (unsigned long long)m.tcp_bytes,
		(unsigned long long)m.memory_limit_bytes);
	return 0;
}

static int64_t read_v1(struct stage *s)
{
	return read_memory(s, "/kubepods/burstable");
}

static int64_t read_v2(struct stage *s)
{
	return read_memory(s, SLICE);
}

static int64_t read_limit(struct stage *s, const char *path)
{
	struct tcpbuf_cgroup_limit l;
	int64_t code = CALLED(s, tcpbuf_cgroup_get_limit, s->cg, path, 0, &l, sizeof(l));

	if (code == 0)
		found(s, "%u %u %llu %llu", l.kind, l.levels_up, (unsigned long long)l.limit_bytes,
			(unsigned long long)l.room_bytes);
	return code;
}

static int64_t limit_v1(struct stage *s)
{
	return read_limit(s, "/kubepods/burstable");
}

static int64_t limit_v2(struct stage *s)
{
	return read_limit(s, SLICE);
}

/* Two pods, one of them with one container. */
static void ready_logs(struct stage *s)
{
	static const char *const folders[] = {WORLD_RUN "/log", LOGS, LOGS "/web_front_" UID,
		LOGS "/web_front_" UID "/nginx", WORLD_RUN "/log/containers"};

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		mkdir(folders[i], 0755);
	ck_assert_int_eq(tcpbuf_set_root(s->tb, TCPBUF_ROOT_POD_LOGS, LOGS), 0);
}

/* Where none could be listed the count says why. */
static int64_t open_pods(struct stage *s)
{
	struct tcpbuf_cgroup_pods *pods = (void *)s;
	int64_t count, code = CALLED(s, tcpbuf_cgroup_pods_open, s->tb, &pods);

	ck_assert_int_eq(code < 0, pods == NULL);
	if (code)
		return code;
	count = tcpbuf_cgroup_pods_count(pods);
	s->lacking = count < 0;
	found(s, "%lld", (long long)count);
	tcpbuf_cgroup_pods_close(pods);
	return 0;
}

static void ready_pods(struct stage *s)
{
	ready_logs(s);
	ck_assert_int_eq(tcpbuf_cgroup_pods_open(s->tb, &s->pods), 0);
}

static int64_t find_pod(struct stage *s)
{
	struct tcpbuf_cgroup_pod pod;
	int64_t code = CALLED(s, tcpbuf_cgroup_pods_find, s->pods, UID, ID, &pod, sizeof(pod));

	if (code)
		return code;
	found_groups(s, pod.valid);
	found(s, "%s %s %s", pod.pod_namespace, pod.pod, pod.container);
	return 0;
}

static const struct operation items[] = {
	{"tcpbuf_cgroup_open tcpbuf_cgroup_close", ready_v2, open_tree, " "},
	{"tcpbuf_cgroup_of_pid", ready_v2_open, of_pid, "process 42"},
	{"tcpbuf_cgroup_path", ready_v2_open, path_of_id, "cgroup id "},
	{"tcpbuf_cgroup_refresh", ready_v2_open, path_after_refresh, "cgroup id "},
	{"tcpbuf_cgroup_read", ready_v1_open, read_v1, "/kubepods/burstable"},
	{"tcpbuf_cgroup_read", ready_v2_open, read_v2, SLICE},
	{"tcpbuf_cgroup_get_limit", ready_v1_open, limit_v1, "/kubepods/burstable"},
	{"tcpbuf_cgroup_get_limit", ready_v2_open, limit_v2, SLICE},
	{"tcpbuf_cgroup_pods_open tcpbuf_cgroup_pods_close", ready_logs, open_pods, "log folders"},
	{"tcpbuf_cgroup_pods_find", ready_pods, find_pod, UID},
};
const struct operations cgroup_operations = {items, sizeof(items) / sizeof(items[0])};
