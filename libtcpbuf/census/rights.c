/* SPDX-License-Identifier: MIT */
/* What a census may not see, and why. */
#include "census/census.h"

#include <errno.h>
#include <fcntl.h>

#include "mem/text.h"
#include "util/file.h"

/* include/uapi/linux/capability.h */
#define CAP_SYS_PTRACE 19

int tcpbuf__census_parse_rights(struct tcpbuf__reader text, uint64_t *mask)
{
	struct tcpbuf__reader line, word;

	while (tcpbuf__reader_line(&text, &line)) {
		if (!tcpbuf__reader_word(&line, &word) || !tcpbuf__reader_is(&word, "CapEff:"))
			continue;
		if (!tcpbuf__reader_word(&line, &word) || word.end - word.pos > 16)
			return -EPROTO;
		for (*mask = 0; word.pos < word.end; word.pos++) {
			if (tcpbuf__reader_hex(*word.pos) < 0)
				return -EPROTO;
			*mask = *mask << 4 | (uint64_t)tcpbuf__reader_hex(*word.pos);
		}
		return 0;
	}
	return -EPROTO;
}

/* 1 with the capability, 0 without or when it cannot be told. */
static int may_ptrace(struct tcpbuf *tb, int *err)
{
	struct tcpbuf__file file = {0};
	uint64_t mask = 0;

	*err = tcpbuf__file_read(&file, tb->sys, AT_FDCWD, "/proc/thread-self/status");
	if (*err || tcpbuf__census_parse_rights(tcpbuf__reader_init(file.data, file.used), &mask) != 0)
		mask = 0;
	tcpbuf__file_free(&file, tb->sys);
	return (int)(mask >> CAP_SYS_PTRACE & 1);
}

/* Memory that no namespace seen holds, or sockets with memory that must have an owner and have none. */
static int misses_something(const struct tcpbuf_census *c, int has_owners)
{
	const struct tcpbuf_census_holder *rest = &c->tables[TCPBUF__PROCESS].rest;

	return c->node.unreachable_bytes > (int64_t)c->node.error_bar_bytes ||
	       (has_owners && rest->held_bytes != rest->unaccepted_bytes + rest->orphaned_bytes);
}

static void say(struct tcpbuf_census *c, int has_right)
{
	struct tcpbuf__text t = tcpbuf__text_init(c->lacks, sizeof(c->lacks));

	if (c->node.netns_denied) {
		tcpbuf__text_u64(&t, c->node.netns_denied);
		tcpbuf__text_str(&t, " namespaces may not be entered: CAP_SYS_ADMIN is missing");
	}
	if (!c->node.processes_denied)
		return;
	tcpbuf__text_str(&t, t.used ? "; " : "");
	tcpbuf__text_u64(&t, c->node.processes_denied);
	tcpbuf__text_str(&t, has_right ? " processes may not be looked into, not even with CAP_SYS_PTRACE"
				       : " processes may not be looked into: CAP_SYS_PTRACE is missing");
}

int tcpbuf__census_lack(struct tcpbuf_census *c, int has_owners)
{
	int err, has_right = may_ptrace(c->tb, &err);

	if (tcpbuf__sys_exhausted(err))
		return err;
	say(c, has_right);
	c->node.partial = c->node.netns_denied ||
			  (c->node.processes_denied && (!has_right || misses_something(c, has_owners)));
	return 0;
}
