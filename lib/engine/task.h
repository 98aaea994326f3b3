/* SPDX-License-Identifier: Apache-2.0 */
/* A task's status out of its parts, and the advance of a task as a whole (task-engine: sections 2.4, 2.5, 3). */
#ifndef ENGINE_TASK_H
#define ENGINE_TASK_H

#include "engine/engine.h"

/* Recomputes the known status, tells it if it rose, and passes the desired status on to the containers (UpdateStatus). */
void task_update(struct engine *engine, struct task *task);
/* Raises the desired status; it never falls. */
void task_want(struct engine *engine, struct task *task, task_status desired);
/* Does all that can be done for the task now. */
void task_advance(struct engine *engine, struct task *task);
/* A dependency has started: when its startTimeout is over its dependents must look again. */
void task_arm_start_timeout(struct engine *engine, struct container *container);
/* Ends a task's containers without patience (ecsengine_task_kill). */
void task_kill(struct engine *engine, struct task *task);

#endif
