/* SPDX-License-Identifier: MIT */
/* What the soak does over and over. Each ends as it began: nothing stays open. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <tcpbuf/tcpbuf.h>

#include "soak.h"

/* A result that no kernel should give; not a code of the call. */
static void note_wrong(const char *call, const char *text)
{
	failures_note(call, 1, text);
}

static void note(const struct worker *w, const char *call, int code)
{
	const char *text = tcpbuf_error_text(w->tb);

	failures_note(call, code, text);
	if (!text[0] || tcpbuf_error_code(w->tb) != code)
		note_wrong(call, "the context does not hold this failure");
}

static void check_recording(const struct worker *w, const struct tcpbuf_census *c)
{
	int64_t size = tcpbuf_census_write(c, NULL, 0);
	char *text = malloc((size_t)size + 1);
	struct tcpbuf_census *again = NULL;
	int err;

	if (!text)
		abort();
	tcpbuf_census_write(c, text, (uint64_t)size + 1);
	err = tcpbuf_census_read(w->tb, text, (uint64_t)size, &again);
	if (err)
		note(w, "tcpbuf_census_read", err);
	tcpbuf_census_free(again);
	free(text);
}

/* One for all axes and one by namespaces, alone and with threads, in turns. */
static void run_census(struct worker *w)
{
	struct tcpbuf_census_query q = {.size = sizeof(q), .by = 31, .threads = w->state++ % 2 ? 3 : 0, .top = 1000};
	struct tcpbuf_census *before = NULL, *now = NULL;
	struct tcpbuf_census_node node;
	int err = tcpbuf_census_take(w->tb, &q, &before);

	if (!err)
		err = tcpbuf_census_take(w->tb, &q, &now);
	if (err) {
		note(w, "tcpbuf_census_take", err);
	} else {
		tcpbuf_census_compare(now, before);
		tcpbuf_census_node(now, &node, sizeof(node));
		/* Not partial: a process that ends refuses to be looked into, which is normal here. */
		if (node.netns_denied)
			note_wrong("tcpbuf_census_take", tcpbuf_census_lacks(now));
		check_recording(w, now);
	}
	tcpbuf_census_free(now);
	tcpbuf_census_free(before);
}

static void run_scrape(struct worker *w)
{
	int status = exporter_scrape();

	(void)w;
	if (status)
		failures_note("GET /metrics", status, "");
}

static void ask_for_one(struct worker *w, struct tcpbuf_netns *ns, const struct tcpbuf_sock *seen)
{
	struct tcpbuf_sock_id id = {.size = sizeof(id), .family = seen->family, .cookie = seen->cookie,
		.local_port = seen->local_port, .remote_port = seen->remote_port};
	struct tcpbuf_sock sock;
	int err;

	memcpy(id.local_address, seen->local_address, sizeof(id.local_address));
	memcpy(id.remote_address, seen->remote_address, sizeof(id.remote_address));
	err = tcpbuf_sock_get(ns, &id, &sock, sizeof(sock));
	if (err)
		note(w, "tcpbuf_sock_get", err);
	err = tcpbuf_sock_find(ns, seen->cookie, TCPBUF_SOCK_WANT_SKMEM, &sock, sizeof(sock));
	if (err)
		note(w, "tcpbuf_sock_find", err);
}

static void dump(struct worker *w, struct tcpbuf_netns *ns)
{
	struct tcpbuf_sock_query q = {.size = sizeof(q)};
	struct tcpbuf_sock_iter *it;
	struct tcpbuf_sock batch[32], last = {0};
	int got = tcpbuf_sock_iter_open(ns, &q, &it);

	if (got) {
		note(w, "tcpbuf_sock_iter_open", got);
		return;
	}
	while ((got = tcpbuf_sock_iter_fetch(it, batch, sizeof(batch[0]), 32)) > 0)
		last = batch[got - 1];
	if (got)
		note(w, "tcpbuf_sock_iter_fetch", got);
	tcpbuf_sock_iter_close(it);
	if (last.cookie && last.state != TCPBUF_SOCK_TIME_WAIT)
		ask_for_one(w, ns, &last);
}

static void run_dump(struct worker *w)
{
	struct tcpbuf_netns *ns;
	int err = tcpbuf_netns_open_fd(w->tb, w->busy_fd, &ns);

	if (err) {
		note(w, "tcpbuf_netns_open_fd", err);
		return;
	}
	dump(w, ns);
	tcpbuf_netns_close(ns);
}

static void look_at_listed(struct worker *w, struct tcpbuf_netns_list *list, uint32_t pid)
{
	struct tcpbuf_node_netns counts;
	struct tcpbuf_netns *ns;
	int err = tcpbuf_netns_open_listed(list, &ns);

	if (err) {
		note(w, "tcpbuf_netns_open_listed", err);
		return;
	}
	err = tcpbuf_node_read_netns(ns, &counts, sizeof(counts));
	if (err)
		note(w, "tcpbuf_node_read_netns", err);
	tcpbuf_netns_close(ns);
	err = tcpbuf_node_read_netns_of_pid(w->tb, pid, &counts, sizeof(counts));
	if (err)
		note(w, "tcpbuf_node_read_netns_of_pid", err);
	err = tcpbuf_netns_open_pid(w->tb, pid, &ns);
	if (err)
		note(w, "tcpbuf_netns_open_pid", err);
	else
		tcpbuf_netns_close(ns);
}

