/* SPDX-License-Identifier: MIT */
#include "cgroup/cgroup.h"

#include <errno.h>
#include <string.h>

#include "util/mountinfo.h"

/* Take the next piece of a list. Returns 1, or 0 at the end. */
static int next_of(struct tcpbuf__reader *list, char separator, struct tcpbuf__reader *piece)
{
	if (list->pos == list->end)
		return 0;
	if (!tcpbuf__reader_until(list, separator, piece)) {
		*piece = *list;
		list->pos = list->end;
	}
	return 1;
}

static int list_has(struct tcpbuf__reader list, const char *word)
{
	struct tcpbuf__reader piece;

	while (next_of(&list, ',', &piece))
		if (tcpbuf__reader_is(&piece, word))
			return 1;
	return 0;
}

static int parse_device(struct tcpbuf__reader word, uint64_t *out)
{
	struct tcpbuf__reader major;
	uint64_t high, low;

	if (!tcpbuf__reader_until(&word, ':', &major) || tcpbuf__reader_u64(&major, &high) != 0 ||
		tcpbuf__reader_u64(&word, &low) != 0)
		return 0;
	*out = high << 32 | low;
	return 1;
}

int tcpbuf__cgroup_parse_mount(struct tcpbuf__reader line, struct tcpbuf__cgroup_mount *out)
{
	struct tcpbuf__mount mount;

	if (!tcpbuf__mount_parse(line, &mount))
		return 0;
	if (tcpbuf__reader_is(&mount.type, "cgroup2"))
		out->version = TCPBUF_CGROUP_V2;
	else if (tcpbuf__reader_is(&mount.type, "cgroup"))
		out->version = TCPBUF_CGROUP_V1;
	else
		return 0;
	out->memory = out->version == TCPBUF_CGROUP_V1 && list_has(mount.super, "memory");
	return parse_device(mount.device, &out->device) &&
	       tcpbuf__mount_path(mount.root, out->root, sizeof(out->root)) &&
	       tcpbuf__mount_path(mount.point, out->point, sizeof(out->point));
}

int tcpbuf__cgroup_parse_controllers(
	struct tcpbuf__reader text, uint64_t *hierarchy, uint64_t *enabled)
{
	struct tcpbuf__reader line, name;
	uint64_t count;

	while (tcpbuf__reader_line(&text, &line))
		if (tcpbuf__reader_word(&line, &name) && tcpbuf__reader_is(&name, "memory"))
			return tcpbuf__reader_u64(&line, hierarchy) == 0 &&
			       tcpbuf__reader_u64(&line, &count) == 0 &&
			       tcpbuf__reader_u64(&line, enabled) == 0;
	return 0;
}

int tcpbuf__cgroup_parse_cmdline(struct tcpbuf__reader text, const char *option)
{
	struct tcpbuf__reader word, name;

	while (tcpbuf__reader_word(&text, &word))
		if (tcpbuf__reader_until(&word, '=', &name) &&
			tcpbuf__reader_is(&name, "cgroup.memory") && list_has(word, option))
			return 1;
	return 0;
}

int tcpbuf__cgroup_parse_has(struct tcpbuf__reader text, const char *wanted)
{
	struct tcpbuf__reader word;

	while (tcpbuf__reader_word(&text, &word))
		if (tcpbuf__reader_is(&word, wanted))
			return 1;
	return 0;
}

static void cut_deleted(struct tcpbuf__reader *path)
{
	static const char mark[] = " (deleted)";
	size_t size = sizeof(mark) - 1;

	if ((size_t)(path->end - path->pos) > size && memcmp(path->end - size, mark, size) == 0)
		path->end -= size;
}

int tcpbuf__cgroup_parse_proc(
	struct tcpbuf__reader text, uint32_t version, struct tcpbuf__reader *path)
{
	struct tcpbuf__reader line, id, controllers;

