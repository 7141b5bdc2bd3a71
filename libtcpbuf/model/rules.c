/* SPDX-License-Identifier: MIT */
/* Which kernel follows which rule. */
#include "model/model.h"

#define V(major, minor, patch) ((uint32_t)(major) << 16 | (uint32_t)(minor) << 8 | (patch))

/* Where a locally sent packet has its headers: __alloc_skb(), net/core/skbuff.c; sk_stream_alloc_skb(). */
enum head {
	HEAD_KMALLOC = 1,  /* a power of two, until 6.4 */
	HEAD_CACHE = 2,    /* a cache of small heads; since 6.5 */
	HEAD_CACHE_192 = 3 /* that cache, made larger for 192 bytes beyond the headers below TCP; seen since 6.12 */
};

/*
 * Each row holds from its kernel on. Stable and distribution kernels took rules
 * over early: rows that name a patch are recorded ones.
 */
static const struct {
	uint32_t from;
	uint32_t window, ratio, initial_cap, initrwnd_64, advmss_reduced;
	uint32_t clamp, negative_floor, rcvbuf_moves, rcvlowat, head;
} variants[] = {
	{V(4, 19, 0), 1, 0, 65535, 0, 0, TCPBUF_RULE_CLAMP_ALONE, 0, 0, 1, HEAD_KMALLOC},
	{V(5, 15, 0), 1, 0, 65535, 0, 0, TCPBUF_RULE_CLAMP_TO_WND, 0, 0, 1, HEAD_KMALLOC},
	{V(6, 1, 176), 1, 0, 65535, 0, 1, TCPBUF_RULE_CLAMP_FOLLOWS, 0, 0, 1, HEAD_KMALLOC},
	{V(6, 2, 0), 1, 0, 65535, 0, 0, TCPBUF_RULE_CLAMP_TO_WND, 0, 0, 1, HEAD_KMALLOC},
	{V(6, 5, 0), 1, 0, 65535, 0, 0, TCPBUF_RULE_CLAMP_TO_WND, 0, 0, 1, HEAD_CACHE},
	{V(6, 6, 0), 2, 65, 65535, 0, 0, TCPBUF_RULE_CLAMP_FOLLOWS, 0, 0, 2, HEAD_CACHE},
	{V(6, 10, 0), 2, 128, 0, 0, 0, TCPBUF_RULE_CLAMP_FOLLOWS, 0, 0, 2, HEAD_CACHE_192},
	{V(6, 12, 117), 2, 128, 0, 0, 1, TCPBUF_RULE_CLAMP_FOLLOWS, 0, 0, 3, HEAD_CACHE_192},
	{V(6, 13, 0), 2, 128, 0, 0, 0, TCPBUF_RULE_CLAMP_FOLLOWS, 0, 0, 2, HEAD_CACHE_192},
	{V(6, 17, 0), 2, 128, 0, 0, 1, TCPBUF_RULE_CLAMP_FOLLOWS, 1, 0, 2, HEAD_CACHE_192},
	{V(6, 18, 0), 2, 128, 0, 0, 1, TCPBUF_RULE_CLAMP_FOLLOWS, 1, 0, 3, HEAD_CACHE_192},
	{V(7, 1, 0), 2, 128, 0, 0, 1, TCPBUF_RULE_CLAMP_FOLLOWS, 1, 1, 3, HEAD_CACHE_192},
	{V(7, 3, 0), 2, 128, 0, 1, 1, TCPBUF_RULE_CLAMP_FOLLOWS, 1, 1, 3, HEAD_CACHE_192},
};

