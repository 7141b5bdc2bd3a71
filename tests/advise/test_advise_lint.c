/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "check_main.h"
#include <tcpbuf/advise.h>

#define N(a) (sizeof(a) / sizeof((a)[0]))
#define NONE UINT32_MAX

static const struct tcpbuf_k8s_setting datastax[] = {
	{"net.core.rmem_max", "16777216"},
	{"net.core.wmem_max", "16777216"},
	{"net.core.rmem_default", "16777216"},
	{"net.core.wmem_default", "16777216"},
	{"net.core.optmem_max", "40960"},
	{"net.ipv4.tcp_rmem", "4096 87380 16777216"},
	{"net.ipv4.tcp_wmem", "4096 65536 16777216"},
};

static struct tcpbuf_rules rules_of(const char *name)
{
	struct tcpbuf_rules rules;

	ck_assert_int_eq(tcpbuf_rules_named(name, &rules, sizeof(rules)), 0);
	return rules;
}

static struct tcpbuf_finding found[64];

static int lint(const char *kernel, struct tcpbuf_lint about, const struct tcpbuf_k8s_setting *settings,
	uint32_t count)
{
	struct tcpbuf_rules rules = rules_of(kernel);

	about.size = sizeof(about);
	return tcpbuf_lint_settings(
		&rules, &about, settings, sizeof(*settings), count, found, sizeof(found[0]), N(found));
}

struct expected {
	uint32_t code, index, element;
	int64_t given, limit;
};

static void expect(int count, const struct expected *want, uint32_t wanted)
{
	ck_assert_int_eq(count, (int)wanted);
	for (uint32_t i = 0; i < wanted; i++) {
		ck_assert_uint_eq(found[i].code, want[i].code);
		ck_assert_uint_eq(found[i].index, want[i].index);
		ck_assert_uint_eq(found[i].element, want[i].element);
		ck_assert_int_eq(found[i].given, want[i].given);
		ck_assert_int_eq(found[i].limit, want[i].limit);
		ck_assert_uint_gt(strlen(found[i].text), 10);
	}
}

#define RAISES(index, element, given, limit)                                                       \
	{                                                                                          \
		TCPBUF_FINDING_RAISES, index, element, given, limit                                \
	}
#define LOWERS(index, element, given, limit)                                                       \
	{                                                                                          \
		TCPBUF_FINDING_LOWERS, index, element, given, limit                                \
	}
#define NODE(index)                                                                                \
	{                                                                                          \
		TCPBUF_FINDING_NODE_LEVEL, index, 0, 0, 0                                          \
	}
#define NOT_TCP(index)                                                                             \
	{                                                                                          \
		TCPBUF_FINDING_NOT_TCP, index, 0, 0, 0                                             \
	}

START_TEST(datastax_block_on_6_18)
{
	static const struct expected want[] = {
		NODE(0), RAISES(0, 0, 16777216, 4194304), NODE(1), RAISES(1, 0, 16777216, 4194304), NODE(2),
		NOT_TCP(2), RAISES(2, 0, 16777216, 212992), NODE(3), NOT_TCP(3), RAISES(3, 0, 16777216, 212992),
		LOWERS(4, 0, 40960, 131072), {TCPBUF_FINDING_BELOW_NEW_DEFAULT, 5, 2, 16777216, 33554432},
		LOWERS(5, 1, 87380, 131072), LOWERS(5, 2, 16777216, 33554432), RAISES(6, 1, 65536, 16384),
		RAISES(6, 2, 16777216, 4194304), {TCPBUF_FINDING_MAY_HOLD, NONE, 0, 335544320000, 10000}};
	struct tcpbuf_lint about = {.connections = 10000};

	expect(lint("6.18.44", about, datastax, N(datastax)), want, N(want));
}
END_TEST

START_TEST(datastax_block_on_5_10)
{
	static const struct expected want[] = {
		NODE(0), RAISES(0, 0, 16777216, 212992), NODE(1), RAISES(1, 0, 16777216, 212992), NODE(2),
		NOT_TCP(2), RAISES(2, 0, 16777216, 212992), NODE(3), NOT_TCP(3), RAISES(3, 0, 16777216, 212992),
		/* One value the machine before 6.8. */
		NODE(4), RAISES(4, 0, 40960, 20480), {TCPBUF_FINDING_BELOW_NEW_DEFAULT, 5, 2, 16777216, 33554432},
		LOWERS(5, 1, 87380, 131072), RAISES(5, 2, 16777216, 6291456), RAISES(6, 1, 65536, 16384),
		RAISES(6, 2, 16777216, 4194304)};

	expect(lint("debian-5.10.223", (struct tcpbuf_lint){0}, datastax, N(datastax)), want, N(want));
}
END_TEST

