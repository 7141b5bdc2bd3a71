/* SPDX-License-Identifier: MIT */
/* A sysctl's value: a letter for the kernel, one for the key, then the bytes of the file or of a write. */
#include <errno.h>
#include <tcpbuf/keys.h>

#include "fuzz.h"

static const char *const releases[] = {"5.10.223", "6.1.176", "6.12.117", "6.18.44", "7.3.4", "4.19", "6.6"};

#define RELEASES (sizeof(releases) / sizeof(releases[0]))

static void check_verdict(const struct tcpbuf_key_verdict *v)
{
	char why[160];
	int length = tcpbuf_key_reason_text(v, why, sizeof(why));

	MUST(length >= 0 && (size_t)length < sizeof(why));
	MUST(is_plain(why, (size_t)length));
	MUST(memchr(v->word, '\0', sizeof(v->word)) && is_plain(v->word, strlen(v->word)));
	MUST(!v->code == !!v->text[0] && v->element <= 2);
}

/* Parsed and printed, it is what it was. */
static void round_trip(uint32_t key, const char *text, uint32_t length)
{
	struct tcpbuf_value value, again;
	char printed[64];
	int size;

	if (tcpbuf_key_parse(key, text, length, &value, sizeof(value)) != 0)
		return;
	size = tcpbuf_key_format(key, &value, printed, sizeof(printed));
	MUST(size > 0);
	MUST(tcpbuf_key_parse(key, printed, (uint32_t)size, &again, sizeof(again)) == 0);
	MUST(memcmp(&value, &again, sizeof(value)) == 0);
}

/* Returns 1, or 0 when the kernel's modules decide. */
static int check_write(const struct tcpbuf_key_rules *rules, uint32_t key, const char *text, uint32_t length,
	struct tcpbuf_key_effect *effect)
{
	int err = tcpbuf_key_write(rules, key, TCPBUF_KEY_NETNS_INIT, text, length, NULL, effect, sizeof(*effect));

	MUST(err == 0 || err == -EOPNOTSUPP);
	if (err)
		return 0;
	MUST(effect->result <= (int64_t)length);
	MUST(memchr(effect->after, '\0', sizeof(effect->after)));
	return 1;
}

/* What passes the check is taken by the kernel as it stands, every byte of it. */
static void check_taken(const struct tcpbuf_key_rules *rules, uint32_t key, const char *text)
{
	struct tcpbuf_key_effect effect;
	struct tcpbuf_key_verdict again;
	uint32_t length = (uint32_t)strlen(text);

	MUST(tcpbuf_key_check(rules, key, text, length, &again, sizeof(again)) == 0);
	MUST(strcmp(again.text, text) == 0);
	round_trip(key, text, length);
	if (!check_write(rules, key, text, length, &effect))
		return;
	MUST(effect.result == (int32_t)length);
	MUST(effect.valid & TCPBUF_KEY_EFFECT_HAS_AFTER && strcmp(effect.after, text) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tcpbuf_key_rules rules;
	struct tcpbuf_key_verdict verdict;
	struct tcpbuf_key_effect effect;
	const char *text = (const char *)data + 2;
	uint32_t key, length = (uint32_t)size - 2;
	int code;

	if (size < 2)
		return 0;
	MUST(tcpbuf_key_rules_release(releases[data[0] % RELEASES], &rules, sizeof(rules)) == 0);
	key = tcpbuf_key_at(data[1] % tcpbuf_key_count());
	round_trip(key, text, length);
	code = tcpbuf_key_check(NULL, key, text, length, &verdict, sizeof(verdict));
	MUST(code == verdict.code);
	check_verdict(&verdict);
	code = tcpbuf_key_check(&rules, key, text, length, &verdict, sizeof(verdict));
	check_verdict(&verdict);
	check_write(&rules, key, text, length, &effect);
	if (!code)
		check_taken(&rules, key, verdict.text);
	return 0;
}
