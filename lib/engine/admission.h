/* SPDX-License-Identifier: Apache-2.0 */
/* Tasks that wait for host resources (task-engine: sections 3.2 and 6.5). */
#ifndef ENGINE_ADMISSION_H
#define ENGINE_ADMISSION_H

#include "engine/engine.h"

/* May the task go on? If not, it is in the queue from now on. A task that shall stop goes on, and leaves the queue at once. */
bool admission_may_go_on(struct engine *engine, struct task *task);
/* Admits the head of the queue as long as it fits; each admitted task is touched. */
void admission_run(struct engine *engine);

/* Where a waiting task stands. */
struct waiting_place {
    size_t place;               /* 1: it is the first */
    size_t total;               /* tasks that wait */
    uint32_t overtaken;         /* how many tasks that came later were admitted before it */
    const struct task *barrier; /* the task that nobody may overtake now, so that this one waits even if it fits; NULL: none, or itself.
                                   With `fifo` the head of the queue, with `backfill` one that was overtaken as often as is allowed */
};

/* False: it does not wait for host resources. O(log n). */
bool admission_place(const struct engine *engine, const struct task *task, struct waiting_place *out_place);

#endif
