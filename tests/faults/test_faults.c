/* SPDX-License-Identifier: MIT */
/* Each public function that asks the kernel or allocates, while that fails: see drive.c for what must hold. */
#include "faults.h"

#include <stdio.h>
#include <string.h>

#include "check_main.h"

static const struct operations *const rooms[] = {&netns_operations, &sysctl_operations};
#define ROOMS (sizeof(rooms) / sizeof(rooms[0]))

static const struct operation *operation_at(int index)
{
	size_t room = 0, at = (size_t)index;

	while (room < ROOMS && at >= rooms[room]->count)
		at -= rooms[room++]->count;
	return room < ROOMS ? &rooms[room]->items[at] : NULL;
}

START_TEST(each_call_may_fail)
{
	ck_assert_int_gt(drive(operation_at(_i)), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("faults");
	TCase *tc = tcase_create("faults");
	int operations = 0;

	while (operation_at(operations))
		operations++;
	setbuf(stdout, NULL);
	world_make();
	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, world_start, world_stop);
	tcase_add_loop_test(tc, each_call_may_fail, 0, operations);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
