/* SPDX-License-Identifier: MIT */
/* Answers that no kernel here gives to a dump: each failure has its code and sentence, each length its
 * groups, and nothing leaks. */
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/socket.h>

#include "diag/diag.h"
#include "made.h"

#define FIXED (TCPBUF_SOCK_HAS_TIMER | TCPBUF_SOCK_HAS_QUEUE)

/* What a kernel says. */

static void done_code(void)
{
	struct answer *a = made_answer();

	made_record(a, 0);
	made_done(made_answer(), -ENOMEM, 0);
}

static void done_words(void)
{
	struct answer *a = made_answer();

	made_done(a, -EACCES, NLM_F_ACK_TLVS);
	made_put_attr(a, NLMSGERR_ATTR_MSG, "not today", 10);
}

static void done_unknown(void)
{
	for (int i = 0; i < 2; i++)
		made_done(made_answer(), -ENOENT, 0);
}

static void done_least(void)
{
	made_done(made_answer(), INT_MIN, 0);
}

static void error_code(void)
{
	made_error(made_answer(), -EACCES);
}

static void error_nameless(void)
{
	made_error(made_answer(), -EXDEV);
}

static void error_after_record(void)
{
	struct answer *a = made_answer();

	made_record(a, 0);
	made_error(a, -EINVAL);
}

static void error_capped_words(void)
{
	struct answer *a = made_answer();

	made_error_echo(a, -EBUSY, NLM_F_CAPPED | NLM_F_ACK_TLVS, sizeof(struct nlmsghdr) + 56, 0);
	made_put_attr(a, NLMSGERR_ATTR_OFFS, "\1\0\0\0", 4);
	made_put_attr(a, NLMSGERR_ATTR_MSG, "come again", 11);
}

static void error_echo_words(void)
{
	struct answer *a = made_answer();

	made_error_echo(a, -EBUSY, NLM_F_ACK_TLVS, sizeof(struct nlmsghdr) + 56, 56);
	made_put_attr(a, NLMSGERR_ATTR_MSG, "come again", 11);
}

static void error_words_without_end(void)
{
	struct answer *a = made_answer();

	made_error_echo(a, -EBUSY, NLM_F_CAPPED | NLM_F_ACK_TLVS, 0, 0);
	made_put_attr(a, NLMSGERR_ATTR_MSG, "come again", 8);
}

static void error_words_not_announced(void)
{
	struct answer *a = made_answer();

	made_error_echo(a, -EBUSY, NLM_F_CAPPED, 0, 0);
	made_put_attr(a, NLMSGERR_ATTR_MSG, "come again", 11);
}

static void error_echo_claims_more(void)
{
	struct answer *a = made_answer();

	made_error_echo(a, -EBUSY, NLM_F_ACK_TLVS, UINT32_MAX, 56);
	made_put_attr(a, NLMSGERR_ATTR_MSG, "come again", 11);
}

static void error_unknown_twice(void)
{
	made_error(made_answer(), -EINVAL);
	made_error(made_answer(), -EOPNOTSUPP);
}

static void error_of_nothing(void)
{
	made_error(made_answer(), 0);
}

static void error_short(void)
{
	struct answer *a = made_answer();

	made_begin(a, NLMSG_ERROR, 0);
	made_put(a, "\xf3\xff\xff\xff", 4);
}

static void error_least(void)
{
	made_error(made_answer(), INT_MIN);
}

static void cut_off(void)
{
	struct answer *a = made_says(32768 + 4);

	made_record(a, 0);
}

static void dropped(void)
{
	made_record(made_answer(), 0);
	made_says(-ENOBUFS);
}

static void overrun(void)
{
	struct answer *a = made_answer();

	made_record(a, 0);
	made_begin(a, NLMSG_OVERRUN, 0);
	made_done(a, 0, 0);
}

static void disturbed_record(void)
{
	struct answer *a = made_answer();

	made_record(a, NLM_F_DUMP_INTR);
	made_record(a, 0);
	made_done(made_answer(), 0, 0);
}

static void disturbed_end(void)
{
	made_record(made_answer(), 0);
	made_done(made_answer(), 0, NLM_F_DUMP_INTR);
}

