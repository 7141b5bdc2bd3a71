/* SPDX-License-Identifier: MIT */
#include <tcpbuf/cgroup.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/base.h"
#include "k8s/k8s.h"
#include "mem/text.h"
#include "util/file.h"

/* No node runs as many; a bound on a folder that somebody fills. */
#define PODS_LIMIT 65536

struct pod {
	struct tcpbuf_k8s_pod id;
	int listed; /* its folder was looked into */
	char only_container[64];
};

struct list {
	void *items;
	size_t item_size;
	size_t count;
	size_t room;
};

struct tcpbuf_cgroup_pods {
	struct tcpbuf *tb;
	struct list pods;  /* struct pod */
	struct list links; /* struct tcpbuf__k8s_link */
	int code;	   /* why the folder could not be listed */
	char root[TCPBUF__ROOT_SIZE];
};

static void *list_add(struct list *l, const struct tcpbuf__sys *sys)
{
	if (l->count == l->room) {
		size_t room = l->room ? l->room * 2 : 64;
		void *items = sys->resize(l->items, room * l->item_size);

		if (!items)
			return NULL;
		l->items = items;
		l->room = room;
	}
	return (char *)l->items + l->count++ * l->item_size;
}

static int add_pod(struct tcpbuf_cgroup_pods *pods, const char *name)
{
	struct tcpbuf_k8s_pod id;
	struct pod *pod;

	if (tcpbuf_k8s_parse_log_dir(name, &id, sizeof(id)) != 0)
		return 0;
	pod = list_add(&pods->pods, pods->tb->sys);
	if (!pod)
		return -ENOMEM;
	memset(pod, 0, sizeof(*pod));
	pod->id = id;
	return 0;
}

static int add_link(struct tcpbuf_cgroup_pods *pods, const char *name)
{
	struct tcpbuf__k8s_link link, *kept;

	if (!tcpbuf__k8s_link(name, &link))
		return 0;
	kept = list_add(&pods->links, pods->tb->sys);
	if (!kept)
		return -ENOMEM;
	*kept = link;
	return 0;
}

static int list_folder(struct tcpbuf_cgroup_pods *pods, const char *path, const struct list *l,
	int (*add)(struct tcpbuf_cgroup_pods *, const char *))
{
	struct tcpbuf__folder folder;
	struct tcpbuf__entry e;
	int err = tcpbuf__folder_open(&folder, pods->tb->sys, AT_FDCWD, path);

	if (err)
		return err;
	while (l->count < PODS_LIMIT && (err = tcpbuf__folder_next(&folder, &e)) == 1) {
		err = add(pods, e.name);
		if (err)
			break;
	}
	tcpbuf__folder_close(&folder);
	return err < 0 ? err : 0;
}

/* The folder beside the pods' one. */
static int list_links(struct tcpbuf_cgroup_pods *pods)
{
	char path[TCPBUF__ROOT_SIZE + 16];
	struct tcpbuf__text t = tcpbuf__text_init(path, sizeof(path));
	size_t size = strlen(pods->root);

	while (size && pods->root[size - 1] == '/')
		size--;
	while (size && pods->root[size - 1] != '/')
		size--;
	tcpbuf__text_bytes(&t, pods->root, size);
	tcpbuf__text_str(&t, "containers");
	return list_folder(pods, path, &pods->links, add_link);
}

/* What one may not read, or what is not there, leaves the list empty; want of room does not. */
static int list_all(struct tcpbuf_cgroup_pods *pods)
{
	int err = list_folder(pods, pods->root, &pods->pods, add_pod);

	if (tcpbuf__sys_exhausted(err))
		return err;
	pods->code = err;
	err = list_links(pods);
	return tcpbuf__sys_exhausted(err) ? err : 0;
}

int tcpbuf_cgroup_pods_open(struct tcpbuf *tb, struct tcpbuf_cgroup_pods **out)
{
	struct tcpbuf__subject about = {.verb = "list", .key = "the pods' log folders"};
	struct tcpbuf_cgroup_pods *pods;
	int err;

	if (!tb || !out)
		return -EINVAL;
	*out = NULL;
	tcpbuf__error_clear(tb);
	pods = tb->sys->alloc(sizeof(*pods));
	if (!pods)
		return tcpbuf__fail(tb, -ENOMEM, &about, NULL);
	pods->tb = tb;
	pods->pods.item_size = sizeof(struct pod);
	pods->links.item_size = sizeof(struct tcpbuf__k8s_link);
	tcpbuf__text_copy(pods->root, sizeof(pods->root), tb->roots[TCPBUF_ROOT_POD_LOGS]);
	err = list_all(pods);
	if (err) {
		tcpbuf_cgroup_pods_close(pods);
		return tcpbuf__fail(tb, err, &about, NULL);
	}
	*out = pods;
	return 0;
}

void tcpbuf_cgroup_pods_close(struct tcpbuf_cgroup_pods *pods)
{
	const struct tcpbuf__sys *sys;

	if (!pods)
		return;
	sys = pods->tb->sys;
	sys->release(pods->pods.items);
	sys->release(pods->links.items);
	sys->release(pods);
}

