/* SPDX-License-Identifier: MIT */
/* One row a key: what no kernel changes. Ranges and defaults by kernel are in variants.c. */
#include "keys/keys.h"

#include <string.h>

#define V(major, minor) TCPBUF__VERSION(major, minor, 0)
#define KEY(name) TCPBUF_KEY_##name
#define UNIT(name) TCPBUF_KEY_UNIT_##name
#define AT_START TCPBUF_KEY_INHERIT_CONST
#define COPIED TCPBUF_KEY_INHERIT_COPY
#define SHARED TCPBUF_KEY_INHERIT_SHARED
#define BY_HASH TCPBUF_KEY_INHERIT_EHASH
#define OLD 0 /* before 4.19 */
#define NODE 0

/* A per-namespace key whose conversion is older than 4.19 and not dated says 4.19. */
static const struct tcpbuf__key_row rows[] = {
	{KEY(TCP_RMEM), UNIT(BYTES), "net.ipv4.tcp_rmem", COPIED, OLD, V(4, 15)},
	{KEY(TCP_WMEM), UNIT(BYTES), "net.ipv4.tcp_wmem", COPIED, OLD, V(4, 15)},
	{KEY(TCP_MEM), UNIT(PAGES), "net.ipv4.tcp_mem", SHARED, OLD, NODE},
	{KEY(TCP_ADV_WIN_SCALE), UNIT(SHIFT), "net.ipv4.tcp_adv_win_scale", AT_START, OLD,
		V(4, 19)},
	{KEY(TCP_MODERATE_RCVBUF), UNIT(SWITCH), "net.ipv4.tcp_moderate_rcvbuf", AT_START, OLD,
		V(4, 19)},
	{KEY(CORE_RMEM_MAX), UNIT(BYTES), "net.core.rmem_max", SHARED, OLD, NODE},
	{KEY(CORE_WMEM_MAX), UNIT(BYTES), "net.core.wmem_max", SHARED, OLD, NODE},
	{KEY(CORE_RMEM_DEFAULT), UNIT(BYTES), "net.core.rmem_default", SHARED, OLD, NODE},
	{KEY(CORE_WMEM_DEFAULT), UNIT(BYTES), "net.core.wmem_default", SHARED, OLD, NODE},
	{KEY(CORE_OPTMEM_MAX), UNIT(BYTES), "net.core.optmem_max", AT_START, OLD, V(6, 8)},
	{KEY(CORE_SOMAXCONN), UNIT(CONNECTIONS), "net.core.somaxconn", AT_START, OLD, V(4, 19)},
	{KEY(CORE_NETDEV_MAX_BACKLOG), UNIT(PACKETS), "net.core.netdev_max_backlog", SHARED, OLD,
		NODE},
	{KEY(CORE_MEM_PCPU_RSV), UNIT(PAGES), "net.core.mem_pcpu_rsv", SHARED, V(6, 9), NODE},
	{KEY(CORE_BYPASS_PROT_MEM), UNIT(SWITCH), "net.core.bypass_prot_mem", AT_START, V(6, 19),
		V(6, 19)},
	{KEY(CORE_TXREHASH), UNIT(SWITCH), "net.core.txrehash", AT_START, V(5, 18), V(5, 18)},
	{KEY(CORE_MAX_SKB_FRAGS), UNIT(COUNT), "net.core.max_skb_frags", SHARED, OLD, NODE},
	{KEY(CORE_SKB_DEFER_MAX), UNIT(PACKETS), "net.core.skb_defer_max", SHARED, V(5, 19), NODE},
	{KEY(CORE_HIGH_ORDER_ALLOC_DISABLE), UNIT(SWITCH), "net.core.high_order_alloc_disable",
		SHARED, V(5, 3), NODE},
	{KEY(TCP_APP_WIN), UNIT(SHIFT), "net.ipv4.tcp_app_win", AT_START, OLD, V(4, 19)},
	{KEY(TCP_WINDOW_SCALING), UNIT(SWITCH), "net.ipv4.tcp_window_scaling", AT_START, OLD,
		V(4, 19)},
	{KEY(TCP_WORKAROUND_SIGNED_WINDOWS), UNIT(SWITCH), "net.ipv4.tcp_workaround_signed_windows",
		AT_START, OLD, V(4, 19)},
	{KEY(TCP_SACK), UNIT(SWITCH), "net.ipv4.tcp_sack", AT_START, OLD, V(4, 19)},
	{KEY(TCP_TIMESTAMPS), UNIT(MODE), "net.ipv4.tcp_timestamps", AT_START, OLD, V(4, 19)},
	{KEY(TCP_NO_METRICS_SAVE), UNIT(SWITCH), "net.ipv4.tcp_no_metrics_save", AT_START, OLD,
		V(4, 19)},
	{KEY(TCP_SLOW_START_AFTER_IDLE), UNIT(SWITCH), "net.ipv4.tcp_slow_start_after_idle",
		AT_START, OLD, V(4, 15)},
	{KEY(TCP_SHRINK_WINDOW), UNIT(SWITCH), "net.ipv4.tcp_shrink_window", AT_START, V(6, 5),
		V(6, 5)},
	{KEY(TCP_RCVBUF_LOW_RTT), UNIT(MICROSECONDS), "net.ipv4.tcp_rcvbuf_low_rtt", AT_START,
		V(6, 19), V(6, 19)},
	{KEY(TCP_NOTSENT_LOWAT), UNIT(BYTES), "net.ipv4.tcp_notsent_lowat", AT_START, OLD, V(4, 6)},
	{KEY(TCP_LIMIT_OUTPUT_BYTES), UNIT(BYTES), "net.ipv4.tcp_limit_output_bytes", AT_START, OLD,
		V(4, 19)},
	{KEY(TCP_AUTOCORKING), UNIT(SWITCH), "net.ipv4.tcp_autocorking", AT_START, OLD, V(4, 19)},
	{KEY(TCP_MAX_SYN_BACKLOG), UNIT(CONNECTIONS), "net.ipv4.tcp_max_syn_backlog", BY_HASH, OLD,
		V(4, 19)},
	{KEY(TCP_MAX_TW_BUCKETS), UNIT(CONNECTIONS), "net.ipv4.tcp_max_tw_buckets", BY_HASH, OLD,
		V(4, 19)},
	{KEY(TCP_MAX_ORPHANS), UNIT(CONNECTIONS), "net.ipv4.tcp_max_orphans", SHARED, OLD, NODE},
	{KEY(TCP_KEEPALIVE_TIME), UNIT(SECONDS), "net.ipv4.tcp_keepalive_time", AT_START, OLD,
		V(4, 5)},
	{KEY(TCP_KEEPALIVE_INTVL), UNIT(SECONDS), "net.ipv4.tcp_keepalive_intvl", AT_START, OLD,
		V(4, 5)},
	{KEY(TCP_KEEPALIVE_PROBES), UNIT(COUNT), "net.ipv4.tcp_keepalive_probes", AT_START, OLD,
		V(4, 5)},
	{KEY(TCP_COMP_SACK_DELAY_NS), UNIT(NANOSECONDS), "net.ipv4.tcp_comp_sack_delay_ns",
		AT_START, OLD, V(4, 18)},
	{KEY(TCP_COMP_SACK_SLACK_NS), UNIT(NANOSECONDS), "net.ipv4.tcp_comp_sack_slack_ns",
		AT_START, V(5, 8), V(5, 8)},
	{KEY(TCP_COMP_SACK_NR), UNIT(COUNT), "net.ipv4.tcp_comp_sack_nr", AT_START, OLD, V(4, 18)},
	{KEY(TCP_COMP_SACK_RTT_PERCENT), UNIT(PERCENT), "net.ipv4.tcp_comp_sack_rtt_percent",
		AT_START, V(6, 19), V(6, 19)},
	{KEY(TCP_BACKLOG_ACK_DEFER), UNIT(SWITCH), "net.ipv4.tcp_backlog_ack_defer", AT_START,
		V(6, 7), V(6, 7)},
	{KEY(TCP_TSO_RTT_LOG), UNIT(SHIFT), "net.ipv4.tcp_tso_rtt_log", AT_START, V(5, 18),
		V(5, 18)},
	{KEY(TCP_EHASH_ENTRIES), UNIT(COUNT), "net.ipv4.tcp_ehash_entries", BY_HASH, V(6, 1),
		V(6, 1)},
	{KEY(TCP_CHILD_EHASH_ENTRIES), UNIT(COUNT), "net.ipv4.tcp_child_ehash_entries", AT_START,
		V(6, 1), V(6, 1)},
	{KEY(TCP_BASE_MSS), UNIT(BYTES), "net.ipv4.tcp_base_mss", AT_START, OLD, V(4, 19)},
	{KEY(TCP_MIN_SND_MSS), UNIT(BYTES), "net.ipv4.tcp_min_snd_mss", AT_START, V(5, 2), V(5, 2)},
	{KEY(TCP_MIN_RTT_WLEN), UNIT(SECONDS), "net.ipv4.tcp_min_rtt_wlen", AT_START, OLD,
		V(4, 19)},
	{KEY(TCP_MTU_PROBING), UNIT(MODE), "net.ipv4.tcp_mtu_probing", AT_START, OLD, V(4, 19)},
	{KEY(TCP_TSO_WIN_DIVISOR), UNIT(COUNT), "net.ipv4.tcp_tso_win_divisor", AT_START, OLD,
		V(4, 19)},
	{KEY(TCP_MIN_TSO_SEGS), UNIT(COUNT), "net.ipv4.tcp_min_tso_segs", AT_START, OLD, V(4, 19)},
	{KEY(TCP_PACING_CA_RATIO), UNIT(PERCENT), "net.ipv4.tcp_pacing_ca_ratio", AT_START, OLD,
		V(4, 19)},
	{KEY(TCP_PACING_SS_RATIO), UNIT(PERCENT), "net.ipv4.tcp_pacing_ss_ratio", AT_START, OLD,
		V(4, 19)},
	{KEY(TCP_CONGESTION_CONTROL), UNIT(NAME), "net.ipv4.tcp_congestion_control", COPIED, OLD,
		V(4, 19)},
};

