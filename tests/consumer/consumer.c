/* SPDX-License-Identifier: MIT */
/* What a program outside this tree does first; C99 and C++11. Prints the library's version. */
#include <stdio.h>
#include <tcpbuf/tcpbuf.h>

int main(void)
{
	struct tcpbuf *tb = NULL;
	struct tcpbuf_netns *ns = NULL;
	struct tcpbuf_sock_iter *it = NULL;
	struct tcpbuf_value rmem;
	struct tcpbuf_sock sock;
	uint32_t version = tcpbuf_version();
	int ret = tcpbuf_new(&tb);

	if (ret == 0)
		ret = tcpbuf_netns_open_self(tb, &ns);
	if (ret == 0)
		ret = tcpbuf_sysctl_get(ns, TCPBUF_KEY_TCP_RMEM, &rmem, sizeof(rmem));
	if (ret == 0)
		ret = tcpbuf_sock_iter_open(ns, NULL, &it);
	while (ret == 0 && (ret = tcpbuf_sock_iter_next(it, &sock, sizeof(sock))) == 1)
		ret = 0;
	if (ret == 0 && rmem.count != 3)
		ret = -1;
	if (ret != 0)
		fprintf(stderr, "%s\n", tcpbuf_error_text(tb));
	printf("%u.%u.%u\n", version >> 16, version >> 8 & 255, version & 255);
	tcpbuf_sock_iter_close(it);
	tcpbuf_netns_close(ns);
	tcpbuf_free(tb);
	return ret == 0 ? 0 : 1;
}
