/* SPDX-License-Identifier: Apache-2.0 */
/* ecsengine-replay: what its files share. */
#ifndef ECSENGINE_REPLAY_H
#define ECSENGINE_REPLAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <ecsengine/ecsengine.h>

#define STATUS_DIFFERENCE 1 /* the replay did something else */
#define STATUS_FAILED 125   /* wrong options, no recording, or a damaged one */

struct options {
    const char *file;
    uint64_t until_turn;   /* UINT64_MAX: to the end */
    int64_t until_wall_ns; /* INT64_MAX: to the end */
    bool trace;
    bool list;
    const char **explain;  /* ARNs, borrowed from argv */
    size_t explain_count;
    const char **describe; /* the same */
    size_t describe_count;
};

enum options_outcome { OPTIONS_RUN, OPTIONS_DONE, OPTIONS_WRONG };

enum options_outcome options_read(struct options *options, int argc, char **argv);
void options_free(struct options *options);

/* trace.c: the turn that was run last, a line for each thing that went in or came out. */
void trace_turn(FILE *out, ecsengine_replay *replay);
/* `2026-11-25T14:03:07.123456789Z` */
const char *trace_time(int64_t wall_ns, char text[40]);

#endif
