/* SPDX-License-Identifier: MIT */
/* A table of holders: a hash over the bytes of each one's key. */
#include "census/census.h"

#include <errno.h>
#include <string.h>

/* Where an axis has its key; a size of 0: a string. */
static const struct {
	size_t offset;
	size_t size;
} keys[] = {
	[TCPBUF__NETNS] = {offsetof(struct tcpbuf_census_holder, netns_inode), 8},
	[TCPBUF__CGROUP] = {offsetof(struct tcpbuf_census_holder, cgroup), 0},
	[TCPBUF__POD] = {offsetof(struct tcpbuf_census_holder, pod_uid), 0},
	[TCPBUF__PROCESS] = {offsetof(struct tcpbuf_census_holder, pid), 4},
	[TCPBUF__SOCKET] = {offsetof(struct tcpbuf_census_holder, cookie), 8},
	[TCPBUF__ID] = {offsetof(struct tcpbuf_census_holder, cgroup_id), 8},
};

static const void *key_of(const struct tcpbuf_census_holder *h, enum tcpbuf__axis axis, size_t *size)
{
	const char *key = (const char *)h + keys[axis].offset;

	*size = keys[axis].size ? keys[axis].size : strlen(key);
	return key;
}

/* FNV-1a. */
static uint32_t hash(const void *key, size_t size)
{
	const unsigned char *p = key;
	uint32_t value = 2166136261u;

	while (size--)
		value = (value ^ *p++) * 16777619u;
	return value ^ value >> 15;
}

static uint32_t *find_slot(
	const struct tcpbuf__holders *t, enum tcpbuf__axis axis, const void *key, size_t size)
{
	uint32_t at = hash(key, size) & (t->slot_count - 1);

	for (;; at = (at + 1) & (t->slot_count - 1)) {
		const void *have;
		size_t have_size;

		if (!t->slots[at])
			return &t->slots[at];
		have = key_of(&t->items[t->slots[at] - 1], axis, &have_size);
		if (have_size == size && memcmp(have, key, size) == 0)
			return &t->slots[at];
	}
}

/* Slots for twice as many holders as there are. */
int tcpbuf__holders_index(struct tcpbuf__holders *t, const struct tcpbuf__sys *sys, enum tcpbuf__axis axis)
{
	uint32_t slot_count = 64, *slots;

	while (slot_count < 4 * t->count)
		slot_count *= 2;
	slots = sys->alloc(slot_count * sizeof(*slots));
	if (!slots)
		return -ENOMEM;
	sys->release(t->slots);
	t->slots = slots;
	t->slot_count = slot_count;
	for (uint32_t i = 0; i < t->count; i++) {
		size_t size;
		const void *key = key_of(&t->items[i], axis, &size);

		*find_slot(t, axis, key, size) = i + 1;
	}
	return 0;
}

static int more_items(struct tcpbuf__holders *t, const struct tcpbuf__sys *sys)
{
	uint32_t room = t->room ? t->room * 2 : 16;
	void *items;

	if (room > UINT32_MAX / 4)
		return -ENOMEM;
	items = sys->resize(t->items, room * sizeof(*t->items));
	if (!items)
		return -ENOMEM;
	t->items = items;
	t->room = room;
	return 0;
}

int64_t tcpbuf__holders_append(struct tcpbuf__holders *t, const struct tcpbuf__sys *sys)
{
	int err = t->count == t->room ? more_items(t, sys) : 0;

	if (err)
		return err;
	memset(&t->items[t->count], 0, sizeof(*t->items));
	return t->count++;
}

int64_t tcpbuf__holders_get(struct tcpbuf__holders *t, const struct tcpbuf__sys *sys, enum tcpbuf__axis axis,
	const void *key, size_t size)
{
	int64_t at = 0;
	uint32_t *slot;

	if (t->count * 2 >= t->slot_count)
		at = tcpbuf__holders_index(t, sys, axis);
	if (at < 0)
		return at;
	slot = find_slot(t, axis, key, size);
	if (*slot)
		return *slot - 1;
	at = tcpbuf__holders_append(t, sys);
	if (at < 0)
		return at;
	memcpy((char *)&t->items[at] + keys[axis].offset, key, size);
	*slot = (uint32_t)at + 1;
	return at;
}

int64_t tcpbuf__holders_get_u64(
	struct tcpbuf__holders *t, const struct tcpbuf__sys *sys, enum tcpbuf__axis axis, uint64_t key)
{
	return tcpbuf__holders_get(t, sys, axis, &key, sizeof(key));
}

int64_t tcpbuf__holders_get_like(struct tcpbuf__holders *t, const struct tcpbuf__sys *sys,
	enum tcpbuf__axis axis, const struct tcpbuf_census_holder *like)
{
	size_t size;
	const void *key = key_of(like, axis, &size);

	return tcpbuf__holders_get(t, sys, axis, key, size);
}

const struct tcpbuf_census_holder *tcpbuf__holders_find(
	const struct tcpbuf__holders *t, enum tcpbuf__axis axis, const struct tcpbuf_census_holder *like)
{
	size_t size;
	const void *key = key_of(like, axis, &size);
	uint32_t slot = t->slot_count ? *find_slot(t, axis, key, size) : 0;

	return slot ? &t->items[slot - 1] : NULL;
}

void tcpbuf__holders_free(struct tcpbuf__holders *t, const struct tcpbuf__sys *sys)
{
	sys->release(t->items);
	sys->release(t->order);
	sys->release(t->slots);
	memset(t, 0, sizeof(*t));
}
