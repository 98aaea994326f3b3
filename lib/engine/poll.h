/* SPDX-License-Identifier: Apache-2.0 */
/* The periodic look: what no event told is found all the same (task-engine: section 3.8). */
#ifndef ENGINE_POLL_H
#define ENGINE_POLL_H

#include "engine/ops.h"

/* Sets the time of the next look, anew. */
void poll_plan(struct engine *engine);
/* There is something to look at (again). */
void poll_wake(struct engine *engine);
/* The runtime is there, and something was missed: a list at once, and again until one is had. */
void poll_look(struct engine *engine);
/* It is that time. */
void poll_run(struct engine *engine);
/* The list was answered, or its time is over. */
void poll_answer(struct engine *engine, const struct ecsengine_result *result, const struct failure *failure);

#endif