static void run_list(struct worker *w)
{
	struct tcpbuf_netns_entry entry;
	struct tcpbuf_netns_list *list;
	int got = tcpbuf_netns_list_open(w->tb, &list);

	if (got) {
		note(w, "tcpbuf_netns_list_open", got);
		return;
	}
	while ((got = tcpbuf_netns_list_next(list, &entry, sizeof(entry))) == 1)
		look_at_listed(w, list, entry.pid);
	if (got)
		note(w, "tcpbuf_netns_list_next", got);
	tcpbuf_netns_list_close(list);
}

static void run_node(struct worker *w)
{
	struct tcpbuf_node_events events;
	struct tcpbuf_node node;
	struct tcpbuf_netns *ns;
	int err = tcpbuf_node_read(w->tb, &node, sizeof(node));

	if (err)
		note(w, "tcpbuf_node_read", err);
	err = tcpbuf_netns_open_fd(w->tb, w->busy_fd, &ns);
	if (err) {
		note(w, "tcpbuf_netns_open_fd", err);
		return;
	}
	err = tcpbuf_node_read_events(ns, &events, sizeof(events));
	if (err)
		note(w, "tcpbuf_node_read_events", err);
	tcpbuf_netns_close(ns);
}

/* What a change leaves in each of its first two keys. */
static void check_results(const struct tcpbuf_sysctl_change *change, uint32_t outcome, uint32_t other)
{
	struct tcpbuf_sysctl_result result;

	for (uint32_t i = 0; i < 2; i++) {
		tcpbuf_sysctl_change_result(change, i, &result, sizeof(result));
		if (result.outcome != outcome && result.outcome != other)
			note_wrong("tcpbuf_sysctl_change_result", result.value);
	}
}

/* Two settings; with a congestion control that no kernel has behind them, which takes them back. */
static void change(struct worker *w, struct tcpbuf_netns *ns, const char *value, int fails)
{
	struct tcpbuf_sysctl_change *change;
	int err = tcpbuf_sysctl_change_open(ns, &change);

	if (err) {
		note(w, "tcpbuf_sysctl_change_open", err);
		return;
	}
	err = tcpbuf_sysctl_change_add(change, TCPBUF_KEY_TCP_RMEM, value, 0, NULL, 0);
	if (!err)
		err = tcpbuf_sysctl_change_add(change, TCPBUF_KEY_TCP_WMEM, value, 0, NULL, 0);
	if (!err && fails)
		err = tcpbuf_sysctl_change_add(change, TCPBUF_KEY_TCP_CONGESTION_CONTROL, "no_such", 0, NULL, 0);
	if (err)
		note(w, "tcpbuf_sysctl_change_add", err);
	err = tcpbuf_sysctl_change_apply(change);
	if (err)
		note(w, "tcpbuf_sysctl_change_apply", err);
	if ((err != 0) != fails)
		note_wrong("tcpbuf_sysctl_change_apply", "a change that cannot be made");
	check_results(change, fails ? TCPBUF_SYSCTL_PUT_BACK : TCPBUF_SYSCTL_WRITTEN,
		fails ? TCPBUF_SYSCTL_PUT_BACK : TCPBUF_SYSCTL_SAME);
	tcpbuf_sysctl_change_close(change);
}

static void check_reads(struct worker *w, struct tcpbuf_netns *ns, uint32_t key, const char *text)
{
	struct tcpbuf_value value;
	char now[128];
	int err = tcpbuf_sysctl_get(ns, key, &value, sizeof(value));

	if (err)
		note(w, "tcpbuf_sysctl_get", err);
	else if (tcpbuf_key_format(key, &value, now, sizeof(now)) < 0 || strcmp(now, text) != 0)
		note_wrong("tcpbuf_sysctl_get", now);
}

static void run_sysctl(struct worker *w)
{
	static const char *const values[2] = {"4096\t65536\t1048576", "4096\t131072\t2097152"};
	const char *value = values[w->state % 2], *other = values[++w->state % 2];
	struct tcpbuf_netns *ns;
	int err = tcpbuf_netns_open_fd(w->tb, w->quiet_fd, &ns);

	if (err) {
		note(w, "tcpbuf_netns_open_fd", err);
		return;
	}
	change(w, ns, value, 0);
	change(w, ns, other, 1);
	check_reads(w, ns, TCPBUF_KEY_TCP_RMEM, value);
	check_reads(w, ns, TCPBUF_KEY_TCP_WMEM, value);
	tcpbuf_netns_close(ns);
}

const struct operation operations[OPERATIONS] = {
	{"two censuses, compared", run_census},
	{"scrape", run_scrape},
	{"dump", run_dump},
	{"list of namespaces", run_list},
	{"node", run_node},
	{"change and roll-back", run_sysctl},
};
