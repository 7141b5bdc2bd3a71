/* SPDX-License-Identifier: MIT */
#include "k8s/k8s.h"

#include <errno.h>
#include <string.h>

/*
 * Prefixes that the kubelet takes for per-namespace ones, whatever the kernel
 * says: kubernetes component-helpers/node/util/sysctl/namespace.go. It refuses all others in a pod.
 */
static const struct {
	const char *prefix;
	uint32_t scope;
} prefixes[] = {
	{"net.", TCPBUF_K8S_SCOPE_NETNS},
	{"kernel.shm", TCPBUF_K8S_SCOPE_IPC},
	{"kernel.msg", TCPBUF_K8S_SCOPE_IPC},
	{"kernel.sem", TCPBUF_K8S_SCOPE_IPC},
	{"fs.mqueue.", TCPBUF_K8S_SCOPE_IPC},
};

const char *tcpbuf_k8s_sysctl_key(uint32_t index)
{
	return index < tcpbuf__k8s_row_count ? tcpbuf__k8s_rows[index].key : NULL;
}

static const struct tcpbuf__k8s_row *find_row(struct tcpbuf__span name)
{
	for (uint32_t i = 0; i < tcpbuf__k8s_row_count; i++)
		if (tcpbuf__span_is(name, tcpbuf__k8s_rows[i].key))
			return &tcpbuf__k8s_rows[i];
	return NULL;
}

static uint32_t scope_by_prefix(struct tcpbuf__span name)
{
	for (uint32_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		struct tcpbuf__span rest = name;

		if (tcpbuf__span_skip(&rest, prefixes[i].prefix))
			return prefixes[i].scope;
	}
	return TCPBUF_K8S_SCOPE_NODE;
}

static uint32_t scope_of(const struct tcpbuf__k8s_row *row, uint32_t kernel)
{
	if (kernel < row->exists)
		return TCPBUF_K8S_SCOPE_ABSENT;
	return kernel < row->namespaced ? TCPBUF_K8S_SCOPE_NODE : row->scope;
}

static int shares_namespace(uint32_t scope, uint32_t flags)
{
	return (scope == TCPBUF_K8S_SCOPE_NETNS && (flags & TCPBUF_K8S_HOST_NETWORK)) ||
	       (scope == TCPBUF_K8S_SCOPE_IPC && (flags & TCPBUF_K8S_HOST_IPC));
}

static uint32_t verdict_of(
	const struct tcpbuf_k8s_sysctl *s, const struct tcpbuf_k8s_target *target)
{
	switch (s->scope) {
	case TCPBUF_K8S_SCOPE_NETNS:
	case TCPBUF_K8S_SCOPE_IPC:
		if (shares_namespace(s->scope, target->flags))
			return TCPBUF_K8S_VERDICT_IMPOSSIBLE;
		return s->safe_since && target->kubernetes >= s->safe_since
			       ? TCPBUF_K8S_VERDICT_SAFE
			       : TCPBUF_K8S_VERDICT_UNSAFE;
	case TCPBUF_K8S_SCOPE_NODE:
		return TCPBUF_K8S_VERDICT_NODE;
	case TCPBUF_K8S_SCOPE_READ_ONLY:
		return TCPBUF_K8S_VERDICT_IMPOSSIBLE;
	case TCPBUF_K8S_SCOPE_ABSENT:
		return TCPBUF_K8S_VERDICT_ABSENT;
	default:
		return TCPBUF_K8S_VERDICT_UNKNOWN;
	}
}

/* "1.32" of major << 16 | minor << 8. */
static void put_version(struct tcpbuf__text *t, uint32_t version)
{
	tcpbuf__text_u64(t, version >> 16);
	tcpbuf__text_str(t, ".");
	tcpbuf__text_u64(t, version >> 8 & 255);
}

static void safe_reason(struct tcpbuf__text *o, const struct tcpbuf_k8s_sysctl *s)
{
	if (s->safe_since == TCPBUF__K8S_VERSION(1, 0)) {
		tcpbuf__text_str(o, "in every safe set");
	} else {
		tcpbuf__text_str(o, "in the safe set since Kubernetes ");
		put_version(o, s->safe_since);
	}
	if (s->kernel_since) {
		tcpbuf__text_str(o, "; per namespace since kernel ");
		put_version(o, s->kernel_since);
	}
}

static void unsafe_reason(struct tcpbuf__text *o, const struct tcpbuf_k8s_sysctl *s)
{
	tcpbuf__text_str(
		o, "per namespace, but the kubelet must run with --allowed-unsafe-sysctls: ");
	if (s->safe_since) {
		tcpbuf__text_str(o, "in the safe set only since Kubernetes ");
		put_version(o, s->safe_since);
	} else {
		tcpbuf__text_str(o, "not in the safe set");
	}
}

/* The kubelet admits every net.* key; then the container's start fails on the file. */
static void node_reason(struct tcpbuf__text *o, const struct tcpbuf_k8s_sysctl *s,
	const struct tcpbuf__k8s_row *row, uint32_t kernel)
{
	tcpbuf__text_str(o, "one value for the whole node");
	if (s->kernel_since) {
		tcpbuf__text_str(o, " before kernel ");
		put_version(o, s->kernel_since);
	}
	if (!row)
		tcpbuf__text_str(o, ", or at least not known to the kubelet as per namespace, which "
				   "refuses it");
	else if (kernel < row->closed)
		tcpbuf__text_str(o, ", and a pod that writes its own file changes it for all");
	else if (row->shown && kernel >= row->shown)
		tcpbuf__text_str(o, ", read-only in a pod (EACCES), though the kubelet can be told "
				   "to admit it");
	else
		tcpbuf__text_str(o,
			", absent in a pod (ENOENT), though the kubelet can be told to admit it");
}

