/* SPDX-License-Identifier: MIT */
/* From a release number to what that kernel does: presence of keys and features. */
#include <errno.h>

#include "keys/keys.h"

#define V TCPBUF__VERSION

/* Mainline release of each feature. */
static const struct {
	uint32_t feature, since;
} features[] = {
	{TCPBUF_KEY_FEATURE_INT_WIDE_CHECK, V(5, 1, 0)},
	{TCPBUF_KEY_FEATURE_LONG_NEGATIVE_EINVAL, V(6, 1, 0)},
	{TCPBUF_KEY_FEATURE_SHORT_COUNT, V(7, 3, 0)},
	{TCPBUF_KEY_FEATURE_BYTE_SWITCHES, V(5, 13, 0)},
	{TCPBUF_KEY_FEATURE_BYTE_COMP_SACK_NR, V(5, 13, 0)},
	{TCPBUF_KEY_FEATURE_APP_WIN_RANGE, V(6, 3, 0)},
	{TCPBUF_KEY_FEATURE_OPTMEM_NETNS, V(6, 8, 0)},
	{TCPBUF_KEY_FEATURE_CORE_VISIBLE, V(6, 11, 0)},
	{TCPBUF_KEY_FEATURE_CORE_MAX_4M, V(6, 18, 0)},
	{TCPBUF_KEY_FEATURE_RMEM_CAP_32M, V(6, 16, 0)},
	{TCPBUF_KEY_FEATURE_RMEM_FLOOR, V(7, 3, 0)},
	{TCPBUF_KEY_FEATURE_TSO_RTT_LOG_RANGE, V(7, 3, 0)},
	{TCPBUF_KEY_FEATURE_OUTPUT_1M, V(5, 0, 0)},
	{TCPBUF_KEY_FEATURE_OUTPUT_4M, V(6, 16, 0)},
	{TCPBUF_KEY_FEATURE_SLACK_10US, V(7, 0, 0)},
	{TCPBUF_KEY_FEATURE_SKB_DEFER_128, V(6, 19, 0)},
	{TCPBUF_KEY_FEATURE_ADV_WIN_SCALE_DEAD, V(6, 6, 0)},
	{TCPBUF_KEY_FEATURE_SOMAXCONN_4096, V(5, 4, 0)},
	{TCPBUF_KEY_FEATURE_RMEM_DEFAULT_128K, V(4, 20, 0)},
	{TCPBUF_KEY_FEATURE_PAGE_MINIMUM, V(6, 0, 0)},
	{TCPBUF_KEY_FEATURE_SYN_BACKLOG_128TH, V(5, 4, 0)},
};

/* Stable series that took a feature over, from the first patch known to have it. */
static const struct {
	uint32_t feature, since;
} feature_backports[] = {
	{TCPBUF_KEY_FEATURE_BYTE_SWITCHES, V(5, 10, 223)},
	{TCPBUF_KEY_FEATURE_APP_WIN_RANGE, V(5, 10, 223)},
	{TCPBUF_KEY_FEATURE_APP_WIN_RANGE, V(6, 1, 176)},
	{TCPBUF_KEY_FEATURE_RMEM_FLOOR, V(6, 1, 177)},
	{TCPBUF_KEY_FEATURE_RMEM_FLOOR, V(6, 12, 117)},
	{TCPBUF_KEY_FEATURE_TSO_RTT_LOG_RANGE, V(6, 12, 117)},
};

/* The same for files. */
static const struct {
	uint32_t key, since;
} key_backports[] = {
	{TCPBUF_KEY_TCP_MIN_SND_MSS, V(4, 19, 52)},
	{TCPBUF_KEY_CORE_MEM_PCPU_RSV, V(6, 1, 176)},
	{TCPBUF_KEY_CORE_MEM_PCPU_RSV, V(6, 6, 63)},
	{TCPBUF_KEY_TCP_SHRINK_WINDOW, V(6, 1, 176)},
};

