/* SPDX-License-Identifier: MIT */
/* Handshakes that were measured on 6.18.44 between two ends with the same settings, MTU 1500 unless said. */
#include <tcpbuf/model.h>

#include <errno.h>
#include <string.h>

#include "check_main.h"

static const struct vector {
	const char *about;
	int64_t rmem1, rmem2;
	int32_t so_rcvbuf, window_clamp; /* 0: not set */
	uint32_t unscaled, signed_windows, untimed, initrwnd, route_window, mtu;
	int64_t syn, wscale, synack, ack;
	int64_t rcvbuf, clamp, ssthresh, space, wnd; /* of the client */
} vectors[] = {
	{"default", 131072, 33554432, 0, 0, 0, 0, 0, 0, 0, 1500, 64240, 10, 65160, 63, 131072, 64088, 64088, 14480, 64512},
	{"6 MiB", 131072, 6291456, 0, 0, 0, 0, 0, 0, 0, 1500, 64240, 7, 65160, 502, 131072, 64088, 64088, 14480, 64256},
	{"87380", 87380, 6291456, 0, 0, 0, 0, 0, 0, 0, 1500, 42340, 7, 43440, 331, 87380, 42242, 42242, 14480, 42368},
	{"64 KiB", 65536, 131072, 0, 0, 0, 0, 0, 0, 0, 1500, 32120, 7, 31856, 251, 65536, 31320, 31320, 14480, 32128},
	{"1000", 1000, 33554432, 0, 0, 0, 0, 0, 0, 0, 1500, 500, 10, 500, 1, 1000, 500, 500, 500, 1024},
	{"4 MiB", 4194304, 33554432, 0, 0, 0, 0, 0, 0, 0, 1500, 65535, 10, 65535, 2048, 4194304, 2095704, 2095704, 14480,
		2097152},
	{"SO_RCVBUF 1", 131072, 33554432, 1, 0, 0, 0, 0, 0, 0, 1500, 1152, 0, 1152, 1152, 2304, 1152, 1152, 1152, 1152},
	{"SO_RCVBUF 2304", 131072, 33554432, 2304, 0, 0, 0, 0, 0, 0, 1500, 1460, 0, 1448, 1460, 4608, 2304, 1460, 1460,
		1460},
	{"SO_RCVBUF 8192", 131072, 33554432, 8192, 0, 0, 0, 0, 0, 0, 1500, 7300, 0, 7240, 7300, 16384, 6744, 6744, 6744,
		7300},
	{"SO_RCVBUF 65535", 131072, 33554432, 65535, 0, 0, 0, 0, 0, 0, 1500, 64240, 0, 65160, 64240, 131070, 64087, 64087,
		14480, 64240},
	{"SO_RCVBUF 65536", 131072, 33554432, 65536, 0, 0, 0, 0, 0, 0, 1500, 64240, 1, 65160, 32120, 131072, 64088, 64088,
		14480, 64240},
	{"SO_RCVBUF 131072", 131072, 33554432, 131072, 0, 0, 0, 0, 0, 0, 1500, 65535, 2, 65535, 32485, 262144, 129624,
		129624, 14480, 129940},
	{"SO_RCVBUF 1 MiB", 131072, 33554432, 1048576, 0, 0, 0, 0, 0, 0, 1500, 65535, 5, 65535, 32759, 2097152, 1047128,
		1047128, 14480, 1048288},
	{"clamp 10000", 131072, 33554432, 0, 10000, 0, 0, 0, 0, 0, 1500, 8760, 0, 8688, 8760, 131072, 10000, 8760, 8760,
		8760},
	{"clamp 200000", 131072, 33554432, 0, 200000, 0, 0, 0, 0, 0, 1500, 64240, 2, 65160, 16060, 131072, 64088, 64088,
		14480, 64240},
	{"no scaling", 131072, 33554432, 0, 0, 1, 0, 0, 0, 0, 1500, 64240, -1, 65160, 64240, 131072, 64088, 64088, 14480,
		64240},
	{"signed", 131072, 33554432, 0, 0, 0, 1, 0, 0, 0, 1500, 32767, 10, 32767, 32, 131072, 64088, 32767, 14480, 32768},
	{"no timestamps", 131072, 33554432, 0, 0, 0, 0, 1, 0, 0, 1500, 64240, 10, 64240, 63, 131072, 64076, 64076, 14600,
		64512},
	{"initrwnd 5", 131072, 33554432, 0, 0, 0, 0, 0, 5, 0, 1500, 7300, 10, 7240, 8, 131072, 64088, 7300, 7300, 8192},
	{"initrwnd 100", 131072, 33554432, 0, 0, 0, 0, 0, 100, 0, 1500, 64240, 10, 65160, 63, 131072, 64088, 64088, 14480,
		64512},
	{"route window", 131072, 33554432, 0, 0, 0, 0, 0, 0, 20000, 1500, 18980, 0, 18824, 18980, 131072, 20000, 18980,
		14480, 18980},
	{"loopback", 131072, 33554432, 0, 0, 0, 0, 0, 0, 0, 65536, 65495, 10, 65483, 64, 131072, 65536, 65495, 65495, 65536},
	{"neither", 131072, 33554432, 0, 0, 1, 1, 0, 0, 0, 1500, 32767, -1, 32767, 32767, 131072, 64088, 32767, 14480,
		32767},
};

