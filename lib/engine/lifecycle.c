/* SPDX-License-Identifier: Apache-2.0 */
/* Create, start and stop. A start and a stop are done when the runtime says so and an inspection has shown what came of it: one that the
 * runtime sent along, one that an event asked for meanwhile, or one of their own. */
#include "engine/lifecycle.h"

#include <stdio.h>
#include <string.h>

#include "engine/accounting.h"
#include "engine/agent.h"
#include "engine/doubt.h"
#include "engine/inspect.h"
#include "engine/orphans.h"
#include "engine/restart.h"
#include "engine/task.h"

enum { START_TRIES = 5, STOP_TRIES = 5 };

static const struct backoff again_backoff = {NS_PER_S, 5 * NS_PER_S, 200, 1300};

#define STOP_SLACK (2 * NS_PER_MINUTE)

/* ---- create ---- */

enum next lifecycle_create_begin(struct engine *engine, struct container *container)
{
    char text[128];

    if (accounting_lacks_ports(container, text, sizeof(text))) {
        struct failure failure = {.kind = ECSENGINE_FAILURE_OTHER, .name = "HostConfigError", .text = text};
        container_change(engine, container, ECSENGINE_CONTAINER_CREATED, NULL, &failure);
        return NEXT_CHANGED;
    }
    transition_begin(engine, container, ECSENGINE_CONTAINER_CREATED, engine->settings.create_timeout_ns);
    lifecycle_create_prepared(engine, container);
    return NEXT_BUSY;
}

void lifecycle_create_prepared(struct engine *engine, struct container *container)
{
    if (container->applied != ECSENGINE_CONTAINER_CREATED || agent_prepare(engine, container))
        return;
    container->create_tried = container->unanswered = true;
    engine_dirty(engine, container->task);
    struct ecsengine_op *op = transition_op(engine, container, ECSENGINE_OP_CREATE, engine->settings.create_timeout_ns);
    op->after_record = agent_count(container) > 0; /* what it mounts is found by what the record says */
}

void lifecycle_create_answer(struct engine *engine, struct container *container, struct ecsengine_op *op,
                             const struct ecsengine_result *result, const struct failure *failure)
{
    container->unanswered = !orphans_answers(result);
    if (result != NULL)
        container_set_id(engine, container, result->container_id); /* also with an error, and also if it comes late */
    if (container->applied != ECSENGINE_CONTAINER_CREATED)
        return; /* it was stopped meanwhile; cleanup removes what was made */
    if (failure->kind == ECSENGINE_FAILURE_CONFLICT && container->adopting) {
        inspect_want(engine, container, INSPECT_EVENT); /* made by an earlier life of ours: the name is random */
        return;
    }
    if (!doubt_begin(engine, container, op, result, failure))
        container_change(engine, container, ECSENGINE_CONTAINER_CREATED, result, failure);
}

/* ---- start ---- */

enum next lifecycle_start_begin(struct engine *engine, struct container *container)
{
    transition_begin(engine, container, ECSENGINE_CONTAINER_RUNNING, engine->settings.start_timeout_ns);
    container->start_done = false;
    transition_op(engine, container, ECSENGINE_OP_START, engine->settings.start_timeout_ns);
    return NEXT_BUSY;
}

/* An event was faster than the answer: it runs, or has ended. An answer that was lost is no news then, nor one that says that it was started
 * before. One that says no counts all the same (the reference drops it, 5.6): the container runs without what the start still had to do for
 * it, and is stopped. */
static void start_answered_late(struct engine *engine, struct container *container, const struct failure *failure)
{
    if (failure->kind == ECSENGINE_FAILURE_NONE || failure->kind == ECSENGINE_FAILURE_CANCELLED ||
        failure->kind == ECSENGINE_FAILURE_CONFLICT || container_may_run(failure))
        return;
    container_set_error(engine, container, failure->name, failure->text);
    if (!container_is_running(container->known))
        return;
    container->desired = ECSENGINE_CONTAINER_STOPPED;
    engine_dirty(engine, container->task);
    task_update(engine, container->task);
}

/* A Docker Engine that was killed while it started a container refuses to do so in its next life, for its containerd has one of that id,
 * and hears a moment later that it runs. To give it up at once would leave a process behind that nobody knows. */
