/* SPDX-License-Identifier: MIT */
/* tcpbuf-window --grow: options, and one simulated transfer a kernel and setting. */
#include "window_grow.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

static const char *const grow_help =
	"Usage: tcpbuf-window --grow [OPTION]...\n"
	"Buffers, windows, rate and memory of a bulk transfer over time, and what limits it.\n"
	"\n"
	"      --kernel NAME     release or recorded kernel; several side by side: repeat it (the running one)\n"
	"      --rmem-most BYTES third number of tcp_rmem; several side by side: repeat it (6291456)\n"
	"      --wmem-most BYTES third number of tcp_wmem (4194304)\n"
	"      --rcvbuf BYTES    SO_RCVBUF of the receiver, before listen\n"
	"      --sndbuf BYTES    SO_SNDBUF of the sender, before connect\n"
	"      --rtt MS          round trip of the empty path (40)\n"
	"      --rate MBIT       rate of the path (200)\n"
	"      --queue PACKETS   queue of the path before it drops; 0, the default, never drops\n"
	"      --mtu BYTES       (1500)\n"
	"      --segment BYTES   memory of one received segment, by the network driver (2304)\n"
	"      --slow BYTES      the receiver reads so much each 20 ms\n"
	"      --pause SECONDS   the receiver reads nothing for so long, then fast\n"
	"      --fixed           tcp_moderate_rcvbuf = 0\n"
	"      --bbr             BBR instead of cubic (rough)\n"
	"      --time SECONDS    how long (5)\n"
	"      --csv, --json     every row; series by number\n"
	"      --plot FILE       a picture, FILE.svg or FILE.png, by gnuplot\n"
	"  -h, --help            this text\n"
	"  -V, --version         version\n"
	"\n"
	"Exit status: 0 ok, 1 usage, 2 gnuplot is missing or fails.\n";

enum {
	OPTION_GROW = 1000,
	KERNEL,
	RMEM,
	WMEM,
	RCVBUF,
	SNDBUF,
	RTT,
	RATE,
	QUEUE,
	MTU,
	SEGMENT,
	SLOW,
	PAUSE,
	FIXED,
	BBR,
	TIME,
	CSV,
	JSON,
	PLOT
};

static const struct option options[] = {{"grow", no_argument, NULL, OPTION_GROW},
	{"kernel", required_argument, NULL, KERNEL}, {"rmem-most", required_argument, NULL, RMEM},
	{"wmem-most", required_argument, NULL, WMEM}, {"rcvbuf", required_argument, NULL, RCVBUF},
	{"sndbuf", required_argument, NULL, SNDBUF}, {"rtt", required_argument, NULL, RTT},
	{"rate", required_argument, NULL, RATE}, {"queue", required_argument, NULL, QUEUE},
	{"mtu", required_argument, NULL, MTU}, {"segment", required_argument, NULL, SEGMENT},
	{"slow", required_argument, NULL, SLOW}, {"pause", required_argument, NULL, PAUSE},
	{"fixed", no_argument, NULL, FIXED}, {"bbr", no_argument, NULL, BBR}, {"time", required_argument, NULL, TIME},
	{"csv", no_argument, NULL, CSV}, {"json", no_argument, NULL, JSON}, {"plot", required_argument, NULL, PLOT},
	{"help", no_argument, NULL, 'h'}, {"version", no_argument, NULL, 'V'}, {NULL, 0, NULL, 0}};

/* What the options say; lists hold one or more. */
struct wishes {
	const char *kernels[GROW_MAX_SERIES], *plot;
	int64_t rmem[GROW_MAX_SERIES], wmem;
	int kernel_count, rmem_count, output;
	struct tcpbuf_model_growth transfer;
};

/* A number of at least @least, times @unit, or -1. */
static int64_t number_of(const char *text, double least, double most, double unit)
{
	char *rest;
	double value = strtod(text, &rest);

	return *text && !*rest && value >= least && value <= most ? (int64_t)(value * unit + 0.5) : -1;
}

