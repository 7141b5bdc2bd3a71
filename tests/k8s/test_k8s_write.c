/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "check_main.h"
#include <tcpbuf/k8s.h>

static const struct tcpbuf_k8s_setting settings[] = {
	{"net.ipv4.tcp_rmem", "4096\t87380\t16777216"},
	{"net/core/somaxconn", "  1024  "},
	{"net.core.rmem_max", "16777216"},
	{"net.ipv4.tcp_rcvbuf_low_rtt", "500"},
};

static const struct tcpbuf_k8s_target target = {
	.size = sizeof(target), .kubernetes = 1 << 16 | 32 << 8, .kernel = 6 << 16 | 12 << 8, .name = "web-0"};

#define LOW_RTT "# left out: net.ipv4.tcp_rcvbuf_low_rtt: new in kernel 6.19\n"
#define RMEM_MAX                                                                                   \
	"# left out: net.core.rmem_max: one value for the whole node, read-only in a pod (EACCES), " \
	"though the kubelet can be told to admit it\n"
#define RMEM "# left out: net.ipv4.tcp_rmem: in the safe set since Kubernetes 1.32; per namespace since kernel 4.15\n"
#define UNSAFE                                                                                     \
	"per namespace, but the kubelet must run with --allowed-unsafe-sysctls: not in the safe set\n"
#define SOMAXCONN "# left out: net.core.somaxconn: " UNSAFE

static const struct {
	uint32_t kind;
	const char *text;
} files[] = {
	{TCPBUF_K8S_ARTEFACT_POD,
		RMEM_MAX LOW_RTT
		"apiVersion: v1\n"
		"kind: Pod\n"
		"metadata:\n"
		"  name: \"web-0\"\n"
		"spec:\n"
		"  securityContext:\n"
		"    sysctls:\n"
		"    - name: net.ipv4.tcp_rmem\n"
		"      value: \"4096 87380 16777216\"\n"
		"    # unsafe: " UNSAFE
		"    - name: net.core.somaxconn\n"
		"      value: \"1024\"\n"
		"  containers:\n"
		"  - name: app\n"
		"    image: \"registry.k8s.io/pause:3.10\"\n"},
	{TCPBUF_K8S_ARTEFACT_DAEMONSET,
		RMEM SOMAXCONN LOW_RTT
		"apiVersion: apps/v1\n"
		"kind: DaemonSet\n"
		"metadata:\n"
		"  name: \"web-0\"\n"
		"spec:\n"
		"  selector:\n"
		"    matchLabels:\n"
		"      app: \"web-0\"\n"
		"  template:\n"
		"    metadata:\n"
		"      labels:\n"
		"        app: \"web-0\"\n"
		"    spec:\n"
		"      hostNetwork: true\n"
		"      initContainers:\n"
		"      - name: sysctl\n"
		"        image: \"docker.io/library/busybox:1.37\"\n"
		"        securityContext:\n"
		"          privileged: true\n"
		"        command:\n"
		"        - sysctl\n"
		"        - \"-w\"\n"
		"        - \"net.core.rmem_max=16777216\"\n"
		"      containers:\n"
		"      - name: pause\n"
		"        image: \"registry.k8s.io/pause:3.10\"\n"},
	{TCPBUF_K8S_ARTEFACT_SYSCTL_NETNS,
		RMEM_MAX LOW_RTT "net.ipv4.tcp_rmem = 4096 87380 16777216\nnet.core.somaxconn = 1024\n"},
	{TCPBUF_K8S_ARTEFACT_SYSCTL_NODE, RMEM SOMAXCONN LOW_RTT "net.core.rmem_max = 16777216\n"},
	{TCPBUF_K8S_ARTEFACT_DOCKER,
		RMEM_MAX LOW_RTT "--sysctl 'net.ipv4.tcp_rmem=4096 87380 16777216'\n--sysctl 'net.core.somaxconn=1024'\n"},
	{TCPBUF_K8S_ARTEFACT_COMPOSE,
		RMEM_MAX LOW_RTT "sysctls:\n  net.ipv4.tcp_rmem: \"4096 87380 16777216\"\n  net.core.somaxconn: \"1024\"\n"},
	{TCPBUF_K8S_ARTEFACT_KUBELET, "--allowed-unsafe-sysctls=net.core.somaxconn\n"},
};

