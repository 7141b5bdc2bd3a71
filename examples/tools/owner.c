/* SPDX-License-Identifier: MIT */
#include "owner.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The inode that a link in fd/ names, or 0: no socket. */
static uint32_t inode_of(DIR *dir, const char *name)
{
	static const char prefix[] = "socket:[";
	size_t length = sizeof(prefix) - 1;
	char link[64] = "";

	if (readlinkat(dirfd(dir), name, link, sizeof(link) - 1) < 0 || strncmp(link, prefix, length) != 0)
		return 0;
	return (uint32_t)strtoul(link + length, NULL, 10);
}

static DIR *open_fds(uint32_t pid)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/%u/fd", pid);
	return opendir(path);
}

static void keep(struct owner_sockets *out, uint32_t inode)
{
	/* Room grows when the count is a power of two. */
	if ((out->count & (out->count - 1)) == 0) {
		out->inodes = realloc(out->inodes, 2 * (out->count + 1) * sizeof(*out->inodes));
		if (!out->inodes)
			abort();
	}
	out->inodes[out->count++] = inode;
}

static int by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

int owner_sockets(uint32_t pid, struct owner_sockets *out)
{
	DIR *dir = open_fds(pid);
	struct dirent *entry;
	uint32_t inode;

	memset(out, 0, sizeof(*out));
	if (!dir)
		return -1;
	while ((entry = readdir(dir)))
		if ((inode = inode_of(dir, entry->d_name)))
			keep(out, inode);
	closedir(dir);
	if (out->count)
		qsort(out->inodes, out->count, sizeof(*out->inodes), by_number);
	return 0;
}

int owner_has(const struct owner_sockets *sockets, uint32_t inode)
{
	return sockets->count &&
		bsearch(&inode, sockets->inodes, sockets->count, sizeof(inode), by_number);
}

static int fd_of(uint32_t pid, uint32_t inode)
{
	DIR *dir = open_fds(pid);
	struct dirent *entry;
	int fd = -1;

	if (!dir)
		return -1;
	while (fd < 0 && (entry = readdir(dir)))
		if (inode_of(dir, entry->d_name) == inode)
			fd = (int)strtoul(entry->d_name, NULL, 10);
	closedir(dir);
	return fd;
}

int owner_find(uint32_t inode, uint32_t *pid, int *fd)
{
	DIR *dir = opendir("/proc");
	struct dirent *entry;

	*fd = -1;
	while (dir && *fd < 0 && (entry = readdir(dir))) {
		*pid = (uint32_t)strtoul(entry->d_name, NULL, 10);
		if (*pid)
			*fd = fd_of(*pid, inode);
	}
	if (dir)
		closedir(dir);
	return *fd < 0 ? -1 : 0;
}
