/* SPDX-License-Identifier: MIT */
/* Where a process's cgroup is: a line with the root of the mount, one with the reader's own path, then
 * /proc/PID/mountinfo or /proc/PID/cgroup. */
#include <errno.h>
#include <tcpbuf/k8s.h>

#include "cgroup/cgroup.h"
#include "fuzz.h"
#include "util/mountinfo.h"

/* A path printed as the kernel does, read again. */
static void check_escaped(const char *path)
{
	char printed[4 * TCPBUF__CGROUP_PATH], again[TCPBUF__CGROUP_PATH];
	size_t used = 0;

	for (const char *p = path; *p; p++)
		if (strchr(" \t\n\\", *p))
			used += (size_t)sprintf(printed + used, "\\%03o", (unsigned)*p);
		else
			printed[used++] = *p;
	MUST(tcpbuf__mount_path(tcpbuf__reader_init(printed, used), again, sizeof(again)) == 1);
	MUST(strcmp(path, again) == 0);
}

static void check_mounts(struct tcpbuf__reader text)
{
	static struct tcpbuf__cgroup_mount mount;
	struct tcpbuf__reader line;

	while (tcpbuf__reader_line(&text, &line)) {
		if (!tcpbuf__cgroup_parse_mount(line, &mount))
			continue;
		MUST(mount.root[0] == '/' && mount.point[0] == '/');
		MUST(mount.version == TCPBUF_CGROUP_V1 || (mount.version == TCPBUF_CGROUP_V2 && !mount.memory));
		check_escaped(mount.root);
	}
}

static int is_hex(const char *text)
{
	return strspn(text, "0123456789abcdef") == strlen(text);
}

static void check_pod(const char *path)
{
	struct tcpbuf_k8s_cgroup k;

	MUST(tcpbuf_k8s_parse_cgroup(path, &k, sizeof(k)) == 0);
	MUST(!(k.valid & TCPBUF_K8S_CGROUP_HAS_POD) == !k.pod_uid[0]);
	MUST(strlen(k.pod_uid) == 0 || strlen(k.pod_uid) == 32 || strlen(k.pod_uid) == 36);
	MUST(!(k.valid & TCPBUF_K8S_CGROUP_HAS_CONTAINER) == !k.container_id[0]);
	MUST(is_hex(k.container_id) && strspn(k.pod_uid, "0123456789abcdef-") == strlen(k.pod_uid));
}

static void check_resolved(const char *root, const char *home, struct tcpbuf__reader path)
{
	char out[TCPBUF__CGROUP_PATH];
	int err = tcpbuf__cgroup_path_resolve(root, home, path, out);

	MUST(err == 0 || err == -ENOENT || err == -ENAMETOOLONG);
	if (err)
		return;
	MUST(out[0] == '/' && strlen(out) < sizeof(out));
	/* A name of "." is in no cgroup path that the kernel prints. */
	MUST(tcpbuf__cgroup_path_ok(out) || strstr(out, "/."));
	check_pod(out);
	while (tcpbuf__cgroup_path_up(out))
		MUST(out[0] == '/');
	MUST(strcmp(out, "/") == 0);
}

static void check_processes(const char *root, const char *home, struct tcpbuf__reader text)
{
	static const uint32_t versions[] = {TCPBUF_CGROUP_V1, TCPBUF_CGROUP_V2};

	for (int i = 0; i < 2; i++) {
		struct tcpbuf__reader path;

		if (!tcpbuf__cgroup_parse_proc(text, versions[i], &path))
			continue;
		MUST(path.pos >= text.pos && path.pos < path.end && path.end <= text.end && *path.pos == '/');
		check_resolved(root, home, path);
		check_resolved(root, NULL, path);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tcpbuf__reader text = reader_of(data, size);
	char *root = string_of(line_of(&text)), *home = string_of(line_of(&text)), *rest = string_of(text);

	tcpbuf__cgroup_path_ok(root);
	check_mounts(text);
	check_processes(root, home, text);
	check_pod(root);
	check_pod(rest);
	free(root);
	free(home);
	free(rest);
	return 0;
}
