/* SPDX-License-Identifier: MIT */
#ifndef TCPBUF_K8S_K8S_H
#define TCPBUF_K8S_K8S_H

#include <tcpbuf/k8s.h>

#include "k8s/span.h"

/* A pod UID with dashes or, as in a slice's name, with underscores; 0 when it is none. */
int tcpbuf__k8s_uid(struct tcpbuf__span text, char *buf, uint32_t size);

#endif