static const uint32_t row_count = sizeof(rows) / sizeof(rows[0]);
static const uint32_t prefix_length = 9; /* "net.ipv4." and "net.core." */

const struct tcpbuf__key_row *tcpbuf__key_row(uint32_t key)
{
	for (uint32_t i = 0; i < row_count; i++)
		if (rows[i].key == key)
			return &rows[i];
	return 0;
}

uint32_t tcpbuf__key_numbers(uint32_t key)
{
	if (key == TCPBUF_KEY_TCP_CONGESTION_CONTROL)
		return 0;
	return key <= TCPBUF_KEY_TCP_MEM ? 3 : 1;
}

uint32_t tcpbuf_key_count(void)
{
	return row_count;
}

uint32_t tcpbuf_key_at(uint32_t index)
{
	return index < row_count ? rows[index].key : TCPBUF_KEY_NONE;
}

/* Dots and slashes are the same, as for the sysctl program; no key of the family has either in its
 * file name. */
static int same_name(const char *name, const char *dotted)
{
	while (*dotted && (*name == *dotted || (*name == '/' && *dotted == '.')))
		name++, dotted++;
	return *name == '\0' && *dotted == '\0';
}

uint32_t tcpbuf_key_by_name(const char *name)
{
	for (uint32_t i = 0; name && i < row_count; i++)
		if (same_name(name, rows[i].name))
			return rows[i].key;
	return TCPBUF_KEY_NONE;
}

const char *tcpbuf_key_name(uint32_t key)
{
	const struct tcpbuf__key_row *row = tcpbuf__key_row(key);

	return row ? row->name : "";
}

const char *tcpbuf_key_dir(uint32_t key)
{
	const struct tcpbuf__key_row *row = tcpbuf__key_row(key);

	if (!row)
		return "";
	return memcmp(row->name, "net.ipv4.", prefix_length) == 0 ? "ipv4" : "core";
}

const char *tcpbuf_key_file(uint32_t key)
{
	const struct tcpbuf__key_row *row = tcpbuf__key_row(key);

	return row ? row->name + prefix_length : "";
}
