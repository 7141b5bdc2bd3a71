/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include <tcpbuf/keys.h>

#include "check_main.h"
#include "keys/written.h"

#define RMEM TCPBUF_KEY_TCP_RMEM
#define MEM TCPBUF_KEY_TCP_MEM
#define SACK TCPBUF_KEY_TCP_SACK
#define LOWAT TCPBUF_KEY_TCP_NOTSENT_LOWAT
#define OPTMEM TCPBUF_KEY_CORE_OPTMEM_MAX
#define DELAY TCPBUF_KEY_TCP_COMP_SACK_DELAY_NS
#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))

static const uint32_t kernels[][3] = {{4, 19, 0}, {5, 4, 0}, {5, 10, 223}, {5, 15, 0}, {6, 1, 0},
	{6, 1, 176}, {6, 6, 0}, {6, 12, 117}, {6, 18, 44}, {7, 3, 4}};

static struct tcpbuf_key_rules rules_of(const uint32_t kernel[3])
{
	struct tcpbuf_key_rules rules;

	ck_assert_int_eq(
		tcpbuf_key_rules_for(kernel[0], kernel[1], kernel[2], &rules, sizeof(rules)), 0);
	return rules;
}

static struct tcpbuf_key_effect write_to(const struct tcpbuf_key_rules *rules, uint32_t key,
	uint32_t netns, const char *bytes, uint32_t length, const char *before)
{
	struct tcpbuf_key_effect effect;
	struct tcpbuf_value value;

	if (before)
		ck_assert_int_eq(tcpbuf_key_parse(key, before, (uint32_t)strlen(before), &value,
					 sizeof(value)),
			0);
	ck_assert_int_eq(tcpbuf_key_write(rules, key, netns, bytes, length, before ? &value : NULL,
				 &effect, sizeof(effect)),
		0);
	return effect;
}

/* What recorded kernels did; "k" is an index into the five below. */
enum { K510, K61, K612, K618, K73 };
static const uint32_t recorded[][3] = {
	{5, 10, 223}, {6, 1, 176}, {6, 12, 117}, {6, 18, 44}, {7, 3, 4}};

