/* SPDX-License-Identifier: MIT */
/*
 * libtcpbuf: Linux TCP socket buffer memory and windows, for one socket, one
 * network namespace or a whole node. This header includes every other one.
 */
#ifndef TCPBUF_TCPBUF_H
#define TCPBUF_TCPBUF_H

#include <tcpbuf/advise.h>
#include <tcpbuf/base.h>
#include <tcpbuf/census.h>
#include <tcpbuf/cgroup.h>
#include <tcpbuf/diag.h>
#include <tcpbuf/k8s.h>
#include <tcpbuf/kernel.h>
#include <tcpbuf/keys.h>
#include <tcpbuf/model.h>
#include <tcpbuf/netns.h>
#include <tcpbuf/node.h>
#include <tcpbuf/sysctl.h>

#endif
