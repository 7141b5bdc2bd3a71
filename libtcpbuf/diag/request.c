/* SPDX-License-Identifier: MIT */
/* Requests to sock_diag as bytes. */
#include "diag/diag.h"

#include <endian.h>
#include <libmnl/libmnl.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <string.h>

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

static struct inet_diag_req_v2 *put_family(struct nlmsghdr *msg, uint32_t family, uint32_t want)
{
	struct inet_diag_req_v2 *req = mnl_nlmsg_put_extra_header(msg, sizeof(*req));

	msg->nlmsg_type = SOCK_DIAG_BY_FAMILY;
	req->sdiag_family = (uint8_t)family;
	req->sdiag_protocol = IPPROTO_TCP;
	req->idiag_ext = extensions(want);
	return req;
}

struct nlmsghdr *tcpbuf__diag_dump_request(void *buf, uint8_t family, const struct tcpbuf_sock_query *query)
{
	struct nlmsghdr *msg = mnl_nlmsg_put_header(buf);
	uint32_t code[TCPBUF__FILTER_SIZE / sizeof(uint32_t)], size = tcpbuf__diag_filter(query, code);

	msg->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	if (family == AF_UNSPEC)
		put_both(msg, query);
	else
		put_family(msg, family, query->want)->idiag_states = query->states;
	if (size)
		mnl_attr_put(msg, INET_DIAG_REQ_BYTECODE, size, code);
	return msg;
}

struct nlmsghdr *tcpbuf__diag_get_request(void *buf, const struct tcpbuf_sock_id *id)
{
	struct nlmsghdr *msg = mnl_nlmsg_put_header(buf);
	struct inet_diag_req_v2 *req = put_family(msg, id->family, id->want);

	msg->nlmsg_flags = NLM_F_REQUEST;
	msg->nlmsg_seq = 1;
	req->id.idiag_sport = htobe16((uint16_t)id->local_port);
	req->id.idiag_dport = htobe16((uint16_t)id->remote_port);
	memcpy(req->id.idiag_src, id->local_address, sizeof(req->id.idiag_src));
	memcpy(req->id.idiag_dst, id->remote_address, sizeof(req->id.idiag_dst));
	req->id.idiag_if = id->ifindex;
	req->id.idiag_cookie[0] = id->cookie ? (uint32_t)id->cookie : INET_DIAG_NOCOOKIE;
	req->id.idiag_cookie[1] = id->cookie ? (uint32_t)(id->cookie >> 32) : INET_DIAG_NOCOOKIE;
	return msg;
}
