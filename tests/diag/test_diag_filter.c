/* SPDX-License-Identifier: MIT */
/* A filter's answer from the kernel is what picking from the full dump gives; what no socket could pass is refused. */
#include <tcpbuf/netns.h>

#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <string.h>
#include <time.h>

#include "base/base.h"
#include "check_main.h"
#include "diag/diag.h"
#include "population.h"

#define ROOM 256

static uint64_t seed;

/* A kernel that does not know the request for both families at once. */
static ssize_t send_without_both(int fd, const void *buf, size_t size)
{
	uint32_t copy[128];
	struct nlmsghdr *msg = (struct nlmsghdr *)(void *)copy;

	ck_assert_uint_le(size, sizeof(copy));
	memcpy(copy, buf, size);
	if (msg->nlmsg_type == TCPDIAG_GETSOCK)
		msg->nlmsg_type = 0x7fff;
	return tcpbuf__sys_kernel.send(fd, copy, size);
}

/* Knuth, MMIX. */
static uint32_t roll(uint32_t sides)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(seed >> 33) % sides;
}

static int list(const struct tcpbuf_sock_query *query, struct tcpbuf_sock *out)
{
	struct tcpbuf_sock_iter *it;
	int got, have = 0, err = tcpbuf_sock_iter_open(ns, query, &it);

	ck_assert_msg(err == 0, "%s", tcpbuf_error_text(tb));
	while ((got = tcpbuf_sock_iter_fetch(it, out + have, sizeof(*out), (uint32_t)(ROOM - have))) > 0)
		have += got;
	ck_assert_msg(got == 0, "%s", tcpbuf_error_text(tb));
	tcpbuf_sock_iter_close(it);
	return have;
}

static int in_prefix(uint32_t prefix, const uint8_t *wanted, const uint8_t *address)
{
	for (uint32_t bit = 0; bit < prefix; bit++)
		if ((wanted[bit / 8] ^ address[bit / 8]) & 0x80 >> bit % 8)
			return 0;
	return 1;
}

static int in_ports(uint32_t min, uint32_t max, uint32_t port)
{
	return (!min && !max) || (port >= min && port <= max);
}

static int in_states(uint32_t states, const struct tcpbuf_sock *s)
{
	/* Asked for by a bit, shown by another state. */
	if (s->state == TCPBUF_SOCK_CLOSE)
		return (states & 1u << TCPBUF_SOCK_BOUND_INACTIVE) != 0;
	if (s->state == TCPBUF_SOCK_SYN_RECV && states & 1u << TCPBUF_SOCK_NEW_SYN_RECV)
		return 1;
	return (states & 1u << s->state) != 0;
}

/* What a query means, said once more and without the kernel. */
static int passes(const struct tcpbuf_sock_query *q, const struct tcpbuf_sock *s)
{
	return in_states(q->states, s) && (!q->ifindex || q->ifindex == s->ifindex) &&
		in_ports(q->local_port_min, q->local_port_max, s->local_port) &&
		in_ports(q->remote_port_min, q->remote_port_max, s->remote_port) &&
		(!q->local_family ||
			(q->local_family == s->family &&
				in_prefix(q->local_prefix, q->local_address, s->local_address))) &&
		(!q->remote_family ||
			(q->remote_family == s->family &&
				in_prefix(q->remote_prefix, q->remote_address, s->remote_address))) &&
		(s->mark & q->mark_mask) == q->mark && (!q->cgroup_id || q->cgroup_id == s->cgroup_id);
}

static void roll_ports(uint32_t port, uint32_t *min, uint32_t *max)
{
	*min = port - roll(port > 3000 ? 3000 : port + 1);
	*max = port + roll(3000);
	if (roll(3) == 0)
		*min = *max = port;
	if (*max > 65535)
		*max = 65535;
}

static void roll_address(uint32_t family, const uint8_t *from, uint32_t *prefix, uint8_t *to)
{
	*prefix = roll(family == 2 ? 33 : 129);
	if (roll(3) == 0)
		*prefix = family == 2 ? 32 : 128;
	memcpy(to, from, family == 2 ? 4 : 16);
	/* Bits beyond the prefix do not count, and those before it sometimes miss. */
	if (roll(3) == 0)
		to[roll(family == 2 ? 4 : 16)] ^= (uint8_t)(1 << roll(8));
}

/* Each condition one time in three or so, close to what some sockets have. */
static struct tcpbuf_sock_query roll_query(const struct tcpbuf_sock *all, int count)
{
	struct tcpbuf_sock_query q = {.size = sizeof(q), .states = ~0u, .want = 1 + roll(3)};
	const struct tcpbuf_sock *like = &all[roll((uint32_t)count)], *other = &all[roll((uint32_t)count)];

