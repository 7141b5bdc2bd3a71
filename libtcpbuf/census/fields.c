/* SPDX-License-Identifier: MIT */
/* The tables of the records' fields. */
#include "census/census.h"

#include <errno.h>
#include <string.h>

#define COUNT(member) (sizeof(member) / sizeof((member)[0]))
#define TYPE(pointer)                                                                              \
	_Generic((pointer), uint32_t * : TCPBUF_FIELD_U32, uint64_t * : TCPBUF_FIELD_U64,          \
		int64_t * : TCPBUF_FIELD_I64, char * : TCPBUF_FIELD_TEXT, uint8_t * : TCPBUF_FIELD_ADDRESS)

#define NODE(name, group)                                                                          \
	{#name, offsetof(struct tcpbuf_census_node, name), TYPE(&((struct tcpbuf_census_node *)0)->name), 1, group}
#define HOLDER(name, group)                                                                        \
	{#name, offsetof(struct tcpbuf_census_holder, name), TYPE(&((struct tcpbuf_census_holder *)0)->name), 1, group}
#define ARRAY(record, name, group)                                                                 \
	{#name, offsetof(struct record, name), TYPE(((struct record *)0)->name),                   \
		COUNT(((struct record *)0)->name), group}
#define LIST(name, group) ARRAY(tcpbuf_census_holder, name, group)

#define USED TCPBUF_CENSUS_NODE_HAS_USED

const struct tcpbuf__field tcpbuf__node_fields[] = {
	ARRAY(tcpbuf_census_node, tcp_mem_bytes, TCPBUF_CENSUS_NODE_HAS_LIMITS),
	NODE(used_bytes, USED),
	NODE(error_bar_bytes, TCPBUF_CENSUS_NODE_HAS_ERROR_BAR),
	NODE(attributed_bytes, 0),
	NODE(unaccepted_bytes, 0),
	NODE(orphaned_bytes, 0),
	NODE(unreachable_bytes, USED),
	NODE(uncounted_bytes, USED),
	NODE(growth_bytes, TCPBUF_CENSUS_NODE_HAS_GROWTH),
	NODE(sockets, 0),
	NODE(unaccepted_sockets, 0),
	NODE(orphaned_sockets, 0),
	NODE(unreachable_sockets, USED),
	NODE(unseen_sockets, USED),
	NODE(time_wait, 0),
	NODE(half_open, 0),
	NODE(netns, 0),
	NODE(netns_empty, 0),
	NODE(netns_denied, 0),
	NODE(processes_denied, 0),
	NODE(pressure, TCPBUF_CENSUS_NODE_HAS_PRESSURE),
	NODE(partial, 0),
	NODE(cgroup_version, 0),
	NODE(by, 0),
	{NULL, 0, 0, 0, 0},
};

#define NETNS TCPBUF_CENSUS_HAS_NETNS
#define PROCESS TCPBUF_CENSUS_HAS_PROCESS
#define CGROUP TCPBUF_CENSUS_HAS_CGROUP
#define CHARGE TCPBUF_CENSUS_HAS_CHARGE
#define SOCKET TCPBUF_CENSUS_HAS_SOCKET

const struct tcpbuf__field tcpbuf__holder_fields[] = {
	HOLDER(netns_inode, NETNS),
	HOLDER(netns_cookie, TCPBUF_CENSUS_HAS_COOKIE),
	HOLDER(cookie, SOCKET),
	HOLDER(pid, PROCESS),
	HOLDER(start_time, PROCESS),
	LIST(comm, PROCESS),
	LIST(label, TCPBUF_CENSUS_HAS_LABEL),
	LIST(cgroup, CGROUP),
	HOLDER(cgroup_id, CGROUP),
	HOLDER(cgroup_guess, CGROUP),
	HOLDER(pods, 0),
	LIST(pod_uid, TCPBUF_CENSUS_HAS_POD),
	LIST(pod_namespace, TCPBUF_CENSUS_HAS_POD),
	LIST(pod, TCPBUF_CENSUS_HAS_POD),
	LIST(container, TCPBUF_CENSUS_HAS_CONTAINER),
	HOLDER(family, SOCKET),
	HOLDER(state, SOCKET),
	LIST(local_address, SOCKET),
	HOLDER(local_port, SOCKET),
	LIST(remote_address, SOCKET),
	HOLDER(remote_port, SOCKET),
	HOLDER(sockets, 0),
	HOLDER(held_bytes, 0),
	HOLDER(rmem_alloc_bytes, 0),
	HOLDER(wmem_queued_bytes, 0),
	HOLDER(fwd_alloc_bytes, 0),
	HOLDER(backlog_bytes, 0),
	HOLDER(optmem_bytes, 0),
	HOLDER(drops, 0),
	HOLDER(rcvbuf_bytes, 0),
	HOLDER(sndbuf_bytes, 0),
	HOLDER(unaccepted_sockets, 0),
	HOLDER(unaccepted_bytes, 0),
	HOLDER(orphaned_sockets, 0),
	HOLDER(orphaned_bytes, 0),
	HOLDER(shared_sockets, 0),
	HOLDER(time_wait, 0),
	HOLDER(half_open, 0),
	LIST(states, 0),
	HOLDER(charge_bytes, CHARGE),
	HOLDER(attributed_bytes, CHARGE),
	HOLDER(unexplained_bytes, CHARGE),
	HOLDER(growth_bytes, TCPBUF_CENSUS_HAS_GROWTH),
	{NULL, 0, 0, 0, 0},
};

int tcpbuf_census_field_at(uint32_t record, uint32_t index, void *out, uint32_t out_size)
{
	const struct tcpbuf__field *field = record == TCPBUF_CENSUS_RECORD_NODE ? tcpbuf__node_fields
										: tcpbuf__holder_fields;
	struct tcpbuf_census_field f;

	if (!out || record < TCPBUF_CENSUS_RECORD_NODE || record > TCPBUF_CENSUS_RECORD_HOLDER)
		return -EINVAL;
	for (; field->name && index; index--)
		field++;
	if (!field->name)
		return 0;
	memset(&f, 0, sizeof(f));
	memcpy(f.name, field->name, strlen(field->name));
	f.offset = field->offset;
	f.type = field->type;
	f.count = field->count;
	f.group = field->group;
	tcpbuf__copy_out(out, out_size, &f, sizeof(f));
	return 1;
}
