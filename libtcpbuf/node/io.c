/* SPDX-License-Identifier: MIT */
#include "node/node.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "mem/text.h"

int tcpbuf__node_open(struct tcpbuf__node_dir *dir, struct tcpbuf *tb, const char *proc, const char *below)
{
	char path[TCPBUF__ROOT_SIZE + 32];
	struct tcpbuf__text t = tcpbuf__text_init(path, sizeof(path));

	memset(dir, 0, sizeof(*dir));
	dir->tb = tb;
	tcpbuf__text_str(&t, proc);
	tcpbuf__text_str(&t, below);
	dir->fd = tb->sys->open(AT_FDCWD, path, O_PATH | O_DIRECTORY);
	return dir->fd < 0 ? dir->fd : 0;
}

void tcpbuf__node_close(struct tcpbuf__node_dir *dir)
{
	tcpbuf__file_free(&dir->file, dir->tb->sys);
	dir->tb->sys->close(dir->fd);
}

int tcpbuf__node_file(struct tcpbuf__node_dir *dir, const char *name, struct tcpbuf__reader *text)
{
	int err = tcpbuf__file_read(&dir->file, dir->tb->sys, dir->fd, name);

	*text = tcpbuf__reader_init(dir->file.data, err ? 0 : dir->file.used);
	return err;
}

int tcpbuf__node_absent(int err)
{
	return err == -ENOENT || err == -EACCES || err == -EPERM;
}

int tcpbuf__node_fail(struct tcpbuf *tb, int code, const char *about, const char *netns)
{
	struct tcpbuf__subject subject = {.verb = "read", .key = about, .netns = netns};

	return tcpbuf__fail(tb, code, &subject, NULL);
}
