/* SPDX-License-Identifier: Apache-2.0 */
/* Tasks that wait for host resources (task-engine: sections 3.2 and 6.5). */
#ifndef ENGINE_ADMISSION_H
#define ENGINE_ADMISSION_H

#include "engine/engine.h"

/* May the task go on? If not, it is in the queue from now on. A task that shall stop goes on, and leaves the queue at once. */
bool admission_may_go_on(struct engine *engine, struct task *task);
/* The waiting task that is to be admitted now, or (6.3) told that it never can be; NULL: none. */
struct task *admission_next(struct engine *engine);
/* Does so; the task is touched. accounting_bytes() must be reserved. */
void admission_admit(struct engine *engine, struct task *task);
/* The host or the policy is another: all waiting tasks are candidates as they were on arrival. */
void admission_reconsider(struct engine *engine);

/* True if a task that fits and came now would wait all the same: nobody may overtake those that wait. */
bool admission_barred(const struct engine *engine);

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
