/* SPDX-License-Identifier: MIT */
/*
 * Memory pressure for real: entered and left, as flag, counters, verdicts and the model say. tcp_mem is the
 * machine's own, so this runs in a guest only: tests/kernels/run 7 -- PROGRAM
 */
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <tcpbuf/tcpbuf.h>

#include "check_main.h"
#include "line.h"

#define MAX_PAIRS 400
#define MEM "2000 3000 6000"

static struct tcpbuf *tb;
static struct pair pairs[MAX_PAIRS];
static int pair_count;

static struct tcpbuf_node read_node(void)
{
	struct tcpbuf_node node;

	ck_assert_int_eq(tcpbuf_node_read(tb, &node, sizeof(node)), 0);
	ck_assert_uint_ne(node.valid & TCPBUF_NODE_HAS_PRESSURE, 0);
	return node;
}

static uint64_t count_of(struct tcpbuf_netns *ns, uint32_t event)
{
	struct tcpbuf_node_events events;

	ck_assert_int_eq(tcpbuf_node_read_events(ns, &events, sizeof(events)), 0);
	return events.count[event];
}

static int has_verdict(const struct tcpbuf_verdict *verdicts, int count, uint32_t code)
{
	for (int i = 0; i < count; i++)
		if (verdicts[i].code == code)
			return 1;
	return 0;
}

static int node_is(uint32_t code)
{
	struct tcpbuf_verdict verdicts[16];
	struct tcpbuf_census_node node;
	struct tcpbuf_census *c;
	int count;

	ck_assert_int_eq(tcpbuf_census_take(tb, NULL, &c), 0);
	ck_assert_int_eq(tcpbuf_census_node(c, &node, sizeof(node)), 0);
	tcpbuf_census_free(c);
	count = tcpbuf_explain_node(&node, sizeof(node), NULL, 0, 0, NULL, verdicts, sizeof(verdicts[0]), 16);
	ck_assert_int_ge(count, 1);
	return has_verdict(verdicts, count, code);
}

/* What the model of this kernel says of the node as it stands. */
static struct tcpbuf_model_share share_of(const struct tcpbuf_node *node)
{
	struct tcpbuf_model_node model = {.size = sizeof(model), .pressure = node->pressure,
		.allocated = (int64_t)node->used_pages, .sockets = (int64_t)node->sockets};
	struct tcpbuf_model_share share;
	struct tcpbuf_rules rules;
	struct utsname name;

	uname(&name);
	for (int i = 0; i < 3; i++)
		model.mem[i] = (int64_t)node->limit_pages[i];
	ck_assert_int_eq(tcpbuf_rules_named(name.release, &rules, sizeof(rules)), 0);
	ck_assert_int_eq(tcpbuf_model_share(&rules, &model, &share, sizeof(share)), 0);
	return share;
}

/* One more connection with all that its buffers take. */
static void fill_one(const struct scratch *s)
{
	static const char zeroes[65536];
	struct pair *p = &pairs[pair_count++];

	*p = scratch_pair(s, AF_INET, 0);
	while (send(p->client, zeroes, sizeof(zeroes), MSG_DONTWAIT | MSG_NOSIGNAL) > 0)
		;
}

static void fill_until_pressure(const struct scratch *s)
{
	while (pair_count < MAX_PAIRS && !read_node().pressure)
		fill_one(s);
	ck_assert_msg(read_node().pressure, "no pressure after %d connections", pair_count);
}

/* The receiver of a connection over the line that was sent a megabyte, and does not read. */
struct far {
	struct line line;
	struct tcpbuf_netns *ns;
	struct pair pair; /* the client sends */
};

static struct far far_start(void)
{
	static const struct line_options options = {500, 0, 1000};
	struct far f = {.line = line_start(&options)};

	f.pair = line_pair(&f.line, 0, 0);
	fcntl(f.pair.client, F_SETFL, O_NONBLOCK);
	ck_assert_int_eq(tcpbuf_netns_open_fd(tb, f.line.ends[1].fd, &f.ns), 0);
	return f;
}

static void far_stop(struct far *f)
{
	pair_close(&f->pair);
	tcpbuf_netns_close(f->ns);
	line_stop(&f->line);
}

static struct tcpbuf_sock sample(struct tcpbuf_netns *ns)
{
	struct tcpbuf_sock_query query = {.size = sizeof(query), .states = 1 << TCPBUF_SOCK_ESTABLISHED};
	struct tcpbuf_sock_iter *it;
	struct tcpbuf_sock sock;

