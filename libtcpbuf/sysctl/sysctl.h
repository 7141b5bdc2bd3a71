/* SPDX-License-Identifier: MIT */
#ifndef TCPBUF_SYSCTL_SYSCTL_H
#define TCPBUF_SYSCTL_SYSCTL_H

#include <stddef.h>

#include <tcpbuf/sysctl.h>

#include "netns/netns.h"

/* Longest text a key's file may hold; more is no value of this family. */
#define TCPBUF__SYSCTL_TEXT 128

/* A key being worked on: its namespace and what a failure is about. */
struct tcpbuf__sysctl {
	struct tcpbuf_netns *ns;
	uint32_t key;
	struct tcpbuf__subject about;
};

/* Arguments of every entry point: clears the error, fills s. Returns 0, -EINVAL or -ENOENT with a sentence. */
int tcpbuf__sysctl_begin(struct tcpbuf__sysctl *s, struct tcpbuf_netns *ns, uint32_t key, const char *verb);

/* The bytes of the key's file. Returns their count or a negative errno with a sentence. */
int tcpbuf__sysctl_read(const struct tcpbuf__sysctl *s, char *buf, size_t size);

/* One write(2) of the text. Returns 0 or a negative errno, without a sentence. */
int tcpbuf__sysctl_write(const struct tcpbuf__sysctl *s, const char *text);

/* 0 when the file can be written, or the reason why not, with a sentence. */
int tcpbuf__sysctl_writable(const struct tcpbuf__sysctl *s);

/* Check the value alone, and remember it as what the change is about. Returns 0 or why not, with a sentence. */
int tcpbuf__sysctl_judge(
	struct tcpbuf__sysctl *s, const char *value, struct tcpbuf_key_verdict *verdict);

/* What the key holds now, as the kernel prints it, without the newline; before has TCPBUF__SYSCTL_TEXT + 1
 * bytes. Returns 0 or a negative errno with a sentence. */
int tcpbuf__sysctl_remember(const struct tcpbuf__sysctl *s, char *before);

/* Write the text and read it back. Returns 0, or a negative errno with its cause and no sentence. */
int tcpbuf__sysctl_put(const struct tcpbuf__sysctl *s, const char *text, const char **cause);

/* Make the key read as before again, whatever part of a change it has kept. */
enum tcpbuf__restore {
	TCPBUF__RESTORE_NOT_NEEDED,
	TCPBUF__RESTORE_DONE,
	TCPBUF__RESTORE_FAILED
};
enum tcpbuf__restore tcpbuf__sysctl_restore(const struct tcpbuf__sysctl *s, const char *before);

#endif
