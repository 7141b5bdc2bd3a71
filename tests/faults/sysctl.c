/* SPDX-License-Identifier: MIT */
/* Sysctls of a namespace: read, check, set; one change of several. */
#include "faults.h"

#include "check_main.h"

#define RMEM "8192 65536 1048576"

static int64_t get(struct stage *s)
{
	struct tcpbuf_value value;
	int64_t code = CALLED(s, tcpbuf_sysctl_get, s->ns, TCPBUF_KEY_TCP_RMEM, &value, sizeof(value));

	if (code == 0)
		found(s, "%lld %lld %lld", (long long)value.numbers[0], (long long)value.numbers[1],
			(long long)value.numbers[2]);
	return code;
}

static int64_t check(struct stage *s)
{
	struct tcpbuf_key_verdict verdict;
	int64_t code = CALLED(s, tcpbuf_sysctl_check, s->ns, TCPBUF_KEY_TCP_RMEM, RMEM, &verdict, sizeof(verdict));

	if (code == 0)
		found(s, "%s", verdict.text);
	return code;
}

static int64_t set(struct stage *s)
{
	struct settings now;
	int64_t code = CALLED(s, tcpbuf_sysctl_set, s->ns, TCPBUF_KEY_TCP_RMEM, RMEM, NULL, 0);

	world_settings(&now);
	if (code == 0)
		found(s, "%s", now.text[1][0]);
	return code;
}

static int64_t see_access(struct stage *s)
{
	int64_t code = CALLED(s, tcpbuf_sysctl_access, s->ns, TCPBUF_KEY_TCP_RMEM);

	/* What is not there at all cannot be told from what is not there now. */
	s->lacking = code == TCPBUF_KEY_ACCESS_ABSENT || code == TCPBUF_KEY_ACCESS_RO;
	return code;
}

static int64_t open_change(struct stage *s)
{
	struct tcpbuf_sysctl_change *change = (void *)s;
	int64_t code = CALLED(s, tcpbuf_sysctl_change_open, s->ns, &change);

	ck_assert_int_eq(code < 0, change == NULL);
	tcpbuf_sysctl_change_close(change);
	return code;
}

static void ready_change(struct stage *s)
{
	ready_web(s);
	ck_assert_int_eq(tcpbuf_sysctl_change_open(s->ns, &s->change), 0);
}

static int64_t add(struct stage *s)
{
	int64_t code = CALLED(s, tcpbuf_sysctl_change_add, s->change, TCPBUF_KEY_TCP_RMEM, RMEM, 0, NULL, 0);

	ck_assert_uint_eq(tcpbuf_sysctl_change_count(s->change), code == 0);
	return code;
}

static void ready_added(struct stage *s)
{
	ready_change(s);
	ck_assert_int_eq(tcpbuf_sysctl_change_add(s->change, TCPBUF_KEY_TCP_RMEM, RMEM, 0, NULL, 0), 0);
	ck_assert_int_eq(
		tcpbuf_sysctl_change_add(s->change, TCPBUF_KEY_TCP_WMEM, "8192 65536 1048576", 0, NULL, 0), 0);
	ck_assert_int_eq(tcpbuf_sysctl_change_add(s->change, TCPBUF_KEY_TCP_WINDOW_SCALING, "0", 0, NULL, 0), 0);
}

/* One call that fails once loses nothing. */
static int64_t apply(struct stage *s)
{
	int64_t code = CALLED(s, tcpbuf_sysctl_change_apply, s->change);

	for (uint32_t i = 0; i < tcpbuf_sysctl_change_count(s->change); i++) {
		struct tcpbuf_sysctl_result result;

		ck_assert_int_eq(tcpbuf_sysctl_change_result(s->change, i, &result, sizeof(result)), 0);
		ck_assert_uint_ne(result.outcome, TCPBUF_SYSCTL_LOST);
		if (code < 0)
			ck_assert_uint_ne(result.outcome, TCPBUF_SYSCTL_WRITTEN);
		else
			found(s, "%u %s from %s;", result.outcome, result.value, result.before);
	}
	return code;
}

static const struct operation items[] = {
	{"tcpbuf_sysctl_get", ready_web, get, "net.ipv4.tcp_rmem in netns \"fd "},
	{"tcpbuf_sysctl_check", ready_web, check, "net.ipv4.tcp_rmem to \"" RMEM "\" in netns \"fd "},
	{"tcpbuf_sysctl_set", ready_web, set, "net.ipv4.tcp_rmem to \"" RMEM "\" in netns \"fd "},
	{"tcpbuf_sysctl_access", ready_web, see_access, "net.ipv4.tcp_rmem in netns \"fd "},
	{"tcpbuf_sysctl_change_open tcpbuf_sysctl_change_close", ready_web, open_change, "change in netns \"fd "},
	{"tcpbuf_sysctl_change_add", ready_change, add, "net.ipv4.tcp_rmem to \"" RMEM "\" in netns \"fd "},
	{"tcpbuf_sysctl_change_apply", ready_added, apply, "in netns \"fd "},
};
const struct operations sysctl_operations = {items, sizeof(items) / sizeof(items[0])};
