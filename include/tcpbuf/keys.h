/* SPDX-License-Identifier: MIT */
/*
 * The sysctls that shape TCP buffers: names, ranges, what a value must look
 * like and what a kernel does with a write. Pure: nothing here reads or writes
 * a file, so it answers for a kernel that is not running. Any thread.
 */
#ifndef TCPBUF_KEYS_H
#define TCPBUF_KEYS_H

#include <tcpbuf/api.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The family. A number never changes its meaning and is never used again. */
enum tcpbuf_key {
	TCPBUF_KEY_NONE = 0,
	TCPBUF_KEY_TCP_RMEM = 1,
	TCPBUF_KEY_TCP_WMEM = 2,
	TCPBUF_KEY_TCP_MEM = 3,
	TCPBUF_KEY_TCP_ADV_WIN_SCALE = 4,
	TCPBUF_KEY_TCP_MODERATE_RCVBUF = 5,
	TCPBUF_KEY_CORE_RMEM_MAX = 6,
	TCPBUF_KEY_CORE_WMEM_MAX = 7,
	TCPBUF_KEY_CORE_RMEM_DEFAULT = 8,
	TCPBUF_KEY_CORE_WMEM_DEFAULT = 9,
	TCPBUF_KEY_CORE_OPTMEM_MAX = 10,
	TCPBUF_KEY_CORE_SOMAXCONN = 11,
	TCPBUF_KEY_CORE_NETDEV_MAX_BACKLOG = 12,
	TCPBUF_KEY_CORE_MEM_PCPU_RSV = 13,
	TCPBUF_KEY_CORE_BYPASS_PROT_MEM = 14,
	TCPBUF_KEY_CORE_TXREHASH = 15,
	TCPBUF_KEY_CORE_MAX_SKB_FRAGS = 16,
	TCPBUF_KEY_CORE_SKB_DEFER_MAX = 17,
	TCPBUF_KEY_CORE_HIGH_ORDER_ALLOC_DISABLE = 18,
	TCPBUF_KEY_TCP_APP_WIN = 19,
	TCPBUF_KEY_TCP_WINDOW_SCALING = 20,
	TCPBUF_KEY_TCP_WORKAROUND_SIGNED_WINDOWS = 21,
	TCPBUF_KEY_TCP_SACK = 22,
	TCPBUF_KEY_TCP_TIMESTAMPS = 23,
	TCPBUF_KEY_TCP_NO_METRICS_SAVE = 24,
	TCPBUF_KEY_TCP_SLOW_START_AFTER_IDLE = 25,
	TCPBUF_KEY_TCP_SHRINK_WINDOW = 26,
	TCPBUF_KEY_TCP_RCVBUF_LOW_RTT = 27,
	TCPBUF_KEY_TCP_NOTSENT_LOWAT = 28,
	TCPBUF_KEY_TCP_LIMIT_OUTPUT_BYTES = 29,
	TCPBUF_KEY_TCP_AUTOCORKING = 30,
	TCPBUF_KEY_TCP_MAX_SYN_BACKLOG = 31,
	TCPBUF_KEY_TCP_MAX_TW_BUCKETS = 32,
	TCPBUF_KEY_TCP_MAX_ORPHANS = 33,
	TCPBUF_KEY_TCP_KEEPALIVE_TIME = 34,
	TCPBUF_KEY_TCP_KEEPALIVE_INTVL = 35,
	TCPBUF_KEY_TCP_KEEPALIVE_PROBES = 36,
	TCPBUF_KEY_TCP_COMP_SACK_DELAY_NS = 37,
	TCPBUF_KEY_TCP_COMP_SACK_SLACK_NS = 38,
	TCPBUF_KEY_TCP_COMP_SACK_NR = 39,
	TCPBUF_KEY_TCP_COMP_SACK_RTT_PERCENT = 40,
	TCPBUF_KEY_TCP_BACKLOG_ACK_DEFER = 41,
	TCPBUF_KEY_TCP_TSO_RTT_LOG = 42,
	TCPBUF_KEY_TCP_EHASH_ENTRIES = 43,
	TCPBUF_KEY_TCP_CHILD_EHASH_ENTRIES = 44,
	TCPBUF_KEY_TCP_BASE_MSS = 45,
	TCPBUF_KEY_TCP_MIN_SND_MSS = 46,
	TCPBUF_KEY_TCP_MIN_RTT_WLEN = 47,
	TCPBUF_KEY_TCP_MTU_PROBING = 48,
	TCPBUF_KEY_TCP_TSO_WIN_DIVISOR = 49,
	TCPBUF_KEY_TCP_MIN_TSO_SEGS = 50,
	TCPBUF_KEY_TCP_PACING_CA_RATIO = 51,
	TCPBUF_KEY_TCP_PACING_SS_RATIO = 52,
	TCPBUF_KEY_TCP_CONGESTION_CONTROL = 53
};

