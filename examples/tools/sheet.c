/* SPDX-License-Identifier: MIT */
#include "sheet.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* "rcvbuf_bytes" as "RCVBUF". */
static void title_of(const char *key, char *out, size_t size)
{
	size_t length = strlen(key), i;

	if (length > 6 && strcmp(key + length - 6, "_bytes") == 0)
		length -= 6;
	for (i = 0; i < length && i < size - 1; i++)
		out[i] = (char)(key[i] == '_' ? '-' : toupper((unsigned char)key[i]));
	out[i] = '\0';
}

static struct libscols_table *begin_table(const char *const *keys, int count)
{
	struct libscols_table *table = scols_new_table();
	char title[64];

	if (!table)
		abort();
	for (int i = 0; i < count; i++) {
		title_of(keys[i], title, sizeof(title));
		scols_table_new_column(table, title, 0, SCOLS_FL_RIGHT);
	}
	return table;
}

static void print_string(const char *text)
{
	json_t *string = json_string(text);

	json_dumpf(string, stdout, JSON_ENCODE_ANY);
	json_decref(string);
}

void sheet_begin(struct sheet *s, enum sheet_format format, const char *rule, const char *const *columns)
{
	*s = (struct sheet){.format = format, .columns = columns, .rows = {.out = stdout}};
	while (columns[s->count])
		s->count++;
	switch (format) {
	case SHEET_TABLE:
		printf("%s\n", rule);
		s->table = begin_table(columns, s->count);
		break;
	case SHEET_CSV:
		for (int i = 0; i < s->count; i++)
			printf("%s%s", i ? "," : "", columns[i]);
		putchar('\n');
		break;
	case SHEET_JSON:
		fputs("{\"rule\": ", stdout);
		print_string(rule);
		fputs(", \"rows\": [", stdout);
		break;
	}
}

static void add_line(struct sheet *s, const struct sheet_cell *cells)
{
	struct libscols_line *line = table_line(s->table);

	for (int i = 0; i < s->count; i++) {
		if (cells[i].text)
			table_text(line, i, cells[i].text);
		else if (cells[i].number == SHEET_ABSENT)
			table_text(line, i, "-");
		else
			table_number(line, i, cells[i].number);
	}
}

/* RFC 4180: a text with a comma or a quote stands in quotes, a quote doubled. */
static void print_csv_text(const char *text)
{
	if (!strpbrk(text, ",\"\n")) {
		fputs(text, stdout);
		return;
	}
	putchar('"');
	for (; *text; text++) {
		if (*text == '"')
			putchar('"');
		putchar(*text);
	}
	putchar('"');
}

static void print_csv(const struct sheet *s, const struct sheet_cell *cells)
{
	for (int i = 0; i < s->count; i++) {
		if (i)
			putchar(',');
		if (cells[i].text)
			print_csv_text(cells[i].text);
		else if (cells[i].number != SHEET_ABSENT)
			printf("%lld", (long long)cells[i].number);
	}
	putchar('\n');
}

static json_t *row_json(const struct sheet *s, const struct sheet_cell *cells)
{
	json_t *row = json_object();

	for (int i = 0; i < s->count; i++)
		if (cells[i].text)
			json_object_set_new(row, s->columns[i], json_string(cells[i].text));
		else if (cells[i].number != SHEET_ABSENT)
			json_object_set_new(row, s->columns[i], json_integer(cells[i].number));
	return row;
}

void sheet_row(struct sheet *s, const struct sheet_cell *cells)
{
	if (s->format == SHEET_TABLE)
		add_line(s, cells);
	else if (s->format == SHEET_CSV)
		print_csv(s, cells);
	else
		json_stream_add(&s->rows, row_json(s, cells));
}

void sheet_end(struct sheet *s)
{
	if (s->format == SHEET_TABLE)
		table_print(s->table);
	else if (s->format == SHEET_JSON)
		puts("\n]}");
}
