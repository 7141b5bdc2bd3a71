/* SPDX-License-Identifier: MIT */
/* One handshake, packet by packet. */
#include "model/model.h"

#define TIMESTAMP_SPACE 12
#define TCP_MIN_MSS 88
#define TCP_MSS_DEFAULT 536
#define INIT_CWND 10
#define MAX_WSCALE 14
#define LOCK_SNDBUF 1u
#define LOCK_RCVBUF 2u

/* A socket on its way, and whose settings it follows. */
struct end {
	const struct tcpbuf_rules *rules;
	const struct tcpbuf_model_end *set;
	struct tcpbuf_model_state st;
	int64_t raw_advmss; /* MSS option that is sent */
	int64_t mss_clamp;
};

static int64_t full_space(const struct end *e)
{
	return tcpbuf__model_win(e->rules, e->set->adv_win_scale, e->st.rcvbuf);
}

static int64_t round_down(int64_t value, int64_t unit)
{
	return value - value % unit;
}

/* socket(), then the options that are set before connect() or listen(). */
static void open_socket(struct end *e)
{
	const struct tcpbuf_model_end *set = e->set;
	int64_t ssthresh = 0;

	e->st.rcvbuf = set->rmem[1];
	e->st.sndbuf = set->wmem[1];
	if (set->set_rcvbuf) {
		e->st.rcvbuf = tcpbuf__model_buffer(
			set->so_rcvbuf, set->rmem_max, tcpbuf__model_min_rcvbuf(e->rules));
		e->st.lock |= LOCK_RCVBUF;
		if (e->rules->rcvbuf_moves_clamp)
			tcpbuf__model_set_clamp(e->rules, full_space(e), 0, &e->st.window_clamp, &ssthresh);
	}
	if (set->set_sndbuf) {
		e->st.sndbuf = tcpbuf__model_buffer(
			set->so_sndbuf, set->wmem_max, tcpbuf__model_min_sndbuf(e->rules));
		e->st.lock |= LOCK_SNDBUF;
	}
	if (set->set_clamp && set->window_clamp)
		tcpbuf__model_set_clamp(e->rules, set->window_clamp, 0, &e->st.window_clamp, &ssthresh);
	else if (set->set_clamp)
		e->st.window_clamp = 0;
}

/* ip_default_advmss(), ip6_default_advmss(), then TCP_MAXSEG. */
static int64_t advmss_of(const struct tcpbuf_model_link *link, const struct tcpbuf_model_end *set)
{
	int64_t mss = link->family == 10 ? tcpbuf__max((int64_t)link->mtu - 60, 1220)
					 : tcpbuf__max((int64_t)link->mtu - 40, 256);

	if (link->family == 2)
		mss = tcpbuf__min(mss, 65535 - 40);
	return set->maxseg ? tcpbuf__min(mss, set->maxseg) : mss;
}

static uint32_t scale_for(int64_t space)
{
	uint32_t bits = 0;

	while (bits < MAX_WSCALE && space >> (bits + 16))
		bits++;
	return bits;
}

static int64_t initial_rcv_wnd(const struct end *e, int64_t space, int64_t mss)
{
	int64_t wnd = space;

	if (e->set->signed_windows)
		wnd = tcpbuf__min(wnd, 32767);
	else if (e->rules->initial_cap)
		wnd = tcpbuf__min(wnd, e->rules->initial_cap);
	if (e->set->initrwnd) {
		uint64_t most = (uint64_t)e->set->initrwnd * (uint64_t)mss;

		if (!e->rules->initrwnd_64)
			most = (uint32_t)most;
		if ((uint64_t)wnd > most)
			wnd = (int64_t)most;
	}
	return wnd;
}

/* tcp_select_initial_window(), net/ipv4/tcp_output.c. */
static void select_initial_window(struct end *e, int64_t mss, int scale)
{
	int64_t clamp = e->st.window_clamp ? e->st.window_clamp : e->set->route_window;
	int64_t space = tcpbuf__max(full_space(e), 0);

	if ((e->st.lock & LOCK_RCVBUF) && (clamp == 0 || clamp > space))
		clamp = space;
	if (clamp == 0)
		clamp = 65535 << MAX_WSCALE;
	space = tcpbuf__min(space, clamp);
	if (space > mss)
		space = round_down(space, mss);
	e->st.rcv_wnd = initial_rcv_wnd(e, space, mss);
	e->st.rcv_wscale = 0;
	if (scale) {
		space = tcpbuf__max(tcpbuf__max(space, e->set->rmem[2]), e->set->rmem_max);
		e->st.rcv_wscale = scale_for(tcpbuf__min(space, clamp));
	}
	e->st.window_clamp = tcpbuf__min(clamp, (int64_t)65535 << e->st.rcv_wscale);
	e->st.rcv_ssthresh = e->st.rcv_wnd;
}

