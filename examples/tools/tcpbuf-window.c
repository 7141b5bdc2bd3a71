/* SPDX-License-Identifier: MIT */
/* Buffers and windows of any kernel, as tables. */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "window.h"
#include "window_grow.h"

static const struct tool tool = {"tcpbuf-window",
	"Usage: tcpbuf-window [OPTION]... [TABLE] [VALUE]...\n"
	"What a kernel makes of TCP buffer settings. Tables:\n"
	"\n"
	"  buffer [BYTES]...     receive buffer to window (the default)\n"
	"  window [BYTES]...     window to the least receive buffer\n"
	"  first [BYTES]...      windows of a handshake for these SO_RCVBUF at both ends; 0: not set\n"
	"  option NAME [VALUE]...\n"
	"                        what setsockopt() makes: SO_RCVBUF, SO_SNDBUF, SO_RCVBUFFORCE, SO_SNDBUFFORCE,\n"
	"                        TCP_WINDOW_CLAMP, SO_RCVLOWAT\n"
	"  scale [BYTES]...      tcp_adv_win_scale -3 to 4, and what is left of it\n"
	"\n"
	"  --grow                a bulk transfer over time, see tcpbuf-window --grow --help\n"
	"\n"
	"  -k, --kernel NAME     6.1, 6.12.117, debian-5.10.223, ...; without it the running kernel and its settings\n"
	"  -p, --probe           see the running kernel's rules by connections in a scratch namespace (root)\n"
	"  -N, --netns WHICH     settings of self (default), a process id, a /path or an ip-netns(8) name\n"
	"  -r, --rmem \"A B C\"    tcp_rmem instead; -w, --wmem likewise\n"
	"  -M, --rmem-max BYTES  net.core.rmem_max instead\n"
	"  -s, --adv-win-scale N tcp_adv_win_scale instead, -31 to 31\n"
	"  -R, --ratio N         scaling_ratio in 1/256 instead of the kernel's first one, 1 to 255\n"
	"  -m, --mtu BYTES       of the path of a handshake, 1500 by default; -6, --ipv6\n"
	"  -S, --state STATE     of option's socket: fresh (default), listen, established, udp\n"
	"  -u, --user            option without CAP_NET_ADMIN\n"
	"  -c, --csv             comma-separated values\n"
	"  -j, --json            JSON\n"
	"  -h, --help            this text\n"
	"  -V, --version         version\n"
	"\n"
	"Exit status: 0 ok, 1 usage, 2 kernel or permission, 3 partial result.\n"};

void window_default(struct window *w, const int64_t *values, int count)
{
	if (w->count)
		return;
	memcpy(w->values, values, (size_t)count * sizeof(*values));
	w->count = count;
}

struct name {
	const char *text;
	uint32_t value;
};

static const struct name option_names[] = {{"SO_RCVBUF", TCPBUF_SOCKOPT_RCVBUF}, {"SO_SNDBUF", TCPBUF_SOCKOPT_SNDBUF},
	{"SO_RCVBUFFORCE", TCPBUF_SOCKOPT_RCVBUFFORCE}, {"SO_SNDBUFFORCE", TCPBUF_SOCKOPT_SNDBUFFORCE},
	{"TCP_WINDOW_CLAMP", TCPBUF_SOCKOPT_WINDOW_CLAMP}, {"SO_RCVLOWAT", TCPBUF_SOCKOPT_RCVLOWAT}, {NULL, 0}};

static const struct name state_names[] = {{"fresh", TCPBUF_SOCKOPT_FRESH}, {"listen", TCPBUF_SOCKOPT_LISTEN},
	{"established", TCPBUF_SOCKOPT_ESTABLISHED}, {"udp", TCPBUF_SOCKOPT_UDP}, {NULL, 0}};

static const struct {
	const char *name;
	window_table *print;
	int64_t least;
} tables[] = {{"buffer", window_buffer, 1}, {"window", window_window, 1}, {"first", window_first, INT32_MIN},
	{"option", window_option, INT32_MIN}, {"scale", window_scale, 1}};

enum { TABLES = sizeof(tables) / sizeof(tables[0]) };

static uint32_t find_name(const struct name *names, const char *text)
{
	while (names->text && strcmp(names->text, text) != 0)
		names++;
	return names->value;
}

