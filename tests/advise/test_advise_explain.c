/* SPDX-License-Identifier: MIT */
/* Verdicts of records made by hand: what each rests on, and what is refused. */
#include <errno.h>
#include <string.h>

#include <tcpbuf/tcpbuf.h>

#include "check_main.h"

#define SECOND 1000000u

/* Two samples of each end of a connection that moves 10 MB in a second, limited by nothing. */
struct scene {
	struct tcpbuf_sock before[2], after[2];
	struct tcpbuf_explain_end facts[2];
};

static struct scene plain_scene(void)
{
	struct scene s;

	memset(&s, 0, sizeof(s));
	for (int i = 0; i < 2; i++) {
		struct tcpbuf_sock *sock = &s.before[i];

		sock->valid = (TCPBUF_SOCK_HAS_INFO_RTO << 1) - 1;
		sock->valid &= ~(uint64_t)TCPBUF_SOCK_HAS_LISTEN;
		sock->cookie = 7 + (uint64_t)i;
		sock->state = TCPBUF_SOCK_ESTABLISHED;
		sock->options = 7;
		sock->snd_wscale = sock->rcv_wscale = 7;
		sock->rcvbuf = 131072;
		sock->sndbuf = 2000000;
		sock->rcv_ssthresh = sock->rcv_wnd = sock->snd_wnd = 1000000;
		sock->rtt = 10000;
		sock->advmss = 1448;
		sock->snd_cwnd = 100;
		s.after[i] = *sock;
		s.facts[i].size = sizeof(s.facts[i]);
		s.facts[i].known = TCPBUF_EXPLAIN_KNOWS_SETTINGS;
		s.facts[i].rmem_max = 6291456;
		s.facts[i].wmem_max = 4194304;
		s.facts[i].moderate_rcvbuf = s.facts[i].window_scaling = 1;
	}
	s.after[0].busy_time = SECOND;
	s.after[0].bytes_acked = s.after[1].bytes_received = 10000000;
	return s;
}

static int explain(const struct scene *s, struct tcpbuf_verdict *out)
{
	return tcpbuf_explain_socket(&s->before[0], &s->after[0], sizeof(s->after[0]), SECOND, &s->facts[0],
		&s->before[1], &s->after[1], &s->facts[1], out, sizeof(*out), 12);
}

static int explain_receiver_alone(const struct scene *s, struct tcpbuf_verdict *out)
{
	return tcpbuf_explain_socket(&s->before[1], &s->after[1], sizeof(s->after[1]), SECOND, &s->facts[1], NULL,
		NULL, NULL, out, sizeof(*out), 12);
}

START_TEST(nothing_limits_a_plain_connection)
{
	struct tcpbuf_verdict out[12];
	struct scene s = plain_scene();

	ck_assert_int_eq(explain(&s, out), 0);
}
END_TEST

START_TEST(half_of_the_time_decides)
{
	struct tcpbuf_verdict out[12];
	struct scene s = plain_scene();

	s.after[0].rwnd_limited = SECOND * 49 / 100;
	ck_assert_int_eq(explain(&s, out), 0);
	s.after[0].rwnd_limited = SECOND / 2;
	ck_assert_int_eq(explain(&s, out), 2);
	/* The cause, then what its sender sees. */
	ck_assert_uint_eq(out[0].code, TCPBUF_VERDICT_RCVBUF_FIXED);
	ck_assert_uint_eq(out[0].end, 1);
	ck_assert_uint_eq(out[0].certainty, TCPBUF_CERTAINTY_INFERRED);
	ck_assert_uint_eq(out[1].code, TCPBUF_VERDICT_PEER_WINDOW);
	ck_assert_uint_eq(out[1].share, 5000);
	ck_assert_uint_eq(out[1].certainty, TCPBUF_CERTAINTY_MEASURED);
	ck_assert_str_eq(out[1].evidence,
		"the peer's window, 1000000 bytes now, was full in 50 % of the time with data to send");
}
END_TEST

START_TEST(lifetime_totals_do_not_count)
{
	struct tcpbuf_verdict out[12];
	struct scene s = plain_scene();

	s.before[0].busy_time = s.before[0].rwnd_limited = 100ull * SECOND;
	s.after[0].busy_time = 101ull * SECOND;
	s.after[0].rwnd_limited = 100ull * SECOND;
	ck_assert_int_eq(explain(&s, out), 0);
}
END_TEST

