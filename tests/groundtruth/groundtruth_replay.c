/* SPDX-License-Identifier: MIT */
/*
 * Answer recorded cells with the library, and compare.
 *
 *     groundtruth_replay [--print] SET FILE...
 *
 * SET is initial, setsockopt, sysctl, defaults or trajectory, as the name of the recording
 * (trajectory_tun and trajectory_bbr are trajectories).
 * A FILE holds one JSON object a line, plain or gzip; "-" is the standard input. With --print one
 * object a cell goes to the standard output, {} for what is not predicted. Without it, every
 * predicted name must be in the cell and equal: differences are listed, totals by kernel and set
 * follow (foreign: cells that are none of the library's, as a sysctl outside its family), and any
 * difference makes the exit code 1. A trajectory is judged by how near it comes: the distribution
 * of the errors is shown, and a missed bound makes the exit code 1.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "replay.h"

enum { LISTED_DIFFERENCES = 20, MAX_TOTALS = 64 };

/* What a prediction may look at; a cell reaches it without the rest. */
static const char *const sysctl_inputs[] = {
	"set", "kernel", "ns", "op", "key", "write", "before", NULL};
static const char *const initial_inputs[] = {"set", "kernel", "group", "cfg", NULL};
static const char *const setsockopt_inputs[] = {"set", "kernel", "state", "unpriv", "opt", "value", "before",
	"rmem_max", "wmem_max", "rmem", "wmem", "adv_win_scale", NULL};
static const char *const defaults_inputs[] = {"set", "kernel", "ns", "vm_mib", "meminfo", "zoneinfo", NULL};
static const char *const trajectory_inputs[] = {"set", "kernel", "group", "path", "cfg", NULL};

static const char *const fill_inputs[] = {"set", "kernel", "group", "path", "cfg", "chunk", "rchunk", "gap_ms", NULL};

static const struct set {
	const char *name;
	replay_fn *replay;
	const char *const *inputs;
	replay_passes_fn *passes;   /* NULL: everything predicted is equal */
	replay_verdict_fn *verdict; /* after all cells; NULL: the share of --least must pass */
} sets[] = {
	{"defaults", replay_defaults, defaults_inputs, NULL, NULL},
	{"fill", replay_fill, fill_inputs, replay_fill_passes, NULL},
	{"initial", replay_initial, initial_inputs, NULL, NULL},
	{"setsockopt", replay_setsockopt, setsockopt_inputs, NULL, NULL},
	{"sysctl", replay_sysctl, sysctl_inputs, NULL, NULL},
	{"trajectory", replay_trajectory, trajectory_inputs, trajectory_passes, trajectory_verdict},
	{"trajectory_bbr", replay_trajectory, trajectory_inputs, trajectory_passes, trajectory_verdict},
	{"trajectory_tun", replay_trajectory, trajectory_inputs, trajectory_passes, trajectory_verdict},
};

struct total {
	char name[96];
	unsigned long cells, predicted, equal;
};

struct run {
	int print;
	long least;     /* percent of the cells that must pass */
	long chunk_max; /* of the fill cells, only those with writes of at most this; 0: all */
	const struct set *set;
	json_t *zoneinfo; /* of the last cell that had one: a child namespace is on the same machine */
	unsigned long passed;
	unsigned long differences;
	size_t total_count;
	struct total totals[MAX_TOTALS];
};

static const char *text_of(const json_t *cell, const char *name)
{
	const char *text = json_string_value(json_object_get(cell, name));

	return text ? text : "";
}

static const struct set *set_of(const char *name)
{
	for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++)
		if (strcmp(sets[i].name, name) == 0)
			return &sets[i];
	return NULL;
}

static json_t *inputs_of(const json_t *cell, const struct set *set)
{
	json_t *inputs = json_object();

	for (const char *const *name = set->inputs; *name; name++)
		json_object_set(inputs, *name, json_object_get(cell, *name));
	return inputs;
}

static json_t *predict(struct run *run, const json_t *cell)
{
	json_t *out = json_object(), *inputs = inputs_of(cell, run->set);
	json_t *zoneinfo = json_object_get(inputs, "zoneinfo");

	if (zoneinfo) {
		json_decref(run->zoneinfo);
		run->zoneinfo = json_incref(zoneinfo);
	} else if (run->zoneinfo) {
		json_object_set(inputs, "zoneinfo", run->zoneinfo);
	}
	run->set->replay(inputs, out);
	json_decref(inputs);
	return out;
}

static struct total *total_of(struct run *run, const json_t *cell)
{
	char name[96];
	size_t i = 0;

	snprintf(name, sizeof(name), "%s %s", text_of(cell, "kernel"), text_of(cell, "set"));
	while (i < run->total_count && strcmp(run->totals[i].name, name) != 0)
		i++;
	if (i == run->total_count && i < MAX_TOTALS - 1) {
		memcpy(run->totals[i].name, name, sizeof(name));
		run->total_count++;
	}
	return &run->totals[i];
}

/* Everything predicted is in the cell and equal; the cell may hold more. */
static int same(const json_t *cell, json_t *predicted)
{
	const char *name;
	json_t *value;

	if (!json_is_object(predicted))
		return json_equal(cell, predicted);
	json_object_foreach(predicted, name, value)
		if (!same(json_object_get(cell, name), value))
			return 0;
	return 1;
}

