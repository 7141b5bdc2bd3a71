/* SPDX-License-Identifier: MIT */
/* Names: a process, the memory cgroup of a socket, the pod of a cgroup. */
#include "census/census.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include <tcpbuf/k8s.h>

#include "cgroup/cgroup.h"
#include "mem/text.h"
#include "util/file.h"

#define START_TIME 22 /* field of PROC/PID/stat */

int tcpbuf__naming_open(struct tcpbuf__naming *n, struct tcpbuf *tb)
{
	struct tcpbuf_cgroup_layout layout;
	int err = tcpbuf_cgroup_open(tb, &n->cg);

	if (!err)
		err = tcpbuf_cgroup_get_layout(n->cg, &layout, sizeof(layout));
	if (!err)
		n->version = layout.memory;
	if (tcpbuf__sys_exhausted(err))
		return err;
	err = tcpbuf_cgroup_pods_open(tb, &n->pods);
	return tcpbuf__sys_exhausted(err) ? err : 0;
}

void tcpbuf__naming_close(struct tcpbuf__naming *n)
{
	tcpbuf_cgroup_close(n->cg);
	tcpbuf_cgroup_pods_close(n->pods);
}

/* The name may hold blanks and parentheses; it ends at the last one. */
int tcpbuf__census_parse_stat(struct tcpbuf__reader text, struct tcpbuf_census_holder *out)
{
	struct tcpbuf__reader word;
	const char *open = NULL, *close = NULL;
	struct tcpbuf__text t = tcpbuf__text_init(out->comm, sizeof(out->comm));

	for (const char *p = text.pos; p < text.end; p++) {
		if (*p == '(' && !open)
			open = p + 1;
		else if (*p == ')')
			close = p;
	}
	if (!open || !close || close < open)
		return -EPROTO;
	tcpbuf__text_bytes(&t, open, (size_t)(close - open));
	text.pos = close + 1;
	for (int field = 3; field < START_TIME; field++)
		tcpbuf__reader_word(&text, &word);
	return tcpbuf__reader_u64(&text, &out->start_time) == 0 ? 0 : -EPROTO;
}

static int read_stat(struct tcpbuf *tb, struct tcpbuf_census_holder *h)
{
	char path[TCPBUF__ROOT_SIZE + 32];
	struct tcpbuf__text t = tcpbuf__text_init(path, sizeof(path));
	struct tcpbuf__file file = {0};
	int err;

	tcpbuf__text_str(&t, tb->roots[TCPBUF_ROOT_PROC]);
	tcpbuf__text_str(&t, "/");
	tcpbuf__text_u64(&t, h->pid);
	tcpbuf__text_str(&t, "/stat");
	err = tcpbuf__file_read(&file, tb->sys, AT_FDCWD, path);
	if (!err)
		err = tcpbuf__census_parse_stat(tcpbuf__reader_init(file.data, file.used), h);
	tcpbuf__file_free(&file, tb->sys);
	return err;
}

/* A path too long for a record stands for its nearest ancestor that fits. */
static void put_cgroup(struct tcpbuf__naming *n, struct tcpbuf_census_holder *h)
{
	while (tcpbuf__text_copy(h->cgroup, sizeof(h->cgroup), n->path) != 0)
		tcpbuf__cgroup_path_up(n->path);
	h->valid |= TCPBUF_CENSUS_HAS_CGROUP;
}

void tcpbuf__name_pod(struct tcpbuf__naming *n, struct tcpbuf_census_holder *h)
{
	struct tcpbuf_cgroup_pod names;
	struct tcpbuf_k8s_cgroup k;

	if (tcpbuf_k8s_parse_cgroup(h->cgroup, &k, sizeof(k)) != 0)
		return;
	if (k.valid & TCPBUF_K8S_CGROUP_HAS_CONTAINER) {
		h->valid |= TCPBUF_CENSUS_HAS_CONTAINER;
		memcpy(h->container, k.container_id, sizeof(h->container));
	}
	if (!(k.valid & TCPBUF_K8S_CGROUP_HAS_POD))
		return;
	h->valid |= TCPBUF_CENSUS_HAS_POD;
	h->pods = 1;
	memcpy(h->pod_uid, k.pod_uid, sizeof(h->pod_uid));
	/* Names are the kubelet's; without its log folders the UID stands for the pod. */
	memcpy(h->pod, k.pod_uid, sizeof(k.pod_uid));
	if (!n->pods || tcpbuf_cgroup_pods_find(n->pods, k.pod_uid, k.container_id, &names, sizeof(names)) != 0)
		return;
	if (names.valid & TCPBUF_CGROUP_POD_HAS_NAME)
		h->valid |= TCPBUF_CENSUS_HAS_POD_NAME;
	memcpy(h->pod_namespace, names.pod_namespace, sizeof(h->pod_namespace));
	memcpy(h->pod, names.pod, sizeof(h->pod));
	if (names.container[0])
		memcpy(h->container, names.container, sizeof(h->container));
}

int tcpbuf__name_only_container(struct tcpbuf__naming *n, struct tcpbuf_census_holder *h)
{
	struct tcpbuf_cgroup_pod names;
	int err;

	if (!n->pods || !(h->valid & TCPBUF_CENSUS_HAS_POD))
		return 0;
	err = tcpbuf_cgroup_pods_find(n->pods, h->pod_uid, NULL, &names, sizeof(names));
	if (err || !(names.valid & TCPBUF_CGROUP_POD_HAS_CONTAINER))
		return err;
	h->valid |= TCPBUF_CENSUS_HAS_CONTAINER;
	memcpy(h->container, names.container, sizeof(h->container));
	return 0;
}

/* A process that has ended meanwhile keeps its number only. */
int tcpbuf__name_process(struct tcpbuf__naming *n, struct tcpbuf *tb, struct tcpbuf_census_holder *h)
{
	int err = read_stat(tb, h);
	int64_t length;

	h->valid |= TCPBUF_CENSUS_HAS_PROCESS;
	if (tcpbuf__sys_exhausted(err) || !n->cg)
		return tcpbuf__sys_exhausted(err) ? err : 0;
	length = tcpbuf_cgroup_of_pid(n->cg, h->pid, n->path, sizeof(n->path));
	if (length <= 0 || (uint64_t)length >= sizeof(n->path))
		return tcpbuf__sys_exhausted((int)length) ? (int)length : 0;
	put_cgroup(n, h);
	h->cgroup_guess = n->version == TCPBUF_CGROUP_V1;
	tcpbuf__name_pod(n, h);
	return 0;
}

/* The memory controller may end above a socket's cgroup: the one above is charged. */
int tcpbuf__name_id(struct tcpbuf__naming *n, struct tcpbuf_census_holder *h)
{
	struct tcpbuf_cgroup_memory m;
	int64_t length = tcpbuf_cgroup_path(n->cg, h->cgroup_id, n->path, sizeof(n->path));
	int err;

	if (length <= 0 || (uint64_t)length >= sizeof(n->path))
		return tcpbuf__sys_exhausted((int)length) ? (int)length : 0;
	if (n->version == TCPBUF_CGROUP_V2) {
		err = tcpbuf_cgroup_read(n->cg, n->path, TCPBUF_CGROUP_MEMORY_TCP, &m, sizeof(m));
		for (uint32_t i = 0; !err && i < m.levels_up; i++)
			tcpbuf__cgroup_path_up(n->path);
		if (tcpbuf__sys_exhausted(err))
			return err;
	}
	put_cgroup(n, h);
	tcpbuf__name_pod(n, h);
	return 0;
}
