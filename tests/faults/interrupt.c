/* SPDX-License-Identifier: MIT */
/* Each system call is interrupted by a signal once before it is made: the linker puts these before libc's. */
#include "faults.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static int enabled, again, count;

void interrupt_calls(int on)
{
	enabled = on;
	again = count = 0;
}

int interrupted_calls(void)
{
	return count;
}

/* 1 for the first try of a call, 0 for the second. */
static int interrupts(void)
{
	if (!enabled)
		return 0;
	again = !again;
	count += again;
	if (again)
		errno = EINTR;
	return again;
}

#define WRAP(type, name, parameters, arguments)                                                                \
	type __real_##name parameters;                                                                         \
	type __wrap_##name parameters;                                                                         \
	type __wrap_##name parameters                                                                          \
	{                                                                                                      \
		return interrupts() ? -1 : __real_##name arguments;                                            \
	}

WRAP(ssize_t, read, (int fd, void *buf, size_t size), (fd, buf, size))
WRAP(ssize_t, write, (int fd, const void *buf, size_t size), (fd, buf, size))
WRAP(int, fstatat, (int dir, const char *path, struct stat *out, int flags), (dir, path, out, flags))
WRAP(ssize_t, readlinkat, (int dir, const char *path, char *buf, size_t size), (dir, path, buf, size))
WRAP(int, faccessat, (int dir, const char *path, int mode, int flags), (dir, path, mode, flags))
WRAP(int, getrlimit, (int resource, struct rlimit *out), (resource, out))
WRAP(int, socket, (int family, int type, int protocol), (family, type, protocol))
WRAP(ssize_t, send, (int fd, const void *buf, size_t size, int flags), (fd, buf, size, flags))
WRAP(ssize_t, recv, (int fd, void *buf, size_t size, int flags), (fd, buf, size, flags))
WRAP(int, getsockopt, (int fd, int level, int option, void *value, socklen_t *size),
	(fd, level, option, value, size))
WRAP(int, setsockopt, (int fd, int level, int option, const void *value, socklen_t size),
	(fd, level, option, value, size))
WRAP(int, connect, (int fd, const struct sockaddr *to, socklen_t size), (fd, to, size))
WRAP(int, accept4, (int fd, struct sockaddr *from, socklen_t *size, int flags), (fd, from, size, flags))
WRAP(int, openat, (int dir, const char *path, int flags, ...), (dir, path, flags))
WRAP(long, syscall, (long number, long a, long b, long c), (number, a, b, c))
WRAP(int, ioctl, (int fd, unsigned long request, void *argument), (fd, request, argument))
