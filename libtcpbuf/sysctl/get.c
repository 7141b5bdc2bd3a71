/* SPDX-License-Identifier: MIT */
#include "sysctl/sysctl.h"

#include <errno.h>

int tcpbuf_sysctl_get(struct tcpbuf_netns *ns, uint32_t key, void *out, uint32_t out_size)
{
	char text[TCPBUF__SYSCTL_TEXT];
	struct tcpbuf__sysctl s;
	int length, err = tcpbuf__sysctl_begin(&s, ns, key, "read");

	if (err)
		return err;
	if (!out)
		return tcpbuf__fail(ns->tb, -EINVAL, &s.about, "no place for the value");
	length = tcpbuf__sysctl_read(&s, text, sizeof(text));
	if (length < 0)
		return length;
	err = tcpbuf_key_parse(key, text, (uint32_t)length, out, out_size);
	return err ? tcpbuf__fail(ns->tb, err, &s.about, "the file holds no value of this key") : 0;
}

int tcpbuf_sysctl_access(struct tcpbuf_netns *ns, uint32_t key)
{
	struct tcpbuf__sysctl s;
	int err = tcpbuf__sysctl_begin(&s, ns, key, "inspect");

	if (!err)
		err = tcpbuf__sysctl_writable(&s);
	if (!err)
		return TCPBUF_KEY_ACCESS_RW;
	if (err != -EROFS && err != -ENOENT)
		return err;
	tcpbuf__error_clear(ns->tb);
	return err == -EROFS ? TCPBUF_KEY_ACCESS_RO : TCPBUF_KEY_ACCESS_ABSENT;
}
