/* SPDX-License-Identifier: MIT */
/* Window from buffer space and back: the scaling ratio since 6.6, tcp_adv_win_scale before. */
#include <errno.h>
#include <stdint.h>

#include <tcpbuf/model.h>

static int in_range(int64_t bytes)
{
	return bytes >= 0 && bytes <= INT32_MAX;
}

static int is_ratio(uint32_t ratio)
{
	return ratio >= 1 && ratio <= 255;
}

static int is_shift(int32_t shift)
{
	return shift >= -31 && shift <= 31;
}

int64_t tcpbuf_model_win_from_space(uint32_t scaling_ratio, int64_t space)
{
	if (!is_ratio(scaling_ratio) || !in_range(space))
		return -ERANGE;
	return space * scaling_ratio >> 8;
}

int64_t tcpbuf_model_space_from_win(uint32_t scaling_ratio, int64_t win)
{
	if (!is_ratio(scaling_ratio) || !in_range(win))
		return -ERANGE;
	return (win << 8) / scaling_ratio;
}

int64_t tcpbuf_model_win_from_space_legacy(int32_t adv_win_scale, int64_t space)
{
	if (!is_shift(adv_win_scale) || !in_range(space))
		return -ERANGE;
	return adv_win_scale <= 0 ? space >> -adv_win_scale : space - (space >> adv_win_scale);
}

int64_t tcpbuf_model_space_from_win_legacy(int32_t adv_win_scale, int64_t win)
{
	if (!is_shift(adv_win_scale) || !in_range(win))
		return -ERANGE;
	if (adv_win_scale <= 0 || win == 0)
		return win << (adv_win_scale < 0 ? -adv_win_scale : 0);
	/* win(s) is s * (2^N - 1) / 2^N rounded up: the first s above that of win - 1. */
	return ((win - 1) << adv_win_scale) / (((int64_t)1 << adv_win_scale) - 1) + 1;
}
