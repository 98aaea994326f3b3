/* SPDX-License-Identifier: Apache-2.0 */
/* The invariants. The simulated world is the witness: what runs there runs, whatever the engine believes. */
#include "invariants.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_SIZE = 128, NEEDS_MAX = 16, CONTAINERS_MAX = 64 };

struct need {
    char name[NAME_SIZE];
    char condition[16];
};

struct known_container {
    char name[NAME_SIZE];
    struct need needs[NEEDS_MAX];
    size_t need_count;
    int32_t told;      /* the last status told, as a number; -1: none */
    int32_t described; /* the last known status described */
    bool told_stopped; /* also in an earlier engine's life */
    bool start_asked;  /* a START was submitted */
    bool start_done;   /* it was seen running, or ended, in the simulated world */
    bool was_healthy;
};

struct known_task {
    struct known_task *next;
    char name[NAME_SIZE];
    struct known_container *containers;
    size_t container_count, may_leave;
    int32_t told;
    bool touched, removed, refused, stopped;
    bool may_repeat; /* it was removed in an earlier engine's life, which may not have known that this had arrived */
    struct need doubtful[NEEDS_MAX]; /* what somebody was created or stopped for, though the simulated world shows no sign of it */
    size_t doubtful_count;
};

struct invariants {
    struct known_task *tasks, **last;
    struct known_task *recent; /* the last one found */
    uint64_t *op_ids;          /* a table of ids, 0: free */
    size_t op_id_count, op_id_size;
    bool tampered, restarted;
};

struct invariants *invariants_new(void)
{
    struct invariants *invariants = calloc(1, sizeof(*invariants));

    if (invariants == NULL)
        abort();
    invariants->last = &invariants->tasks;
    return invariants;
}

void invariants_free(struct invariants *invariants)
{
    if (invariants == NULL)
        return;
    for (struct known_task *task = invariants->tasks, *next; task != NULL; task = next) {
        next = task->next;
        free(task->containers);
        free(task);
    }
    free(invariants->op_ids);
    free(invariants);
}

static struct known_task *task_named(struct invariants *invariants, const char *name)
{
    if (invariants->recent != NULL && strcmp(invariants->recent->name, name) == 0)
        return invariants->recent;
    for (struct known_task *task = invariants->tasks; task != NULL; task = task->next) {
        if (strcmp(task->name, name) == 0)
            return invariants->recent = task;
    }
    return NULL;
}

static struct known_container *container_named(struct known_task *task, const char *name)
{
    for (size_t i = 0; task != NULL && i < task->container_count; i++) {
        if (strcmp(task->containers[i].name, name) == 0)
            return &task->containers[i];
    }
    return NULL;
}

static void know_need(struct known_container *container, const char *name, const char *condition)
{
    if (name == NULL || condition == NULL || container->need_count == NEEDS_MAX)
        return;
    struct need *need = &container->needs[container->need_count++];
    snprintf(need->name, sizeof(need->name), "%s", name);
    snprintf(need->condition, sizeof(need->condition), "%s", condition);
}

static void know_container(struct known_container *container, const json_t *json)
{
    const char *name = json_string_value(json_object_get(json, "name"));
    json_t *list, *entry;
    size_t i;

    *container = (struct known_container){.told = -1};
    snprintf(container->name, sizeof(container->name), "%s", name != NULL ? name : "");
    list = json_object_get(json, "dependsOn");
    json_array_foreach(list, i, entry) know_need(container, json_string_value(json_object_get(entry, "containerName")),
                                                 json_string_value(json_object_get(entry, "condition")));
    list = json_object_get(json, "links");
    json_array_foreach(list, i, entry)
    {
        char target[NAME_SIZE];
        snprintf(target, sizeof(target), "%.*s", (int)strcspn(json_string_value(entry), ":"), json_string_value(entry));
        know_need(container, target, "START");
    }
    list = json_object_get(json, "volumesFrom");
    json_array_foreach(list, i, entry) know_need(container, json_string_value(json_object_get(entry, "sourceContainer")), "CREATE");
}

static void forget(struct known_task *task)
{
    task->told = -1;
    task->removed = task->stopped = task->refused = false;
    for (size_t i = 0; i < task->container_count; i++) {
        struct known_container *container = &task->containers[i];
        container->told = container->described = -1;
        container->told_stopped = container->start_asked = container->start_done = container->was_healthy = false;
    }
}

