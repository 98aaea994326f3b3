/* SPDX-License-Identifier: Apache-2.0 */
/* Events are hints, inspection is the truth. An event makes the engine look; so lost, doubled, late and swapped events cost an inspection
 * or a delay, never a wrong status. An inspection that was asked for before a newer event is followed by another one.
 *
 * An inspection that fails proves nothing, unless it says that there is no such container: it is tried again. One without an answer is no try:
 * whoever waits for it goes on waiting, for the death of a daemon is no fault of its containers.
 *
 * After a restart, or a gap in the event stream, every container is to be looked at. With many at once a runtime would take longer for the
 * last ones than an inspection may take; so those of which nobody has heard anything come in turn, in the order of admission, and no more
 * than `inspect-parallel` are in flight for that. What an event hints at, and what is to be stopped, goes before them. */
#include "engine/inspect.h"

#include <string.h>

#include "engine/doubt.h"
#include "engine/lifecycle.h"
#include "engine/restart.h"
#include "engine/task.h"

#define INSPECT_LIMIT (30 * NS_PER_S)

enum { INSPECT_TRIES = 5 };

static const struct backoff inspect_backoff = {NS_PER_S, 5 * NS_PER_S, 200, 1300};

static bool has_time(const struct container *container)
{
    return container->inspect == INSPECT_VERIFY && container->desired != ECSENGINE_CONTAINER_STOPPED;
}

void inspect_wanted(struct engine *engine, struct container *container)
{
    if (container->inspect == INSPECT_NONE || container->inspect_op != NULL || heap_has(&container->inspect_timer.node))
        return;
    if (has_time(container) && engine->looking >= (uint64_t)engine->settings.inspect_parallel) {
        if (!list_linked(&container->look_link))
            list_append(&engine->looks, &container->look_link);
        return;
    }
    list_remove(&container->look_link);
    container->inspect_op = op_emit(engine, ECSENGINE_OP_INSPECT, container, INSPECT_LIMIT);
}

void inspect_go_on(struct engine *engine)
{
    uint64_t limit = (uint64_t)engine->settings.inspect_parallel, free = engine->looking < limit ? limit - engine->looking : 0;

    for (struct list *node; free > 0 && (node = list_shift(&engine->looks)) != NULL; free--)
        engine_touch(engine, container_of(node, struct container, look_link)->task);
}

void inspect_want(struct engine *engine, struct container *container, enum inspect_why why)
{
    if (container->known == ECSENGINE_CONTAINER_STOPPED)
        return;
    if (container->inspect_op != NULL)
        container->inspect_again = true; /* what is on its way may be older than what made us ask */
    if (container->inspect == INSPECT_NONE)
        container->inspect = (uint8_t)why;
    heap_remove(&engine->timers, &container->inspect_timer.node);
    engine_touch(engine, container->task);
}

/* What a record says, in our words (runtime-and-agents 1.6). One that has ended has run, whether the time of its start is known or not: a
 * Docker Engine that died while it started a container, and heard only in its next life that it runs, has none. */
static container_status observed(const struct ecsengine_result *record)
{
    if (record->running)
        return ECSENGINE_CONTAINER_RUNNING;
    if (!record->dead && record->started_at == 0 && record->finished_at == 0 && record->state_error == NULL)
        return ECSENGINE_CONTAINER_CREATED;
    return ECSENGINE_CONTAINER_STOPPED;
}

/* Seen as created, though it ran: an answer from before its start, as long as it may be one. What was asked for because something was heard of
 * its end, or after a gap, is newer; then the runtime has lost what it knew. */
static bool has_lost_its_run(const struct container *container)
{
    return container_is_running(container->known) && (container->died || container->inspect == INSPECT_VERIFY);
}

static void failure_of_record(struct failure *failure, const struct ecsengine_result *record)
{
    *failure = (struct failure){.kind = ECSENGINE_FAILURE_NONE};
    if (record->bad_protocol) {
        failure->name = "UnrecognizedTransportProtocol";
        failure->text = "a port of the container has a transport protocol other than tcp and udp";
    } else if (record->oom_killed) {
        failure->name = "OutOfMemoryError";
        failure->text = "Container killed due to memory usage";
    } else if (str_len(record->state_error) > 0) {
        failure->name = "DockerStateError";
        failure->text = record->state_error->data;
    } else {
        return;
    }
    failure->kind = ECSENGINE_FAILURE_OTHER;
}

