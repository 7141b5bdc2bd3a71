/* SPDX-License-Identifier: MIT */
/* A recorded census: what is read, written and read again is the same, byte by byte. */
#include <errno.h>

#include "census/census.h"
#include "fuzz.h"

static struct tcpbuf *tb;

static char *write_all(const struct tcpbuf_census *c, int64_t *length)
{
	char *text, cut[16];

	*length = tcpbuf_census_write(c, NULL, 0);
	MUST(*length > 0 && tcpbuf_census_write(c, cut, sizeof(cut)) == *length && strlen(cut) == sizeof(cut) - 1);
	text = malloc((size_t)*length + 1);
	MUST(text && tcpbuf_census_write(c, text, (uint64_t)*length + 1) == *length);
	MUST(strlen(text) == (size_t)*length);
	return text;
}

/* Nothing in a recording could confuse who looks at it. */
static void check_lines(const char *text)
{
	for (const char *end; (end = strchr(text, '\n')); text = end + 1)
		MUST(is_plain(text, (size_t)(end - text)));
	MUST(!*text);
}

static void check_holders(const struct tcpbuf_census *c, uint32_t by)
{
	struct tcpbuf_census_holder h, before = {.held_bytes = INT64_MAX};
	int64_t count = tcpbuf_census_count(c, by);

	for (int64_t i = 0; i < count; i++) {
		MUST(tcpbuf_census_at(c, by, (uint32_t)i, &h, sizeof(h)) == 1);
		MUST(h.held_bytes <= before.held_bytes);
		MUST(memchr(h.comm, '\0', sizeof(h.comm)) && memchr(h.cgroup, '\0', sizeof(h.cgroup)));
		MUST(memchr(h.pod, '\0', sizeof(h.pod)) && memchr(h.container, '\0', sizeof(h.container)));
		before = h;
	}
	MUST(count < 0 || tcpbuf_census_at(c, by, (uint32_t)count, &h, sizeof(h)) == 0);
}

static void check_again(struct tcpbuf_census *c)
{
	struct tcpbuf_census *twin;
	int64_t length, again;
	char *text = write_all(c, &length), *copy;

	check_lines(text);
	MUST(tcpbuf_census_read(tb, text, (uint64_t)length, &twin) == 0);
	copy = write_all(twin, &again);
	MUST(length == again && memcmp(text, copy, (size_t)length) == 0);
	MUST(tcpbuf_census_compare(c, twin) == 0);
	for (uint32_t order = TCPBUF_CENSUS_ORDER_HELD; tcpbuf_census_sort(c, order) == 0; order++)
		;
	tcpbuf_census_free(twin);
	free(text);
	free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tcpbuf_census *c;
	int err;

	if (!tb)
		MUST(tcpbuf_new(&tb) == 0);
	err = tcpbuf_census_read(tb, (const char *)data, size, &c);
	MUST(err == 0 || (err == -EPROTO && !c));
	if (err)
		return 0;
	for (uint32_t bit = 1; bit < 32; bit <<= 1)
		check_holders(c, bit);
	check_again(c);
	tcpbuf_census_free(c);
	return 0;
}