START_TEST(lock_bits_beat_inference)
{
	struct tcpbuf_verdict out[12];
	struct scene s = plain_scene();

	s.after[0].rwnd_limited = SECOND;
	s.facts[1].known |= TCPBUF_EXPLAIN_KNOWS_LOCK;
	ck_assert_int_eq(explain(&s, out), 1); /* not fixed, not at its maximum: the buffer is no cause */
	s.facts[1].lock = 2;
	ck_assert_int_eq(explain(&s, out), 2);
	ck_assert_uint_eq(out[0].code, TCPBUF_VERDICT_RCVBUF_FIXED);
	ck_assert_uint_eq(out[0].certainty, TCPBUF_CERTAINTY_MEASURED);
}
END_TEST

START_TEST(a_buffer_that_grows_is_not_fixed)
{
	struct tcpbuf_verdict out[12];
	struct scene s = plain_scene();

	s.after[0].rwnd_limited = SECOND;
	s.after[1].rcvbuf = 200000;
	ck_assert_int_eq(explain(&s, out), 1);
	s.after[1].rcvbuf = 6291456;
	ck_assert_int_eq(explain(&s, out), 2);
	ck_assert_uint_eq(out[0].code, TCPBUF_VERDICT_RCVBUF_MAX);
}
END_TEST

START_TEST(receiver_alone_needs_a_full_window_each_round_trip)
{
	struct tcpbuf_verdict out[12];
	struct scene s = plain_scene();

	s.after[1].rcvbuf = s.before[1].rcvbuf = 6291456;
	ck_assert_int_eq(explain_receiver_alone(&s, out), 0); /* 100,000 bytes a trip, of 1,000,000 */
	s.after[1].rcv_ssthresh = 133000;
	ck_assert_int_eq(explain_receiver_alone(&s, out), 1);
	ck_assert_uint_eq(out[0].code, TCPBUF_VERDICT_RCVBUF_MAX);
	ck_assert_uint_eq(out[0].end, 0);
}
END_TEST

START_TEST(zero_window_needs_both_samples_and_no_progress)
{
	struct tcpbuf_verdict out[12];
	struct scene s = plain_scene();

	s.after[0].snd_wnd = 0;
	s.after[0].send_q = s.before[0].send_q = 5000;
	ck_assert_int_eq(explain(&s, out), 0);
	s.before[0].snd_wnd = 0;
	ck_assert_int_eq(explain(&s, out), 0); /* data got through */
	s.after[0].bytes_acked = 0;
	s.after[0].probes = 3;
	ck_assert_int_eq(explain(&s, out), 1);
	ck_assert_uint_eq(out[0].code, TCPBUF_VERDICT_ZERO_WINDOW);
	ck_assert_str_eq(
		out[0].evidence, "the peer's window is 0 at both samples, 5000 bytes wait, 3 probes unanswered");
	/* A kernel before 5.4 does not say what the window is: 0 is then no closed window. */
	s.before[0].valid &= ~(uint64_t)TCPBUF_SOCK_HAS_INFO_SND_WND;
	ck_assert_int_eq(explain(&s, out), 0);
}
END_TEST

START_TEST(pressure_needs_the_flag_and_the_cut)
{
	struct tcpbuf_verdict out[12];
	struct scene s = plain_scene();

	s.facts[1].known |= TCPBUF_EXPLAIN_KNOWS_PRESSURE;
	s.facts[1].pressure = 1;
	ck_assert_int_eq(explain(&s, out), 0);
	s.after[1].rcv_ssthresh = 4 * 1448;
	ck_assert_int_eq(explain(&s, out), 1);
	ck_assert_uint_eq(out[0].code, TCPBUF_VERDICT_MEMORY_PRESSURE);
	s.facts[1].pressure = 0;
	ck_assert_int_eq(explain(&s, out), 0);
}
END_TEST

START_TEST(without_stop_watches_the_receiver_still_shows)
{
	struct tcpbuf_verdict out[12];
	struct scene s = plain_scene();

	for (int i = 0; i < 2; i++) {
		s.before[i].valid &= ~(uint64_t)(TCPBUF_SOCK_HAS_INFO_LIMITS | TCPBUF_SOCK_HAS_INFO_RCV_WND);
		s.after[i].valid = s.before[i].valid;
	}
	s.before[1].recv_q = s.after[1].recv_q = 40000;
	s.before[1].rmem_alloc = s.after[1].rmem_alloc = 70000;
	ck_assert_int_eq(explain(&s, out), 1);
	ck_assert_uint_eq(out[0].code, TCPBUF_VERDICT_READER_SLOW);
}
END_TEST

