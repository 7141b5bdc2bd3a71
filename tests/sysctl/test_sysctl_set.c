/* SPDX-License-Identifier: MIT */
#include <tcpbuf/netns.h>
#include <tcpbuf/sysctl.h>

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/base.h"
#include "check_main.h"
#include "web.h"

static void ck_triple(struct tcpbuf_netns *where, uint32_t key, int64_t a, int64_t b, int64_t c)
{
	struct tcpbuf_value value;

	ck_assert_int_eq(tcpbuf_sysctl_get(where, key, &value, sizeof(value)), 0);
	ck_assert_uint_eq(value.count, 3);
	ck_assert_int_eq(value.numbers[0], a);
	ck_assert_int_eq(value.numbers[1], b);
	ck_assert_int_eq(value.numbers[2], c);
}

START_TEST(two_namespaces_hold_their_own_triples)
{
	struct scratch other = scratch_start();
	struct tcpbuf_netns *second, *self;
	struct tcpbuf_value before, after;

	ck_assert_int_eq(tcpbuf_netns_open_fd(tb, other.fd, &second), 0);
	ck_assert_int_eq(tcpbuf_netns_open_self(tb, &self), 0);
	ck_assert_int_eq(tcpbuf_sysctl_get(self, TCPBUF_KEY_TCP_RMEM, &before, sizeof(before)), 0);
	ck_assert_int_eq(tcpbuf_sysctl_set(ns, TCPBUF_KEY_TCP_RMEM, "4096 65536 1048576", NULL, 0), 0);
	ck_assert_int_eq(tcpbuf_sysctl_set(second, TCPBUF_KEY_TCP_RMEM, "8192 262144 4194304", NULL, 0), 0);
	ck_triple(ns, TCPBUF_KEY_TCP_RMEM, 4096, 65536, 1048576);
	ck_triple(second, TCPBUF_KEY_TCP_RMEM, 8192, 262144, 4194304);
	ck_assert_int_eq(tcpbuf_sysctl_get(self, TCPBUF_KEY_TCP_RMEM, &after, sizeof(after)), 0);
	ck_assert_mem_eq(&before, &after, sizeof(before));
	tcpbuf_netns_close(second);
	tcpbuf_netns_close(self);
	scratch_stop(&other);
}
END_TEST

/* SO_RCVBUF or SO_SNDBUF of a socket born in the namespace. */
static int born_with(const struct scratch *s, int option)
{
	int fd = scratch_socket(s, AF_INET, SOCK_STREAM), value = 0;
	socklen_t size = sizeof(value);

	ck_assert_int_eq(getsockopt(fd, SOL_SOCKET, option, &value, &size), 0);
	close(fd);
	return value;
}

START_TEST(sockets_obey_their_namespace)
{
	struct scratch other = scratch_start();
	struct tcpbuf_netns *second;

	ck_assert_int_eq(tcpbuf_netns_open_fd(tb, other.fd, &second), 0);
	ck_assert_int_eq(tcpbuf_sysctl_set(ns, TCPBUF_KEY_TCP_RMEM, "4096 65536 1048576", NULL, 0), 0);
	ck_assert_int_eq(tcpbuf_sysctl_set(second, TCPBUF_KEY_TCP_RMEM, "8192 262144 4194304", NULL, 0), 0);
	ck_assert_int_eq(tcpbuf_sysctl_set(ns, TCPBUF_KEY_TCP_WMEM, "4096 32768 1048576", NULL, 0), 0);
	ck_assert_int_eq(tcpbuf_sysctl_set(second, TCPBUF_KEY_TCP_WMEM, "4096 20480 1048576", NULL, 0), 0);
	ck_assert_int_eq(born_with(&web, SO_RCVBUF), 65536);
	ck_assert_int_eq(born_with(&other, SO_RCVBUF), 262144);
	ck_assert_int_eq(born_with(&web, SO_SNDBUF), 32768);
	ck_assert_int_eq(born_with(&other, SO_SNDBUF), 20480);
	tcpbuf_netns_close(second);
	scratch_stop(&other);
}
END_TEST

START_TEST(a_backlog_is_cut_to_somaxconn)
{
	int fd = scratch_socket(&web, AF_INET, SOCK_STREAM);
	struct tcp_info info;
	socklen_t size = sizeof(info);

	/* Before 6.6 a namespace of another user does not show the key. */
	if (tcpbuf_sysctl_access(ns, TCPBUF_KEY_CORE_SOMAXCONN) == TCPBUF_KEY_ACCESS_ABSENT) {
		printf("somaxconn cannot be seen here\n");
		close(fd);
		return;
	}
	ck_assert_msg(tcpbuf_sysctl_set(ns, TCPBUF_KEY_CORE_SOMAXCONN, "5", NULL, 0) == 0, "%s", tcpbuf_error_text(tb));
	ck_assert_int_eq(listen(fd, 100), 0);
	ck_assert_int_eq(getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size), 0);
	/* Of a listener the kernel tells the bound here, net/ipv4/tcp.c tcp_get_info(). */
	ck_assert_uint_eq(info.tcpi_sacked, 5);
	close(fd);
}
END_TEST

