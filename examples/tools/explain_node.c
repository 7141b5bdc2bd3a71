/* SPDX-License-Identifier: MIT */
/* The node's TCP memory: where it stands, and the biggest holders. */
#include <stdlib.h>
#include <string.h>

#include "explain.h"

enum { HOLDERS = 10, MAX_VERDICTS = 16 };

uint32_t explain_by(const char *word)
{
	static const struct {
		const char *word;
		uint32_t by;
	} words[] = {{"netns", TCPBUF_CENSUS_BY_NETNS}, {"pod", TCPBUF_CENSUS_BY_POD},
		{"cgroup", TCPBUF_CENSUS_BY_CGROUP}, {"process", TCPBUF_CENSUS_BY_PROCESS}};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(word, words[i].word) == 0)
			return words[i].by;
	return 0;
}

json_t *explain_verdict_json(const struct tcpbuf_verdict *v)
{
	char *evidence = escape_name(v->evidence);
	json_t *object = json_pack("{s:s, s:s, s:s, s:s}", "code", tcpbuf_verdict_name(v->code), "certainty",
		v->certainty == TCPBUF_CERTAINTY_INFERRED ? "inferred" : "measured", "evidence", evidence,
		"setting", v->setting);

	free(evidence);
	if (v->code < TCPBUF_VERDICT_NODE_OUT)
		json_object_set_new(object, "end", json_string(v->end ? "peer" : "own"));
	if (v->share)
		json_object_set_new(object, "share_percent", json_real(v->share / 100.0));
	return object;
}

void explain_print_verdict(const struct tcpbuf_verdict *v, const char *about)
{
	char *evidence = escape_name(v->evidence);

	printf("\n%s%s%s\n  %s\n  change: %s\n", tcpbuf_verdict_name(v->code), about,
		v->certainty == TCPBUF_CERTAINTY_INFERRED ? ", inferred" : "", evidence, v->setting);
	free(evidence);
}

/* What the holder's namespace lets its buffers grow to, where one of its processes leads there. */
static void learn(struct tcpbuf *tb, const struct tcpbuf_census_holder *holder, struct tcpbuf_explain_end *facts)
{
	struct tcpbuf_netns *ns;

	facts->size = sizeof(*facts);
	if (!(holder->valid & TCPBUF_CENSUS_HAS_PROCESS) || tcpbuf_netns_open_pid(tb, holder->pid, &ns) != 0)
		return;
	explain_learn_settings(ns, facts);
	tcpbuf_netns_close(ns);
}

static void print(const struct tcpbuf_verdict *verdicts, int count, int json)
{
	json_t *list = json ? json_array() : NULL, *object;

	for (int i = 0; i < count; i++) {
		if (json)
			json_array_append_new(list, explain_verdict_json(&verdicts[i]));
		else
			explain_print_verdict(&verdicts[i], "");
	}
	if (!json)
		return;
	object = json_pack("{s:o}", "verdicts", list);
	json_dumpf(object, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(5));
	putchar('\n');
	json_decref(object);
}

static int explain_census(
	const struct tool *tool, struct tcpbuf *tb, const struct tcpbuf_census *c, uint32_t by, int json)
{
	struct tcpbuf_census_holder holders[HOLDERS];
	struct tcpbuf_explain_end facts[HOLDERS];
	struct tcpbuf_verdict verdicts[MAX_VERDICTS];
	struct tcpbuf_census_node node;
	uint32_t held = 0;
	int count;

	memset(facts, 0, sizeof(facts));
	tcpbuf_census_node(c, &node, sizeof(node));
	while (held < HOLDERS && tcpbuf_census_at(c, by, held, &holders[held], sizeof(holders[0])) == 1) {
		learn(tb, &holders[held], &facts[held]);
		held++;
	}
	count = tcpbuf_explain_node(&node, sizeof(node), held ? holders : NULL, held ? sizeof(holders[0]) : 0, held,
		held ? facts : NULL, verdicts, sizeof(verdicts[0]), MAX_VERDICTS);
	if (count < 0) {
		fprintf(stderr, "%s: cannot say where the node stands: its use or net.ipv4.tcp_mem cannot be read, which shows "
				"in the node's own network namespace only\n",
			tool->name);
		return EXIT_KERNEL;
	}
	print(verdicts, count, json);
	if (!node.partial)
		return EXIT_OK;
	fprintf(stderr, "%s: partial: %s\n", tool->name, tcpbuf_census_lacks(c));
	return EXIT_PARTIAL;
}

int explain_node(const struct tool *tool, struct tcpbuf *tb, uint32_t by, int json)
{
	struct tcpbuf_census_query query = {.size = sizeof(query), .by = by};
	struct tcpbuf_census *c;
	int code;

	if (tcpbuf_census_take(tb, &query, &c) != 0)
		return tool_fail(tool, tb);
	code = explain_census(tool, tb, c, by, json);
	tcpbuf_census_free(c);
	return code;
}