START_TEST(bad_input_is_refused)
{
	struct tcpbuf_verdict out[12];
	struct scene s = plain_scene();
	struct {
		struct tcpbuf_explain_end known;
		uint64_t more; /* without padding, which would be anything */
	} newer = {.known = s.facts[0], .more = 1};
	const struct tcpbuf_sock *b = &s.before[0], *a = &s.after[0];

	newer.known.size = sizeof(newer);
#define REFUSED(code, ...) ck_assert_int_eq(tcpbuf_explain_socket(__VA_ARGS__), code)
	REFUSED(-EINVAL, NULL, a, sizeof(*a), 1, NULL, NULL, NULL, NULL, out, sizeof(out[0]), 12);
	REFUSED(-EINVAL, b, NULL, sizeof(*a), 1, NULL, NULL, NULL, NULL, out, sizeof(out[0]), 12);
	REFUSED(-EINVAL, b, a, 4, 1, NULL, NULL, NULL, NULL, out, sizeof(out[0]), 12);
	REFUSED(-EINVAL, b, a, sizeof(*a), 0, NULL, NULL, NULL, NULL, out, sizeof(out[0]), 12);
	REFUSED(-EINVAL, b, a, sizeof(*a), 3600000001u, NULL, NULL, NULL, NULL, out, sizeof(out[0]), 12);
	REFUSED(-EINVAL, b, a, sizeof(*a), 1, NULL, b, NULL, NULL, out, sizeof(out[0]), 12);
	REFUSED(-EINVAL, b, a, sizeof(*a), 1, NULL, NULL, NULL, NULL, NULL, sizeof(out[0]), 12);
	REFUSED(-EINVAL, b, a, sizeof(*a), 1, NULL, NULL, NULL, NULL, out, 0, 12);
	REFUSED(-EINVAL, b, a, sizeof(*a), 1, NULL, NULL, NULL, NULL, out, sizeof(out[0]), 0);
	REFUSED(-EINVAL, b, &s.after[1], sizeof(*a), 1, NULL, NULL, NULL, NULL, out, sizeof(out[0]), 12);
	REFUSED(-E2BIG, b, a, sizeof(*a), 1, &newer.known, NULL, NULL, NULL, out, sizeof(out[0]), 12);
	newer.more = 0;
	REFUSED(0, b, a, sizeof(*a), SECOND, &newer.known, NULL, NULL, NULL, out, sizeof(out[0]), 12);
	s.after[0].valid &= ~(uint64_t)TCPBUF_SOCK_HAS_INFO;
	REFUSED(-ENODATA, b, a, sizeof(*a), 1, NULL, NULL, NULL, NULL, out, sizeof(out[0]), 12);
}
END_TEST

START_TEST(older_and_newer_callers_get_what_they_have_room_for)
{
	struct {
		struct tcpbuf_verdict known;
		uint64_t more;
	} wide[12];
	struct scene s = plain_scene();

	memset(wide, 0xff, sizeof(wide));
	s.after[0].rwnd_limited = SECOND;
	ck_assert_int_eq(tcpbuf_explain_socket(&s.before[0], &s.after[0], sizeof(s.after[0]), SECOND, NULL, NULL,
				 NULL, NULL, wide, sizeof(wide[0]), 12),
		1);
	ck_assert_uint_eq(wide[0].known.code, TCPBUF_VERDICT_PEER_WINDOW);
	ck_assert_uint_eq(wide[0].more, 0);
	ck_assert_uint_eq(wide[1].known.code, UINT32_MAX);
}
END_TEST

START_TEST(names_of_codes)
{
	ck_assert_str_eq(tcpbuf_verdict_name(TCPBUF_VERDICT_READER_SLOW), "reader_slow");
	ck_assert_str_eq(tcpbuf_verdict_name(TCPBUF_VERDICT_MEMORY_PRESSURE), "memory_pressure");
	ck_assert_str_eq(tcpbuf_verdict_name(0), "unknown");
	ck_assert_str_eq(tcpbuf_verdict_name(UINT32_MAX), "unknown");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("explain");
	TCase *tcase = tcase_create("records");

	tcase_add_test(tcase, nothing_limits_a_plain_connection);
	tcase_add_test(tcase, half_of_the_time_decides);
	tcase_add_test(tcase, lifetime_totals_do_not_count);
	tcase_add_test(tcase, lock_bits_beat_inference);
	tcase_add_test(tcase, a_buffer_that_grows_is_not_fixed);
	tcase_add_test(tcase, receiver_alone_needs_a_full_window_each_round_trip);
	tcase_add_test(tcase, zero_window_needs_both_samples_and_no_progress);
	tcase_add_test(tcase, pressure_needs_the_flag_and_the_cut);
	tcase_add_test(tcase, without_stop_watches_the_receiver_still_shows);
	tcase_add_test(tcase, bad_input_is_refused);
	tcase_add_test(tcase, older_and_newer_callers_get_what_they_have_room_for);
	tcase_add_test(tcase, names_of_codes);
	suite_add_tcase(suite, tcase);
	return run_suite(suite);
}
