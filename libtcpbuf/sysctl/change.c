/* SPDX-License-Identifier: MIT */
/* Many keys as one change: all of them, or none. */
#include "sysctl/sysctl.h"

#include <errno.h>
#include <string.h>

#include "mem/text.h"

struct item {
	uint32_t optional;
	struct tcpbuf_sysctl_result result;
	char before[TCPBUF__SYSCTL_TEXT + 1];
};

struct tcpbuf_sysctl_change {
	struct tcpbuf_netns *ns;
	struct item *items;
	uint32_t count;
	uint32_t size;
};

int tcpbuf_sysctl_change_open(struct tcpbuf_netns *ns, struct tcpbuf_sysctl_change **out)
{
	struct tcpbuf__subject about = {.verb = "begin", .key = "a change"};
	struct tcpbuf_sysctl_change *change;

	if (out)
		*out = NULL;
	if (!ns || !out)
		return -EINVAL;
	tcpbuf__error_clear(ns->tb);
	about.netns = ns->label;
	change = ns->tb->sys->alloc(sizeof(*change));
	if (!change)
		return tcpbuf__fail(ns->tb, -ENOMEM, &about, NULL);
	change->ns = ns;
	*out = change;
	return 0;
}

void tcpbuf_sysctl_change_close(struct tcpbuf_sysctl_change *change)
{
	if (!change)
		return;
	change->ns->tb->sys->release(change->items);
	change->ns->tb->sys->release(change);
}

/* A place at the end for the key, which has no other then. */
static struct item *place(struct tcpbuf_sysctl_change *change, uint32_t key)
{
	struct item *item = change->items;
	uint32_t i = 0;

	while (i < change->count && item[i].result.key != key)
		i++;
	if (i < change->count) {
		memmove(item + i, item + i + 1, (change->count - i - 1) * sizeof(*item));
		change->count--;
	}
	if (change->count == change->size) {
		uint32_t size = change->size ? change->size * 2 : 16;

		item = change->ns->tb->sys->resize(change->items, size * sizeof(*item));
		if (!item)
			return NULL;
		change->items = item;
		change->size = size;
	}
	item += change->count++;
	memset(item, 0, sizeof(*item));
	return item;
}

int tcpbuf_sysctl_change_add(struct tcpbuf_sysctl_change *change, uint32_t key, const char *value,
	uint32_t optional, void *out, uint32_t out_size)
{
	struct tcpbuf_key_verdict verdict;
	struct tcpbuf__sysctl s;
	struct item *item;
	int err;

	if (!change)
		return -EINVAL;
	err = tcpbuf__sysctl_begin(&s, change->ns, key, "set");
	if (err)
		return err;
	err = tcpbuf__sysctl_judge(&s, value, &verdict);
	if (out)
		tcpbuf__copy_out(out, out_size, &verdict, sizeof(verdict));
	if (err)
		return err;
	item = place(change, key);
	if (!item)
		return tcpbuf__fail(change->ns->tb, -ENOMEM, &s.about, NULL);
	item->optional = optional;
	item->result.key = key;
	item->result.warning = verdict.reason;
	tcpbuf__text_copy(item->result.value, sizeof(item->result.value), verdict.text);
	return 0;
}

/* The key of an item, to be worked on. */
static struct tcpbuf__sysctl subject(const struct tcpbuf_sysctl_change *change, const struct item *item)
{
	struct tcpbuf__sysctl s;

	tcpbuf__sysctl_begin(&s, change->ns, item->result.key, "set");
	s.about.value = item->result.value;
	return s;
}

static int settle(struct item *item, uint32_t outcome, int code)
{
	item->result.outcome = outcome;
	item->result.code = code;
	return code;
}

/* What can be known before anything is written. */
static int prepare(struct tcpbuf_sysctl_change *change, struct item *item)
{
	struct tcpbuf__sysctl s = subject(change, item);
	int err;

	settle(item, TCPBUF_SYSCTL_UNTOUCHED, 0);
	item->before[0] = '\0';
	s.about.outcome = "; nothing was written";
	err = tcpbuf__sysctl_remember(&s, item->before);
	if (err)
		return settle(item, TCPBUF_SYSCTL_REFUSED, err);
	if (strcmp(item->before, item->result.value) == 0)
		return settle(item, TCPBUF_SYSCTL_SAME, 0);
	err = tcpbuf__sysctl_writable(&s);
	return err ? settle(item, TCPBUF_SYSCTL_REFUSED, err) : 0;
}

