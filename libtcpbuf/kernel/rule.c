/* SPDX-License-Identifier: MIT */
/* The rules as a table: name, place, and how each is known. */
#include "kernel/kernel.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "mem/text.h"

#define FIELD(name) offsetof(struct tcpbuf_rules, name)
#define NO_FIELD ((size_t)-1)

static const struct row {
	const char *name;
	size_t field;
	int constant; /* of the machine: another value breaks no rule */
} rows[] = {
	[TCPBUF_KERNEL_WINDOW] = {"window", FIELD(window), 0},
	[TCPBUF_KERNEL_DEFAULT_RATIO] = {"default_ratio", FIELD(default_ratio), 0},
	[TCPBUF_KERNEL_INITIAL_CAP] = {"initial_cap", FIELD(initial_cap), 0},
	[TCPBUF_KERNEL_INITRWND_64] = {"initrwnd_64", FIELD(initrwnd_64), 0},
	[TCPBUF_KERNEL_SERVER_ADVMSS_REDUCED] = {"server_advmss_reduced", FIELD(server_advmss_reduced), 0},
	[TCPBUF_KERNEL_CLAMP] = {"clamp", FIELD(clamp), 0},
	[TCPBUF_KERNEL_CLAMP_NEGATIVE_FLOOR] = {"clamp_negative_floor", FIELD(clamp_negative_floor), 0},
	[TCPBUF_KERNEL_RCVBUF_MOVES_CLAMP] = {"rcvbuf_moves_clamp", FIELD(rcvbuf_moves_clamp), 0},
	[TCPBUF_KERNEL_RCVLOWAT] = {"rcvlowat", FIELD(rcvlowat), 0},
	[TCPBUF_KERNEL_BUF_LOCK] = {"buf_lock", FIELD(buf_lock), 0},
	[TCPBUF_KERNEL_SHRINK_WINDOW] = {"shrink_window", FIELD(shrink_window), 0},
	[TCPBUF_KERNEL_RMEM_CAP] = {"rmem_cap", FIELD(rmem_cap), 0},
	[TCPBUF_KERNEL_SK_BUFF] = {"sk_buff", FIELD(sk_buff), 1},
	[TCPBUF_KERNEL_SHARED_INFO] = {"shared_info", FIELD(shared_info), 1},
	[TCPBUF_KERNEL_MAX_TCP_HEADER] = {"max_tcp_header", FIELD(max_tcp_header), 1},
	[TCPBUF_KERNEL_SKB_HEAD] = {"skb_head", FIELD(skb_head), 1},
	[TCPBUF_KERNEL_PAGE_SIZE] = {"page_size", FIELD(page_size), 1},
	[TCPBUF_KERNEL_HZ] = {"hz", FIELD(hz), 1},
	[TCPBUF_KERNEL_CHARGE_REST] = {"charge_rest", FIELD(charge_rest), 0},
	[TCPBUF_KERNEL_PCPU_RESERVE] = {"pcpu_reserve", FIELD(pcpu_reserve), 1},
	[TCPBUF_KERNEL_KEYS] = {"keys", NO_FIELD, 0},
	[TCPBUF_KERNEL_RMEM_FLOOR] = {"rmem_floor", NO_FIELD, 0},
	[TCPBUF_KERNEL_GROWTH] = {"growth", FIELD(growth), 0},
};

enum { RULES = sizeof(rows) / sizeof(rows[0]) };

static uint32_t *field_of(struct tcpbuf_kernel *k, uint32_t rule)
{
	return (uint32_t *)(void *)((char *)&k->rules + rows[rule].field);
}

static void correct(struct tcpbuf_kernel *k, uint32_t rule)
{
	k->corrected++;
	if (!rows[rule].constant)
		k->rules.verified = 0;
}

void tcpbuf__kernel_see(struct tcpbuf_kernel *k, uint32_t rule, uint32_t value)
{
	uint32_t *field = field_of(k, rule);

	k->known[rule] = TCPBUF_KERNEL_SEEN;
	if (*field == value)
		return;
	*field = value;
	correct(k, rule);
}

void tcpbuf__kernel_see_feature(struct tcpbuf_kernel *k, uint32_t rule, uint32_t feature, int has)
{
	uint64_t bit = (uint64_t)1 << feature;

	k->known[rule] = TCPBUF_KERNEL_SEEN;
	if (!(k->rules.keys.features & bit) == !has)
		return;
	k->rules.keys.features ^= bit;
	correct(k, rule);
}

int tcpbuf_kernel_named(const char *name, void *out, uint32_t out_size)
{
	struct tcpbuf_kernel k;
	struct tcpbuf__text release = tcpbuf__text_init(k.release, sizeof(k.release));
	int err;

	memset(&k, 0, sizeof(k));
	err = out ? tcpbuf_rules_named(name, &k.rules, sizeof(k.rules)) : -EINVAL;
	if (err)
		return err;
	tcpbuf__text_str(&release, name);
	for (uint32_t i = 0; i < RULES; i++)
		k.known[i] = k.rules.verified ? TCPBUF_KERNEL_RELEASE : TCPBUF_KERNEL_ASSUMED;
	tcpbuf__copy_out(out, out_size, &k, sizeof(k));
	return 0;
}

const char *tcpbuf_kernel_rule_name(uint32_t rule)
{
	return rule < RULES ? rows[rule].name : "";
}

static int64_t count_keys(const struct tcpbuf_rules *rules)
{
	int64_t count = 0;

	for (uint32_t i = 0; i < tcpbuf_key_count(); i++)
		count += tcpbuf_key_access(&rules->keys, tcpbuf_key_at(i), TCPBUF_KEY_NETNS_INIT) !=
			 TCPBUF_KEY_ACCESS_ABSENT;
	return count;
}

int64_t tcpbuf_kernel_rule_value(const struct tcpbuf_kernel *kernel, uint32_t rule)
{
	uint32_t value;

	if (!kernel || rule >= RULES)
		return INT64_MIN;
	if (rule == TCPBUF_KERNEL_KEYS)
		return count_keys(&kernel->rules);
	if (rule == TCPBUF_KERNEL_RMEM_FLOOR)
		return (int64_t)(kernel->rules.keys.features >> TCPBUF_KEY_FEATURE_RMEM_FLOOR & 1);
	memcpy(&value, (const char *)&kernel->rules + rows[rule].field, sizeof(value));
	return value;
}

const char *tcpbuf_kernel_known_name(uint32_t known)
{
	static const char *const names[] = {"", "assumed", "release", "seen"};

	return known < sizeof(names) / sizeof(names[0]) ? names[known] : "";
}
