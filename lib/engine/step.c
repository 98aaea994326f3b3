/* SPDX-License-Identifier: Apache-2.0 */
/* One input goes in, what follows from it is done. The one place where everything that may change the engine comes by: to be recorded,
 * replayed, fuzzed, checked.
 *
 * Each step first sets memory aside for the worst that the task at hand can need, so that it never fails half-way: either it happens,
 * or ENOMEM is returned and the input is still there. */
#include "engine/engine.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/prng.h"
#include "engine/accounting.h"
#include "engine/agent.h"
#include "engine/admission.h"
#include "engine/cleanup.h"
#include "engine/command.h"
#include "engine/events.h"
#include "engine/exec.h"
#include "engine/foreign.h"
#include "engine/image.h"
#include "engine/inspect.h"
#include "engine/orphans.h"
#include "engine/poll.h"
#include "engine/resource.h"
#include "engine/runtime.h"
#include "engine/task.h"
#include "engine/transitions.h"

/* What one container can cost in one step: a few operations and events, a reason, an id, an image reference, host ports that were seen.
 * And a resource: operations, its name, a reason. */
enum {
    STEP_BYTES = 32768,
    CONTAINER_BYTES = 4 * (sizeof(struct ecsengine_op) + sizeof(struct ecsengine_event)) + 8192 +
                      LIMIT_SEEN_PORTS * (sizeof(struct port_charge) + 64),
    AGENT_BYTES = 3 * (sizeof(struct ecsengine_op) + sizeof(struct ecsengine_event)) + 16384,
    RESOURCE_BYTES = 2 * sizeof(struct ecsengine_op) + 4096,
};

int engine_reserve_more(struct engine *engine, const struct task *task, size_t more)
{
    size_t containers = task != NULL ? task->container_count : 0;
    size_t resources = task != NULL ? task->resource_count : 0;

    size_t agents = task != NULL && task->definition != NULL ? task->definition->agent_total : 0;

    return mem_reserve(engine->mem, STEP_BYTES + agents * AGENT_BYTES + containers * CONTAINER_BYTES + resources * RESOURCE_BYTES + more);
}

int engine_reserve(struct engine *engine, const struct task *task) { return engine_reserve_more(engine, task, 0); }

void engine_touch(struct engine *engine, struct task *task)
{
    if (!list_linked(&task->touched))
        list_append(&engine->touched, &task->touched);
}

void engine_dirty(struct engine *engine, struct task *task)
{
    if (!list_linked(&task->dirty))
        list_append(&engine->dirty, &task->dirty);
}

struct task *engine_find_task(const struct engine *engine, const char *arn)
{
    struct map_node *node = map_find(&engine->tasks, hash64(engine->seed, arn, strlen(arn)));

    for (; node != NULL; node = map_find_next(node))
        if (strcmp(str_text(container_of(node, struct task, by_arn)->arn), arn) == 0)
            return container_of(node, struct task, by_arn);
    return NULL;
}

uint64_t engine_draw(const struct engine *engine, const struct task *task, uint32_t purpose, uint64_t n)
{
    if (task == NULL)
        return prng_draw(engine->seed, "", 0, purpose, n);
    return prng_draw_hashed(engine->seed, task->by_arn.hash, purpose, n); /* what the map has it under is the hash of its ARN */
}

uint64_t engine_draw_once(const struct engine *engine, const struct task *task, uint32_t purpose, uint64_t n)
{
    uint64_t once[] = {(uint64_t)engine->wall_ns, task->number}; /* in its life the number would do; the next one may count from the same */

    return prng_draw_hashed(engine->seed, task->by_arn.hash ^ hash64(engine->seed, once, sizeof(once)), purpose, n);
}

void engine_log(struct engine *engine, enum ecsengine_log_level level, int32_t id, const char *format, ...)
{
    char text[2048];
    va_list args;

    if (engine->log == NULL || level > engine->log_minimum)
        return;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    engine->log(level, id, text, strlen(text), engine->log_data);
}