/* How a kernel keeps a key. A kernel may differ from the next: switches were int, later byte. */
enum tcpbuf_key_type {
	TCPBUF_KEY_TYPE_INT = 1,
	TCPBUF_KEY_TYPE_UINT = 2,
	TCPBUF_KEY_TYPE_ULONG = 3,
	TCPBUF_KEY_TYPE_BYTE = 4,
	TCPBUF_KEY_TYPE_JIFFIES = 5, /* int, given in seconds, kept in ticks */
	TCPBUF_KEY_TYPE_NAME = 6
};

enum tcpbuf_key_unit {
	TCPBUF_KEY_UNIT_BYTES = 1,
	TCPBUF_KEY_UNIT_PAGES = 2,
	TCPBUF_KEY_UNIT_PACKETS = 3,
	TCPBUF_KEY_UNIT_CONNECTIONS = 4,
	TCPBUF_KEY_UNIT_SECONDS = 5,
	TCPBUF_KEY_UNIT_MICROSECONDS = 6,
	TCPBUF_KEY_UNIT_NANOSECONDS = 7,
	TCPBUF_KEY_UNIT_PERCENT = 8,
	TCPBUF_KEY_UNIT_SHIFT = 9,  /* power of two */
	TCPBUF_KEY_UNIT_SWITCH = 10, /* 0 off, 1 on */
	TCPBUF_KEY_UNIT_MODE = 11,  /* a choice, see the key's meaning */
	TCPBUF_KEY_UNIT_COUNT = 12,
	TCPBUF_KEY_UNIT_NAME = 13
};

/* How a key's file shows in a namespace. */
enum tcpbuf_key_access {
	TCPBUF_KEY_ACCESS_ABSENT = 0,
	TCPBUF_KEY_ACCESS_RO = 1,
	TCPBUF_KEY_ACCESS_RW = 2
};

/* What a namespace has when it is made. */
enum tcpbuf_key_inherit {
	TCPBUF_KEY_INHERIT_CONST = 1,  /* the kernel's default, whatever the machine was set to */
	TCPBUF_KEY_INHERIT_COPY = 2,   /* a copy of the first namespace's value of that moment */
	TCPBUF_KEY_INHERIT_SHARED = 3, /* one value for the machine */
	TCPBUF_KEY_INHERIT_EHASH = 4   /* computed from the size of the established hash */
};

/*
 * A value of any key.
 * @size    bytes of this struct; the parser sets it.
 * @count   how many of @numbers there are: 1 or 3; 0 when the value is @text.
 * @numbers in the key's unit, in the order of the file. The unsigned long keys (tcp_mem,
 *          tcp_comp_sack_*_ns) keep the bits of a uint64_t.
 * @text    of tcp_congestion_control; "" for every other key.
 */
struct tcpbuf_value {
	uint32_t size;
	uint32_t count;
	int64_t numbers[3];
	char text[16];
};

/* How many keys this library knows. Since 0.9. */
TCPBUF_API uint32_t tcpbuf_key_count(void);

/*
 * The key at index 0 .. count - 1, in a stable order fit for a table; TCPBUF_KEY_NONE beyond.
 * Since 0.9.
 */
TCPBUF_API uint32_t tcpbuf_key_at(uint32_t index);

