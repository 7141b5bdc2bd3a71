/* SPDX-License-Identifier: MIT */
/* The running kernel: entry points, and evidence from PROC. */
#include "kernel/kernel.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include <tcpbuf/node.h>

#include "mem/text.h"
#include "util/reader.h"

#define NS_A_SECOND 1000000000u

static int fail(struct tcpbuf *tb, int code, const char *what, const char *value, const char *cause)
{
	struct tcpbuf__subject about = {.verb = "read", .key = what, .value = value};

	return tcpbuf__fail(tb, code, &about, cause);
}

static int open_below(struct tcpbuf *tb, const char *below, int flags)
{
	char path[TCPBUF__ROOT_SIZE + 32];
	struct tcpbuf__text t = tcpbuf__text_init(path, sizeof(path));

	tcpbuf__text_str(&t, tb->roots[TCPBUF_ROOT_PROC]);
	tcpbuf__text_str(&t, below);
	return tb->sys->open(AT_FDCWD, path, flags);
}

/* The release without its newline; terminated. */
static int read_release(struct tcpbuf *tb, char *out, size_t size)
{
	int fd = open_below(tb, "/sys/kernel/osrelease", O_RDONLY);
	ssize_t got;

	if (fd < 0)
		return fd;
	got = tb->sys->read(fd, out, size - 1);
	tb->sys->close(fd);
	if (got < 0)
		return (int)got;
	out[got] = '\0';
	out[strcspn(out, "\n")] = '\0';
	return 0;
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
static void see_header(struct tcpbuf_kernel *k, struct tcpbuf *tb)
{
	struct tcpbuf_node node;

	if (tcpbuf_node_read(tb, &node, sizeof(node)) == 0 && node.valid & TCPBUF_NODE_HAS_TCP &&
		node.max_header_bytes >= 128 && node.max_header_bytes <= 1024)
		tcpbuf__kernel_see(k, TCPBUF_KERNEL_MAX_TCP_HEADER, node.max_header_bytes);
	tcpbuf__error_clear(tb);
	tcpbuf__rules_set_head(&k->rules);
}

/* Third number of tcp_rmem; 0 when it cannot be read. */
static int64_t rmem_max(const struct tcpbuf__sys *sys, int dir)
{
	struct tcpbuf_value value;
	char text[96];
	int fd = sys->open(dir, "ipv4/tcp_rmem", O_RDONLY);
	ssize_t got = fd < 0 ? fd : sys->read(fd, text, sizeof(text));

	if (fd >= 0)
		sys->close(fd);
	if (got < 0 || tcpbuf_key_parse(TCPBUF_KEY_TCP_RMEM, text, (uint32_t)got, &value, sizeof(value)))
		return 0;
	return value.numbers[2];
}

static int see_passively(struct tcpbuf *tb, struct tcpbuf_kernel *k)
{
	struct tcpbuf__kernel_settings set = {.adv_win_scale = 1};
	int dir, err = read_release(tb, k->release, sizeof(k->release));

	if (err)
		return fail(tb, err, "PROC/sys/kernel/osrelease", NULL, NULL);
	err = tcpbuf_kernel_named(k->release, k, sizeof(*k));
	if (err)
		return fail(tb, err, "PROC/sys/kernel/osrelease", k->release, "not a release of Linux 4.19 or later");
	dir = open_below(tb, "/sys/net", O_PATH | O_DIRECTORY);
	if (dir < 0)
		return fail(tb, dir, "PROC/sys/net", NULL, NULL);
	see_constants(k, tb->sys);
	tcpbuf__kernel_see_files(k, tb->sys, dir);
	tcpbuf__kernel_number(tb->sys, dir, "ipv4/tcp_adv_win_scale", &set.adv_win_scale);
	set.rmem_max = rmem_max(tb->sys, dir);
	tb->sys->close(dir);
	tcpbuf__kernel_see_sockets(k, tb->sys, &set);
	see_header(k, tb);
	return 0;
}

static int begin(struct tcpbuf *tb, void *out)
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
