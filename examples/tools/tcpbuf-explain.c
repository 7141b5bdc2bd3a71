/* SPDX-License-Identifier: MIT */
/* Why is this connection slow? Verdicts with evidence and the setting that would change them. */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "explain.h"

#define MAX_VERDICTS 16

static const struct tool tool = {"tcpbuf-explain",
	"Usage: tcpbuf-explain [OPTION]... LOCAL REMOTE | --cookie N | --pid PID | node\n"
	"Say what limits a TCP connection, from two samples: the reader, a buffer, a window, the path.\n"
	"Or what holds the node's TCP memory, when the kernel says \"TCP: out of memory\".\n"
	"\n"
	"  LOCAL, REMOTE         its ends, ADDRESS:PORT or [ADDRESS]:PORT\n"
	"  -c, --cookie N        the socket with this cookie, as tcpbuf-sockets prints it\n"
	"  -p, --pid PID         the connection of a process that moves most\n"
	"  -N, --netns WHICH     where it is: self (default), a process id, a /path, an ip-netns(8) name, or all\n"
	"  -i, --interval S      seconds between the samples, 0.1 to 60; 1 by default\n"
	"  -I, --inspect         ask the owner's descriptor whether SO_RCVBUF or SO_SNDBUF fixed a buffer\n"
	"  -b, --by WHAT         node: name holders by netns (default), pod, cgroup or process\n"
	"  -j, --json            JSON\n"
	"  -h, --help            this text\n"
	"  -V, --version         version\n"
	"\n"
	"The other end is examined too when it is on this node. \"inferred\" means that the kernel does not show it.\n"
	"Exit status: 0 ok, 1 usage, 2 kernel or permission, 3 partial result.\n"};

void explain_wait(uint32_t ms)
{
	struct timespec t = {ms / 1000, (long)(ms % 1000) * 1000000};

	while (nanosleep(&t, &t) != 0)
		;
}

static uint64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static int sample(struct end *end, struct tcpbuf_sock *out)
{
	return end->ns ? tcpbuf_sock_get(end->ns, &end->id, out, sizeof(*out)) : 0;
}

/* Both ends twice. Returns the number of verdicts or a negative code. */
static int examine(struct end *own, struct end *peer, uint32_t interval_ms, struct tcpbuf_verdict *out)
{
	uint64_t began = now_us();
	int err = sample(own, &own->before);

	if (!err)
		err = sample(peer, &peer->before);
	explain_wait(interval_ms);
	if (!err)
		err = sample(own, &own->after);
	if (!err)
		err = sample(peer, &peer->after);
	if (err)
		return err;
	return tcpbuf_explain_socket(&own->before, &own->after, sizeof(own->after), now_us() - began, &own->facts,
		peer->ns ? &peer->before : NULL, peer->ns ? &peer->after : NULL, peer->ns ? &peer->facts : NULL,
		out, sizeof(*out), MAX_VERDICTS);
}

static json_t *end_json(const struct end *end)
{
	char local[64], remote[64];

	sock_end_text(&end->before, 0, local, sizeof(local));
	sock_end_text(&end->before, 1, remote, sizeof(remote));
	return json_pack("{s:I, s:o, s:s, s:s}", "netns_inode", (json_int_t)tcpbuf_netns_inode(end->ns), "cookie",
		json_id(end->before.cookie), "local", local, "remote", remote);
}

static void print_json(const struct end *own, const struct end *peer, const struct tcpbuf_verdict *v, int count)
{
	json_t *list = json_array(), *object = json_pack("{s:o, s:o}", "own", end_json(own), "verdicts", list);

	if (peer->ns)
		json_object_set_new(object, "peer", end_json(peer));
	for (int i = 0; i < count; i++)
		json_array_append_new(list, explain_verdict_json(&v[i]));
	json_dumpf(object, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(5));
	putchar('\n');
	json_decref(object);
}

static void print_end(const char *name, const struct end *end)
{
	char local[64], remote[64];

	sock_end_text(&end->before, 0, local, sizeof(local));
	sock_end_text(&end->before, 1, remote, sizeof(remote));
	printf("%s: %s -> %s, netns %llu\n", name, local, remote,
		(unsigned long long)tcpbuf_netns_inode(end->ns));
}

static void print_text(const struct end *own, const struct end *peer, const struct tcpbuf_verdict *v, int count)
{
	print_end("own ", own);
	if (peer->ns)
		print_end("peer", peer);
	else
		puts("peer: not on this node, or in a namespace that may not be entered");
	for (int i = 0; i < count; i++)
		/* NOLINTNEXTLINE(clang-analyzer-core.uninitialized.Branch): there are count of them */
		explain_print_verdict(&v[i], v[i].end ? ", peer's end" : ", own end");
	if (!count)
		puts("\nNothing limits it that these samples show.");
}

