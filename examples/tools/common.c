/* SPDX-License-Identifier: MIT */
#include "common.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

int tool_fail(const struct tool *tool, const struct tcpbuf *tb)
{
	fprintf(stderr, "%s: %s\n", tool->name, tcpbuf_error_text(tb));
	return EXIT_KERNEL;
}

int tool_cannot(const struct tool *tool, const char *verb, const char *path)
{
	const char *why = strerror(errno);
	char *safe = escape_name(path);

	fprintf(stderr, "%s: cannot %s %s: %s\n", tool->name, verb, safe, why);
	free(safe);
	return EXIT_KERNEL;
}

int tool_usage(const struct tool *tool, const char *message, const char *word)
{
	char *safe = word ? escape_name(word) : NULL;

	fprintf(stderr, "%s: %s%s%s\n", tool->name, message, safe ? " " : "", safe ? safe : "");
	fprintf(stderr, "Try '%s --help'.\n", tool->name);
	free(safe);
	return EXIT_USAGE;
}

int tool_help(const struct tool *tool)
{
	fputs(tool->help, stdout);
	return tool_finish(tool, EXIT_OK);
}

int tool_version(const struct tool *tool)
{
	uint32_t v = tcpbuf_version();

	printf("%s %u.%u.%u\n", tool->name, v >> 16, v >> 8 & 0xff, v & 0xff);
	return tool_finish(tool, EXIT_OK);
}

struct tcpbuf *tool_context(const struct tool *tool)
{
	struct tcpbuf *tb = NULL;
	int err = tcpbuf_new(&tb);

	if (err)
		fprintf(stderr, "%s: %s\n", tool->name, tcpbuf_strerror(err));
	return tb;
}

void json_stream_add(struct json_stream *s, json_t *object)
{
	fputs(s->count++ ? ",\n" : "\n", s->out);
	json_dumpf(object, s->out, JSON_COMPACT);
	json_decref(object);
}

json_t *json_id(uint64_t id)
{
	char digits[24];

	snprintf(digits, sizeof(digits), "%llu", (unsigned long long)id);
	return json_string(digits);
}

/* UTF-8, but terminals obey it, or it makes a name look like another: C1, directions, line ends, without a width. */
static int misleads(const char *p)
{
	static const struct {
		const char *first, *last;
	} ranges[] = {{"\xc2\x80", "\xc2\x9f"}, {"\xd8\x9c", "\xd8\x9c"}, {"\xe2\x80\x8b", "\xe2\x80\x8f"},
		/* NOLINTNEXTLINE(misc-misleading-bidirectional): it is what is looked for */
		{"\xe2\x80\xa8", "\xe2\x80\xae"}, {"\xe2\x81\xa0", "\xe2\x81\xaf"}, {"\xef\xbb\xbf", "\xef\xbb\xbf"}};

	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
		size_t length = strlen(ranges[i].first);

		if (strncmp(p, ranges[i].first, length) >= 0 && strncmp(p, ranges[i].last, length) <= 0)
			return 1;
	}
	return 0;
}

/* Bytes of well-formed UTF-8 at p that may be shown, or 0. */
static size_t plain(const char *p)
{
	size_t length = 1;
	unsigned char c = (unsigned char)*p;
	json_t *probe;

	if (c < 0x20 || c == 0x7f || c == '\\' || misleads(p))
		return 0;
	if (c < 0x80)
		return 1;
	while (length < 4 && ((unsigned char)p[length] & 0xc0) == 0x80)
		length++;
	probe = json_stringn(p, length);
	json_decref(probe);
	return probe ? length : 0;
}

char *escape_name(const char *name)
{
	char *out = malloc(4 * strlen(name) + 1), *end = out;

	if (!out)
		abort();
	while (*name) {
		size_t take = plain(name);

		if (take) {
			memcpy(end, name, take);
			end += take;
			name += take;
		} else {
			end += sprintf(end, "\\x%02x", (unsigned)(unsigned char)*name++);
		}
	}
	*end = '\0';
	return out;
}

void sock_end_text(const struct tcpbuf_sock *sock, int remote, char *out, size_t size)
{
	const uint8_t *address = remote ? sock->remote_address : sock->local_address;
	uint32_t port = remote ? sock->remote_port : sock->local_port;
	char text[INET6_ADDRSTRLEN];

	inet_ntop((int)sock->family, address, text, sizeof(text));
	snprintf(out, size, sock->family == AF_INET6 ? "[%s]:%u" : "%s:%u", text, port);
}

int parse_end(const char *text, uint32_t *family, uint8_t *address, uint32_t *port)
{
	char host[INET6_ADDRSTRLEN + 2] = "", *rest;
	const char *colon = strrchr(text, ':');
	size_t length = colon ? (size_t)(colon - text) : 0;
	unsigned long number;

	if (!length || length >= sizeof(host) || colon[1] < '0' || colon[1] > '9')
		return -1;
	memcpy(host, text, length);
	if (host[0] == '[' && host[length - 1] == ']') {
		memmove(host, host + 1, length - 2);
		host[length - 2] = '\0';
	}
	number = strtoul(colon + 1, &rest, 10);
	if (*rest || number > 65535)
		return -1;
	*port = (uint32_t)number;
	*family = strchr(host, ':') ? AF_INET6 : AF_INET;
	memset(address, 0, 16);
	return inet_pton((int)*family, host, address) == 1 ? 0 : -1;
}

int tool_finish(const struct tool *tool, int code)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return code;
	fprintf(stderr, "%s: cannot write: %s\n", tool->name, strerror(errno));
	return EXIT_KERNEL;
}

int tool_rules(const struct tool *tool, const char *name, struct tcpbuf_rules *rules)
{
	struct utsname running;

	if (name)
		return tcpbuf_rules_named(name, rules, sizeof(*rules)) == 0
			       ? 0
			       : tool_usage(tool, "not a kernel of 4.19 or later:", name);
	/* A kernel with a name of its own is taken as the newest that is known. */
	if (uname(&running) != 0 || tcpbuf_rules_named(running.release, rules, sizeof(*rules)) != 0)
		tcpbuf_rules_named("debian-7.3.4", rules, sizeof(*rules));
	return 0;
}
