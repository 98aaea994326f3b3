/* SPDX-License-Identifier: Apache-2.0 */
/* From known towards desired: which step a container takes next, and its start (task-engine: section 3.5). */
#ifndef ENGINE_TRANSITIONS_H
#define ENGINE_TRANSITIONS_H

#include "engine/container.h"

enum next {
    NEXT_NOTHING = 0, /* it is where it should be, or past it; or another container or resource must move first: if none does, the task
                         can't go on */
    NEXT_CHANGED,     /* a step without action was taken */
    NEXT_BUSY,        /* something is in flight, or will be tried again */
    NEXT_BLOCKED,     /* it waits for what may come about by itself: an end, an exit code, health */
};

enum next transitions_next(struct engine *engine, struct container *container);
/* An operation of the container has been answered, or its time is over (result NULL, failure set). */
void transitions_answer(struct engine *engine, struct container *container, struct ecsengine_op *op,
                        const struct ecsengine_result *result, const struct failure *failure);
/* The pause before another try is over. */
void transitions_retry(struct engine *engine, struct container *container);
/* What that try will be, while it is waited for. */
enum ecsengine_op_kind transitions_retried(const struct container *container);
/* A stop that is in flight is sent again without a grace period. */
void transitions_hurry(struct engine *engine, struct container *container);

/* Shared by the steps' files. */
void transition_begin(struct engine *engine, struct container *container, container_status applied, int64_t limit_ns);
/* Emits the operation of the current step; it is the container's. */
struct ecsengine_op *transition_op(struct engine *engine, struct container *container, enum ecsengine_op_kind kind, int64_t limit_ns);
/* Plans another try after the n-th failure of `backoff`. */
void transition_retry_later(struct engine *engine, struct container *container, const struct backoff *backoff);
/* Keeps what went wrong until something else decides whether it counts; borrowed texts, until the next transition begins. */
void transition_keep(struct engine *engine, struct container *container, const struct failure *failure);
struct failure transition_kept(const struct container *container);
int64_t transition_left(const struct engine *engine, const struct container *container);

#endif
