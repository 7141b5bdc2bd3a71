/* SPDX-License-Identifier: MIT */
#include "util/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* The value of a call, retried on EINTR, with a failure as negative errno. */
#define CALL(type, expression)                                                                     \
	do {                                                                                       \
		type ret;                                                                          \
		do {                                                                               \
			ret = (expression);                                                        \
		} while (ret < 0 && errno == EINTR);                                               \
		return ret < 0 ? -errno : ret;                                                     \
	} while (0)

static void *sys_alloc(size_t size)
{
	return calloc(1, size);
}

/* O_NONBLOCK: a FIFO that somebody left where a file belongs must not hang us; no other file here heeds it. */
static int sys_open(int dir, const char *path, int flags)
{
	CALL(int, openat(dir, path, flags | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
}

/* Never retried: on Linux the descriptor is gone even after EINTR. */
static int sys_close(int fd)
{
	return close(fd) < 0 ? -errno : 0;
}

static ssize_t sys_read(int fd, void *buf, size_t size)
{
	CALL(ssize_t, read(fd, buf, size));
}

static ssize_t sys_write(int fd, const void *buf, size_t size)
{
	CALL(ssize_t, write(fd, buf, size));
}

static int sys_stat(int dir, const char *path, struct stat *out, int flags)
{
	CALL(int, fstatat(dir, path, out, flags));
}

static ssize_t sys_readlink(int dir, const char *path, char *buf, size_t size)
{
	CALL(ssize_t, readlinkat(dir, path, buf, size));
}

static ssize_t sys_getdents(int fd, void *buf, size_t size)
{
	CALL(ssize_t, syscall(SYS_getdents64, fd, buf, size));
}

static int sys_access(int dir, const char *path, int mode)
{
	CALL(int, faccessat(dir, path, mode, AT_EACCESS));
}

static int sys_open_kernfs(int mount, uint64_t id)
{
	_Alignas(struct file_handle) char space[sizeof(struct file_handle) + sizeof(id)];
	struct file_handle *handle = (struct file_handle *)(void *)space;

	handle->handle_bytes = sizeof(id);
	handle->handle_type = 0xfe; /* FILEID_KERNFS, include/linux/exportfs.h */
	memcpy(space + offsetof(struct file_handle, f_handle), &id, sizeof(id));
	CALL(int, open_by_handle_at(mount, handle, O_RDONLY | O_CLOEXEC | O_DIRECTORY));
}

static int sys_ioctl(int fd, unsigned long request, void *argument)
{
	CALL(int, ioctl(fd, request, argument));
}

static int sys_getrlimit(int resource, struct rlimit *out)
{
	CALL(int, getrlimit(resource, out));
}

static uint32_t sys_page_size(void)
{
	return (uint32_t)sysconf(_SC_PAGESIZE);
}

static uint32_t sys_tick_ns(void)
{
	struct timespec tick;

	return clock_getres(CLOCK_MONOTONIC_COARSE, &tick) == 0 && tick.tv_sec == 0 ? (uint32_t)tick.tv_nsec : 0;
}

static int sys_socket(int family, int type, int protocol)
{
	CALL(int, socket(family, type | SOCK_CLOEXEC, protocol));
}

static ssize_t sys_send(int fd, const void *buf, size_t size)
{
	CALL(ssize_t, send(fd, buf, size, MSG_NOSIGNAL));
}

static ssize_t sys_recv(int fd, void *buf, size_t size, int flags)
{
	CALL(ssize_t, recv(fd, buf, size, flags));
}

static int sys_getname(int fd, int peer, void *address, socklen_t *size)
{
	CALL(int, peer ? getpeername(fd, address, size) : getsockname(fd, address, size));
}

static int sys_getsockopt(int fd, int level, int option, void *value, socklen_t *size)
{
	CALL(int, getsockopt(fd, level, option, value, size));
}

static int sys_setsockopt(int fd, int level, int option, const void *value, socklen_t size)
{
	CALL(int, setsockopt(fd, level, option, value, size));
}

static int sys_listen(int fd)
{
	CALL(int, listen(fd, 1));
}

static int sys_connect(int fd, uint16_t port)
{
	struct sockaddr_in to = {
		.sin_family = AF_INET, .sin_port = port, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

	CALL(int, connect(fd, (struct sockaddr *)&to, sizeof(to)));
}

static int sys_accept(int fd)
{
	CALL(int, accept4(fd, NULL, NULL, SOCK_CLOEXEC));
}

static int sys_unshare(void)
{
	CALL(int, unshare(CLONE_NEWNET));
}

static int sys_setns(int fd)
{
	CALL(int, setns(fd, CLONE_NEWNET));
}

struct thread_call {
	void (*fn)(void *);
	void *arg;
};

static void *thread_main(void *arg)
{
	struct thread_call *call = arg;

	call->fn(call->arg);
	return NULL;
}

static int start_threads(struct thread_call *calls, pthread_t *threads, uint32_t *started, uint32_t count)
{
	pthread_attr_t attr;
	sigset_t all;
	int err = pthread_attr_init(&attr);

	if (err)
		return err;
	sigfillset(&all);
	err = pthread_attr_setsigmask_np(&attr, &all);
	for (*started = 0; !err && *started < count; *started += !err)
		err = pthread_create(&threads[*started], &attr, thread_main, &calls[*started]);
	pthread_attr_destroy(&attr);
	return err;
}

static int sys_run_threads(void (*fn)(void *), void *const *args, uint32_t count)
{
	struct thread_call calls[TCPBUF__THREADS_MAX];
	pthread_t threads[TCPBUF__THREADS_MAX];
	uint32_t started = 0;
	int err;

	if (count > TCPBUF__THREADS_MAX)
		return -EINVAL;
	for (uint32_t i = 0; i < count; i++)
		calls[i] = (struct thread_call){fn, args[i]};
	err = start_threads(calls, threads, &started, count);
	while (started > 0)
		pthread_join(threads[--started], NULL);
	return -err;
}

static int sys_run_thread(void (*fn)(void *), void *arg)
{
	return sys_run_threads(fn, &arg, 1);
}

const struct tcpbuf__sys tcpbuf__sys_kernel = {
	.alloc = sys_alloc,
	.resize = realloc,
	.release = free,
	.open = sys_open,
	.close = sys_close,
	.read = sys_read,
	.write = sys_write,
	.stat = sys_stat,
	.readlink = sys_readlink,
	.getdents = sys_getdents,
	.access = sys_access,
	.open_kernfs = sys_open_kernfs,
	.ioctl = sys_ioctl,
	.getrlimit = sys_getrlimit,
	.page_size = sys_page_size,
	.tick_ns = sys_tick_ns,
	.socket = sys_socket,
	.send = sys_send,
	.recv = sys_recv,
	.getname = sys_getname,
	.getsockopt = sys_getsockopt,
	.setsockopt = sys_setsockopt,
	.listen = sys_listen,
	.connect = sys_connect,
	.accept = sys_accept,
	.setns = sys_setns,
	.unshare = sys_unshare,
	.run_thread = sys_run_thread,
	.run_threads = sys_run_threads,
};

int tcpbuf__sys_exhausted(int code)
{
	return code == -ENOMEM || code == -EMFILE || code == -ENFILE;
}
