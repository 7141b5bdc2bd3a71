/* SPDX-License-Identifier: MIT */
/* /proc/net/protocols: columns by their header, since kernels added some. */
#include "node/node.h"

#include <errno.h>

enum column { SIZE, PRESS, MAXHDR, COLUMNS };
static const char *const names[COLUMNS] = {"size", "press", "maxhdr"};

/* Position of each column, counted from the first; -1: this kernel has none. */
static void find_columns(struct tcpbuf__reader header, int *where)
{
	struct tcpbuf__reader word;

	for (int c = 0; c < COLUMNS; c++)
		where[c] = -1;
	for (int i = 0; tcpbuf__reader_word(&header, &word); i++)
		for (int c = 0; c < COLUMNS; c++)
			if (where[c] < 0 && tcpbuf__reader_is(&word, names[c]))
				where[c] = i;
}

/* The cell of a row; the row's name is column 0. */
static int cell(struct tcpbuf__reader row, int where, struct tcpbuf__reader *out)
{
	for (int i = 0; i <= where; i++)
		if (!tcpbuf__reader_word(&row, out))
			return 0;
	return where >= 0;
}

static int number(struct tcpbuf__reader row, int where, uint32_t *out)
{
	struct tcpbuf__reader word;
	uint64_t value;

	if (where < 0)
		return 0;
	if (!cell(row, where, &word) || tcpbuf__reader_u64(&word, &value) != 0 || value > UINT32_MAX)
		return -EPROTO;
	*out = (uint32_t)value;
	return 1;
}

static int parse_tcp(struct tcpbuf__reader row, const int *where, struct tcpbuf_node *n)
{
	struct tcpbuf__reader press;
	int size = number(row, where[SIZE], &n->tcp_sock_bytes);
	int header = number(row, where[MAXHDR], &n->max_header_bytes);

	if (size < 0 || header < 0)
		return -EPROTO;
	if (size && header)
		n->valid |= TCPBUF_NODE_HAS_TCP;
	if (!cell(row, where[PRESS], &press))
		return where[PRESS] < 0 ? 0 : -EPROTO;
	n->pressure = (uint32_t)tcpbuf__reader_is(&press, "yes");
	if (!n->pressure && !tcpbuf__reader_is(&press, "no"))
		return -EPROTO;
	n->valid |= TCPBUF_NODE_HAS_PRESSURE;
	return 0;
}

static int parse_size(
	struct tcpbuf__reader row, const int *where, struct tcpbuf_node *n, uint64_t group, uint32_t *out)
{
	int found = number(row, where[SIZE], out);

	if (found > 0)
		n->valid |= group;
	return found < 0 ? found : 0;
}

static int parse_row(struct tcpbuf__reader row, const int *where, struct tcpbuf_node *n)
{
	struct tcpbuf__reader name;

	if (!cell(row, 0, &name))
		return 0;
	if (tcpbuf__reader_is(&name, "TCP"))
		return parse_tcp(row, where, n);
	if (tcpbuf__reader_is(&name, "TCPv6"))
		return parse_size(row, where, n, TCPBUF_NODE_HAS_TCP6, &n->tcp6_sock_bytes);
	if (tcpbuf__reader_is(&name, "MPTCP"))
		return parse_size(row, where, n, TCPBUF_NODE_HAS_MPTCP, &n->mptcp_sock_bytes);
	return 0;
}

int tcpbuf__node_parse_protocols(struct tcpbuf__reader text, struct tcpbuf__node_raw *raw)
{
	struct tcpbuf__reader row;
	int where[COLUMNS], err = 0;

	if (!tcpbuf__reader_line(&text, &row))
		return 0;
	find_columns(row, where);
	while (!err && tcpbuf__reader_line(&text, &row))
		err = parse_row(row, where, &raw->node);
	return err;
}
