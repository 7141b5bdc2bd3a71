/* SPDX-License-Identifier: MIT */
#include "metrics.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common.h"

enum family {
	NODE_MEMORY,
	NODE_LIMIT,
	NODE_ERROR_BAR,
	NODE_PRESSURE,
	UNATTRIBUTED,
	NODE_SOCKETS,
	MEMORY,
	SOCKETS,
	EVENTS,
	NETNS,
	PARTIAL,
	SCRAPE,
	BUILD,
	FAMILIES
};

/* A family without "_total": OpenMetrics names the counter's samples, not the counter, with it. */
static const struct {
	const char *name, *type, *unit, *help;
} families[FAMILIES] = {
	[NODE_MEMORY] = {"tcpbuf_node_memory_bytes", "gauge", "bytes",
		"TCP memory that the node counts, every namespace together."},
	[NODE_LIMIT] = {"tcpbuf_node_memory_limit_bytes", "gauge", "bytes", "net.ipv4.tcp_mem, by level."},
	[NODE_ERROR_BAR] = {"tcpbuf_node_memory_error_bytes", "gauge", "bytes",
		"How far tcpbuf_node_memory_bytes may be off, either way."},
	[NODE_PRESSURE] = {"tcpbuf_node_pressure", "gauge", "", "1 while the node is under TCP memory pressure."},
	[UNATTRIBUTED] = {"tcpbuf_unattributed_bytes", "gauge", "bytes",
		"TCP memory of no process: connections not accepted, orphans, and namespaces that nothing leads to."},
	[NODE_SOCKETS] = {"tcpbuf_node_sockets", "gauge", "", "TCP sockets with memory, seen in reachable namespaces."},
	[MEMORY] = {"tcpbuf_memory_bytes", "gauge", "bytes",
		"TCP memory that the sockets of a namespace hold; kinds add up to what is charged."},
	[SOCKETS] = {"tcpbuf_sockets", "gauge", "", "TCP sockets of a namespace, by state."},
	[EVENTS] = {"tcpbuf_events", "counter", "", "TCP memory events of a namespace, TcpExt in /proc/net/netstat."},
	[NETNS] = {"tcpbuf_netns", "gauge", "", "Network namespaces found, by what was done."},
	[PARTIAL] = {"tcpbuf_partial", "gauge", "", "1 when something could not be seen for want of rights."},
	[SCRAPE] = {"tcpbuf_scrape_duration_seconds", "gauge", "seconds", "Time that this scrape took to count."},
	[BUILD] = {"tcpbuf_build", "info", "", "Version of the library."},
};

struct writer {
	FILE *out;
	enum metrics_format format;
};

static void put_head(const struct writer *w, enum family f)
{
	int open = w->format == METRICS_OPENMETRICS, counter = strcmp(families[f].type, "counter") == 0;
	int info = strcmp(families[f].type, "info") == 0;
	const char *suffix = open ? "" : counter ? "_total" : info ? "_info" : "";

	fprintf(w->out, "# HELP %s%s %s\n", families[f].name, suffix, families[f].help);
	fprintf(w->out, "# TYPE %s%s %s\n", families[f].name, suffix, info && !open ? "gauge" : families[f].type);
	if (open && families[f].unit[0])
		fprintf(w->out, "# UNIT %s %s\n", families[f].name, families[f].unit);
}

static void put_name(const struct writer *w, enum family f)
{
	fputs(families[f].name, w->out);
	if (strcmp(families[f].type, "counter") == 0)
		fputs("_total", w->out);
	if (strcmp(families[f].type, "info") == 0)
		fputs("_info", w->out);
}

/* Names from outside: bad bytes escaped as everywhere, then quotes and backslashes for the format. */
static void put_label(const struct writer *w, const char *name, const char *value, int more)
{
	char *safe = escape_name(value);

	fprintf(w->out, "%s%s=\"", more ? "," : "{", name);
	for (const char *c = safe; *c; c++) {
		if (*c == '"' || *c == '\\')
			fputc('\\', w->out);
		fputc(*c, w->out);
	}
	fputc('"', w->out);
	free(safe);
}

static void put_sample(const struct writer *w, enum family f, const char *label, const char *value, long long number)
{
	put_name(w, f);
	if (label) {
		put_label(w, label, value, 0);
		fputc('}', w->out);
	}
	fprintf(w->out, " %lld\n", number);
}

