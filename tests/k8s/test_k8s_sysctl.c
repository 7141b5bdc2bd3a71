/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <sched.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "check_main.h"
#include <tcpbuf/k8s.h>

enum { UNKNOWN, SAFE, UNSAFE, NODE, IMPOSSIBLE, ABSENT };

static struct tcpbuf_k8s_sysctl classify(
	const char *key, const char *kubernetes, const char *kernel, uint32_t flags)
{
	struct tcpbuf_k8s_target target;
	struct tcpbuf_k8s_sysctl got;

	memset(&target, 0, sizeof(target));
	target.size = sizeof(target);
	target.kubernetes = tcpbuf_k8s_parse_version(kubernetes);
	target.kernel = tcpbuf_k8s_parse_version(kernel);
	target.flags = flags;
	ck_assert_int_eq(tcpbuf_k8s_sysctl_classify(key, &target, &got, sizeof(got)), 0);
	return got;
}

static const struct {
	const char *key, *kubernetes, *kernel;
	uint32_t flags, verdict, scope;
	const char *reason;
} answers[] = {
	{"net.ipv4.tcp_rmem", "1.32", "6.1", 0, SAFE, TCPBUF_K8S_SCOPE_NETNS,
		"in the safe set since Kubernetes 1.32; per namespace since kernel 4.15"},
	{"net.ipv4.tcp_rmem", "v1.31.9-eks-1", "6.1", 0, UNSAFE, TCPBUF_K8S_SCOPE_NETNS,
		"per namespace, but the kubelet must run with --allowed-unsafe-sysctls: in the safe set only since "
		"Kubernetes 1.32"},
	{"net.ipv4.tcp_rmem", "1.32", "4.14.336", 0, NODE, TCPBUF_K8S_SCOPE_NODE,
		"one value for the whole node before kernel 4.15, absent in a pod (ENOENT), though the kubelet can be "
		"told to admit it"},
	{"net/ipv4/tcp_rmem", "1.32", "6.1", TCPBUF_K8S_HOST_NETWORK, IMPOSSIBLE, TCPBUF_K8S_SCOPE_NETNS,
		"the kubelet refuses net.* sysctls with hostNetwork"},
	{"net.ipv4.tcp_rmem", "1.32", "6.1", TCPBUF_K8S_HOST_IPC, SAFE, TCPBUF_K8S_SCOPE_NETNS, NULL},
	{"net.ipv4.tcp_slow_start_after_idle", "1.36", "6.12", 0, UNSAFE, TCPBUF_K8S_SCOPE_NETNS,
		"per namespace, but the kubelet must run with --allowed-unsafe-sysctls: not in the safe set"},
	{"net.core.somaxconn", "1.36", "6.12", 0, UNSAFE, TCPBUF_K8S_SCOPE_NETNS, NULL},
	{"net.core.optmem_max", "1.36", "6.8", 0, UNSAFE, TCPBUF_K8S_SCOPE_NETNS, NULL},
	{"net.core.optmem_max", "1.36", "6.7", 0, NODE, TCPBUF_K8S_SCOPE_NODE, NULL},
	{"net.core.rmem_max", "1.36", "6.12", 0, NODE, TCPBUF_K8S_SCOPE_NODE,
		"one value for the whole node, read-only in a pod (EACCES), though the kubelet can be told to admit it"},
	{"net.core.rmem_max", "1.36", "6.10", 0, NODE, TCPBUF_K8S_SCOPE_NODE,
		"one value for the whole node, absent in a pod (ENOENT), though the kubelet can be told to admit it"},
	{"net.ipv4.tcp_mem", "", "", 0, NODE, TCPBUF_K8S_SCOPE_NODE, NULL},
	{"net.netfilter.nf_conntrack_max", "1.32", "5.13", 0, NODE, TCPBUF_K8S_SCOPE_NODE, NULL},
	{"net.netfilter.nf_conntrack_max", "1.32", "5.10", 0, NODE, TCPBUF_K8S_SCOPE_NODE,
		"one value for the whole node, and a pod that writes its own file changes it for all"},
	{"net.ipv4.tcp_rcvbuf_low_rtt", "1.36", "6.18", 0, ABSENT, TCPBUF_K8S_SCOPE_ABSENT, "new in kernel 6.19"},
	{"net.core.mem_pcpu_rsv", "1.36", "6.12", 0, NODE, TCPBUF_K8S_SCOPE_NODE, NULL},
	{"net.core.mem_pcpu_rsv", "1.36", "5.10", 0, ABSENT, TCPBUF_K8S_SCOPE_ABSENT, NULL},
	{"net.ipv4.tcp_ehash_entries", "1.36", "6.12", 0, IMPOSSIBLE, TCPBUF_K8S_SCOPE_READ_ONLY,
		"read-only everywhere"},
	{"kernel.shm_rmid_forced", "1.10", "4.19", 0, SAFE, TCPBUF_K8S_SCOPE_IPC, "in every safe set"},
	{"kernel.msgmax", "1.36", "6.12", 0, UNSAFE, TCPBUF_K8S_SCOPE_IPC, NULL},
	{"kernel.msgmax", "1.36", "6.12", TCPBUF_K8S_HOST_IPC, IMPOSSIBLE, TCPBUF_K8S_SCOPE_IPC,
		"the kubelet refuses IPC sysctls with hostIPC"},
	{"net.ipv4.no_such_key", "1.36", "6.12", 0, UNKNOWN, TCPBUF_K8S_SCOPE_UNKNOWN,
		"not known here; the kubelet would take it for a per-namespace one"},
	{"net.ipv4.no_such_key", "1.36", "6.12", TCPBUF_K8S_HOST_NETWORK, IMPOSSIBLE, TCPBUF_K8S_SCOPE_UNKNOWN, NULL},
	{"vm.max_map_count", "1.36", "6.12", 0, NODE, TCPBUF_K8S_SCOPE_NODE, NULL},
	{"net/ipv4/conf/eth0.7/rp_filter", "1.36", "6.12", 0, UNKNOWN, TCPBUF_K8S_SCOPE_UNKNOWN, NULL},
};

