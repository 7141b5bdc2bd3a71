/* SPDX-License-Identifier: MIT */
/*
 * What one's own sockets hold and may hold, by their descriptors: no netlink, no privilege.
 * A connection over loopback: the client fixes its receive buffer, the server leaves its own to the kernel.
 * cc my_socket.c $(pkg-config --cflags --libs tcpbuf)
 */
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include <tcpbuf/tcpbuf.h>

static const char *how(const struct tcpbuf_sock_own *own, uint32_t lock)
{
	if (!(own->valid & TCPBUF_SOCK_OWN_HAS_BUF_LOCK))
		return "fixed or not: Linux before 5.14 does not say";
	return own->buf_lock & lock ? "fixed by setsockopt()" : "grows by itself";
}

static int show(struct tcpbuf *tb, const char *name, int fd)
{
	struct tcpbuf_sock sock;
	struct tcpbuf_sock_own own;
	int err = tcpbuf_sock_of_fd(tb, fd, &sock, sizeof(sock), &own, sizeof(own));

	if (err)
		return err;
	printf("%s: holds %lld bytes, %u of payload to read\n", name, (long long)sock.held, sock.recv_q);
	printf("  rcvbuf %u bytes, %s; advertises at most %u\n", sock.rcvbuf, how(&own, TCPBUF_SOCK_LOCK_RCVBUF),
		own.window_clamp);
	printf("  sndbuf %u bytes, %s\n", sock.sndbuf, how(&own, TCPBUF_SOCK_LOCK_SNDBUF));
	if (tcpbuf_sock_has(&sock, "rcv_wnd") == 1)
		printf("  own window %u bytes, the peer's %u\n", sock.rcv_wnd, sock.snd_wnd);
	return 0;
}

/* Returns 0 when client and server are connected. */
static int make_connection(int *client, int *server)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	socklen_t size = sizeof(address);
	int listener = socket(AF_INET, SOCK_STREAM, 0), bytes = 65536, failed;

	*client = socket(AF_INET, SOCK_STREAM, 0);
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	setsockopt(*client, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
	failed = bind(listener, (struct sockaddr *)&address, size) != 0 || listen(listener, 1) != 0 ||
		getsockname(listener, (struct sockaddr *)&address, &size) != 0 ||
		connect(*client, (struct sockaddr *)&address, size) != 0;
	*server = failed ? -1 : accept(listener, NULL, NULL);
	close(listener);
	return *server < 0;
}

int main(void)
{
	static const char bytes[10000];
	struct tcpbuf *tb = NULL;
	int client, server, err;

	if (make_connection(&client, &server) != 0 || write(client, bytes, sizeof(bytes)) < 0) {
		perror("my_socket");
		return 2;
	}
	err = tcpbuf_new(&tb);
	if (!err)
		err = show(tb, "client", client);
	if (!err)
		err = show(tb, "server", server);
	if (err)
		fprintf(stderr, "%s\n", tb ? tcpbuf_error_text(tb) : tcpbuf_strerror(err));
	tcpbuf_free(tb);
	close(client);
	close(server);
	return err ? 2 : 0;
}