static void nothing(void)
{
	made_says(0);
}

static void less_than_a_header(void)
{
	made_record(made_answer(), 0);
	made.answers[0].size = sizeof(struct nlmsghdr) - 1;
	made.answers[0].count = 0;
}

static void claims_more(void)
{
	struct answer *a = made_answer();

	made_record(a, 0);
	made_claim(a, (uint32_t)a->size + 1);
}

static void claims_all(void)
{
	struct answer *a = made_answer();

	made_record(a, 0);
	made_claim(a, UINT32_MAX);
}

static void claims_more_later(void)
{
	struct answer *a = made_answer();

	made_record(a, 0);
	made_record(a, 0);
	made_claim(a, made_header(a).nlmsg_len + 4);
}

static void claims_less_than_a_header(void)
{
	struct answer *a = made_answer();

	made_record(a, 0);
	made_claim(a, sizeof(struct nlmsghdr) - 1);
}

static void claims_nothing_later(void)
{
	struct answer *a = made_answer();

	made_record(a, 0);
	made_record(a, 0);
	made_claim(a, 0);
}

static void short_record(void)
{
	struct inet_diag_msg diag = made_fixed_part();
	struct answer *a = made_answer();

	made_begin(a, SOCK_DIAG_BY_FAMILY, NLM_F_MULTI);
	made_put(a, &diag, sizeof(diag) - 4);
	made_done(a, 0, 0);
}

static void strange_family(void)
{
	struct inet_diag_msg diag = made_fixed_part();
	struct answer *a = made_answer();

	diag.idiag_family = AF_UNIX;
	made_begin(a, TCPDIAG_GETSOCK, NLM_F_MULTI);
	made_put(a, &diag, sizeof(diag));
}

static const struct {
	const char *name;
	void (*make)(void);
	int records; /* handed out before the failure */
	int code;
	const char *cause;
} failures[] = {
	{"errno in DONE", done_code, 1, -ENOMEM, "out of memory (ENOMEM)"},
	{"errno in DONE with words", done_words, 0, -EACCES, "not today (EACCES)"},
	{"unknown request in DONE", done_unknown, 0, -EOPNOTSUPP,
		"no sock_diag for TCP (EOPNOTSUPP)"},
	{"least errno in DONE", done_least, 0, INT_MIN, "unknown error (2147483648)"},
	{"errno", error_code, 0, -EACCES, "access refused (EACCES)"},
	{"errno without a name", error_nameless, 0, -EXDEV, "unknown error (18)"},
	{"errno after a record", error_after_record, 1, -EINVAL, "invalid argument (EINVAL)"},
	{"words behind a header", error_capped_words, 0, -EBUSY, "come again (EBUSY)"},
	{"words behind a request", error_echo_words, 0, -EBUSY, "come again (EBUSY)"},
	{"words without end", error_words_without_end, 0, -EBUSY, ": busy (EBUSY)"},
	{"words not announced", error_words_not_announced, 0, -EBUSY, ": busy (EBUSY)"},
	{"echo claims more", error_echo_claims_more, 0, -EBUSY, ": busy (EBUSY)"},
	{"unknown twice", error_unknown_twice, 0, -EOPNOTSUPP, "no sock_diag for TCP (EOPNOTSUPP)"},
	{"error of nothing", error_of_nothing, 0, -EPROTO,
		"malformed answer from the kernel (EPROTO)"},
	{"short error", error_short, 0, -EPROTO, "malformed"},
	{"least errno", error_least, 0, INT_MIN, "unknown error (2147483648)"},
	{"cut off", cut_off, 0, -EMSGSIZE, "answer cut off (EMSGSIZE)"},
	{"dropped", dropped, 1, -ENOBUFS, "the kernel dropped part of the answer (ENOBUFS)"},
	{"overrun", overrun, 1, -ENOBUFS, "the kernel dropped part of the answer (ENOBUFS)"},
	{"disturbed record", disturbed_record, 2, -EAGAIN, "the dump was disturbed"},
	{"disturbed end", disturbed_end, 1, -EAGAIN, "the dump was disturbed"},
	{"nothing", nothing, 0, -EPROTO, "malformed"},
	{"less than a header", less_than_a_header, 0, -EPROTO, "malformed"},
	{"claims more", claims_more, 0, -EPROTO, "malformed"},
	{"claims all", claims_all, 0, -EPROTO, "malformed"},
	{"claims more later", claims_more_later, 1, -EPROTO, "malformed"},
	{"claims less than a header", claims_less_than_a_header, 0, -EPROTO, "malformed"},
	{"claims nothing later", claims_nothing_later, 1, -EPROTO, "malformed"},
	{"short record", short_record, 0, -EPROTO, "malformed"},
	{"strange family", strange_family, 0, -EPROTO, "malformed"},
	{"end of answers", NULL, 0, -EIO, "input/output error (EIO)"},
};