static void put_node(const struct writer *w, const struct tcpbuf_census_node *n)
{
	static const char *const levels[] = {"low", "pressure", "high"};

	put_head(w, NODE_MEMORY);
	if (n->valid & TCPBUF_CENSUS_NODE_HAS_USED)
		put_sample(w, NODE_MEMORY, NULL, NULL, (long long)n->used_bytes);
	put_head(w, NODE_LIMIT);
	for (int i = 0; i < 3 && n->valid & TCPBUF_CENSUS_NODE_HAS_LIMITS; i++)
		put_sample(w, NODE_LIMIT, "level", levels[i], (long long)n->tcp_mem_bytes[i]);
	put_head(w, NODE_ERROR_BAR);
	if (n->valid & TCPBUF_CENSUS_NODE_HAS_ERROR_BAR)
		put_sample(w, NODE_ERROR_BAR, NULL, NULL, (long long)n->error_bar_bytes);
	put_head(w, NODE_PRESSURE);
	if (n->valid & TCPBUF_CENSUS_NODE_HAS_PRESSURE)
		put_sample(w, NODE_PRESSURE, NULL, NULL, n->pressure);
	put_head(w, UNATTRIBUTED);
	put_sample(w, UNATTRIBUTED, "part", "unaccepted", n->unaccepted_bytes);
	put_sample(w, UNATTRIBUTED, "part", "orphaned", n->orphaned_bytes);
	if (n->valid & TCPBUF_CENSUS_NODE_HAS_USED)
		put_sample(w, UNATTRIBUTED, "part", "unreachable", n->unreachable_bytes);
	put_head(w, NODE_SOCKETS);
	put_sample(w, NODE_SOCKETS, NULL, NULL, (long long)n->sockets);
	put_head(w, NETNS);
	put_sample(w, NETNS, "result", "counted", (long long)(n->netns - n->netns_empty - n->netns_denied));
	put_sample(w, NETNS, "result", "empty", (long long)n->netns_empty);
	put_sample(w, NETNS, "result", "denied", (long long)n->netns_denied);
	put_head(w, PARTIAL);
	put_sample(w, PARTIAL, NULL, NULL, n->partial);
}

/* One namespace, or the sum of those beyond the top. */
struct row {
	char netns[24];
	struct tcpbuf_census_holder holder;
	struct tcpbuf_node_events events;
};

static void put_labels(const struct writer *w, const struct row *row)
{
	const struct tcpbuf_census_holder *h = &row->holder;

	put_label(w, "netns", row->netns, 0);
	put_label(w, "namespace", h->valid & TCPBUF_CENSUS_HAS_POD_NAME ? h->pod_namespace : "", 1);
	put_label(w, "pod", h->valid & TCPBUF_CENSUS_HAS_POD ? h->pod : "", 1);
	put_label(w, "container", h->valid & TCPBUF_CENSUS_HAS_CONTAINER ? h->container : "", 1);
}

static void put_row(const struct writer *w, enum family f, const struct row *row, const char *label,
	const char *value, long long number)
{
	put_name(w, f);
	put_labels(w, row);
	put_label(w, label, value, 1);
	fprintf(w->out, "} %lld\n", number);
}

static void put_states(const struct writer *w, const struct row *row)
{
	for (uint32_t state = 1; state < 14; state++)
		if (row->holder.states[state])
			put_row(w, SOCKETS, row, "state", tcpbuf_sock_state_name(state),
				(long long)row->holder.states[state]);
}

static void put_events(const struct writer *w, const struct row *row)
{
	const char *name;

	for (uint32_t i = 0; i < TCPBUF_NODE_EVENT_COUNT && (name = tcpbuf_node_event_name(i)); i++)
		if (row->events.valid & 1u << i)
			put_row(w, EVENTS, row, "counter", name, (long long)row->events.count[i]);
}

static void put_rows(const struct writer *w, const struct row *rows, uint32_t count)
{
	put_head(w, MEMORY);
	for (uint32_t i = 0; i < count; i++) {
		put_row(w, MEMORY, &rows[i], "kind", "rmem", (long long)rows[i].holder.rmem_alloc_bytes);
		put_row(w, MEMORY, &rows[i], "kind", "wmem", (long long)rows[i].holder.wmem_queued_bytes);
		put_row(w, MEMORY, &rows[i], "kind", "forward", rows[i].holder.fwd_alloc_bytes);
	}
	put_head(w, SOCKETS);
	for (uint32_t i = 0; i < count; i++)
		put_states(w, &rows[i]);
	put_head(w, EVENTS);
	for (uint32_t i = 0; i < count; i++)
		put_events(w, &rows[i]);
}

