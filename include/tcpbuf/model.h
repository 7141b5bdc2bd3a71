/* SPDX-License-Identifier: MIT */
/*
 * What a Linux kernel does with TCP buffer settings: windows, handshake, socket
 * options, limits at boot. Pure arithmetic; every function may be called from any thread.
 */
#ifndef TCPBUF_MODEL_H
#define TCPBUF_MODEL_H

#include <tcpbuf/keys.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Bytes of receive window that @space bytes of receive buffer can advertise, by ratio.
 * @scaling_ratio 1..255, in 1/256; 128 before the first segment (65 in Linux 6.6 .. 6.9 as released).
 * @space INT32_MIN..INT32_MAX bytes; a negative space gives a negative window.
 * Returns the window; INT64_MIN when an argument is out of range. Since 0.9.
 * Kernel: tcp_win_from_space(), include/net/tcp.h, since 6.6.
 */
TCPBUF_API int64_t tcpbuf_model_win_from_space(uint32_t scaling_ratio, int64_t space);

/*
 * Bytes of receive buffer that a window of @win bytes needs, by ratio.
 * @win 0..INT32_MAX bytes.
 * Returns 0 and up; INT64_MIN when an argument is out of range. Since 0.9.
 * Kernel: tcp_space_from_win(), include/net/tcp.h, since 6.6.
 */
TCPBUF_API int64_t tcpbuf_model_space_from_win(uint32_t scaling_ratio, int64_t win);

/*
 * As tcpbuf_model_win_from_space() on kernels before 6.6, where the sysctl decides.
 * @adv_win_scale -31..31.
 * Kernel: tcp_win_from_space(), include/net/tcp.h, until 6.5. Since 0.9.
 */
TCPBUF_API int64_t tcpbuf_model_win_from_space_legacy(int32_t adv_win_scale, int64_t space);

/*
 * The least space whose legacy window is at least @win; the kernel has no such function.
 * Returns 0..INT32_MAX; INT64_MIN when out of range or no space gives that window. Since 0.9.
 */
TCPBUF_API int64_t tcpbuf_model_space_from_win_legacy(int32_t adv_win_scale, int64_t win);

/* Which rule a window follows: tcpbuf_rules.window. */
enum tcpbuf_rule_window {
	TCPBUF_RULE_WINDOW_ADV_WIN_SCALE = 1, /* until 6.5 */
	TCPBUF_RULE_WINDOW_SCALING_RATIO = 2  /* since 6.6 */
};

/* What TCP_WINDOW_CLAMP does to rcv_ssthresh: tcpbuf_rules.clamp. */
enum tcpbuf_rule_clamp {
	TCPBUF_RULE_CLAMP_ALONE = 1,   /* nothing; until 5.10 */
	TCPBUF_RULE_CLAMP_TO_WND = 2,  /* the smaller of rcv_wnd and the clamp; 5.15 .. 6.5 as released */
	TCPBUF_RULE_CLAMP_FOLLOWS = 3  /* down with it, up to rcv_wnd; since 6.6 and Debian 6.1 */
};

/* What SO_RCVLOWAT does to an unlocked receive buffer: tcpbuf_rules.rcvlowat. */
enum tcpbuf_rule_rcvlowat {
	TCPBUF_RULE_RCVLOWAT_DOUBLE = 1,    /* rcvbuf = 2 * lowat, clamp = its window; until 6.5 */
	TCPBUF_RULE_RCVLOWAT_SPACE = 2,     /* rcvbuf = space of lowat, clamp = lowat; 6.6 .. 6.17 as released */
	TCPBUF_RULE_RCVLOWAT_RAISE = 3      /* the same, but the clamp is only raised; Debian 6.12, since 6.18 */
};

/* What a larger segment's new scaling_ratio does to the window clamp: tcpbuf_rules.ratio_clamp. */
enum tcpbuf_rule_ratio_clamp {
	TCPBUF_RULE_RATIO_CLAMP_KEEP = 0,      /* nothing; 6.6 as released */
	TCPBUF_RULE_RATIO_CLAMP_SET = 1,       /* clamp = window of the buffer; 6.11 .. 6.13 as released */
	TCPBUF_RULE_RATIO_CLAMP_SET_SPACE = 2, /* the same, and rcv_space is held below it; Debian 6.12, 7.3 */
	TCPBUF_RULE_RATIO_CLAMP_SETSOCKOPT = 3 /* as TCP_WINDOW_CLAMP does, and rcv_space; 6.14 .. 7.1 */
};

/* What must fit the receive buffer for one more segment to be queued: tcpbuf_rules.admission. */
enum tcpbuf_rule_admission {
	TCPBUF_RULE_ADMISSION_QUEUED = 1,   /* what is queued already; until 6.16, 6.18.44, since 7.0 */
	TCPBUF_RULE_ADMISSION_TRUESIZE = 2, /* and the memory of the segment; 6.17 as released */
	TCPBUF_RULE_ADMISSION_LENGTH = 3    /* and its payload; 6.18 as released */
};

/* What a read that outgrows rcv_space asks for: tcpbuf_rules.growth. */
enum tcpbuf_rule_growth {
	TCPBUF_RULE_GROWTH_SEGMENTS = 1,   /* counted in segments; until 6.5 */
	TCPBUF_RULE_GROWTH_SPACE = 2,      /* the same window, by scaling_ratio; 6.6 .. 6.15 */
	TCPBUF_RULE_GROWTH_DOUBLE = 3,     /* twice what was read; 6.16, 6.17 */
	TCPBUF_RULE_GROWTH_SLOW_START = 4, /* and as much again as it grew; 6.18 */
	TCPBUF_RULE_GROWTH_LOW_RTT = 5     /* less of that below tcp_rcvbuf_low_rtt; since 6.19 */
};

