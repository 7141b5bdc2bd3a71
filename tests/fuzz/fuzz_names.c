/* SPDX-License-Identifier: MIT */
/* Names from outside: escaped, and as pods, logs, sysctls, kernels and namespaces. */
#include <errno.h>

#include <tcpbuf/model.h>

#include "../../examples/tools/common.h"
#include "base/base.h"
#include "fuzz.h"
#include "k8s/k8s.h"

static void check_escaped(const char *name, size_t size)
{
	size_t room = 4 * size + 1;
	char *out = malloc(room), *safe = escape_name(name), *twice = escape_name(safe);
	struct tcpbuf__text t = tcpbuf__text_init(out, room);

	MUST(out);
	tcpbuf__text_escaped(&t, name, size);
	MUST(!tcpbuf__text_cut(&t) && is_plain(out, t.used) && !strchr(out, '"'));
	MUST(is_plain(safe, strlen(safe)) && strlen(safe) <= 4 * strlen(name));
	MUST(is_plain(twice, strlen(twice)));
	if (is_plain(name, strlen(name)) && !strchr(name, '\\'))
		MUST(strcmp(safe, name) == 0);
	free(out);
	free(safe);
	free(twice);
}

static int is_dns(const char *text)
{
	return *text && strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-.") == strlen(text);
}

/* A pod's names, put together again, are the folder's name. */
static void check_pod(const char *name)
{
	struct tcpbuf_k8s_pod pod;
	struct tcpbuf__k8s_link link;
	char again[400];

	if (tcpbuf_k8s_parse_log_dir(name, &pod, sizeof(pod)) == 0) {
		MUST(is_dns(pod.pod_namespace) && is_dns(pod.pod_name) && pod.pod_uid[0]);
		snprintf(again, sizeof(again), "%s_%s_%s", pod.pod_namespace, pod.pod_name, pod.pod_uid);
		MUST(strcmp(name, again) == 0);
	}
	if (tcpbuf__k8s_link(name, &link))
		MUST(is_dns(link.container_name) && strlen(link.container_id) == 64);
}

static void check_sysctl(const char *name)
{
	struct tcpbuf_k8s_sysctl s;
	uint32_t key = tcpbuf_key_by_name(name);

	if (tcpbuf_k8s_sysctl_classify(name, NULL, &s, sizeof(s)) == 0) {
		MUST(memchr(s.key, '\0', sizeof(s.key)) && memchr(s.reason, '\0', sizeof(s.reason)));
		MUST(is_plain(s.key, strlen(s.key)) && is_plain(s.reason, strlen(s.reason)));
	}
	if (key)
		MUST(tcpbuf_key_by_name(tcpbuf_key_name(key)) == key);
}

static void check_release(const char *name)
{
	struct tcpbuf_key_rules keys;
	struct tcpbuf_rules rules;

	tcpbuf_k8s_parse_version(name);
	if (tcpbuf_key_rules_release(name, &keys, sizeof(keys)) == 0)
		MUST(tcpbuf_rules_named(name, &rules, sizeof(rules)) == 0);
	if (tcpbuf_rules_named(name, &rules, sizeof(rules)) == 0)
		MUST(rules.keys.version >= 0x041300 && rules.page_size && is_plain(tcpbuf_rules_window_text(&rules), 1));
}

/* Whatever a failure is about, its sentence is plain and ends. */
static void check_sentence(const char *name)
{
	static struct tcpbuf *tb;
	const struct tcpbuf__subject about = {.verb = "set", .key = name, .value = name, .netns = name};

	if (!tb)
		MUST(tcpbuf_new(&tb) == 0);
	tcpbuf__fail(tb, -EINVAL, &about, NULL);
	MUST(is_plain(tcpbuf_error_text(tb), strlen(tcpbuf_error_text(tb))));
}

static void check_end(const char *text)
{
	struct tcpbuf_sock s = {0}, again = {0};
	char printed[64];

	if (parse_end(text, &s.family, s.local_address, &s.local_port) != 0)
		return;
	sock_end_text(&s, 0, printed, sizeof(printed));
	MUST(parse_end(printed, &again.family, again.local_address, &again.local_port) == 0);
	MUST(memcmp(&s, &again, sizeof(s)) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *name = string_of(reader_of(data, size));

	check_escaped(name, size);
	check_pod(name);
	check_sysctl(name);
	check_release(name);
	check_sentence(name);
	check_end(name);
	free(name);
	return 0;
}
