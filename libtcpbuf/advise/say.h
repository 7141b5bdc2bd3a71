/* SPDX-License-Identifier: MIT */
/* Sentences with numbers in them, for records that are returned. */
#ifndef TCPBUF_ADVISE_SAY_H
#define TCPBUF_ADVISE_SAY_H

#include <stdint.h>

struct tcpbuf__words {
	int64_t number[8];
	const char *text[4];
};

/* Each # of the form is the next number, each $ the next text, escaped as names are. Cut where it does not fit. */
void tcpbuf__say(char *buf, uint32_t size, const char *form, const struct tcpbuf__words *words);

#endif
