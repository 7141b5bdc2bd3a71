/* SPDX-License-Identifier: MIT */
/* One socket of a namespace: by its ends with one question, by its cookie with a dump that stops. */
#include "diag/diag.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <string.h>
#include <sys/socket.h>

#include "base/base.h"
#include "netns/netns.h"

/* One record with all its attributes is below a page. */
#define ANSWER_SIZE 8192

static int fail(struct tcpbuf_netns *ns, int code, const char *cause)
{
	struct tcpbuf__subject about = {.verb = "get", .key = "socket", .netns = ns->label};

	return tcpbuf__fail(ns->tb, code, &about, cause);
}

static int fail_missing(struct tcpbuf_netns *ns)
{
	return fail(ns, -ENOENT, "there is no such socket");
}

static int refused(struct tcpbuf_netns *ns, const struct nlmsghdr *msg)
{
	const char *words;
	int code = tcpbuf__diag_error(msg, &words);

	if (code == -ENOENT)
		return fail_missing(ns);
	if (code == -EINVAL || code == -EOPNOTSUPP)
		return fail(ns, -EOPNOTSUPP, words ? words : "the kernel has no sock_diag for TCP");
	return fail(ns, code, words);
}

/* The kernel hands out a listener when it knows no connection with that peer. */
static int is_asked_for(const struct tcpbuf_sock_id *id, const struct tcpbuf_sock *sock)
{
	/* NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult): filled, since no failure is 0 */
	return sock->family == id->family && sock->local_port == id->local_port &&
		sock->remote_port == id->remote_port &&
		memcmp(sock->local_address, id->local_address, sizeof(id->local_address)) == 0 &&
		memcmp(sock->remote_address, id->remote_address, sizeof(id->remote_address)) == 0;
}

/* One whole message, to this question and with nothing behind it. */
static int is_answer(const struct nlmsghdr *msg, uint32_t size, uint32_t seq)
{
	return NLMSG_OK(msg, size) && NLMSG_ALIGN(msg->nlmsg_len) >= size && msg->nlmsg_seq == seq;
}

static int read_answer(
	struct tcpbuf_netns *ns, const struct nlmsghdr *msg, ssize_t size, uint32_t seq, struct tcpbuf_sock *out)
{
	if (size < 0)
		return fail(ns, (int)size, NULL);
	if (size > ANSWER_SIZE)
		return fail(ns, -EMSGSIZE, NULL);
	if (!is_answer(msg, (uint32_t)size, seq))
		return fail(ns, -EPROTO, NULL);
	if (msg->nlmsg_type == NLMSG_ERROR)
		return refused(ns, msg);
	if (msg->nlmsg_type != SOCK_DIAG_BY_FAMILY || tcpbuf__diag_parse(msg, out) != 0)
		return fail(ns, -EPROTO, NULL);
	return 0;
}

static int ask(struct tcpbuf_netns *ns, int fd, const struct tcpbuf_sock_id *id, struct tcpbuf_sock *out)
{
	uint64_t buf[ANSWER_SIZE / sizeof(uint64_t)];
	struct nlmsghdr *msg = tcpbuf__diag_get_request(buf, id);
	uint32_t seq = msg->nlmsg_seq;
	ssize_t size = ns->tb->sys->send(fd, msg, msg->nlmsg_len);
	int err;

	if (size < 0)
		return fail(ns, (int)size, "the request was refused");
	size = ns->tb->sys->recv(fd, buf, sizeof(buf), MSG_TRUNC);
	err = read_answer(ns, msg, size, seq, out);
	if (!err && !is_asked_for(id, out))
		err = fail(ns, -ENOENT, "there is no such connection, only a listener for it");
	return err;
}

int tcpbuf_sock_get(struct tcpbuf_netns *ns, const struct tcpbuf_sock_id *id, void *out, uint32_t out_size)
{
	struct tcpbuf_sock_id checked;
	struct tcpbuf__subject about = {.verb = "get", .key = "socket"};
	struct tcpbuf_sock record;
	const char *cause;
	int fd, err;

	if (!ns || !id || !out)
		return -EINVAL;
	tcpbuf__error_clear(ns->tb);
	about.netns = ns->label;
	err = tcpbuf__copy_in(&checked, sizeof(checked), id);
	if (err)
		return fail(ns, err, err == -EINVAL ? "the size of its id is not set" : NULL);
	cause = tcpbuf__diag_complete_id(&checked);
	if (cause)
		return fail(ns, -EINVAL, cause);
	fd = tcpbuf__netns_take(ns, TCPBUF__DOOR_DIAG, &about);
	if (fd < 0)
		return fd;
	err = ask(ns, fd, &checked, &record);
	/* After a failure an answer may still be under way. */
	if (err && err != -ENOENT)
		ns->tb->sys->close(fd);
	else
		tcpbuf__netns_give(ns, TCPBUF__DOOR_DIAG, fd);
	if (!err)
		tcpbuf__copy_out(out, out_size, &record, sizeof(record));
	return err;
}

int tcpbuf_sock_find(struct tcpbuf_netns *ns, uint64_t cookie, uint32_t want, void *out, uint32_t out_size)
{
	const struct tcpbuf_sock_query query = {.size = sizeof(query), .states = ~0u, .want = want};
	struct tcpbuf_sock record;
	struct tcpbuf_sock_iter *it;
	int ret;

	if (!ns || !cookie || !out)
		return -EINVAL;
	ret = tcpbuf_sock_iter_open(ns, &query, &it);
	if (ret)
		return ret;
	do {
		ret = tcpbuf_sock_iter_next(it, &record, sizeof(record));
	} while (ret == 1 && record.cookie != cookie);
	tcpbuf_sock_iter_close(it);
	if (ret == 1)
		tcpbuf__copy_out(out, out_size, &record, sizeof(record));
	if (ret == 0)
		return fail_missing(ns);
	return ret == 1 ? 0 : ret;
}