	ck_assert_int_eq(tcpbuf_sock_iter_open(ns, &query, &it), 0);
	ck_assert_int_eq(tcpbuf_sock_iter_next(it, &sock, sizeof(sock)), 1);
	tcpbuf_sock_iter_close(it);
	return sock;
}

/* Does the receiver's end get the verdict within bounded tries, while the sender pushes? */
static int window_is_held_down(struct far *f)
{
	static const char zeroes[4096];
	struct tcpbuf_explain_end facts = {.size = sizeof(facts), .known = TCPBUF_EXPLAIN_KNOWS_PRESSURE};
	struct tcpbuf_verdict verdicts[16];
	int count = 0;

	for (int i = 0; i < 100 && !has_verdict(verdicts, count, TCPBUF_VERDICT_MEMORY_PRESSURE); i++) {
		struct tcpbuf_sock before = sample(f->ns), after;

		if (send(f->pair.client, zeroes, sizeof(zeroes), MSG_NOSIGNAL) < 0)
			break;
		usleep(20000);
		after = sample(f->ns);
		facts.pressure = read_node().pressure;
		count = tcpbuf_explain_socket(&before, &after, sizeof(after), 20000, &facts, NULL, NULL, NULL, verdicts,
			sizeof(verdicts[0]), 16);
		ck_assert_int_ge(count, 0);
	}
	return has_verdict(verdicts, count, TCPBUF_VERDICT_MEMORY_PRESSURE);
}

/* Pressure ends at the next charge or release below tcp_mem's first number. */
static void drain(const struct scratch *s)
{
	while (pair_count)
		pair_close(&pairs[--pair_count]);
	for (int i = 0; i < 200 && read_node().pressure; i++) {
		fill_one(s);
		pair_close(&pairs[--pair_count]);
		usleep(20000);
	}
}

START_TEST(pressure_begins_and_ends)
{
	struct scratch s = scratch_start();
	struct tcpbuf_netns *self, *ns;
	struct tcpbuf_model_share share;
	struct tcpbuf_node node;
	struct far far;
	uint64_t begun, lasted;

	ck_assert_int_eq(tcpbuf_new(&tb), 0);
	ck_assert_int_eq(tcpbuf_netns_open_self(tb, &self), 0);
	ck_assert_int_eq(tcpbuf_netns_open_fd(tb, s.fd, &ns), 0);
	ck_assert_int_eq(tcpbuf_sysctl_set(self, TCPBUF_KEY_TCP_MEM, MEM, NULL, 0), 0);
	far = far_start();
	ck_assert_int_eq(window_is_held_down(&far), 0);
	ck_assert_int_eq(node_is(TCPBUF_VERDICT_NODE_FINE), 1);
	far_stop(&far);
	begun = count_of(ns, TCPBUF_NODE_EVENT_MEMORY_PRESSURES);
	lasted = count_of(ns, TCPBUF_NODE_EVENT_MEMORY_PRESSURES_MS);

	fill_until_pressure(&s);
	node = read_node();
	share = share_of(&node);
	printf("pressure after %d connections: %llu pages used, model: level %u, each socket up to %lld bytes\n",
		pair_count, (unsigned long long)node.used_pages, share.level, (long long)share.socket_bytes);
	ck_assert_uint_eq(share.pressure, 1);
	ck_assert_uint_ge(node.used_pages + node.error_pages, node.limit_pages[1]);
	ck_assert_uint_eq(count_of(ns, TCPBUF_NODE_EVENT_MEMORY_PRESSURES), begun + 1);
	ck_assert_int_eq(node_is(TCPBUF_VERDICT_NODE_PRESSURE), 1);
	far = far_start();
	ck_assert_int_eq(window_is_held_down(&far), 1);
	far_stop(&far);

	drain(&s);
	node = read_node();
	ck_assert_uint_eq(node.pressure, 0);
	ck_assert_uint_eq(share_of(&node).pressure, 0);
	ck_assert_uint_gt(count_of(ns, TCPBUF_NODE_EVENT_MEMORY_PRESSURES_MS), lasted);
	ck_assert_int_eq(node_is(TCPBUF_VERDICT_NODE_FINE), 1);
	tcpbuf_netns_close(ns);
	tcpbuf_netns_close(self);
	tcpbuf_free(tb);
	scratch_stop(&s);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("pressure");
	TCase *tcase = tcase_create("guest");

	if (!getenv("TCPBUF_TEST_OWN_KERNEL"))
		skip_all("needs a guest: it sets net.ipv4.tcp_mem");
	tcase_add_test(tcase, pressure_begins_and_ends);
	tcase_set_timeout(tcase, 200);
	suite_add_tcase(suite, tcase);
	return run_suite(suite);
}
