/* SPDX-License-Identifier: MIT */
/* Set `initial`: one handshake, and late setsockopt() calls on both ends. */
#include "replay.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tcpbuf/model.h>

static int64_t number(const json_t *cfg, const char *name)
{
	return json_integer_value(json_object_get(cfg, name));
}

void replay_triple(const json_t *cell, const char *name, int64_t out[3])
{
	const char *text = json_string_value(json_object_get(cell, name));
	char *end = NULL;

	for (int i = 0; text && i < 3; i++) {
		out[i] = strtoll(text, &end, 10);
		text = end;
	}
}

/* What every recorder did not write down: wmem_max is the machine's own. */
int64_t replay_wmem_max(const struct tcpbuf_rules *rules)
{
	return rules->keys.version >> 8 == (6 << 8 | 18) ? 4194304 : 212992;
}

static void read_end(const json_t *cfg, const struct tcpbuf_rules *rules, const char *scaling,
	const char *maxseg, struct tcpbuf_model_end *end)
{
	const char *cc = json_string_value(json_object_get(cfg, "cc"));
	int late = number(cfg, "after") != 0;

	memset(end, 0, sizeof(*end));
	replay_triple(cfg, "rmem", end->rmem);
	replay_triple(cfg, "wmem", end->wmem);
	end->rmem_max = number(cfg, "rmem_max");
	end->wmem_max = replay_wmem_max(rules);
	end->adv_win_scale = (int32_t)number(cfg, "adv_win_scale");
	end->app_win = (uint32_t)number(cfg, "app_win");
	end->window_scaling = (uint32_t)number(cfg, scaling);
	end->timestamps = (uint32_t)number(cfg, "ts");
	end->signed_windows = (uint32_t)number(cfg, "signed_win");
	end->shrink_window = (uint32_t)number(cfg, "shrink");
	end->so_rcvbuf = (int32_t)number(cfg, "rcvbuf");
	end->so_sndbuf = (int32_t)number(cfg, "sndbuf");
	end->window_clamp = (int32_t)number(cfg, "clamp");
	end->set_rcvbuf = !late && end->so_rcvbuf;
	end->set_sndbuf = !late && end->so_sndbuf;
	end->set_clamp = !late && end->window_clamp;
	end->maxseg = (uint32_t)number(cfg, maxseg);
	end->initrwnd = (uint32_t)number(cfg, "initrwnd");
	end->route_window = (uint32_t)number(cfg, "rtwin");
	end->sndbuf_factor = cc && strcmp(cc, "bbr") == 0 ? 3 : 2;
}

void replay_link(const json_t *cfg, const struct tcpbuf_rules *rules, struct tcpbuf_model_link *link)
{
	memset(link, 0, sizeof(*link));
	link->size = sizeof(*link);
	link->mtu = (uint32_t)number(cfg, "mtu");
	link->family = number(cfg, "fam") == 6 ? 10 : 2;
	link->local = 1;
	read_end(cfg, rules, "ws_c", "maxseg_c", &link->client);
	read_end(cfg, rules, "ws_s", "maxseg_s", &link->server);
}

int replay_handshake(const json_t *cfg, const struct tcpbuf_rules *rules, struct tcpbuf_model_handshake *out)
{
	struct tcpbuf_model_link link;

	replay_link(cfg, rules, &link);
	return tcpbuf_model_handshake(rules, &link, out, sizeof(*out));
}

static json_t *state_json(const struct tcpbuf_rules *rules, const struct tcpbuf_model_state *st)
{
	json_t *object = json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "rcvbuf", st->rcvbuf,
		"sndbuf", st->sndbuf, "clamp", (json_int_t)(int32_t)(uint32_t)st->window_clamp, "snd_wscale",
		(json_int_t)st->snd_wscale, "rcv_wscale", (json_int_t)st->rcv_wscale, "snd_mss", st->snd_mss,
		"rcv_mss", st->rcv_mss, "advmss", st->advmss, "rcv_ssthresh", st->rcv_ssthresh, "rcv_space",
		st->rcv_space, "snd_wnd", st->snd_wnd);

	/* Recordings of kernels before 6.2 do not have it. */
	if (rules->keys.version >= (6u << 16 | 2u << 8))
		json_object_set_new(object, "rcv_wnd", json_integer(st->rcv_wnd));
	return object;
}

static json_t *packet_json(int64_t win, int64_t wscale, int64_t mss)
{
	return json_pack("{s:I, s:I, s:I}", "win", win, "wscale", wscale, "mss", mss);
}

/* The calls of a cell with `after`, on one end. */
static json_t *late_json(const struct tcpbuf_rules *rules, const struct tcpbuf_model_end *set,
	const struct tcpbuf_model_state *before)
{
	struct tcpbuf_model_state st = *before;
	struct tcpbuf_model_sockopt s = {.size = sizeof(s), .state = TCPBUF_SOCKOPT_ESTABLISHED, .privileged = 1,
		.lock = st.lock, .rcvbuf = st.rcvbuf, .sndbuf = st.sndbuf, .window_clamp = st.window_clamp,
		.rcvlowat = 1, .rcv_ssthresh = st.rcv_ssthresh, .rcv_wnd = st.rcv_wnd,
		.rmem_max_sysctl = set->rmem_max, .wmem_max_sysctl = set->wmem_max,
		.tcp_rmem_max = set->rmem[2], .adv_win_scale = set->adv_win_scale};

	if (set->so_rcvbuf)
		tcpbuf_model_setsockopt(rules, TCPBUF_SOCKOPT_RCVBUF, set->so_rcvbuf, &s);
	if (set->so_sndbuf)
		tcpbuf_model_setsockopt(rules, TCPBUF_SOCKOPT_SNDBUF, set->so_sndbuf, &s);
	if (set->window_clamp)
		tcpbuf_model_setsockopt(rules, TCPBUF_SOCKOPT_WINDOW_CLAMP, set->window_clamp, &s);
	st.rcvbuf = s.rcvbuf;
	st.sndbuf = s.sndbuf;
	st.window_clamp = s.window_clamp;
	st.rcv_ssthresh = s.rcv_ssthresh;
	return state_json(rules, &st);
}

void replay_initial(const json_t *cell, json_t *out)
{
	const json_t *cfg = json_object_get(cell, "cfg");
	struct tcpbuf_model_handshake h;
	struct tcpbuf_model_link link;
	struct tcpbuf_rules rules;

	if (tcpbuf_rules_named(json_string_value(json_object_get(cell, "kernel")), &rules, sizeof(rules)) != 0)
		return;
	if (replay_handshake(cfg, &rules, &h) != 0)
		return;
	json_object_set_new(out, "syn", packet_json(h.syn_win, h.syn_wscale, h.syn_mss));
	json_object_set_new(out, "synack", packet_json(h.synack_win, h.synack_wscale, h.synack_mss));
	json_object_set_new(out, "ack_win", json_integer(h.ack_win));
	json_object_set_new(out, "listen",
		json_pack("{s:I, s:I, s:I}", "rcvbuf", h.listen_rcvbuf, "sndbuf", h.listen_sndbuf, "clamp",
			(json_int_t)(int32_t)(uint32_t)h.listen_clamp));
	json_object_set_new(out, "client", state_json(&rules, &h.client));
	json_object_set_new(out, "server", state_json(&rules, &h.server));
	if (!number(cfg, "after"))
		return;
	replay_link(cfg, &rules, &link);
	json_object_set_new(out, "client_after", late_json(&rules, &link.client, &h.client));
	json_object_set_new(out, "server_after", late_json(&rules, &link.server, &h.server));
}