static bool runs_unknown(struct engine *engine, struct container *container, const struct failure *failure)
{
    if (failure->kind != ECSENGINE_FAILURE_CONFLICT || container->attempt + 1 >= START_TRIES)
        return false;
    container_trouble(engine, container, failure);
    transition_retry_later(engine, container, &again_backoff);
    return true;
}

void lifecycle_start_retry(struct engine *engine, struct container *container)
{
    if (container->desired == ECSENGINE_CONTAINER_STOPPED) { /* that may be heard of even now: stopped for real, not started again */
        container->applied = ECSENGINE_CONTAINER_NONE;
        container->force_stop = true;
        return;
    }
    transition_op(engine, container, ECSENGINE_OP_START, transition_left(engine, container));
}

static void start_failed(struct engine *engine, struct container *container, const struct failure *failure)
{
    if (runs_unknown(engine, container, failure))
        return;
    container->start_done = failure->kind == ECSENGINE_FAILURE_UNREACHABLE && container->inspect_op != NULL;
    if (container->start_done)
        transition_keep(engine, container, failure); /* the answer is lost, but an event came: what is seen decides */
    else
        container_change(engine, container, ECSENGINE_CONTAINER_RUNNING, NULL, failure);
}

void lifecycle_start_answer(struct engine *engine, struct container *container, struct ecsengine_op *op,
                            const struct ecsengine_result *result, const struct failure *failure)
{
    if (restart_pending(container)) {
        restart_answer(engine, container, result, failure);
        return;
    }
    if (container->applied != ECSENGINE_CONTAINER_RUNNING)
        start_answered_late(engine, container, failure);
    else if (failure->kind != ECSENGINE_FAILURE_NONE) {
        if (!doubt_begin(engine, container, op, result, failure))
            start_failed(engine, container, failure);
    } else if (result->has_record) {
        inspect_believe(engine, container, result);
    } else {
        container->start_done = true;
        if (container->inspect_op == NULL)
            inspect_want(engine, container, INSPECT_EVENT);
    }
}

/* The runtime was asked whether it lives, after a create or a start without an answer. */
static void doubt_answered(struct engine *engine, struct container *container, const struct ecsengine_op *op,
                           const struct failure *ping)
{
    struct failure failure = transition_kept(container);
    container_status applied = container->applied;

    if (!doubt_settled(engine, container, op, ping))
        return;
    if (applied == ECSENGINE_CONTAINER_RUNNING)
        start_failed(engine, container, &failure);
    else
        container_change(engine, container, ECSENGINE_CONTAINER_CREATED, NULL, &failure);
}

/* ---- stop ---- */

static int64_t grace_of(const struct engine *engine, const struct container *container)
{
    int64_t own = container_def(container)->stop_timeout_ns;

    return container->kill ? 0 : own > 0 ? own : engine->settings.stop_timeout_ns;
}

void lifecycle_stop_again(struct engine *engine, struct container *container)
{
    int64_t grace = grace_of(engine, container);
    struct ecsengine_op *op = transition_op(engine, container, ECSENGINE_OP_STOP, grace + STOP_SLACK);

    op->grace_ns = grace;
}

enum next lifecycle_stop_begin(struct engine *engine, struct container *container)
{
    transition_begin(engine, container, ECSENGINE_CONTAINER_STOPPED, INT64_MAX / 4);
    container->stop_done = false;
    lifecycle_stop_again(engine, container);
    return NEXT_BUSY;
}

void lifecycle_force_stop(struct engine *engine, struct container *container)
{
    container->attempt = 0;
    container->stop_done = false;
    lifecycle_stop_again(engine, container);
}

void lifecycle_stop_retry(struct engine *engine, struct container *container) { lifecycle_stop_again(engine, container); }

/* One try has failed; `failure` says how. After the last one the runtime is asked whether it lives (5.5). */
static void stop_failed(struct engine *engine, struct container *container, const struct failure *failure)
{
    bool known_stopped = container->known == ECSENGINE_CONTAINER_STOPPED;

    if (failure->kind == ECSENGINE_FAILURE_NOT_FOUND) {
        struct failure gone = *failure;
        snprintf(gone.buffer, sizeof(gone.buffer), "Container not found: %.300s",
                 container->runtime_id != NULL ? container->runtime_id->data : str_text(container->runtime_name));
        gone.text = gone.buffer;
        container_change(engine, container, ECSENGINE_CONTAINER_STOPPED, NULL, &gone);
        return;
    }
    container_trouble(engine, container, failure);
    if (container->attempt + 1 < STOP_TRIES) {
        transition_retry_later(engine, container, &again_backoff);
        if (known_stopped) /* a forced stop has no transition whose retry would be found by it */
            container->force_stop = true;
        return;
    }
    if (known_stopped)
        return; /* cleanup removes it by force */
    transition_keep(engine, container, failure);
    transition_op(engine, container, ECSENGINE_OP_PING, PING_LIMIT);
}

