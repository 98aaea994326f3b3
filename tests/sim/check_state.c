/* SPDX-License-Identifier: Apache-2.0 */
/* What must be true of the engine between turns: of its descriptions, of the simulated world beside them, and of its deadlines. */
#include <stdio.h>
#include <string.h>

#include "checker.h"

/* ---- The world ---- */

static void remember_code(struct known_container *container, int32_t code)
{
    for (size_t i = 0; i < container->code_count; i++) {
        if (container->codes[i] == code)
            return;
    }
    if (container->code_count < CODES_MAX)
        container->codes[container->code_count++] = code;
}

static void look_at(struct invariants *invariants, struct known_container *container, const struct world_container *seen)
{
    invariants_check(invariants, ONE_CONTAINER, container->look != invariants->look, "there are two runtime containers of %s/%s",
                     seen->task, seen->name);
    invariants_check(invariants, ONE_AGENT, seen->execs <= 1, "%d agents run in %s/%s", seen->execs, seen->task, seen->name);
    container->look = invariants->look;
    container->is_running = seen->running;
    container->has_ended = seen->ended;
    container->ran |= seen->running || seen->ended;
    container->was_oom_killed |= seen->oom_killed;
    container->was_healthy |= seen->health != ECSENGINE_HEALTH_UNKNOWN; /* it may have been for a moment that nobody looked */
    container->is_healthy = seen->health == ECSENGINE_HEALTH_HEALTHY;
    if (seen->ended) {
        container->last_code = seen->exit_code;
        remember_code(container, seen->exit_code);
    }
    if (strcmp(container->id, seen->id) != 0)
        snprintf(container->id, sizeof(container->id), "%s", seen->id);
}

void invariants_saw_world(struct invariants *invariants)
{
    const struct world *world = invariants->witness.world(invariants->witness.data);

    if (world == NULL)
        return; /* as it was */
    invariants->look++;
    for (size_t i = 0; i < world->count; i++) {
        const struct world_container *seen = &world->list[i];
        struct known_container *container =
            *seen->task != '\0' ? checker_container(checker_task(invariants, seen->task), seen->name) : NULL;
        if (container != NULL)
            look_at(invariants, container, seen);
    }
    for (struct known_task *task = invariants->tasks; task != NULL; task = task->next) {
        for (size_t i = 0; i < task->container_count; i++) {
            if (task->containers[i].look != invariants->look)
                task->containers[i].is_running = false; /* it is gone */
        }
    }
}

/* ---- Descriptions ---- */

static bool is_met_by_description(const struct need *need, const struct description *description)
{
    const struct described_container *container = description_find(description, need->name);

    if (strcmp(need->condition, "TASK-STOPS") == 0)
        return description->desired == ECSENGINE_TASK_STOPPED;
    if (strcmp(need->condition, "TASK-STOPPED") == 0)
        return description->known == ECSENGINE_TASK_STOPPED;
    return container != NULL && container->known == ECSENGINE_CONTAINER_STOPPED &&
           (strcmp(need->condition, "COMPLETE") != 0 || container->has_exit_code);
}

static void check_doubtful(struct invariants *invariants, struct known_task *task, const struct description *description)
{
    for (size_t i = 0; i < task->doubtful_count; i++) {
        const struct need *need = &task->doubtful[i];
        invariants_check(invariants, task->doubted[i], is_met_by_description(need, description),
                         "a container of %s was created, started, asked to stop or removed, or is STOPPED, but %s is not %s",
                         task->name, need->name, need->condition);
    }
    task->doubtful_count = 0;
}

static const char *status_name(int32_t status) { return ecsengine_container_status_name((enum ecsengine_container_status)status); }

static void check_container(struct invariants *invariants, const struct known_task *task, struct known_container *container,
                            const struct described_container *now)
{
    invariants_check(invariants, STATUS_RISES, now->known >= container->described, "%s/%s goes back from %s to %s", task->name,
                     container->name, status_name(container->described), status_name(now->known));
    invariants_check(invariants, DESIRED_RISES, now->desired >= container->described_desired, "%s/%s was to be %s and is to be %s",
                     task->name, container->name, status_name(container->described_desired), status_name(now->desired));
    invariants_check(invariants, APPLIED_AHEAD,
                     now->applied <= ECSENGINE_CONTAINER_NONE || now->applied > now->known ||
                         (container->restarts && now->applied == now->known),
                     "%s/%s is %s and on its way to %s", task->name, container->name, status_name(now->known),
                     status_name(now->applied));
    container->described = now->known;
    container->described_desired = now->desired;
}

