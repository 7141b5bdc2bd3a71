/* SPDX-License-Identifier: MIT */
/* What the tcpbuf-* programs share: options, exit codes, JSON one object at a time, escaped names. */
#ifndef TCPBUF_TOOLS_COMMON_H
#define TCPBUF_TOOLS_COMMON_H

#include <jansson.h>
#include <stdint.h>
#include <stdio.h>

#include <tcpbuf/tcpbuf.h>

/* Exit codes of every tool. */
enum {
	EXIT_OK = 0,
	EXIT_USAGE = 1,
	EXIT_KERNEL = 2,
	EXIT_PARTIAL = 3
};

struct tool {
	const char *name;
	const char *help; /* whole text of --help */
};

/* "NAME: the context's last sentence" on stderr; returns EXIT_KERNEL. */
int tool_fail(const struct tool *tool, const struct tcpbuf *tb);

/* "NAME: cannot VERB PATH: what errno says" on stderr; returns EXIT_KERNEL. */
int tool_cannot(const struct tool *tool, const char *verb, const char *path);

/* "NAME: message" and where help is, on stderr; returns EXIT_USAGE. */
int tool_usage(const struct tool *tool, const char *message, const char *word);

/* --help and --version on stdout. */
int tool_help(const struct tool *tool);
int tool_version(const struct tool *tool);

/* A context, or a sentence and NULL. */
struct tcpbuf *tool_context(const struct tool *tool);

/* Rules of a kernel by name; NULL: of the running one. 0, or EXIT_USAGE with a sentence. */
int tool_rules(const struct tool *tool, const char *name, struct tcpbuf_rules *rules);

/* One JSON list written an element at a time, so that a million of them stay flat. */
struct json_stream {
	FILE *out;
	int count;
};
void json_stream_add(struct json_stream *s, json_t *object); /* takes the object */

/* 64-bit identities are strings in JSON: they do not survive a double. */
json_t *json_id(uint64_t id);

/* A name from outside, fit for a terminal and for JSON: bad bytes as \xNN. Free it. */
char *escape_name(const char *name);

/* "ADDRESS:PORT" or "[ADDRESS]:PORT" of a socket: its own end, or with remote 1 the other. */
void sock_end_text(const struct tcpbuf_sock *sock, int remote, char *out, size_t size);

/* ADDRESS:PORT, an IPv6 address in brackets, as a socket's record has them. Returns 0, or -1 when it is none. */
int parse_end(const char *text, uint32_t *family, uint8_t *address, uint32_t *port);

/* Flush stdout; a full disk or closed pipe is EXIT_KERNEL. */
int tool_finish(const struct tool *tool, int code);

#endif
