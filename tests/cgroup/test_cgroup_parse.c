/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "cgroup/cgroup.h"
#include "check_main.h"

static struct tcpbuf__reader text(const char *str)
{
	return tcpbuf__reader_init(str, strlen(str));
}

static const struct {
	const char *line;
	int found;
	uint32_t version, memory;
	uint64_t device;
	const char *root, *point;
} mounts[] = {
	{"35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory", 1, 1, 1, 32, "/",
		"/sys/fs/cgroup/memory"},
	{"27 25 0:26 / /c rw shared:14 master:3 propagate_from:2 - cgroup none rw,cpu,memory,net_cls", 1, 1, 1, 26, "/", "/c"},
	{"26 25 0:23 / /s rw - cgroup cgroup rw,xattr,name=memory", 1, 1, 0, 23, "/", "/s"},
	{"26 25 259:4294967295 / /s rw - cgroup cgroup rw,memoryx", 1, 1, 0, 259ull << 32 | 4294967295u, "/", "/s"},
	{"41 31 0:38 /../.. /mnt/a\\040b\\134c\\012d rw - cgroup2 none rw", 1, 2, 0, 38, "/../..", "/mnt/a b\\c\nd"},
	{"41 31 0:38 / /x\\999\\04 rw - cgroup2 none rw", 1, 2, 0, 38, "/", "/x\\999\\04"},
	{"28 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw", 0, 0, 0, 0, "", ""},
	{"41 31 0:38 / relative rw - cgroup2 none rw", 0, 0, 0, 0, "", ""},
	{"41 31 x:38 / /x rw - cgroup2 none rw", 0, 0, 0, 0, "", ""},
	{"41 31 0:38 / /x rw cgroup2 none rw", 0, 0, 0, 0, "", ""},
	{"41 31 0:38 / /x rw - cgroup2 none", 0, 0, 0, 0, "", ""},
	{"41 31 0:38 / /x rw -", 0, 0, 0, 0, "", ""},
	{"41 31", 0, 0, 0, 0, "", ""},
	{"", 0, 0, 0, 0, "", ""},
};

START_TEST(a_mount_is_read)
{
	static struct tcpbuf__cgroup_mount m;

	ck_assert_int_eq(tcpbuf__cgroup_parse_mount(text(mounts[_i].line), &m), mounts[_i].found);
	if (!mounts[_i].found)
		return;
	ck_assert_uint_eq(m.version, mounts[_i].version);
	ck_assert_uint_eq(m.memory, mounts[_i].memory);
	ck_assert_uint_eq(m.device, mounts[_i].device);
	ck_assert_str_eq(m.root, mounts[_i].root);
	ck_assert_str_eq(m.point, mounts[_i].point);
}
END_TEST

START_TEST(a_mount_too_long_is_left_out)
{
	static struct tcpbuf__cgroup_mount m;
	char line[10000];
	int length = snprintf(line, sizeof(line), "41 31 0:38 / /%0600d rw - cgroup2 none rw", 0);

	ck_assert_int_eq(tcpbuf__cgroup_parse_mount(tcpbuf__reader_init(line, (size_t)length), &m), 0);
	length = snprintf(line, sizeof(line), "41 31 0:38 /%05000d /x rw - cgroup2 none rw", 0);
	ck_assert_int_eq(tcpbuf__cgroup_parse_mount(tcpbuf__reader_init(line, (size_t)length), &m), 0);
}
END_TEST

static const struct {
	const char *text;
	uint32_t version;
	const char *path;
} procs[] = {
	{"5:pids:/p\n4:memory:/m\n0::/u\n", 1, "/m"},
	{"5:pids:/p\n4:memory:/m\n0::/u\n", 2, "/u"},
	{"4:hugetlb,memory,cpu:/a:b c\n", 1, "/a:b c"},
	{"0::/x (deleted)\n", 2, "/x"},
	{"0::/ (deleted)", 2, "/"},
	{"0::/../../a\n", 2, "/../../a"},
	{"10::/wrong\n0::/right\n", 2, "/right"},
	{"4:memoryx:/m\n1:name=memory:/n\n", 1, NULL},
	{"0::\n", 2, NULL},
	{"0::relative\n", 2, NULL},
	{"0\n::\n\n", 2, NULL},
	{"", 2, NULL},
};

START_TEST(the_path_of_a_process_is_read)
{
	struct tcpbuf__reader path;
	int found = tcpbuf__cgroup_parse_proc(text(procs[_i].text), procs[_i].version, &path);

	ck_assert_int_eq(found, procs[_i].path != NULL);
	if (found)
		ck_assert(tcpbuf__reader_is(&path, procs[_i].path));
}
END_TEST