/* A task that could not progress is given up with this reason, whatever its containers do (task-engine 3.4). */
static bool gave_up(const struct description *description) { return strstr(description->reason, "TaskStateError") != NULL; }

static void check_task(struct invariants *invariants, struct known_task *task, const struct description *now)
{
    int32_t least = ECSENGINE_CONTAINER_STOPPED;

    for (size_t i = 0; i < now->container_count; i++)
        least = now->containers[i].known < least ? now->containers[i].known : least;
    invariants_check(invariants, STATUS_RISES, now->known >= task->described, "%s goes back from %s to %s", task->name,
                     ecsengine_task_status_name((enum ecsengine_task_status)task->described),
                     ecsengine_task_status_name((enum ecsengine_task_status)now->known));
    invariants_check(invariants, DESIRED_RISES, now->desired >= task->described_desired, "%s was to be %s and is to be %s",
                     task->name, ecsengine_task_status_name((enum ecsengine_task_status)task->described_desired),
                     ecsengine_task_status_name((enum ecsengine_task_status)now->desired));
    if (now->known == ECSENGINE_TASK_RUNNING || now->known == ECSENGINE_TASK_STOPPED) {
        int32_t must = now->known == ECSENGINE_TASK_RUNNING ? ECSENGINE_CONTAINER_RUNNING : ECSENGINE_CONTAINER_STOPPED;
        invariants_check(invariants, TASK_FOLLOWS, least >= must || gave_up(now), "%s is %s, but a container of it is %s",
                         task->name, ecsengine_task_status_name((enum ecsengine_task_status)now->known), status_name(least));
    }
    task->described = now->known;
    task->described_desired = now->desired;
}

void invariants_saw_description(struct invariants *invariants, const char *name, const char *json)
{
    struct known_task *task = checker_task(invariants, name);
    struct description *now = &invariants->description;
    bool read = description_read(json, now);

    invariants_check(invariants, CALLS_WORK, read, "the description of %s makes no sense: %.200s", name, json);
    if (!read || task == NULL || now->container_count == 0)
        return; /* one that was refused has no containers */
    invariants_check(invariants, CALLS_WORK, now->truncated || now->container_count >= task->container_count,
                     "the description of %s has too few containers: %.200s", name, json);
    for (size_t i = 0; i < now->container_count; i++) {
        struct known_container *container = checker_container(task, now->containers[i].name);
        if (container != NULL)
            check_container(invariants, task, container, &now->containers[i]);
    }
    check_task(invariants, task, now);
    if (task->doubtful_count > 0)
        check_doubtful(invariants, task, now);
}

/* NULL: they are alike. */
static const char *difference(const struct described_container *one, const struct described_container *other)
{
    return other == NULL                                                                      ? "name"
           : one->known != other->known                                                       ? "known status"
           : one->desired != other->desired                                                   ? "desired status"
           : one->has_exit_code != other->has_exit_code || one->exit_code != other->exit_code ? "exit code"
           : strcmp(one->reason, other->reason) != 0                                          ? "reason"
           : strcmp(one->runtime_name, other->runtime_name) != 0                              ? "runtime name"
                                                                                              : NULL;
}

void invariants_saw_copy(struct invariants *invariants, const char *name, const char *json, const char *copy)
{
    struct description there;
    struct description *now = &invariants->description;

    if (!description_read(json, now) || !description_read(copy, &there)) {
        invariants_check(invariants, RECORDS_DECODE, false, "%s is not described: %.200s", name, copy);
        return;
    }
    invariants_check(invariants, RECORDS_DECODE, there.known == now->known && there.desired == now->desired,
                     "%s is restored otherwise: %.200s", name, copy);
    for (size_t i = 0; i < now->container_count; i++) {
        const struct described_container *own = &now->containers[i], *other = description_find(&there, own->name);
        const char *what = difference(own, other);
        invariants_check(invariants, RECORDS_DECODE, what == NULL, "%s/%s is restored with another %s: (%s->%s) `%s` %s", name,
                         own->name, what, other != NULL ? status_name(other->known) : "",
                         other != NULL ? status_name(other->desired) : "", other != NULL ? other->reason : "",
                         other != NULL ? other->runtime_name : "");
    }
}