/* How samples enter the receiver's round trip time: tcpbuf_rules.rcv_rtt. */
enum tcpbuf_rule_rcv_rtt {
	TCPBUF_RULE_RCV_RTT_MEAN = 1, /* moving mean of timestamps; until 6.15 as released */
	TCPBUF_RULE_RCV_RTT_LEAST = 2, /* a lower sample replaces it; Debian 6.1, 6.12 */
	TCPBUF_RULE_RCV_RTT_IDLE = 3   /* and a higher one counts only with an empty queue; since 6.16 */
};

/* One kernel: the variant of each rule, and the machine's constants. Fill with tcpbuf_rules_named(), then adjust. */
struct tcpbuf_rules {
	uint32_t size;     /* sizeof(struct tcpbuf_rules) */
	uint32_t verified; /* 1: equal to recordings of this very kernel; 0: nearest */
	uint32_t window;   /* enum tcpbuf_rule_window */
	uint32_t default_ratio; /* in 1/256; 0 where windows follow tcp_adv_win_scale */
	uint32_t initial_cap;   /* bytes: cap of the window of SYN and SYN-ACK in memory; 0: none */
	uint32_t initrwnd_64;   /* 1: initrwnd * mss does not wrap at 32 bits */
	uint32_t server_advmss_reduced; /* 1: 12 bytes of timestamps are off before the clamp is computed */
	uint32_t clamp;                 /* enum tcpbuf_rule_clamp */
	uint32_t clamp_negative_floor;  /* 1: a negative TCP_WINDOW_CLAMP is the floor; 0: no clamp at all */
	uint32_t rcvbuf_moves_clamp;    /* 1: SO_RCVBUF sets the clamp too; since 7.1 */
	uint32_t rcvlowat;              /* enum tcpbuf_rule_rcvlowat */
	uint32_t buf_lock;              /* 1: SO_BUF_LOCK exists; since 5.14 */
	uint32_t shrink_window;         /* 1: tcp_shrink_window exists */
	uint32_t rmem_cap;              /* bytes: largest tcp_rmem maximum at boot */
	uint32_t sk_buff;               /* bytes of a struct sk_buff as charged: 256 */
	uint32_t shared_info;           /* bytes of a skb_shared_info as charged: 320 */
	uint32_t max_tcp_header;        /* MAX_TCP_HEADER: 192 .. 320, column maxhdr of /proc/net/protocols */
	uint32_t skb_head;              /* bytes a locally sent skb costs beyond its payload */
	uint32_t page_size;             /* bytes */
	uint32_t hz;
	struct tcpbuf_key_rules keys;
	uint32_t charge_unit;   /* bytes of a page of TCP memory as it is counted: 4096 until 5.19, then page_size */
	uint32_t charge_rest;   /* 1: only what forward_alloc lacks is charged; since 6.0 */
	uint32_t charge_keep;   /* bytes of forward_alloc that a socket keeps: 2 MiB until 5.19, then a page */
	uint32_t charge_cgroup; /* 1: pressure of the socket's cgroup makes it share; until 6.7 */
	uint32_t pcpu_reserve;  /* pages that each CPU may hold uncounted; 0 before 6.0 */
	uint32_t ratio_clamp;        /* enum tcpbuf_rule_ratio_clamp */
	uint32_t admission;          /* enum tcpbuf_rule_admission */
	uint32_t growth;             /* enum tcpbuf_rule_growth */
	uint32_t rcv_rtt;            /* enum tcpbuf_rule_rcv_rtt */
	uint32_t growth_less_queued; /* 1: what is still unread does not count as read in a round trip */
	uint32_t empty_queue_forced; /* 1: an empty queue takes any segment untested; until 6.5 */
	uint32_t nomem_ack;          /* 1: a drop for memory is answered by a closed window; since 6.8 */
	uint32_t beyond_window;      /* 1: data beyond the window is dropped; since 6.17 */
	uint32_t ack_defer;          /* 1: one ACK after a whole backlog; since 6.7 */
	uint32_t grow_skb;           /* 1: the sender fills a skb from the next before it leaves; since 6.10 */
	uint32_t tso_by_rtt;         /* 1: a short round trip allows large skbs whatever the rate; since 5.18 */
	uint32_t hystart_late;       /* 1: cubic's first slow-start round begins at 16 segments; until 6.13 */
	uint32_t growth_packet_clock; /* 1: a read takes the time of the last packet for now; since 6.19 */
	uint32_t rcv_rtt_positive;   /* 1: timestamps of the same millisecond give no sample; since 6.16 */
	uint32_t padding;            /* 0 */
};

/*
 * The rules of a kernel by name: a release as uname prints it ("6.12.117+deb13-cloud-amd64", "6.18.44"),
 * one of debian-5.10.223, debian-6.1.176, debian-6.12.117, debian-7.3.4, or a mainline "6.6".
 * @out, @out_size receives a struct tcpbuf_rules; machine constants are those of x86-64, HZ=250, Debian's cloud kernels.
 * Returns 0; -EINVAL: not a kernel's name, older than 4.19, or out is NULL. Since 0.9.
 */
TCPBUF_API int tcpbuf_rules_named(const char *name, void *out, uint32_t out_size);

