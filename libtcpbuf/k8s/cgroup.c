/* SPDX-License-Identifier: MIT */
#include "k8s/k8s.h"

#include <errno.h>
#include <string.h>

/* Longer than any path the kernel prints. */
#define PATH_LIMIT 65536

static const struct {
	const char *systemd;  /* between "kubepods-" and "pod" in a slice's name */
	const char *cgroupfs; /* folder between "kubepods" and the pod's */
	uint32_t qos;
} classes[] = {
	{"burstable-", "burstable", TCPBUF_K8S_QOS_BURSTABLE},
	{"besteffort-", "besteffort", TCPBUF_K8S_QOS_BESTEFFORT},
	{"", "kubepods", TCPBUF_K8S_QOS_GUARANTEED},
};

static const struct {
	const char *name;
	uint32_t runtime;
} runtimes[] = {
	{"cri-containerd", TCPBUF_K8S_RUNTIME_CONTAINERD},
	{"nerdctl", TCPBUF_K8S_RUNTIME_CONTAINERD},
	{"crio", TCPBUF_K8S_RUNTIME_CRIO},
	{"docker", TCPBUF_K8S_RUNTIME_DOCKER},
	{"libpod", TCPBUF_K8S_RUNTIME_PODMAN},
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

struct walk {
	struct tcpbuf__span parent;
	struct tcpbuf__span grandparent;
	struct tcpbuf_k8s_cgroup found;
};

int tcpbuf__k8s_uid(struct tcpbuf__span text, char *buf, uint32_t size)
{
	static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
	uint32_t length = tcpbuf__span_length(text);

	if (length == 32)
		return tcpbuf__span_hex(text, "") && tcpbuf__span_copy(text, buf, size);
	if (length != sizeof(form) - 1 || !tcpbuf__span_hex(text, "-_"))
		return 0;
	for (uint32_t i = 0; i < length; i++)
		if ((form[i] == '-') != (text.pos[i] == '-' || text.pos[i] == '_'))
			return 0;
	if (!tcpbuf__span_copy(text, buf, size))
		return 0;
	for (uint32_t i = 0; i < length; i++)
		if (buf[i] == '_')
			buf[i] = '-';
	return 1;
}

static int keep_pod(struct walk *w, struct tcpbuf__span uid, uint32_t qos)
{
	if (!tcpbuf__k8s_uid(uid, w->found.pod_uid, sizeof(w->found.pod_uid)))
		return 0;
	w->found.qos = qos;
	w->found.valid |= TCPBUF_K8S_CGROUP_HAS_POD;
	return 1;
}

/* What follows "kubepods-" at the front of a slice's name, or behind a prefix as "kubelet-". */
static int skip_kubepods(struct tcpbuf__span *name)
{
	while (!tcpbuf__span_skip(name, "kubepods-")) {
		name->pos = tcpbuf__span_find(*name, '-');
		if (name->pos == name->end)
			return 0;
		name->pos++;
	}
	return 1;
}

/* systemd: kubepods-burstable-podUID.slice, and with cgroupfs by mistake
 * kubepods-...slice:cri-containerd:ID. */
static int pod_of_slice(struct walk *w, struct tcpbuf__span name)
{
	name.end = tcpbuf__span_find(name, ':');
	if (!tcpbuf__span_drop(&name, ".slice") || !skip_kubepods(&name))
		return 0;
	for (uint32_t i = 0; i < COUNT(classes); i++) {
		struct tcpbuf__span rest = name;

		if (tcpbuf__span_skip(&rest, classes[i].systemd) && tcpbuf__span_skip(&rest, "pod"))
			return keep_pod(w, rest, classes[i].qos);
	}
	return 0;
}

/* cgroupfs: kubepods/burstable/podUID; guaranteed pods are in kubepods itself. */
static int pod_of_folder(struct walk *w, struct tcpbuf__span name)
{
	if (!tcpbuf__span_skip(&name, "pod"))
		return 0;
	for (uint32_t i = 0; i < COUNT(classes); i++) {
		int guaranteed = classes[i].qos == TCPBUF_K8S_QOS_GUARANTEED;

		if (tcpbuf__span_is(w->parent, classes[i].cgroupfs) &&
			(guaranteed || tcpbuf__span_is(w->grandparent, "kubepods")))
			return keep_pod(w, name, classes[i].qos);
	}
	return 0;
}

static int keep_container(struct walk *w, struct tcpbuf__span id, uint32_t runtime)
{
	if (tcpbuf__span_length(id) != 64 || !tcpbuf__span_hex(id, ""))
		return 0;
	tcpbuf__span_copy(id, w->found.container_id, sizeof(w->found.container_id));
	w->found.runtime = runtime;
	w->found.valid |= TCPBUF_K8S_CGROUP_HAS_CONTAINER;
	w->found.valid &= ~(uint64_t)TCPBUF_K8S_CGROUP_HAS_RUNTIME;
	if (runtime != TCPBUF_K8S_RUNTIME_UNKNOWN)
		w->found.valid |= TCPBUF_K8S_CGROUP_HAS_RUNTIME;
	return 1;
}

/* "ID", or RUNTIME, '-' or ':', ID; the conmon of a container ("crio-conmon-ID") is not the
 * container. */
static int container_of_name(struct walk *w, struct tcpbuf__span name)
{
	int in_docker = tcpbuf__span_is(w->parent, "docker");

	tcpbuf__span_drop(&name, ".scope");
	for (uint32_t i = 0; i < COUNT(runtimes); i++) {
		struct tcpbuf__span rest = name;

		if (tcpbuf__span_skip(&rest, runtimes[i].name) &&
			(tcpbuf__span_skip(&rest, "-") || tcpbuf__span_skip(&rest, ":")))
			return keep_container(w, rest, runtimes[i].runtime);
	}
	return keep_container(
		w, name, in_docker ? TCPBUF_K8S_RUNTIME_DOCKER : TCPBUF_K8S_RUNTIME_UNKNOWN);
}

static int container_of(struct walk *w, struct tcpbuf__span name)
{
	struct tcpbuf__span behind = name;

	if (container_of_name(w, name))
		return 1;
	behind.pos = tcpbuf__span_find(name, ':');
	return tcpbuf__span_skip(&behind, ":") && container_of_name(w, behind);
}

static void step(struct walk *w, struct tcpbuf__span name)
{
	if (w->found.valid & TCPBUF_K8S_CGROUP_HAS_POD) {
		if (!(w->found.valid & TCPBUF_K8S_CGROUP_HAS_CONTAINER))
			container_of(w, name);
	} else if (pod_of_slice(w, name) || pod_of_folder(w, name)) {
		/* What came before is the node, not a container of this pod. */
		w->found.valid = TCPBUF_K8S_CGROUP_HAS_POD;
		w->found.runtime = TCPBUF_K8S_RUNTIME_UNKNOWN;
		memset(w->found.container_id, 0, sizeof(w->found.container_id));
		container_of(w, name);
	} else {
		container_of(w, name);
	}
	w->grandparent = w->parent;
	w->parent = name;
}

int tcpbuf_k8s_parse_cgroup(const char *path, void *out, uint32_t out_size)
{
	struct walk w;
	struct tcpbuf__span left;

	if (!path || !out)
		return -EINVAL;
	memset(&w, 0, sizeof(w));
	left = tcpbuf__span_of(path, PATH_LIMIT);
	tcpbuf__span_drop(&left, "\n");
	tcpbuf__span_drop(&left, " (deleted)");
	while (left.pos < left.end) {
		struct tcpbuf__span name = {left.pos, tcpbuf__span_find(left, '/')};

		if (name.pos < name.end)
			step(&w, name);
		left.pos = name.end < left.end ? name.end + 1 : left.end;
	}
	tcpbuf__copy_out(out, out_size, &w.found, sizeof(w.found));
	return 0;
}
