/* SPDX-License-Identifier: Apache-2.0 */
/* Managed agents of containers: made ready before the container is, started when it runs, watched, started again (runtime-and-agents:
 * section 3). */
#ifndef ENGINE_AGENT_H
#define ENGINE_AGENT_H

#include "ecsengine/exec_agent.h"
#include "engine/ops.h"

/* ---- before the create (agent_prepare.c) ---- */

/* Asks the host to make the next agent ready; the operation is the container's. False: all are. */
bool agent_prepare(struct engine *engine, struct container *container);
void agent_prepared(struct engine *engine, struct container *container, const struct ecsengine_op *op, const struct ecsengine_result *result,
                    const struct failure *failure);
/* Takes away what they have left behind; true: there is nothing (any more). */
bool agents_sweep(struct engine *engine, struct task *task);

/* ---- while the container runs (agent.c) ---- */

/* A run of the container begins: all that are ready are started. */
void agents_begin(struct engine *engine, struct container *container);
/* It is over. */
void agents_rest(struct engine *engine, struct container *container);
/* ... and there will be no other: they are told STOPPED. */
void agents_stopped(struct engine *engine, struct container *container);
/* Does what is due, and may be done now. */
void agents_advance(struct engine *engine, struct task *task);
void agent_answer(struct engine *engine, struct agent *agent, const struct ecsengine_op *op, const struct ecsengine_result *result,
                  const struct failure *failure);
/* What runs, of that exec or (NULL) of any, is looked at. */
void agents_look(struct engine *engine, struct container *container, const struct str *exec_id);
/* The runtime says that a process has ended: of that exec, or NULL. */
void agents_hear(struct engine *engine, struct container *container, const struct str *exec_id);
void agents_detach(struct engine *engine, struct container *container);
/* Sets its status and tells it. */
void agent_tell(struct engine *engine, struct agent *agent, uint8_t status, const char *format, ...) __attribute__((format(printf, 4, 5)));
/* An operation of the agent, which waits for its answer. */
struct ecsengine_op *agent_op(struct engine *engine, struct agent *agent, enum ecsengine_op_kind kind);
enum { AGENT_TRIES = 5 }; /* of a round */

/* ---- texts with placeholders (agent_text.c) ---- */

void agent_expand(const struct engine *engine, const struct agent *agent, const char *text, struct buf *out);
/* The body of an operation that has one. */
const char *agent_template(const struct ecsengine_op *op);

#endif
