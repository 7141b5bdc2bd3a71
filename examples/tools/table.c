/* SPDX-License-Identifier: MIT */
#include "table.h"

#include <stdio.h>
#include <stdlib.h>

struct libscols_table *table_new(const struct column *columns, int count)
{
	struct libscols_table *table = scols_new_table();

	if (!table)
		abort();
	for (int i = 0; i < count; i++)
		scols_table_new_column(table, columns[i].name, 0, columns[i].right ? SCOLS_FL_RIGHT : 0);
	return table;
}

struct libscols_line *table_line(struct libscols_table *table)
{
	return scols_table_new_line(table, NULL);
}

void table_text(struct libscols_line *line, int column, const char *text)
{
	scols_line_set_data(line, (size_t)column, text);
}

void table_number(struct libscols_line *line, int column, int64_t number)
{
	char digits[24];

	snprintf(digits, sizeof(digits), "%lld", (long long)number);
	table_text(line, column, digits);
}

void table_print(struct libscols_table *table)
{
	scols_print_table(table);
	scols_unref_table(table);
}
