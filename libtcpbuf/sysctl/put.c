/* SPDX-License-Identifier: MIT */
/* The parts of a change: judge, remember, write and read back, restore. */
#include "sysctl/sysctl.h"

#include <errno.h>
#include <string.h>

int tcpbuf__sysctl_judge(
	struct tcpbuf__sysctl *s, const char *value, struct tcpbuf_key_verdict *verdict)
{
	char why[160];
	int err;

	memset(verdict, 0, sizeof(*verdict));
	if (!value)
		return tcpbuf__fail(s->ns->tb, -EINVAL, &s->about, "no value");
	s->about.value = value;
	err = tcpbuf_key_check(NULL, s->key, value, (uint32_t)strlen(value), verdict, sizeof(*verdict));
	if (!err)
		return 0;
	tcpbuf_key_reason_text(verdict, why, sizeof(why));
	return tcpbuf__fail(s->ns->tb, err, &s->about, why);
}

int tcpbuf__sysctl_remember(const struct tcpbuf__sysctl *s, char *before)
{
	int length = tcpbuf__sysctl_read(s, before, TCPBUF__SYSCTL_TEXT);

	if (length < 0)
		return length;
	before[length] = '\0';
	if (length && before[length - 1] == '\n')
		before[length - 1] = '\0';
	return 0;
}

/* Does the key read as this text now? 1, 0 or a negative errno. */
static int reads_as(const struct tcpbuf__sysctl *s, const char *text)
{
	char now[TCPBUF__SYSCTL_TEXT + 1];
	int err = tcpbuf__sysctl_remember(s, now);

	return err ? err : strcmp(now, text) == 0;
}

int tcpbuf__sysctl_put(const struct tcpbuf__sysctl *s, const char *text, const char **cause)
{
	int same, err = tcpbuf__sysctl_write(s, text);

	*cause = "the kernel refused it";
	if (err)
		return err;
	same = reads_as(s, text);
	*cause = "the kernel accepted it, but it reads otherwise";
	if (same == 1)
		return 0;
	return same < 0 ? same : -EIO;
}

enum tcpbuf__restore tcpbuf__sysctl_restore(const struct tcpbuf__sysctl *s, const char *before)
{
	if (reads_as(s, before) == 1)
		return TCPBUF__RESTORE_NOT_NEEDED;
	if (tcpbuf__sysctl_write(s, before) == 0 && reads_as(s, before) == 1)
		return TCPBUF__RESTORE_DONE;
	return TCPBUF__RESTORE_FAILED;
}
