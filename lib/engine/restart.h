/* SPDX-License-Identifier: Apache-2.0 */
/* Containers with a restart policy: whether one that has ended is started again, and the start itself (task-engine: section 9). */
#ifndef ENGINE_RESTART_H
#define ENGINE_RESTART_H

#include "base/buf.h"
#include "engine/transitions.h"

enum { RESTART_TEXT_MAX = 128 };

/* The rules, the first that fits. `exit_code` NULL: not known. Looks only. */
enum restart_decision restart_decide(const struct engine *engine, const struct container *container, const int32_t *exit_code);
/* The last decision in the reference's words; "" where there is nothing to say. */
const char *restart_text(const struct restart *restart, char text[RESTART_TEXT_MAX]);

/* The member `restart` of a container's JSON, if it has a policy. */
void restart_json(const struct container *container, struct buf *out);

/* A container has ended, with a record that says so, or NULL, and a failure, of kind NONE if there was none; NULL: it did not run. True:
 * it will be started again, and nothing else comes of its end. */
bool restart_ended(struct engine *engine, struct container *container, const struct ecsengine_result *record,
                   const struct failure *failure);
/* While a restart is pending: the next step, also towards a stop. */
enum next restart_next(struct engine *engine, struct container *container);
void restart_answer(struct engine *engine, struct container *container, const struct ecsengine_result *result,
                    const struct failure *failure);
/* The operation leaves after it waited for the store: if it is the start of a restart, that is when the restart is. */
void restart_leaves(const struct engine *engine, const struct ecsengine_op *op);
/* True: dealt with. */
bool restart_inspected(struct engine *engine, struct container *container, const struct ecsengine_result *record,
                       const struct failure *failure);
/* It was seen running: the restart is over, and what is known of its run is new. */
void restart_runs(struct engine *engine, struct container *container, const struct ecsengine_result *record);

/* An event brought a record that may be of a former run: it proves nothing. */
bool restart_doubts(const struct container *container, const struct ecsengine_result *record);
/* It is known to have ended, and no START is on its way. */
bool restart_waits(const struct container *container);

#endif
