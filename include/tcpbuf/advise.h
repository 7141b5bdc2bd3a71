/* SPDX-License-Identifier: MIT */
/*
 * What should I do? Judge sysctls before they are set, plan settings and memory for connections
 * to come, explain why one is no faster. Pure: nothing is read or written. Any thread.
 */
#ifndef TCPBUF_ADVISE_H
#define TCPBUF_ADVISE_H

#include <tcpbuf/census.h>
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
	TCPBUF_FINDING_MAY_HOLD = 13,     /* what connections may hold with these settings */
	/* Of a plan. */
	TCPBUF_FINDING_RATE_BELOW = 32,   /* a class's wanted rate is above what the current settings allow */
	TCPBUF_FINDING_FIXED_BUFFER = 33, /* SO_RCVBUF or SO_SNDBUF stops growth; what it costs */
	TCPBUF_FINDING_PRESSURE = 34,     /* expected memory takes the node above tcp_mem's second number */
	TCPBUF_FINDING_CAPPED = 35,       /* settings permit more than tcp_mem or the cgroup grants */
	TCPBUF_FINDING_CGROUP = 36,       /* expected memory is above the cgroup's limit */
	TCPBUF_FINDING_NO_ROOM = 37       /* no tcp_mem that suits fits into the machine's memory */
};

enum tcpbuf_finding_level {
	TCPBUF_FINDING_NOTE = 1,
	TCPBUF_FINDING_WARNING = 2,
	TCPBUF_FINDING_ERROR = 3
};

/*
 * @code    enum tcpbuf_finding_code. @level enum tcpbuf_finding_level.
 * @index   of the setting, or of a plan's class, that it is about; UINT32_MAX: of none.
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
 * small, a key or value that is not terminated; -E2BIG: a struct newer than the library. Since 0.9.
 */
TCPBUF_API int tcpbuf_lint_settings(const struct tcpbuf_rules *rules, const struct tcpbuf_lint *lint,
	const void *settings, uint32_t setting_size, uint32_t count, void *findings, uint32_t finding_size,
	uint32_t capacity);

/* Which way a connection carries data, seen from the pod. */
enum tcpbuf_plan_direction {
	TCPBUF_PLAN_RECEIVES = 1,
	TCPBUF_PLAN_SENDS = 2,
	TCPBUF_PLAN_BOTH = 3
};

/* How applications, the pod's and its peers', read before they stop. */
enum tcpbuf_plan_reader {
	TCPBUF_PLAN_READS_ALL = 0, /* whatever has come: buffers grow to what the rate needs */
	TCPBUF_PLAN_READS_SLOWLY = 1 /* slower than it comes: receive buffers stay as they begin */
};

/*
 * Connections of one kind.
 * @size          sizeof(struct tcpbuf_plan_class).
 * @connections   1..10000000.
 * @idle_percent  share of them that carry nothing, 0..100.
 * @directions    enum tcpbuf_plan_direction.
 * @reader        enum tcpbuf_plan_reader.
 * @mss           payload of a full segment, 88..65495 bytes; 1448 with Ethernet and timestamps.
 * @so_rcvbuf, @so_sndbuf what the application passes to setsockopt(2); 0: it does not.
 * @scaling_ratio of packets received, 1..255, in 1/256; 0: not known, the kernel's first one.
 * @rtt_us        round trip, 1..10000000.
 * @rate_bps      bits a second wanted for one connection in each direction; 0: as much as there is.
 * @message_bytes of one send(2), the most it may add to a send buffer beyond its size; 0: large writes without pause
 *                (bulk).
 * @peer_rcvbuf   the largest receive buffer of its peers, which bounds the packets that are sent to them, and what is
 *                in flight; 0: not known: like the pod's own, or what the rate needs.
 * @name          "" or a word for the texts.
 */
struct tcpbuf_plan_class {
	uint32_t size;
	uint32_t connections;
	uint32_t idle_percent;
	uint32_t directions;
	uint32_t reader;
	uint32_t mss;
	int32_t so_rcvbuf;
	int32_t so_sndbuf;
	uint32_t scaling_ratio;
	uint32_t padding;
	int64_t rtt_us;
	int64_t rate_bps;
	int64_t message_bytes;
	int64_t peer_rcvbuf;
	char name[32];
};

enum tcpbuf_plan_flag {
	TCPBUF_PLAN_KEEP = 1,       /* plan with the current settings: what would they do? */
	TCPBUF_PLAN_CGROUP_TCP = 2  /* the cgroup's limit is for TCP alone (v1 kmem.tcp), not for all memory (v2) */
};

