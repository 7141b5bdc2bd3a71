/* SPDX-License-Identifier: MIT */
/* A kernel made of answers: what it was asked, and what it says to that. */
#ifndef TCPBUF_TESTS_DIAG_MADE_H
#define TCPBUF_TESTS_DIAG_MADE_H

#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>

#include "base/base.h"
#include "check_main.h"
#include "fault.h"
#include "netns/netns.h"

#define ANSWERS 8
#define MESSAGES 8
#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* What one recv() gives. A message's sequence number is relative to the request's. */
struct answer {
	unsigned char bytes[2048];
	size_t size;
	int said; /* recv() returns this instead of the size */
	ssize_t says;
	size_t messages[MESSAGES]; /* where each begins */
	int count;
};

struct made {
	struct tcpbuf__sys sys;
	struct tcpbuf *tb;
	struct tcpbuf_netns *ns;
	int sockets; /* opened so far */
	struct answer answers[ANSWERS];
	int count, given; /* of them */
	struct {
		int count;
		int refusal; /* 0, or what send() returns */
		uint32_t seq;
		uint16_t type;
		uint8_t family;
	} requests;
};
extern struct made made;

/* A context and this namespace, by that kernel; at the end nothing may be left. */
void made_setup(void);
void made_teardown(void);
void made_forget(void);

/* The next answer; or what recv() returns instead. */
struct answer *made_answer(void);
struct answer *made_says(ssize_t value);

/* A message in it, and what is behind its header. */
void made_begin(struct answer *a, uint16_t type, uint16_t flags);
void made_put(struct answer *a, const void *bytes, size_t size);
void made_put_attr(struct answer *a, uint16_t type, const void *bytes, size_t size);

/* The last message's header, read back and changed. */
struct nlmsghdr made_header(const struct answer *a);
void made_set_header(struct answer *a, struct nlmsghdr msg);
void made_claim(struct answer *a, uint32_t length);

/* Whole messages. */
struct inet_diag_msg made_fixed_part(void);
void made_record(struct answer *a, uint16_t flags);
void made_done(struct answer *a, int code, uint16_t flags);
/* An NLMSG_ERROR with this much of the request behind it. */
void made_error_echo(struct answer *a, int code, uint16_t flags, uint32_t claimed, size_t echoed);
void made_error(struct answer *a, int code);

#endif
