/* SPDX-License-Identifier: Apache-2.0 */
/* The table of invariants, and what the checker knows of tasks. */
#include "invariants.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "checker.h"

const struct invariant_row invariant_rows[INVARIANTS] = {
    [CREATE_ORDER] = {"create-order", "a container is created only when the conditions of its dependencies hold in the world"},
    [START_ORDER] = {"start-order", "and started only when they have held"},
    [STOP_ORDER] = {"stop-order", "a container is asked to stop only when nothing that depends on it runs"},
    [STATUS_RISES] = {"status-rises", "a known status never goes back, a container's or a task's"},
    [DESIRED_RISES] = {"desired-rises", "what is desired never goes back"},
    [APPLIED_AHEAD] = {"applied-ahead", "a transition that is under way leads to a status that is not reached yet"},
    [TASK_FOLLOWS] = {"task-follows", "a task is RUNNING or STOPPED only when each of its containers is so far"},
    [TOLD_RISES] = {"told-rises", "each status is told once, and never an earlier one after a later one"},
    [STOPPED_ONCE] = {"stopped-once",
                      "a task and each of its containers are told to be STOPPED exactly once before the task is removed"},
    [CONTAINERS_FIRST] = {"containers-first", "a task's status is told after the same of each of its containers"},
    [SILENT_WHEN_REMOVED] = {"silent-when-removed", "nothing is told of a task that was told to be removed"},
    [QUIET_WHEN_REMOVED] = {"quiet-when-removed", "nothing is done for a task that was removed, but to remove what came late"},
    [OP_IDS_NEW] = {"op-ids-new", "no id of an operation comes twice"},
    [ONE_OP_AT_A_TIME] = {"one-op-at-a-time", "a container has one operation in flight, beside an inspection"},
    [NAME_DURABLE] = {"name-durable", "where there is a store, a container is created when its runtime name is durable"},
    [NAME_STABLE] = {"name-stable", "a container has one runtime name all its life, and no other container has it"},
    [ONE_CONTAINER] = {"one-container", "there are never two runtime containers for one container of a task"},
    [ONE_AGENT] = {"one-agent", "a managed agent never runs twice in one container"},
    [NOTHING_LEFT] = {"nothing-left", "when a task is removed none of its containers is left"},
    [REMOVE_LAST] = {"remove-last", "a container is removed only when its task is STOPPED"},
    [GRACE] = {"grace", "a container gets its stop timeout to end, or none when its task was killed"},
    [EXIT_TRUE] = {"exit-true", "an exit code that is told is one that the container had"},
    [OOM_TRUE] = {"oom-true", "OutOfMemoryError is told only of what was killed for want of memory"},
    [RAN_TRUE] = {"ran-true", "a container is told to be RUNNING only if it has run"},
    [RAN_ONCE] = {"ran-once", "what has run is created or started again only by its restart policy"},
    [STOPPED_FOR_A_CAUSE] = {"stopped-for-a-cause",
                             "nothing is STOPPED that has neither ended, nor failed with a reason, nor was asked to stop"},
    [DONE_ONCE] = {"done-once", "each command is answered once"},
    [DONE_DURABLE] = {"done-durable", "a task whose command is done is in the store"},
    [EXPLAINED] = {"explained", "at rest every task and every container says why it does not move, and that is true (explained.h)"},
    [CAPACITY] = {"capacity", "tasks that have begun never have more CPU and memory together than there is to give out"},
    [PORTS_ONCE] = {"ports-once", "no two tasks are given the same host port"},
    [GPUS_ONCE] = {"gpus-once", "no two tasks are given the same GPU"},
    [HEAD_IS_ADMITTED] = {"head-is-admitted", "the first that waits for the host's resources does not fit"},
    [NOBODY_OVERTAKES] = {"nobody-overtakes",
                          "with admission-policy=fifo no task begins before one that was added earlier and waits"},
    [DEADLINE_AHEAD] = {"deadline-ahead", "at rest, what is due is in the future"},
    [COMES_TO_REST] = {"comes-to-rest", "at one time there are only so many turns to make"},
    [WAKES_FOR_SOMETHING] = {"wakes-for-something",
                             "an engine is not woken for nothing more often than it has asked for something"},
    [RECORDS_DECODE] = {"records-decode", "an engine that is given a copy of the records describes the same tasks"},
    [BELIEVES_THE_TRUTH] = {"believes-the-truth",
                            "without faults, what the engine takes for running runs, and what it takes for ended has"},
    [REACHES_ITS_GOAL] = {"reaches-its-goal", "without faults, every task comes to run, or stops, or waits for what is not there"},
    [ENDS_IN_TIME] = {"ends-in-time", "without faults, every task that is stopped is STOPPED and removed in time"},
    [LEAVES_NO_RECORD] = {"leaves-no-record", "when all tasks are removed the store has the engine's own record alone"},
    [SLEEPS_IN_THE_END] = {"sleeps-in-the-end", "when all tasks are removed nothing is ever due"},
    [ANSWERED_ONCE] = {"answered-once", "of an operation's answers one is taken"},
    [MEMORY_GIVEN_BACK] = {"memory-given-back", "every byte is given back, with its size"},
    [CALLS_WORK] = {"calls-work", "a call with good arguments succeeds, if need be when it is repeated"},
};