/*
 * The key of a name: "net.ipv4.tcp_rmem", or with slashes "net/ipv4/tcp_rmem".
 * Returns TCPBUF_KEY_NONE when the name is NULL or not of this family. Since 0.9.
 */
TCPBUF_API uint32_t tcpbuf_key_by_name(const char *name);

/*
 * Dotted name, as "net.ipv4.tcp_rmem". Never NULL: "" for an unknown key. Static text. Since 0.9.
 */
TCPBUF_API const char *tcpbuf_key_name(uint32_t key);

/* Directory below /proc/sys/net: "ipv4" or "core"; "" for an unknown key. Since 0.9. */
TCPBUF_API const char *tcpbuf_key_dir(uint32_t key);

/* Name of the file in that directory, as "tcp_rmem"; "" for an unknown key. Since 0.9. */
TCPBUF_API const char *tcpbuf_key_file(uint32_t key);

/*
 * Parse what a read of the key's file gave: the numbers with blanks or tabs
 * between, and at most one newline at the end.
 * @text, @length  the bytes; need not be terminated.
 * @out, @out_size receives a struct tcpbuf_value.
 * Returns 0; -ENOENT: unknown key; -EINVAL: not that key's form; -EOVERFLOW: a number
 * does not fit in 64 bits. On failure the output is all zero. Since 0.9.
 */
TCPBUF_API int tcpbuf_key_parse(
	uint32_t key, const char *text, uint32_t length, void *out, uint32_t out_size);

/*
 * Write a value as the kernel prints it: tabs between the numbers, no newline.
 * @buf, @buf_size  64 bytes hold any value; always terminated when buf_size is not 0.
 * Returns the length; -ENOENT: unknown key; -EINVAL: count does not suit the key;
 * -ENOSPC: does not fit (then buf is ""); -E2BIG: the struct is newer than the library. Since 0.9.
 */
TCPBUF_API int tcpbuf_key_format(
	uint32_t key, const struct tcpbuf_value *value, char *buf, uint32_t buf_size);

/* Why a value was refused, or what to know about one that was not. */
enum tcpbuf_key_reason {
	TCPBUF_KEY_REASON_OK = 0,
	TCPBUF_KEY_REASON_UNKNOWN_KEY = 1,       /* -ENOENT */
	TCPBUF_KEY_REASON_ABSENT = 2,            /* -ENOENT: that kernel has no such key */
	TCPBUF_KEY_REASON_READ_ONLY = 3,         /* -EACCES: nobody can write the key */
	/* -EINVAL: kernels accept an empty write and do nothing */
	TCPBUF_KEY_REASON_EMPTY = 4,
	TCPBUF_KEY_REASON_COUNT = 5,             /* -EINVAL: too few or too many numbers */
	/* -EINVAL: kernels ignore what follows the last number */
	TCPBUF_KEY_REASON_TRAILING = 6,
	TCPBUF_KEY_REASON_NOT_A_NUMBER = 7,      /* -EINVAL */
	TCPBUF_KEY_REASON_SIGN = 8,              /* -EINVAL */
	TCPBUF_KEY_REASON_LEADING_ZERO = 9,      /* -EINVAL: kernels read octal */
	TCPBUF_KEY_REASON_HEX = 10,              /* -EINVAL */
	TCPBUF_KEY_REASON_TOO_SMALL = 11,        /* -ERANGE */
	TCPBUF_KEY_REASON_TOO_LARGE = 12,        /* -ERANGE */
	TCPBUF_KEY_REASON_MIN_ABOVE_DEFAULT = 13, /* -ERANGE: kernels do not compare */
	TCPBUF_KEY_REASON_MAX_BELOW_DEFAULT = 14, /* -ERANGE: kernels do not compare */
	/* -EINVAL: not a word of 1 to 15 plain characters */
	TCPBUF_KEY_REASON_NAME = 15,
	/* Legal, code 0, but probably not what was meant. */
	/* a maximum that does not hold one full-sized segment */
	TCPBUF_KEY_REASON_BELOW_SEGMENT = 64,
	TCPBUF_KEY_REASON_NO_EFFECT = 65,        /* that kernel accepts and ignores the key */
	TCPBUF_KEY_REASON_SAME_AS_ONE = 66,      /* a switch set to more than 1 */
	/* accepted at 0 or below, where it makes no sense */
	TCPBUF_KEY_REASON_NOT_POSITIVE = 67,
	TCPBUF_KEY_REASON_SMALL_WINDOWS = 68,    /* windows stay at or below 65535 bytes */
	TCPBUF_KEY_REASON_ABOVE_MEMORY = 69      /* more pages than the machine has */
};

