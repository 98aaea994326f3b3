/* SPDX-License-Identifier: Apache-2.0 */
/* Answers that are none: the runtime went away with the operation. */
#ifndef ENGINE_DOUBT_H
#define ENGINE_DOUBT_H

#include "engine/engine.h"
#include "engine/ops.h"

/* The time that a runtime has to say that it lives. */
#define PING_LIMIT (5 * NS_PER_S)

/* A create or a start has come back without an answer. True: nothing is decided yet, and this file goes on with it. */
bool doubt_begin(struct engine *engine, struct container *container, const struct ecsengine_op *op,
                 const struct ecsengine_result *result, const struct failure *failure);
/* The ping that it has asked for was answered. True: the runtime was there all the time, so the failure (transition_kept()) is one. */
bool doubt_settled(struct engine *engine, struct container *container, const struct ecsengine_op *op, const struct failure *ping);

/* Whether a failure says that there was no answer at all. One that the engine gave itself, when the time was over, is none of these. */
bool doubt_no_answer(const struct ecsengine_result *result, const struct failure *failure);
/* Whether the runtime is away, or was, since then (monotonic). */
bool doubt_was_away(const struct engine *engine, int64_t since_ns);

#endif