static const uint32_t recorded[] = {
	V(5, 10, 223), V(6, 1, 176), V(6, 12, 117), V(6, 18, 44), V(7, 3, 4)};

/* Releases whose name hides the stable patch; the longest match comes first. */
static const struct {
	const char *prefix;
	uint32_t version;
	uint32_t recorded;
} hidden[] = {
	{"5.10.0-32-", V(5, 10, 223), 1},
	{"5.10.0-", V(5, 10, 223), 0},
	{"6.1.0-50-", V(6, 1, 176), 1},
	{"6.1.0-", V(6, 1, 176), 0},
};

#define COUNT(array) ((uint32_t)(sizeof(array) / sizeof((array)[0])))

static int same_series(uint32_t a, uint32_t b)
{
	return a >> 8 == b >> 8;
}

static uint64_t find_features(uint32_t version)
{
	uint64_t bits = 0;

	for (uint32_t i = 0; i < COUNT(features); i++)
		if (version >= features[i].since)
			bits |= (uint64_t)1 << features[i].feature;
	for (uint32_t i = 0; i < COUNT(feature_backports); i++)
		if (same_series(version, feature_backports[i].since) &&
			version >= feature_backports[i].since)
			bits |= (uint64_t)1 << feature_backports[i].feature;
	return bits;
}

static int key_exists(const struct tcpbuf__key_row *row, uint32_t version)
{
	if (version >= row->since)
		return 1;
	for (uint32_t i = 0; i < COUNT(key_backports); i++)
		if (key_backports[i].key == row->key &&
			same_series(version, key_backports[i].since) &&
			version >= key_backports[i].since)
			return 1;
	return 0;
}

static int is_core_limit(uint32_t key)
{
	return key >= TCPBUF_KEY_CORE_RMEM_MAX && key <= TCPBUF_KEY_CORE_WMEM_DEFAULT;
}

static uint32_t child_access(
	const struct tcpbuf_key_rules *rules, const struct tcpbuf__key_row *row)
{
	if (row->key == TCPBUF_KEY_TCP_EHASH_ENTRIES)
		return TCPBUF_KEY_ACCESS_RO;
	if (is_core_limit(row->key) && tcpbuf__key_has(rules, TCPBUF_KEY_FEATURE_CORE_VISIBLE))
		return TCPBUF_KEY_ACCESS_RO;
	if (row->key == TCPBUF_KEY_CORE_OPTMEM_MAX)
		return tcpbuf__key_has(rules, TCPBUF_KEY_FEATURE_OPTMEM_NETNS)
			       ? TCPBUF_KEY_ACCESS_RW
			       : TCPBUF_KEY_ACCESS_ABSENT;
	return row->netns_since ? TCPBUF_KEY_ACCESS_RW : TCPBUF_KEY_ACCESS_ABSENT;
}

static void find_keys(struct tcpbuf_key_rules *rules)
{
	for (uint32_t i = 0; i < tcpbuf_key_count(); i++) {
		const struct tcpbuf__key_row *row = tcpbuf__key_row(tcpbuf_key_at(i));
		uint64_t bit = (uint64_t)1 << (row->key % 64);
		uint32_t access = child_access(rules, row);

		if (!key_exists(row, rules->version))
			continue;
		rules->keys_init[row->key / 64] |= bit;
		if (access != TCPBUF_KEY_ACCESS_ABSENT)
			rules->keys_child[row->key / 64] |= bit;
		if (access == TCPBUF_KEY_ACCESS_RW)
			rules->keys_child_rw[row->key / 64] |= bit;
	}
}

static int build(uint32_t version, uint32_t is_recorded, void *out, uint32_t out_size)
{
	struct tcpbuf_key_rules r = {
		.size = sizeof(r), .version = version, .verified = is_recorded};

	if (!out || version < V(4, 19, 0))
		return -EINVAL;
	r.page_size = 4096;
	r.hz = 250;
	r.min_rcvbuf = 2304;
	r.min_sndbuf = 4608;
	r.features = find_features(version);
	find_keys(&r);
	r.size = out_size < r.size ? out_size : r.size;
	tcpbuf__copy_out(out, out_size, &r, sizeof(r));
	return 0;
}

