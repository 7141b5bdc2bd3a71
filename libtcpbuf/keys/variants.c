/* SPDX-License-Identifier: MIT */
/* What a kernel's handler takes for each key, and the value at start; a later row of the same key
 * replaces an earlier one. */
#include <limits.h>

#include "keys/keys.h"

/* Which bound a machine constant decides. */
enum machine {
	FIXED,
	RCVBUF,	 /* min: SOCK_MIN_RCVBUF */
	SNDBUF,	 /* min: SOCK_MIN_SNDBUF */
	PAGE,	 /* min: the page size */
	RESERVE, /* min and value at start: 1 MiB in pages */
	TICKS	 /* both: seconds kept as ticks in an int */
};

struct variant {
	uint32_t key;
	uint32_t feature; /* for kernels that have it; NONE: for all */
	uint32_t type;
	enum machine machine;
	int64_t min, max;
	int64_t initial;
};

#define KEY(name) TCPBUF_KEY_##name
#define SINCE(name) TCPBUF_KEY_FEATURE_##name
#define ALL TCPBUF_KEY_FEATURE_NONE
#define INT TCPBUF_KEY_TYPE_INT
#define UINT TCPBUF_KEY_TYPE_UINT
#define ULONG TCPBUF_KEY_TYPE_ULONG
#define BYTE TCPBUF_KEY_TYPE_BYTE
#define JIFFIES TCPBUF_KEY_TYPE_JIFFIES
#define NAME TCPBUF_KEY_TYPE_NAME