	if (roll(2))
		q.states = (1u << like->state | roll(0x4000)) & ~1u;
	if (roll(4) == 0)
		roll_ports(like->local_port, &q.local_port_min, &q.local_port_max);
	if (roll(4) == 0)
		roll_ports(like->remote_port, &q.remote_port_min, &q.remote_port_max);
	if (roll(3) == 0)
		roll_address(q.local_family = like->family, like->local_address, &q.local_prefix, q.local_address);
	if (roll(4) == 0)
		roll_address(q.remote_family = like->family, like->remote_address, &q.remote_prefix, q.remote_address);
	if (roll(5) == 0) {
		q.mark_mask = roll(2) ? ~0u : roll(0x200);
		q.mark = (roll(2) ? like : other)->mark & q.mark_mask;
	}
	if (roll(6) == 0)
		q.ifindex = 1;
	if (roll(6) == 0)
		q.cgroup_id = (roll(2) ? like : other)->cgroup_id;
	return q;
}

static int has_cookie(const struct tcpbuf_sock *socks, int count, uint64_t cookie)
{
	for (int i = 0; i < count; i++)
		if (socks[i].cookie == cookie)
			return 1;
	return 0;
}

/* How many of all pass, or -1 when the kernel's answer is another. */
static int same_answer(const struct tcpbuf_sock_query *q, const struct tcpbuf_sock *all, int count)
{
	struct tcpbuf_sock got[ROOM];
	int have = list(q, got), expected = 0;

	for (int i = 0; i < count; i++) {
		if (!passes(q, &all[i]))
			continue;
		expected++;
		if (!has_cookie(got, have, all[i].cookie))
			return -1;
	}
	return have == expected ? expected : -1;
}

static void say(const struct tcpbuf_sock_query *q)
{
	const unsigned char *bytes = (const unsigned char *)q;

	for (size_t i = 0; i < sizeof(*q); i++)
		printf("%s%02x", i % 16 ? " " : "\n", bytes[i]);
	printf("\n");
}

static void agree(int filters)
{
	const struct tcpbuf_sock_query everything = {.size = sizeof(everything), .states = ~0u};
	struct tcpbuf_sock all[ROOM];
	int count = list(&everything, all), picky = 0;

	seed = (uint64_t)time(NULL);
	printf("seed %llu, %d sockets\n", (unsigned long long)seed, count);
	for (int i = 0; i < filters; i++) {
		struct tcpbuf_sock_query q = roll_query(all, count);
		int passed = same_answer(&q, all, count);

		/* A TIME_WAIT or a SYN may have ended since. */
		for (int again = 0; passed < 0 && again < 3; again++) {
			count = list(&everything, all);
			passed = same_answer(&q, all, count);
		}
		if (passed < 0)
			say(&q);
		ck_assert_msg(passed >= 0, "filter %d differs", i);
		picky += passed > 0 && passed < count;
	}
	printf("%d of %d filters let some pass and not all\n", picky, filters);
	ck_assert_int_gt(picky, filters / 3);
}

START_TEST(random_filters_agree_with_the_full_dump)
{
	agree(2000);
}
END_TEST

START_TEST(they_do_family_by_family_too)
{
	people_sys.send = send_without_both;
	agree(200);
}
END_TEST

static uint32_t states_of(const struct tcpbuf_sock *all, int count)
{
	uint32_t states = 0;

	for (int i = 0; i < count; i++)
		states |= 1u << all[i].state;
	return states;
}

START_TEST(the_population_is_mixed)
{
	const struct tcpbuf_sock_query everything = {.size = sizeof(everything), .states = ~0u};
	struct tcpbuf_sock all[ROOM];
	int count = list(&everything, all);
	uint32_t states = states_of(all, count), mapped = 0, marks = 0, bound = 0;

	for (int i = 0; i < count; i++) {
		mapped += all[i].family != all[i].socket_family;
		marks += all[i].mark != 0;
		bound += all[i].ifindex == 1;
	}
	for (int state = TCPBUF_SOCK_ESTABLISHED; state <= TCPBUF_SOCK_LISTEN; state++)
		if (state != TCPBUF_SOCK_CLOSE && state != TCPBUF_SOCK_LAST_ACK)
			ck_assert_msg(states & 1u << state, "no %s", tcpbuf_sock_state_name((uint32_t)state));
	ck_assert_uint_gt(mapped, 10);
	ck_assert_uint_gt(bound, 4);
	ck_assert_uint_gt(marks, 8);
}
END_TEST

START_TEST(bound_sockets_only_when_asked_for)
{
	const struct tcpbuf_sock_query bound = {.size = sizeof(bound), .states = 1u << TCPBUF_SOCK_BOUND_INACTIVE};
	struct tcpbuf_sock got[ROOM];
	int count = list(NULL, got);

	ck_assert(!(states_of(got, count) & 1u << TCPBUF_SOCK_CLOSE));
	count = list(&bound, got);
	/* Linux 6.8 */
	ck_assert(count == 5 || count == 0);
	ck_assert(!(states_of(got, count) & ~(1u << TCPBUF_SOCK_CLOSE)));
}
END_TEST

