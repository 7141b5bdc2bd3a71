/* SPDX-License-Identifier: MIT */
/* A key on one kernel: range, value at start, where it shows. */
#include <errno.h>
#include <string.h>

#include "keys/keys.h"

enum { CONNECTION_FLOOR = 128, PAGES_FLOOR = 128 };

static int64_t min_i64(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t max_i64(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* tcp_init_mem() */
static void default_mem(const struct tcpbuf_key_rules *rules, int64_t n[3])
{
	int64_t pressure = max_i64((int64_t)(rules->buffer_pages / 16), PAGES_FLOOR);

	n[0] = pressure / 4 * 3;
	n[1] = pressure;
	n[2] = n[0] * 2;
}

/* tcp_init(): a 128th of memory, within a cap. */
static int64_t default_max(const struct tcpbuf_key_rules *rules, int64_t cap, int64_t floor)
{
	uint64_t pages = rules->buffer_pages < UINT32_MAX ? rules->buffer_pages : UINT32_MAX;

	return max_i64(floor, min_i64(cap, (int64_t)(pages * (rules->page_size / 128))));
}

static void default_rmem(const struct tcpbuf_key_rules *rules, int64_t n[3])
{
	int64_t cap = tcpbuf__key_has(rules, TCPBUF_KEY_FEATURE_RMEM_CAP_32M) ? 33554432 : 6291456;

	n[0] = tcpbuf__key_has(rules, TCPBUF_KEY_FEATURE_PAGE_MINIMUM) ? rules->page_size : 4096;
	n[1] = tcpbuf__key_has(rules, TCPBUF_KEY_FEATURE_RMEM_DEFAULT_128K) ? 131072 : 87380;
	n[2] = default_max(rules, cap, n[1]);
}

static void default_wmem(const struct tcpbuf_key_rules *rules, int64_t n[3])
{
	n[0] = tcpbuf__key_has(rules, TCPBUF_KEY_FEATURE_PAGE_MINIMUM) ? rules->page_size : 4096;
	n[1] = 16384;
	n[2] = default_max(rules, 4194304, 65536);
}

static int64_t default_syn_backlog(const struct tcpbuf_key_rules *rules)
{
	uint64_t part = tcpbuf__key_has(rules, TCPBUF_KEY_FEATURE_SYN_BACKLOG_128TH) ? 128 : 256;

	return max_i64(CONNECTION_FLOOR, (int64_t)(rules->ehash_entries / part));
}

/* Values at start; returns 1, or 0 when they follow something of the machine that is not known. */
static int default_numbers(
	const struct tcpbuf_key_rules *rules, uint32_t key, int64_t initial, int64_t n[3])
{
	n[0] = initial;
	switch (key) {
	case TCPBUF_KEY_TCP_RMEM:
		default_rmem(rules, n);
		return rules->buffer_pages != 0;
	case TCPBUF_KEY_TCP_WMEM:
		default_wmem(rules, n);
		return rules->buffer_pages != 0;
	case TCPBUF_KEY_TCP_MEM:
		default_mem(rules, n);
		return rules->buffer_pages != 0;
	case TCPBUF_KEY_TCP_MAX_SYN_BACKLOG:
		n[0] = default_syn_backlog(rules);
		return rules->ehash_entries != 0;
	case TCPBUF_KEY_TCP_MAX_TW_BUCKETS:
	case TCPBUF_KEY_TCP_MAX_ORPHANS:
		n[0] = (int64_t)(rules->ehash_entries / 2);
		return rules->ehash_entries != 0;
	case TCPBUF_KEY_TCP_EHASH_ENTRIES:
	case TCPBUF_KEY_TCP_CONGESTION_CONTROL:
		return 0;
	default:
		return 1;
	}
}

static int is_dead(const struct tcpbuf_key_rules *rules, uint32_t key)
{
	return key == TCPBUF_KEY_TCP_ADV_WIN_SCALE &&
	       tcpbuf__key_has(rules, TCPBUF_KEY_FEATURE_ADV_WIN_SCALE_DEAD);
}

static void describe_range(const struct tcpbuf_key_rules *rules, const struct tcpbuf__key_row *row,
	struct tcpbuf_key_info *info)
{
	struct tcpbuf__range range = tcpbuf__key_range(rules, row->key);

	info->type = range.type;
	if (range.type != TCPBUF_KEY_TYPE_NAME) {
		info->min = range.min;
		info->max = range.max;
		info->valid |= TCPBUF_KEY_INFO_HAS_RANGE;
	}
	if (default_numbers(rules, row->key, range.initial, info->initial))
		info->valid |= TCPBUF_KEY_INFO_HAS_INITIAL;
	else
		memset(info->initial, 0, sizeof(info->initial));
}

static void describe_place(const struct tcpbuf_key_rules *rules, const struct tcpbuf__key_row *row,
	struct tcpbuf_key_info *info)
{
	int own;

	info->access_init = tcpbuf__key_access(rules, row->key, TCPBUF_KEY_NETNS_INIT);
	info->access_child = tcpbuf__key_access(rules, row->key, TCPBUF_KEY_NETNS_CHILD);
	/* A kernel that does not have the key yet says what it will be. */
	own = row->netns_since && (info->access_child || !info->access_init);
	info->scope = own ? TCPBUF_KEY_SCOPE_NETNS : TCPBUF_KEY_SCOPE_NODE;
	info->inherit = own ? row->inherit : (uint32_t)TCPBUF_KEY_INHERIT_SHARED;
	info->since = row->since;
	info->netns_since = row->netns_since;
}

int tcpbuf_key_describe(
	const struct tcpbuf_key_rules *rules, uint32_t key, void *out, uint32_t out_size)
{
	const struct tcpbuf__key_row *row = tcpbuf__key_row(key);
	struct tcpbuf_key_info info = {.size = sizeof(info), .key = key};
	struct tcpbuf_key_rules known;
	int err = tcpbuf__key_rules_in(&known, rules);

	tcpbuf__copy_out(out, out_size, 0, 0);
	if (err)
		return err;
	if (!row)
		return -ENOENT;
	info.unit = row->unit;
	info.count = tcpbuf__key_numbers(key);
	info.dead = (uint32_t)is_dead(&known, key);
	info.dead_since = key == TCPBUF_KEY_TCP_ADV_WIN_SCALE ? TCPBUF__VERSION(6, 6, 0) : 0;
	describe_place(&known, row, &info);
	describe_range(&known, row, &info);
	info.size = out_size < info.size ? out_size : info.size;
	tcpbuf__copy_out(out, out_size, &info, sizeof(info));
	return 0;
}
