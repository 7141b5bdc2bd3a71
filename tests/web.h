/* SPDX-License-Identifier: MIT */
/* A context and a namespace opened by it, for test programs that need one of each. */
#ifndef TCPBUF_TESTS_WEB_H
#define TCPBUF_TESTS_WEB_H

#include <tcpbuf/tcpbuf.h>

#include "scratch.h"

extern struct tcpbuf *tb;
extern struct tcpbuf_netns *ns;

/* A scratch namespace. */
extern struct scratch web;
void web_setup(void);
void web_teardown(void);

/* The one that the test runs in. */
void self_setup(void);
void self_teardown(void);

#endif
