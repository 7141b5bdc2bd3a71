/* SPDX-License-Identifier: MIT */
/* Bytes of a sock_diag answer into a record. */
#include "diag/diag.h"

#include <endian.h>
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <string.h>
#include <sys/socket.h>

/* How long struct tcp_info has been, newest first: with a length come the groups up to its own. */
#define UPTO(last) (2 * (last) - TCPBUF_SOCK_HAS_INFO)
static const struct info_size {
	uint16_t length;
	uint16_t groups;
} info_sizes[] = {
	{280, UPTO(TCPBUF_SOCK_HAS_INFO_ACCECN)},
	{248, UPTO(TCPBUF_SOCK_HAS_INFO_RTO)},
	{240, UPTO(TCPBUF_SOCK_HAS_INFO_RCV_WND)},
	{232, UPTO(TCPBUF_SOCK_HAS_INFO_SND_WND)},
	{224, UPTO(TCPBUF_SOCK_HAS_INFO_DELIVERED)},
	{192, UPTO(TCPBUF_SOCK_HAS_INFO_LIMITS)},
	{160, UPTO(TCPBUF_SOCK_HAS_INFO_SEGS)},
	{136, UPTO(TCPBUF_SOCK_HAS_INFO_BYTES)},
	{104, UPTO(TCPBUF_SOCK_HAS_INFO)},
	{0, 0},
};

/* From rto to accecn_word the record has the kernel's own layout: 8 bytes of bit-fields and bytes come before it. */
#define INFO_HEAD 8
#define INFO_LEAST 104
#define AT(member) offsetof(struct tcpbuf_sock, member)
#define INFO_START AT(rto)
#define INFO_MORE AT(pacing_rate) /* beyond the least */
#define INFO_END AT(cgroup_id)
_Static_assert(AT(total_retrans) - INFO_START == 100 - INFO_HEAD, "tcp_info");
_Static_assert(INFO_MORE - INFO_START == 104 - INFO_HEAD, "tcp_info");
_Static_assert(AT(delivery_rate) - INFO_START == 160 - INFO_HEAD, "tcp_info");
_Static_assert(AT(bytes_sent) - INFO_START == 200 - INFO_HEAD, "tcp_info");
_Static_assert(AT(rcv_wnd) - INFO_START == 232 - INFO_HEAD, "tcp_info");
_Static_assert(AT(total_rto_time) - INFO_START == 244 - INFO_HEAD, "tcp_info");
_Static_assert(INFO_END - INFO_START == 280 - INFO_HEAD, "tcp_info");

static void clear(struct tcpbuf_sock *out, size_t from, size_t to)
{
	memset((char *)out + from, 0, to - from);
}

void tcpbuf__diag_parse_info(const unsigned char *info, size_t length, struct tcpbuf_sock *out)
{
	const struct info_size *size = info_sizes;

	while (length < size->length)
		size++;
	if (!size->length)
		return;
	out->valid |= size->groups;
	out->ca_state = info[1];
	out->retransmits = info[2];
	out->probes = info[3];
	out->backoff = info[4];
	out->options = info[5];
	/* Bit-fields of the kernel's struct: the compiler puts the first one low on little-endian machines. */
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	out->snd_wscale = info[6] & 15;
	out->rcv_wscale = info[6] >> 4;
	out->app_limited = info[7] & 1;
	out->fastopen_client_fail = info[7] >> 1 & 3;
#else
	out->snd_wscale = info[6] >> 4;
	out->rcv_wscale = info[6] & 15;
	out->app_limited = info[7] >> 7;
	out->fastopen_client_fail = info[7] >> 5 & 3;
#endif
	/* Lengths that the compiler knows need no call. */
	memcpy((char *)out + INFO_START, info + INFO_HEAD, INFO_LEAST - INFO_HEAD);
	if (size == info_sizes) {
		memcpy((char *)out + INFO_MORE, info + INFO_LEAST, INFO_END - INFO_MORE);
	} else {
		clear(out, INFO_MORE, INFO_END);
		memcpy((char *)out + INFO_MORE, info + INFO_LEAST, size->length - INFO_LEAST);
	}
}

/* From rmem_alloc to drops too. */
#define SKMEM_START offsetof(struct tcpbuf_sock, rmem_alloc)
_Static_assert(AT(drops) - SKMEM_START == 4 * SK_MEMINFO_DROPS, "skmem");