/* tcp_sync_mss() with tcp_bound_to_half_wnd(). */
static void sync_mss(struct end *e, const struct tcpbuf_model_link *link, int timestamps)
{
	int64_t header = 20 + (timestamps ? TIMESTAMP_SPACE : 0);
	int64_t mss = (int64_t)link->mtu - (link->family == 10 ? 60 : 40), cutoff;

	mss = tcpbuf__max(tcpbuf__min(mss, e->mss_clamp), 48) - (header - 20);
	cutoff = e->st.snd_wnd > TCP_MSS_DEFAULT ? e->st.snd_wnd >> 1 : e->st.snd_wnd;
	if (cutoff && mss > cutoff)
		mss = tcpbuf__max(cutoff, 68 - header);
	e->st.snd_mss = mss;
}

/* tcp_initialize_rcv_mss(). */
static void init_rcv_mss(struct end *e)
{
	int64_t hint = tcpbuf__min(e->st.advmss, e->st.snd_mss);

	hint = tcpbuf__min(tcpbuf__min(hint, e->st.rcv_wnd / 2), TCP_MSS_DEFAULT);
	e->st.rcv_mss = tcpbuf__max(hint, TCP_MIN_MSS);
}

int64_t tcpbuf__model_sndbuf(const struct tcpbuf_rules *rules, int64_t mss, int64_t segments, uint32_t factor)
{
	int64_t packet = tcpbuf__model_power(mss + rules->max_tcp_header + rules->shared_info) + rules->sk_buff;

	return factor * segments * packet;
}

/* tcp_sndbuf_expand(). */
static void expand_sndbuf(struct end *e)
{
	int64_t want = tcpbuf__model_sndbuf(
		e->rules, tcpbuf__max(e->mss_clamp, e->st.snd_mss), INIT_CWND, e->set->sndbuf_factor);

	if (e->st.sndbuf < want)
		e->st.sndbuf = tcpbuf__min(want, e->set->wmem[2]);
}

/* tcp_init_buffer_space(), net/ipv4/tcp_input.c. */
static void init_buffer_space(struct end *e, int64_t advmss)
{
	int64_t maxwin = full_space(e), clamp = e->st.window_clamp;
	uint32_t app_win = e->set->app_win;

	if (!(e->st.lock & LOCK_SNDBUF))
		expand_sndbuf(e);
	if (clamp >= maxwin) {
		clamp = maxwin;
		if (app_win && maxwin > 4 * advmss)
			clamp = tcpbuf__max(maxwin - (maxwin >> app_win), 4 * advmss);
	}
	if (app_win && clamp > 2 * advmss && clamp + advmss > maxwin)
		clamp = tcpbuf__max(2 * advmss, maxwin - advmss);
	e->st.window_clamp = clamp;
	e->st.rcv_ssthresh = tcpbuf__min(e->st.rcv_ssthresh, clamp);
	e->st.rcv_space = tcpbuf__min(tcpbuf__min(e->st.rcv_ssthresh, e->st.rcv_wnd), INIT_CWND * advmss);
}

/* The field of the next ACK; @charged is memory not yet given back. */
static int64_t select_window(struct end *e, int64_t charged)
{
	struct tcpbuf__offer offer = {
		.space = tcpbuf__model_win(e->rules, e->set->adv_win_scale, e->st.rcvbuf - charged),
		.full = full_space(e), .window_clamp = e->st.window_clamp, .rcv_ssthresh = e->st.rcv_ssthresh,
		.rcv_mss = e->st.rcv_mss, .rcv_wnd = e->st.rcv_wnd, .wscale = e->st.rcv_wscale,
		.shrink = e->rules->shrink_window && e->set->shrink_window};

	return tcpbuf__model_offer_window(
		&offer, e->st.rcv_wnd, e->set->signed_windows != 0, &e->st.rcv_wnd);
}

static void no_scaling(struct end *e)
{
	e->st.rcv_wscale = 0;
	e->st.window_clamp = tcpbuf__min(e->st.window_clamp, 65535);
}

static void send_syn(struct end *client, struct tcpbuf_model_handshake *out)
{
	int scale = client->set->window_scaling != 0;

	select_initial_window(client, client->raw_advmss, scale);
	out->syn_win = tcpbuf__min(client->st.rcv_wnd, 65535);
	out->syn_wscale = scale ? (int64_t)client->st.rcv_wscale : -1;
	out->syn_mss = client->raw_advmss;
}

