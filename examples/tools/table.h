/* SPDX-License-Identifier: MIT */
/* Tables for people, by libsmartcols. */
#ifndef TCPBUF_TOOLS_TABLE_H
#define TCPBUF_TOOLS_TABLE_H

#include <libsmartcols.h>
#include <stdint.h>

struct column {
	const char *name;
	int right; /* numbers */
};

struct libscols_table *table_new(const struct column *columns, int count);
struct libscols_line *table_line(struct libscols_table *table);
void table_text(struct libscols_line *line, int column, const char *text);
void table_number(struct libscols_line *line, int column, int64_t number);
void table_print(struct libscols_table *table); /* frees it */

#endif
