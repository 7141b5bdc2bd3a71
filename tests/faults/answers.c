/* SPDX-License-Identifier: MIT */
/* Answers of sock_diag that are cut, out of order, interrupted, or of another kernel. */
#include "faults.h"

#include <libmnl/libmnl.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <string.h>

#include "check_main.h"
#include "fault.h"

#define UNKNOWN 200 /* an attribute of no kernel */

static int is_record(const struct nlmsghdr *msg)
{
	return msg->nlmsg_type == SOCK_DIAG_BY_FAMILY || msg->nlmsg_type == TCPDIAG_GETSOCK;
}

static ssize_t cut(int fd, void *buf, size_t size, int flags)
{
	return tcpbuf__sys_kernel.recv(fd, buf, size, flags) - 4;
}

/* As MSG_TRUNC tells it. */
static ssize_t cut_by_the_kernel(int fd, void *buf, size_t size, int flags)
{
	tcpbuf__sys_kernel.recv(fd, buf, size, flags);
	return (ssize_t)size + 1;
}

static ssize_t nothing(int fd, void *buf, size_t size, int flags)
{
	return tcpbuf__sys_kernel.recv(fd, buf, size, flags) * 0;
}

/* The end of another request comes first, the answer stays where it is. */
static ssize_t of_another_request(int fd, void *buf, size_t size, int flags)
{
	struct nlmsghdr *msg = mnl_nlmsg_put_header(buf);

	(void)fd, (void)size, (void)flags;
	msg->nlmsg_type = NLMSG_DONE;
	msg->nlmsg_seq = 1000;
	return msg->nlmsg_len;
}

static ssize_t overrun(int fd, void *buf, size_t size, int flags)
{
	ssize_t got = tcpbuf__sys_kernel.recv(fd, buf, size, flags);

	((struct nlmsghdr *)buf)->nlmsg_type = NLMSG_OVERRUN;
	return got;
}

static ssize_t interrupted(int fd, void *buf, size_t size, int flags)
{
	ssize_t got = tcpbuf__sys_kernel.recv(fd, buf, size, flags);

	((struct nlmsghdr *)buf)->nlmsg_flags |= NLM_F_DUMP_INTR;
	return got;
}

static ssize_t refused(int fd, void *buf, size_t size, int flags)
{
	struct nlmsghdr *msg = buf;
	struct nlmsgerr error = {.error = -12};
	uint32_t seq;

	tcpbuf__sys_kernel.recv(fd, buf, size, flags);
	seq = msg->nlmsg_seq;
	msg = mnl_nlmsg_put_header(buf);
	msg->nlmsg_type = NLMSG_ERROR;
	msg->nlmsg_seq = seq;
	memcpy(mnl_nlmsg_put_extra_header(msg, sizeof(error)), &error, sizeof(error));
	return msg->nlmsg_len;
}

/* Change the attributes of a type in every record of an answer. */
static ssize_t change(int fd, void *buf, size_t size, int flags, int type,
	ssize_t (*edit)(struct nlmsghdr *msg, struct nlattr *attr, char *end))
{
	ssize_t got = tcpbuf__sys_kernel.recv(fd, buf, size, flags), at = 0;

	while (at < got) {
		struct nlmsghdr *msg = (struct nlmsghdr *)(void *)((char *)buf + at);
		struct nlattr *attr;

		if (is_record(msg))
			mnl_attr_for_each(attr, msg, sizeof(struct inet_diag_msg))
				if (mnl_attr_get_type(attr) == type) {
					got += edit(msg, attr, (char *)buf + got);
					break;
				}
		at += (ssize_t)MNL_ALIGN(msg->nlmsg_len);
	}
	ck_assert_int_le(got, (ssize_t)size);
	return got;
}

static ssize_t hide(struct nlmsghdr *msg, struct nlattr *attr, char *end)
{
	(void)msg, (void)end;
	attr->nla_type = UNKNOWN;
	return 0;
}

/* The last eight bytes become an attribute of their own. */
static ssize_t shorten(struct nlmsghdr *msg, struct nlattr *attr, char *end)
{
	struct nlattr tail = {.nla_len = 8, .nla_type = UNKNOWN};

	(void)msg, (void)end;
	attr->nla_len -= 8;
	memcpy((char *)attr + MNL_ALIGN(attr->nla_len), &tail, sizeof(tail));
	return 0;
}

static ssize_t lengthen(struct nlmsghdr *msg, struct nlattr *attr, char *end)
{
	char *behind = (char *)attr + MNL_ALIGN(attr->nla_len);

	memmove(behind + 16, behind, (size_t)(end - behind));
	memset(behind, 0x5a, 16);
	attr->nla_len += 16;
	msg->nlmsg_len += 16;
	return 16;
}

static ssize_t without_skmem(int fd, void *buf, size_t size, int flags)
{
	return change(fd, buf, size, flags, INET_DIAG_SKMEMINFO, hide);
}

static ssize_t without_info(int fd, void *buf, size_t size, int flags)
{
	return change(fd, buf, size, flags, INET_DIAG_INFO, hide);
}

static ssize_t short_info(int fd, void *buf, size_t size, int flags)
{
	return change(fd, buf, size, flags, INET_DIAG_INFO, shorten);
}

static ssize_t long_info(int fd, void *buf, size_t size, int flags)
{
	return change(fd, buf, size, flags, INET_DIAG_INFO, lengthen);
}

const struct answer answers[] = {
	{"recv gives an answer cut in its last message", cut},
	{"recv gives an answer cut by the kernel", cut_by_the_kernel},
	{"recv gives nothing", nothing},
	{"recv gives another request's answer first", of_another_request},
	{"recv gives an overrun", overrun},
	{"recv gives an interrupted dump", interrupted},
	{"recv gives a refusal", refused},
	{"recv gives no skmem", without_skmem},
	{"recv gives no tcp_info", without_info},
	{"recv gives a shorter tcp_info", short_info},
	{"recv gives a longer tcp_info", long_info},
	{NULL, NULL},
};