/* A sentence for the code that names the namespace and tells the cause. */
static void check_sentence(const char *name, int code, const char *cause)
{
	const char *text = tcpbuf_error_text(made.tb);

	ck_assert_msg(tcpbuf_error_code(made.tb) == code, "%s: %s", name, text);
	ck_assert_str_eq(tcpbuf_error_key(made.tb), "sockets");
	ck_assert_str_eq(tcpbuf_error_netns(made.tb), made.ns->label);
	ck_assert_msg(
		strncmp(text, "cannot list sockets in netns \"", 30) == 0, "%s: %s", name, text);
	ck_assert_msg(strncmp(text + 30, made.ns->label, strlen(made.ns->label)) == 0, "%s: %s", name, text);
	ck_assert_msg(strstr(text, cause) != NULL, "%s: %s", name, text);
}

/* All records one by one. Returns how it ended. */
static int walk(struct tcpbuf_sock_iter *it, int *records)
{
	struct tcpbuf_sock sock;
	int ret;

	*records = 0;
	while ((ret = tcpbuf_sock_iter_next(it, &sock, sizeof(sock))) == 1) {
		ck_assert_uint_eq(sock.cookie, 0x100001234);
		++*records;
	}
	return ret;
}

/* One record and the end. */
static void check_next_dump(void)
{
	struct tcpbuf_sock_iter *it;
	struct answer *a;
	int records;

	made_forget();
	a = made_answer();
	made_record(a, 0);
	made_done(a, 0, 0);
	ck_assert_int_eq(tcpbuf_sock_iter_open(made.ns, NULL, &it), 0);
	ck_assert_int_eq(walk(it, &records), 0);
	ck_assert_int_eq(records, 1);
	ck_assert_str_eq(tcpbuf_error_text(made.tb), "");
	tcpbuf_sock_iter_close(it);
}

START_TEST(a_failure_has_its_code_and_sentence)
{
	const char *name = failures[_i].name;
	struct tcpbuf_sock_iter *it;
	struct tcpbuf_sock socks[4];
	int ret, records, before = fault.open_fds;

	if (failures[_i].make)
		failures[_i].make();
	ck_assert_int_eq(tcpbuf_sock_iter_open(made.ns, NULL, &it), 0);
	ret = walk(it, &records);
	ck_assert_msg(ret == failures[_i].code, "%s: %d, %s", name, ret, tcpbuf_error_text(made.tb));
	ck_assert_msg(records == failures[_i].records, "%s: %d records", name, records);
	check_sentence(name, failures[_i].code, failures[_i].cause);
	/* It does not ask again, even where there is more to be had. */
	made_done(made_answer(), 0, 0);
	ck_assert_int_eq(tcpbuf_sock_iter_next(it, socks, sizeof(socks[0])), failures[_i].code);
	ck_assert_int_eq(tcpbuf_sock_iter_fetch(it, socks, sizeof(socks[0]), 4), failures[_i].code);
	check_sentence(name, failures[_i].code, failures[_i].cause);
	tcpbuf_sock_iter_close(it);
	/* A socket with answers under way is not used again. */
	ck_assert_int_eq(fault.open_fds, before);
	check_next_dump();
	ck_assert_int_eq(made.sockets, 2);
}
END_TEST

