/* SPDX-License-Identifier: MIT */
#ifndef TCPBUF_DIAG_DIAG_H
#define TCPBUF_DIAG_DIAG_H

#include <stddef.h>

#include <tcpbuf/diag.h>

struct nlmsghdr;

/*
 * One answer message into a record, which need not be initialised.
 * Returns 0, or -EPROTO when the message is shorter than it must be.
 */
int tcpbuf__diag_parse(const struct nlmsghdr *msg, struct tcpbuf_sock *out);

#endif
