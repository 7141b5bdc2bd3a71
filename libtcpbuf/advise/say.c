/* SPDX-License-Identifier: MIT */
#include "advise/say.h"

#include "mem/text.h"

void tcpbuf__say(char *buf, uint32_t size, const char *form, const struct tcpbuf__words *words)
{
	struct tcpbuf__text p = tcpbuf__text_init(buf, size);
	uint32_t numbers = 0, texts = 0;

	for (; *form; form++) {
		if (*form == '#')
			tcpbuf__text_i64(&p, words->number[numbers++]);
		else if (*form == '$')
			tcpbuf__text_name(&p, words->text[texts++]);
		else
			tcpbuf__text_bytes(&p, form, 1);
	}
}
