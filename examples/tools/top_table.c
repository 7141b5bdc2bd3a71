/* SPDX-License-Identifier: MIT */
/* A census as a table for people. */
#include <stdlib.h>
#include <string.h>

#include "table.h"
#include "top.h"

#define NETNS TCPBUF_CENSUS_BY_NETNS
#define CGROUP TCPBUF_CENSUS_BY_CGROUP
#define POD TCPBUF_CENSUS_BY_POD
#define PROCESS TCPBUF_CENSUS_BY_PROCESS
#define SOCKET TCPBUF_CENSUS_BY_SOCKET
#define ALL (NETNS | CGROUP | POD | PROCESS | SOCKET)

/* Cells that are no plain member. */
enum special { PLAIN, SHARE, STATE, LOCAL, REMOTE, NAME_OF_POD };

/* A column, the axes that show it, and the member it shows. */
static const struct cell {
	struct column column;
	uint32_t by;
	const char *field;
	enum special special;
} cells[] = {
	{{"HELD", 1}, ALL, "held_bytes", PLAIN},
	{{"SHARE", 1}, ALL, NULL, SHARE},
	{{"GROWTH", 1}, ALL, "growth_bytes", PLAIN},
	{{"SOCKETS", 1}, NETNS | CGROUP | POD | PROCESS, "sockets", PLAIN},
	{{"RMEM", 1}, ALL, "rmem_alloc_bytes", PLAIN},
	{{"WMEM", 1}, ALL, "wmem_queued_bytes", PLAIN},
	{{"FWD", 1}, ALL, "fwd_alloc_bytes", PLAIN},
	{{"UNACCEPTED", 1}, NETNS, "unaccepted_bytes", PLAIN},
	{{"ORPHANED", 1}, NETNS, "orphaned_bytes", PLAIN},
	{{"CHARGE", 1}, CGROUP, "charge_bytes", PLAIN},
	{{"UNEXPLAINED", 1}, CGROUP, "unexplained_bytes", PLAIN},
	{{"PID", 1}, PROCESS | SOCKET, "pid", PLAIN},
	{{"PROCESS", 0}, PROCESS | SOCKET, "comm", PLAIN},
	{{"NETNS", 1}, NETNS | POD | PROCESS | SOCKET, "netns_inode", PLAIN},
	{{"LABEL", 0}, NETNS, "label", PLAIN},
	{{"STATE", 0}, SOCKET, NULL, STATE},
	{{"LOCAL", 0}, SOCKET, NULL, LOCAL},
	{{"REMOTE", 0}, SOCKET, NULL, REMOTE},
	{{"POD", 0}, ALL, NULL, NAME_OF_POD},
	{{"UID", 0}, POD, "pod_uid", PLAIN},
	{{"CGROUP", 0}, CGROUP | PROCESS, "cgroup", PLAIN},
};
#define CELLS (sizeof(cells) / sizeof(cells[0]))

static void put_name(struct libscols_line *line, int column, const char *name)
{
	char *safe = escape_name(name);

	table_text(line, column, safe);
	free(safe);
}

static void put_member(struct libscols_line *line, int column, const struct tcpbuf_census_holder *h,
	const struct tcpbuf_census_field *field)
{
	const char *at = (const char *)h + field->offset;
	int64_t wide;
	uint32_t narrow;

	if (field->group && !(h->valid & field->group)) {
		table_text(line, column, "-");
	} else if (field->type == TCPBUF_FIELD_TEXT) {
		put_name(line, column, at);
	} else if (field->type == TCPBUF_FIELD_U32) {
		memcpy(&narrow, at, sizeof(narrow));
		table_number(line, column, narrow);
	} else {
		memcpy(&wide, at, sizeof(wide));
		table_number(line, column, wide);
	}
}

/* Of what the node allows, tcp_mem[2]. */
static void put_share(struct libscols_line *line, int column, const struct tcpbuf_census_holder *h, uint64_t limit)
{
	char text[32] = "-";

	if (limit)
		snprintf(text, sizeof(text), "%.2f%%", 100.0 * (double)h->held_bytes / (double)limit);
	table_text(line, column, text);
}

static void put_end(struct libscols_line *line, int column, const struct tcpbuf_census_holder *h, int remote)
{
	struct tcpbuf_sock sock = {.family = h->family, .local_port = h->local_port, .remote_port = h->remote_port};
	char text[80];

	memcpy(sock.local_address, h->local_address, sizeof(sock.local_address));
	memcpy(sock.remote_address, h->remote_address, sizeof(sock.remote_address));
	sock_end_text(&sock, remote, text, sizeof(text));
	table_text(line, column, text);
}

static void put_pod(struct libscols_line *line, int column, const struct tcpbuf_census_holder *h)
{
	char text[512];

	snprintf(text, sizeof(text), "%s%s%s", h->pod_namespace, h->pod_namespace[0] ? "/" : "", h->pod);
	if (h->pods > 1)
		table_text(line, column, "(several)");
	else if (h->valid & TCPBUF_CENSUS_HAS_POD)
		put_name(line, column, text);
	else
		table_text(line, column, "-");
}

