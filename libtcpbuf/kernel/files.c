/* SPDX-License-Identifier: MIT */
/* What the files of PROC/sys/net show: which exist here, and who may write them. */
#include "kernel/kernel.h"

#include <errno.h>
#include <fcntl.h>

#include "mem/text.h"
#include "util/file.h"
#include "util/reader.h"

int tcpbuf__kernel_number(const struct tcpbuf__sys *sys, int dir, const char *path, int64_t *out)
{
	struct tcpbuf__file file = {0};
	struct tcpbuf__reader r;
	int err = tcpbuf__file_read(&file, sys, dir, path);

	r = tcpbuf__reader_init(file.data, err ? 0 : file.used);
	if (!err)
		err = tcpbuf__reader_i64(&r, out);
	tcpbuf__file_free(&file, sys);
	return err;
}

/* How a key's file shows here: enum tcpbuf_key_access, or a negative errno when that cannot be told. */
static int look(const struct tcpbuf__sys *sys, int dir, uint32_t key)
{
	char path[64];
	struct tcpbuf__text t = tcpbuf__text_init(path, sizeof(path));
	struct stat st;
	int err;

	tcpbuf__text_str(&t, tcpbuf_key_dir(key));
	tcpbuf__text_str(&t, "/");
	tcpbuf__text_str(&t, tcpbuf_key_file(key));
	err = sys->stat(dir, path, &st, 0);
	if (err)
		return err == -ENOENT ? (int)TCPBUF_KEY_ACCESS_ABSENT : err;
	return st.st_mode & 0222 ? TCPBUF_KEY_ACCESS_RW : TCPBUF_KEY_ACCESS_RO;
}

static void set_bit(uint64_t words[2], uint32_t key, int on)
{
	uint64_t bit = (uint64_t)1 << (key % 64);

	words[key / 64] = on ? words[key / 64] | bit : words[key / 64] & ~bit;
}

static int is_per_netns(const struct tcpbuf_key_rules *rules, uint32_t key)
{
	struct tcpbuf_key_info info;

	return tcpbuf_key_describe(rules, key, &info, sizeof(info)) == 0 && info.scope == TCPBUF_KEY_SCOPE_NETNS;
}

/* A file of the first namespace says nothing of others, but a key of every namespace is in all or none. */
static void note_init(struct tcpbuf_key_rules *rules, uint32_t key, uint32_t access)
{
	int there = access != TCPBUF_KEY_ACCESS_ABSENT;

	set_bit(rules->keys_init, key, there);
	if (there && !is_per_netns(rules, key))
		return;
	set_bit(rules->keys_child, key, there);
	set_bit(rules->keys_child_rw, key, access == TCPBUF_KEY_ACCESS_RW);
}

static void note_child(struct tcpbuf_key_rules *rules, uint32_t key, uint32_t access)
{
	int there = access != TCPBUF_KEY_ACCESS_ABSENT;

	if (there || (is_per_netns(rules, key) && key != TCPBUF_KEY_CORE_OPTMEM_MAX))
		set_bit(rules->keys_init, key, there);
	set_bit(rules->keys_child, key, there);
	set_bit(rules->keys_child_rw, key, access == TCPBUF_KEY_ACCESS_RW);
}

/* Two features that only other namespaces show. */
static int see_child_features(struct tcpbuf_kernel *k, const struct tcpbuf__sys *sys, int dir)
{
	int limit = look(sys, dir, TCPBUF_KEY_CORE_RMEM_MAX), option = look(sys, dir, TCPBUF_KEY_CORE_OPTMEM_MAX);

	if (limit < 0 || option < 0)
		return limit < 0 ? limit : option;
	tcpbuf__kernel_see_feature(k, TCPBUF_KERNEL_KEYS, TCPBUF_KEY_FEATURE_CORE_VISIBLE, limit != 0);
	tcpbuf__kernel_see_feature(k, TCPBUF_KERNEL_KEYS, TCPBUF_KEY_FEATURE_OPTMEM_NETNS, option != 0);
	return 0;
}

