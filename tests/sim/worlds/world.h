/* SPDX-License-Identifier: Apache-2.0 */
/* Small worlds: one task of up to three containers, what each depends on, what each will do, and when the user stops the task.
 *
 * A world has a short code, which every message prints and `worlds --world CODE` takes:
 *
 *   R+.Z-aC.U+aSbH/t0/stop=812400us
 *
 * Containers are a, b, c, with dots between: a letter for what it does (`outcomes` in world.c), + essential or - not, and then
 * what it depends on: the name and S(TART), C(OMPLETE), X (SUCCESS) or H(EALTHY). `/t1`: the timing. `/born`: added with desired
 * status STOPPED; `/always`, `/once`, `/cached`: how images are pulled;
 * without `/born` and `/stop=` the user stops the task when everything that can happen by itself has happened. */
#ifndef WORLDS_WORLD_H
#define WORLDS_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PLACES 3
#define WORLD_NEVER INT64_MAX
#define WORLD_LATE (INT64_C(20) * 1000000000)   /* nothing happens by itself any more */
#define WORLD_CLEANUP (INT64_C(1) * 1000000000) /* how long a stopped task's containers are kept */
#define WORLD_TIMEOUT (INT64_C(1) * 1000000000) /* startTimeout of those that have one */
#define WORLD_CODE 96

enum condition { CONDITION_NONE, CONDITION_START, CONDITION_COMPLETE, CONDITION_SUCCESS, CONDITION_HEALTHY, CONDITIONS };

enum outcome {
    RUNS,    /* until it is stopped */
    EXITS_0, /* after a while */
    EXITS_3,
    KILLED,       /* after a while, for want of memory */
    NO_START,     /* its start fails */
    NO_CREATE,    /* its create fails */
    NO_IMAGE,     /* its image is nowhere: neither can it be pulled nor is it on the host */
    HEALTHY_RUNS, /* has a health check: healthy after a while, and runs */
    SICK_RUNS,    /* unhealthy after a while, and runs */
    HEALTHY_EXITS_0,
    EXITS_3_BEFORE_HEALTH,
    RUNS_TIMED, /* as above, with a startTimeout */
    HEALTHY_RUNS_TIMED,
    SICK_RUNS_TIMED,
    OUTCOMES
};

enum failing { FAILS_NOT, FAILS_PULL, FAILS_CREATE, FAILS_START };

struct outcome_traits {
    char letter;
    const char *words;
    enum failing failing;
    bool ends, killed, ends_early;
    int exit_code;
    bool health_check, healthy, start_timeout;
};

extern const struct outcome_traits outcomes[OUTCOMES];

struct place {
    enum outcome outcome;
    bool essential;
    enum condition needs[PLACES]; /* by the index of the other one */
};

/* The key image-pull-behavior. */
enum pull { PULL_DEFAULT, PULL_ALWAYS, PULL_ONCE, PULL_CACHED, PULLS };
extern const char *const pull_names[PULLS];

struct world {
    int count;
    struct place places[PLACES];
    bool born_stopped;
    int64_t stop_ns; /* after the task was added */
    int timing;
    enum pull pull;
};

/* How long everything takes; all different, so that there is an order. */
struct durations {
    int64_t pull_ns, create_ns, start_ns, life_ns, health_ns, stop_ns;
};

/* 0: a is the fastest, and the first in the document. 1: c is, and is the first. 2: all take the same time, and steps take none.
 * 3: as 0, but answers and events bring no record of the container, so that it has to be inspected. 4: as 0, but every event and
 * every answer comes twice, and the event of a start before its answer. 5: as 0, but a startTimeout may run out while an image
 * is pulled. */
enum { TIMING_FORWARD, TIMING_BACKWARD, TIMING_SAME, TIMING_BARE, TIMING_NOISY, TIMING_SLOW, TIMINGS };

void world_durations(int timing, struct durations out_durations[PLACES]);

/* The same; where all takes the same time, it differs by some nanoseconds, which are drawn: what happens at once, in some order. */
void world_durations_drawn(int timing, uint64_t seed, struct durations out_durations[PLACES]);
bool world_reversed(int timing); /* whether the document lists the last container first */
bool world_records(int timing);

/* The code of an exit that was asked for. */
int world_stop_code(int place);

void world_write(const struct world *world, char out_code[WORLD_CODE]);
bool world_read(const char *code, struct world *out_world);

struct text;
void world_tell(const struct world *world, struct text *out_text); /* in words */

#endif