static int explain(struct tcpbuf *tb, const struct target *target, int inspect, int json)
{
	struct end own = {.ns = NULL}, peer = {.ns = NULL}, *ends[] = {&own, &peer};
	struct tcpbuf_verdict verdicts[MAX_VERDICTS];
	int code = explain_find(&tool, tb, target, &own, &peer), count = 0;

	for (int i = 0; i < 2 && code == EXIT_OK; i++) {
		if (!ends[i]->ns)
			continue;
		explain_learn(tb, ends[i]);
		if (inspect && explain_inspect(tb, ends[i]) != 0)
			fprintf(stderr, "%s: the owner of the %s end cannot be asked\n", tool.name,
				i ? "peer's" : "own");
	}
	if (code == EXIT_OK)
		count = examine(&own, &peer, target->interval_ms, verdicts);
	if (count < 0) {
		fprintf(stderr, "%s: cannot compare two samples: %s\n", tool.name, tcpbuf_strerror(count));
		code = EXIT_KERNEL;
	} else if (code == EXIT_OK) {
		(json ? print_json : print_text)(&own, &peer, verdicts, count);
	}
	if (peer.ns != own.ns)
		tcpbuf_netns_close(peer.ns);
	tcpbuf_netns_close(own.ns);
	return code;
}

/* 0.1 to 60 seconds as milliseconds, or 0. */
static uint32_t interval_of(const char *text)
{
	char *rest;
	double seconds = strtod(text, &rest);

	return *text && !*rest && seconds >= 0.1 && seconds <= 60 ? (uint32_t)(seconds * 1000) : 0;
}

static uint64_t number_of(const char *text, uint64_t max)
{
	char *rest;
	unsigned long long number = strtoull(text, &rest, 10);

	return *text >= '0' && *text <= '9' && !*rest && number <= max ? number : 0;
}

struct arguments {
	struct target target;
	uint32_t by; /* of the node */
	int node, inspect, json;
};

/* Returns -1 to go on, or the exit code. */
static int take_option(int c, struct arguments *a)
{
	switch (c) {
	case 'c':
		a->target.cookie = number_of(optarg, UINT64_MAX);
		return a->target.cookie ? -1 : tool_usage(&tool, "not a cookie:", optarg);
	case 'p':
		a->target.pid = (uint32_t)number_of(optarg, 4194304);
		return a->target.pid ? -1 : tool_usage(&tool, "not a process id:", optarg);
	case 'i':
		a->target.interval_ms = interval_of(optarg);
		return a->target.interval_ms ? -1 : tool_usage(&tool, "not 0.1 to 60 seconds:", optarg);
	case 'N':
		a->target.netns = optarg;
		return -1;
	case 'I':
		a->inspect = 1;
		return -1;
	case 'b':
		a->by = explain_by(optarg);
		return a->by ? -1 : tool_usage(&tool, "not netns, pod, cgroup or process:", optarg);
	case 'j':
		a->json = 1;
		return -1;
	case 'h':
		return tool_help(&tool);
	case 'V':
		return tool_version(&tool);
	default:
		return EXIT_USAGE;
	}
}

static int take_words(int argc, char **argv, struct arguments *a)
{
	int named = !!a->target.cookie + !!a->target.pid, words = argc - optind;

	a->node = !named && words == 1 && strcmp(argv[optind], "node") == 0;
	if (a->node)
		return -1;
	if (a->by)
		return tool_usage(&tool, "--by goes with node", NULL);
	if (named > 1 || (named && words) || (!named && words != 2))
		return tool_usage(&tool, "name one connection, LOCAL REMOTE, --cookie or --pid; or node", NULL);
	a->target.local = words ? argv[optind] : NULL;
	a->target.remote = words ? argv[optind + 1] : NULL;
	return -1;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {{"cookie", required_argument, NULL, 'c'},
		{"pid", required_argument, NULL, 'p'}, {"netns", required_argument, NULL, 'N'},
		{"interval", required_argument, NULL, 'i'}, {"inspect", no_argument, NULL, 'I'},
		{"by", required_argument, NULL, 'b'},
		{"json", no_argument, NULL, 'j'}, {"help", no_argument, NULL, 'h'},
		{"version", no_argument, NULL, 'V'}, {NULL, 0, NULL, 0}};
	struct arguments a = {.target = {.interval_ms = 1000}};
	struct tcpbuf *tb;
	int c, code = -1;

	while (code < 0 && (c = getopt_long(argc, argv, "c:p:N:i:b:IjhV", options, NULL)) != -1)
		code = take_option(c, &a);
	if (code < 0)
		code = take_words(argc, argv, &a);
	if (code >= 0)
		return code;
	tb = tool_context(&tool);
	if (!tb)
		return EXIT_KERNEL;
	code = a.node ? explain_node(&tool, tb, a.by ? a.by : TCPBUF_CENSUS_BY_NETNS, a.json)
		      : explain(tb, &a.target, a.inspect, a.json);
	tcpbuf_free(tb);
	return tool_finish(&tool, code);
}
