/* SPDX-License-Identifier: MIT */
/* print_artefact KIND KUBERNETES KERNEL FLAGS KEY=VALUE...: what tcpbuf_k8s_write() writes, on stdout. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tcpbuf/tcpbuf.h>

int main(int argc, char **argv)
{
	static struct tcpbuf_k8s_setting settings[64];
	static char text[65536];
	struct tcpbuf_k8s_target target;
	uint32_t count = 0;
	int64_t length;

	if (argc < 5)
		return 2;
	memset(&target, 0, sizeof(target));
	target.size = sizeof(target);
	target.kubernetes = tcpbuf_k8s_parse_version(argv[2]);
	target.kernel = tcpbuf_k8s_parse_version(argv[3]);
	target.flags = (uint32_t)atoi(argv[4]);
	for (int i = 5; i < argc && count < 64; i++) {
		size_t key = strcspn(argv[i], "=");

		snprintf(settings[count].key, sizeof(settings[0].key), "%.*s", (int)key, argv[i]);
		snprintf(settings[count++].value, sizeof(settings[0].value), "%s", argv[i] + key + 1);
	}
	length = tcpbuf_k8s_write((uint32_t)atoi(argv[1]), &target, settings, sizeof(settings[0]), count,
		text, sizeof(text));
	if (length < 0 || length >= (int64_t)sizeof(text)) {
		fprintf(stderr, "print_artefact: %s\n", tcpbuf_strerror((int)length));
		return 1;
	}
	fputs(text, stdout);
	return 0;
}
