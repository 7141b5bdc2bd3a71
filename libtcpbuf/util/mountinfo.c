/* SPDX-License-Identifier: MIT */
#include "util/mountinfo.h"

static int is_octal(const char *pos, const char *end)
{
	return end - pos > 3 && pos[1] >= '0' && pos[1] <= '3' && pos[2] >= '0' && pos[2] <= '7' &&
	       pos[3] >= '0' && pos[3] <= '7';
}

/* The kernel writes blank, tab, newline and backslash as \ooo. */
int tcpbuf__mount_path(struct tcpbuf__reader in, char *out, size_t size)
{
	size_t used = 0;

	while (in.pos < in.end && used + 1 < size) {
		if (*in.pos == '\\' && is_octal(in.pos, in.end)) {
			out[used++] = (char)((in.pos[1] - '0') << 6 | (in.pos[2] - '0') << 3 |
					     (in.pos[3] - '0'));
			in.pos += 4;
		} else {
			out[used++] = *in.pos++;
		}
	}
	out[used] = '\0';
	return in.pos == in.end && used > 0 && out[0] == '/';
}

/* id parent device root point options [tags] - type source super-options */
int tcpbuf__mount_parse(struct tcpbuf__reader line, struct tcpbuf__mount *out)
{
	struct tcpbuf__reader word;

	/* NOLINTNEXTLINE(misc-redundant-expression): each takes the next word */
	if (!tcpbuf__reader_word(&line, &word) || !tcpbuf__reader_word(&line, &word) ||
		!tcpbuf__reader_word(&line, &out->device) ||
		!tcpbuf__reader_word(&line, &out->root) ||
		!tcpbuf__reader_word(&line, &out->point))
		return 0;
	do {
		if (!tcpbuf__reader_word(&line, &word))
			return 0;
	} while (!tcpbuf__reader_is(&word, "-"));
	return tcpbuf__reader_word(&line, &out->type) && tcpbuf__reader_word(&line, &word) &&
	       tcpbuf__reader_word(&line, &out->super);
}
