/* SPDX-License-Identifier: MIT */
/* A plan for people, and as JSON. */
#include <stdlib.h>

#include "plan.h"
#include "table.h"

static const char *const caps[] = {"the settings", "tcp_mem", "the cgroup"};
static const char *const levels[] = {"", "note", "warning", "error"};
static const char *const verdicts[] = {"unknown", "safe", "unsafe", "node", "impossible", "absent"};

/* Codes of findings are fixed words of the JSON. */
static const struct {
	uint32_t code;
	const char *word;
} codes[] = {
	{TCPBUF_FINDING_REFUSED, "refused"},
	{TCPBUF_FINDING_DOUBTFUL, "doubtful"},
	{TCPBUF_FINDING_PAGES_AS_BYTES, "pages_as_bytes"},
	{TCPBUF_FINDING_EQUAL_TRIPLE, "equal_triple"},
	{TCPBUF_FINDING_DEAD_KEY, "dead_key"},
	{TCPBUF_FINDING_ABSENT_KEY, "absent_key"},
	{TCPBUF_FINDING_NODE_LEVEL, "node_level"},
	{TCPBUF_FINDING_CONNTRACK, "conntrack"},
	{TCPBUF_FINDING_NOT_TCP, "not_tcp"},
	{TCPBUF_FINDING_BELOW_NEW_DEFAULT, "below_new_default"},
	{TCPBUF_FINDING_RAISES, "raises"},
	{TCPBUF_FINDING_LOWERS, "lowers"},
	{TCPBUF_FINDING_MAY_HOLD, "may_hold"},
	{TCPBUF_FINDING_RATE_BELOW, "rate_below"},
	{TCPBUF_FINDING_FIXED_BUFFER, "fixed_buffer"},
	{TCPBUF_FINDING_PRESSURE, "pressure"},
	{TCPBUF_FINDING_CAPPED, "capped"},
	{TCPBUF_FINDING_CGROUP, "cgroup"},
	{TCPBUF_FINDING_NO_ROOM, "no_room"},
};

static const char *word_of(uint32_t code)
{
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (codes[i].code == code)
			return codes[i].word;
	return "unknown";
}

/* 1610612736 as "1.5 GiB", 40000000 as "40 M" where units are 1000. */
static const char *human(double value, int unit, char *buf, size_t size)
{
	static const char *const binary[] = {"B", "KiB", "MiB", "GiB", "TiB"}, *const decimal[] = {"", "k", "M", "G", "T"};
	int step = 0;

	while ((value >= unit || value <= -unit) && step < 4) {
		value /= unit;
		step++;
	}
	snprintf(buf, size, "%.*f %s", value == (double)(int64_t)value ? 0 : 1, value, (unit == 1024 ? binary : decimal)[step]);
	return buf;
}

static void print_bytes(const char *name, int64_t bytes, const char *note)
{
	char text[32];

	printf("  %-10s %15lld  %-10s %s\n", name, (long long)bytes, human((double)bytes, 1024, text, sizeof(text)), note);
}

struct tcpbuf_k8s_target plan_target(const struct plan_options *o, const struct tcpbuf_rules *rules)
{
	return (struct tcpbuf_k8s_target){.size = sizeof(struct tcpbuf_k8s_target), .kubernetes = o->kubernetes,
		.kernel = rules->keys.version};
}

static struct tcpbuf_k8s_sysctl place_of(
	const struct plan_options *o, const struct plan_made *m, const struct tcpbuf_k8s_setting *setting)
{
	const struct tcpbuf_k8s_target target = plan_target(o, &m->rules);
	struct tcpbuf_k8s_sysctl place = {0};

	tcpbuf_k8s_sysctl_classify(setting->key, &target, &place, sizeof(place));
	return place;
}

static void print_settings(const struct plan_options *o, const struct plan_made *m)
{
	static const struct column columns[] = {{"SETTING", 0}, {"VALUE", 0}, {"IN A POD", 0}, {"WHY", 0}};
	struct libscols_table *table = table_new(columns, 4);

	for (int i = 0; i < m->setting_count; i++) {
		struct tcpbuf_k8s_sysctl place = place_of(o, m, &m->settings[i]);
		struct libscols_line *line = table_line(table);

		table_text(line, 0, m->settings[i].key);
		table_text(line, 1, m->settings[i].value);
		table_text(line, 2, verdicts[place.verdict]);
		table_text(line, 3, place.reason);
	}
	table_print(table);
}

