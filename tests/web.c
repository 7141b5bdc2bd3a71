/* SPDX-License-Identifier: MIT */
#include "web.h"

#include <check.h>

struct tcpbuf *tb;
struct tcpbuf_netns *ns;
struct scratch web;

void web_setup(void)
{
	web = scratch_start();
	ck_assert_int_eq(tcpbuf_new(&tb), 0);
	ck_assert_int_eq(tcpbuf_netns_open_fd(tb, web.fd, &ns), 0);
}

void web_teardown(void)
{
	self_teardown();
	scratch_stop(&web);
}

void self_setup(void)
{
	ck_assert_int_eq(tcpbuf_new(&tb), 0);
	ck_assert_int_eq(tcpbuf_netns_open_self(tb, &ns), 0);
}

void self_teardown(void)
{
	tcpbuf_netns_close(ns);
	tcpbuf_free(tb);
}
