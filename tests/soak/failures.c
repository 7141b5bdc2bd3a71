/* SPDX-License-Identifier: MIT */
/* What failed, how often, and whether coming and going explains it. */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "documented.h"
#include "soak.h"

/* All that may fail here. No code for want of memory, descriptors or rights is among them. */
static const struct {
	const char *call;
	int code;
} explained[] = {
	{"tcpbuf_sock_iter_fetch", -EAGAIN},	       /* the kernel says that the dump was disturbed */
	{"tcpbuf_sock_get", -ENOENT},		       /* the socket has ended */
	{"tcpbuf_sock_find", -ENOENT},		       /* the same */
	{"tcpbuf_netns_open_pid", -ESRCH},	       /* the process has ended */
	{"tcpbuf_node_read_netns_of_pid", -ESRCH},     /* the same */
	{"tcpbuf_sysctl_change_apply", -ENOENT},       /* no such congestion control: asked for */
};

static struct failure {
	const char *call;
	int code;
	unsigned long count;
} failures[32];
static int kinds;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static int is_explained(const char *call, int code)
{
	for (size_t i = 0; i < sizeof(explained) / sizeof(explained[0]); i++)
		if (strcmp(explained[i].call, call) == 0 && explained[i].code == code)
			return documents(call, code);
	return 0;
}

static struct failure *find(const char *call, int code)
{
	int i = 0;

	while (i < kinds && (failures[i].code != code || strcmp(failures[i].call, call) != 0))
		i++;
	if (i == 32)
		i--;
	if (i == kinds)
		failures[kinds++] = (struct failure){.call = call, .code = code};
	return &failures[i];
}

void failures_note(const char *call, int code, const char *text)
{
	struct failure *f;

	pthread_mutex_lock(&lock);
	f = find(call, code);
	if (f->count++ == 0)
		printf("first %s: %d %s\n", call, code, text);
	pthread_mutex_unlock(&lock);
}

int failures_report(void)
{
	int bad = 0;

	for (int i = 0; i < kinds; i++) {
		const struct failure *f = &failures[i];
		const char *name = f->code < 0 ? strerrorname_np(-f->code) : NULL;
		int good = f->code < 0 && is_explained(f->call, f->code);

		printf("%-32s %8lu times %d %s: %s\n", f->call, f->count, f->code, name ? name : "",
			good ? "documented" : "UNEXPECTED");
		bad += !good;
	}
	return bad;
}