struct setter {
	const struct scratch *s;
	const char *value;
	int64_t wanted;
	int wrong;
};

static uint64_t my_namespace(void)
{
	struct stat st;

	return stat("/proc/thread-self/ns/net", &st) == 0 ? st.st_ino : 0;
}

static void *set_and_get(void *arg)
{
	struct setter *setter = arg;
	uint64_t home = my_namespace();
	struct tcpbuf_netns *where;
	struct tcpbuf_value value;
	struct tcpbuf *mine;

	if (tcpbuf_new(&mine) != 0)
		return NULL;
	for (int i = 0; i < 100; i++) {
		setter->wrong += tcpbuf_netns_open_fd(mine, setter->s->fd, &where) != 0 ||
			tcpbuf_sysctl_set(where, TCPBUF_KEY_TCP_RMEM, setter->value, NULL, 0) != 0 ||
			tcpbuf_sysctl_get(where, TCPBUF_KEY_TCP_RMEM, &value, sizeof(value)) != 0 ||
			value.numbers[2] != setter->wanted || my_namespace() != home;
		tcpbuf_netns_close(where);
	}
	tcpbuf_free(mine);
	return NULL;
}

START_TEST(four_threads_at_once_stay_where_they_are)
{
	struct scratch other = scratch_start();
	struct setter setters[4] = {{&web, "4096 65536 1048576", 1048576, 0}, {&other, "4096 65536 2097152", 2097152, 0},
		{&web, "4096 65536 1048576", 1048576, 0}, {&other, "4096 65536 2097152", 2097152, 0}};
	pthread_t threads[4];

	for (int i = 0; i < 4; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, set_and_get, &setters[i]), 0);
	for (int i = 0; i < 4; i++) {
		pthread_join(threads[i], NULL);
		ck_assert_int_eq(setters[i].wrong, 0);
	}
	scratch_stop(&other);
}
END_TEST

START_TEST(an_output_of_any_size)
{
	struct {
		struct tcpbuf_value value;
		unsigned char tail[8];
	} wide;
	struct tcpbuf_value whole;

	ck_assert_int_eq(tcpbuf_sysctl_get(ns, TCPBUF_KEY_TCP_RMEM, &whole, sizeof(whole)), 0);
	for (uint32_t size = 0; size <= sizeof(wide); size++) {
		memset(&wide, 0xa5, sizeof(wide));
		ck_assert_int_eq(tcpbuf_sysctl_get(ns, TCPBUF_KEY_TCP_RMEM, &wide, size), 0);
		if (size > offsetof(struct tcpbuf_value, count) + sizeof(whole.count))
			ck_assert_uint_eq(wide.value.count, 3);
		for (uint32_t i = size; i < sizeof(wide); i++)
			ck_assert_uint_eq(((unsigned char *)&wide)[i], 0xa5);
		for (uint32_t i = sizeof(whole); i < size; i++)
			ck_assert_uint_eq(((unsigned char *)&wide)[i], 0);
	}
}
END_TEST

static const struct {
	const char *value;
	int code;
	const char *clause;
} bad[] = {
	{"4096 131072 65536", -ERANGE, "max 65536 is below default 131072"},
	{"9000 8000 70000", -ERANGE, "min 9000 is above default 8000"},
	{"4096", -EINVAL, NULL},
	{"4096 131072 6291456 7", -EINVAL, NULL},
	{"", -EINVAL, NULL},
	{" \n", -EINVAL, NULL},
	{"4096 010 6291456", -EINVAL, NULL},
	{"+4096 131072 6291456", -EINVAL, NULL},
	{"-1 131072 6291456", -ERANGE, NULL},
	{"4096 131072 6291456k", -EINVAL, NULL},
	{"4096 131072 0x600000", -EINVAL, NULL},
	{"4096,131072,6291456", -EINVAL, NULL},
	{"4096 131072 3000000000", -ERANGE, NULL},
	{"4096 131072 99999999999999999999999", -ERANGE, NULL},
};

START_TEST(bad_values_change_nothing)
{
	struct tcpbuf_value before, after;
	struct tcpbuf_key_verdict verdict;
	int code;

	ck_assert_int_eq(tcpbuf_sysctl_get(ns, TCPBUF_KEY_TCP_RMEM, &before, sizeof(before)), 0);
	code = tcpbuf_sysctl_set(ns, TCPBUF_KEY_TCP_RMEM, bad[_i].value, &verdict, sizeof(verdict));
	ck_assert_msg(code < 0, "\"%s\" was accepted", bad[_i].value);
	if (bad[_i].code == -EINVAL)
		ck_assert_int_eq(code, -EINVAL);
	ck_assert_int_eq(code, verdict.code);
	ck_assert_ptr_nonnull(strstr(tcpbuf_error_text(tb), "cannot set net.ipv4.tcp_rmem to \""));
	if (bad[_i].clause)
		ck_assert_ptr_nonnull(strstr(tcpbuf_error_text(tb), bad[_i].clause));
	ck_assert_int_eq(tcpbuf_sysctl_check(ns, TCPBUF_KEY_TCP_RMEM, bad[_i].value, NULL, 0), code);
	ck_assert_int_eq(tcpbuf_sysctl_get(ns, TCPBUF_KEY_TCP_RMEM, &after, sizeof(after)), 0);
	ck_assert_mem_eq(&before, &after, sizeof(before));
}
END_TEST

