/* SPDX-License-Identifier: MIT */
/* TCP sockets of a namespace with what they hold and their windows. */
#include <arpa/inet.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"
#include "table.h"

#define BATCH 64

static const struct tool tool = {"tcpbuf-sockets",
	"Usage: tcpbuf-sockets [OPTION]...\n"
	"List the TCP sockets of a network namespace with their memory and windows.\n"
	"\n"
	"  -N, --netns WHICH  self (default), a process id, a /path, or an ip-netns(8) name\n"
	"  -j, --json         JSON: every field that the kernel gave\n"
	"  -h, --help         this text\n"
	"  -V, --version      version\n"
	"\n"
	"HELD is what the socket is charged: receive queue, send queue and memory charged ahead.\n"
	"RCVBUF and SNDBUF are limits. A field that the kernel does not give is '-'.\n"
	"Exit status: 0 ok, 1 usage, 2 kernel or permission, 3 partial result.\n"};

static int64_t number_at(const struct tcpbuf_sock *sock, const struct tcpbuf_sock_field *field)
{
	const char *at = (const char *)sock + field->offset;
	uint16_t u16;
	uint32_t u32;
	int32_t i32;
	int64_t i64;

	switch (field->type) {
	case TCPBUF_FIELD_U16:
		memcpy(&u16, at, sizeof(u16));
		return u16;
	case TCPBUF_FIELD_U32:
		memcpy(&u32, at, sizeof(u32));
		return u32;
	case TCPBUF_FIELD_I32:
		memcpy(&i32, at, sizeof(i32));
		return i32;
	default:
		memcpy(&i64, at, sizeof(i64));
		return i64;
	}
}

/* "rcv_wnd" in bytes is "rcv_wnd_bytes"; a name that says its unit keeps it. */
static void key_of(const struct tcpbuf_sock_field *field, char *key, size_t size)
{
	const char *unit = field->unit;
	char suffix[16];

	snprintf(suffix, sizeof(suffix), "_%s", strcmp(unit, "bytes/s") == 0 ? "bytes_per_s" : unit);
	if (!unit[0] || strcmp(unit, "segments") == 0 || strncmp(field->name, "bytes_", 6) == 0 ||
		(strlen(field->name) > strlen(suffix) &&
			strcmp(field->name + strlen(field->name) - strlen(suffix), suffix) == 0))
		suffix[0] = '\0';
	snprintf(key, size, "%s%s", field->name, suffix);
}

static json_t *address_json(const struct tcpbuf_sock *sock, const struct tcpbuf_sock_field *field)
{
	char text[INET6_ADDRSTRLEN];

	inet_ntop((int)sock->family, (const char *)sock + field->offset, text, sizeof(text));
	return json_string(text);
}

static json_t *field_json(const struct tcpbuf_sock *sock, const struct tcpbuf_sock_field *field)
{
	if (field->type == TCPBUF_FIELD_ADDRESS)
		return address_json(sock, field);
	if (field->type == TCPBUF_FIELD_TEXT)
		return json_string((const char *)sock + field->offset);
	if (strcmp(field->name, "cookie") == 0 || strcmp(field->name, "cgroup_id") == 0)
		return json_id((uint64_t)number_at(sock, field));
	if (strcmp(field->name, "state") == 0)
		return json_string(tcpbuf_sock_state_name(sock->state));
	if (strcmp(field->name, "family") == 0 || strcmp(field->name, "socket_family") == 0)
		return json_string(number_at(sock, field) == AF_INET ? "inet" : "inet6");
	/* All ones, "not limited" or "never measured", has no number. */
	if (field->type == TCPBUF_FIELD_U64 && number_at(sock, field) < 0)
		return NULL;
	return json_integer(number_at(sock, field));
}

static json_t *sock_json(const struct tcpbuf_sock *sock, uint64_t inode)
{
	json_t *object = json_pack("{s:I}", "netns_inode", (json_int_t)inode);
	struct tcpbuf_sock_field field;
	char key[64];

	for (uint32_t i = 0; tcpbuf_sock_field_at(i, &field, sizeof(field)) == 1; i++) {
		json_t *value;

		if (tcpbuf_sock_has(sock, field.name) != 1)
			continue;
		value = field_json(sock, &field);
		key_of(&field, key, sizeof(key));
		if (value)
			json_object_set_new(object, key, value);
	}
	return object;
}

