/* SPDX-License-Identifier: MIT */
/*
 * The table of keys against the kernel that runs: access, values at start, inheritance, and what writes do. With
 * TCPBUF_TEST_OWN_KERNEL set the initial namespace is the test's to change.
 */
#include <tcpbuf/netns.h>
#include <tcpbuf/sysctl.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/base.h"
#include "check_main.h"
#include "netns/netns.h"
#include "scratch.h"

static struct tcpbuf_key_rules rules;
static struct tcpbuf *tb;
static struct scratch web;
static struct tcpbuf_netns *self, *child;

/* Only of a kernel that was recorded does the table promise every cell. */
static int learn_rules(void)
{
	struct utsname name;

	if (uname(&name) != 0 || tcpbuf_key_rules_release(name.release, &rules, sizeof(rules)) != 0)
		return 0;
	printf("Linux %s: %s\n", name.release,
		rules.verified ? "recorded" : "not recorded, so not compared with the table");
	return (int)rules.verified;
}

static void setup(void)
{
	web = scratch_start();
	ck_assert_int_eq(tcpbuf_new(&tb), 0);
	ck_assert_int_eq(tcpbuf_netns_open_self(tb, &self), 0);
	ck_assert_int_eq(tcpbuf_netns_open_fd(tb, web.fd, &child), 0);
}

static void teardown(void)
{
	tcpbuf_netns_close(child);
	tcpbuf_netns_close(self);
	tcpbuf_free(tb);
	scratch_stop(&web);
}

static int is_initial(void)
{
	return tcpbuf_sysctl_access(self, TCPBUF_KEY_TCP_MEM) != TCPBUF_KEY_ACCESS_ABSENT;
}

static struct tcpbuf_key_info info_of(uint32_t key)
{
	struct tcpbuf_key_info info;

	ck_assert_int_eq(tcpbuf_key_describe(&rules, key, &info, sizeof(info)), 0);
	return info;
}

/* The value as the kernel prints it, "" where it cannot be read. */
static const char *value_of(struct tcpbuf_netns *ns, uint32_t key, char *text, uint32_t size)
{
	struct tcpbuf_value value;

	text[0] = '\0';
	if (tcpbuf_sysctl_get(ns, key, &value, sizeof(value)) == 0)
		tcpbuf_key_format(key, &value, text, size);
	return text;
}

/* On any kernel: a key that is there reads as a value, and can be set to what it is where it can be written. */
START_TEST(what_is_there_can_be_read_and_set)
{
	int there = 0;

	for (uint32_t i = 0; i < tcpbuf_key_count(); i++) {
		uint32_t key = tcpbuf_key_at(i);
		int access = tcpbuf_sysctl_access(child, key);
		struct tcpbuf_value value;
		char text[64];

		ck_assert_int_ge(access, 0);
		if (access == TCPBUF_KEY_ACCESS_ABSENT)
			continue;
		there++;
		ck_assert_msg(tcpbuf_sysctl_get(child, key, &value, sizeof(value)) == 0, "%s", tcpbuf_error_text(tb));
		tcpbuf_key_format(key, &value, text, sizeof(text));
		if (access == TCPBUF_KEY_ACCESS_RW)
			ck_assert_msg(tcpbuf_sysctl_set(child, key, text, NULL, 0) == 0 ||
					key == TCPBUF_KEY_TCP_CONGESTION_CONTROL,
				"%s", tcpbuf_error_text(tb));
		else
			ck_assert_int_lt(tcpbuf_sysctl_set(child, key, text, NULL, 0), 0);
	}
	ck_assert_int_gt(there, 20);
}
END_TEST

static void ck_value(uint32_t key, const char *is, const char *wanted, const char *why)
{
	ck_assert_msg(
		strcmp(is, wanted) == 0, "%s is \"%s\", not %s \"%s\"", tcpbuf_key_name(key), is, why, wanted);
}

START_TEST(access_is_as_the_table_says)
{
	for (uint32_t i = 0; i < tcpbuf_key_count(); i++) {
		struct tcpbuf_key_info info = info_of(tcpbuf_key_at(i));

		ck_assert_msg(tcpbuf_sysctl_access(child, info.key) == (int)info.access_child, "%s in a new namespace: %d",
			tcpbuf_key_name(info.key), tcpbuf_sysctl_access(child, info.key));
		if (is_initial())
			ck_assert_msg(tcpbuf_sysctl_access(self, info.key) == (int)info.access_init,
				"%s in the initial namespace: %d", tcpbuf_key_name(info.key),
				tcpbuf_sysctl_access(self, info.key));
	}
}
END_TEST

