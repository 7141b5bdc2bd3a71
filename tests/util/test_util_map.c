/* SPDX-License-Identifier: MIT */
#include "util/map.h"

#include <time.h>

#include "check_main.h"
#include "fault.h"

#define KEYS 5000

START_TEST(a_map_holds_what_an_array_holds)
{
	static uint64_t keys[KEYS];
	struct tcpbuf__map map = {0};
	unsigned seed = (unsigned)time(NULL);

	printf("seed %u\n", seed);
	for (uint64_t i = 0; i < KEYS; i++) {
		uint64_t *value;

		/* Neighbours, as inodes are, and far ones. */
		keys[i] = i % 2 ? 4026531840u + i : ((uint64_t)rand_r(&seed) << 32 | i) + 1;
		value = tcpbuf__map_at(&map, &fault_sys, keys[i]);
		ck_assert_uint_eq(*value, 0);
		*value = i + 1;
	}
	for (uint64_t i = 0; i < KEYS; i++) {
		ck_assert_uint_eq(tcpbuf__map_get(&map, keys[i]), i + 1);
		ck_assert_uint_eq(*tcpbuf__map_at(&map, &fault_sys, keys[i]), i + 1);
	}
	ck_assert_uint_eq(map.used, KEYS);
	ck_assert_uint_eq(tcpbuf__map_get(&map, UINT64_MAX), 0);
	tcpbuf__map_free(&map, &fault_sys);
	ck_assert_int_eq(fault.blocks, 0);
	ck_assert_uint_eq(tcpbuf__map_get(&map, keys[1]), 0);
}
END_TEST

START_TEST(without_memory_the_map_stays_as_it_was)
{
	struct tcpbuf__map map = {0};
	uint64_t key = 0, *value;

	while (fault.countdown < 0) {
		value = tcpbuf__map_at(&map, &fault_sys, ++key);
		*value = key;
		if (map.used * 2 == map.size)
			fault.countdown = 0;
	}
	ck_assert_ptr_null(tcpbuf__map_at(&map, &fault_sys, key + 1));
	ck_assert_uint_eq(tcpbuf__map_get(&map, key), key);
	ck_assert_ptr_nonnull(tcpbuf__map_at(&map, &fault_sys, key + 1));
	tcpbuf__map_free(&map, &fault_sys);
	ck_assert_int_eq(fault.blocks, 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("map");
	TCase *tc = tcase_create("map");

	tcase_add_test(tc, a_map_holds_what_an_array_holds);
	tcase_add_test(tc, without_memory_the_map_stays_as_it_was);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
