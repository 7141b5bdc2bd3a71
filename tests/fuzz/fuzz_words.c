/* SPDX-License-Identifier: MIT */
/* Words of the tools' command lines: filters of sockets, classes of traffic, amounts. */
#include "fuzz.h"
#include "plan.h"
#include "sock_filter.h"

const struct tool plan_tool = {"tcpbuf-plan", ""};

static void check_ports(const char *word)
{
	uint32_t min, max, again_min, again_max;
	char printed[32];

	if (filter_ports(word, &min, &max))
		return;
	MUST(min <= max && max && max <= 65535);
	snprintf(printed, sizeof(printed), "%u-%u", min, max);
	MUST(!filter_ports(printed, &again_min, &again_max) && min == again_min && max == again_max);
}

static void check_filters(const char *word)
{
	struct tcpbuf_sock_query query = {.size = sizeof(query)};
	uint8_t address[16] = {0};
	uint32_t family, prefix, pid;

	if (!filter_states(word, &query))
		MUST(query.states && !(query.states & 1) && query.states >> 14 == 0);
	if (!filter_address(word, &family, address, &prefix))
		MUST(prefix <= (family == 2 ? 32 : 128));
	if (!filter_mark(word, &query))
		MUST(*word >= '0' && *word <= '9');
	if (!filter_pid(word, &pid))
		MUST(pid > 0 && pid <= 4194304);
}

/* A whole amount, printed, is the same amount. */
static void check_amount(const char *word)
{
	int64_t amount, again;
	char printed[32];

	if (!plan_amount(word, 1024, &amount) || amount > INT64_C(1) << 53 || amount < -(INT64_C(1) << 53))
		return;
	snprintf(printed, sizeof(printed), "%lld", (long long)amount);
	MUST(plan_amount(printed, 1024, &again) && amount == again);
}

/* What is understood can be planned for, or is refused in a sentence. */
static void check_class(const char *word)
{
	struct tcpbuf_plan_node node = {.size = sizeof(node), .ram_bytes = INT64_C(8) << 30,
		.current = {.rmem = {4096, 131072, 6291456}, .wmem = {4096, 16384, 4194304}, .rmem_max = 212992,
			.wmem_max = 212992, .adv_win_scale = 1, .app_win = 31, .window_scaling = 1, .timestamps = 1,
			.sndbuf_factor = 2}};
	struct tcpbuf_plan_class class;
	struct tcpbuf_rules rules;
	struct tcpbuf_plan plan;
	int err;

	if (plan_class_parse(&class, word) != 0)
		return;
	MUST(memchr(class.name, '\0', sizeof(class.name)));
	MUST(tcpbuf_rules_named("6.12", &rules, sizeof(rules)) == 0);
	err = tcpbuf_plan_make(&rules, &node, &class, sizeof(class), 1, &plan, sizeof(plan));
	MUST(memchr(plan.text, '\0', sizeof(plan.text)) && is_plain(plan.text, strlen(plan.text)));
	if (err)
		MUST(plan.text[0]);
	else
		MUST(plan.rmem[0] <= plan.rmem[1] && plan.rmem[1] <= plan.rmem[2] && plan.expected.total >= 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *word = string_of(reader_of(data, size));

	check_ports(word);
	check_filters(word);
	check_amount(word);
	check_class(word);
	free(word);
	return 0;
}