static const struct {
	int k;
	uint32_t key, netns;
	const char *bytes, *before;
	int result;
	const char *after;
} golden[] = {
	{K618, RMEM, 1, "4096 0 6291456", "5000\t6000\t7000", -EINVAL, "4096\t6000\t7000"},
	{K618, RMEM, 1, "5000 6000 0", "4096\t131072\t6291456", -EINVAL, "5000\t6000\t6291456"},
	{K618, RMEM, 1, "9000 8000 7000", "4096\t131072\t6291456", 14, "9000\t8000\t7000"},
	{K618, RMEM, 1, "4096 87380", "1\t2\t3", 10, "4096\t87380\t3"},
	{K618, RMEM, 1, "", "1\t2\t3", 0, "1\t2\t3"},
	{K618, RMEM, 1, " ", "1\t2\t3", -EINVAL, "1\t2\t3"},
	{K618, RMEM, 1, "\n", "1\t2\t3", -EINVAL, "1\t2\t3"},
	{K618, RMEM, 1, "4096 131072 6291456 7", "1\t2\t3", 20, "4096\t131072\t6291456"},
	{K618, RMEM, 1, "4096,131072,6291456", "1\t2\t3", -EINVAL, "1\t2\t3"},
	{K618, RMEM, 1, "4096 131072 6291456garbage", "1\t2\t3", -EINVAL, "4096\t131072\t3"},
	{K618, RMEM, 1, "1 1 1", "4096\t131072\t6291456", 5, "1\t1\t1"},
	{K73, RMEM, 1, "1 1 1", "4096\t131072\t6291456", -EINVAL, "4096\t131072\t6291456"},
	{K612, RMEM, 0, "4096 4095 6291456", "4097\t131072\t6291457", -EINVAL,
		"4096\t131072\t6291457"},
	{K61, RMEM, 0, "4096 4095 6291456", "4097\t131072\t6291457", 17, "4096\t4095\t6291456"},
	{K618, RMEM, 1, "0x1000 0x20000 0x600000", "1\t2\t3", 23, "4096\t131072\t6291456"},
	{K618, SACK, 1, "010", "1", 3, "8"},
	{K618, SACK, 1, "08", "1", -EINVAL, "1"},
	{K618, SACK, 1, "+5", "1", -EINVAL, "1"},
	{K618, SACK, 1, "256", "1", -EINVAL, "1"},
	{K618, SACK, 1, "12 garbage", "1", 10, "12"},
	{K73, SACK, 1, "12 garbage", "1", 3, "12"},
	{K618, SACK, 1, "0000000000000000000001", "1", -EINVAL, "1"},
	{K618, LOWAT, 1, "1 2 3 4 5", "0", 9, "1"},
	{K73, LOWAT, 1, "1 2 3 4 5", "0", 2, "1"},
	{K618, LOWAT, 1, "4294967296", "0", -EINVAL, "0"},
	{K510, OPTMEM, 0, "-1", "20480", 2, "-1"},
	{K612, OPTMEM, 0, "-1", "131072", -EINVAL, "131072"},
	{K510, OPTMEM, 1, "1", NULL, -ENOENT, NULL},
	{K510, DELAY, 1, "-1", "1000000", 2, "1000000"},
	{K61, DELAY, 1, "-1", "1000000", -EINVAL, "1000000"},
	{K510, MEM, 0, "4096 -1 6291456", "1\t2\t3", 15, "4096\t2\t6291456"},
	{K61, MEM, 0, "4096 -1 6291456", "1\t2\t3", -EINVAL, "4096\t2\t3"},
	{K618, TCPBUF_KEY_CORE_RMEM_MAX, 1, "4096", "4194304", -EACCES, "4194304"},
	{K61, TCPBUF_KEY_CORE_RMEM_MAX, 1, "4096", NULL, -ENOENT, NULL},
	{K61, TCPBUF_KEY_TCP_EHASH_ENTRIES, 0, "4096", "8192", -EACCES, "8192"},
	{K61, TCPBUF_KEY_TCP_KEEPALIVE_TIME, 1, "8589934", "7200", 7, "8589934"},
	{K61, TCPBUF_KEY_TCP_KEEPALIVE_TIME, 1, "8589935", "7200", -EINVAL, "7200"},
	{K61, TCPBUF_KEY_TCP_KEEPALIVE_TIME, 1, "-1", "7200", 2, "-1"},
	{K618, RMEM, 1, "4096 131072", NULL, 11, NULL},
	{K618, RMEM, 1, "4096 131072 1", NULL, 13, "4096\t131072\t1"},
};

START_TEST(a_write_does_what_recorded_kernels_did)
{
	struct tcpbuf_key_rules rules = rules_of(recorded[golden[_i].k]);
	struct tcpbuf_key_effect e = write_to(&rules, golden[_i].key, golden[_i].netns,
		golden[_i].bytes, (uint32_t)strlen(golden[_i].bytes), golden[_i].before);

	ck_assert_int_eq(e.result, golden[_i].result);
	ck_assert_uint_eq(e.valid, golden[_i].after ? TCPBUF_KEY_EFFECT_HAS_AFTER : 0);
	ck_assert_str_eq(e.after, golden[_i].after ? golden[_i].after : "");
}
END_TEST

static void agree(const struct tcpbuf_key_rules *rules, uint32_t key, const char *text)
{
	struct tcpbuf_key_verdict v;
	struct tcpbuf_key_effect raw, clean;
	uint32_t length = (uint32_t)strlen(text);

	if (tcpbuf_key_access(rules, key, TCPBUF_KEY_NETNS_INIT) != TCPBUF_KEY_ACCESS_RW)
		return;
	raw = write_to(rules, key, TCPBUF_KEY_NETNS_INIT, text, length, NULL);
	if (tcpbuf_key_check(rules, key, text, length, &v, sizeof(v)) == 0) {
		uint32_t size = (uint32_t)strlen(v.text);

		clean = write_to(rules, key, TCPBUF_KEY_NETNS_INIT, v.text, size, NULL);
		ck_assert_int_eq(clean.result, (int)size);
		ck_assert_str_eq(clean.after, v.text);
		ck_assert_int_eq(raw.result, (int)length);
		ck_assert_str_eq(raw.after, v.text);
	} else {
		ck_assert_str_eq(v.text, "");
		ck_assert_int_lt(v.code, 0);
	}
	if (raw.result < 0)
		ck_assert_int_lt(v.code, 0);
}

