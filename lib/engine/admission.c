/* SPDX-License-Identifier: Apache-2.0 */
/* Admission is a rule that holds after every step: if the head of the queue fits, it is admitted in this step. There is no wake-up that
 * could be missed, which is what the reference's oldest bug is made of. First come, first served: nobody overtakes. */
#include "engine/admission.h"

#include "engine/accounting.h"

bool admission_may_go_on(struct engine *engine, struct task *task)
{
    if (task->admitted)
        return true;
    if (task->desired == ECSENGINE_TASK_STOPPED) {
        list_remove(&task->waiting);
        task->admitted = true;
        return true;
    }
    if (!list_linked(&task->waiting))
        list_append(&engine->waiting, &task->waiting);
    return false;
}

void admission_run(struct engine *engine)
{
    char why[160];

    while (!list_empty(&engine->waiting)) {
        struct task *head = container_of(engine->waiting.next, struct task, waiting);
        if (accounting_lacks(engine, head, why, sizeof(why)))
            return;
        list_remove(&head->waiting);
        head->admitted = true;
        accounting_charge(engine, head);
        engine_dirty(engine, head);
        engine_touch(engine, head);
    }
}

bool admission_place(const struct engine *engine, const struct task *task, struct waiting_place *out_place)
{
    *out_place = (struct waiting_place){0};
    if (!list_linked(&task->waiting))
        return false;
    for (const struct list *node = engine->waiting.next; node != &engine->waiting; node = node->next) {
        out_place->total++;
        if (node == &task->waiting)
            out_place->place = out_place->total;
    }
    const struct task *head = container_of(engine->waiting.next, struct task, waiting);
    out_place->barrier = head != task ? head : NULL;
    return true;
}
