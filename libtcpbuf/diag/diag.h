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

/* Put a query's defaults in. Returns NULL, or what is wrong with it. */
const char *tcpbuf__diag_complete(struct tcpbuf_sock_query *query);

/* Bytes that a filter takes at most. */
#define TCPBUF__FILTER_SIZE 256

/*
 * Compile a complete query's filter, all but its states, for the kernel to run.
 * @code TCPBUF__FILTER_SIZE bytes, aligned to 4. Returns how many are used; 0: every socket passes.
 */
uint32_t tcpbuf__diag_filter(const struct tcpbuf_sock_query *query, void *code);

/*
 * Write the request of a dump into a buffer, which has room for 512 bytes and more.
 * @family AF_UNSPEC: both at once, by the older TCPDIAG_GETSOCK.
 */
struct nlmsghdr *tcpbuf__diag_dump_request(void *buf, uint8_t family, const struct tcpbuf_sock_query *query);

#endif
