/* SPDX-License-Identifier: MIT */
/* Requests to sock_diag as bytes. */
#include "diag/diag.h"

#include <libmnl/libmnl.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>

static uint8_t extensions(uint32_t want)
{
	static const struct {
		uint32_t want;
		uint8_t attribute;
	} known[] = {
		{TCPBUF_SOCK_WANT_SKMEM, INET_DIAG_SKMEMINFO},
		{TCPBUF_SOCK_WANT_INFO, INET_DIAG_INFO},
		{TCPBUF_SOCK_WANT_CONG, INET_DIAG_CONG},
		{TCPBUF_SOCK_WANT_CONG_INFO, INET_DIAG_VEGASINFO}, /* whichever of the three there is */
	};
	uint32_t ext = 0;

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (want & known[i].want)
			ext |= 1u << (known[i].attribute - 1);
	return (uint8_t)ext;
}

static void put_both(struct nlmsghdr *msg, const struct tcpbuf_sock_query *query)
{
	struct inet_diag_req *req = mnl_nlmsg_put_extra_header(msg, sizeof(*req));

	msg->nlmsg_type = TCPDIAG_GETSOCK;
	req->idiag_ext = extensions(query->want);
	req->idiag_states = query->states;
}

static void put_family(struct nlmsghdr *msg, uint8_t family, const struct tcpbuf_sock_query *query)
{
	struct inet_diag_req_v2 *req = mnl_nlmsg_put_extra_header(msg, sizeof(*req));

	msg->nlmsg_type = SOCK_DIAG_BY_FAMILY;
	req->sdiag_family = family;
	req->sdiag_protocol = IPPROTO_TCP;
	req->idiag_ext = extensions(query->want);
	req->idiag_states = query->states;
}

struct nlmsghdr *tcpbuf__diag_dump_request(void *buf, uint8_t family, const struct tcpbuf_sock_query *query)
{
	struct nlmsghdr *msg = mnl_nlmsg_put_header(buf);
	uint32_t code[TCPBUF__FILTER_SIZE / sizeof(uint32_t)], size = tcpbuf__diag_filter(query, code);

	msg->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	if (family == AF_UNSPEC)
		put_both(msg, query);
	else
		put_family(msg, family, query);
	if (size)
		mnl_attr_put(msg, INET_DIAG_REQ_BYTECODE, size, code);
	return msg;
}
