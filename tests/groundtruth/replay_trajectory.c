/* SPDX-License-Identifier: MIT */
/* Set `trajectory`: a bulk transfer over a path, sampled at both ends. */
#include "replay.h"

#include <stdlib.h>
#include <string.h>

enum {
	MAX_ROWS = 100000,
	TUN_SEGMENT = 2304, /* what the tun driver makes of a packet of 1500 bytes: half a page and a sk_buff */
	SLOW_PERIOD_US = 20000,
	PAUSE_US = 1500000,
	BETWEEN_CELLS_US = 45000 /* from the last sample of a cell to the next connection, and a round trip */
};

/* The recorder's order of the group `fast`, the last innermost. */
static const int64_t fast_rtt[] = {1000, 10000, 40000, 100000};
static const int64_t fast_mbit[] = {10, 50, 200};
static const int64_t fast_rmem[] = {256 << 10, 1 << 20, 6 << 20, 32 << 20};

static int64_t number(const json_t *cfg, const char *name)
{
	return json_integer_value(json_object_get(cfg, name));
}

static int is(const json_t *object, const char *name, const char *text)
{
	const char *value = json_string_value(json_object_get(object, name));

	return value && strcmp(value, text) == 0;
}

static void read_end(const json_t *cfg, const struct tcpbuf_rules *rules, struct tcpbuf_model_end *end)
{
	replay_triple(cfg, "rmem", end->rmem);
	replay_triple(cfg, "wmem", end->wmem);
	end->rmem_max = number(cfg, "rmem_max");
	end->wmem_max = replay_wmem_max(rules);
	end->adv_win_scale = (int32_t)number(cfg, "adv_win_scale");
	end->app_win = 31;
	end->window_scaling = end->timestamps = 1;
	end->sndbuf_factor = is(cfg, "cc", "bbr") ? 3 : 2;
}

static void read_reader(const json_t *cfg, struct tcpbuf_model_growth *t)
{
	t->reader = TCPBUF_READER_FAST;
	if (is(cfg, "reader", "slow")) {
		t->reader = TCPBUF_READER_SLOW;
		t->read_period_us = SLOW_PERIOD_US;
		t->read_bytes = (uint32_t)(number(cfg, "mbit") * 125000 / 4 / 50);
	} else if (is(cfg, "reader", "pause")) {
		t->reader = TCPBUF_READER_PAUSE;
		t->pause_us = PAUSE_US;
	}
}

static void read_transfer(const json_t *cell, const struct tcpbuf_rules *rules, struct tcpbuf_model_growth *t)
{
	const json_t *cfg = json_object_get(cell, "cfg");
	int tun = is(cell, "path", "tun");

	memset(t, 0, sizeof(*t));
	t->size = sizeof(*t);
	t->congestion = is(cfg, "cc", "bbr") ? TCPBUF_CONGESTION_BBR : TCPBUF_CONGESTION_CUBIC;
	t->moderate_rcvbuf = (uint32_t)number(cfg, "moderate_rcvbuf");
	t->low_rtt_us = 1000;
	t->rtt_us = (uint32_t)number(cfg, "rtt_us");
	t->queue_packets = (uint32_t)number(cfg, "qlen");
	t->gso = !tun && number(cfg, "gso") != 0;
	t->segment_truesize = tun ? TUN_SEGMENT : 0;
	t->interval_us = t->rtt_us / 2 < 1000 ? 1000 : t->rtt_us / 2;
	t->duration_us = number(cfg, "seconds") * 1000000;
	t->rate_bps = number(cfg, "mbit") * 1000000;
	read_reader(cfg, t);
	t->link.size = sizeof(t->link);
	t->link.mtu = (uint32_t)number(cfg, "mtu");
	t->link.family = 2;
	read_end(cfg, rules, &t->link.client);
	read_end(cfg, rules, &t->link.server);
	t->link.server.so_rcvbuf = (int32_t)number(cfg, "rcvbuf");
	t->link.server.set_rcvbuf = t->link.server.so_rcvbuf != 0;
}

static int index_in(const int64_t *values, int count, int64_t value)
{
	for (int i = 0; i < count; i++)
		if (values[i] == value)
			return i;
	return -1;
}