static void table_name(struct libscols_line *line, int column, const char *text)
{
	char *name = escape_name(text[0] ? text : "-");

	table_text(line, column, name);
	free(name);
}

static void table_rate(struct libscols_line *line, int column, const struct tcpbuf_plan_reach *receive,
	const struct tcpbuf_plan_reach *send)
{
	char in[32] = "-", out[32] = "-", both[72];

	if (receive->buffer)
		human((double)receive->rate_bps, 1000, in, sizeof(in));
	if (send->buffer)
		human((double)send->rate_bps, 1000, out, sizeof(out));
	snprintf(both, sizeof(both), "%s / %s", in, out);
	table_text(line, column, both);
}

static void print_reach(const struct plan_options *o, const struct plan_made *m)
{
	static const struct column columns[] = {{"CLASS", 0}, {"CONNECTIONS", 1}, {"WANTED bit/s", 1},
		{"NOW receive / send", 1}, {"PLANNED receive / send", 1}, {"WSCALE now / planned", 1}};
	struct libscols_table *table = table_new(columns, 6);
	char text[32];

	for (uint32_t i = 0; i < o->count; i++) {
		const struct tcpbuf_plan_result *r = &m->results[i];
		struct libscols_line *line = table_line(table);

		table_name(line, 0, o->classes[i].name);
		table_number(line, 1, o->classes[i].connections);
		table_text(line, 2,
			o->classes[i].rate_bps ? human((double)o->classes[i].rate_bps, 1000, text, sizeof(text)) : "-");
		table_rate(line, 3, &r->receive_now, &r->send_now);
		table_rate(line, 4, &r->receive_planned, &r->send_planned);
		snprintf(text, sizeof(text), "%u / %u", r->wscale_now, r->wscale_planned);
		table_text(line, 5, text);
	}
	table_print(table);
}

static void table_sides(struct libscols_line *line, int column, const struct tcpbuf_plan_sides *sides)
{
	char text[64];

	snprintf(text, sizeof(text), "%lld / %lld", (long long)sides->receive, (long long)sides->send);
	table_text(line, column, text);
}

static void print_each(const struct plan_options *o, const struct plan_made *m)
{
	static const struct column columns[] = {{"CLASS", 0}, {"IDLE", 1}, {"EXPECTED receive / send", 1},
		{"BOUND receive / send", 1}};
	struct libscols_table *table = table_new(columns, 4);

	puts("\nMemory of one connection, bytes");
	for (uint32_t i = 0; i < o->count; i++) {
		const struct tcpbuf_plan_result *r = &m->results[i];
		struct libscols_line *line = table_line(table);

		table_name(line, 0, o->classes[i].name);
		table_number(line, 1, r->idle_bytes);
		table_sides(line, 2, &r->expected);
		table_sides(line, 3, &r->bound);
	}
	table_print(table);
}

static void print_memory(const struct plan_made *m)
{
	const struct tcpbuf_plan *p = &m->plan;
	char note[128];

	puts("\nMemory of all connections (three figures, not to be added up)");
	print_bytes("idle", p->idle_bytes, "slab of the sockets, in no counter of TCP memory");
	print_bytes("expected", p->expected.total, "TCP memory when all readers stop");
	snprintf(note, sizeof(note), "TCP memory at most, by %s", caps[p->cap]);
	print_bytes("bound", p->bound.total, note);
	if (p->cap)
		print_bytes("permitted", p->permitted_bytes, "what the settings alone would allow");
}

static void print_tcp_mem(const struct plan_made *m)
{
	static const char *const names[] = {"low", "pressure", "high"};
	const struct tcpbuf_plan *p = &m->plan;
	char note[128];

	for (int i = 0; i < 3; i++) {
		snprintf(note, sizeof(note), "of tcp_mem; expected with neighbours: %.2f %%, permitted: %.2f %%",
			p->share_expected[i] / 100.0, p->share_bound[i] / 100.0);
		print_bytes(names[i], p->limit_bytes[i], note);
	}
	print_bytes("neighbours", m->node.neighbour_bytes, "TCP memory that is held now");
	print_bytes("left now", p->remaining_before, "up to high, for everybody");
	print_bytes("left then", p->remaining_after, "when all readers of the pod have stopped");
	if (p->stuck == 0)
		puts("  pressure has begun: the neighbours alone are above it");
	else if (p->stuck > 0)
		printf("  pressure begins with %lld stuck connections that hold what is expected\n", (long long)p->stuck);
	else
		puts("  pressure is not reached when all connections are stuck and hold what is expected");
}

