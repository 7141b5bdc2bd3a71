/* SPDX-License-Identifier: MIT */
/* One function a recorded set: inputs of a cell in, the model's answer out. */
#ifndef TCPBUF_TESTS_GROUNDTRUTH_REPLAY_H
#define TCPBUF_TESTS_GROUNDTRUTH_REPLAY_H

#include <jansson.h>
#include <stdint.h>

#include <tcpbuf/model.h>

/*
 * @cell holds the set's inputs and nothing else of the recording.
 * @out is an empty object; set in it, by the recording's own names, what the library predicts.
 * Left empty, the cell is not predicted.
 */
typedef void replay_fn(const json_t *cell, json_t *out);

/* Is a prediction near enough to the cell? */
typedef int replay_passes_fn(const json_t *cell, const json_t *predicted);

/* After all cells: 1 when a bound was missed. */
typedef int replay_verdict_fn(void);

replay_passes_fn replay_fill_passes;
replay_passes_fn trajectory_passes;
replay_verdict_fn trajectory_verdict;

replay_fn replay_initial;
replay_fn replay_setsockopt;
replay_fn replay_sysctl;
replay_fn replay_trajectory;
replay_fn replay_defaults;
replay_fn replay_fill;

/* The handshake of a recording's cfg. */
int replay_handshake(const json_t *cfg, const struct tcpbuf_rules *rules, struct tcpbuf_model_handshake *out);

/* The connection that a recording's cfg makes. */
void replay_link(const json_t *cfg, const struct tcpbuf_rules *rules, struct tcpbuf_model_link *link);

/* Three numbers of a member like "4096 131072 6291456". */
void replay_triple(const json_t *cell, const char *name, int64_t out[3]);
int64_t replay_wmem_max(const struct tcpbuf_rules *rules);

#endif