/* One sentence on the rule that windows follow on this kernel. Never NULL; static. Since 0.9. */
TCPBUF_API const char *tcpbuf_rules_window_text(const struct tcpbuf_rules *rules);

/* Settings of one end of a connection. Bytes, unless a member says otherwise. */
struct tcpbuf_model_end {
	int64_t rmem[3]; /* net.ipv4.tcp_rmem */
	int64_t wmem[3]; /* net.ipv4.tcp_wmem */
	int64_t rmem_max; /* net.core.rmem_max */
	int64_t wmem_max; /* net.core.wmem_max */
	int32_t adv_win_scale;
	uint32_t app_win;
	uint32_t window_scaling; /* 0 or 1, as the next four */
	uint32_t timestamps;
	uint32_t signed_windows;
	uint32_t shrink_window;
	uint32_t set_rcvbuf; /* 1: SO_RCVBUF was called with so_rcvbuf before connect or listen */
	uint32_t set_sndbuf; /* 1: SO_SNDBUF, so_sndbuf */
	uint32_t set_clamp;  /* 1: TCP_WINDOW_CLAMP, window_clamp */
	int32_t so_rcvbuf;
	int32_t so_sndbuf;
	int32_t window_clamp;
	uint32_t maxseg;       /* TCP_MAXSEG; 0: not called */
	uint32_t initrwnd;     /* route metric, segments; 0: none */
	uint32_t route_window; /* route metric; 0: none */
	uint32_t sndbuf_factor; /* of the congestion control: 2, and 3 of bbr */
	uint64_t reserved[4];   /* 0: room for settings to come, since this struct lies inside others */
};

/* A connection to be made. */
struct tcpbuf_model_link {
	uint32_t size; /* sizeof(struct tcpbuf_model_link) */
	uint32_t mtu;  /* 68..65536 bytes; IPv6 1280 and up */
	uint32_t family;    /* 2 IPv4, 10 IPv6 */
	uint32_t local;     /* 1: both ends on one machine, where the client's third ACK still counts the SYN-ACK */
	struct tcpbuf_model_end client;
	struct tcpbuf_model_end server;
};

/* One end once established, before any data. Bytes, unless said. */
struct tcpbuf_model_state {
	int64_t rcvbuf;
	int64_t sndbuf;
	int64_t window_clamp; /* as unsigned: no clamp at all is 4294967295 and less */
	int64_t rcv_ssthresh;
	int64_t rcv_space;
	int64_t rcv_mss;
	int64_t rcv_wnd;
	int64_t snd_wnd;
	int64_t snd_mss;
	int64_t advmss;
	uint32_t rcv_wscale;
	uint32_t snd_wscale;
	uint32_t lock;      /* SO_BUF_LOCK: 1 send buffer, 2 receive buffer */
	uint32_t wscale_on; /* 1: both sides scale */
};

/* What a handshake shows on the wire and leaves in memory. */
struct tcpbuf_model_handshake {
	int64_t syn_win;    /* 16-bit field */
	int64_t syn_wscale; /* -1: option absent */
	int64_t syn_mss;
	int64_t synack_win;
	int64_t synack_wscale;
	int64_t synack_mss;
	int64_t ack_win; /* 16-bit field of the client's first ACK, in units of 1 << client.rcv_wscale */
	struct tcpbuf_model_state client;
	struct tcpbuf_model_state server;
	int64_t listen_rcvbuf;
	int64_t listen_sndbuf;
	int64_t listen_clamp;
	uint32_t window_rule; /* enum tcpbuf_rule_window */
	uint32_t verified;    /* 1: rules of a recorded kernel */
};

/*
 * Predict one handshake.
 * @out, @out_size receives a struct tcpbuf_model_handshake.
 * Returns 0; -EINVAL: NULL, bad size, or a setting outside its sysctl's range; -E2BIG: a struct newer than the library.
 * Kernel: tcp_select_initial_window(), tcp_connect_init(), tcp_openreq_init_rwin(), tcp_init_buffer_space(),
 * __tcp_select_window(), tcp_sndbuf_expand(). Verified on 5.10 .. 7.3 as the rules say. Since 0.9.
 */
TCPBUF_API int tcpbuf_model_handshake(const struct tcpbuf_rules *rules, const struct tcpbuf_model_link *link,
	void *out, uint32_t out_size);

/* A receiver that does not read, and then reads. */
struct tcpbuf_model_fill {
	uint32_t size;        /* sizeof(struct tcpbuf_model_fill) */
	uint32_t write_bytes; /* 1..16777216: the client writes this, with TCP_NODELAY, once a step */
	uint32_t read_bytes;  /* 1..INT32_MAX: the server reads this once a step, once it reads */
	uint32_t step_us;     /* 1..1000000000: time between two steps */
	uint32_t rtt_us;      /* 0..1000000: what a round trip takes, in microseconds */
	uint32_t max_steps;   /* 1..1000000: so many writes at most before reading begins */
	uint32_t still_steps; /* 1..1000000: reading begins once so many steps brought no new data */
	uint32_t captured;    /* 1: a packet capture on the client's side holds what a step sent until its end */
	uint32_t moderate_rcvbuf; /* net.ipv4.tcp_moderate_rcvbuf */
	uint32_t low_rtt_us;      /* net.ipv4.tcp_rcvbuf_low_rtt, where the kernel has it */
	struct tcpbuf_model_link link; /* its local is taken as 1 */
};

