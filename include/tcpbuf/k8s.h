/* SPDX-License-Identifier: MIT */
/*
 * What Kubernetes makes of names and sysctls: the pod behind a cgroup path or a
 * log folder, which sysctl a pod may set, and the files that set it.
 * Pure: no file is read. Any thread.
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
	TCPBUF_K8S_CGROUP_HAS_POD = 1,       /* pod_uid, qos */
	TCPBUF_K8S_CGROUP_HAS_CONTAINER = 2, /* container_id */
	TCPBUF_K8S_CGROUP_HAS_RUNTIME = 4    /* runtime */
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
 * Returns 0, also when there is neither pod nor container (valid is 0); -EINVAL: NULL. Since 0.9.
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
 * Returns 0; -EINVAL: NULL, or not such a name (then the output is all zero). Since 0.9.
 */
TCPBUF_API int tcpbuf_k8s_parse_log_dir(const char *name, void *out, uint32_t out_size);

/*
 * A version as Kubernetes and kernels print it: "v1.32.4-eks-1a2b", "6.1.0-13-amd64".
 * Returns major << 16 | minor << 8 | patch (a patch above 255 counts as 255); 0 when
 * there is no version at the front, or a number does not fit. Since 0.9.
 */
TCPBUF_API uint32_t tcpbuf_k8s_parse_version(const char *text);

/* Where a sysctl lives on a given kernel. */
enum tcpbuf_k8s_scope {
	TCPBUF_K8S_SCOPE_UNKNOWN = 0,
	TCPBUF_K8S_SCOPE_NETNS = 1,     /* one value a network namespace */
	TCPBUF_K8S_SCOPE_IPC = 2,       /* one value an IPC namespace */
	TCPBUF_K8S_SCOPE_NODE = 3,      /* one value the node */
	TCPBUF_K8S_SCOPE_READ_ONLY = 4, /* nobody can write it */
	TCPBUF_K8S_SCOPE_ABSENT = 5     /* that kernel does not have it */
};

/* What becomes of a sysctl in a pod's securityContext. */
enum tcpbuf_k8s_verdict {
	TCPBUF_K8S_VERDICT_UNKNOWN = 0,    /* not in the table */
	TCPBUF_K8S_VERDICT_SAFE = 1,       /* every kubelet of that version accepts it */
	TCPBUF_K8S_VERDICT_UNSAFE = 2,     /* works, when the kubelet runs with --allowed-unsafe-sysctls */
	TCPBUF_K8S_VERDICT_NODE = 3,       /* can be set for the node only */
	TCPBUF_K8S_VERDICT_IMPOSSIBLE = 4, /* not in this pod: it shares the host's namespace; or read-only */
	TCPBUF_K8S_VERDICT_ABSENT = 5      /* that kernel does not have it */
};

enum tcpbuf_k8s_target_flag {
	TCPBUF_K8S_HOST_NETWORK = 1, /* the pod has hostNetwork: true */
	TCPBUF_K8S_HOST_IPC = 2      /* the pod has hostIPC: true */
};

/*
 * The place where sysctls are to be set. All zero but size: the newest Kubernetes
 * and kernel known, a pod with namespaces of its own.
 * @size          sizeof(struct tcpbuf_k8s_target).
 * @kubernetes    version, as of tcpbuf_k8s_parse_version().
 * @kernel        version of the mainline release; distributions may have a key earlier.
 * @flags         enum tcpbuf_k8s_target_flag.
 * @name          of the pod or DaemonSet: a DNS name. "" means "tcpbuf".
 * @pod_namespace of the pod or DaemonSet: a DNS label. "": none is written.
 * @image         of its container. "" means a pause image (pod) or busybox (DaemonSet).
 */
struct tcpbuf_k8s_target {
	uint32_t size;
	uint32_t kubernetes;
	uint32_t kernel;
	uint32_t flags;
	char name[64];
	char pod_namespace[64];
	char image[256];
};