static void add(struct row *sum, const struct row *one)
{
	struct tcpbuf_census_holder *s = &sum->holder;
	const struct tcpbuf_census_holder *o = &one->holder;

	s->rmem_alloc_bytes += o->rmem_alloc_bytes;
	s->wmem_queued_bytes += o->wmem_queued_bytes;
	s->fwd_alloc_bytes += o->fwd_alloc_bytes;
	for (int i = 0; i < 14; i++)
		s->states[i] += o->states[i];
	sum->events.valid |= one->events.valid;
	for (int i = 0; i < TCPBUF_NODE_EVENT_COUNT; i++)
		sum->events.count[i] += one->events.count[i];
}

static void fill_row(struct tcpbuf *tb, const struct tcpbuf_census *c, uint32_t index, struct row *row)
{
	struct tcpbuf_census_holder *h = &row->holder;

	memset(row, 0, sizeof(*row));
	tcpbuf_census_at(c, TCPBUF_CENSUS_BY_NETNS, index, h, sizeof(*h));
	snprintf(row->netns, sizeof(row->netns), "%llu", (unsigned long long)h->netns_inode);
	/* Without a process in it, or when that has just ended, the namespace's events stay absent. */
	if (h->valid & TCPBUF_CENSUS_HAS_PROCESS)
		tcpbuf_node_read_events_of_pid(tb, h->pid, &row->events, sizeof(row->events));
}

/* The biggest holders one by one, the others as one row. */
static struct row *make_rows(struct tcpbuf *tb, const struct tcpbuf_census *c, uint32_t top, uint32_t *count)
{
	uint32_t all = (uint32_t)tcpbuf_census_count(c, TCPBUF_CENSUS_BY_NETNS);
	uint32_t own = all < top ? all : top;
	struct row *rows = calloc(own + 1, sizeof(*rows)), one;

	if (!rows)
		return NULL;
	for (uint32_t i = 0; i < own; i++)
		fill_row(tb, c, i, &rows[i]);
	for (uint32_t i = own; i < all; i++) {
		fill_row(tb, c, i, &one);
		add(&rows[own], &one);
	}
	strcpy(rows[own].netns, "other");
	*count = own + (all > own);
	return rows;
}

static double seconds_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void put_tail(const struct writer *w, double seconds)
{
	uint32_t v = tcpbuf_version();
	char text[32];

	put_head(w, SCRAPE);
	fprintf(w->out, "%s %.6f\n", families[SCRAPE].name, seconds);
	put_head(w, BUILD);
	snprintf(text, sizeof(text), "%u.%u.%u", v >> 16, v >> 8 & 255, v & 255);
	put_sample(w, BUILD, "version", text, 1);
	if (w->format == METRICS_OPENMETRICS)
		fputs("# EOF\n", w->out);
}

int metrics_write(struct tcpbuf *tb, const struct metrics_options *options, enum metrics_format format, FILE *out)
{
	struct tcpbuf_census_query query = {.size = sizeof(query), .by = TCPBUF_CENSUS_BY_NETNS};
	struct writer w = {out, format};
	struct tcpbuf_census_node node;
	struct tcpbuf_census *c;
	double began = seconds_now();
	uint32_t count;
	struct row *rows;
	int err = tcpbuf_census_take(tb, &query, &c);

	if (err)
		return err;
	tcpbuf_census_node(c, &node, sizeof(node));
	rows = make_rows(tb, c, options->top, &count);
	tcpbuf_census_free(c);
	if (!rows)
		return -1;
	put_node(&w, &node);
	put_rows(&w, rows, count);
	put_tail(&w, seconds_now() - began);
	free(rows);
	return 0;
}

enum metrics_format metrics_accepted(const char *accept)
{
	return accept && strstr(accept, "application/openmetrics-text") ? METRICS_OPENMETRICS : METRICS_PROMETHEUS;
}

const char *metrics_content_type(enum metrics_format format)
{
	return format == METRICS_OPENMETRICS ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
					     : "text/plain; version=0.0.4; charset=utf-8";
}
