/* SPDX-License-Identifier: MIT */
/* What the files of tcpbuf-sysctl share. */
#ifndef TCPBUF_TOOLS_SYSCTL_H
#define TCPBUF_TOOLS_SYSCTL_H

#include "common.h"
#include "table.h"

extern const struct tool tool;

struct options {
	const char *netns;
	const char *file; /* NULL: none; "-": standard input */
	int all;
	int json;
};

/* Print a JSON object on a line of its own; takes it. */
void print_json(json_t *object);

/* A value in a table: tabs as blanks, NULL as "-". */
void table_value(struct libscols_line *line, int column, const char *text);

/* The value as the kernel prints it, or NULL when it cannot be read. */
const char *value_of(struct tcpbuf_netns *ns, uint32_t key, char *buf, uint32_t size);

/* The clause of a warning in a verdict, or "". */
const char *warning_of(const struct tcpbuf_key_verdict *verdict, char *buf, uint32_t size);

/* A refused value is the caller's mistake; anything else is the kernel's word. */
int exit_of(int err);

/* The running kernel's rules by its release; a newer or unknown one is taken as the newest known. */
void running_rules(struct tcpbuf_key_rules *rules);

/* A sysctl.d(5) file being read. */
struct settings {
	const char *path;
	char *text;
	uint32_t length;
	struct tcpbuf_key_setting line;
	char value[256];  /* of the line */
	unsigned skipped; /* lines with keys that are not of this family */
	unsigned bad;     /* lines that cannot be taken */
};

/* Read the whole file; "-" is standard input. Returns 1, or 0 after saying why not. */
int settings_open(struct settings *s, const char *path);
void settings_close(struct settings *s);

/* The next line that sets a key of the family; says what is wrong with others. Returns 1, or 0 at the end. */
int settings_next(struct settings *s);

/* Say what is wrong with the line, and count it. */
void settings_complain(struct settings *s, const char *what);

int verb_change(struct tcpbuf *tb, struct tcpbuf_netns *ns, uint32_t key, const char *value,
	const struct options *o, int write);
int verb_file(struct tcpbuf *tb, struct tcpbuf_netns *ns, const struct options *o, int write);
int verb_diff(struct tcpbuf *tb, const char *a, const char *b, const struct options *o);
int verb_explain(struct tcpbuf *tb, uint32_t key, const struct options *o);

#endif