void tcpbuf__diag_parse_skmem(const void *skmem, size_t length, struct tcpbuf_sock *out)
{
	if (length < 4 * SK_MEMINFO_DROPS)
		return;
	memcpy((char *)out + SKMEM_START, skmem, 4 * SK_MEMINFO_DROPS);
	out->held = (int64_t)out->rmem_alloc + out->wmem_queued + out->fwd_alloc;
	out->valid |= TCPBUF_SOCK_HAS_SKMEM;
	if (length < 4 * SK_MEMINFO_DROPS + sizeof(out->drops))
		return;
	memcpy(&out->drops, (const char *)skmem + 4 * SK_MEMINFO_DROPS, sizeof(out->drops));
	out->valid |= TCPBUF_SOCK_HAS_DROPS;
}

static int is_mapped(const uint8_t address[16])
{
	static const uint8_t prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

	return memcmp(address, prefix, sizeof(prefix)) == 0;
}

static void copy_address(uint8_t out[16], const void *address, uint32_t family)
{
	if (family == AF_INET6) {
		memcpy(out, address, 16);
	} else {
		memcpy(out, address, 4);
		memset(out + 4, 0, 12);
	}
}

void tcpbuf__diag_parse_addresses(uint32_t family, const void *local, const void *remote, struct tcpbuf_sock *out)
{
	out->family = out->socket_family = family;
	copy_address(out->local_address, local, family);
	copy_address(out->remote_address, remote, family);
	if (family != AF_INET6 || !is_mapped(out->local_address))
		return;
	out->family = AF_INET;
	copy_address(out->local_address, out->local_address + 12, AF_INET);
	copy_address(out->remote_address, out->remote_address + 12, AF_INET);
}

static void parse_fixed(const struct inet_diag_msg *diag, struct tcpbuf_sock *out)
{
	tcpbuf__diag_parse_addresses(diag->idiag_family, diag->id.idiag_src, diag->id.idiag_dst, out);
	out->cookie = (uint64_t)diag->id.idiag_cookie[1] << 32 | diag->id.idiag_cookie[0];
	out->state = diag->idiag_state;
	out->ifindex = diag->id.idiag_if;
	out->local_port = be16toh(diag->id.idiag_sport);
	out->remote_port = be16toh(diag->id.idiag_dport);
	out->uid = diag->idiag_uid;
	out->inode = diag->idiag_inode;
	out->timer = diag->idiag_timer;
	out->timer_retransmits = diag->idiag_retrans;
	out->timer_ms = diag->idiag_expires;
	out->shutdown = 0;
	out->valid = TCPBUF_SOCK_HAS_TIMER;
	if (out->state == TCPBUF_SOCK_LISTEN) {
		out->accept_queue = diag->idiag_rqueue;
		out->accept_queue_limit = diag->idiag_wqueue;
		out->valid |= TCPBUF_SOCK_HAS_LISTEN;
	} else {
		out->recv_q = diag->idiag_rqueue;
		out->send_q = diag->idiag_wqueue;
		out->valid |= TCPBUF_SOCK_HAS_QUEUE;
	}
}

/* The attribute's first bytes into a kernel struct; 0 when there are fewer. */
static int payload(const struct rtattr *attr, void *out, size_t size)
{
	if (attr->rta_len < RTA_LENGTH(size))
		return 0;
	memcpy(out, RTA_DATA(attr), size);
	return 1;
}

static void parse_bbr(const struct rtattr *attr, struct tcpbuf_sock *out)
{
	struct tcp_bbr_info bbr;

	if (!payload(attr, &bbr, sizeof(bbr)))
		return;
	out->bbr_bw = (uint64_t)bbr.bbr_bw_hi << 32 | bbr.bbr_bw_lo;
	out->bbr_min_rtt = bbr.bbr_min_rtt;
	out->bbr_pacing_gain = bbr.bbr_pacing_gain;
	out->bbr_cwnd_gain = bbr.bbr_cwnd_gain;
	out->valid |= TCPBUF_SOCK_HAS_BBR;
}

static void parse_dctcp(const struct rtattr *attr, struct tcpbuf_sock *out)
{
	struct tcp_dctcp_info dctcp;

	if (!payload(attr, &dctcp, sizeof(dctcp)))
		return;
	out->dctcp_enabled = dctcp.dctcp_enabled;
	out->dctcp_ce_state = dctcp.dctcp_ce_state;
	out->dctcp_alpha = dctcp.dctcp_alpha;
	out->dctcp_ab_ecn = dctcp.dctcp_ab_ecn;
	out->dctcp_ab_tot = dctcp.dctcp_ab_tot;
	out->valid |= TCPBUF_SOCK_HAS_DCTCP;
}

