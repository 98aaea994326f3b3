/* SPDX-License-Identifier: Apache-2.0 */
/* Resources. While its task shall run a resource goes from NONE to CREATED, by an operation; that is its steady state. When the task shall
 * not run any more it is REMOVED at once, also while it is being made, which lets everything go that waits for it. That it is gone is
 * another thing: what was made, or may have been, is removed by the cleanup, after the containers.
 *
 * A resource that can't be made stops its task, and says why in the task's reason. */
#include "engine/resource.h"

#include <stdio.h>
#include <string.h>

#include "engine/credentials.h"
#include "engine/depgraph.h"
#include "engine/doubt.h"
#include "engine/orphans.h"
#include "engine/reason.h"
#include "engine/task.h"
#include "engine/volume.h"

enum { REMOVE_TRIES = 5 };

#define RESOURCE_LIMIT (5 * NS_PER_MINUTE)

static const struct backoff retry_backoff = {NS_PER_S, 5 * NS_PER_S, 200, 1300};

static bool is_volume(const struct resource *resource) { return resource_def(resource)->kind == RESOURCE_VOLUME; }

/* `ecs-<family>-<version>-<name>-<20 hex digits>` (task-payload 4.3, 4.4); it is durable before the create goes out, so that what was made
 * can always be found. A shared volume is known by its own name. */
void resource_assign_names(struct engine *engine, struct task *task)
{
    const struct definition *definition = task->definition;
    char name[LIMIT_RUNTIME_NAME + 1];

    for (uint16_t i = 0; i < task->resource_count; i++) {
        struct resource *resource = &task->resources[i];
        const struct resource_def *def = resource_def(resource);
        uint64_t high = engine_draw_once(engine, task, DRAW_RESOURCE_NAME, (uint64_t)i * 2);
        uint64_t low = engine_draw_once(engine, task, DRAW_RESOURCE_NAME, (uint64_t)i * 2 + 1);
        int len = def->shared ? snprintf(name, sizeof(name), "%.255s", def->name)
                              : snprintf(name, sizeof(name), "ecs-%.255s-%.200s-%.255s-%016llx%04x", definition->family,
                                         definition->version, def->name, (unsigned long long)high, (unsigned)(low & 0xffff));
        resource->runtime_name = str_new_sure(engine->mem, name, (size_t)len);
    }
}

static void set_known(struct engine *engine, struct resource *resource, resource_status status)
{
    resource->known = status;
    resource->applied = RESOURCE_NONE;
    engine_dirty(engine, resource->task);
    engine_touch(engine, resource->task);
}

void resource_ask(struct engine *engine, struct resource *resource, enum ecsengine_op_kind kind)
{
    bool makes = kind == ECSENGINE_OP_VOLUME_CREATE || kind == ECSENGINE_OP_RESOURCE_CREATE;

    if (makes && !resource_def(resource)->shared)
        resource->tried = resource->unanswered = true;
    engine_dirty(engine, resource->task);
    resource->op = op_emit_for_resource(engine, kind, resource, RESOURCE_LIMIT);
}

/* What it waits for runs, and is waited for to end: that may take any time. While the task stops nothing is made any more. */
static bool waits_for_end(const struct resource *resource, const struct blocker *blocker)
{
    return resource->desired == RESOURCE_CREATED && container_is_running(blocker->on->known);
}

enum next resource_next(struct engine *engine, struct resource *resource)
{
    struct blocker blocker;

    if (credentials_lacking_for(engine, resource)) {
        credentials_wait(engine, resource->task);
        return NEXT_BLOCKED;
    }
    enum verdict verdict = depgraph_check_resource(resource, &blocker);
    if (verdict == VERDICT_CONTAINER && waits_for_end(resource, &blocker))
        return NEXT_BLOCKED;
    if (verdict != VERDICT_GO)
        return NEXT_NOTHING;
    if (resource->desired == RESOURCE_REMOVED) {
        set_known(engine, resource, RESOURCE_REMOVED);
        return NEXT_CHANGED;
    }
    if (resource->applied != RESOURCE_NONE)
        return NEXT_BUSY;
    if ((is_volume(resource) && engine->runtime == RUNTIME_UNREACHABLE) || heap_has(&resource->retry.node))
        return NEXT_BLOCKED;
    resource->applied = RESOURCE_CREATED;
    if (is_volume(resource))
        volume_begin(engine, resource);
    else
        resource_ask(engine, resource, ECSENGINE_OP_RESOURCE_CREATE);
    return NEXT_BUSY;
}