/* A whole number of that range; returns 0 when it is none. */
static int take_number(const char *text, int64_t least, int64_t most, int64_t *out)
{
	char *rest;

	*out = strtoll(text, &rest, 10);
	return rest != text && !*rest && (*text == '-' || (*text >= '0' && *text <= '9')) && *out >= least && *out <= most;
}

struct arguments {
	const char *kernel, *netns, *rmem, *wmem;
	int64_t rmem_max, adv_win_scale, ratio, mtu;
	int has_scale, probe;
	struct window w;
};

static int bad(const char *what, const char *word)
{
	return tool_usage(&tool, what, word);
}

/* Options of what is asked. Returns -1 to go on, or the exit code. */
static int take_question(int c, struct arguments *a)
{
	switch (c) {
	case 'R':
		return take_number(optarg, 1, 255, &a->ratio) ? -1 : bad("not a ratio of 1 to 255:", optarg);
	case 'M':
		return take_number(optarg, 1, INT32_MAX, &a->rmem_max) ? -1 : bad("not a size:", optarg);
	case 'm':
		return take_number(optarg, 68, 65536, &a->mtu) ? -1 : bad("not an MTU of 68 to 65536:", optarg);
	case 's':
		a->has_scale = 1;
		return take_number(optarg, -31, 31, &a->adv_win_scale) ? -1 : bad("not -31 to 31:", optarg);
	case 'S':
		a->w.state = find_name(state_names, optarg);
		return a->w.state ? -1 : bad("no such state:", optarg);
	case '6':
		a->w.link.family = 10;
		return -1;
	case 'u':
		a->w.privileged = 0;
		return -1;
	default:
		return EXIT_USAGE;
	}
}

/* Returns -1 to go on, or the exit code. */
static int take_option(int c, struct arguments *a)
{
	switch (c) {
	case 'k':
		a->kernel = optarg;
		return -1;
	case 'N':
		a->netns = optarg;
		return -1;
	case 'r':
		a->rmem = optarg;
		return -1;
	case 'w':
		a->wmem = optarg;
		return -1;
	case 'p':
		a->probe = 1;
		return -1;
	case 'c':
		a->w.format = SHEET_CSV;
		return -1;
	case 'j':
		a->w.format = SHEET_JSON;
		return -1;
	case 'h':
		return tool_help(&tool);
	case 'V':
		return tool_version(&tool);
	default:
		return take_question(c, a);
	}
}

static void set_rule(struct window *w, const char *release, const char *known)
{
	snprintf(w->rule, sizeof(w->rule), "Linux %s: %s (%s%s)", release, tcpbuf_rules_window_text(&w->rules), known,
		w->rules.verified ? "" : ", not verified");
}

/* The running kernel, and the settings of a namespace. */
static int learn_running(struct tcpbuf *tb, struct arguments *a)
{
	struct tcpbuf_kernel kernel;
	struct tcpbuf_netns *ns;

	if ((a->probe ? tcpbuf_kernel_probe : tcpbuf_kernel_read)(tb, &kernel, sizeof(kernel)) != 0 ||
		tcpbuf_netns_open(tb, a->netns, &ns) != 0)
		return tool_fail(&tool, tb);
	a->w.rules = kernel.rules;
	set_rule(&a->w, kernel.release, tcpbuf_kernel_known_name(kernel.known[TCPBUF_KERNEL_WINDOW]));
	window_boot_settings(&a->w);
	window_read_settings(&a->w, ns);
	tcpbuf_netns_close(ns);
	return EXIT_OK;
}

static int learn_named(struct arguments *a)
{
	char *safe;

	if (tcpbuf_rules_named(a->kernel, &a->w.rules, sizeof(a->w.rules)) != 0)
		return bad("not a kernel of Linux 4.19 or later:", a->kernel);
	safe = escape_name(a->kernel);
	set_rule(&a->w, safe, a->w.rules.verified ? "recorded" : "as released");
	free(safe);
	window_boot_settings(&a->w);
	return EXIT_OK;
}

static int take_triple(const char *text, uint32_t key, int64_t out[3])
{
	struct tcpbuf_value value;

	if (!text)
		return 1;
	if (tcpbuf_key_parse(key, text, (uint32_t)strlen(text), &value, sizeof(value)) != 0)
		return 0;
	memcpy(out, value.numbers, sizeof(value.numbers));
	return 1;
}

