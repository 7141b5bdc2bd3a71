/* SPDX-License-Identifier: MIT */
/* Which holders hold, or grew, most. */
#include "census/census.h"

#include <errno.h>

static int64_t weight(const struct tcpbuf_census_holder *h, uint32_t order)
{
	return order == TCPBUF_CENSUS_ORDER_GROWTH ? h->growth_bytes : h->held_bytes;
}

/* Equal ones in the order in which they came. */
static int is_less(const struct tcpbuf__holders *t, uint32_t a, uint32_t b, uint32_t order)
{
	int64_t wa = weight(&t->items[a], order), wb = weight(&t->items[b], order);

	return wa != wb ? wa < wb : a > b;
}

static void swap(uint32_t *a, uint32_t *b)
{
	uint32_t kept = *a;

	*a = *b;
	*b = kept;
}

/* Sift down in a heap whose root is the least. */
static void sift(struct tcpbuf__holders *t, uint32_t root, uint32_t count, uint32_t order)
{
	for (;;) {
		uint32_t least = root, child = 2 * root + 1;

		for (uint32_t i = child; i < count && i < child + 2; i++)
			if (is_less(t, t->order[i], t->order[least], order))
				least = i;
		if (least == root)
			return;
		swap(&t->order[root], &t->order[least]);
		root = least;
	}
}

static void make_heap(struct tcpbuf__holders *t, uint32_t order)
{
	for (uint32_t i = t->count / 2; i-- > 0;)
		sift(t, i, t->count, order);
}

/* Once there is an order no holder is added, so that ranking anew cannot fail. */
static int make_order(struct tcpbuf__holders *t, const struct tcpbuf__sys *sys)
{
	if (!t->order)
		t->order = sys->alloc((t->count ? t->count : 1) * sizeof(*t->order));
	if (!t->order)
		return -ENOMEM;
	for (uint32_t i = 0; i < t->count; i++)
		t->order[i] = i;
	return 0;
}

/* The least goes to the end again and again: heapsort, which needs no memory. */
int tcpbuf__holders_sort(struct tcpbuf__holders *t, const struct tcpbuf__sys *sys, uint32_t order)
{
	int err = make_order(t, sys);

	if (err)
		return err;
	make_heap(t, order);
	for (uint32_t left = t->count; left-- > 1;) {
		swap(&t->order[0], &t->order[left]);
		sift(t, 0, left, order);
	}
	return 0;
}

/* While sockets come in, the order is a heap of those kept. */
static void replace_least(struct tcpbuf__holders *t, const struct tcpbuf_census_holder *one)
{
	struct tcpbuf_census_holder *least = &t->items[t->order[0]];

	if (one->held_bytes <= least->held_bytes) {
		tcpbuf__census_add(&t->rest, one);
		return;
	}
	tcpbuf__census_add(&t->rest, least);
	*least = *one;
	sift(t, 0, t->count, TCPBUF_CENSUS_ORDER_HELD);
}

int tcpbuf__holders_offer(struct tcpbuf__holders *t, const struct tcpbuf__sys *sys, uint32_t top,
	const struct tcpbuf_census_holder *one)
{
	int64_t at;
	int err;

	if (t->order) {
		replace_least(t, one);
		return 0;
	}
	at = tcpbuf__holders_append(t, sys);
	if (at < 0)
		return (int)at;
	t->items[at] = *one;
	if (t->count < top)
		return 0;
	err = make_order(t, sys);
	if (!err)
		make_heap(t, TCPBUF_CENSUS_ORDER_HELD);
	return err;
}

int tcpbuf__holders_wants(const struct tcpbuf__holders *t, int64_t held)
{
	return !t->order || held > t->items[t->order[0]].held_bytes;
}