static int64_t write_one(const char *key, const char *value, char *buf, uint64_t size)
{
	struct tcpbuf_k8s_setting one;

	memset(&one, 0, sizeof(one));
	strncpy(one.key, key, sizeof(one.key) - 1);
	strncpy(one.value, value, sizeof(one.value) - 1);
	return tcpbuf_k8s_write(TCPBUF_K8S_ARTEFACT_SYSCTL_NETNS, &target, &one, sizeof(one), 1, buf, size);
}

START_TEST(a_file_is_written_whole)
{
	char buf[4096];
	int64_t length = tcpbuf_k8s_write(files[_i].kind, &target, settings, sizeof(settings[0]), 4, buf, sizeof(buf));

	ck_assert_str_eq(buf, files[_i].text);
	ck_assert_int_eq(length, (int64_t)strlen(files[_i].text));
}
END_TEST

START_TEST(a_small_buffer_is_told_the_length)
{
	char buf[4096];
	int64_t length = (int64_t)strlen(files[_i].text);

	ck_assert_int_eq(tcpbuf_k8s_write(files[_i].kind, &target, settings, sizeof(settings[0]), 4, NULL, 0), length);
	for (uint64_t size = 1; size <= (uint64_t)length + 1; size++) {
		memset(buf, 0x5a, sizeof(buf));
		ck_assert_int_eq(
			tcpbuf_k8s_write(files[_i].kind, &target, settings, sizeof(settings[0]), 4, buf, size), length);
		ck_assert_uint_eq(strlen(buf), size - 1);
		ck_assert_mem_eq(buf, files[_i].text, size - 1);
		ck_assert_int_eq(buf[size], 0x5a);
	}
}
END_TEST

static const struct {
	const char *key, *value;
} hostile[] = {
	{"net.ipv4.tcp_rmem", ""}, {"net.ipv4.tcp_rmem", "  \t "}, {"net.ipv4.tcp_rmem", "1\nkernel.x = 2"},
	{"net.ipv4.tcp_rmem", "1\"\n"}, {"net.ipv4.tcp_rmem", "1'; reboot; '"}, {"net.ipv4.tcp_rmem", "$(id)"},
	{"net.ipv4.tcp_rmem", "`id`"}, {"net.ipv4.tcp_rmem", "1 # 2"}, {"net.ipv4.tcp_rmem", "a\\x"},
	{"net.ipv4.tcp_rmem", "\x1b[31m"}, {"net.ipv4.tcp_rmem", "\xff\xfe"}, {"net.ipv4.tcp_rmem", "caf\xc3\xa9"},
	{"net.ipv4.tcp_rmem", "{}"}, {"net.ipv4.tcp_rmem\"", "1"}, {"../x.y", "1"}, {"net.ipv4.x: y", "1"}, {"", "1"},
};

START_TEST(hostile_settings_are_refused)
{
	char buf[256] = "untouched";

	ck_assert_int_eq(write_one(hostile[_i].key, hostile[_i].value, buf, sizeof(buf)), -EINVAL);
	ck_assert_str_eq(buf, "untouched");
}
END_TEST

START_TEST(unterminated_settings_are_bounded)
{
	struct tcpbuf_k8s_setting one;
	char buf[512];

	memset(&one, '1', sizeof(one));
	ck_assert_int_eq(tcpbuf_k8s_write(3, &target, &one, sizeof(one), 1, buf, sizeof(buf)), -EINVAL);
	strcpy(one.key, "net.ipv4.tcp_rmem");
	ck_assert_int_eq(tcpbuf_k8s_write(3, &target, &one, sizeof(one), 1, buf, sizeof(buf)), -EINVAL);
	one.value[127] = '\0';
	ck_assert_int_eq(tcpbuf_k8s_write(3, &target, &one, sizeof(one), 1, buf, sizeof(buf)), 17 + 3 + 127 + 1);
}
END_TEST

static const struct {
	const char *name, *space, *image;
} bad_targets[] = {
	{"a\"b", "", ""}, {"-a", "", ""}, {"a.", "", ""}, {"A", "", ""}, {"a\nb", "", ""}, {"..", "", ""},
	{"", "a.b", ""}, {"", "\x80", ""}, {"", "", "x\"y"}, {"", "", "x y"}, {"", "", "\n"},
};

