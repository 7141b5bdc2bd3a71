/* SPDX-License-Identifier: MIT */
/* What a kernel does with the bytes of one write(2) to a sysctl file; mirrors the handlers of
 * kernel/sysctl.c. */
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "keys/keys.h"

/* Bytes the kernel has not consumed yet. */
struct bytes {
	const char *pos;
	uint32_t left;
};

/* proc_get_long() copies at most this much of a number; one that fills it could be cut, so it is
 * refused. */
enum { LONGEST_NUMBER = 21 };

/* Latin-1's no-break space is white space to the kernel's isspace(). */
static int is_space(char c)
{
	unsigned char u = (unsigned char)c;

	return u == ' ' || (u >= '\t' && u <= '\r') || u == 0xa0;
}

static void skip_spaces(struct bytes *b)
{
	while (b->left && is_space(*b->pos)) {
		b->pos++;
		b->left--;
	}
}

static uint32_t digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return (uint32_t)(c - '0');
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? (uint32_t)(c - 'a') + 10 : 16;
}

/* Base that the prefix names, as for C constants; *skip gets the bytes of "0x". */
static uint32_t base_of(const char *pos, uint32_t length, uint32_t *skip)
{
	*skip = 0;
	if (length == 0 || pos[0] != '0')
		return 10;
	if (length > 2 && (pos[1] | 0x20) == 'x' && digit_of(pos[2]) < 16) {
		*skip = 2;
		return 16;
	}
	return 8;
}

/* strtoul_lenient(): the bytes used, or 0 when the number does not fit and that is looked at. */
static uint32_t take_digits(const char *pos, uint32_t length, int may_wrap, uint64_t *out)
{
	uint32_t used, base = base_of(pos, length, &used);
	int overflow = 0;

	*out = 0;
	for (; used < length && digit_of(pos[used]) < base; used++) {
		uint32_t digit = digit_of(pos[used]);

		overflow |= *out > (UINT64_MAX - digit) / base;
		*out = *out * base + digit;
	}
	return overflow && !may_wrap ? 0 : used;
}

/* proc_get_long(): one number, which white space or the end must follow. */
static int take_number(struct bytes *b, int may_wrap, uint64_t *size, int *negative)
{
	uint32_t seen = b->left < LONGEST_NUMBER ? b->left : LONGEST_NUMBER;
	uint32_t used;

	*negative = *b->pos == '-' && b->left > 1;
	used = (uint32_t)*negative;
	if (digit_of(b->pos[used]) > 9)
		return -EINVAL;
	used += take_digits(b->pos + used, seen - used, may_wrap, size);
	if (used == (uint32_t)*negative || used == LONGEST_NUMBER)
		return -EINVAL;
	/* NOLINTNEXTLINE(bugprone-not-null-terminated-result): the NUL is no blank */
	if (used < b->left && !memchr(" \t\n", b->pos[used], 3))
		return -EINVAL;
	b->pos += used;
	b->left -= used;
	return 0;
}

struct handler {
	struct tcpbuf__range range;
	const struct tcpbuf_key_rules *rules;
};

static int in_range(const struct tcpbuf__range *range, int64_t value)
{
	return value >= range->min && value <= range->max;
}

/* do_proc_dointvec_conv(), _minmax_conv(): before INT_WIDE_CHECK a range was compared with the low
 * 32 bits. */
static int convert_int(const struct handler *h, uint64_t size, int negative, int64_t *out)
{
	int plain = h->range.min == INT_MIN && h->range.max == INT_MAX;

	if (!plain && !tcpbuf__key_has(h->rules, TCPBUF_KEY_FEATURE_INT_WIDE_CHECK))
		*out = (int32_t)(uint32_t)(negative ? 0 - size : size);
	else if (size > (uint64_t)INT_MAX + (uint64_t)negative)
		return -EINVAL;
	else
		*out = negative ? -(int64_t)size : (int64_t)size;
	return in_range(&h->range, *out) ? 0 : -EINVAL;
}

static int convert(const struct handler *h, uint64_t size, int negative, int64_t *out)
{
	switch (h->range.type) {
	case TCPBUF_KEY_TYPE_INT:
		return convert_int(h, size, negative, out);
	case TCPBUF_KEY_TYPE_ULONG:
		*out = (int64_t)size;
		return negative ? -EINVAL : 0;
	case TCPBUF_KEY_TYPE_JIFFIES:
		*out = negative ? -(int64_t)size : (int64_t)size;
		return size <= (uint64_t)h->range.max ? 0 : -EINVAL;
	default:
		*out = (int64_t)size;
		return !negative && size <= UINT_MAX && in_range(&h->range, *out) ? 0 : -EINVAL;
	}
}

/* Numbers of the file as the write leaves them. */
struct state {
	int64_t numbers[3];
	uint32_t known; /* bit i: numbers[i] holds */
};

