/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include <tcpbuf/keys.h>

#include "check_main.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))
#define LAST TCPBUF_KEY_TCP_CONGESTION_CONTROL

static const uint32_t kernels[][3] = {{4, 19, 0}, {4, 19, 304}, {5, 4, 0}, {5, 10, 0}, {5, 10, 223},
	{5, 15, 0}, {6, 1, 0}, {6, 1, 176}, {6, 6, 63}, {6, 8, 0}, {6, 11, 0}, {6, 12, 117},
	{6, 18, 44}, {6, 19, 0}, {7, 0, 0}, {7, 3, 4}, {9, 9, 9}};

static struct tcpbuf_key_rules rules_of(const uint32_t kernel[3])
{
	struct tcpbuf_key_rules rules;

	ck_assert_int_eq(
		tcpbuf_key_rules_for(kernel[0], kernel[1], kernel[2], &rules, sizeof(rules)), 0);
	rules.buffer_pages = 118420;
	rules.ehash_entries = 8192;
	return rules;
}

static struct tcpbuf_key_info info_of(const struct tcpbuf_key_rules *rules, uint32_t key)
{
	struct tcpbuf_key_info info;

	ck_assert_int_eq(tcpbuf_key_describe(rules, key, &info, sizeof(info)), 0);
	return info;
}

START_TEST(the_value_at_start_is_in_range_and_passes_the_check)
{
	struct tcpbuf_key_rules rules = rules_of(kernels[_i]);

	for (uint32_t key = 1; key <= LAST; key++) {
		struct tcpbuf_key_info info = info_of(&rules, key);
		struct tcpbuf_value value = {.size = sizeof(value), .count = info.count};
		struct tcpbuf_key_verdict verdict;
		char text[64];

		ck_assert_uint_ne(info.type, 0);
		ck_assert_uint_ne(info.unit, 0);
		if (!(info.valid & TCPBUF_KEY_INFO_HAS_INITIAL) ||
			info.access_init != TCPBUF_KEY_ACCESS_RW)
			continue;
		ck_assert_int_le(info.min, info.max);
		memcpy(value.numbers, info.initial, sizeof(value.numbers));
		ck_assert_int_gt(tcpbuf_key_format(key, &value, text, sizeof(text)), 0);
		ck_assert_int_eq(tcpbuf_key_check(&rules, key, text, (uint32_t)strlen(text),
					 &verdict, sizeof(verdict)),
			0);
		ck_assert_str_eq(verdict.text, text);
	}
}
END_TEST

START_TEST(scope_access_and_inheritance_agree)
{
	struct tcpbuf_key_rules rules = rules_of(kernels[_i]);

	for (uint32_t key = 1; key <= LAST; key++) {
		struct tcpbuf_key_info info = info_of(&rules, key);

		ck_assert_uint_le(info.access_child, info.access_init);
		if (info.access_child == TCPBUF_KEY_ACCESS_RW)
			ck_assert_uint_eq(info.scope, TCPBUF_KEY_SCOPE_NETNS);
		if (info.scope == TCPBUF_KEY_SCOPE_NODE)
			ck_assert_uint_eq(info.inherit, TCPBUF_KEY_INHERIT_SHARED);
		else
			ck_assert_uint_ne(info.netns_since, 0);
	}
}
END_TEST

START_TEST(every_key_is_explained_in_sentences)
{
	for (uint32_t key = 1; key <= LAST; key++) {
		ck_assert_uint_gt(strlen(tcpbuf_key_text(key, TCPBUF_KEY_TEXT_MEANING)), 20);
		for (uint32_t which = 1; which <= 3; which++) {
			const char *text = tcpbuf_key_text(key, which);
			size_t length = strlen(text);

			ck_assert(length == 0 || text[length - 1] == '.');
			ck_assert_ptr_null(strstr(text, "  "));
		}
	}
	ck_assert_str_eq(tcpbuf_key_text(LAST, 0), "");
	ck_assert_str_eq(tcpbuf_key_text(0, TCPBUF_KEY_TEXT_MEANING), "");
}
END_TEST

