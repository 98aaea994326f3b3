/* SPDX-License-Identifier: Apache-2.0 */
/* The table of steps: each target status has a function that begins it, one that takes an operation's answer, and one that tries again.
 * The rules before it decide whether a step is taken at all. One operation a container is in flight at a time. */
#include "engine/transitions.h"

#include <string.h>

#include "base/prng.h"
#include "engine/agent.h"
#include "engine/credentials.h"
#include "engine/depgraph.h"
#include "engine/image.h"
#include "engine/inspect.h"
#include "engine/lifecycle.h"
#include "engine/provision.h"
#include "engine/restart.h"

struct step {
    enum next (*begin)(struct engine *engine, struct container *container);
    void (*answer)(struct engine *engine, struct container *container, struct ecsengine_op *op,
                   const struct ecsengine_result *result, const struct failure *failure);
    void (*retry)(struct engine *engine, struct container *container);
};

static const struct step steps[] = {
    [ECSENGINE_CONTAINER_MANIFEST_PULLED] = {image_manifest_begin, image_manifest_answer, image_manifest_retry},
    [ECSENGINE_CONTAINER_PULLED] = {image_pull_begin, image_pull_answer, image_pull_retry},
    [ECSENGINE_CONTAINER_CREATED] = {lifecycle_create_begin, lifecycle_create_answer, NULL},
    [ECSENGINE_CONTAINER_RUNNING] = {lifecycle_start_begin, lifecycle_start_answer, lifecycle_start_retry},
    [ECSENGINE_CONTAINER_RESOURCES_PROVISIONED] = {provision_begin, provision_answer, NULL},
    [ECSENGINE_CONTAINER_STOPPED] = {lifecycle_stop_begin, lifecycle_stop_answer, lifecycle_stop_retry},
};

void transition_begin(struct engine *engine, struct container *container, container_status applied, int64_t limit_ns)
{
    container->applied = applied;
    container->attempt = 0;
    container->begun_ns = engine->mono_ns;
    container->limit_ns = engine->mono_ns + limit_ns;
    str_unref(container->failure);
    container->failure = NULL;
}

struct ecsengine_op *transition_op(struct engine *engine, struct container *container, enum ecsengine_op_kind kind, int64_t limit_ns)
{
    container->op = op_emit(engine, kind, container, limit_ns);
    return container->op;
}

void transition_keep(struct engine *engine, struct container *container, const struct failure *failure)
{
    struct str *text = str_new_sure(engine->mem, failure->text, strlen(failure->text)); /* it may be what is kept */
    struct str *name = str_new_sure(engine->mem, failure->name, strlen(failure->name)); /* it may be the result's */

    str_unref(container->failure);
    str_unref(container->failure_name);
    container->failure = text;
    container->failure_name = name;
}

struct failure transition_kept(const struct container *container)
{
    return (struct failure){
        .kind = ECSENGINE_FAILURE_UNREACHABLE, .name = str_text(container->failure_name), .text = str_text(container->failure)};
}

int64_t transition_left(const struct engine *engine, const struct container *container)
{
    return container->limit_ns > engine->mono_ns ? container->limit_ns - engine->mono_ns : 0;
}

void transition_retry_later(struct engine *engine, struct container *container, const struct backoff *backoff)
{
    uint64_t n = (uint64_t)container->index << 32 | (uint64_t)container->applied << 16 | container->attempt;
    uint64_t draw = engine_draw(engine, container->task, DRAW_RETRY, n);

    heap_remove(&engine->timers, &container->retry.node);
    heap_insert(&engine->timers, &container->retry.node, engine->mono_ns + backoff_delay_ns(backoff, container->attempt, draw));
    container->attempt++;
}

/* The dependency can never be met: the target ends, with exit code 143 and the reason (task-engine 4.8). It becomes STOPPED with the next
 * pass; what depends on it sees before that, wherever it stands in the task, that it will never start. */
static enum next end_by_dependency(struct engine *engine, struct container *container, const struct blocker *blocker)
{
    char text[DEPGRAPH_TEXT_MAX];

    depgraph_text(container, blocker, text);
    container_set_error(engine, container, "CannotStartContainerError", text);
    container->desired = ECSENGINE_CONTAINER_STOPPED;
    container->has_exit_code = true;
    container->exit_code = 143;
    engine_dirty(engine, container->task);
    return NEXT_CHANGED;
}

/* It shall stop and is not known to run (3.5, rule 3). */
static enum next stop_without_action(struct engine *engine, struct container *container)
{
    if (container->applied == ECSENGINE_CONTAINER_RUNNING)
        return NEXT_BUSY; /* until the start settles; then it is stopped for real */
    if (container->force_stop) { /* its start is over, so nothing is under way */
        container->force_stop = false;
        lifecycle_force_stop(engine, container);
    }
    container->applied = ECSENGINE_CONTAINER_NONE;
    container_change(engine, container, ECSENGINE_CONTAINER_STOPPED, NULL, NULL);
    return NEXT_CHANGED;
}

