/* SPDX-License-Identifier: MIT */
/* One function a recorded set: inputs of a cell in, the model's answer out. */
#ifndef TCPBUF_TESTS_GROUNDTRUTH_REPLAY_H
#define TCPBUF_TESTS_GROUNDTRUTH_REPLAY_H

#include <jansson.h>

/*
 * @cell holds the set's inputs and nothing else of the recording.
 * @out is an empty object; set in it, by the recording's own names, what the library predicts.
 * Left empty, the cell is not predicted.
 */
typedef void replay_fn(const json_t *cell, json_t *out);

replay_fn replay_sysctl;

#endif
