/* SPDX-License-Identifier: Apache-2.0 */
/* A task as a whole: its status is the minimum of its containers', with the exception of task-engine 2.5; an essential container that
 * ends, or shall end, ends the task; and a task that can move nowhere is given up. */
#include "engine/task.h"

#include "engine/admission.h"
#include "engine/agent.h"
#include "engine/accounting.h"
#include "engine/cleanup.h"
#include "engine/container.h"
#include "engine/credentials.h"
#include "engine/events.h"
#include "engine/resource.h"
#include "engine/transitions.h"

/* What the containers let the task be (2.5). False: no statement, it stays as it is. */
static bool candidate(const struct task *task, task_status *out_status)
{
    const struct container *least = &task->containers[0];
    bool essential_stopped = false;
    task_status minimum = ECSENGINE_TASK_STOPPED;

    for (uint16_t i = 0; i < task->container_count; i++) {
        const struct container *container = &task->containers[i];
        task_status status = task_status_of_container(container->known, container_steady(container));
        if (container->known < least->known)
            least = container;
        if (container->known == ECSENGINE_CONTAINER_STOPPED && container_def(container)->essential)
            essential_stopped = true;
        if (status < minimum)
            minimum = status;
    }
    *out_status = minimum;
    return !(least->known == container_steady(least) && essential_stopped); /* the others are still on their way to STOPPED */
}

static void set_known(struct engine *engine, struct task *task, task_status status)
{
    task->known = status;
    task->known_at = engine->wall_ns;
    if (status == ECSENGINE_TASK_STOPPED) {
        accounting_release(engine, task);
        credentials_drop(engine, task->role_credentials_id); /* those of the execution role are kept for cleanup */
    }
    engine_dirty(engine, task);
    engine_touch(engine, task);
    events_task(engine, task);
}

static void update_desired(struct task *task)
{
    for (uint16_t i = 0; i < task->container_count; i++) {
        const struct container *container = &task->containers[i];
        if (container_def(container)->essential && (container->known == ECSENGINE_CONTAINER_STOPPED ||
                                                    container->desired == ECSENGINE_CONTAINER_STOPPED))
            task->desired = ECSENGINE_TASK_STOPPED;
    }
    for (uint16_t i = 0; i < task->container_count; i++) {
        container_status target = container_status_for_task(task->desired, container_steady(&task->containers[i]));
        if (task->containers[i].desired < target)
            task->containers[i].desired = target;
    }
    for (uint16_t i = 0; i < task->resource_count; i++)
        if (task->resources[i].desired < resource_status_for_task(task->desired))
            task->resources[i].desired = resource_status_for_task(task->desired);
}

void task_update(struct engine *engine, struct task *task)
{
    task_status status, before = task->desired;

    if (task->phase != TASK_ACTIVE)
        return;
    if (candidate(task, &status) && task->known < status)
        set_known(engine, task, status);
    update_desired(task);
    if (task->desired != before)
        engine_dirty(engine, task);
}

void task_want(struct engine *engine, struct task *task, task_status desired)
{
    if (desired <= task->desired)
        return;
    task->desired = desired;
    engine_dirty(engine, task);
    engine_touch(engine, task);
}

void task_arm_start_timeout(struct engine *engine, struct container *container)
{
    int64_t timeout = container_def(container)->start_timeout_ns;

    if (timeout <= 0 || container->known == ECSENGINE_CONTAINER_STOPPED)
        return;
    int64_t left = container_first_started_at(container) + timeout - engine->wall_ns;
    if (left < 0)
        left = 0;
    if (left > timeout)
        left = timeout; /* the wall clock was set; never wait longer than was asked for */
    heap_remove(&engine->timers, &container->start_timer.node);
    heap_insert(&engine->timers, &container->start_timer.node, engine->mono_ns + left + 1);
}

/* Nothing is under way and nothing waits for another container (3.4). */
static void unable_to_move(struct engine *engine, struct task *task)
{
    if (task->desired == ECSENGINE_TASK_STOPPED) {
        if (task->reason == NULL) {
            static const char text[] = "TaskStateError: Agent could not progress task's state to stopped";
            task->reason = str_new_sure(engine->mem, text, sizeof(text) - 1);
        }
        task->gave_up = true;
        engine_log(engine, ECSENGINE_LOG_ERROR, MESSAGE_GAVE_UP, "%s: could not progress to stopped", str_text(task->arn));
        set_known(engine, task, ECSENGINE_TASK_STOPPED);
        return;
    }
    for (uint16_t i = 0; i < task->container_count; i++)
        if (container_def(&task->containers[i])->essential && task->containers[i].known != container_steady(&task->containers[i]))
            task_want(engine, task, ECSENGINE_TASK_STOPPED);
}

/* True if the step was taken on the spot. What waits for another one's move keeps nothing busy. */
static bool taken(enum next next, bool *busy)
{
    *busy = *busy || next == NEXT_BUSY || next == NEXT_BLOCKED;
    return next == NEXT_CHANGED;
}

/* One pass over the resources, then the containers, in order: a resource that goes lets containers go that wait for it (3.3). True if a known status changed on the spot, so that another pass makes sense. */
static bool pass(struct engine *engine, struct task *task, bool *out_busy)
{
    bool changed = false;

    *out_busy = false;
    for (uint16_t i = 0; i < task->resource_count; i++)
        changed = taken(resource_next(engine, &task->resources[i]), out_busy) || changed;
    for (uint16_t i = 0; i < task->container_count; i++)
        changed = taken(transitions_next(engine, &task->containers[i]), out_busy) || changed;
    return changed;
}

void task_advance(struct engine *engine, struct task *task)
{
    bool busy = true, again = true;

    if (task->phase == TASK_ACTIVE)
        task_update(engine, task);
    if (task->definition != NULL && task->definition->agent_total > 0 && (engine->ready || !task->restored))
        agents_advance(engine, task);
    if (task->phase == TASK_ACTIVE && task->known != ECSENGINE_TASK_STOPPED) {
        if (task->restored && !engine->ready)
            return;
        if (!admission_may_go_on(engine, task))
            return;
        while (again && task->known != ECSENGINE_TASK_STOPPED) {
            again = pass(engine, task, &busy);
            task_update(engine, task);
        }
        bool steady = task->known == ECSENGINE_TASK_RUNNING && task->desired == ECSENGINE_TASK_RUNNING;
        if (task->known != ECSENGINE_TASK_STOPPED && !busy && !steady)
            unable_to_move(engine, task);
    }
    if (task->phase != TASK_ACTIVE || task->known == ECSENGINE_TASK_STOPPED)
        cleanup_advance(engine, task);
}

void task_kill(struct engine *engine, struct task *task)
{
    task_want(engine, task, ECSENGINE_TASK_STOPPED);
    for (uint16_t i = 0; i < task->container_count; i++) {
        struct container *container = &task->containers[i];
        if (container->kill || container->known == ECSENGINE_CONTAINER_STOPPED)
            continue;
        container->kill = true;
        transitions_hurry(engine, container);
    }
    engine_touch(engine, task);
}