static void parse_vegas(const struct rtattr *attr, struct tcpbuf_sock *out)
{
	struct tcpvegas_info vegas;

	if (!payload(attr, &vegas, sizeof(vegas)))
		return;
	out->vegas_enabled = vegas.tcpv_enabled;
	out->vegas_rttcnt = vegas.tcpv_rttcnt;
	out->vegas_rtt = vegas.tcpv_rtt;
	out->vegas_minrtt = vegas.tcpv_minrtt;
	out->valid |= TCPBUF_SOCK_HAS_VEGAS;
}

static void parse_name(const struct rtattr *attr, char out[16], uint64_t group, uint64_t *valid)
{
	const char *name = RTA_DATA(attr);
	size_t length = (size_t)RTA_PAYLOAD(attr);

	if (!length || !name[0])
		return;
	memcpy(out, name, length < 15 ? length : 15);
	*valid |= group;
}

static void parse_ulp(const struct rtattr *nest, struct tcpbuf_sock *out)
{
	const struct rtattr *attr = RTA_DATA(nest);

	for (int left = RTA_PAYLOAD(nest); RTA_OK(attr, left); attr = RTA_NEXT(attr, left))
		if ((attr->rta_type & NLA_TYPE_MASK) == INET_ULP_INFO_NAME)
			parse_name(attr, out->ulp_name, TCPBUF_SOCK_HAS_ULP, &out->valid);
}

static void parse_shutdown(const struct rtattr *attr, struct tcpbuf_sock *out)
{
	uint8_t sides;

	if (!payload(attr, &sides, sizeof(sides)))
		return;
	out->shutdown = sides;
	out->valid |= TCPBUF_SOCK_HAS_SHUTDOWN;
}

static void parse_attr(const struct rtattr *attr, struct tcpbuf_sock *out)
{
	switch (attr->rta_type & NLA_TYPE_MASK) {
	case INET_DIAG_INFO:
		/* Of a listener the kernel fills two counters only, shown as accept_queue. */
		if (out->state != TCPBUF_SOCK_LISTEN)
			tcpbuf__diag_parse_info(RTA_DATA(attr), (size_t)RTA_PAYLOAD(attr), out);
		break;
	case INET_DIAG_SKMEMINFO:
		tcpbuf__diag_parse_skmem(RTA_DATA(attr), (size_t)RTA_PAYLOAD(attr), out);
		break;
	case INET_DIAG_SHUTDOWN:
		parse_shutdown(attr, out);
		break;
	case INET_DIAG_MARK:
		if (payload(attr, &out->mark, sizeof(out->mark)))
			out->valid |= TCPBUF_SOCK_HAS_MARK;
		break;
	case INET_DIAG_CGROUP_ID:
		if (payload(attr, &out->cgroup_id, sizeof(out->cgroup_id)))
			out->valid |= TCPBUF_SOCK_HAS_CGROUP;
		break;
	case INET_DIAG_CONG:
		parse_name(attr, out->cong_name, TCPBUF_SOCK_HAS_CONG, &out->valid);
		break;
	case INET_DIAG_ULP_INFO:
		parse_ulp(attr, out);
		break;
	case INET_DIAG_BBRINFO:
		parse_bbr(attr, out);
		break;
	case INET_DIAG_DCTCPINFO:
		parse_dctcp(attr, out);
		break;
	case INET_DIAG_VEGASINFO:
		parse_vegas(attr, out);
		break;
	default:
		break;
	}
}

/* By the kernel's own macros, checked as libmnl's functions, which would be a third of a dump's instructions. */
static void parse_attrs(const struct rtattr *attr, int left, struct tcpbuf_sock *out)
{
	for (; RTA_OK(attr, left); attr = RTA_NEXT(attr, left))
		parse_attr(attr, out);
}

int tcpbuf__diag_parse(const struct nlmsghdr *msg, struct tcpbuf_sock *out)
{
	const struct inet_diag_msg *diag = NLMSG_DATA(msg);

	if (msg->nlmsg_len < NLMSG_LENGTH(sizeof(*diag)))
		return -EPROTO;
	if (diag->idiag_family != AF_INET && diag->idiag_family != AF_INET6)
		return -EPROTO;
	/* What parse_fixed() and, in most records, tcp_info fill need not be zero before. */
	clear(out, AT(recv_q), AT(ca_state));
	clear(out, AT(cgroup_id), AT(dctcp_enabled));
	clear(out, AT(dctcp_enabled), sizeof(*out));
	parse_fixed(diag, out);
	parse_attrs((const struct rtattr *)(diag + 1), (int)(msg->nlmsg_len - NLMSG_LENGTH(sizeof(*diag))), out);
	if (!(out->valid & TCPBUF_SOCK_HAS_INFO))
		clear(out, AT(ca_state), INFO_END);
	return 0;
}