/*
 * The answer of tcpbuf_key_check().
 * @size    bytes of this struct that were written.
 * @key     the key that was checked.
 * @code    0, or the negative errno that the reason stands for.
 * @reason  enum tcpbuf_key_reason.
 * @element index of the number at fault, 0 .. 2.
 * @given   the number at fault, or how many numbers there are (REASON_COUNT). For unsigned long
 *          keys the bits of a uint64_t, as in @limit.
 * @limit   what it was compared with, or how many numbers the key takes.
 * @word    the bytes at fault; control bytes, quotes, backslashes and bytes above 126 as \xNN.
 * @word_cut 1: there were more than @word holds.
 * @text    the value to write, as the kernel will print it; "" when refused.
 */
struct tcpbuf_key_verdict {
	uint32_t size;
	uint32_t key;
	int32_t code;
	uint32_t reason;
	uint32_t element;
	uint32_t word_cut;
	int64_t given;
	int64_t limit;
	char word[32];
	char text[64];
};

/*
 * Behaviour that differs between kernels, one bit each. Distributions back-port, so a
 * kernel's bits are what counts, not its number.
 */
enum tcpbuf_key_feature {
	TCPBUF_KEY_FEATURE_NONE = 0,
	/* int keys are compared before they are cut to 32 bits */
	TCPBUF_KEY_FEATURE_INT_WIDE_CHECK = 1,
	/* a negative number for an unsigned long key is refused, not skipped */
	TCPBUF_KEY_FEATURE_LONG_NEGATIVE_EINVAL = 2,
	/* byte and unsigned keys return the bytes they used */
	TCPBUF_KEY_FEATURE_SHORT_COUNT = 3,
	TCPBUF_KEY_FEATURE_BYTE_SWITCHES = 4,      /* most switches hold 0..255 */
	TCPBUF_KEY_FEATURE_BYTE_COMP_SACK_NR = 5,  /* tcp_comp_sack_nr holds 0..255 */
	TCPBUF_KEY_FEATURE_APP_WIN_RANGE = 6,      /* tcp_app_win: 0..31 */
	/* optmem_max: per namespace, 0 and up, 131072 at start */
	TCPBUF_KEY_FEATURE_OPTMEM_NETNS = 7,
	/* rmem_max and its like can be read in every namespace */
	TCPBUF_KEY_FEATURE_CORE_VISIBLE = 8,
	TCPBUF_KEY_FEATURE_CORE_MAX_4M = 9,        /* rmem_max, wmem_max: 4194304 at start */
	TCPBUF_KEY_FEATURE_RMEM_CAP_32M = 10,      /* tcp_rmem: up to 33554432 at start */
	TCPBUF_KEY_FEATURE_RMEM_FLOOR = 11,        /* tcp_rmem: no number below the page size */
	TCPBUF_KEY_FEATURE_TSO_RTT_LOG_RANGE = 12, /* tcp_tso_rtt_log: 0..31 */
	TCPBUF_KEY_FEATURE_OUTPUT_1M = 13,         /* tcp_limit_output_bytes: 1048576 at start */
	TCPBUF_KEY_FEATURE_OUTPUT_4M = 14,         /* tcp_limit_output_bytes: 4194304 at start */
	TCPBUF_KEY_FEATURE_SLACK_10US = 15,        /* tcp_comp_sack_slack_ns: 10000 at start */
	TCPBUF_KEY_FEATURE_SKB_DEFER_128 = 16,     /* skb_defer_max: 128 at start */
	TCPBUF_KEY_FEATURE_ADV_WIN_SCALE_DEAD = 17, /* tcp_adv_win_scale is ignored */
	TCPBUF_KEY_FEATURE_SOMAXCONN_4096 = 18,    /* somaxconn: 4096 at start */
	TCPBUF_KEY_FEATURE_RMEM_DEFAULT_128K = 19, /* tcp_rmem: default 131072, not 87380 */
	/* tcp_rmem, tcp_wmem: first number at start is the page size */
	TCPBUF_KEY_FEATURE_PAGE_MINIMUM = 20,
	/* tcp_max_syn_backlog: hash size / 128 at start, not / 256 */
	TCPBUF_KEY_FEATURE_SYN_BACKLOG_128TH = 21
};