static const struct variant variants[] = {
	{KEY(TCP_RMEM), ALL, INT, FIXED, 1, INT_MAX, 4096},
	{KEY(TCP_RMEM), SINCE(RMEM_FLOOR), INT, PAGE, 0, INT_MAX, 4096},
	{KEY(TCP_WMEM), ALL, INT, FIXED, 1, INT_MAX, 4096},
	{KEY(TCP_MEM), ALL, ULONG, FIXED, 0, INT64_MAX, 0},
	{KEY(TCP_ADV_WIN_SCALE), ALL, INT, FIXED, -31, 31, 1},
	{KEY(TCP_MODERATE_RCVBUF), ALL, INT, FIXED, INT_MIN, INT_MAX, 1},
	{KEY(TCP_MODERATE_RCVBUF), SINCE(BYTE_SWITCHES), BYTE, FIXED, 0, 255, 1},
	{KEY(CORE_RMEM_MAX), ALL, INT, RCVBUF, 0, INT_MAX, 212992},
	{KEY(CORE_RMEM_MAX), SINCE(CORE_MAX_4M), INT, RCVBUF, 0, INT_MAX, 4194304},
	{KEY(CORE_WMEM_MAX), ALL, INT, SNDBUF, 0, INT_MAX, 212992},
	{KEY(CORE_WMEM_MAX), SINCE(CORE_MAX_4M), INT, SNDBUF, 0, INT_MAX, 4194304},
	{KEY(CORE_RMEM_DEFAULT), ALL, INT, RCVBUF, 0, INT_MAX, 212992},
	{KEY(CORE_WMEM_DEFAULT), ALL, INT, SNDBUF, 0, INT_MAX, 212992},
	{KEY(CORE_OPTMEM_MAX), ALL, INT, FIXED, INT_MIN, INT_MAX, 20480},
	{KEY(CORE_OPTMEM_MAX), SINCE(OPTMEM_NETNS), INT, FIXED, 0, INT_MAX, 131072},
	{KEY(CORE_SOMAXCONN), ALL, INT, FIXED, 0, INT_MAX, 128},
	{KEY(CORE_SOMAXCONN), SINCE(SOMAXCONN_4096), INT, FIXED, 0, INT_MAX, 4096},
	{KEY(CORE_NETDEV_MAX_BACKLOG), ALL, INT, FIXED, INT_MIN, INT_MAX, 1000},
	{KEY(CORE_MEM_PCPU_RSV), ALL, INT, RESERVE, 0, INT_MAX, 0},
	{KEY(CORE_BYPASS_PROT_MEM), ALL, BYTE, FIXED, 0, 1, 0},
	{KEY(CORE_TXREHASH), ALL, BYTE, FIXED, 0, 1, 1},
	{KEY(CORE_MAX_SKB_FRAGS), ALL, INT, FIXED, 1, 17, 17},
	{KEY(CORE_SKB_DEFER_MAX), ALL, INT, FIXED, 0, INT_MAX, 64},
	{KEY(CORE_SKB_DEFER_MAX), SINCE(SKB_DEFER_128), INT, FIXED, 0, INT_MAX, 128},
	{KEY(CORE_HIGH_ORDER_ALLOC_DISABLE), ALL, INT, FIXED, 0, 1, 0},
	{KEY(TCP_APP_WIN), ALL, INT, FIXED, INT_MIN, INT_MAX, 31},
	{KEY(TCP_APP_WIN), SINCE(BYTE_SWITCHES), BYTE, FIXED, 0, 255, 31},
	{KEY(TCP_APP_WIN), SINCE(APP_WIN_RANGE), BYTE, FIXED, 0, 31, 31},
	{KEY(TCP_WINDOW_SCALING), ALL, INT, FIXED, INT_MIN, INT_MAX, 1},
	{KEY(TCP_WINDOW_SCALING), SINCE(BYTE_SWITCHES), BYTE, FIXED, 0, 255, 1},
	{KEY(TCP_WORKAROUND_SIGNED_WINDOWS), ALL, INT, FIXED, INT_MIN, INT_MAX, 0},
	{KEY(TCP_WORKAROUND_SIGNED_WINDOWS), SINCE(BYTE_SWITCHES), BYTE, FIXED, 0, 255, 0},
	{KEY(TCP_SACK), ALL, INT, FIXED, INT_MIN, INT_MAX, 1},
	{KEY(TCP_SACK), SINCE(BYTE_SWITCHES), BYTE, FIXED, 0, 255, 1},
	{KEY(TCP_TIMESTAMPS), ALL, INT, FIXED, INT_MIN, INT_MAX, 1},
	{KEY(TCP_TIMESTAMPS), SINCE(BYTE_SWITCHES), BYTE, FIXED, 0, 255, 1},
	{KEY(TCP_NO_METRICS_SAVE), ALL, INT, FIXED, INT_MIN, INT_MAX, 0},
	{KEY(TCP_NO_METRICS_SAVE), SINCE(BYTE_SWITCHES), BYTE, FIXED, 0, 255, 0},
	{KEY(TCP_SLOW_START_AFTER_IDLE), ALL, INT, FIXED, INT_MIN, INT_MAX, 1},
	{KEY(TCP_SLOW_START_AFTER_IDLE), SINCE(BYTE_SWITCHES), BYTE, FIXED, 0, 255, 1},
	{KEY(TCP_SHRINK_WINDOW), ALL, BYTE, FIXED, 0, 1, 0},
	{KEY(TCP_RCVBUF_LOW_RTT), ALL, INT, FIXED, 0, INT_MAX, 1000},
	{KEY(TCP_NOTSENT_LOWAT), ALL, UINT, FIXED, 0, UINT_MAX, UINT_MAX},
	{KEY(TCP_LIMIT_OUTPUT_BYTES), ALL, INT, FIXED, INT_MIN, INT_MAX, 262144},
	{KEY(TCP_LIMIT_OUTPUT_BYTES), SINCE(OUTPUT_1M), INT, FIXED, INT_MIN, INT_MAX, 1048576},
	{KEY(TCP_LIMIT_OUTPUT_BYTES), SINCE(OUTPUT_4M), INT, FIXED, INT_MIN, INT_MAX, 4194304},
	{KEY(TCP_AUTOCORKING), ALL, INT, FIXED, 0, 1, 1},
	{KEY(TCP_AUTOCORKING), SINCE(BYTE_SWITCHES), BYTE, FIXED, 0, 1, 1},
	{KEY(TCP_MAX_SYN_BACKLOG), ALL, INT, FIXED, INT_MIN, INT_MAX, 128},
	{KEY(TCP_MAX_TW_BUCKETS), ALL, INT, FIXED, INT_MIN, INT_MAX, 0},
	{KEY(TCP_MAX_ORPHANS), ALL, INT, FIXED, INT_MIN, INT_MAX, 0},
	{KEY(TCP_KEEPALIVE_TIME), ALL, JIFFIES, TICKS, 0, 0, 7200},
	{KEY(TCP_KEEPALIVE_INTVL), ALL, JIFFIES, TICKS, 0, 0, 75},
	{KEY(TCP_KEEPALIVE_PROBES), ALL, INT, FIXED, INT_MIN, INT_MAX, 9},
	{KEY(TCP_KEEPALIVE_PROBES), SINCE(BYTE_SWITCHES), BYTE, FIXED, 0, 255, 9},
	{KEY(TCP_COMP_SACK_DELAY_NS), ALL, ULONG, FIXED, 0, INT64_MAX, 1000000},
	{KEY(TCP_COMP_SACK_SLACK_NS), ALL, ULONG, FIXED, 0, INT64_MAX, 100000},
	{KEY(TCP_COMP_SACK_SLACK_NS), SINCE(SLACK_10US), ULONG, FIXED, 0, INT64_MAX, 10000},
	{KEY(TCP_COMP_SACK_NR), ALL, INT, FIXED, 0, 255, 44},
	{KEY(TCP_COMP_SACK_NR), SINCE(BYTE_COMP_SACK_NR), BYTE, FIXED, 0, 255, 44},
	{KEY(TCP_COMP_SACK_RTT_PERCENT), ALL, INT, FIXED, 1, 1000, 33},
	{KEY(TCP_BACKLOG_ACK_DEFER), ALL, BYTE, FIXED, 0, 1, 1},
	{KEY(TCP_TSO_RTT_LOG), ALL, BYTE, FIXED, 0, 255, 9},
	{KEY(TCP_TSO_RTT_LOG), SINCE(TSO_RTT_LOG_RANGE), BYTE, FIXED, 0, 31, 9},
	{KEY(TCP_EHASH_ENTRIES), ALL, INT, FIXED, INT_MIN, INT_MAX, 0},
	{KEY(TCP_CHILD_EHASH_ENTRIES), ALL, UINT, FIXED, 0, 16777216, 0},
	{KEY(TCP_BASE_MSS), ALL, INT, FIXED, INT_MIN, INT_MAX, 1024},
	{KEY(TCP_MIN_SND_MSS), ALL, INT, FIXED, 48, 65535, 48},
	{KEY(TCP_MIN_RTT_WLEN), ALL, INT, FIXED, 0, 86400, 300},
	{KEY(TCP_MTU_PROBING), ALL, INT, FIXED, INT_MIN, INT_MAX, 0},
	{KEY(TCP_MTU_PROBING), SINCE(BYTE_SWITCHES), BYTE, FIXED, 0, 255, 0},
	{KEY(TCP_TSO_WIN_DIVISOR), ALL, INT, FIXED, INT_MIN, INT_MAX, 3},
	{KEY(TCP_TSO_WIN_DIVISOR), SINCE(BYTE_SWITCHES), BYTE, FIXED, 0, 255, 3},
	{KEY(TCP_MIN_TSO_SEGS), ALL, INT, FIXED, 1, 255, 2},
	{KEY(TCP_MIN_TSO_SEGS), SINCE(BYTE_SWITCHES), BYTE, FIXED, 1, 255, 2},
	{KEY(TCP_PACING_CA_RATIO), ALL, INT, FIXED, 0, 1000, 120},
	{KEY(TCP_PACING_SS_RATIO), ALL, INT, FIXED, 0, 1000, 200},
	{KEY(TCP_CONGESTION_CONTROL), ALL, NAME, FIXED, 0, 0, 0},
};

