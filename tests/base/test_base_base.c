/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "base/base.h"
#include "check_main.h"

static void *no_memory(size_t size)
{
	(void)size;
	return NULL;
}

START_TEST(a_context_needs_a_place_and_memory)
{
	struct tcpbuf__sys sys = tcpbuf__sys_kernel;
	struct tcpbuf *tb = NULL;

	sys.alloc = no_memory;
	ck_assert_int_eq(tcpbuf_new(NULL), -EINVAL);
	ck_assert_int_eq(tcpbuf__new_with(&sys, &tb), -ENOMEM);
	ck_assert_ptr_null(tb);
	tcpbuf_free(NULL);
}
END_TEST

START_TEST(roots_are_checked_and_restored)
{
	struct tcpbuf *tb;
	char longest[300];

	memset(longest, 'a', sizeof(longest));
	longest[0] = '/';
	longest[sizeof(longest) - 1] = '\0';
	ck_assert_int_eq(tcpbuf_new(&tb), 0);
	ck_assert_int_eq(tcpbuf_set_root(tb, TCPBUF_ROOT_PROC, "/host/proc"), 0);
	ck_assert_str_eq(tb->roots[TCPBUF_ROOT_PROC], "/host/proc");
	ck_assert_int_eq(tcpbuf_set_root(tb, TCPBUF_ROOT_PROC, "host/proc"), -EINVAL);
	ck_assert_int_eq(tcpbuf_set_root(tb, 99, "/"), -EINVAL);
	ck_assert_int_eq(tcpbuf_set_root(tb, TCPBUF_ROOT_PROC, longest), -ENAMETOOLONG);
	ck_assert_str_eq(tb->roots[TCPBUF_ROOT_PROC], "/host/proc");
	ck_assert_int_eq(tcpbuf_set_root(tb, TCPBUF_ROOT_PROC, NULL), 0);
	ck_assert_str_eq(tb->roots[TCPBUF_ROOT_PROC], "/proc");
	ck_assert_int_eq(tcpbuf_set_root(NULL, 0, "/"), -EINVAL);
	tcpbuf_free(tb);
}
END_TEST

START_TEST(the_descriptor_budget_is_kept)
{
	struct tcpbuf *tb;

	ck_assert_int_eq(tcpbuf_new(&tb), 0);
	ck_assert_int_eq(tcpbuf_set_fd_budget(tb, 1), 0);
	ck_assert(tcpbuf__fd_hold(tb));
	ck_assert(!tcpbuf__fd_hold(tb));
	tcpbuf__fd_drop(tb);
	ck_assert(tcpbuf__fd_hold(tb));
	tcpbuf__fd_drop(tb);
	ck_assert_int_eq(tcpbuf_set_fd_budget(NULL, 1), -EINVAL);
	tcpbuf_free(tb);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("base");
	TCase *tc = tcase_create("context");

	tcase_add_test(tc, a_context_needs_a_place_and_memory);
	tcase_add_test(tc, roots_are_checked_and_restored);
	tcase_add_test(tc, the_descriptor_budget_is_kept);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
