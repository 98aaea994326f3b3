/* SPDX-License-Identifier: Apache-2.0 */
/* Looking at containers: what events hint at and inspections prove (task-engine: sections 5.1, 5.2, 5.6). */
#ifndef ENGINE_INSPECT_H
#define ENGINE_INSPECT_H

#include "ecsengine/runtime.h"
#include "engine/container.h"

/* Something happened to a container (input). */
void inspect_event(struct engine *engine, struct container *container, const struct runtime_notice *notice);
/* Whether anything follows from such an event at all. */
bool inspect_event_counts(enum ecsengine_runtime_event_kind kind);
/* An inspection was answered, or its time is over. */
void inspect_answer(struct engine *engine, struct container *container, const struct ecsengine_result *result,
                    const struct failure *failure);
/* Starts an inspection now, or after the one in flight. */
void inspect_want(struct engine *engine, struct container *container, enum inspect_why why);
/* It is wanted still, after a pause. */
void inspect_later(struct engine *engine, struct container *container, const struct failure *failure);
/* Starts the inspection that is wanted, if none is in flight. */
void inspect_wanted(struct engine *engine, struct container *container);
/* Lets those be looked at whose turn it is: their tasks are touched. */
void inspect_go_on(struct engine *engine);
/* Believes a record that shows how a container ended. */
void inspect_ended(struct engine *engine, struct container *container, const struct ecsengine_result *record);
/* Believes a record: what the container is. */
void inspect_believe(struct engine *engine, struct container *container, const struct ecsengine_result *record);

#endif