/* Boot-time values of recorded machines of 512 MiB and one of 24 GiB. */
static const struct {
	uint32_t kernel[3];
	uint64_t pages;
	int64_t rmem, wmem, mem[3];
} recorded[] = {
	{{5, 10, 223}, 118420, 3789440, 3789440, {5550, 7401, 11100}},
	{{6, 1, 176}, 116494, 3727808, 3727808, {5460, 7280, 10920}},
	{{6, 12, 117}, 115468, 3694976, 3694976, {5412, 7216, 10824}},
	{{7, 3, 4}, 113929, 3645728, 3645728, {5340, 7120, 10680}},
	{{6, 18, 44}, 6141872, 33554432, 4194304, {287898, 383867, 575796}},
	{{6, 14, 0}, 6141872, 6291456, 4194304, {287898, 383867, 575796}},
	{{5, 10, 0}, 100, 131072, 65536, {96, 128, 192}},
};

START_TEST(values_that_follow_memory)
{
	struct tcpbuf_key_rules rules = rules_of(recorded[_i].kernel);

	rules.buffer_pages = recorded[_i].pages;
	ck_assert_int_eq(info_of(&rules, TCPBUF_KEY_TCP_RMEM).initial[0], 4096);
	ck_assert_int_eq(info_of(&rules, TCPBUF_KEY_TCP_RMEM).initial[1], 131072);
	ck_assert_int_eq(info_of(&rules, TCPBUF_KEY_TCP_RMEM).initial[2], recorded[_i].rmem);
	ck_assert_int_eq(info_of(&rules, TCPBUF_KEY_TCP_WMEM).initial[2], recorded[_i].wmem);
	ck_assert_mem_eq(info_of(&rules, TCPBUF_KEY_TCP_MEM).initial, recorded[_i].mem,
		sizeof(recorded[_i].mem));
	ck_assert_int_eq(info_of(&rules, TCPBUF_KEY_TCP_MAX_ORPHANS).initial[0], 4096);
	ck_assert_int_eq(info_of(&rules, TCPBUF_KEY_TCP_MAX_SYN_BACKLOG).initial[0], 128);
	rules.buffer_pages = rules.ehash_entries = 0;
	ck_assert_uint_eq(info_of(&rules, TCPBUF_KEY_TCP_RMEM).valid, TCPBUF_KEY_INFO_HAS_RANGE);
	ck_assert_int_eq(info_of(&rules, TCPBUF_KEY_TCP_RMEM).initial[0], 0);
	ck_assert_uint_eq(info_of(&rules, TCPBUF_KEY_TCP_MAX_ORPHANS).valid, TCPBUF_KEY_INFO_HAS_RANGE);
}
END_TEST

/* Where a kernel differs from the one before. */
static const struct {
	uint32_t kernel[3];
	uint32_t key, type, access_init, access_child, scope;
	int64_t min, max, initial;
} changes[] = {
	{{6, 1, 176}, TCPBUF_KEY_CORE_OPTMEM_MAX, TCPBUF_KEY_TYPE_INT, 2, 0, 1, -2147483648LL,
		2147483647, 20480},
	{{6, 12, 117}, TCPBUF_KEY_CORE_OPTMEM_MAX, TCPBUF_KEY_TYPE_INT, 2, 2, 2, 0, 2147483647,
		131072},
	{{6, 1, 176}, TCPBUF_KEY_CORE_RMEM_MAX, TCPBUF_KEY_TYPE_INT, 2, 0, 1, 2304, 2147483647,
		212992},
	{{6, 12, 117}, TCPBUF_KEY_CORE_WMEM_MAX, TCPBUF_KEY_TYPE_INT, 2, 1, 1, 4608, 2147483647,
		212992},
	{{6, 18, 44}, TCPBUF_KEY_CORE_WMEM_MAX, TCPBUF_KEY_TYPE_INT, 2, 1, 1, 4608, 2147483647,
		4194304},
	{{5, 10, 0}, TCPBUF_KEY_TCP_COMP_SACK_NR, TCPBUF_KEY_TYPE_INT, 2, 2, 2, 0, 255, 44},
	{{6, 1, 176}, TCPBUF_KEY_TCP_COMP_SACK_NR, TCPBUF_KEY_TYPE_BYTE, 2, 2, 2, 0, 255, 44},
	{{6, 1, 0}, TCPBUF_KEY_CORE_MEM_PCPU_RSV, TCPBUF_KEY_TYPE_INT, 0, 0, 1, 256, 2147483647,
		256},
	{{6, 1, 176}, TCPBUF_KEY_CORE_MEM_PCPU_RSV, TCPBUF_KEY_TYPE_INT, 2, 0, 1, 256, 2147483647,
		256},
	{{6, 8, 0}, TCPBUF_KEY_CORE_MEM_PCPU_RSV, TCPBUF_KEY_TYPE_INT, 0, 0, 1, 256, 2147483647,
		256},
	{{6, 18, 44}, TCPBUF_KEY_TCP_RCVBUF_LOW_RTT, TCPBUF_KEY_TYPE_INT, 0, 0, 2, 0, 2147483647,
		1000},
	{{7, 3, 4}, TCPBUF_KEY_TCP_RCVBUF_LOW_RTT, TCPBUF_KEY_TYPE_INT, 2, 2, 2, 0, 2147483647,
		1000},
	{{7, 3, 4}, TCPBUF_KEY_CORE_SKB_DEFER_MAX, TCPBUF_KEY_TYPE_INT, 2, 0, 1, 0, 2147483647,
		128},
	{{5, 10, 223}, TCPBUF_KEY_TCP_KEEPALIVE_TIME, TCPBUF_KEY_TYPE_JIFFIES, 2, 2, 2, -8589934,
		8589934, 7200},
	{{7, 3, 4}, TCPBUF_KEY_TCP_NOTSENT_LOWAT, TCPBUF_KEY_TYPE_UINT, 2, 2, 2, 0, 4294967295,
		4294967295},
};