START_TEST(a_key_is_classified)
{
	struct tcpbuf_k8s_sysctl got =
		classify(answers[_i].key, answers[_i].kubernetes, answers[_i].kernel, answers[_i].flags);

	ck_assert_uint_eq(got.verdict, answers[_i].verdict);
	ck_assert_uint_eq(got.scope, answers[_i].scope);
	if (answers[_i].reason)
		ck_assert_str_eq(got.reason, answers[_i].reason);
}
END_TEST

START_TEST(names_come_back_dotted)
{
	ck_assert_str_eq(classify("net/ipv4/tcp_rmem", "", "", 0).key, "net.ipv4.tcp_rmem");
	ck_assert_str_eq(classify("net/ipv4/conf/eth0.7/rp_filter", "", "", 0).key, "net.ipv4.conf.eth0/7.rp_filter");
	ck_assert_uint_eq(classify("net.ipv4.tcp_rmem", "", "", 0).safe_since, 1 << 16 | 32 << 8);
	ck_assert_uint_eq(classify("net.ipv4.tcp_rmem", "", "", 0).kernel_since, 4 << 16 | 15 << 8);
}
END_TEST

/* The documented safe sets (kubernetes.io, "Using sysctls in a Kubernetes Cluster"). */
static const struct {
	const char *version;
	uint32_t added;
	const char *keys[4];
} safe_sets[] = {
	{"1.17", 3, {"kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.tcp_syncookies"}},
	{"1.18", 1, {"net.ipv4.ping_group_range"}},
	{"1.22", 1, {"net.ipv4.ip_unprivileged_port_start"}},
	{"1.27", 1, {"net.ipv4.ip_local_reserved_ports"}},
	{"1.29", 4, {"net.ipv4.tcp_keepalive_time", "net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_keepalive_intvl",
			    "net.ipv4.tcp_keepalive_probes"}},
	{"1.32", 2, {"net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem"}},
	{"1.36", 0, {NULL}},
};