static void print_node(const struct plan_made *m)
{
	const struct tcpbuf_plan *p = &m->plan;

	puts("\nNode");
	if (p->limit_bytes[2])
		print_tcp_mem(m);
	else
		puts("  not judged: net.ipv4.tcp_mem cannot be read, which shows in the node's own network namespace only; "
		     "--tcp-mem gives it");
	if (m->node.cgroup_limit_bytes)
		printf("  cgroup: expected %.2f %% of its limit, permitted %.2f %%\n", p->cgroup_expected / 100.0,
			p->cgroup_bound / 100.0);
}

void plan_print_findings(const struct tcpbuf_finding *findings, int count)
{
	for (int i = 0; i < count; i++)
		printf("  %s: %s%s%s\n", levels[findings[i].level], findings[i].key, findings[i].key[0] ? ": " : "",
			findings[i].text);
}

static void print_steps(const struct plan_options *o, const struct plan_made *m)
{
	puts("\nHow");
	for (int i = 0; i < m->step_count; i++) {
		const struct tcpbuf_plan_step *s = &m->steps[i];
		char *name = escape_name(s->index < o->count ? o->classes[s->index].name : "");

		printf("  %s%s%s\n", name, name[0] ? ": " : "", s->text);
		free(name);
	}
}

void plan_print_text(const struct plan_options *o, const struct plan_made *m)
{
	print_settings(o, m);
	puts("");
	print_reach(o, m);
	print_each(o, m);
	print_memory(m);
	print_node(m);
	if (m->finding_count)
		puts("\nFindings");
	plan_print_findings(m->findings, m->finding_count);
	print_steps(o, m);
}

json_t *plan_findings_json(const struct tcpbuf_finding *findings, int count)
{
	json_t *list = json_array();

	for (int i = 0; i < count; i++) {
		json_t *one = json_pack("{s:s, s:s, s:s}", "code", word_of(findings[i].code), "level",
			levels[findings[i].level], "text", findings[i].text);

		if (findings[i].key[0])
			json_object_set_new(one, "key", json_string(findings[i].key));
		json_array_append_new(list, one);
	}
	return list;
}

static json_t *settings_json(const struct plan_made *m)
{
	json_t *object = json_object();

	for (int i = 0; i < m->setting_count; i++)
		json_object_set_new(object, m->settings[i].key, json_string(m->settings[i].value));
	return object;
}

static json_t *places_json(const struct plan_options *o, const struct plan_made *m)
{
	json_t *object = json_object();

	for (int i = 0; i < m->setting_count; i++) {
		struct tcpbuf_k8s_sysctl place = place_of(o, m, &m->settings[i]);

		json_object_set_new(object, m->settings[i].key,
			json_pack("{s:s, s:s}", "pod", verdicts[place.verdict], "reason", place.reason));
	}
	return object;
}

static void number_json(json_t *object, const char *of, const char *what, int64_t value)
{
	char key[64];

	snprintf(key, sizeof(key), "%s_%s", of, what);
	json_object_set_new(object, key, json_integer(value));
}

static void sides_json(json_t *object, const char *figure, const struct tcpbuf_plan_sides *s)
{
	number_json(object, figure, "bytes", s->total);
	number_json(object, figure, "receive_bytes", s->receive);
	number_json(object, figure, "send_bytes", s->send);
}

/* Each figure with its sides; bound_bytes is capped, its sides are not. */
static json_t *memory_json(const struct tcpbuf_plan *p)
{
	json_t *memory = json_pack("{s:I, s:I, s:s}", "idle_bytes", (json_int_t)p->idle_bytes, "permitted_bytes",
		(json_int_t)p->permitted_bytes, "bound_by", caps[p->cap]);

	sides_json(memory, "expected", &p->expected);
	sides_json(memory, "bound", &p->bound);
	return memory;
}

