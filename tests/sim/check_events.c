/* SPDX-License-Identifier: Apache-2.0 */
/* What must be true of what is told. */
#include <string.h>

#include "checker.h"

static bool had_code(const struct known_container *container, int32_t code)
{
    for (size_t i = 0; i < container->code_count; i++) {
        if (container->codes[i] == code)
            return true;
    }
    return false;
}

/* 143 is what a container ends with that never could start (task-engine 4.8); 137 what a removal by force makes, too fast to be seen. */
static void check_truth(struct invariants *invariants, struct known_task *task, const struct known_container *container,
                        const struct seen_event *event, int32_t status)
{
    bool stopped = status == ECSENGINE_CONTAINER_STOPPED, doubtful = container->tampered || invariants->tampered || task->anew;

    if (stopped && event->has_exit_code)
        invariants_check(invariants, EXIT_TRUE,
                         had_code(container, event->exit_code) || doubtful || (event->exit_code == 143 && *event->reason != '\0'),
                         "%s/%s is told to have ended with %d, which it never did", task->name, container->name,
                         (int)event->exit_code);
    if (strncmp(event->reason, "OutOfMemoryError", 16) == 0)
        invariants_check(invariants, OOM_TRUE, container->was_oom_killed, "%s/%s is told to have had too little memory, wrongly",
                         task->name, container->name);
    if (status == ECSENGINE_CONTAINER_RUNNING)
        invariants_check(invariants, RAN_TRUE, container->ran || doubtful, "%s/%s is told to be RUNNING, but never ran", task->name,
                         container->name);
    if (stopped && (container->code_count > 0 || *event->reason != '\0' || task->wanted_stopped || doubtful))
        invariants_check(invariants, STOPPED_FOR_A_CAUSE, true, " ");
    else if (stopped) /* then because its task shall */
        checker_doubt(invariants, task, STOPPED_FOR_A_CAUSE, container->name, "TASK-STOPS");
}

static void on_container(struct invariants *invariants, struct known_task *task, const struct seen_event *event)
{
    struct known_container *container = checker_container(task, event->container);
    int32_t status = container_status_of(event->status);

    invariants_check(invariants, TOLD_RISES, container != NULL && status > container->told && !task->stopped,
                     "%s/%s is told to be %s after %s", task->name, event->container, event->status,
                     container == NULL ? "nothing: the task has no such container"
                     : task->stopped   ? "its task's STOPPED"
                                       : ecsengine_container_status_name((enum ecsengine_container_status)container->told));
    if (container == NULL)
        return;
    if (status == ECSENGINE_CONTAINER_STOPPED)
        invariants_check(invariants, STOPPED_ONCE, container->told != ECSENGINE_CONTAINER_STOPPED, "%s/%s is STOPPED twice",
                         task->name, container->name);
    check_truth(invariants, task, container, event, status);
    container->told = status;
    container->told_stopped |= status == ECSENGINE_CONTAINER_STOPPED;
}

static void check_containers_first(struct invariants *invariants, const struct known_task *task, const struct seen_event *event,
                                   int32_t status)
{
    for (size_t i = 0; i < task->container_count; i++) {
        const struct known_container *container = &task->containers[i];
        if (status == ECSENGINE_TASK_STOPPED)
            invariants_check(invariants, CONTAINERS_FIRST, container->told_stopped,
                             "%s is told to be STOPPED before its container %s", task->name, container->name);
        else if (status == ECSENGINE_TASK_RUNNING)
            invariants_check(invariants, CONTAINERS_FIRST,
                             container->told >= ECSENGINE_CONTAINER_RUNNING || container->told_stopped || invariants->restarted,
                             "%s is told to be %s before its container %s", task->name, event->status, container->name);
    }
}

static bool has_cause(const struct known_task *task, const struct seen_event *event)
{
    if (task->wanted_stopped || *event->reason != '\0')
        return true;
    for (size_t i = 0; i < task->container_count; i++) {
        if (task->containers[i].essential && task->containers[i].told_stopped)
            return true;
    }
    return false;
}

/* All have ended by themselves: no container has to be essential for that. */
static bool all_told_stopped(const struct known_task *task)
{
    for (size_t i = 0; i < task->container_count; i++) {
        if (!task->containers[i].told_stopped)
            return false;
    }
    return true;
}