/*
 * One kernel, as far as these sysctls go. Fill it with tcpbuf_key_rules_for() or
 * tcpbuf_key_rules_release(), then correct what was seen on a live machine. Kernels with a
 * 64-bit long.
 * @size         sizeof(struct tcpbuf_key_rules).
 * @version      major << 16 | minor << 8 | patch, a patch above 255 as 255.
 * @features     bit 1 << N for each enum tcpbuf_key_feature N.
 * @keys_init    bit 1 << (key % 64) of word key / 64: the file exists in the first namespace.
 * @keys_child   the same for any other namespace.
 * @keys_child_rw  it can be written there.
 * @verified     1: recorded from this very release; 0: nearest.
 * @page_size    bytes. @hz ticks a second, 100..1000.
 * @min_rcvbuf, @min_sndbuf  least SO_RCVBUF and SO_SNDBUF results: 2304 and 4608 on x86-64.
 * @buffer_pages pages counted at boot, for the defaults that follow memory; 0: not known.
 * @ehash_entries size of the established hash, for the defaults that follow it; 0: not known.
 */
struct tcpbuf_key_rules {
	uint32_t size;
	uint32_t version;
	uint64_t features;
	uint64_t keys_init[2];
	uint64_t keys_child[2];
	uint64_t keys_child_rw[2];
	uint32_t verified;
	uint32_t page_size;
	uint32_t hz;
	uint32_t min_rcvbuf;
	uint32_t min_sndbuf;
	uint32_t padding;
	uint64_t buffer_pages;
	uint64_t ehash_entries;
};

/*
 * Rules of a kernel by number. Machine constants are those of x86-64 with HZ=250.
 * @patch the stable release's last number; 0: mainline. 5.10.223, 6.1.176, 6.12.117, 6.18.44 and
 *        7.3.4 are verified; what stable releases took over shows from the first patch that is
 *        known to have it.
 * @out, @out_size receives a struct tcpbuf_key_rules.
 * Returns 0; -EINVAL: older than 4.19, a number out of range, or out is NULL. Since 0.9.
 */
TCPBUF_API int tcpbuf_key_rules_for(
	uint32_t major, uint32_t minor, uint32_t patch, void *out, uint32_t out_size);

/*
 * Rules of a kernel by the release that uname prints, as "6.12.117+deb13-cloud-amd64", or a
 * plain "6.1". Releases of Debian 11 and 12 ("5.10.0-32-...", "6.1.0-50-...") hide their stable patch: taken
 * as the recorded one.
 * @out, @out_size receives a struct tcpbuf_key_rules.
 * Returns 0; -EINVAL: not a release, or older than 4.19. Since 0.9.
 */
TCPBUF_API int tcpbuf_key_rules_release(const char *release, void *out, uint32_t out_size);

/*
 * Check what a user typed, more strictly than any kernel: exactly the key's
 * numbers, decimal, no leading zero, no sign unless the range has negatives,
 * nothing behind, min <= default <= max, in range.
 * @rules  the kernel; NULL: refuse only what no kernel would take in this form.
 * @text, @length the bytes. Blanks and tabs around and between, and one newline at the end, are
 *                accepted.
 * @out, @out_size receives a struct tcpbuf_key_verdict.
 * Returns the verdict's code: 0, -EINVAL, -ERANGE, -EACCES, -ENOENT; -E2BIG: rules newer than
 * the library. Since 0.9.
 */
TCPBUF_API int tcpbuf_key_check(const struct tcpbuf_key_rules *rules, uint32_t key,
	const char *text, uint32_t length, void *out, uint32_t out_size);