enum next transitions_next(struct engine *engine, struct container *container)
{
    struct blocker blocker;

    inspect_wanted(engine, container);
    if (restart_pending(container))
        return restart_next(engine, container);
    if (container->known >= container->desired)
        return NEXT_NOTHING;
    if (container->inspect == INSPECT_VERIFY)
        return NEXT_BUSY; /* what is known of it may be old */
    bool stopping = container->desired == ECSENGINE_CONTAINER_STOPPED;
    if (!stopping && (container->applied != ECSENGINE_CONTAINER_NONE || container->op != NULL))
        return NEXT_BUSY;
    switch (depgraph_check(engine, container, &blocker)) {
    case VERDICT_GO:
        break;
    case VERDICT_TERMINAL:
        return end_by_dependency(engine, container, &blocker);
    case VERDICT_CREDENTIALS:
        credentials_wait(engine, container->task);
        return NEXT_BLOCKED;
    case VERDICT_ORDER:
        return NEXT_BLOCKED;
    default:
        return NEXT_NOTHING;
    }
    if (stopping && !container_is_running(container->known))
        return stop_without_action(engine, container);
    container_status next = stopping ? ECSENGINE_CONTAINER_STOPPED : container->known + 1;
    if (container->applied != ECSENGINE_CONTAINER_NONE || container->op != NULL)
        return NEXT_BUSY;
    if (!stopping && engine->runtime == RUNTIME_UNREACHABLE)
        return NEXT_BLOCKED; /* nothing new is asked of it; a stop is, again and again */
    return steps[next].begin(engine, container); /* above NONE each status has one */
}

void transitions_answer(struct engine *engine, struct container *container, struct ecsengine_op *op,
                        const struct ecsengine_result *result, const struct failure *failure)
{
    container->op = NULL;
    engine_touch(engine, container->task);
    switch (op->kind) {
    case ECSENGINE_OP_AGENT_PREPARE:
        agent_prepared(engine, container, op, result, failure);
        lifecycle_create_prepared(engine, container);
        break;
    case ECSENGINE_OP_CREATE:
        lifecycle_create_answer(engine, container, op, result, failure);
        break;
    case ECSENGINE_OP_START:
        lifecycle_start_answer(engine, container, op, result, failure);
        break;
    case ECSENGINE_OP_PROVISION:
        provision_answer(engine, container, op, result, failure);
        break;
    case ECSENGINE_OP_PING:
        lifecycle_ping_answer(engine, container, op, failure);
        break;
    case ECSENGINE_OP_STOP:
        lifecycle_stop_answer(engine, container, op, result, failure);
        break;
    case ECSENGINE_OP_PULL_MANIFEST:
        image_manifest_answer(engine, container, op, result, failure);
        break;
    case ECSENGINE_OP_INSPECT_IMAGE:
        steps[container->step == STEP_MANIFEST ? ECSENGINE_CONTAINER_MANIFEST_PULLED : ECSENGINE_CONTAINER_PULLED].answer(
            engine, container, op, result, failure);
        break;
    default:
        image_pull_answer(engine, container, op, result, failure);
        break;
    }
}

void transitions_retry(struct engine *engine, struct container *container)
{
    const struct step *step = &steps[container->applied];

    engine_touch(engine, container->task);
    if (container->op != NULL || restart_pending(container)) /* the latter's pause is over: the next pass goes on with it */
        return;
    if (container->known == ECSENGINE_CONTAINER_STOPPED && container->force_stop) {
        container->force_stop = false;
        lifecycle_stop_again(engine, container);
    } else if (step->retry != NULL) {
        step->retry(engine, container);
    }
}

enum ecsengine_op_kind transitions_retried(const struct container *container)
{
    if (container->removing)
        return ECSENGINE_OP_REMOVE;
    if (restart_pending(container) || container->applied == ECSENGINE_CONTAINER_RUNNING)
        return ECSENGINE_OP_START;
    if (container->known == ECSENGINE_CONTAINER_STOPPED || container->applied == ECSENGINE_CONTAINER_STOPPED)
        return ECSENGINE_OP_STOP;
    return container->step == STEP_MANIFEST ? ECSENGINE_OP_PULL_MANIFEST
           : container->step == STEP_TAG    ? ECSENGINE_OP_TAG_IMAGE
                                            : ECSENGINE_OP_PULL_IMAGE;
}

void transitions_hurry(struct engine *engine, struct container *container)
{
    if (container->op == NULL || container->op->kind != ECSENGINE_OP_STOP)
        return;
    op_abandon(engine, container->op);
    container->op = NULL;
    lifecycle_stop_again(engine, container);
}
