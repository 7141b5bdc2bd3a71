/* SPDX-License-Identifier: MIT */
/*
 * The receive window that a buffer of so many bytes can advertise, before the first segment.
 * cc window_for_buffer.c $(pkg-config --cflags --libs tcpbuf)
 */
#include <stdio.h>
#include <stdlib.h>

#include <tcpbuf/tcpbuf.h>

int main(int argc, char **argv)
{
	char *end = NULL;
	long long buffer = argc == 2 ? strtoll(argv[1], &end, 10) : -1;

	if (argc != 2 || *end || buffer < 0 || buffer > INT32_MAX) {
		fprintf(stderr, "usage: %s BYTES\n", argv[0]);
		return 1;
	}
	printf("buffer of %lld bytes\n", buffer);
	printf("Linux 6.10 and later:          %lld bytes of window (scaling_ratio 128/256)\n",
		(long long)tcpbuf_model_win_from_space(128, buffer));
	printf("Linux 6.6 to 6.9 as released:  %lld bytes (65/256)\n",
		(long long)tcpbuf_model_win_from_space(65, buffer));
	for (int scale = -2; scale <= 2; scale++)
		printf("before 6.6, adv_win_scale %2d:  %lld bytes\n", scale,
			(long long)tcpbuf_model_win_from_space_legacy(scale, buffer));
	printf("a window of as many bytes needs a buffer of %lld bytes at 128/256\n",
		(long long)tcpbuf_model_space_from_win(128, buffer));
	return 0;
}
