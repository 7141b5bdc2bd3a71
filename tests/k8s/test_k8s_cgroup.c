/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "check_main.h"
#include <tcpbuf/k8s.h>

#define UID "0f2c6b1e-7a44-4d0c-9a5b-6a1f0d3c2e11"
#define UID_ "0f2c6b1e_7a44_4d0c_9a5b_6a1f0d3c2e11"
#define OTHER "ffffffff-7a44-4d0c-9a5b-6a1f0d3c2e11"
#define HASH "3f1c0e9ad0b54e6c8f7a6b5c4d3e2f10"
#define ID "a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f90"
#define ID2 "0000000000000000000000000000000000000000000000000000000000000001"

enum { POD = 1, CONTAINER = 2, RUNTIME = 4 };
enum { NO, GUARANTEED, BURSTABLE, BESTEFFORT };
enum { UNKNOWN, CONTAINERD, CRIO, DOCKER, PODMAN };

static const struct {
	const char *path;
	uint64_t valid;
	uint32_t qos, runtime;
	const char *uid, *id;
} paths[] = {
	/* systemd driver */
	{"/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" UID_ ".slice/cri-containerd-" ID ".scope",
		POD | CONTAINER | RUNTIME, BURSTABLE, CONTAINERD, UID, ID},
	{"/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod" UID_ ".slice/crio-" ID ".scope",
		POD | CONTAINER | RUNTIME, BESTEFFORT, CRIO, UID, ID},
	{"/kubepods.slice/kubepods-pod" UID_ ".slice/docker-" ID ".scope", POD | CONTAINER | RUNTIME, GUARANTEED,
		DOCKER, UID, ID},
	{"/kubepods.slice/kubepods-pod" UID_ ".slice/crio-" ID ".scope/container", POD | CONTAINER | RUNTIME,
		GUARANTEED, CRIO, UID, ID},
	{"/kubepods.slice/kubepods-pod" UID_ ".slice/crio-conmon-" ID ".scope", POD, GUARANTEED, UNKNOWN, UID, ""},
	{"/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" UID_ ".slice", POD, BURSTABLE, UNKNOWN,
		UID, ""},
	{"/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" HASH ".slice/cri-containerd-" ID ".scope",
		POD | CONTAINER | RUNTIME, BURSTABLE, CONTAINERD, HASH, ID},
	/* cgroupfs driver */
	{"/kubepods/burstable/pod" UID "/" ID, POD | CONTAINER, BURSTABLE, UNKNOWN, UID, ID},
	{"/kubepods/besteffort/pod" HASH "/" ID, POD | CONTAINER, BESTEFFORT, UNKNOWN, HASH, ID},
	{"/kubepods/pod" UID "/crio-" ID, POD | CONTAINER | RUNTIME, GUARANTEED, CRIO, UID, ID},
	{"kubepods/pod" UID, POD, GUARANTEED, UNKNOWN, UID, ""},
	{"/kubepods/burstable/pod" UID "/" ID "/init.scope", POD | CONTAINER, BURSTABLE, UNKNOWN, UID, ID},
	/* containerd with cgroupfs and a kubelet with systemd */
	{"/system.slice/containerd.service/kubepods-besteffort-pod" UID_ ".slice:cri-containerd:" ID,
		POD | CONTAINER | RUNTIME, BESTEFFORT, CONTAINERD, UID, ID},
	/* lines of /proc/PID/cgroup, mount points, a dead cgroup */
	{"4:memory:/kubepods/burstable/pod" UID "/" ID, POD | CONTAINER, BURSTABLE, UNKNOWN, UID, ID},
	{"0::/kubepods.slice/kubepods-pod" UID_ ".slice/cri-containerd-" ID ".scope\n", POD | CONTAINER | RUNTIME,
		GUARANTEED, CONTAINERD, UID, ID},
	{"/sys/fs/cgroup/memory/kubepods/pod" UID "/" ID, POD | CONTAINER, GUARANTEED, UNKNOWN, UID, ID},
	{"/kubepods/pod" UID "/" ID " (deleted)", POD | CONTAINER, GUARANTEED, UNKNOWN, UID, ID},
	{"/../../kubepods-burstable.slice/kubepods-burstable-pod" UID_ ".slice/cri-containerd-" ID ".scope",
		POD | CONTAINER | RUNTIME, BURSTABLE, CONTAINERD, UID, ID},
	/* nested nodes: kind, minikube, a cgroup root of one's own */
	{"/docker/" ID2 "/kubelet/kubepods/besteffort/pod" UID "/" ID, POD | CONTAINER, BESTEFFORT, UNKNOWN, UID, ID},
	{"/system.slice/docker-" ID2 ".scope/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-burstable.slice/"
	 "kubelet-kubepods-burstable-pod" UID_ ".slice/cri-containerd-" ID ".scope",
		POD | CONTAINER | RUNTIME, BURSTABLE, CONTAINERD, UID, ID},
	{"/docker/" ID2 "/kubepods/pod" UID, POD, GUARANTEED, UNKNOWN, UID, ""},
	/* a container's own cgroups do not move it into another pod or container */
	{"/kubepods/burstable/pod" UID "/" ID "/kubepods/besteffort/pod" OTHER "/" ID2, POD | CONTAINER, BURSTABLE,
		UNKNOWN, UID, ID},
	{"/kubepods/burstable/pod" UID "/" ID "/docker/" ID2, POD | CONTAINER, BURSTABLE, UNKNOWN, UID, ID},
	/* containers of no pod */
	{"/docker/" ID, CONTAINER | RUNTIME, NO, DOCKER, "", ID},
	{"/system.slice/docker-" ID ".scope", CONTAINER | RUNTIME, NO, DOCKER, "", ID},
	{"/machine.slice/libpod-" ID ".scope/container", CONTAINER | RUNTIME, NO, PODMAN, "", ID},
	{"/default/" ID, CONTAINER, NO, UNKNOWN, "", ID},
	{"/docker/" ID2 "/docker/" ID, CONTAINER | RUNTIME, NO, DOCKER, "", ID},
	/* neither */
	{"", 0, NO, UNKNOWN, "", ""},
	{"/", 0, NO, UNKNOWN, "", ""},
	{"//..//../", 0, NO, UNKNOWN, "", ""},
	{"/user.slice/user-1000.slice/session-2.scope", 0, NO, UNKNOWN, "", ""},
	{"/kubepods.slice/kubepods-burstable.slice", 0, NO, UNKNOWN, "", ""},
	{"/kubepods/burstable/podcast", 0, NO, UNKNOWN, "", ""},
	{"/burstable/pod" UID, 0, NO, UNKNOWN, "", ""},
	{"/mykubepods/pod" UID, 0, NO, UNKNOWN, "", ""},
	{"/kubepods/pod" UID "x", 0, NO, UNKNOWN, "", ""},
	{"/kubepods/pod0f2c6b1e_7a44-4d0c-9a5b6-a1f0d3c2e11", 0, NO, UNKNOWN, "", ""},
	{"/kubepods/pod../" ID, CONTAINER, NO, UNKNOWN, "", ID},
	{"/kubepods/pod\xff\xfe\x1b[31m/\"", 0, NO, UNKNOWN, "", ""},
	{"/kubepods/pod" UID "/" ID "0", POD, GUARANTEED, UNKNOWN, UID, ""},
	{"/kubepods-pod" UID_ ".slice.slice/kubepods-.slice/-.slice/:", 0, NO, UNKNOWN, "", ""},
};

