/* SPDX-License-Identifier: MIT */
#include "model/model.h"

static int in_range(int64_t value, int64_t least)
{
	return value >= least && value <= INT32_MAX;
}

int64_t tcpbuf_model_win_from_space(uint32_t scaling_ratio, int64_t space)
{
	if (scaling_ratio < 1 || scaling_ratio > 255 || !in_range(space, INT32_MIN))
		return INT64_MIN;
	return (space * scaling_ratio) >> 8;
}

int64_t tcpbuf_model_space_from_win(uint32_t scaling_ratio, int64_t win)
{
	if (scaling_ratio < 1 || scaling_ratio > 255 || !in_range(win, 0))
		return INT64_MIN;
	return (win << 8) / scaling_ratio;
}

int64_t tcpbuf_model_win_from_space_legacy(int32_t adv_win_scale, int64_t space)
{
	if (adv_win_scale < -31 || adv_win_scale > 31 || !in_range(space, INT32_MIN))
		return INT64_MIN;
	return adv_win_scale <= 0 ? space >> -adv_win_scale : space - (space >> adv_win_scale);
}

/* The window never shrinks as the space grows, so halving finds the least space. */
int64_t tcpbuf_model_space_from_win_legacy(int32_t adv_win_scale, int64_t win)
{
	int64_t low = 0, high = INT32_MAX;

	if (adv_win_scale < -31 || adv_win_scale > 31 || !in_range(win, 0))
		return INT64_MIN;
	if (tcpbuf_model_win_from_space_legacy(adv_win_scale, high) < win)
		return INT64_MIN;
	while (low < high) {
		int64_t middle = (low + high) / 2;

		if (tcpbuf_model_win_from_space_legacy(adv_win_scale, middle) >= win)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

int64_t tcpbuf__model_win(const struct tcpbuf_rules *rules, int32_t adv_win_scale, int64_t space)
{
	if (rules->window == TCPBUF_RULE_WINDOW_SCALING_RATIO)
		return (space * rules->default_ratio) >> 8;
	return adv_win_scale <= 0 ? space >> -adv_win_scale : space - (space >> adv_win_scale);
}

int64_t tcpbuf__model_units(int64_t bytes, int64_t unit)
{
	return (bytes + unit - 1) / unit;
}

int64_t tcpbuf__model_power(int64_t value)
{
	int64_t power = 1;

	while (power < value)
		power *= 2;
	return power;
}