START_TEST(controllers_and_options_are_read)
{
	static const char table[] = "#subsys_name\thierarchy\tnum_cgroups\tenabled\nmemoryx\t9\t9\t9\nmemory\t4\t90\t1\n";
	uint64_t hierarchy, enabled;

	ck_assert_int_eq(tcpbuf__cgroup_parse_controllers(text(table), &hierarchy, &enabled), 1);
	ck_assert_uint_eq(hierarchy, 4);
	ck_assert_uint_eq(enabled, 1);
	ck_assert_int_eq(tcpbuf__cgroup_parse_controllers(text("memory\t4\t90\n"), &hierarchy, &enabled), 0);
	ck_assert_int_eq(tcpbuf__cgroup_parse_controllers(text("cpu\t4\t90\t1\n"), &hierarchy, &enabled), 0);
	ck_assert_int_eq(tcpbuf__cgroup_parse_has(text("cpu io memory pids\n"), "memory"), 1);
	ck_assert_int_eq(tcpbuf__cgroup_parse_has(text("cpu memory_x\n"), "memory"), 0);
	ck_assert_int_eq(tcpbuf__cgroup_parse_cmdline(text("a=b cgroup.memory=nokmem,nosocket c\n"), "nosocket"), 1);
	ck_assert_int_eq(tcpbuf__cgroup_parse_cmdline(text("cgroup.memory=nokmem cgroup.memory=nosocket"), "nosocket"), 1);
	ck_assert_int_eq(tcpbuf__cgroup_parse_cmdline(text("cgroup.memory=nosocketx nosocket=1"), "nosocket"), 0);
	ck_assert_int_eq(tcpbuf__cgroup_parse_cmdline(text(""), "nosocket"), 0);
}
END_TEST

static const struct {
	const char *text;
	int err;
	uint64_t value;
} numbers[] = {
	{"0\n", 0, 0}, {"18446744073709551615\n", 0, UINT64_MAX}, {"max\n", 0, UINT64_MAX}, {" 12 \n", 0, 12},
	{"", -EPROTO, 0}, {"\n", -EPROTO, 0}, {"-1\n", -EPROTO, 0}, {"18446744073709551616\n", -EPROTO, 0},
	{"12 13\n", -EPROTO, 0}, {"maximum\n", -EPROTO, 0}, {"0x10\n", -EPROTO, 0},
};

START_TEST(a_number_is_read)
{
	uint64_t value = 0;

	ck_assert_int_eq(tcpbuf__cgroup_parse_number(text(numbers[_i].text), &value), numbers[_i].err);
	if (!numbers[_i].err)
		ck_assert_uint_eq(value, numbers[_i].value);
}
END_TEST

START_TEST(keyed_lines_are_read)
{
	uint64_t value = 5;

	ck_assert_int_eq(tcpbuf__cgroup_parse_keyed(text("socks 1\nsock 16605184\nvmalloc 0\n"), "sock", &value), 1);
	ck_assert_uint_eq(value, 16605184);
	ck_assert_int_eq(tcpbuf__cgroup_parse_keyed(text("socks 1\n"), "sock", &value), 0);
	ck_assert_int_eq(tcpbuf__cgroup_parse_keyed(text("sock\n"), "sock", &value), -EPROTO);
	ck_assert_int_eq(tcpbuf__cgroup_parse_keyed(text("sock 1 2\n"), "sock", &value), -EPROTO);
	ck_assert_int_eq(tcpbuf__cgroup_parse_keyed(text("sock -1\n"), "sock", &value), -EPROTO);
}
END_TEST

#define SOME "some avg10=0.00 avg60=12.34 avg300=100.00 total=18446744073709551615\n"

static const char *const bad_pressures[] = {
	"", "some\n", SOME, SOME "full avg10=0.00 avg60=0.00 avg300=0.00\n", SOME SOME,
	SOME "full avg10=0.0 avg60=0.00 avg300=0.00 total=1\n", SOME "full avg10=101.00 avg60=0.00 avg300=0.00 total=1\n",
	SOME "full avg10=0 avg60=0.00 avg300=0.00 total=1\n", SOME "full avg60=0.00 avg10=0.00 avg300=0.00 total=1\n",
	SOME "full avg10=0.00 avg60=0.00 avg300=0.00 total=-1\n", SOME "full avg10=-1.00 avg60=0.00 avg300=0.00 total=1\n",
};

