/* SPDX-License-Identifier: MIT */
/* What packets and sockets cost: truesize, ratio, pages. */
#include "model/model.h"

enum {
	MOST_PAYLOAD = 65535,
	/* Room before the payload of a received frame: NET_SKB_PAD, Ethernet, IPv4, TCP with timestamps. */
	LINEAR_HEADERS = 64 + 14 + 20 + 32
};

static int64_t truesize(const struct tcpbuf_rules *r, uint32_t carrier, int64_t payload)
{
	switch (carrier) {
	case TCPBUF_CARRIER_LOCAL:
		return payload + r->skb_head;
	case TCPBUF_CARRIER_LINEAR:
		return tcpbuf__model_power(payload + LINEAR_HEADERS + r->shared_info) + r->sk_buff;
	case TCPBUF_CARRIER_HALF_PAGE:
		return tcpbuf__model_units(payload, r->page_size / 2) * (r->page_size / 2) + r->sk_buff;
	case TCPBUF_CARRIER_PAGE:
		return tcpbuf__model_units(payload, r->page_size) * r->page_size + r->sk_buff;
	default:
		return INT64_MIN;
	}
}

int64_t tcpbuf_model_truesize(const struct tcpbuf_rules *rules, uint32_t carrier, int64_t payload)
{
	struct tcpbuf_rules r;

	if (tcpbuf__model_rules(&r, rules) || payload < 1 || payload > MOST_PAYLOAD)
		return INT64_MIN;
	return truesize(&r, carrier, payload);
}

uint32_t tcpbuf_model_ratio(int64_t payload, int64_t truesize)
{
	if (payload < 0 || payload >= truesize || truesize > INT32_MAX)
		return 0;
	return (uint32_t)tcpbuf__max((payload << 8) / truesize, 1);
}

int tcpbuf_model_memory(const struct tcpbuf_rules *rules, int64_t sockets, int64_t held, uint32_t cpus, void *out,
	uint32_t out_size)
{
	struct tcpbuf_model_memory m;
	struct tcpbuf_rules r;
	int err = tcpbuf__model_rules(&r, rules);

	if (err)
		return err;
	if (!out || sockets < 0 || sockets > INT32_MAX || held < 0 || held > INT32_MAX || cpus > 65536)
		return -EINVAL;
	memset(&m, 0, sizeof(m));
	m.pages_least = sockets * tcpbuf__model_units(held, r.charge_unit);
	m.pages_most = sockets * ((held + r.charge_keep - 1) / r.charge_unit);
	m.bytes_least = m.pages_least * r.charge_unit;
	m.bytes_most = m.pages_most * r.charge_unit;
	m.error_pages = (int64_t)cpus * r.pcpu_reserve;
	m.sockstat_least = tcpbuf__max(m.pages_least - m.error_pages, 0);
	m.sockstat_most = m.pages_most + m.error_pages;
	m.verified = r.verified;
	tcpbuf__copy_out(out, out_size, &m, sizeof(m));
	return 0;
}