/* Both ends at the end of one step. Bytes since the handshake, or bytes. */
struct tcpbuf_model_fill_row {
	uint32_t reading; /* 1: the server reads */
	uint32_t acks;    /* ACKs that it sent in this step */
	int64_t written;  /* taken by the client's socket */
	int64_t unsent;   /* of these, not sent yet */
	int64_t received;
	int64_t acked;
	int64_t read;
	int64_t window_field; /* of the last ACK, 16 bits, in units of 1 << rcv_wscale */
	int64_t rmem_alloc;
	int64_t rcvbuf;
	int64_t rcv_ssthresh;
	int64_t rcv_space;
	int64_t rcv_mss;
	int64_t rcv_wnd;
	int64_t window_clamp;
	uint32_t rcv_wscale;
	uint32_t padding; /* 0 */
};

/* Bytes of memory, aligned as a uint64_t, that one fill needs. Since 0.9. */
TCPBUF_API uint64_t tcpbuf_model_fill_state_size(void);

/*
 * Prepare a fill: both ends as their handshake leaves them.
 * @state, @state_size the caller's memory, at least tcpbuf_model_fill_state_size() bytes; no need to clear or free it.
 * Returns 0; -EINVAL: NULL, bad size, or a value outside its range; -E2BIG: a struct newer than the library;
 * -ENOSPC: state_size is too small. Since 0.9.
 */
TCPBUF_API int tcpbuf_model_fill_begin(const struct tcpbuf_rules *rules, const struct tcpbuf_model_fill *fill,
	void *state, uint64_t state_size);

/*
 * One step: a write or a read, and all that happens until the next. Both ends are on one machine without
 * memory pressure, joined by a link without loss; the sender has offload of segments and cubic or reno.
 * @out, @out_size receives a struct tcpbuf_model_fill_row.
 * Returns 1: a row; 0: all that was written has been read, nothing is written; -EINVAL: NULL, or no state;
 * -ENOSPC: more skbs than the state has room for (4096 received, 1024 sent), and no step follows.
 * Kernel: tcp_sendmsg_locked(), tcp_write_xmit(), tcp_rcv_established(), tcp_prune_queue(), tcp_grow_window(),
 * __tcp_select_window(), tcp_rcv_space_adjust(). Four of five recorded fills agree in every row, with writes of one segment nearly all. Since 0.9.
 */
TCPBUF_API int tcpbuf_model_fill_step(void *state, void *out, uint32_t out_size);

/* Options of tcpbuf_model_setsockopt(). */
enum tcpbuf_sockopt {
	TCPBUF_SOCKOPT_RCVBUF = 1,
	TCPBUF_SOCKOPT_SNDBUF = 2,
	TCPBUF_SOCKOPT_RCVBUFFORCE = 3,
	TCPBUF_SOCKOPT_SNDBUFFORCE = 4,
	TCPBUF_SOCKOPT_WINDOW_CLAMP = 5,
	TCPBUF_SOCKOPT_RCVLOWAT = 6,
	TCPBUF_SOCKOPT_NOTSENT_LOWAT = 7,
	TCPBUF_SOCKOPT_BUF_LOCK = 8
};

/* State of the socket that the option is set on. */
enum tcpbuf_sockopt_state {
	TCPBUF_SOCKOPT_FRESH = 1,
	TCPBUF_SOCKOPT_LISTEN = 2,
	TCPBUF_SOCKOPT_ESTABLISHED = 3,
	TCPBUF_SOCKOPT_UDP = 4 /* for contrast */
};

/* A socket's values before and after a setsockopt(). Bytes. */
struct tcpbuf_model_sockopt {
	uint32_t size;      /* sizeof(struct tcpbuf_model_sockopt) */
	uint32_t state;     /* enum tcpbuf_sockopt_state */
	uint32_t privileged; /* 1: CAP_NET_ADMIN */
	uint32_t lock;       /* bit 0: send buffer fixed, bit 1: receive buffer fixed */
	int64_t rcvbuf;
	int64_t sndbuf;
	int64_t window_clamp; /* unsigned 32-bit value */
	int64_t rcvlowat;
	int64_t notsent_lowat; /* unsigned 32-bit value; 0: the sysctl's */
	int64_t rcv_ssthresh;
	int64_t rcv_wnd;
	int64_t rmem_max_sysctl; /* net.core.rmem_max */
	int64_t wmem_max_sysctl; /* net.core.wmem_max */
	int64_t tcp_rmem_max;    /* net.ipv4.tcp_rmem, third number */
	int32_t adv_win_scale;
	uint32_t padding; /* 0 */
	uint32_t window_rule; /* out: enum tcpbuf_rule_window */
	uint32_t verified;    /* out, 1: rules of a recorded kernel */
};

/*
 * Apply one option to a socket.
 * @option enum tcpbuf_sockopt. @value as passed to setsockopt(2).
 * @io     read and, on success, changed in place.
 * Returns what setsockopt(2) answers: 0, -EINVAL, -EPERM, -ENOPROTOOPT (a TCP option of a UDP socket; no such option);
 * also -EINVAL for a NULL, a bad size or an unknown option, -E2BIG for a newer struct.
 * Kernel: sk_setsockopt(), tcp_set_window_clamp(), tcp_set_rcvlowat(). Since 0.9.
 */
TCPBUF_API int tcpbuf_model_setsockopt(
	const struct tcpbuf_rules *rules, uint32_t option, int32_t value, struct tcpbuf_model_sockopt *io);

