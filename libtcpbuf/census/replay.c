/* SPDX-License-Identifier: MIT */
/* Text of a recorded census into a census. */
#include "census/record.h"

#include <errno.h>
#include <string.h>

#define SIZE_LIMIT (256u << 20)
/* A holder is larger than its text may be. */
#define HOLDERS_LIMIT (1u << 20)

/* Where the parser is: lines are fields of this record until the next one begins. */
struct replay {
	struct tcpbuf_census *c;
	const struct tcpbuf__field *fields; /* NULL: between records */
	char *record;
	int axis; /* of the holder being read; -1: none */
	uint32_t holders;
	struct tcpbuf_census_holder holder;
};

/* Undo tcpbuf__text_name(). */
static int parse_text(struct tcpbuf__reader text, char *out, size_t room)
{
	size_t used = 0;

	while (text.pos < text.end) {
		char c = *text.pos++;

		if (c == '\\') {
			int high, low;

			if (text.end - text.pos < 3 || text.pos[0] != 'x')
				return -EPROTO;
			high = tcpbuf__reader_hex(text.pos[1]);
			low = tcpbuf__reader_hex(text.pos[2]);
			if (high < 0 || low < 0)
				return -EPROTO;
			c = (char)(high << 4 | low);
			text.pos += 3;
		}
		if (!c || used + 1 >= room)
			return -EPROTO;
		out[used++] = c;
	}
	/* A longer text may have been there, from a line before. */
	memset(out + used, 0, room - used);
	return 0;
}

static int parse_number(struct tcpbuf__reader *r, uint32_t type, char *at)
{
	uint64_t value = 0;
	int64_t negative = 0;
	uint32_t narrow;
	int err = type == TCPBUF_FIELD_I64 ? tcpbuf__reader_i64(r, &negative) : tcpbuf__reader_u64(r, &value);

	if (err)
		return -EPROTO;
	switch (type) {
	case TCPBUF_FIELD_I64:
		memcpy(at, &negative, sizeof(negative));
		return 0;
	case TCPBUF_FIELD_U64:
		memcpy(at, &value, sizeof(value));
		return 0;
	case TCPBUF_FIELD_U32:
		narrow = (uint32_t)value;
		memcpy(at, &narrow, sizeof(narrow));
		return narrow == value ? 0 : -EPROTO;
	default:
		*at = (char)value;
		return value <= UINT8_MAX ? 0 : -EPROTO;
	}
}

static int parse_field(struct tcpbuf__reader line, const struct tcpbuf__field *field, char *record)
{
	size_t element = tcpbuf__record_element(field->type);
	int err = 0;

	if (field->type == TCPBUF_FIELD_TEXT) {
		if (line.pos < line.end)
			line.pos++;
		return parse_text(line, record + field->offset, field->count);
	}
	for (uint32_t i = 0; !err && i < field->count; i++)
		err = parse_number(&line, field->type, record + field->offset + i * element);
	return err || !tcpbuf__reader_blank(&line) ? -EPROTO : 0;
}

/* Groups of a newer library are not ours to show. */
static int parse_valid(struct replay *r, struct tcpbuf__reader line)
{
	uint64_t valid, known = 0;

	if (parse_number(&line, TCPBUF_FIELD_U64, (char *)&valid) != 0 || !tcpbuf__reader_blank(&line))
		return -EPROTO;
	for (const struct tcpbuf__field *field = r->fields; field->name; field++)
		known |= field->group;
	if (r->fields == tcpbuf__holder_fields)
		known |= TCPBUF_CENSUS_HAS_POD_NAME;
	valid &= known;
	memcpy(r->record, &valid, sizeof(valid));
	return 0;
}

/* A field that this library does not know is stepped over. */
static int take_field(struct replay *r, const struct tcpbuf__reader *name, struct tcpbuf__reader line)
{
	if (!r->fields)
		return -EPROTO;
	if (tcpbuf__reader_is(name, "valid"))
		return parse_valid(r, line);
	for (const struct tcpbuf__field *field = r->fields; field->name; field++)
		if (tcpbuf__reader_is(name, field->name))
			return parse_field(line, field, r->record);
	return 0;
}

/* What a record's valid does not name is absent, whatever the text said before or after it. */
static void clear_absent(const struct replay *r)
{
	uint64_t valid;

	if (!r->fields)
		return;
	memcpy(&valid, r->record, sizeof(valid));
	for (const struct tcpbuf__field *field = r->fields; field->name; field++)
		if (field->group && !(valid & field->group))
			memset(r->record + field->offset, 0, tcpbuf__record_element(field->type) * field->count);
}