static void on_task(struct invariants *invariants, struct known_task *task, const struct seen_event *event)
{
    int32_t status = task_status_of(event->status);
    bool stopped = status == ECSENGINE_TASK_STOPPED;

    if (stopped)
        invariants_check(invariants, STOPPED_ONCE, task->told != ECSENGINE_TASK_STOPPED, "%s is told to be STOPPED twice",
                         task->name);
    invariants_check(invariants, TOLD_RISES, status > task->told, "%s is told to be %s after %s", task->name, event->status,
                     ecsengine_task_status_name((enum ecsengine_task_status)task->told));
    /* A task that could not be stopped in order is given up with its containers as they are (task-engine 3.4). */
    bool given_up = strncmp(event->reason, "TaskStateError: ", strlen("TaskStateError: ")) == 0;
    task->refused =
        stopped && task->told < 0 && *event->reason != '\0' && !given_up && !checker_any_told(task) && !all_told_stopped(task);
    if (!task->refused && !given_up)
        check_containers_first(invariants, task, event, status);
    if (stopped)
        invariants_check(invariants, STOPPED_FOR_A_CAUSE, has_cause(task, event) || all_told_stopped(task),
                         "%s is told to be STOPPED for no cause", task->name);
    task->told = status;
    task->stopped |= stopped;
}

static void on_removed(struct invariants *invariants, struct known_task *task)
{
    size_t left = 0;

    invariants_saw_world(invariants);
    for (size_t i = 0; i < task->container_count; i++)
        left += task->containers[i].look == invariants->look && invariants->look > 0;
    invariants_check(invariants, SILENT_WHEN_REMOVED, !task->removed || task->may_repeat, "%s is removed twice", task->name);
    invariants_check(invariants, STOPPED_ONCE, task->stopped || invariants->restarted, "%s is removed, but was never STOPPED",
                     task->name);
    invariants_check(invariants, NOTHING_LEFT, left <= task->may_leave, "%s is removed, but %zu of its containers are left",
                     task->name, left);
    task->may_repeat = false;
    task->removed = true;
}

static void on_done(struct invariants *invariants, struct known_task *task, const struct seen_event *event, int durable)
{
    struct given *given = NULL;

    for (size_t i = 0; i < invariants->given_count && given == NULL; i++) {
        if (invariants->given[i].id == event->command_id)
            given = &invariants->given[i];
    }
    invariants_check(invariants, DONE_ONCE, given == NULL || !given->done, "command %llu is done for the second time",
                     (unsigned long long)event->command_id);
    if (given == NULL) { /* somebody gave it without telling */
        invariants_gave(invariants, event->command_id, NULL, false, false);
        given = &invariants->given[invariants->given_count - 1];
    }
    given->done = true;
    if (task != NULL && event->command_code == 0)
        task->anew = false;
    if (task != NULL && event->command_code == ECSENGINE_EEXIST && task->anew && task->told < 0)
        checker_not_anew(task);
    if (task != NULL && event->command_code == 0 && durable >= 0 && !task->removed && !task->refused && !task->stopped)
        invariants_check(invariants, DONE_DURABLE, durable != 0, "command %llu of %s is done, but the store has no such task",
                         (unsigned long long)event->command_id, task->name);
}

void invariants_saw_event(struct invariants *invariants, const struct seen_event *event, int durable)
{
    struct known_task *task = checker_task(invariants, event->task);

    if (event->kind == ECSENGINE_EVENT_COMMAND_DONE)
        on_done(invariants, task, event, durable);
    if (task == NULL)
        return;
    if (event->kind == ECSENGINE_EVENT_CONTAINER || event->kind == ECSENGINE_EVENT_TASK)
        invariants_check(invariants, SILENT_WHEN_REMOVED, !task->removed || task->may_repeat,
                         "%s/%s is told to be %s after the removal", task->name, event->container, event->status);
    if (event->kind == ECSENGINE_EVENT_CONTAINER)
        on_container(invariants, task, event);
    else if (event->kind == ECSENGINE_EVENT_TASK)
        on_task(invariants, task, event);
    else if (event->kind == ECSENGINE_EVENT_TASK_REMOVED)
        on_removed(invariants, task);
}