/*
 * The node, and the pod's settings now.
 * @size            sizeof(struct tcpbuf_plan_node).
 * @flags           enum tcpbuf_plan_flag.
 * @socket_bytes    structure of a socket, column size of /proc/net/protocols; 0: 2304.
 * @moderate_rcvbuf net.ipv4.tcp_moderate_rcvbuf of the pod.
 * @ram_bytes       of the machine; 0: not known.
 * @tcp_mem         pages; all 0: not known, then the node is left out.
 * @neighbour_bytes TCP memory that everybody else holds.
 * @cgroup_limit_bytes 0: none. @cgroup_used_bytes of the pod already, without what is planned here.
 * @current         settings of the pod's namespace; its set_* and so_* members are not looked at.
 */
struct tcpbuf_plan_node {
	uint32_t size;
	uint32_t flags;
	uint32_t socket_bytes;
	uint32_t moderate_rcvbuf;
	int64_t ram_bytes;
	int64_t tcp_mem[3];
	int64_t neighbour_bytes;
	int64_t cgroup_limit_bytes;
	int64_t cgroup_used_bytes;
	struct tcpbuf_model_end current;
};

/* Why there is no plan: tcpbuf_plan.reason. */
enum tcpbuf_plan_reason {
	TCPBUF_PLAN_OK = 0,
	TCPBUF_PLAN_NO_CLASS = 1,
	TCPBUF_PLAN_CONNECTIONS = 2,
	TCPBUF_PLAN_RTT = 3,
	TCPBUF_PLAN_RATE = 4,        /* negative, or above 1 Tbit/s */
	TCPBUF_PLAN_NO_WINDOW = 5,   /* more in flight than the protocol or any buffer allows */
	TCPBUF_PLAN_MSS = 6,
	TCPBUF_PLAN_IDLE = 7,        /* not a percentage */
	TCPBUF_PLAN_DIRECTION = 8,
	TCPBUF_PLAN_MESSAGE = 9,
	TCPBUF_PLAN_OPTION = 10,     /* reader, scaling_ratio, so_rcvbuf, so_sndbuf or peer_rcvbuf out of range */
	TCPBUF_PLAN_SETTINGS = 11,   /* current settings out of order or range */
	TCPBUF_PLAN_TCP_MEM = 12,    /* out of order, or above the machine's memory */
	TCPBUF_PLAN_TCP_MEM_IDLE = 13, /* less than a page for each connection */
	TCPBUF_PLAN_RAM = 14,        /* idle sockets alone do not fit */
	TCPBUF_PLAN_CGROUP = 15      /* idle sockets alone do not fit in the cgroup */
};

/* Memory by side. Bytes that the kernel charges to TCP: held, as of struct tcpbuf_sock. */
struct tcpbuf_plan_sides {
	int64_t receive;
	int64_t send;
	int64_t total; /* with what is lost to whole pages */
};

/* What caps the bound: tcpbuf_plan.cap. */
enum tcpbuf_plan_cap {
	TCPBUF_PLAN_CAP_SETTINGS = 0,
	TCPBUF_PLAN_CAP_TCP_MEM = 1,
	TCPBUF_PLAN_CAP_CGROUP = 2
};

/*
 * Settings and memory. Three figures that are never added up: idle is structures of sockets, in slab, and in no counter
 * of TCP memory; expected is what TCP holds when all readers stop; bound is what the settings permit.
 * @reason     enum tcpbuf_plan_reason; when it is not OK, text says why and the rest is 0.
 * @verified   1: by rules of a recorded kernel.
 * @cap        enum tcpbuf_plan_cap.
 * @changes    how many settings differ from the current ones: tcpbuf_plan_list() with TCPBUF_PLAN_SETTINGS_LIST.
 * @rmem, @wmem planned tcp_rmem and tcp_wmem.
 * @idle_bytes of all connections.
 * @expected, @bound of all connections; bound.total is capped, bound.receive and .send are not.
 * @permitted_bytes bound before it was capped.
 * @limit_bytes tcp_mem. The next four and @stuck are 0 when tcp_mem is not known.
 * @remaining_before, @remaining_after up to tcp_mem's third number, for everybody; after: with expected. May be negative.
 * @share_expected, @share_bound neighbours and pod, of each limit, in 1/100 percent.
 * @cgroup_expected, @cgroup_bound share of the cgroup's limit in 1/100 percent, idle included where the limit is for
 *             all memory; 0 without limit.
 * @stuck      connections whose readers have stopped with which pressure begins; -1: not even with all.
 * @text       one sentence when there is no plan.
 */
