/* SPDX-License-Identifier: Apache-2.0 */
/* A recording in memory, and its replay. */
#ifndef TEST_RECORDING_H
#define TEST_RECORDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ecsengine/ecsengine.h"

struct recording {
    uint64_t from_turn; /* of the harness; 0: from the beginning of each engine */
    char *data;
    size_t len, size;
};

/* Begins one of this engine, and forgets what there is. 0 or the API's code. */
int recording_start(struct recording *recording, ecsengine *engine);
void recording_free(struct recording *recording);

/* Replays with that memory, as far as it gets: the code of the last call. Differences where the recorded run lacked memory are none. */
int recording_replay_with(const struct recording *recording, const ecsengine_allocator *allocator, bool *out_differs);

/* Replays it all. False, with a line to stderr: there was an error, a difference (as above), or, from the beginning, not a single turn.
 * `*out_turns` may be NULL. */
bool recording_replays(const struct recording *recording, const char *what, uint64_t *out_turns);

#endif
