/* SPDX-License-Identifier: MIT */
/* How a socket is shown: every field in JSON, the main ones in a table. */
#ifndef TCPBUF_TOOLS_SOCK_SHOW_H
#define TCPBUF_TOOLS_SOCK_SHOW_H

#include <jansson.h>
#include <tcpbuf/tcpbuf.h>

#include "table.h"

json_t *sock_json(const struct tcpbuf_sock *sock, uint64_t netns_inode);

struct libscols_table *sock_table(void);
void sock_row(struct libscols_table *table, const struct tcpbuf_sock *sock, uint64_t netns_inode);

#endif
