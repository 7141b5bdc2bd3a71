/* SPDX-License-Identifier: MIT */
#include "k8s/k8s.h"

#include <errno.h>
#include <string.h>

/* A file lists each key once; looking for doubles is quadratic. */
#define SETTINGS_LIMIT 256

static const char pod_image[] = "registry.k8s.io/pause:3.10";
static const char node_image[] = "docker.io/library/busybox:1.37";

struct job {
	struct tcpbuf__text out;
	struct tcpbuf_k8s_target target;
	const char *items;
	uint32_t item_size;
	uint32_t count;
};

struct item {
	struct tcpbuf_k8s_setting setting;
	struct tcpbuf_k8s_sysctl about;
};

/* Blanks to one blank; only bytes that need no quoting in YAML, sysctl.d and between quotes of a
 * shell. */
static int clean_value(struct tcpbuf__span in, char *out, uint32_t size)
{
	uint32_t used = 0;

	for (; in.pos < in.end; in.pos++) {
		char c = (char)(*in.pos == '\t' ? ' ' : *in.pos);
		struct tcpbuf__span one = {in.pos, in.pos + 1};
		int blank = c == ' ';

		if (!blank && !(c >= 'A' && c <= 'Z') && !tcpbuf__span_word(one, ".,:+-_"))
			return 0;
		if (blank && (!used || out[used - 1] == ' '))
			continue;
		if (used + 1 >= size)
			return 0;
		out[used++] = c;
	}
	while (used && out[used - 1] == ' ')
		used--;
	out[used] = '\0';
	return used > 0;
}

/* The n-th setting, cleaned and classified. Returns 0 or -EINVAL. */
static int get(const struct job *job, uint32_t index, struct item *item)
{
	struct tcpbuf_k8s_setting raw;
	struct tcpbuf__span value;

	memcpy(&raw, job->items + (uint64_t)index * job->item_size, sizeof(raw));
	value = tcpbuf__span_of(raw.value, sizeof(raw.value));
	if (!clean_value(value, item->setting.value, sizeof(item->setting.value)))
		return -EINVAL;
	return tcpbuf__k8s_classify(
		tcpbuf__span_of(raw.key, sizeof(raw.key)), &job->target, &item->about);
}

static int check_items(const struct job *job)
{
	struct item item, earlier;

	for (uint32_t i = 0; i < job->count; i++) {
		if (get(job, i, &item) < 0)
			return -EINVAL;
		for (uint32_t k = 0; k < i; k++)
			if (get(job, k, &earlier) < 0 || memcmp(item.about.key, earlier.about.key,
								 sizeof(item.about.key)) == 0)
				return -EINVAL;
	}
	return 0;
}

static int is_dns_name(const char *name, uint32_t limit, const char *also)
{
	struct tcpbuf__span s = tcpbuf__span_of(name, limit);

	if (s.pos == s.end)
		return 1;
	return tcpbuf__span_length(s) < limit && tcpbuf__span_word(s, also) && *s.pos != '-' &&
	       *s.pos != '.' && s.end[-1] != '-' && s.end[-1] != '.';
}

static int is_image(const char *name, uint32_t limit)
{
	struct tcpbuf__span s = tcpbuf__span_of(name, limit);

	if (tcpbuf__span_length(s) >= limit)
		return 0;
	for (; s.pos < s.end; s.pos++) {
		struct tcpbuf__span one = {s.pos, s.pos + 1};

		if (!(*s.pos >= 'A' && *s.pos <= 'Z') && !tcpbuf__span_word(one, "./:@_-"))
			return 0;
	}
	return 1;
}

static int check_names(const struct tcpbuf_k8s_target *t)
{
	if (!is_dns_name(t->name, sizeof(t->name), "-.") || !is_image(t->image, sizeof(t->image)) ||
		!is_dns_name(t->pod_namespace, sizeof(t->pod_namespace), "-"))
		return -EINVAL;
	return 0;
}