/* The same for a connection in motion. */
static const struct {
	uint32_t from;
	uint32_t ratio_clamp, admission, growth, rcv_rtt, less_queued, late;
} moving[] = {
	{V(4, 19, 0), 0, 1, TCPBUF_RULE_GROWTH_SEGMENTS, TCPBUF_RULE_RCV_RTT_MEAN, 0, 1},
	{V(6, 1, 176), 0, 1, TCPBUF_RULE_GROWTH_SEGMENTS, TCPBUF_RULE_RCV_RTT_LEAST, 0, 0},
	{V(6, 2, 0), 0, 1, TCPBUF_RULE_GROWTH_SEGMENTS, TCPBUF_RULE_RCV_RTT_MEAN, 0, 1},
	{V(6, 6, 0), 0, 1, TCPBUF_RULE_GROWTH_SPACE, TCPBUF_RULE_RCV_RTT_MEAN, 0, 1},
	{V(6, 11, 0), 1, 1, TCPBUF_RULE_GROWTH_SPACE, TCPBUF_RULE_RCV_RTT_MEAN, 0, 1},
	{V(6, 12, 117), 2, 1, TCPBUF_RULE_GROWTH_SPACE, TCPBUF_RULE_RCV_RTT_LEAST, 1, 0},
	{V(6, 13, 0), 1, 1, TCPBUF_RULE_GROWTH_SPACE, TCPBUF_RULE_RCV_RTT_MEAN, 0, 1},
	{V(6, 14, 0), 3, 1, TCPBUF_RULE_GROWTH_SPACE, TCPBUF_RULE_RCV_RTT_MEAN, 0, 0},
	{V(6, 16, 0), 3, 1, TCPBUF_RULE_GROWTH_DOUBLE, TCPBUF_RULE_RCV_RTT_IDLE, 1, 0},
	{V(6, 17, 0), 3, 2, TCPBUF_RULE_GROWTH_DOUBLE, TCPBUF_RULE_RCV_RTT_IDLE, 1, 0},
	{V(6, 18, 0), 3, 3, TCPBUF_RULE_GROWTH_SLOW_START, TCPBUF_RULE_RCV_RTT_IDLE, 1, 0},
	{V(6, 18, 44), 3, 1, TCPBUF_RULE_GROWTH_SLOW_START, TCPBUF_RULE_RCV_RTT_IDLE, 1, 0},
	{V(6, 19, 0), 3, 1, TCPBUF_RULE_GROWTH_LOW_RTT, TCPBUF_RULE_RCV_RTT_IDLE, 1, 0},
	{V(7, 3, 0), 2, 1, TCPBUF_RULE_GROWTH_LOW_RTT, TCPBUF_RULE_RCV_RTT_IDLE, 1, 0},
};

/* Names of the recorded distribution kernels whose release hides or changes their number. */
static const struct {
	const char *name;
	uint8_t major, minor, patch;
} named[] = {
	{"debian-5.10.223", 5, 10, 223},
	{"debian-6.1.176", 6, 1, 176},
	{"debian-6.12.117", 6, 12, 117},
	{"debian-7.3.4", 7, 3, 4},
};

static int same(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return *a == *b;
}

static int key_rules(const char *name, struct tcpbuf_key_rules *out)
{
	for (uint32_t i = 0; i < sizeof(named) / sizeof(named[0]); i++)
		if (same(name, named[i].name))
			return tcpbuf_key_rules_for(
				named[i].major, named[i].minor, named[i].patch, out, sizeof(*out));
	return tcpbuf_key_rules_release(name, out, sizeof(*out));
}

static uint32_t find_variant(uint32_t version)
{
	uint32_t found = 0;

	for (uint32_t i = 0; i < sizeof(variants) / sizeof(variants[0]); i++)
		if (variants[i].from <= version)
			found = i;
	return found;
}

static int has_feature(const struct tcpbuf_key_rules *keys, uint32_t feature)
{
	return (int)(keys->features >> feature & 1);
}

static int has_key(const struct tcpbuf_key_rules *keys, uint32_t key)
{
	return (int)(keys->keys_init[key / 64] >> (key % 64) & 1);
}

/* Accounting of pages was rewritten in 6.0: include/net/sock.h. */
void tcpbuf__rules_set_page(struct tcpbuf_rules *r, uint32_t page_size)
{
	int rewritten = r->keys.version >= V(6, 0, 0);

	r->page_size = r->keys.page_size = page_size;
	r->charge_unit = rewritten ? r->page_size : 4096;
	r->charge_rest = (uint32_t)rewritten;
	r->charge_keep = rewritten ? r->page_size : 2 << 20;
	r->charge_cgroup = r->keys.version < V(6, 8, 0);
	r->pcpu_reserve = rewritten ? (1 << 20) / r->page_size : 0;
}

static void fill_moving(struct tcpbuf_rules *r)
{
	uint32_t row = 0, version = r->keys.version;

	for (uint32_t i = 0; i < sizeof(moving) / sizeof(moving[0]); i++)
		if (moving[i].from <= version)
			row = i;
	r->ratio_clamp = moving[row].ratio_clamp;
	r->admission = moving[row].admission;
	r->growth = moving[row].growth;
	r->rcv_rtt = moving[row].rcv_rtt;
	r->growth_less_queued = moving[row].less_queued;
	r->hystart_late = moving[row].late;
	r->growth_packet_clock = version >= V(6, 19, 0);
	r->rcv_rtt_positive = version >= V(6, 16, 0);
	r->empty_queue_forced = version < V(6, 6, 0);
	r->nomem_ack = version >= V(6, 8, 0);
	r->beyond_window = version >= V(6, 17, 0);
	r->ack_defer = version >= V(6, 7, 0);
	r->grow_skb = version >= V(6, 10, 0);
	r->tso_by_rtt = version >= V(5, 18, 0);
}

