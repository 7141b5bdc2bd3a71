/* SPDX-License-Identifier: MIT */
/* What is answered to whom: the metrics, in the format asked for, or a few words. */
#include "exporter.h"

#include <stdlib.h>
#include <string.h>

char *exporter_render(struct exporter *e, enum metrics_format format, size_t *size)
{
	char *text = NULL;
	FILE *out = open_memstream(&text, size);
	int err;

	if (!out)
		return NULL;
	err = metrics_write(e->tb, &e->options, format, out);
	if (fclose(out) != 0 || err) {
		free(text);
		return NULL;
	}
	return text;
}

static enum MHD_Result answer(struct MHD_Connection *connection, unsigned status, char *text, size_t size,
	const char *type)
{
	struct MHD_Response *response = MHD_create_response_from_buffer(size, text, MHD_RESPMEM_MUST_FREE);
	enum MHD_Result queued;

	if (!response) {
		free(text);
		return MHD_NO;
	}
	MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
	queued = MHD_queue_response(connection, status, response);
	MHD_destroy_response(response);
	return queued;
}

static enum MHD_Result answer_words(struct MHD_Connection *connection, unsigned status, const char *words)
{
	char *copy = strdup(words);

	return copy ? answer(connection, status, copy, strlen(copy), "text/plain; charset=utf-8") : MHD_NO;
}

enum MHD_Result exporter_answer(void *cls, struct MHD_Connection *connection, const char *url,
	const char *method, const char *version, const char *upload, size_t *upload_size, void **state)
{
	struct exporter *e = cls;
	enum metrics_format format;
	char *text;
	size_t size;

	(void)version;
	(void)upload;
	/* The first call comes before the body: refuse what has one, without reading it. */
	if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 && strcmp(method, MHD_HTTP_METHOD_HEAD) != 0)
		return answer_words(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "GET only\n");
	if (!*state) {
		*state = e;
		return MHD_YES;
	}
	*upload_size = 0;
	if (strcmp(url, "/") == 0)
		return answer_words(connection, MHD_HTTP_OK, "tcpbuf-exporter: metrics are at /metrics\n");
	if (strcmp(url, "/metrics") != 0)
		return answer_words(connection, MHD_HTTP_NOT_FOUND, "metrics are at /metrics\n");
	format = metrics_accepted(
		MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_ACCEPT));
	text = exporter_render(e, format, &size);
	if (!text)
		return answer_words(connection, MHD_HTTP_INTERNAL_SERVER_ERROR, tcpbuf_error_text(e->tb));
	return answer(connection, MHD_HTTP_OK, text, size, metrics_content_type(format));
}
