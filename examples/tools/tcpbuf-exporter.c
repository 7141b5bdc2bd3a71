/* SPDX-License-Identifier: MIT */
/* TCP memory of the node and its namespaces for Prometheus: over HTTP, or once into a file. */
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <microhttpd.h>
#include <netdb.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common.h"
#include "exporter.h"

/* One thread answers; a client that stalls costs a connection until its time is up. */
enum {
	MAX_CONNECTIONS = 32,
	MAX_CONNECTIONS_PER_ADDRESS = 16,
	CONNECTION_MEMORY = 16384,
	TIMEOUT_SECONDS = 10,
	DEFAULT_PORT = 9796,
	DEFAULT_TOP = 50
};

static const struct tool tool = {"tcpbuf-exporter",
	"Usage: tcpbuf-exporter [OPTION]...\n"
	"Metrics of the node's TCP memory and of who holds it, for Prometheus.\n"
	"\n"
	"  -l, --listen ADDRESS:PORT  where to answer /metrics; 127.0.0.1:9796 by default\n"
	"  -o, --once FILE            write once and end, for a textfile collector; \"-\" is stdout\n"
	"  -t, --top N                namespaces with labels of their own, 1 to 10000, 50 by default;\n"
	"                             the rest is summed as netns=\"other\"\n"
	"      --proc DIR             the host's /proc, where it is mounted elsewhere\n"
	"      --cgroup DIR           the host's /sys/fs/cgroup\n"
	"      --pod-logs DIR         the host's /var/log/pods, for names of pods\n"
	"  -h, --help                 this text\n"
	"  -V, --version              version\n"
	"\n"
	"Prometheus text, or OpenMetrics when Accept asks for it. Work is done when asked only.\n"
	"Exit status: 0 ok, 1 usage, 2 kernel or permission.\n"};

/* Until a signal asks to end. */
static int serve(struct exporter *e, const struct sockaddr *address)
{
	unsigned flags = MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_EPOLL;
	struct MHD_Daemon *daemon;
	sigset_t ends;
	int signal;

	sigemptyset(&ends);
	sigaddset(&ends, SIGINT);
	sigaddset(&ends, SIGTERM);
	sigprocmask(SIG_BLOCK, &ends, NULL);
	if (address->sa_family == AF_INET6)
		flags |= MHD_USE_IPv6;
	daemon = MHD_start_daemon(flags, 0, NULL, NULL, exporter_answer, e, MHD_OPTION_SOCK_ADDR, address,
		MHD_OPTION_CONNECTION_LIMIT, (unsigned)MAX_CONNECTIONS, MHD_OPTION_PER_IP_CONNECTION_LIMIT,
		(unsigned)MAX_CONNECTIONS_PER_ADDRESS, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
		(size_t)CONNECTION_MEMORY, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)TIMEOUT_SECONDS,
		MHD_OPTION_END);
	if (!daemon) {
		fprintf(stderr, "%s: cannot listen: %s\n", tool.name, strerror(errno));
		return EXIT_KERNEL;
	}
	sigwait(&ends, &signal);
	MHD_stop_daemon(daemon);
	return EXIT_OK;
}

/* A reader of the file sees the old text or the new one, never a part. */
static int replace_file(const char *path, const char *text, size_t size)
{
	size_t length = strlen(path);
	char *temporary = malloc(length + 8);
	FILE *out;
	int fd, failed;

	if (!temporary)
		abort();
	memcpy(temporary, path, length);
	memcpy(temporary + length, ".XXXXXX", 8);
	fd = mkstemp(temporary);
	out = fd < 0 ? NULL : fdopen(fd, "w");
	failed = !out || fwrite(text, 1, size, out) != size || fchmod(fd, 0644) != 0;
	if (out && fclose(out) != 0)
		failed = 1;
	if (!failed && rename(temporary, path) != 0)
		failed = 1;
	if (failed && fd >= 0)
		unlink(temporary);
	free(temporary);
	return failed ? tool_cannot(&tool, "write", path) : EXIT_OK;
}