/* One setting on 6.18.44 with 16 GiB, and the one finding that it must bring first. */
static const struct {
	const char *key, *value;
	uint32_t code, reason;
} singles[] = {
	{"net.ipv4.tcp_mem", "100000000 100000000 100000000", TCPBUF_FINDING_PAGES_AS_BYTES,
		TCPBUF_KEY_REASON_ABOVE_MEMORY},
	{"net.ipv4.tcp_mem", "8388608 8388608 8388608", TCPBUF_FINDING_PAGES_AS_BYTES,
		TCPBUF_KEY_REASON_ABOVE_MEMORY},
	{"net.ipv4.tcp_mem", "100000 100000 100000", TCPBUF_FINDING_EQUAL_TRIPLE, 0},
	{"net.ipv4.tcp_adv_win_scale", "2", TCPBUF_FINDING_DEAD_KEY, 0},
	{"net.ipv4.tcp_tw_recycle", "1", TCPBUF_FINDING_DEAD_KEY, 0},
	{"net.ipv4.tcp_low_latency", "1", TCPBUF_FINDING_DEAD_KEY, 0},
	{"net.ipv4.tcp_rcvbuf_low_rtt", "1000", TCPBUF_FINDING_ABSENT_KEY, 0},
	{"net.netfilter.nf_conntrack_max", "1000000", TCPBUF_FINDING_CONNTRACK, 0},
	{"net.netfilter.nf_conntrack_expect_max", "4096", TCPBUF_FINDING_CONNTRACK, 0},
	{"net.ipv4.tcp_rmem", "4096 131072 2147483648", TCPBUF_FINDING_REFUSED,
		TCPBUF_KEY_REASON_TOO_LARGE},
	{"net.ipv4.tcp_rmem", "4096 131072 -2147418112", TCPBUF_FINDING_REFUSED, TCPBUF_KEY_REASON_SIGN},
	{"net.ipv4.tcp_rmem", "262144 131072 6291456", TCPBUF_FINDING_REFUSED,
		TCPBUF_KEY_REASON_MIN_ABOVE_DEFAULT},
	{"net.ipv4.tcp_rmem", "4096 131072 65536", TCPBUF_FINDING_REFUSED,
		TCPBUF_KEY_REASON_MAX_BELOW_DEFAULT},
	{"net/ipv4/tcp_window_scaling", "0", TCPBUF_FINDING_DOUBTFUL, TCPBUF_KEY_REASON_SMALL_WINDOWS},
};

START_TEST(single_settings)
{
	struct tcpbuf_k8s_setting one = {"", ""};
	uint32_t k = 0;
	int count;

	strcpy(one.key, singles[_i].key);
	strcpy(one.value, singles[_i].value);
	count = lint("6.18.44", (struct tcpbuf_lint){.ram_bytes = 16ll << 30}, &one, 1);
	/* A key of the node is always that, too. */
	while ((int)k < count && found[k].code == TCPBUF_FINDING_NODE_LEVEL)
		k++;
	ck_assert_int_lt((int)k, count);
	ck_assert_uint_eq(found[k].code, singles[_i].code);
	ck_assert_uint_eq(found[k].reason, singles[_i].reason);
	ck_assert_uint_gt(strlen(found[k].text), 10);
}
END_TEST

START_TEST(nothing_to_say)
{
	static const struct tcpbuf_k8s_setting quiet[] = {{"net.ipv4.tcp_rmem", "4096 131072 33554432"},
		{"net.ipv4.tcp_keepalive_time", "7200"}, {"vm.swappiness", "10"}, {"kernel.msgmax", "65536"},
		{"net.netfilter.nf_conntrack_tcp_loose", "0"}};

	ck_assert_int_eq(lint("6.18.44", (struct tcpbuf_lint){0}, quiet, N(quiet)), 0);
}
END_TEST

START_TEST(live_values_that_were_left_alone)
{
	static const struct tcpbuf_k8s_setting live[] = {{"net.core.rmem_max", "4194304"},
		{"net.core.rmem_default", "212992"}, {"net.ipv4.tcp_adv_win_scale", "1"},
		{"net.netfilter.nf_conntrack_max", "1000"}, {"net.ipv4.tcp_mem", "100 200 300"}};

	ck_assert_int_eq(lint("6.18.44", (struct tcpbuf_lint){.flags = TCPBUF_LINT_LIVE}, live, N(live)), 0);
}
END_TEST

START_TEST(arguments)
{
	struct tcpbuf_rules rules = rules_of("6.18.44");
	struct {
		struct tcpbuf_lint known;
		uint64_t unknown;
	} newer = {{.size = sizeof(newer)}, 1};
	struct tcpbuf_k8s_setting bad = datastax[0];
	struct tcpbuf_finding one;
	const uint32_t size = sizeof(datastax[0]);

	ck_assert_int_eq(tcpbuf_lint_settings(NULL, NULL, datastax, size, 7, NULL, 0, 0), -EINVAL);
	ck_assert_int_eq(tcpbuf_lint_settings(&rules, NULL, NULL, size, 7, NULL, 0, 0), -EINVAL);
	ck_assert_int_eq(tcpbuf_lint_settings(&rules, NULL, datastax, 8, 7, NULL, 0, 0), -EINVAL);
	ck_assert_int_eq(tcpbuf_lint_settings(&rules, NULL, datastax, size, 7, NULL, 8, 1), -EINVAL);
	ck_assert_int_eq(tcpbuf_lint_settings(&rules, &newer.known, datastax, size, 7, NULL, 0, 0), -E2BIG);
	memset(bad.value, '1', sizeof(bad.value));
	ck_assert_int_eq(tcpbuf_lint_settings(&rules, NULL, &bad, size, 1, NULL, 0, 0), -EINVAL);
	/* What does not fit is counted. */
	ck_assert_int_eq(tcpbuf_lint_settings(&rules, NULL, datastax, size, 7, &one, sizeof(one), 1), 16);
	ck_assert_uint_eq(one.code, TCPBUF_FINDING_NODE_LEVEL);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("lint");
	TCase *tcase = tcase_create("lint");

	tcase_add_test(tcase, datastax_block_on_6_18);
	tcase_add_test(tcase, datastax_block_on_5_10);
	tcase_add_loop_test(tcase, single_settings, 0, N(singles));
	tcase_add_test(tcase, nothing_to_say);
	tcase_add_test(tcase, live_values_that_were_left_alone);
	tcase_add_test(tcase, arguments);
	suite_add_tcase(suite, tcase);
	return run_suite(suite);
}
