/* SPDX-License-Identifier: MIT */
/*
 * What a namespace's TCP sockets may take, and what they hold now.
 * cc my_namespace.c $(pkg-config --cflags --libs tcpbuf)
 */
#include <stdio.h>

#include <tcpbuf/tcpbuf.h>

static int show_key(struct tcpbuf_netns *ns, uint32_t key)
{
	struct tcpbuf_value value;
	int err = tcpbuf_sysctl_get(ns, key, &value, sizeof(value));

	if (!err)
		printf("%-18s min %lld, default %lld, max %lld bytes\n", tcpbuf_key_name(key),
			(long long)value.numbers[0], (long long)value.numbers[1], (long long)value.numbers[2]);
	return err;
}

static int show_sockets(struct tcpbuf_netns *ns)
{
	struct tcpbuf_sock_iter *it;
	struct tcpbuf_sock sock;
	int64_t held = 0;
	unsigned count = 0;
	int more, err = tcpbuf_sock_iter_open(ns, NULL, &it);

	if (err)
		return err;
	while ((more = tcpbuf_sock_iter_next(it, &sock, sizeof(sock))) == 1) {
		count++;
		if (sock.valid & TCPBUF_SOCK_HAS_SKMEM)
			held += sock.held;
	}
	tcpbuf_sock_iter_close(it);
	printf("%u TCP sockets hold %lld bytes\n", count, (long long)held);
	return more;
}

int main(int argc, char **argv)
{
	struct tcpbuf *tb = NULL;
	struct tcpbuf_netns *ns = NULL;
	int err = tcpbuf_new(&tb);

	if (!err)
		err = tcpbuf_netns_open(tb, argc > 1 ? argv[1] : "self", &ns);
	if (!err)
		err = show_key(ns, TCPBUF_KEY_TCP_RMEM);
	if (!err)
		err = show_key(ns, TCPBUF_KEY_TCP_WMEM);
	if (!err)
		err = show_sockets(ns);
	if (err)
		fprintf(stderr, "%s\n", tb ? tcpbuf_error_text(tb) : tcpbuf_strerror(err));
	tcpbuf_netns_close(ns);
	tcpbuf_free(tb);
	return err ? 2 : 0;
}
