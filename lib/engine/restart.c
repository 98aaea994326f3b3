/* SPDX-License-Identifier: Apache-2.0 */
/* Restarts by policy. A container that ends is started again, the same one with the same limits, when its policy says so; to its task it
 * has not stopped meanwhile. The intention is in the task's record before the START leaves, so an engine that dies in between knows in
 * its next life that the container is to be started.
 *
 * A run is known by the time at which it began. What an event brings of another run than the present one is no proof of anything, and an
 * inspection decides; so the `stop` that follows a `die` can't end a container that runs again.
 *
 * Beside the reference, which tries once and forgets why that failed: a START that fails is tried again with pauses, and when it is given
 * up the STOPPED event says so; and restarts are never closer to each other than a second, whatever the policy says. */
#include "engine/restart.h"

#include <stdio.h>
#include <string.h>

#include "engine/agent.h"
#include "engine/inspect.h"
#include "engine/lifecycle.h"

enum { RESTART_TRIES = 5 };

#define RESTART_PACE NS_PER_S

static const struct backoff restart_backoff = {NS_PER_S, 30 * NS_PER_S, 200, 2000};

/* ---- the decision ---- */

/* What is kept is when a restart was decided; its start may have waited for the store. */
static int64_t last_start(const struct container *container)
{
    return container->started_at > container->restart->last_at ? container->started_at : container->restart->last_at;
}

/* Since the last restart, or else since it was started. Within one life by the clock that nobody sets. */
static int64_t elapsed(const struct engine *engine, const struct container *container)
{
    const struct restart *restart = container->restart;

    if (restart != NULL && restart->last_at != 0)
        return restart->timed ? engine->mono_ns - restart->last_mono_ns : engine->wall_ns - last_start(container);
    return engine->wall_ns - container->started_at;
}

static bool ignores(const struct restart_policy *policy, int32_t exit_code)
{
    for (uint16_t i = 0; i < policy->ignored_count; i++)
        if (policy->ignored[i] == exit_code)
            return true;
    return false;
}

enum restart_decision restart_decide(const struct engine *engine, const struct container *container, const int32_t *exit_code)
{
    const struct restart_policy *policy = container_def(container)->restart;

    if (policy == NULL)
        return RESTART_UNDECIDED;
    if (container->desired == ECSENGINE_CONTAINER_STOPPED)
        return RESTART_STOPPING;
    if (exit_code == NULL)
        return RESTART_NO_EXIT_CODE;
    if (ignores(policy, *exit_code))
        return RESTART_IGNORED_CODE;
    if (elapsed(engine, container) < policy->period_ns)
        return RESTART_TOO_SOON;
    return RESTART_STARTED;
}

const char *restart_text(const struct restart *restart, char text[RESTART_TEXT_MAX])
{
    static const char *const texts[] = {
        [RESTART_UNDECIDED] = "",
        [RESTART_STARTED] = "",
        [RESTART_STOPPING] = "container's desired status is stopped",
        [RESTART_NO_EXIT_CODE] = "exit code is nil",
        [RESTART_TOO_SOON] = "attempt reset period has not elapsed",
        [RESTART_GONE] = "container does not exist any more",
    };

    if (restart->decision == RESTART_IGNORED_CODE)
        snprintf(text, RESTART_TEXT_MAX, "exit code %d should be ignored", (int)restart->exit_code);
    else if (restart->decision == RESTART_GAVE_UP)
        snprintf(text, RESTART_TEXT_MAX, "could not be started again in %d tries", RESTART_TRIES);
    else
        snprintf(text, RESTART_TEXT_MAX, "%s", texts[restart->decision]);
    return text;
}

void restart_json(const struct container *container, struct buf *out)
{
    const struct restart *restart = container->restart;
    char text[RESTART_TEXT_MAX];

    if (container_def(container)->restart == NULL)
        return;
    json_open(out, "restart", '{');
    json_int(out, "count", restart != NULL ? restart->count : 0);
    json_int(out, "lastRestartAt", restart != NULL ? restart->last_at : 0);
    json_text(out, "decision", restart != NULL ? restart_text(restart, text) : "");
    json_close(out, '}');
}

/* ---- the end of a run ---- */