static const char *initial_of(const struct tcpbuf_key_info *info, char *text, uint32_t size)
{
	struct tcpbuf_value value = {.size = sizeof(value), .count = info->count};

	memcpy(value.numbers, info->initial, sizeof(value.numbers));
	ck_assert_int_gt(tcpbuf_key_format(info->key, &value, text, size), 0);
	return text;
}

/* A new namespace's value, whatever the initial one has. */
static void ck_inherited(const struct tcpbuf_key_info *info)
{
	char is[64], wanted[64];

	if (info->access_child == TCPBUF_KEY_ACCESS_ABSENT)
		return;
	value_of(child, info->key, is, sizeof(is));
	if (info->inherit == TCPBUF_KEY_INHERIT_COPY || info->inherit == TCPBUF_KEY_INHERIT_SHARED) {
		if (is_initial())
			ck_value(info->key, is, value_of(self, info->key, wanted, sizeof(wanted)), "the initial namespace's");
	} else if (info->valid & TCPBUF_KEY_INFO_HAS_INITIAL) {
		ck_value(info->key, is, initial_of(info, wanted, sizeof(wanted)), "the constant");
	}
}

START_TEST(a_new_namespace_starts_as_the_table_says)
{
	for (uint32_t i = 0; i < tcpbuf_key_count(); i++) {
		struct tcpbuf_key_info info = info_of(tcpbuf_key_at(i));

		ck_inherited(&info);
	}
}
END_TEST

/* Set a key of the initial namespace to its value and a step more. */
static int set_beside(uint32_t key, struct tcpbuf_value value, int step)
{
	char text[64];

	for (uint32_t n = 0; n < value.count; n++)
		value.numbers[n] += step;
	tcpbuf_key_format(key, &value, text, sizeof(text));
	return tcpbuf_sysctl_set(self, key, text, NULL, 0);
}

/* Change every key of the initial namespace by one. Returns how many could be; @back puts them back. */
static int change_all(struct tcpbuf_sysctl_change *back)
{
	int changed = 0;

	for (uint32_t i = 0; i < tcpbuf_key_count(); i++) {
		struct tcpbuf_key_info info = info_of(tcpbuf_key_at(i));
		struct tcpbuf_value value;
		char text[64];

		if (info.access_init != TCPBUF_KEY_ACCESS_RW || !info.count)
			continue;
		ck_assert_int_eq(tcpbuf_sysctl_get(self, info.key, &value, sizeof(value)), 0);
		tcpbuf_key_format(info.key, &value, text, sizeof(text));
		ck_assert_int_eq(tcpbuf_sysctl_change_add(back, info.key, text, 0, NULL, 0), 0);
		ck_assert_msg(set_beside(info.key, value, 1) == 0 || set_beside(info.key, value, -1) == 0, "%s",
			tcpbuf_error_text(tb));
		changed++;
	}
	return changed;
}

/* TCP takes its own defaults, not those of net.core. */
static void ck_new_socket(void)
{
	struct tcpbuf_value rmem, core;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), rcvbuf = 0;
	socklen_t size = sizeof(rcvbuf);

	ck_assert_int_eq(getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &rcvbuf, &size), 0);
	ck_assert_int_eq(tcpbuf_sysctl_get(self, TCPBUF_KEY_TCP_RMEM, &rmem, sizeof(rmem)), 0);
	ck_assert_int_eq(tcpbuf_sysctl_get(self, TCPBUF_KEY_CORE_RMEM_DEFAULT, &core, sizeof(core)), 0);
	ck_assert_int_eq(rcvbuf, rmem.numbers[1]);
	ck_assert_int_ne(rcvbuf, core.numbers[0]);
	close(fd);
}

START_TEST(a_namespace_made_after_a_change_inherits_as_the_table_says)
{
	struct tcpbuf_sysctl_change *back;
	char before[64], now[64];

	ck_assert(is_initial());
	ck_assert_int_eq(tcpbuf_sysctl_change_open(self, &back), 0);
	value_of(child, TCPBUF_KEY_TCP_RMEM, before, sizeof(before));
	ck_assert_int_gt(change_all(back), 30);
	ck_new_socket();
	/* What was made before keeps its own. */
	ck_value(TCPBUF_KEY_TCP_RMEM, value_of(child, TCPBUF_KEY_TCP_RMEM, now, sizeof(now)), before, "as before");
	tcpbuf_netns_close(child);
	scratch_stop(&web);
	web = scratch_start();
	ck_assert_int_eq(tcpbuf_netns_open_fd(tb, web.fd, &child), 0);
	for (uint32_t i = 0; i < tcpbuf_key_count(); i++) {
		struct tcpbuf_key_info info = info_of(tcpbuf_key_at(i));

		/* A child's own hash follows a key that was changed above. */
		if (info.inherit != TCPBUF_KEY_INHERIT_EHASH)
			ck_inherited(&info);
	}
	ck_assert_msg(tcpbuf_sysctl_change_apply(back) == 0, "%s", tcpbuf_error_text(tb));
	tcpbuf_sysctl_change_close(back);
}
END_TEST