/* Options with a number: where it goes, its range and unit. */
static const struct numeric {
	int option;
	double least, most, unit;
} numerics[] = {{RMEM, 2304, INT32_MAX, 1}, {WMEM, 4608, INT32_MAX, 1}, {RCVBUF, 1, INT32_MAX, 1},
	{SNDBUF, 1, INT32_MAX, 1}, {RTT, 0.001, 10000, 1000}, {RATE, 0.008, 400000, 1e6}, {QUEUE, 0, INT32_MAX, 1},
	{MTU, 68, 65536, 1}, {SEGMENT, 0, 1 << 20, 1}, {SLOW, 1, INT32_MAX, 1}, {PAUSE, 0, 600, 1e6},
	{TIME, 0.001, 86400, 1e6}};

static void put(struct wishes *w, int option, int64_t value)
{
	struct tcpbuf_model_growth *t = &w->transfer;

	switch (option) {
	case RMEM:
		w->rmem[w->rmem_count++] = value;
		break;
	case WMEM:
		w->wmem = value;
		break;
	case RCVBUF:
		t->link.server.set_rcvbuf = 1;
		t->link.server.so_rcvbuf = (int32_t)value;
		break;
	case SNDBUF:
		t->link.client.set_sndbuf = 1;
		t->link.client.so_sndbuf = (int32_t)value;
		break;
	case RTT:
		t->rtt_us = (uint32_t)value;
		break;
	case RATE:
		t->rate_bps = value;
		break;
	case QUEUE:
		t->queue_packets = (uint32_t)value;
		break;
	case MTU:
		t->link.mtu = (uint32_t)value;
		break;
	case SEGMENT:
		t->segment_truesize = (uint32_t)value;
		break;
	case SLOW:
		t->reader = TCPBUF_READER_SLOW;
		t->read_bytes = (uint32_t)value;
		break;
	case PAUSE:
		t->reader = TCPBUF_READER_PAUSE;
		t->pause_us = (uint32_t)value;
		break;
	default:
		t->duration_us = value;
		break;
	}
}

/* Returns -1 to go on, or the exit code. */
static int take_number(const struct tool *tool, struct wishes *w, int option)
{
	for (size_t i = 0; i < sizeof(numerics) / sizeof(numerics[0]); i++) {
		const struct numeric *n = &numerics[i];
		int64_t value;

		if (n->option != option)
			continue;
		value = number_of(optarg, n->least, n->most, n->unit);
		if (value < 0 || (option == RMEM && w->rmem_count == GROW_MAX_SERIES))
			return tool_usage(tool, "not a number in range, or one too many:", optarg);
		put(w, option, value);
		return -1;
	}
	return tool_usage(tool, "see --grow --help", NULL);
}

static int take_option(const struct tool *tool, struct wishes *w, int option)
{
	switch (option) {
	case OPTION_GROW:
		return -1;
	case KERNEL:
		if (w->kernel_count == GROW_MAX_SERIES)
			return tool_usage(tool, "one kernel too many:", optarg);
		w->kernels[w->kernel_count++] = optarg;
		return -1;
	case FIXED:
		w->transfer.moderate_rcvbuf = 0;
		return -1;
	case BBR:
		w->transfer.congestion = TCPBUF_CONGESTION_BBR;
		w->transfer.link.client.sndbuf_factor = 3;
		return -1;
	case PLOT:
		w->plot = optarg;
		/* fall through */
	case CSV:
	case JSON:
		w->output = option;
		return -1;
	case 'h':
		fputs(grow_help, stdout);
		return tool_finish(tool, EXIT_OK);
	case 'V':
		return tool_version(tool);
	default:
		return take_number(tool, w, option);
	}
}

static void start_wishes(struct wishes *w)
{
	struct tcpbuf_model_end end = {.rmem = {4096, 131072, 6291456},
		.wmem = {4096, 16384, 4194304},
		.rmem_max = 212992,
		.wmem_max = 212992,
		.adv_win_scale = 1,
		.app_win = 31,
		.window_scaling = 1,
		.timestamps = 1,
		.sndbuf_factor = 2};

	memset(w, 0, sizeof(*w));
	w->wmem = 4194304;
	w->transfer = (struct tcpbuf_model_growth){.size = sizeof(w->transfer),
		.reader = TCPBUF_READER_FAST,
		.congestion = TCPBUF_CONGESTION_CUBIC,
		.moderate_rcvbuf = 1,
		.low_rtt_us = 1000,
		.rtt_us = 40000,
		.segment_truesize = 2304,
		.read_period_us = 20000,
		.duration_us = 5000000,
		.rate_bps = 200000000,
		.link = {.size = sizeof(w->transfer.link), .mtu = 1500, .family = 2, .client = end, .server = end}};
}

