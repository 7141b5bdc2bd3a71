/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "check_main.h"
#include <tcpbuf/k8s.h>

#define UID "0f2c6b1e-7a44-4d0c-9a5b-6a1f0d3c2e11"
#define HASH "3f1c0e9ad0b54e6c8f7a6b5c4d3e2f10"

static const struct {
	const char *name, *space, *pod, *uid;
} good[] = {
	{"default_web-0_" UID, "default", "web-0", UID},
	{"kube-system_etcd-node1.example.org_" HASH, "kube-system", "etcd-node1.example.org", HASH},
};

static const char *const bad[] = {
	"", "_", "__", "default", "default_web", "default_web_", "_web_" UID, "default__" UID, "default_web_" UID "/0",
	"default_web_x" UID, "De_web_" UID, "..__" UID, "../.._web_" UID, "default_we/b_" UID, "default_we\n_" UID,
	"default_we\xff_" UID, "default_web_" UID "_" UID,
	"default_web_0f2c6b1e_7a44_4d0c_9a5b_6a1f0d3c2e11",
	"namespace-that-is-one-letter-too-long-for-a-dns-label-0123456789a_w_" UID,
};

START_TEST(a_log_folder_names_its_pod)
{
	struct tcpbuf_k8s_pod pod;

	ck_assert_int_eq(tcpbuf_k8s_parse_log_dir(good[_i].name, &pod, sizeof(pod)), 0);
	ck_assert_str_eq(pod.pod_namespace, good[_i].space);
	ck_assert_str_eq(pod.pod_name, good[_i].pod);
	ck_assert_str_eq(pod.pod_uid, good[_i].uid);
}
END_TEST

START_TEST(other_names_are_refused)
{
	static const struct tcpbuf_k8s_pod none;
	struct tcpbuf_k8s_pod pod;

	memset(&pod, 0xa5, sizeof(pod));
	ck_assert_int_eq(tcpbuf_k8s_parse_log_dir(bad[_i], &pod, sizeof(pod)), -EINVAL);
	ck_assert_mem_eq(&pod, &none, sizeof(pod));
}
END_TEST

START_TEST(a_huge_name_is_refused)
{
	struct tcpbuf_k8s_pod pod;
	char name[4096];

	memset(name, 'a', sizeof(name));
	name[2] = '_';
	strcpy(name + sizeof(name) - sizeof("_" UID), "_" UID);
	ck_assert_int_eq(tcpbuf_k8s_parse_log_dir(name, &pod, sizeof(pod)), -EINVAL);
	ck_assert_int_eq(tcpbuf_k8s_parse_log_dir(NULL, &pod, sizeof(pod)), -EINVAL);
	ck_assert_int_eq(tcpbuf_k8s_parse_log_dir("a_b_" UID, NULL, 0), -EINVAL);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("k8s_log_dir");
	TCase *tc = tcase_create("k8s_log_dir");

	tcase_add_loop_test(tc, a_log_folder_names_its_pod, 0, sizeof(good) / sizeof(good[0]));
	tcase_add_loop_test(tc, other_names_are_refused, 0, sizeof(bad) / sizeof(bad[0]));
	tcase_add_test(tc, a_huge_name_is_refused);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