START_TEST(absent_and_read_only_are_two_answers)
{
	struct tcpbuf_value value;
	int access = tcpbuf_sysctl_access(ns, TCPBUF_KEY_CORE_RMEM_MAX);

	ck_assert_int_eq(tcpbuf_sysctl_get(ns, TCPBUF_KEY_TCP_MEM, &value, sizeof(value)), -ENOENT);
	ck_assert_ptr_nonnull(strstr(tcpbuf_error_text(tb), "node-wide"));
	ck_assert_str_eq(tcpbuf_error_key(tb), "net.ipv4.tcp_mem");
	ck_assert_int_eq(tcpbuf_sysctl_set(ns, TCPBUF_KEY_TCP_MEM, "1000 2000 3000", NULL, 0), -ENOENT);
	ck_assert_int_eq(tcpbuf_sysctl_access(ns, TCPBUF_KEY_TCP_MEM), TCPBUF_KEY_ACCESS_ABSENT);
	ck_assert_int_eq(tcpbuf_sysctl_access(ns, TCPBUF_KEY_TCP_RMEM), TCPBUF_KEY_ACCESS_RW);
	ck_assert(access == TCPBUF_KEY_ACCESS_RO || access == TCPBUF_KEY_ACCESS_ABSENT);
	ck_assert_int_eq(tcpbuf_sysctl_set(ns, TCPBUF_KEY_CORE_RMEM_MAX, "300000", NULL, 0),
		access == TCPBUF_KEY_ACCESS_RO ? -EROFS : -ENOENT);
}
END_TEST

START_TEST(bad_arguments_are_refused)
{
	struct tcpbuf_value value;

	ck_assert_int_eq(tcpbuf_sysctl_get(NULL, TCPBUF_KEY_TCP_RMEM, &value, sizeof(value)), -EINVAL);
	ck_assert_int_eq(tcpbuf_sysctl_get(ns, 9999, &value, sizeof(value)), -EINVAL);
	ck_assert_int_eq(tcpbuf_sysctl_get(ns, TCPBUF_KEY_TCP_RMEM, NULL, 0), -EINVAL);
	ck_assert_int_eq(tcpbuf_sysctl_set(ns, TCPBUF_KEY_TCP_RMEM, NULL, NULL, 0), -EINVAL);
	ck_assert_ptr_nonnull(strstr(tcpbuf_error_text(tb), "no value"));
}
END_TEST

/* A kernel that takes the write and keeps only part of it, as a fault would look. */
static ssize_t write_half(int fd, const void *buf, size_t size)
{
	const char *text = buf;

	if (size > 4 && strncmp(text, "5000", 4) == 0) {
		tcpbuf__sys_kernel.write(fd, "5000", 4);
		return (ssize_t)size;
	}
	return tcpbuf__sys_kernel.write(fd, buf, size);
}

/* A kernel that stores the first number and then refuses, as real ones do. */
static ssize_t write_half_refused(int fd, const void *buf, size_t size)
{
	ssize_t ret = write_half(fd, buf, size);

	return size > 4 && strncmp(buf, "5000", 4) == 0 ? -EINVAL : ret;
}

START_TEST(a_half_written_value_is_put_back)
{
	struct tcpbuf__sys sys = tcpbuf__sys_kernel;

	ck_assert_int_eq(tcpbuf_sysctl_set(ns, TCPBUF_KEY_TCP_RMEM, "4096 65536 1048576", NULL, 0), 0);
	sys.write = _i ? write_half : write_half_refused;
	tb->sys = &sys;
	ck_assert_int_eq(tcpbuf_sysctl_set(ns, TCPBUF_KEY_TCP_RMEM, "5000 70000 2000000", NULL, 0),
		_i ? -EIO : -EINVAL);
	ck_assert_ptr_nonnull(strstr(tcpbuf_error_text(tb), "the old value was put back"));
	ck_triple(ns, TCPBUF_KEY_TCP_RMEM, 4096, 65536, 1048576);
	tb->sys = &tcpbuf__sys_kernel;
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("sysctl");
	TCase *tc = tcase_create("set");

	scratch_rights();
	tcase_add_checked_fixture(tc, web_setup, web_teardown);
	tcase_add_test(tc, two_namespaces_hold_their_own_triples);
	tcase_add_test(tc, sockets_obey_their_namespace);
	tcase_add_test(tc, a_backlog_is_cut_to_somaxconn);
	tcase_add_test(tc, four_threads_at_once_stay_where_they_are);
	tcase_add_test(tc, an_output_of_any_size);
	tcase_add_loop_test(tc, bad_values_change_nothing, 0, sizeof(bad) / sizeof(bad[0]));
	tcase_add_test(tc, absent_and_read_only_are_two_answers);
	tcase_add_test(tc, bad_arguments_are_refused);
	tcase_add_loop_test(tc, a_half_written_value_is_put_back, 0, 2);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
