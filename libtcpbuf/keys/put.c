/* SPDX-License-Identifier: MIT */
#include "keys/put.h"

#include <string.h>

#include "keys/keys.h"

struct tcpbuf__put tcpbuf__put_init(char *buf, uint32_t size)
{
	struct tcpbuf__put p = {buf, size, 0};

	if (size)
		buf[0] = '\0';
	return p;
}

void tcpbuf__put_bytes(struct tcpbuf__put *p, const char *bytes, uint32_t count)
{
	uint32_t room = p->used + 1 < p->size ? p->size - 1 - p->used : 0;
	uint32_t take = count < room ? count : room;

	if (take) {
		memcpy(p->buf + p->used, bytes, take);
		p->buf[p->used + take] = '\0';
	}
	p->used += count;
}

void tcpbuf__put_str(struct tcpbuf__put *p, const char *str)
{
	for (; *str; str++)
		tcpbuf__put_bytes(p, str, 1);
}

void tcpbuf__put_u64(struct tcpbuf__put *p, uint64_t value)
{
	char digits[20];
	uint32_t pos = sizeof(digits);

	do {
		digits[--pos] = (char)('0' + value % 10);
		value /= 10;
	} while (value);
	tcpbuf__put_bytes(p, digits + pos, (uint32_t)sizeof(digits) - pos);
}

void tcpbuf__put_i64(struct tcpbuf__put *p, int64_t value)
{
	if (value < 0)
		tcpbuf__put_str(p, "-");
	tcpbuf__put_u64(p, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
}

void tcpbuf__put_number(struct tcpbuf__put *p, uint32_t key, int64_t value)
{
	if (tcpbuf__key_range(0, key).type == TCPBUF_KEY_TYPE_ULONG)
		tcpbuf__put_u64(p, (uint64_t)value);
	else
		tcpbuf__put_i64(p, value);
}
