/* SPDX-License-Identifier: MIT */
/* How near a predicted trajectory comes: final values by cell, the buffer along the way. */
#include "replay.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TIME = 0, RCVBUF = 1, SSTHRESH = 3, RECEIVED = 9, MAX_KERNELS = 16, GROUPS = 12 };

/* Share of cells, in percent, that must be within 15 %, within 5 %, and within 10 % of the bytes delivered. */
struct bound {
	double near, close, bytes;
};

static const struct bound tuned = {97, 85, 0}, other = {80, 0, 80}, native = {75, 0, 0}, none = {0, 0, 0};

struct score {
	unsigned long cells, near, close, bytes;
};

struct kernel {
	char name[32];
	int is_native, is_bbr;
	struct score tuned, other, groups[GROUPS];
	size_t error_count, error_room;
	double *errors; /* of rcvbuf, each sample */
};

static const char *const group_names[GROUPS] = {
	"fast", "pause", "slow", "nogso", "rcvbuf", "nomoderate", "loss", "mtu9000", "bbr", "adv", "other", NULL};

static struct kernel kernels[MAX_KERNELS];
static size_t kernel_count;

static double error_of(double predicted, double recorded)
{
	double difference = predicted > recorded ? predicted - recorded : recorded - predicted;

	return difference / (recorded > 1 ? recorded : 1);
}

static double at(const json_t *rows, size_t row, size_t column)
{
	return (double)json_integer_value(json_array_get(json_array_get(rows, row), column));
}

static double state(const json_t *cell, const char *name)
{
	return (double)json_integer_value(json_object_get(json_object_get(cell, "receiver"), name));
}

/* Twice what the kernel itself differed from its other recording, where there is one. */
static double own_spread(const json_t *cell, size_t column, size_t again_column)
{
	const json_t *again = json_object_get(cell, "again"), *rows = json_object_get(cell, "samples");
	size_t last = json_array_size(again), row = json_array_size(rows);
	double when;

	if (!last || !row)
		return 0;
	when = at(again, last - 1, TIME);
	for (row--; row && at(rows, row - 1, TIME) > when; row--)
		;
	return 2 * error_of(at(again, last - 1, again_column), at(rows, row, column));
}

static int is(const json_t *cell, const char *object, const char *name, const char *value)
{
	const char *text = json_string_value(json_object_get(object ? json_object_get(cell, object) : cell, name));

	return text && strcmp(text, value) == 0;
}

static struct kernel *kernel_of(const json_t *cell)
{
	const char *name = json_string_value(json_object_get(cell, "kernel"));
	int is_native = is(cell, NULL, "path", "tun");
	int is_bbr = is_native && is(cell, "cfg", "cc", "bbr") && !is(cell, NULL, "group", "bbr");
	size_t i = 0;

	while (i < kernel_count && (strcmp(kernels[i].name, name) != 0 || kernels[i].is_bbr != is_bbr))
		i++;
	if (i == kernel_count && i < MAX_KERNELS - 1) {
		snprintf(kernels[i].name, sizeof(kernels[i].name), "%s", name);
		kernels[i].is_native = is_native;
		kernels[i].is_bbr = is_bbr;
		kernel_count++;
	}
	return &kernels[i];
}

static size_t group_of(const json_t *cell)
{
	size_t i = 0;

	while (i < GROUPS - 2 && !is(cell, NULL, "group", group_names[i]))
		i++;
	return i;
}

static void collect(struct kernel *k, const json_t *recorded, const json_t *predicted)
{
	size_t rows = json_array_size(recorded);

	if (json_array_size(predicted) < rows)
		rows = json_array_size(predicted);
	for (size_t i = 0; i < rows; i++) {
		if (k->error_count == k->error_room) {
			k->error_room = k->error_room ? 2 * k->error_room : 4096;
			k->errors = realloc(k->errors, k->error_room * sizeof(double));
			if (!k->errors)
				abort();
		}
		k->errors[k->error_count++] = error_of(at(predicted, i, RCVBUF), at(recorded, i, RCVBUF));
	}
}

