/* SPDX-License-Identifier: MIT */
/* Who holds TCP memory: once, or every few seconds with growth. */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "top.h"

static const struct tool tool = {"tcpbuf-top",
	"Usage: tcpbuf-top [OPTION]...\n"
	"Rank who holds the node's TCP memory, and say what the node itself counts.\n"
	"\n"
	"  -b, --by WHAT         netns (default), pod, cgroup, process or socket\n"
	"  -1, --once            one report; else one every few seconds, from the second on with growth\n"
	"  -i, --interval N      seconds between reports, 1..86400 (5)\n"
	"  -c, --count N         end after N reports\n"
	"  -s, --sort ORDER      held (default) or growth\n"
	"  -n, --top N           holders to show; 0: all. Table 20, JSON all, but 100 sockets\n"
	"  -o, --owners          by socket: look for the process too\n"
	"  -T, --threads N       namespaces to walk at the same time, 1..64 (1)\n"
	"  -w, --record FILE     also write the last report's census to FILE\n"
	"  -r, --replay FILE     show a recorded census; a second one with growth since the first, and so on\n"
	"  -j, --json            JSON, one object a report\n"
	"  -h, --help            this text\n"
	"  -V, --version         version\n"
	"\n"
	"HELD is what sockets are charged: receive queue, send queue and memory charged ahead, in bytes.\n"
	"By cgroup, CHARGE is what the cgroup is charged, UNEXPLAINED what of it no socket found holds.\n"
	"Other users' processes and namespaces need CAP_SYS_PTRACE and CAP_SYS_ADMIN.\n"
	"Exit status: 0 ok, 1 usage, 2 kernel or permission, 3 partial result.\n"};

static const struct {
	const char *name;
	uint32_t by;
} axes[] = {
	{"netns", TCPBUF_CENSUS_BY_NETNS},
	{"pod", TCPBUF_CENSUS_BY_POD},
	{"cgroup", TCPBUF_CENSUS_BY_CGROUP},
	{"process", TCPBUF_CENSUS_BY_PROCESS},
	{"socket", TCPBUF_CENSUS_BY_SOCKET},
};

#define REPLAYS 64

struct request {
	struct tcpbuf_census_query query;
	uint32_t interval;
	uint32_t count; /* 0: without end */
	uint32_t order; /* enum tcpbuf_census_order */
	int rows;       /* -1: as the form says */
	int json;
	const char *record;
	const char *replay[REPLAYS];
	uint32_t replays;
};

/* Whole decimal number within bounds, or -1. */
static long number(const char *text, long min, long max)
{
	char *end;
	long value;

	errno = 0;
	value = strtol(text, &end, 10);
	return errno || end == text || *end || value < min || value > max ? -1 : value;
}

static uint32_t rows_of(const struct request *r)
{
	if (r->rows >= 0)
		return (uint32_t)r->rows;
	return r->json ? 0 : 20;
}

static int write_record(const struct tcpbuf_census *c, const char *path)
{
	int64_t size = tcpbuf_census_write(c, NULL, 0);
	char *text = size < 0 ? NULL : malloc((size_t)size + 1);
	FILE *file = text ? fopen(path, "w") : NULL;
	int failed = !file;

	if (file) {
		tcpbuf_census_write(c, text, (uint64_t)size + 1);
		failed = fwrite(text, 1, (size_t)size, file) != (size_t)size;
		failed |= fclose(file) != 0;
	}
	if (failed)
		tool_cannot(&tool, "write", path);
	free(text);
	return failed ? EXIT_KERNEL : EXIT_OK;
}

/* A file whole; NULL and errno when it cannot be read. */
static char *read_whole(const char *path, size_t *size)
{
	FILE *file = fopen(path, "r");
	char *text = NULL;
	FILE *copy = file ? open_memstream(&text, size) : NULL;
	char part[65536];
	size_t got;
	int failed = !copy;

	while (copy && (got = fread(part, 1, sizeof(part), file)) > 0)
		fwrite(part, 1, got, copy);
	failed |= file && ferror(file);
	if (copy)
		failed |= fclose(copy) != 0;
	if (file)
		fclose(file);
	if (!failed)
		return text;
	free(text);
	return NULL;
}

static int replay(struct tcpbuf *tb, const char *path, struct tcpbuf_census **out)
{
	size_t size = 0;
	char *text = read_whole(path, &size);
	int err;

	*out = NULL;
	if (!text)
		return tool_cannot(&tool, "read", path);
	err = tcpbuf_census_read(tb, text, size, out);
	free(text);
	return err ? tool_fail(&tool, tb) : EXIT_OK;
}

/* Growth, order, the report itself, and what the reader may not see. */
static int report(const struct request *r, struct tcpbuf_census *c, const struct tcpbuf_census *before)
{
	struct tcpbuf_census_node n;

	if (tcpbuf_census_count(c, r->query.by) < 0) {
		fprintf(stderr, "%s: the recorded census does not have these holders\n", tool.name);
		return EXIT_KERNEL;
	}
	if (before && tcpbuf_census_compare(c, before) != 0)
		return EXIT_KERNEL;
	if (tcpbuf_census_sort(c, r->order) != 0)
		return EXIT_KERNEL;
	if (r->json)
		top_show_json(c, r->query.by, rows_of(r));
	else
		top_show_table(c, r->query.by, rows_of(r));
	fflush(stdout);
	tcpbuf_census_node(c, &n, sizeof(n));
	if (tcpbuf_census_lacks(c)[0] && (n.partial || !r->json)) {
		char *safe = escape_name(tcpbuf_census_lacks(c));

		fprintf(stderr, "%s: %s\n", tool.name, safe);
		free(safe);
	}
	return n.partial ? EXIT_PARTIAL : EXIT_OK;
}

