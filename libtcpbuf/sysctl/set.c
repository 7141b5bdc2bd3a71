/* SPDX-License-Identifier: MIT */
/* Change one key: nothing is written that was not checked, nothing stays that was not asked for. */
#include "sysctl/sysctl.h"

#include <errno.h>
#include <string.h>

#include "util/text.h"

static int check(struct tcpbuf__sysctl *s, const char *value, struct tcpbuf_key_verdict *verdict)
{
	char why[160];
	int err;

	memset(verdict, 0, sizeof(*verdict));
	if (!value)
		return tcpbuf__fail(s->ns->tb, -EINVAL, &s->about, "no value");
	s->about.value = value;
	err = tcpbuf_key_check(NULL, s->key, value, (uint32_t)strlen(value), verdict, sizeof(*verdict));
	if (err) {
		tcpbuf_key_reason_text(verdict, why, sizeof(why));
		return tcpbuf__fail(s->ns->tb, err, &s->about, why);
	}
	return tcpbuf__sysctl_writable(s);
}

int tcpbuf_sysctl_check(struct tcpbuf_netns *ns, uint32_t key, const char *value, void *out, uint32_t out_size)
{
	struct tcpbuf_key_verdict verdict;
	struct tcpbuf__sysctl s;
	int err = tcpbuf__sysctl_begin(&s, ns, key, "set");

	if (err)
		return err;
	err = check(&s, value, &verdict);
	if (out)
		tcpbuf__copy_out(out, out_size, &verdict, sizeof(verdict));
	return err;
}

/* Does the key read as this text now? 1, 0 or a negative errno. */
static int reads_as(const struct tcpbuf__sysctl *s, const char *text)
{
	char now[TCPBUF__SYSCTL_TEXT];
	int length = tcpbuf__sysctl_read(s, now, sizeof(now));

	if (length < 0)
		return length;
	if (length && now[length - 1] == '\n')
		length--;
	return (size_t)length == strlen(text) && memcmp(now, text, (size_t)length) == 0;
}

/* Report a failed change after undoing whatever part of it the kernel kept. */
static int undo(const struct tcpbuf__sysctl *s, const char *before, int code, const char *cause)
{
	char text[256];
	struct tcpbuf__text t = tcpbuf__text_init(text, sizeof(text));
	int same = reads_as(s, before);

	tcpbuf__text_str(&t, cause);
	if (same != 1) {
		int err = tcpbuf__sysctl_write(s, before);

		tcpbuf__text_str(&t, err == 0 && reads_as(s, before) == 1 ? "; the old value was put back: "
									  : "; the old value could NOT be put back: ");
		tcpbuf__text_str(&t, before);
	}
	return tcpbuf__fail(s->ns->tb, code, &s->about, text);
}

/* What the key holds now, as the kernel prints it, without the newline. */
static int remember(const struct tcpbuf__sysctl *s, char *before, size_t size)
{
	int length = tcpbuf__sysctl_read(s, before, size - 1);

	if (length < 0)
		return length;
	before[length] = '\0';
	if (length && before[length - 1] == '\n')
		before[length - 1] = '\0';
	return 0;
}

static int change(const struct tcpbuf__sysctl *s, const char *text)
{
	char before[TCPBUF__SYSCTL_TEXT + 1];
	int same, err = remember(s, before, sizeof(before));

	if (err)
		return err;
	err = tcpbuf__sysctl_write(s, text);
	if (err)
		return undo(s, before, err, "the kernel refused it");
	same = reads_as(s, text);
	if (same == 1)
		return 0;
	return undo(s, before, same < 0 ? same : -EIO, "the kernel accepted it, but it reads otherwise");
}

int tcpbuf_sysctl_set(struct tcpbuf_netns *ns, uint32_t key, const char *value, void *out, uint32_t out_size)
{
	struct tcpbuf_key_verdict verdict;
	struct tcpbuf__sysctl s;
	int err = tcpbuf__sysctl_begin(&s, ns, key, "set");

	if (err)
		return err;
	err = check(&s, value, &verdict);
	if (!err)
		err = change(&s, verdict.text);
	if (out)
		tcpbuf__copy_out(out, out_size, &verdict, sizeof(verdict));
	return err;
}
