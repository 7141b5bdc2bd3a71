/* SPDX-License-Identifier: MIT */
/* Settings that are refused, ignored, set in the wrong place, or not what was meant. */
#include <errno.h>
#include <string.h>

#include <tcpbuf/advise.h>

#include "advise/list.h"
#include "advise/say.h"
#include "model/model.h"

/* Pages without RAM: the defaults are at their caps, tcp_init(), net/ipv4/tcp.c. */
static const int64_t plenty = 1 << 30;

struct job {
	struct tcpbuf_rules rules;
	struct tcpbuf_lint lint;
	int guessed; /* 1: buffer_pages is no count of this machine's, so tcp_mem at start is not
			known */
	int64_t rmem_max, wmem_max; /* of tcp_rmem and tcp_wmem, once the settings were read */
	struct tcpbuf__list found;
};

/* One setting as far as it is understood. */
struct line {
	uint32_t index;
	uint32_t key; /* enum tcpbuf_key */
	struct tcpbuf_k8s_setting setting;
	struct tcpbuf_k8s_sysctl place;
	struct tcpbuf_key_info info;
	struct tcpbuf_key_verdict verdict;
	struct tcpbuf_value value; /* count 0: refused, or not a number */
};

static void add(struct job *job, const struct tcpbuf_finding *found)
{
	tcpbuf__list_add(&job->found, found, sizeof(*found));
}

static struct tcpbuf_finding start(const struct line *l, uint32_t code, uint32_t level)
{
	struct tcpbuf_finding f = {code, level, l->index, 0, 0, 0, 0, 0, {0}, {0}};

	memcpy(f.key, l->place.key, sizeof(f.key));
	return f;
}

static void report(struct job *job, const struct line *l, uint32_t code, uint32_t level,
	const char *form, const char *word)
{
	struct tcpbuf_finding f = start(l, code, level);

	tcpbuf__say(f.text, sizeof(f.text), form, &(struct tcpbuf__words){.text = {word}});
	add(job, &f);
}

static void check_verdict(struct job *job, const struct line *l)
{
	const struct tcpbuf_key_verdict *v = &l->verdict;
	uint32_t code = v->code ? TCPBUF_FINDING_REFUSED
			: v->reason == TCPBUF_KEY_REASON_ABOVE_MEMORY
				? TCPBUF_FINDING_PAGES_AS_BYTES
				: TCPBUF_FINDING_DOUBTFUL;
	struct tcpbuf_finding f = start(l, code,
		v->code || code == TCPBUF_FINDING_PAGES_AS_BYTES ? TCPBUF_FINDING_ERROR
								 : TCPBUF_FINDING_WARNING);

	/* Absent and dead keys have findings of their own. */
	if (!l->key || !v->reason || v->reason == TCPBUF_KEY_REASON_ABSENT ||
		v->reason == TCPBUF_KEY_REASON_NO_EFFECT)
		return;
	f.element = v->element;
	f.reason = v->reason;
	f.given = v->given;
	f.limit = v->limit;
	tcpbuf_key_reason_text(v, f.text, sizeof(f.text));
	add(job, &f);
}

static void check_equal(struct job *job, const struct line *l)
{
	const int64_t *n = l->value.numbers;

	if (l->key == TCPBUF_KEY_TCP_MEM && l->value.count == 3 && n[0] == n[1] && n[1] == n[2])
		report(job, l, TCPBUF_FINDING_EQUAL_TRIPLE, TCPBUF_FINDING_WARNING,
			"low, pressure and high are equal: charges are refused as soon as pressure "
			"begins, and the "
			"kernel has no room to ease off",
			0);
}

/* Keys that are not of the family and do nothing any more. Kernel:
 * Documentation/networking/ip-sysctl. */
static const struct {
	const char *key, *text;
} dead[] = {
	{"net.ipv4.tcp_fack", "without effect since Linux 4.15"},
	{"net.ipv4.tcp_low_latency", "without effect since Linux 4.14"},
	{"net.ipv4.tcp_tw_recycle", "removed in Linux 4.12"},
};

static int same(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return *a == *b;
}