/* Every key of the family, and whether another one is there than the release would have. */
static int see_keys(struct tcpbuf_kernel *k, const struct tcpbuf__sys *sys, int dir, int child)
{
	struct tcpbuf_key_rules rules = k->rules.keys;
	uint32_t netns = child ? TCPBUF_KEY_NETNS_CHILD : TCPBUF_KEY_NETNS_INIT;
	int differs = 0;

	for (uint32_t i = 0; i < tcpbuf_key_count(); i++) {
		uint32_t key = tcpbuf_key_at(i);
		int access = look(sys, dir, key);

		if (access < 0)
			return access;
		differs |= (uint32_t)access != tcpbuf_key_access(&rules, key, netns);
		if (child)
			note_child(&rules, key, (uint32_t)access);
		else
			note_init(&rules, key, (uint32_t)access);
	}
	k->rules.keys = rules;
	k->known[TCPBUF_KERNEL_KEYS] = TCPBUF_KERNEL_SEEN;
	k->corrected += (uint32_t)differs;
	return 0;
}

/* Growth below a round trip of tcp_rcvbuf_low_rtt came with that key; without it, that of the release before is nearest. */
static void see_growth(struct tcpbuf_kernel *k, int low_rtt)
{
	if (low_rtt) {
		tcpbuf__kernel_see(k, TCPBUF_KERNEL_GROWTH, TCPBUF_RULE_GROWTH_LOW_RTT);
	} else if (k->rules.growth == TCPBUF_RULE_GROWTH_LOW_RTT) {
		tcpbuf__kernel_see(k, TCPBUF_KERNEL_GROWTH, TCPBUF_RULE_GROWTH_SLOW_START);
		k->known[TCPBUF_KERNEL_GROWTH] = TCPBUF_KERNEL_ASSUMED;
	}
}

/* Numbers that not every kernel has. */
static int see_numbers(struct tcpbuf_kernel *k, const struct tcpbuf__sys *sys, int dir)
{
	int64_t value;
	int err = tcpbuf__kernel_number(sys, dir, "core/mem_pcpu_rsv", &value);

	if (!err && value > 0 && value <= 1 << 20)
		tcpbuf__kernel_see(k, TCPBUF_KERNEL_PCPU_RESERVE, (uint32_t)value);
	if (tcpbuf__sys_exhausted(err))
		return err;
	err = tcpbuf__kernel_number(sys, dir, "ipv4/tcp_ehash_entries", &value);
	if (!err && value > 0)
		k->rules.keys.ehash_entries = (uint64_t)value;
	return err;
}

/* A machine's node-wide files, tcp_mem first of all, are in its first namespace only. */
int tcpbuf__kernel_see_files(struct tcpbuf_kernel *k, const struct tcpbuf__sys *sys, int dir)
{
	int shared = look(sys, dir, TCPBUF_KEY_TCP_MEM), shrink = look(sys, dir, TCPBUF_KEY_TCP_SHRINK_WINDOW);
	int low_rtt = look(sys, dir, TCPBUF_KEY_TCP_RCVBUF_LOW_RTT);
	int err = shared < 0 ? shared : shrink < 0 ? shrink : low_rtt < 0 ? low_rtt : 0;

	if (!err && shared == TCPBUF_KEY_ACCESS_ABSENT)
		err = see_child_features(k, sys, dir);
	if (!err)
		err = see_keys(k, sys, dir, shared == TCPBUF_KEY_ACCESS_ABSENT);
	if (err)
		return err;
	tcpbuf__kernel_see(k, TCPBUF_KERNEL_SHRINK_WINDOW, shrink != TCPBUF_KEY_ACCESS_ABSENT);
	see_growth(k, low_rtt != TCPBUF_KEY_ACCESS_ABSENT);
	return see_numbers(k, sys, dir);
}
