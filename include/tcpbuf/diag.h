/* SPDX-License-Identifier: MIT */
/* Sockets of a namespace: their memory, windows and state, over sock_diag netlink. */
#ifndef TCPBUF_DIAG_H
#define TCPBUF_DIAG_H

#include <tcpbuf/api.h>

#ifdef __cplusplus
extern "C" {
#endif

struct tcpbuf;
struct tcpbuf_netns;

/* A dump in progress; see tcpbuf_sock_iter_open(). */
struct tcpbuf_sock_iter;

/* Socket states, include/net/tcp_states.h. A mask has bit (1 << state). */
enum tcpbuf_sock_state {
	TCPBUF_SOCK_ESTABLISHED = 1,
	TCPBUF_SOCK_SYN_SENT = 2,
	TCPBUF_SOCK_SYN_RECV = 3,
	TCPBUF_SOCK_FIN_WAIT1 = 4,
	TCPBUF_SOCK_FIN_WAIT2 = 5,
	TCPBUF_SOCK_TIME_WAIT = 6,
	TCPBUF_SOCK_CLOSE = 7,
	TCPBUF_SOCK_CLOSE_WAIT = 8,
	TCPBUF_SOCK_LAST_ACK = 9,
	TCPBUF_SOCK_LISTEN = 10,
	TCPBUF_SOCK_CLOSING = 11,
	TCPBUF_SOCK_NEW_SYN_RECV = 12, /* a request of a listener: shows as SYN_RECV */
	TCPBUF_SOCK_BOUND_INACTIVE = 13 /* bound, neither listening nor connected: shows as CLOSE; Linux 6.8 */
};

/*
 * Groups of fields that a kernel gives or not as a whole: bits of tcpbuf_sock.valid.
 * The INFO groups are the steps in which struct tcp_info grew; each one implies those before it.
 */
enum tcpbuf_sock_group {
	TCPBUF_SOCK_HAS_QUEUE = 1 << 0,          /* recv_q, send_q; not of LISTEN */
	TCPBUF_SOCK_HAS_LISTEN = 1 << 1,         /* accept_queue, accept_queue_limit; LISTEN only */
	TCPBUF_SOCK_HAS_SKMEM = 1 << 2,          /* rmem_alloc .. backlog, held; not of TIME_WAIT, SYN_RECV */
	TCPBUF_SOCK_HAS_DROPS = 1 << 3,          /* drops; Linux 4.7 */
	TCPBUF_SOCK_HAS_INFO = 1 << 4,           /* ca_state .. total_retrans; not of LISTEN, TIME_WAIT, SYN_RECV */
	TCPBUF_SOCK_HAS_INFO_BYTES = 1 << 5,     /* pacing_rate .. bytes_received; Linux 4.1 */
	TCPBUF_SOCK_HAS_INFO_SEGS = 1 << 6,      /* segs_out .. data_segs_out; Linux 4.6 */
	TCPBUF_SOCK_HAS_INFO_LIMITS = 1 << 7,    /* delivery_rate .. sndbuf_limited; Linux 4.10 */
	TCPBUF_SOCK_HAS_INFO_DELIVERED = 1 << 8, /* delivered .. reord_seen; Linux 4.19 */
	TCPBUF_SOCK_HAS_INFO_SND_WND = 1 << 9,   /* rcv_ooopack, snd_wnd; Linux 5.4 */
	TCPBUF_SOCK_HAS_INFO_RCV_WND = 1 << 10,  /* rcv_wnd, rehash; Linux 6.2 */
	TCPBUF_SOCK_HAS_INFO_RTO = 1 << 11,      /* total_rto .. total_rto_time; Linux 6.7 */
	TCPBUF_SOCK_HAS_INFO_ACCECN = 1 << 12,   /* received_ce .. accecn_word; Linux 6.18 */
	TCPBUF_SOCK_HAS_TIMER = 1 << 13,         /* timer .. timer_ms */
	TCPBUF_SOCK_HAS_SHUTDOWN = 1 << 14,      /* shutdown; not of TIME_WAIT, SYN_RECV */
	TCPBUF_SOCK_HAS_CGROUP = 1 << 15,        /* cgroup_id; not of TIME_WAIT, SYN_RECV; Linux 5.10 */
	TCPBUF_SOCK_HAS_MARK = 1 << 16,          /* mark; CAP_NET_ADMIN in the namespace's user namespace */
	TCPBUF_SOCK_HAS_CONG = 1 << 17,          /* cong_name; WANT_CONG */
	TCPBUF_SOCK_HAS_ULP = 1 << 18,           /* ulp_name, when there is one; WANT_INFO; Linux 5.4 (needs CAP_NET_ADMIN), 6.17 */
	TCPBUF_SOCK_HAS_BBR = 1 << 19,           /* bbr_bw .. bbr_cwnd_gain; WANT_CONG_INFO */
	TCPBUF_SOCK_HAS_DCTCP = 1 << 20,         /* dctcp_enabled .. dctcp_ab_tot; WANT_CONG_INFO */
	TCPBUF_SOCK_HAS_VEGAS = 1 << 21          /* vegas_enabled .. vegas_minrtt, also of some others; WANT_CONG_INFO */
};

/* What a dump asks the kernel for: bits of tcpbuf_sock_query.want. */
enum tcpbuf_sock_want {
	TCPBUF_SOCK_WANT_SKMEM = 1 << 0, /* memory; cheap */
	TCPBUF_SOCK_WANT_INFO = 1 << 1,  /* tcp_info, ULP; takes each socket's lock */
	TCPBUF_SOCK_WANT_CONG = 1 << 2,  /* name of the congestion control */
	TCPBUF_SOCK_WANT_CONG_INFO = 1 << 3 /* its own state, where it tells one: BBR, DCTCP, Vegas */
};

/*
 * Which sockets, and which groups of them. Set size; all else zero means: every socket.
 * What is set must hold together, and the kernel picks: a socket left out costs a fifth of one handed out.
 * Addresses are compared as struct tcpbuf_sock shows them: a v4-mapped socket is IPv4.
 */
struct tcpbuf_sock_query {
	uint32_t size;    /* sizeof(struct tcpbuf_sock_query) */
	uint32_t states;  /* mask of 1 << enum tcpbuf_sock_state; SYN_RECV includes NEW_SYN_RECV;
	                     0: all but BOUND_INACTIVE, whose search goes over every bound socket again */
	uint32_t want;    /* mask of enum tcpbuf_sock_want; 0: SKMEM and INFO */
	uint32_t ifindex; /* interface that the socket is bound to; 0: any or none */
	uint32_t local_port_min; /* 0..65535, with the next; both 0: any */
	uint32_t local_port_max;
	uint32_t remote_port_min; /* the same; 0 is the remote port of a listener */
	uint32_t remote_port_max;
	uint32_t local_family; /* 2 IPv4, 10 IPv6; 0: any address */
	uint32_t local_prefix; /* leading bits of local_address that count, 0..32 or 0..128; 0: any of that family */
	uint32_t remote_family;
	uint32_t remote_prefix;
	uint8_t local_address[16]; /* network order; IPv4 in the first 4 bytes */
	uint8_t remote_address[16];
	uint32_t mark;      /* SO_MARK, in the bits of mark_mask; needs CAP_NET_ADMIN in the namespace's user namespace */
	uint32_t mark_mask; /* 0: any mark */
	uint64_t cgroup_id; /* cgroup2 id, the inode of its directory; 0: any. Linux 5.9 */
};

/*
 * One socket. A field means something only while its group's bit is in valid
 * (the fields from cookie to inode always do); absent fields are zero.
 * tcpbuf_sock_has() answers by name. Bytes, unless a field says otherwise.
 */
struct tcpbuf_sock {
	uint64_t valid;  /* mask of enum tcpbuf_sock_group */
	uint64_t cookie; /* identity of the socket until reboot; 0 only for TIME_WAIT of old kernels */

	uint32_t family;        /* of the addresses: 2 IPv4, 10 IPv6; a v4-mapped address is IPv4 here */
	uint32_t socket_family; /* of the socket itself: 2 or 10 */
	uint32_t state;         /* enum tcpbuf_sock_state */
	uint32_t ifindex;       /* interface that the socket is bound to, or 0 */
	uint8_t local_address[16];  /* network order; IPv4 in the first 4 bytes, the rest zero */
	uint8_t remote_address[16]; /* the same */
	uint32_t local_port;
	uint32_t remote_port; /* 0: none */
	uint32_t uid;         /* of the socket's owner, in the reader's user namespace */
	uint32_t inode;       /* 0: not accepted yet, or orphaned, or TIME_WAIT */
	/* HAS_TIMER */
	uint32_t timer;       /* 0 off, 1 retransmit, 2 keepalive, 3 TIME_WAIT, 4 zero-window probe, 5 delayed ACK */
	uint32_t timer_retransmits; /* retransmissions, or probes sent by that timer */
	uint32_t timer_ms;          /* until it fires */
	uint32_t shutdown;          /* HAS_SHUTDOWN: bit 0: receive side shut, bit 1: send side */

	/* HAS_QUEUE: payload only. recv_q excludes out-of-order data; send_q counts unsent and unacknowledged. */
	uint32_t recv_q;
	uint32_t send_q;
	/* HAS_LISTEN: connections, not bytes. Full when accept_queue is above the limit. */
	uint32_t accept_queue;
	uint32_t accept_queue_limit;

	/* HAS_SKMEM: truesize, payload with overhead; sk_get_meminfo(), net/core/sock.c. */
	uint32_t rmem_alloc;  /* receive queue */
	uint32_t rcvbuf;      /* limit, not use */
	uint32_t wmem_alloc;  /* handed to the device or qdisc; part of wmem_queued */
	uint32_t sndbuf;      /* limit, not use */
	int32_t fwd_alloc;    /* charged ahead; may be negative */
	uint32_t wmem_queued; /* send queue, unacknowledged data included */
	uint32_t optmem;      /* options and filters */
	uint32_t backlog;     /* waiting for the socket's lock */
	uint32_t drops;       /* HAS_DROPS: packets, zero-window probes among them */
	uint32_t padding;     /* 0 */
	int64_t held;         /* rmem_alloc + wmem_queued + fwd_alloc: what a memory cgroup is charged */

	/* HAS_INFO: struct tcp_info, include/uapi/linux/tcp.h. */
	uint32_t ca_state;
	uint32_t retransmits;
	uint32_t probes;
	uint32_t backoff;
	uint32_t options;    /* 1 timestamps, 2 SACK, 4 window scale, 8 ECN, 16 ECN seen, 32 SYN data */
	uint32_t snd_wscale; /* of the peer's window, 0..14 */
	uint32_t rcv_wscale; /* of the own window, 0..14 */
	uint32_t app_limited; /* 1: delivery_rate was limited by the application */
	uint32_t fastopen_client_fail;
	uint32_t padding_info; /* 0 */
	uint32_t rto; /* us */
	uint32_t ato; /* us */
	uint32_t snd_mss;
	uint32_t rcv_mss;
	uint32_t unacked; /* segments, as the next four */
	uint32_t sacked;
	uint32_t lost;
	uint32_t retrans;
	uint32_t fackets;
	uint32_t last_data_sent; /* ms ago, as the next three */
	uint32_t last_ack_sent;
	uint32_t last_data_recv;
	uint32_t last_ack_recv;
	uint32_t pmtu;
	uint32_t rcv_ssthresh;
	uint32_t rtt;    /* us */
	uint32_t rttvar; /* us */
	uint32_t snd_ssthresh; /* segments, as the next */
	uint32_t snd_cwnd;
	uint32_t advmss;
	uint32_t reordering; /* segments */
	uint32_t rcv_rtt;    /* us */
	uint32_t rcv_space;
	uint32_t total_retrans; /* segments */
	/* HAS_INFO_BYTES */
	uint64_t pacing_rate;     /* bytes/s; all ones: not limited */
	uint64_t max_pacing_rate; /* bytes/s; all ones: not limited */
	uint64_t bytes_acked;
	uint64_t bytes_received;
	/* HAS_INFO_SEGS */
	uint32_t segs_out;
	uint32_t segs_in;
	uint32_t notsent_bytes;
	uint32_t min_rtt; /* us; all ones: never measured */
	uint32_t data_segs_in;
	uint32_t data_segs_out;
	/* HAS_INFO_LIMITS */
	uint64_t delivery_rate; /* bytes/s */
	uint64_t busy_time;     /* us with data to send */
	uint64_t rwnd_limited;  /* us of it limited by the peer's window */
	uint64_t sndbuf_limited; /* us of it limited by the send buffer */
	/* HAS_INFO_DELIVERED */
	uint32_t delivered; /* segments */
	uint32_t delivered_ce;
	uint64_t bytes_sent;
	uint64_t bytes_retrans;
	uint32_t dsack_dups;
	uint32_t reord_seen;
	/* HAS_INFO_SND_WND */
	uint32_t rcv_ooopack; /* segments */
	uint32_t snd_wnd;     /* the peer's window, scaled; zero is a closed window */
	/* HAS_INFO_RCV_WND */
	uint32_t rcv_wnd; /* last computed own window, unscaled: may exceed what the 16-bit field said */
	uint32_t rehash;
	/* HAS_INFO_RTO */
	uint16_t total_rto;
	uint16_t total_rto_recoveries;
	uint32_t total_rto_time; /* ms */
	/* HAS_INFO_ACCECN */
	uint32_t received_ce;
	uint32_t delivered_e1_bytes;
	uint32_t delivered_e0_bytes;
	uint32_t delivered_ce_bytes;
	uint32_t received_e1_bytes;
	uint32_t received_e0_bytes;
	uint32_t received_ce_bytes;
	uint32_t accecn_word; /* raw: two 16-bit fields in Linux 6.18, bit-fields from 7.0 */
	/* HAS_CGROUP: cgroup2 id of the socket, the inode of its directory; set when the socket was made or accepted. */
	uint64_t cgroup_id;
	/* HAS_BBR */
	uint64_t bbr_bw;          /* bytes/s, the highest seen lately */
	uint32_t bbr_min_rtt;     /* us */
	uint32_t bbr_pacing_gain; /* in 1/256, as the next */
	uint32_t bbr_cwnd_gain;
	uint32_t mark; /* HAS_MARK: SO_MARK */
	/* HAS_DCTCP */
	uint32_t dctcp_enabled; /* 0: without ECN, it acts as Reno */
	uint32_t dctcp_ce_state;
	uint32_t dctcp_alpha; /* share of marked bytes, in 1/1024 */
	uint32_t dctcp_ab_ecn; /* bytes acknowledged with a mark in this window */
	uint32_t dctcp_ab_tot; /* bytes acknowledged in this window */
	/* HAS_VEGAS */
	uint32_t vegas_enabled;
	uint32_t vegas_rttcnt; /* samples in this round trip */
	uint32_t vegas_rtt;    /* us, as the next */
	uint32_t vegas_minrtt;
	uint32_t padding_vegas; /* 0 */
	char cong_name[16]; /* HAS_CONG: "cubic", "bbr" */
	char ulp_name[16];  /* HAS_ULP: "tls", "mptcp" */
};

/*
 * Start a dump of a namespace's TCP sockets, IPv4 and IPv6. A dump is not a
 * snapshot: a socket may be missed or seen twice while others come and go; the cookie tells.
 * @query NULL: as one with nothing but its size set.
 * Close the iterator with tcpbuf_sock_iter_close() before its namespace.
 * Returns 0; -EINVAL: NULL, bad size, unknown bit, a filter that no socket could pass; -E2BIG: query newer than the
 * library; -EPERM: entering the namespace needs CAP_SYS_ADMIN in its user namespace (none for one's own), a mark
 * needs CAP_NET_ADMIN there; -EOPNOTSUPP: kernel without sock_diag for TCP, or without that filter;
 * -EACCES: a security module forbids; -EAGAIN: no more threads; -EIO, -EMFILE, -ENFILE, -ENOMEM, -ENOBUFS.
 * Since 0.9. Kernel: inet_diag, tcp_diag; inet_diag_bc_run().
 */
TCPBUF_API int tcpbuf_sock_iter_open(
	struct tcpbuf_netns *ns, const struct tcpbuf_sock_query *query, struct tcpbuf_sock_iter **out);

/*
 * The next socket.
 * @out a struct tcpbuf_sock of @out_size bytes; zeroed beyond what the library knows.
 * Returns 1; 0 at the end, only when the kernel said that the dump is complete; or
 * -EAGAIN at the end: the kernel says that the dump was disturbed, sockets may be missing or doubled;
 * -ENOBUFS: the kernel dropped part of the answer; -EMSGSIZE: an answer was cut off; -EPROTO: malformed answer;
 * -EACCES, -EIO, -ENOMEM; -EINVAL; or the kernel's own refusal. After a failure the iterator only repeats it. Since 0.9.
 */
TCPBUF_API int tcpbuf_sock_iter_next(struct tcpbuf_sock_iter *it, void *out, uint32_t out_size);

/*
 * The next sockets, many at a time.
 * @items @count records, each @item_size bytes apart; 1 <= count <= INT32_MAX.
 * Returns how many were filled; 0 at the end; a failure as tcpbuf_sock_iter_next(), after the
 * sockets before it have been handed out. Since 0.9.
 */
TCPBUF_API int tcpbuf_sock_iter_fetch(
	struct tcpbuf_sock_iter *it, void *items, uint32_t item_size, uint32_t count);

/* End a dump, finished or not. NULL is accepted. Since 0.9. */
TCPBUF_API void tcpbuf_sock_iter_close(struct tcpbuf_sock_iter *it);

/* One socket by where it ends, as its record tells it. Set size. */
struct tcpbuf_sock_id {
	uint32_t size;    /* sizeof(struct tcpbuf_sock_id) */
	uint32_t family;  /* 2 IPv4, v4-mapped sockets included; 10 IPv6 */
	uint32_t want;    /* as tcpbuf_sock_query.want */
	uint32_t ifindex; /* a socket bound to an interface is found by it only */
	uint64_t cookie;  /* 0: whichever socket has these ends */
	uint8_t local_address[16]; /* network order; IPv4 in the first 4 bytes */
	uint8_t remote_address[16]; /* all zero, with remote_port 0, for a listener */
	uint32_t local_port;
	uint32_t remote_port;
};

/*
 * One socket by both ends, without a dump: it costs as much as five sockets of one, whatever the node holds.
 * Of listeners that share a port the kernel picks one; BOUND_INACTIVE cannot be found so.
 * @out a struct tcpbuf_sock of @out_size bytes.
 * Returns 0; -ENOENT: no such socket, or another cookie, or only a listener that such a peer would reach;
 * -EINVAL: NULL, bad size, unknown bit, no family or local port; -E2BIG; -EPERM: entering the namespace needs
 * CAP_SYS_ADMIN in its user namespace; -EOPNOTSUPP: kernel without sock_diag for TCP; -EMSGSIZE, -EPROTO: bad
 * answer; -EACCES: a security module forbids; -EAGAIN: no more threads; -EIO, -EMFILE, -ENFILE, -ENOMEM, -ENOBUFS.
 * Since 0.9. Kernel: inet_diag_find_one_icsk(), net/ipv4/inet_diag.c.
 */
TCPBUF_API int tcpbuf_sock_get(
	struct tcpbuf_netns *ns, const struct tcpbuf_sock_id *id, void *out, uint32_t out_size);

/*
 * One socket by its cookie alone: a dump that stops at the hit, so half of one on average and all of one in vain.
 * @cookie not 0.
 * @want   as tcpbuf_sock_query.want.
 * Returns 0; -ENOENT: no such socket; -EINVAL; else as tcpbuf_sock_iter_open() and tcpbuf_sock_iter_next(). Since 0.9.
 */
TCPBUF_API int tcpbuf_sock_find(
	struct tcpbuf_netns *ns, uint64_t cookie, uint32_t want, void *out, uint32_t out_size);

/* Bits of tcpbuf_sock_own.valid. */
enum tcpbuf_sock_own_group {
	TCPBUF_SOCK_OWN_HAS_BUF_LOCK = 1 << 0,    /* buf_lock; Linux 5.14 */
	TCPBUF_SOCK_OWN_HAS_WINDOW_CLAMP = 1 << 1 /* window_clamp */
};

/* Bits of tcpbuf_sock_own.buf_lock. */
enum tcpbuf_sock_lock {
	TCPBUF_SOCK_LOCK_SNDBUF = 1 << 0, /* set by SO_SNDBUF: does not grow by itself */
	TCPBUF_SOCK_LOCK_RCVBUF = 1 << 1  /* set by SO_RCVBUF: does not grow by itself */
};

/* What only the owner of a socket can ask. */
struct tcpbuf_sock_own {
	uint64_t valid;        /* mask of enum tcpbuf_sock_own_group */
	uint32_t buf_lock;     /* mask of enum tcpbuf_sock_lock: SO_BUF_LOCK */
	uint32_t window_clamp; /* bytes, most that is advertised: TCP_WINDOW_CLAMP; 0: no connection yet */
};

/*
 * One of the caller's own sockets, by getsockopt(): no netlink, no privilege, any namespace.
 * Groups that getsockopt() does not give are absent: TIMER, SHUTDOWN, CGROUP, BBR, DCTCP, VEGAS. Until a
 * connection stands its remote end is zero.
 * @fd  a TCP socket; it stays the caller's and is not changed.
 * @out a struct tcpbuf_sock of @out_size bytes.
 * @own a struct tcpbuf_sock_own of @own_size bytes, or NULL with 0.
 * Returns 0; -EINVAL: NULL, or the descriptor is no TCP socket; -EPERM: a seccomp filter forbids;
 * -EACCES, -EIO, -ENOBUFS, -ENOENT, -ENOMEM: the kernel's own refusal. Since 0.9.
 */
TCPBUF_API int tcpbuf_sock_of_fd(
	struct tcpbuf *tb, int32_t fd, void *out, uint32_t out_size, void *own, uint32_t own_size);

/* Name of a state as ss(8) prints it: "ESTAB", "LISTEN"; "UNKNOWN" otherwise. Pure; any thread. Since 0.9. */
TCPBUF_API const char *tcpbuf_sock_state_name(uint32_t state);

/* Types of a field, see tcpbuf_sock_field. */
enum tcpbuf_field_type {
	TCPBUF_FIELD_U16 = 1,
	TCPBUF_FIELD_U32 = 2,
	TCPBUF_FIELD_I32 = 3,
	TCPBUF_FIELD_U64 = 4,
	TCPBUF_FIELD_I64 = 5,
	TCPBUF_FIELD_ADDRESS = 6, /* 16 bytes */
	TCPBUF_FIELD_TEXT = 7     /* ended by a NUL; 16 bytes in struct tcpbuf_sock */
};

/* One field of struct tcpbuf_sock, for bindings that check themselves and for printers. */
struct tcpbuf_sock_field {
	char name[32];   /* member of struct tcpbuf_sock */
	char unit[12];   /* "bytes", "us", "ms", "segments", "bytes/s", or "" */
	uint32_t offset; /* bytes */
	uint32_t type;   /* enum tcpbuf_field_type */
	uint32_t group;  /* bit of enum tcpbuf_sock_group, 0: always there */
};

/*
 * Describe the fields one after the other.
 * @index from 0.
 * Returns 1; 0: no such field; -EINVAL. Pure; any thread. Since 0.9.
 */
TCPBUF_API int tcpbuf_sock_field_at(uint32_t index, void *out, uint32_t out_size);

/*
 * Does this record have that field?
 * @field a member's name, "rcv_wnd".
 * Returns 1; 0: this kernel or this state does not give it; -EINVAL: no such field. Pure; any thread. Since 0.9.
 */
TCPBUF_API int tcpbuf_sock_has(const struct tcpbuf_sock *sock, const char *field);

#ifdef __cplusplus
}
#endif

#endif
