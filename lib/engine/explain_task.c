/* SPDX-License-Identifier: Apache-2.0 */
/* The causes of a task. One that is under way waits for its containers, and says for which; before that it waits to be admitted, after
 * that for the end of its keeping, for the host to acknowledge, and for its containers to be removed. */
#include "engine/explain.h"

#include "engine/cleanup.h"
#include "engine/events.h"

static void of_acknowledgement(const struct view *view, const struct task *task, struct causes *out)
{
    bool removal = task->phase == TASK_REMOVED;
    enum ecsengine_event_kind kind = removal ? ECSENGINE_EVENT_TASK_REMOVED : ECSENGINE_EVENT_TASK;
    uint64_t id = events_pending(task, kind, removal ? 0 : ECSENGINE_TASK_STOPPED);
    bool held = view->store.keeps && view->store.held_event != 0 && id >= view->store.held_event;

    if (held && cause_of_store(view, view->store.held_batch, out))
        return; /* the host has not seen it yet */
    struct cause *cause = cause_add(out, CAUSE_ACKNOWLEDGEMENT);
    cause->id = id;
    if (heap_has(&task->timer.node))
        cause->due_ns = task->timer.node.key;
}

/* One that is over: STOPPED, refused, or removed. */
static void of_end(const struct view *view, const struct task *task, struct causes *out)
{
    struct cause *cause;

    switch (cleanup_waits(view->engine, task)) {
    case CLEANUP_WAITS_FOR_TIME:
        cause = cause_add(out, CAUSE_CLEANUP_DUE);
        if (heap_has(&task->timer.node))
            cause->due_ns = task->timer.node.key;
        break;
    case CLEANUP_WAITS_FOR_ACK:
        of_acknowledgement(view, task, out);
        break;
    default:
        break;
    }
}

static void of_containers(const struct view *view, const struct task *task, enum cause_kind kind, struct causes *out)
{
    struct causes causes;

    for (uint16_t i = 0; i < task->container_count; i++) {
        explain_container(view, &task->containers[i], &causes);
        if (explain_holds_back(&causes)) {
            cause_add(out, kind);
            return;
        }
    }
}

/* The containers are gone; what they used is not. */
static void of_resources(const struct task *task, struct causes *out)
{
    for (uint16_t i = 0; i < task->resource_count; i++) {
        const struct resource *resource = &task->resources[i];
        if (resource->removed || (resource->op == NULL && !heap_has(&resource->retry.node)))
            continue;
        struct cause *cause = cause_add(out, CAUSE_RESOURCE_REMOVAL);
        cause->resource = resource;
        cause->tries = resource->attempt;
        cause->error = resource->attempt > 0 ? str_text(resource->error) : NULL;
        cause->operation = resource_def(resource)->kind == RESOURCE_VOLUME ? ECSENGINE_OP_VOLUME_REMOVE : ECSENGINE_OP_RESOURCE_REMOVE;
        if (resource->op == NULL) {
            cause->due_ns = resource->retry.node.key;
            continue;
        }
        cause->operation = resource->op->kind; /* it may still be made */
        cause->id = resource->op->id;
        cause->since_ns = resource->op->begun_ns;
        if (heap_has(&resource->op->timer.node)) /* else it waits for the store */
            cause->due_ns = resource->op->timer.node.key;
    }
}

static void of_active(const struct view *view, const struct task *task, struct causes *out)
{
    if (task->known == ECSENGINE_TASK_STOPPED)
        of_end(view, task, out);
    else if (task->known >= task->desired)
        cause_add(out, CAUSE_RUNNING);
    else if (!task->admitted || (task->restored && !view->engine->ready))
        cause_of_admission(view, task, out);
    else
        of_containers(view, task, CAUSE_CONTAINERS, out);
}

static void of_lost(const struct view *view, const struct task *task, struct causes *out)
{
    if (task->known == ECSENGINE_TASK_STOPPED) {
        of_end(view, task, out);
        return;
    }
    struct cause *cause = cause_add(out, CAUSE_LOST);
    if (view->engine->list_op != NULL)
        cause->since_ns = view->engine->list_op->begun_ns;
    else if (view->engine->look && heap_has(&view->engine->poll_timer.node))
        cause->due_ns = view->engine->poll_timer.node.key;
}

void explain_task(const struct view *view, const struct task *task, struct causes *out)
{
    out->count = 0;
    if (task->phase == TASK_REFUSED)
        cause_add(out, CAUSE_REFUSED);
    else if (task->phase == TASK_LOST)
        of_lost(view, task, out);
    else if (task->phase == TASK_ACTIVE)
        of_active(view, task, out);
    else if (task->phase == TASK_CLEANING)
        of_containers(view, task, CAUSE_REMOVAL, out);
    if (task->phase == TASK_CLEANING && out->count == 0)
        of_resources(task, out);
    if (task->phase == TASK_REFUSED || task->phase == TASK_REMOVED)
        of_end(view, task, out);
    if (out->count == 0 && task->deleted)
        cause_of_store(view, view->store.durable + 1, out);
    if (out->count == 0)
        cause_add(out, CAUSE_MOVING);
    if (view->engine->shut_down && task->phase == TASK_ACTIVE && task->known != ECSENGINE_TASK_STOPPED)
        cause_add(out, CAUSE_SHUT_DOWN);
    if (view->engine->runtime == RUNTIME_UNREACHABLE && !cause_has(out, CAUSE_RUNTIME) && task->phase != TASK_REFUSED)
        cause_of_runtime(view, out);
}