START_TEST(what_the_check_accepts_the_kernel_stores_unchanged)
{
	struct tcpbuf_key_rules rules = rules_of(kernels[_i]);

	for (uint32_t key = 1; key < TCPBUF_KEY_TCP_CONGESTION_CONTROL; key++)
		for (int i = 0; i < COUNT(written); i++)
			agree(&rules, key, written[i]);
}
END_TEST

START_TEST(the_check_refuses_what_kernels_take_by_mistake)
{
	static const char *const mistakes[] = {"", "010", "0x1000", "12 garbage", "1 2 3 4 5"};
	struct tcpbuf_key_rules rules = rules_of(kernels[_i]);
	struct tcpbuf_key_effect e;
	struct tcpbuf_key_verdict v;

	for (int i = 0; i < COUNT(mistakes); i++) {
		uint32_t length = (uint32_t)strlen(mistakes[i]);

		e = write_to(
			&rules, TCPBUF_KEY_TCP_LIMIT_OUTPUT_BYTES, 1, mistakes[i], length, NULL);
		ck_assert_int_ge(e.result, 0);
		ck_assert_int_eq(tcpbuf_key_check(&rules, TCPBUF_KEY_TCP_LIMIT_OUTPUT_BYTES,
					 mistakes[i], length, &v, sizeof(v)),
			-EINVAL);
	}
}
END_TEST

static uint64_t next_random(uint64_t *state)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return *state >> 33;
}

/* Texts near the ones that matter: pieces of numbers, separators, junk, a byte of any value. */
static uint32_t make_text(uint64_t *state, char *text)
{
	static const char *const pieces[] = {"0", "1", "4096", "131072", "-", "+", "0x", "010", " ",
		"\t", "\n", " ", "2147483647", "2147483648", "18446744073709551615",
		"9223372036854775807", "x", "\v", "\xa0"};
	uint32_t length = 0;

	for (uint64_t count = next_random(state) % 9; count; count--) {
		uint64_t pick = next_random(state) % (COUNT(pieces) + 1);

		if (pick == COUNT(pieces)) {
			text[length++] = (char)next_random(state);
		} else {
			memcpy(text + length, pieces[pick], strlen(pieces[pick]));
			length += (uint32_t)strlen(pieces[pick]);
		}
	}
	text[length] = '\0';
	return length;
}

START_TEST(no_text_makes_check_and_kernel_disagree)
{
	struct tcpbuf_key_rules rules = rules_of(kernels[_i]);
	uint64_t state = 20250301u + (uint64_t)_i;
	char text[256];

	for (int round = 0; round < 20000; round++) {
		uint32_t key =
			1 + (uint32_t)next_random(&state) % (TCPBUF_KEY_TCP_CONGESTION_CONTROL - 1);
		struct tcpbuf_key_verdict v;
		uint32_t length = make_text(&state, text);

		if (memchr(text, '\0', length))
			ck_assert_int_ne(
				tcpbuf_key_check(&rules, key, text, length, &v, sizeof(v)), 0);
		else
			agree(&rules, key, text);
	}
}
END_TEST

START_TEST(a_name_is_not_predicted)
{
	struct tcpbuf_key_rules rules = rules_of(kernels[9]);
	struct tcpbuf_key_effect e;

	ck_assert_int_eq(tcpbuf_key_write(&rules, TCPBUF_KEY_TCP_CONGESTION_CONTROL, 1, "bbr", 3,
				 NULL, &e, sizeof(e)),
		-EOPNOTSUPP);
	ck_assert_int_eq(tcpbuf_key_write(&rules, 999, 1, "bbr", 3, NULL, &e, sizeof(e)), -ENOENT);
	ck_assert_int_eq(tcpbuf_key_write(NULL, SACK, 1, "1", 1, NULL, &e, sizeof(e)), -EINVAL);
	ck_assert_int_eq(tcpbuf_key_write(&rules, SACK, 1, NULL, 1, NULL, &e, sizeof(e)), -EINVAL);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("keys write");
	TCase *tc = tcase_create("write");

	printf("seed 20250301\n");
	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, a_write_does_what_recorded_kernels_did, 0, COUNT(golden));
	tcase_add_loop_test(
		tc, what_the_check_accepts_the_kernel_stores_unchanged, 0, COUNT(kernels));
	tcase_add_loop_test(tc, the_check_refuses_what_kernels_take_by_mistake, 0, COUNT(kernels));
	tcase_add_loop_test(tc, no_text_makes_check_and_kernel_disagree, 0, COUNT(kernels));
	tcase_add_test(tc, a_name_is_not_predicted);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
