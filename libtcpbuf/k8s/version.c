/* SPDX-License-Identifier: MIT */
#include "k8s/k8s.h"

static int number(struct tcpbuf__span *s, uint32_t *out)
{
	const char *start = s->pos;
	uint32_t value = 0;

	for (; s->pos < s->end && *s->pos >= '0' && *s->pos <= '9'; s->pos++) {
		value = value * 10 + (uint32_t)(*s->pos - '0');
		if (value > 65535)
			return 0;
	}
	*out = value;
	return s->pos > start;
}

uint32_t tcpbuf_k8s_parse_version(const char *text)
{
	struct tcpbuf__span s;
	uint32_t major, minor, patch = 0;

	if (!text)
		return 0;
	s = tcpbuf__span_of(text, 64);
	tcpbuf__span_skip(&s, "v");
	if (!number(&s, &major) || !tcpbuf__span_skip(&s, ".") || !number(&s, &minor) ||
		minor > 255)
		return 0;
	if (tcpbuf__span_skip(&s, "."))
		number(&s, &patch);
	return major << 16 | minor << 8 | (patch > 255 ? 255 : patch);
}
