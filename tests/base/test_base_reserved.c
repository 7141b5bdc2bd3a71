/* SPDX-License-Identifier: MIT */
/* Room for later: a word that is reserved must be 0, and a bit that has no meaning yet is refused. */
#include <tcpbuf/tcpbuf.h>

#include <errno.h>
#include <string.h>

#include "check_main.h"

/* One valid call of each function that reads a struct of the caller's. */
static struct {
	struct tcpbuf_rules rules;
	struct tcpbuf_model_link link;
	struct tcpbuf_model_sockopt sockopt;
	struct tcpbuf_model_node node;
	struct tcpbuf_model_holder holder;
	struct tcpbuf_model_drs drs;
	struct tcpbuf_k8s_target target;
	struct tcpbuf_lint lint;
	struct tcpbuf_plan_node plan;
	struct tcpbuf_plan_class class;
	struct tcpbuf_census_query census;
	struct tcpbuf_explain_end end;
	struct tcpbuf_sock sock;
} in;

static const struct tcpbuf_model_end settings = {.rmem = {4096, 131072, 33554432}, .wmem = {4096, 16384, 4194304},
	.rmem_max = 4194304, .wmem_max = 4194304, .adv_win_scale = 1, .app_win = 31, .window_scaling = 1,
	.timestamps = 1, .sndbuf_factor = 2};

static void fill(void)
{
	memset(&in, 0, sizeof(in));
	ck_assert_int_eq(tcpbuf_rules_named("6.18.44", &in.rules, sizeof(in.rules)), 0);
	in.link = (struct tcpbuf_model_link){sizeof(in.link), 1500, 2, 0, settings, settings};
	in.sockopt.size = sizeof(in.sockopt);
	in.node = (struct tcpbuf_model_node){.size = sizeof(in.node), .mem = {1000, 2000, 3000}};
	in.holder = (struct tcpbuf_model_holder){.size = sizeof(in.holder), .kind = TCPBUF_CHARGE_RECEIVE};
	in.drs = (struct tcpbuf_model_drs){.size = sizeof(in.drs), .scaling_ratio = 128, .rcvbuf = 131072, .advmss = 1448,
		.rmem_max = 6291456};
	in.target.size = sizeof(in.target);
	in.lint.size = sizeof(in.lint);
	in.plan = (struct tcpbuf_plan_node){.size = sizeof(in.plan), .moderate_rcvbuf = 1, .current = settings};
	in.class = (struct tcpbuf_plan_class){.size = sizeof(in.class), .connections = 1, .directions = TCPBUF_PLAN_BOTH,
		.mss = 1448, .rtt_us = 1000};
	in.census.size = sizeof(in.census);
	in.end.size = sizeof(in.end);
	in.sock.valid = TCPBUF_SOCK_HAS_SKMEM | TCPBUF_SOCK_HAS_INFO;
}

static int key_check(void)
{
	char out[256];

	return tcpbuf_key_check(&in.rules.keys, TCPBUF_KEY_TCP_RMEM, "4096 131072 6291456", 19, out, sizeof(out));
}

static int handshake(void)
{
	struct tcpbuf_model_handshake out;

	return tcpbuf_model_handshake(&in.rules, &in.link, &out, sizeof(out));
}

static int sockopt(void)
{
	in.sockopt.state = TCPBUF_SOCKOPT_FRESH;
	return tcpbuf_model_setsockopt(&in.rules, TCPBUF_SOCKOPT_SNDBUF, 4096, &in.sockopt);
}

static int charge(void)
{
	struct tcpbuf_model_charge out;

	return tcpbuf_model_charge(&in.rules, &in.node, &in.holder, 1, &out, sizeof(out));
}

static int drs(void)
{
	int64_t grown = tcpbuf_model_grow_rcvbuf(&in.rules, &in.drs);

	return grown < 0 ? (int)grown : 0;
}

static int classify(void)
{
	struct tcpbuf_k8s_sysctl out;

	return tcpbuf_k8s_sysctl_classify("net.ipv4.tcp_rmem", &in.target, &out, sizeof(out));
}

static int lint(void)
{
	return tcpbuf_lint_settings(&in.rules, &in.lint, NULL, sizeof(struct tcpbuf_k8s_setting), 0, NULL, 0, 0);
}

static int plan(void)
{
	struct tcpbuf_plan out;

	return tcpbuf_plan_make(&in.rules, &in.plan, &in.class, sizeof(in.class), 1, &out, sizeof(out));
}

static int explain(void)
{
	struct tcpbuf_verdict out[12];
	int found = tcpbuf_explain_socket(&in.sock, &in.sock, sizeof(in.sock), 1000, &in.end, NULL, NULL, NULL, out,
		sizeof(out[0]), 12);

	return found < 0 ? found : 0;
}

static int census(void)
{
	struct tcpbuf_census *c = NULL;
	struct tcpbuf *tb;
	int err;

	ck_assert_int_eq(tcpbuf_new(&tb), 0);
	err = tcpbuf_census_take(tb, &in.census, &c);
	tcpbuf_census_free(c);
	tcpbuf_free(tb);
	return err;
}

static const struct {
	int (*call)(void);
	void *word; /* of 4 bytes; its top bit has no meaning */
} reserved[] = {
	{key_check, &in.rules.keys.padding},
	{handshake, &in.rules.padding},
	{handshake, &in.rules.keys.padding},
	{handshake, &in.link.client.reserved[0]},
	{handshake, &in.link.server.reserved[3]},
	{sockopt, &in.sockopt.padding},
	{charge, &in.holder.padding},
	{drs, &in.drs.padding},
	{classify, &in.target.flags},
	{lint, &in.lint.padding},
	{lint, &in.lint.flags},
	{lint, &in.rules.padding},
	{plan, &in.plan.flags},
	{plan, &in.plan.current.reserved[1]},
	{plan, &in.class.padding},
	{explain, &in.end.known},
	{census, &in.census.padding},
	{census, &in.census.by},
};

START_TEST(must_be_zero)
{
	const uint32_t bit = UINT32_C(1) << 31;

	fill();
	ck_assert_int_eq(reserved[_i].call(), 0);
	fill();
	memcpy(reserved[_i].word, &bit, sizeof(bit));
	ck_assert_int_eq(reserved[_i].call(), -EINVAL);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("reserved");
	TCase *t = tcase_create("all");

	tcase_add_loop_test(t, must_be_zero, 0, sizeof(reserved) / sizeof(reserved[0]));
	suite_add_tcase(s, t);
	return run_suite(s);
}