START_TEST(records_before_a_failure_come_first)
{
	struct tcpbuf_sock_iter *it;
	struct tcpbuf_sock socks[4];

	if (failures[_i].make)
		failures[_i].make();
	ck_assert_int_eq(tcpbuf_sock_iter_open(made.ns, NULL, &it), 0);
	if (failures[_i].records)
		ck_assert_int_eq(tcpbuf_sock_iter_fetch(it, socks, sizeof(socks[0]), 4),
			failures[_i].records);
	ck_assert_int_eq(tcpbuf_sock_iter_fetch(it, socks, sizeof(socks[0]), 4), failures[_i].code);
	check_sentence(failures[_i].name, failures[_i].code, failures[_i].cause);
	tcpbuf_sock_iter_close(it);
}
END_TEST

START_TEST(a_refused_request_opens_nothing)
{
	struct tcpbuf_sock_iter *it;
	int before = fault.open_fds, blocks = fault.blocks;

	made.requests.refusal = -ENOBUFS;
	ck_assert_int_eq(tcpbuf_sock_iter_open(made.ns, NULL, &it), -ENOBUFS);
	ck_assert_ptr_null(it);
	check_sentence("send", -ENOBUFS, "the request was refused (ENOBUFS)");
	ck_assert_int_eq(fault.open_fds, before);
	ck_assert_int_eq(fault.blocks, blocks);
	check_next_dump();
}
END_TEST

START_TEST(family_by_family_where_both_is_unknown)
{
	struct tcpbuf_sock_iter *it;
	int records;

	made_error(made_answer(), -ENOENT);
	made_record(made_answer(), 0);
	made_done(made_answer(), 0, 0);
	made_error(made_answer(), -ENOENT);
	ck_assert_int_eq(tcpbuf_sock_iter_open(made.ns, NULL, &it), 0);
	ck_assert_uint_eq(made.requests.type, TCPDIAG_GETSOCK);
	ck_assert_int_eq(walk(it, &records), 0);
	ck_assert_int_eq(records, 1);
	ck_assert_int_eq(made.requests.count, 3);
	ck_assert_uint_eq(made.requests.type, SOCK_DIAG_BY_FAMILY);
	ck_assert_uint_eq(made.requests.family, AF_INET6);
	ck_assert_int_eq(made.given, 4);
	tcpbuf_sock_iter_close(it);
	check_next_dump();
	ck_assert_int_eq(made.sockets, 1);
}
END_TEST

START_TEST(what_is_not_meant_for_us_is_stepped_over)
{
	static const uint16_t types[] = {
		NLMSG_ERROR, NLMSG_DONE, NLMSG_OVERRUN, SOCK_DIAG_BY_FAMILY};
	struct tcpbuf_sock_iter *it;
	struct answer *a = made_answer();
	int records;

	for (size_t i = 0; i < COUNT(types); i++) {
		struct nlmsghdr msg;

		made_begin(a, types[i], NLM_F_DUMP_INTR);
		msg = made_header(a);
		msg.nlmsg_seq = i % 2 ? 1 : UINT32_MAX; /* one more, one less than the request's */
		made_set_header(a, msg);
	}
	made_begin(a, NLMSG_NOOP, 0);
	made_begin(a, 4711, 0);
	a = made_answer();
	made_record(a, 0);
	made_done(a, 0, 0);
	ck_assert_int_eq(tcpbuf_sock_iter_open(made.ns, NULL, &it), 0);
	ck_assert_int_eq(walk(it, &records), 0);
	ck_assert_int_eq(records, 1);
	ck_assert_int_eq(made.given, 2);
	tcpbuf_sock_iter_close(it);
}
END_TEST

/* The record of one answer, and the end behind it. */
static struct tcpbuf_sock only_record(void)
{
	struct tcpbuf_sock_iter *it;
	struct tcpbuf_sock sock, none;

	made_done(made_answer(), 0, 0);
	ck_assert_int_eq(tcpbuf_sock_iter_open(made.ns, NULL, &it), 0);
	ck_assert_int_eq(tcpbuf_sock_iter_next(it, &sock, sizeof(sock)), 1);
	ck_assert_int_eq(tcpbuf_sock_iter_next(it, &none, sizeof(none)), 0);
	tcpbuf_sock_iter_close(it);
	return sock;
}

static struct tcpbuf_sock record_with(uint16_t type, const void *bytes, size_t size)
{
	struct answer *a = made_answer();