void resource_created(struct engine *engine, struct resource *resource)
{
    str_unref(resource->error);
    resource->error = NULL;
    set_known(engine, resource, RESOURCE_CREATED);
}

void resource_failed(struct engine *engine, struct resource *resource, const char *reason)
{
    struct task *task = resource->task;
    struct str *text = str_new_sure(engine->mem, reason, utf8_cut(reason, strlen(reason), LIMIT_REASON));

    engine_log(engine, ECSENGINE_LOG_WARNING, MESSAGE_RESOURCE_FAILED, "%s: resource %s could not be made: %s", str_text(task->arn),
               resource_def(resource)->name, reason);
    resource->applied = RESOURCE_NONE;
    str_unref(resource->error);
    resource->error = str_ref(text);
    if (task->reason == NULL) /* the first one counts */
        task->reason = str_ref(text);
    str_unref(text);
    engine_dirty(engine, task);
    task_want(engine, task, ECSENGINE_TASK_STOPPED);
}

/* The runtime's, or the host's, own words; what it does not know of is said in ours. */
static void creation_failed(struct engine *engine, struct resource *resource, const struct failure *failure)
{
    const struct resource_def *def = resource_def(resource);
    char text[2 * LIMIT_REASON];

    if (failure->kind == ECSENGINE_FAILURE_UNSUPPORTED) {
        resource->tried = false; /* so there is nothing to remove */
        snprintf(text, sizeof(text), "ResourceInitializationError: this host can not make resource %.255s of type %.255s: %s", def->name,
                 def->type, failure->text);
    } else if (failure->text[0] != '\0') {
        snprintf(text, sizeof(text), "%s", failure->text);
    } else if (is_volume(resource)) {
        snprintf(text, sizeof(text), "VolumeError: Agent could not create task's volume resources");
    } else {
        snprintf(text, sizeof(text), "ResourceInitializationError: resource %.255s could not be made", def->name);
    }
    reason_title(text);
    resource_failed(engine, resource, text);
}

/* ---- removal ---- */

static void remove_now(struct engine *engine, struct resource *resource)
{
    resource->removing = true;
    resource_ask(engine, resource, is_volume(resource) ? ECSENGINE_OP_VOLUME_REMOVE : ECSENGINE_OP_RESOURCE_REMOVE);
}

bool resource_sweep(struct engine *engine, struct resource *resource)
{
    if (resource->op != NULL && (resource->op->kind == ECSENGINE_OP_VOLUME_INSPECT || resource->op->kind == ECSENGINE_OP_PING)) {
        op_abandon(engine, resource->op); /* it makes nothing */
        resource->op = NULL;
    }
    if (resource->removed)
        return true;
    if (resource->op != NULL || heap_has(&resource->retry.node))
        return false; /* what it makes must not outlive the sweep */
    if (!resource->tried) {
        resource->removed = true;
        return true;
    }
    remove_now(engine, resource);
    return false;
}

static void removed(struct engine *engine, struct resource *resource)
{
    resource->removed = true;
    engine_dirty(engine, resource->task);
}

/* Kept for whoever asks why the task does not go. */
static void keep_error(struct engine *engine, struct resource *resource, const char *text)
{
    str_unref(resource->error);
    resource->error = str_new_sure(engine->mem, text, utf8_cut(text, strlen(text), LIMIT_REASON));
}