static void put_cell(struct libscols_line *line, int column, const struct cell *cell,
	const struct tcpbuf_census_holder *h, uint64_t limit)
{
	struct tcpbuf_census_field field = {.name = ""};

	switch (cell->special) {
	case SHARE:
		put_share(line, column, h, limit);
		return;
	case NAME_OF_POD:
		put_pod(line, column, h);
		return;
	case STATE:
	case LOCAL:
	case REMOTE:
		if (!(h->valid & TCPBUF_CENSUS_HAS_SOCKET))
			table_text(line, column, "-");
		else if (cell->special == STATE)
			table_text(line, column, tcpbuf_sock_state_name(h->state));
		else
			put_end(line, column, h, cell->special == REMOTE);
		return;
	default:
		for (uint32_t i = 0; strcmp(field.name, cell->field) != 0; i++)
			tcpbuf_census_field_at(TCPBUF_CENSUS_RECORD_HOLDER, i, &field, sizeof(field));
		put_member(line, column, h, &field);
	}
}

/* GROWTH is of a second report on. */
static int is_shown(const struct cell *cell, uint32_t by, const struct tcpbuf_census_node *n)
{
	return (cell->by & by) && ((n->valid & TCPBUF_CENSUS_NODE_HAS_GROWTH) || !cell->field ||
					  strcmp(cell->field, "growth_bytes") != 0);
}

static void put_row(struct libscols_table *table, const struct tcpbuf_census_holder *h, uint32_t by,
	const struct tcpbuf_census_node *n)
{
	struct libscols_line *line = table_line(table);
	int column = 0;

	for (size_t i = 0; i < CELLS; i++)
		if (is_shown(&cells[i], by, n))
			put_cell(line, column++, &cells[i], h, n->tcp_mem_bytes[2]);
}

static void show_node(const struct tcpbuf_census_node *n)
{
	printf("node: ");
	if (n->valid & TCPBUF_CENSUS_NODE_HAS_USED)
		printf("%llu bytes used", (unsigned long long)n->used_bytes);
	if (n->valid & TCPBUF_CENSUS_NODE_HAS_LIMITS)
		printf(" of %llu, pressure above %llu", (unsigned long long)n->tcp_mem_bytes[2],
			(unsigned long long)n->tcp_mem_bytes[1]);
	if (n->valid & TCPBUF_CENSUS_NODE_HAS_PRESSURE)
		printf(", %sunder pressure", n->pressure ? "" : "not ");
	if (n->valid & TCPBUF_CENSUS_NODE_HAS_GROWTH)
		printf(", grew %lld", (long long)n->growth_bytes);
	printf("\n= attributed %lld + unaccepted %lld + orphaned %lld + unreachable %lld in %llu sockets",
		(long long)n->attributed_bytes, (long long)n->unaccepted_bytes, (long long)n->orphaned_bytes,
		(long long)n->unreachable_bytes, (unsigned long long)n->unreachable_sockets);
	if (n->uncounted_bytes)
		printf(" - uncounted %lld", (long long)n->uncounted_bytes);
	printf(", +- %llu\n", (unsigned long long)n->error_bar_bytes);
}

/* What is in no holder, where it holds anything, and why. */
static void show_rest(const struct tcpbuf_census *c, uint32_t by)
{
	struct tcpbuf_census_holder rest;

	if (tcpbuf_census_rest(c, by, &rest, sizeof(rest)) != 0 || !rest.sockets)
		return;
	printf("none of these: %lld bytes in %llu sockets, of them %llu not accepted, %llu orphaned\n",
		(long long)rest.held_bytes, (unsigned long long)rest.sockets,
		(unsigned long long)rest.unaccepted_sockets, (unsigned long long)rest.orphaned_sockets);
}

void top_show_table(const struct tcpbuf_census *c, uint32_t by, uint32_t rows)
{
	struct column shown[CELLS];
	struct libscols_table *table;
	struct tcpbuf_census_holder h;
	struct tcpbuf_census_node n;
	int count = 0;

	tcpbuf_census_node(c, &n, sizeof(n));
	show_node(&n);
	for (size_t i = 0; i < CELLS; i++)
		if (is_shown(&cells[i], by, &n))
			shown[count++] = cells[i].column;
	table = table_new(shown, count);
	/* Names are escaped already, as in JSON. */
	scols_table_enable_noencoding(table, 1);
	for (uint32_t i = 0; (!rows || i < rows) && tcpbuf_census_at(c, by, i, &h, sizeof(h)) == 1; i++)
		put_row(table, &h, by, &n);
	table_print(table);
	show_rest(c, by);
	if (n.cgroup_version == TCPBUF_CGROUP_V1 && (by & (CGROUP | POD)))
		printf("cgroup v1: a socket is placed by the process that has it, which is a guess\n");
}
