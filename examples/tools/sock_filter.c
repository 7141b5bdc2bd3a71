/* SPDX-License-Identifier: MIT */
#include "sock_filter.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <sys/vfs.h>

/* A number that ends where the text does, or at the stop byte. Returns 1, or 0: it is none. */
static int number(const char *text, int base, char stop, uint64_t max, uint64_t *out)
{
	char *end;

	if (*text < '0' || *text > '9')
		return 0;
	errno = 0;
	*out = strtoull(text, &end, base);
	return !errno && *out <= max && (!*end || *end == stop);
}

static uint32_t state_named(const char *name, size_t length)
{
	uint32_t state = TCPBUF_SOCK_BOUND_INACTIVE;

	while (state && (strlen(tcpbuf_sock_state_name(state)) != length ||
				strncasecmp(name, tcpbuf_sock_state_name(state), length) != 0))
		state--;
	return state;
}

const char *filter_states(const char *word, struct tcpbuf_sock_query *query)
{
	while (*word) {
		size_t length = strcspn(word, ",");
		uint32_t state = state_named(word, length);

		if (!state)
			return "no such state in";
		query->states |= 1u << state;
		word += length;
		word += *word == ',';
	}
	return query->states ? NULL : "no state in";
}

const char *filter_ports(const char *word, uint32_t *min, uint32_t *max)
{
	const char *dash = strchr(word, '-');
	uint64_t first, last;

	if (!number(word, 10, '-', 65535, &first) || !number(dash ? dash + 1 : word, 10, '\0', 65535, &last) ||
		!last || last < first)
		return "not a port 1-65535 or a range of ports:";
	*min = (uint32_t)first;
	*max = (uint32_t)last;
	return NULL;
}

const char *filter_address(const char *word, uint32_t *family, uint8_t *address, uint32_t *prefix)
{
	static const char wrong[] = "not an address or ADDRESS/BITS:";
	char text[INET6_ADDRSTRLEN];
	const char *slash = strchr(word, '/');
	size_t length = slash ? (size_t)(slash - word) : strlen(word);
	uint64_t bits;

	if (length >= sizeof(text))
		return wrong;
	memcpy(text, word, length);
	text[length] = '\0';
	*family = strchr(text, ':') ? AF_INET6 : AF_INET;
	if (inet_pton((int)*family, text, address) != 1)
		return wrong;
	bits = *family == AF_INET ? 32 : 128;
	if (slash && !number(slash + 1, 10, '\0', bits, &bits))
		return wrong;
	*prefix = (uint32_t)bits;
	return NULL;
}

const char *filter_mark(const char *word, struct tcpbuf_sock_query *query)
{
	const char *slash = strchr(word, '/');
	uint64_t mark, mask = UINT32_MAX;

	if (!number(word, 0, '/', UINT32_MAX, &mark) || (slash && !number(slash + 1, 0, '\0', UINT32_MAX, &mask)))
		return "not MARK or MARK/MASK:";
	query->mark = (uint32_t)mark;
	query->mark_mask = (uint32_t)mask;
	return NULL;
}

const char *filter_cgroup(const char *word, struct tcpbuf_sock_query *query)
{
	struct statfs fs;
	struct stat st;

	if (number(word, 10, '\0', UINT64_MAX, &query->cgroup_id) && query->cgroup_id)
		return NULL;
	if (statfs(word, &fs) != 0 || fs.f_type != CGROUP2_SUPER_MAGIC || stat(word, &st) != 0)
		return "neither a cgroup2 id nor the directory of one:";
	query->cgroup_id = st.st_ino;
	return NULL;
}

const char *filter_pid(const char *word, uint32_t *pid)
{
	uint64_t value;

	if (!number(word, 10, '\0', 4194304, &value) || !value)
		return "not a process id:";
	*pid = (uint32_t)value;
	return NULL;
}