struct tcpbuf_plan {
	uint32_t reason;
	uint32_t verified;
	uint32_t cap;
	uint32_t changes;
	int64_t rmem[3];
	int64_t wmem[3];
	int64_t idle_bytes;
	struct tcpbuf_plan_sides expected;
	struct tcpbuf_plan_sides bound;
	int64_t permitted_bytes;
	int64_t limit_bytes[3];
	int64_t remaining_before;
	int64_t remaining_after;
	int64_t stuck;
	uint32_t share_expected[3];
	uint32_t share_bound[3];
	uint32_t cgroup_expected;
	uint32_t cgroup_bound;
	char text[256];
};

/*
 * Make a plan.
 * @rules   the kernel. @node where.
 * @classes @count records of struct tcpbuf_plan_class, each @class_size bytes from the last; at most 64.
 * @out, @out_size receives a struct tcpbuf_plan.
 * Returns 0; -EINVAL: NULL or bad size (nothing is written), or what is asked for is impossible or contradictory:
 * then reason and text say why; -E2BIG: a struct newer than the library. Since 0.9.
 * Kernel: tcp_rcv_space_adjust(), tcp_sndbuf_expand(), tcp_try_rmem_schedule(), sk_stream_memory_free(),
 * __tcp_select_window(), __sk_mem_raise_allocated().
 */
TCPBUF_API int tcpbuf_plan_make(const struct tcpbuf_rules *rules, const struct tcpbuf_plan_node *node,
	const void *classes, uint32_t class_size, uint32_t count, void *out, uint32_t out_size);

/* One direction of a class under given settings. Bytes, unless said. */
struct tcpbuf_plan_reach {
	int64_t buffer;   /* the largest that one connection's buffer becomes */
	int64_t window;   /* payload that it lets be in flight */
	int64_t rate_bps; /* that with one window a round trip */
};

/*
 * A class of the plan.
 * @active  connections that carry data.
 * @wscale_now, @wscale_planned  window scale that the pod offers.
 * @needed_window in flight at the wanted rate; 0 without one.
 * @idle_bytes, @expected, @bound of one connection; while data moves, heads of packets that are cut into more pieces
 *          than usual may take one connection of many above its bound for a moment, a few hundred bytes each.
 */
struct tcpbuf_plan_result {
	uint32_t active;
	uint32_t wscale_now;
	uint32_t wscale_planned;
	uint32_t padding;
	int64_t needed_window;
	struct tcpbuf_plan_reach receive_now;
	struct tcpbuf_plan_reach receive_planned;
	struct tcpbuf_plan_reach send_now;
	struct tcpbuf_plan_reach send_planned;
	int64_t idle_bytes;
	struct tcpbuf_plan_sides expected;
	struct tcpbuf_plan_sides bound;
};

/* Figures that steps explain: tcpbuf_plan_step.figure. */
enum tcpbuf_plan_figure {
	TCPBUF_PLAN_FIGURE_WINDOW = 1,
	TCPBUF_PLAN_FIGURE_RMEM_MAX = 2,
	TCPBUF_PLAN_FIGURE_WMEM_MAX = 3,
	TCPBUF_PLAN_FIGURE_RECEIVE_NOW = 4, /* bits a second */
	TCPBUF_PLAN_FIGURE_SEND_NOW = 5,    /* bits a second */
	TCPBUF_PLAN_FIGURE_IDLE = 6,
	TCPBUF_PLAN_FIGURE_EXPECTED_RECEIVE = 7,
	TCPBUF_PLAN_FIGURE_EXPECTED_SEND = 8,
	TCPBUF_PLAN_FIGURE_BOUND_RECEIVE = 9,
	TCPBUF_PLAN_FIGURE_BOUND_SEND = 10,
	TCPBUF_PLAN_FIGURE_EXPECTED = 11,
	TCPBUF_PLAN_FIGURE_BOUND = 12,
	TCPBUF_PLAN_FIGURE_CAP = 13,
	TCPBUF_PLAN_FIGURE_REMAINING = 14,
	TCPBUF_PLAN_FIGURE_STUCK = 15,      /* connections that are stuck as expected, then: at their bound; -1: not even all */
	TCPBUF_PLAN_FIGURE_TCP_MEM = 16     /* pages */
};

/*
 * One figure and how it came about.
 * @figure enum tcpbuf_plan_figure. @index of the class; UINT32_MAX: of the whole plan.
 * @value  bytes, unless the figure says otherwise.
 * @text   the arithmetic and the rule, in English.
 */
struct tcpbuf_plan_step {
	uint32_t figure;
	uint32_t index;
	int64_t value;
	char text[320];
};

/* Lists of tcpbuf_plan_list(), each with its record. */
enum tcpbuf_plan_what {
	TCPBUF_PLAN_RESULTS_LIST = 1,  /* struct tcpbuf_plan_result, one a class */
	TCPBUF_PLAN_STEPS_LIST = 2,    /* struct tcpbuf_plan_step */
	TCPBUF_PLAN_SETTINGS_LIST = 3, /* struct tcpbuf_k8s_setting: what is to be changed, for tcpbuf_k8s_write() */
	TCPBUF_PLAN_FINDINGS_LIST = 4  /* struct tcpbuf_finding */
};

