/* SPDX-License-Identifier: MIT */
#include "fault.h"

#include <string.h>

struct fault fault = {.countdown = -1};

/* What a short read has not handed out yet. */
static struct {
	int fd;
	size_t at, size;
	char bytes[65536];
} rest = {.fd = -1};

static int fails(enum fault_kind kind)
{
	fault.calls[kind]++;
	if (fault.kind != FAULT_ANY && fault.kind != kind)
		return 0;
	return fault.countdown >= 0 && fault.countdown-- == 0;
}

/* The kernel's answer, or the failure. */
#define CALL(kind, call) (fails(kind) ? fault.code : tcpbuf__sys_kernel.call)

static int opened(int fd)
{
	fault.open_fds += fd >= 0;
	return fd;
}

static void *fault_alloc(size_t size)
{
	void *block = fails(FAULT_ALLOC) ? NULL : tcpbuf__sys_kernel.alloc(size);

	fault.blocks += block != NULL;
	return block;
}

static void *fault_resize(void *ptr, size_t size)
{
	void *block = fails(FAULT_RESIZE) ? NULL : tcpbuf__sys_kernel.resize(ptr, size);

	fault.blocks += block && !ptr;
	return block;
}

static void fault_release(void *ptr)
{
	fault.blocks -= ptr != NULL;
	tcpbuf__sys_kernel.release(ptr);
}

static int fault_open(int dir, const char *path, int flags)
{
	return opened(CALL(FAULT_OPEN, open(dir, path, flags)));
}

static int fault_close(int fd)
{
	fault.open_fds--;
	fault.calls[FAULT_CLOSE]++;
	if (fd == rest.fd)
		rest.fd = -1;
	return tcpbuf__sys_kernel.close(fd);
}

/* One byte at a time. The kernel is asked for all, since most files of /proc/sys cannot be read on in the middle. */
static ssize_t read_short(int fd, void *buf, size_t size)
{
	if (rest.fd != fd || rest.at == rest.size) {
		ssize_t got = tcpbuf__sys_kernel.read(
			fd, rest.bytes, size < sizeof(rest.bytes) ? size : sizeof(rest.bytes));

		if (got <= 0)
			return got;
		rest.fd = fd;
		rest.at = 0;
		rest.size = (size_t)got;
	}
	memcpy(buf, rest.bytes + rest.at++, 1);
	return 1;
}

static ssize_t fault_read(int fd, void *buf, size_t size)
{
	if (fails(FAULT_READ))
		return fault.code;
	return fault.short_reads ? read_short(fd, buf, size) : tcpbuf__sys_kernel.read(fd, buf, size);
}

static ssize_t fault_write(int fd, const void *buf, size_t size)
{
	if (fails(FAULT_WRITE))
		return fault.code == FAULT_SHORT ? tcpbuf__sys_kernel.write(fd, buf, size / 2) : fault.code;
	return tcpbuf__sys_kernel.write(fd, buf, size);
}

static int fault_stat(int dir, const char *path, struct stat *out, int flags)
{
	return CALL(FAULT_STAT, stat(dir, path, out, flags));
}

static ssize_t fault_readlink(int dir, const char *path, char *buf, size_t size)
{
	return CALL(FAULT_READLINK, readlink(dir, path, buf, size));
}

static ssize_t fault_getdents(int fd, void *buf, size_t size)
{
	return CALL(FAULT_GETDENTS, getdents(fd, buf, size));
}

static int fault_access(int dir, const char *path, int mode)
{
	return CALL(FAULT_ACCESS, access(dir, path, mode));
}

static int fault_open_kernfs(int mount, uint64_t id)
{
	return opened(CALL(FAULT_OPEN_KERNFS, open_kernfs(mount, id)));
}

static int fault_ioctl(int fd, unsigned long request, void *argument)
{
	return CALL(FAULT_IOCTL, ioctl(fd, request, argument));
}

static int fault_getrlimit(int resource, struct rlimit *out)
{
	return CALL(FAULT_GETRLIMIT, getrlimit(resource, out));
}

static uint32_t fault_page_size(void)
{
	return tcpbuf__sys_kernel.page_size();
}

static uint32_t fault_tick_ns(void)
{
	return tcpbuf__sys_kernel.tick_ns();
}

static int fault_socket(int family, int type, int protocol)
{
	return opened(CALL(FAULT_SOCKET, socket(family, type, protocol)));
}

static ssize_t fault_send(int fd, const void *buf, size_t size)
{
	return CALL(FAULT_SEND, send(fd, buf, size));
}

static ssize_t fault_recv(int fd, void *buf, size_t size, int flags)
{
	/* The whole length is asked of netlink only. */
	if (fails(FAULT_RECV))
		return fault.answer && (flags & MSG_TRUNC) ? fault.answer(fd, buf, size, flags) : fault.code;
	return tcpbuf__sys_kernel.recv(fd, buf, size, flags);
}

static int fault_getname(int fd, int peer, void *address, socklen_t *size)
{
	return CALL(FAULT_GETNAME, getname(fd, peer, address, size));
}

static int fault_getsockopt(int fd, int level, int option, void *value, socklen_t *size)
{
	if (fails(FAULT_GETSOCKOPT)) {
		if (fault.code != FAULT_SHORT)
			return fault.code;
		*size /= 2;
	}
	return tcpbuf__sys_kernel.getsockopt(fd, level, option, value, size);
}

static int fault_setsockopt(int fd, int level, int option, const void *value, socklen_t size)
{
	return CALL(FAULT_SETSOCKOPT, setsockopt(fd, level, option, value, size));
}

static int fault_listen(int fd)
{
	return CALL(FAULT_LISTEN, listen(fd));
}

static int fault_connect(int fd, uint16_t port)
{
	return CALL(FAULT_CONNECT, connect(fd, port));
}

static int fault_accept(int fd)
{
	return opened(CALL(FAULT_ACCEPT, accept(fd)));
}

static int fault_unshare(void)
{
	return CALL(FAULT_UNSHARE, unshare());
}

static int fault_setns(int fd)
{
	return CALL(FAULT_SETNS, setns(fd));
}

static int fault_run_threads(void (*fn)(void *), void *const *args, uint32_t count)
{
	return CALL(FAULT_RUN_THREADS, run_threads(fn, args, count));
}

static int fault_run_thread(void (*fn)(void *), void *arg)
{
	return CALL(FAULT_RUN_THREADS, run_thread(fn, arg));
}

const struct tcpbuf__sys fault_sys = {
	.alloc = fault_alloc,
	.resize = fault_resize,
	.release = fault_release,
	.open = fault_open,
	.close = fault_close,
	.read = fault_read,
	.write = fault_write,
	.stat = fault_stat,
	.readlink = fault_readlink,
	.getdents = fault_getdents,
	.access = fault_access,
	.open_kernfs = fault_open_kernfs,
	.ioctl = fault_ioctl,
	.getrlimit = fault_getrlimit,
	.page_size = fault_page_size,
	.tick_ns = fault_tick_ns,
	.socket = fault_socket,
	.send = fault_send,
	.recv = fault_recv,
	.getname = fault_getname,
	.getsockopt = fault_getsockopt,
	.setsockopt = fault_setsockopt,
	.listen = fault_listen,
	.connect = fault_connect,
	.accept = fault_accept,
	.setns = fault_setns,
	.unshare = fault_unshare,
	.run_thread = fault_run_thread,
	.run_threads = fault_run_threads,
};
