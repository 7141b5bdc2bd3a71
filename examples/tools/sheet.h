/* SPDX-License-Identifier: MIT */
/* Rows of numbers as a table for people, as CSV, or as JSON. */
#ifndef TCPBUF_TOOLS_SHEET_H
#define TCPBUF_TOOLS_SHEET_H

#include "common.h"
#include "table.h"

enum sheet_format { SHEET_TABLE, SHEET_CSV, SHEET_JSON };

#define SHEET_ABSENT INT64_MIN

/* A cell is a text, or, with NULL there, a number; SHEET_ABSENT: nothing to say. */
struct sheet_cell {
	int64_t number;
	const char *text;
};

struct sheet {
	enum sheet_format format;
	const char *const *columns; /* JSON keys, ended by NULL */
	int count;
	struct libscols_table *table;
	struct json_stream rows;
};

/* @rule stands above the table and in JSON: which rules the rows follow. */
void sheet_begin(struct sheet *s, enum sheet_format format, const char *rule, const char *const *columns);
void sheet_row(struct sheet *s, const struct sheet_cell *cells);
void sheet_end(struct sheet *s);

#endif
