/* SPDX-License-Identifier: Apache-2.0 */
/* A container's known status. Everything that may move it ends up in container_change(): completions, inspections, and the steps that
 * need no action. It raises the known status, or with an error does what the table of task-engine 5.4 says, then tells the container,
 * then its task. */
#include "engine/container.h"

#include <stdio.h>
#include <string.h>

#include "base/prng.h"
#include "engine/accounting.h"
#include "engine/agent.h"
#include "engine/events.h"
#include "engine/image.h"
#include "engine/poll.h"
#include "engine/restart.h"
#include "engine/task.h"

struct container *container_lookup(const struct engine *engine, const char *id_or_name)
{
    uint64_t hash = engine_hash(engine, id_or_name);

    for (struct map_node *node = map_find(&engine->by_id, hash); node != NULL; node = map_find_next(node)) {
        struct container *container = container_of(node, struct container, by_id);
        if (strcmp(str_text(container->runtime_id), id_or_name) == 0)
            return container;
    }
    for (struct map_node *node = map_find(&engine->by_name, hash); node != NULL; node = map_find_next(node)) {
        struct container *container = container_of(node, struct container, by_name);
        if (strcmp(str_text(container->runtime_name), id_or_name) == 0)
            return container;
    }
    return NULL;
}

void container_set_id(struct engine *engine, struct container *container, struct str *id)
{
    if (id == NULL || id->len == 0 || (container->runtime_id != NULL && strcmp(container->runtime_id->data, id->data) == 0))
        return;
    if (container->runtime_id != NULL)
        map_remove(&engine->by_id, &container->by_id);
    str_unref(container->runtime_id);
    container->runtime_id = str_ref(id);
    map_insert(&engine->by_id, &container->by_id, engine_hash(engine, id->data));
    engine_dirty(engine, container->task);
    poll_wake(engine);
}

/* `Name: text`, at most LIMIT_REASON bytes of UTF-8, though a long text may have been cut inside a character on its way. */
static struct str *reason_of(struct engine *engine, const char *name, const char *text)
{
    char reason[64 + 2 + LIMIT_REASON + 1];

    snprintf(reason, sizeof(reason), "%.63s: %s", name, text);
    size_t used = strlen(reason);
    utf8_repair(reason, used);
    return str_new_sure(engine->mem, reason, utf8_cut(reason, used, LIMIT_REASON));
}

void container_trouble(struct engine *engine, struct container *container, const struct failure *failure)
{
    str_unref(container->trouble);
    container->trouble = failure != NULL ? reason_of(engine, failure->name, failure->text) : NULL;
}

void container_set_error(struct engine *engine, struct container *container, const char *name, const char *text)
{
    engine_log(engine, ECSENGINE_LOG_WARNING, MESSAGE_CONTAINER_ERROR, "%s: container %s: %s: %s", str_text(container->task->arn),
               container_def(container)->name, name, text);
    if (container->error != NULL)
        return;
    container->error = reason_of(engine, name, text);
    engine_dirty(engine, container->task);
}

void container_set_health(struct engine *engine, struct container *container, enum ecsengine_health health, struct str *output)
{
    if (!container_def(container)->health_check || container->health == health)
        return;
    container->health = (uint8_t)health;
    str_unref(container->health_output);
    container->health_output = str_ref(output);
    engine_dirty(engine, container->task);
    engine_touch(engine, container->task); /* a dependent may wait for it */
}

static bool set_time(int64_t *time, int64_t to)
{
    bool changes = to != 0 && *time != to;

    if (changes)
        *time = to;
    return changes;
}

/* Most of what is looked at is as it was: then there is nothing to be written. */
void container_merge(struct engine *engine, struct container *container, const struct ecsengine_result *record)
{
    container_set_id(engine, container, record->container_id);
    bool changed = set_time(&container->created_at, record->created_at);
    changed = set_time(&container->finished_at, record->finished_at) || changed;
    if (container->started_at == 0 && set_time(&container->started_at, record->started_at)) {
        changed = true;
        task_arm_start_timeout(engine, container);
    }
    if (container->ports == NULL && record->ports != NULL) {
        changed = true;
        container->ports = ports_ref(record->ports);
        accounting_note_ports(engine, container);
    }
    if (record->has_exit_code && !record->running) {
        changed = changed || !container->has_exit_code || container->exit_code != record->exit_code;
        container->has_exit_code = true;
        container->exit_code = record->exit_code;
    }
    if (record->has_health)
        container_set_health(engine, container, (enum ecsengine_health)record->health, record->health_output);
    if (changed)
        engine_dirty(engine, container->task);
}

