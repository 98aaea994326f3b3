/* SPDX-License-Identifier: Apache-2.0 */
/* Cleanup. It begins when the wait is over and the STOPPED event has arrived; it waits for what is in flight, so that nothing is made
 * after it looked; and it does not end before everything that was made is gone: what will not go is removed by force, tried again, and
 * at last reported. The task itself stays until the host has acknowledged that it was told. */
#include "engine/cleanup.h"

#include "base/prng.h"
#include "engine/accounting.h"
#include "engine/agent.h"
#include "engine/credentials.h"
#include "engine/definitions.h"
#include "engine/events.h"
#include "engine/foreign.h"
#include "engine/image.h"
#include "engine/lifecycle.h"
#include "engine/orphans.h"
#include "engine/queue.h"
#include "engine/resource.h"

enum { REMOVE_TRIES = 5 };

#define REMOVE_LIMIT (5 * NS_PER_MINUTE)
#define ACK_LIMIT (72 * 60 * NS_PER_MINUTE)

static const struct backoff remove_backoff = {NS_PER_S, 5 * NS_PER_S, 200, 1300};

/* When the wait is over, by the wall clock that STOPPED was stamped with, and no later than a whole wait from now. */
static int64_t due_at(const struct engine *engine, const struct task *task, int64_t more_ns)
{
    int64_t wait = engine->settings.cleanup_wait_ns;

    wait += (int64_t)prng_below(engine_draw(engine, task, DRAW_CLEANUP, 0), (uint64_t)engine->settings.cleanup_jitter_ns) + more_ns;
    int64_t left = task->known_at + wait - engine->wall_ns;
    left = left < 0 ? 0 : left > wait ? wait : left;
    return engine->mono_ns + left;
}

static void remove_now(struct engine *engine, struct container *container)
{
    if (!container->removing)
        container->attempt = 0; /* it may still count the tries of a stop */
    container->removing = true;
    struct ecsengine_op *op = op_emit(engine, ECSENGINE_OP_REMOVE, container, REMOVE_LIMIT);
    op->force = container->remove_by_force;
    op->after_record = true; /* how it ended is nowhere else once it is gone */
    container->op = op;
}

/* True when there is nothing left of it. */
static bool sweep(struct engine *engine, struct container *container)
{
    if (container->removed)
        return true;
    if (container->op != NULL) {
        enum ecsengine_op_kind kind = (enum ecsengine_op_kind)container->op->kind;
        if (kind != ECSENGINE_OP_PULL_IMAGE && kind != ECSENGINE_OP_PULL_MANIFEST && kind != ECSENGINE_OP_INSPECT_IMAGE &&
            kind != ECSENGINE_OP_TAG_IMAGE)
            return false; /* what it makes must not outlive the sweep */
        image_abandon(engine, container);
    }
    if (heap_has(&container->retry.node))
        return false;
    if (!container->create_tried && container->runtime_id == NULL) {
        container->removed = true;
        return true;
    }
    remove_now(engine, container);
    return false;
}

/* The containers first: a volume goes when nobody has it mounted any more. */
static bool sweep_all(struct engine *engine, struct task *task)
{
    bool containers = true, resources = true;

    for (uint16_t i = 0; i < task->container_count; i++)
        containers = sweep(engine, &task->containers[i]) && containers;
    for (uint16_t i = 0; containers && i < task->resource_count; i++)
        resources = resource_sweep(engine, &task->resources[i]) && resources;
    return containers && resources && agents_sweep(engine, task);
}

static void removed(struct engine *engine, struct task *task)
{
    task->phase = TASK_REMOVED;
    credentials_drop(engine, task->execution_credentials_id);
    engine_dirty(engine, task);
    for (uint16_t i = 0; i < task->container_count; i++) {
        struct container *container = &task->containers[i];
        if (container->inspect_op != NULL) {
            op_abandon(engine, container->inspect_op);
            container->inspect_op = NULL;
        }
    }
    events_task_removed(engine, task);
}

void cleanup_due(struct task *task)
{
    if (task->cleanup_due)
        task->ack_overdue = true;
    task->cleanup_due = true;
}

enum cleanup_wait cleanup_waits(const struct engine *engine, const struct task *task)
{
    switch (task->phase) {
    case TASK_ACTIVE:
        if (!task->cleanup_due)
            return CLEANUP_WAITS_FOR_TIME;
        return engine->settings.cleanup_waits_for_ack != 0 && task->sent < ECSENGINE_TASK_STOPPED && !task->ack_overdue
                   ? CLEANUP_WAITS_FOR_ACK
                   : CLEANUP_GOES_ON;
    case TASK_REFUSED:
    case TASK_LOST:
        return task->sent < ECSENGINE_TASK_STOPPED ? CLEANUP_WAITS_FOR_ACK : CLEANUP_GOES_ON;
    default: /* TASK_REMOVED; one that is being cleaned up waits for nothing of this */
        return task->removal_sent ? CLEANUP_GOES_ON : CLEANUP_WAITS_FOR_ACK;
    }
}