/* TCP memory of a node. */
struct tcpbuf_model_node {
	uint32_t size;     /* sizeof(struct tcpbuf_model_node) */
	uint32_t pressure; /* 1: the kernel's flag is set: above mem[1] once, not yet below mem[0] again */
	int64_t mem[3];    /* net.ipv4.tcp_mem, pages of page_size; 0 and up */
	int64_t allocated; /* pages charged: `mem` of /proc/net/sockstat */
	int64_t sockets;   /* TCP sockets of all namespaces: `alloc` there */
};

/* What a charge is for: tcpbuf_model_holder.kind. */
enum tcpbuf_charge_kind {
	TCPBUF_CHARGE_RECEIVE = 1, /* data that arrives */
	TCPBUF_CHARGE_SEND = 2     /* data that is written */
};

/* A socket that asks for memory. Bytes, 0 and up, unless said. */
struct tcpbuf_model_holder {
	uint32_t size; /* sizeof(struct tcpbuf_model_holder) */
	uint32_t kind; /* enum tcpbuf_charge_kind */
	uint32_t lock; /* SO_BUF_LOCK: bit 0 send buffer fixed */
	uint32_t cgroup_full;     /* 1: the socket's memory cgroup refuses the charge */
	uint32_t cgroup_pressure; /* 1: that cgroup is under pressure */
	uint32_t padding;         /* 0 */
	int64_t guaranteed;    /* tcp_rmem[0] to receive, tcp_wmem[0] to send */
	int64_t rmem_alloc;
	int64_t wmem_queued;
	int64_t forward_alloc; /* charged, not yet used */
	int64_t sndbuf;
};

/* Why a charge was granted or refused, in the order the kernel asks. */
enum tcpbuf_charge_why {
	TCPBUF_CHARGE_FORWARD = 1,    /* granted: forward_alloc covers it, no counter moves */
	TCPBUF_CHARGE_CGROUP = 2,     /* refused by the memory cgroup */
	TCPBUF_CHARGE_BELOW_LOW = 3,  /* granted: not above tcp_mem[0]; ends pressure */
	TCPBUF_CHARGE_HARD_LIMIT = 4, /* refused: above tcp_mem[2] */
	TCPBUF_CHARGE_GUARANTEED = 5, /* granted: the socket holds less than its guaranteed minimum */
	TCPBUF_CHARGE_CALM = 6,       /* granted: no pressure */
	TCPBUF_CHARGE_SHARE = 7,      /* granted under pressure: sockets * pages of this one < tcp_mem[2] */
	TCPBUF_CHARGE_NO_SHARE = 8    /* refused under pressure: more than its share */
};

/* The answer to a charge. */
struct tcpbuf_model_charge {
	uint32_t granted;  /* 1: charged; 0: what arrives is dropped, a writer gets no buffer */
	uint32_t why;      /* enum tcpbuf_charge_why */
	uint32_t forced;   /* 1: refused, yet charged: a full send buffer blocks its writer anyway */
	uint32_t verified; /* 1: rules of a recorded kernel */
	int64_t pages;     /* added to the node's counter */
};

/*
 * Ask for memory for @bytes more (truesize), as each packet that is queued does.
 * @node, @holder read, and changed in place as the kernel would change them: allocated, pressure; rmem_alloc or
 *                wmem_queued, forward_alloc; sndbuf is halved towards what is queued when a writer is refused.
 * @bytes 1..INT32_MAX.
 * @out, @out_size receives a struct tcpbuf_model_charge.
 * Returns 0; -EINVAL: NULL, bad size, a number out of range; -E2BIG: a struct newer than the library. Since 0.9.
 * Kernel: __sk_mem_schedule(), __sk_mem_raise_allocated(), net/core/sock.c.
 */
TCPBUF_API int tcpbuf_model_charge(const struct tcpbuf_rules *rules, struct tcpbuf_model_node *node,
	struct tcpbuf_model_holder *holder, int64_t bytes, void *out, uint32_t out_size);

/*
 * Give @pages back: the node's counter falls, and pressure ends below tcp_mem[0].
 * @node read, and changed in place. @pages 0..node->allocated.
 * Returns 0; -EINVAL; -E2BIG as above. Since 0.9. Kernel: __sk_mem_reduce_allocated(), net/core/sock.c.
 */
TCPBUF_API int tcpbuf_model_uncharge(
	const struct tcpbuf_rules *rules, struct tcpbuf_model_node *node, int64_t pages);

/* Where a node stands between its limits: tcpbuf_model_share.level. */
enum tcpbuf_share_level {
	TCPBUF_SHARE_LOW = 1,     /* up to tcp_mem[0]: all is granted */
	TCPBUF_SHARE_BETWEEN = 2, /* up to tcp_mem[1]: granted, unless pressure has not ended yet */
	TCPBUF_SHARE_HIGH = 3,    /* up to tcp_mem[2]: pressure; each its share */
	TCPBUF_SHARE_FULL = 4     /* above: nothing that arrives is kept, no buffer grows */
};

/* What a node still grants. */
struct tcpbuf_model_share {
	uint32_t level;    /* enum tcpbuf_share_level */
	uint32_t pressure; /* 1: buffers do not grow, windows shrink, each socket has its share only */
	uint32_t verified; /* 1: rules of a recorded kernel */
	uint32_t padding;
	int64_t socket_bytes;   /* most that one socket may hold and still be granted more while under pressure */
	int64_t until_pressure; /* pages to go; 0: above tcp_mem[1] */
	int64_t until_limit;    /* pages to go; 0: above tcp_mem[2] */
};

