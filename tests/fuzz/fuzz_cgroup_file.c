/* SPDX-License-Identifier: MIT */
/* Files of a memory cgroup, and those that say how cgroups are mounted; each parser given the same bytes. */
#include <errno.h>

#include "cgroup/cgroup.h"
#include "fuzz.h"

static void check_number(struct tcpbuf__reader text)
{
	uint64_t value, again;
	char printed[32];

	if (tcpbuf__cgroup_parse_number(text, &value) != 0)
		return;
	snprintf(printed, sizeof(printed), "%llu\n", (unsigned long long)value);
	MUST(tcpbuf__cgroup_parse_number(tcpbuf__reader_init(printed, strlen(printed)), &again) == 0);
	MUST(value == again && tcpbuf__cgroup_no_limit(value) >= value);
}

/* A line in front that has another key changes nothing. */
static void check_keyed(struct tcpbuf__reader text)
{
	static const char other[] = "anon 4096\n";
	size_t size = (size_t)(text.end - text.pos);
	uint64_t value = 0, again = 0;
	int found = tcpbuf__cgroup_parse_keyed(text, "sock", &value);
	char *longer = malloc(sizeof(other) + size);

	MUST(found == 0 || found == 1 || found == -EPROTO);
	MUST(longer);
	memcpy(longer, other, sizeof(other) - 1);
	if (size)
		memcpy(longer + sizeof(other) - 1, text.pos, size);
	text = tcpbuf__reader_init(longer, sizeof(other) - 1 + size);
	MUST(tcpbuf__cgroup_parse_keyed(text, "sock", &again) == found && value == again);
	free(longer);
}

static size_t put_shares(char *out, size_t size, const char *name, const uint32_t *avg[3], uint64_t total)
{
	return (size_t)snprintf(out, size, "%s avg10=%u.%02u avg60=%u.%02u avg300=%u.%02u total=%llu\n", name, *avg[0] / 100,
		*avg[0] % 100, *avg[1] / 100, *avg[1] % 100, *avg[2] / 100, *avg[2] % 100, (unsigned long long)total);
}

static void check_pressure(struct tcpbuf__reader text)
{
	struct tcpbuf_cgroup_memory m = {0}, again = {0};
	const uint32_t *some[] = {&m.pressure_some_avg10, &m.pressure_some_avg60, &m.pressure_some_avg300};
	const uint32_t *full[] = {&m.pressure_full_avg10, &m.pressure_full_avg60, &m.pressure_full_avg300};
	char printed[512];
	size_t used;

	if (tcpbuf__cgroup_parse_pressure(text, &m) != 0)
		return;
	used = put_shares(printed, sizeof(printed), "some", some, m.pressure_some_us);
	used += put_shares(printed + used, sizeof(printed) - used, "full", full, m.pressure_full_us);
	MUST(tcpbuf__cgroup_parse_pressure(tcpbuf__reader_init(printed, used), &again) == 0);
	MUST(memcmp(&m, &again, sizeof(m)) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tcpbuf__reader text = reader_of(data, size);
	uint64_t hierarchy, enabled;

	check_number(text);
	check_keyed(text);
	check_pressure(text);
	tcpbuf__cgroup_parse_controllers(text, &hierarchy, &enabled);
	tcpbuf__cgroup_parse_cmdline(text, "nosocket");
	tcpbuf__cgroup_parse_has(text, "memory");
	return 0;
}