/* A record is complete; a holder goes into its table, where its key must be new. */
static int end_record(struct replay *r)
{
	struct tcpbuf__holders *t;
	uint32_t had;
	int64_t at;

	clear_absent(r);
	if (r->axis < 0)
		return 0;
	t = &r->c->tables[r->axis];
	had = t->count;
	at = tcpbuf__holders_get_like(t, r->c->tb->sys, r->axis, &r->holder);
	r->axis = -1;
	if (at < 0)
		return (int)at;
	if (t->count == had || ++r->holders > HOLDERS_LIMIT)
		return -EPROTO;
	t->items[at] = r->holder;
	return 0;
}

static int parse_axis(struct tcpbuf__reader line)
{
	struct tcpbuf__reader word;

	if (!tcpbuf__reader_word(&line, &word) || !tcpbuf__reader_blank(&line))
		return -EPROTO;
	for (int axis = 0; axis < TCPBUF__PUBLIC_AXES; axis++)
		if (tcpbuf__reader_is(&word, tcpbuf__record_axes[axis]))
			return axis;
	return -EPROTO;
}

/* A record begins, and so ends the one before. */
static int begin(struct replay *r, const struct tcpbuf__reader *name, struct tcpbuf__reader line)
{
	int is_holder = tcpbuf__reader_is(name, "holder"), axis = 0, err = end_record(r);

	if (err)
		return err;
	if (tcpbuf__reader_is(name, "node")) {
		r->fields = tcpbuf__node_fields;
		r->record = (char *)&r->c->node;
		return 0;
	}
	axis = parse_axis(line);
	if (axis < 0)
		return axis;
	r->fields = tcpbuf__holder_fields;
	r->record = (char *)(is_holder ? &r->holder : &r->c->tables[axis].rest);
	if (is_holder) {
		memset(&r->holder, 0, sizeof(r->holder));
		r->axis = axis;
	}
	return 0;
}

/* Returns 1 at the end mark, 0 to go on, or -EPROTO, -ENOMEM. */
static int take_line(struct replay *r, struct tcpbuf__reader line)
{
	struct tcpbuf__reader name;

	if (!tcpbuf__reader_word(&line, &name))
		return -EPROTO;
	if (tcpbuf__reader_is(&name, "end"))
		return end_record(r) == 0 ? 1 : -EPROTO;
	if (tcpbuf__reader_is(&name, "node") || tcpbuf__reader_is(&name, "holder") ||
		tcpbuf__reader_is(&name, "rest"))
		return begin(r, &name, line);
	if (tcpbuf__reader_is(&name, "lacks")) {
		if (line.pos < line.end)
			line.pos++;
		return parse_text(line, r->c->lacks, sizeof(r->c->lacks));
	}
	return take_field(r, &name, line);
}

int tcpbuf__record_parse(struct tcpbuf_census *c, struct tcpbuf__reader text)
{
	struct replay r = {.c = c, .axis = -1};
	struct tcpbuf__reader line;
	int state = 0;

	if (!tcpbuf__reader_line(&text, &line) || !tcpbuf__reader_is(&line, tcpbuf__record_head))
		return -EPROTO;
	while (state == 0 && tcpbuf__reader_line(&text, &line))
		state = take_line(&r, line);
	if (state != 1)
		return state < 0 ? state : -EPROTO;
	c->by = c->node.by &= (1u << TCPBUF__PUBLIC_AXES) - 1;
	return tcpbuf__reader_blank(&text) ? 0 : -EPROTO;
}

int tcpbuf_census_read(struct tcpbuf *tb, const char *text, uint64_t size, struct tcpbuf_census **out)
{
	struct tcpbuf__subject about = {.verb = "read a recorded census"};
	struct tcpbuf_census *c;
	int err;

	if (out)
		*out = NULL;
	if (!tb || !out || !text)
		return -EINVAL;
	tcpbuf__error_clear(tb);
	if (size > SIZE_LIMIT)
		return tcpbuf__fail(tb, -EMSGSIZE, &about, NULL);
	c = tb->sys->alloc(sizeof(*c));
	if (!c)
		return tcpbuf__fail(tb, -ENOMEM, &about, NULL);
	c->tb = tb;
	err = tcpbuf__record_parse(c, tcpbuf__reader_init(text, size));
	if (!err)
		err = tcpbuf_census_sort(c, TCPBUF_CENSUS_ORDER_HELD);
	if (err) {
		tcpbuf_census_free(c);
		return tcpbuf__fail(tb, err, &about,
			err == -EPROTO ? "not a record, damaged, or of a newer format" : NULL);
	}
	*out = c;
	return 0;
}
