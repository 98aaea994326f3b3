/* SPDX-License-Identifier: Apache-2.0 */
/* The runtime as a whole. An unreachable runtime is a state of its own: no task stops because of it. The event stream is opened before
 * anything is looked at, so that nothing that changes in between is missed; after each gap every container is looked at once.
 *
 * A runtime that hangs keeps its event stream open. What shows it is that it answers nothing, not even a PING: it is unreachable then, too,
 * and is there again when it opens another stream. */
#include "engine/runtime.h"

#include <string.h>

#include "base/prng.h"

#include "engine/accounting.h"
#include "engine/agent.h"
#include "engine/doubt.h"
#include "engine/events.h"
#include "engine/inspect.h"
#include "engine/poll.h"
#include "engine/task.h"

#define INFO_LIMIT (10 * NS_PER_S)
#define SUBSCRIBE_LIMIT (30 * NS_PER_S)

/* The reference opens the stream again at once, without end; a pause costs nobody anything and spares a daemon that starts. */
static const struct backoff runtime_backoff = {100 * NS_PER_MS, 5 * NS_PER_S, 200, 2000};

static void try_later(struct engine *engine)
{
    uint64_t draw = engine_draw(engine, NULL, DRAW_RUNTIME, engine->runtime_attempt);

    if (heap_has(&engine->runtime_timer.node))
        return;
    heap_insert(&engine->timers, &engine->runtime_timer.node,
                engine->mono_ns + backoff_delay_ns(&runtime_backoff, engine->runtime_attempt, draw));
    engine->runtime_attempt++;
}

static void ask(struct engine *engine)
{
    if (engine->subscribe_op == NULL && engine->runtime != RUNTIME_CONNECTED)
        engine->subscribe_op = op_emit(engine, ECSENGINE_OP_SUBSCRIBE, NULL, SUBSCRIBE_LIMIT);
    if (engine->info_op == NULL && accounting_wants_facts(engine))
        engine->info_op = op_emit(engine, ECSENGINE_OP_INFO, NULL, INFO_LIMIT);
}

void runtime_begin(struct engine *engine)
{
    if (!accounting_wants_facts(engine))
        accounting_change(engine);
    ask(engine);
}

static void keep_error(struct engine *engine, const char *error)
{
    size_t len = strlen(error);

    str_unref(engine->runtime_error);
    engine->runtime_error = str_new_sure(engine->mem, error, utf8_cut(error, len, LIMIT_REASON));
}

static void unreachable(struct engine *engine, const char *reason)
{
    keep_error(engine, reason);
    if (engine->runtime != RUNTIME_UNREACHABLE) {
        engine->runtime_since_ns = engine->runtime_lost_ns = engine->mono_ns;
        engine->runtime = RUNTIME_UNREACHABLE;
        engine_log(engine, ECSENGINE_LOG_WARNING, MESSAGE_RUNTIME_LOST, "the runtime is unreachable: %s", reason);
        events_host(engine, ECSENGINE_EVENT_RUNTIME, EVENT_UNREACHABLE, reason);
        if (engine->ping_op != NULL)
            op_abandon(engine, engine->ping_op); /* what it may say is known, and old when the runtime is back */
        engine->ping_op = NULL;
    }
    try_later(engine);
}

static void touch_all(struct engine *engine)
{
    for (struct list *node = engine->all.next; node != &engine->all; node = node->next)
        engine_touch(engine, container_of(node, struct task, all));
}

/* Both answers are in: from here on tasks run. */
static void maybe_ready(struct engine *engine)
{
    if (engine->ready || engine->runtime != RUNTIME_CONNECTED || !engine->host.known)
        return;
    engine->ready = true;
    touch_all(engine);
    events_host(engine, ECSENGINE_EVENT_READY, EVENT_WORD_NONE, NULL);
}

void runtime_info_answer(struct engine *engine, const struct ecsengine_result *result, const struct failure *failure)
{
    engine->info_op = NULL;
    if (failure->kind != ECSENGINE_FAILURE_NONE && failure->kind != ECSENGINE_FAILURE_UNSUPPORTED) {
        engine_log(engine, engine->runtime_attempt == 0 ? ECSENGINE_LOG_WARNING : ECSENGINE_LOG_DEBUG, MESSAGE_INFO_FAILED, "the host's facts could not be had: %s", failure->text);
        keep_error(engine, failure->text);
        try_later(engine);
        return;
    }
    accounting_learn(engine, failure->kind == ECSENGINE_FAILURE_NONE ? result : NULL);
    maybe_ready(engine);
}