static json_t *triple_json(const int64_t *n)
{
	return json_pack("[I, I, I]", (json_int_t)n[0], (json_int_t)n[1], (json_int_t)n[2]);
}

static json_t *shares_json(const uint32_t *n)
{
	return json_pack("[f, f, f]", n[0] / 100.0, n[1] / 100.0, n[2] / 100.0);
}

/* Without tcp_mem there is nothing to say on the node. */
static json_t *node_json(const struct plan_made *m)
{
	const struct tcpbuf_plan *p = &m->plan;
	json_t *node = json_object();

	if (m->node.cgroup_limit_bytes)
		json_object_update_new(node, json_pack("{s:I, s:f, s:f}", "cgroup_limit_bytes",
						     (json_int_t)m->node.cgroup_limit_bytes, "cgroup_expected_percent",
						     p->cgroup_expected / 100.0, "cgroup_permitted_percent",
						     p->cgroup_bound / 100.0));
	if (!p->limit_bytes[2])
		return node;
	json_object_update_new(node,
		json_pack("{s:o, s:o, s:o, s:I, s:I, s:I}", "tcp_mem_bytes", triple_json(p->limit_bytes),
			"expected_percent", shares_json(p->share_expected), "permitted_percent",
			shares_json(p->share_bound), "neighbour_bytes", (json_int_t)m->node.neighbour_bytes,
			"remaining_before_bytes", (json_int_t)p->remaining_before, "remaining_after_bytes",
			(json_int_t)p->remaining_after));
	if (p->stuck >= 0)
		json_object_set_new(node, "pressure_at_connections", json_integer(p->stuck));
	return node;
}

static void reach_json(json_t *object, const char *side, const struct tcpbuf_plan_reach *r)
{
	if (!r->buffer)
		return;
	number_json(object, side, "buffer_bytes", r->buffer);
	number_json(object, side, "window_bytes", r->window);
	number_json(object, side, "rate_bps", r->rate_bps);
}

static json_t *class_json(const struct tcpbuf_plan_class *class, const struct tcpbuf_plan_result *r)
{
	char *name = escape_name(class->name);
	json_t *one = json_pack("{s:s, s:I, s:I, s:I, s:i, s:i}", "name", name, "connections",
		(json_int_t)class->connections, "active", (json_int_t)r->active, "idle_bytes", (json_int_t)r->idle_bytes,
		"wscale_now", (int)r->wscale_now, "wscale_planned", (int)r->wscale_planned);

	free(name);
	sides_json(one, "expected", &r->expected);
	sides_json(one, "bound", &r->bound);
	if (r->needed_window)
		json_object_set_new(one, "needed_window_bytes", json_integer(r->needed_window));
	reach_json(one, "receive_now", &r->receive_now);
	reach_json(one, "receive_planned", &r->receive_planned);
	reach_json(one, "send_now", &r->send_now);
	reach_json(one, "send_planned", &r->send_planned);
	return one;
}

static json_t *classes_json(const struct plan_options *o, const struct plan_made *m)
{
	json_t *list = json_array();

	for (uint32_t i = 0; i < o->count; i++)
		json_array_append_new(list, class_json(&o->classes[i], &m->results[i]));
	return list;
}

static json_t *steps_json(const struct plan_made *m)
{
	json_t *list = json_array();

	for (int i = 0; i < m->step_count; i++) {
		json_t *one = json_pack("{s:I, s:s}", "value", (json_int_t)m->steps[i].value, "text", m->steps[i].text);

		if (m->steps[i].index != UINT32_MAX)
			json_object_set_new(one, "class", json_integer(m->steps[i].index));
		json_array_append_new(list, one);
	}
	return list;
}

void plan_print_json(const struct plan_options *o, const struct plan_made *m)
{
	json_t *object = json_pack("{s:s, s:b, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "rule",
		tcpbuf_rules_window_text(&m->rules), "verified", (int)m->plan.verified, "settings", settings_json(m),
		"places", places_json(o, m), "memory", memory_json(&m->plan), "node", node_json(m), "classes",
		classes_json(o, m), "findings", plan_findings_json(m->findings, m->finding_count), "steps", steps_json(m));

	json_dumpf(object, stdout, JSON_INDENT(2));
	puts("");
	json_decref(object);
}
