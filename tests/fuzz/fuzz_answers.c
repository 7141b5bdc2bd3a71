/* SPDX-License-Identifier: MIT */
/*
 * Answers of sock_diag: a byte, 'd' for a dump or another for one socket; then what each recv()
 * gives, 16 bits of length, low byte first, and the bytes.
 */
#include <errno.h>
#include <fcntl.h>
#include <libmnl/libmnl.h>
#include <linux/inet_diag.h>

#include "base/base.h"
#include "diag/diag.h"
#include "fuzz.h"
#include "netns/netns.h"

#define FAKE_FD 1000000
#define FETCH 7
#define PART 96 /* a caller's record, of an older header */

static struct tcpbuf__sys sys;
static struct tcpbuf *tb;
static struct tcpbuf_netns *ns;
static struct tcpbuf__reader rest;

static int made_socket(int family, int type, int protocol)
{
	(void)family, (void)type, (void)protocol;
	return FAKE_FD;
}

static int made_close(int fd)
{
	return fd == FAKE_FD ? 0 : tcpbuf__sys_kernel.close(fd);
}

static int made_setsockopt(int fd, int level, int option, const void *value, socklen_t size)
{
	(void)fd, (void)level, (void)option, (void)value, (void)size;
	return 0;
}

static ssize_t made_send(int fd, const void *buf, size_t size)
{
	(void)fd, (void)buf;
	return (ssize_t)size;
}

/* The next answer: its length as the kernel would tell it, and its bytes. Returns 0 at the end. */
static int next_answer(struct tcpbuf__reader *from, size_t *length, struct tcpbuf__reader *bytes)
{
	size_t left = (size_t)(from->end - from->pos);

	if (left < 2)
		return 0;
	*length = (uint8_t)from->pos[0] | (size_t)(uint8_t)from->pos[1] << 8;
	from->pos += 2;
	left = *length < left - 2 ? *length : left - 2;
	*bytes = tcpbuf__reader_init(from->pos, left);
	from->pos += left;
	return 1;
}

static ssize_t made_recv(int fd, void *buf, size_t size, int flags)
{
	struct tcpbuf__reader bytes;
	size_t length, have;

	(void)fd, (void)flags;
	memset(buf, 0xa5, size);
	if (!next_answer(&rest, &length, &bytes))
		return -EIO;
	have = (size_t)(bytes.end - bytes.pos);
	memcpy(buf, bytes.pos, have < size ? have : size);
	return (ssize_t)(length > size ? length : have);
}

static void start(void)
{
	if (tb)
		return;
	sys = tcpbuf__sys_kernel;
	sys.socket = made_socket;
	sys.close = made_close;
	sys.setsockopt = made_setsockopt;
	sys.send = made_send;
	sys.recv = made_recv;
	MUST(tcpbuf__new_with(&sys, &tb) == 0);
	MUST(tcpbuf_netns_open_self(tb, &ns) == 0);
}

/* What a reader of a record may count on. */
static void check(const struct tcpbuf_sock *s)
{
	const uint64_t info = TCPBUF_SOCK_HAS_INFO | TCPBUF_SOCK_HAS_INFO_BYTES | TCPBUF_SOCK_HAS_INFO_SEGS |
			      TCPBUF_SOCK_HAS_INFO_LIMITS | TCPBUF_SOCK_HAS_INFO_DELIVERED |
			      TCPBUF_SOCK_HAS_INFO_SND_WND | TCPBUF_SOCK_HAS_INFO_RCV_WND |
			      TCPBUF_SOCK_HAS_INFO_RTO | TCPBUF_SOCK_HAS_INFO_ACCECN;
	uint64_t steps = (s->valid & info) / TCPBUF_SOCK_HAS_INFO;

	MUST(s->family == 2 || s->family == 10);
	MUST(s->local_port <= 65535 && s->remote_port <= 65535);
	MUST(memchr(s->cong_name, '\0', sizeof(s->cong_name)) && memchr(s->ulp_name, '\0', sizeof(s->ulp_name)));
	MUST((steps & (steps + 1)) == 0); /* each step implies those before it */
	MUST(!(s->valid & TCPBUF_SOCK_HAS_LISTEN) == (s->state != TCPBUF_SOCK_LISTEN));
	if (s->valid & TCPBUF_SOCK_HAS_SKMEM)
		MUST(s->held == (int64_t)s->rmem_alloc + s->wmem_queued + s->fwd_alloc);
	else
		MUST(!s->held && !s->rcvbuf && !(s->valid & TCPBUF_SOCK_HAS_DROPS));
	if (!(s->valid & TCPBUF_SOCK_HAS_INFO))
		MUST(!s->rto && !s->snd_cwnd && !s->rcv_space);
	MUST(s->snd_wscale <= 15 && s->rcv_wscale <= 15);
}