struct invariants *invariants_new(struct text *broken, const struct witness *witness, int64_t default_grace_ns)
{
    struct invariants *invariants = calloc(1, sizeof(*invariants));

    if (invariants == NULL)
        abort();
    invariants->broken = broken;
    invariants->witness = *witness;
    invariants->default_grace_ns = default_grace_ns;
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
        free(task->former);
        free(task);
    }
    free(invariants->op_ids);
    free(invariants->given);
    free(invariants);
}

void invariants_time(struct invariants *invariants, int64_t mono_ns) { invariants->now_ns = mono_ns; }

void invariants_check(struct invariants *invariants, enum invariant which, bool holds, const char *format, ...)
{
    char line[1024];
    va_list args;

    invariants->checked[which]++;
    if (holds || invariants->excused[which])
        return;
    va_start(args, format);
    vsnprintf(line, sizeof(line), format, args);
    va_end(args);
    text_add(invariants->broken, "[%7.3f] %s: %s\n", (double)invariants->now_ns / 1e9, invariant_rows[which].name, line);
}

uint64_t invariants_checked(const struct invariants *invariants, enum invariant which) { return invariants->checked[which]; }
void invariants_excuse(struct invariants *invariants, enum invariant which) { invariants->excused[which] = true; }

size_t checker_hash(const char *name)
{
    uint64_t hash = UINT64_C(14695981039346656037);

    for (; *name != '\0'; name++)
        hash = (hash ^ (unsigned char)*name) * UINT64_C(1099511628211);
    return hash % TASKS_HASHED;
}

struct known_task *checker_task(const struct invariants *invariants, const char *name)
{
    struct known_task *task = invariants->hashed[checker_hash(name)];

    while (task != NULL && strcmp(task->name, name) != 0)
        task = task->next_hashed;
    return task;
}

struct known_container *checker_container(const struct known_task *task, const char *name)
{
    for (size_t i = 0; task != NULL && i < task->container_count; i++) {
        if (strcmp(task->containers[i].name, name) == 0)
            return &task->containers[i];
    }
    return NULL;
}

bool checker_any_told(const struct known_task *task)
{
    for (size_t i = 0; i < task->container_count; i++) {
        if (task->containers[i].told >= 0)
            return true;
    }
    return false;
}

void checker_doubt(struct invariants *invariants, struct known_task *task, enum invariant which, const char *name,
                   const char *condition)
{
    (void)invariants;
    if (task->doubtful_count == NEEDS_MAX)
        return;
    task->doubted[task->doubtful_count] = which;
    struct need *need = &task->doubtful[task->doubtful_count++];
    snprintf(need->name, sizeof(need->name), "%s", name);
    snprintf(need->condition, sizeof(need->condition), "%s", condition);
}

/* ---- What documents say ---- */

static void know_need(struct known_container *container, const char *name, const char *condition)
{
    if (name == NULL || condition == NULL || container->need_count == NEEDS_MAX)
        return;
    struct need *need = &container->needs[container->need_count++];
    snprintf(need->name, sizeof(need->name), "%s", name);
    snprintf(need->condition, sizeof(need->condition), "%s", condition);
}