static void pause(struct engine *engine, struct resource *resource)
{
    uint64_t draw = engine_draw(engine, resource->task, DRAW_RESOURCE_RETRY, (uint64_t)resource->index << 32 | resource->attempt);

    heap_insert(&engine->timers, &resource->retry.node,
                engine->mono_ns + backoff_delay_ns(&retry_backoff, resource->attempt, draw));
    if (resource->attempt < UINT8_MAX)
        resource->attempt++;
}

static void remove_answered(struct engine *engine, struct resource *resource, const struct ecsengine_op *op, const struct failure *failure)
{
    if (failure->kind == ECSENGINE_FAILURE_NONE || failure->kind == ECSENGINE_FAILURE_NOT_FOUND) {
        if (resource->unanswered)
            orphans_await(engine, op, failure);
        removed(engine, resource);
        return;
    }
    keep_error(engine, resource, failure->text);
    bool refused = failure->kind != ECSENGINE_FAILURE_UNREACHABLE; /* else the runtime is away, and that is no try */
    if (failure->kind == ECSENGINE_FAILURE_UNSUPPORTED || (refused && ++resource->remove_tries >= REMOVE_TRIES)) {
        engine_log(engine, ECSENGINE_LOG_ERROR, MESSAGE_RESOURCE_LEFT, "%s: resource %s could not be removed: %s",
                   str_text(resource->task->arn), resource_def(resource)->name, failure->text);
        removed(engine, resource);
        return;
    }
    pause(engine, resource);
}

/* ---- a volume whose making was not answered ---- */

/* As with containers (doubt.c): if the runtime went away it is asked for again when it is back; to make what is there already does no harm. */
static bool went_away(struct engine *engine, struct resource *resource, const struct ecsengine_op *op,
                      const struct ecsengine_result *result, const struct failure *failure)
{
    if (!is_volume(resource) || !doubt_no_answer(result, failure))
        return false;
    keep_error(engine, resource, failure->text);
    if (doubt_was_away(engine, op->begun_ns))
        resource->applied = RESOURCE_NONE;
    else
        resource->op = op_emit_for_resource(engine, ECSENGINE_OP_PING, resource, PING_LIMIT);
    return true;
}

static void ping_answered(struct engine *engine, struct resource *resource, const struct ecsengine_op *op, const struct failure *ping)
{
    struct failure failure = {.kind = ECSENGINE_FAILURE_UNREACHABLE, .text = str_text(resource->error)};
    bool lives = ping->kind != ECSENGINE_FAILURE_UNREACHABLE;

    if (lives && !doubt_was_away(engine, op->begun_ns)) {
        creation_failed(engine, resource, &failure);
        return;
    }
    resource->applied = RESOURCE_NONE;
    if (!lives)
        pause(engine, resource);
}

/* ---- answers ---- */

void resource_answer(struct engine *engine, struct resource *resource, struct ecsengine_op *op,
                     const struct ecsengine_result *result, const struct failure *failure)
{
    resource->op = NULL;
    engine_touch(engine, resource->task);
    if (op_makes((enum ecsengine_op_kind)op->kind)) {
        resource->unanswered = resource->unanswered && !orphans_answers(result);
        engine_dirty(engine, resource->task);
    }
    if (op->kind == ECSENGINE_OP_VOLUME_REMOVE || op->kind == ECSENGINE_OP_RESOURCE_REMOVE) {
        remove_answered(engine, resource, op, failure);
    } else if (resource->applied != RESOURCE_CREATED) {
        return; /* it is not wanted any more; the cleanup removes what was made */
    } else if (op->kind == ECSENGINE_OP_PING) {
        ping_answered(engine, resource, op, failure);
    } else if (went_away(engine, resource, op, result, failure)) {
        return;
    } else if (op->kind == ECSENGINE_OP_VOLUME_INSPECT) {
        volume_inspected(engine, resource, result, failure);
    } else if (failure->kind != ECSENGINE_FAILURE_NONE) {
        creation_failed(engine, resource, failure);
    } else {
        if (is_volume(resource))
            volume_take_name(resource, result);
        resource_created(engine, resource);
    }
}
