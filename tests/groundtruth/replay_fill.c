/* SPDX-License-Identifier: MIT */
/* Set `fill`: a receiver that does not read, and then reads. */
#include "replay.h"

#include <stdlib.h>
#include <string.h>

/* What the recording programs did not write down. */
enum {
	MAX_STEPS = 200,
	STILL_STEPS = 3,
	MAX_ROWS = 400,
	SLEEP_EXTRA_US = 110, /* each step takes longer than its sleep */
	RTT_US = 42,
	LOW_RTT_US = 1000,
	WINDOW = 6 /* column of a row */
};

static json_t *row_json(const struct tcpbuf_rules *rules, const struct tcpbuf_model_fill_row *row)
{
	/* tcpi_rcv_wnd is absent from recordings of kernels before 6.2. */
	json_int_t rcv_wnd = rules->keys.version >= (6u << 16 | 2u << 8) ? row->rcv_wnd : -1;

	return json_pack("[I,I,I,I,I,I,I,I,I,I,I,I,I,I]", (json_int_t)row->reading, row->written,
		row->read, row->received, (json_int_t)row->acks, row->acked, row->window_field,
		row->rmem_alloc, row->rcvbuf, row->rcv_ssthresh, row->rcv_space, row->rcv_mss,
		rcv_wnd, row->unsent);
}

static uint32_t number(const json_t *cell, const char *name)
{
	return (uint32_t)json_integer_value(json_object_get(cell, name));
}

void replay_fill(const json_t *cell, json_t *out)
{
	struct tcpbuf_model_fill fill = {.size = sizeof(fill),
		.write_bytes = number(cell, "chunk"),
		.read_bytes = number(cell, "rchunk"),
		.step_us = number(cell, "gap_ms") * 1000 + SLEEP_EXTRA_US,
		.rtt_us = RTT_US,
		.max_steps = MAX_STEPS,
		.still_steps = STILL_STEPS,
		.captured = 1,
		.moderate_rcvbuf = 1,
		.low_rtt_us = LOW_RTT_US};
	struct tcpbuf_model_fill_row row;
	struct tcpbuf_rules rules;
	void *state = malloc(tcpbuf_model_fill_state_size());
	json_t *steps = json_array();

	if (state && tcpbuf_rules_named(json_string_value(json_object_get(cell, "kernel")), &rules,
			     sizeof(rules)) == 0) {
		replay_link(json_object_get(cell, "cfg"), &rules, &fill.link);
		if (tcpbuf_model_fill_begin(&rules, &fill, state, tcpbuf_model_fill_state_size()) ==
			0)
			while (json_array_size(steps) < MAX_ROWS &&
				tcpbuf_model_fill_step(state, &row, sizeof(row)) == 1)
				json_array_append_new(steps, row_json(&rules, &row));
	}
	if (json_array_size(steps))
		json_object_set(out, "steps", steps);
	json_decref(steps);
	free(state);
}

static json_int_t column(const json_t *row, size_t i)
{
	return json_integer_value(json_array_get(row, i));
}

/* Raw window, rmem_alloc, rcvbuf and rcv_ssthresh. */
static int same_row(const json_t *a, const json_t *b)
{
	for (size_t i = WINDOW; i < WINDOW + 4; i++)
		if (column(a, i) != column(b, i))
			return 0;
	return json_is_array(b);
}

/* A cell that did not repeat says nothing once its window has closed. */
static size_t rows_that_count(const json_t *cell)
{
	const json_t *steps = json_object_get(cell, "steps");
	size_t rows = 0;

	if (!json_is_false(json_object_get(cell, "repeats")))
		return json_array_size(steps);
	while (rows < json_array_size(steps) && column(json_array_get(steps, rows), WINDOW) != 0)
		rows++;
	return rows;
}

int replay_fill_passes(const json_t *cell, const json_t *predicted)
{
	const json_t *steps = json_object_get(cell, "steps"),
		     *mine = json_object_get(predicted, "steps");
	size_t rows = rows_that_count(cell), differing = 0;

	for (size_t i = 0; i < rows; i++)
		differing += !same_row(json_array_get(steps, i), json_array_get(mine, i));
	return differing * 100 <= rows;
}