static const uint32_t variant_count = sizeof(variants) / sizeof(variants[0]);

/* For a kernel that is not known: the least of each machine constant. */
static const struct tcpbuf_key_rules any = {
	.page_size = 4096, .hz = 100, .min_rcvbuf = 2048, .min_sndbuf = 4096};

static struct tcpbuf__range bounds(const struct variant *v, const struct tcpbuf_key_rules *rules)
{
	struct tcpbuf__range r = {v->type, v->min, v->max, v->initial};

	switch (v->machine) {
	case FIXED:
		break;
	case RCVBUF:
		r.min = rules->min_rcvbuf;
		break;
	case SNDBUF:
		r.min = rules->min_sndbuf;
		break;
	case PAGE:
		r.min = rules->page_size;
		break;
	case RESERVE:
		r.min = r.initial = rules->page_size ? (1 << 20) / rules->page_size : 0;
		break;
	case TICKS:
		r.max = rules->hz ? INT_MAX / rules->hz : INT_MAX;
		r.min = -r.max;
		break;
	}
	return r;
}

static struct tcpbuf__range widest(uint32_t key)
{
	struct tcpbuf__range wide = {0, 0, 0, 0};

	for (uint32_t i = 0; i < variant_count; i++) {
		struct tcpbuf__range r;

		if (variants[i].key != key)
			continue;
		r = bounds(&variants[i], &any);
		if (!wide.type || r.min < wide.min)
			wide.min = r.min;
		if (!wide.type || r.max > wide.max)
			wide.max = r.max;
		wide.type = r.type;
		wide.initial = r.initial;
	}
	return wide;
}

struct tcpbuf__range tcpbuf__key_range(const struct tcpbuf_key_rules *rules, uint32_t key)
{
	struct tcpbuf__range r = {0, 0, 0, 0};

	if (!rules)
		return widest(key);
	for (uint32_t i = 0; i < variant_count; i++)
		if (variants[i].key == key && tcpbuf__key_has(rules, variants[i].feature))
			r = bounds(&variants[i], rules);
	return r;
}