static void reason_of(
	struct tcpbuf_k8s_sysctl *s, const struct tcpbuf__k8s_row *row, uint32_t kernel)
{
	struct tcpbuf__text o = tcpbuf__text_init(s->reason, sizeof(s->reason));

	switch (s->verdict) {
	case TCPBUF_K8S_VERDICT_SAFE:
		safe_reason(&o, s);
		break;
	case TCPBUF_K8S_VERDICT_UNSAFE:
		unsafe_reason(&o, s);
		break;
	case TCPBUF_K8S_VERDICT_NODE:
		node_reason(&o, s, row, kernel);
		break;
	case TCPBUF_K8S_VERDICT_ABSENT:
		tcpbuf__text_str(&o, "new in kernel ");
		put_version(&o, row->exists);
		break;
	case TCPBUF_K8S_VERDICT_IMPOSSIBLE:
		tcpbuf__text_str(&o, s->scope == TCPBUF_K8S_SCOPE_READ_ONLY ? "read-only everywhere"
				    : s->scope == TCPBUF_K8S_SCOPE_IPC
					    ? "the kubelet refuses IPC sysctls with hostIPC"
					    : "the kubelet refuses net.* sysctls with hostNetwork");
		break;
	default:
		tcpbuf__text_str(
			&o, "not known here; the kubelet would take it for a per-namespace one");
	}
}

static int is_separator(char c)
{
	return c == '.' || c == '/';
}

/* Words of plain bytes with one separator between, so no ".." and no leading slash; at least two
 * words. */
static int valid_name(struct tcpbuf__span name)
{
	if (!tcpbuf__span_word(name, "-_./") || tcpbuf__span_find(name, '.') == name.end)
		return 0;
	if (is_separator(*name.pos) || is_separator(name.end[-1]))
		return 0;
	for (; name.pos + 1 < name.end; name.pos++)
		if (is_separator(name.pos[0]) && is_separator(name.pos[1]))
			return 0;
	return 1;
}

/* sysctl.d(5): when the first separator is a slash, slashes and dots change places. */
static int dotted(struct tcpbuf__span name, char *buf, uint32_t size)
{
	const char *dot = tcpbuf__span_find(name, '.');
	const char *slash = tcpbuf__span_find(name, '/');

	if (!tcpbuf__span_copy(name, buf, size))
		return 0;
	for (; slash < dot && *buf; buf++)
		*buf = (char)(*buf == '/' ? '.' : *buf == '.' ? '/' : *buf);
	return 1;
}

int tcpbuf__k8s_classify(struct tcpbuf__span name, const struct tcpbuf_k8s_target *target,
	struct tcpbuf_k8s_sysctl *out)
{
	const struct tcpbuf__k8s_row *row;

	memset(out, 0, sizeof(*out));
	if (!dotted(name, out->key, sizeof(out->key)))
		return -EINVAL;
	name = tcpbuf__span_of(out->key, sizeof(out->key));
	if (!valid_name(name))
		return -EINVAL;
	row = find_row(name);
	if (row) {
		out->scope = scope_of(row, target->kernel);
		out->safe_since = row->safe_since;
		if (row->scope == TCPBUF_K8S_SCOPE_NETNS)
			out->kernel_since =
				row->namespaced > row->exists ? row->namespaced : row->exists;
		out->verdict = verdict_of(out, target);
	} else {
		uint32_t scope = scope_by_prefix(name);

		if (scope == TCPBUF_K8S_SCOPE_NODE)
			out->scope = scope;
		out->verdict = shares_namespace(scope, target->flags)
				       ? TCPBUF_K8S_VERDICT_IMPOSSIBLE
				       : verdict_of(out, target);
	}
	reason_of(out, row, target->kernel);
	return 0;
}

int tcpbuf__k8s_target(struct tcpbuf_k8s_target *out, const struct tcpbuf_k8s_target *in)
{
	int err = 0;

	memset(out, 0, sizeof(*out));
	if (in)
		err = tcpbuf__copy_in(out, sizeof(*out), in);
	if (err)
		return err;
	if (out->flags & ~(uint32_t)(TCPBUF_K8S_HOST_NETWORK | TCPBUF_K8S_HOST_IPC))
		return -EINVAL;
	if (!out->kubernetes)
		out->kubernetes = UINT32_MAX;
	if (!out->kernel)
		out->kernel = UINT32_MAX;
	return 0;
}

int tcpbuf_k8s_sysctl_classify(
	const char *key, const struct tcpbuf_k8s_target *target, void *out, uint32_t out_size)
{
	struct tcpbuf_k8s_target known;
	struct tcpbuf_k8s_sysctl found;
	int err;

	if (!key || !out)
		return -EINVAL;
	err = tcpbuf__k8s_target(&known, target);
	if (!err)
		err = tcpbuf__k8s_classify(tcpbuf__span_of(key, sizeof(found.key)), &known, &found);
	if (!err)
		tcpbuf__copy_out(out, out_size, &found, sizeof(found));
	return err;
}
