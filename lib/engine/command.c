/* SPDX-License-Identifier: Apache-2.0 */
/* Commands. An ARN that is known is an update of its desired status, and nothing else of the new document is looked at; so a stop never
 * fails because of what is around it. A task that is refused is kept as long as its one STOPPED event is not acknowledged. */
#include "engine/command.h"

#include <stdio.h>
#include <string.h>

#include "base/prng.h"
#include "engine/cleanup.h"
#include "engine/credentials.h"
#include "engine/definitions.h"
#include "engine/events.h"
#include "engine/exec.h"
#include "engine/host.h"
#include "engine/manifest.h"
#include "engine/resource.h"
#include "engine/task.h"

static uint64_t hash_of(const struct engine *engine, const struct str *text)
{
    return hash64(engine->seed, text->data, text->len);
}

int command_make_rooms(struct engine *engine, size_t tasks, size_t more)
{
    size_t containers = engine->container_count + more;

    if (map_reserve(&engine->tasks, engine->tasks.count + tasks) < 0 || map_reserve(&engine->by_id, containers) < 0 ||
        map_reserve(&engine->by_name, containers) < 0 || map_reserve(&engine->definitions, engine->definitions.count + tasks) < 0 ||
        map_reserve(&engine->needs, engine->needs.count + tasks) < 0 || map_reserve(&engine->parked, engine->needs.count + tasks) < 0)
        return ECSENGINE_ENOMEM;
    return 0;
}

int command_make_room(struct engine *engine, const struct task *task) { return command_make_rooms(engine, 1, task->container_count); }

/* `ecs-<family>-<version>-<name without what Docker does not allow>-<20 hex digits>` (task-engine 5.10). The name is durable before the
 * create goes out, so that a container can always be found by it. */
