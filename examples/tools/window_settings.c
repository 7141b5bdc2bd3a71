/* SPDX-License-Identifier: MIT */
/* The sysctls that windows follow: as after boot, or as a namespace has them. */
#include "window.h"

/* Memory enough that no limit follows it. */
#define MUCH_MEMORY (UINT64_C(1) << 26)

static int64_t *first_number(struct tcpbuf_model_end *end, uint32_t key)
{
	switch (key) {
	case TCPBUF_KEY_TCP_RMEM:
		return end->rmem;
	case TCPBUF_KEY_TCP_WMEM:
		return end->wmem;
	case TCPBUF_KEY_CORE_RMEM_MAX:
		return &end->rmem_max;
	case TCPBUF_KEY_CORE_WMEM_MAX:
		return &end->wmem_max;
	default:
		return NULL;
	}
}

/* One key's numbers where the model takes them. */
static void put(struct tcpbuf_model_end *end, uint32_t key, const int64_t *numbers, uint32_t count)
{
	int64_t *to = first_number(end, key);

	for (uint32_t i = 0; to && i < count; i++)
		to[i] = numbers[i];
	if (key == TCPBUF_KEY_TCP_ADV_WIN_SCALE)
		end->adv_win_scale = (int32_t)numbers[0];
	if (key == TCPBUF_KEY_TCP_APP_WIN)
		end->app_win = (uint32_t)numbers[0];
	if (key == TCPBUF_KEY_TCP_WINDOW_SCALING)
		end->window_scaling = numbers[0] != 0;
	if (key == TCPBUF_KEY_TCP_TIMESTAMPS)
		end->timestamps = numbers[0] != 0;
	if (key == TCPBUF_KEY_TCP_WORKAROUND_SIGNED_WINDOWS)
		end->signed_windows = numbers[0] != 0;
	if (key == TCPBUF_KEY_TCP_SHRINK_WINDOW)
		end->shrink_window = numbers[0] != 0;
}

static const uint32_t keys[] = {TCPBUF_KEY_TCP_RMEM, TCPBUF_KEY_TCP_WMEM, TCPBUF_KEY_CORE_RMEM_MAX,
	TCPBUF_KEY_CORE_WMEM_MAX, TCPBUF_KEY_TCP_ADV_WIN_SCALE, TCPBUF_KEY_TCP_APP_WIN, TCPBUF_KEY_TCP_WINDOW_SCALING,
	TCPBUF_KEY_TCP_TIMESTAMPS, TCPBUF_KEY_TCP_WORKAROUND_SIGNED_WINDOWS, TCPBUF_KEY_TCP_SHRINK_WINDOW};

void window_boot_settings(struct window *w)
{
	struct tcpbuf_key_rules rules = w->rules.keys;
	struct tcpbuf_model_end *end = &w->link.client;
	struct tcpbuf_key_info info;

	rules.buffer_pages = MUCH_MEMORY;
	for (unsigned i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (tcpbuf_key_describe(&rules, keys[i], &info, sizeof(info)) == 0)
			put(end, keys[i], info.initial, info.count);
	end->sndbuf_factor = 2;
	w->link.server = *end;
}

/* What a namespace does not show, as rmem_max before 6.11, stays as after boot. */
void window_read_settings(struct window *w, struct tcpbuf_netns *ns)
{
	struct tcpbuf_model_end *end = &w->link.client;
	struct tcpbuf_value value;

	for (unsigned i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (tcpbuf_sysctl_get(ns, keys[i], &value, sizeof(value)) == 0)
			put(end, keys[i], value.numbers, value.count);
	w->link.server = *end;
}
