/* SPDX-License-Identifier: MIT */
#include "groups.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check_main.h"
#include <tcpbuf/base.h>

static void full_path(const struct groups *g, char *out, size_t size, const char *path, const char *file)
{
	snprintf(out, size, "%s%s/%s", g->layout.memory_mount, path[1] ? path : "", file);
}

int groups_can(struct groups *g)
{
	struct tcpbuf *tb;
	struct tcpbuf_cgroup *cg;
	int found = 0;

	if (geteuid() != 0 || tcpbuf_new(&tb) != 0)
		return 0;
	strcpy(g->own, "/");
	if (tcpbuf_cgroup_open(tb, &cg) == 0) {
		tcpbuf_cgroup_get_layout(cg, &g->layout, sizeof(g->layout));
		/* On v2 a cgroup with processes gives its children no controllers: stay below the root. */
		if (g->layout.memory == TCPBUF_CGROUP_V1)
			tcpbuf_cgroup_of_pid(cg, (uint32_t)getpid(), g->own, sizeof(g->own));
		found = (g->layout.valid & TCPBUF_CGROUP_LAYOUT_HAS_MEMORY) && access(g->layout.memory_mount, W_OK) == 0;
		tcpbuf_cgroup_close(cg);
	}
	tcpbuf_free(tb);
	return found;
}

int group_put(const struct groups *g, const char *path, const char *file, const char *text)
{
	char name[8192];
	int fd, err = 0;

	full_path(g, name, sizeof(name), path, file);
	fd = open(name, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) < 0)
		err = -errno;
	close(fd);
	return err;
}

void group_make(const struct groups *g, const char *path)
{
	char name[8192];

	full_path(g, name, sizeof(name), path, "");
	ck_assert_msg(mkdir(name, 0755) == 0 || errno == EEXIST, "%s: %s", name, strerror(errno));
}

/* A cgroup just left by a process may be busy for a moment. */
void group_drop(const struct groups *g, const char *path)
{
	char name[8192];
	int tries = 0;

	full_path(g, name, sizeof(name), path, "");
	while (rmdir(name) != 0 && errno == EBUSY && tries++ < 500)
		poll(NULL, 0, 10);
}

void group_charge(const struct groups *g, const char *path)
{
	if (g->layout.memory == TCPBUF_CGROUP_V1)
		ck_assert_int_eq(group_put(g, path, "memory.kmem.tcp.limit_in_bytes", "-1"), 0);
}

void groups_start(struct groups *g)
{
	snprintf(g->parent, sizeof(g->parent), "%s/tcpbuf-test-%d", g->own[1] ? g->own : "", (int)getpid());
	if (g->layout.memory == TCPBUF_CGROUP_V2)
		ck_assert_int_eq(group_put(g, "/", "cgroup.subtree_control", "+memory"), 0);
	group_make(g, g->parent);
	if (g->layout.memory == TCPBUF_CGROUP_V2)
		ck_assert_int_eq(group_put(g, g->parent, "cgroup.subtree_control", "+memory"), 0);
	else
		ck_assert_int_eq(group_put(g, g->parent, "memory.use_hierarchy", "1"), 0);
}

void groups_stop(struct groups *g)
{
	group_drop(g, g->parent);
}
