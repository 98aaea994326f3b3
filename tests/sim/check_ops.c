/* SPDX-License-Identifier: Apache-2.0 */
/* What must be true when an operation is submitted. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "checker.h"

/* True: new. */
static bool add_id(struct invariants *invariants, uint64_t id)
{
    if (invariants->op_id_count * 2 >= invariants->op_id_size) {
        size_t old_size = invariants->op_id_size;
        uint64_t *old = invariants->op_ids;
        invariants->op_id_size = old_size > 0 ? 2 * old_size : 256;
        invariants->op_id_count = 0;
        invariants->op_ids = calloc(invariants->op_id_size, sizeof(*old));
        if (invariants->op_ids == NULL)
            abort();
        for (size_t i = 0; i < old_size; i++) {
            if (old[i] != 0)
                add_id(invariants, old[i]);
        }
        free(old);
    }
    size_t at = (id * UINT64_C(0x9e3779b97f4a7c15)) & (invariants->op_id_size - 1);
    for (; invariants->op_ids[at] != 0; at = (at + 1) & (invariants->op_id_size - 1)) {
        if (invariants->op_ids[at] == id)
            return false;
    }
    invariants->op_ids[at] = id;
    invariants->op_id_count++;
    return true;
}

bool checker_is_met(const struct known_task *task, const struct need *need)
{
    const struct known_container *dependency = checker_container(task, need->name);

    if (dependency == NULL)
        return false;
    if (strcmp(need->condition, "CREATE") == 0)
        return dependency->id[0] != '\0';
    if (strcmp(need->condition, "START") == 0)
        return dependency->ran;
    if (strcmp(need->condition, "HEALTHY") == 0)
        return dependency->was_healthy;
    if (strcmp(need->condition, "COMPLETE") == 0)
        return dependency->code_count > 0;
    for (size_t i = 0; i < dependency->code_count; i++) {
        if (dependency->codes[i] == 0)
            return strcmp(need->condition, "SUCCESS") == 0;
    }
    return false;
}

/* START is met by a container that is STOPPED, COMPLETE by one that has an exit code, and both also by one that never ran: it could not
 * start (task-engine 4.5, 4.8). Only the engine knows of that, and says so in its description. */
static void in_order(struct invariants *invariants, struct known_task *task, const struct known_container *container,
                     enum invariant which)
{
    invariants_saw_world(invariants);
    for (size_t i = 0; i < container->need_count; i++) {
        const struct need *need = &container->needs[i];
        const struct known_container *dependency = checker_container(task, need->name);
        bool met = checker_is_met(task, need) || (dependency != NULL && dependency->tampered);
        if (!met && (strcmp(need->condition, "COMPLETE") == 0 || strcmp(need->condition, "START") == 0))
            checker_doubt(invariants, task, which, need->name, need->condition);
        else
            invariants_check(invariants, which, met || invariants->tampered, "%s/%s is %s, but %s is not %s", task->name,
                             container->name, which == CREATE_ORDER ? "created" : "started", need->name, need->condition);
    }
}

static const struct known_container *named_in_runtime(const struct invariants *invariants, const char *runtime_name)
{
    const struct known_container *container = invariants->named[checker_hash(runtime_name)];

    while (container != NULL && strcmp(container->runtime_name, runtime_name) != 0)
        container = container->next_named;
    return container;
}

static void name_it(struct invariants *invariants, struct known_container *container, const char *runtime_name)
{
    struct known_container **bucket = &invariants->named[checker_hash(runtime_name)];

    if (container->runtime_name[0] != '\0')
        return;
    snprintf(container->runtime_name, sizeof(container->runtime_name), "%s", runtime_name);
    container->next_named = *bucket;
    *bucket = container;
}

/* Only a restart policy lets a container run again. */
static void not_again(struct invariants *invariants, const struct known_task *task, const struct known_container *container, bool ran)
{
    bool may = container->restarts || container->tampered || invariants->tampered;

    invariants_check(invariants, RAN_ONCE, may || !ran, "%s/%s has run, and would run again", task->name, container->name);
}

static void on_start(struct invariants *invariants, struct known_task *task, const struct known_container *container)
{
    in_order(invariants, task, container, START_ORDER);
    not_again(invariants, task, container, container->has_ended);
}

static void on_create(struct invariants *invariants, struct known_task *task, struct known_container *container,
                      const struct op_view *op)
{
    in_order(invariants, task, container, CREATE_ORDER);
    not_again(invariants, task, container, container->ran);
    if (op->durable >= 0)
        invariants_check(invariants, NAME_DURABLE, op->durable != 0, "%s/%s is created as %s, which the store does not know",
                         task->name, container->name, op->runtime_name);
    const struct known_container *other = named_in_runtime(invariants, op->runtime_name);
    bool same = container->runtime_name[0] == '\0' ? other == NULL : other == container;
    invariants_check(invariants, NAME_STABLE, op->runtime_name[0] != '\0' && same,
                     "%s/%s is created as `%s`; it was `%s`, and that is %s", task->name, container->name, op->runtime_name,
                     container->runtime_name, other != NULL ? other->name : "nobody");
    name_it(invariants, container, op->runtime_name);
}

