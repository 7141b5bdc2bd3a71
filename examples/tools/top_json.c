/* SPDX-License-Identifier: MIT */
/* A census as JSON: the library's table of fields, a few of them by their names. */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "top.h"

/* Said in a better way elsewhere, or of no use outside. */
static const char *const left_out[] = {"by", "valid"};

static json_t *text_json(const char *text)
{
	char *safe = escape_name(text);
	json_t *json = json_string(safe);

	free(safe);
	return json;
}

static json_t *states_json(const uint64_t *states, uint32_t count)
{
	json_t *object = json_object();

	for (uint32_t i = 0; i < count; i++)
		if (states[i])
			json_object_set_new(object, tcpbuf_sock_state_name(i), json_integer((json_int_t)states[i]));
	return object;
}

static json_t *address_json(const uint8_t *address, const struct tcpbuf_census_holder *h)
{
	char text[INET6_ADDRSTRLEN];

	return inet_ntop((int)h->family, address, text, sizeof(text)) ? json_string(text) : NULL;
}

static json_t *number_json(const char *at, uint32_t type)
{
	uint64_t u64;
	uint32_t u32;

	if (type == TCPBUF_FIELD_U32) {
		memcpy(&u32, at, sizeof(u32));
		return json_integer(u32);
	}
	memcpy(&u64, at, sizeof(u64));
	return json_integer((json_int_t)u64);
}

static json_t *numbers_json(const char *at, const struct tcpbuf_census_field *field)
{
	json_t *list = json_array();

	for (uint32_t i = 0; i < field->count; i++)
		json_array_append_new(list, number_json(at + i * sizeof(uint64_t), field->type));
	return list;
}

static json_t *field_json(const void *record, const struct tcpbuf_census_field *field)
{
	const char *at = (const char *)record + field->offset;

	if (field->type == TCPBUF_FIELD_TEXT)
		return text_json(at);
	if (field->type == TCPBUF_FIELD_ADDRESS)
		return address_json((const uint8_t *)at, record);
	if (strcmp(field->name, "states") == 0)
		return states_json((const uint64_t *)(const void *)at, field->count);
	if (field->count > 1)
		return numbers_json(at, field);
	if (strcmp(field->name, "state") == 0)
		return json_string(tcpbuf_sock_state_name(*(const uint32_t *)(const void *)at));
	if (strcmp(field->name, "family") == 0)
		return json_string(*(const uint32_t *)(const void *)at == AF_INET ? "inet" : "inet6");
	if (strcmp(field->name, "cookie") == 0 || strcmp(field->name, "netns_cookie") == 0 ||
		strcmp(field->name, "cgroup_id") == 0)
		return json_id(*(const uint64_t *)(const void *)at);
	return number_json(at, field->type);
}

static int is_left_out(const char *name)
{
	for (size_t i = 0; i < sizeof(left_out) / sizeof(left_out[0]); i++)
		if (strcmp(name, left_out[i]) == 0)
			return 1;
	return 0;
}

/* Every field whose group the record has; each record begins with its mask of groups. */
static json_t *record_json(uint32_t kind, const void *record)
{
	json_t *object = json_object();
	struct tcpbuf_census_field field;
	uint64_t valid;

	memcpy(&valid, record, sizeof(valid));
	for (uint32_t i = 0; tcpbuf_census_field_at(kind, i, &field, sizeof(field)) == 1; i++) {
		json_t *value;

		if (is_left_out(field.name) || (field.group && !(valid & field.group)))
			continue;
		value = field_json(record, &field);
		if (value)
			json_object_set_new(object, field.name, value);
	}
	return object;
}

static void put(const char *before, json_t *object)
{
	fputs(before, stdout);
	json_dumpf(object, stdout, JSON_COMPACT | JSON_ENCODE_ANY);
	json_decref(object);
}

void top_show_json(const struct tcpbuf_census *c, uint32_t by, uint32_t rows)
{
	struct json_stream stream = {stdout, 0};
	struct tcpbuf_census_holder h;
	struct tcpbuf_census_node n;

	tcpbuf_census_node(c, &n, sizeof(n));
	put("{\"node\": ", record_json(TCPBUF_CENSUS_RECORD_NODE, &n));
	fputs(",\n\"holders\": [", stdout);
	for (uint32_t i = 0; (!rows || i < rows) && tcpbuf_census_at(c, by, i, &h, sizeof(h)) == 1; i++)
		json_stream_add(&stream, record_json(TCPBUF_CENSUS_RECORD_HOLDER, &h));
	tcpbuf_census_rest(c, by, &h, sizeof(h));
	put("\n],\n\"rest\": ", record_json(TCPBUF_CENSUS_RECORD_HOLDER, &h));
	if (tcpbuf_census_lacks(c)[0])
		put(",\n\"lacks\": ", text_json(tcpbuf_census_lacks(c)));
	fputs("}\n", stdout);
}
