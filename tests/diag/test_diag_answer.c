/* SPDX-License-Identifier: MIT */
/* Answers that no kernel here gives to the question for one socket: each has its code and sentence, and nothing leaks. */
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/socket.h>

#include "diag/diag.h"
#include "made.h"

/* The socket that is asked for. */
static const struct tcpbuf_sock_id id = {.size = sizeof(id), .family = AF_INET, .local_port = 80};

static void found(struct answer *a, uint16_t port)
{
	struct inet_diag_msg diag = made_fixed_part();
	unsigned char bytes[2] = {(unsigned char)(port >> 8), (unsigned char)port};

	memcpy(&diag.id.idiag_sport, bytes, sizeof(bytes));
	made_begin(a, SOCK_DIAG_BY_FAMILY, 0);
	made_put(a, &diag, sizeof(diag));
}

static void missing(void)
{
	made_error(made_answer(), -ENOENT);
}

static void refused(void)
{
	made_error(made_answer(), -EACCES);
}

static void least_errno(void)
{
	made_error(made_answer(), INT_MIN);
}

static void unknown(void)
{
	made_error(made_answer(), -EINVAL);
}

static void words(void)
{
	struct answer *a = made_answer();

	made_error_echo(a, -EBUSY, NLM_F_CAPPED | NLM_F_ACK_TLVS, 0, 0);
	made_put_attr(a, NLMSGERR_ATTR_MSG, "come again", 11);
}

static void error_of_nothing(void)
{
	made_error(made_answer(), 0);
}

static void short_error(void)
{
	struct answer *a = made_answer();

	made_begin(a, NLMSG_ERROR, 0);
	made_put(a, "\xf3\xff\xff\xff", 4);
}

static void interrupted(void)
{
	made_says(-EINTR);
}

static void dropped(void)
{
	made_says(-ENOBUFS);
}

static void cut_off(void)
{
	found(made_says(8192 + 4), 80);
}

static void nothing(void)
{
	made_says(0);
}

static void less_than_a_header(void)
{
	found(made_answer(), 80);
	made.answers[0].size = sizeof(struct nlmsghdr) - 1;
	made.answers[0].count = 0;
}

static void claims_more(void)
{
	struct answer *a = made_answer();

	found(a, 80);
	made_claim(a, (uint32_t)a->size + 1);
}

static void claims_all(void)
{
	struct answer *a = made_answer();

	found(a, 80);
	made_claim(a, UINT32_MAX);
}

static void short_record(void)
{
	struct inet_diag_msg diag = made_fixed_part();
	struct answer *a = made_answer();

	made_begin(a, SOCK_DIAG_BY_FAMILY, 0);
	made_put(a, &diag, sizeof(diag) - 4);
}

static void strange_type(void)
{
	made_done(made_answer(), 0, 0);
}

static void wrong_seq(void)
{
	struct answer *a = made_answer();
	struct nlmsghdr msg;

	found(a, 80);
	msg = made_header(a);
	msg.nlmsg_seq = 1;
	made_set_header(a, msg);
}

static void two_answers(void)
{
	struct answer *a = made_answer();

	found(a, 80);
	found(a, 80);
}

static void other_port(void)
{
	found(made_answer(), 81);
}

static const struct {
	const char *name;
	void (*make)(void);
	int code;
	const char *cause;
	int kept; /* the netlink socket may be asked again */
} failures[] = {
	{"missing", missing, -ENOENT, "there is no such socket (ENOENT)", 1},
	{"another socket", other_port, -ENOENT, "only a listener for it (ENOENT)", 1},
	{"refused", refused, -EACCES, "access refused (EACCES)", 0},
	{"least errno", least_errno, INT_MIN, "unknown error (2147483648)", 0},
	{"unknown", unknown, -EOPNOTSUPP, "no sock_diag for TCP (EOPNOTSUPP)", 0},
	{"words", words, -EBUSY, "come again (EBUSY)", 0},
	{"error of nothing", error_of_nothing, -EPROTO, "malformed", 0},
	{"short error", short_error, -EPROTO, "malformed", 0},
	{"interrupted", interrupted, -EINTR, "unknown error (4)", 0},
	{"dropped", dropped, -ENOBUFS, "the kernel dropped part of the answer (ENOBUFS)", 0},
	{"cut off", cut_off, -EMSGSIZE, "answer cut off (EMSGSIZE)", 0},
	{"nothing", nothing, -EPROTO, "malformed", 0},
	{"less than a header", less_than_a_header, -EPROTO, "malformed", 0},
	{"claims more", claims_more, -EPROTO, "malformed", 0},
	{"claims all", claims_all, -EPROTO, "malformed", 0},
	{"short record", short_record, -EPROTO, "malformed", 0},
	{"strange type", strange_type, -EPROTO, "malformed", 0},
	{"wrong sequence number", wrong_seq, -EPROTO, "malformed", 0},
	{"two answers", two_answers, -EPROTO, "malformed", 0},
	{"no answer", NULL, -EIO, "input/output error (EIO)", 0},
};

static void check_found(void)
{
	struct tcpbuf_sock sock;

	made_forget();
	found(made_answer(), 80);
	ck_assert_int_eq(tcpbuf_sock_get(made.ns, &id, &sock, sizeof(sock)), 0);
	ck_assert_uint_eq(sock.cookie, 0x100001234);
	ck_assert_uint_eq(sock.local_port, 80);
	ck_assert_str_eq(tcpbuf_error_text(made.tb), "");
}

START_TEST(a_failure_has_its_code_and_sentence)
{
	const char *name = failures[_i].name, *text;
	struct tcpbuf_sock sock, before;
	int ret;

	memset(&sock, 0x5a, sizeof(sock));
	before = sock;
	if (failures[_i].make)
		failures[_i].make();
	ret = tcpbuf_sock_get(made.ns, &id, &sock, sizeof(sock));
	text = tcpbuf_error_text(made.tb);
	ck_assert_msg(ret == failures[_i].code, "%s: %d, %s", name, ret, text);
	ck_assert_int_eq(tcpbuf_error_code(made.tb), failures[_i].code);
	ck_assert_msg(strncmp(text, "cannot get socket in netns \"", 28) == 0, "%s: %s", name, text);
	ck_assert_msg(strstr(text, failures[_i].cause) != NULL, "%s: %s", name, text);
	ck_assert_mem_eq(&sock, &before, sizeof(sock));
	check_found();
	ck_assert_int_eq(made.sockets, failures[_i].kept ? 1 : 2);
}
END_TEST

START_TEST(a_refused_question_is_asked_anew)
{
	struct tcpbuf_sock sock;

	made.requests.refusal = -ENOBUFS;
	ck_assert_int_eq(tcpbuf_sock_get(made.ns, &id, &sock, sizeof(sock)), -ENOBUFS);
	ck_assert_ptr_nonnull(strstr(tcpbuf_error_text(made.tb), "the request was refused (ENOBUFS)"));
	check_found();
	ck_assert_int_eq(made.sockets, 2);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("diag");
	TCase *tc = tcase_create("answer");

	tcase_add_checked_fixture(tc, made_setup, made_teardown);
	tcase_add_loop_test(tc, a_failure_has_its_code_and_sentence, 0, COUNT(failures));
	tcase_add_test(tc, a_refused_question_is_asked_anew);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