/* Who waits for the operation is told how it went. */
static void route(struct engine *engine, struct ecsengine_op *op, struct ecsengine_result *result, const struct failure *failure)
{
    bool of_container = op->task != NULL && !op->of_resource;
    struct container *container = of_container ? &op->task->containers[op->container_index] : NULL;
    struct resource *resource = op->task != NULL && op->of_resource ? &op->task->resources[op->resource_index] : NULL;

    if (op->kind == ECSENGINE_OP_PING)
        runtime_ping_answer(engine, op, result, failure);
    if (op->kind == ECSENGINE_OP_EXEC_RUN)
        exec_answer(engine, op, result, failure);
    else if (op == engine->info_op)
        runtime_info_answer(engine, result, failure);
    else if (op == engine->subscribe_op)
        runtime_subscribe_answer(engine, failure);
    else if (op == engine->list_op)
        poll_answer(engine, result, failure);
    else if (resource != NULL && op == resource->op)
        resource_answer(engine, resource, op, result, failure);
    else if (container == NULL)
        orphans_answer(engine, op, failure);
    else if (op->of_agent && op == container->agents[op->agent_index].op)
        agent_answer(engine, &container->agents[op->agent_index], op, result, failure);
    else if (op == container->inspect_op)
        inspect_answer(engine, container, result, failure);
    else if (op == container->op && op->kind == ECSENGINE_OP_REMOVE)
        cleanup_answer(engine, container, op, failure);
    else if (op == container->op)
        transitions_answer(engine, container, op, result, failure);
}

static void complete(struct engine *engine, struct ecsengine_op *op)
{
    struct failure failure;

    if (op_answered(engine, op)) {
        failure_of(&failure, op, op->result);
        route(engine, op, op->result, &failure);
    } else if (op_makes((enum ecsengine_op_kind)op->kind)) {
        orphans_late_create(engine, op);
    }
    op_unref(op);
}

int engine_apply(struct engine *engine, struct input *input)
{
    struct ecsengine_op *op;
    struct ecsengine_event *event;

    switch (input->kind) {
    case INPUT_COMMAND: {
        struct command *command = container_of(input, struct command, input);
        if (engine_reserve(engine, command->task) < 0)
            return ECSENGINE_ENOMEM;
        return command_apply(engine, command);
    }
    case INPUT_COMPLETION:
        op = container_of(input, struct ecsengine_op, completion);
        if (engine_reserve(engine, op->task) < 0 || (op == engine->list_op && foreign_prepare(engine, op->result) < 0))
            return ECSENGINE_ENOMEM;
        complete(engine, op);
        return 0;
    case INPUT_UPDATE:
        op = container_of(input, struct ecsengine_op, update);
        image_progress(engine, op);
        op_unref(op);
        return 0;
    case INPUT_RUNTIME_EVENT: {
        struct runtime_notice *notice = container_of(input, struct runtime_notice, input);
        if (!inspect_event_counts((enum ecsengine_runtime_event_kind)notice->kind))
            return 0;
        struct container *container = container_lookup(engine, notice->container->data);
        if (container == NULL)
            return 0;
        if (notice->kind == ECSENGINE_RUNTIME_EVENT_EXEC_DIE) {
            agents_hear(engine, container, notice->details != NULL ? notice->details->exec_id : NULL);
            return 0;
        }
        if (engine_reserve(engine, container->task) < 0)
            return ECSENGINE_ENOMEM;
        inspect_event(engine, container, notice);
        return 0;
    }
    case INPUT_RUNTIME_LOST:
        if (engine_reserve(engine, NULL) < 0)
            return ECSENGINE_ENOMEM;
        runtime_lost(engine, str_text(container_of(input, struct runtime_notice, input)->reason));
        return 0;
    case INPUT_ACK:
        events_acknowledge(engine, container_of(input, struct acknowledgement, input)->event_id);
        return 0;
    case INPUT_TAKEN:
        event = container_of(input, struct ecsengine_event, taken);
        events_acknowledge(engine, event->id);
        ecsengine_event_free(event);
        return 0;
    default:
        return 0;
    }
}