/* Nobody has said that STOPPED has arrived. That keeps the containers for three days more, then they go all the same; the event itself is
 * kept until it is acknowledged. (The reference gives up here, and leaves everything as it is for ever: 3.9, step 2.) */
static bool must_wait(struct engine *engine, struct task *task)
{
    enum cleanup_wait wait = cleanup_waits(engine, task);

    if (wait == CLEANUP_GOES_ON && task->ack_overdue)
        engine_log(engine, ECSENGINE_LOG_WARNING, MESSAGE_ACK_OVERDUE, "%s: STOPPED was not acknowledged for three days; its containers are removed",
                   str_text(task->arn));
    else if (wait != CLEANUP_GOES_ON && !heap_has(&task->timer.node))
        heap_insert(&engine->timers, &task->timer.node, due_at(engine, task, wait == CLEANUP_WAITS_FOR_ACK ? ACK_LIMIT : 0));
    return wait != CLEANUP_GOES_ON;
}

void cleanup_advance(struct engine *engine, struct task *task)
{
    if (task->phase == TASK_ACTIVE) {
        if (must_wait(engine, task))
            return;
        heap_remove(&engine->timers, &task->timer.node);
        for (uint16_t i = 0; i < task->container_count; i++)
            heap_remove(&engine->timers, &task->containers[i].retry.node);
        task->phase = TASK_CLEANING;
        engine_dirty(engine, task);
    }
    if (task->phase == TASK_CLEANING && sweep_all(engine, task))
        removed(engine, task);
    if (task->phase == TASK_LOST && cleanup_waits(engine, task) == CLEANUP_GOES_ON)
        removed(engine, task);
    if ((task->phase == TASK_REMOVED || task->phase == TASK_REFUSED) && cleanup_waits(engine, task) == CLEANUP_GOES_ON) {
        task->deleted = true;
        engine_dirty(engine, task);
    }
}

void cleanup_answer(struct engine *engine, struct container *container, const struct ecsengine_op *op, const struct failure *failure)
{
    container->op = NULL;
    engine_touch(engine, container->task);
    if (failure->kind == ECSENGINE_FAILURE_NONE || failure->kind == ECSENGINE_FAILURE_NOT_FOUND) {
        if (container->unanswered)
            orphans_await(engine, op, failure);
        container_trouble(engine, container, NULL);
        container->removed = true;
        foreign_gone(engine, container->runtime_name);
        engine_dirty(engine, container->task);
        return;
    }
    container_trouble(engine, container, failure);
    bool refused = failure->kind != ECSENGINE_FAILURE_UNREACHABLE; /* else the runtime is away, and that is no try */
    if (refused && !container->remove_by_force) {
        container->remove_by_force = true;
        remove_now(engine, container);
        return;
    }
    if (refused && ++container->remove_tries >= REMOVE_TRIES) {
        engine_log(engine, ECSENGINE_LOG_ERROR, MESSAGE_REMOVE_FAILED, "%s: container %s could not be removed: %s",
                   str_text(container->task->arn), container_def(container)->name, failure->text);
        container->removed = true;
        engine_dirty(engine, container->task);
        return;
    }
    uint64_t draw = engine_draw(engine, container->task, DRAW_RETRY, (uint64_t)container->index << 32 | 0xff00 | container->attempt);
    heap_insert(&engine->timers, &container->retry.node,
                engine->mono_ns + backoff_delay_ns(&remove_backoff, container->attempt, draw));
    if (container->attempt < UINT8_MAX)
        container->attempt++;
}

void cleanup_retry(struct engine *engine, struct container *container)
{
    remove_now(engine, container);
}

void cleanup_detach(struct engine *engine, struct task *task)
{
    events_forget(engine, task);
    for (uint16_t i = 0; i < task->container_count; i++) {
        struct container *container = &task->containers[i];
        heap_remove(&engine->timers, &container->retry.node);
        heap_remove(&engine->timers, &container->inspect_timer.node);
        heap_remove(&engine->timers, &container->start_timer.node);
        agents_detach(engine, container);
        list_remove(&container->pull_link);
        list_remove(&container->look_link);
        if (container->runtime_id != NULL)
            map_remove(&engine->by_id, &container->by_id);
        if (container->runtime_name != NULL)
            map_remove(&engine->by_name, &container->by_name);
        if (container->op != NULL)
            container->op->task = NULL;
        if (container->inspect_op != NULL)
            container->inspect_op->task = NULL;
    }
    for (uint16_t i = 0; i < task->resource_count; i++) {
        heap_remove(&engine->timers, &task->resources[i].retry.node);
        if (task->resources[i].op != NULL)
            task->resources[i].op->task = NULL;
    }
    heap_remove(&engine->timers, &task->timer.node);
    list_remove(&task->all);
    list_remove(&task->touched);
    list_remove(&task->dirty);
    queue_remove(engine, task);
    list_remove(&task->credential_wait);
    accounting_release(engine, task);
    map_remove(&engine->tasks, &task->by_arn);
    engine->container_count -= task->container_count;
}

void cleanup_forget(struct engine *engine, struct task *task)
{
    cleanup_detach(engine, task);
    definitions_drop(engine, task);
    task_free(task);
}
