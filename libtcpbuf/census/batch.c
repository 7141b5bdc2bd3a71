/* SPDX-License-Identifier: MIT */
/* Namespaces dumped one after the other, or by several threads with a census each, added up afterwards. */
#include "census/census.h"

#include <errno.h>
#include <string.h>

#include "netns/netns.h"

#define JOBS_A_THREAD 16

/* One thread: its own context and tables; the namespaces' holders are the batch's, no two threads have the same. */
struct worker {
	const struct tcpbuf__batch *batch;
	struct tcpbuf_census c;
	uint32_t first;
	int err;
};

/* Each namespace that waits keeps a descriptor, and one more while it is dumped. */
void tcpbuf__batch_start(struct tcpbuf__batch *b, struct tcpbuf_census *c, const struct tcpbuf__owners *owners,
	uint32_t threads)
{
	uint32_t budget = c->tb->fd_budget ? c->tb->fd_budget : c->tb->fd_budget_default;

	b->c = c;
	b->owners = owners;
	b->threads = threads > 1 ? threads : 1;
	b->room = b->threads > 1 ? JOBS_A_THREAD * b->threads : 1;
	if (b->room > budget / 2)
		b->room = budget / 2 ? budget / 2 : 1;
	b->count = 0;
}

static int run_job(const struct tcpbuf__batch *b, uint32_t i, struct tcpbuf_census *c, struct tcpbuf_netns *ns)
{
	return tcpbuf__census_dump(c, b->owners, ns, &b->c->tables[TCPBUF__NETNS].items[b->jobs[i].at]);
}

/* A handle and its context are one thread's: open the namespace again. */
static void work(void *arg)
{
	struct worker *w = arg;
	struct tcpbuf_netns *ns;

	for (uint32_t i = w->first; !w->err && i < w->batch->count; i += w->batch->threads) {
		w->err = tcpbuf_netns_open_fd(w->c.tb, w->batch->jobs[i].ns->fd, &ns);
		if (w->err)
			break;
		w->err = run_job(w->batch, i, &w->c, ns);
		tcpbuf_netns_close(ns);
	}
}

static int add_table(struct tcpbuf__holders *to, const struct tcpbuf__holders *from,
	const struct tcpbuf__sys *sys, enum tcpbuf__axis axis)
{
	tcpbuf__census_add(&to->rest, &from->rest);
	for (uint32_t i = 0; i < from->count; i++) {
		int64_t at = tcpbuf__holders_get_like(to, sys, axis, &from->items[i]);

		if (at < 0)
			return (int)at;
		tcpbuf__census_add(&to->items[at], &from->items[i]);
		tcpbuf__census_note_netns(&to->items[at], from->items[i].netns_inode);
	}
	return 0;
}

static int add_worker(struct tcpbuf_census *c, const struct tcpbuf_census *of)
{
	const struct tcpbuf__sys *sys = c->tb->sys;
	const struct tcpbuf__holders *sockets = &of->tables[TCPBUF__SOCKET];
	int err = add_table(&c->tables[TCPBUF__PROCESS], &of->tables[TCPBUF__PROCESS], sys, TCPBUF__PROCESS);

	if (!err)
		err = add_table(&c->tables[TCPBUF__ID], &of->tables[TCPBUF__ID], sys, TCPBUF__ID);
	tcpbuf__census_add(&c->tables[TCPBUF__SOCKET].rest, &sockets->rest);
	for (uint32_t i = 0; !err && i < sockets->count; i++)
		err = tcpbuf__holders_offer(&c->tables[TCPBUF__SOCKET], sys, c->top, &sockets->items[i]);
	c->node.netns_denied += of->node.netns_denied;
	return err;
}

static void worker_free(struct worker *w, const struct tcpbuf__sys *sys)
{
	if (!w)
		return;
	for (int axis = 0; axis < TCPBUF__AXES; axis++)
		tcpbuf__holders_free(&w->c.tables[axis], sys);
	tcpbuf_free(w->c.tb);
	sys->release(w);
}

static struct worker *worker_new(const struct tcpbuf__batch *b, uint32_t first)
{
	struct worker *w = b->c->tb->sys->alloc(sizeof(*w));

	if (!w)
		return NULL;
	w->batch = b;
	w->first = first;
	w->c.by = b->c->by;
	w->c.top = b->c->top;
	if (tcpbuf__new_with(b->c->tb->sys, &w->c.tb) == 0)
		return w;
	worker_free(w, b->c->tb->sys);
	return NULL;
}

static int run_workers(struct tcpbuf__batch *b)
{
	const struct tcpbuf__sys *sys = b->c->tb->sys;
	void *workers[TCPBUF__THREADS_MAX] = {NULL};
	int err = 0;

	for (uint32_t i = 0; !err && i < b->threads; i++) {
		workers[i] = worker_new(b, i);
		err = workers[i] ? 0 : -ENOMEM;
	}
	if (!err)
		err = sys->run_threads(work, workers, b->threads);
	for (uint32_t i = 0; i < b->threads; i++) {
		struct worker *w = workers[i];

		if (!err)
			err = w->err ? w->err : add_worker(b->c, &w->c);
		worker_free(w, sys);
	}
	return err;
}

int tcpbuf__batch_run(struct tcpbuf__batch *b)
{
	int err = 0;

	if (b->count && b->threads > 1)
		err = run_workers(b);
	else if (b->count)
		err = run_job(b, 0, b->c, b->jobs[0].ns);
	tcpbuf__batch_drop(b);
	return err;
}

int tcpbuf__batch_add(struct tcpbuf__batch *b, struct tcpbuf_netns *ns, uint32_t at)
{
	b->jobs[b->count].ns = ns;
	b->jobs[b->count++].at = at;
	return b->count < b->room ? 0 : tcpbuf__batch_run(b);
}

void tcpbuf__batch_drop(struct tcpbuf__batch *b)
{
	while (b->count)
		tcpbuf_netns_close(b->jobs[--b->count].ns);
}