static void forget_name(struct invariants *invariants, struct known_container *container)
{
    struct known_container **at = &invariants->named[checker_hash(container->runtime_name)];

    for (; *at != NULL; at = &(*at)->next_named) {
        if (*at == container) {
            *at = container->next_named;
            break;
        }
    }
    container->runtime_name[0] = '\0';
}

static void forget_container(struct invariants *invariants, struct known_container *container)
{
    forget_name(invariants, container);
    container->told = container->described = container->described_desired = container->last_code = -1;
    container->told_stopped = container->op_cancelled = container->ran = container->was_healthy = container->is_healthy = false;
    container->was_oom_killed = container->is_running = container->has_ended = container->tampered = false;
    container->id[0] = '\0';
    container->op_id = 0;
    container->code_count = container->port_count = 0;
    container->gpus[0] = '\0';
}

static void know_container(struct known_container *container, const json_t *json)
{
    const char *name = json_string_value(json_object_get(json, "name"));
    json_t *list, *entry;
    size_t i;

    *container = (struct known_container){.essential = !json_is_false(json_object_get(json, "essential"))};
    snprintf(container->name, sizeof(container->name), "%s", name != NULL ? name : "");
    container->restarts = json_is_true(json_object_get(json_object_get(json, "restartPolicy"), "enabled"));
    container->stop_timeout_ns = json_integer_value(json_object_get(json, "stopTimeout")) * INT64_C(1000000000);
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

static void forget(struct invariants *invariants, struct known_task *task)
{
    task->begun = task->begun_ever = task->overtaken = task->queued = false;
    task->order = 0;
    task->told = task->described = task->described_desired = -1;
    task->removed = task->stopped = task->refused = task->killed = task->wanted_stopped = false;
    task->doubtful_count = 0;
    for (size_t i = 0; i < task->container_count; i++)
        forget_container(invariants, &task->containers[i]);
}

/* The truth about a former life is kept: the new one may be refused, and then the former one may be told again. */
static void keep_former(struct known_task *task)
{
    size_t size = (task->container_count + 1) * sizeof(*task->containers);

    free(task->former);
    task->former = malloc(size);
    if (task->former == NULL)
        abort();
    memcpy(task->former, task->containers, size);
}

void checker_not_anew(struct known_task *task)
{
    for (size_t i = 0; i < task->container_count && task->former != NULL; i++) {
        struct known_container *container = &task->containers[i], former = task->former[i];
        snprintf(former.runtime_name, sizeof(former.runtime_name), "%s", container->runtime_name);
        former.next_named = container->next_named;
        *container = former;
    }
    task->removed = task->may_repeat = true;
}

/* What a container adds to what its task needs of the host. */
static void know_needs(struct known_task *task, const json_t *container)
{
    json_t *list = json_object_get(container, "portMappings"), *entry;
    size_t i;

    task->cpu += json_integer_value(json_object_get(container, "cpu"));
    task->memory_mib += json_integer_value(json_object_get(container, "memory"));
    json_array_foreach(list, i, entry)
    {
        const char *protocol = json_string_value(json_object_get(entry, "protocol"));
        uint32_t port = (uint32_t)json_integer_value(json_object_get(entry, "hostPort"));
        task->odd_needs |= port == 0 || task->fixed_count == PORTS_MAX;
        if (port > 0 && task->fixed_count < PORTS_MAX)
            task->fixed[task->fixed_count++] = port | (protocol != NULL && strcmp(protocol, "udp") == 0 ? UINT32_C(1) << 16 : 0);
    }
}

static struct known_task *know_task(struct invariants *invariants, const char *name, const json_t *json)
{
    struct known_task *task = calloc(1, sizeof(*task));
    json_t *containers = json_object_get(json, "containers"), *container;
    size_t i;

    if (task == NULL)
        abort();
    if (containers == NULL)
        containers = json_object_get(json, "containerDefinitions");
    task->container_count = json_array_size(containers);
    task->containers = calloc(task->container_count + 1, sizeof(*task->containers));
    snprintf(task->name, sizeof(task->name), "%s", name);
    json_array_foreach(containers, i, container)
    {
        know_container(&task->containers[i], container);
        know_needs(task, container);
    }
    task->odd_needs |= json_object_get(json, "cpu") != NULL || json_object_get(json, "memory") != NULL ||
                       json_array_size(json_object_get(json, "associations")) > 0;
    forget(invariants, task);
    *invariants->last = task;
    invariants->last = &task->next;
    task->next_hashed = invariants->hashed[checker_hash(task->name)];
    invariants->hashed[checker_hash(task->name)] = task;
    return task;
}

static const char *last_part(const char *arn)
{
    const char *slash = strrchr(arn, '/');

    return slash != NULL ? slash + 1 : arn;
}

void invariants_know(struct invariants *invariants, const char *document)
{
    json_t *json = json_loads(document, 0, NULL);
    const char *arn = json_string_value(json_object_get(json, "arn"));
    const char *desired = json_string_value(json_object_get(json, "desiredStatus"));

    if (arn == NULL)
        arn = json_string_value(json_object_get(json, "taskArn"));
    struct known_task *task = arn != NULL ? checker_task(invariants, last_part(arn)) : NULL;
    if (task != NULL && task->removed) {
        keep_former(task);
        forget(invariants, task); /* the ARN is free again */
        task->anew = true;
    }
    if (task == NULL && arn != NULL)
        task = know_task(invariants, last_part(arn), json);
    if (task != NULL && desired != NULL && strcmp(desired, "STOPPED") == 0)
        task->wanted_stopped = true;
    if (task != NULL && task->order == 0)
        task->order = ++invariants->orders;
    json_decref(json);
}

void invariants_may_leave(struct invariants *invariants, const char *name, size_t containers)
{
    struct known_task *task = checker_task(invariants, name);

    if (task != NULL)
        task->may_leave = containers;
}

void invariants_tampered(struct invariants *invariants) { invariants->tampered = true; }

void invariants_touched(struct invariants *invariants, const char *task, const char *name)
{
    struct known_container *container = checker_container(checker_task(invariants, task), name);

    if (container != NULL)
        container->tampered = true;
}

void invariants_gave(struct invariants *invariants, uint64_t command_id, const char *name, bool stops, bool kills)
{
    struct known_task *task = name != NULL ? checker_task(invariants, name) : NULL;

    if (task != NULL) {
        task->wanted_stopped |= stops || kills;
        task->killed |= kills;
    }
    if (invariants->given_count == invariants->given_size) {
        invariants->given_size = invariants->given_size > 0 ? 2 * invariants->given_size : 16;
        invariants->given = realloc(invariants->given, invariants->given_size * sizeof(*invariants->given));
        if (invariants->given == NULL)
            abort();
    }
    invariants->given[invariants->given_count++] = (struct given){command_id, false};
}

void invariants_on_restart(struct invariants *invariants)
{
    invariants->restarted = true;
    invariants->given_count = 0;
    invariants->idle_wakes = 0;
    if (invariants->op_ids != NULL)
        memset(invariants->op_ids, 0, invariants->op_id_size * sizeof(*invariants->op_ids));
    invariants->op_id_count = 0;
    for (struct known_task *task = invariants->tasks; task != NULL; task = task->next) {
        task->told = task->described = task->described_desired = -1;
        task->stopped = task->begun = task->overtaken = false;
        task->may_repeat = task->removed;
        task->doubtful_count = 0;
        for (size_t i = 0; i < task->container_count; i++) {
            struct known_container *container = &task->containers[i];
            container->told = container->described = container->described_desired = -1;
            container->op_id = 0;
            container->op_cancelled = false;
        }
    }
}

bool invariants_all_removed(const struct invariants *invariants) { return invariants_open_task(invariants, 0) == NULL; }

const char *invariants_open_task(const struct invariants *invariants, size_t index)
{
    for (const struct known_task *task = invariants->tasks; task != NULL; task = task->next) {
        if (!task->removed && !task->refused && index-- == 0)
            return task->name;
    }
    return NULL;
}

bool invariants_was_removed(const struct invariants *invariants, const char *name)
{
    const struct known_task *task = checker_task(invariants, name);

    return task != NULL && task->removed;
}

bool invariants_is_open(const struct invariants *invariants, const char *name)
{
    const struct known_task *task = checker_task(invariants, name);

    return task != NULL && !task->removed && !task->refused;
}