static void check_dead(struct job *job, const struct line *l)
{
	for (uint32_t i = 0; i < sizeof(dead) / sizeof(dead[0]); i++)
		if (same(l->place.key, dead[i].key))
			report(job, l, TCPBUF_FINDING_DEAD_KEY, TCPBUF_FINDING_WARNING, "$",
				dead[i].text);
	if (l->key && l->info.dead)
		report(job, l, TCPBUF_FINDING_DEAD_KEY, TCPBUF_FINDING_WARNING,
			"this kernel accepts the key and ignores it: windows follow each socket's "
			"scaling_ratio since Linux 6.6",
			0);
	else if (l->key && l->info.access_init == TCPBUF_KEY_ACCESS_ABSENT)
		report(job, l, TCPBUF_FINDING_ABSENT_KEY, TCPBUF_FINDING_WARNING,
			"this kernel does not have the key", 0);
}

static int has_prefix(const char *text, const char *prefix)
{
	while (*prefix && *text == *prefix) {
		text++;
		prefix++;
	}
	return !*prefix;
}

static void check_place(struct job *job, const struct line *l)
{
	int conntrack = has_prefix(l->place.key, "net.netfilter.nf_conntrack");

	if (job->lint.flags & TCPBUF_LINT_LIVE || l->place.verdict != TCPBUF_K8S_VERDICT_NODE ||
		!(l->key || conntrack))
		return;
	report(job, l, conntrack ? TCPBUF_FINDING_CONNTRACK : TCPBUF_FINDING_NODE_LEVEL,
		TCPBUF_FINDING_WARNING, "a pod cannot set it: $", l->place.reason);
}

static void check_use(struct job *job, const struct line *l)
{
	if (l->key == TCPBUF_KEY_CORE_RMEM_DEFAULT || l->key == TCPBUF_KEY_CORE_WMEM_DEFAULT)
		report(job, l, TCPBUF_FINDING_NOT_TCP, TCPBUF_FINDING_NOTE,
			"TCP does not use it: its sockets start with the second number of $; other "
			"protocols do",
			l->key == TCPBUF_KEY_CORE_RMEM_DEFAULT ? "tcp_rmem" : "tcp_wmem");
}

/* 32 MiB since Linux 6.16: commit 572be9bf9d0d. */
static void check_new_default(struct job *job, const struct line *l)
{
	struct tcpbuf_finding f = start(l, TCPBUF_FINDING_BELOW_NEW_DEFAULT, TCPBUF_FINDING_NOTE);
	int64_t max = l->value.numbers[2];

	f.element = 2;
	f.given = max;
	f.limit = 32 << 20;
	if (l->key != TCPBUF_KEY_TCP_RMEM || l->value.count != 3 || max >= f.limit ||
		(l->info.valid & TCPBUF_KEY_INFO_HAS_INITIAL && max == l->info.initial[2]))
		return;
	tcpbuf__say(f.text, sizeof(f.text),
		"max # is below #, which Linux 6.16 and later start with",
		&(struct tcpbuf__words){.number = {f.given, f.limit}});
	add(job, &f);
}

static void check_change(struct job *job, const struct line *l)
{
	static const char *const names[] = {"min", "default", "max"};

	if (!(l->info.valid & TCPBUF_KEY_INFO_HAS_INITIAL) ||
		(l->key == TCPBUF_KEY_TCP_MEM && job->guessed))
		return;
	for (uint32_t i = 0; i < l->value.count; i++) {
		int64_t given = l->value.numbers[i], initial = l->info.initial[i];
		struct tcpbuf_finding f =
			start(l, given > initial ? TCPBUF_FINDING_RAISES : TCPBUF_FINDING_LOWERS,
				TCPBUF_FINDING_NOTE);

		if (given == initial)
			continue;
		f.element = i;
		f.given = given;
		f.limit = initial;
		tcpbuf__say(f.text, sizeof(f.text), "$ $ to #: this kernel starts with #",
			&(struct tcpbuf__words){.number = {given, initial},
				.text = {given > initial ? "raises" : "lowers",
					l->value.count == 3 ? names[i] : "the value"}});
		add(job, &f);
	}
}

static void keep_maximum(struct job *job, const struct line *l)
{
	if (l->value.count != 3)
		return;
	if (l->key == TCPBUF_KEY_TCP_RMEM)
		job->rmem_max = l->value.numbers[2];
	if (l->key == TCPBUF_KEY_TCP_WMEM)
		job->wmem_max = l->value.numbers[2];
}

/* A namespace has every key; one that was left alone is no finding. */
static int left_alone(const struct job *job, const struct line *l)
{
	if (!(job->lint.flags & TCPBUF_LINT_LIVE) || !(l->info.valid & TCPBUF_KEY_INFO_HAS_INITIAL))
		return 0;
	for (uint32_t i = 0; i < l->value.count; i++)
		if (l->value.numbers[i] != l->info.initial[i])
			return 0;
	return l->value.count > 0;
}

