/* SPDX-License-Identifier: MIT */
/*
 * What should I do? Judge sysctls before they are set, and plan settings and memory
 * for connections to come. Pure: nothing is read or written. Any thread.
 */
#ifndef TCPBUF_ADVISE_H
#define TCPBUF_ADVISE_H

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

#ifdef __cplusplus
}
#endif

#endif
