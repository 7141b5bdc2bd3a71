/* SPDX-License-Identifier: MIT */
/* What a query may say, and what it means where it says nothing. */
#include "diag/diag.h"

#include <string.h>
#include <sys/socket.h>

#define KNOWN_STATES 0x3ffeu
#define KNOWN_WANT 0xfu
#define DEFAULT_WANT (TCPBUF_SOCK_WANT_SKMEM | TCPBUF_SOCK_WANT_INFO)
#define PORT_MAX 65535u

static const char unknown_want[] = "the query wants what this library does not know";

static const char *check_ports(uint32_t min, uint32_t max)
{
	if (min > PORT_MAX || max > PORT_MAX)
		return "a port is above 65535";
	if (min > max)
		return "a port range begins above its end";
	return NULL;
}

static const char *check_prefix(uint32_t family, uint32_t prefix, const uint8_t address[16])
{
	static const uint8_t none[16];

	if (!family && (prefix || memcmp(address, none, sizeof(none)) != 0))
		return "an address has no family";
	if (family && family != AF_INET && family != AF_INET6)
		return "a family is neither 2 (IPv4) nor 10 (IPv6)";
	if (prefix > (family == AF_INET ? 32u : 128u))
		return "a prefix is longer than its address";
	return NULL;
}

static const char *check(const struct tcpbuf_sock_query *q)
{
	const char *cause = check_ports(q->local_port_min, q->local_port_max);

	if (q->want & ~KNOWN_WANT)
		return unknown_want;
	if (q->states && !(q->states & KNOWN_STATES))
		return "the mask of states has no known state; a state's bit is 1 << state";
	if (q->ifindex > INT32_MAX)
		return "ifindex is above 2147483647";
	if (!cause)
		cause = check_ports(q->remote_port_min, q->remote_port_max);
	if (!cause)
		cause = check_prefix(q->local_family, q->local_prefix, q->local_address);
	if (!cause)
		cause = check_prefix(q->remote_family, q->remote_prefix, q->remote_address);
	if (!cause && q->local_family && q->remote_family && q->local_family != q->remote_family)
		cause = "no socket has one end in IPv4 and the other in IPv6";
	if (!cause && q->mark & ~q->mark_mask)
		cause = "mark has bits outside mark_mask";
	return cause;
}

const char *tcpbuf__diag_complete(struct tcpbuf_sock_query *query)
{
	const char *cause = check(query);

	if (!query->states)
		query->states = ~(1u << TCPBUF_SOCK_BOUND_INACTIVE);
	if (!query->want)
		query->want = DEFAULT_WANT;
	return cause;
}

const char *tcpbuf__diag_complete_id(struct tcpbuf_sock_id *id)
{
	if (!id->want)
		id->want = DEFAULT_WANT;
	if (id->want & ~KNOWN_WANT)
		return unknown_want;
	if (id->family != AF_INET && id->family != AF_INET6)
		return "the family is neither 2 (IPv4) nor 10 (IPv6)";
	if (!id->local_port)
		return "no socket has local port 0";
	if (id->local_port > PORT_MAX || id->remote_port > PORT_MAX)
		return "a port is above 65535";
	return NULL;
}
