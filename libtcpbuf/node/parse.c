/* SPDX-License-Identifier: MIT */
/* The small files of procfs that a node's record is made of. */
#include "node/node.h"

#include <errno.h>
#include <string.h>

int tcpbuf__node_parse_pair(struct tcpbuf__reader text, const char *name, const char *key, uint64_t *out)
{
	struct tcpbuf__reader line, word;

	while (tcpbuf__reader_line(&text, &line)) {
		if (!tcpbuf__reader_word(&line, &word) || !tcpbuf__reader_is(&word, name))
			continue;
		while (tcpbuf__reader_word(&line, &word)) {
			if (tcpbuf__reader_is(&word, key))
				return tcpbuf__reader_u64(&line, out) == 0 ? 1 : -EPROTO;
			tcpbuf__reader_word(&line, &word);
		}
		return 0;
	}
	return 0;
}

int tcpbuf__node_parse_sockstat(struct tcpbuf__reader text, struct tcpbuf__node_raw *raw)
{
	struct tcpbuf_node *n = &raw->node;
	const struct {
		const char *key;
		uint64_t *value;
	} pairs[] = {{"orphan", &n->orphans}, {"alloc", &n->sockets}, {"mem", &n->used_pages}};

	for (int i = 0; i < 3; i++) {
		int found = tcpbuf__node_parse_pair(text, "TCP:", pairs[i].key, pairs[i].value);

		if (found <= 0)
			return found;
	}
	n->valid |= TCPBUF_NODE_HAS_USED;
	return 0;
}

int tcpbuf__node_parse_limits(struct tcpbuf__reader text, struct tcpbuf__node_raw *raw)
{
	for (int i = 0; i < 3; i++)
		if (tcpbuf__reader_u64(&text, &raw->node.limit_pages[i]) != 0)
			return -EPROTO;
	if (!tcpbuf__reader_blank(&text))
		return -EPROTO;
	raw->node.valid |= TCPBUF_NODE_HAS_LIMITS;
	return 0;
}

int tcpbuf__node_parse_reserve(struct tcpbuf__reader text, struct tcpbuf__node_raw *raw)
{
	uint64_t pages;

	/* An int in the kernel; what its checks let through as negative is no reserve. */
	if (tcpbuf__reader_u64(&text, &pages) != 0 || pages > INT32_MAX || !tcpbuf__reader_blank(&text))
		return -EPROTO;
	raw->node.reserve_pages = (uint32_t)pages;
	raw->has_reserve = 1;
	return 0;
}

/* "cpu0": a name and a number. */
static int is_cpu(struct tcpbuf__reader word, const char *name)
{
	size_t size = strlen(name);
	uint64_t number;

	if ((size_t)(word.end - word.pos) <= size || memcmp(word.pos, name, size) != 0)
		return 0;
	word.pos += size;
	return tcpbuf__reader_u64(&word, &number) == 0;
}

/* /proc/stat has a line for each CPU that is online. */
int tcpbuf__node_parse_online(struct tcpbuf__reader text, struct tcpbuf__node_raw *raw)
{
	struct tcpbuf__reader line, word;

	while (tcpbuf__reader_line(&text, &line))
		if (tcpbuf__reader_word(&line, &word) && is_cpu(word, "cpu"))
			raw->node.cpus_online++;
	return 0;
}

/* The first line of /proc/softirqs has a word for each possible CPU. */
int tcpbuf__node_parse_possible(struct tcpbuf__reader text, struct tcpbuf__node_raw *raw)
{
	struct tcpbuf__reader line, word;

	if (tcpbuf__reader_line(&text, &line))
		while (tcpbuf__reader_word(&line, &word) && is_cpu(word, "CPU"))
			raw->node.cpus_possible++;
	return 0;
}

/* "6.18.44-any" */
int tcpbuf__node_parse_release(struct tcpbuf__reader text, struct tcpbuf__node_raw *raw)
{
	struct tcpbuf__reader number;
	uint64_t major, minor;

	if (!tcpbuf__reader_until(&text, '.', &number) || tcpbuf__reader_u64(&number, &major) != 0)
		return -EPROTO;
	number.pos = number.end = text.pos;
	while (number.end < text.end && *number.end >= '0' && *number.end <= '9')
		number.end++;
	if (tcpbuf__reader_u64(&number, &minor) != 0 || major > UINT16_MAX || minor > UINT16_MAX)
		return -EPROTO;
	raw->release = (uint32_t)(major << 16 | minor);
	return 0;
}
