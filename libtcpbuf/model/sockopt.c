/* SPDX-License-Identifier: MIT */
/* Socket options that move buffers. */
#include "model/model.h"

#define LOCK_SNDBUF 1u
#define LOCK_RCVBUF 2u

int64_t tcpbuf__model_min_rcvbuf(const struct tcpbuf_rules *rules)
{
	return 2048 + (int64_t)rules->sk_buff;
}

int64_t tcpbuf__model_min_sndbuf(const struct tcpbuf_rules *rules)
{
	return 2 * tcpbuf__model_min_rcvbuf(rules);
}

/* The request is compared as unsigned: a negative one asks for all there is. */
int64_t tcpbuf__model_buffer(int32_t request, int64_t limit, int64_t least)
{
	int64_t value = tcpbuf__min((uint32_t)request, (uint32_t)limit);

	return tcpbuf__max(2 * tcpbuf__min(value, INT32_MAX / 2), least);
}

void tcpbuf__model_set_clamp(const struct tcpbuf_rules *rules, int64_t value, int64_t rcv_wnd,
	int64_t *window_clamp, int64_t *rcv_ssthresh)
{
	int64_t before = *window_clamp, least = tcpbuf__model_min_rcvbuf(rules) / 2, clamp;

	if (value < 0 && rules->clamp_negative_floor)
		value = least;
	clamp = tcpbuf__max((uint32_t)value, least);
	*window_clamp = clamp;
	if (rules->clamp == TCPBUF_RULE_CLAMP_TO_WND)
		*rcv_ssthresh = tcpbuf__min(rcv_wnd, clamp);
	if (rules->clamp != TCPBUF_RULE_CLAMP_FOLLOWS || clamp == before)
		return;
	if (clamp < before)
		*rcv_ssthresh = tcpbuf__min(*rcv_ssthresh, clamp);
	else
		*rcv_ssthresh = tcpbuf__max(*rcv_ssthresh, tcpbuf__min(rcv_wnd, clamp));
}

static void set_rcvbuf(const struct tcpbuf_rules *rules, int64_t rcvbuf, struct tcpbuf_model_sockopt *s)
{
	s->rcvbuf = rcvbuf;
	s->lock |= LOCK_RCVBUF;
	if (rules->rcvbuf_moves_clamp && s->state != TCPBUF_SOCKOPT_UDP)
		tcpbuf__model_set_clamp(rules, tcpbuf__model_win(rules, s->adv_win_scale, rcvbuf), s->rcv_wnd,
			&s->window_clamp, &s->rcv_ssthresh);
}

static int set_window_clamp(const struct tcpbuf_rules *rules, int32_t value, struct tcpbuf_model_sockopt *s)
{
	if (value) {
		tcpbuf__model_set_clamp(rules, value, s->rcv_wnd, &s->window_clamp, &s->rcv_ssthresh);
		return 0;
	}
	if (s->state != TCPBUF_SOCKOPT_FRESH)
		return -EINVAL;
	s->window_clamp = 0;
	return 0;
}

/* @want may be 0, where the option becomes 1. tcp_space_from_win() gives an int, which wraps at a low ratio. */
static void grow_for_rcvlowat(const struct tcpbuf_rules *rules, int64_t want, struct tcpbuf_model_sockopt *s)
{
	int64_t space = rules->rcvlowat == TCPBUF_RULE_RCVLOWAT_DOUBLE
		? 2 * want
		: (int32_t)(uint32_t)((want << 8) / (rules->default_ratio ? rules->default_ratio : 128));

	if (space <= s->rcvbuf)
		return;
	s->rcvbuf = space;
	if (rules->rcvlowat == TCPBUF_RULE_RCVLOWAT_DOUBLE)
		s->window_clamp = tcpbuf__model_win(rules, s->adv_win_scale, space);
	else if (rules->rcvlowat == TCPBUF_RULE_RCVLOWAT_SPACE || (s->window_clamp && s->window_clamp < want))
		s->window_clamp = want;
}

