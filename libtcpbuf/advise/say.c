/* SPDX-License-Identifier: MIT */
#include "advise/say.h"

#include "keys/put.h"

void tcpbuf__say(char *buf, uint32_t size, const char *form, const struct tcpbuf__words *words)
{
	struct tcpbuf__put p = tcpbuf__put_init(buf, size);
	uint32_t numbers = 0, texts = 0;

	for (; *form; form++) {
		if (*form == '#')
			tcpbuf__put_i64(&p, words->number[numbers++]);
		else if (*form == '$')
			tcpbuf__put_str(&p, words->text[texts++]);
		else
			tcpbuf__put_bytes(&p, form, 1);
	}
}
