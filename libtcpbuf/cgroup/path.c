/* SPDX-License-Identifier: MIT */
#include "cgroup/cgroup.h"

#include <errno.h>
#include <string.h>

/* Take the next name of a path. Returns 1, or 0 at the end. */
static int next_name(struct tcpbuf__reader *path, struct tcpbuf__reader *name)
{
	while (path->pos < path->end && *path->pos == '/')
		path->pos++;
	if (path->pos == path->end)
		return 0;
	if (!tcpbuf__reader_until(path, '/', name)) {
		*name = *path;
		path->pos = path->end;
	}
	return 1;
}

static struct tcpbuf__reader whole(const char *str)
{
	return tcpbuf__reader_init(str, strlen(str));
}

int tcpbuf__cgroup_path_ok(const char *path)
{
	struct tcpbuf__reader left = whole(path), name;

	if (path[0] != '/' || strstr(path, "//") || (path[1] && left.end[-1] == '/'))
		return 0;
	while (next_name(&left, &name))
		if (tcpbuf__reader_is(&name, "..") || tcpbuf__reader_is(&name, "."))
			return 0;
	return 1;
}

int tcpbuf__cgroup_path_up(char *path)
{
	char *cut = strrchr(path, '/');

	if (!cut || !path[1])
		return 0;
	cut[cut == path] = '\0';
	return 1;
}

/* Append a name, or go up for "..". The root is "" here. */
static int append(char *out, struct tcpbuf__reader name)
{
	size_t used = strlen(out), size = (size_t)(name.end - name.pos);
	char *cut = strrchr(out, '/');

	if (tcpbuf__reader_is(&name, "..")) {
		if (!cut)
			return -ENOENT;
		*cut = '\0';
		return 0;
	}
	if (used + 1 + size >= TCPBUF__CGROUP_PATH)
		return -ENAMETOOLONG;
	out[used] = '/';
	memcpy(out + used + 1, name.pos, size);
	out[used + 1 + size] = '\0';
	return 0;
}

static int append_all(char *out, struct tcpbuf__reader path)
{
	struct tcpbuf__reader name;
	int err = 0;

	while (!err && next_name(&path, &name))
		err = append(out, name);
	return err;
}

/* Step over the root's names at the path's front; 0 when the path is not below the root. */
static int skip_root(const char *root, struct tcpbuf__reader *path)
{
	struct tcpbuf__reader left = whole(root), want, have;

	while (next_name(&left, &want))
		if (!next_name(path, &have) || have.end - have.pos != want.end - want.pos ||
			memcmp(have.pos, want.pos, (size_t)(have.end - have.pos)) != 0)
			return 0;
	left = *path;
	return !next_name(&left, &have) || !tcpbuf__reader_is(&have, "..");
}

int tcpbuf__cgroup_path_resolve(
	const char *root, const char *home, struct tcpbuf__reader path, char *out)
{
	struct tcpbuf__reader below = path;
	int err;

	out[0] = '\0';
	if (skip_root(root, &below))
		err = append_all(out, below);
	else if (!home)
		err = -ENOENT;
	else if ((err = append_all(out, whole(home))) == 0)
		err = append_all(out, path);
	if (!err && !out[0])
		memcpy(out, "/", 2);
	return err;
}
