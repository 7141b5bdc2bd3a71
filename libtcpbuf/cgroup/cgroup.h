/* SPDX-License-Identifier: MIT */
#ifndef TCPBUF_CGROUP_CGROUP_H
#define TCPBUF_CGROUP_CGROUP_H

#include <tcpbuf/cgroup.h>

#include "base/base.h"
#include "util/file.h"
#include "util/reader.h"

/* PATH_MAX: no cgroup's path is longer, and none that is could be opened. */
#define TCPBUF__CGROUP_PATH 4096
#define TCPBUF__CGROUP_POINT 512

/* ---- parse: bytes in, struct out ---- */

/* A cgroup mount of /proc/PID/mountinfo. */
struct tcpbuf__cgroup_mount {
	uint32_t version; /* enum tcpbuf_cgroup_version */
	uint32_t memory;  /* 1: a v1 mount with the memory controller */
	uint64_t device;
	char root[TCPBUF__CGROUP_PATH];   /* which part is mounted, seen from the reader's cgroup namespace */
	char point[TCPBUF__CGROUP_POINT]; /* where */
};

/* Returns 1, or 0 when the line is of another file system, or not understood. */
int tcpbuf__cgroup_parse_mount(struct tcpbuf__reader line, struct tcpbuf__cgroup_mount *out);

/* The memory row of /proc/cgroups. Returns 1, or 0 when there is none. */
int tcpbuf__cgroup_parse_controllers(struct tcpbuf__reader text, uint64_t *hierarchy, uint64_t *enabled);

/* 1 when a word of the kernel's command line has the option in its cgroup.memory= list. */
int tcpbuf__cgroup_parse_cmdline(struct tcpbuf__reader text, const char *option);

/* 1 when the list of words (cgroup.controllers) has the word. */
int tcpbuf__cgroup_parse_has(struct tcpbuf__reader text, const char *word);

/* The path in /proc/PID/cgroup of the memory hierarchy. Returns 1, or 0 when it is not there. */
int tcpbuf__cgroup_parse_proc(struct tcpbuf__reader text, uint32_t version, struct tcpbuf__reader *path);

/* A file of one number, or "max". Returns 0 or -EPROTO. */
int tcpbuf__cgroup_parse_number(struct tcpbuf__reader text, uint64_t *out);

/* A line "KEY NUMBER" (memory.stat, memory.events). Returns 1, 0 when there is none, or -EPROTO. */
int tcpbuf__cgroup_parse_keyed(struct tcpbuf__reader text, const char *key, uint64_t *out);

/* memory.pressure. Returns 0 or -EPROTO. */
int tcpbuf__cgroup_parse_pressure(struct tcpbuf__reader text, struct tcpbuf_cgroup_memory *out);

/* ---- paths ---- */

/* 1 when the path begins with '/', and has no "..", "." or empty name in it. */
int tcpbuf__cgroup_path_ok(const char *path);

/* Cut the last name; 0 at the root. */
int tcpbuf__cgroup_path_up(char *path);

/*
 * The path below a mount of what /proc/PID/cgroup shows.
 * @root the mount's root; @home the path below the mount of the reader's namespace, NULL: not known.
 * Both root and path are as the reader's cgroup namespace sees them ("/../..").
 * Returns 0; -ENOENT: not below the mount; -ENAMETOOLONG.
 */
int tcpbuf__cgroup_path_resolve(const char *root, const char *home, struct tcpbuf__reader path, char *out);

/* A v1 limit that stands for none, as UINT64_MAX. */
uint64_t tcpbuf__cgroup_no_limit(uint64_t bytes);

/* ---- io ---- */

/* A hierarchy that can be read. point[0] is 0 when it cannot. */
struct tcpbuf__cgroup_view {
	char point[TCPBUF__CGROUP_POINT];
	char seen[TCPBUF__CGROUP_POINT]; /* where mountinfo says it is; differs in a recorded tree */
	char root[TCPBUF__CGROUP_PATH];
	char own[TCPBUF__CGROUP_POINT];  /* a mount of the same, with the namespace's root as its root */
	char home[TCPBUF__CGROUP_PATH];
	int home_known; /* 1 yes, 0 not tried, -1 cannot be told */
	uint64_t device;
};

struct tcpbuf__cgroup_ids;

struct tcpbuf_cgroup {
	struct tcpbuf *tb;
	struct tcpbuf__file file;
	char proc[TCPBUF__ROOT_SIZE];
	struct tcpbuf__cgroup_view memory;
	struct tcpbuf__cgroup_view unified;
	struct tcpbuf_cgroup_layout layout;
	struct tcpbuf__cgroup_ids *ids;
	char path[TCPBUF__CGROUP_POINT + TCPBUF__CGROUP_PATH + 64]; /* scratch for names of files */
};

/* POINT/PATH/NAME in cg->path; NULL when it is too long. */
const char *tcpbuf__cgroup_name(struct tcpbuf_cgroup *cg, const char *point, const char *path, const char *name);

/* Read PROC/NAME. Returns 0 and the bytes in cg->file, or a negative errno. */
int tcpbuf__cgroup_read_proc(struct tcpbuf_cgroup *cg, const char *name);

/* Read NAME of a memory cgroup. Returns 0 and a reader over its bytes, or a negative errno. */
int tcpbuf__cgroup_read_file(
	struct tcpbuf_cgroup *cg, const char *path, const char *name, struct tcpbuf__reader *out);

/* Does the cgroup of the memory hierarchy have the file? Returns 1, 0 or a negative errno. */
int tcpbuf__cgroup_has(struct tcpbuf_cgroup *cg, const char *path, const char *name);

/*
 * v2: cut path up to the memory cgroup that is charged for it.
 * Returns 1; 0: that is the root, which is not charged; -ENOENT: no such cgroup; another errno.
 */
int tcpbuf__cgroup_climb(struct tcpbuf_cgroup *cg, char *path, uint32_t *levels_up);

/* What calls about a path begin with: the path checked, in copy. */
int tcpbuf__cgroup_begin(struct tcpbuf_cgroup *cg, const char *path, const char *verb, char *copy);

/* Find the directory with that inode below a mount. Returns 0, -ENOENT or another errno. */
int tcpbuf__cgroup_find_inode(struct tcpbuf_cgroup *cg, const char *point, uint64_t inode, char *out);

/*
 * The paths of all cgroups of the memory hierarchy, each ending in 0, the root's "".
 * *names is the caller's to release; NULL when there is no hierarchy.
 */
int tcpbuf__cgroup_list(struct tcpbuf_cgroup *cg, char **names, uint64_t *size);

/* Give up what id.c holds. */
void tcpbuf__cgroup_ids_free(struct tcpbuf_cgroup *cg);

/* The failure of a call about a cgroup. */
int tcpbuf__cgroup_fail(struct tcpbuf_cgroup *cg, int code, const char *verb, const char *about, const char *cause);

#endif