/*
 * What a node grants its sockets as it stands.
 * @out, @out_size receives a struct tcpbuf_model_share.
 * Returns 0; -EINVAL; -E2BIG as tcpbuf_model_charge(). Since 0.9.
 */
TCPBUF_API int tcpbuf_model_share(
	const struct tcpbuf_rules *rules, const struct tcpbuf_model_node *node, void *out, uint32_t out_size);

/* Memory that sockets are charged for. */
struct tcpbuf_model_memory {
	int64_t pages_least;    /* of all sockets together */
	int64_t pages_most;     /* the same with all that sockets may keep for later; equal since 6.0 */
	int64_t bytes_least;
	int64_t bytes_most;
	int64_t error_pages;    /* `mem` of sockstat may be off by this much either way: what CPUs hold */
	int64_t sockstat_least; /* pages: what sockstat may show for it, never below 0 */
	int64_t sockstat_most;
	uint32_t verified;      /* 1: rules of a recorded kernel */
	uint32_t padding;
};

/*
 * What @sockets sockets are charged when each has @held bytes (truesize) queued, in and out.
 * @sockets 0..INT32_MAX. @held 0..INT32_MAX. @cpus 0..65536, possible CPUs of the node.
 * @out, @out_size receives a struct tcpbuf_model_memory.
 * Returns 0; -EINVAL; -E2BIG as above. Since 0.9.
 * Kernel: sk_mem_pages(), sk_mem_uncharge(), sk_memory_allocated_add(), include/net/sock.h.
 */
TCPBUF_API int tcpbuf_model_memory(const struct tcpbuf_rules *rules, int64_t sockets, int64_t held, uint32_t cpus,
	void *out, uint32_t out_size);

/* How a packet lies in memory: @carrier of tcpbuf_model_truesize(). */
enum tcpbuf_carrier {
	TCPBUF_CARRIER_LOCAL = 1,     /* veth and lo: the sender's packet as it is */
	TCPBUF_CARRIER_LINEAR = 2,    /* a driver that copies each frame into one allocation */
	TCPBUF_CARRIER_HALF_PAGE = 3, /* a driver that gives each frame half pages */
	TCPBUF_CARRIER_PAGE = 4       /* a driver that gives each frame whole pages */
};

/*
 * Bytes that a packet of @payload bytes counts against a buffer.
 * @carrier enum tcpbuf_carrier. LOCAL is what kernels were seen to do; the other three are common
 *          habits of drivers, no promise of one: measure, clamp * 256 / rcvbuf of a live socket is its ratio.
 * @payload 1..65535, of all segments that the packet carries.
 * Returns the truesize; INT64_MIN when an argument is out of range or rules are not readable. Since 0.9.
 */
TCPBUF_API int64_t tcpbuf_model_truesize(const struct tcpbuf_rules *rules, uint32_t carrier, int64_t payload);

/*
 * The scaling_ratio that a packet of that payload and truesize makes, in 1/256.
 * @payload 0..INT32_MAX, below @truesize. Returns 1..255; 0 when out of range. Since 0.9.
 * Kernel: tcp_measure_rcv_mss(), net/ipv4/tcp_input.c, since 6.6.
 */
TCPBUF_API uint32_t tcpbuf_model_ratio(int64_t payload, int64_t truesize);

/* A path and what is wanted of it. */
struct tcpbuf_model_path {
	uint32_t size;          /* sizeof(struct tcpbuf_model_path) */
	uint32_t mss;           /* bytes of payload in a full segment, 1..65535 */
	uint32_t rtt_us;        /* round trip, 1..10000000 */
	uint32_t scaling_ratio; /* in 1/256, 1..255; 0: the kernel's default, before the first segment */
	int32_t adv_win_scale;  /* of kernels before 6.6, -31..31 */
	uint32_t sndbuf_factor; /* of the congestion control: 2, and 3 of bbr */
	int64_t bits_per_second; /* 1..1000000000000; not looked at by tcpbuf_model_ceiling() */
};

/* Buffers that a rate needs. Bytes, unless said; -1 where no buffer suffices. */
struct tcpbuf_model_bdp {
	int64_t window;       /* in flight: rate * round trip, rounded up */
	int64_t segments;     /* the same in full segments, rounded up */
	int64_t rcvbuf;       /* least receive buffer whose window is that */
	int64_t rcvbuf_grown; /* for twice the window, where growth aims: third number of tcp_rmem */
	int64_t sndbuf;       /* least send buffer that holds the flight, a packet a segment */
	int64_t sndbuf_grown; /* what growth makes of that congestion window: third number of tcp_wmem */
	uint32_t wscale;      /* least window scale that can express it; 15: none can */
	uint32_t reachable;   /* 1: some setting gives it; 0: beyond the protocol or the largest buffer */
	uint32_t window_rule; /* enum tcpbuf_rule_window */
	uint32_t verified;    /* 1: rules of a recorded kernel */
};

/*
 * The buffers that a rate over a round trip needs.
 * @out, @out_size receives a struct tcpbuf_model_bdp.
 * Returns 0; -EINVAL: NULL, bad size, a number out of range; -E2BIG: a struct newer than the library. Since 0.9.
 * Kernel: tcp_win_from_space(), include/net/tcp.h; tcp_sndbuf_expand(), net/ipv4/tcp_input.c.
 */
TCPBUF_API int tcpbuf_model_bdp(const struct tcpbuf_rules *rules, const struct tcpbuf_model_path *path, void *out,
	uint32_t out_size);

