/* SPDX-License-Identifier: MIT */
#include "base/base.h"

#include <errno.h>
#include <string.h>

#include "mem/text.h"

static const struct {
	int code;
	const char *name;
	const char *text;
} codes[] = {
	{0, "OK", "success"},
	{E2BIG, "E2BIG", "the struct is newer than the library"},
	{EACCES, "EACCES", "access refused"},
	{EAGAIN, "EAGAIN", "interrupted by changes; try again"},
	{EBUSY, "EBUSY", "busy"},
	{EEXIST, "EEXIST", "exists already"},
	{EINVAL, "EINVAL", "invalid argument"},
	{EIO, "EIO", "input/output error"},
	{ELOOP, "ELOOP", "too many symbolic links"},
	{EMFILE, "EMFILE", "too many open files"},
	{EMSGSIZE, "EMSGSIZE", "answer cut off"},
	{ENAMETOOLONG, "ENAMETOOLONG", "name too long"},
	{ENFILE, "ENFILE", "too many open files on this machine"},
	{ENOBUFS, "ENOBUFS", "the kernel dropped part of the answer"},
	{ENODATA, "ENODATA", "not reported by this kernel"},
	{ENOENT, "ENOENT", "does not exist"},
	{ENOMEM, "ENOMEM", "out of memory"},
	{ENOSPC, "ENOSPC", "no room left"},
	{ENOTDIR, "ENOTDIR", "not a directory"},
	{EOPNOTSUPP, "EOPNOTSUPP", "not supported by this kernel"},
	{EOVERFLOW, "EOVERFLOW", "value does not fit"},
	{EPERM, "EPERM", "not permitted"},
	{EPROTO, "EPROTO", "malformed answer from the kernel"},
	{ERANGE, "ERANGE", "value out of range"},
	{EROFS, "EROFS", "read-only file system"},
	{ESRCH, "ESRCH", "no such process"},
	{ESTALE, "ESTALE", "gone since it was listed"},
};

static const size_t code_count = sizeof(codes) / sizeof(codes[0]);

static size_t find_code(int code)
{
	size_t i = 0;

	while (i < code_count && codes[i].code != -(int64_t)code)
		i++;
	return i;
}

const char *tcpbuf_strerror(int code)
{
	size_t i = find_code(code);

	return i < code_count ? codes[i].text : "unknown error";
}

const char *tcpbuf_error_text(const struct tcpbuf *tb)
{
	return tb ? tb->error.text : "";
}

int tcpbuf_error_code(const struct tcpbuf *tb)
{
	return tb ? tb->error.code : 0;
}

const char *tcpbuf_error_key(const struct tcpbuf *tb)
{
	return tb ? tb->error.key : "";
}

const char *tcpbuf_error_netns(const struct tcpbuf *tb)
{
	return tb ? tb->error.netns : "";
}

const char *tcpbuf_error_value(const struct tcpbuf *tb)
{
	return tb ? tb->error.value : "";
}

void tcpbuf__error_clear(struct tcpbuf *tb)
{
	struct tcpbuf__error *e = &tb->error;

	e->code = 0;
	e->key[0] = e->netns[0] = e->value[0] = e->text[0] = '\0';
}

/* Copy as much as fits; an error must never fail for want of room. */
static void keep(char *buf, size_t size, const char *str)
{
	struct tcpbuf__text t = tcpbuf__text_init(buf, size);

	if (str)
		tcpbuf__text_str(&t, str);
}

static void put_quoted(struct tcpbuf__text *t, const char *before, const char *str)
{
	tcpbuf__text_str(t, before);
	tcpbuf__text_str(t, "\"");
	tcpbuf__text_name(t, str);
	tcpbuf__text_str(t, "\"");
}

static void put_code(struct tcpbuf__text *t, int code)
{
	size_t i = find_code(code);

	tcpbuf__text_str(t, " (");
	if (i < code_count)
		tcpbuf__text_str(t, codes[i].name);
	else
		tcpbuf__text_i64(t, -(int64_t)code);
	tcpbuf__text_str(t, ")");
}

int tcpbuf__fail(struct tcpbuf *tb, int code, const struct tcpbuf__subject *about, const char *cause)
{
	struct tcpbuf__error *e = &tb->error;
	struct tcpbuf__text t = tcpbuf__text_init(e->text, sizeof(e->text));

	e->code = code;
	keep(e->key, sizeof(e->key), about->key);
	keep(e->netns, sizeof(e->netns), about->netns);
	keep(e->value, sizeof(e->value), about->value);
	tcpbuf__text_str(&t, "cannot ");
	tcpbuf__text_str(&t, about->verb);
	if (about->key) {
		tcpbuf__text_str(&t, " ");
		tcpbuf__text_name(&t, e->key);
	}
	if (about->value)
		put_quoted(&t, " to ", e->value);
	if (about->netns)
		put_quoted(&t, about->key || about->value ? " in netns " : " netns ", e->netns);
	tcpbuf__text_str(&t, ": ");
	tcpbuf__text_str(&t, cause ? cause : tcpbuf_strerror(code));
	if (about->outcome)
		tcpbuf__text_str(&t, about->outcome);
	put_code(&t, code);
	return code;
}
