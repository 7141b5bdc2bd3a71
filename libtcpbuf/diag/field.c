/* SPDX-License-Identifier: MIT */
/* The table of a record's fields: name, place, group, unit. */
#include "diag/diag.h"

#include <errno.h>
#include <string.h>

#include "base/base.h"

struct field {
	const char *name;
	const char *unit;
	uint16_t offset;
	uint16_t type;
	uint32_t group;
};

#define MEMBER_TYPE(member)                                                                        \
	_Generic(((struct tcpbuf_sock *)0)->member,                                                \
		uint16_t : TCPBUF_FIELD_U16, uint32_t : TCPBUF_FIELD_U32, int32_t : TCPBUF_FIELD_I32, \
		uint64_t : TCPBUF_FIELD_U64, int64_t : TCPBUF_FIELD_I64, char * : TCPBUF_FIELD_TEXT,   \
		default : TCPBUF_FIELD_ADDRESS)

#define FIELD(member, group, unit)                                                                 \
	{#member, unit, offsetof(struct tcpbuf_sock, member), MEMBER_TYPE(member), group}

#define TIMER TCPBUF_SOCK_HAS_TIMER
#define QUEUE TCPBUF_SOCK_HAS_QUEUE
#define LISTEN TCPBUF_SOCK_HAS_LISTEN
#define SKMEM TCPBUF_SOCK_HAS_SKMEM
#define INFO TCPBUF_SOCK_HAS_INFO
#define BYTES TCPBUF_SOCK_HAS_INFO_BYTES
#define SEGS TCPBUF_SOCK_HAS_INFO_SEGS
#define LIMITS TCPBUF_SOCK_HAS_INFO_LIMITS
#define DELIVERED TCPBUF_SOCK_HAS_INFO_DELIVERED
#define SND_WND TCPBUF_SOCK_HAS_INFO_SND_WND
#define RCV_WND TCPBUF_SOCK_HAS_INFO_RCV_WND
#define RTO TCPBUF_SOCK_HAS_INFO_RTO
#define ACCECN TCPBUF_SOCK_HAS_INFO_ACCECN
#define BBR TCPBUF_SOCK_HAS_BBR
#define DCTCP TCPBUF_SOCK_HAS_DCTCP
#define VEGAS TCPBUF_SOCK_HAS_VEGAS

static const struct field fields[] = {
	FIELD(cookie, 0, ""),
	FIELD(family, 0, ""),
	FIELD(socket_family, 0, ""),
	FIELD(state, 0, ""),
	FIELD(ifindex, 0, ""),
	FIELD(local_address, 0, ""),
	FIELD(remote_address, 0, ""),
	FIELD(local_port, 0, ""),
	FIELD(remote_port, 0, ""),
	FIELD(uid, 0, ""),
	FIELD(inode, 0, ""),
	FIELD(timer, TIMER, ""),
	FIELD(timer_retransmits, TIMER, ""),
	FIELD(timer_ms, TIMER, "ms"),
	FIELD(shutdown, TCPBUF_SOCK_HAS_SHUTDOWN, ""),
	FIELD(recv_q, QUEUE, "bytes"),
	FIELD(send_q, QUEUE, "bytes"),
	FIELD(accept_queue, LISTEN, ""),
	FIELD(accept_queue_limit, LISTEN, ""),
	FIELD(rmem_alloc, SKMEM, "bytes"),
	FIELD(rcvbuf, SKMEM, "bytes"),
	FIELD(wmem_alloc, SKMEM, "bytes"),
	FIELD(sndbuf, SKMEM, "bytes"),
	FIELD(fwd_alloc, SKMEM, "bytes"),
	FIELD(wmem_queued, SKMEM, "bytes"),
	FIELD(optmem, SKMEM, "bytes"),
	FIELD(backlog, SKMEM, "bytes"),
	FIELD(drops, TCPBUF_SOCK_HAS_DROPS, ""),
	FIELD(held, SKMEM, "bytes"),
	FIELD(ca_state, INFO, ""),
	FIELD(retransmits, INFO, ""),
	FIELD(probes, INFO, ""),
	FIELD(backoff, INFO, ""),
	FIELD(options, INFO, ""),
	FIELD(snd_wscale, INFO, ""),
	FIELD(rcv_wscale, INFO, ""),
	FIELD(app_limited, INFO, ""),
	FIELD(fastopen_client_fail, INFO, ""),
	FIELD(rto, INFO, "us"),
	FIELD(ato, INFO, "us"),
	FIELD(snd_mss, INFO, "bytes"),
	FIELD(rcv_mss, INFO, "bytes"),
	FIELD(unacked, INFO, "segments"),
	FIELD(sacked, INFO, "segments"),
	FIELD(lost, INFO, "segments"),
	FIELD(retrans, INFO, "segments"),
	FIELD(fackets, INFO, "segments"),
	FIELD(last_data_sent, INFO, "ms"),
	FIELD(last_ack_sent, INFO, "ms"),
	FIELD(last_data_recv, INFO, "ms"),
	FIELD(last_ack_recv, INFO, "ms"),
	FIELD(pmtu, INFO, "bytes"),
	FIELD(rcv_ssthresh, INFO, "bytes"),
	FIELD(rtt, INFO, "us"),
	FIELD(rttvar, INFO, "us"),
	FIELD(snd_ssthresh, INFO, "segments"),
	FIELD(snd_cwnd, INFO, "segments"),
	FIELD(advmss, INFO, "bytes"),
	FIELD(reordering, INFO, "segments"),
	FIELD(rcv_rtt, INFO, "us"),
	FIELD(rcv_space, INFO, "bytes"),
	FIELD(total_retrans, INFO, "segments"),
	FIELD(pacing_rate, BYTES, "bytes/s"),
	FIELD(max_pacing_rate, BYTES, "bytes/s"),
	FIELD(bytes_acked, BYTES, "bytes"),
	FIELD(bytes_received, BYTES, "bytes"),
	FIELD(segs_out, SEGS, "segments"),
	FIELD(segs_in, SEGS, "segments"),
	FIELD(notsent_bytes, SEGS, "bytes"),
	FIELD(min_rtt, SEGS, "us"),
	FIELD(data_segs_in, SEGS, "segments"),
	FIELD(data_segs_out, SEGS, "segments"),
	FIELD(delivery_rate, LIMITS, "bytes/s"),
	FIELD(busy_time, LIMITS, "us"),
	FIELD(rwnd_limited, LIMITS, "us"),
	FIELD(sndbuf_limited, LIMITS, "us"),
	FIELD(delivered, DELIVERED, "segments"),
	FIELD(delivered_ce, DELIVERED, "segments"),
	FIELD(bytes_sent, DELIVERED, "bytes"),
	FIELD(bytes_retrans, DELIVERED, "bytes"),
	FIELD(dsack_dups, DELIVERED, ""),
	FIELD(reord_seen, DELIVERED, ""),
	FIELD(rcv_ooopack, SND_WND, "segments"),
	FIELD(snd_wnd, SND_WND, "bytes"),
	FIELD(rcv_wnd, RCV_WND, "bytes"),
	FIELD(rehash, RCV_WND, ""),
	FIELD(total_rto, RTO, ""),
	FIELD(total_rto_recoveries, RTO, ""),
	FIELD(total_rto_time, RTO, "ms"),
	FIELD(received_ce, ACCECN, "segments"),
	FIELD(delivered_e1_bytes, ACCECN, "bytes"),
	FIELD(delivered_e0_bytes, ACCECN, "bytes"),
	FIELD(delivered_ce_bytes, ACCECN, "bytes"),
	FIELD(received_e1_bytes, ACCECN, "bytes"),
	FIELD(received_e0_bytes, ACCECN, "bytes"),
	FIELD(received_ce_bytes, ACCECN, "bytes"),
	FIELD(accecn_word, ACCECN, ""),
	FIELD(cgroup_id, TCPBUF_SOCK_HAS_CGROUP, ""),
	FIELD(bbr_bw, BBR, "bytes/s"),
	FIELD(bbr_min_rtt, BBR, "us"),
	FIELD(bbr_pacing_gain, BBR, ""),
	FIELD(bbr_cwnd_gain, BBR, ""),
	FIELD(mark, TCPBUF_SOCK_HAS_MARK, ""),
	FIELD(dctcp_enabled, DCTCP, ""),
	FIELD(dctcp_ce_state, DCTCP, ""),
	FIELD(dctcp_alpha, DCTCP, ""),
	FIELD(dctcp_ab_ecn, DCTCP, "bytes"),
	FIELD(dctcp_ab_tot, DCTCP, "bytes"),
	FIELD(vegas_enabled, VEGAS, ""),
	FIELD(vegas_rttcnt, VEGAS, ""),
	FIELD(vegas_rtt, VEGAS, "us"),
	FIELD(vegas_minrtt, VEGAS, "us"),
	FIELD(cong_name, TCPBUF_SOCK_HAS_CONG, ""),
	FIELD(ulp_name, TCPBUF_SOCK_HAS_ULP, ""),
};

static const uint32_t field_count = sizeof(fields) / sizeof(fields[0]);

int tcpbuf_sock_field_at(uint32_t index, void *out, uint32_t out_size)
{
	struct tcpbuf_sock_field info = {{0}, {0}, 0, 0, 0};

	if (!out)
		return -EINVAL;
	if (index >= field_count)
		return 0;
	memcpy(info.name, fields[index].name, strlen(fields[index].name));
	memcpy(info.unit, fields[index].unit, strlen(fields[index].unit));
	info.offset = fields[index].offset;
	info.type = fields[index].type;
	info.group = fields[index].group;
	tcpbuf__copy_out(out, out_size, &info, sizeof(info));
	return 1;
}

int tcpbuf_sock_has(const struct tcpbuf_sock *sock, const char *field)
{
	if (!sock || !field)
		return -EINVAL;
	for (uint32_t i = 0; i < field_count; i++)
		if (strcmp(fields[i].name, field) == 0)
			return !fields[i].group || (sock->valid & fields[i].group);
	return -EINVAL;
}

const char *tcpbuf_sock_state_name(uint32_t state)
{
	static const char *const names[] = {"UNKNOWN", "ESTAB", "SYN-SENT", "SYN-RECV", "FIN-WAIT-1",
		"FIN-WAIT-2", "TIME-WAIT", "UNCONN", "CLOSE-WAIT", "LAST-ACK", "LISTEN", "CLOSING",
		"NEW-SYN-RECV", "BOUND-INACTIVE"};

	return names[state < sizeof(names) / sizeof(names[0]) ? state : 0];
}