START_TEST(the_safe_sets_are_the_documented_ones)
{
	uint32_t expected = 0, found = 0;

	for (int i = 0; i <= _i; i++) {
		expected += safe_sets[i].added;
		for (uint32_t k = 0; k < safe_sets[i].added; k++)
			ck_assert_uint_eq(
				classify(safe_sets[i].keys[k], safe_sets[_i].version, "6.12", 0).verdict, SAFE);
	}
	for (uint32_t i = 0; tcpbuf_k8s_sysctl_key(i); i++)
		found += classify(tcpbuf_k8s_sysctl_key(i), safe_sets[_i].version, "6.12", 0).verdict == SAFE;
	ck_assert_uint_eq(found, expected);
}
END_TEST

START_TEST(every_key_has_a_whole_reason)
{
	static const char *const kernels[] = {"4.4", "4.19", "5.10", "6.1", "6.12", "6.18", "7.3", ""};
	uint32_t count = 0;

	for (uint32_t i = 0; tcpbuf_k8s_sysctl_key(i); i++, count++)
		for (size_t k = 0; k < sizeof(kernels) / sizeof(kernels[0]); k++)
			for (uint32_t flags = 0; flags < 4; flags++) {
				struct tcpbuf_k8s_sysctl got =
					classify(tcpbuf_k8s_sysctl_key(i), "1.30", kernels[k], flags);

				ck_assert_str_eq(got.key, tcpbuf_k8s_sysctl_key(i));
				ck_assert_uint_ne(got.verdict, UNKNOWN);
				ck_assert_uint_gt(strlen(got.reason), 10);
				ck_assert_uint_lt(strlen(got.reason), sizeof(got.reason) - 1);
			}
	ck_assert_uint_gt(count, 80);
}
END_TEST

static const char *const bad_names[] = {
	"", ".", "..", "net", "/", "net..ipv4", ".net.ipv4", "net.ipv4.", "../../etc/passwd", "net/ipv4/../x",
	"net.ipv4.tcp_rmem=1", "net.ipv4.tcp rmem", "net.ipv4.tcp_rmem\n", "net.ipv4.\xff", "net.ipv4.\"x\"",
	"net.ipv4.*", "Net.ipv4.tcp_rmem",
};

START_TEST(what_is_no_name_is_refused)
{
	struct tcpbuf_k8s_sysctl got;

	ck_assert_int_eq(tcpbuf_k8s_sysctl_classify(bad_names[_i], NULL, &got, sizeof(got)), -EINVAL);
}
END_TEST

START_TEST(arguments_are_checked)
{
	struct {
		struct tcpbuf_k8s_target known;
		uint32_t tail;
	} newer;
	struct tcpbuf_k8s_sysctl got;
	char name[4096];

	memset(&newer, 0, sizeof(newer));
	newer.known.size = sizeof(newer);
	ck_assert_int_eq(tcpbuf_k8s_sysctl_classify("net.ipv4.tcp_mem", &newer.known, &got, sizeof(got)), 0);
	newer.tail = 1;
	ck_assert_int_eq(tcpbuf_k8s_sysctl_classify("net.ipv4.tcp_mem", &newer.known, &got, sizeof(got)), -E2BIG);
	newer.known.size = 0;
	ck_assert_int_eq(tcpbuf_k8s_sysctl_classify("net.ipv4.tcp_mem", &newer.known, &got, sizeof(got)), -EINVAL);
	ck_assert_int_eq(tcpbuf_k8s_sysctl_classify(NULL, NULL, &got, sizeof(got)), -EINVAL);
	ck_assert_int_eq(tcpbuf_k8s_sysctl_classify("net.ipv4.tcp_mem", NULL, NULL, 0), -EINVAL);
	memset(name, 'a', sizeof(name));
	memcpy(name, "net.ipv4.", 9);
	name[sizeof(name) - 1] = '\0';
	ck_assert_int_eq(tcpbuf_k8s_sysctl_classify(name, NULL, &got, sizeof(got)), -EINVAL);
}
END_TEST

