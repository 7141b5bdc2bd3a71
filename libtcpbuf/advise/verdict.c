/* SPDX-License-Identifier: MIT */
/* Verdicts as records: names, and room for them. */
#include "advise/explain.h"

const char *tcpbuf_verdict_name(uint32_t code)
{
	static const char *const names[] = {
		[TCPBUF_VERDICT_READER_SLOW] = "reader_slow",
		[TCPBUF_VERDICT_RCVBUF_MAX] = "rcvbuf_max",
		[TCPBUF_VERDICT_RCVBUF_FIXED] = "rcvbuf_fixed",
		[TCPBUF_VERDICT_RCVBUF_UNTUNED] = "rcvbuf_untuned",
		[TCPBUF_VERDICT_SNDBUF_MAX] = "sndbuf_max",
		[TCPBUF_VERDICT_SNDBUF_FIXED] = "sndbuf_fixed",
		[TCPBUF_VERDICT_PEER_WINDOW] = "peer_window",
		[TCPBUF_VERDICT_ZERO_WINDOW] = "zero_window",
		[TCPBUF_VERDICT_CWND] = "cwnd",
		[TCPBUF_VERDICT_APP_IDLE] = "app_idle",
		[TCPBUF_VERDICT_TRUESIZE] = "truesize",
		[TCPBUF_VERDICT_WSCALE] = "wscale",
		[TCPBUF_VERDICT_MEMORY_PRESSURE] = "memory_pressure",
		[TCPBUF_VERDICT_NODE_OUT] = "node_out",
		[TCPBUF_VERDICT_NODE_PRESSURE] = "node_pressure",
		[TCPBUF_VERDICT_NODE_NEAR] = "node_near",
		[TCPBUF_VERDICT_NODE_FINE] = "node_fine",
		[TCPBUF_VERDICT_NODE_HOLDER] = "node_holder",
		[TCPBUF_VERDICT_NODE_UNACCEPTED] = "node_unaccepted",
		[TCPBUF_VERDICT_NODE_ORPHANED] = "node_orphaned",
		[TCPBUF_VERDICT_NODE_UNREACHABLE] = "node_unreachable",
	};

	return code < sizeof(names) / sizeof(names[0]) && names[code] ? names[code] : "unknown";
}

void tcpbuf__verdict_add(
	struct tcpbuf__verdicts *v, uint32_t end, const struct tcpbuf__finding *finding)
{
	struct tcpbuf_verdict record = {finding->code, end, finding->certainty, finding->share, "", ""};
	char *item;

	if (v->count == v->room)
		return;
	tcpbuf__say(record.evidence, sizeof(record.evidence), finding->evidence, &finding->words);
	tcpbuf__say(record.setting, sizeof(record.setting), finding->setting, &finding->words);
	item = v->items + (uint64_t)v->count++ * v->item_size;
	tcpbuf__copy_out(item, v->item_size, &record, sizeof(record));
}