/* What differs, as recorded or, with @of_prediction, as predicted. */
static json_t *differing(json_t *recorded, json_t *predicted, int of_prediction)
{
	const char *name;
	json_t *value, *out;

	if (!json_is_object(predicted) || !json_is_object(recorded))
		return json_incref(of_prediction ? predicted : recorded ? recorded : json_null());
	out = json_object();
	json_object_foreach(predicted, name, value)
		if (!same(json_object_get(recorded, name), value))
			json_object_set_new(out, name,
				differing(json_object_get(recorded, name), value, of_prediction));
	return out;
}

static void show(const char *label, json_t *value)
{
	char *text = json_dumps(value, JSON_COMPACT);

	printf("%s %.600s\n", label, text);
	free(text);
	json_decref(value);
}

static void show_difference(const struct set *set, json_t *cell, json_t *predicted)
{
	show("expected:", differing(cell, predicted, 0));
	show("     got:", differing(cell, predicted, 1));
	show("    cell:", inputs_of(cell, set));
}

static void compare(struct run *run, json_t *cell, json_t *predicted)
{
	struct total *total = total_of(run, cell);

	total->cells++;
	if (json_object_size(predicted) == 0)
		return;
	total->predicted++;
	if (run->set->passes ? run->set->passes(cell, predicted) : same(cell, predicted)) {
		total->equal++;
		run->passed++;
		return;
	}
	if (run->differences++ < LISTED_DIFFERENCES && !run->set->verdict)
		show_difference(run->set, cell, predicted);
}

static int replay_line(struct run *run, const char *line, size_t length)
{
	json_t *cell = json_loadb(line, length, 0, NULL);
	json_t *predicted;

	if (!json_is_object(cell)) {
		json_decref(cell);
		fprintf(stderr, "groundtruth_replay: not a JSON object: %.60s\n", line);
		return -1;
	}
	if (run->chunk_max && json_integer_value(json_object_get(cell, "chunk")) > run->chunk_max) {
		json_decref(cell);
		return 0;
	}
	predicted = predict(run, cell);
	if (run->print) {
		json_dumpf(predicted, stdout, JSON_COMPACT | JSON_SORT_KEYS);
		putchar('\n');
	} else {
		compare(run, cell, predicted);
	}
	json_decref(predicted);
	json_decref(cell);
	return 0;
}

/* One line of any length into *line; returns its length, 0 at the end, -1 on a read error. */
static long read_line(gzFile file, char **line, size_t *room)
{
	size_t used = 0;
	int error;

	for (;;) {
		if (*room - used < 2) {
			*room = *room ? *room * 2 : 65536;
			*line = realloc(*line, *room);
			if (!*line)
				return -1;
		}
		if (!gzgets(file, *line + used, (int)(*room - used)))
			break;
		used += strlen(*line + used);
		if (used && (*line)[used - 1] == '\n')
			break;
	}
	gzerror(file, &error);
	return error == Z_OK || error == Z_STREAM_END ? (long)used : -1;
}

static int replay_file(struct run *run, const char *path)
{
	gzFile file = strcmp(path, "-") == 0 ? gzdopen(0, "rb") : gzopen(path, "rb");
	char *line = NULL;
	size_t room = 0;
	long length = -1;
	int failed = 0;

	/* A machine's memory is that of its own file. */
	json_decref(run->zoneinfo);
	run->zoneinfo = NULL;
	while (file && !failed && (length = read_line(file, &line, &room)) > 0)
		failed = replay_line(run, line, (size_t)length);
	if (length < 0)
		fprintf(stderr, "groundtruth_replay: cannot read %s\n", path);
	free(line);
	if (file)
		gzclose(file);
	return failed || length < 0 ? -1 : 0;
}

static int report(const struct run *run)
{
	unsigned long predicted = 0;
	int failed;

	for (size_t i = 0; i < run->total_count; i++) {
		const struct total *t = &run->totals[i];

		printf("%s: %lu cells, %lu predicted, %lu equal, %lu foreign\n", t->name, t->cells,
			t->predicted, t->equal, t->cells - t->predicted);
		predicted += t->predicted;
	}
	if (!predicted)
		printf("nothing was predicted\n");
	if (run->set->verdict)
		failed = run->set->verdict();
	else
		failed = run->passed * 100 < predicted * (unsigned long)run->least;
	if (predicted && run->least < 100)
		printf("%.1f %% passed, at least %ld %% must\n", 100.0 * (double)run->passed / (double)predicted,
			run->least);
	printf("%lu passed, %lu failed\n", run->passed, run->differences);
	return failed || !predicted ? 1 : 0;
}

/* Takes an option and its number from @argv; 0 when it is not there. */
static int take_number(int argc, char **argv, int *first, const char *option, long *value)
{
	char *end;

	if (argc - *first < 2 || strcmp(argv[*first], option) != 0)
		return 0;
	*value = strtol(argv[*first + 1], &end, 10);
	*first += 2;
	return end != argv[*first - 1] && *end == '\0';
}

int main(int argc, char **argv)
{
	static struct run run = {.least = 100};
	int first = 1;

	if (argc > 1 && strcmp(argv[1], "--print") == 0) {
		run.print = 1;
		first++;
	}
	while (take_number(argc, argv, &first, "--least", &run.least) ||
		take_number(argc, argv, &first, "--chunk-max", &run.chunk_max))
		continue;
	if (argc - first < 2 || !(run.set = set_of(argv[first]))) {
		fprintf(stderr, "usage: groundtruth_replay [--print] [--least PERCENT] [--chunk-max BYTES] SET FILE...\n");
		return 2;
	}
	for (int i = first + 1; i < argc; i++)
		if (replay_file(&run, argv[i]))
			return 2;
	json_decref(run.zoneinfo);
	return run.print ? 0 : report(&run);
}
