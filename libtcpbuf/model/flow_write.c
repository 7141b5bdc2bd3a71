/* SPDX-License-Identifier: MIT */
/* The application writes: how bytes become skbs. */
#include "model/flow.h"

#define LEAST_FRAGMENT 32 /* sk_page_frag_refill(), net/core/sock.c */

static struct flow_skb *tail(struct flow *f)
{
	struct flow_sender *s = &f->s;

	return s->unsent_count ? &s->unsent[(s->unsent_head + s->unsent_count - 1) % FLOW_SENDER]
			       : NULL;
}

/* tcp_skb_entail(): an empty skb at the end of the queue. */
static struct flow_skb *entail(struct flow *f)
{
	struct flow_sender *s = &f->s;
	struct flow_skb skb = {.seq = s->write_seq, .end = s->write_seq};

	if (s->unsent_count == FLOW_SENDER) {
		f->error = -ENOSPC;
		return NULL;
	}
	tcpbuf__flow_restart_after_idle(f);
	s->unsent_count++;
	*tail(f) = skb;
	s->wmem_queued += f->rules.skb_head;
	return tail(f);
}

/* Room in the page fragment of the task; a new one when nearly none is left. */
static int64_t fragment_room(struct flow *f)
{
	struct flow_sender *s = &f->s;

	if (s->page_offset + LEAST_FRAGMENT > FLOW_TASK_FRAG) {
		while (s->pages_count && s->pages[s->pages_head] <= s->snd_una) {
			s->pages_head = (s->pages_head + 1) % FLOW_PAGES;
			s->pages_count--;
		}
		if (s->pages_count == FLOW_PAGES) {
			f->error = -ENOSPC;
			return 0;
		}
		s->pages[(s->pages_head + s->pages_count++) % FLOW_PAGES] = s->write_seq;
		s->page_offset = 0;
	}
	return FLOW_TASK_FRAG - s->page_offset;
}

/* Fragments of data from @seq to @end: one, and one more for each page that ends inside. */
int64_t tcpbuf__flow_frags(const struct flow *f, int64_t seq, int64_t end)
{
	int64_t frags = 1;

	for (uint32_t i = 0; i < f->s.pages_count; i++) {
		int64_t at = f->s.pages[(f->s.pages_head + i) % FLOW_PAGES];

		frags += at > seq && at < end;
	}
	return frags;
}

/* forced_push(): half of the largest window waits to be pushed. */
static int forced_push(const struct flow_sender *s)
{
	return s->write_seq > s->pushed_seq + (s->max_window >> 1);
}

static void mark_push(struct flow *f)
{
	if (tail(f))
		tail(f)->push = 1;
	f->s.pushed_seq = f->s.write_seq;
}

/* One turn of tcp_sendmsg_locked(): bytes copied into the last skb or a new one; 0: no memory. */
static int64_t copy_some(struct flow *f, int64_t left, int first)
{
	struct flow_sender *s = &f->s;
	struct flow_skb *skb = tail(f);
	int64_t copy;

	if (skb && (skb->end - skb->seq >= s->size_goal ||
			   (f->s.page_offset + LEAST_FRAGMENT > FLOW_TASK_FRAG &&
				   tcpbuf__flow_frags(f, skb->seq, skb->end) >= FLOW_MAX_FRAGS)))
		skb = NULL;
	if (!skb) {
		if (s->wmem_queued >= s->sndbuf)
			return 0;
		skb = entail(f);
		if (!skb)
			return 0;
	}
	copy = tcpbuf__min(s->size_goal - (skb->end - skb->seq), left);
	copy = tcpbuf__min(copy, fragment_room(f));
	if (first)
		skb->push = 0;
	skb->end += copy;
	s->write_seq += copy;
	s->page_offset += copy;
	s->wmem_queued += copy;
	return copy;
}

/* A full skb leaves at once. */
static void push_full(struct flow *f)
{
	if (forced_push(&f->s)) {
		mark_push(f);
		tcpbuf__flow_push(f);
	} else if (f->s.unsent_count == 1) {
		tcpbuf__flow_transmit(f, 1);
	}
}

/* tcp_sendmsg() with TCP_NODELAY, not blocking; returns the bytes taken. */
int64_t tcpbuf__flow_write(struct flow *f, int64_t bytes)
{
	int64_t done = 0, copy;

	f->s.owned = 1;
	f->s.size_goal = tcpbuf__flow_size_goal(f);
	while (done < bytes && !f->error) {
		copy = copy_some(f, bytes - done, done == 0);
		if (!copy)
			break;
		done += copy;
		if (done < bytes && tail(f)->end - tail(f)->seq >= f->s.size_goal)
			push_full(f);
	}
	if (done && f->s.unsent_count) {
		mark_push(f);
		tcpbuf__flow_push(f);
	}
	tcpbuf__flow_release_sender(f);
	return done;
}