START_TEST(a_path_names_its_pod_and_container)
{
	struct tcpbuf_k8s_cgroup got;

	memset(&got, 0xa5, sizeof(got));
	ck_assert_int_eq(tcpbuf_k8s_parse_cgroup(paths[_i].path, &got, sizeof(got)), 0);
	ck_assert_str_eq(got.pod_uid, paths[_i].uid);
	ck_assert_str_eq(got.container_id, paths[_i].id);
	ck_assert_uint_eq(got.valid, paths[_i].valid);
	ck_assert_uint_eq(got.qos, paths[_i].qos);
	ck_assert_uint_eq(got.runtime, paths[_i].runtime);
}
END_TEST

START_TEST(output_of_any_size_is_filled)
{
	struct {
		struct tcpbuf_k8s_cgroup known;
		char tail[16];
	} big;
	uint64_t valid = 0;

	memset(&big, 0xa5, sizeof(big));
	ck_assert_int_eq(tcpbuf_k8s_parse_cgroup("/kubepods/pod" UID, &big, sizeof(big)), 0);
	ck_assert_str_eq(big.known.pod_uid, UID);
	for (size_t i = 0; i < sizeof(big.tail); i++)
		ck_assert_int_eq(big.tail[i], 0);
	ck_assert_int_eq(tcpbuf_k8s_parse_cgroup("/kubepods/pod" UID, &valid, sizeof(valid)), 0);
	ck_assert_uint_eq(valid, POD);
	ck_assert_int_eq(tcpbuf_k8s_parse_cgroup(NULL, &big, sizeof(big)), -EINVAL);
	ck_assert_int_eq(tcpbuf_k8s_parse_cgroup("/", NULL, 0), -EINVAL);
}
END_TEST

/* Cuts and single wrong bytes of every path: no crash, and what is found is well-formed. */
START_TEST(damaged_paths_are_harmless)
{
	static const char bytes[] = {'/', '-', ':', '_', '.', '\n', '\x80', 'k'};
	struct tcpbuf_k8s_cgroup got;
	char text[512];
	size_t length = strlen(paths[_i].path);

	ck_assert_uint_lt(length, sizeof(text));
	for (size_t at = 0; at < length; at++) {
		for (size_t b = 0; b < sizeof(bytes); b++) {
			memcpy(text, paths[_i].path, length + 1);
			text[at] = bytes[b];
			ck_assert_int_eq(tcpbuf_k8s_parse_cgroup(text, &got, sizeof(got)), 0);
			ck_assert(!(got.valid & CONTAINER) || strlen(got.container_id) == 64);
			ck_assert(!(got.valid & POD) || strlen(got.pod_uid) == 36 || strlen(got.pod_uid) == 32);
			ck_assert(strpbrk(got.pod_uid, "/_.:\n\x80") == NULL);
		}
		text[at] = '\0';
		ck_assert_int_eq(tcpbuf_k8s_parse_cgroup(text, &got, sizeof(got)), 0);
	}
}
END_TEST

START_TEST(long_paths_are_read_to_the_pod)
{
	struct tcpbuf_k8s_cgroup got;
	char text[4096 + 256];

	memset(text, 'n', 4096);
	for (size_t i = 0; i < 4096; i += 200)
		text[i] = '/';
	strcpy(text + 4096, "/kubepods/pod" UID "/" ID);
	ck_assert_int_eq(tcpbuf_k8s_parse_cgroup(text, &got, sizeof(got)), 0);
	ck_assert_str_eq(got.pod_uid, UID);
	ck_assert_str_eq(got.container_id, ID);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("k8s_cgroup");
	TCase *tc = tcase_create("k8s_cgroup");
	int count = sizeof(paths) / sizeof(paths[0]);

	tcase_add_loop_test(tc, a_path_names_its_pod_and_container, 0, count);
	tcase_add_test(tc, output_of_any_size_is_filled);
	tcase_add_loop_test(tc, damaged_paths_are_harmless, 0, count);
	tcase_add_test(tc, long_paths_are_read_to_the_pod);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