	made_record(a, 0);
	made_put_attr(a, type, bytes, size);
	return only_record();
}

#define UPTO(last) ((uint64_t)((last) << 1) - TCPBUF_SOCK_HAS_INFO)

static const struct {
	size_t length;
	uint64_t groups;
	size_t kept; /* bytes of struct tcp_info that the record shows */
} infos[] = {
	{0, 0, 0},
	{103, 0, 0},
	{104, UPTO(TCPBUF_SOCK_HAS_INFO), 104},
	{135, UPTO(TCPBUF_SOCK_HAS_INFO), 104},
	{136, UPTO(TCPBUF_SOCK_HAS_INFO_BYTES), 136},
	{159, UPTO(TCPBUF_SOCK_HAS_INFO_BYTES), 136},
	{160, UPTO(TCPBUF_SOCK_HAS_INFO_SEGS), 160},
	{191, UPTO(TCPBUF_SOCK_HAS_INFO_SEGS), 160},
	{192, UPTO(TCPBUF_SOCK_HAS_INFO_LIMITS), 192},
	{223, UPTO(TCPBUF_SOCK_HAS_INFO_LIMITS), 192},
	{224, UPTO(TCPBUF_SOCK_HAS_INFO_DELIVERED), 224},
	{231, UPTO(TCPBUF_SOCK_HAS_INFO_DELIVERED), 224},
	{232, UPTO(TCPBUF_SOCK_HAS_INFO_SND_WND), 232},
	{239, UPTO(TCPBUF_SOCK_HAS_INFO_SND_WND), 232},
	{240, UPTO(TCPBUF_SOCK_HAS_INFO_RCV_WND), 240},
	{247, UPTO(TCPBUF_SOCK_HAS_INFO_RCV_WND), 240},
	{248, UPTO(TCPBUF_SOCK_HAS_INFO_RTO), 248},
	{279, UPTO(TCPBUF_SOCK_HAS_INFO_RTO), 248},
	{280, UPTO(TCPBUF_SOCK_HAS_INFO_ACCECN), 280},
	{400, UPTO(TCPBUF_SOCK_HAS_INFO_ACCECN), 280},
};

START_TEST(a_length_of_tcp_info_has_its_groups)
{
	const size_t kept = infos[_i].kept, start = offsetof(struct tcpbuf_sock, rto);
	unsigned char info[400];
	struct tcpbuf_sock sock;

	for (size_t i = 0; i < sizeof(info); i++)
		info[i] = (unsigned char)(i % 251 + 1);
	sock = record_with(INET_DIAG_INFO, info, infos[_i].length);
	ck_assert_uint_eq(sock.valid, FIXED | infos[_i].groups);
	ck_assert_uint_eq(sock.ca_state, kept ? info[1] : 0);
	ck_assert_uint_eq(sock.options, kept ? info[5] : 0);
	for (size_t i = 8; i < 280; i++)
		ck_assert_uint_eq(((unsigned char *)&sock)[start + i - 8], i < kept ? info[i] : 0);
	ck_assert_uint_eq(sock.cgroup_id, 0);
}
END_TEST

START_TEST(a_listener_has_no_tcp_info)
{
	struct inet_diag_msg diag = made_fixed_part();
	struct answer *a = made_answer();
	char info[280] = {0};
	struct tcpbuf_sock sock;

	diag.idiag_state = TCPBUF_SOCK_LISTEN;
	made_begin(a, SOCK_DIAG_BY_FAMILY, NLM_F_MULTI);
	made_put(a, &diag, sizeof(diag));
	made_put_attr(a, INET_DIAG_INFO, info, sizeof(info));
	sock = only_record();
	ck_assert_uint_eq(sock.valid, TCPBUF_SOCK_HAS_TIMER | TCPBUF_SOCK_HAS_LISTEN);
	ck_assert_uint_eq(sock.accept_queue, 7);
	ck_assert_uint_eq(sock.accept_queue_limit, 8);
}
END_TEST