START_TEST(hostile_names_are_refused)
{
	struct tcpbuf_k8s_target t = target;

	strcpy(t.name, bad_targets[_i].name);
	strcpy(t.pod_namespace, bad_targets[_i].space);
	strcpy(t.image, bad_targets[_i].image);
	ck_assert_int_eq(tcpbuf_k8s_write(1, &t, settings, sizeof(settings[0]), 4, NULL, 0), -EINVAL);
	memset(t.name, 'a', sizeof(t.name));
	ck_assert_int_eq(tcpbuf_k8s_write(1, &t, settings, sizeof(settings[0]), 4, NULL, 0), -EINVAL);
}
END_TEST

START_TEST(names_are_quoted)
{
	struct tcpbuf_k8s_target t = target;
	char buf[4096];

	strcpy(t.name, "1e3");
	strcpy(t.pod_namespace, "null");
	strcpy(t.image, "example.org/App_1:v1@sha256");
	ck_assert_int_gt(tcpbuf_k8s_write(1, &t, NULL, sizeof(settings[0]), 0, buf, sizeof(buf)), 0);
	ck_assert_ptr_nonnull(strstr(buf, "  name: \"1e3\"\n  namespace: \"null\"\n"));
	ck_assert_ptr_nonnull(strstr(buf, "image: \"example.org/App_1:v1@sha256\"\n"));
}
END_TEST

START_TEST(arguments_are_checked)
{
	static struct tcpbuf_k8s_setting many[257];
	struct tcpbuf_k8s_setting twice[2];
	char buf[64];

	memcpy(twice, settings, sizeof(twice));
	strcpy(twice[1].key, "net/ipv4/tcp_rmem");
	ck_assert_int_eq(tcpbuf_k8s_write(1, &target, twice, sizeof(twice[0]), 2, buf, sizeof(buf)), -EINVAL);
	ck_assert_int_eq(tcpbuf_k8s_write(0, &target, settings, sizeof(settings[0]), 4, buf, sizeof(buf)), -EINVAL);
	ck_assert_int_eq(tcpbuf_k8s_write(8, &target, settings, sizeof(settings[0]), 4, buf, sizeof(buf)), -EINVAL);
	ck_assert_int_eq(tcpbuf_k8s_write(1, &target, NULL, sizeof(settings[0]), 1, buf, sizeof(buf)), -EINVAL);
	ck_assert_int_eq(tcpbuf_k8s_write(1, &target, settings, sizeof(settings[0]), 4, NULL, 1), -EINVAL);
	ck_assert_int_eq(tcpbuf_k8s_write(1, &target, settings, 255, 4, buf, sizeof(buf)), -EINVAL);
	ck_assert_int_eq(tcpbuf_k8s_write(1, &target, many, sizeof(many[0]), 257, buf, sizeof(buf)), -EINVAL);
	ck_assert_int_gt(tcpbuf_k8s_write(1, NULL, settings, sizeof(settings[0]), 4, buf, sizeof(buf)), 0);
}
END_TEST

/* A newer caller's settings are longer: the stride is theirs. */
START_TEST(the_stride_is_the_callers)
{
	struct {
		struct tcpbuf_k8s_setting known;
		char more[40];
	} items[2];
	char buf[256];

	memset(items, 0x5a, sizeof(items));
	items[0].known = settings[0];
	items[1].known = settings[1];
	ck_assert_int_gt(tcpbuf_k8s_write(3, &target, items, sizeof(items[0]), 2, buf, sizeof(buf)), 0);
	ck_assert_str_eq(buf, "net.ipv4.tcp_rmem = 4096 87380 16777216\nnet.core.somaxconn = 1024\n");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("k8s_write");
	TCase *tc = tcase_create("k8s_write");
	int count = sizeof(files) / sizeof(files[0]);

	tcase_add_loop_test(tc, a_file_is_written_whole, 0, count);
	tcase_add_loop_test(tc, a_small_buffer_is_told_the_length, 0, count);
	tcase_add_loop_test(tc, hostile_settings_are_refused, 0, sizeof(hostile) / sizeof(hostile[0]));
	tcase_add_test(tc, unterminated_settings_are_bounded);
	tcase_add_loop_test(tc, hostile_names_are_refused, 0, sizeof(bad_targets) / sizeof(bad_targets[0]));
	tcase_add_test(tc, names_are_quoted);
	tcase_add_test(tc, arguments_are_checked);
	tcase_add_test(tc, the_stride_is_the_callers);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