static struct restart *tracker(struct engine *engine, struct container *container)
{
    if (container->restart == NULL)
        container->restart = mem_sure(engine->mem, sizeof(*container->restart));
    return container->restart;
}

static const int32_t *exit_code_of(const struct container *container, const struct ecsengine_result *record)
{
    if (record != NULL && record->has_exit_code)
        return &record->exit_code;
    return container->has_event_exit ? &container->event_exit_code : NULL;
}

/* Whatever is under way about the run that has ended says nothing about the next one. */
static void forget_looks(struct engine *engine, struct container *container)
{
    if (container->inspect_op != NULL)
        op_abandon(engine, container->inspect_op);
    container->inspect_op = NULL;
    container->inspect = INSPECT_NONE;
    container->inspect_again = false;
    container->inspect_attempt = container->inspect_refusals = 0;
    heap_remove(&engine->timers, &container->inspect_timer.node);
}

/* What its STOPPED event will say if the container can't be started again, or shall not be after all. */
static void keep_end(struct engine *engine, struct container *container, const struct ecsengine_result *record,
                     const struct failure *failure)
{
    struct restart *restart = container->restart;

    restart->ended_started_at = record != NULL && record->started_at != 0 ? record->started_at : container->started_at;
    restart->ended_at = record != NULL && record->finished_at != 0 ? record->finished_at : engine->wall_ns;
    str_unref(restart->error_name);
    str_unref(restart->error_text);
    restart->error_name = restart->error_text = NULL;
    if (failure->kind == ECSENGINE_FAILURE_NONE)
        return;
    restart->error_name = str_new_sure(engine->mem, failure->name, strlen(failure->name));
    restart->error_text = str_new_sure(engine->mem, failure->text, strlen(failure->text));
}

static void reset_run(struct engine *engine, struct container *container)
{
    forget_looks(engine, container);
    agents_rest(engine, container);
    if (container->op != NULL)
        op_abandon(engine, container->op); /* the answer of a start that was overtaken by its container's end */
    container->op = NULL;
    container->died = false;
    container->has_event_exit = false;
    container->start_done = false;
    container->applied = ECSENGINE_CONTAINER_RUNNING;
    container->attempt = 0;
    container->health = ECSENGINE_HEALTH_UNKNOWN;
    str_unref(container->health_output);
    container->health_output = NULL;
}

bool restart_ended(struct engine *engine, struct container *container, const struct ecsengine_result *record,
                   const struct failure *failure)
{
    if (container_def(container)->restart == NULL || !container_is_running(container->known))
        return false;
    struct restart *restart = tracker(engine, container);
    const int32_t *exit_code = exit_code_of(container, record);
    restart->decision = (uint8_t)restart_decide(engine, container, exit_code);
    if (restart->decision == RESTART_STARTED && failure->kind == ECSENGINE_FAILURE_NOT_FOUND)
        restart->decision = RESTART_GONE;
    restart->phase = RESTART_IDLE;
    restart->exit_code = exit_code != NULL ? *exit_code : 0;
    if (restart->decision != RESTART_STARTED)
        return false;
    restart->phase = RESTART_WAITING;
    restart->failures = 0;
    restart->count++;
    if (restart->first_started_at == 0)
        restart->first_started_at = container->started_at;
    keep_end(engine, container, record, failure);
    reset_run(engine, container);
    heap_remove(&engine->timers, &container->retry.node);
    if (restart->timed && restart->last_mono_ns + RESTART_PACE > engine->mono_ns)
        heap_insert(&engine->timers, &container->retry.node, restart->last_mono_ns + RESTART_PACE);
    engine_log(engine, ECSENGINE_LOG_INFO, MESSAGE_RESTART, "%s: container %s has ended with exit code %d and is started again",
               str_text(container->task->arn), container_def(container)->name, (int)restart->exit_code);
    engine_dirty(engine, container->task);
    engine_touch(engine, container->task);
    return true;
}

/* ---- the way back ---- */

static void over(struct engine *engine, struct container *container)
{
    container->restart->phase = RESTART_IDLE;
    container->restart->failures = 0;
    container->attempt = 0;
    container_trouble(engine, container, NULL);
    container->applied = ECSENGINE_CONTAINER_NONE;
    container->start_done = false;
    heap_remove(&engine->timers, &container->retry.node);
    engine_dirty(engine, container->task);
    engine_touch(engine, container->task);
}