/* Write one item; where that fails it is as before, or lost. */
static int perform(struct tcpbuf_sysctl_change *change, struct item *item, const char **cause)
{
	struct tcpbuf__sysctl s = subject(change, item);
	int err = tcpbuf__sysctl_put(&s, item->result.value, cause);

	if (!err)
		return settle(item, TCPBUF_SYSCTL_WRITTEN, 0);
	if (tcpbuf__sysctl_restore(&s, item->before) == TCPBUF__RESTORE_FAILED)
		return settle(item, TCPBUF_SYSCTL_LOST, err);
	return settle(item, TCPBUF_SYSCTL_REFUSED, err);
}

/* Put back what was written before the item at index failed, the last first. */
static void roll_back(struct tcpbuf_sysctl_change *change, uint32_t index)
{
	while (index-- > 0) {
		struct item *item = &change->items[index];
		struct tcpbuf__sysctl s;

		if (item->result.outcome != TCPBUF_SYSCTL_WRITTEN)
			continue;
		s = subject(change, item);
		settle(item, tcpbuf__sysctl_restore(&s, item->before) == TCPBUF__RESTORE_FAILED
				? TCPBUF_SYSCTL_LOST
				: TCPBUF_SYSCTL_PUT_BACK, 0);
	}
}

/* "; 6 keys were put back; net.ipv4.tcp_rmem could NOT be put back: 4096 131072 6291456" */
static void tell_outcome(const struct tcpbuf_sysctl_change *change, struct tcpbuf__text *t)
{
	uint32_t put_back = 0;

	for (uint32_t i = 0; i < change->count; i++)
		put_back += change->items[i].result.outcome == TCPBUF_SYSCTL_PUT_BACK;
	tcpbuf__text_str(t, "; ");
	tcpbuf__text_u64(t, put_back);
	tcpbuf__text_str(t, put_back == 1 ? " key was put back" : " keys were put back");
	for (uint32_t i = 0; i < change->count; i++) {
		if (change->items[i].result.outcome != TCPBUF_SYSCTL_LOST)
			continue;
		tcpbuf__text_str(t, "; ");
		tcpbuf__text_str(t, tcpbuf_key_name(change->items[i].result.key));
		tcpbuf__text_str(t, " could NOT be put back: ");
		tcpbuf__text_str(t, change->items[i].before);
	}
}

static int fail_change(struct tcpbuf_sysctl_change *change, uint32_t index, int code, const char *cause)
{
	char outcome[512];
	struct tcpbuf__text t = tcpbuf__text_init(outcome, sizeof(outcome));
	struct tcpbuf__sysctl s;

	roll_back(change, index);
	tell_outcome(change, &t);
	s = subject(change, &change->items[index]);
	s.about.outcome = outcome;
	return tcpbuf__fail(change->ns->tb, code, &s.about, cause);
}

int tcpbuf_sysctl_change_apply(struct tcpbuf_sysctl_change *change)
{
	if (!change)
		return -EINVAL;
	tcpbuf__error_clear(change->ns->tb);
	for (uint32_t i = 0; i < change->count; i++)
		settle(&change->items[i], TCPBUF_SYSCTL_UNTOUCHED, 0);
	for (uint32_t i = 0; i < change->count; i++) {
		int err = prepare(change, &change->items[i]);

		if (err && !change->items[i].optional)
			return err;
	}
	for (uint32_t i = 0; i < change->count; i++) {
		struct item *item = &change->items[i];
		const char *cause;
		int err;

		if (item->result.outcome != TCPBUF_SYSCTL_UNTOUCHED)
			continue;
		err = perform(change, item, &cause);
		if (err && (!item->optional || item->result.outcome == TCPBUF_SYSCTL_LOST))
			return fail_change(change, i, err, cause);
	}
	tcpbuf__error_clear(change->ns->tb);
	return 0;
}

uint32_t tcpbuf_sysctl_change_count(const struct tcpbuf_sysctl_change *change)
{
	return change ? change->count : 0;
}

int tcpbuf_sysctl_change_result(
	const struct tcpbuf_sysctl_change *change, uint32_t index, void *out, uint32_t out_size)
{
	struct tcpbuf_sysctl_result result;

	if (!change || !out || index >= change->count)
		return -EINVAL;
	result = change->items[index].result;
	tcpbuf__text_copy(result.before, sizeof(result.before), change->items[index].before);
	tcpbuf__copy_out(out, out_size, &result, sizeof(result));
	return 0;
}