int tcpbuf_key_rules_for(
	uint32_t major, uint32_t minor, uint32_t patch, void *out, uint32_t out_size)
{
	/* Stable series went beyond 255; the kernel stops counting there as well. */
	uint32_t version = V(major, minor, patch < 255 ? patch : 255);
	uint32_t is_recorded = 0;

	tcpbuf__copy_out(out, out_size, 0, 0);
	if (major > 0xff || minor > 0xff || patch > 0xffff)
		return -EINVAL;
	for (uint32_t i = 0; i < COUNT(recorded); i++)
		is_recorded |= recorded[i] == version;
	return build(version, is_recorded, out, out_size);
}

/* Digits at *pos as a number below 65536; steps over them. Returns 1, or 0 when there are none. */
static int take_part(const char **pos, uint32_t *part)
{
	const char *start = *pos;

	*part = 0;
	for (; **pos >= '0' && **pos <= '9' && *pos - start < 5; (*pos)++)
		*part = *part * 10 + (uint32_t)(**pos - '0');
	return *pos > start;
}

static int take_version(const char *release, uint32_t part[3])
{
	const char *pos = release;

	for (uint32_t i = 0; i < 3; i++) {
		if (!take_part(&pos, &part[i]))
			return 0;
		if (i < 2 && *pos != '.')
			return i == 1;
		pos++;
	}
	return 1;
}

static int begins_with(const char *text, const char *prefix)
{
	while (*prefix && *text == *prefix)
		text++, prefix++;
	return *prefix == '\0';
}

int tcpbuf_key_rules_release(const char *release, void *out, uint32_t out_size)
{
	uint32_t part[3] = {0, 0, 0};

	tcpbuf__copy_out(out, out_size, 0, 0);
	if (!release || !take_version(release, part))
		return -EINVAL;
	for (uint32_t i = 0; i < COUNT(hidden); i++)
		if (begins_with(release, hidden[i].prefix))
			return build(hidden[i].version, hidden[i].recorded, out, out_size);
	return tcpbuf_key_rules_for(part[0], part[1], part[2], out, out_size);
}

int tcpbuf__key_has(const struct tcpbuf_key_rules *rules, uint32_t feature)
{
	return feature == TCPBUF_KEY_FEATURE_NONE || rules->features >> feature & 1;
}

static int bit_of(const uint64_t words[2], uint32_t key)
{
	return (int)(words[key / 64] >> (key % 64) & 1);
}

uint32_t tcpbuf__key_access(const struct tcpbuf_key_rules *rules, uint32_t key, uint32_t netns)
{
	if (netns == TCPBUF_KEY_NETNS_INIT) {
		if (!bit_of(rules->keys_init, key))
			return TCPBUF_KEY_ACCESS_ABSENT;
		return key == TCPBUF_KEY_TCP_EHASH_ENTRIES ? TCPBUF_KEY_ACCESS_RO
							   : TCPBUF_KEY_ACCESS_RW;
	}
	if (!bit_of(rules->keys_child, key))
		return TCPBUF_KEY_ACCESS_ABSENT;
	return bit_of(rules->keys_child_rw, key) ? TCPBUF_KEY_ACCESS_RW : TCPBUF_KEY_ACCESS_RO;
}

int tcpbuf__key_rules_in(struct tcpbuf_key_rules *dst, const struct tcpbuf_key_rules *rules)
{
	int err = tcpbuf__copy_in(dst, sizeof(*dst), rules);

	return !err && dst->padding ? -EINVAL : err;
}

uint32_t tcpbuf_key_access(const struct tcpbuf_key_rules *rules, uint32_t key, uint32_t netns)
{
	struct tcpbuf_key_rules known;

	if (tcpbuf__key_rules_in(&known, rules) || !tcpbuf__key_row(key))
		return TCPBUF_KEY_ACCESS_ABSENT;
	return tcpbuf__key_access(&known, key, netns);
}