void invariants_know(struct invariants *invariants, const char *document)
{
    json_t *json = json_loads(document, 0, NULL), *containers, *container;
    const char *arn = json_string_value(json_object_get(json, "arn"));
    size_t i;

    if (arn == NULL)
        arn = json_string_value(json_object_get(json, "taskArn"));
    struct known_task *known = arn != NULL ? task_named(invariants, harness_last_part(arn)) : NULL;

    if (known != NULL && known->removed)
        forget(known); /* the ARN is free again */
    if (arn != NULL && known == NULL) {
        struct known_task *task = calloc(1, sizeof(*task));
        containers = json_object_get(json, "containers");
        if (containers == NULL)
            containers = json_object_get(json, "containerDefinitions");
        task->container_count = json_array_size(containers);
        task->containers = calloc(task->container_count + 1, sizeof(*task->containers));
        task->told = -1;
        snprintf(task->name, sizeof(task->name), "%s", harness_last_part(arn));
        json_array_foreach(containers, i, container) know_container(&task->containers[i], container);
        *invariants->last = task;
        invariants->last = &task->next;
    }
    json_decref(json);
}

void invariants_may_leave(struct invariants *invariants, const char *task, size_t containers)
{
    struct known_task *known = task_named(invariants, task);

    if (known != NULL)
        known->may_leave = containers;
}

void invariants_tampered(struct invariants *invariants) { invariants->tampered = true; }

void invariants_on_restart(struct invariants *invariants)
{
    invariants->restarted = true;
    if (invariants->op_ids != NULL)
        memset(invariants->op_ids, 0, invariants->op_id_size * sizeof(*invariants->op_ids));
    invariants->op_id_count = 0;
    for (struct known_task *task = invariants->tasks; task != NULL; task = task->next) {
        task->told = -1;
        task->may_repeat = task->removed; /* what was not acknowledged is told once more, to the end */
        task->stopped = false;
        for (size_t i = 0; i < task->container_count; i++)
            task->containers[i].told = task->containers[i].described = -1;
    }
}

bool invariants_all_removed(const struct invariants *invariants)
{
    for (const struct known_task *task = invariants->tasks; task != NULL; task = task->next) {
        if (!task->removed && !task->refused)
            return false;
    }
    return true;
}