int64_t tcpbuf_cgroup_pods_count(const struct tcpbuf_cgroup_pods *pods)
{
	if (!pods)
		return -EINVAL;
	return pods->code ? pods->code : (int64_t)pods->pods.count;
}

/* Looking at hundreds of pods one by one costs less than sorting them. */
static struct pod *find_pod(const struct tcpbuf_cgroup_pods *pods, const char *uid)
{
	struct pod *pod = pods->pods.items;

	for (size_t i = 0; i < pods->pods.count; i++, pod++)
		if (strcmp(pod->id.pod_uid, uid) == 0)
			return pod;
	return NULL;
}

static const char *find_link(const struct tcpbuf_cgroup_pods *pods, const char *id)
{
	const struct tcpbuf__k8s_link *link = pods->links.items;

	for (size_t i = 0; i < pods->links.count; i++, link++)
		if (strcmp(link->container_id, id) == 0)
			return link->container_name;
	return NULL;
}

static void folder_of(
	const struct tcpbuf_cgroup_pods *pods, const struct pod *pod, char *buf, size_t size)
{
	struct tcpbuf__text t = tcpbuf__text_init(buf, size);

	tcpbuf__text_str(&t, pods->root);
	tcpbuf__text_str(&t, "/");
	tcpbuf__text_str(&t, pod->id.pod_namespace);
	tcpbuf__text_str(&t, "_");
	tcpbuf__text_str(&t, pod->id.pod_name);
	tcpbuf__text_str(&t, "_");
	tcpbuf__text_str(&t, pod->id.pod_uid);
}

/* A container's name is a DNS label. */
static void keep_name(struct pod *pod, const char *name)
{
	struct tcpbuf__span s = tcpbuf__span_of(name, sizeof(pod->only_container));

	if (!tcpbuf__span_word(s, "-") ||
		!tcpbuf__span_copy(s, pod->only_container, sizeof(pod->only_container)))
		pod->only_container[0] = '\0';
}

/* The name of the pod's only container; "" when it has several, or that may not be read. */
static int list_containers(struct tcpbuf_cgroup_pods *pods, struct pod *pod)
{
	char path[TCPBUF__ROOT_SIZE + sizeof(pod->id)];
	struct tcpbuf__folder folder;
	struct tcpbuf__entry e;
	int count = 0, err;

	folder_of(pods, pod, path, sizeof(path));
	err = tcpbuf__folder_open(&folder, pods->tb->sys, AT_FDCWD, path);
	if (err)
		return tcpbuf__sys_exhausted(err) ? err : 0;
	while ((err = tcpbuf__folder_next(&folder, &e)) == 1)
		if (e.type == DT_DIR && count++ == 0)
			keep_name(pod, e.name);
	if (err || count != 1)
		pod->only_container[0] = '\0';
	tcpbuf__folder_close(&folder);
	pod->listed = !err;
	return tcpbuf__sys_exhausted(err) ? err : 0;
}

static void name_pod(const struct pod *pod, const char *uid, struct tcpbuf_cgroup_pod *out)
{
	tcpbuf__text_copy(out->pod, sizeof(out->pod), pod ? pod->id.pod_name : uid);
	if (!pod)
		return;
	tcpbuf__text_copy(out->pod_namespace, sizeof(out->pod_namespace), pod->id.pod_namespace);
	out->valid |= TCPBUF_CGROUP_POD_HAS_NAME;
}

static int name_container(struct tcpbuf_cgroup_pods *pods, struct pod *pod, const char *id,
	struct tcpbuf_cgroup_pod *out)
{
	const char *name = id[0] ? find_link(pods, id) : NULL;
	int err = 0;

	if (!name && pod) {
		if (!pod->listed)
			err = list_containers(pods, pod);
		name = pod->only_container[0] ? pod->only_container : NULL;
	}
	if (name)
		out->valid |= TCPBUF_CGROUP_POD_HAS_CONTAINER;
	tcpbuf__text_copy(out->container, sizeof(out->container), name ? name : id);
	return err;
}

int tcpbuf_cgroup_pods_find(struct tcpbuf_cgroup_pods *pods, const char *pod_uid,
	const char *container_id, void *out, uint32_t out_size)
{
	struct tcpbuf__subject about = {.verb = "find the names of pod", .key = pod_uid};
	struct tcpbuf_cgroup_pod found;
	struct pod *pod;
	int err;

	if (!pods || !pod_uid || !out)
		return -EINVAL;
	tcpbuf__error_clear(pods->tb);
	if (strlen(pod_uid) >= sizeof(pod->id.pod_uid) ||
		(container_id && strlen(container_id) >= sizeof(found.container)))
		return tcpbuf__fail(pods->tb, -EINVAL, &about, "longer than an id can be");
	memset(&found, 0, sizeof(found));
	pod = find_pod(pods, pod_uid);
	name_pod(pod, pod_uid, &found);
	err = name_container(pods, pod, container_id ? container_id : "", &found);
	if (err)
		return tcpbuf__fail(pods->tb, err, &about, NULL);
	tcpbuf__copy_out(out, out_size, &found, sizeof(found));
	return 0;
}
