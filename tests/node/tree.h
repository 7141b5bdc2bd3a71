/* SPDX-License-Identifier: MIT */
/* A procfs of a test's own in a temporary directory. */
#ifndef TCPBUF_TESTS_NODE_TREE_H
#define TCPBUF_TESTS_NODE_TREE_H

#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check_main.h"
#include <tcpbuf/tcpbuf.h>

struct tree {
	struct tcpbuf *tb;
	char root[64];
};

static inline struct tree tree_start(void)
{
	struct tree t = {NULL, "/tmp/tcpbuf-node-XXXXXX"};

	ck_assert_ptr_nonnull(mkdtemp(t.root));
	ck_assert_int_eq(tcpbuf_new(&t.tb), 0);
	ck_assert_int_eq(tcpbuf_set_root(t.tb, TCPBUF_ROOT_PROC, t.root), 0);
	return t;
}

/* Write a file below the root, and the directories above it. */
static inline void tree_put(const struct tree *t, const char *name, const char *text, size_t size)
{
	char path[PATH_MAX];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", t->root, name);
	for (char *slash = path + strlen(t->root) + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		mkdir(path, 0700);
		*slash = '/';
	}
	file = fopen(path, "w");
	ck_assert_ptr_nonnull(file);
	ck_assert_uint_eq(fwrite(text, 1, size, file), size);
	ck_assert_int_eq(fclose(file), 0);
}

static inline void tree_text(const struct tree *t, const char *name, const char *text)
{
	tree_put(t, name, text, strlen(text));
}

static inline void tree_drop(const struct tree *t, const char *name)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", t->root, name);
	ck_assert_int_eq(unlink(path), 0);
}

static inline void tree_stop(struct tree *t)
{
	char command[128];

	tcpbuf_free(t->tb);
	snprintf(command, sizeof(command), "rm -r %s", t->root);
	ck_assert_int_eq(system(command), 0);
}

#endif
