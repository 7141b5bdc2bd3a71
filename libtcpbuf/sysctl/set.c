/* SPDX-License-Identifier: MIT */
/* Change one key: nothing is written that was not checked, nothing stays that was not asked for. */
#include "sysctl/sysctl.h"

#include <errno.h>
#include <string.h>

#include "mem/text.h"

static int check(struct tcpbuf__sysctl *s, const char *value, struct tcpbuf_key_verdict *verdict)
{
	int err = tcpbuf__sysctl_judge(s, value, verdict);

	return err ? err : tcpbuf__sysctl_writable(s);
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

static int change(const struct tcpbuf__sysctl *s, const char *text)
{
	char before[TCPBUF__SYSCTL_TEXT + 1], outcome[256];
	struct tcpbuf__text t = tcpbuf__text_init(outcome, sizeof(outcome));
	struct tcpbuf__subject about = s->about;
	const char *cause = NULL;
	int restored, err = tcpbuf__sysctl_remember(s, before);

	if (!err)
		err = tcpbuf__sysctl_put(s, text, &cause);
	if (!err)
		return 0;
	if (!cause)
		return err;
	restored = tcpbuf__sysctl_restore(s, before);
	if (restored != TCPBUF__RESTORE_NOT_NEEDED) {
		tcpbuf__text_str(&t, restored == TCPBUF__RESTORE_DONE
						? "; the old value was put back: "
						: "; the old value could NOT be put back: ");
		tcpbuf__text_str(&t, before);
	}
	about.outcome = outcome;
	return tcpbuf__fail(s->ns->tb, err, &about, cause);
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