/* It stays as it ended: with the exit code of its last run, and as its reason what was wrong with that run, and `why` it was not started
 * again (NULL: it shall not be). */
static void stays_stopped(struct engine *engine, struct container *container, const struct failure *why)
{
    struct restart *restart = container->restart;
    struct failure failure = {.kind = ECSENGINE_FAILURE_NONE};

    over(engine, container);
    container->has_event_exit = false;
    container->has_exit_code = true;
    container->exit_code = restart->exit_code;
    container->finished_at = restart->ended_at;
    if (restart->error_name != NULL) {
        failure = (struct failure){.kind = ECSENGINE_FAILURE_OTHER, .name = restart->error_name->data};
        snprintf(failure.buffer, sizeof(failure.buffer), "%s%s%s", str_text(restart->error_text), why != NULL ? "; " : "",
                 why != NULL ? why->text : "");
        failure.text = failure.buffer;
    } else if (why != NULL) {
        failure = (struct failure){.kind = why->kind, .name = why->name, .text = why->text};
    }
    container_end(engine, container, &failure);
}

static void give_up(struct engine *engine, struct container *container, enum restart_decision decision, const struct failure *last)
{
    char words[RESTART_TEXT_MAX];
    struct failure why = {.kind = ECSENGINE_FAILURE_OTHER, .name = last->name};

    container->restart->decision = (uint8_t)decision;
    snprintf(why.buffer, sizeof(why.buffer), "%s: %s", restart_text(container->restart, words), last->text);
    why.text = why.buffer;
    stays_stopped(engine, container, &why);
}

static void start_failed(struct engine *engine, struct container *container, const struct failure *failure)
{
    struct restart *restart = container->restart;

    restart->phase = RESTART_WAITING;
    if (container->desired == ECSENGINE_CONTAINER_STOPPED)
        return; /* nobody wants it to be tried again */
    restart->failures++;
    engine_log(engine, ECSENGINE_LOG_WARNING, MESSAGE_RESTART_FAILED, "%s: container %s could not be started again (%u of %d tries): %s",
               str_text(container->task->arn), container_def(container)->name, (unsigned)restart->failures, RESTART_TRIES,
               failure->text);
    container_trouble(engine, container, failure);
    container->attempt = restart->failures;
    if (restart->failures >= RESTART_TRIES) {
        give_up(engine, container, RESTART_GAVE_UP, failure);
        return;
    }
    uint64_t n = (uint64_t)container->index << 48 | (uint64_t)restart->count << 8 | restart->failures;
    uint64_t draw = engine_draw(engine, container->task, DRAW_RESTART, n);
    heap_remove(&engine->timers, &container->retry.node);
    heap_insert(&engine->timers, &container->retry.node,
                engine->mono_ns + backoff_delay_ns(&restart_backoff, restart->failures - 1u, draw));
}

static enum next start(struct engine *engine, struct container *container)
{
    struct restart *restart = container->restart;

    restart->last_at = engine->wall_ns;
    restart->last_mono_ns = engine->mono_ns;
    restart->timed = true;
    engine_dirty(engine, container->task);
    transition_begin(engine, container, ECSENGINE_CONTAINER_RUNNING, engine->settings.start_timeout_ns);
    transition_op(engine, container, ECSENGINE_OP_START, engine->settings.start_timeout_ns)->after_record = true;
    container->attempt = restart->failures;
    return NEXT_BUSY;
}

void restart_leaves(const struct engine *engine, const struct ecsengine_op *op)
{
    struct container *container = op->kind == ECSENGINE_OP_START && op->task != NULL ? &op->task->containers[op->container_index] : NULL;

    if (container != NULL && container->restart != NULL && container->op == op)
        container->restart->last_mono_ns = engine->mono_ns;
}

