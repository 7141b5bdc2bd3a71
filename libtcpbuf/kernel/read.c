/* SPDX-License-Identifier: MIT */
/* The running kernel: entry points, and evidence from PROC. */
#include "kernel/kernel.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include <tcpbuf/node.h>

#include "mem/text.h"
#include "util/file.h"
#include "util/reader.h"

#define NS_A_SECOND 1000000000u

static int fail(struct tcpbuf *tb, int code, const char *what, const char *value, const char *cause)
{
	struct tcpbuf__subject about = {.verb = "read", .key = what, .value = value};

	return tcpbuf__fail(tb, code, &about, cause);
}

static int open_sys(struct tcpbuf *tb)
{
	char path[TCPBUF__ROOT_SIZE + 16];
	struct tcpbuf__text t = tcpbuf__text_init(path, sizeof(path));

	tcpbuf__text_str(&t, tb->roots[TCPBUF_ROOT_PROC]);
	tcpbuf__text_str(&t, "/sys");
	return tb->sys->open(AT_FDCWD, path, O_PATH | O_DIRECTORY);
}

/* The release without its newline; terminated. */
static int read_release(const struct tcpbuf__sys *sys, int dir, char *out, size_t size)
{
	struct tcpbuf__file file = {0};
	struct tcpbuf__reader text, line = {0};
	struct tcpbuf__text t = tcpbuf__text_init(out, size);
	int err = tcpbuf__file_read(&file, sys, dir, "kernel/osrelease");

	text = tcpbuf__reader_init(file.data, err ? 0 : file.used);
	if (tcpbuf__reader_line(&text, &line))
		tcpbuf__text_bytes(&t, line.pos, (size_t)(line.end - line.pos));
	tcpbuf__file_free(&file, sys);
	return err;
}

static void see_constants(struct tcpbuf_kernel *k, const struct tcpbuf__sys *sys)
{
	uint32_t tick = sys->tick_ns(), page = sys->page_size(), hz;

	if (page != k->rules.page_size)
		tcpbuf__rules_set_page(&k->rules, page);
	tcpbuf__kernel_see(k, TCPBUF_KERNEL_PAGE_SIZE, page);
	hz = tick ? (NS_A_SECOND + tick / 2) / tick : 0;
	if (hz < 100 || hz > 1000)
		return;
	tcpbuf__kernel_see(k, TCPBUF_KERNEL_HZ, hz);
	k->rules.keys.hz = hz;
}

/* The header column of PROC/net/protocols; the head of a local packet follows from it. */
static int see_header(struct tcpbuf_kernel *k, struct tcpbuf *tb)
{
	struct tcpbuf_node node;
	int err = tcpbuf_node_read(tb, &node, sizeof(node));

	if (tcpbuf__sys_exhausted(err))
		return err;
	if (!err && node.valid & TCPBUF_NODE_HAS_TCP &&
		node.max_header_bytes >= 128 && node.max_header_bytes <= 1024)
		tcpbuf__kernel_see(k, TCPBUF_KERNEL_MAX_TCP_HEADER, node.max_header_bytes);
	tcpbuf__error_clear(tb);
	tcpbuf__rules_set_head(&k->rules);
	return 0;
}

static int read_settings(const struct tcpbuf__sys *sys, int dir, struct tcpbuf__kernel_settings *set)
{
	struct tcpbuf__file file = {0};
	struct tcpbuf_value value;
	int err = tcpbuf__kernel_number(sys, dir, "ipv4/tcp_adv_win_scale", &set->adv_win_scale);

	if (!err)
		err = tcpbuf__file_read(&file, sys, dir, "ipv4/tcp_rmem");
	if (!err && tcpbuf_key_parse(TCPBUF_KEY_TCP_RMEM, file.data, (uint32_t)file.used, &value, sizeof(value)) == 0)
		set->rmem_max = value.numbers[2];
	tcpbuf__file_free(&file, sys);
	return err;
}

static int open_net(struct tcpbuf *tb, struct tcpbuf_kernel *k)
{
	int net, dir = open_sys(tb);
	int err = dir < 0 ? dir : read_release(tb->sys, dir, k->release, sizeof(k->release));

	net = err ? err : tb->sys->open(dir, "net", O_PATH | O_DIRECTORY);
	if (dir >= 0)
		tb->sys->close(dir);
	return net < 0 ? fail(tb, net, err ? "PROC/sys/kernel/osrelease" : "PROC/sys/net", NULL, NULL) : net;
}

/* What cannot be read is not seen; but without memory or descriptors nothing would be. */
static int see_net(struct tcpbuf_kernel *k, const struct tcpbuf__sys *sys, int dir)
{
	struct tcpbuf__kernel_settings set = {.adv_win_scale = 1};
	int err = tcpbuf__kernel_see_files(k, sys, dir);

	if (!tcpbuf__sys_exhausted(err))
		err = read_settings(sys, dir, &set);
	return tcpbuf__sys_exhausted(err) ? err : tcpbuf__kernel_see_sockets(k, sys, &set);
}

static int see_passively(struct tcpbuf *tb, struct tcpbuf_kernel *k)
{
	int dir = open_net(tb, k), err;

	if (dir < 0)
		return dir;
	err = tcpbuf_kernel_named(k->release, k, sizeof(*k));
	if (err) {
		tb->sys->close(dir);
		return fail(tb, err, "PROC/sys/kernel/osrelease", k->release, "not a release of Linux 4.19 or later");
	}
	see_constants(k, tb->sys);
	err = see_net(k, tb->sys, dir);
	tb->sys->close(dir);
	if (err)
		return fail(tb, err, "PROC/sys/net", NULL, NULL);
	return see_header(k, tb);
}

static int begin(struct tcpbuf *tb, const void *out)
{
	if (tb)
		tcpbuf__error_clear(tb);
	return tb && out ? 0 : -EINVAL;
}

int tcpbuf_kernel_read(struct tcpbuf *tb, void *out, uint32_t out_size)
{
	struct tcpbuf_kernel k;
	int err = begin(tb, out);

	if (!err)
		err = see_passively(tb, &k);
	if (!err)
		tcpbuf__copy_out(out, out_size, &k, sizeof(k));
	return err;
}

int tcpbuf_kernel_probe(struct tcpbuf *tb, void *out, uint32_t out_size)
{
	struct tcpbuf_kernel k;
	int err = begin(tb, out);

	if (!err)
		err = see_passively(tb, &k);
	if (!err)
		err = tcpbuf__netns_scratch(tb, tcpbuf__kernel_probe_inside, &k);
	if (err)
		return err;
	k.probed = 1;
	tcpbuf__copy_out(out, out_size, &k, sizeof(k));
	return 0;
}