static int next_census(const struct request *r, struct tcpbuf *tb, uint32_t index, struct tcpbuf_census **out)
{
	if (r->replays)
		return replay(tb, r->replay[index], out);
	if (tcpbuf_census_take(tb, &r->query, out) != 0)
		return tool_fail(&tool, tb);
	return r->record ? write_record(*out, r->record) : EXIT_OK;
}

static void pause_between(const struct request *r)
{
	struct timespec left = {.tv_sec = r->interval};

	if (r->replays)
		return;
	while (nanosleep(&left, &left) != 0 && errno == EINTR)
		;
	/* A terminal shows the newest report alone. */
	if (!r->json && isatty(STDOUT_FILENO))
		fputs("\033[H\033[2J", stdout);
}

static int run(const struct request *r, struct tcpbuf *tb)
{
	struct tcpbuf_census *before = NULL, *c = NULL;
	int code = EXIT_OK;

	for (uint32_t i = 0; (!r->count || i < r->count) && (code == EXIT_OK || code == EXIT_PARTIAL); i++) {
		if (i)
			pause_between(r);
		code = next_census(r, tb, i, &c);
		if (code == EXIT_OK)
			code = report(r, c, before);
		tcpbuf_census_free(before);
		before = c;
		if (ferror(stdout))
			break;
	}
	tcpbuf_census_free(before);
	return code;
}

static int set_by(struct request *r, const char *name)
{
	for (size_t i = 0; i < sizeof(axes) / sizeof(axes[0]); i++)
		if (strcmp(name, axes[i].name) == 0)
			r->query.by = axes[i].by;
	return r->query.by ? 0 : tool_usage(&tool, "there are netns, pod, cgroup, process and socket, not", name);
}

static int set_number(uint32_t *out, const char *text, long min, long max)
{
	long value = number(text, min, max);

	*out = (uint32_t)value;
	return value < 0 ? tool_usage(&tool, "not a number in range:", text) : 0;
}

static int set_order(struct request *r, const char *name)
{
	if (strcmp(name, "held") != 0 && strcmp(name, "growth") != 0)
		return tool_usage(&tool, "the order is held or growth, not", name);
	r->order = name[0] == 'g' ? TCPBUF_CENSUS_ORDER_GROWTH : TCPBUF_CENSUS_ORDER_HELD;
	return 0;
}

static int set_replay(struct request *r, const char *path)
{
	if (r->replays == REPLAYS)
		return tool_usage(&tool, "too many recordings, from", path);
	r->replay[r->replays++] = path;
	return 0;
}

static int set_rows(struct request *r)
{
	uint32_t rows = 0;
	int code = set_number(&rows, optarg, 0, 1048576);

	r->rows = (int)rows;
	r->query.top = rows;
	return code;
}

/* Returns an exit code, or -1 to go on. */
static int set_option(struct request *r, int c)
{
	switch (c) {
	case 'b':
		r->query.by = 0;
		return set_by(r, optarg);
	case '1':
		r->count = 1;
		return 0;
	case 'i':
		return set_number(&r->interval, optarg, 1, 86400);
	case 'c':
		return set_number(&r->count, optarg, 1, 1000000000);
	case 's':
		return set_order(r, optarg);
	case 'n':
		return set_rows(r);
	case 'o':
		r->query.owners = 1;
		return 0;
	case 'T':
		return set_number(&r->query.threads, optarg, 1, 64);
	case 'w':
		r->record = optarg;
		return 0;
	case 'r':
		return set_replay(r, optarg);
	case 'j':
		r->json = 1;
		return 0;
	default:
		return EXIT_USAGE;
	}
}

int main(int argc, char **argv)
{
	static const struct option options[] = {{"by", required_argument, NULL, 'b'}, {"once", no_argument, NULL, '1'},
		{"interval", required_argument, NULL, 'i'}, {"count", required_argument, NULL, 'c'},
		{"sort", required_argument, NULL, 's'}, {"top", required_argument, NULL, 'n'},
		{"owners", no_argument, NULL, 'o'}, {"threads", required_argument, NULL, 'T'},
		{"record", required_argument, NULL, 'w'}, {"replay", required_argument, NULL, 'r'},
		{"json", no_argument, NULL, 'j'}, {"help", no_argument, NULL, 'h'},
		{"version", no_argument, NULL, 'V'}, {NULL, 0, NULL, 0}};
	struct request r = {.query = {.size = sizeof(r.query), .by = TCPBUF_CENSUS_BY_NETNS}, .interval = 5, .rows = -1};
	struct tcpbuf *tb;
	int c, code = 0;

	while (!code && (c = getopt_long(argc, argv, "b:1i:c:s:n:oT:w:r:jhV", options, NULL)) != -1) {
		if (c == 'h')
			return tool_help(&tool);
		if (c == 'V')
			return tool_version(&tool);
		code = set_option(&r, c);
	}
	if (code)
		return code;
	if (optind < argc)
		return tool_usage(&tool, "unexpected argument", argv[optind]);
	if (r.replays)
		r.count = r.replays;
	tb = tool_context(&tool);
	if (!tb)
		return EXIT_KERNEL;
	code = run(&r, tb);
	tcpbuf_free(tb);
	return tool_finish(&tool, code);
}
