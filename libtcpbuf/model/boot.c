/* SPDX-License-Identifier: MIT */
/* Limits that a kernel computes from its memory at boot. */
#include "model/model.h"

enum { LEAST_LIMIT = 128 }; /* pages */

/* tcp_init_mem(), net/ipv4/tcp.c: limit is a sixteenth of the pages for buffers. */
static void mem_of(int64_t limit, int64_t tcp_mem[3])
{
	tcp_mem[0] = limit / 4 * 3;
	tcp_mem[1] = limit;
	tcp_mem[2] = tcp_mem[0] * 2;
}

int tcpbuf_model_boot(const struct tcpbuf_rules *rules, int64_t buffer_pages, void *out, uint32_t out_size)
{
	struct tcpbuf_model_boot boot;
	struct tcpbuf_rules r;
	int err = tcpbuf__model_rules(&r, rules);
	int64_t share;

	if (err)
		return err;
	if (!out || buffer_pages < 0 || buffer_pages > INT32_MAX)
		return -EINVAL;
	memset(&boot, 0, sizeof(boot));
	boot.verified = r.verified;
	mem_of(tcpbuf__max(buffer_pages / 16, LEAST_LIMIT), boot.tcp_mem);
	share = buffer_pages * (r.page_size / 128);
	boot.tcp_rmem[0] = boot.tcp_wmem[0] = r.page_size;
	boot.tcp_rmem[1] = 131072;
	boot.tcp_rmem[2] = tcpbuf__max(131072, tcpbuf__min(r.rmem_cap, share));
	boot.tcp_wmem[1] = 16384;
	boot.tcp_wmem[2] = tcpbuf__max(65536, tcpbuf__min(4 << 20, share));
	tcpbuf__copy_out(out, out_size, &boot, sizeof(boot));
	return 0;
}

int tcpbuf_model_is_boot_mem(int64_t low, int64_t pressure, int64_t high)
{
	int64_t tcp_mem[3];

	if (pressure < LEAST_LIMIT || pressure > INT64_MAX / 2)
		return 0;
	mem_of(pressure, tcp_mem);
	return low == tcp_mem[0] && high == tcp_mem[2];
}
