/* SPDX-License-Identifier: MIT */
/* Growth as a picture: gnuplot, run as a program. */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "window_grow.h"

/* Columns of the data that follow each panel: 1 is the time in seconds. */
static const struct panel {
	const char *title, *unit;
	int column, second; /* second: a thinner line, 0 for none */
} panels[] = {
	{"Receive buffer (rcvbuf)", "MiB", 2, 0},
	{"Receive window", "MiB", 3, 0},
	{"Rate read by the program", "Mbit/s", 4, 0},
	{"Memory held: receiver thick, sender thin", "MiB", 5, 6},
};

enum { PANELS = sizeof(panels) / sizeof(panels[0]) };

/* Colours that stay apart on a projector and for the colour-blind. */
static const char *const colours[GROW_MAX_SERIES] = {
	"#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000", "#999999"};

/* The line above which a panel's values make no sense, by panel; 0 for none. */
static double ceiling_of(const struct grow_series *s, int panel)
{
	const struct tcpbuf_model_end *server = &s->transfer.link.server;

	if (panel == 0 && !server->set_rcvbuf)
		return (double)server->rmem[2] / 1048576;
	if (panel == 1)
		return (double)s->transfer.rate_bps / 8 * s->transfer.rtt_us / 1e6 / 1048576;
	return panel == 2 ? (double)s->transfer.rate_bps / 1e6 : 0;
}

static const char *ceiling_name(int panel)
{
	static const char *const names[PANELS] = {"tcp_rmem max", "rate x RTT", "path", ""};

	return names[panel];
}

/* The same ceiling of several series is drawn once. */
static int drawn_before(const struct grow *g, int series, int panel)
{
	for (int i = 0; i < series; i++)
		if (ceiling_of(&g->series[i], panel) == ceiling_of(&g->series[series], panel))
			return 1;
	return 0;
}

/* What a panel shows of a row. */
static double value_of(const struct grow_series *s, int64_t row, int column)
{
	const struct tcpbuf_model_growth_sample *r = &s->rows[row];

	switch (column) {
	case 2:
		return (double)r->rcvbuf / 1048576;
	case 3:
		return (double)r->rcv_wnd / 1048576;
	case 4:
		return (double)grow_rate_bps(s, row) / 1e6;
	case 5:
		return (double)r->rmem_alloc / 1048576;
	default:
		return (double)r->wmem_queued / 1048576;
	}
}

static double highest(const struct grow *g, int column)
{
	double top = 0;

	for (int i = 0; column && i < g->series_count; i++)
		for (int64_t row = 0; row < g->series[i].count; row++)
			if (value_of(&g->series[i], row, column) > top)
				top = value_of(&g->series[i], row, column);
	return top;
}

/* A dashed line where a value cannot or need not go. Returns its height; one far above what happened is left out. */
static double draw_ceiling(FILE *to, const struct grow *g, int series, int panel, double top)
{
	double ceiling = ceiling_of(&g->series[series], panel);
	const char *colour = panel ? "#444444" : colours[series];

	if (ceiling <= 0 || ceiling > 2.5 * top || drawn_before(g, series, panel))
		return 0;
	fprintf(to, "set arrow from graph 0, first %g to graph 1, first %g nohead dt 2 lw 2 lc rgb '%s'\n", ceiling,
		ceiling, colour);
	fprintf(to, "set label %d '%s' at graph 0.98, first %g right offset 0,0.6 tc rgb '%s'\n", 1 + series,
		ceiling_name(panel), ceiling, colour);
	return ceiling;
}

static void plot_panel(FILE *to, const struct grow *g, int panel)
{
	double top = highest(g, panels[panel].column), second = highest(g, panels[panel].second), high, ceiling;

	top = high = second > top ? second : top;
	fprintf(to, "set title '%s'\nset ylabel '%s'\nunset arrow\n", panels[panel].title, panels[panel].unit);
	for (int i = 0; i < g->series_count; i++) {
		fprintf(to, "unset label %d\n", 1 + i);
		ceiling = draw_ceiling(to, g, i, panel, top);
		high = ceiling > high ? ceiling : high;
	}
	fprintf(to, "set yrange [0:%g]\nplot", high > 0 ? high * 1.12 : 1);
	for (int i = 0; i < g->series_count; i++) {
		fprintf(to, "%s $s%d using 1:%d with lines lw 3.5 lc rgb '%s' notitle", i ? "," : "", i,
			panels[panel].column, colours[i]);
		if (panels[panel].second)
			fprintf(to, ", $s%d using 1:%d with lines lw 1.5 lc rgb '%s' notitle", i,
				panels[panel].second, colours[i]);
	}
	fputc('\n', to);
}

