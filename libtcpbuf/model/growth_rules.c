/* SPDX-License-Identifier: MIT */
/* Which kernel tunes buffers by which rule. */
#include "model/model.h"

#define V(major, minor, patch) ((uint32_t)(major) << 16 | (uint32_t)(minor) << 8 | (patch))

/* Each row holds from its kernel on; rows that name a patch are recorded distribution kernels. */
static const struct {
	uint32_t from;
	uint32_t drs, rcv_rtt, ratio_clamp, drs_unread, tso_by_rtt, hystart_late;
} variants[] = {
	{V(4, 19, 0), TCPBUF_RULE_DRS_SEGMENTS, TCPBUF_RULE_RCV_RTT_AVERAGE, TCPBUF_RULE_RATIO_CLAMP_KEPT, 0, 0, 1},
	{V(5, 18, 0), TCPBUF_RULE_DRS_SEGMENTS, TCPBUF_RULE_RCV_RTT_AVERAGE, TCPBUF_RULE_RATIO_CLAMP_KEPT, 0, 1, 1},
	{V(6, 1, 176), TCPBUF_RULE_DRS_SEGMENTS, TCPBUF_RULE_RCV_RTT_LEAST, TCPBUF_RULE_RATIO_CLAMP_KEPT, 0, 1, 0},
	{V(6, 2, 0), TCPBUF_RULE_DRS_SEGMENTS, TCPBUF_RULE_RCV_RTT_AVERAGE, TCPBUF_RULE_RATIO_CLAMP_KEPT, 0, 1, 1},
	{V(6, 6, 0), TCPBUF_RULE_DRS_RATIO, TCPBUF_RULE_RCV_RTT_AVERAGE, TCPBUF_RULE_RATIO_CLAMP_KEPT, 0, 1, 1},
	{V(6, 11, 0), TCPBUF_RULE_DRS_RATIO, TCPBUF_RULE_RCV_RTT_AVERAGE, TCPBUF_RULE_RATIO_CLAMP_SET, 0, 1, 1},
	{V(6, 12, 117), TCPBUF_RULE_DRS_RATIO, TCPBUF_RULE_RCV_RTT_LEAST, TCPBUF_RULE_RATIO_CLAMP_SPACE, 1, 1, 0},
	{V(6, 13, 0), TCPBUF_RULE_DRS_RATIO, TCPBUF_RULE_RCV_RTT_AVERAGE, TCPBUF_RULE_RATIO_CLAMP_SET, 0, 1, 1},
	{V(6, 14, 0), TCPBUF_RULE_DRS_RATIO, TCPBUF_RULE_RCV_RTT_AVERAGE, TCPBUF_RULE_RATIO_CLAMP_OPTION, 0, 1, 0},
	{V(6, 16, 0), TCPBUF_RULE_DRS_DOUBLE, TCPBUF_RULE_RCV_RTT_UNREAD, TCPBUF_RULE_RATIO_CLAMP_OPTION, 1, 1, 0},
	{V(6, 18, 0), TCPBUF_RULE_DRS_SLOW_START, TCPBUF_RULE_RCV_RTT_UNREAD, TCPBUF_RULE_RATIO_CLAMP_OPTION, 1, 1, 0},
	{V(6, 19, 0), TCPBUF_RULE_DRS_LOW_RTT, TCPBUF_RULE_RCV_RTT_UNREAD, TCPBUF_RULE_RATIO_CLAMP_OPTION, 1, 1, 0},
	{V(7, 3, 0), TCPBUF_RULE_DRS_LOW_RTT, TCPBUF_RULE_RCV_RTT_UNREAD, TCPBUF_RULE_RATIO_CLAMP_SPACE, 1, 1, 0},
};

void tcpbuf__growth_rules(struct tcpbuf_rules *r)
{
	uint32_t row = 0;

	for (uint32_t i = 0; i < sizeof(variants) / sizeof(variants[0]); i++)
		if (variants[i].from <= r->keys.version)
			row = i;
	r->drs = variants[row].drs;
	r->rcv_rtt = variants[row].rcv_rtt;
	r->ratio_clamp = variants[row].ratio_clamp;
	r->drs_unread = variants[row].drs_unread;
	r->tso_by_rtt = variants[row].tso_by_rtt;
	r->hystart_late = variants[row].hystart_late;
}