/* A whole message of at most @left bytes. */
static int is_whole(const struct nlmsghdr *msg, int left)
{
	return left >= (int)sizeof(*msg) && msg->nlmsg_len >= sizeof(*msg) && msg->nlmsg_len <= (uint32_t)left;
}

/* Each message of an answer alone, in memory that ends where it does. */
static void parse_each(struct tcpbuf__reader answers)
{
	struct tcpbuf__reader bytes;
	struct tcpbuf_sock sock;
	size_t length;

	while (next_answer(&answers, &length, &bytes)) {
		int left = (int)(bytes.end - bytes.pos);
		struct nlmsghdr *all = (void *)string_of(bytes), *msg = all;

		while (is_whole(msg, left)) {
			const char *words;

			if (tcpbuf__diag_parse(msg, &sock) == 0)
				check(&sock);
			MUST(tcpbuf__diag_error(msg, &words) <= 0 && tcpbuf__diag_done(msg, &words) <= 0);
			msg = mnl_nlmsg_next(msg, &left);
		}
		free(all);
	}
}

/* All records of a dump into @socks, or only how many there are. @code what ended it. */
static int dump(struct tcpbuf__reader answers, int *code)
{
	struct tcpbuf_sock_iter *it;
	struct tcpbuf_sock sock;
	int count = 0, ret;

	rest = answers;
	MUST(tcpbuf_sock_iter_open(ns, NULL, &it) == 0);
	while ((ret = tcpbuf_sock_iter_next(it, &sock, sizeof(sock))) == 1) {
		check(&sock);
		count++;
	}
	MUST(ret <= 0 && tcpbuf_sock_iter_next(it, &sock, sizeof(sock)) == ret);
	MUST(!ret == !tcpbuf_error_code(tb));
	tcpbuf_sock_iter_close(it);
	*code = ret;
	return count;
}

/* The same many at a time, into the records of an older caller. */
static int dump_parts(struct tcpbuf__reader answers, int *code)
{
	unsigned char parts[FETCH][PART];
	struct tcpbuf_sock_iter *it;
	int count = 0, ret;

	rest = answers;
	MUST(tcpbuf_sock_iter_open(ns, NULL, &it) == 0);
	while ((ret = tcpbuf_sock_iter_fetch(it, parts, PART, FETCH)) > 0)
		count += ret;
	tcpbuf_sock_iter_close(it);
	*code = ret;
	return count;
}

static void get(struct tcpbuf__reader answers)
{
	struct tcpbuf_sock_id id = {.size = sizeof(id), .family = 2, .local_port = 80, .remote_port = 4000};
	struct tcpbuf_sock sock;

	rest = answers;
	if (tcpbuf_sock_get(ns, &id, &sock, sizeof(sock)) == 0) {
		check(&sock);
		MUST(sock.local_port == 80 && sock.remote_port == 4000);
	} else {
		MUST(tcpbuf_error_code(tb) < 0 && tcpbuf_error_text(tb)[0]);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tcpbuf__reader answers = reader_of(data, size);
	int whole, parts, first, second;

	start();
	if (answers.pos == answers.end)
		return 0;
	if (*answers.pos++ == 'd') {
		whole = dump(answers, &first);
		parts = dump_parts(answers, &second);
		MUST(whole == parts && first == second);
	} else {
		get(answers);
	}
	parse_each(answers);
	return 0;
}
