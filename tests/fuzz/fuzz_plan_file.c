/* SPDX-License-Identifier: MIT */
/* Files that a person hands to the tools: a plan saved as JSON, and a sysctl.d file to lint or to set. */
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"
#include "plan.h"
#include "sysctl.h"

const struct tool plan_tool = {"tcpbuf-plan", ""};
const struct tool tool = {"tcpbuf-sysctl", ""};

static void check_settings(const char *path)
{
	struct settings s;

	if (!settings_open(&s, path))
		return;
	while (settings_next(&s))
		MUST(s.line.key && strlen(s.value) <= s.line.value_length);
	settings_close(&s);
}

/* What a tool says goes where a test's output does. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct plan_options options = {.kernel = "6.12", .ram = INT64_C(8) << 30};
	static struct tcpbuf *tb;
	static struct tcpbuf_netns *ns;
	char path[32];
	int code, file = memfd_create("plan", 0);

	MUST(file >= 0 && write(file, data, size) == (ssize_t)size);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
	if (!tb)
		MUST(tcpbuf_new(&tb) == 0 && tcpbuf_netns_open_self(tb, &ns) == 0);
	options.json = size & 1;
	code = plan_check(tb, ns, &options, path);
	MUST(code == EXIT_OK || code == EXIT_USAGE || code == EXIT_PARTIAL);
	code = plan_lint(tb, ns, &options, path);
	MUST(code == EXIT_OK || code == EXIT_USAGE || code == EXIT_PARTIAL || code == EXIT_KERNEL);
	check_settings(path);
	close(file);
	return 0;
}
