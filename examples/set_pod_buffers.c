/* SPDX-License-Identifier: MIT */
/*
 * Give the pod of a process other TCP buffers: checked, read back, undone on failure.
 * cc set_pod_buffers.c $(pkg-config --cflags --libs tcpbuf)
 */
#include <stdio.h>
#include <stdlib.h>

#include <tcpbuf/tcpbuf.h>

static int set(struct tcpbuf_netns *ns, uint32_t key, const char *value)
{
	struct tcpbuf_key_verdict verdict;
	char warning[200];
	int err = tcpbuf_sysctl_set(ns, key, value, &verdict, sizeof(verdict));

	if (err)
		return err;
	printf("%s = %s\n", tcpbuf_key_name(key), verdict.text);
	if (tcpbuf_key_reason_text(&verdict, warning, sizeof(warning)) > 0)
		printf("  mind: %s\n", warning);
	return 0;
}

int main(int argc, char **argv)
{
	struct tcpbuf *tb = NULL;
	struct tcpbuf_netns *ns = NULL;
	int err;

	if (argc != 4) {
		fprintf(stderr, "usage: %s PID|NAME|/PATH TCP_RMEM TCP_WMEM\n", argv[0]);
		return 1;
	}
	err = tcpbuf_new(&tb);
	if (!err)
		err = tcpbuf_netns_open(tb, argv[1], &ns);
	if (!err)
		err = set(ns, TCPBUF_KEY_TCP_RMEM, argv[2]);
	if (!err)
		err = set(ns, TCPBUF_KEY_TCP_WMEM, argv[3]);
	if (err)
		fprintf(stderr, "%s\n", tb ? tcpbuf_error_text(tb) : tcpbuf_strerror(err));
	tcpbuf_netns_close(ns);
	tcpbuf_free(tb);
	return err ? 2 : 0;
}
