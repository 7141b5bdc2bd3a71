/* SPDX-License-Identifier: MIT */
/* A census as text: a line a field, by the tables of fields.c. */
#include "census/record.h"

#include <errno.h>
#include <string.h>

#include "mem/text.h"

const char tcpbuf__record_head[] = "tcpbuf-census 1";

const char *const tcpbuf__record_axes[TCPBUF__PUBLIC_AXES] = {
	[TCPBUF__NETNS] = "netns",
	[TCPBUF__CGROUP] = "cgroup",
	[TCPBUF__POD] = "pod",
	[TCPBUF__PROCESS] = "process",
	[TCPBUF__SOCKET] = "socket",
};

size_t tcpbuf__record_element(uint32_t type)
{
	switch (type) {
	case TCPBUF_FIELD_U32:
		return 4;
	case TCPBUF_FIELD_U64:
	case TCPBUF_FIELD_I64:
		return 8;
	default:
		return 1;
	}
}

static void put_number(struct tcpbuf__text *t, uint32_t type, const char *at)
{
	uint64_t u64;
	int64_t i64;
	uint32_t u32;

	switch (type) {
	case TCPBUF_FIELD_U32:
		memcpy(&u32, at, sizeof(u32));
		tcpbuf__text_u64(t, u32);
		break;
	case TCPBUF_FIELD_U64:
		memcpy(&u64, at, sizeof(u64));
		tcpbuf__text_u64(t, u64);
		break;
	case TCPBUF_FIELD_I64:
		memcpy(&i64, at, sizeof(i64));
		tcpbuf__text_i64(t, i64);
		break;
	default:
		tcpbuf__text_u64(t, (unsigned char)*at);
	}
}

static int is_zero(const char *at, size_t size)
{
	while (size && !*at)
		at++, size--;
	return size == 0;
}

/* A field that is zero is left out: that is what a record starts as. */
static void put_field(struct tcpbuf__text *t, const struct tcpbuf__field *field, const void *record)
{
	size_t element = tcpbuf__record_element(field->type);
	const char *at = (const char *)record + field->offset;

	if (is_zero(at, element * field->count))
		return;
	tcpbuf__text_str(t, field->name);
	tcpbuf__text_str(t, " ");
	if (field->type == TCPBUF_FIELD_TEXT) {
		tcpbuf__text_name(t, at);
	} else {
		for (uint32_t i = 0; i < field->count; i++) {
			tcpbuf__text_str(t, i ? " " : "");
			put_number(t, field->type, at + i * element);
		}
	}
	tcpbuf__text_str(t, "\n");
}

/* Every record begins with its valid. */
static void put_record(struct tcpbuf__text *t, const char *what, const char *axis,
	const struct tcpbuf__field *field, const void *record)
{
	uint64_t valid;

	memcpy(&valid, record, sizeof(valid));
	tcpbuf__text_str(t, what);
	tcpbuf__text_str(t, axis);
	tcpbuf__text_str(t, "\nvalid ");
	tcpbuf__text_u64(t, valid);
	tcpbuf__text_str(t, "\n");
	for (; field->name; field++)
		if (!field->group || (valid & field->group))
			put_field(t, field, record);
}

int64_t tcpbuf_census_write(const struct tcpbuf_census *c, char *buf, uint64_t buf_size)
{
	struct tcpbuf__text t;

	if (!c || (buf_size && !buf))
		return -EINVAL;
	t = tcpbuf__text_init(buf, buf_size);
	tcpbuf__text_str(&t, tcpbuf__record_head);
	tcpbuf__text_str(&t, "\nlacks ");
	tcpbuf__text_name(&t, c->lacks);
	tcpbuf__text_str(&t, "\n");
	put_record(&t, "node", "", tcpbuf__node_fields, &c->node);
	for (int axis = 0; axis < TCPBUF__PUBLIC_AXES; axis++) {
		const struct tcpbuf__holders *table = &c->tables[axis];

		if (!(c->by & 1u << axis))
			continue;
		put_record(&t, "rest ", tcpbuf__record_axes[axis], tcpbuf__holder_fields, &table->rest);
		for (uint32_t i = 0; i < table->count; i++)
			put_record(&t, "holder ", tcpbuf__record_axes[axis], tcpbuf__holder_fields,
				&table->items[table->order[i]]);
	}
	tcpbuf__text_str(&t, "end\n");
	return (int64_t)t.used;
}
