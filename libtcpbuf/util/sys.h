/* SPDX-License-Identifier: MIT */
/* The one seam to the kernel: every system call and allocation of the library. */
#ifndef TCPBUF_UTIL_SYS_H
#define TCPBUF_UTIL_SYS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/types.h>

#define TCPBUF__THREADS_MAX 64

/*
 * Calls return what the kernel returns, but a failure as negative errno;
 * EINTR is retried inside. Descriptors are close-on-exec.
 * A test passes its own table to make the n-th call fail.
 */
struct tcpbuf__sys {
	void *(*alloc)(size_t size); /* zeroed; NULL on failure */
	void *(*resize)(void *ptr, size_t size);
	void (*release)(void *ptr);

	int (*open)(int dir, const char *path, int flags);
	int (*close)(int fd);
	ssize_t (*read)(int fd, void *buf, size_t size);
	ssize_t (*write)(int fd, const void *buf, size_t size);
	int (*stat)(int dir, const char *path, struct stat *out, int flags);
	ssize_t (*readlink)(int dir, const char *path, char *buf, size_t size);
	ssize_t (*getdents)(int fd, void *buf, size_t size);
	int (*access)(int dir, const char *path, int mode);
	/* Open a directory of a kernfs (cgroup2) by its id, read-only; needs CAP_DAC_READ_SEARCH. */
	int (*open_kernfs)(int mount, uint64_t id);
	int (*ioctl)(int fd, unsigned long request, void *argument);
	int (*getrlimit)(int resource, struct rlimit *out);
	uint32_t (*page_size)(void);
	uint32_t (*tick_ns)(void); /* of the kernel's timer, 1/HZ; 0: not known */

	int (*socket)(int family, int type, int protocol);
	ssize_t (*send)(int fd, const void *buf, size_t size);
	ssize_t (*recv)(int fd, void *buf, size_t size, int flags);
	/* Either end of a socket: getsockname() or getpeername(). */
	int (*getname)(int fd, int peer, void *address, socklen_t *size);
	int (*getsockopt)(int fd, int level, int option, void *value, socklen_t *size);
	int (*setsockopt)(int fd, int level, int option, const void *value, socklen_t size);

	/* IPv4 loopback only; @port in network order. */
	int (*listen)(int fd);
	int (*connect)(int fd, uint16_t port);
	int (*accept)(int fd);

	/* Move the calling thread into a network namespace, or into a new one; only netns/visit.c may. */
	int (*setns)(int fd);
	int (*unshare)(void);
	/* Run fn on a thread of its own with all signals blocked, and wait for it. */
	int (*run_thread)(void (*fn)(void *), void *arg);
	/* The same with several at once, one for each of args; a failure leaves some of them not run. */
	int (*run_threads)(void (*fn)(void *), void *const *args, uint32_t count);
};

extern const struct tcpbuf__sys tcpbuf__sys_kernel;

/* 1 for the codes after which nothing else can be read either; other failures concern one file or process. */
int tcpbuf__sys_exhausted(int code);

#endif
