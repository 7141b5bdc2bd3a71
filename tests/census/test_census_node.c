/* SPDX-License-Identifier: MIT */
/*
 * The node's counter against what is seen, by what it moves: it counts other containers' memory too, and what is left
 * of an earlier test.
 */
#include <tcpbuf/tcpbuf.h>

#include <poll.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "check_main.h"
#include "scene.h"

#define CLIENTS 16
#define CLIENTS_MAX 256
#define SNDBUF (4 << 20)
#define CLIENT (2 * SNDBUF) /* bytes that one holds: the kernel doubles what is asked for */
#define BARS 3              /* of censuses are below what is looked for */
#define SECONDS 120

static struct tcpbuf *tb;
static time_t end;
static int clients;
static struct pair pairs[CLIENTS_MAX];

/* A quarter of what the node has before it reclaims, that it shows beside others' movement; above the bar anyway. */
static int enough(void)
{
	struct tcpbuf_node n;
	uint64_t least, count;

	ck_assert_int_eq(tcpbuf_node_read(tb, &n, sizeof(n)), 0);
	least = 1 + BARS * n.error_bytes / CLIENT;
	count = n.limit_bytes[0] / 4 / CLIENT;
	count = count > CLIENTS ? CLIENTS : count;
	count = count < least ? least : count;
	return count < CLIENTS_MAX ? (int)count : CLIENTS_MAX;
}

static void setup(void)
{
	end = time(NULL) + SECONDS;
	ck_assert_int_eq(tcpbuf_new(&tb), 0);
	clients = enough();
}

static void teardown(void)
{
	tcpbuf_free(tb);
}

static void start(const struct scratch *sender, const struct scratch *receiver)
{
	scene_cable(sender, receiver);
	for (int i = 0; i < clients; i++) {
		pairs[i] = scene_across(sender, receiver, SNDBUF);
		scene_fill(pairs[i].client);
	}
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

static void close_clients(void)
{
	for (int i = 0; i < clients; i++)
		close(pairs[i].client);
}

static void close_servers(void)
{
	for (int i = 0; i < clients; i++) {
		close(pairs[i].server);
		close(pairs[i].listener);
	}
}

/* A census while others move little: the bar is far below the sum. */
static struct tcpbuf_census_node take(int64_t sum)
{
	struct tcpbuf_census_node n;

	do {
		struct tcpbuf_census *c = scene_take(tb, NULL);

		ck_assert_int_eq(tcpbuf_census_node(c, &n, sizeof(n)), 0);
		tcpbuf_census_free(c);
	} while ((int64_t)n.error_bar_bytes * BARS > sum && time(NULL) < end);
	return n;
}

/* Counted by the node and seen nowhere. */
static int64_t beyond(const struct tcpbuf_census_node *n)
{
	return (int64_t)n->used_bytes - n->attributed_bytes - n->unaccepted_bytes - n->orphaned_bytes;
}

/* Does one census lack what the other one sees, and count? Each may be off by its bar. */
static int is_beyond(const struct tcpbuf_census_node *with, const struct tcpbuf_census_node *without, int64_t sum,
	int64_t expected)
{
	int64_t bars = (int64_t)(with->error_bar_bytes + without->error_bar_bytes);
	int64_t bytes = beyond(with) - beyond(without);

	printf("seen nowhere: %lld bytes more, should be %lld, error bars %lld\n", (long long)bytes,
		(long long)expected, (long long)bars);
	return bars < sum && llabs(bytes - expected) <= bars;
}

/* The node's count falls by what is no longer seen. */
static int is_counted(void)
{
	struct scratch receiver = scratch_start(), sender = scratch_start();
	struct tcpbuf_census_node with, without;
	int64_t sum;

	start(&sender, &receiver);
	sum = settled();
	with = take(sum);
	close_servers();
	close_clients();
	without = take(sum);
	scratch_stop(&sender);
	scratch_stop(&receiver);
	return with.attributed_bytes >= sum && is_beyond(&with, &without, sum, 0);
}

START_TEST(the_node_counts_what_is_seen)
{
	int counted = 0;

	while (!counted && time(NULL) < end)
		counted = is_counted();
	ck_assert_msg(counted, "never equal, or no quiet moment in %d s", SECONDS);
}
END_TEST

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
	close_clients();
	scratch_stop(&sender);
	deleted = take(sum);
	close_servers();
	for (int tries = 0; tries < 50 && !named && time(NULL) < end; tries++) {
		poll(NULL, 0, 10);
		ended = take(sum);
		named = deleted.unreachable_sockets >= ended.unreachable_sockets + (uint64_t)clients &&
			deleted.unreachable_bytes == beyond(&deleted) && is_beyond(&deleted, &ended, sum, sum);
	}
	scratch_stop(&receiver);
	return named;
}

START_TEST(a_deleted_namespace_is_named)
{
	int named = 0;

	while (!named && time(NULL) < end)
		named = is_named();
	ck_assert_msg(named, "never named, or no quiet moment in %d s", SECONDS);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("census_node");
	TCase *tc = tcase_create("census_node");

	/* The sum is the whole node's: a user namespace would not see the rest. */
	if (!scene_can_cable())
		skip_all("needs root, nsenter and ip");
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 2 * SECONDS);
	tcase_add_test(tc, the_node_counts_what_is_seen);
	tcase_add_test(tc, a_deleted_namespace_is_named);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
