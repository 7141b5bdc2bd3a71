/* SPDX-License-Identifier: MIT */
/* A dump: request, answers, and everything that may go wrong on the way. */
#include "diag/diag.h"

#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <string.h>

#include "base/base.h"
#include "netns/netns.h"

/* The kernel never builds a larger answer: netlink_dump() caps it at 32 KiB. */
#define ANSWER_SIZE 32768

/*
 * One walk of the kernel's tables for both families, TCPDIAG_GETSOCK; where a
 * kernel lacks that message, one walk for each family.
 */
enum walk {
	WALK_BOTH,
	WALK_IPV4,
	WALK_IPV6,
	WALK_DONE
};

struct tcpbuf_sock_iter {
	struct tcpbuf *tb;
	struct tcpbuf_netns *ns;
	struct tcpbuf_sock_query query;
	int fd;
	int failed; /* negative errno, repeated once the iterator has failed */
	int disturbed;
	int begun; /* a record of this walk has been handed out */
	enum walk walk;
	uint32_t seq;
	int left; /* bytes from msg to the end of the answer */
	const struct nlmsghdr *msg;
	uint64_t answer[ANSWER_SIZE / sizeof(uint64_t)]; /* aligned as netlink messages are */
};

static int fail(struct tcpbuf_sock_iter *it, int code, const char *cause)
{
	struct tcpbuf__subject about = {.verb = "list", .key = "sockets", .netns = it->ns->label};

	it->failed = code;
	return tcpbuf__fail(it->tb, code, &about, cause);
}

static int send_request(struct tcpbuf_sock_iter *it)
{
	static const uint8_t families[] = {
		[WALK_BOTH] = AF_UNSPEC, [WALK_IPV4] = AF_INET, [WALK_IPV6] = AF_INET6};
	struct nlmsghdr *msg = tcpbuf__diag_dump_request(it->answer, families[it->walk], &it->query);
	ssize_t sent;

	msg->nlmsg_seq = ++it->seq;
	sent = it->tb->sys->send(it->fd, msg, msg->nlmsg_len);
	it->left = 0;
	it->begun = 0;
	if (sent < 0)
		return fail(it, (int)sent, "the request was refused");
	return 0;
}

static int receive(struct tcpbuf_sock_iter *it)
{
	ssize_t size = it->tb->sys->recv(it->fd, it->answer, sizeof(it->answer), MSG_TRUNC);

	if (size < 0)
		return fail(it, (int)size, NULL);
	if ((size_t)size > sizeof(it->answer))
		return fail(it, -EMSGSIZE, NULL);
	if (!size)
		return fail(it, -EPROTO, NULL);
	it->msg = (const struct nlmsghdr *)it->answer;
	it->left = (int)size;
	return 0;
}

/* A kernel that does not know the request says so in one of these ways, and before any record. */
static int is_unknown(const struct tcpbuf_sock_iter *it, int code)
{
	return !it->begun && (code == -EINVAL || code == -EOPNOTSUPP || code == -ENOENT);
}

/* A refusal by the kernel: try family by family, go without IPv6, or fail. Returns 0 to go on. */
static int refused(struct tcpbuf_sock_iter *it, int code, const char *words)
{
	int unknown = is_unknown(it, code);

	if (it->walk == WALK_BOTH && unknown) {
		it->walk = WALK_IPV4;
		return send_request(it);
	}
	if (it->walk == WALK_IPV6 && unknown) {
		it->walk = WALK_DONE;
		return 0;
	}
	if (unknown && it->query.cgroup_id)
		return fail(it, -EOPNOTSUPP, "kernels before 5.9 do not filter by cgroup");
	if (unknown)
		return fail(it, -EOPNOTSUPP, words ? words : "the kernel has no sock_diag for TCP");
	if (code == -EPERM && it->query.mark_mask)
		words = "a filter by mark needs CAP_NET_ADMIN in the namespace's user namespace";
	return fail(it, code, words);
}

static int on_error(struct tcpbuf_sock_iter *it, const struct nlmsghdr *msg)
{
	const char *words;
	int code = tcpbuf__diag_error(msg, &words);

	return refused(it, code, words);
}

/* A dump that failed must not look like an empty one. */
static int on_done(struct tcpbuf_sock_iter *it, const struct nlmsghdr *msg)
{
	const char *words;
	int code = tcpbuf__diag_done(msg, &words);

	if (code < 0)
		return refused(it, code, words);
	if (it->walk == WALK_IPV4) {
		it->walk = WALK_IPV6;
		return send_request(it);
	}
	it->walk = WALK_DONE;
	return 0;
}

/*
 * One message: a record (1), or something else to step over (0), or a failure.
 */