static void send_synack(struct end *server, int scale, int timestamps, struct tcpbuf_model_handshake *out)
{
	select_initial_window(server, server->raw_advmss - (timestamps ? TIMESTAMP_SPACE : 0), scale);
	out->synack_win = tcpbuf__min(server->st.rcv_wnd, 65535);
	out->synack_wscale = scale ? (int64_t)server->st.rcv_wscale : -1;
	out->synack_mss = server->raw_advmss;
}

/* What both ends do once they know the other's first packet. @advmss is the one used for the clamp. */
static void establish(struct end *e, const struct tcpbuf_model_link *link, int scale, int timestamps, int64_t advmss)
{
	if (!scale)
		no_scaling(e);
	e->st.wscale_on = (uint32_t)scale;
	e->st.advmss = e->raw_advmss - (timestamps ? TIMESTAMP_SPACE : 0);
	sync_mss(e, link, timestamps);
	init_rcv_mss(e);
	init_buffer_space(e, advmss);
}

static int64_t clamp_mss(int64_t peer, const struct tcpbuf_model_end *set)
{
	return set->maxseg ? tcpbuf__min(peer, set->maxseg) : peer;
}

static void shake(struct end *client, struct end *server, const struct tcpbuf_model_link *link,
	struct tcpbuf_model_handshake *out)
{
	int scale = client->set->window_scaling && server->set->window_scaling;
	int timestamps = client->set->timestamps && server->set->timestamps;
	int64_t reduced;

	send_syn(client, out);
	send_synack(server, scale, timestamps, out);
	client->mss_clamp = clamp_mss(out->synack_mss, client->set);
	server->mss_clamp = clamp_mss(out->syn_mss, server->set);

	client->st.snd_wnd = out->synack_win;
	client->st.snd_wscale = scale ? server->st.rcv_wscale : 0;
	establish(client, link, scale, timestamps, client->raw_advmss - (timestamps ? TIMESTAMP_SPACE : 0));
	out->ack_win = select_window(client, link->local ? client->rules->skb_head : 0);

	server->st.snd_wscale = client->st.rcv_wscale;
	server->st.snd_wnd = out->ack_win << client->st.rcv_wscale;
	reduced = timestamps && server->rules->server_advmss_reduced ? TIMESTAMP_SPACE : 0;
	establish(server, link, scale, timestamps, server->raw_advmss - reduced);
}

int tcpbuf__model_reserved(const struct tcpbuf_model_end *set)
{
	for (uint32_t i = 0; i < sizeof(set->reserved) / sizeof(set->reserved[0]); i++)
		if (set->reserved[i])
			return 1;
	return 0;
}

static int bad_end(const struct tcpbuf_model_end *set)
{
	for (int i = 0; i < 3; i++)
		if (set->rmem[i] < 1 || set->rmem[i] > INT32_MAX || set->wmem[i] < 1 || set->wmem[i] > INT32_MAX)
			return 1;
	return tcpbuf__model_reserved(set) || set->rmem_max < 0 || set->rmem_max > INT32_MAX || set->wmem_max < 0 || set->wmem_max > INT32_MAX ||
		set->adv_win_scale < -31 || set->adv_win_scale > 31 || set->app_win > 31 ||
		set->sndbuf_factor < 1 || set->sndbuf_factor > 16 || (set->maxseg && set->maxseg < TCP_MIN_MSS);
}

static int bad_link(const struct tcpbuf_model_link *link)
{
	if (link->family != 2 && link->family != 10)
		return 1;
	return link->mtu < (link->family == 10 ? 1280u : 68u) || link->mtu > 65536 || bad_end(&link->client) ||
		bad_end(&link->server);
}

int tcpbuf_model_handshake(const struct tcpbuf_rules *rules, const struct tcpbuf_model_link *link, void *out,
	uint32_t out_size)
{
	struct tcpbuf_model_handshake result;
	struct tcpbuf_model_link l;
	struct tcpbuf_rules r;
	int err = tcpbuf__model_rules(&r, rules);

	if (!err)
		err = tcpbuf__copy_in(&l, sizeof(l), link);
	if (err)
		return err;
	if (!out || bad_link(&l))
		return -EINVAL;
	memset(&result, 0, sizeof(result));

	struct end client = {.rules = &r, .set = &l.client, .raw_advmss = advmss_of(&l, &l.client)};
	struct end server = {.rules = &r, .set = &l.server, .raw_advmss = advmss_of(&l, &l.server)};

	open_socket(&client);
	open_socket(&server);
	result.listen_rcvbuf = server.st.rcvbuf;
	result.listen_sndbuf = server.st.sndbuf;
	result.listen_clamp = server.st.window_clamp;
	shake(&client, &server, &l, &result);
	result.window_rule = r.window;
	result.verified = r.verified;
	result.client = client.st;
	result.server = server.st;
	tcpbuf__copy_out(out, out_size, &result, sizeof(result));
	return 0;
}
