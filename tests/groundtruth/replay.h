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

replay_fn replay_initial;
replay_fn replay_setsockopt;
replay_fn replay_sysctl;
replay_fn replay_trajectory;
replay_fn replay_defaults;

/* Is a prediction near enough to its cell; and, after all cells, whether any bound was missed. */
typedef int judge_fn(const json_t *cell, const json_t *predicted);
typedef int verdict_fn(void);

judge_fn judge_trajectory;
verdict_fn verdict_trajectory;

/* The handshake of a recording's cfg. */
int replay_handshake(const json_t *cfg, const struct tcpbuf_rules *rules, struct tcpbuf_model_handshake *out);

/* Three numbers of a member like "4096 131072 6291456". */
void replay_triple(const json_t *cell, const char *name, int64_t out[3]);
int64_t replay_wmem_max(const struct tcpbuf_rules *rules);

#endif
