/* SPDX-License-Identifier: Apache-2.0 */
/* Events are hints and may be lost; so from time to time all containers are looked at: one list operation, whatever their number, and an
 * inspection of each that is listed otherwise than it is known. The list proves nothing by itself, it only says where to look: it may be
 * older than what is known by now. The reference describes every container of every task instead. A runtime that has no lists is asked
 * that way too. */
#include "engine/poll.h"

#include <stdio.h>

#include "base/prng.h"
#include "engine/container.h"
#include "engine/foreign.h"
#include "engine/inspect.h"
#include "engine/runtime.h"

#define LIST_LIMIT (10 * NS_PER_MINUTE)

static const struct backoff look_backoff = {NS_PER_S, 30 * NS_PER_S, 200, 2000};

/* One that the list could show otherwise, now or when what is under way is over. */
static bool is_there(const struct container *container)
{
    const struct task *task = container->task;

    return task->phase == TASK_ACTIVE && task->known != ECSENGINE_TASK_STOPPED &&
           container->runtime_id != NULL && container->known != ECSENGINE_CONTAINER_STOPPED;
}

/* What is about to change will be heard of by its own answer. */
static bool comparable(const struct container *container) { return is_there(container) && container->op == NULL; }

static bool anything(const struct engine *engine)
{
    for (const struct list *node = engine->all.next; node != &engine->all; node = node->next) {
        const struct task *task = container_of(node, struct task, all);
        for (uint16_t i = 0; i < task->container_count; i++)
            if (is_there(&task->containers[i]))
                return true;
    }
    return false;
}

void poll_plan(struct engine *engine)
{
    uint64_t draw = engine_draw(engine, NULL, DRAW_POLL, engine->poll_count++);

    heap_remove(&engine->timers, &engine->poll_timer.node);
    heap_insert(&engine->timers, &engine->poll_timer.node,
                engine->mono_ns + engine->settings.poll_interval_ns +
                    (int64_t)prng_below(draw, (uint64_t)engine->settings.poll_jitter_ns));
}

void poll_wake(struct engine *engine)
{
    if (!heap_has(&engine->poll_timer.node) && engine->list_op == NULL)
        poll_plan(engine);
}

static void ask(struct engine *engine)
{
    char label[sizeof("ecsengine.instance=") + LIMIT_NAME];

    int len = snprintf(label, sizeof(label), "ecsengine.instance=%s", str_text(engine->instance));
    engine->list_op = op_emit(engine, ECSENGINE_OP_LIST, NULL, LIST_LIMIT);
    engine->list_op->label = str_new_sure(engine->mem, label, (size_t)len);
}

void poll_run(struct engine *engine)
{
    if ((!engine->look && !anything(engine)) || engine->runtime != RUNTIME_CONNECTED || engine->list_op != NULL)
        return; /* it is planned again when a container is made, the runtime is back, the list is answered: nobody is woken for nothing */
    ask(engine);
}

void poll_look(struct engine *engine)
{
    engine->look = true;
    engine->look_attempt = 0;
    if (engine->list_op != NULL)
        op_abandon(engine, engine->list_op); /* older than what made us ask */
    foreign_forget_gone(engine);
    ask(engine);
}

/* What is owed is asked for again soon. */
static void again(struct engine *engine)
{
    uint64_t draw = engine_draw(engine, NULL, DRAW_POLL, (uint64_t)engine->list_count << 32 | engine->look_attempt);

    heap_remove(&engine->timers, &engine->poll_timer.node);
    heap_insert(&engine->timers, &engine->poll_timer.node, engine->mono_ns + backoff_delay_ns(&look_backoff, engine->look_attempt, draw));
    engine->look_attempt++;
}

static bool differs(const struct container *container, const struct listed_container *listed)
{
    if (container_is_running(container->known) != listed->running)
        return true;
    return listed->running && container_def(container)->health_check && container->health != listed->health;
}

static void compare_listed(struct engine *engine, const struct ecsengine_result *list, uint32_t look)
{
    for (size_t i = 0; i < list->container_count; i++) {
        struct container *container = container_lookup(engine, str_text(list->containers[i].id));
        if (container == NULL)
            continue;
        container->listed = look;
        if (comparable(container) && differs(container, &list->containers[i]))
            inspect_want(engine, container, INSPECT_VERIFY);
    }
}

static void compare_missing(struct engine *engine, uint32_t look)
{
    for (struct list *node = engine->all.next; node != &engine->all; node = node->next) {
        struct task *task = container_of(node, struct task, all);
        for (uint16_t i = 0; i < task->container_count; i++)
            if (comparable(&task->containers[i]) && task->containers[i].listed != look)
                inspect_want(engine, &task->containers[i], INSPECT_VERIFY);
    }
}

void poll_answer(struct engine *engine, const struct ecsengine_result *result, const struct failure *failure)
{
    uint32_t look = ++engine->list_count;
    bool all = false;

    engine->list_op = NULL;
    poll_wake(engine);
    if (failure->kind == ECSENGINE_FAILURE_UNSUPPORTED) {
        if (!engine->look)
            runtime_verify_all(engine);
        foreign_answered(engine);
        all = true;
    } else if (failure->kind == ECSENGINE_FAILURE_NONE) {
        if (!engine->look) { /* else each is being inspected anyway */
            compare_listed(engine, result, look);
            compare_missing(engine, look);
        }
        foreign_answered(engine);
        all = true;
    } else {
        engine_log(engine, ECSENGINE_LOG_WARNING, MESSAGE_LIST_FAILED, "the containers could not be listed: %s", failure->text);
    }
    foreign_forget_gone(engine);
    engine->look = engine->look && !all;
    if (engine->look)
        again(engine);
}
