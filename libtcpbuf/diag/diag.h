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

/* Parts of it, as a socket's owner gets them too. Too short to hold a group: the group is absent. */
void tcpbuf__diag_parse_info(const unsigned char *info, size_t length, struct tcpbuf_sock *out);
void tcpbuf__diag_parse_skmem(const void *skmem, size_t length, struct tcpbuf_sock *out);

/* Both ends; an IPv6 socket that speaks IPv4 shows as its IPv4 peer does. */
void tcpbuf__diag_parse_addresses(uint32_t family, const void *local, const void *remote, struct tcpbuf_sock *out);

/* The code of an NLMSG_ERROR, and in *words the kernel's own, or NULL. */
int tcpbuf__diag_error(const struct nlmsghdr *msg, const char **words);

/* The code at the end of a dump, 0 or negative, and words likewise. */
int tcpbuf__diag_done(const struct nlmsghdr *msg, const char **words);

/* Put a query's defaults in. Returns NULL, or what is wrong with it. */
const char *tcpbuf__diag_complete(struct tcpbuf_sock_query *query);
const char *tcpbuf__diag_complete_id(struct tcpbuf_sock_id *id);

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

/* Write the request of one socket into a buffer, which has room for 512 bytes and more. */
struct nlmsghdr *tcpbuf__diag_get_request(void *buf, const struct tcpbuf_sock_id *id);

#endif
