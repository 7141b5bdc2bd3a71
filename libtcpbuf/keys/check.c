/* SPDX-License-Identifier: MIT */
/* The strict check of what a user typed. */
#include <errno.h>
#include <string.h>

#include "keys/keys.h"
#include "mem/text.h"

struct word {
	const char *pos;
	uint32_t length;
};

struct input {
	const char *pos, *end;
};

/* Code of each refusal. */
static const struct {
	uint32_t reason;
	int32_t code;
} codes[] = {
	{TCPBUF_KEY_REASON_UNKNOWN_KEY, -ENOENT},
	{TCPBUF_KEY_REASON_ABSENT, -ENOENT},
	{TCPBUF_KEY_REASON_READ_ONLY, -EACCES},
	{TCPBUF_KEY_REASON_EMPTY, -EINVAL},
	{TCPBUF_KEY_REASON_COUNT, -EINVAL},
	{TCPBUF_KEY_REASON_TRAILING, -EINVAL},
	{TCPBUF_KEY_REASON_NOT_A_NUMBER, -EINVAL},
	{TCPBUF_KEY_REASON_SIGN, -EINVAL},
	{TCPBUF_KEY_REASON_LEADING_ZERO, -EINVAL},
	{TCPBUF_KEY_REASON_HEX, -EINVAL},
	{TCPBUF_KEY_REASON_TOO_SMALL, -ERANGE},
	{TCPBUF_KEY_REASON_TOO_LARGE, -ERANGE},
	{TCPBUF_KEY_REASON_MIN_ABOVE_DEFAULT, -ERANGE},
	{TCPBUF_KEY_REASON_MAX_BELOW_DEFAULT, -ERANGE},
	{TCPBUF_KEY_REASON_NAME, -EINVAL},
};

