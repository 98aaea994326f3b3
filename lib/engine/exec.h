/* SPDX-License-Identifier: Apache-2.0 */
/* One-off commands in containers: ecsengine_exec(). */
#ifndef ENGINE_EXEC_H
#define ENGINE_EXEC_H

#include "engine/ops.h"

/* Sends it to the runtime, or refuses the command. */
void exec_begin(struct engine *engine, struct command *command);
/* Tells what came of it. The output is taken out of the result. */
void exec_answer(struct engine *engine, const struct ecsengine_op *op, struct ecsengine_result *result, const struct failure *failure);

#endif
