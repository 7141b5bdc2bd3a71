/* SPDX-License-Identifier: MIT */
#include "sock_show.h"

#include <arpa/inet.h>
#include <string.h>

#include "common.h"

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

json_t *sock_json(const struct tcpbuf_sock *sock, uint64_t netns_inode)
{
	json_t *object = json_pack("{s:I}", "netns_inode", (json_int_t)netns_inode);
	struct tcpbuf_sock_field field;
	char key[64];

	for (uint32_t i = 0; tcpbuf_sock_field_at(i, &field, sizeof(field)) == 1; i++) {
		json_t *value;

		if (field.group && !(sock->valid & field.group))
			continue;
		value = field_json(sock, &field);
		key_of(&field, key, sizeof(key));
		if (value)
			json_object_set_new(object, key, value);
	}
	return object;
}

static void put(struct libscols_line *line, int column, const struct tcpbuf_sock *sock, const char *field,
	int64_t number)
{
	if (tcpbuf_sock_has(sock, field) == 1)
		table_number(line, column, number);
	else
		table_text(line, column, "-");
}

static const struct column columns[] = {{"NETNS", 1}, {"STATE", 0}, {"LOCAL", 0}, {"REMOTE", 0}, {"HELD", 1},
	{"RECV-Q", 1}, {"RMEM", 1}, {"RCVBUF", 1}, {"SEND-Q", 1}, {"WMEM", 1}, {"SNDBUF", 1}, {"RCV_WND", 1},
	{"SND_WND", 1}, {"RTT_US", 1}};

struct libscols_table *sock_table(void)
{
	return table_new(columns, sizeof(columns) / sizeof(columns[0]));
}

void sock_row(struct libscols_table *table, const struct tcpbuf_sock *sock, uint64_t netns_inode)
{
	struct libscols_line *line = table_line(table);
	char text[INET6_ADDRSTRLEN + 16];

	table_number(line, 0, (int64_t)netns_inode);
	table_text(line, 1, tcpbuf_sock_state_name(sock->state));
	sock_end_text(sock, 0, text, sizeof(text));
	table_text(line, 2, text);
	sock_end_text(sock, 1, text, sizeof(text));
	table_text(line, 3, text);
	put(line, 4, sock, "held", sock->held);
	put(line, 5, sock, "recv_q", sock->recv_q);
	put(line, 6, sock, "rmem_alloc", sock->rmem_alloc);
	put(line, 7, sock, "rcvbuf", sock->rcvbuf);
	put(line, 8, sock, "send_q", sock->send_q);
	put(line, 9, sock, "wmem_queued", sock->wmem_queued);
	put(line, 10, sock, "sndbuf", sock->sndbuf);
	put(line, 11, sock, "rcv_wnd", sock->rcv_wnd);
	put(line, 12, sock, "snd_wnd", sock->snd_wnd);
	put(line, 13, sock, "rtt", sock->rtt);
}
