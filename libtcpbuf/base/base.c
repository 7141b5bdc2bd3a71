/* SPDX-License-Identifier: MIT */
#include "base/base.h"

#include <errno.h>
#include <string.h>
#include <sys/resource.h>

#include "mem/text.h"

static const char *const default_roots[TCPBUF__ROOTS] = {
	[TCPBUF_ROOT_PROC] = "/proc",
	[TCPBUF_ROOT_CGROUP] = "/sys/fs/cgroup",
	[TCPBUF_ROOT_RUN] = "/run",
	[TCPBUF_ROOT_POD_LOGS] = "/var/log/pods",
};

uint32_t tcpbuf_version(void)
{
	return TCPBUF_VERSION_MAJOR << 16 | TCPBUF_VERSION_MINOR << 8 | TCPBUF_VERSION_PATCH;
}

static uint32_t quarter_of_nofile(const struct tcpbuf__sys *sys)
{
	struct rlimit limit;

	if (sys->getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return 256;
	if (limit.rlim_cur / 4 > 1 << 20)
		return 1 << 20;
	return (uint32_t)(limit.rlim_cur / 4);
}

int tcpbuf__new_with(const struct tcpbuf__sys *sys, struct tcpbuf **out)
{
	struct tcpbuf *tb = sys->alloc(sizeof(*tb));

	if (!tb)
		return -ENOMEM;
	tb->sys = sys;
	tb->fd_budget_default = quarter_of_nofile(sys);
	tb->fd_budget = tb->fd_budget_default;
	for (uint32_t i = 0; i < TCPBUF__ROOTS; i++)
		tcpbuf__text_copy(tb->roots[i], TCPBUF__ROOT_SIZE, default_roots[i]);
	*out = tb;
	return 0;
}

int tcpbuf_new(struct tcpbuf **out)
{
	if (!out)
		return -EINVAL;
	*out = NULL;
	return tcpbuf__new_with(&tcpbuf__sys_kernel, out);
}

void tcpbuf_free(struct tcpbuf *tb)
{
	if (tb)
		tb->sys->release(tb);
}

int tcpbuf_set_root(struct tcpbuf *tb, uint32_t which, const char *path)
{
	struct tcpbuf__subject about = {.verb = "set a root directory", .value = path};

	if (!tb)
		return -EINVAL;
	tcpbuf__error_clear(tb);
	if (which >= TCPBUF__ROOTS)
		return tcpbuf__fail(tb, -EINVAL, &about, "no such root");
	if (!path)
		path = default_roots[which];
	if (path[0] != '/')
		return tcpbuf__fail(tb, -EINVAL, &about, "the path is not absolute");
	if (strlen(path) >= TCPBUF__ROOT_SIZE)
		return tcpbuf__fail(tb, -ENAMETOOLONG, &about, "at most 255 bytes");
	return tcpbuf__text_copy(tb->roots[which], TCPBUF__ROOT_SIZE, path);
}

int tcpbuf_set_fd_budget(struct tcpbuf *tb, uint32_t count)
{
	if (!tb)
		return -EINVAL;
	tcpbuf__error_clear(tb);
	tb->fd_budget = count ? count : tb->fd_budget_default;
	return 0;
}

int tcpbuf__fd_hold(struct tcpbuf *tb)
{
	if (tb->fds_held >= tb->fd_budget)
		return 0;
	tb->fds_held++;
	return 1;
}

void tcpbuf__fd_drop(struct tcpbuf *tb)
{
	tb->fds_held--;
}
