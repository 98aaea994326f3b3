/* SPDX-License-Identifier: Apache-2.0 */
/* Admission is a rule that holds after every step: a task that the policy would let in and that fits is not in the queue. There is no
 * wake-up that could be missed, which is what the reference's oldest bug is made of.
 *
 * fifo      nobody overtakes: the head goes in, or nobody does. A head that is too large for the host keeps all others out, as in the
 *           reference.
 * backfill  the first that fits goes in, in order of arrival; but a task that was overtaken backfill-overtake-limit times is overtaken no
 *           more: it goes in next. Since whoever overtakes a task overtakes all that came before it too, the first in the queue was
 *           overtaken most often, and it is enough to look at that one. A task that this host can not have at all is no such barrier. */
#include "engine/admission.h"

#include <stdio.h>
#include <string.h>

#include "engine/accounting.h"
#include "engine/queue.h"
#include "engine/task.h"

bool admission_may_go_on(struct engine *engine, struct task *task)
{
    if (task->admitted)
        return true;
    if (task->desired == ECSENGINE_TASK_STOPPED || task->definition->need->exempt) {
        queue_remove(engine, task);
        task->admitted = true;
        return true;
    }
    if (!waiting_has(&task->waiting)) {
        struct need *need = task->definition->need;
        bool new_class = list_empty(&need->waiting);
        queue_add(engine, task);
        if (new_class)
            queue_set_class(engine, need, accounting_class(engine, need));
    }
    return false;
}

static bool fits(const struct engine *engine, const struct task *task)
{
    struct need_port port;

    return accounting_fit(engine, task->definition->need, &port) == FITS;
}

/* The task that nobody may overtake. */
static struct task *barrier_of(const struct engine *engine)
{
    if (engine->settings.admission_policy == POLICY_FIFO)
        return queue_first(engine);
    struct task *first = queue_first_possible(engine);
    return first != NULL && queue_overtaken(first) >= engine->settings.overtake_limit ? first : NULL;
}

struct task *admission_next(struct engine *engine)
{
    struct need_port port;
    struct task *task;

    if (!list_empty(&engine->doomed)) {
        const struct need *need = container_of(engine->doomed.next, struct need, link);
        return queue_task(container_of(need->waiting.next, struct waiting, same));
    }
    struct task *barrier = barrier_of(engine);
    if (barrier != NULL || engine->settings.admission_policy == POLICY_FIFO)
        return barrier != NULL && fits(engine, barrier) ? barrier : NULL;
    while ((task = queue_first_fitting(engine, accounting_free_cpu(&engine->host), accounting_free_memory(&engine->host))) != NULL) {
        struct need *need = task->definition->need;
        switch (accounting_fit(engine, need, &port)) {
        case FITS_NOT_PORT:
            queue_park_at_port(engine, need, port.protocol, port.port);
            break;
        case FITS_NOT_GPU:
            queue_set_class(engine, need, CLASS_GPU);
            break;
        default:
            return task;
        }
    }
    return NULL;
}

/* A GPU that the host has not: waiting would not help. */
static void refuse(struct engine *engine, struct task *task, const char *gpu)
{
    char text[LIMIT_GPU_ID + 64];

    int len = snprintf(text, sizeof(text), "task gpu %s not found in host gpus", gpu);
    if (task->reason == NULL)
        task->reason = str_new_sure(engine->mem, text, (size_t)len);
    engine_log(engine, ECSENGINE_LOG_WARNING, MESSAGE_NEVER_ADMITTED, "%s can not be admitted: %s", str_text(task->arn), text);
    queue_remove(engine, task);
    task_want(engine, task, ECSENGINE_TASK_STOPPED);
}

void admission_admit(struct engine *engine, struct task *task)
{
    const struct need *need = task->definition->need;

    if (need->state == CLASS_DOOMED) {
        refuse(engine, task, accounting_unknown_gpu(engine, need));
        return;
    }
    queue_overtake(engine, task);
    queue_remove(engine, task);
    task->admitted = true;
    task->saved_batch = 0; /* what it was given must be kept before a container is made with it */
    accounting_charge(engine, task);
    engine_dirty(engine, task);
    engine_touch(engine, task);
}

void admission_reconsider(struct engine *engine)
{
    for (struct list *node = engine->classes.next; node != &engine->classes; node = node->next) {
        struct need *need = container_of(node, struct need, class_link);
        queue_set_class(engine, need, accounting_class(engine, need));
    }
}

bool admission_barred(const struct engine *engine) { return barrier_of(engine) != NULL; }

bool admission_place(const struct engine *engine, const struct task *task, struct waiting_place *out_place)
{
    *out_place = (struct waiting_place){0};
    if (!waiting_has(&task->waiting))
        return false;
    const struct task *barrier = barrier_of(engine);
    out_place->place = queue_place(task);
    out_place->total = queue_length(engine);
    out_place->overtaken = queue_overtaken(task);
    out_place->barrier = barrier != task ? barrier : NULL;
    return true;
}