static void overdue(struct engine *engine, struct ecsengine_op *op)
{
    struct failure failure;

    if (op->kind == ECSENGINE_OP_PULL_IMAGE)
        image_pull_overdue(engine, op, &failure);
    else if (op->kind == ECSENGINE_OP_TAG_IMAGE)
        failure_timeout(&failure, op, 30 * NS_PER_S);
    else
        failure_timeout(&failure, op, op->deadline_ns - op->begun_ns);
    engine_log(engine, ECSENGINE_LOG_WARNING, MESSAGE_OP_TIMEOUT, "operation %llu (%s) was not answered in time",
               (unsigned long long)op->id, ecsengine_op_kind_name((enum ecsengine_op_kind)op->kind));
    if (op->kind == ECSENGINE_OP_INSPECT) /* an inspection never has another name than this (runtime-and-agents 1.1) */
        failure.name = error_name_of(ECSENGINE_OP_INSPECT);
    struct task *task = op->task;
    ecsengine_op_ref(op);
    op_abandon(engine, op);
    op->task = task; /* abandoning lets go of it; who waited must be found once more */
    route(engine, op, NULL, &failure);
    runtime_doubt(engine, op);
    op->task = NULL;
    op_unref(op);
}

static struct task *task_of(struct timer *timer)
{
    switch (timer->kind) {
    case TIMER_OP:
        return container_of(timer, struct ecsengine_op, timer)->task;
    case TIMER_RETRY:
        return container_of(timer, struct container, retry)->task;
    case TIMER_INSPECT:
        return container_of(timer, struct container, inspect_timer)->task;
    case TIMER_START_TIMEOUT:
        return container_of(timer, struct container, start_timer)->task;
    case TIMER_RESOURCE:
        return container_of(timer, struct resource, retry)->task;
    case TIMER_AGENT:
        return container_of(timer, struct agent, timer)->container->task;
    case TIMER_TASK:
        return container_of(timer, struct task, timer);
    default:
        return NULL;
    }
}

static void fire(struct engine *engine, struct timer *timer)
{
    struct container *container;

    heap_remove(&engine->timers, &timer->node);
    switch (timer->kind) {
    case TIMER_OP:
        overdue(engine, container_of(timer, struct ecsengine_op, timer));
        return;
    case TIMER_RETRY:
        container = container_of(timer, struct container, retry);
        if (container->task->phase == TASK_CLEANING)
            cleanup_retry(engine, container);
        else
            transitions_retry(engine, container);
        return;
    case TIMER_TASK:
        cleanup_due(container_of(timer, struct task, timer));
        engine_touch(engine, container_of(timer, struct task, timer));
        return;
    case TIMER_ORPHAN:
        orphans_retry(engine, timer);
        return;
    case TIMER_RUNTIME:
        runtime_retry(engine);
        return;
    case TIMER_POLL:
        poll_run(engine);
        return;
    case TIMER_START_TIMEOUT:
        container = container_of(timer, struct container, start_timer);
        container->start_overdue = true; /* whatever the wall clock says: it may have been set */
        engine_touch(engine, container->task);
        return;
    default: /* an inspection, or an agent, that is due, or the removal of a resource: its task sees to it */
        engine_touch(engine, task_of(timer));
        return;
    }
}

int engine_advance(struct engine *engine)
{
    for (;;) {
        if (list_empty(&engine->touched))
            inspect_go_on(engine);
        if (list_empty(&engine->touched)) {
            struct task *next = engine->ready ? admission_next(engine) : NULL;
            if (next == NULL)
                return 0;
            if (engine_reserve_more(engine, next, accounting_bytes(next)) < 0)
                return ECSENGINE_ENOMEM;
            admission_admit(engine, next);
            continue;
        }
        struct task *task = container_of(engine->touched.next, struct task, touched);
        if (engine_reserve(engine, task) < 0)
            return ECSENGINE_ENOMEM;
        list_remove(&task->touched);
        task_advance(engine, task);
    }
}

int engine_settle(struct engine *engine)
{
    struct heap_node *due;

    if (!engine->began) {
        if (engine_reserve(engine, NULL) < 0)
            return ECSENGINE_ENOMEM;
        engine->began = true;
        runtime_begin(engine);
    }
    int code = engine_advance(engine);
    while (code == 0 && (due = heap_min(&engine->timers)) != NULL && due->key <= engine->mono_ns) {
        struct timer *timer = container_of(due, struct timer, node);
        if (engine_reserve(engine, task_of(timer)) < 0)
            return ECSENGINE_ENOMEM;
        fire(engine, timer);
        code = engine_advance(engine);
    }
    return code;
}

int64_t engine_deadline(const struct engine *engine)
{
    const struct heap_node *due = heap_min(&engine->timers);

    return due != NULL ? due->key : INT64_MAX;
}
