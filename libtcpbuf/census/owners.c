/* SPDX-License-Identifier: MIT */
/* Which process has a socket: a map from inodes, filled from every PROC/PID/fd. */
#include "census/census.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "mem/text.h"
#include "util/file.h"

static uint32_t find_slot(const struct tcpbuf__owners *o, uint32_t inode)
{
	uint32_t at = inode * 2654435761u & (o->slot_count - 1);

	while (o->slots[at].inode && o->slots[at].inode != inode)
		at = (at + 1) & (o->slot_count - 1);
	return at;
}

static int more_slots(struct tcpbuf__owners *o, const struct tcpbuf__sys *sys)
{
	struct tcpbuf__owners bigger = *o;

	bigger.slot_count = o->slot_count ? o->slot_count * 2 : 1024;
	if (!bigger.slot_count)
		return -ENOMEM;
	bigger.slots = sys->alloc(bigger.slot_count * sizeof(*bigger.slots));
	if (!bigger.slots)
		return -ENOMEM;
	for (uint32_t i = 0; i < o->slot_count; i++)
		if (o->slots[i].inode)
			bigger.slots[find_slot(&bigger, o->slots[i].inode)] = o->slots[i];
	sys->release(o->slots);
	*o = bigger;
	return 0;
}

int tcpbuf__owners_add(struct tcpbuf__owners *o, const struct tcpbuf__sys *sys, uint32_t inode, uint32_t pid)
{
	uint32_t at, have;

	if (!inode)
		return 0;
	if (o->used * 2 >= o->slot_count && more_slots(o, sys) != 0)
		return -ENOMEM;
	at = find_slot(o, inode);
	have = o->slots[at].pid & ~TCPBUF__OWNER_SHARED;
	if (!o->slots[at].inode) {
		o->slots[at].inode = inode;
		o->slots[at].pid = pid;
		o->used++;
	} else if (have != pid) {
		o->slots[at].pid = (have < pid ? have : pid) | TCPBUF__OWNER_SHARED;
	}
	return 0;
}

uint32_t tcpbuf__owners_find(const struct tcpbuf__owners *o, uint32_t inode)
{
	return o->slot_count && inode ? o->slots[find_slot(o, inode)].pid : 0;
}

void tcpbuf__owners_free(struct tcpbuf__owners *o, const struct tcpbuf__sys *sys)
{
	sys->release(o->slots);
	memset(o, 0, sizeof(*o));
}

/* "socket:[123]": the number; 0: something else. */
static uint32_t socket_inode(const char *link, size_t size)
{
	struct tcpbuf__reader r = tcpbuf__reader_init(link, size), name, number;
	uint64_t inode;

	if (!tcpbuf__reader_until(&r, '[', &name) || !tcpbuf__reader_is(&name, "socket:") ||
		!tcpbuf__reader_until(&r, ']', &number) || tcpbuf__reader_u64(&number, &inode) != 0)
		return 0;
	return inode > UINT32_MAX ? 0 : (uint32_t)inode;
}

static int add_fds(struct tcpbuf__owners *o, const struct tcpbuf__sys *sys, struct tcpbuf__folder *fds, uint32_t pid)
{
	struct tcpbuf__entry entry;
	char link[64];
	ssize_t size;
	int more;

	while ((more = tcpbuf__folder_next(fds, &entry)) == 1) {
		size = sys->readlink(fds->fd, entry.name, link, sizeof(link));
		if (size > 0)
			more = tcpbuf__owners_add(o, sys, socket_inode(link, (size_t)size), pid);
		if (more < 0)
			break;
	}
	return more;
}

/* A process that has ended meanwhile has no sockets. */
static int add_process(struct tcpbuf__owners *o, struct tcpbuf *tb, int proc, uint32_t pid)
{
	char path[32];
	struct tcpbuf__text t = tcpbuf__text_init(path, sizeof(path));
	struct tcpbuf__folder fds;
	int err;

	tcpbuf__text_u64(&t, pid);
	tcpbuf__text_str(&t, "/fd");
	err = tcpbuf__folder_open(&fds, tb->sys, proc, path);
	if (!err) {
		err = add_fds(o, tb->sys, &fds, pid);
		tcpbuf__folder_close(&fds);
	}
	o->denied += err == -EACCES || err == -EPERM;
	return tcpbuf__sys_exhausted(err) ? err : 0;
}

int tcpbuf__owners_read(struct tcpbuf__owners *o, struct tcpbuf *tb)
{
	struct tcpbuf__subject about = {.verb = "look for owners of sockets"};
	struct tcpbuf__folder proc;
	struct tcpbuf__entry entry;
	int err = tcpbuf__folder_open(&proc, tb->sys, AT_FDCWD, tb->roots[TCPBUF_ROOT_PROC]);

	if (err)
		return tcpbuf__fail(tb, err, &about, NULL);
	while ((err = tcpbuf__folder_next(&proc, &entry)) == 1) {
		struct tcpbuf__reader r = tcpbuf__reader_init(entry.name, strlen(entry.name));
		uint64_t pid;

		if (tcpbuf__reader_u64(&r, &pid) != 0 || pid == 0 || pid > INT32_MAX)
			continue;
		err = add_process(o, tb, proc.fd, (uint32_t)pid);
		if (err)
			break;
	}
	tcpbuf__folder_close(&proc);
	return err < 0 ? tcpbuf__fail(tb, err, &about, NULL) : 0;
}