static void put3(struct job *job, const char *a, const char *b, const char *c)
{
	tcpbuf__text_str(&job->out, a);
	tcpbuf__text_str(&job->out, b);
	tcpbuf__text_str(&job->out, c);
}

static int for_pod(const struct item *item)
{
	return item->about.verdict == TCPBUF_K8S_VERDICT_SAFE ||
	       item->about.verdict == TCPBUF_K8S_VERDICT_UNSAFE;
}

static int for_namespace(const struct item *item)
{
	return item->about.scope == TCPBUF_K8S_SCOPE_NETNS ||
	       item->about.scope == TCPBUF_K8S_SCOPE_IPC;
}

static int for_node(const struct item *item)
{
	return item->about.scope == TCPBUF_K8S_SCOPE_NODE;
}

static int for_flag(const struct item *item)
{
	return item->about.verdict == TCPBUF_K8S_VERDICT_UNSAFE;
}

static void put_pod_item(struct job *job, const struct item *item)
{
	if (item->about.verdict == TCPBUF_K8S_VERDICT_UNSAFE)
		put3(job, "    # unsafe: ", item->about.reason, "\n");
	put3(job, "    - name: ", item->about.key, "\n");
	put3(job, "      value: \"", item->setting.value, "\"\n");
}

static void put_sysctl_item(struct job *job, const struct item *item)
{
	put3(job, item->about.key, " = ", item->setting.value);
	tcpbuf__text_str(&job->out, "\n");
}

static void put_docker_item(struct job *job, const struct item *item)
{
	put3(job, "--sysctl '", item->about.key, "=");
	put3(job, item->setting.value, "'", "\n");
}

static void put_compose_item(struct job *job, const struct item *item)
{
	put3(job, "  ", item->about.key, ": \"");
	put3(job, item->setting.value, "\"", "\n");
}

static void put_flag_item(struct job *job, const struct item *item)
{
	put3(job, job->out.used ? "," : "--allowed-unsafe-sysctls=", item->about.key, "");
}

static void put_node_item(struct job *job, const struct item *item)
{
	put3(job, "        - \"", item->about.key, "=");
	put3(job, item->setting.value, "\"", "\n");
}

static void put_nothing(struct job *job, const struct item *item)
{
	(void)job;
	(void)item;
}

/* Items that belong here. Returns how many. */
static uint32_t put_items(struct job *job, int (*belongs)(const struct item *),
	void (*put)(struct job *, const struct item *))
{
	struct item item;
	uint32_t found = 0;

	for (uint32_t i = 0; i < job->count; i++) {
		if (get(job, i, &item) < 0 || !belongs(&item))
			continue;
		put(job, &item);
		found++;
	}
	return found;
}

/* Why the others are missing. */
static void put_left_out(struct job *job, int (*belongs)(const struct item *))
{
	struct item item;

	for (uint32_t i = 0; i < job->count; i++) {
		if (get(job, i, &item) < 0 || belongs(&item))
			continue;
		put3(job, "# left out: ", item.about.key, ": ");
		put3(job, item.about.reason, "\n", "");
	}
}

static void put_head(struct job *job, const char *kind)
{
	const struct tcpbuf_k8s_target *t = &job->target;

	put3(job, kind, "metadata:\n  name: \"", t->name[0] ? t->name : "tcpbuf");
	tcpbuf__text_str(&job->out, "\"\n");
	if (t->pod_namespace[0])
		put3(job, "  namespace: \"", t->pod_namespace, "\"\n");
}

static void write_pod(struct job *job)
{
	const struct tcpbuf_k8s_target *t = &job->target;

	put_left_out(job, for_pod);
	put_head(job, "apiVersion: v1\nkind: Pod\n");
	tcpbuf__text_str(&job->out, "spec:\n");
	if (t->flags & TCPBUF_K8S_HOST_NETWORK)
		tcpbuf__text_str(&job->out, "  hostNetwork: true\n");
	if (t->flags & TCPBUF_K8S_HOST_IPC)
		tcpbuf__text_str(&job->out, "  hostIPC: true\n");
	tcpbuf__text_str(&job->out, "  securityContext:\n    sysctls:\n");
	if (!put_items(job, for_pod, put_pod_item))
		tcpbuf__text_str(&job->out, "      []\n");
	put3(job, "  containers:\n  - name: app\n    image: \"", t->image[0] ? t->image : pod_image,
		"\"\n");
}

