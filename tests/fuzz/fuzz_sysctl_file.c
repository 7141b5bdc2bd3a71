/* SPDX-License-Identifier: MIT */
/* A sysctl.d(5) file: its lines, what lint says of them, and the files that set the same. */
#include <tcpbuf/advise.h>

#include "fuzz.h"

#define SETTINGS 64
#define FINDINGS 256
#define ARTEFACT_SIZE 65536

static struct tcpbuf_k8s_setting settings[SETTINGS];
static uint32_t count;

static int copy(char *out, size_t room, const char *from, uint32_t length)
{
	if (length >= room)
		return 0;
	memcpy(out, from, length);
	out[length] = '\0';
	return 1;
}

static void keep(const char *text, const struct tcpbuf_key_setting *line)
{
	struct tcpbuf_k8s_setting *s = &settings[count];

	if (count < SETTINGS && line->kind == TCPBUF_KEY_LINE_SET && !line->pattern &&
		copy(s->key, sizeof(s->key), text + line->name_at, line->name_length) &&
		copy(s->value, sizeof(s->value), text + line->value_at, line->value_length))
		count++;
}

static void read_lines(const char *text, uint32_t size)
{
	struct tcpbuf_key_setting line = {.size = sizeof(line)}, last = line;

	count = 0;
	while (tcpbuf_key_setting_next(text, size, &line) == 1) {
		MUST(line.at > last.at && line.at <= size && line.line > last.line);
		MUST(line.name_at <= size && line.name_length <= size - line.name_at);
		MUST(line.value_at <= size && line.value_length <= size - line.value_at);
		MUST(line.kind >= TCPBUF_KEY_LINE_SET && line.kind <= TCPBUF_KEY_LINE_MALFORMED);
		keep(text, &line);
		last = line;
	}
}

static void lint(void)
{
	static struct tcpbuf_finding found[FINDINGS];
	struct tcpbuf_rules rules;
	int findings;

	MUST(tcpbuf_rules_named("6.12", &rules, sizeof(rules)) == 0);
	findings = tcpbuf_lint_settings(
		&rules, NULL, settings, sizeof(settings[0]), count, found, sizeof(found[0]), FINDINGS);
	for (int i = 0; i < findings && i < FINDINGS; i++) {
		MUST(found[i].index < count || found[i].index == UINT32_MAX);
		MUST(memchr(found[i].text, '\0', sizeof(found[i].text)));
		MUST(is_plain(found[i].text, strlen(found[i].text)) && is_plain(found[i].key, strlen(found[i].key)));
	}
}

/* Every byte of a file for a machine to read is plain, but for its newlines. */
static void check_artefact(uint32_t artefact, char *out)
{
	int64_t length = tcpbuf_k8s_write(
		artefact, NULL, settings, sizeof(settings[0]), count, out, ARTEFACT_SIZE);

	if (length < 0)
		return;
	MUST(length < ARTEFACT_SIZE && strlen(out) == (size_t)length);
	for (char *line = out, *end; (end = strchr(line, '\n')); line = end + 1)
		MUST(is_plain(line, (size_t)(end - line)));
	MUST(!length || out[length - 1] == '\n');
}

/* A file for a namespace reads back as settings that were given. */
static void check_again(const char *text)
{
	struct tcpbuf_key_setting line = {.size = sizeof(line)};
	uint32_t size = (uint32_t)strlen(text), lines = 0;

	while (tcpbuf_key_setting_next(text, size, &line) == 1) {
		MUST(line.kind == TCPBUF_KEY_LINE_SET && !line.optional && !line.pattern);
		lines++;
	}
	MUST(lines <= count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char out[ARTEFACT_SIZE];

	read_lines((const char *)data, (uint32_t)size);
	lint();
	for (uint32_t i = TCPBUF_K8S_ARTEFACT_POD; i <= TCPBUF_K8S_ARTEFACT_KUBELET; i++) {
		out[0] = '\0';
		check_artefact(i, out);
		if (i == TCPBUF_K8S_ARTEFACT_SYSCTL_NETNS || i == TCPBUF_K8S_ARTEFACT_SYSCTL_NODE)
			check_again(out);
	}
	return 0;
}
