/* SPDX-License-Identifier: MIT */
/*
 * What Kubernetes makes of names and sysctls: the pod behind a cgroup path or a
 * log folder. Pure: no file is read. Any thread.
 */
#ifndef TCPBUF_K8S_H
#define TCPBUF_K8S_H

#include <tcpbuf/api.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Quality of service class of a pod. */
enum tcpbuf_k8s_qos {
	TCPBUF_K8S_QOS_NONE = 0,
	TCPBUF_K8S_QOS_GUARANTEED = 1,
	TCPBUF_K8S_QOS_BURSTABLE = 2,
	TCPBUF_K8S_QOS_BESTEFFORT = 3
};

/* Who made the container's cgroup, as far as its name tells. */
enum tcpbuf_k8s_runtime {
	TCPBUF_K8S_RUNTIME_UNKNOWN = 0, /* the name is the bare id, as containerd and cri-dockerd do with cgroupfs */
	TCPBUF_K8S_RUNTIME_CONTAINERD = 1,
	TCPBUF_K8S_RUNTIME_CRIO = 2,
	TCPBUF_K8S_RUNTIME_DOCKER = 3,
	TCPBUF_K8S_RUNTIME_PODMAN = 4
};

/* Groups of struct tcpbuf_k8s_cgroup. */
enum tcpbuf_k8s_cgroup_group {
	TCPBUF_K8S_CGROUP_POD = 1,       /* pod_uid, qos */
	TCPBUF_K8S_CGROUP_CONTAINER = 2, /* container_id */
	TCPBUF_K8S_CGROUP_RUNTIME = 4    /* runtime */
};

/*
 * @valid        bits of enum tcpbuf_k8s_cgroup_group.
 * @qos          enum tcpbuf_k8s_qos.
 * @runtime      enum tcpbuf_k8s_runtime.
 * @pod_uid      as the API prints it: 36 characters with dashes, or the 32 hex digits of a static pod.
 * @container_id 64 hex digits.
 */
struct tcpbuf_k8s_cgroup {
	uint64_t valid;
	uint32_t qos;
	uint32_t runtime;
	char pod_uid[40];
	char container_id[72];
};

/*
 * Pod and container that a cgroup path belongs to.
 * @path any path of a cgroup: below a mount, absolute, of cgroup v1 or v2, or a line of /proc/PID/cgroup.
 *       Both cgroup drivers; prefixes before "kubepods" (nested nodes) and cgroups below the
 *       container are stepped over; " (deleted)" behind it is ignored.
 * @out, @out_size receives a struct tcpbuf_k8s_cgroup.
 * The pod is the outermost one, which is the one of this node's kubelet: a container cannot
 * hide in another pod by the names that it gives to its own cgroups. Without a pod, the
 * container is the innermost one.
 * Returns 0, also when there is neither pod nor container (valid is 0); -EINVAL: NULL. Since 0.1.
 */
TCPBUF_API int tcpbuf_k8s_parse_cgroup(const char *path, void *out, uint32_t out_size);

/*
 * @pod_namespace, @pod_name, @pod_uid of a pod; strings, never empty.
 */
struct tcpbuf_k8s_pod {
	char pod_namespace[64];
	char pod_name[256];
	char pod_uid[40];
};

/*
 * Pod of a kubelet log folder's name, "NAMESPACE_POD_UID" (one name, no slash).
 * @out, @out_size receives a struct tcpbuf_k8s_pod.
 * Returns 0; -EINVAL: NULL, or not such a name (then the output is all zero). Since 0.1.
 */
TCPBUF_API int tcpbuf_k8s_parse_log_dir(const char *name, void *out, uint32_t out_size);

#ifdef __cplusplus
}
#endif

#endif
