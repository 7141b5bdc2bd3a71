/* SPDX-License-Identifier: MIT */
/* The codes that the docstrings of the public headers list. */
#ifndef TCPBUF_TESTS_DOCUMENTED_H
#define TCPBUF_TESTS_DOCUMENTED_H

/* 1 when the docstring of a function lists a code, or that of a function that it refers to. One thread at a time. */
int documents(const char *function, int code);

#endif