static int skips(const struct handler *h, int negative)
{
	return negative && h->range.type == TCPBUF_KEY_TYPE_ULONG &&
	       !tcpbuf__key_has(h->rules, TCPBUF_KEY_FEATURE_LONG_NEGATIVE_EINVAL);
}

/* Element by element, each stored before the next is looked at; returns 0 or -EINVAL. */
static int apply(const struct handler *h, struct bytes *b, uint32_t count, struct state *s)
{
	int may_wrap = !tcpbuf__key_has(h->rules, TCPBUF_KEY_FEATURE_INT_WIDE_CHECK);
	uint32_t i = 0;

	for (; b->left && i < count; i++) {
		uint64_t size = 0;
		int64_t value = 0;
		int negative = 0;

		skip_spaces(b);
		if (!b->left)
			break;
		if (take_number(b, may_wrap, &size, &negative))
			return -EINVAL;
		if (skips(h, negative))
			continue;
		if (convert(h, size, negative, &value))
			return -EINVAL;
		s->numbers[i] = value;
		s->known |= 1u << i;
	}
	if (i == 0)
		return -EINVAL;
	skip_spaces(b);
	return 0;
}

/* do_proc_douintvec_w() reports the whole write as used, whatever follows the number. */
static int counts_all(const struct handler *h)
{
	uint32_t type = h->range.type;

	return (type == TCPBUF_KEY_TYPE_UINT || type == TCPBUF_KEY_TYPE_BYTE) &&
	       !tcpbuf__key_has(h->rules, TCPBUF_KEY_FEATURE_SHORT_COUNT);
}

static int32_t write_numbers(
	const struct handler *h, uint32_t key, const char *bytes, uint32_t length, struct state *s)
{
	uint32_t page = h->rules->page_size ? h->rules->page_size : 4096;
	struct bytes b = {bytes, length < page - 1 ? length : page - 1};
	int err;

	if (!length)
		return 0;
	err = apply(h, &b, tcpbuf__key_numbers(key), s);
	if (err)
		return err;
	return (int32_t)(counts_all(h) ? length : length - b.left);
}

static void print_state(uint32_t key, const struct state *s, struct tcpbuf_key_effect *e)
{
	struct tcpbuf_value v = {.size = sizeof(v), .count = tcpbuf__key_numbers(key)};

	if (s->known != (1u << v.count) - 1)
		return;
	memcpy(v.numbers, s->numbers, sizeof(v.numbers));
	tcpbuf_key_format(key, &v, e->after, sizeof(e->after));
	e->valid |= TCPBUF_KEY_EFFECT_HAS_AFTER;
}

/* What stood there before; of another count than the key's means not known. */
static struct state state_before(uint32_t key, const struct tcpbuf_value *before)
{
	struct state s = {{0, 0, 0}, 0};

	if (before && before->count == tcpbuf__key_numbers(key)) {
		memcpy(s.numbers, before->numbers, sizeof(s.numbers));
		s.known = (1u << before->count) - 1;
	}
	return s;
}

static int32_t open_code(const struct tcpbuf_key_rules *rules, uint32_t key, uint32_t netns)
{
	switch (tcpbuf__key_access(rules, key, netns)) {
	case TCPBUF_KEY_ACCESS_ABSENT:
		return -ENOENT;
	case TCPBUF_KEY_ACCESS_RO:
		return -EACCES;
	default:
		return 0;
	}
}

int tcpbuf_key_write(const struct tcpbuf_key_rules *rules, uint32_t key, uint32_t netns,
	const char *bytes, uint32_t length, const struct tcpbuf_value *before, void *out,
	uint32_t out_size)
{
	struct tcpbuf_key_effect e = {.size = sizeof(e)};
	struct tcpbuf_key_rules known;
	struct tcpbuf_value value;
	struct handler h;
	struct state s;
	int err = tcpbuf__key_rules_in(&known, rules);

	tcpbuf__copy_out(out, out_size, 0, 0);
	if (!err && before)
		err = tcpbuf__copy_in(&value, sizeof(value), before);
	if (err)
		return err;
	if (!tcpbuf__key_row(key))
		return -ENOENT;
	if (!bytes && length)
		return -EINVAL;
	s = state_before(key, before ? &value : 0);
	h.range = tcpbuf__key_range(&known, key);
	h.rules = &known;
	e.result = open_code(&known, key, netns);
	if (!e.result && h.range.type == TCPBUF_KEY_TYPE_NAME)
		return -EOPNOTSUPP;
	if (!e.result)
		e.result = write_numbers(&h, key, bytes, length, &s);
	print_state(key, &s, &e);
	e.size = out_size < e.size ? out_size : e.size;
	tcpbuf__copy_out(out, out_size, &e, sizeof(e));
	return 0;
}
