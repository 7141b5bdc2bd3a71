/* SPDX-License-Identifier: MIT */
/* Text of a sysctl file to numbers and back. */
#include <errno.h>
#include <string.h>

#include "keys/keys.h"
#include "mem/text.h"

struct cursor {
	const char *pos, *end;
};

static void skip_blanks(struct cursor *c)
{
	while (c->pos < c->end && (*c->pos == ' ' || *c->pos == '\t'))
		c->pos++;
}

static int take_u64(struct cursor *c, uint64_t *out)
{
	const char *start = c->pos;
	uint64_t value = 0;

	for (; c->pos < c->end && *c->pos >= '0' && *c->pos <= '9'; c->pos++) {
		uint64_t digit = (uint64_t)(*c->pos - '0');

		if (value > (UINT64_MAX - digit) / 10)
			return -EOVERFLOW;
		value = value * 10 + digit;
	}
	*out = value;
	return c->pos > start ? 0 : -EINVAL;
}

static int take_number(struct cursor *c, int is_unsigned, int64_t *out)
{
	int negative = !is_unsigned && c->pos < c->end && *c->pos == '-';
	uint64_t size = 0;
	int err;

	c->pos += negative;
	err = take_u64(c, &size);
	if (err)
		return err;
	if (!is_unsigned && size > INT64_MAX)
		return -EOVERFLOW;
	*out = (int64_t)(negative ? 0 - size : size);
	return 0;
}

static int take_numbers(struct cursor *c, uint32_t key, struct tcpbuf_value *v)
{
	int is_unsigned = tcpbuf__key_range(0, key).type == TCPBUF_KEY_TYPE_ULONG;

	for (uint32_t i = 0; i < v->count; i++) {
		const char *before = c->pos;
		int err;

		skip_blanks(c);
		if (i && c->pos == before)
			return -EINVAL;
		err = take_number(c, is_unsigned, &v->numbers[i]);
		if (err)
			return err;
	}
	skip_blanks(c);
	return c->pos == c->end ? 0 : -EINVAL;
}

static int take_name(const struct cursor *c, struct tcpbuf_value *v)
{
	uint32_t length = (uint32_t)(c->end - c->pos);

	if (length == 0 || length >= sizeof(v->text))
		return -EINVAL;
	for (uint32_t i = 0; i < length; i++)
		if (c->pos[i] <= ' ' || c->pos[i] > '~')
			return -EINVAL;
	memcpy(v->text, c->pos, length);
	return 0;
}

int tcpbuf_key_parse(uint32_t key, const char *text, uint32_t length, void *out, uint32_t out_size)
{
	struct tcpbuf_value v = {.size = sizeof(v), .count = tcpbuf__key_numbers(key)};
	struct cursor c = {text, text + (text ? length : 0)};
	int err;

	tcpbuf__copy_out(out, out_size, 0, 0);
	if (!tcpbuf__key_row(key))
		return -ENOENT;
	if (!text || !out)
		return -EINVAL;
	if (length && c.end[-1] == '\n')
		c.end--;
	err = v.count ? take_numbers(&c, key, &v) : take_name(&c, &v);
	if (err)
		return err;
	v.size = out_size < v.size ? out_size : v.size;
	tcpbuf__copy_out(out, out_size, &v, sizeof(v));
	return 0;
}

void tcpbuf__key_put_number(struct tcpbuf__text *t, uint32_t key, int64_t value)
{
	if (tcpbuf__key_range(0, key).type == TCPBUF_KEY_TYPE_ULONG)
		tcpbuf__text_u64(t, (uint64_t)value);
	else
		tcpbuf__text_i64(t, value);
}

static void put_value(struct tcpbuf__text *p, uint32_t key, const struct tcpbuf_value *v)
{
	const char *end = memchr(v->text, '\0', sizeof(v->text));

	for (uint32_t i = 0; i < v->count; i++) {
		if (i)
			tcpbuf__text_str(p, "\t");
		tcpbuf__key_put_number(p, key, v->numbers[i]);
	}
	if (!v->count)
		tcpbuf__text_bytes(p, v->text, end ? (uint32_t)(end - v->text) : 0);
}

int tcpbuf_key_format(uint32_t key, const struct tcpbuf_value *value, char *buf, uint32_t buf_size)
{
	struct tcpbuf__text p = tcpbuf__text_init(buf, buf ? buf_size : 0);
	struct tcpbuf_value v;
	int err;

	if (!tcpbuf__key_row(key))
		return -ENOENT;
	err = tcpbuf__copy_in(&v, sizeof(v), value);
	if (err)
		return err;
	if (v.count != tcpbuf__key_numbers(key))
		return -EINVAL;
	put_value(&p, key, &v);
	if (p.used < p.size)
		return (int)p.used;
	if (buf && buf_size)
		buf[0] = '\0';
	return -ENOSPC;
}
