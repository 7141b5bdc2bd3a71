/* SPDX-License-Identifier: MIT */
/* Whole files and folders through the seam. */
#ifndef TCPBUF_UTIL_FILE_H
#define TCPBUF_UTIL_FILE_H

#include "util/sys.h"

/* Room for a file's bytes, kept from one read to the next. Starts all zero. */
struct tcpbuf__file {
	char *data;
	size_t size;
	size_t used;
};

/*
 * Read a file from its start to its end; the bytes are valid until the next read.
 * Returns 0; -EMSGSIZE: more than 64 MiB; -ENOMEM; or what open or read gave.
 */
int tcpbuf__file_read(struct tcpbuf__file *f, const struct tcpbuf__sys *sys, int dir, const char *path);
void tcpbuf__file_free(struct tcpbuf__file *f, const struct tcpbuf__sys *sys);

struct tcpbuf__folder {
	const struct tcpbuf__sys *sys;
	int fd;
	size_t pos;
	size_t end;
	_Alignas(8) char buf[8192];
};

struct tcpbuf__entry {
	const char *name; /* valid until the next call */
	uint64_t inode;
	unsigned char type; /* DT_DIR and so on; DT_UNKNOWN on some file systems */
};

/* Open a folder for tcpbuf__folder_next(). Returns 0 or what open gave. */
int tcpbuf__folder_open(struct tcpbuf__folder *d, const struct tcpbuf__sys *sys, int dir, const char *path);

/* The next entry, without "." and "..". Returns 1, 0 at the end, or a negative errno. */
int tcpbuf__folder_next(struct tcpbuf__folder *d, struct tcpbuf__entry *out);
void tcpbuf__folder_close(struct tcpbuf__folder *d);

#endif