/* A container that was stopped runs again: somebody else started it. It is stopped once more, then left alone (5.3.2). */
static void came_back(struct engine *engine, struct container *container)
{
    if (container->restopped || container->op != NULL || container->task->phase != TASK_ACTIVE)
        return;
    container->restopped = true;
    engine_dirty(engine, container->task);
    engine_log(engine, ECSENGINE_LOG_WARNING, MESSAGE_CAME_BACK, "%s: container %s runs although it was stopped; stopping it again",
               str_text(container->task->arn), container_def(container)->name);
    lifecycle_force_stop(engine, container);
}

void inspect_ended(struct engine *engine, struct container *container, const struct ecsengine_result *record)
{
    struct failure failure;

    failure_of_record(&failure, record);
    container_change(engine, container, ECSENGINE_CONTAINER_STOPPED, record, &failure);
}

void inspect_believe(struct engine *engine, struct container *container, const struct ecsengine_result *record)
{
    container_status status = observed(record);

    if (status == ECSENGINE_CONTAINER_RUNNING) {
        container->died = false;
        container->has_event_exit = false;
        if (container->known == ECSENGINE_CONTAINER_STOPPED)
            came_back(engine, container);
        else
            container_change(engine, container, ECSENGINE_CONTAINER_RUNNING, record, NULL);
        return;
    }
    if (status == ECSENGINE_CONTAINER_CREATED && !has_lost_its_run(container)) {
        container_change(engine, container, ECSENGINE_CONTAINER_CREATED, record, NULL);
        return;
    }
    if (record->started_at == 0 && container->op != NULL && container->op->kind == ECSENGINE_OP_START)
        return; /* it never ran; the start's own answer says why */
    if (record->started_at != 0 && container->known < ECSENGINE_CONTAINER_RUNNING)
        container_change(engine, container, ECSENGINE_CONTAINER_RUNNING, record, NULL); /* it ran, if only for a moment */
    inspect_ended(engine, container, record);
}

/* There is no such container. */
static void vanished(struct engine *engine, struct container *container, const struct failure *failure)
{
    struct failure gone = *failure;

    if (container->runtime_id == NULL)
        return; /* nothing of that name was made yet */
    if (container->inspect == INSPECT_VERIFY) {
        gone.name = "ContainerVanishedError";
        gone.text = "No container matching saved ID found";
    }
    container_change(engine, container, ECSENGINE_CONTAINER_STOPPED, NULL, &gone);
}

void inspect_later(struct engine *engine, struct container *container, const struct failure *failure)
{
    uint64_t draw = engine_draw(engine, container->task, DRAW_RETRY, (uint64_t)container->index << 32 | container->inspect_attempt);

    container_trouble(engine, container, failure);
    heap_remove(&engine->timers, &container->inspect_timer.node);
    heap_insert(&engine->timers, &container->inspect_timer.node,
                engine->mono_ns + backoff_delay_ns(&inspect_backoff, container->inspect_attempt, draw));
    if (container->inspect_attempt < UINT8_MAX)
        container->inspect_attempt++;
}

/* Nobody saw it end, and when it did its startTimeout was over: most likely that is why it was stopped, by an engine that could not save
 * it any more. */
static bool ended_overdue(const struct engine *engine, const struct container *container, const struct ecsengine_result *record)
{
    const struct heap_node *due = &container->start_timer.node;
    bool over = container->start_overdue || (heap_has(due) && due->key <= engine->mono_ns + 1);

    return container->inspect == INSPECT_VERIFY && over && !record->running &&
           record->finished_at - container_first_started_at(container) > container_def(container)->start_timeout_ns;
}

/* Those who wait for it hear first that its time is up, as they did before, and only then that it has ended. */
static void its_time_was_up(struct engine *engine, struct container *container)
{
    heap_remove(&engine->timers, &container->start_timer.node);
    container->start_overdue = true;
    container->inspect = INSPECT_EVENT; /* once more; then it is believed */
    container->inspect_again = true;
}

