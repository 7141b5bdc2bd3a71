/* SPDX-License-Identifier: MIT */
/* What the files of tcpbuf-exporter share. */
#ifndef TCPBUF_TOOLS_EXPORTER_H
#define TCPBUF_TOOLS_EXPORTER_H

#include <microhttpd.h>

#include "metrics.h"

struct exporter {
	struct tcpbuf *tb;
	struct metrics_options options;
};

/* The metrics as one text, the caller's to free; NULL when a census is not possible. */
char *exporter_render(struct exporter *e, enum metrics_format format, size_t *size);

/* Answers one request; an MHD_AccessHandlerCallback whose cls is the exporter. */
enum MHD_Result exporter_answer(void *cls, struct MHD_Connection *connection, const char *url, const char *method,
	const char *version, const char *upload, size_t *upload_size, void **state);

#endif
