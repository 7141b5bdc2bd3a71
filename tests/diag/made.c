/* SPDX-License-Identifier: MIT */
#include "made.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>

#include "diag/diag.h"

struct made made;

static int made_socket(int family, int type, int protocol)
{
	ck_assert_int_eq(family, AF_NETLINK);
	ck_assert_int_eq(type, SOCK_RAW);
	ck_assert_int_eq(protocol, NETLINK_SOCK_DIAG);
	made.sockets++;
	return fault_sys.open(AT_FDCWD, "/dev/null", O_RDONLY);
}

static ssize_t made_send(int fd, const void *buf, size_t size)
{
	struct nlmsghdr msg;

	ck_assert_int_ge(fd, 0);
	ck_assert_uint_ge(size, sizeof(msg) + 1);
	memcpy(&msg, buf, sizeof(msg));
	ck_assert_uint_eq(msg.nlmsg_len, size);
	made.requests.count++;
	made.requests.seq = msg.nlmsg_seq;
	made.requests.type = msg.nlmsg_type;
	made.requests.family = ((const unsigned char *)buf)[sizeof(msg)];
	return made.requests.refusal ? made.requests.refusal : (ssize_t)size;
}

/* The rest of the buffer is no zeroes, and a dump that asks for more than there is fails. */
static ssize_t made_recv(int fd, void *buf, size_t size, int flags)
{
	const struct answer *a = &made.answers[made.given];

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(flags, MSG_TRUNC);
	ck_assert_uint_ge(size, sizeof(a->bytes));
	memset(buf, 0xa5, size);
	if (made.given == made.count)
		return -EIO;
	made.given++;
	memcpy(buf, a->bytes, a->size);
	for (int i = 0; i < a->count; i++) {
		char *at = (char *)buf + a->messages[i] + offsetof(struct nlmsghdr, nlmsg_seq);
		uint32_t seq;

		memcpy(&seq, at, sizeof(seq));
		seq += made.requests.seq;
		memcpy(at, &seq, sizeof(seq));
	}
	return a->said ? a->says : (ssize_t)a->size;
}

void made_forget(void)
{
	memset(made.answers, 0, sizeof(made.answers));
	memset(&made.requests, 0, sizeof(made.requests));
	made.count = made.given = 0;
}

void made_setup(void)
{
	made.sys = fault_sys;
	made.sys.socket = made_socket;
	made.sys.send = made_send;
	made.sys.recv = made_recv;
	made.sockets = 0;
	made_forget();
	ck_assert_int_eq(tcpbuf__new_with(&made.sys, &made.tb), 0);
	ck_assert_int_eq(tcpbuf_netns_open_self(made.tb, &made.ns), 0);
}

void made_teardown(void)
{
	tcpbuf_netns_close(made.ns);
	tcpbuf_free(made.tb);
	ck_assert_int_eq(fault.open_fds, 0);
	ck_assert_int_eq(fault.blocks, 0);
}

struct answer *made_answer(void)
{
	ck_assert_int_lt(made.count, ANSWERS);
	return &made.answers[made.count++];
}

struct answer *made_says(ssize_t value)
{
	struct answer *a = made_answer();

	a->said = 1;
	a->says = value;
	return a;
}

void made_begin(struct answer *a, uint16_t type, uint16_t flags)
{
	struct nlmsghdr msg = {.nlmsg_len = sizeof(msg), .nlmsg_type = type, .nlmsg_flags = flags};

	ck_assert_int_lt(a->count, MESSAGES);
	ck_assert_uint_le(a->size + sizeof(msg), sizeof(a->bytes));
	a->messages[a->count++] = a->size;
	memcpy(a->bytes + a->size, &msg, sizeof(msg));
	a->size += sizeof(msg);
}

/* The last message's header, changed and read back. */
struct nlmsghdr made_header(const struct answer *a)
{
	struct nlmsghdr msg;

	memcpy(&msg, a->bytes + a->messages[a->count - 1], sizeof(msg));
	return msg;
}

void made_set_header(struct answer *a, struct nlmsghdr msg)
{
	memcpy(a->bytes + a->messages[a->count - 1], &msg, sizeof(msg));
}

void made_claim(struct answer *a, uint32_t length)
{
	struct nlmsghdr msg = made_header(a);

	msg.nlmsg_len = length;
	made_set_header(a, msg);
}

void made_put(struct answer *a, const void *bytes, size_t size)
{
	ck_assert_uint_le(a->size + NLMSG_ALIGN(size), sizeof(a->bytes));
	memcpy(a->bytes + a->size, bytes, size);
	a->size += NLMSG_ALIGN(size);
	made_claim(a, (uint32_t)(a->size - a->messages[a->count - 1]));
}

void made_put_attr(struct answer *a, uint16_t type, const void *bytes, size_t size)
{
	struct nlattr attr = {.nla_len = (uint16_t)(sizeof(attr) + size), .nla_type = type};

	made_put(a, &attr, sizeof(attr));
	made_put(a, bytes, size);
}

struct inet_diag_msg made_fixed_part(void)
{
	struct inet_diag_msg diag = {.idiag_family = AF_INET,
		.idiag_state = TCPBUF_SOCK_ESTABLISHED,
		.idiag_rqueue = 7,
		.idiag_wqueue = 8,
		.idiag_uid = 9,
		.idiag_inode = 10};

	diag.id.idiag_cookie[0] = 0x1234;
	diag.id.idiag_cookie[1] = 1;
	return diag;
}

void made_record(struct answer *a, uint16_t flags)
{
	struct inet_diag_msg diag = made_fixed_part();

	made_begin(a, SOCK_DIAG_BY_FAMILY, NLM_F_MULTI | flags);
	made_put(a, &diag, sizeof(diag));
}

void made_done(struct answer *a, int code, uint16_t flags)
{
	made_begin(a, NLMSG_DONE, NLM_F_MULTI | flags);
	made_put(a, &code, sizeof(code));
}

/* An NLMSG_ERROR with this much of the request behind it. */
void made_error_echo(struct answer *a, int code, uint16_t flags, uint32_t claimed, size_t echoed)
{
	struct nlmsgerr err = {.error = code, .msg = {.nlmsg_len = claimed}};
	char echo[128] = {0};

	made_begin(a, NLMSG_ERROR, flags);
	made_put(a, &err, sizeof(err));
	made_put(a, echo, echoed);
}

void made_error(struct answer *a, int code)
{
	made_error_echo(a, code, NLM_F_CAPPED, sizeof(struct nlmsghdr) + 56, 0);
}