static void ping_answered(struct engine *engine, struct container *container, const struct failure *ping)
{
    struct failure failure = transition_kept(container);

    if (ping->kind == ECSENGINE_FAILURE_NONE) {
        container_change(engine, container, ECSENGINE_CONTAINER_STOPPED, NULL, &failure);
        return;
    }
    container->attempt = STOP_TRIES - 2; /* the runtime is away: one more try after the longest pause, for as long as it takes */
    transition_retry_later(engine, container, &again_backoff);
}

void lifecycle_ping_answer(struct engine *engine, struct container *container, struct ecsengine_op *op, const struct failure *failure)
{
    if (container->applied == ECSENGINE_CONTAINER_STOPPED)
        ping_answered(engine, container, failure);
    else if (container->applied == ECSENGINE_CONTAINER_RUNNING || container->applied == ECSENGINE_CONTAINER_CREATED)
        doubt_answered(engine, container, op, failure);
}

void lifecycle_stop_answer(struct engine *engine, struct container *container, struct ecsengine_op *op,
                           const struct ecsengine_result *result, const struct failure *failure)
{
    (void)op;
    if (failure->kind != ECSENGINE_FAILURE_NONE) {
        stop_failed(engine, container, failure);
    } else if (container->known == ECSENGINE_CONTAINER_STOPPED) {
        container->force_stop = false;
    } else if (result->has_record && !result->running) {
        inspect_ended(engine, container, result);
    } else {
        container->stop_done = true;
        if (container->inspect_op == NULL)
            inspect_want(engine, container, INSPECT_EVENT);
    }
}

/* ---- the inspection after it ---- */

static void start_inspected(struct engine *engine, struct container *container, const struct ecsengine_result *record,
                            const struct failure *failure)
{
    struct failure kept = transition_kept(container);

    container->start_done = false;
    if (record != NULL && (record->running || record->started_at != 0))
        inspect_believe(engine, container, record);
    else if (container->failure != NULL)
        container_change(engine, container, ECSENGINE_CONTAINER_RUNNING, NULL, &kept);
    else if (record != NULL) /* the runtime said that it started it; it has not ended either: believe the runtime */
        container_change(engine, container, ECSENGINE_CONTAINER_RUNNING, record, NULL);
    else
        container_change(engine, container, ECSENGINE_CONTAINER_RUNNING, NULL, failure);
}

static void stop_inspected(struct engine *engine, struct container *container, const struct ecsengine_result *record,
                           const struct failure *failure)
{
    struct failure still = {.kind = ECSENGINE_FAILURE_OTHER, .name = error_name_of(ECSENGINE_OP_STOP),
                            .text = "the container still runs after it was stopped"};

    container->stop_done = false;
    if (record != NULL && !record->running)
        inspect_ended(engine, container, record);
    else
        stop_failed(engine, container, record != NULL ? &still : failure);
}

bool lifecycle_inspected(struct engine *engine, struct container *container, const struct ecsengine_result *record,
                         const struct failure *failure)
{
    if (restart_pending(container))
        return restart_inspected(engine, container, record, failure);
    if (container->applied == ECSENGINE_CONTAINER_CREATED && container->adopting && container->op == NULL) {
        container_change(engine, container, ECSENGINE_CONTAINER_CREATED, record, failure);
        if (record != NULL && record->running)
            inspect_believe(engine, container, record);
        return true;
    }
    if (container->applied == ECSENGINE_CONTAINER_RUNNING && container->start_done) {
        start_inspected(engine, container, record, failure);
        return true;
    }
    if (container->applied == ECSENGINE_CONTAINER_STOPPED && container->stop_done) {
        stop_inspected(engine, container, record, failure);
        return true;
    }
    return false;
}
