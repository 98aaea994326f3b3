/* SPDX-License-Identifier: Apache-2.0 */
/* The runtime as a whole: its facts, its event stream, whether it is there. */
#ifndef ENGINE_RUNTIME_H
#define ENGINE_RUNTIME_H

#include "engine/ops.h"

/* The first turn: asks for facts and for the event stream. */
void runtime_begin(struct engine *engine);
void runtime_info_answer(struct engine *engine, const struct ecsengine_result *result, const struct failure *failure);
void runtime_subscribe_answer(struct engine *engine, const struct failure *failure);
void runtime_lost(struct engine *engine, const char *reason);
/* An operation had no answer in time: the runtime is asked whether it lives, unless it is being asked. */
void runtime_doubt(struct engine *engine, const struct ecsengine_op *op);
/* A PING was answered, or its time is over (`result` NULL). One that was about a container or a volume and had no answer is asked once more. */
void runtime_ping_answer(struct engine *engine, const struct ecsengine_op *op, const struct ecsengine_result *result, const struct failure *failure);
/* Asks for the host's facts if they are wanted by now and not known. */
void runtime_ask_facts(struct engine *engine);
/* The pause before another try is over. */
void runtime_retry(struct engine *engine);
/* After a gap: every container of this task, of all tasks, is looked at. */
void runtime_verify(struct engine *engine, struct task *task);
void runtime_verify_all(struct engine *engine);

#endif
