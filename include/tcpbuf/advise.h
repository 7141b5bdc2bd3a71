/* SPDX-License-Identifier: MIT */
/*
 * What should I do? Judge sysctls before they are set, plan settings and memory for connections
 * to come, explain why one is no faster. Pure: nothing is read or written. Any thread.
 */
#ifndef TCPBUF_ADVISE_H
#define TCPBUF_ADVISE_H

#include <tcpbuf/diag.h>
#include <tcpbuf/k8s.h>
#include <tcpbuf/model.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What was found: tcpbuf_finding.code. */
enum tcpbuf_finding_code {
	TCPBUF_FINDING_REFUSED = 1,       /* tcpbuf_sysctl_set() would refuse the value: reason says why */
	TCPBUF_FINDING_DOUBTFUL = 2,      /* legal, but probably not what was meant: reason says why */
	TCPBUF_FINDING_PAGES_AS_BYTES = 3, /* tcp_mem is above the machine's memory, as when bytes were meant */
	TCPBUF_FINDING_EQUAL_TRIPLE = 4,  /* three equal numbers in tcp_mem */
	TCPBUF_FINDING_DEAD_KEY = 5,      /* kernels accept the key and ignore it, or have it no more */
	TCPBUF_FINDING_ABSENT_KEY = 6,    /* this kernel does not have the key */
	TCPBUF_FINDING_NODE_LEVEL = 7,    /* one value for the machine: a pod or namespace cannot set it */
	TCPBUF_FINDING_CONNTRACK = 8,     /* the same of connection tracking, where namespaces once could */
	TCPBUF_FINDING_NOT_TCP = 9,       /* TCP sockets do not use the key */
	TCPBUF_FINDING_BELOW_NEW_DEFAULT = 10, /* a maximum below what newer kernels start with */
	TCPBUF_FINDING_RAISES = 11,       /* above what this kernel starts with */
	TCPBUF_FINDING_LOWERS = 12,       /* below what this kernel starts with */
	TCPBUF_FINDING_MAY_HOLD = 13      /* what connections may hold with these settings */
};

enum tcpbuf_finding_level {
	TCPBUF_FINDING_NOTE = 1,
	TCPBUF_FINDING_WARNING = 2,
	TCPBUF_FINDING_ERROR = 3
};

/*
 * @code    enum tcpbuf_finding_code. @level enum tcpbuf_finding_level.
 * @index   of the setting that it is about; UINT32_MAX: of none.
 * @element index of the number in the value, 0 .. 2.
 * @reason  enum tcpbuf_key_reason, with REFUSED, DOUBTFUL and PAGES_AS_BYTES.
 * @given   the number, in the key's unit; bytes of all connections with MAY_HOLD.
 * @limit   what it was compared with; connections with MAY_HOLD.
 * @key     dotted name; "" without setting.
 * @text    one sentence, in English, without the key.
 */
struct tcpbuf_finding {
	uint32_t code;
	uint32_t level;
	uint32_t index;
	uint32_t element;
	uint32_t reason;
	uint32_t padding;
	int64_t given;
	int64_t limit;
	char key[128];
	char text[256];
};

enum tcpbuf_lint_flag {
	TCPBUF_LINT_LIVE = 1 /* values that a namespace has, so what it cannot set is no finding */
};

/*
 * What the settings are judged for.
 * @size        sizeof(struct tcpbuf_lint).
 * @flags       enum tcpbuf_lint_flag.
 * @connections that may be open at once; 0: no MAY_HOLD.
 * @ram_bytes   of the machine; 0: not known, then taken as large and tcp_mem not compared with it.
 */
struct tcpbuf_lint {
	uint32_t size;
	uint32_t flags;
	uint32_t connections;
	uint32_t padding;
	int64_t ram_bytes;
};

/*
 * Judge settings: a sysctl.d file, or a namespace's values.
 * @rules    the kernel. @lint NULL: all zero.
 * @settings @count records of struct tcpbuf_k8s_setting, each @setting_size bytes from the last. Keys that have
 *           nothing to do with TCP buffers bring no finding.
 * @findings room for @capacity records of struct tcpbuf_finding, each @finding_size bytes from the last; NULL when
 *           capacity is 0. In the order of the settings; MAY_HOLD is the last.
 * Returns how many findings there are, which may be more than capacity; -EINVAL: NULL, a record size too
 * small, a key or value that is not terminated; -E2BIG: a struct newer than the library. Since 0.1.
 */
TCPBUF_API int tcpbuf_lint_settings(const struct tcpbuf_rules *rules, const struct tcpbuf_lint *lint,
	const void *settings, uint32_t setting_size, uint32_t count, void *findings, uint32_t finding_size,
	uint32_t capacity);