/*
 * The reason of a verdict as an English clause, as in
 * "max 65536 is below default 131072"; "" for REASON_OK.
 * @buf, @buf_size  160 bytes hold any clause; a longer one is cut. Always terminated when
 *                  buf_size is not 0.
 * Returns the length of the whole clause; -EINVAL: verdict is NULL or smaller than its fixed
 * part. Since 0.9.
 */
TCPBUF_API int tcpbuf_key_reason_text(
	const struct tcpbuf_key_verdict *verdict, char *buf, uint32_t buf_size);

/* Which namespace: the machine's first one, or any other. */
enum tcpbuf_key_netns {
	TCPBUF_KEY_NETNS_INIT = 0,
	TCPBUF_KEY_NETNS_CHILD = 1
};

/*
 * How a key's file shows on a kernel: enum tcpbuf_key_access.
 * @rules the kernel. @netns enum tcpbuf_key_netns.
 * ABSENT also when the key is unknown or rules are not readable. Since 0.9.
 */
TCPBUF_API uint32_t tcpbuf_key_access(
	const struct tcpbuf_key_rules *rules, uint32_t key, uint32_t netns);

/* Whose a key's value is. */
enum tcpbuf_key_scope {
	TCPBUF_KEY_SCOPE_NODE = 1, /* one value for the machine */
	TCPBUF_KEY_SCOPE_NETNS = 2 /* one for each namespace */
};

/* Bits of tcpbuf_key_info.valid. */
enum tcpbuf_key_info_group {
	TCPBUF_KEY_INFO_HAS_RANGE = 1,  /* min, max: not for a name */
	/* initial: not when it follows memory or hash size and the rules do not say */
	TCPBUF_KEY_INFO_HAS_INITIAL = 2
};

/*
 * A key on one kernel.
 * @size    bytes of this struct that were written.
 * @valid   bits of enum tcpbuf_key_info_group.
 * @type    enum tcpbuf_key_type, as this kernel keeps it. @unit enum tcpbuf_key_unit.
 * @count   numbers in the file; 0: a name.
 * @scope   enum tcpbuf_key_scope. @inherit enum tcpbuf_key_inherit.
 * @access_init, @access_child  enum tcpbuf_key_access, in the first namespace and in any other.
 * @since   mainline version that brought the file, as in tcpbuf_key_rules; 0: older than 4.19.
 * @netns_since  mainline version that made it per namespace, 4.19 when it was that one or an
 *               earlier one; 0: none did.
 * @dead    1: this kernel accepts the key and ignores it. @dead_since the mainline version, 0:
 *          none.
 * @min, @max  of each number; an unsigned long key takes more than max, but the kernel would
 *             read that as negative.
 * @initial value at start, @count numbers.
 */
struct tcpbuf_key_info {
	uint32_t size;
	uint32_t valid;
	uint32_t key;
	uint32_t type;
	uint32_t unit;
	uint32_t count;
	uint32_t scope;
	uint32_t inherit;
	uint32_t access_init;
	uint32_t access_child;
	uint32_t since;
	uint32_t netns_since;
	uint32_t dead;
	uint32_t dead_since;
	int64_t min;
	int64_t max;
	int64_t initial[3];
};

/*
 * Describe a key on a kernel, whether or not that kernel has it (then both accesses are ABSENT).
 * @out, @out_size receives a struct tcpbuf_key_info.
 * Returns 0; -ENOENT: unknown key; -EINVAL: no rules; -E2BIG: rules newer than the library.
 * Since 0.9.
 */
TCPBUF_API int tcpbuf_key_describe(
	const struct tcpbuf_key_rules *rules, uint32_t key, void *out, uint32_t out_size);

enum tcpbuf_key_text {
	TCPBUF_KEY_TEXT_MEANING = 1,
	TCPBUF_KEY_TEXT_HISTORY = 2, /* what changed between kernels */
	TCPBUF_KEY_TEXT_FOLKLORE = 3 /* what is often expected of the key, set right */
};

