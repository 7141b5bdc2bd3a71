/* SPDX-License-Identifier: MIT */
/* What a client sends to the exporter, whose /proc is a folder with one file. */
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "exporter.h"
#include "fuzz.h"

#define TURNS 200

static struct exporter exporter = {.options = {.top = 2}};
static struct MHD_Daemon *web;

static void start(void)
{
	if (web)
		return;
	MUST(tcpbuf_new(&exporter.tb) == 0);
	MUST(tcpbuf_set_root(exporter.tb, TCPBUF_ROOT_PROC, TCPBUF_SOURCE_DIR "/tests/fuzz/fixtures/proc") == 0);
	web = MHD_start_daemon(MHD_USE_NO_LISTEN_SOCKET, 0, NULL, NULL, exporter_answer, &exporter,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)16384, MHD_OPTION_END);
	MUST(web);
}

/* Answers to one request or more, until the server has no more to say. */
static size_t receive(int fd, char *out, size_t room)
{
	size_t used = 0;

	for (int i = 0; i < TURNS && used < room; i++) {
		ssize_t got;

		MHD_run(web);
		got = recv(fd, out + used, room - used, MSG_DONTWAIT);
		if (got > 0)
			used += (size_t)got;
		else if (got == 0 || (i > 10 && used))
			break;
	}
	return used;
}

/* A status of ours or of the web server's, and never anything of the request in the head. */
static void check_answer(const char *text, size_t size)
{
	static const char *const statuses[] = {"200", "400", "404", "405", "413", "414", "431", "500", "501", "505"};
	int known = 0;

	if (!size)
		return;
	MUST(size > 12 && memcmp(text, "HTTP/1.", 7) == 0);
	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++)
		known |= memcmp(text + 9, statuses[i], 3) == 0;
	MUST(known || memcmp(text + 9, "100", 3) == 0);
}

static void check_accept(const uint8_t *data, size_t size)
{
	char *accept = string_of(reader_of(data, size));
	enum metrics_format format = metrics_accepted(accept);

	MUST(format == METRICS_PROMETHEUS || strstr(accept, "openmetrics"));
	MUST(is_plain(metrics_content_type(format), strlen(metrics_content_type(format))));
	free(accept);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sockaddr address = {.sa_family = AF_UNIX};
	static char out[1 << 16];
	int ends[2];

	start();
	check_accept(data, size);
	MUST(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) == 0);
	if (send(ends[0], data, size, MSG_NOSIGNAL) < 0)
		MUST(errno == EAGAIN);
	shutdown(ends[0], SHUT_WR);
	MUST(MHD_add_connection(web, ends[1], &address, sizeof(address)) == MHD_YES);
	check_answer(out, receive(ends[0], out, sizeof(out)));
	close(ends[0]);
	for (int i = 0; i < 3; i++)
		MHD_run(web);
	return 0;
}