/* What limits a connection: tcpbuf_verdict.code. */
enum tcpbuf_verdict_code {
	TCPBUF_VERDICT_READER_SLOW = 1,     /* received data waits for the application */
	TCPBUF_VERDICT_RCVBUF_MAX = 2,      /* receive buffer autotuned to its maximum caps the rate */
	TCPBUF_VERDICT_RCVBUF_FIXED = 3,    /* receive buffer fixed by SO_RCVBUF caps the rate */
	TCPBUF_VERDICT_RCVBUF_UNTUNED = 4,  /* autotuning is off for the namespace: the buffer stays as it was born */
	TCPBUF_VERDICT_SNDBUF_MAX = 5,      /* send buffer autotuned to its maximum caps the rate */
	TCPBUF_VERDICT_SNDBUF_FIXED = 6,    /* send buffer fixed by SO_SNDBUF caps the rate */
	TCPBUF_VERDICT_PEER_WINDOW = 7,     /* the peer's window is open, and full */
	TCPBUF_VERDICT_ZERO_WINDOW = 8,     /* the peer's window is closed; probes wait for it to open */
	TCPBUF_VERDICT_CWND = 9,            /* congestion control, its window or its pacing */
	TCPBUF_VERDICT_APP_IDLE = 10,       /* the application gives nothing to send */
	TCPBUF_VERDICT_TRUESIZE = 11,       /* small segments: memory is many times the payload */
	TCPBUF_VERDICT_WSCALE = 12,         /* the window field ends: window scale too small or off */
	TCPBUF_VERDICT_MEMORY_PRESSURE = 13 /* the kernel holds windows down for lack of TCP memory */
};

/* How sure a verdict is: tcpbuf_verdict.certainty. */
enum tcpbuf_certainty {
	TCPBUF_CERTAINTY_MEASURED = 1, /* the kernel said so */
	TCPBUF_CERTAINTY_INFERRED = 2  /* deduced from values; another process's lock bits are not visible */
};

/* Which parts of struct tcpbuf_explain_end are known. */
enum tcpbuf_explain_known {
	TCPBUF_EXPLAIN_KNOWS_SETTINGS = 1 << 0, /* rmem_max, wmem_max, moderate_rcvbuf, window_scaling */
	TCPBUF_EXPLAIN_KNOWS_LOCK = 1 << 1,     /* lock */
	TCPBUF_EXPLAIN_KNOWS_PRESSURE = 1 << 2  /* pressure */
};

/* What is known of one end besides its record. Set size; all else zero: nothing. */
struct tcpbuf_explain_end {
	uint32_t size;            /* sizeof(struct tcpbuf_explain_end) */
	uint32_t known;           /* mask of enum tcpbuf_explain_known */
	uint32_t lock;            /* SO_BUF_LOCK: 1 send buffer, 2 receive buffer */
	uint32_t moderate_rcvbuf; /* net.ipv4.tcp_moderate_rcvbuf of its namespace */
	uint32_t window_scaling;  /* net.ipv4.tcp_window_scaling */
	uint32_t pressure;        /* 1: the node is under TCP memory pressure */
	int64_t rmem_max;         /* net.ipv4.tcp_rmem, third number, bytes */
	int64_t wmem_max;         /* net.ipv4.tcp_wmem, third number, bytes */
};

/* One finding. */
struct tcpbuf_verdict {
	uint32_t code;      /* enum tcpbuf_verdict_code */
	uint32_t end;       /* 0: of this end, 1: of the peer's */
	uint32_t certainty; /* enum tcpbuf_certainty */
	uint32_t share;     /* of the interval, in 1/100 percent; 0 where no time is counted */
	char evidence[256]; /* the numbers, one sentence */
	char setting[128];  /* what would change it: a sysctl, a socket option, or the application */
};

/*
 * Why is this connection no faster? Compares two samples of one end, and of the other end where both
 * are on this node; lifetime totals are not used.
 * @before, @after         two records of this end, @sock_size bytes each, with skmem and tcp_info.
 * @interval_us            time between them, 1..3600000000.
 * @own, @peer             what else is known of the ends; NULL: nothing.
 * @peer_before, @peer_after the other end's records; NULL, NULL: unknown.
 * @out, @item_size, @count array of struct tcpbuf_verdict, most telling first; 12 always suffice.
 * Returns how many were filled, 0: nothing limits it that these records show; -EINVAL: NULL, a bad size, records of
 * two sockets, interval out of range; -ENODATA: the records lack tcp_info (LISTEN, TIME_WAIT, SYN_RECV);
 * -E2BIG: a struct newer than the library. Since 0.1.
 * Kernel: tcp_get_info_chrono_stats(), tcp_cwnd_validate(), tcp_write_xmit(), tcp_check_space(); busy_time,
 * rwnd_limited and sndbuf_limited since 4.10, without them only what the receiver shows is found.
 */
TCPBUF_API int tcpbuf_explain_socket(const struct tcpbuf_sock *before, const struct tcpbuf_sock *after,
	uint32_t sock_size, uint64_t interval_us, const struct tcpbuf_explain_end *own,
	const struct tcpbuf_sock *peer_before, const struct tcpbuf_sock *peer_after,
	const struct tcpbuf_explain_end *peer, void *out, uint32_t item_size, uint32_t count);

/* Name of a code: "reader_slow", "rcvbuf_max"; "unknown" otherwise. Static. Since 0.1. */
TCPBUF_API const char *tcpbuf_verdict_name(uint32_t code);

#ifdef __cplusplus
}
#endif

#endif
