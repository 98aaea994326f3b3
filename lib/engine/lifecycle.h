/* SPDX-License-Identifier: Apache-2.0 */
/* Create, start and stop (task-engine: sections 5.10, 5.11, 8.2). */
#ifndef ENGINE_LIFECYCLE_H
#define ENGINE_LIFECYCLE_H

#include "engine/transitions.h"

enum next lifecycle_create_begin(struct engine *engine, struct container *container);
/* Once all agents of the container are ready, or given up. */
void lifecycle_create_prepared(struct engine *engine, struct container *container);
void lifecycle_create_answer(struct engine *engine, struct container *container, struct ecsengine_op *op,
                             const struct ecsengine_result *result, const struct failure *failure);

enum next lifecycle_start_begin(struct engine *engine, struct container *container);
void lifecycle_start_answer(struct engine *engine, struct container *container, struct ecsengine_op *op,
                            const struct ecsengine_result *result, const struct failure *failure);

/* A start that was refused as a conflict goes out again; of what shall stop meanwhile a stop goes out instead. */
void lifecycle_start_retry(struct engine *engine, struct container *container);

enum next lifecycle_stop_begin(struct engine *engine, struct container *container);
void lifecycle_stop_answer(struct engine *engine, struct container *container, struct ecsengine_op *op,
                           const struct ecsengine_result *result, const struct failure *failure);
/* The runtime was asked whether it lives: after many stops that failed, or a create or start without an answer. */
void lifecycle_ping_answer(struct engine *engine, struct container *container, struct ecsengine_op *op, const struct failure *failure);
void lifecycle_stop_retry(struct engine *engine, struct container *container);
/* Sends the stop of the transition in flight (again). */
void lifecycle_stop_again(struct engine *engine, struct container *container);
/* A stop past all rules: the container may run although it is not known to (task-engine 8.4). */
void lifecycle_force_stop(struct engine *engine, struct container *container);

/* An inspection was answered. True if a create, start or stop was waiting for it and has dealt with it; `record` NULL: it failed. */
bool lifecycle_inspected(struct engine *engine, struct container *container, const struct ecsengine_result *record,
                         const struct failure *failure);

#endif
