/* SPDX-License-Identifier: MIT */
/* A kernel whose n-th call fails, and which counts what the library has not given back. */
#ifndef TCPBUF_TESTS_FAULT_H
#define TCPBUF_TESTS_FAULT_H

#include "util/sys.h"

struct fault {
	int countdown; /* calls until the failure; below 0: none */
	int code;      /* of a failing call; an allocation just gives NULL */
	int open_fds;
	int blocks;
};

extern struct fault fault;
extern const struct tcpbuf__sys fault_sys;

#endif