/* True: new. */
static bool add_id(struct invariants *invariants, uint64_t id)
{
    if (invariants->op_id_count * 2 >= invariants->op_id_size) {
        size_t old_size = invariants->op_id_size;
        uint64_t *old = invariants->op_ids;
        invariants->op_id_size = old_size > 0 ? 2 * old_size : 256;
        invariants->op_id_count = 0;
        invariants->op_ids = calloc(invariants->op_id_size, sizeof(*old));
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

/* Where the container is in the simulated world; SIZE_MAX: nowhere. */
static size_t sim_index(const struct harness *harness, const char *task, const char *container)
{
    for (size_t i = 0; i < ecsengine_sim_container_count(harness->sim); i++) {
        if (strcmp(ecsengine_sim_container_name(harness->sim, i), container) == 0 &&
            strcmp(harness_last_part(ecsengine_sim_container_task(harness->sim, i)), task) == 0)
            return i;
    }
    return SIZE_MAX;
}

/* Looks at the simulated world before it changes again. */
static void look(struct harness *harness, struct known_task *task, struct known_container *container)
{
    size_t index = sim_index(harness, task->name, container->name);

    if (index == SIZE_MAX)
        return;
    if (ecsengine_sim_container_running(harness->sim, index) || ecsengine_sim_container_exit_code(harness->sim, index, NULL))
        container->start_done = true;
    if (ecsengine_sim_container_health(harness->sim, index) != ECSENGINE_HEALTH_UNKNOWN)
        container->was_healthy = true;
}

static bool is_met(struct harness *harness, struct known_task *task, const struct need *need)
{
    struct known_container *dependency = container_named(task, need->name);
    size_t index = sim_index(harness, task->name, need->name);
    int32_t exit_code = -1;

    if (dependency == NULL)
        return false;
    look(harness, task, dependency);
    bool ended = index != SIZE_MAX && ecsengine_sim_container_exit_code(harness->sim, index, &exit_code);
    if (strcmp(need->condition, "CREATE") == 0)
        return index != SIZE_MAX;
    if (strcmp(need->condition, "START") == 0)
        return dependency->start_done;
    if (strcmp(need->condition, "HEALTHY") == 0)
        return dependency->was_healthy;
    if (strcmp(need->condition, "COMPLETE") == 0)
        return ended;
    return strcmp(need->condition, "SUCCESS") == 0 && ended && exit_code == 0;
}

static void doubt(struct known_task *task, const char *name, const char *condition)
{
    if (task->doubtful_count == NEEDS_MAX)
        return;
    struct need *need = &task->doubtful[task->doubtful_count++];
    snprintf(need->name, sizeof(need->name), "%s", name);
    snprintf(need->condition, sizeof(need->condition), "%s", condition);
}

static void on_create(struct harness *harness, struct known_task *task, const struct known_container *container)
{
    for (size_t i = 0; i < container->need_count; i++) {
        const struct need *need = &container->needs[i];
        if (is_met(harness, task, need))
            continue;
        if (strcmp(need->condition, "COMPLETE") == 0 || strcmp(need->condition, "START") == 0)
            doubt(task, need->name, need->condition);
        else
            harness_broken(harness, "%s/%s is created, but %s is not %s", task->name, container->name, need->name, need->condition);
    }
    if (task->stopped)
        harness_broken(harness, "%s/%s is created after its task is STOPPED", task->name, container->name);
}

static void on_stop(struct harness *harness, struct known_task *task, const struct known_container *container)
{
    size_t own = sim_index(harness, task->name, container->name);

    /* Asking what has ended already to stop does no harm. What was never told to be RUNNING is stopped by force, because nobody knows
     * whether its start worked: that waits for nobody (task-engine 8.4). */
    if (harness->invariants->tampered || own == SIZE_MAX || !ecsengine_sim_container_running(harness->sim, own) ||
        container->told != ECSENGINE_CONTAINER_RUNNING)
        return;
    for (size_t i = 0; i < task->container_count; i++) {
        struct known_container *other = &task->containers[i];
        for (size_t k = 0; k < other->need_count; k++) {
            size_t index =
                strcmp(other->needs[k].name, container->name) == 0 ? sim_index(harness, task->name, other->name) : SIZE_MAX;
            if (index != SIZE_MAX && ecsengine_sim_container_running(harness->sim, index))
                doubt(task, other->name, "STOPPED");
        }
    }
}

void invariants_on_op(struct harness *harness, const ecsengine_op *op)
{
    struct known_task *task = task_named(harness->invariants, harness_last_part(ecsengine_op_task_arn(op)));
    struct known_container *container = container_named(task, ecsengine_op_container_name(op));
    enum ecsengine_op_kind kind = ecsengine_op_get_kind(op);

    if (kind != ECSENGINE_OP_CANCEL && !add_id(harness->invariants, ecsengine_op_id(op)))
        harness_broken(harness, "the id of operation %llu was used before", (unsigned long long)ecsengine_op_id(op));
    if (task == NULL || container == NULL)
        return;
    task->touched = true;
    if (kind == ECSENGINE_OP_CREATE)
        on_create(harness, task, container);
    if (kind == ECSENGINE_OP_STOP)
        on_stop(harness, task, container);
    container->start_asked |= kind == ECSENGINE_OP_START;
}

static int32_t container_status(const char *name)
{
    for (int32_t i = ECSENGINE_CONTAINER_NONE; i <= ECSENGINE_CONTAINER_STOPPED; i++) {
        if (strcmp(ecsengine_container_status_name((enum ecsengine_container_status)i), name) == 0)
            return i;
    }
    return -1;
}

static int32_t task_status(const char *name)
{
    for (int32_t i = ECSENGINE_TASK_NONE; i <= ECSENGINE_TASK_STOPPED; i++) {
        if (strcmp(ecsengine_task_status_name((enum ecsengine_task_status)i), name) == 0)
            return i;
    }
    return -1;
}

static void on_container_event(struct harness *harness, struct known_task *task, const struct seen_event *event)
{
    struct known_container *container = container_named(task, event->container);
    int32_t status = container_status(event->status);

    if (container == NULL) {
        harness_broken(harness, "an event of %s/%s, which is not in the task", event->task, event->container);
        return;
    }
    if (status <= container->told)
        harness_broken(harness, "%s/%s is told to be %s after %s", task->name, container->name, event->status,
                       ecsengine_container_status_name((enum ecsengine_container_status)container->told));
    if (task->stopped)
        harness_broken(harness, "%s/%s is told to be %s after its task is STOPPED", task->name, container->name, event->status);
    container->told = status;
    container->told_stopped |= status == ECSENGINE_CONTAINER_STOPPED;
}

static bool any_told(const struct known_task *task)
{
    for (size_t i = 0; i < task->container_count; i++) {
        if (task->containers[i].told >= 0)
            return true;
    }
    return false;
}

static void on_task_event(struct harness *harness, struct known_task *task, const struct seen_event *event)
{
    int32_t status = task_status(event->status);

    if (status <= task->told)
        harness_broken(harness, "%s is told to be %s after %s", task->name, event->status,
                       ecsengine_task_status_name((enum ecsengine_task_status)task->told));
    /* A task that could not be stopped in order is given up with its containers as they are (task-engine 3.4). */
    bool given_up = strncmp(event->reason, "TaskStateError: ", strlen("TaskStateError: ")) == 0;
    task->refused =
        status == ECSENGINE_TASK_STOPPED && task->told < 0 && *event->reason != '\0' && !given_up && !any_told(task);
    for (size_t i = 0; status == ECSENGINE_TASK_STOPPED && !task->refused && !given_up && i < task->container_count; i++) {
        if (!task->containers[i].told_stopped)
            harness_broken(harness, "%s is told to be STOPPED before its container %s", task->name, task->containers[i].name);
    }
    task->told = status;
    task->stopped |= status == ECSENGINE_TASK_STOPPED;
}

static void on_removed(struct harness *harness, struct known_task *task)
{
    size_t left = 0;

    for (size_t i = 0; i < ecsengine_sim_container_count(harness->sim); i++)
        left += strcmp(harness_last_part(ecsengine_sim_container_task(harness->sim, i)), task->name) == 0;
    if (task->removed && !task->may_repeat)
        harness_broken(harness, "%s is removed twice", task->name);
    task->may_repeat = false;
    if (!task->stopped && !harness->invariants->restarted && !harness->invariants->tampered)
        harness_broken(harness, "%s is removed, but was never STOPPED", task->name);
    if (left > task->may_leave)
        harness_broken(harness, "%s is removed, but %zu of its containers are left", task->name, left);
    task->removed = true;
}

void invariants_on_event(struct harness *harness, const struct seen_event *event)
{
    struct known_task *task = task_named(harness->invariants, event->task);

    if (task == NULL)
        return;
    task->touched = true;
    if (event->kind == ECSENGINE_EVENT_CONTAINER)
        on_container_event(harness, task, event);
    else if (event->kind == ECSENGINE_EVENT_TASK)
        on_task_event(harness, task, event);
    else if (event->kind == ECSENGINE_EVENT_TASK_REMOVED)
        on_removed(harness, task);
}

/* START is met by a container that is STOPPED, COMPLETE by one that is STOPPED with an exit code, and both also by one that never ran: it
 * could not start, and has the exit code 143 (task-engine 4.5, 4.8). And one that runs on counts as STOPPED when stopping it failed too
 * often (5.5). Only the engine knows of that. */
static bool is_met_by_description(const struct need *need, const json_t *containers)
{
    const json_t *entry;
    size_t i;

    json_array_foreach(containers, i, entry)
    {
        const char *name = json_string_value(json_object_get(entry, "containerName"));
        const char *known = json_string_value(json_object_get(entry, "knownStatus"));
        if (name != NULL && known != NULL && strcmp(name, need->name) == 0)
            return strcmp(known, "STOPPED") == 0 &&
                   (strcmp(need->condition, "COMPLETE") != 0 || json_is_integer(json_object_get(entry, "exitCode")));
    }
    return false;
}

static void check_doubtful(struct harness *harness, struct known_task *task, const json_t *containers)
{
    for (size_t i = 0; i < task->doubtful_count; i++) {
        const struct need *need = &task->doubtful[i];
        if (!is_met_by_description(need, containers))
            harness_broken(harness, "a container of %s was created or asked to stop, but %s is not %s", task->name, need->name,
                           need->condition);
    }
    task->doubtful_count = 0;
}

/* The containers of a description; their statuses only go forward. */
static void check_description(struct harness *harness, struct known_task *task, const char *description)
{
    json_t *json = json_loads(description, 0, NULL), *list = json_object_get(json, "containers"), *entry;
    size_t i;

    if (json_array_size(list) < task->container_count && !task->refused)
        harness_broken(harness, "the description of %s has too few containers: %.200s", task->name, description);
    json_array_foreach(list, i, entry)
    {
        const char *name = json_string_value(json_object_get(entry, "containerName"));
        const char *known = json_string_value(json_object_get(entry, "knownStatus"));
        struct known_container *container = name != NULL ? container_named(task, name) : NULL;
        int32_t status = known != NULL ? container_status(known) : -1;
        if (container == NULL)
            continue;
        if (status < container->described)
            harness_broken(harness, "%s/%s goes back from %s to %s", task->name, name,
                           ecsengine_container_status_name((enum ecsengine_container_status)container->described),
                           known != NULL ? known : "nothing");
        container->described = status;
    }
    if (task->doubtful_count > 0)
        check_doubtful(harness, task, list);
    json_decref(json);
}

static void describe(struct harness *harness, struct known_task *task)
{
    char arn[512];
    ecsengine_text *text = NULL;

    snprintf(arn, sizeof(arn), ARN_HEAD "%s", task->name);
    if (ecsengine_task_describe(harness->engine, arn, &text, NULL) == 0)
        check_description(harness, task, ecsengine_text_data(text));
    ecsengine_text_free(text);
}

void invariants_after_turn(struct harness *harness)
{
    for (struct known_task *task = harness->invariants->tasks; task != NULL && !harness->no_checks; task = task->next) {
        for (size_t i = 0; i < task->container_count; i++)
            look(harness, task, &task->containers[i]);
        if (task->touched && !task->removed)
            describe(harness, task);
        task->touched = false;
    }
}
