/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include <tcpbuf/keys.h>

#include "check_main.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))

static const struct {
	const char *release;
	uint32_t version, verified;
} releases[] = {
	{"5.10.0-32-cloud-amd64", 0x050adfu, 1},
	{"5.10.0-13-amd64", 0x050adfu, 0},
	{"6.1.0-50-cloud-amd64", 0x0601b0u, 1},
	{"6.1.0-9-amd64", 0x0601b0u, 0},
	{"6.1.0", 0x060100u, 0},
	{"6.1", 0x060100u, 0},
	{"6.1-rc1", 0x060100u, 0},
	{"6.12.117+deb13-cloud-amd64", 0x060c75u, 1},
	{"6.18.44", 0x06122cu, 1},
	{"6.18.44-vendor", 0x06122cu, 1},
	{"7.3.4+deb13-cloud-amd64", 0x070304u, 1},
	{"4.19.304", 0x0413ffu, 0},
	{"6.8.0-45-generic", 0x060800u, 0},
};

START_TEST(a_release_names_a_kernel)
{
	struct tcpbuf_key_rules rules;

	ck_assert_int_eq(tcpbuf_key_rules_release(releases[_i].release, &rules, sizeof(rules)), 0);
	ck_assert_uint_eq(rules.size, sizeof(rules));
	ck_assert_uint_eq(rules.version, releases[_i].version);
	ck_assert_uint_eq(rules.verified, releases[_i].verified);
}
END_TEST

static const char *const strangers[] = {
	"", "x", "6", "6.", ".1", "4.18.20", "4", "999999.1", "6.x", "300.1.1", "6.1.99999"};

START_TEST(anything_else_does_not)
{
	struct tcpbuf_key_rules rules, zero;

	memset(&zero, 0, sizeof(zero));
	memset(&rules, 0xff, sizeof(rules));
	ck_assert_int_eq(tcpbuf_key_rules_release(strangers[_i], &rules, sizeof(rules)), -EINVAL);
	ck_assert_mem_eq(&rules, &zero, sizeof(rules));
}
END_TEST

static int has(uint32_t major, uint32_t minor, uint32_t patch, uint32_t feature)
{
	struct tcpbuf_key_rules rules;

	ck_assert_int_eq(tcpbuf_key_rules_for(major, minor, patch, &rules, sizeof(rules)), 0);
	return rules.features >> feature & 1;
}

START_TEST(stable_releases_take_features_over)
{
	ck_assert(!has(6, 12, 0, TCPBUF_KEY_FEATURE_RMEM_FLOOR));
	ck_assert(has(6, 12, 117, TCPBUF_KEY_FEATURE_RMEM_FLOOR));
	ck_assert(!has(6, 13, 200, TCPBUF_KEY_FEATURE_RMEM_FLOOR));
	ck_assert(!has(6, 1, 176, TCPBUF_KEY_FEATURE_RMEM_FLOOR));
	ck_assert(!has(6, 18, 44, TCPBUF_KEY_FEATURE_RMEM_FLOOR));
	ck_assert(has(7, 3, 0, TCPBUF_KEY_FEATURE_RMEM_FLOOR));
	ck_assert(has(5, 10, 223, TCPBUF_KEY_FEATURE_BYTE_SWITCHES));
	ck_assert(!has(5, 10, 0, TCPBUF_KEY_FEATURE_BYTE_SWITCHES));
	ck_assert(!has(5, 10, 223, TCPBUF_KEY_FEATURE_BYTE_COMP_SACK_NR));
}
END_TEST

START_TEST(a_machine_can_correct_the_rules)
{
	struct tcpbuf_key_rules rules;
	struct tcpbuf_key_verdict verdict;

	ck_assert_int_eq(tcpbuf_key_rules_for(6, 6, 0, &rules, sizeof(rules)), 0);
	ck_assert_uint_eq(
		tcpbuf_key_access(&rules, TCPBUF_KEY_CORE_RMEM_MAX, 1), TCPBUF_KEY_ACCESS_ABSENT);
	rules.keys_child[0] |= 1u << TCPBUF_KEY_CORE_RMEM_MAX;
	ck_assert_uint_eq(
		tcpbuf_key_access(&rules, TCPBUF_KEY_CORE_RMEM_MAX, 1), TCPBUF_KEY_ACCESS_RO);
	ck_assert_int_eq(tcpbuf_key_check(&rules, TCPBUF_KEY_TCP_RMEM, "1 2 4096", 8, &verdict,
				 sizeof(verdict)),
		0);
	rules.features |= 1u << TCPBUF_KEY_FEATURE_RMEM_FLOOR;
	ck_assert_int_eq(tcpbuf_key_check(&rules, TCPBUF_KEY_TCP_RMEM, "1 2 4096", 8, &verdict,
				 sizeof(verdict)),
		-ERANGE);
}
END_TEST

START_TEST(structs_of_another_size_are_understood)
{
	struct {
		struct tcpbuf_key_rules rules;
		char tail[8];
	} wide;

	memset(&wide, 0xff, sizeof(wide));
	ck_assert_int_eq(tcpbuf_key_rules_for(6, 6, 0, &wide, sizeof(wide)), 0);
	ck_assert_uint_eq(wide.rules.size, sizeof(wide.rules));
	ck_assert_int_eq(wide.tail[0], 0);
	wide.rules.size = sizeof(wide);
	ck_assert_uint_eq(tcpbuf_key_access(&wide.rules, 1, 0), TCPBUF_KEY_ACCESS_RW);
	wide.tail[7] = 1;
	ck_assert_uint_eq(tcpbuf_key_access(&wide.rules, 1, 0), TCPBUF_KEY_ACCESS_ABSENT);
	ck_assert_int_eq(tcpbuf_key_check(&wide.rules, 1, "1 2 3", 5, NULL, 0), -E2BIG);
	ck_assert_int_eq(tcpbuf_key_rules_for(6, 6, 0, NULL, 0), -EINVAL);
	ck_assert_int_eq(tcpbuf_key_rules_release(NULL, &wide, sizeof(wide)), -EINVAL);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("keys rules");
	TCase *tc = tcase_create("rules");

	tcase_add_loop_test(tc, a_release_names_a_kernel, 0, COUNT(releases));
	tcase_add_loop_test(tc, anything_else_does_not, 0, COUNT(strangers));
	tcase_add_test(tc, stable_releases_take_features_over);
	tcase_add_test(tc, a_machine_can_correct_the_rules);
	tcase_add_test(tc, structs_of_another_size_are_understood);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
