/* SPDX-License-Identifier: MIT */
/* A deleted namespace whose senders still have unsent data: nothing leads there, and the census names it. */
#include <tcpbuf/tcpbuf.h>

#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "check_main.h"
#include "scene.h"

#define CLIENTS 6

static struct tcpbuf_census_node take(struct tcpbuf *tb)
{
	struct tcpbuf_census *c = scene_take(tb, NULL);
	struct tcpbuf_census_node n;

	ck_assert_int_eq(tcpbuf_census_node(c, &n, sizeof(n)), 0);
	tcpbuf_census_free(c);
	return n;
}

START_TEST(a_deleted_namespace_is_named)
{
	/* In this order: the one that is forked later would keep the other's namespace open. */
	struct scratch receiver = scratch_start(), sender = scratch_start();
	struct pair pairs[CLIENTS];
	struct tcpbuf_census_node n = {0};
	int64_t sum = 0;
	struct tcpbuf *tb;

	ck_assert_int_eq(tcpbuf_new(&tb), 0);
	scene_cable(&sender, &receiver);
	for (int i = 0; i < CLIENTS; i++) {
		pairs[i] = scene_across(&sender, &receiver, 4 << 20);
		scene_fill(pairs[i].client);
	}
	for (int i = 0; i < CLIENTS; i++)
		sum += scene_held(pairs[i].client);
	for (int i = 0; i < CLIENTS; i++)
		close(pairs[i].client);
	scratch_stop(&sender);
	for (int tries = 0; tries < 300; tries++) {
		n = take(tb);
		/* While other memory moves, the bar is wider than what is looked for. */
		if (n.unreachable_sockets >= CLIENTS && (int64_t)n.error_bar_bytes < sum &&
			llabs(n.unreachable_bytes - sum) <= (int64_t)n.error_bar_bytes)
			break;
		poll(NULL, 0, 10);
	}
	ck_assert_uint_ge(n.unreachable_sockets, CLIENTS);
	ck_assert_int_lt((int64_t)n.error_bar_bytes, sum);
	ck_assert_int_gt(n.unreachable_bytes, 0);
	ck_assert_int_le(llabs(n.unreachable_bytes - sum), (int64_t)n.error_bar_bytes);
	for (int i = 0; i < CLIENTS; i++) {
		close(pairs[i].server);
		close(pairs[i].listener);
	}
	scratch_stop(&receiver);
	tcpbuf_free(tb);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("census_unreachable");
	TCase *tc = tcase_create("census_unreachable");

	/* The sum is the whole node's: a user namespace would not see the rest. */
	if (!scene_can_cable())
		skip_all("needs root, nsenter and ip");
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, a_deleted_namespace_is_named);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