static int32_t code_of(uint32_t reason)
{
	for (uint32_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (codes[i].reason == reason)
			return codes[i].code;
	return 0;
}

static int is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static int is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Blanks at both ends and one newline at the end do not matter. */
static struct input trim(const char *text, uint32_t length)
{
	struct input in = {text, text + length};

	if (length && in.end[-1] == '\n')
		in.end--;
	while (in.pos < in.end && is_blank(*in.pos))
		in.pos++;
	while (in.pos < in.end && is_blank(in.end[-1]))
		in.end--;
	return in;
}

static int next_word(struct input *in, struct word *w)
{
	while (in->pos < in->end && is_blank(*in->pos))
		in->pos++;
	w->pos = in->pos;
	while (in->pos < in->end && !is_blank(*in->pos))
		in->pos++;
	w->length = (uint32_t)(in->pos - w->pos);
	return w->length > 0;
}

/* Words come from outside, so nothing in them may reach a terminal as it is. */
static void keep_word(struct tcpbuf_key_verdict *v, const struct word *w)
{
	static const char hex[] = "0123456789abcdef";
	struct tcpbuf__text p = tcpbuf__text_init(v->word, sizeof(v->word));

	v->word_cut = 0;
	for (uint32_t i = 0; i < w->length; i++) {
		unsigned char c = (unsigned char)w->pos[i];
		char escape[4] = {'\\', 'x', hex[c >> 4], hex[c & 15]};

		if (p.used + sizeof(escape) >= p.size) {
			v->word_cut = 1;
			return;
		}
		if (c >= ' ' && c < 0x7f && c != '"' && c != '\\')
			tcpbuf__text_bytes(&p, w->pos + i, 1);
		else
			tcpbuf__text_bytes(&p, escape, sizeof(escape));
	}
}

/* Form of one number, before its size matters. */
static uint32_t check_form(const struct word *w, int signs)
{
	uint32_t sign = w->pos[0] == '-' || w->pos[0] == '+';
	const char *digits = w->pos + sign;
	uint32_t length = w->length - sign;

	if (length > 2 && digits[0] == '0' && (digits[1] == 'x' || digits[1] == 'X'))
		return TCPBUF_KEY_REASON_HEX;
	for (uint32_t i = 0; i < length; i++)
		if (!is_digit(digits[i]))
			return TCPBUF_KEY_REASON_NOT_A_NUMBER;
	if (!length)
		return TCPBUF_KEY_REASON_NOT_A_NUMBER;
	if (w->pos[0] == '+' || (sign && !signs))
		return TCPBUF_KEY_REASON_SIGN;
	return length > 1 && digits[0] == '0' ? TCPBUF_KEY_REASON_LEADING_ZERO
					      : TCPBUF_KEY_REASON_OK;
}

/* Number of a well-formed word; what does not fit becomes the end of int64_t, which is out of every
 * range or its end. */
static int64_t number_of(const struct word *w, int *overflow)
{
	int negative = w->pos[0] == '-';
	int64_t value = 0;

	*overflow = 0;
	for (uint32_t i = (uint32_t)negative; i < w->length; i++) {
		int64_t digit = w->pos[i] - '0';

		if (value > (INT64_MAX - digit) / 10) {
			*overflow = 1;
			return negative ? INT64_MIN : INT64_MAX;
		}
		value = value * 10 + digit;
	}
	return negative ? -value : value;
}

static uint32_t check_number(
	const struct word *w, const struct tcpbuf__range *range, struct tcpbuf_key_verdict *v)
{
	uint32_t reason = check_form(w, range->min < 0);
	int overflow;

	keep_word(v, w);
	if (reason)
		return reason;
	v->given = number_of(w, &overflow);
	if (v->given < range->min || (overflow && v->given < 0)) {
		v->limit = range->min;
		return TCPBUF_KEY_REASON_TOO_SMALL;
	}
	v->limit = range->max;
	return v->given > range->max || overflow ? TCPBUF_KEY_REASON_TOO_LARGE
						 : TCPBUF_KEY_REASON_OK;
}

/* What follows the last number: more numbers are a miscount, anything else is junk. */
static uint32_t check_rest(struct input *in, uint32_t count, struct tcpbuf_key_verdict *v)
{
	uint32_t found = count;
	struct word w;

	while (next_word(in, &w)) {
		found++;
		if (check_form(&w, 1) == TCPBUF_KEY_REASON_NOT_A_NUMBER) {
			keep_word(v, &w);
			return TCPBUF_KEY_REASON_TRAILING;
		}
	}
	v->given = found;
	v->limit = count;
	return found > count ? TCPBUF_KEY_REASON_COUNT : TCPBUF_KEY_REASON_OK;
}

static uint32_t check_order(const struct tcpbuf_value *value, struct tcpbuf_key_verdict *v)
{
	const int64_t *n = value->numbers;

	if (value->count < 3)
		return TCPBUF_KEY_REASON_OK;
	v->element = 0;
	v->limit = n[1];
	v->given = n[0];
	if (n[0] > n[1])
		return TCPBUF_KEY_REASON_MIN_ABOVE_DEFAULT;
	v->element = 2;
	v->given = n[2];
	return n[2] < n[1] ? TCPBUF_KEY_REASON_MAX_BELOW_DEFAULT : TCPBUF_KEY_REASON_OK;
}

static uint32_t check_numbers(struct input *in, const struct tcpbuf__range *range, uint32_t count,
	struct tcpbuf_value *value, struct tcpbuf_key_verdict *v)
{
	uint32_t reason = TCPBUF_KEY_REASON_OK;
	struct word w;

	for (uint32_t i = 0; i < count && !reason; i++) {
		v->element = i;
		if (!next_word(in, &w)) {
			v->given = i;
			v->limit = count;
			return TCPBUF_KEY_REASON_COUNT;
		}
		reason = check_number(&w, range, v);
		value->numbers[i] = v->given;
	}
	if (!reason)
		reason = check_rest(in, count, v);
	value->count = count;
	return reason ? reason : check_order(value, v);
}

static uint32_t check_name(
	struct input *in, struct tcpbuf_value *value, struct tcpbuf_key_verdict *v)
{
	struct word w = {in->pos, (uint32_t)(in->end - in->pos)};

	keep_word(v, &w);
	if (w.length >= sizeof(value->text))
		return TCPBUF_KEY_REASON_NAME;
	for (uint32_t i = 0; i < w.length; i++)
		if (w.pos[i] <= ' ' || w.pos[i] == 0x7f || w.pos[i] == '"' || w.pos[i] == '\\')
			return TCPBUF_KEY_REASON_NAME;
	memcpy(value->text, w.pos, w.length);
	return TCPBUF_KEY_REASON_OK;
}

static uint32_t check_text(const struct tcpbuf_key_rules *rules, uint32_t key, const char *text,
	uint32_t length, struct tcpbuf_value *value, struct tcpbuf_key_verdict *v)
{
	struct tcpbuf__range range = tcpbuf__key_range(rules, key);
	uint32_t count = tcpbuf__key_numbers(key);
	struct input in = trim(text, length);

	if (in.pos == in.end)
		return TCPBUF_KEY_REASON_EMPTY;
	if (!count)
		return check_name(&in, value, v);
	return check_numbers(&in, &range, count, value, v);
}

static uint32_t check_key(const struct tcpbuf_key_rules *rules, uint32_t key)
{
	if (!tcpbuf__key_row(key))
		return TCPBUF_KEY_REASON_UNKNOWN_KEY;
	if (rules &&
		tcpbuf__key_access(rules, key, TCPBUF_KEY_NETNS_INIT) == TCPBUF_KEY_ACCESS_ABSENT)
		return TCPBUF_KEY_REASON_ABSENT;
	return key == TCPBUF_KEY_TCP_EHASH_ENTRIES ? TCPBUF_KEY_REASON_READ_ONLY
						   : TCPBUF_KEY_REASON_OK;
}

static void judge(const struct tcpbuf_key_rules *rules, uint32_t key, const char *text,
	uint32_t length, struct tcpbuf_key_verdict *v)
{
	struct tcpbuf_value value = {.size = sizeof(value)};

	v->key = key;
	v->reason = check_key(rules, key);
	if (!v->reason)
		v->reason = check_text(rules, key, text, length, &value, v);
	v->code = code_of(v->reason);
	if (v->code)
		return;
	tcpbuf_key_format(key, &value, v->text, sizeof(v->text));
	tcpbuf__key_warn(rules, key, &value, v);
}

int tcpbuf_key_check(const struct tcpbuf_key_rules *rules, uint32_t key, const char *text,
	uint32_t length, void *out, uint32_t out_size)
{
	struct tcpbuf_key_verdict v = {.size = sizeof(v)};
	struct tcpbuf_key_rules known;
	int err = rules ? tcpbuf__key_rules_in(&known, rules) : 0;

	tcpbuf__copy_out(out, out_size, 0, 0);
	if (err)
		return err;
	judge(rules ? &known : 0, key, text, text ? length : 0, &v);
	v.size = out_size < v.size ? out_size : v.size;
	tcpbuf__copy_out(out, out_size, &v, sizeof(v));
	return v.code;
}