/* What is left of a restored container's startTimeout: while records were given back there was no time. */
static void resume_start_timeout(struct engine *engine, struct container *container)
{
    if (container->started_at != 0 && !container->start_overdue && !heap_has(&container->start_timer.node))
        task_arm_start_timeout(engine, container);
}

void runtime_verify(struct engine *engine, struct task *task)
{
    for (uint16_t i = 0; i < task->container_count; i++) {
        struct container *container = &task->containers[i];
        resume_start_timeout(engine, container);
        agents_look(engine, container, NULL);
        if (container->known != ECSENGINE_CONTAINER_STOPPED && (container->runtime_id != NULL || container->adopting) &&
            container->op == NULL)
            inspect_want(engine, container, INSPECT_VERIFY);
    }
}

void runtime_verify_all(struct engine *engine)
{
    for (struct list *node = engine->all.next; node != &engine->all; node = node->next) {
        struct task *task = container_of(node, struct task, all);
        if (task->phase == TASK_ACTIVE && task->known != ECSENGINE_TASK_STOPPED)
            runtime_verify(engine, task);
    }
}

void runtime_subscribe_answer(struct engine *engine, const struct failure *failure)
{
    engine->subscribe_op = NULL;
    if (failure->kind != ECSENGINE_FAILURE_NONE && failure->kind != ECSENGINE_FAILURE_UNSUPPORTED) {
        unreachable(engine, failure->text);
        return;
    }
    engine->runtime = RUNTIME_CONNECTED;
    str_unref(engine->runtime_error);
    engine->runtime_error = NULL;
    engine->runtime_attempt = 0;
    engine_log(engine, ECSENGINE_LOG_INFO, MESSAGE_RUNTIME_CONNECTED, "the runtime answers");
    events_host(engine, ECSENGINE_EVENT_RUNTIME, EVENT_CONNECTED, NULL);
    touch_all(engine); /* what was held back while it was away */
    runtime_verify_all(engine);
    poll_plan(engine);
    ask(engine); /* for the host's facts, if they could not be had before */
    if (engine->has_past)
        poll_look(engine);
    engine->has_past = true; /* when it has been away, something may have happened meanwhile */
    maybe_ready(engine);
}

void runtime_lost(struct engine *engine, const char *reason)
{
    if (engine->runtime == RUNTIME_CONNECTED)
        unreachable(engine, reason);
}

static bool is_of_runtime(const struct ecsengine_op *op)
{
    switch (op->kind) {
    case ECSENGINE_OP_RESOURCE_CREATE:
    case ECSENGINE_OP_RESOURCE_REMOVE:
    case ECSENGINE_OP_PROVISION:
    case ECSENGINE_OP_AGENT_PREPARE:
    case ECSENGINE_OP_AGENT_CLEAN: /* the host's */
    case ECSENGINE_OP_EXEC_RUN:    /* its time is the caller's, who may have given it little */
        return false;
    default:
        return true;
    }
}

void runtime_doubt(struct engine *engine, const struct ecsengine_op *op)
{
    if (engine->runtime == RUNTIME_CONNECTED && engine->ping_op == NULL && is_of_runtime(op))
        engine->ping_op = op_emit(engine, ECSENGINE_OP_PING, NULL, PING_LIMIT);
}

void runtime_ping_answer(struct engine *engine, const struct ecsengine_op *op, const struct ecsengine_result *result, const struct failure *failure)
{
    bool own = op == engine->ping_op;

    if (own)
        engine->ping_op = NULL;
    if (own && failure->kind == ECSENGINE_FAILURE_UNREACHABLE)
        runtime_lost(engine, result != NULL ? failure->text : "it does not answer");
    else if (result != NULL && failure->kind == ECSENGINE_FAILURE_UNREACHABLE)
        runtime_doubt(engine, op);
}

void runtime_ask_facts(struct engine *engine)
{
    if (engine->began && engine->info_op == NULL && accounting_wants_facts(engine))
        engine->info_op = op_emit(engine, ECSENGINE_OP_INFO, NULL, INFO_LIMIT);
}

void runtime_retry(struct engine *engine) { ask(engine); }
