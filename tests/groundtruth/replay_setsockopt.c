/* SPDX-License-Identifier: MIT */
/* Set `setsockopt`: one call on a new socket. */
#include "replay.h"

#include <string.h>

#include <tcpbuf/model.h>

struct name {
	const char *text;
	uint32_t value;
};

static const struct name options[] = {
	{"SO_RCVBUF", TCPBUF_SOCKOPT_RCVBUF},
	{"SO_SNDBUF", TCPBUF_SOCKOPT_SNDBUF},
	{"SO_RCVBUFFORCE", TCPBUF_SOCKOPT_RCVBUFFORCE},
	{"SO_SNDBUFFORCE", TCPBUF_SOCKOPT_SNDBUFFORCE},
	{"TCP_WINDOW_CLAMP", TCPBUF_SOCKOPT_WINDOW_CLAMP},
	{"SO_RCVLOWAT", TCPBUF_SOCKOPT_RCVLOWAT},
	{"TCP_NOTSENT_LOWAT", TCPBUF_SOCKOPT_NOTSENT_LOWAT},
	{"SO_BUF_LOCK", TCPBUF_SOCKOPT_BUF_LOCK},
};

static const struct name states[] = {
	{"fresh", TCPBUF_SOCKOPT_FRESH},
	{"listen", TCPBUF_SOCKOPT_LISTEN},
	{"established", TCPBUF_SOCKOPT_ESTABLISHED},
	{"udp", TCPBUF_SOCKOPT_UDP},
};

static uint32_t find(const struct name *names, size_t count, const json_t *text)
{
	for (size_t i = 0; json_is_string(text) && i < count; i++)
		if (strcmp(names[i].text, json_string_value(text)) == 0)
			return names[i].value;
	return 0;
}

static int64_t number(const json_t *object, const char *name)
{
	return json_integer_value(json_object_get(object, name));
}

/* The window that the accepted end of the recording's connection had offered. */
static int64_t offered(const json_t *cell, const struct tcpbuf_rules *rules)
{
	json_t *cfg = json_pack("{s:O, s:O, s:i, s:i, s:i, s:i, s:i, s:i, s:I, s:I}", "rmem",
		json_object_get(cell, "rmem"), "wmem", json_object_get(cell, "wmem"), "app_win", 31, "ws_c", 1,
		"ws_s", 1, "ts", 1, "fam", 4, "mtu", 1500, "rmem_max", number(cell, "rmem_max"),
		"adv_win_scale", number(cell, "adv_win_scale"));
	struct tcpbuf_model_handshake h;
	int err = replay_handshake(cfg, rules, &h);

	json_decref(cfg);
	return err ? 0 : h.server.rcv_wnd;
}

static void read_socket(const json_t *cell, const struct tcpbuf_rules *rules, struct tcpbuf_model_sockopt *s)
{
	const json_t *before = json_object_get(cell, "before");
	int64_t rmem[3] = {0, 0, 0}, lock = number(before, "lock");

	replay_triple(cell, "rmem", rmem);
	memset(s, 0, sizeof(*s));
	s->size = sizeof(*s);
	s->state = find(states, sizeof(states) / sizeof(states[0]), json_object_get(cell, "state"));
	s->privileged = !number(cell, "unpriv");
	s->lock = lock > 0 ? (uint32_t)lock : 0;
	s->rcvbuf = number(before, "rcvbuf");
	s->sndbuf = number(before, "sndbuf");
	s->window_clamp = (uint32_t)number(before, "clamp");
	s->rcvlowat = number(before, "lowat");
	s->notsent_lowat = (uint32_t)number(before, "notsent");
	s->rcv_ssthresh = number(before, "rcv_ssthresh");
	s->rcv_wnd = s->state == TCPBUF_SOCKOPT_ESTABLISHED ? offered(cell, rules) : 0;
	s->rmem_max_sysctl = number(cell, "rmem_max");
	s->wmem_max_sysctl = number(cell, "wmem_max");
	s->tcp_rmem_max = rmem[2];
	s->adv_win_scale = (int32_t)number(cell, "adv_win_scale");
}

static json_t *after_json(const json_t *cell, const struct tcpbuf_model_sockopt *s)
{
	json_t *after = json_copy(json_object_get(cell, "before"));

	json_object_set_new(after, "rcvbuf", json_integer(s->rcvbuf));
	json_object_set_new(after, "sndbuf", json_integer(s->sndbuf));
	json_object_set_new(after, "lowat", json_integer(s->rcvlowat));
	/* Where a kernel or a kind of socket has no such option the recording shows its errno, before and after. */
	if (number(after, "lock") >= 0)
		json_object_set_new(after, "lock", json_integer(s->lock));
	if (s->state != TCPBUF_SOCKOPT_UDP) {
		json_object_set_new(after, "clamp", json_integer((int32_t)(uint32_t)s->window_clamp));
		json_object_set_new(after, "notsent", json_integer((int32_t)(uint32_t)s->notsent_lowat));
		json_object_set_new(after, "rcv_ssthresh", json_integer(s->rcv_ssthresh));
	}
	return after;
}

void replay_setsockopt(const json_t *cell, json_t *out)
{
	uint32_t option = find(options, sizeof(options) / sizeof(options[0]), json_object_get(cell, "opt"));
	struct tcpbuf_model_sockopt s;
	struct tcpbuf_rules rules;
	int ret;

	if (!option || !json_is_object(json_object_get(cell, "before")) ||
		tcpbuf_rules_named(json_string_value(json_object_get(cell, "kernel")), &rules, sizeof(rules)) != 0)
		return;
	read_socket(cell, &rules, &s);
	ret = tcpbuf_model_setsockopt(&rules, option, (int32_t)number(cell, "value"), &s);
	json_object_set_new(out, "ret", json_integer(ret));
	json_object_set_new(out, "after", after_json(cell, &s));
}
