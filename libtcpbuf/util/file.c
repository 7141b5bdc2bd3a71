/* SPDX-License-Identifier: MIT */
#include "util/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#define FIRST_SIZE 16384
#define SIZE_LIMIT (64 << 20)

/* The kernel's record of getdents64(2). */
struct record {
	uint64_t inode;
	int64_t offset;
	uint16_t length;
	unsigned char type;
	char name[];
};

static int grow(struct tcpbuf__file *f, const struct tcpbuf__sys *sys)
{
	size_t size = f->size ? f->size * 2 : FIRST_SIZE;
	char *data;

	if (size > SIZE_LIMIT)
		return -EMSGSIZE;
	data = sys->resize(f->data, size);
	if (!data)
		return -ENOMEM;
	f->data = data;
	f->size = size;
	return 0;
}

/* A short read is no end: mountinfo comes page by page. */
static int read_all(struct tcpbuf__file *f, const struct tcpbuf__sys *sys, int fd)
{
	ssize_t got;

	do {
		if (f->used == f->size) {
			int err = grow(f, sys);

			if (err)
				return err;
		}
		got = sys->read(fd, f->data + f->used, f->size - f->used);
		if (got > 0)
			f->used += (size_t)got;
	} while (got > 0);
	return (int)got;
}

int tcpbuf__file_read(
	struct tcpbuf__file *f, const struct tcpbuf__sys *sys, int dir, const char *path)
{
	int fd = sys->open(dir, path, O_RDONLY);
	int err;

	f->used = 0;
	if (fd < 0)
		return fd;
	err = read_all(f, sys, fd);
	sys->close(fd);
	return err;
}

void tcpbuf__file_free(struct tcpbuf__file *f, const struct tcpbuf__sys *sys)
{
	sys->release(f->data);
	memset(f, 0, sizeof(*f));
}

int tcpbuf__folder_open(
	struct tcpbuf__folder *d, const struct tcpbuf__sys *sys, int dir, const char *path)
{
	d->sys = sys;
	d->pos = d->end = 0;
	d->fd = sys->open(dir, path, O_RDONLY | O_DIRECTORY);
	return d->fd < 0 ? d->fd : 0;
}

static int is_dots(const char *name)
{
	return name[0] == '.' && (name[1] == '\0' || (name[1] == '.' && name[2] == '\0'));
}

int tcpbuf__folder_next(struct tcpbuf__folder *d, struct tcpbuf__entry *out)
{
	for (;;) {
		const struct record *r;

		if (d->pos == d->end) {
			ssize_t got = d->sys->getdents(d->fd, d->buf, sizeof(d->buf));

			if (got <= 0)
				return (int)got;
			d->pos = 0;
			d->end = (size_t)got;
		}
		r = (const struct record *)(const void *)(d->buf + d->pos);
		d->pos += r->length;
		if (is_dots(r->name))
			continue;
		out->name = r->name;
		out->inode = r->inode;
		out->type = r->type;
		return 1;
	}
}

void tcpbuf__folder_close(struct tcpbuf__folder *d)
{
	d->sys->close(d->fd);
}
