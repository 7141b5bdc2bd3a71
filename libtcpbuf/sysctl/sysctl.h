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

#endif