/*
 * The parts of the same plan.
 * @what enum tcpbuf_plan_what.
 * @items room for @capacity records of that list, each @item_size bytes from the last; NULL when capacity is 0.
 * Returns how many there are, which may be more than capacity; -EINVAL, -E2BIG as tcpbuf_plan_make(). Since 0.9.
 */
TCPBUF_API int tcpbuf_plan_list(const struct tcpbuf_rules *rules, const struct tcpbuf_plan_node *node,
	const void *classes, uint32_t class_size, uint32_t count, uint32_t what, void *items, uint32_t item_size,
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
	TCPBUF_VERDICT_MEMORY_PRESSURE = 13, /* the kernel holds windows down for lack of TCP memory */
	/* Of a node, tcpbuf_explain_node(). */
	TCPBUF_VERDICT_NODE_OUT = 32,      /* above tcp_mem's third number: memory is refused */
	TCPBUF_VERDICT_NODE_PRESSURE = 33, /* in pressure: above the second number, or not yet below the first again */
	TCPBUF_VERDICT_NODE_NEAR = 34,     /* above the first number, pressure not entered */
	TCPBUF_VERDICT_NODE_FINE = 35,     /* below the first number */
	TCPBUF_VERDICT_NODE_HOLDER = 36,   /* who holds a hundredth of it or more */
	TCPBUF_VERDICT_NODE_UNACCEPTED = 37, /* connections that nobody accepts hold a tenth or more */
	TCPBUF_VERDICT_NODE_ORPHANED = 38, /* sockets that no process has any more do */
	TCPBUF_VERDICT_NODE_UNREACHABLE = 39 /* namespaces that nothing leads to do */
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
 * @out, @item_size, @count array of struct tcpbuf_verdict, causes at a receiver before what its sender sees; 12 always suffice.
 * Returns how many were filled, 0: nothing limits it that these records show; -EINVAL: NULL, a bad size, records of
 * two sockets, interval out of range; -ENODATA: the records lack tcp_info (LISTEN, TIME_WAIT, SYN_RECV);
 * -E2BIG: a struct newer than the library. Since 0.9.
 * Kernel: tcp_get_info_chrono_stats(), tcp_cwnd_validate(), tcp_write_xmit(), tcp_check_space(); busy_time,
 * rwnd_limited and sndbuf_limited since 4.10, without them only what the receiver shows is found.
 */
TCPBUF_API int tcpbuf_explain_socket(const struct tcpbuf_sock *before, const struct tcpbuf_sock *after,
	uint32_t sock_size, uint64_t interval_us, const struct tcpbuf_explain_end *own,
	const struct tcpbuf_sock *peer_before, const struct tcpbuf_sock *peer_after,
	const struct tcpbuf_explain_end *peer, void *out, uint32_t item_size, uint32_t count);

/*
 * "TCP: out of memory -- consider tuning tcp_mem": where the node stands, and who holds the memory.
 * @node, @node_size   a struct tcpbuf_census_node of that many bytes.
 * @holders, @holder_size, @holder_count records of struct tcpbuf_census_holder, in the order of their rank; NULL, 0,
 *                     0: none. Of these the first 10 that hold a hundredth of the node's use or more are named.
 * @settings           of each holder's namespace, holder_count of them, all of one size; NULL: unknown. With them a holder's evidence
 *                     says to what its buffers may grow, else to what the buffers of now allow.
 * @out, @item_size, @count array of struct tcpbuf_verdict, the node's state first; 16 always suffice. Names of pods,
 *                     processes and cgroups stand at the end of evidence as they are: escape them before printing.
 * Returns how many were filled; -EINVAL: NULL or a bad size; -ENODATA: the node's use or limits are not known;
 * -E2BIG: a struct newer than the library. Since 0.9.
 * Kernel: __sk_mem_raise_allocated(), net/core/sock.c; tcp_enter_memory_pressure(), net/ipv4/tcp.c.
 */
TCPBUF_API int tcpbuf_explain_node(const void *node, uint32_t node_size, const void *holders,
	uint32_t holder_size, uint32_t holder_count, const struct tcpbuf_explain_end *settings, void *out,
	uint32_t item_size, uint32_t count);

/* Name of a code: "reader_slow", "rcvbuf_max"; "unknown" otherwise. Static. Since 0.9. */
TCPBUF_API const char *tcpbuf_verdict_name(uint32_t code);

#ifdef __cplusplus
}
#endif

#endif