/*
 * A few English sentences on a key.
 * @which enum tcpbuf_key_text.
 * Never NULL; "" when there is nothing to say or the key is unknown. Static text. Since 0.9.
 */
TCPBUF_API const char *tcpbuf_key_text(uint32_t key, uint32_t which);

/* Bits of tcpbuf_key_effect.valid. */
enum tcpbuf_key_effect_group {
	TCPBUF_KEY_EFFECT_HAS_AFTER = 1
};

/*
 * What a write did.
 * @size    bytes of this struct that were written.
 * @valid   bits of enum tcpbuf_key_effect_group.
 * @result  what write(2) returns: the bytes accepted, fewer than given when the kernel stopped
 *          reading, or a negative errno; -ENOENT and -EACCES come from open(2), as root.
 * @after   with EFFECT_HAS_AFTER: the value then, as a read prints it without its newline. It can
 *          differ from the one before although the write failed.
 */
struct tcpbuf_key_effect {
	uint32_t size;
	uint32_t valid;
	int32_t result;
	uint32_t padding;
	char after[64];
};

/*
 * What a kernel does with one write(2) of exactly these bytes at offset 0, by root.
 * @rules  the kernel. @netns enum tcpbuf_key_netns.
 * @bytes, @length what is written; need not be terminated.
 * @before the value before, or NULL when it is not known; then EFFECT_HAS_AFTER is set only if every
 *         number was written.
 * @out, @out_size receives a struct tcpbuf_key_effect.
 * Returns 0; -ENOENT: unknown key; -EINVAL: bad argument; -E2BIG: a struct newer than the library;
 * -EOPNOTSUPP: tcp_congestion_control, where the modules loaded decide.
 * Mirrors do_proc_dointvec(), proc_dou8vec_minmax(), proc_doulongvec_minmax() of
 * kernel/sysctl.c. Since 0.9.
 */
TCPBUF_API int tcpbuf_key_write(const struct tcpbuf_key_rules *rules, uint32_t key, uint32_t netns,
	const char *bytes, uint32_t length, const struct tcpbuf_value *before, void *out,
	uint32_t out_size);

/* What a line of a sysctl.d(5) file does. */
enum tcpbuf_key_line {
	TCPBUF_KEY_LINE_SET = 1,      /* KEY = VALUE */
	TCPBUF_KEY_LINE_EXCLUDE = 2,  /* -KEY: a pattern elsewhere does not set it */
	TCPBUF_KEY_LINE_MALFORMED = 3 /* neither, or a control byte in it */
};

/*
 * A line of a sysctl.d(5) file, and where the next one is.
 * @size     sizeof(struct tcpbuf_key_setting), by the caller.
 * @at       where the next line begins; 0 to begin. @line number of this line, from 1; 0 to begin.
 * @kind     enum tcpbuf_key_line.
 * @key      enum tcpbuf_key; TCPBUF_KEY_NONE when the name is not of this family.
 * @optional 1: a '-' before the name: that the key cannot be set is no failure.
 * @pattern  1: the name holds '*', '?' or '['.
 * @name_at, @name_length, @value_at, @value_length  bytes of the text, without the blanks around.
 */
struct tcpbuf_key_setting {
	uint32_t size;
	uint32_t at;
	uint32_t line;
	uint32_t kind;
	uint32_t key;
	uint32_t optional;
	uint32_t pattern;
	uint32_t name_at;
	uint32_t name_length;
	uint32_t value_at;
	uint32_t value_length;
};

/*
 * The next line of a sysctl.d(5) file that is neither empty nor a comment ('#' or ';'). Lines are in the
 * order of the file; when a key is set twice, the last one counts. The value is not looked at: see tcpbuf_key_check().
 * @text, @length the file's bytes; need not be terminated.
 * @setting       in: size, and the place left by the call before, or zero; out: the line.
 * Returns 1; 0 at the end, and setting is unchanged; -EINVAL: NULL, or size is too small. Since 0.9.
 */
TCPBUF_API int tcpbuf_key_setting_next(
	const char *text, uint32_t length, struct tcpbuf_key_setting *setting);

#ifdef __cplusplus
}
#endif

#endif