	while (tcpbuf__reader_line(&text, &line)) {
		if (!tcpbuf__reader_until(&line, ':', &id) ||
			!tcpbuf__reader_until(&line, ':', &controllers))
			continue;
		if (version == TCPBUF_CGROUP_V1 ? !list_has(controllers, "memory")
						: !tcpbuf__reader_is(&id, "0"))
			continue;
		cut_deleted(&line);
		*path = line;
		return line.pos < line.end && *line.pos == '/' &&
		       !memchr(line.pos, '\0', (size_t)(line.end - line.pos));
	}
	return 0;
}

/* v1 prints "no limit" as the largest page counter, LONG_MAX in whole pages of up to 64 KiB. */
uint64_t tcpbuf__cgroup_no_limit(uint64_t bytes)
{
	return bytes >= (uint64_t)INT64_MAX - 65535 ? UINT64_MAX : bytes;
}

int tcpbuf__cgroup_parse_number(struct tcpbuf__reader text, uint64_t *out)
{
	struct tcpbuf__reader word, again = text;

	if (!tcpbuf__reader_word(&again, &word))
		return -EPROTO;
	if (tcpbuf__reader_is(&word, "max"))
		*out = UINT64_MAX;
	else if (tcpbuf__reader_u64(&text, out) != 0)
		return -EPROTO;
	return tcpbuf__reader_blank(&again) ? 0 : -EPROTO;
}

int tcpbuf__cgroup_parse_keyed(struct tcpbuf__reader text, const char *key, uint64_t *out)
{
	struct tcpbuf__reader line, name;

	while (tcpbuf__reader_line(&text, &line))
		if (tcpbuf__reader_word(&line, &name) && tcpbuf__reader_is(&name, key))
			return tcpbuf__reader_u64(&line, out) == 0 && tcpbuf__reader_blank(&line)
				       ? 1
				       : -EPROTO;
	return 0;
}

/* "12.34", in 1/100. */
static int parse_percent(struct tcpbuf__reader text, uint32_t *out)
{
	struct tcpbuf__reader whole;
	uint64_t high, low;

	if (!tcpbuf__reader_until(&text, '.', &whole) || text.end - text.pos != 2 ||
		tcpbuf__reader_u64(&whole, &high) != 0 || tcpbuf__reader_u64(&text, &low) != 0 ||
		high > 100)
		return -EPROTO;
	*out = (uint32_t)(high * 100 + low);
	return 0;
}

/* "some avg10=0.00 avg60=0.00 avg300=0.00 total=0", after its first word. */
static int parse_shares(struct tcpbuf__reader line, uint32_t *avg[3], uint64_t *total)
{
	static const char *const names[] = {"avg10", "avg60", "avg300"};
	struct tcpbuf__reader word, name;

	for (int i = 0; i < 3; i++)
		if (!tcpbuf__reader_word(&line, &word) ||
			!tcpbuf__reader_until(&word, '=', &name) ||
			!tcpbuf__reader_is(&name, names[i]) || parse_percent(word, avg[i]) != 0)
			return -EPROTO;
	if (!tcpbuf__reader_word(&line, &word) || !tcpbuf__reader_until(&word, '=', &name) ||
		!tcpbuf__reader_is(&name, "total") || tcpbuf__reader_u64(&word, total) != 0)
		return -EPROTO;
	return 0;
}

int tcpbuf__cgroup_parse_pressure(struct tcpbuf__reader text, struct tcpbuf_cgroup_memory *out)
{
	uint32_t *some[] = {
		&out->pressure_some_avg10, &out->pressure_some_avg60, &out->pressure_some_avg300};
	uint32_t *full[] = {
		&out->pressure_full_avg10, &out->pressure_full_avg60, &out->pressure_full_avg300};
	struct tcpbuf__reader line, word;

	if (!tcpbuf__reader_line(&text, &line) || !tcpbuf__reader_word(&line, &word) ||
		!tcpbuf__reader_is(&word, "some") ||
		parse_shares(line, some, &out->pressure_some_us) != 0)
		return -EPROTO;
	if (!tcpbuf__reader_line(&text, &line) || !tcpbuf__reader_word(&line, &word) ||
		!tcpbuf__reader_is(&word, "full") ||
		parse_shares(line, full, &out->pressure_full_us) != 0)
		return -EPROTO;
	return 0;
}
