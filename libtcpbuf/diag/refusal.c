/* SPDX-License-Identifier: MIT */
/* What the kernel says when it refuses: a code, and words where it adds some. */
#include "diag/diag.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <string.h>

static const char *kernel_words(const struct nlmsghdr *msg, size_t fixed)
{
	const struct nlattr *attr;

	if (!(msg->nlmsg_flags & NLM_F_ACK_TLVS) || mnl_nlmsg_get_payload_len(msg) < fixed)
		return NULL;
	mnl_attr_for_each(attr, msg, fixed)
		if (mnl_attr_get_type(attr) == NLMSGERR_ATTR_MSG &&
			mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) >= 0)
			return mnl_attr_get_str(attr);
	return NULL;
}

/* Where the echoed request ends and attributes begin; the whole request unless the kernel capped it. */
static size_t error_fixed(const struct nlmsghdr *msg)
{
	const struct nlmsgerr *err = mnl_nlmsg_get_payload(msg);
	size_t fixed = sizeof(*err);

	if (!(msg->nlmsg_flags & NLM_F_CAPPED) && err->msg.nlmsg_len > sizeof(err->msg))
		fixed += err->msg.nlmsg_len - sizeof(err->msg);
	return fixed;
}

int tcpbuf__diag_error(const struct nlmsghdr *msg, const char **words)
{
	const struct nlmsgerr *err = mnl_nlmsg_get_payload(msg);

	*words = NULL;
	if (mnl_nlmsg_get_payload_len(msg) < sizeof(*err))
		return -EPROTO;
	*words = kernel_words(msg, error_fixed(msg));
	return err->error < 0 ? err->error : -EPROTO;
}

int tcpbuf__diag_done(const struct nlmsghdr *msg, const char **words)
{
	int code = 0;

	*words = NULL;
	if (mnl_nlmsg_get_payload_len(msg) >= sizeof(code))
		memcpy(&code, mnl_nlmsg_get_payload(msg), sizeof(code));
	if (code < 0)
		*words = kernel_words(msg, sizeof(code));
	return code < 0 ? code : 0;
}
