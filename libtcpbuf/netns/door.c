/* SPDX-License-Identifier: MIT */
/* Descriptors opened inside a namespace; they stay bound to it wherever they are used. */
#include "netns/netns.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>

#include "mem/text.h"

#ifndef SO_NETNS_COOKIE
#define SO_NETNS_COOKIE 71
#endif

/*
 * One level below sys/net: a handle on sys/net itself follows whoever uses it,
 * because net_ctl_header_lookup() resolves the namespace there.
 */
static const char *const door_dirs[] = {
	[TCPBUF__DOOR_CORE] = "/sys/net/core",
	[TCPBUF__DOOR_IPV4] = "/sys/net/ipv4",
};

static int open_dir(struct tcpbuf_netns *ns, const char *below)
{
	char path[TCPBUF__ROOT_SIZE + 16];
	struct tcpbuf__text t = tcpbuf__text_init(path, sizeof(path));

	tcpbuf__text_str(&t, ns->proc_root);
	tcpbuf__text_str(&t, below);
	return ns->tb->sys->open(AT_FDCWD, path, O_PATH | O_DIRECTORY);
}

static int open_diag(struct tcpbuf_netns *ns)
{
	const struct tcpbuf__sys *sys = ns->tb->sys;
	int on = 1, fd = sys->socket(AF_NETLINK, SOCK_RAW, NETLINK_SOCK_DIAG);

	/* Only for the kernel's own words in errors; kernels before 4.12 have none. */
	if (fd >= 0)
		sys->setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
	return fd;
}

static int open_door(struct tcpbuf_netns *ns, void *arg)
{
	const enum tcpbuf__door *door = arg;

	return *door == TCPBUF__DOOR_DIAG ? open_diag(ns) : open_dir(ns, door_dirs[*door]);
}

static int fail_take(struct tcpbuf_netns *ns, int code, const struct tcpbuf__subject *about)
{
	return tcpbuf__fail(ns->tb, code, about,
		code == -EPERM ? "entering the namespace needs CAP_SYS_ADMIN in its user namespace and in one's own"
			       : NULL);
}

int tcpbuf__netns_take(struct tcpbuf_netns *ns, enum tcpbuf__door door, const struct tcpbuf__subject *about)
{
	int fd = ns->kept[door];

	if (fd >= 0) {
		ns->kept[door] = -1;
		tcpbuf__fd_drop(ns->tb);
		return fd;
	}
	fd = tcpbuf__netns_visit(ns, open_door, &door);
	return fd < 0 ? fail_take(ns, fd, about) : fd;
}

void tcpbuf__netns_give(struct tcpbuf_netns *ns, enum tcpbuf__door door, int fd)
{
	if (ns->kept[door] < 0 && tcpbuf__fd_hold(ns->tb))
		ns->kept[door] = fd;
	else
		ns->tb->sys->close(fd);
}

int tcpbuf_netns_cookie(struct tcpbuf_netns *ns, uint64_t *out)
{
	struct tcpbuf__subject about = {.verb = "read the cookie of"};
	uint64_t cookie = 0;
	socklen_t size = sizeof(cookie);
	int fd, err;

	if (!ns || !out)
		return -EINVAL;
	tcpbuf__error_clear(ns->tb);
	about.netns = ns->label;
	fd = tcpbuf__netns_take(ns, TCPBUF__DOOR_DIAG, &about);
	if (fd < 0)
		return fd;
	err = ns->tb->sys->getsockopt(fd, SOL_SOCKET, SO_NETNS_COOKIE, &cookie, &size);
	tcpbuf__netns_give(ns, TCPBUF__DOOR_DIAG, fd);
	if (err == -ENOPROTOOPT)
		return tcpbuf__fail(ns->tb, -EOPNOTSUPP, &about, "kernels before 5.14 have none");
	if (err < 0)
		return tcpbuf__fail(ns->tb, err, &about, NULL);
	*out = cookie;
	return 0;
}
