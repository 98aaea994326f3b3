/* SPDX-License-Identifier: Apache-2.0 */
/* A scenario whose process dies at a point (deaths.h), and what must be as if it had not. */
#ifndef TEST_CRASH_H
#define TEST_CRASH_H

#include "ends.h"
#include "scenario.h"

/* Ways in which the world goes on around a process that dies. */
struct crash_way {
    const char *name;
    const char *text;
    bool late_store, finishes;
    int64_t away_ns;
    bool compares; /* ends are compared with those of the run without a crash: nothing but the crash is different */
};
extern const struct crash_way crash_ways[];
extern const size_t crash_way_count;

/* Which point of which scenario. */
struct crash_point {
    const struct scenario *scenario;
    const char *path;
    const struct crash_way *way;
    uint64_t at[DEATHS];
};

struct crash_outcome {
    uint64_t effects;   /* of the whole run */
    uint64_t recovered; /* how many there were when the first death was got over */
    bool well, same;    /* all that must hold does; the ends are those that were asked for */
    bool excused;       /* they are not, and need not be */
};

/* Runs it. `ends` (may be NULL): what must come out. What went wrong is added to `out_text`, with the trace and the command that shows
 * it again; with `trace` the trace also if all is well. `out_ends` (may be NULL): what came out. */
struct crash_outcome crash_run(const struct crash_point *point, const char *ends, bool trace, struct text *out_ends,
                               struct text *out_text);

#endif