static const struct {
	const char *text;
	uint32_t version;
} versions[] = {
	{"1.32", 1 << 16 | 32 << 8}, {"v1.32.4", 1 << 16 | 32 << 8 | 4}, {"v1.29.3+rke2r1", 1 << 16 | 29 << 8 | 3},
	{"6.1.0-13-amd64", 6 << 16 | 1 << 8}, {"4.19.304", 4 << 16 | 19 << 8 | 255}, {"6.18.44-fc", 6 << 16 | 18 << 8 | 44},
	{"6.12.", 6 << 16 | 12 << 8}, {"", 0}, {"v", 0}, {"1", 0}, {"1.", 0}, {"x1.2", 0}, {"-1.2", 0}, {"1.256", 0},
	{"65536.1", 0}, {"99999999999999999999.1", 0},
};

START_TEST(a_version_is_read)
{
	ck_assert_uint_eq(tcpbuf_k8s_parse_version(versions[_i].text), versions[_i].version);
	ck_assert_uint_eq(tcpbuf_k8s_parse_version(NULL), 0);
}
END_TEST

/* Mode of a key's file in this namespace, or 0. */
static unsigned mode_of(const char *key)
{
	char path[160] = "/proc/sys/";
	struct stat st;

	strcat(path, key);
	for (char *p = path + 10; *p; p++)
		if (*p == '.')
			*p = '/';
	return stat(path, &st) == 0 ? st.st_mode & 0777 : 0;
}

/* The table against this kernel: in a new namespace the node's keys are absent or read-only. */
START_TEST(the_running_kernel_agrees)
{
	static unsigned before[256];
	struct utsname name;
	uint32_t seen = 0;

	ck_assert_int_eq(uname(&name), 0);
	for (uint32_t i = 0; tcpbuf_k8s_sysctl_key(i); i++)
		before[i] = mode_of(tcpbuf_k8s_sysctl_key(i));
	ck_assert_int_eq(unshare(CLONE_NEWNET), 0);
	for (uint32_t i = 0; tcpbuf_k8s_sysctl_key(i); i++) {
		const char *key = tcpbuf_k8s_sysctl_key(i);
		struct tcpbuf_k8s_sysctl got = classify(key, "", name.release, 0);

		if (!before[i])
			continue;
		if (got.scope == TCPBUF_K8S_SCOPE_NETNS)
			ck_assert_msg(mode_of(key) & 0200, "%s: mode %o", key, mode_of(key));
		else if (got.scope != TCPBUF_K8S_SCOPE_IPC)
			ck_assert_msg(!(mode_of(key) & 0222), "%s: mode %o", key, mode_of(key));
		ck_assert_msg(got.scope != TCPBUF_K8S_SCOPE_ABSENT, "%s", key);
		seen++;
	}
	ck_assert_uint_gt(seen, 50);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("k8s_sysctl");
	TCase *tc = tcase_create("k8s_sysctl");

	tcase_add_loop_test(tc, a_key_is_classified, 0, sizeof(answers) / sizeof(answers[0]));
	tcase_add_test(tc, names_come_back_dotted);
	tcase_add_loop_test(
		tc, the_safe_sets_are_the_documented_ones, 0, sizeof(safe_sets) / sizeof(safe_sets[0]));
	tcase_add_test(tc, every_key_has_a_whole_reason);
	tcase_add_loop_test(tc, what_is_no_name_is_refused, 0, sizeof(bad_names) / sizeof(bad_names[0]));
	tcase_add_test(tc, arguments_are_checked);
	tcase_add_loop_test(tc, a_version_is_read, 0, sizeof(versions) / sizeof(versions[0]));
	if (geteuid() == 0)
		tcase_add_test(tc, the_running_kernel_agrees);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