/* What the command line says instead. */
static int override(struct arguments *a)
{
	struct tcpbuf_model_end *end = &a->w.link.client;

	if (!take_triple(a->rmem, TCPBUF_KEY_TCP_RMEM, end->rmem))
		return bad("not three numbers:", a->rmem);
	if (!take_triple(a->wmem, TCPBUF_KEY_TCP_WMEM, end->wmem))
		return bad("not three numbers:", a->wmem);
	if (a->rmem_max)
		end->rmem_max = a->rmem_max;
	if (a->has_scale)
		end->adv_win_scale = (int32_t)a->adv_win_scale;
	if (a->ratio)
		a->w.rules.default_ratio = (uint32_t)a->ratio;
	a->w.link.server = *end;
	a->w.link.mtu = (uint32_t)a->mtu;
	return EXIT_OK;
}

/* TABLE, its NAME, and values. Returns the table's number, or -1 with the exit code in *code. */
static int take_words(int argc, char **argv, struct arguments *a, int *code)
{
	int table = 0, i = optind;

	while (i < argc && table < TABLES && strcmp(tables[table].name, argv[i]) != 0)
		table++;
	table = i < argc && table < TABLES ? (i++, table) : 0;
	if (tables[table].print == window_option) {
		a->w.option = i < argc ? find_name(option_names, argv[i]) : 0;
		if (!a->w.option) {
			*code = bad("option needs a NAME, as SO_RCVBUF:", i < argc ? argv[i] : NULL);
			return -1;
		}
		i++;
	}
	for (; i < argc; i++)
		if (a->w.count == WINDOW_MOST_VALUES ||
			!take_number(argv[i], tables[table].least, INT32_MAX, &a->w.values[a->w.count++])) {
			*code = bad("neither a table nor a value of it:", argv[i]);
			return -1;
		}
	return table;
}

static const struct option options[] = {{"kernel", required_argument, NULL, 'k'}, {"probe", no_argument, NULL, 'p'},
	{"netns", required_argument, NULL, 'N'}, {"rmem", required_argument, NULL, 'r'},
	{"wmem", required_argument, NULL, 'w'}, {"rmem-max", required_argument, NULL, 'M'},
	{"adv-win-scale", required_argument, NULL, 's'}, {"ratio", required_argument, NULL, 'R'},
	{"mtu", required_argument, NULL, 'm'}, {"ipv6", no_argument, NULL, '6'}, {"state", required_argument, NULL, 'S'},
	{"user", no_argument, NULL, 'u'}, {"csv", no_argument, NULL, 'c'}, {"json", no_argument, NULL, 'j'},
	{"help", no_argument, NULL, 'h'}, {"version", no_argument, NULL, 'V'}, {NULL, 0, NULL, 0}};

static int learn(struct arguments *a)
{
	struct tcpbuf *tb;
	int code;

	if (a->kernel)
		return learn_named(a);
	tb = tool_context(&tool);
	if (!tb)
		return EXIT_KERNEL;
	code = learn_running(tb, a);
	tcpbuf_free(tb);
	return code;
}

int main(int argc, char **argv)
{
	static struct arguments a = {.netns = "self", .mtu = 1500,
		.w = {.state = TCPBUF_SOCKOPT_FRESH, .privileged = 1,
			.link = {.size = sizeof(a.w.link), .family = 2, .local = 1}}};
	int c, code = -1, table;

	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], "--grow") == 0)
			return window_grow(&tool, argc, argv);
	while (code < 0 && (c = getopt_long(argc, argv, "k:pN:r:w:M:s:R:m:6S:ucjhV", options, NULL)) != -1)
		code = take_option(c, &a);
	if (code >= 0)
		return code;
	table = take_words(argc, argv, &a, &code);
	if (table < 0)
		return code;
	code = learn(&a);
	if (code == EXIT_OK)
		code = override(&a);
	if (code != EXIT_OK)
		return code;
	if (tables[table].print(&a.w) != 0)
		return bad("a setting is out of its range", NULL);
	return tool_finish(&tool, EXIT_OK);
}
