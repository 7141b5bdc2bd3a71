/* SPDX-License-Identifier: MIT */
/* A deleted namespace whose senders still have unsent data: nothing leads there, and the census names it. */
#include <tcpbuf/tcpbuf.h>

#include <poll.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "check_main.h"
#include "scene.h"

#define CLIENTS_MAX 256
#define SNDBUF (4 << 20) /* the kernel doubles it */
#define SECONDS 100

static struct tcpbuf *tb;
static time_t end;
static int clients;
static struct pair pairs[CLIENTS_MAX];

/* Their memory must show beside what each CPU counts by itself, in two censuses. */
static int enough(void)
{
	struct tcpbuf_node n;
	uint64_t count;

	ck_assert_int_eq(tcpbuf_node_read(tb, &n, sizeof(n)), 0);
	count = 6 + n.error_bytes / SNDBUF;
	return count < CLIENTS_MAX ? (int)count : CLIENTS_MAX;
}

/* The clients' memory, once it has stayed the same: the servers take their part a moment after it was sent. */
static int64_t settled(void)
{
	int64_t sum = 0, last = -1;

	for (int same = 0; same < 5 && time(NULL) < end; last = sum) {
		sum = 0;
		for (int i = 0; i < clients; i++)
			sum += scene_held(pairs[i].client);
		same = sum == last ? same + 1 : 0;
		poll(NULL, 0, 10);
	}
	return sum;
}

/* A census while others move little. */
static struct tcpbuf_census_node take(int64_t sum)
{
	struct tcpbuf_census_node n;

	do {
		struct tcpbuf_census *c = scene_take(tb, NULL);

		ck_assert_int_eq(tcpbuf_census_node(c, &n, sizeof(n)), 0);
		tcpbuf_census_free(c);
	} while ((int64_t)n.error_bar_bytes * 3 > sum && time(NULL) < end);
	return n;
}

/* Counted by the node and seen nowhere. */
static int64_t beyond(const struct tcpbuf_census_node *n)
{
	return (int64_t)n->used_bytes - n->attributed_bytes - n->unaccepted_bytes - n->orphaned_bytes;
}

/*
 * Are clients with that sum in one census, and not in the other? Each may be off by its bar; what other
 * containers hold, and what is left of an earlier test, is in both.
 */
static int is_gone(const struct tcpbuf_census_node *with, const struct tcpbuf_census_node *without, int64_t sum)
{
	int64_t bars = (int64_t)(with->error_bar_bytes + without->error_bar_bytes);
	int64_t sockets = (int64_t)(with->unreachable_sockets - without->unreachable_sockets);
	int64_t bytes = beyond(with) - beyond(without);

	printf("%lld sockets and %lld bytes of %lld, error bars %lld; at last %lld\n", (long long)sockets,
		(long long)bytes, (long long)sum, (long long)bars, (long long)beyond(without));
	return sockets >= clients && with->unreachable_bytes == beyond(with) && bars < sum && llabs(bytes - sum) <= bars;
}

static void start(const struct scratch *sender, const struct scratch *receiver)
{
	scene_cable(sender, receiver);
	for (int i = 0; i < clients; i++) {
		pairs[i] = scene_across(sender, receiver, SNDBUF);
		scene_fill(pairs[i].client);
	}
}

/* Once deleted the senders are unreachable, until a reset by who did not read ends them. */
static int is_named(void)
{
	/* In this order: the one that is forked later would keep the other's namespace open. */
	struct scratch receiver = scratch_start(), sender = scratch_start();
	struct tcpbuf_census_node deleted, ended;
	int64_t sum;
	int named = 0;

	start(&sender, &receiver);
	sum = settled();
	for (int i = 0; i < clients; i++)
		close(pairs[i].client);
	scratch_stop(&sender);
	deleted = take(sum);
	for (int i = 0; i < clients; i++) {
		close(pairs[i].server);
		close(pairs[i].listener);
	}
	for (int tries = 0; tries < 50 && !named && time(NULL) < end; tries++) {
		poll(NULL, 0, 10);
		ended = take(sum);
		named = is_gone(&deleted, &ended, sum);
	}
	scratch_stop(&receiver);
	return named;
}

/* Memory of others moves the node's count: a disturbed look is taken again. */
START_TEST(a_deleted_namespace_is_named)
{
	int named = 0;

	end = time(NULL) + SECONDS;
	ck_assert_int_eq(tcpbuf_new(&tb), 0);
	clients = enough();
	while (!named && time(NULL) < end)
		named = is_named();
	ck_assert_msg(named, "no quiet moment in %d s, or never named", SECONDS);
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
	tcase_set_timeout(tc, 2 * SECONDS);
	tcase_add_test(tc, a_deleted_namespace_is_named);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
