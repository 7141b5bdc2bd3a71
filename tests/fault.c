/* SPDX-License-Identifier: MIT */
#include "fault.h"

struct fault fault = {.countdown = -1};

static int fails(void)
{
	return fault.countdown >= 0 && fault.countdown-- == 0;
}

/* The kernel's answer, or the failure. */
#define CALL(call) (fails() ? fault.code : tcpbuf__sys_kernel.call)

static int opened(int fd)
{
	fault.open_fds += fd >= 0;
	return fd;
}

static void *fault_alloc(size_t size)
{
	void *block = fails() ? NULL : tcpbuf__sys_kernel.alloc(size);

	fault.blocks += block != NULL;
	return block;
}

static void *fault_resize(void *ptr, size_t size)
{
	void *block = fails() ? NULL : tcpbuf__sys_kernel.resize(ptr, size);

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
	return opened(CALL(open(dir, path, flags)));
}

static int fault_close(int fd)
{
	fault.open_fds--;
	return tcpbuf__sys_kernel.close(fd);
}

static ssize_t fault_read(int fd, void *buf, size_t size)
{
	return CALL(read(fd, buf, size));
}

static ssize_t fault_pread(int fd, void *buf, size_t size, off_t offset)
{
	return CALL(pread(fd, buf, size, offset));
}

static ssize_t fault_write(int fd, const void *buf, size_t size)
{
	return CALL(write(fd, buf, size));
}

static int fault_stat(int dir, const char *path, struct stat *out, int flags)
{
	return CALL(stat(dir, path, out, flags));
}

static ssize_t fault_readlink(int dir, const char *path, char *buf, size_t size)
{
	return CALL(readlink(dir, path, buf, size));
}

static ssize_t fault_getdents(int fd, void *buf, size_t size)
{
	return CALL(getdents(fd, buf, size));
}

static int fault_access(int dir, const char *path, int mode)
{
	return CALL(access(dir, path, mode));
}

static int fault_open_kernfs(int mount, uint64_t id)
{
	return opened(CALL(open_kernfs(mount, id)));
}

static int fault_ioctl(int fd, unsigned long request, void *argument)
{
	return CALL(ioctl(fd, request, argument));
}

static int fault_getrlimit(int resource, struct rlimit *out)
{
	return CALL(getrlimit(resource, out));
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
	return opened(CALL(socket(family, type, protocol)));
}

static ssize_t fault_send(int fd, const void *buf, size_t size)
{
	return CALL(send(fd, buf, size));
}

static ssize_t fault_recv(int fd, void *buf, size_t size, int flags)
{
	return CALL(recv(fd, buf, size, flags));
}

static int fault_getname(int fd, int peer, void *address, socklen_t *size)
{
	return CALL(getname(fd, peer, address, size));
}

static int fault_getsockopt(int fd, int level, int option, void *value, socklen_t *size)
{
	return CALL(getsockopt(fd, level, option, value, size));
}

static int fault_setsockopt(int fd, int level, int option, const void *value, socklen_t size)
{
	return CALL(setsockopt(fd, level, option, value, size));
}

static int fault_listen(int fd)
{
	return CALL(listen(fd));
}

static int fault_connect(int fd, uint16_t port)
{
	return CALL(connect(fd, port));
}

static int fault_accept(int fd)
{
	return opened(CALL(accept(fd)));
}

static int fault_unshare(void)
{
	return CALL(unshare());
}

static int fault_setns(int fd)
{
	return CALL(setns(fd));
}

static int fault_run_threads(void (*fn)(void *), void *const *args, uint32_t count)
{
	return CALL(run_threads(fn, args, count));
}

static int fault_run_thread(void (*fn)(void *), void *arg)
{
	return CALL(run_thread(fn, arg));
}

const struct tcpbuf__sys fault_sys = {
	.alloc = fault_alloc,
	.resize = fault_resize,
	.release = fault_release,
	.open = fault_open,
	.close = fault_close,
	.read = fault_read,
	.pread = fault_pread,
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
