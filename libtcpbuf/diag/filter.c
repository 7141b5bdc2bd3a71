/* SPDX-License-Identifier: MIT */
/*
 * A query's filter as inet_diag bytecode; inet_diag_bc_run(), net/ipv4/inet_diag.c.
 * Each operation, where it holds, goes on with the next, and else `no` bytes forward: within the program, or
 * 4 bytes past its end, which rejects the socket. inet_diag_bc_audit() lets a jump land only on what can be
 * reached by going on, so alternatives stand one after the other with a jump between.
 */
#include "diag/diag.h"

#include <linux/inet_diag.h>
#include <string.h>
#include <sys/socket.h>

struct program {
	char *code;
	uint32_t used;
};

#define OP_SIZE ((uint32_t)sizeof(struct inet_diag_bc_op))

/* Append an operation that rejects where it does not hold, with its argument. */
static void put(struct program *p, uint8_t operation, const void *argument, size_t size)
{
	struct inet_diag_bc_op op = {.code = operation, .yes = (uint8_t)(OP_SIZE + size)};

	memcpy(p->code + p->used, &op, sizeof(op));
	if (size)
		memcpy(p->code + p->used + OP_SIZE, argument, size);
	p->used += op.yes;
}

/* Let the operation at a place skip, where it does not hold, to the end of the program so far. */
static void skip_to_here(struct program *p, uint32_t place)
{
	struct inet_diag_bc_op op;

	memcpy(&op, p->code + place, sizeof(op));
	op.no = (uint16_t)(p->used - place);
	memcpy(p->code + place, &op, sizeof(op));
}

/* Whatever does not skip rejects: past the end by one operation. */
static void seal(struct program *p)
{
	struct inet_diag_bc_op op;

	for (uint32_t place = 0; place < p->used; place += op.yes) {
		memcpy(&op, p->code + place, sizeof(op));
		if (op.no)
			continue;
		op.no = (uint16_t)(p->used - place + OP_SIZE);
		memcpy(p->code + place, &op, sizeof(op));
	}
}

/* A port is the `no` of a second operation. */
static void put_port(struct program *p, uint8_t operation, uint32_t port)
{
	struct inet_diag_bc_op argument = {.no = (uint16_t)port};

	put(p, operation, &argument, sizeof(argument));
}

static void put_ports(struct program *p, uint8_t at_least, uint8_t at_most, uint32_t min, uint32_t max)
{
	if (min)
		put_port(p, at_least, min);
	if (max && max < 65535)
		put_port(p, at_most, max);
}

static void put_host(struct program *p, uint8_t side, uint32_t family, uint32_t prefix, const uint8_t address[16])
{
	struct inet_diag_hostcond host = {.family = (uint8_t)family, .prefix_len = (uint8_t)prefix, .port = -1};
	size_t length = family == AF_INET ? 4 : 16;
	char argument[sizeof(host) + 16];

	memcpy(argument, &host, sizeof(host));
	memcpy(argument + sizeof(host), address, length);
	put(p, side, argument, sizeof(host) + length);
}

static const uint8_t any_address[16];
static const uint8_t mapped_address[16] = {[10] = 0xff, [11] = 0xff};

static void put_is_mapped(struct program *p)
{
	put_host(p, INET_DIAG_BC_S_COND, AF_INET6, 96, mapped_address);
}

/* The kernel takes a v4-mapped address for IPv6 too. */
static void put_is_not_mapped(struct program *p)
{
	uint32_t mapped = p->used;

	put_is_mapped(p);
	put(p, INET_DIAG_BC_JMP, NULL, 0);
	skip_to_here(p, mapped);
}

static int covers_any_address(uint32_t prefix, const uint8_t address[16])
{
	for (uint32_t bit = 0; bit < prefix; bit++)
		if (address[bit / 8] & 0x80 >> bit % 8)
			return 0;
	return 1;
}

/* Bound to a v4-mapped address and without a peer, :: is the remote end, and 0.0.0.0 in a record. */
static void put_remote_ipv4(struct program *p, const struct tcpbuf_sock_query *q)
{
	uint32_t plain = p->used, jump;

	put_host(p, INET_DIAG_BC_D_COND, AF_INET, q->remote_prefix, q->remote_address);
	if (!covers_any_address(q->remote_prefix, q->remote_address))
		return;
	jump = p->used;
	put(p, INET_DIAG_BC_JMP, NULL, 0);
	skip_to_here(p, plain);
	put_is_mapped(p);
	put_host(p, INET_DIAG_BC_D_COND, AF_INET6, 128, any_address);
	skip_to_here(p, jump);
}

static void put_addresses(struct program *p, const struct tcpbuf_sock_query *q)
{
	if (q->local_family)
		put_host(p, INET_DIAG_BC_S_COND, q->local_family, q->local_prefix, q->local_address);
	if (q->remote_family == AF_INET)
		put_remote_ipv4(p, q);
	if (q->remote_family == AF_INET6)
		put_host(p, INET_DIAG_BC_D_COND, AF_INET6, q->remote_prefix, q->remote_address);
	if (q->local_family == AF_INET6 || q->remote_family == AF_INET6)
		put_is_not_mapped(p);
}

uint32_t tcpbuf__diag_filter(const struct tcpbuf_sock_query *q, void *code)
{
	struct program p = {.code = code};
	struct inet_diag_markcond mark = {.mark = q->mark, .mask = q->mark_mask};

	put_ports(&p, INET_DIAG_BC_S_GE, INET_DIAG_BC_S_LE, q->local_port_min, q->local_port_max);
	put_ports(&p, INET_DIAG_BC_D_GE, INET_DIAG_BC_D_LE, q->remote_port_min, q->remote_port_max);
	if (q->ifindex)
		put(&p, INET_DIAG_BC_DEV_COND, &q->ifindex, sizeof(q->ifindex));
	if (q->mark_mask)
		put(&p, INET_DIAG_BC_MARK_COND, &mark, sizeof(mark));
	if (q->cgroup_id)
		put(&p, INET_DIAG_BC_CGROUP_COND, &q->cgroup_id, sizeof(q->cgroup_id));
	put_addresses(&p, q);
	seal(&p);
	return p.used;
}