/* The cell that the recorder ran before this one of the group `fast`; 0 when there is none. */
static int cell_before(const struct tcpbuf_model_growth *t, struct tcpbuf_model_growth *before)
{
	int rtt = index_in(fast_rtt, 4, t->rtt_us), mbit = index_in(fast_mbit, 3, t->rate_bps / 1000000);
	int rmem = index_in(fast_rmem, 4, t->link.server.rmem[2]), place = (rtt * 3 + mbit) * 4 + rmem - 1;

	if (rtt < 0 || mbit < 0 || rmem < 0 || place < 0)
		return 0;
	*before = *t;
	before->rtt_us = (uint32_t)fast_rtt[place / 12];
	before->rate_bps = fast_mbit[place / 4 % 3] * 1000000;
	before->link.client.rmem[2] = before->link.server.rmem[2] = fast_rmem[place % 4];
	return 1;
}

/* All cells shared one link: what the one before left in its queue, the handshake had to wait for. */
static void fill_queue(const struct tcpbuf_rules *rules, struct tcpbuf_model_growth *t)
{
	struct tcpbuf_model_growth_result result;
	struct tcpbuf_model_growth before;
	int64_t left;

	if (!cell_before(t, &before) || tcpbuf_model_growth(rules, &before, NULL, 0, 0, &result, sizeof(result)) < 0)
		return;
	left = result.last.srtt_us - before.rtt_us - BETWEEN_CELLS_US;
	if (left > t->rtt_us)
		t->handshake_rtt_us = (uint32_t)left;
}

static json_t *row_json(const struct tcpbuf_model_growth_sample *s)
{
	const int64_t row[] = {s->time_us, s->rcvbuf, s->rmem_alloc, s->rcv_ssthresh, s->rcv_space, s->rcv_mss,
		s->rcv_rtt_us, s->rcv_wnd, s->window_clamp, s->received, s->read, s->drops, s->sndbuf,
		s->wmem_queued, 0, s->snd_cwnd, s->srtt_us, s->snd_wnd, s->unacked, s->acked, s->retrans};
	json_t *out = json_array();

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		json_array_append_new(out, json_integer(row[i]));
	return out;
}

/* The recorder sampled every interval for 0.6 s, then at least 20 ms apart. */
static json_t *rows_json(const struct tcpbuf_model_growth *t, const struct tcpbuf_model_growth_sample *rows,
	int64_t count)
{
	json_t *out = json_array();

	for (int64_t at = 0; at < t->duration_us && at / t->interval_us < count;) {
		json_array_append_new(out, row_json(&rows[at / t->interval_us]));
		at += at >= 600000 && t->interval_us < 20000 ? 20000 : t->interval_us;
	}
	return out;
}

void replay_trajectory(const json_t *cell, json_t *out)
{
	struct tcpbuf_model_growth_sample *rows = NULL;
	struct tcpbuf_model_growth_result result;
	struct tcpbuf_model_growth t;
	struct tcpbuf_rules rules;
	int64_t count;

	if (tcpbuf_rules_named(json_string_value(json_object_get(cell, "kernel")), &rules, sizeof(rules)) != 0)
		return;
	read_transfer(cell, &rules, &t);
	if (is(cell, "group", "fast") && is(cell, "path", "veth"))
		fill_queue(&rules, &t);
	rows = calloc(MAX_ROWS, sizeof(*rows));
	count = rows ? tcpbuf_model_growth(&rules, &t, rows, MAX_ROWS, sizeof(*rows), &result, sizeof(result)) : -1;
	if (count > 0) {
		const struct tcpbuf_model_growth_sample *end = &result.last;

		json_object_set_new(out, "receiver",
			json_pack("{s:I, s:I, s:I, s:I}", "rcvbuf", end->rcvbuf, "clamp", end->window_clamp,
				"rcv_ssthresh", end->rcv_ssthresh, "rcv_space", end->rcv_space));
		json_object_set_new(out, "sender",
			json_pack("{s:I, s:I, s:I}", "sndbuf", end->sndbuf, "cwnd", end->snd_cwnd, "snd_wnd",
				end->snd_wnd));
		json_object_set_new(out, "samples", rows_json(&t, rows, count));
	}
	free(rows);
}
