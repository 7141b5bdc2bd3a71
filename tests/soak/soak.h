/* SPDX-License-Identifier: MIT */
/* Parts of the soak: what is done over and over, how it failed, whether what it takes stays the same. */
#ifndef TCPBUF_TESTS_SOAK_H
#define TCPBUF_TESTS_SOAK_H

#include <stdint.h>
#include <sys/types.h>

struct tcpbuf;

/* One thread with one operation and a context of its own. */
struct worker {
	struct tcpbuf *tb;
	int busy_fd;  /* a namespace in which sockets come and go */
	int quiet_fd; /* a namespace whose settings are this soak's alone */
	uint64_t state; /* the operation's own */
};

/* @run notes what fails, by failures_note(). */
struct operation {
	const char *name;
	void (*run)(struct worker *w);
};

enum { OPERATIONS = 6 };
extern const struct operation operations[OPERATIONS];

/* A code that a public function, or the exporter with a status of HTTP, returned; @text is its sentence. Any thread. */
void failures_note(const char *call, int code, const char *text);
/* Print each with its count. Returns how many were none that coming and going explains, or undocumented. */
int failures_report(void);

/* Where the exporter answers, in the namespace of the soak. */
pid_t exporter_start(const char *program);
/* Until it has answered. Returns 0, or the status of HTTP or negative errno. */
int exporter_scrape(void);
/* Returns 0 when it ended well. */
int exporter_stop(pid_t pid);

/* Note what this process and the exporter hold now, while no operation runs. */
void samples_take(pid_t exporter);
/* Print the quarters. Returns how many measures have grown. */
int samples_report(void);

#endif
