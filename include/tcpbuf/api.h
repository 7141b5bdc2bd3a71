/* SPDX-License-Identifier: MIT */
/* Export mark and integer types; every other header starts here. */
#ifndef TCPBUF_API_H
#define TCPBUF_API_H

#include <stdint.h>

/* Empty for callers, so that a preprocessed header holds plain declarations only. */
#ifndef TCPBUF_API
#define TCPBUF_API
#endif

#endif