static void (*const checks[])(struct job *, const struct line *) = {check_place, check_verdict,
	check_dead, check_equal, check_use, check_new_default, check_change, keep_maximum};

/* What the kernel starts with, or 0. */
static int64_t initial_maximum(const struct job *job, uint32_t key)
{
	struct tcpbuf_key_info info;

	if (tcpbuf_key_describe(&job->rules.keys, key, &info, sizeof(info)) != 0)
		return 0;
	return info.initial[2];
}

static void check_hold(struct job *job)
{
	int64_t each = job->rmem_max + job->wmem_max, n = job->lint.connections;
	struct tcpbuf_finding f = {TCPBUF_FINDING_MAY_HOLD, TCPBUF_FINDING_WARNING, UINT32_MAX, 0,
		0, 0, n * each, n, {0}, {0}};

	if (!n)
		return;
	tcpbuf__say(f.text, sizeof(f.text),
		"# connections may hold # bytes: each up to # received by tcp_rmem and # to be "
		"sent by tcp_wmem",
		&(struct tcpbuf__words){.number = {n, n * each, job->rmem_max, job->wmem_max}});
	add(job, &f);
}

static int read_line(const struct job *job, const void *record, struct line *l)
{
	const struct tcpbuf_k8s_target target = {
		.size = sizeof(target), .kernel = job->rules.keys.version};
	const char *end;

	memcpy(&l->setting, record, sizeof(l->setting));
	end = memchr(l->setting.value, 0, sizeof(l->setting.value));
	if (!end || !memchr(l->setting.key, 0, sizeof(l->setting.key)))
		return -EINVAL;
	if (tcpbuf_k8s_sysctl_classify(l->setting.key, &target, &l->place, sizeof(l->place)) != 0)
		return -EINVAL;
	l->key = tcpbuf_key_by_name(l->place.key);
	if (!l->key)
		return 0;
	tcpbuf_key_describe(&job->rules.keys, l->key, &l->info, sizeof(l->info));
	if (tcpbuf_key_check(&job->rules.keys, l->key, l->setting.value,
		    (uint32_t)(end - l->setting.value), &l->verdict, sizeof(l->verdict)) == 0)
		tcpbuf_key_parse(l->key, l->setting.value, (uint32_t)(end - l->setting.value),
			&l->value, sizeof(l->value));
	return 0;
}

static int run(struct job *job, const char *settings, uint32_t setting_size, uint32_t count)
{
	job->rmem_max = initial_maximum(job, TCPBUF_KEY_TCP_RMEM);
	job->wmem_max = initial_maximum(job, TCPBUF_KEY_TCP_WMEM);
	for (uint32_t i = 0; i < count; i++) {
		struct line line = {.index = i};

		if (read_line(job, settings + (uint64_t)i * setting_size, &line) != 0)
			return -EINVAL;
		for (uint32_t k = 0;
			!left_alone(job, &line) && k < sizeof(checks) / sizeof(checks[0]); k++)
			checks[k](job, &line);
	}
	check_hold(job);
	return (int)job->found.count;
}

static void guess_pages(struct job *job)
{
	int64_t page = job->rules.page_size ? job->rules.page_size : 4096;

	job->guessed = !job->rules.keys.buffer_pages;
	if (job->guessed)
		job->rules.keys.buffer_pages =
			(uint64_t)(job->lint.ram_bytes > 0 ? job->lint.ram_bytes / page : plenty);
}

int tcpbuf_lint_settings(const struct tcpbuf_rules *rules, const struct tcpbuf_lint *lint,
	const void *settings, uint32_t setting_size, uint32_t count, void *findings,
	uint32_t finding_size, uint32_t capacity)
{
	struct job job = {.found = {findings, finding_size, capacity, 0}};
	int err;

	if ((count && !settings) || (capacity && !findings) || count > INT16_MAX ||
		setting_size < sizeof(struct tcpbuf_k8s_setting))
		return -EINVAL;
	err = tcpbuf__model_rules(&job.rules, rules);
	if (!err && lint)
		err = tcpbuf__copy_in(&job.lint, sizeof(job.lint), lint);
	if (err)
		return err;
	if (job.lint.flags & ~(uint32_t)TCPBUF_LINT_LIVE || job.lint.padding)
		return -EINVAL;
	guess_pages(&job);
	return run(&job, settings, setting_size, count);
}