/* What an empty query becomes with one change. */
static uint32_t compile(const struct tcpbuf_sock_query *q, uint32_t *code)
{
	struct tcpbuf_sock_query complete = *q;

	ck_assert_ptr_null(tcpbuf__diag_complete(&complete));
	return tcpbuf__diag_filter(&complete, code);
}

START_TEST(a_filter_is_as_short_as_it_can_be)
{
	uint32_t code[TCPBUF__FILTER_SIZE / 4];
	const struct tcpbuf_sock_query all = {.size = sizeof(all)}, state = {.size = sizeof(state), .states = 2};
	const struct tcpbuf_sock_query port = {.size = sizeof(port), .local_port_min = 443, .local_port_max = 443};
	const struct tcpbuf_sock_query high = {.size = sizeof(high), .remote_port_min = 1024, .remote_port_max = 65535};
	static const struct inet_diag_bc_op is_443[] = {
		{INET_DIAG_BC_S_GE, 8, 20}, {0, 0, 443}, {INET_DIAG_BC_S_LE, 8, 12}, {0, 0, 443}};
	static const struct inet_diag_bc_op is_high[] = {{INET_DIAG_BC_D_GE, 8, 12}, {0, 0, 1024}};

	ck_assert_uint_eq(compile(&all, code), 0);
	ck_assert_uint_eq(compile(&state, code), 0);
	ck_assert_uint_eq(compile(&port, code), sizeof(is_443));
	ck_assert_mem_eq(code, is_443, sizeof(is_443));
	ck_assert_uint_eq(compile(&high, code), sizeof(is_high));
	ck_assert_mem_eq(code, is_high, sizeof(is_high));
}
END_TEST

START_TEST(the_longest_filter_has_room)
{
	uint32_t code[TCPBUF__FILTER_SIZE / 4];
	struct tcpbuf_sock_query q = {.size = sizeof(q), .ifindex = 1, .local_port_min = 1, .local_port_max = 2,
		.remote_port_min = 1, .remote_port_max = 2, .local_family = 10, .remote_family = 10, .mark_mask = 1,
		.cgroup_id = 1};

	ck_assert_uint_le(compile(&q, code), TCPBUF__FILTER_SIZE);
	q.local_family = q.remote_family = 2;
	ck_assert_uint_le(compile(&q, code), TCPBUF__FILTER_SIZE);
}
END_TEST

static const struct {
	struct tcpbuf_sock_query query;
	const char *cause;
} refused[] = {
	{{.states = 1}, "no known state"},
	{{.states = 1u << 20}, "no known state"},
	{{.want = 1u << 30}, "what this library does not know"},
	{{.ifindex = 1u << 31}, "ifindex"},
	{{.local_port_min = 80}, "begins above its end"},
	{{.local_port_max = 65536}, "above 65535"},
	{{.remote_port_min = 2, .remote_port_max = 1}, "begins above its end"},
	{{.local_family = 1}, "neither 2 (IPv4) nor 10 (IPv6)"},
	{{.local_prefix = 8}, "no family"},
	{{.remote_address = {1}}, "no family"},
	{{.local_family = 2, .local_prefix = 33}, "longer than its address"},
	{{.remote_family = 10, .remote_prefix = 129}, "longer than its address"},
	{{.local_family = 2, .remote_family = 10}, "one end in IPv4"},
	{{.mark = 1}, "outside mark_mask"},
	{{.mark = 4, .mark_mask = 3}, "outside mark_mask"},
};

START_TEST(what_no_socket_could_pass_is_refused)
{
	struct tcpbuf_sock_query query = refused[_i].query;
	struct tcpbuf_sock_iter *it;

	query.size = sizeof(query);
	ck_assert_int_eq(tcpbuf_sock_iter_open(ns, &query, &it), -EINVAL);
	ck_assert_ptr_null(it);
	ck_assert_msg(strstr(tcpbuf_error_text(tb), refused[_i].cause) != NULL, "%s", tcpbuf_error_text(tb));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("diag");
	TCase *filters = tcase_create("filter"), *queries = tcase_create("query");

	scratch_rights();
	tcase_set_timeout(filters, 100);
	tcase_add_checked_fixture(filters, people_setup, people_teardown);
	tcase_add_test(filters, the_population_is_mixed);
	tcase_add_test(filters, random_filters_agree_with_the_full_dump);
	tcase_add_test(filters, they_do_family_by_family_too);
	tcase_add_test(filters, bound_sockets_only_when_asked_for);
	suite_add_tcase(suite, filters);
	tcase_add_checked_fixture(queries, self_setup, self_teardown);
	tcase_add_test(queries, a_filter_is_as_short_as_it_can_be);
	tcase_add_test(queries, the_longest_filter_has_room);
	tcase_add_loop_test(queries, what_no_socket_could_pass_is_refused, 0, sizeof(refused) / sizeof(refused[0]));
	suite_add_tcase(suite, queries);
	return run_suite(suite);
}