START_TEST(pressure_is_read_or_refused)
{
	struct tcpbuf_cgroup_memory m = {0};

	ck_assert_int_eq(tcpbuf__cgroup_parse_pressure(text(bad_pressures[_i]), &m), -EPROTO);
	ck_assert_int_eq(
		tcpbuf__cgroup_parse_pressure(text(SOME "full avg10=0.07 avg60=0.70 avg300=7.00 total=0\n"), &m), 0);
	ck_assert_uint_eq(m.pressure_some_avg60, 1234);
	ck_assert_uint_eq(m.pressure_some_avg300, 10000);
	ck_assert_uint_eq(m.pressure_some_us, UINT64_MAX);
	ck_assert_uint_eq(m.pressure_full_avg10, 7);
	ck_assert_uint_eq(m.pressure_full_avg60, 70);
	ck_assert_uint_eq(m.pressure_full_avg300, 700);
}
END_TEST

START_TEST(v1_has_many_numbers_for_no_limit)
{
	static const uint64_t none[] = {9223372036854771712u, 9223372036854759424u, 9223372036854710272u, INT64_MAX, UINT64_MAX};

	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		ck_assert_uint_eq(tcpbuf__cgroup_no_limit(none[i]), UINT64_MAX);
	ck_assert_uint_eq(tcpbuf__cgroup_no_limit(1ull << 62), 1ull << 62);
	ck_assert_uint_eq(tcpbuf__cgroup_no_limit(0), 0);
}
END_TEST

static void parse_all(struct tcpbuf__reader r)
{
	static struct tcpbuf__cgroup_mount mount;
	struct tcpbuf_cgroup_memory m;
	struct tcpbuf__reader path;
	uint64_t a, b;

	tcpbuf__cgroup_parse_mount(r, &mount);
	tcpbuf__cgroup_parse_controllers(r, &a, &b);
	tcpbuf__cgroup_parse_cmdline(r, "nosocket");
	tcpbuf__cgroup_parse_proc(r, TCPBUF_CGROUP_V1, &path);
	tcpbuf__cgroup_parse_proc(r, TCPBUF_CGROUP_V2, &path);
	tcpbuf__cgroup_parse_number(r, &a);
	tcpbuf__cgroup_parse_keyed(r, "sock", &a);
	tcpbuf__cgroup_parse_pressure(r, &m);
}

static const char *const samples[] = {
	"27 25 0:26 /..\\040/a /c\\134 rw shared:14 - cgroup none rw,cpu,memory", "4:memory:/m (deleted)\n0::/u\n",
	"memory\t4\t90\t1\n", "a cgroup.memory=nokmem,nosocket\n", "18446744073709551615\n", "max\n",
	"anon 1\nsock 16605184\n", SOME "full avg10=0.07 avg60=0.70 avg300=7.00 total=0\n",
};

/* Every cut and every wrong byte, in a block of exactly that size: a sanitizer sees a read beyond. */
START_TEST(damaged_text_is_harmless)
{
	static const char bytes[] = {0, ' ', '\n', ':', '-', '\\', '9', '/', (char)0xff};
	size_t length = strlen(samples[_i]);

	for (size_t size = 0; size <= length; size++) {
		char *copy = malloc(size + !size);

		ck_assert_ptr_nonnull(copy);
		for (size_t b = 0; b < sizeof(bytes); b++) {
			memcpy(copy, samples[_i], size);
			if (size)
				copy[size - 1] = bytes[b];
			parse_all(tcpbuf__reader_init(copy, size));
		}
		free(copy);
	}
	for (size_t at = 0; at < length; at++) {
		char *copy = malloc(length);

		ck_assert_ptr_nonnull(copy);
		for (size_t b = 0; b < sizeof(bytes); b++) {
			memcpy(copy, samples[_i], length);
			copy[at] = bytes[b];
			parse_all(tcpbuf__reader_init(copy, length));
		}
		free(copy);
	}
}
END_TEST

#define LOOP(tc, test, table) tcase_add_loop_test(tc, test, 0, sizeof(table) / sizeof((table)[0]))

int main(void)
{
	Suite *suite = suite_create("cgroup_parse");
	TCase *tc = tcase_create("cgroup_parse");

	LOOP(tc, a_mount_is_read, mounts);
	tcase_add_test(tc, a_mount_too_long_is_left_out);
	LOOP(tc, the_path_of_a_process_is_read, procs);
	tcase_add_test(tc, controllers_and_options_are_read);
	LOOP(tc, a_number_is_read, numbers);
	tcase_add_test(tc, keyed_lines_are_read);
	LOOP(tc, pressure_is_read_or_refused, bad_pressures);
	LOOP(tc, damaged_text_is_harmless, samples);
	tcase_add_test(tc, v1_has_many_numbers_for_no_limit);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