static void count(struct score *s, int near, int close, int bytes)
{
	s->cells++;
	s->near += (unsigned long)near;
	s->close += (unsigned long)close;
	s->bytes += (unsigned long)bytes;
}

static double larger(double a, double b)
{
	return a > b ? a : b;
}

int trajectory_passes(const json_t *cell, const json_t *predicted)
{
	const json_t *recorded = json_object_get(cell, "samples"), *rows = json_object_get(predicted, "samples");
	double rcvbuf = error_of(state(predicted, "rcvbuf"), state(cell, "rcvbuf"));
	double ssthresh = error_of(state(predicted, "rcv_ssthresh"), state(cell, "rcv_ssthresh"));
	double rcvbuf_spread = own_spread(cell, RCVBUF, 1), ssthresh_spread = own_spread(cell, SSTHRESH, 2);
	size_t last = json_array_size(recorded) - 1, last_row = json_array_size(rows) - 1, group = group_of(cell);
	int near = rcvbuf <= larger(0.15, rcvbuf_spread) && ssthresh <= larger(0.15, ssthresh_spread);
	int close = rcvbuf <= larger(0.05, rcvbuf_spread) && ssthresh <= larger(0.05, ssthresh_spread);
	int bytes = error_of(at(rows, last_row, RECEIVED), at(recorded, last, RECEIVED)) <= 0.10;
	struct kernel *k = kernel_of(cell);

	count(&k->groups[group], near, close, bytes);
	count(group < 2 ? &k->tuned : &k->other, near, close, bytes);
	collect(k, recorded, rows);
	return near;
}

static int compare_errors(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double quantile(const struct kernel *k, double part)
{
	return k->error_count ? 100 * k->errors[(size_t)((double)(k->error_count - 1) * part)] : 0;
}

static double percent(unsigned long part, unsigned long whole)
{
	return whole ? 100.0 * (double)part / (double)whole : 100;
}

static void show(const char *name, const struct score *s)
{
	if (s->cells)
		printf("    %-22s %3lu cells, %3lu within 15 %%, %3lu within 5 %%, %3lu within 10 %% of the bytes\n", name,
			s->cells, s->near, s->close, s->bytes);
}

/* Returns 1 when a bound does not hold. */
static int hold(const char *name, const struct score *s, const struct bound *b)
{
	int failed = percent(s->near, s->cells) < b->near || percent(s->close, s->cells) < b->close ||
		percent(s->bytes, s->cells) < b->bytes;

	show(name, s);
	if (failed)
		printf("    %s: below %.0f %% within 15 %%, %.0f %% within 5 %% or %.0f %% of the bytes\n", name, b->near,
			b->close, b->bytes);
	return failed;
}

static int report_kernel(struct kernel *k)
{
	struct score all = k->tuned;
	int failed = 0;

	qsort(k->errors, k->error_count, sizeof(double), compare_errors);
	printf("%s%s: error of rcvbuf over %zu samples: median %.1f %%, upper quartile %.1f %%, 95th part %.1f %%\n", k->name,
		k->is_bbr ? " bbr" : "", k->error_count, quantile(k, 0.5), quantile(k, 0.75), quantile(k, 0.95));
	for (size_t i = 0; i < GROUPS - 1; i++)
		show(group_names[i], &k->groups[i]);
	all.cells += k->other.cells;
	all.near += k->other.near;
	all.close += k->other.close;
	all.bytes += k->other.bytes;
	if (k->is_native)
		return hold("all", &all, k->is_bbr ? &none : &native) | (!k->is_bbr && quantile(k, 0.5) > 10);
	failed |= hold("fast and pause", &k->tuned, &tuned);
	failed |= hold("other groups", &k->other, &other);
	return failed | (quantile(k, 0.5) > 10);
}

int trajectory_verdict(void)
{
	int failed = 0;

	for (size_t i = 0; i < kernel_count; i++) {
		failed |= report_kernel(&kernels[i]);
		free(kernels[i].errors);
	}
	return failed;
}
