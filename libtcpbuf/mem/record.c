/* SPDX-License-Identifier: MIT */
#include "mem/record.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

int tcpbuf__copy_in(void *dst, size_t known, const void *src)
{
	const unsigned char *bytes = src;
	uint32_t size;

	if (!src)
		return -EINVAL;
	memcpy(&size, src, sizeof(size));
	if (size < sizeof(size))
		return -EINVAL;
	for (size_t i = known; i < size; i++)
		if (bytes[i])
			return -E2BIG;
	tcpbuf__copy_out(dst, known, src, size);
	return 0;
}

void tcpbuf__copy_back(void *dst, const void *record, size_t known)
{
	uint32_t size;

	memcpy(&size, dst, sizeof(size));
	memcpy(dst, record, size < known ? size : known);
}

void tcpbuf__copy_out(void *out, size_t out_size, const void *record, size_t known)
{
	size_t take = out_size < known ? out_size : known;

	if (!out)
		return;
	if (take)
		memcpy(out, record, take);
	memset((char *)out + take, 0, out_size - take);
}
