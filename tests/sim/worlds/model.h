/* SPDX-License-Identifier: Apache-2.0 */
/* A reference model of the task engine, for small worlds: what must be seen of a task.
 *
 * It is written from the specification of the behaviour (task-engine: sections 2 to 5 and 8), not from the engine, and in another
 * way: there is no loop that handles one input after the other. Each fact about a container ("it runs", "it is wanted STOPPED",
 * "its dependency can never be met") has the moment at which it becomes true, and each rule is an equation between such moments.
 * A rule looks only at what is earlier, so that the equations have one solution, and solving them again and again from nothing
 * comes to it.
 *
 * A moment is a time and, within it, a step: what the engine posts to itself happens at the same time, a step later. */
#ifndef WORLDS_MODEL_H
#define WORLDS_MODEL_H

#include "world.h"

typedef int64_t moment; /* nanoseconds * 256 + step */
#define MOMENT_NEVER INT64_MAX
#define MOMENT_STEPS 256

static inline int64_t moment_ns(moment at) { return at == MOMENT_NEVER ? WORLD_NEVER : at / MOMENT_STEPS; }

enum reason { REASON_NONE, REASON_PULL, REASON_CREATE, REASON_START, REASON_DEPENDENCY, REASON_KILLED, REASONS };

/* What a reason looks like: all of it, or how it begins (11.1). */
extern const char *const model_reasons[REASONS];

enum verdict {
    VERDICT_LIVES,   /* admitted */
    VERDICT_REFUSED, /* 2.2: one STOPPED event of the task, with a reason; nothing else */
    VERDICT_GIVES_UP /* 3.4: admitted, but not all containers can be stopped */
};

struct fate {
    moment pull, create, start, stop; /* when the runtime is asked for it; each at most once, MOMENT_NEVER: not at all */
    moment running, stopped;          /* when it is told to be so */
    bool has_exit_code;
    int exit_code;
    enum reason reason; /* of STOPPED; that of RUNNING is empty */
};

struct expectation {
    enum verdict verdict;
    struct fate fates[PLACES];
    moment running, stopped; /* when the task is told to be so */
    moment removed;
    const char *reason; /* how that of the task's STOPPED begins; "" for none at all */
};

/* Where the engine is meant to differ from what the reference does; all on. docs/architecture.md, "Decisions", and docs/traps.md
 * say why. Off, a switch gives what the reference does. */
struct deviations {
    /* A dependency that can never be met ends its dependents at once; the reference waits for ever (14, trap 4). */
    bool unmeetable_ends;
    /* What is ended by its own dependency has not and will not start, for all that depend on it, and ends after them; in the
     * reference for those alone that come later in the document: for the others it has STOPPED, so that they start after all
     * (4.5, 4.8). */
    bool ended_never_starts;
    /* The dependencies of a container are looked at between its steps; in the reference also during one, if some other input
     * happens to come, so that a dependency which turned healthy in time may still time out while the image is pulled (3.5 rule
     * 2, 4.5). */
    bool timeouts_between_steps;
};
extern struct deviations model_deviations;

/* 4.2: whether the task is refused. */
bool model_refuses(const struct world *world);

void model_expect(const struct world *world, const struct durations durations[PLACES], struct expectation *out_expected);

#endif
