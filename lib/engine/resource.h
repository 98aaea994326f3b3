/* SPDX-License-Identifier: Apache-2.0 */
/* What a task has beside its containers: volumes, and what a host makes for it (task-engine: sections 1.6, 3.6, 3.7, 3.9; task-payload: 12). */
#ifndef ENGINE_RESOURCE_H
#define ENGINE_RESOURCE_H

#include "engine/ops.h"
#include "engine/transitions.h"

/* The volumes of a task that is admitted get their names. */
void resource_assign_names(struct engine *engine, struct task *task);
/* Takes the next step, if there is one and nothing holds it back. */
enum next resource_next(struct engine *engine, struct resource *resource);
/* An operation of the resource was answered, or its time is over. */
void resource_answer(struct engine *engine, struct resource *resource, struct ecsengine_op *op,
                     const struct ecsengine_result *result, const struct failure *failure);
/* Cleanup: begins to remove what was made, or may have been, and again after the pause behind a removal that failed. True when there is
 * nothing left of it. */
bool resource_sweep(struct engine *engine, struct resource *resource);

/* For volume.c. Emits the next operation of the creation. */
void resource_ask(struct engine *engine, struct resource *resource, enum ecsengine_op_kind kind);
void resource_created(struct engine *engine, struct resource *resource);
/* It can't be made: the task stops, with that reason as it is. */
void resource_failed(struct engine *engine, struct resource *resource, const char *reason);

#endif