static int write_once(struct exporter *e, const char *path)
{
	size_t size;
	char *text = exporter_render(e, METRICS_PROMETHEUS, &size);
	int code;

	if (!text)
		return tool_fail(&tool, e->tb);
	if (strcmp(path, "-") == 0)
		code = fwrite(text, 1, size, stdout) == size ? EXIT_OK : tool_cannot(&tool, "write", path);
	else
		code = replace_file(path, text, size);
	free(text);
	return code;
}

struct arguments {
	const char *listen, *once;
	const char *roots[4]; /* by enum tcpbuf_root */
	uint32_t top;
};

enum { OPTION_ROOT = 256 };

static int take_top(struct arguments *a, const char *text)
{
	char *rest;
	unsigned long top = strtoul(text, &rest, 10);

	if (*text < '1' || *text > '9' || *rest || top > 10000)
		return tool_usage(&tool, "not 1 to 10000:", text);
	a->top = (uint32_t)top;
	return -1;
}

/* Returns -1 to go on, or the exit code. */
static int take_option(int c, struct arguments *a)
{
	switch (c) {
	case 'l':
		a->listen = optarg;
		return -1;
	case 'o':
		a->once = optarg;
		return -1;
	case 't':
		return take_top(a, optarg);
	case OPTION_ROOT + TCPBUF_ROOT_PROC:
	case OPTION_ROOT + TCPBUF_ROOT_CGROUP:
	case OPTION_ROOT + TCPBUF_ROOT_POD_LOGS:
		a->roots[c - OPTION_ROOT] = optarg;
		return -1;
	case 'h':
		return tool_help(&tool);
	case 'V':
		return tool_version(&tool);
	default:
		return EXIT_USAGE;
	}
}

static int run(struct exporter *e, const struct arguments *a)
{
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} address = {.v4 = {.sin_family = AF_INET}};
	uint32_t family = AF_INET, port = DEFAULT_PORT;
	uint8_t bytes[16] = {127, 0, 0, 1};

	if (a->once)
		return write_once(e, a->once);
	if (a->listen && parse_end(a->listen, &family, bytes, &port) != 0)
		return tool_usage(&tool, "not ADDRESS:PORT:", a->listen);
	if (family == AF_INET6) {
		address.v6 = (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port)};
		memcpy(&address.v6.sin6_addr, bytes, 16);
	} else {
		address.v4.sin_port = htons((uint16_t)port);
		memcpy(&address.v4.sin_addr, bytes, 4);
	}
	return serve(e, &address.any);
}

static int set_roots(struct tcpbuf *tb, const struct arguments *a)
{
	for (uint32_t which = 0; which < 4; which++)
		if (a->roots[which] && tcpbuf_set_root(tb, which, a->roots[which]) != 0)
			return tool_fail(&tool, tb);
	return -1;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {{"listen", required_argument, NULL, 'l'},
		{"once", required_argument, NULL, 'o'}, {"top", required_argument, NULL, 't'},
		{"proc", required_argument, NULL, OPTION_ROOT + TCPBUF_ROOT_PROC},
		{"cgroup", required_argument, NULL, OPTION_ROOT + TCPBUF_ROOT_CGROUP},
		{"pod-logs", required_argument, NULL, OPTION_ROOT + TCPBUF_ROOT_POD_LOGS},
		{"help", no_argument, NULL, 'h'}, {"version", no_argument, NULL, 'V'}, {NULL, 0, NULL, 0}};
	struct arguments a = {.top = DEFAULT_TOP};
	struct exporter e;
	int c, code = -1;

	while (code < 0 && (c = getopt_long(argc, argv, "l:o:t:hV", options, NULL)) != -1)
		code = take_option(c, &a);
	if (code < 0 && optind < argc)
		code = tool_usage(&tool, "unexpected argument", argv[optind]);
	if (code >= 0)
		return code;
	e.options.top = a.top;
	e.tb = tool_context(&tool);
	if (!e.tb)
		return EXIT_KERNEL;
	code = set_roots(e.tb, &a);
	if (code < 0)
		code = run(&e, &a);
	tcpbuf_free(e.tb);
	return tool_finish(&tool, code);
}
