/* SPDX-License-Identifier: MIT */
#include "cgroup/cgroup.h"

#include <errno.h>
#include <string.h>

#include "mem/text.h"

static const char default_root[] = "/sys/fs/cgroup";

/* The rest of a path at or below a folder, or NULL. */
static const char *below(const char *path, const char *folder)
{
	size_t size = strlen(folder);

	while (size && folder[size - 1] == '/')
		size--;
	if (strncmp(path, folder, size) != 0 || (path[size] && path[size] != '/'))
		return NULL;
	return path + size;
}

/* Where the library reads what mountinfo calls point; 0: not below the cgroup root. */
static int place(const char *root, const char *base, const char *point, char *out)
{
	struct tcpbuf__text t = tcpbuf__text_init(out, TCPBUF__CGROUP_POINT);
	const char *rest = below(point, base);

	if (!rest)
		return 0;
	tcpbuf__text_str(&t, root);
	tcpbuf__text_str(&t, rest);
	return !tcpbuf__text_cut(&t);
}

/* Of several mounts of a hierarchy the one nearest to the root; later ones hide earlier ones. */
static void offer(struct tcpbuf__cgroup_view *view, const struct tcpbuf__cgroup_mount *mount,
	const char *point)
{
	if (view->point[0] && strlen(view->point) < strlen(point))
		return;
	tcpbuf__text_copy(view->point, sizeof(view->point), point);
	tcpbuf__text_copy(view->seen, sizeof(view->seen), mount->point);
	tcpbuf__text_copy(view->root, sizeof(view->root), mount->root);
	view->device = mount->device;
}

struct scan {
	struct tcpbuf__cgroup_view v1;
	struct tcpbuf__cgroup_view v2;
	int any_v1;
	struct tcpbuf__cgroup_mount mount;
	char point[TCPBUF__CGROUP_POINT];
};

static void scan_mounts(struct tcpbuf_cgroup *cg, struct scan *scan, const char *base)
{
	struct tcpbuf__reader text = tcpbuf__reader_init(cg->file.data, cg->file.used), line;

	while (tcpbuf__reader_line(&text, &line)) {
		if (!tcpbuf__cgroup_parse_mount(line, &scan->mount) ||
			!place(cg->tb->roots[TCPBUF_ROOT_CGROUP], base, scan->mount.point,
				scan->point))
			continue;
		if (scan->mount.version == TCPBUF_CGROUP_V2)
			offer(&scan->v2, &scan->mount, scan->point);
		else
			scan->any_v1 = 1;
		if (scan->mount.memory)
			offer(&scan->v1, &scan->mount, scan->point);
	}
}

/* A mount of the same hierarchy that begins at our namespace's root: its inode tells where that is.
 */
static void find_own(struct tcpbuf_cgroup *cg, struct tcpbuf__cgroup_view *view,
	struct tcpbuf__cgroup_mount *mount)
{
	struct tcpbuf__reader text = tcpbuf__reader_init(cg->file.data, cg->file.used), line;

	if (!view->point[0] || strncmp(view->root, "/..", 3) != 0)
		return;
	while (tcpbuf__reader_line(&text, &line))
		if (tcpbuf__cgroup_parse_mount(line, mount) && mount->device == view->device &&
			strcmp(mount->root, "/") == 0)
			tcpbuf__text_copy(view->own, sizeof(view->own), mount->point);
}

/* Returns 1, 0, or a negative errno. */
static int v2_has_memory(struct tcpbuf_cgroup *cg, const struct tcpbuf__cgroup_view *v2)
{
	struct tcpbuf__reader text;
	int err;

	if (!v2->point[0])
		return 0;
	cg->memory = *v2;
	err = tcpbuf__cgroup_read_file(cg, "/", "cgroup.controllers", &text);
	return err ? err : tcpbuf__cgroup_parse_has(text, "memory");
}

/* /proc/cgroups knows a controller that is off, or mounted where we do not look. */
static uint32_t owner_by_table(struct tcpbuf_cgroup *cg, int *err)
{
	uint64_t hierarchy, enabled;

	*err = tcpbuf__cgroup_read_proc(cg, "cgroups");
	if (*err || !tcpbuf__cgroup_parse_controllers(
			tcpbuf__reader_init(cg->file.data, cg->file.used), &hierarchy, &enabled) ||
		!enabled)
		return TCPBUF_CGROUP_NONE;
	return hierarchy ? TCPBUF_CGROUP_V1 : TCPBUF_CGROUP_V2;
}

static int find_owner(struct tcpbuf_cgroup *cg, const struct scan *scan)
{
	int has;

	if (scan->v1.point[0]) {
		cg->memory = scan->v1;
		cg->layout.memory = TCPBUF_CGROUP_V1;
		return 0;
	}
	has = v2_has_memory(cg, &scan->v2);
	if (has > 0) {
		cg->layout.memory = TCPBUF_CGROUP_V2;
		return 0;
	}
	cg->memory.point[0] = '\0';
	if (!tcpbuf__sys_exhausted(has))
		cg->layout.memory = owner_by_table(cg, &has);
	return has;
}

