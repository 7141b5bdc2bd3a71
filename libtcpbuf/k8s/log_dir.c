/* SPDX-License-Identifier: MIT */
#include "k8s/k8s.h"

#include <errno.h>
#include <string.h>

/* A file's name is at most 255 bytes. */
#define NAME_LIMIT 256

/* Namespace and pod are DNS names: no underscore, so the first and the second one are the borders.
 */
static int parse(struct tcpbuf__span name, struct tcpbuf_k8s_pod *pod)
{
	struct tcpbuf__span space = {name.pos, tcpbuf__span_find(name, '_')};
	struct tcpbuf__span left = {space.end, name.end};

	if (!tcpbuf__span_skip(&left, "_"))
		return -EINVAL;
	name.pos = left.pos;
	name.end = tcpbuf__span_find(left, '_');
	left.pos = name.end;
	if (!tcpbuf__span_skip(&left, "_") || !tcpbuf__span_hex(left, "-"))
		return -EINVAL;
	if (!tcpbuf__span_word(space, "-") || !tcpbuf__span_word(name, "-."))
		return -EINVAL;
	if (!tcpbuf__span_copy(space, pod->pod_namespace, sizeof(pod->pod_namespace)) ||
		!tcpbuf__span_copy(name, pod->pod_name, sizeof(pod->pod_name)) ||
		!tcpbuf__k8s_uid(left, pod->pod_uid, sizeof(pod->pod_uid)))
		return -EINVAL;
	return 0;
}

int tcpbuf_k8s_parse_log_dir(const char *name, void *out, uint32_t out_size)
{
	struct tcpbuf_k8s_pod pod;
	int err;

	if (!name || !out)
		return -EINVAL;
	memset(&pod, 0, sizeof(pod));
	err = parse(tcpbuf__span_of(name, NAME_LIMIT), &pod);
	if (err)
		memset(&pod, 0, sizeof(pod));
	tcpbuf__copy_out(out, out_size, &pod, sizeof(pod));
	return err;
}

/* Container names are DNS labels; their dashes are told from the id's by the id's length. */
int tcpbuf__k8s_link(const char *name, struct tcpbuf__k8s_link *out)
{
	struct tcpbuf__span left = tcpbuf__span_of(name, NAME_LIMIT), id;

	for (int i = 0; i < 2; i++) {
		struct tcpbuf__span part = {left.pos, tcpbuf__span_find(left, '_')};

		left.pos = part.end;
		if (!tcpbuf__span_word(part, "-.") || !tcpbuf__span_skip(&left, "_"))
			return 0;
	}
	if (!tcpbuf__span_drop(&left, ".log") || tcpbuf__span_length(left) < 66)
		return 0;
	id.end = left.end;
	id.pos = left.end - 64;
	left.end = id.pos;
	return tcpbuf__span_drop(&left, "-") && tcpbuf__span_word(left, "-") &&
	       tcpbuf__span_hex(id, "") &&
	       tcpbuf__span_copy(left, out->container_name, sizeof(out->container_name)) &&
	       tcpbuf__span_copy(id, out->container_id, sizeof(out->container_id));
}
