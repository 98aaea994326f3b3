/* SPDX-License-Identifier: Apache-2.0 */
/* Tasks that wait for host resources (task-engine: sections 3.2 and 6.5). */
#ifndef ENGINE_ADMISSION_H
#define ENGINE_ADMISSION_H

#include "engine/engine.h"

/* May the task go on? If not, it is in the queue from now on. A task that shall stop goes on, and leaves the queue at once. */
bool admission_may_go_on(struct engine *engine, struct task *task);
/* Admits the head of the queue as long as it fits; each admitted task is touched. */
void admission_run(struct engine *engine);

#endif