static const struct {
	size_t length;
	uint64_t groups;
} skmems[] = {
	{0, 0},
	{28, 0},
	{31, 0},
	{32, TCPBUF_SOCK_HAS_SKMEM},
	{35, TCPBUF_SOCK_HAS_SKMEM},
	{36, TCPBUF_SOCK_HAS_SKMEM | TCPBUF_SOCK_HAS_DROPS},
	{40, TCPBUF_SOCK_HAS_SKMEM | TCPBUF_SOCK_HAS_DROPS},
};

START_TEST(a_length_of_skmem_has_its_groups)
{
	const uint32_t words[] = {0xfffffff0, 2, 3, 4, (uint32_t)-5, 6, 7, 8, 9, 10};
	struct tcpbuf_sock sock = record_with(INET_DIAG_SKMEMINFO, words, skmems[_i].length);
	int has = skmems[_i].groups != 0;

	ck_assert_uint_eq(sock.valid, FIXED | skmems[_i].groups);
	ck_assert_uint_eq(sock.rmem_alloc, has ? words[0] : 0);
	ck_assert_uint_eq(sock.rcvbuf, has ? 2 : 0);
	ck_assert_uint_eq(sock.wmem_alloc, has ? 3 : 0);
	ck_assert_uint_eq(sock.sndbuf, has ? 4 : 0);
	ck_assert_int_eq(sock.fwd_alloc, has ? -5 : 0);
	ck_assert_uint_eq(sock.wmem_queued, has ? 6 : 0);
	ck_assert_uint_eq(sock.optmem, has ? 7 : 0);
	ck_assert_uint_eq(sock.backlog, has ? 8 : 0);
	ck_assert_int_eq(sock.held, has ? INT64_C(0xfffffff1) : 0);
	ck_assert_uint_eq(sock.drops, skmems[_i].groups & TCPBUF_SOCK_HAS_DROPS ? 9 : 0);
}
END_TEST

#define FIELD(name) offsetof(struct tcpbuf_sock, name), sizeof(((struct tcpbuf_sock *)0)->name)

/* Words of the payload, and the field where each shows; a size of 0 ends the list. */
static const struct {
	uint16_t type;
	uint32_t words[5];
	size_t size;
	uint64_t group;
	struct {
		size_t offset;
		size_t size;
		uint64_t value;
	} fields[5];
} groups[] = {
	{INET_DIAG_CGROUP_ID, {5, 6}, 8, TCPBUF_SOCK_HAS_CGROUP, {{FIELD(cgroup_id), 0x600000005}}},
	{INET_DIAG_MARK, {0xdeadbeef}, 4, TCPBUF_SOCK_HAS_MARK, {{FIELD(mark), 0xdeadbeef}}},
	{INET_DIAG_SHUTDOWN, {0x02020202}, 1, TCPBUF_SOCK_HAS_SHUTDOWN, {{FIELD(shutdown), 2}}},
	{INET_DIAG_BBRINFO, {1, 2, 3, 4, 5}, 20, TCPBUF_SOCK_HAS_BBR,
		{{FIELD(bbr_bw), 0x200000001}, {FIELD(bbr_min_rtt), 3}, {FIELD(bbr_pacing_gain), 4},
			{FIELD(bbr_cwnd_gain), 5}}},
	{INET_DIAG_DCTCPINFO, {0x00010001, 3, 4, 5}, 16, TCPBUF_SOCK_HAS_DCTCP,
		{{FIELD(dctcp_enabled), 1}, {FIELD(dctcp_ce_state), 1}, {FIELD(dctcp_alpha), 3},
			{FIELD(dctcp_ab_ecn), 4}, {FIELD(dctcp_ab_tot), 5}}},
	{INET_DIAG_VEGASINFO, {1, 2, 3, 4}, 16, TCPBUF_SOCK_HAS_VEGAS,
		{{FIELD(vegas_enabled), 1}, {FIELD(vegas_rttcnt), 2}, {FIELD(vegas_rtt), 3},
			{FIELD(vegas_minrtt), 4}}},
};

static uint64_t field_value(const struct tcpbuf_sock *sock, size_t offset, size_t size)
{
	uint64_t wide;
	uint32_t narrow;

	if (size == sizeof(wide)) {
		memcpy(&wide, (const char *)sock + offset, sizeof(wide));
		return wide;
	}
	memcpy(&narrow, (const char *)sock + offset, sizeof(narrow));
	return narrow;
}

