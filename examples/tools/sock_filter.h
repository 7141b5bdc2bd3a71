/* SPDX-License-Identifier: MIT */
/* Words of a command line into a query; each returns NULL, or what is wrong with the word. */
#ifndef TCPBUF_TOOLS_SOCK_FILTER_H
#define TCPBUF_TOOLS_SOCK_FILTER_H

#include <tcpbuf/tcpbuf.h>

/* "ESTAB,close-wait": names as ss(8) prints them, in either case. */
const char *filter_states(const char *word, struct tcpbuf_sock_query *query);

/* "443" or "8000-8100". */
const char *filter_ports(const char *word, uint32_t *min, uint32_t *max);

/* "10.0.0.0/8", "::1". */
const char *filter_address(const char *word, uint32_t *family, uint8_t *address, uint32_t *prefix);

/* "7" or "0x100/0xff00". */
const char *filter_mark(const char *word, struct tcpbuf_sock_query *query);

/* A cgroup2 id, or the path of its directory. */
const char *filter_cgroup(const char *word, struct tcpbuf_sock_query *query);

/* A process id. */
const char *filter_pid(const char *word, uint32_t *pid);

#endif