/*
 * @verdict      enum tcpbuf_k8s_verdict.
 * @scope        enum tcpbuf_k8s_scope.
 * @safe_since   Kubernetes version whose safe set has the key; 0: none. 1 << 16: all.
 * @kernel_since kernel version since which it is per namespace; 0: all, or none.
 * @key          dotted name.
 * @reason       one sentence, in English.
 */
struct tcpbuf_k8s_sysctl {
	uint32_t verdict;
	uint32_t scope;
	uint32_t safe_since;
	uint32_t kernel_since;
	char key[128];
	char reason[256];
};

/* The keys that the table knows, by index from 0; NULL beyond. Static text. Since 0.9. */
TCPBUF_API const char *tcpbuf_k8s_sysctl_key(uint32_t index);

/*
 * May a pod set this sysctl?
 * @key    "net.ipv4.tcp_rmem" or "net/ipv4/tcp_rmem", at most 127 bytes.
 * @target NULL: all zero. The strings in it are not looked at.
 * @out, @out_size receives a struct tcpbuf_k8s_sysctl.
 * Returns 0, also for an unknown key; -EINVAL: NULL, unknown flag, or no name of a sysctl; -E2BIG: the
 * target is newer than the library. On failure the output is not written. Since 0.9.
 * Source: kubernetes pkg/kubelet/sysctl/safe_sysctls.go and allowlist.go; tables of the kernels 4.19 to 7.3.
 */
TCPBUF_API int tcpbuf_k8s_sysctl_classify(
	const char *key, const struct tcpbuf_k8s_target *target, void *out, uint32_t out_size);

/* Kinds of tcpbuf_k8s_write(). */
enum tcpbuf_k8s_artefact {
	TCPBUF_K8S_ARTEFACT_POD = 1,            /* manifest of a pod with securityContext.sysctls (YAML) */
	TCPBUF_K8S_ARTEFACT_DAEMONSET = 2,      /* manifest that sets the node-level keys on every node (YAML), if any */
	TCPBUF_K8S_ARTEFACT_SYSCTL_NETNS = 3,   /* sysctl.d file: the keys of a namespace */
	TCPBUF_K8S_ARTEFACT_SYSCTL_NODE = 4,    /* sysctl.d file: the node-level keys */
	TCPBUF_K8S_ARTEFACT_DOCKER = 5,         /* options of docker run, one a line, quoted for a shell */
	TCPBUF_K8S_ARTEFACT_COMPOSE = 6,        /* the sysctls part of a compose service (YAML) */
	TCPBUF_K8S_ARTEFACT_KUBELET = 7         /* --allowed-unsafe-sysctls=..., empty when not needed */
};

/*
 * One sysctl to set.
 * @key   dotted name.
 * @value as the kernel prints it or as a person types it: tabs and blanks between words become
 *        one blank. Letters, digits, and . , : + - _ only; not empty.
 */
struct tcpbuf_k8s_setting {
	char key[128];
	char value[128];
};

/*
 * Write a file that sets sysctls. A key that does not belong in that file is named
 * there in a comment, with the reason (not in the kubelet's flag).
 * @artefact  enum tcpbuf_k8s_artefact.
 * @target    NULL: all zero.
 * @settings  array of struct tcpbuf_k8s_setting, each @item_size bytes from the last; @count of them, at
 *            most 256, no key twice.
 * @buf, @buf_size receives text, always terminated when buf_size is not 0; buf may be NULL when it is 0.
 * Returns the length of the whole text, which did not fit when it is not below buf_size;
 * -EINVAL: an argument, key, value or name that the file could not carry (nothing is
 * written); -E2BIG: the target is newer than the library. Since 0.9.
 */
TCPBUF_API int64_t tcpbuf_k8s_write(uint32_t artefact, const struct tcpbuf_k8s_target *target,
	const void *settings, uint32_t item_size, uint32_t count, char *buf, uint64_t buf_size);

#ifdef __cplusplus
}
#endif

#endif