static void write_data(FILE *to, const struct grow *g)
{
	for (int i = 0; i < g->series_count; i++) {
		fprintf(to, "$s%d << EOD\n", i);
		for (int64_t row = 0; row < g->series[i].count; row++) {
			fprintf(to, "%.4f", (double)g->series[i].rows[row].time_us / 1e6);
			for (int column = 2; column <= 6; column++)
				fprintf(to, " %.4f", value_of(&g->series[i], row, column));
			fputc('\n', to);
		}
		fputs("EOD\n", to);
	}
}

/* One line a series above the panels: its colour, what it is, what limits it. */
static void write_legend(FILE *to, const struct grow *g)
{
	for (int i = 0; i < g->series_count; i++)
		fprintf(to,
			"set label %d '%s: %.0f Mbit/s, limit: %s' at screen 0.5, screen %.3f center font "
			"'sans:Bold,17' "
			"tc rgb '%s'\n",
			100 + i, g->series[i].label, (double)g->series[i].result.rate_bps / 1e6,
			grow_limit_text(g->series[i].result.limit), 0.967 - 0.036 * i, colours[i]);
}

static void write_script(FILE *to, const struct grow *g, const char *file, const char *terminal)
{
	const struct tcpbuf_model_growth *t = &g->series[0].transfer;

	fprintf(to, "set terminal %s noenhanced size 1280,%d font 'sans,15'\nset output '%s'\n", terminal,
		800 + 28 * g->series_count, file);
	write_data(to, g);
	fprintf(to, "set multiplot layout 2,2 margins 0.075,0.985,0.085,%.3f spacing 0.085,0.16\n",
		0.925 - 0.036 * g->series_count);
	fprintf(to,
		"set grid lt 1 lc rgb '#dddddd'\nset border 3\nset tics nomirror\n"
		"set xlabel 'seconds (path: %g ms, %g Mbit/s)'\n",
		t->rtt_us / 1e3, (double)t->rate_bps / 1e6);
	write_legend(to, g);
	for (int i = 0; i < PANELS; i++) {
		plot_panel(to, g, i);
		fprintf(to, "do for [i=100:%d] { unset label i }\n", 99 + g->series_count);
	}
	fputs("unset multiplot\n", to);
}

static const char *terminal_of(const char *file)
{
	const char *dot = strrchr(file, '.');

	if (dot && strcmp(dot, ".svg") == 0)
		return "svg background 'white'";
	return dot && strcmp(dot, ".png") == 0 ? "pngcairo" : NULL;
}

/* A gnuplot that reads from *to. Returns its process id or a negative code. */
static pid_t start_gnuplot(FILE **to)
{
	char name[] = "gnuplot", *argv[] = {name, NULL};
	posix_spawn_file_actions_t actions;
	int ends[2], err;
	pid_t pid;

	if (pipe(ends) != 0)
		return -errno;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, ends[0], 0);
	posix_spawn_file_actions_addclose(&actions, ends[1]);
	err = posix_spawnp(&pid, "gnuplot", &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	close(ends[0]);
	*to = err ? NULL : fdopen(ends[1], "w");
	if (!*to) {
		close(ends[1]);
		return err ? -err : -ENOMEM;
	}
	return pid;
}

int grow_plot(const struct tool *tool, const struct grow *g, const char *file)
{
	const char *terminal = terminal_of(file);
	int status = 0;
	FILE *to = NULL;
	pid_t pid;

	if (!terminal || strchr(file, '\'') || strchr(file, '\n'))
		return tool_usage(tool, "--plot makes a .svg or .png, not", file);
	signal(SIGPIPE, SIG_IGN);
	pid = start_gnuplot(&to);
	if (pid < 0) {
		fprintf(stderr, "%s: --plot runs gnuplot, which %s%s\n", tool->name,
			pid == -ENOENT ? "is not installed (Debian: gnuplot-nox)" : "cannot be started: ",
			pid == -ENOENT ? "" : strerror(-pid));
		return EXIT_KERNEL;
	}
	write_script(to, g, file, terminal);
	fclose(to);
	if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status) || WEXITSTATUS(status)) {
		char *safe = escape_name(file);

		fprintf(stderr, "%s: gnuplot could not make %s\n", tool->name, safe);
		free(safe);
		return EXIT_KERNEL;
	}
	return EXIT_OK;
}
