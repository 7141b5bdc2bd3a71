/* SPDX-License-Identifier: MIT */
/* Bytes of a sock_diag answer into a record. */
#include "diag/diag.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/inet_diag.h>
#include <string.h>
#include <sys/socket.h>

/* Lengths that struct tcp_info has had; a kernel that sends less lacks the group. */
static const struct {
	uint16_t length;
	uint16_t group;
} info_steps[] = {
	{104, TCPBUF_SOCK_HAS_INFO},
	{136, TCPBUF_SOCK_HAS_INFO_BYTES},
	{160, TCPBUF_SOCK_HAS_INFO_SEGS},
	{192, TCPBUF_SOCK_HAS_INFO_LIMITS},
	{224, TCPBUF_SOCK_HAS_INFO_DELIVERED},
	{232, TCPBUF_SOCK_HAS_INFO_SND_WND},
	{240, TCPBUF_SOCK_HAS_INFO_RCV_WND},
	{248, TCPBUF_SOCK_HAS_INFO_RTO},
	{280, TCPBUF_SOCK_HAS_INFO_ACCECN},
};

/* From rto to accecn_word the record has the kernel's own layout. */
#define INFO_HEAD 8
#define INFO_KNOWN 280
#define INFO_START offsetof(struct tcpbuf_sock, rto)
_Static_assert(offsetof(struct tcpbuf_sock, total_retrans) - INFO_START == 100 - INFO_HEAD, "tcp_info");
_Static_assert(offsetof(struct tcpbuf_sock, pacing_rate) - INFO_START == 104 - INFO_HEAD, "tcp_info");
_Static_assert(offsetof(struct tcpbuf_sock, delivery_rate) - INFO_START == 160 - INFO_HEAD, "tcp_info");
_Static_assert(offsetof(struct tcpbuf_sock, bytes_sent) - INFO_START == 200 - INFO_HEAD, "tcp_info");
_Static_assert(offsetof(struct tcpbuf_sock, rcv_wnd) - INFO_START == 232 - INFO_HEAD, "tcp_info");
_Static_assert(offsetof(struct tcpbuf_sock, total_rto_time) - INFO_START == 244 - INFO_HEAD, "tcp_info");
_Static_assert(offsetof(struct tcpbuf_sock, accecn_word) - INFO_START == 276 - INFO_HEAD, "tcp_info");

void tcpbuf__diag_parse_info(const unsigned char *info, size_t length, struct tcpbuf_sock *out)
{
	size_t kept = 0;

	for (size_t i = 0; i < sizeof(info_steps) / sizeof(info_steps[0]); i++) {
		if (length < info_steps[i].length)
			break;
		out->valid |= info_steps[i].group;
		kept = info_steps[i].length;
	}
	if (!kept)
		return;
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
	memcpy((char *)out + INFO_START, info + INFO_HEAD, kept - INFO_HEAD);
}

void tcpbuf__diag_parse_skmem(const void *skmem, size_t length, struct tcpbuf_sock *out)
{
	uint32_t words[9] = {0};

	if (length < 8 * sizeof(words[0]))
		return;
	memcpy(words, skmem, length < sizeof(words) ? length : sizeof(words));
	out->rmem_alloc = words[0];
	out->rcvbuf = words[1];
	out->wmem_alloc = words[2];
	out->sndbuf = words[3];
	out->fwd_alloc = (int32_t)words[4];
	out->wmem_queued = words[5];
	out->optmem = words[6];
	out->backlog = words[7];
	out->held = (int64_t)out->rmem_alloc + out->wmem_queued + out->fwd_alloc;
	out->valid |= TCPBUF_SOCK_HAS_SKMEM;
	if (length >= sizeof(words)) {
		out->drops = words[8];
		out->valid |= TCPBUF_SOCK_HAS_DROPS;
	}
}

static int is_mapped(const uint8_t address[16])
{
	static const uint8_t prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

	return memcmp(address, prefix, sizeof(prefix)) == 0;
}

static void unmap(uint8_t address[16])
{
	memmove(address, address + 12, 4);
	memset(address + 4, 0, 12);
}

void tcpbuf__diag_parse_addresses(uint32_t family, const void *local, const void *remote, struct tcpbuf_sock *out)
{
	size_t length = family == AF_INET ? 4 : 16;

	out->family = out->socket_family = family;
	memcpy(out->local_address, local, length);
	memcpy(out->remote_address, remote, length);
	if (family != AF_INET6 || !is_mapped(out->local_address))
		return;
	out->family = AF_INET;
	unmap(out->local_address);
	unmap(out->remote_address);
}