static void set_rcvlowat(const struct tcpbuf_rules *rules, int32_t value, struct tcpbuf_model_sockopt *s)
{
	int64_t want = value < 0 ? INT32_MAX : value, cap;

	if (s->state != TCPBUF_SOCKOPT_UDP) {
		cap = s->lock & LOCK_RCVBUF ? s->rcvbuf >> 1 : s->tcp_rmem_max >> 1;
		want = tcpbuf__min(want, cap);
	}
	s->rcvlowat = want ? want : 1;
	if (s->state != TCPBUF_SOCKOPT_UDP && !(s->lock & LOCK_RCVBUF))
		grow_for_rcvlowat(rules, want, s);
}

static int set_buf_lock(const struct tcpbuf_rules *rules, int32_t value, struct tcpbuf_model_sockopt *s)
{
	if (!rules->buf_lock)
		return -ENOPROTOOPT;
	if (value & ~3)
		return -EINVAL;
	s->lock = (uint32_t)value;
	return 0;
}

static int is_tcp_option(uint32_t option)
{
	return option == TCPBUF_SOCKOPT_WINDOW_CLAMP || option == TCPBUF_SOCKOPT_NOTSENT_LOWAT;
}

static int needs_admin(uint32_t option)
{
	return option == TCPBUF_SOCKOPT_RCVBUFFORCE || option == TCPBUF_SOCKOPT_SNDBUFFORCE;
}

static int apply(const struct tcpbuf_rules *rules, uint32_t option, int32_t value, struct tcpbuf_model_sockopt *s)
{
	int64_t min_rcv = tcpbuf__model_min_rcvbuf(rules), min_snd = tcpbuf__model_min_sndbuf(rules);
	int32_t forced = value < 0 ? 0 : value;

	switch (option) {
	case TCPBUF_SOCKOPT_RCVBUF:
		set_rcvbuf(rules, tcpbuf__model_buffer(value, s->rmem_max_sysctl, min_rcv), s);
		return 0;
	case TCPBUF_SOCKOPT_RCVBUFFORCE:
		set_rcvbuf(rules, tcpbuf__model_buffer(forced, INT32_MAX, min_rcv), s);
		return 0;
	case TCPBUF_SOCKOPT_SNDBUF:
		s->sndbuf = tcpbuf__model_buffer(value, s->wmem_max_sysctl, min_snd);
		s->lock |= LOCK_SNDBUF;
		return 0;
	case TCPBUF_SOCKOPT_SNDBUFFORCE:
		s->sndbuf = tcpbuf__model_buffer(forced, INT32_MAX, min_snd);
		s->lock |= LOCK_SNDBUF;
		return 0;
	case TCPBUF_SOCKOPT_WINDOW_CLAMP:
		return set_window_clamp(rules, value, s);
	case TCPBUF_SOCKOPT_RCVLOWAT:
		set_rcvlowat(rules, value, s);
		return 0;
	case TCPBUF_SOCKOPT_NOTSENT_LOWAT:
		s->notsent_lowat = (uint32_t)value;
		return 0;
	case TCPBUF_SOCKOPT_BUF_LOCK:
		return set_buf_lock(rules, value, s);
	default:
		return -EINVAL;
	}
}

int tcpbuf_model_setsockopt(
	const struct tcpbuf_rules *rules, uint32_t option, int32_t value, struct tcpbuf_model_sockopt *io)
{
	struct tcpbuf_model_sockopt s;
	struct tcpbuf_rules r;
	int err = tcpbuf__model_rules(&r, rules);

	if (!err)
		err = tcpbuf__copy_in(&s, sizeof(s), io);
	if (err)
		return err;
	if (s.padding)
		return -EINVAL;
	if (s.state == TCPBUF_SOCKOPT_UDP && is_tcp_option(option))
		return -ENOPROTOOPT;
	if (needs_admin(option) && !s.privileged)
		return -EPERM;
	err = apply(&r, option, value, &s);
	if (err)
		return err;
	s.window_rule = r.window;
	s.verified = r.verified;
	tcpbuf__copy_back(io, &s, sizeof(s));
	return 0;
}
