/* SPDX-License-Identifier: Apache-2.0 */
/* What a task would do (ecsengine_plan). There is no second scheduler: a scratch engine runs the task by the rules that run real ones,
 * on a runtime that does everything well at once, and what it asks for is written down in rounds. Time stands still meanwhile, so no
 * deadline, pause or timeout plays a part, and nothing is kept for a while.
 *
 *   plan.c            the run
 *   plan_record.c     the steps, and what each comes after
 *   plan_world.c      the runtime of the scratch engine
 *   plan_admission.c  whether the real host has room
 *   plan_print.c      as text and JSON
 *   plan_dot.c        as a graph */
#ifndef ENGINE_PLAN_H
#define ENGINE_PLAN_H

#include "base/buf.h"
#include "engine/engine.h"

enum plan_phase { PLAN_START = 0, PLAN_STOP, PLAN_CLEANUP, PLAN_PHASES };

/* A step is an operation (its enum ecsengine_op_kind), or something that happens: */
enum plan_happening {
    PLAN_HEALTHY = 128, /* a container becomes healthy: assumed */
    PLAN_ENDS,          /* a container ends with 0: assumed, where another one waits for its end */
    PLAN_TASK_RUNNING,
    PLAN_STOP_WANTED,   /* somebody stops the task */
    PLAN_TASK_STOPPED,
    PLAN_TASK_REMOVED,
};

enum plan_why {
    PLAN_AFTER_OWN = 0,    /* the step before it of the same container */
    PLAN_AFTER_DEPENDENCY, /* what it depends on is that far */
    PLAN_AFTER_RESOURCE,
    PLAN_AFTER_STOP_ORDER, /* what depends on it has stopped */
    PLAN_AFTER_TASK,       /* the task as a whole is that far */
};

enum { PLAN_NOBODY = UINT16_MAX };

struct plan_edge {
    uint32_t from; /* index of a step */
    uint8_t why;   /* enum plan_why */
    uint8_t condition;
    uint8_t needed; /* a status, where there is no condition */
};

struct plan_step {
    uint8_t kind;
    uint8_t phase;
    bool waits_for_slot;  /* a pull that had to wait for another one to end */
    uint16_t container;   /* PLAN_NOBODY: the task's */
    uint16_t resource;    /* PLAN_NOBODY: none */
    uint32_t round;       /* steps of one round may happen at the same time */
    uint32_t edge_first;
    uint32_t edge_count;
    bool of_image;        /* what is asked for is about the container's image */
};

/* Where each container was led by which step, while the plan is made: index + 1, 0 for none. */
struct plan_marks {
    uint32_t last;
    uint32_t healthy;
    uint32_t reached[ECSENGINE_CONTAINER_STOPPED + 1];
    container_status known;      /* after the last round */
    container_status known_then; /* when its last step was asked for */
    bool ordered;                /* its dependsOn entries are among its edges */
    bool waited_for_slot;
    bool image_pulled;           /* the real engine has pulled its image: counts with pull behaviour `once` */
};

enum plan_verdict {
    PLAN_FITS = 0,
    PLAN_QUEUES,  /* it would wait for host resources */
    PLAN_NEVER,   /* the host does not have so much */
    PLAN_UNKNOWN, /* what the host has is not known */
    PLAN_REFUSED,
    PLAN_KNOWN,   /* there is a task of that ARN: the document would only change what is wanted of it */
    PLAN_FULL,    /* there are as many tasks as may be */
};

struct plan {
    struct mem *mem;
    struct str *arn;
    struct definition *definition; /* NULL: refused */
    struct str *reason;            /* why it is refused */
    struct credentials *credentials; /* of its execution role, that came with it, or NULL */
    uint8_t verdict;
    struct buf admission;          /* the verdict in one clause */
    struct buf lacks;              /* a JSON array */

    struct plan_step *steps;
    uint32_t step_count, step_cap;
    struct plan_edge *edges;
    uint32_t edge_count, edge_cap;
    int failed; /* 0 or ENOMEM */
    uint32_t phase_mark[PLAN_PHASES]; /* the step that began the phase: index + 1 */
    struct plan_marks *marks;
    uint32_t *resource_last; /* of each resource the last step, and the one that made it: index + 1 */
    uint32_t *resource_made;

    bool runs;           /* it gets to RUNNING */
    bool asked;          /* it stops because that is asked for; else by itself */
    uint16_t ended_by;   /* the essential container whose end ends the task, or PLAN_NOBODY */
    struct buf stuck;    /* why it never gets to RUNNING though nothing is wrong, or empty */
    struct plan_outcome *outcomes; /* of each container, as the task ends */
    struct str *end_reason;        /* of the task, or NULL */
    bool ends;           /* the run came to the end of the cleanup */
    int64_t cleanup_wait_ns;
};

struct plan_outcome {
    bool started;
    struct str *error;
};

/* A plan with nothing in it. ENOMEM. plan_close() also after failure. */
int plan_open(struct plan *plan, struct mem *mem, struct str *arn, struct definition *definition);
void plan_close(struct plan *plan);

/* Whether the engine would admit the task now; changes nothing. */
void plan_admission(struct plan *plan, const struct engine *engine, const struct task *task);

/* Runs the task, which is taken over, on an engine of its own in `root`, whose memory is the plan's. ENOMEM. */
int plan_run(struct plan *plan, struct root *root, const struct settings *settings, struct task *task, task_status desired);

/* plan_world.c. The good answer to an operation; NULL: no memory. */
struct ecsengine_result *plan_answer(const struct engine *engine, struct root *root, const struct ecsengine_op *op);

/* plan_record.c. */
/* The operation has been asked for: a step, after what it waited for. */
void plan_op(struct plan *plan, const struct engine *engine, const struct task *task, const struct ecsengine_op *op,
             enum plan_phase phase, uint32_t round);
/* Something happens to a container by itself. */
void plan_happens(struct plan *plan, uint8_t kind, enum plan_phase phase, uint32_t round, uint16_t container);
/* The task as a whole is somewhere: after all that led its containers to that status or past it (NONE: after everything). */
void plan_task(struct plan *plan, uint8_t kind, enum plan_phase phase, uint32_t round, container_status reached);
/* A round is over: notes what the containers have become by it. */
void plan_look(struct plan *plan, const struct task *task);

void plan_print_text(const struct plan *plan, struct buf *out);
void plan_print_json(const struct plan *plan, struct buf *out);
void plan_print_dot(const struct plan *plan, struct buf *out);
const char *plan_step_name(uint8_t kind);
const char *plan_container_name(const struct plan *plan, uint16_t container);
const char *plan_words(const struct plan *plan); /* why it is refused, or whether it would be admitted */

#endif
