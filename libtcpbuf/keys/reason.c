/* SPDX-License-Identifier: MIT */
/* A verdict as an English clause. */
#include <errno.h>
#include <string.h>

#include "keys/keys.h"
#include "mem/text.h"

/*
 * %w the word in quotes, %b the word bare, %g given, %l limit, %e name of the element at fault, %d
 * name of the middle one, %k key, %s "s" unless given is 1.
 */
static const struct {
	uint32_t reason;
	const char *text;
} sentences[] = {
	{TCPBUF_KEY_REASON_UNKNOWN_KEY, "the key is not one of the TCP buffer family"},
	{TCPBUF_KEY_REASON_ABSENT, "this kernel has no %k"},
	{TCPBUF_KEY_REASON_READ_ONLY, "%k cannot be written"},
	{TCPBUF_KEY_REASON_EMPTY, "empty value"},
	{TCPBUF_KEY_REASON_COUNT, "the value has %g number%s, the key takes %l"},
	{TCPBUF_KEY_REASON_TRAILING, "trailing bytes after the last number: %w"},
	{TCPBUF_KEY_REASON_NOT_A_NUMBER, "%w is not a number"},
	{TCPBUF_KEY_REASON_SIGN, "%w has a sign"},
	{TCPBUF_KEY_REASON_LEADING_ZERO, "%w has a leading zero, which the kernel reads as octal"},
	{TCPBUF_KEY_REASON_HEX, "%w is hexadecimal, write it in decimal"},
	{TCPBUF_KEY_REASON_TOO_SMALL, "%b is below the smallest value %l"},
	{TCPBUF_KEY_REASON_TOO_LARGE, "%b is above the largest value %l"},
	{TCPBUF_KEY_REASON_MIN_ABOVE_DEFAULT, "%e %g is above %d %l"},
	{TCPBUF_KEY_REASON_MAX_BELOW_DEFAULT, "%e %g is below %d %l"},
	{TCPBUF_KEY_REASON_NAME, "%w is not a name of 1 to 15 plain characters"},
	{TCPBUF_KEY_REASON_BELOW_SEGMENT,
		"%e %g does not hold one full-sized segment, which takes about %l bytes"},
	{TCPBUF_KEY_REASON_NO_EFFECT, "this kernel accepts %k and ignores it"},
	{TCPBUF_KEY_REASON_SAME_AS_ONE, "%g means the same as 1"},
	{TCPBUF_KEY_REASON_NOT_POSITIVE,
		"the kernel takes %g, but no number below %l makes sense here"},
	{TCPBUF_KEY_REASON_SMALL_WINDOWS, "without window scaling no window exceeds 65535 bytes"},
	{TCPBUF_KEY_REASON_ABOVE_MEMORY,
		"%e %g is more than the machine's %l pages; the unit is pages, not bytes"},
};

static const char *element_name(uint32_t key, uint32_t element)
{
	static const char *const usual[] = {"min", "default", "max"};
	static const char *const pages[] = {"low", "pressure", "high"};

	if (element > 2)
		return "number";
	return key == TCPBUF_KEY_TCP_MEM ? pages[element] : usual[element];
}

static void put_word(struct tcpbuf__text *p, const struct tcpbuf_key_verdict *v)
{
	const char *end = memchr(v->word, '\0', sizeof(v->word));
	uint32_t length = end ? (uint32_t)(end - v->word) : (uint32_t)sizeof(v->word);

	tcpbuf__text_bytes(p, v->word, length);
	if (v->word_cut)
		tcpbuf__text_str(p, "...");
}

static void put_field(struct tcpbuf__text *p, char field, const struct tcpbuf_key_verdict *v)
{
	switch (field) {
	case 'w':
		tcpbuf__text_str(p, "\"");
		put_word(p, v);
		tcpbuf__text_str(p, "\"");
		break;
	case 'b':
		put_word(p, v);
		break;
	case 'g':
		tcpbuf__key_put_number(p, v->key, v->given);
		break;
	case 'l':
		tcpbuf__key_put_number(p, v->key, v->limit);
		break;
	case 'e':
		tcpbuf__text_str(p, element_name(v->key, v->element));
		break;
	case 'd':
		tcpbuf__text_str(p, element_name(v->key, 1));
		break;
	case 'k':
		tcpbuf__text_str(p, tcpbuf_key_name(v->key));
		break;
	case 's':
		tcpbuf__text_str(p, v->given == 1 ? "" : "s");
		break;
	default:
		break;
	}
}

static const char *sentence_of(uint32_t reason)
{
	for (uint32_t i = 0; i < sizeof(sentences) / sizeof(sentences[0]); i++)
		if (sentences[i].reason == reason)
			return sentences[i].text;
	return "";
}

int tcpbuf_key_reason_text(const struct tcpbuf_key_verdict *verdict, char *buf, uint32_t buf_size)
{
	struct tcpbuf__text p = tcpbuf__text_init(buf, buf ? buf_size : 0);

	if (!verdict || verdict->size < sizeof(*verdict))
		return -EINVAL;
	for (const char *s = sentence_of(verdict->reason); *s; s++) {
		if (*s != '%')
			tcpbuf__text_bytes(&p, s, 1);
		else
			put_field(&p, *++s, verdict);
	}
	return (int)p.used;
}