/* Whole: the values; a byte longer, as a later kernel's: the same; a byte short: absent and zero.
 */
START_TEST(an_attribute_is_a_group)
{
	unsigned char bytes[24] = {0};
	struct tcpbuf_sock sock;

	memcpy(bytes, groups[_i].words, sizeof(groups[_i].words));
	for (int change = -1; change <= 1; change++) {
		made_forget();
		sock = record_with(groups[_i].type, bytes, groups[_i].size + (size_t)change);
		ck_assert_uint_eq(sock.valid, change < 0 ? FIXED : FIXED | groups[_i].group);
		for (int i = 0; i < 5 && groups[_i].fields[i].size; i++)
			ck_assert_uint_eq(field_value(&sock, groups[_i].fields[i].offset,
						  groups[_i].fields[i].size),
				change < 0 ? 0 : groups[_i].fields[i].value);
	}
	ck_assert_int_eq(made.sockets, 1);
}
END_TEST

static const struct {
	const char *bytes;
	size_t size;
	const char *name;
} names[] = {
	{"cubic", 6, "cubic"},
	{"bbr", 3, "bbr"},
	{"fifteen_letters", 16, "fifteen_letters"},
	{"sixteen_letters_", 16, "sixteen_letters"},
	{"more_than_sixteen_letters", 26, "more_than_sixte"},
};

START_TEST(a_name_has_an_end)
{
	struct tcpbuf_sock sock = record_with(INET_DIAG_CONG, names[_i].bytes, names[_i].size);

	ck_assert_uint_eq(sock.valid, FIXED | TCPBUF_SOCK_HAS_CONG);
	ck_assert_str_eq(sock.cong_name, names[_i].name);
	ck_assert_str_eq(sock.ulp_name, "");
}
END_TEST

static const struct {
	const char *bytes;
	size_t size;
} no_names[] = {{"", 0}, {"", 1}, {"\0cubic", 7}};

START_TEST(an_empty_name_is_absent)
{
	struct tcpbuf_sock sock = record_with(INET_DIAG_CONG, no_names[_i].bytes, no_names[_i].size);

	ck_assert_uint_eq(sock.valid, FIXED);
	for (size_t i = 0; i < sizeof(sock.cong_name); i++)
		ck_assert_int_eq(sock.cong_name[i], 0);
}
END_TEST

/* A nest of one name behind something else, its inner length as given or off by some. */
static struct tcpbuf_sock record_with_ulp(const char *name, size_t size, int off)
{
	struct nlattr other = {.nla_len = 8, .nla_type = INET_ULP_INFO_TLS};
	struct nlattr attr = {.nla_len = (uint16_t)(sizeof(attr) + size + (size_t)off),
		.nla_type = INET_ULP_INFO_NAME};
	unsigned char nest[64] = {0};

	memcpy(nest, &other, sizeof(other));
	memcpy(nest + 8, &attr, sizeof(attr));
	memcpy(nest + 12, name, size);
	return record_with(INET_DIAG_ULP_INFO | NLA_F_NESTED, nest, 12 + NLMSG_ALIGN(size));
}

START_TEST(a_name_in_a_nest)
{
	struct tcpbuf_sock sock = record_with_ulp(names[_i].bytes, names[_i].size, 0);

	ck_assert_uint_eq(sock.valid, FIXED | TCPBUF_SOCK_HAS_ULP);
	ck_assert_str_eq(sock.ulp_name, names[_i].name);
	ck_assert_str_eq(sock.cong_name, "");
	made_forget();
	sock = record_with_ulp(names[_i].bytes, names[_i].size, 8);
	ck_assert_uint_eq(sock.valid, FIXED);
	ck_assert_str_eq(sock.ulp_name, "");
}
END_TEST

static const uint16_t bad_lengths[] = {0, 1, 3, 9, 12, 255, 32768, UINT16_MAX};