static struct tcpbuf_model_link link_of(const struct vector *v)
{
	struct tcpbuf_model_end end = {.rmem = {4096 < v->rmem1 ? 4096 : 1, v->rmem1, v->rmem2},
		.wmem = {4096, 16384, 4194304}, .rmem_max = 4194304, .wmem_max = 4194304, .adv_win_scale = 1,
		.app_win = 31, .window_scaling = !v->unscaled, .timestamps = !v->untimed,
		.signed_windows = v->signed_windows, .set_rcvbuf = v->so_rcvbuf != 0, .set_clamp = v->window_clamp != 0,
		.so_rcvbuf = v->so_rcvbuf, .window_clamp = v->window_clamp, .initrwnd = v->initrwnd,
		.route_window = v->route_window, .sndbuf_factor = 3};
	struct tcpbuf_model_link link = {
		.size = sizeof(link), .mtu = v->mtu, .family = 2, .local = 1, .client = end, .server = end};

	return link;
}

START_TEST(handshakes_are_the_measured_ones)
{
	const struct vector *v = &vectors[_i];
	struct tcpbuf_model_link link = link_of(v);
	struct tcpbuf_model_handshake h;
	struct tcpbuf_rules rules;

	printf("%s\n", v->about);
	ck_assert_int_eq(tcpbuf_rules_named("6.18.44", &rules, sizeof(rules)), 0);
	ck_assert_int_eq(tcpbuf_model_handshake(&rules, &link, &h, sizeof(h)), 0);
	ck_assert_int_eq(h.syn_win, v->syn);
	ck_assert_int_eq(h.syn_wscale, v->wscale);
	ck_assert_int_eq(h.synack_win, v->synack);
	ck_assert_int_eq(h.ack_win, v->ack);
	ck_assert_int_eq(h.client.rcvbuf, v->rcvbuf);
	ck_assert_int_eq(h.client.window_clamp, v->clamp);
	ck_assert_int_eq(h.client.rcv_ssthresh, v->ssthresh);
	ck_assert_int_eq(h.client.rcv_space, v->space);
	ck_assert_int_eq(h.client.rcv_wnd, v->wnd);
	ck_assert_uint_eq(h.verified, 1);
	ck_assert_uint_eq(h.window_rule, TCPBUF_RULE_WINDOW_SCALING_RATIO);
	/* bbr's send buffer. */
	ck_assert_int_eq(h.client.sndbuf, v->mtu == 65536 ? 3939840 : 69120);
}
END_TEST

/* By release, which no recording holds. */
START_TEST(an_unrecorded_kernel_says_so)
{
	struct tcpbuf_model_link link = link_of(&vectors[0]);
	struct tcpbuf_model_handshake h;
	struct tcpbuf_rules rules;

	ck_assert_int_eq(tcpbuf_rules_named("6.6", &rules, sizeof(rules)), 0);
	ck_assert_int_eq(tcpbuf_model_handshake(&rules, &link, &h, sizeof(h)), 0);
	ck_assert_uint_eq(h.verified, 0);
	ck_assert_int_eq(h.syn_win, 32120);
	ck_assert_int_eq(tcpbuf_rules_named("5.4", &rules, sizeof(rules)), 0);
	ck_assert_int_eq(tcpbuf_model_handshake(&rules, &link, &h, sizeof(h)), 0);
	ck_assert_uint_eq(h.window_rule, TCPBUF_RULE_WINDOW_ADV_WIN_SCALE);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("model");
	TCase *tc = tcase_create("handshake");

	tcase_add_loop_test(tc, handshakes_are_the_measured_ones, 0, sizeof(vectors) / sizeof(vectors[0]));
	tcase_add_test(tc, an_unrecorded_kernel_says_so);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
