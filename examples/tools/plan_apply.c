/* SPDX-License-Identifier: MIT */
/* A plan into a namespace, and a saved one against it. */
#include <string.h>

#include "plan.h"

static int for_netns(const struct plan_options *o, const struct plan_made *m, const char *key)
{
	const struct tcpbuf_k8s_target target = plan_target(o, &m->rules);
	struct tcpbuf_k8s_sysctl place;

	return tcpbuf_k8s_sysctl_classify(key, &target, &place, sizeof(place)) == 0 &&
	       place.scope == TCPBUF_K8S_SCOPE_NETNS;
}

static int write_all(const struct plan_options *o, const struct plan_made *m, struct tcpbuf_sysctl_change *change)
{
	int err = 0;

	for (int i = 0; i < m->setting_count && !err; i++) {
		const struct tcpbuf_k8s_setting *s = &m->settings[i];

		if (for_netns(o, m, s->key))
			err = tcpbuf_sysctl_change_add(change, tcpbuf_key_by_name(s->key), s->value, 0, NULL, 0);
		else
			fprintf(stderr, "%s: not written: %s = %s is for the node\n", plan_tool.name, s->key, s->value);
	}
	return err ? err : tcpbuf_sysctl_change_apply(change);
}

int plan_apply(struct tcpbuf *tb, struct tcpbuf_netns *ns, const struct plan_options *o, const struct plan_made *m)
{
	struct tcpbuf_sysctl_change *change;
	struct tcpbuf_sysctl_result r;
	int code = EXIT_OK;

	if (tcpbuf_sysctl_change_open(ns, &change) != 0)
		return tool_fail(&plan_tool, tb);
	if (write_all(o, m, change) != 0)
		code = tool_fail(&plan_tool, tb);
	for (uint32_t i = 0; i < tcpbuf_sysctl_change_count(change) && !code; i++)
		if (tcpbuf_sysctl_change_result(change, i, &r, sizeof(r)) == 0)
			fprintf(stderr, "%s: %s: %s = %s\n", plan_tool.name,
				r.outcome == TCPBUF_SYSCTL_SAME ? "as it was" : "written", tcpbuf_key_name(r.key), r.value);
	tcpbuf_sysctl_change_close(change);
	return code;
}

/* What a saved value should read as. 1 when it is one. */
static int wanted_text(uint32_t key, const char *value, char *buf, uint32_t size)
{
	struct tcpbuf_key_verdict verdict;

	if (tcpbuf_key_check(NULL, key, value, (uint32_t)strlen(value), &verdict, sizeof(verdict)) != 0)
		return 0;
	snprintf(buf, size, "%s", verdict.text);
	return 1;
}

static void live_text(struct tcpbuf_netns *ns, uint32_t key, char *buf, uint32_t size)
{
	struct tcpbuf_value value;

	if (tcpbuf_sysctl_get(ns, key, &value, sizeof(value)) != 0 || tcpbuf_key_format(key, &value, buf, size) < 0)
		snprintf(buf, size, "not readable here");
}

/* Tabs as the kernel prints them, blanks as people read them. */
static void blanks(char *text)
{
	while ((text = strchr(text, '\t')))
		*text = ' ';
}

static int compare(struct tcpbuf_netns *ns, const struct plan_options *o, const char *name, const json_t *saved,
	struct json_stream *drift)
{
	uint32_t key = tcpbuf_key_by_name(name);
	char wanted[64], live[128];

	if (!key || !json_is_string(saved) || !wanted_text(key, json_string_value(saved), wanted, sizeof(wanted)))
		return tool_usage(&plan_tool, "no setting in the plan:", name);
	if (tcpbuf_sysctl_access(ns, key) == TCPBUF_KEY_ACCESS_ABSENT) {
		fprintf(stderr, "%s: not checked: %s is the node's, and not shown in this namespace\n", plan_tool.name, name);
		return EXIT_OK;
	}
	live_text(ns, key, live, sizeof(live));
	if (strcmp(wanted, live) == 0)
		return EXIT_OK;
	blanks(wanted);
	blanks(live);
	if (o->json)
		json_stream_add(drift, json_pack("{s:s, s:s, s:s}", "key", name, "planned", wanted, "value", live));
	else
		printf("%s: planned %s, is %s\n", name, wanted, live);
	return EXIT_PARTIAL;
}

int plan_check(struct tcpbuf *tb, struct tcpbuf_netns *ns, const struct plan_options *o, const char *file)
{
	struct json_stream drift = {stdout, 0};
	json_error_t error;
	json_t *plan = strcmp(file, "-") == 0 ? json_loadf(stdin, 0, &error) : json_load_file(file, 0, &error);
	json_t *settings = json_object_get(plan, "settings"), *value;
	const char *name;
	int code = EXIT_OK;

	(void)tb;
	if (!json_is_object(settings)) {
		json_decref(plan);
		return tool_usage(&plan_tool, "no plan saved with --json:", file);
	}
	if (o->json)
		printf("{\"drift\": [");
	json_object_foreach(settings, name, value) {
		int one = compare(ns, o, name, value, &drift);

		if (one == EXIT_USAGE || code == EXIT_OK)
			code = one;
		if (one == EXIT_USAGE)
			break;
	}
	if (o->json)
		puts("]}");
	json_decref(plan);
	return code;
}