/* It shall stop after all. What has ended needs no stop; what may run again is stopped for real, but not before its start has settled. */
static enum next stop_instead(struct engine *engine, struct container *container)
{
    if (container->restart->phase != RESTART_WAITING) {
        over(engine, container);
        return NEXT_CHANGED;
    }
    if (container->op != NULL && container->op->left)
        return NEXT_BUSY;
    if (container->op != NULL)
        op_abandon(engine, container->op); /* nobody has seen it */
    container->op = NULL;
    container->restart->decision = RESTART_STOPPING;
    forget_looks(engine, container);
    stays_stopped(engine, container, NULL);
    return NEXT_CHANGED;
}

enum next restart_next(struct engine *engine, struct container *container)
{
    if (container->desired == ECSENGINE_CONTAINER_STOPPED)
        return stop_instead(engine, container);
    if (container->restart->phase != RESTART_WAITING || container->op != NULL || container->inspect == INSPECT_VERIFY ||
        heap_has(&container->retry.node))
        return NEXT_BUSY;
    return start(engine, container);
}

static void look(struct engine *engine, struct container *container, enum restart_phase phase)
{
    container->restart->phase = (uint8_t)phase;
    forget_looks(engine, container); /* older than the answer */
    inspect_want(engine, container, INSPECT_EVENT);
}

static void gone(struct engine *engine, struct container *container)
{
    char text[sizeof("Container not found: ") + LIMIT_RUNTIME_NAME];
    struct failure failure = {.kind = ECSENGINE_FAILURE_NOT_FOUND, .name = error_name_of(ECSENGINE_OP_START), .text = text};

    snprintf(text, sizeof(text), "Container not found: %s",
             container->runtime_id != NULL ? container->runtime_id->data : str_text(container->runtime_name));
    give_up(engine, container, RESTART_GONE, &failure);
}

void restart_answer(struct engine *engine, struct container *container, const struct ecsengine_result *result,
                    const struct failure *failure)
{
    if (failure->kind == ECSENGINE_FAILURE_NONE && result->has_record) {
        container->restart->phase = RESTART_ANSWERED;
        restart_inspected(engine, container, result, failure);
    } else if (failure->kind == ECSENGINE_FAILURE_NONE) {
        look(engine, container, RESTART_ANSWERED);
    } else if (failure->kind == ECSENGINE_FAILURE_NOT_FOUND) {
        gone(engine, container);
    } else if (container_may_run(failure)) {
        transition_keep(engine, container, failure);
        look(engine, container, RESTART_DOUBTFUL);
    } else {
        start_failed(engine, container, failure);
    }
}

bool restart_inspected(struct engine *engine, struct container *container, const struct ecsengine_result *record,
                       const struct failure *failure)
{
    struct restart *restart = container->restart;

    if (record == NULL && failure->kind != ECSENGINE_FAILURE_NOT_FOUND)
        return false; /* it proves nothing */
    if (record == NULL) {
        gone(engine, container);
        return true;
    }
    if (record->running) {
        container_change(engine, container, ECSENGINE_CONTAINER_RUNNING, record, NULL);
        return true;
    }
    bool another_run = record->started_at != 0 && record->started_at != restart->ended_started_at;
    if (restart->phase == RESTART_ANSWERED || another_run) {
        if (record->started_at != 0)
            container->started_at = record->started_at;
        over(engine, container);
        inspect_ended(engine, container, record);
    } else if (restart->phase == RESTART_DOUBTFUL) {
        struct failure kept = transition_kept(container);
        start_failed(engine, container, &kept);
    }
    return true;
}

void restart_runs(struct engine *engine, struct container *container, const struct ecsengine_result *record)
{
    over(engine, container);
    container->started_at = record->started_at != 0 ? record->started_at : engine->wall_ns;
    container->finished_at = 0;
    container->died = false;
    container->has_event_exit = false;
    ports_unref(container->ports);
    container->ports = NULL; /* the runtime may have chosen others */
    agents_begin(engine, container);
}

bool restart_doubts(const struct container *container, const struct ecsengine_result *record)
{
    const struct restart *restart = container->restart;

    if (restart == NULL || restart->count == 0)
        return false;
    if (restart->phase != RESTART_IDLE)
        return !record->running || record->started_at == 0 || record->started_at == restart->ended_started_at;
    return record->started_at != container->started_at;
}

bool restart_waits(const struct container *container)
{
    return restart_pending(container) && container->restart->phase == RESTART_WAITING && container->op == NULL;
}