uint32_t tcpbuf__diag_from_be16(uint16_t value)
{
	const unsigned char *bytes = (const unsigned char *)&value;

	return (uint32_t)bytes[0] << 8 | bytes[1];
}

static void parse_fixed(const struct inet_diag_msg *diag, struct tcpbuf_sock *out)
{
	tcpbuf__diag_parse_addresses(diag->idiag_family, diag->id.idiag_src, diag->id.idiag_dst, out);
	out->cookie = (uint64_t)diag->id.idiag_cookie[1] << 32 | diag->id.idiag_cookie[0];
	out->state = diag->idiag_state;
	out->ifindex = diag->id.idiag_if;
	out->local_port = tcpbuf__diag_from_be16(diag->id.idiag_sport);
	out->remote_port = tcpbuf__diag_from_be16(diag->id.idiag_dport);
	out->uid = diag->idiag_uid;
	out->inode = diag->idiag_inode;
	out->timer = diag->idiag_timer;
	out->timer_retransmits = diag->idiag_retrans;
	out->timer_ms = diag->idiag_expires;
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
static int payload(const struct nlattr *attr, void *out, size_t size)
{
	if (mnl_attr_get_payload_len(attr) < size)
		return 0;
	memcpy(out, mnl_attr_get_payload(attr), size);
	return 1;
}

static void parse_bbr(const struct nlattr *attr, struct tcpbuf_sock *out)
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

static void parse_dctcp(const struct nlattr *attr, struct tcpbuf_sock *out)
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

static void parse_vegas(const struct nlattr *attr, struct tcpbuf_sock *out)
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

static void parse_name(const struct nlattr *attr, char out[16], uint64_t group, uint64_t *valid)
{
	uint32_t length = mnl_attr_get_payload_len(attr);

	memcpy(out, mnl_attr_get_payload(attr), length < 15 ? length : 15);
	*valid |= group;
}

static void parse_ulp(const struct nlattr *nest, struct tcpbuf_sock *out)
{
	const struct nlattr *attr;

	mnl_attr_for_each_nested(attr, nest)
		if (mnl_attr_get_type(attr) == INET_ULP_INFO_NAME)
			parse_name(attr, out->ulp_name, TCPBUF_SOCK_HAS_ULP, &out->valid);
}

static void parse_identity(const struct nlattr *attr, struct tcpbuf_sock *out)
{
	if (mnl_attr_get_type(attr) == INET_DIAG_MARK && payload(attr, &out->mark, sizeof(out->mark)))
		out->valid |= TCPBUF_SOCK_HAS_MARK;
	if (mnl_attr_get_type(attr) == INET_DIAG_CGROUP_ID && payload(attr, &out->cgroup_id, sizeof(out->cgroup_id)))
		out->valid |= TCPBUF_SOCK_HAS_CGROUP;
}

static void parse_shutdown(const struct nlattr *attr, struct tcpbuf_sock *out)
{
	uint8_t sides;

	if (!payload(attr, &sides, sizeof(sides)))
		return;
	out->shutdown = sides;
	out->valid |= TCPBUF_SOCK_HAS_SHUTDOWN;
}

static void parse_attr(const struct nlattr *attr, struct tcpbuf_sock *out)
{
	const void *data = mnl_attr_get_payload(attr);
	size_t length = mnl_attr_get_payload_len(attr);

	switch (mnl_attr_get_type(attr)) {
	case INET_DIAG_INFO:
		/* Of a listener the kernel fills two counters only, shown as accept_queue. */
		if (out->state != TCPBUF_SOCK_LISTEN)
			tcpbuf__diag_parse_info(data, length, out);
		break;
	case INET_DIAG_SKMEMINFO:
		tcpbuf__diag_parse_skmem(data, length, out);
		break;
	case INET_DIAG_SHUTDOWN:
		parse_shutdown(attr, out);
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
		parse_identity(attr, out);
		break;
	}
}

int tcpbuf__diag_whole(const struct nlmsghdr *msg, int left)
{
	return mnl_nlmsg_ok(msg, left) && msg->nlmsg_len <= (uint32_t)left;
}

int tcpbuf__diag_parse(const struct nlmsghdr *msg, struct tcpbuf_sock *out)
{
	const struct inet_diag_msg *diag = mnl_nlmsg_get_payload(msg);
	const struct nlattr *attr;

	memset(out, 0, sizeof(*out));
	if (mnl_nlmsg_get_payload_len(msg) < sizeof(*diag))
		return -EPROTO;
	if (diag->idiag_family != AF_INET && diag->idiag_family != AF_INET6)
		return -EPROTO;
	parse_fixed(diag, out);
	mnl_attr_for_each(attr, msg, sizeof(*diag))
		parse_attr(attr, out);
	return 0;
}
