/* SPDX-License-Identifier: MIT */
/* A key's file in a namespace: read, write, and why one cannot. */
#include "sysctl/sysctl.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static enum tcpbuf__door door_of(uint32_t key)
{
	return strcmp(tcpbuf_key_dir(key), "core") == 0 ? TCPBUF__DOOR_CORE : TCPBUF__DOOR_IPV4;
}

int tcpbuf__sysctl_begin(struct tcpbuf__sysctl *s, struct tcpbuf_netns *ns, uint32_t key, const char *verb)
{
	if (!ns)
		return -EINVAL;
	tcpbuf__error_clear(ns->tb);
	s->ns = ns;
	s->key = key;
	s->about = (struct tcpbuf__subject){.verb = verb, .key = tcpbuf_key_name(key), .netns = ns->label};
	if (s->about.key[0] != '\0')
		return 0;
	s->about.key = "the key";
	return tcpbuf__fail(ns->tb, -EINVAL, &s->about, "no such number in enum tcpbuf_key");
}

static int take(const struct tcpbuf__sysctl *s)
{
	return tcpbuf__netns_take(s->ns, door_of(s->key), &s->about);
}

/* A missing file: does the machine have the key at all, or only not this namespace? */
static int fail_absent(const struct tcpbuf__sysctl *s)
{
	uint32_t node_wide = 0;
	struct tcpbuf_key_rules rules;

	if (tcpbuf_key_rules_for(6, 1, 0, &rules, sizeof(rules)) == 0)
		node_wide = tcpbuf_key_access(&rules, s->key, TCPBUF_KEY_NETNS_INIT) != TCPBUF_KEY_ACCESS_ABSENT &&
			tcpbuf_key_access(&rules, s->key, TCPBUF_KEY_NETNS_CHILD) == TCPBUF_KEY_ACCESS_ABSENT;
	return tcpbuf__fail(s->ns->tb, -ENOENT, &s->about,
		node_wide ? "the key is node-wide; on this kernel it exists only in the initial namespace"
			  : "this kernel does not have the key");
}

static int fail_file(const struct tcpbuf__sysctl *s, int code)
{
	if (code == -ENOENT)
		return fail_absent(s);
	if (code == -EACCES || code == -EPERM)
		return tcpbuf__fail(s->ns->tb, code, &s->about, "not permitted to this process");
	return tcpbuf__fail(s->ns->tb, code, &s->about, NULL);
}

/* The whole file, however short the reads are. */
static int read_all(const struct tcpbuf__sys *sys, int fd, char *buf, size_t size)
{
	size_t have = 0;

	while (have < size) {
		ssize_t got = sys->read(fd, buf + have, size - have);

		if (got < 0)
			return (int)got;
		if (got == 0)
			break;
		have += (size_t)got;
	}
	return have < size ? (int)have : -EOVERFLOW;
}

int tcpbuf__sysctl_read(const struct tcpbuf__sysctl *s, char *buf, size_t size)
{
	const struct tcpbuf__sys *sys = s->ns->tb->sys;
	int fd, ret, dir = take(s);

	if (dir < 0)
		return dir;
	fd = sys->open(dir, tcpbuf_key_file(s->key), O_RDONLY);
	tcpbuf__netns_give(s->ns, door_of(s->key), dir);
	if (fd < 0)
		return fail_file(s, fd);
	ret = read_all(sys, fd, buf, size);
	sys->close(fd);
	return ret < 0 ? fail_file(s, ret) : ret;
}

int tcpbuf__sysctl_write(const struct tcpbuf__sysctl *s, const char *text)
{
	const struct tcpbuf__sys *sys = s->ns->tb->sys;
	size_t length = strlen(text);
	int fd, dir = take(s);
	ssize_t ret;

	if (dir < 0)
		return dir;
	fd = sys->open(dir, tcpbuf_key_file(s->key), O_WRONLY);
	tcpbuf__netns_give(s->ns, door_of(s->key), dir);
	if (fd < 0)
		return fd;
	/* One call: a second write would start the vector anew. */
	ret = sys->write(fd, text, length);
	sys->close(fd);
	if (ret < 0)
		return (int)ret;
	return (size_t)ret == length ? 0 : -EIO;
}

int tcpbuf__sysctl_writable(const struct tcpbuf__sysctl *s)
{
	const struct tcpbuf__sys *sys = s->ns->tb->sys;
	struct stat st;
	int ret, allowed, dir = take(s);

	if (dir < 0)
		return dir;
	ret = sys->stat(dir, tcpbuf_key_file(s->key), &st, 0);
	allowed = ret ? ret : sys->access(dir, tcpbuf_key_file(s->key), W_OK);
	tcpbuf__netns_give(s->ns, door_of(s->key), dir);
	if (ret)
		return fail_file(s, ret);
	if (!(st.st_mode & 0222))
		return tcpbuf__fail(s->ns->tb, -EROFS, &s->about,
			"the key is read-only in this namespace; it follows the initial namespace");
	if (allowed == -EROFS)
		return tcpbuf__fail(s->ns->tb, -EROFS, &s->about, "/proc/sys is mounted read-only here");
	if (allowed)
		return tcpbuf__fail(s->ns->tb, allowed, &s->about,
			"not permitted: it takes root of the namespace's user namespace");
	return 0;
}