static int read_cmdline(struct tcpbuf_cgroup *cg)
{
	struct tcpbuf__reader text;
	int err = tcpbuf__cgroup_read_proc(cg, "cmdline");

	if (err)
		return err;
	text = tcpbuf__reader_init(cg->file.data, cg->file.used);
	cg->layout.nosocket = (uint32_t)tcpbuf__cgroup_parse_cmdline(text, "nosocket");
	cg->layout.nokmem = (uint32_t)tcpbuf__cgroup_parse_cmdline(text, "nokmem");
	cg->layout.valid |= TCPBUF_CGROUP_LAYOUT_HAS_CMDLINE;
	return 0;
}

/* mm/memcontrol.c: nosocket keeps v2 groups from charging; v1's charge begins with the limit's
 * first write. */
static uint32_t node_charge(const struct tcpbuf_cgroup_layout *layout)
{
	if (layout->memory == TCPBUF_CGROUP_V1)
		return TCPBUF_CGROUP_CHARGE_UNSEEN;
	if (layout->memory == TCPBUF_CGROUP_V2 && !(layout->valid & TCPBUF_CGROUP_LAYOUT_HAS_CMDLINE))
		return TCPBUF_CGROUP_CHARGE_UNKNOWN;
	if (layout->memory == TCPBUF_CGROUP_V2 && !layout->nosocket)
		return TCPBUF_CGROUP_CHARGE_YES;
	return TCPBUF_CGROUP_CHARGE_NO;
}

static void fill_layout(struct tcpbuf_cgroup *cg, const struct scan *scan)
{
	struct tcpbuf_cgroup_layout *layout = &cg->layout;
	int v2 = scan->v2.point[0] != '\0';

	layout->layout = scan->any_v1 ? (v2 ? TCPBUF_CGROUP_HYBRID : TCPBUF_CGROUP_V1)
				      : (v2 ? TCPBUF_CGROUP_V2 : TCPBUF_CGROUP_NONE);
	layout->tcp = node_charge(layout);
	tcpbuf__text_copy(layout->memory_mount, sizeof(layout->memory_mount), cg->memory.point);
	tcpbuf__text_copy(layout->unified_mount, sizeof(layout->unified_mount), cg->unified.point);
	if (cg->memory.point[0])
		layout->valid |= TCPBUF_CGROUP_LAYOUT_HAS_MEMORY;
	if (v2)
		layout->valid |= TCPBUF_CGROUP_LAYOUT_HAS_UNIFIED;
}

static int find_mounts(struct tcpbuf_cgroup *cg, struct scan *scan)
{
	int err = tcpbuf__cgroup_read_proc(cg, "self/mountinfo");

	if (err)
		return tcpbuf__cgroup_fail(cg, err, "read", "self/mountinfo", NULL);
	scan_mounts(cg, scan, cg->tb->roots[TCPBUF_ROOT_CGROUP]);
	if (!scan->any_v1 && !scan->v2.point[0])
		scan_mounts(cg, scan, default_root);
	find_own(cg, &scan->v1, &scan->mount);
	find_own(cg, &scan->v2, &scan->mount);
	cg->unified = scan->v2;
	err = find_owner(cg, scan);
	if (!tcpbuf__sys_exhausted(err))
		err = read_cmdline(cg);
	if (tcpbuf__sys_exhausted(err))
		return tcpbuf__cgroup_fail(cg, err, "open", "the cgroups", NULL);
	fill_layout(cg, scan);
	return 0;
}

static int open_all(struct tcpbuf_cgroup *cg)
{
	struct scan *scan = cg->tb->sys->alloc(sizeof(*scan));
	int err;

	if (!scan)
		return tcpbuf__cgroup_fail(cg, -ENOMEM, "open", "the cgroups", NULL);
	err = find_mounts(cg, scan);
	cg->tb->sys->release(scan);
	return err;
}

int tcpbuf_cgroup_open(struct tcpbuf *tb, struct tcpbuf_cgroup **out)
{
	struct tcpbuf__subject about = {.verb = "open", .key = "the cgroups"};
	struct tcpbuf_cgroup *cg;
	int err;

	if (!tb || !out)
		return -EINVAL;
	*out = NULL;
	tcpbuf__error_clear(tb);
	cg = tb->sys->alloc(sizeof(*cg));
	if (!cg)
		return tcpbuf__fail(tb, -ENOMEM, &about, NULL);
	cg->tb = tb;
	tcpbuf__text_copy(cg->proc, sizeof(cg->proc), tb->roots[TCPBUF_ROOT_PROC]);
	err = open_all(cg);
	if (err)
		tcpbuf_cgroup_close(cg);
	else
		*out = cg;
	return err;
}

void tcpbuf_cgroup_close(struct tcpbuf_cgroup *cg)
{
	const struct tcpbuf__sys *sys;

	if (!cg)
		return;
	sys = cg->tb->sys;
	tcpbuf__cgroup_ids_free(cg);
	tcpbuf__file_free(&cg->file, sys);
	sys->release(cg);
}

int tcpbuf_cgroup_get_layout(struct tcpbuf_cgroup *cg, void *out, uint32_t out_size)
{
	if (!cg || !out)
		return -EINVAL;
	tcpbuf__error_clear(cg->tb);
	tcpbuf__copy_out(out, out_size, &cg->layout, sizeof(cg->layout));
	return 0;
}
