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
 * Returns the window; INT64_MIN when an argument is out of range. Since 0.1.
 * Kernel: tcp_win_from_space(), include/net/tcp.h, since 6.6.
 */
TCPBUF_API int64_t tcpbuf_model_win_from_space(uint32_t scaling_ratio, int64_t space);

/*
 * Bytes of receive buffer that a window of @win bytes needs, by ratio.
 * @win 0..INT32_MAX bytes.
 * Returns 0 and up; INT64_MIN when an argument is out of range. Since 0.1.
 * Kernel: tcp_space_from_win(), include/net/tcp.h, since 6.6.
 */
TCPBUF_API int64_t tcpbuf_model_space_from_win(uint32_t scaling_ratio, int64_t win);

/*
 * As tcpbuf_model_win_from_space() on kernels before 6.6, where the sysctl decides.
 * @adv_win_scale -31..31.
 * Kernel: tcp_win_from_space(), include/net/tcp.h, until 6.5. Since 0.1.
 */
TCPBUF_API int64_t tcpbuf_model_win_from_space_legacy(int32_t adv_win_scale, int64_t space);

/*
 * The least space whose legacy window is at least @win; the kernel has no such function.
 * Returns 0..INT32_MAX; INT64_MIN when out of range or no space gives that window. Since 0.1.
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
};

/*
 * The rules of a kernel by name: a release as uname prints it ("6.12.117+deb13-cloud-amd64", "6.18.44"),
 * one of debian-5.10.223, debian-6.1.176, debian-6.12.117, debian-7.3.4, or a mainline "6.6".
 * @out, @out_size receives a struct tcpbuf_rules; machine constants are those of x86-64, HZ=250, Debian's cloud kernels.
 * Returns 0; -EINVAL: not a kernel's name, older than 4.19, or out is NULL. Since 0.1.
 */
TCPBUF_API int tcpbuf_rules_named(const char *name, void *out, uint32_t out_size);

/* One sentence on the rule that windows follow on this kernel. Never NULL; static. Since 0.1. */
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
};

/*
 * Predict one handshake.
 * @out, @out_size receives a struct tcpbuf_model_handshake.
 * Returns 0; -EINVAL: NULL, bad size, or a setting outside its sysctl's range; -E2BIG: a struct newer than the library.
 * Kernel: tcp_select_initial_window(), tcp_connect_init(), tcp_openreq_init_rwin(), tcp_init_buffer_space(),
 * __tcp_select_window(), tcp_sndbuf_expand(). Verified on 5.10 .. 7.3 as the rules say. Since 0.1.
 */
TCPBUF_API int tcpbuf_model_handshake(const struct tcpbuf_rules *rules, const struct tcpbuf_model_link *link,
	void *out, uint32_t out_size);

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
};

/*
 * Apply one option to a socket.
 * @option enum tcpbuf_sockopt. @value as passed to setsockopt(2).
 * @io     read and, on success, changed in place.
 * Returns what setsockopt(2) answers: 0, -EINVAL, -EPERM, -EOPNOTSUPP (a TCP option of a UDP socket), -ENOPROTOOPT;
 * also -EINVAL for a NULL, a bad size or an unknown option, -E2BIG for a newer struct.
 * Kernel: sk_setsockopt(), tcp_set_window_clamp(), tcp_set_rcvlowat(). Since 0.1.
 */
TCPBUF_API int tcpbuf_model_setsockopt(
	const struct tcpbuf_rules *rules, uint32_t option, int32_t value, struct tcpbuf_model_sockopt *io);

/* Limits at boot. */
struct tcpbuf_model_boot {
	int64_t tcp_mem[3]; /* pages */
	int64_t tcp_rmem[3];
	int64_t tcp_wmem[3];
};

/*
 * tcp_mem, tcp_rmem and tcp_wmem at boot.
 * @buffer_pages nr_free_buffer_pages() at boot: managed less high watermark of the zones DMA, DMA32 and Normal,
 *               before the memory of the boot image is freed. 0..INT32_MAX.
 * @out, @out_size receives a struct tcpbuf_model_boot.
 * Returns 0; -EINVAL. Kernel: tcp_init(), tcp_init_mem(). Since 0.1.
 */
TCPBUF_API int tcpbuf_model_boot(
	const struct tcpbuf_rules *rules, int64_t buffer_pages, void *out, uint32_t out_size);

#ifdef __cplusplus
}
#endif

#endif