/* ---- Goals ---- */

static void check_belief(struct invariants *invariants, const struct known_task *task, const struct known_container *container,
                         const struct described_container *now)
{
    bool running = now->known == ECSENGINE_CONTAINER_RUNNING || now->known == ECSENGINE_CONTAINER_RESOURCES_PROVISIONED;

    if (running)
        invariants_check(invariants, BELIEVES_THE_TRUTH, container->is_running || container->restarts,
                         "%s/%s is taken for RUNNING, but does not run", task->name, container->name);
    else if (now->known == ECSENGINE_CONTAINER_STOPPED && !container->tampered)
        invariants_check(invariants, BELIEVES_THE_TRUTH, !container->is_running || *now->reason != '\0',
                         "%s/%s is taken for STOPPED without a reason, but runs", task->name, container->name);
}

/* Something that it needs is not there. What is started again and again by its policy has not ended, and is healthy anew each time. */
static bool waits(const struct known_task *task, const struct known_container *container, const struct description *now)
{
    for (size_t i = 0; i < container->need_count; i++) {
        const struct need *need = &container->needs[i];
        const struct known_container *on = checker_container(task, need->name);
        const struct described_container *described = description_find(now, need->name);
        bool again = on != NULL && on->restarts && described != NULL && described->known != ECSENGINE_CONTAINER_STOPPED;
        bool ends = strcmp(need->condition, "COMPLETE") == 0 || strcmp(need->condition, "SUCCESS") == 0;
        if (ends && on != NULL && on->is_running)
            return true; /* somebody has started it again */
        bool ill = on != NULL && strcmp(need->condition, "HEALTHY") == 0 && !on->is_healthy;
        if (!checker_is_met(task, need) || ill ||
            (again && strcmp(need->condition, "START") != 0 && strcmp(need->condition, "CREATE") != 0))
            return true;
    }
    return false;
}

void invariants_saw_goal(struct invariants *invariants, const char *name, const char *json, bool queued)
{
    struct known_task *task = checker_task(invariants, name);
    struct description *now = &invariants->description;

    bool read = description_read(json, now);
    invariants_check(invariants, CALLS_WORK, read, "the description of %s makes no sense: %.200s", name, json);
    if (task == NULL || !read)
        return;
    invariants_saw_world(invariants);
    bool ends = now->desired == ECSENGINE_TASK_STOPPED;
    invariants_check(invariants, REACHES_ITS_GOAL, !ends || now->known == ECSENGINE_TASK_STOPPED || gave_up(now),
                     "%s shall stop and does not: %.400s", name, json);
    for (size_t i = 0; i < now->container_count; i++) {
        const struct described_container *own = &now->containers[i];
        const struct known_container *container = checker_container(task, own->name);
        if (container == NULL)
            continue;
        check_belief(invariants, task, container, own);
        bool there = own->known >= ECSENGINE_CONTAINER_RUNNING;
        if (!ends)
            invariants_check(invariants, REACHES_ITS_GOAL, there || queued || waits(task, container, now),
                             "%s/%s stays %s, though all that it needs is there", name, own->name, status_name(own->known));
    }
}

/* ---- Time ---- */

void invariants_saw_rest(struct invariants *invariants, int64_t now_ns, int64_t deadline_ns)
{
    invariants_check(invariants, DEADLINE_AHEAD, deadline_ns > now_ns, "something was due at %.9f", (double)deadline_ns / 1e9);
}

enum { IDLE_WAKES_MAX = 8 };

/* A timer may have been set for what is no more, or for what has come about by itself: one an operation, not again and again. */
void invariants_saw_wake(struct invariants *invariants, bool anything)
{
    invariants->idle_wakes += !anything;
    invariants_check(invariants, WAKES_FOR_SOMETHING, invariants->idle_wakes <= IDLE_WAKES_MAX + invariants->op_id_count,
                     "it was woken %zu times for nothing, with %zu operations", invariants->idle_wakes, invariants->op_id_count);
}