START_TEST(what_changed_between_kernels)
{
	struct tcpbuf_key_rules rules = rules_of(changes[_i].kernel);
	struct tcpbuf_key_info info = info_of(&rules, changes[_i].key);

	ck_assert_uint_eq(info.type, changes[_i].type);
	ck_assert_uint_eq(info.access_init, changes[_i].access_init);
	ck_assert_uint_eq(info.access_child, changes[_i].access_child);
	ck_assert_uint_eq(info.scope, changes[_i].scope);
	ck_assert_int_eq(info.min, changes[_i].min);
	ck_assert_int_eq(info.max, changes[_i].max);
	ck_assert_int_eq(info.initial[0], changes[_i].initial);
}
END_TEST

START_TEST(the_machine_decides_bounds)
{
	const uint32_t kernel[3] = {7, 3, 4};
	struct tcpbuf_key_rules rules = rules_of(kernel);

	rules.page_size = 65536;
	rules.hz = 1000;
	rules.min_rcvbuf = 2560;
	ck_assert_int_eq(info_of(&rules, TCPBUF_KEY_TCP_RMEM).min, 65536);
	ck_assert_int_eq(info_of(&rules, TCPBUF_KEY_CORE_MEM_PCPU_RSV).min, 16);
	ck_assert_int_eq(info_of(&rules, TCPBUF_KEY_CORE_RMEM_MAX).min, 2560);
	ck_assert_int_eq(info_of(&rules, TCPBUF_KEY_TCP_KEEPALIVE_TIME).max, 2147483);
}
END_TEST

START_TEST(bad_arguments_are_refused)
{
	const uint32_t kernel[3] = {7, 3, 4};
	struct tcpbuf_key_rules rules = rules_of(kernel);
	struct tcpbuf_key_info info;

	ck_assert_int_eq(tcpbuf_key_describe(&rules, 0, &info, sizeof(info)), -ENOENT);
	ck_assert_int_eq(tcpbuf_key_describe(NULL, 1, &info, sizeof(info)), -EINVAL);
	ck_assert_uint_eq(tcpbuf_key_access(NULL, 1, 0), TCPBUF_KEY_ACCESS_ABSENT);
	ck_assert_uint_eq(tcpbuf_key_access(&rules, 1000, 0), TCPBUF_KEY_ACCESS_ABSENT);
	ck_assert_uint_eq(
		tcpbuf_key_access(&rules, 1, TCPBUF_KEY_NETNS_CHILD), TCPBUF_KEY_ACCESS_RW);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("keys describe");
	TCase *tc = tcase_create("describe");

	tcase_add_loop_test(
		tc, the_value_at_start_is_in_range_and_passes_the_check, 0, COUNT(kernels));
	tcase_add_loop_test(tc, scope_access_and_inheritance_agree, 0, COUNT(kernels));
	tcase_add_test(tc, every_key_is_explained_in_sentences);
	tcase_add_loop_test(tc, values_that_follow_memory, 0, COUNT(recorded));
	tcase_add_loop_test(tc, what_changed_between_kernels, 0, COUNT(changes));
	tcase_add_test(tc, the_machine_decides_bounds);
	tcase_add_test(tc, bad_arguments_are_refused);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