/* A series's name goes into JSON, and between quotes into gnuplot's script. */
static int is_word(const char *kernel)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.+-_~";

	return kernel[strspn(kernel, plain)] == '\0';
}

/* The name of a series says what differs from the others. */
static void label(struct grow_series *s, const struct wishes *w, const char *kernel, int64_t rmem)
{
	if (w->transfer.link.server.set_rcvbuf)
		snprintf(s->label, sizeof(s->label), "Linux %.40s, SO_RCVBUF %d", kernel,
			w->transfer.link.server.so_rcvbuf);
	else
		snprintf(s->label, sizeof(s->label), "Linux %.40s, tcp_rmem max %g MiB", kernel,
			(double)rmem / 1048576);
}

static int play(
	const struct tool *tool, struct grow_series *s, const struct wishes *w, const char *kernel, int64_t rmem)
{
	int64_t step = w->transfer.duration_us / 250, rounds = w->transfer.duration_us / (GROW_MAX_ROWS - 1) + 1;

	s->transfer = w->transfer;
	s->transfer.link.server.rmem[2] = s->transfer.link.client.rmem[2] = rmem;
	s->transfer.link.server.wmem[2] = s->transfer.link.client.wmem[2] = w->wmem;
	if (step < s->transfer.rtt_us)
		step = s->transfer.rtt_us;
	s->transfer.interval_us = (uint32_t)(step > rounds ? step : rounds);
	if (!is_word(kernel) || tcpbuf_rules_named(kernel, &s->rules, sizeof(s->rules)) != 0)
		return tool_usage(tool, "not a kernel that is known:", kernel);
	label(s, w, kernel, rmem);
	s->count = tcpbuf_model_growth(
		&s->rules, &s->transfer, s->rows, GROW_MAX_ROWS, sizeof(s->rows[0]), &s->result, sizeof(s->result));
	return s->count < 0 ? tool_usage(tool,
				      "these settings cannot be simulated together:", tcpbuf_strerror((int)s->count))
			    : EXIT_OK;
}

static int show(const struct tool *tool, const struct grow *g, const struct wishes *w)
{
	int code = EXIT_OK;

	if (w->output == CSV)
		grow_print_csv(stdout, g);
	else if (w->output == JSON)
		grow_print_json(g);
	else if (w->output == PLOT)
		code = grow_plot(tool, g, w->plot);
	else
		grow_print_table(g);
	return tool_finish(tool, code);
}

static int play_all(const struct tool *tool, struct wishes *w)
{
	int series = w->kernel_count * w->rmem_count, code = EXIT_OK;
	struct grow g = {.series = calloc((size_t)series, sizeof(struct grow_series))};

	if (!g.series) {
		fprintf(stderr, "%s: %s\n", tool->name, strerror(ENOMEM));
		return EXIT_KERNEL;
	}
	for (int i = 0; i < series && code == EXIT_OK; i++)
		code = play(tool, &g.series[g.series_count++], w, w->kernels[i / w->rmem_count],
			w->rmem[i % w->rmem_count]);
	if (code == EXIT_OK)
		code = show(tool, &g, w);
	free(g.series);
	return code;
}

int window_grow(const struct tool *tool, int argc, char **argv)
{
	struct utsname running;
	struct wishes w;
	int c, code;

	start_wishes(&w);
	optind = 1;
	while ((c = getopt_long(argc, argv, "hV", options, NULL)) != -1) {
		code = take_option(tool, &w, c);
		if (code >= 0)
			return code;
	}
	if (optind < argc)
		return tool_usage(tool, "not an option of --grow:", argv[optind]);
	if (!w.kernel_count && uname(&running) == 0)
		w.kernels[w.kernel_count++] = running.release;
	if (!w.rmem_count)
		w.rmem[w.rmem_count++] = 6291456;
	if (w.kernel_count * w.rmem_count > GROW_MAX_SERIES)
		return tool_usage(tool, "at most 8 series side by side", NULL);
	return play_all(tool, &w);
}
