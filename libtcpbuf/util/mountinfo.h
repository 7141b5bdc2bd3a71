/* SPDX-License-Identifier: MIT */
/* A line of proc_pid_mountinfo(5). */
#ifndef TCPBUF_UTIL_MOUNTINFO_H
#define TCPBUF_UTIL_MOUNTINFO_H

#include "util/reader.h"

/* The words as they stand; root and point are still escaped. */
struct tcpbuf__mount {
	struct tcpbuf__reader device; /* "MAJOR:MINOR" */
	struct tcpbuf__reader root;
	struct tcpbuf__reader point;
	struct tcpbuf__reader type;
	struct tcpbuf__reader super; /* options of the file system */
};

/* Returns 1, or 0 when the line is none. */
int tcpbuf__mount_parse(struct tcpbuf__reader line, struct tcpbuf__mount *out);

/* Undo the escapes of a path. Returns 1, or 0 when it is not absolute or does not fit. */
int tcpbuf__mount_path(struct tcpbuf__reader in, char *out, size_t size);

#endif
