/* SPDX-License-Identifier: MIT */
#ifndef TCPBUF_NODE_NODE_H
#define TCPBUF_NODE_NODE_H

#include <tcpbuf/node.h>

#include "base/base.h"
#include "netns/netns.h"
#include "util/file.h"
#include "util/reader.h"

/* A directory of procfs, PROC or PROC/PID, and room for the file being read. */
struct tcpbuf__node_dir {
	struct tcpbuf *tb;
	int fd;
	struct tcpbuf__file file;
};

/* @below "" for PROC itself, else as "/42". Returns 0 or what open gave. */
int tcpbuf__node_open(struct tcpbuf__node_dir *dir, struct tcpbuf *tb, const char *proc, const char *below);
void tcpbuf__node_close(struct tcpbuf__node_dir *dir);

/* Read a file whole; *text is valid until the next. Returns 0 or a negative errno. */
int tcpbuf__node_file(struct tcpbuf__node_dir *dir, const char *name, struct tcpbuf__reader *text);

/* A file that this kernel does not have, or does not show to us. */
int tcpbuf__node_absent(int err);

/* Something that is read from the net folder of one namespace. */
typedef int tcpbuf__node_reader(struct tcpbuf__node_dir *dir, void *out, const char **about);

/* Read inside a namespace, or of a process's. *about: the file, for the sentence of a failure. */
int tcpbuf__node_in_netns(struct tcpbuf_netns *ns, tcpbuf__node_reader *reader, void *out);
int tcpbuf__node_of_pid(struct tcpbuf *tb, uint32_t pid, tcpbuf__node_reader *reader, void *out);

int tcpbuf__node_fail(struct tcpbuf *tb, int code, const char *about, const char *netns);

/* What is read before it is put together. */
struct tcpbuf__node_raw {
	struct tcpbuf_node node; /* used_pages: as printed */
	uint32_t release;        /* major << 16 | minor; 0: not known */
	uint32_t has_reserve;    /* node.reserve_pages was read */
};

/*
 * Parsers: bytes in, fields and their bits out. They return 0, also when what they look for is not
 * there, or -EPROTO when it is there and not as the kernel writes it.
 */
int tcpbuf__node_parse_sockstat(struct tcpbuf__reader text, struct tcpbuf__node_raw *raw);
int tcpbuf__node_parse_protocols(struct tcpbuf__reader text, struct tcpbuf__node_raw *raw);
int tcpbuf__node_parse_limits(struct tcpbuf__reader text, struct tcpbuf__node_raw *raw);
int tcpbuf__node_parse_reserve(struct tcpbuf__reader text, struct tcpbuf__node_raw *raw);
int tcpbuf__node_parse_online(struct tcpbuf__reader text, struct tcpbuf__node_raw *raw);
int tcpbuf__node_parse_possible(struct tcpbuf__reader text, struct tcpbuf__node_raw *raw);
int tcpbuf__node_parse_slab(struct tcpbuf__reader text, struct tcpbuf__node_raw *raw);
int tcpbuf__node_parse_release(struct tcpbuf__reader text, struct tcpbuf__node_raw *raw);

/* "NAME: key value key value": the value of a key in a line. Returns 1, 0: not there, or -EPROTO. */
int tcpbuf__node_parse_pair(struct tcpbuf__reader text, const char *line, const char *key, uint64_t *out);

int tcpbuf__node_parse_netns(struct tcpbuf__reader text, struct tcpbuf_node_netns *out);
int tcpbuf__node_parse_netns6(struct tcpbuf__reader text, struct tcpbuf_node_netns *out);
int tcpbuf__node_parse_events(struct tcpbuf__reader text, struct tcpbuf_node_events *out);

/* tcp_mem and mem_pcpu_rsv, where the directory shows them. Returns 0 or -EPROTO and the like. */
int tcpbuf__node_limits(struct tcpbuf__node_dir *dir, struct tcpbuf__node_raw *raw);

/* The same from the namespace of process 1 of PROC, when rights allow. Returns 0 or -EPROTO and the like. */
int tcpbuf__node_visit_first(struct tcpbuf *tb, struct tcpbuf__node_raw *raw);

/* What follows from what was read: bytes, shares, the error bar. */
void tcpbuf__node_derive(struct tcpbuf__node_raw *raw);

#endif