void inspect_answer(struct engine *engine, struct container *container, const struct ecsengine_result *result,
                    const struct failure *failure)
{
    bool failed = failure->kind != ECSENGINE_FAILURE_NONE || !result->has_record, unanswered = doubt_no_answer(result, failure);

    container->inspect_op = NULL;
    engine_touch(engine, container->task);
    /* a create, a start or a stop may have waited for it */
    bool dealt_with = !unanswered && lifecycle_inspected(engine, container, failed ? NULL : result, failure);
    if (!dealt_with && !failed && ended_overdue(engine, container, result))
        its_time_was_up(engine, container);
    else if (!dealt_with && !failed)
        inspect_believe(engine, container, result);
    else if (!dealt_with && failure->kind == ECSENGINE_FAILURE_NOT_FOUND)
        vanished(engine, container, failure);
    else if (!dealt_with && container->known != ECSENGINE_CONTAINER_STOPPED) {
        if (!unanswered && container->inspect_refusals < INSPECT_TRIES)
            container->inspect_refusals++;
        if (container->died && container->inspect_refusals >= INSPECT_TRIES)
            vanished(engine, container, failure); /* it has ended; what else there is to know can't be had */
        else
            inspect_later(engine, container, failure);
        return;
    }
    container->inspect_attempt = container->inspect_refusals = 0;
    if (!container->inspect_again)
        container->inspect = INSPECT_NONE;
    container->inspect_again = false;
}

/* A stopped container is said to have started. Old news, most likely; if not, somebody else has started it. */
static void look_again(struct engine *engine, struct container *container, const struct ecsengine_result *details)
{
    if (container->restopped || container->task->phase != TASK_ACTIVE)
        return;
    if (details != NULL && details->has_record)
        inspect_believe(engine, container, details);
    else if (container->inspect_op == NULL)
        container->inspect_op = op_emit(engine, ECSENGINE_OP_INSPECT, container, INSPECT_LIMIT);
}

/* The event brought a whole record, or the exit code. */
static void take_details(struct engine *engine, struct container *container, const struct ecsengine_result *details)
{
    if (details->has_exit_code) {
        container->has_event_exit = true;
        container->event_exit_code = details->exit_code;
    }
    bool starting = container->op != NULL && container->op->kind == ECSENGINE_OP_START;
    if (details->has_record && !restart_doubts(container, details) && (!starting || details->running || details->started_at != 0))
        inspect_believe(engine, container, details);
    else
        inspect_want(engine, container, INSPECT_EVENT);
}

/* What follows from the others the next event says better. */
bool inspect_event_counts(enum ecsengine_runtime_event_kind kind)
{
    return kind != ECSENGINE_RUNTIME_EVENT_CREATE && kind != ECSENGINE_RUNTIME_EVENT_OOM;
}

void inspect_event(struct engine *engine, struct container *container, const struct runtime_notice *notice)
{
    switch (notice->kind) {
    case ECSENGINE_RUNTIME_EVENT_HEALTHY:
    case ECSENGINE_RUNTIME_EVENT_UNHEALTHY:
        container_set_health(engine, container,
                             notice->kind == ECSENGINE_RUNTIME_EVENT_HEALTHY ? ECSENGINE_HEALTH_HEALTHY
                                                                              : ECSENGINE_HEALTH_UNHEALTHY,
                             notice->details != NULL ? notice->details->health_output : NULL);
        return;
    case ECSENGINE_RUNTIME_EVENT_START:
        if (container_is_running(container->known) && !restart_pending(container))
            return;
        if (container->known == ECSENGINE_CONTAINER_STOPPED) {
            look_again(engine, container, notice->details);
            return;
        }
        break;
    case ECSENGINE_RUNTIME_EVENT_DIE:
    case ECSENGINE_RUNTIME_EVENT_STOP:
    case ECSENGINE_RUNTIME_EVENT_DESTROY:
        if (container->known == ECSENGINE_CONTAINER_STOPPED)
            return;
        if (!restart_waits(container)) /* else that is old news */
            container->died = true;
        break;
    default:
        break;
    }
    if (notice->details != NULL)
        take_details(engine, container, notice->details);
    else
        inspect_want(engine, container, INSPECT_EVENT);
}
