/* SPDX-License-Identifier: MIT */
/* Growth as a table, CSV or JSON. */
#include <inttypes.h>

#include "window_grow.h"
#include "table.h"

enum { TABLE_ROWS = 24 };

static const char *const limits[] = {"", "the path", "tcp_rmem maximum", "SO_RCVBUF", "tcp_moderate_rcvbuf = 0",
	"tcp_wmem maximum", "SO_SNDBUF", "the reading program", "the congestion window", "the window scale"};

const char *grow_limit_text(uint32_t limit)
{
	return limit < sizeof(limits) / sizeof(limits[0]) ? limits[limit] : "";
}

int64_t grow_rate_bps(const struct grow_series *s, int64_t row)
{
	int64_t spent = row ? s->rows[row].time_us - s->rows[row - 1].time_us : 0;

	return spent ? (s->rows[row].read - s->rows[row - 1].read) * 8000000 / spent : 0;
}

static const struct column columns[] = {{"TIME-MS", 1}, {"RCVBUF", 1}, {"SSTHRESH", 1}, {"WINDOW", 1},
	{"RCV-SPACE", 1}, {"SNDBUF", 1}, {"CWND", 1}, {"MBIT/S", 1}, {"RCV-HELD", 1}, {"SND-HELD", 1}};

static void add_row(struct libscols_table *table, const struct grow_series *s, int64_t row)
{
	const struct tcpbuf_model_growth_sample *r = &s->rows[row];
	const int64_t numbers[] = {r->time_us / 1000, r->rcvbuf, r->rcv_ssthresh, r->rcv_wnd, r->rcv_space, r->sndbuf,
		r->snd_cwnd, grow_rate_bps(s, row) / 1000000, r->rmem_alloc, r->wmem_queued};
	struct libscols_line *line = table_line(table);

	for (int i = 0; i < (int)(sizeof(numbers) / sizeof(numbers[0])); i++)
		table_number(line, i, numbers[i]);
}

void grow_print_table(const struct grow *g)
{
	for (int i = 0; i < g->series_count; i++) {
		const struct grow_series *s = &g->series[i];
		struct libscols_table *table = table_new(columns, sizeof(columns) / sizeof(columns[0]));
		int64_t each = (s->count + TABLE_ROWS - 1) / TABLE_ROWS;

		printf("%s%s\n", i ? "\n" : "", s->label);
		for (int64_t row = 0; row < s->count; row += each)
			add_row(table, s, row);
		table_print(table);
		printf("limit: %s; %.1f Mbit/s; at most %" PRId64 " bytes held by the receiver, %" PRId64
		       " by the sender; buffers %s since %.1f s\n",
			grow_limit_text(s->result.limit), (double)s->result.rate_bps / 1e6, s->result.rmem_peak,
			s->result.wmem_peak, s->result.settled ? "settled" : "last grew",
			(double)s->result.settled_us / 1e6);
	}
}

void grow_print_csv(FILE *out, const struct grow *g)
{
	fputs("series,time_us,rcvbuf_bytes,rcv_ssthresh_bytes,rcv_wnd_bytes,rcv_space_bytes,sndbuf_bytes,snd_cwnd,"
	      "rate_bps,"
	      "rmem_alloc_bytes,wmem_queued_bytes,read_bytes,rcv_rtt_us,srtt_us\n",
		out);
	for (int i = 0; i < g->series_count; i++)
		for (int64_t row = 0; row < g->series[i].count; row++) {
			const struct tcpbuf_model_growth_sample *r = &g->series[i].rows[row];

			fprintf(out, "%d,%" PRId64 ",%" PRId64 ",%" PRId64 ",%" PRId64 ",%" PRId64 ",%" PRId64, i,
				r->time_us, r->rcvbuf, r->rcv_ssthresh, r->rcv_wnd, r->rcv_space, r->sndbuf);
			fprintf(out,
				",%" PRId64 ",%" PRId64 ",%" PRId64 ",%" PRId64 ",%" PRId64 ",%" PRId64 ",%" PRId64
				"\n",
				r->snd_cwnd, grow_rate_bps(&g->series[i], row), r->rmem_alloc, r->wmem_queued,
				r->read, r->rcv_rtt_us, r->srtt_us);
		}
}

static json_t *series_json(const struct grow_series *s)
{
	return json_pack("{s:s, s:s, s:b, s:I, s:I, s:I, s:I, s:b}", "label", s->label, "limit",
		grow_limit_text(s->result.limit), "settled", (int)s->result.settled, "settled_us",
		(json_int_t)s->result.settled_us, "rate_bps", (json_int_t)s->result.rate_bps, "rmem_peak_bytes",
		(json_int_t)s->result.rmem_peak, "wmem_peak_bytes", (json_int_t)s->result.wmem_peak, "verified",
		(int)s->rules.verified);
}

static json_t *row_json(const struct grow_series *s, int index, int64_t row)
{
	const struct tcpbuf_model_growth_sample *r = &s->rows[row];

	return json_pack("{s:i, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "series", index,
		"time_us", (json_int_t)r->time_us, "rcvbuf_bytes", (json_int_t)r->rcvbuf, "rcv_ssthresh_bytes",
		(json_int_t)r->rcv_ssthresh, "rcv_wnd_bytes", (json_int_t)r->rcv_wnd, "rcv_space_bytes",
		(json_int_t)r->rcv_space, "sndbuf_bytes", (json_int_t)r->sndbuf, "snd_cwnd", (json_int_t)r->snd_cwnd,
		"rate_bps", (json_int_t)grow_rate_bps(s, row), "rmem_alloc_bytes", (json_int_t)r->rmem_alloc,
		"wmem_queued_bytes", (json_int_t)r->wmem_queued, "read_bytes", (json_int_t)r->read, "rcv_rtt_us",
		(json_int_t)r->rcv_rtt_us, "srtt_us", (json_int_t)r->srtt_us);
}

void grow_print_json(const struct grow *g)
{
	json_t *series = json_array(), *rows = json_array(), *object;

	for (int i = 0; i < g->series_count; i++) {
		json_array_append_new(series, series_json(&g->series[i]));
		for (int64_t row = 0; row < g->series[i].count; row++)
			json_array_append_new(rows, row_json(&g->series[i], i, row));
	}
	object = json_pack("{s:s, s:o, s:o}", "rule", tcpbuf_rules_window_text(&g->series[0].rules), "series", series,
		"rows", rows);
	json_dumpf(object, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(object);
}
