/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "cgroup/cgroup.h"
#include "check_main.h"

static const struct {
	const char *root, *home, *shown, *path;
} cases[] = {
	/* a whole mount, seen from its root */
	{"/", NULL, "/", "/"},
	{"/", NULL, "/a/b", "/a/b"},
	{"/", NULL, "//a//b/", "/a/b"},
	{"/", NULL, "/..", NULL},
	{"/", NULL, "/../a", NULL},
	/* a part of the tree is mounted, /proc shows all of the path */
	{"/docker/x", NULL, "/docker/x", "/"},
	{"/docker/x", NULL, "/docker/x/y", "/y"},
	{"/docker/x", NULL, "/docker/xy", NULL},
	{"/docker/x", NULL, "/docker", NULL},
	{"/docker/x", NULL, "/", NULL},
	/* the node's tree, seen from a cgroup namespace three levels down */
	{"/../../..", NULL, "/../../..", "/"},
	{"/../../..", NULL, "/../../../k/b", "/k/b"},
	{"/../../..", NULL, "/../../../..", NULL},
	{"/../../..", NULL, "/../s", NULL},
	{"/../../..", NULL, "/", NULL},
	{"/../../..", "/a/b/c", "/", "/a/b/c"},
	{"/../../..", "/a/b/c", "/d", "/a/b/c/d"},
	{"/../../..", "/a/b/c", "/../s", "/a/b/s"},
	{"/../../..", "/a/b/c", "/../../s/t", "/a/s/t"},
	{"/../../..", "/a/b/c", "/../../../s", "/s"},
	{"/../../..", "/a/b/c", "/../../../../s", NULL},
	/* and a part of it */
	{"/../s", NULL, "/../s/t", "/t"},
	{"/../s", NULL, "/../u", NULL},
};

START_TEST(a_shown_path_is_resolved)
{
	char out[TCPBUF__CGROUP_PATH];
	struct tcpbuf__reader shown = tcpbuf__reader_init(cases[_i].shown, strlen(cases[_i].shown));
	int err = tcpbuf__cgroup_path_resolve(cases[_i].root, cases[_i].home, shown, out);

	ck_assert_int_eq(err, cases[_i].path ? 0 : -ENOENT);
	if (cases[_i].path)
		ck_assert_str_eq(out, cases[_i].path);
}
END_TEST

START_TEST(a_long_path_is_refused)
{
	char out[TCPBUF__CGROUP_PATH], in[TCPBUF__CGROUP_PATH + 10];

	memset(in, 'a', sizeof(in));
	in[0] = '/';
	ck_assert_int_eq(tcpbuf__cgroup_path_resolve("/", NULL, tcpbuf__reader_init(in, sizeof(out) - 1), out), 0);
	ck_assert_uint_eq(strlen(out), sizeof(out) - 1);
	ck_assert_int_eq(tcpbuf__cgroup_path_resolve("/", NULL, tcpbuf__reader_init(in, sizeof(out)), out), -ENAMETOOLONG);
}
END_TEST

START_TEST(only_plain_paths_are_accepted)
{
	static const char *const good[] = {"/", "/a", "/a/b", "/..a", "/a..", "/...", "/a b\n\xff:"};
	static const char *const bad[] = {"", "a", "..", "/..", "/.", "/a/..", "/../a", "/a/../b", "/a/./b", "//", "/a//b", "/a/"};

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		ck_assert_msg(tcpbuf__cgroup_path_ok(good[i]), "%s", good[i]);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(!tcpbuf__cgroup_path_ok(bad[i]), "%s", bad[i]);
}
END_TEST

START_TEST(a_path_is_cut_to_the_root)
{
	char path[] = "/a/bc/d";

	ck_assert_int_eq(tcpbuf__cgroup_path_up(path), 1);
	ck_assert_str_eq(path, "/a/bc");
	ck_assert_int_eq(tcpbuf__cgroup_path_up(path), 1);
	ck_assert_int_eq(tcpbuf__cgroup_path_up(path), 1);
	ck_assert_str_eq(path, "/");
	ck_assert_int_eq(tcpbuf__cgroup_path_up(path), 0);
	ck_assert_str_eq(path, "/");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("cgroup_path");
	TCase *tc = tcase_create("cgroup_path");

	tcase_add_loop_test(tc, a_shown_path_is_resolved, 0, sizeof(cases) / sizeof(cases[0]));
	tcase_add_test(tc, a_long_path_is_refused);
	tcase_add_test(tc, only_plain_paths_are_accepted);
	tcase_add_test(tc, a_path_is_cut_to_the_root);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