/* What bounds a rate: tcpbuf_model_ceiling.limit. */
enum tcpbuf_ceiling_limit {
	TCPBUF_CEILING_RCVBUF = 1,
	TCPBUF_CEILING_WSCALE = 2,
	TCPBUF_CEILING_SNDBUF = 3
};

/* The rate that buffers allow. Bytes, unless said. */
struct tcpbuf_model_ceiling {
	int64_t bits_per_second;
	int64_t flight;        /* the least of the three */
	int64_t rcvbuf_window; /* what the receive buffer can advertise */
	int64_t wscale_window; /* what the 16-bit field can express */
	int64_t sndbuf_flight; /* whole segments that the send buffer holds, at least one */
	uint32_t limit;        /* enum tcpbuf_ceiling_limit */
	uint32_t window_rule;  /* enum tcpbuf_rule_window */
	uint32_t verified;     /* 1: rules of a recorded kernel */
	uint32_t padding;
};

/*
 * The most that a connection can carry with these buffers.
 * @rcvbuf of the receiver, @sndbuf of the sender, 1..INT32_MAX bytes. @wscale 0..14, of the receiver.
 * @out, @out_size receives a struct tcpbuf_model_ceiling.
 * Returns 0; -EINVAL; -E2BIG as tcpbuf_model_bdp(). Since 0.9.
 */
TCPBUF_API int tcpbuf_model_ceiling(const struct tcpbuf_rules *rules, const struct tcpbuf_model_path *path,
	int64_t rcvbuf, int64_t sndbuf, uint32_t wscale, void *out, uint32_t out_size);

/* Limits at boot. */
struct tcpbuf_model_boot {
	int64_t tcp_mem[3]; /* pages */
	int64_t tcp_rmem[3];
	int64_t tcp_wmem[3];
	uint32_t verified; /* 1: rules of a recorded kernel */
	uint32_t padding;
};

/*
 * tcp_mem, tcp_rmem and tcp_wmem at boot.
 * @buffer_pages nr_free_buffer_pages() at boot: managed less high watermark of the zones DMA, DMA32 and Normal,
 *               before the memory of the boot image is freed. 0..INT32_MAX.
 * @out, @out_size receives a struct tcpbuf_model_boot.
 * Returns 0; -EINVAL. Kernel: tcp_init(), tcp_init_mem(). Since 0.9.
 */
TCPBUF_API int tcpbuf_model_boot(
	const struct tcpbuf_rules *rules, int64_t buffer_pages, void *out, uint32_t out_size);

/*
 * Whether tcp_mem may be what a kernel computed at boot, of whatever memory.
 * @low, @pressure, @high pages, as net.ipv4.tcp_mem shows them.
 * Returns 1: it may; 0: it cannot, so it was set since. Kernel: tcp_init_mem(). Since 0.9.
 */
TCPBUF_API int tcpbuf_model_is_boot_mem(int64_t low, int64_t pressure, int64_t high);

/* One step of receive buffer tuning. Bytes, unless a member says otherwise. */
struct tcpbuf_model_drs {
	uint32_t size; /* sizeof(struct tcpbuf_model_drs) */
	uint32_t scaling_ratio; /* 1..255 in 1/256; ignored until 6.5 */
	int32_t adv_win_scale;  /* -31..31; ignored since 6.6 */
	uint32_t padding;       /* 0 */
	int64_t rcvbuf;
	int64_t copied; /* read by the application in one receiver round trip; 0..UINT32_MAX, as the next two */
	int64_t rcv_space; /* read in the round trip before; 0 counts as 1 */
	int64_t out_of_order; /* from rcv_nxt to the end of the out-of-order queue */
	int64_t advmss;       /* 1..65535 */
	int64_t rmem_max;     /* third number of net.ipv4.tcp_rmem */
	int64_t rtt_us;       /* the receiver's estimate */
	int64_t low_rtt_us;   /* net.ipv4.tcp_rcvbuf_low_rtt; ignored until 6.18 */
};

/*
 * The receive buffer after one round trip of reading, when tcp_moderate_rcvbuf is on and SO_RCVBUF was not used.
 * Returns the buffer, never below step->rcvbuf; -EINVAL: NULL, bad size or a member out of range; -E2BIG.
 * Kernel: tcp_rcv_space_adjust(), tcp_rcvbuf_grow(), net/ipv4/tcp_input.c. Since 0.9.
 */
TCPBUF_API int64_t tcpbuf_model_grow_rcvbuf(
	const struct tcpbuf_rules *rules, const struct tcpbuf_model_drs *step);

/* What the receiving application does: tcpbuf_model_growth.reader. */
enum tcpbuf_reader {
	TCPBUF_READER_FAST = 1, /* reads whatever comes at once */
	TCPBUF_READER_SLOW = 2, /* read_bytes each read_period_us */
	TCPBUF_READER_PAUSE = 3 /* nothing for pause_us, then fast */
};

/* Congestion control of the sender: tcpbuf_model_growth.congestion. */
enum tcpbuf_congestion {
	TCPBUF_CONGESTION_CUBIC = 1,
	TCPBUF_CONGESTION_BBR = 2 /* by its long-run window only */
};

