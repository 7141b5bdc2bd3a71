/* SPDX-License-Identifier: MIT */
/* What every test program shares: run one suite, skip by name, refuse to skip as root. */
#ifndef TCPBUF_TESTS_CHECK_MAIN_H
#define TCPBUF_TESTS_CHECK_MAIN_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

/* Says why and ends with 77, or with 1 where a skip is not allowed. */
static inline _Noreturn void skip_all(const char *why)
{
	printf("SKIP: %s\n", why);
	exit(getenv("TCPBUF_TEST_REQUIRE") ? 1 : 77);
}

static inline int run_suite(Suite *suite)
{
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}

#endif
