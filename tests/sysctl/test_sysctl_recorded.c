/* SPDX-License-Identifier: MIT */
/* Every string that was ever written in a recording, to every key: taken as meant, or refused before a write. */
#include <tcpbuf/netns.h>
#include <tcpbuf/sysctl.h>

#include <errno.h>
#include <jansson.h>
#include <string.h>
#include <zlib.h>

#include "base/base.h"
#include "check_main.h"
#include "scratch.h"

static const char *const kernels[] = {"5.10", "6.1", "6.12", "6.18", "7.3"};

static struct tcpbuf *tb;
static struct scratch web;
static struct tcpbuf_netns *ns;
static struct tcpbuf__sys sys;
static int writes;

static ssize_t counted_write(int fd, const void *buf, size_t size)
{
	writes++;
	return tcpbuf__sys_kernel.write(fd, buf, size);
}

static void setup(void)
{
	web = scratch_start();
	ck_assert_int_eq(tcpbuf_new(&tb), 0);
	ck_assert_int_eq(tcpbuf_netns_open_fd(tb, web.fd, &ns), 0);
	sys = tcpbuf__sys_kernel;
	sys.write = counted_write;
	tb->sys = &sys;
}

static void teardown(void)
{
	tcpbuf_netns_close(ns);
	tb->sys = &tcpbuf__sys_kernel;
	tcpbuf_free(tb);
	scratch_stop(&web);
}

/* The distinct strings of a kernel's recording, into the object as names. */
static void collect(json_t *strings, const char *kernel)
{
	char path[512], line[8192];
	gzFile file;

	snprintf(path, sizeof(path), "%s/tests/groundtruth/recordings/%s/sysctl.jsonl.gz", TCPBUF_SOURCE_DIR, kernel);
	file = gzopen(path, "r");
	ck_assert_msg(file != NULL, "%s", path);
	while (gzgets(file, line, sizeof(line))) {
		json_t *cell = json_loads(line, 0, NULL);
		const char *text = json_string_value(json_object_get(cell, "write"));

		if (text)
			json_object_set_new(strings, text, json_null());
		json_decref(cell);
	}
	gzclose(file);
}

static void value_of(uint32_t key, char *text, uint32_t size)
{
	struct tcpbuf_value value;

	ck_assert_msg(tcpbuf_sysctl_get(ns, key, &value, sizeof(value)) == 0, "%s", tcpbuf_error_text(tb));
	ck_assert_int_ge(tcpbuf_key_format(key, &value, text, size), 0);
}

/* Refused with the reason of the check, and no write(2) was made. */
static void ck_refused(uint32_t key, const char *text, int err)
{
	struct tcpbuf_key_verdict verdict;
	char why[200], start[128];

	ck_assert_int_eq(
		tcpbuf_key_check(NULL, key, text, (uint32_t)strlen(text), &verdict, sizeof(verdict)), err);
	tcpbuf_key_reason_text(&verdict, why, sizeof(why));
	ck_assert_uint_gt(strlen(why), 0);
	ck_assert_msg(strstr(tcpbuf_error_text(tb), why) != NULL, "%s", tcpbuf_error_text(tb));
	snprintf(start, sizeof(start), "cannot set %s to \"", tcpbuf_key_name(key));
	ck_assert_mem_eq(tcpbuf_error_text(tb), start, strlen(start));
	ck_assert_int_eq(writes, 0);
}

/* Returns 1 when the value was taken. */
static int try_value(uint32_t key, const char *text)
{
	struct tcpbuf_key_verdict verdict;
	char before[64], after[64];
	int checked, err;

	value_of(key, before, sizeof(before));
	writes = 0;
	checked = tcpbuf_sysctl_check(ns, key, text, NULL, 0);
	ck_assert_int_eq(writes, 0);
	err = tcpbuf_sysctl_set(ns, key, text, &verdict, sizeof(verdict));
	if (checked == -EINVAL || checked == -ERANGE) {
		ck_assert_int_eq(err, checked);
		ck_refused(key, text, err);
	}
	value_of(key, after, sizeof(after));
	ck_assert_msg(strcmp(after, err ? before : verdict.text) == 0, "%s \"%s\" gave %d and \"%s\"",
		tcpbuf_key_name(key), text, err, after);
	return !err;
}

/* A key that cannot be written here: why not, told apart. */
static void ck_three_answers(uint32_t key, int access)
{
	static const char *const good[] = {"1", "5000", "4096 8192 16384"}; /* for one key or another */
	int err = -EINVAL;

	for (int i = 0; i < 3 && (err == -EINVAL || err == -ERANGE); i++)
		err = tcpbuf_sysctl_set(ns, key, good[i], NULL, 0);
	if (key == TCPBUF_KEY_TCP_EHASH_ENTRIES)
		ck_assert_int_eq(err, -EACCES); /* nobody can */
	else if (access == TCPBUF_KEY_ACCESS_ABSENT)
		ck_assert_int_eq(err, -ENOENT);
	else if (access == TCPBUF_KEY_ACCESS_RO)
		ck_assert_int_eq(err, -EROFS);
	else
		ck_assert(err == -EACCES || err == -EPERM);
}

START_TEST(every_recorded_string)
{
	json_t *strings = json_object(), *value;
	const char *text;
	int taken = 0, refused = 0;

	for (size_t i = 0; i < sizeof(kernels) / sizeof(kernels[0]); i++)
		collect(strings, kernels[i]);
	ck_assert_uint_gt(json_object_size(strings), 50);
	for (uint32_t i = 0; i < tcpbuf_key_count(); i++) {
		uint32_t key = tcpbuf_key_at(i);
		int access = tcpbuf_sysctl_access(ns, key);

		if (access != TCPBUF_KEY_ACCESS_RW) {
			ck_three_answers(key, access);
			continue;
		}
		json_object_foreach(strings, text, value) {
			int ok = try_value(key, text);

			taken += ok;
			refused += !ok;
		}
	}
	printf("%zu strings: %d times taken, %d refused\n", json_object_size(strings), taken, refused);
	ck_assert_int_gt(taken, 100);
	ck_assert_int_gt(refused, 1000);
	json_decref(strings);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("sysctl recorded");
	TCase *tc = tcase_create("strings");

	scratch_rights();
	tcase_set_timeout(tc, 100);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, every_recorded_string);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