static const struct column columns[] = {{"STATE", 0}, {"LOCAL", 0}, {"REMOTE", 0}, {"HELD", 1},
	{"RECV-Q", 1}, {"RMEM", 1}, {"RCVBUF", 1}, {"SEND-Q", 1}, {"WMEM", 1}, {"SNDBUF", 1},
	{"RCV_WND", 1}, {"SND_WND", 1}, {"RTT_US", 1}};

static void put(struct libscols_line *line, int column, const struct tcpbuf_sock *sock, const char *field,
	int64_t number)
{
	if (tcpbuf_sock_has(sock, field) == 1)
		table_number(line, column, number);
	else
		table_text(line, column, "-");
}

static void sock_row(struct libscols_table *table, const struct tcpbuf_sock *sock)
{
	struct libscols_line *line = table_line(table);
	char text[INET6_ADDRSTRLEN + 16];

	table_text(line, 0, tcpbuf_sock_state_name(sock->state));
	sock_end_text(sock, 0, text, sizeof(text));
	table_text(line, 1, text);
	sock_end_text(sock, 1, text, sizeof(text));
	table_text(line, 2, text);
	put(line, 3, sock, "held", sock->held);
	put(line, 4, sock, "recv_q", sock->recv_q);
	put(line, 5, sock, "rmem_alloc", sock->rmem_alloc);
	put(line, 6, sock, "rcvbuf", sock->rcvbuf);
	put(line, 7, sock, "send_q", sock->send_q);
	put(line, 8, sock, "wmem_queued", sock->wmem_queued);
	put(line, 9, sock, "sndbuf", sock->sndbuf);
	put(line, 10, sock, "rcv_wnd", sock->rcv_wnd);
	put(line, 11, sock, "snd_wnd", sock->snd_wnd);
	put(line, 12, sock, "rtt", sock->rtt);
}

static int list(struct tcpbuf *tb, struct tcpbuf_netns *ns, int json)
{
	struct libscols_table *table = json ? NULL : table_new(columns, sizeof(columns) / sizeof(columns[0]));
	struct json_stream stream = {stdout, 0};
	struct tcpbuf_sock batch[BATCH];
	const struct tcpbuf_sock_query everything = {.size = sizeof(everything), .states = ~0u};
	struct tcpbuf_sock_iter *it;
	int got;

	if (tcpbuf_sock_iter_open(ns, &everything, &it) != 0)
		return tool_fail(&tool, tb);
	if (json)
		fputs("{\"sockets\": [", stdout);
	while ((got = tcpbuf_sock_iter_fetch(it, batch, sizeof(batch[0]), BATCH)) > 0) {
		for (int i = 0; i < got; i++) {
			if (json)
				json_stream_add(&stream, sock_json(&batch[i], tcpbuf_netns_inode(ns)));
			else
				sock_row(table, &batch[i]);
		}
	}
	if (json)
		printf("\n]%s}\n", got < 0 ? ", \"partial\": true" : "");
	else
		table_print(table);
	if (got < 0)
		tool_fail(&tool, tb);
	tcpbuf_sock_iter_close(it);
	return got < 0 ? EXIT_PARTIAL : EXIT_OK;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {{"netns", required_argument, NULL, 'N'},
		{"json", no_argument, NULL, 'j'}, {"help", no_argument, NULL, 'h'},
		{"version", no_argument, NULL, 'V'}, {NULL, 0, NULL, 0}};
	const char *netns = "self";
	struct tcpbuf_netns *ns;
	struct tcpbuf *tb;
	int c, json = 0, code;

	while ((c = getopt_long(argc, argv, "N:jhV", options, NULL)) != -1) {
		switch (c) {
		case 'N':
			netns = optarg;
			break;
		case 'j':
			json = 1;
			break;
		case 'h':
			return tool_help(&tool);
		case 'V':
			return tool_version(&tool);
		default:
			return EXIT_USAGE;
		}
	}
	if (optind < argc)
		return tool_usage(&tool, "unexpected argument", argv[optind]);
	tb = tool_context(&tool);
	if (!tb)
		return EXIT_KERNEL;
	code = tcpbuf_netns_open(tb, netns, &ns) != 0 ? tool_fail(&tool, tb) : list(tb, ns, json);
	tcpbuf_netns_close(ns);
	tcpbuf_free(tb);
	return tool_finish(&tool, code);
}
