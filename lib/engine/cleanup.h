/* SPDX-License-Identifier: Apache-2.0 */
/* The end of a task: its containers are removed, then its record (task-engine: section 3.9). */
#ifndef ENGINE_CLEANUP_H
#define ENGINE_CLEANUP_H

#include "engine/container.h"

/* A wait of a stopped task is over. */
void cleanup_due(struct task *task);
/* What keeps a task that has ended, or was refused, from its next step. Its timer, if it is armed, has until when at the latest. */
enum cleanup_wait {
    CLEANUP_GOES_ON = 0,
    CLEANUP_WAITS_FOR_TIME,
    CLEANUP_WAITS_FOR_ACK, /* of its last event */
};
enum cleanup_wait cleanup_waits(const struct engine *engine, const struct task *task);
/* Does what can be done now for a task that is STOPPED, being cleaned up, or gone. */
void cleanup_advance(struct engine *engine, struct task *task);
/* A REMOVE was answered, or its time is over. */
void cleanup_answer(struct engine *engine, struct container *container, const struct ecsengine_op *op, const struct failure *failure);
/* The pause before another try is over. */
void cleanup_retry(struct engine *engine, struct container *container);
/* The record of the task's deletion is written: frees it. */
void cleanup_forget(struct engine *engine, struct task *task);
/* Takes the task out of every list, map and heap. */
void cleanup_detach(struct engine *engine, struct task *task);

#endif