static int on_message(struct tcpbuf_sock_iter *it, const struct nlmsghdr *msg, struct tcpbuf_sock *out)
{
	int err;

	if (msg->nlmsg_seq != it->seq)
		return 0;
	if (msg->nlmsg_flags & NLM_F_DUMP_INTR)
		it->disturbed = 1;
	switch (msg->nlmsg_type) {
	case NLMSG_ERROR:
		return on_error(it, msg);
	case NLMSG_DONE:
		return on_done(it, msg);
	case NLMSG_OVERRUN:
		return fail(it, -ENOBUFS, NULL);
	case TCPDIAG_GETSOCK:
	case SOCK_DIAG_BY_FAMILY:
		it->begun = 1;
		err = tcpbuf__diag_parse(msg, out);
		return err ? fail(it, err, NULL) : 1;
	default:
		return 0;
	}
}

static int finish(struct tcpbuf_sock_iter *it)
{
	if (it->disturbed)
		return fail(it, -EAGAIN, "the dump was disturbed: sockets may be missing or doubled");
	return 0;
}

static int next(struct tcpbuf_sock_iter *it, struct tcpbuf_sock *out)
{
	const struct nlmsghdr *msg;
	int ret = 0;

	while (!ret) {
		if (it->walk == WALK_DONE)
			return finish(it);
		msg = it->msg;
		if (it->left > 0 && NLMSG_OK(msg, (uint32_t)it->left)) {
			it->msg = NLMSG_NEXT(msg, it->left);
			ret = on_message(it, msg, out);
		} else {
			ret = it->left ? fail(it, -EPROTO, NULL) : receive(it);
		}
	}
	return ret;
}

static int read_query(struct tcpbuf *tb, const char *label, const struct tcpbuf_sock_query *in,
	struct tcpbuf_sock_query *out)
{
	struct tcpbuf__subject about = {.verb = "list", .key = "sockets", .netns = label};
	const char *cause;
	int err = 0;

	memset(out, 0, sizeof(*out));
	if (in)
		err = tcpbuf__copy_in(out, sizeof(*out), in);
	if (err)
		return tcpbuf__fail(tb, err, &about, err == -EINVAL ? "the query's size is not set" : NULL);
	cause = tcpbuf__diag_complete(out);
	return cause ? tcpbuf__fail(tb, -EINVAL, &about, cause) : 0;
}

int tcpbuf_sock_iter_open(
	struct tcpbuf_netns *ns, const struct tcpbuf_sock_query *query, struct tcpbuf_sock_iter **out)
{
	struct tcpbuf__subject about = {.verb = "list", .key = "sockets"};
	struct tcpbuf_sock_query checked;
	struct tcpbuf_sock_iter *it;
	int err;

	if (out)
		*out = NULL;
	if (!ns || !out)
		return -EINVAL;
	tcpbuf__error_clear(ns->tb);
	about.netns = ns->label;
	err = read_query(ns->tb, ns->label, query, &checked);
	if (err)
		return err;
	it = ns->tb->sys->alloc(sizeof(*it));
	if (!it)
		return tcpbuf__fail(ns->tb, -ENOMEM, &about, NULL);
	it->tb = ns->tb;
	it->ns = ns;
	it->query = checked;
	it->fd = tcpbuf__netns_take(ns, TCPBUF__DOOR_DIAG, &about);
	err = it->fd < 0 ? it->fd : send_request(it);
	if (err) {
		tcpbuf_sock_iter_close(it);
		return err;
	}
	*out = it;
	return 0;
}

int tcpbuf_sock_iter_next(struct tcpbuf_sock_iter *it, void *out, uint32_t out_size)
{
	return tcpbuf_sock_iter_fetch(it, out, out_size, 1);
}

int tcpbuf_sock_iter_fetch(struct tcpbuf_sock_iter *it, void *items, uint32_t item_size, uint32_t count)
{
	struct tcpbuf_sock record;
	/* A record goes straight to the caller where it has room for all of it. */
	int direct = item_size == sizeof(record) && (uintptr_t)items % _Alignof(struct tcpbuf_sock) == 0;
	char *item = items;
	uint32_t done = 0;
	int ret = 0;

	if (!it || !items || !item_size || !count || count > INT32_MAX)
		return -EINVAL;
	if (it->failed)
		return it->failed;
	tcpbuf__error_clear(it->tb);
	while (done < count && (ret = next(it, direct ? (void *)item : &record)) == 1) {
		if (!direct)
			tcpbuf__copy_out(item, item_size, &record, sizeof(record));
		item += item_size;
		done++;
	}
	return ret < 0 && !done ? ret : (int)done;
}

void tcpbuf_sock_iter_close(struct tcpbuf_sock_iter *it)
{
	if (!it)
		return;
	/* A socket with answers still under way would mix them into the next dump. */
	if (it->walk == WALK_DONE && !it->failed)
		tcpbuf__netns_give(it->ns, TCPBUF__DOOR_DIAG, it->fd);
	else if (it->fd >= 0)
		it->tb->sys->close(it->fd);
	it->tb->sys->release(it);
}