bool container_may_run(const struct failure *failure)
{
    size_t len = strlen(failure->text);

    return strcmp(failure->name, "DockerTimeoutError") == 0 || strcmp(failure->name, "CannotInspectContainerError") == 0 ||
           (strcmp(failure->name, "CannotStartContainerError") == 0 &&
            (failure->kind == ECSENGINE_FAILURE_UNREACHABLE || (len >= 3 && strcmp(failure->text + len - 3, "EOF") == 0)));
}

/* The table of task-engine 5.4. True: go on as without the error. */
static bool handle_error(struct engine *engine, struct container *container, container_status previous,
                         const struct failure *failure)
{
    enum pull_behavior behavior = (enum pull_behavior)engine->settings.pull_behavior;

    container_set_error(engine, container, failure->name, failure->text);
    switch (container->known) {
    case ECSENGINE_CONTAINER_MANIFEST_PULLED:
    case ECSENGINE_CONTAINER_PULLED:
        if (behavior != PULL_ALWAYS && behavior != PULL_ONCE)
            return true;
        task_want(engine, container->task, ECSENGINE_TASK_STOPPED);
        return false;
    case ECSENGINE_CONTAINER_CREATED:
        container->known = previous;
        container->desired = ECSENGINE_CONTAINER_STOPPED;
        return false;
    case ECSENGINE_CONTAINER_RUNNING:
    case ECSENGINE_CONTAINER_RESOURCES_PROVISIONED:
        container->known = previous;
        container->desired = ECSENGINE_CONTAINER_STOPPED;
        container->force_stop = container_may_run(failure); /* stopped for real, then */
        return false;
    default:
        container->desired = ECSENGINE_CONTAINER_STOPPED;
        return true;
    }
}

/* Nothing of a stopped container is due any more. */
static void at_rest(struct engine *engine, struct container *container)
{
    heap_remove(&engine->timers, &container->start_timer.node);
    heap_remove(&engine->timers, &container->inspect_timer.node);
    container->inspect = INSPECT_NONE;
    container->inspect_attempt = container->inspect_refusals = 0;
    if (container->pull_waits) {
        list_remove(&container->pull_link);
        container->pull_waits = false;
        container->step = STEP_NONE;
    }
    if (container->op == NULL)
        image_abandon(engine, container); /* it may pause between two tries */
}

static void rise(struct engine *engine, struct container *container, container_status status,
                 const struct ecsengine_result *record, const struct failure *failure)
{
    struct task *task = container->task;
    container_status previous = container->known;

    container->known = status;
    container_trouble(engine, container, NULL);
    if (container->applied != ECSENGINE_CONTAINER_NONE && container->applied <= status) {
        container->applied = ECSENGINE_CONTAINER_NONE;
        heap_remove(&engine->timers, &container->retry.node); /* it got there without another try */
    }
    engine_dirty(engine, task);
    engine_touch(engine, task);
    if (record != NULL)
        container_merge(engine, container, record);
    if (failure != NULL && failure->kind != ECSENGINE_FAILURE_NONE && !handle_error(engine, container, previous, failure))
        return;
    if (status == ECSENGINE_CONTAINER_STOPPED && (record == NULL || !record->has_exit_code) && container->has_event_exit) {
        container->has_exit_code = true;
        container->exit_code = container->event_exit_code;
    }
    if (status == ECSENGINE_CONTAINER_STOPPED) {
        at_rest(engine, container);
        accounting_note_ports(engine, container);
        if (container_def(container)->essential && task->execution_stopped_at == 0)
            task->execution_stopped_at = engine->wall_ns;
        agents_stopped(engine, container);
    }
    events_container(engine, container);
    if (container_is_running(status) && !container_is_running(previous))
        agents_begin(engine, container);
    task_update(engine, task);
}

void container_change(struct engine *engine, struct container *container, container_status status,
                      const struct ecsengine_result *record, const struct failure *failure)
{
    if (status > container->known) {
        if (status != ECSENGINE_CONTAINER_STOPPED || !restart_ended(engine, container, record, failure))
            rise(engine, container, status, record, failure);
    } else if (record != NULL && container_is_running(status) && container_is_running(container->known)) {
        if (restart_pending(container))
            restart_runs(engine, container, record);
        container_merge(engine, container, record);
    }
}

void container_end(struct engine *engine, struct container *container, const struct failure *failure)
{
    rise(engine, container, ECSENGINE_CONTAINER_STOPPED, NULL, failure);
}