static void assign_name(struct engine *engine, struct container *container)
{
    const struct definition *definition = container->task->definition;
    char clean[LIMIT_NAME + 1], name[LIMIT_RUNTIME_NAME + 1];
    size_t len = 0;

    for (const char *at = container_def(container)->name; *at != '\0' && len < LIMIT_NAME; at++)
        if ((*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z') || (*at >= '0' && *at <= '9') || *at == '-')
            clean[len++] = *at;
    clean[len] = '\0';
    uint64_t high = engine_draw_once(engine, container->task, DRAW_NAME, (uint64_t)container->index * 2);
    uint64_t low = engine_draw_once(engine, container->task, DRAW_NAME, (uint64_t)container->index * 2 + 1);
    int used = snprintf(name, sizeof(name), "ecs-%.255s-%.200s-%s-%016llx%04x", definition->family, definition->version, clean,
                        (unsigned long long)high, (unsigned)(low & 0xffff));
    container->runtime_name = str_new_sure(engine->mem, name, (size_t)used);
    map_insert(&engine->by_name, &container->by_name, hash_of(engine, container->runtime_name));
}

void command_insert(struct engine *engine, struct task *task)
{
    map_insert(&engine->tasks, &task->by_arn, hash_of(engine, task->arn));
    list_append(&engine->all, &task->all);
    engine->container_count += task->container_count;
    definitions_share(engine, task);
    for (uint16_t i = 0; i < task->container_count; i++) {
        struct container *container = &task->containers[i];
        if (container->runtime_name != NULL)
            map_insert(&engine->by_name, &container->by_name, hash_of(engine, container->runtime_name));
        if (container->runtime_id != NULL)
            map_insert(&engine->by_id, &container->by_id, hash_of(engine, container->runtime_id));
    }
    engine_touch(engine, task);
    engine_dirty(engine, task);
}

static void refuse(struct engine *engine, struct task *task)
{
    task->phase = TASK_REFUSED;
    task->known = task->desired = ECSENGINE_TASK_STOPPED;
    task->known_at = engine->wall_ns;
    engine_log(engine, ECSENGINE_LOG_WARNING, MESSAGE_TASK_REFUSED, "%s is refused: %s", str_text(task->arn), str_text(task->reason));
    events_task(engine, task);
}

static void log_notices(struct engine *engine, const struct task *task)
{
    for (size_t i = 0; i < task->notice_count; i++)
        engine_log(engine, ECSENGINE_LOG_WARNING, MESSAGE_FIELD_NOTICE, "%s: %s", str_text(task->arn), str_text(task->notices[i]));
}

static void take_one(struct engine *engine, struct credentials **credentials, const struct str *id)
{
    if (*credentials == NULL || id == NULL || strcmp((*credentials)->id->data, id->data) != 0)
        return; /* nobody would ever drop them */
    credentials_put(engine, *credentials);
    *credentials = NULL;
}

/* What came with the payload is known before the task is: so nothing waits for it. Of a known task they are newer. */
static void take_credentials(struct engine *engine, struct command *command, const struct task *task)
{
    take_one(engine, &command->credentials[0], task->execution_credentials_id);
    if (task->known != ECSENGINE_TASK_STOPPED)
        take_one(engine, &command->credentials[1], task->role_credentials_id);
}

static int add_new(struct engine *engine, struct command *command)
{
    struct task *task = command->task;
    char text[128];

    if (engine->tasks.count >= (size_t)engine->settings.task_limit) {
        snprintf(text, sizeof(text), "there are %lld tasks already, which is the limit (task-limit)",
                 (long long)engine->settings.task_limit);
        events_command(engine, command, ECSENGINE_ELIMIT, text);
        return 0;
    }
    if (command_make_room(engine, task) < 0 || credentials_make_room(engine) < 0)
        return ECSENGINE_ENOMEM;
    take_credentials(engine, command, task);
    command->task = NULL;
    task->number = ++engine->next_number;
    task->desired = command->desired;
    command_insert(engine, task);
    for (uint16_t i = 0; i < task->container_count; i++)
        assign_name(engine, &task->containers[i]);
    resource_assign_names(engine, task);
    if (task->definition == NULL) {
        refuse(engine, task);
    } else {
        engine_log(engine, ECSENGINE_LOG_INFO, MESSAGE_TASK_ADDED, "%s is added, with %u containers", str_text(task->arn),
                   task->container_count);
        log_notices(engine, task);
    }
    events_command(engine, command, 0, NULL);
    return 0;
}

static int add(struct engine *engine, struct command *command)
{
    struct task *known = engine_find_task(engine, command->arn->data);

    if (known == NULL)
        return add_new(engine, command);
    if (known->phase == TASK_ACTIVE && credentials_make_room(engine) < 0)
        return ECSENGINE_ENOMEM;
    if (known->phase == TASK_ACTIVE) {
        take_credentials(engine, command, known);
        task_want(engine, known, command->desired);
        events_command(engine, command, 0, NULL);
    } else if (command->desired == ECSENGINE_TASK_STOPPED) {
        events_command(engine, command, 0, NULL); /* it is past that */
    } else {
        events_command(engine, command, ECSENGINE_EEXIST,
                       known->phase == TASK_CLEANING
                           ? "a stopped task of this ARN is being cleaned up"
                           : "a former task of this ARN is still known: its last event was not acknowledged yet");
    }
    return 0;
}

static int stop(struct engine *engine, struct command *command)
{
    struct task *task = engine_find_task(engine, command->arn->data);

    if (task == NULL) {
        events_command(engine, command, ECSENGINE_ENOTFOUND, "there is no task of this ARN");
        return 0;
    }
    if (task->phase == TASK_ACTIVE && command->kind == COMMAND_TASK_KILL)
        task_kill(engine, task);
    else if (task->phase == TASK_ACTIVE)
        task_want(engine, task, ECSENGINE_TASK_STOPPED);
    events_command(engine, command, 0, NULL);
    return 0;
}

int command_apply(struct engine *engine, struct command *command)
{
    switch (command->kind) {
    case COMMAND_TASK_ADD:
        return add(engine, command);
    case COMMAND_TASK_STOP:
    case COMMAND_TASK_KILL:
        return stop(engine, command);
    case COMMAND_CREDENTIALS_SET:
        return credentials_set(engine, command);
    case COMMAND_CREDENTIALS_REMOVE:
        return credentials_remove(engine, command);
    case COMMAND_TASK_MANIFEST:
        return manifest_compare(engine, command);
    case COMMAND_STOP_VERIFIED:
        return manifest_verified(engine, command);
    case COMMAND_PAYLOAD_SEQUENCE:
        return manifest_sequence(engine, command);
    case COMMAND_EXEC:
        exec_begin(engine, command);
        return 0;
    case COMMAND_HOST_SET:
        host_set(engine, command->setting, command->values);
        events_command(engine, command, 0, NULL);
        return 0;
    default:
        engine->shut_down = true;
        events_command(engine, command, 0, NULL);
        return 0;
    }
}
