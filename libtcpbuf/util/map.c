/* SPDX-License-Identifier: MIT */
#include "util/map.h"

#include <string.h>

#define FIRST_SIZE 64

static struct tcpbuf__map_slot *find(struct tcpbuf__map_slot *slots, size_t size, uint64_t key)
{
	/* Fibonacci hashing: the kernel hands out neighbouring numbers. */
	size_t at = (size_t)(key * 0x9e3779b97f4a7c15u >> 32) & (size - 1);

	while (slots[at].key && slots[at].key != key)
		at = (at + 1) & (size - 1);
	return &slots[at];
}

static int grow(struct tcpbuf__map *map, const struct tcpbuf__sys *sys)
{
	size_t size = map->size ? map->size * 2 : FIRST_SIZE;
	struct tcpbuf__map_slot *slots = sys->alloc(size * sizeof(*slots));

	if (!slots)
		return 0;
	for (size_t i = 0; i < map->size; i++)
		if (map->slots[i].key)
			*find(slots, size, map->slots[i].key) = map->slots[i];
	sys->release(map->slots);
	map->slots = slots;
	map->size = size;
	return 1;
}

uint64_t *tcpbuf__map_at(struct tcpbuf__map *map, const struct tcpbuf__sys *sys, uint64_t key)
{
	struct tcpbuf__map_slot *slot;

	if (map->used * 2 >= map->size && !grow(map, sys))
		return NULL;
	slot = find(map->slots, map->size, key);
	if (!slot->key) {
		slot->key = key;
		map->used++;
	}
	return &slot->value;
}

uint64_t tcpbuf__map_get(const struct tcpbuf__map *map, uint64_t key)
{
	return map->size ? find(map->slots, map->size, key)->value : 0;
}

void tcpbuf__map_free(struct tcpbuf__map *map, const struct tcpbuf__sys *sys)
{
	sys->release(map->slots);
	memset(map, 0, sizeof(*map));
}
