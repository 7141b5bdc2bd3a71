/* SPDX-License-Identifier: MIT */
#ifndef TCPBUF_K8S_K8S_H
#define TCPBUF_K8S_K8S_H

#include <tcpbuf/k8s.h>

#include "k8s/span.h"
#include "mem/record.h"
#include "mem/text.h"

/* A pod UID with dashes or, as in a slice's name, with underscores; 0 when it is none. */
int tcpbuf__k8s_uid(struct tcpbuf__span text, char *buf, uint32_t size);

/* The kubelet's other name of a log: POD_NAMESPACE_CONTAINER-ID.log in /var/log/containers. */
struct tcpbuf__k8s_link {
	char container_id[72];
	char container_name[64];
};

/* Returns 1, or 0 when it is no such name. */
int tcpbuf__k8s_link(const char *name, struct tcpbuf__k8s_link *out);

#define TCPBUF__K8S_VERSION(major, minor) ((uint32_t)(major) << 16 | (uint32_t)(minor) << 8)

/* A row of the table of sysctls; 0 in a version: always. */
struct tcpbuf__k8s_row {
	const char *key;
	uint32_t scope;      /* on a kernel that is new enough */
	uint32_t safe_since; /* Kubernetes */
	uint32_t exists;     /* kernel that brought the key */
	uint32_t namespaced; /* kernel that made it per namespace; before, it was the node's */
	uint32_t shown;      /* kernel that shows a node's key in other namespaces, read-only */
	uint32_t closed;     /* kernel before which a node's key could be written from any namespace */
};

extern const struct tcpbuf__k8s_row tcpbuf__k8s_rows[];
extern const uint32_t tcpbuf__k8s_row_count;

/* The target with its defaults. Returns 0, -EINVAL, -E2BIG. */
int tcpbuf__k8s_target(struct tcpbuf_k8s_target *out, const struct tcpbuf_k8s_target *in);

/* Classify a dotted or slashed name; target comes from tcpbuf__k8s_target(). Returns 0 or -EINVAL. */
int tcpbuf__k8s_classify(struct tcpbuf__span name, const struct tcpbuf_k8s_target *target,
	struct tcpbuf_k8s_sysctl *out);

#endif