/* One write(2) of these bytes to the key's file in the child, as the kernel answers it. */
static ssize_t write_raw(uint32_t key, const char *bytes)
{
	enum tcpbuf__door door =
		strcmp(tcpbuf_key_dir(key), "core") == 0 ? TCPBUF__DOOR_CORE : TCPBUF__DOOR_IPV4;
	const struct tcpbuf__subject about = {.verb = "write"};
	int dir = tcpbuf__netns_take(child, door, &about), fd;
	ssize_t ret;

	ck_assert_int_ge(dir, 0);
	fd = openat(dir, tcpbuf_key_file(key), O_WRONLY | O_CLOEXEC);
	ck_assert_int_ge(fd, 0);
	ret = write(fd, bytes, strlen(bytes));
	ret = ret < 0 ? -errno : ret;
	close(fd);
	tcpbuf__netns_give(child, door, dir);
	return ret;
}

/* The kernel does with the bytes what the table predicts. */
static void ck_write(uint32_t key, const char *bytes)
{
	struct tcpbuf_key_effect effect;
	struct tcpbuf_value before;
	char after[64];
	ssize_t ret;

	ck_assert_int_eq(tcpbuf_sysctl_get(child, key, &before, sizeof(before)), 0);
	ck_assert_int_eq(tcpbuf_key_write(&rules, key, TCPBUF_KEY_NETNS_CHILD, bytes, (uint32_t)strlen(bytes),
				 &before, &effect, sizeof(effect)),
		0);
	ret = write_raw(key, bytes);
	ck_assert_msg(ret == effect.result, "%s \"%s\": %d, not %d", tcpbuf_key_name(key), bytes, (int)ret, effect.result);
	value_of(child, key, after, sizeof(after));
	if (effect.valid & TCPBUF_KEY_EFFECT_HAS_AFTER)
		ck_value(key, after, effect.after, bytes);
}

static void ck_range(const struct tcpbuf_key_info *info)
{
	/* Nothing is past a 64-bit bound. */
	const int64_t below = info->min == INT64_MIN ? INT64_MIN : info->min - 1;
	const int64_t above = info->max == INT64_MAX ? INT64_MAX : info->max + 1;
	const int64_t numbers[] = {info->min, below, info->max, above, 0, 1, -1, 255, 256};
	char text[80];

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		if (info->count == 3)
			snprintf(text, sizeof(text), "%lld %lld %lld", (long long)numbers[i], (long long)numbers[i],
				(long long)numbers[i]);
		else
			snprintf(text, sizeof(text), "%lld", (long long)numbers[i]);
		ck_write(info->key, text);
	}
}

START_TEST(writes_do_what_the_table_says)
{
	static const char *const odd[] = {"", " ", "\n", "12 garbage", "010", "0x10", "+5", "1,2", "4096 0 6291456",
		"9000 8000 7000", "4096 87380", "99999999999999999999", "1.5", "-"};

	for (uint32_t i = 0; i < tcpbuf_key_count(); i++) {
		struct tcpbuf_key_info info = info_of(tcpbuf_key_at(i));
		char before[64];

		if (info.access_child != TCPBUF_KEY_ACCESS_RW || !info.count)
			continue;
		value_of(child, info.key, before, sizeof(before));
		ck_range(&info);
		for (size_t n = 0; n < sizeof(odd) / sizeof(odd[0]); n++)
			ck_write(info.key, odd[n]);
		write_raw(info.key, before);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("sysctl live");
	TCase *tc = tcase_create("table");

	if (geteuid() != 0)
		skip_all("needs root: namespaces of another user show fewer keys");
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, what_is_there_can_be_read_and_set);
	if (learn_rules()) {
		tcase_add_test(tc, access_is_as_the_table_says);
		tcase_add_test(tc, a_new_namespace_starts_as_the_table_says);
		tcase_add_test(tc, writes_do_what_the_table_says);
	}
	if (rules.verified && getenv("TCPBUF_TEST_OWN_KERNEL"))
		tcase_add_test(tc, a_namespace_made_after_a_change_inherits_as_the_table_says);
	tcase_set_timeout(tc, 60);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