/* hostNetwork: the node's keys can be written from its own network namespace only. Nothing to set,
 * no manifest. */
static void write_daemonset(struct job *job)
{
	const struct tcpbuf_k8s_target *t = &job->target;
	const char *name = t->name[0] ? t->name : "tcpbuf";

	put_left_out(job, for_node);
	if (!put_items(job, for_node, put_nothing))
		return;
	put_head(job, "apiVersion: apps/v1\nkind: DaemonSet\n");
	put3(job, "spec:\n  selector:\n    matchLabels:\n      app: \"", name, "\"\n");
	put3(job, "  template:\n    metadata:\n      labels:\n        app: \"", name, "\"\n");
	tcpbuf__text_str(&job->out, "    spec:\n      hostNetwork: true\n      initContainers:\n"
				   "      - name: sysctl\n");
	put3(job, "        image: \"", t->image[0] ? t->image : node_image, "\"\n");
	tcpbuf__text_str(&job->out, "        securityContext:\n          privileged: true\n"
				   "        command:\n        - sysctl\n        - \"-w\"\n");
	put_items(job, for_node, put_node_item);
	put3(job, "      containers:\n      - name: pause\n        image: \"", pod_image, "\"\n");
}

static void write_sysctl_netns(struct job *job)
{
	put_left_out(job, for_namespace);
	put_items(job, for_namespace, put_sysctl_item);
}

static void write_sysctl_node(struct job *job)
{
	put_left_out(job, for_node);
	put_items(job, for_node, put_sysctl_item);
}

static void write_docker(struct job *job)
{
	put_left_out(job, for_pod);
	put_items(job, for_pod, put_docker_item);
}

static void write_compose(struct job *job)
{
	put_left_out(job, for_pod);
	tcpbuf__text_str(&job->out, "sysctls:\n");
	if (!put_items(job, for_pod, put_compose_item))
		tcpbuf__text_str(&job->out, "  {}\n");
}

static void write_kubelet(struct job *job)
{
	if (put_items(job, for_flag, put_flag_item))
		tcpbuf__text_str(&job->out, "\n");
}

static void (*const writers[])(struct job *) = {
	[TCPBUF_K8S_ARTEFACT_POD] = write_pod,
	[TCPBUF_K8S_ARTEFACT_DAEMONSET] = write_daemonset,
	[TCPBUF_K8S_ARTEFACT_SYSCTL_NETNS] = write_sysctl_netns,
	[TCPBUF_K8S_ARTEFACT_SYSCTL_NODE] = write_sysctl_node,
	[TCPBUF_K8S_ARTEFACT_DOCKER] = write_docker,
	[TCPBUF_K8S_ARTEFACT_COMPOSE] = write_compose,
	[TCPBUF_K8S_ARTEFACT_KUBELET] = write_kubelet,
};

int64_t tcpbuf_k8s_write(uint32_t artefact, const struct tcpbuf_k8s_target *target,
	const void *settings, uint32_t item_size, uint32_t count, char *buf, uint64_t buf_size)
{
	struct job job = {.items = settings, .item_size = item_size, .count = count};
	int err;

	if (artefact >= sizeof(writers) / sizeof(writers[0]) || !writers[artefact])
		return -EINVAL;
	if ((count && !settings) || (buf_size && !buf) || count > SETTINGS_LIMIT ||
		item_size < sizeof(struct tcpbuf_k8s_setting))
		return -EINVAL;
	err = tcpbuf__k8s_target(&job.target, target);
	if (!err)
		err = check_names(&job.target);
	if (!err)
		err = check_items(&job);
	if (err)
		return err;
	job.out = tcpbuf__text_init(buf, (size_t)buf_size);
	writers[artefact](&job);
	return (int64_t)job.out.used;
}