static uint32_t align64(uint32_t bytes)
{
	return (bytes + 63) / 64 * 64;
}

static uint32_t head_bytes(const struct tcpbuf_rules *r, uint32_t head)
{
	/* MAX_TCP_HEADER is 128 and the headers below, rounded up to 64: so 192 more end 64 higher. */
	uint32_t small = align64(r->max_tcp_header) + (head == HEAD_CACHE_192 ? 64 : 0) + r->shared_info;

	if (head == HEAD_KMALLOC)
		return (uint32_t)tcpbuf__model_power(r->max_tcp_header + r->shared_info);
	return tcpbuf__model_power(small) == small ? small + 64 : small;
}

void tcpbuf__rules_set_head(struct tcpbuf_rules *r)
{
	r->skb_head = r->sk_buff + head_bytes(r, variants[find_variant(r->keys.version)].head);
}

static void fill(struct tcpbuf_rules *r, uint32_t row)
{
	r->size = sizeof(*r);
	r->verified = r->keys.verified;
	r->window = variants[row].window;
	r->default_ratio = variants[row].ratio;
	r->initial_cap = variants[row].initial_cap;
	r->initrwnd_64 = variants[row].initrwnd_64;
	r->server_advmss_reduced = variants[row].advmss_reduced;
	r->clamp = variants[row].clamp;
	r->clamp_negative_floor = variants[row].negative_floor;
	r->rcvbuf_moves_clamp = variants[row].rcvbuf_moves;
	r->rcvlowat = variants[row].rcvlowat;
	r->buf_lock = r->keys.version >= V(5, 14, 0);
	r->shrink_window = (uint32_t)has_key(&r->keys, TCPBUF_KEY_TCP_SHRINK_WINDOW);
	r->rmem_cap = has_feature(&r->keys, TCPBUF_KEY_FEATURE_RMEM_CAP_32M) ? 32 << 20 : 6 << 20;
	r->sk_buff = 256;
	r->shared_info = 320;
	r->max_tcp_header = 256;
	r->hz = r->keys.hz;
	tcpbuf__rules_set_head(r);
	tcpbuf__rules_set_page(r, r->keys.page_size);
}

int tcpbuf_rules_named(const char *name, void *out, uint32_t out_size)
{
	struct tcpbuf_rules rules;
	int err;

	if (!name || !out)
		return -EINVAL;
	memset(&rules, 0, sizeof(rules));
	err = key_rules(name, &rules.keys);
	if (err)
		return err;
	fill(&rules, find_variant(rules.keys.version));
	fill_moving(&rules);
	/* The recorded 6.18.44 is no cloud build: no tunnels, a smaller header. */
	if (rules.keys.version == V(6, 18, 44)) {
		rules.max_tcp_header = 192;
		tcpbuf__rules_set_head(&rules);
	}
	tcpbuf__copy_out(out, out_size, &rules, sizeof(rules));
	return 0;
}

static int in(uint32_t value, uint32_t least, uint32_t most)
{
	return value >= least && value <= most;
}

int tcpbuf__model_rules(struct tcpbuf_rules *dst, const struct tcpbuf_rules *rules)
{
	int err = tcpbuf__copy_in(dst, sizeof(*dst), rules);

	if (err)
		return err;
	if (dst->padding || dst->keys.padding || !in(dst->page_size, 1024, 1 << 20) || dst->default_ratio > 255 || dst->sk_buff > 65536 ||
		dst->shared_info > 65536 || dst->max_tcp_header > 65536 || dst->skb_head > 65536)
		return -EINVAL;
	if (!in(dst->charge_unit, 1024, dst->page_size) || !in(dst->charge_keep, 1, 16 << 20) ||
		dst->pcpu_reserve > 1 << 20)
		return -EINVAL;
	return 0;
}

const char *tcpbuf_rules_window_text(const struct tcpbuf_rules *rules)
{
	if (!rules || rules->window != TCPBUF_RULE_WINDOW_SCALING_RATIO)
		return "window from space by tcp_adv_win_scale (Linux before 6.6)";
	if (rules->default_ratio == 128)
		return "window from space by each socket's scaling_ratio, 128/256 before the first segment; "
		       "tcp_adv_win_scale has no effect (Linux 6.6 and later)";
	return "window from space by each socket's scaling_ratio, 65/256 before the first segment; "
	       "tcp_adv_win_scale has no effect (Linux 6.6 to 6.9)";
}
