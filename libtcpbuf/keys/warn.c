/* SPDX-License-Identifier: MIT */
/* Values that kernels take as meant and that still do not do what people expect. */
#include <limits.h>

#include "keys/keys.h"

/* A number outside [low, high] has the reason. */
struct warning {
	uint32_t key, element, reason;
	int64_t low, high;
};

#define KEY(name) TCPBUF_KEY_##name
#define SWITCH(name)                                                                               \
	{                                                                                          \
		KEY(name), 0, TCPBUF_KEY_REASON_SAME_AS_ONE, INT64_MIN, 1                          \
	}
#define POSITIVE(name)                                                                             \
	{                                                                                          \
		KEY(name), 0, TCPBUF_KEY_REASON_NOT_POSITIVE, 1, INT64_MAX                         \
	}

static const struct warning warnings[] = {
	{KEY(TCP_MEM), 2, TCPBUF_KEY_REASON_NOT_POSITIVE, 1, INT64_MAX},
	{KEY(TCP_WINDOW_SCALING), 0, TCPBUF_KEY_REASON_SMALL_WINDOWS, 1, INT64_MAX},
	SWITCH(TCP_MODERATE_RCVBUF),
	SWITCH(TCP_WINDOW_SCALING),
	SWITCH(TCP_WORKAROUND_SIGNED_WINDOWS),
	SWITCH(TCP_SACK),
	SWITCH(TCP_NO_METRICS_SAVE),
	SWITCH(TCP_SLOW_START_AFTER_IDLE),
	POSITIVE(CORE_OPTMEM_MAX),
	POSITIVE(CORE_SOMAXCONN),
	POSITIVE(CORE_NETDEV_MAX_BACKLOG),
	POSITIVE(TCP_LIMIT_OUTPUT_BYTES),
	POSITIVE(TCP_MAX_SYN_BACKLOG),
	POSITIVE(TCP_MAX_TW_BUCKETS),
	POSITIVE(TCP_MAX_ORPHANS),
	POSITIVE(TCP_KEEPALIVE_TIME),
	POSITIVE(TCP_KEEPALIVE_INTVL),
	POSITIVE(TCP_KEEPALIVE_PROBES),
	POSITIVE(TCP_BASE_MSS),
	POSITIVE(TCP_NOTSENT_LOWAT),
};

static int say(struct tcpbuf_key_verdict *v, uint32_t reason, uint32_t element, int64_t given,
	int64_t limit)
{
	v->reason = reason;
	v->element = element;
	v->given = given;
	v->limit = limit;
	return 1;
}

/* Warnings that need the machine. */
static int warn_machine(const struct tcpbuf_key_rules *rules, uint32_t key,
	const struct tcpbuf_value *value, struct tcpbuf_key_verdict *v)
{
	int64_t segment = rules ? rules->min_rcvbuf : 2304;
	uint64_t memory = rules ? rules->buffer_pages : 0;
	int64_t max = value->numbers[2];

	if (key == TCPBUF_KEY_TCP_ADV_WIN_SCALE && rules &&
		tcpbuf__key_has(rules, TCPBUF_KEY_FEATURE_ADV_WIN_SCALE_DEAD))
		return say(v, TCPBUF_KEY_REASON_NO_EFFECT, 0, value->numbers[0], 0);
	if ((key == TCPBUF_KEY_TCP_RMEM || key == TCPBUF_KEY_TCP_WMEM) && max < segment)
		return say(v, TCPBUF_KEY_REASON_BELOW_SEGMENT, 2, max, segment);
	if (key == TCPBUF_KEY_TCP_MEM && memory && (uint64_t)max > memory)
		return say(v, TCPBUF_KEY_REASON_ABOVE_MEMORY, 2, max, (int64_t)memory);
	return 0;
}

void tcpbuf__key_warn(const struct tcpbuf_key_rules *rules, uint32_t key,
	const struct tcpbuf_value *value, struct tcpbuf_key_verdict *v)
{
	v->element = 0;
	v->given = v->limit = 0;
	v->word[0] = '\0';
	if (warn_machine(rules, key, value, v))
		return;
	for (uint32_t i = 0; i < sizeof(warnings) / sizeof(warnings[0]); i++) {
		const struct warning *w = &warnings[i];
		int64_t n = value->numbers[w->element];

		if (w->key == key && (n < w->low || n > w->high)) {
			say(v, w->reason, w->element, n, n < w->low ? w->low : w->high);
			return;
		}
	}
}