/* What comes before it counts, what comes behind it cannot be found. */
START_TEST(a_bad_attribute_length_ends_the_attributes)
{
	for (uint16_t type = 0; type < 32; type++) {
		struct nlattr attr = {.nla_len = bad_lengths[_i], .nla_type = type};
		const uint32_t mark = 5;
		struct answer *a;
		struct tcpbuf_sock sock;

		made_forget();
		a = made_answer();
		made_record(a, 0);
		made_put_attr(a, INET_DIAG_MARK, &mark, sizeof(mark));
		made_put(a, &attr, sizeof(attr));
		made_put(a, &mark, sizeof(mark));
		sock = only_record();
		ck_assert_uint_eq(sock.valid, FIXED | TCPBUF_SOCK_HAS_MARK);
		ck_assert_uint_eq(sock.mark, 5);
	}
}
END_TEST

/* As many kinds of attributes and messages as one answer holds. */
static void rich_answer(void)
{
	unsigned char bytes[280] = {1};
	struct answer *a = made_answer();

	made_record(a, 0);
	made_put_attr(a, INET_DIAG_INFO, bytes, sizeof(bytes));
	made_put_attr(a, INET_DIAG_SKMEMINFO, bytes, 36);
	made_put_attr(a, INET_DIAG_CONG, "cubic", 6);
	made_put_attr(a, INET_DIAG_ULP_INFO, "\7\0\1\0tls", 8);
	made_record(a, 0);
	made_put_attr(a, INET_DIAG_BBRINFO, bytes, 20);
	made_put_attr(a, INET_DIAG_CGROUP_ID, bytes, 8);
	a = made_answer();
	made_record(a, 0);
	made_error_echo(a, -EBUSY, NLM_F_ACK_TLVS, sizeof(struct nlmsghdr) + 8, 8);
	made_put_attr(a, NLMSGERR_ATTR_MSG, "come again", 11);
}

/* For AddressSanitizer: whatever is in an answer, a dump ends and stays inside it. */
START_TEST(bytes_changed_at_random)
{
	uint32_t seed = 20240229u + (uint32_t)_i;

	printf("seed %u\n", seed);
	srand(seed);
	for (int round = 0; round < 200; round++) {
		struct tcpbuf_sock_iter *it;
		struct tcpbuf_sock sock;
		int ret, records = 0;

		made_forget();
		rich_answer();
		for (int i = rand() % 4; i >= 0; i--) {
			struct answer *a = &made.answers[rand() % 2];

			a->bytes[(size_t)rand() % a->size] = (unsigned char)rand();
		}
		ck_assert_int_eq(tcpbuf_sock_iter_open(made.ns, NULL, &it), 0);
		while ((ret = tcpbuf_sock_iter_next(it, &sock, sizeof(sock))) == 1)
			records++;
		ck_assert_int_le(records, ANSWERS * MESSAGES);
		if (ret < 0)
			check_sentence("random", ret, "");
		tcpbuf_sock_iter_close(it);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("diag");
	TCase *tc = tcase_create("answers");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, made_setup, made_teardown);
	tcase_add_loop_test(tc, a_failure_has_its_code_and_sentence, 0, COUNT(failures));
	tcase_add_loop_test(tc, records_before_a_failure_come_first, 0, COUNT(failures));
	tcase_add_test(tc, a_refused_request_opens_nothing);
	tcase_add_test(tc, family_by_family_where_both_is_unknown);
	tcase_add_test(tc, what_is_not_meant_for_us_is_stepped_over);
	tcase_add_loop_test(tc, a_length_of_tcp_info_has_its_groups, 0, COUNT(infos));
	tcase_add_test(tc, a_listener_has_no_tcp_info);
	tcase_add_loop_test(tc, a_length_of_skmem_has_its_groups, 0, COUNT(skmems));
	tcase_add_loop_test(tc, an_attribute_is_a_group, 0, COUNT(groups));
	tcase_add_loop_test(tc, a_name_has_an_end, 0, COUNT(names));
	tcase_add_loop_test(tc, an_empty_name_is_absent, 0, COUNT(no_names));
	tcase_add_loop_test(tc, a_name_in_a_nest, 0, COUNT(names));
	tcase_add_loop_test(tc, a_bad_attribute_length_ends_the_attributes, 0, COUNT(bad_lengths));
	tcase_add_loop_test(tc, bytes_changed_at_random, 0, 10);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
