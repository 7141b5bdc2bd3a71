/* SPDX-License-Identifier: MIT */
/* Limits that a kernel computes from its memory at boot. */
#include "model/model.h"

int tcpbuf_model_boot(const struct tcpbuf_rules *rules, int64_t buffer_pages, void *out, uint32_t out_size)
{
	struct tcpbuf_model_boot boot;
	struct tcpbuf_rules r;
	int err = tcpbuf__model_rules(&r, rules);
	int64_t limit, share;

	if (err)
		return err;
	if (!out || buffer_pages < 0 || buffer_pages > INT32_MAX)
		return -EINVAL;
	limit = tcpbuf__max(buffer_pages / 16, 128);
	memset(&boot, 0, sizeof(boot));
	boot.verified = r.verified;
	boot.tcp_mem[0] = limit / 4 * 3;
	boot.tcp_mem[1] = limit;
	boot.tcp_mem[2] = boot.tcp_mem[0] * 2;
	share = buffer_pages * (r.page_size / 128);
	boot.tcp_rmem[0] = boot.tcp_wmem[0] = r.page_size;
	boot.tcp_rmem[1] = 131072;
	boot.tcp_rmem[2] = tcpbuf__max(131072, tcpbuf__min(r.rmem_cap, share));
	boot.tcp_wmem[1] = 16384;
	boot.tcp_wmem[2] = tcpbuf__max(65536, tcpbuf__min(4 << 20, share));
	tcpbuf__copy_out(out, out_size, &boot, sizeof(boot));
	return 0;
}