/* Asking what has ended already to stop does no harm. What was never told to be RUNNING is stopped by force, because nobody knows whether
 * its start worked: that waits for nobody (task-engine 8.4). */
static void on_stop(struct invariants *invariants, struct known_task *task, const struct known_container *container,
                    const struct op_view *op)
{
    int64_t grace_ns = container->stop_timeout_ns > 0 ? container->stop_timeout_ns : invariants->default_grace_ns;

    invariants_check(invariants, GRACE, op->grace_ns == grace_ns || (task->killed && op->grace_ns == 0),
                     "%s/%s gets %.3f s to stop, not %.3f", task->name, container->name, (double)op->grace_ns / 1e9,
                     (double)grace_ns / 1e9);
    invariants_saw_world(invariants);
    if (invariants->tampered || container->tampered || !container->is_running || container->told != ECSENGINE_CONTAINER_RUNNING)
        return;
    for (size_t i = 0; i < task->container_count; i++) {
        const struct known_container *other = &task->containers[i];
        for (size_t k = 0; k < other->need_count; k++) {
            bool depends = strcmp(other->needs[k].name, container->name) == 0;
            if (depends && other->is_running)
                checker_doubt(invariants, task, STOP_ORDER, other->name, "STOPPED");
            else if (depends)
                invariants_check(invariants, STOP_ORDER, true, " ");
        }
    }
}

/* The event may wait for a slow store; the description does not. */
static void on_remove(struct invariants *invariants, struct known_task *task)
{
    if (task->removed || task->stopped || task->described == ECSENGINE_TASK_STOPPED)
        invariants_check(invariants, REMOVE_LAST, true, " ");
    else
        checker_doubt(invariants, task, REMOVE_LAST, task->name, "TASK-STOPPED");
}

static void one_at_a_time(struct invariants *invariants, const struct known_task *task, struct known_container *container,
                          const struct op_view *op)
{
    const struct witness *witness = &invariants->witness;
    bool over = container->op_id == 0 || container->op_cancelled || op->now_ns >= container->op_deadline_ns ||
                !witness->is_open(witness->data, container->op_id);

    invariants_check(invariants, ONE_OP_AT_A_TIME, over, "%s/%s has operation %llu (%s), but %llu is in flight", task->name,
                     container->name, (unsigned long long)op->id, ecsengine_op_kind_name(op->kind),
                     (unsigned long long)container->op_id);
    container->op_id = op->id;
    container->op_deadline_ns = op->deadline_ns;
    container->op_cancelled = false;
}

static void cancelled(struct invariants *invariants, uint64_t id)
{
    for (struct known_task *task = invariants->tasks; task != NULL; task = task->next) {
        for (size_t i = 0; i < task->container_count; i++)
            task->containers[i].op_cancelled |= task->containers[i].op_id == id;
    }
}

void invariants_saw_doubles(struct invariants *invariants, uint64_t count)
{
    invariants_check(invariants, ANSWERED_ONCE, count == 0, "%llu second answers were taken", (unsigned long long)count);
}

static bool removes(enum ecsengine_op_kind kind)
{
    return kind == ECSENGINE_OP_REMOVE || kind == ECSENGINE_OP_VOLUME_REMOVE || kind == ECSENGINE_OP_RESOURCE_REMOVE;
}

void invariants_saw_op(struct invariants *invariants, const struct op_view *op)
{
    struct known_task *task = checker_task(invariants, op->task);
    struct known_container *container = checker_container(task, op->container);

    if (op->kind == ECSENGINE_OP_CANCEL) {
        cancelled(invariants, op->cancel_id);
        return;
    }
    invariants_check(invariants, OP_IDS_NEW, add_id(invariants, op->id), "the id of operation %llu was used before",
                     (unsigned long long)op->id);
    if (task != NULL)
        invariants_check(invariants, QUIET_WHEN_REMOVED, !task->removed || removes(op->kind),
                         "%s is removed, but has operation %llu (%s)", task->name, (unsigned long long)op->id,
                         ecsengine_op_kind_name(op->kind));
    bool looks_only = op->kind == ECSENGINE_OP_INSPECT && container != NULL && container->runtime_name[0] == '\0';
    if (task != NULL && !task->removed && !removes(op->kind) && !looks_only)
        checker_begins(invariants, task);
    if (container == NULL)
        return;
    if (op->kind == ECSENGINE_OP_CREATE && op->config != NULL)
        checker_got(container, op->config);
    bool aside = op->kind == ECSENGINE_OP_INSPECT || (op->kind >= ECSENGINE_OP_EXEC_CREATE && op->kind != ECSENGINE_OP_AGENT_PREPARE);
    if (!aside && !task->removed)
        one_at_a_time(invariants, task, container, op);
    if (op->kind == ECSENGINE_OP_CREATE)
        on_create(invariants, task, container, op);
    else if (op->kind == ECSENGINE_OP_START)
        on_start(invariants, task, container);
    else if (op->kind == ECSENGINE_OP_STOP)
        on_stop(invariants, task, container, op);
    else if (op->kind == ECSENGINE_OP_REMOVE)
        on_remove(invariants, task);
}
