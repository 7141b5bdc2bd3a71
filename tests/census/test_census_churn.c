/* SPDX-License-Identifier: MIT */
/* Censuses while namespaces, processes and sockets come and go: what stays is in each of them, once. */
#include <tcpbuf/tcpbuf.h>

#include <time.h>
#include <unistd.h>

#include "base/base.h"
#include "check_main.h"
#include "churn.h"
#include "fault.h"
#include "scene.h"

#define STABLE 6
#define SECONDS 20
#define MADE 4000 /* rounds of a churner at most */
#define ALL_AXES 31u

static struct scratch stable[STABLE];
static struct pair pairs[STABLE];
static struct churn churn;

static void check_stable(const struct tcpbuf_census *c)
{
	struct tcpbuf_census_holder h;
	uint64_t mine = 0, ranked = 0;

	for (int i = 0; i < STABLE; i++) {
		h = scene_of_netns(c, &stable[i]);
		ck_assert_uint_eq(h.sockets, 3);
		ck_assert_uint_eq(h.states[TCPBUF_SOCK_ESTABLISHED], 2);
		ck_assert_uint_eq(h.states[TCPBUF_SOCK_LISTEN], 1);
		for (uint32_t at = 0; tcpbuf_census_at(c, TCPBUF_CENSUS_BY_SOCKET, at, &h, sizeof(h)) == 1; at++)
			ranked += h.netns_inode == scene_of_netns(c, &stable[i]).netns_inode;
	}
	ck_assert_uint_eq(ranked, 3 * STABLE);
	for (uint32_t at = 0; tcpbuf_census_at(c, TCPBUF_CENSUS_BY_PROCESS, at, &h, sizeof(h)) == 1; at++)
		mine += h.pid == (uint32_t)getpid() ? h.sockets : 0;
	ck_assert_uint_eq(mine, 3 * STABLE);
}

/* Nothing of what ended meanwhile is an error, and what could not be seen is said. */
static void take(struct tcpbuf *tb, uint32_t threads)
{
	struct tcpbuf_census_query q = {.size = sizeof(q), .by = ALL_AXES, .threads = threads, .top = 1u << 16};
	struct tcpbuf_census_node n;
	struct tcpbuf_census *c;

	ck_assert_msg(tcpbuf_census_take(tb, &q, &c) == 0, "%s", tcpbuf_error_text(tb));
	ck_assert_int_eq(tcpbuf_census_node(c, &n, sizeof(n)), 0);
	if (n.partial)
		ck_assert_str_ne(tcpbuf_census_lacks(c), "");
	scene_check_axes(c);
	check_stable(c);
	tcpbuf_census_free(c);
}

static void setup(void)
{
	for (int i = 0; i < STABLE; i++)
		stable[i] = scratch_start();
}

static void teardown(void)
{
	for (int i = 0; i < STABLE; i++) {
		pair_close(&pairs[i]);
		scratch_stop(&stable[i]);
	}
	churn_stop(&churn);
}

START_TEST(what_stays_is_never_missing)
{
	struct tcpbuf *counted, *plain;
	time_t end = time(NULL) + SECONDS;
	int blocks, open_fds, before, after, censuses = 0;

	churn_start(&churn, MADE);
	/* Not before: the churners must not inherit these. */
	for (int i = 0; i < STABLE; i++)
		pairs[i] = scratch_pair(&stable[i], i % 2 ? AF_INET6 : AF_INET, 0);
	ck_assert_int_eq(tcpbuf__new_with(&fault_sys, &counted), 0);
	ck_assert_int_eq(tcpbuf_new(&plain), 0);
	blocks = fault.blocks;
	open_fds = fault.open_fds;
	before = dup(0);
	close(before);
	for (; time(NULL) < end; censuses += 2) {
		take(counted, 0);
		ck_assert_int_eq(fault.blocks, blocks);
		ck_assert_int_eq(fault.open_fds, open_fds);
		take(plain, 3);
		after = dup(0);
		close(after);
		ck_assert_int_eq(after, before);
	}
	printf("%d censuses, %u namespaces and %u sockets that came and went\n", censuses, churn.made->netns,
		churn.made->sockets);
	ck_assert_uint_gt(churn.made->netns, STABLE);
	ck_assert_uint_gt(churn.made->sockets, STABLE);
	tcpbuf_free(counted);
	tcpbuf_free(plain);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("census_churn");
	TCase *tc = tcase_create("census_churn");

	scratch_rights();
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 100);
	tcase_add_test(tc, what_stays_is_never_missing);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