/* One bulk transfer: the client writes without pause, the server reads. */
struct tcpbuf_model_growth {
	uint32_t size; /* sizeof(struct tcpbuf_model_growth) */
	uint32_t reader;     /* enum tcpbuf_reader */
	uint32_t congestion; /* enum tcpbuf_congestion */
	uint32_t moderate_rcvbuf; /* net.ipv4.tcp_moderate_rcvbuf: 0 or 1 */
	uint32_t low_rtt_us;      /* net.ipv4.tcp_rcvbuf_low_rtt, Linux 6.19 and later; boots as 1000 */
	uint32_t rtt_us;          /* of the empty path; 1..10,000,000 */
	uint32_t handshake_rtt_us; /* what the handshake saw, when it met a filled queue; 0: rtt_us */
	uint32_t queue_packets;    /* packets on their way to the receiver before one is dropped; 0: no limit */
	uint32_t gso; /* 1: segments reach the receiver as the sender's large packets, as between local namespaces */
	uint32_t segment_truesize; /* memory of one received segment, set by the driver; 0: as between local namespaces */
	uint32_t read_bytes;     /* 1..INT32_MAX with a slow reader */
	uint32_t read_period_us; /* 1..10,000,000 with a slow reader */
	uint32_t pause_us;       /* 0..600,000,000 */
	uint32_t interval_us;    /* between two samples; 1..60,000,000 */
	int64_t duration_us;     /* 1..86,400,000,000 */
	int64_t rate_bps;        /* of the path, with headers; 8000..400,000,000,000 bit/s */
	struct tcpbuf_model_link link; /* settings and options of both ends; link.size too */
};

/* Both ends at one moment. Bytes, unless a member says otherwise; the names of tcp_info and SO_MEMINFO. */
struct tcpbuf_model_growth_sample {
	int64_t time_us; /* since the connection was accepted */
	int64_t rcvbuf;
	int64_t rmem_alloc; /* memory that the receiver holds */
	int64_t rcv_ssthresh;
	int64_t rcv_space;
	int64_t rcv_mss;
	int64_t rcv_rtt_us;
	int64_t rcv_wnd;
	int64_t window_clamp;
	int64_t received;
	int64_t read;
	int64_t drops; /* segments that found no memory */
	int64_t sndbuf;
	int64_t wmem_queued; /* memory that the sender holds */
	int64_t snd_cwnd;    /* segments */
	int64_t srtt_us;
	int64_t snd_wnd;
	int64_t unacked; /* segments */
	int64_t acked;
	int64_t retrans; /* segments lost on the path or at its queue */
};

/* What keeps the transfer from being faster: tcpbuf_model_growth_result.limit. */
enum tcpbuf_growth_limit {
	TCPBUF_GROWTH_LIMIT_PATH = 1,      /* the path's rate; no buffer setting */
	TCPBUF_GROWTH_LIMIT_RMEM_MAX = 2,  /* third number of net.ipv4.tcp_rmem */
	TCPBUF_GROWTH_LIMIT_SO_RCVBUF = 3, /* the receiver's SO_RCVBUF */
	TCPBUF_GROWTH_LIMIT_MODERATE = 4,  /* net.ipv4.tcp_moderate_rcvbuf is 0: second number of tcp_rmem */
	TCPBUF_GROWTH_LIMIT_WMEM_MAX = 5,  /* third number of net.ipv4.tcp_wmem */
	TCPBUF_GROWTH_LIMIT_SO_SNDBUF = 6, /* the sender's SO_SNDBUF */
	TCPBUF_GROWTH_LIMIT_READER = 7,    /* the application reads slower than the path delivers */
	TCPBUF_GROWTH_LIMIT_CONGESTION = 8, /* the congestion window, cut by drops or still growing */
	TCPBUF_GROWTH_LIMIT_WSCALE = 9 /* the window field: no or too small a window scale */
};

/* What it came to. */
struct tcpbuf_model_growth_result {
	uint32_t samples; /* that the whole transfer has, also when the array was shorter */
	uint32_t limit;   /* enum tcpbuf_growth_limit, over the last quarter of the time */
	uint32_t settled; /* 1: rcvbuf, sndbuf and rate did not change in the last quarter */
	uint32_t padding; /* 0 */
	int64_t settled_us;  /* when rcvbuf or sndbuf last changed */
	int64_t rate_bps;    /* of payload read, over the last quarter */
	int64_t rmem_peak;   /* bytes: most memory held by the receiver */
	int64_t wmem_peak;   /* bytes: most memory held by the sender */
	struct tcpbuf_model_growth_sample last;
};

/*
 * Buffers, windows and memory of one transfer over time, from the handshake on.
 * @samples    array of struct tcpbuf_model_growth_sample, @item_size bytes apart; may be NULL with @count 0.
 *             Sample i is the state at i * interval_us, the first at 0.
 * @out, @out_size receives a struct tcpbuf_model_growth_result; may be NULL with @out_size 0.
 * Returns the number of samples written; -EINVAL: NULL, bad size, a member out of range; -E2BIG: a struct newer than
 * the library. Verified against recordings of 5.10 .. 7.3 with cubic; see tcpbuf_model_growth(3) for how near it comes.
 * Uses about 40 KiB of stack. Since 0.9.
 * Kernel: tcp_rcv_space_adjust(), tcp_grow_window(), __tcp_select_window(), tcp_clamp_window(), tcp_sndbuf_expand(),
 * tcp_write_xmit(), tcp_cubic.c.
 */
TCPBUF_API int64_t tcpbuf_model_growth(const struct tcpbuf_rules *rules, const struct tcpbuf_model_growth *transfer,
	void *samples, uint32_t count, uint32_t item_size, void *out, uint32_t out_size);

#ifdef __cplusplus
}
#endif

#endif
