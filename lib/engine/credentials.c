/* SPDX-License-Identifier: Apache-2.0 */
/* Credentials. They come with a task's payload or from the host at any time, and are known by their id until their task needs them no more
 * (those of the task's own role when it is STOPPED, those of its execution role when it is removed) or the host takes them back. They are
 * in memory alone: after a restart a task that needs some waits until the host gives them again.
 *
 * A task that lacks some does not fail, it waits, and goes on in the turn in which they come. (The reference looks once a minute.) */
#include "engine/credentials.h"

#include <stdio.h>
#include <string.h>

#include "base/prng.h"
#include "engine/events.h"

static uint64_t hash_of(const struct engine *engine, const struct str *id) { return hash64(engine->seed, id->data, id->len); }

static bool same(const struct str *left, const struct str *right)
{
    return left->len == right->len && memcmp(left->data, right->data, left->len) == 0;
}

struct credentials *credentials_find(const struct engine *engine, const struct str *id)
{
    struct map_node *node = id != NULL ? map_find(&engine->credentials, hash_of(engine, id)) : NULL;

    while (node != NULL && !same(container_of(node, struct credentials, by_id)->id, id))
        node = map_find_next(node);
    return node != NULL ? container_of(node, struct credentials, by_id) : NULL;
}

bool credentials_known(const struct engine *engine, const struct task *task)
{
    return credentials_find(engine, task->execution_credentials_id) != NULL;
}

bool credentials_lacking(const struct engine *engine, const struct container *container)
{
    const struct registry_auth *auth = container_def(container)->registry_auth;

    return auth != NULL && auth->execution_role && !credentials_known(engine, container->task);
}

/* The kinds that the reference makes with the execution role (task-engine 3.6). */
static bool needs_role(const char *type)
{
    static const char *const types[] = {"ssmsecret", "asmsecret", "asmauth", "envfile", "fsx"};

    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
        if (strcmp(type, types[i]) == 0)
            return true;
    return false;
}

bool credentials_lacking_for(const struct engine *engine, const struct resource *resource)
{
    return resource->known < RESOURCE_CREATED && resource->desired == RESOURCE_CREATED && needs_role(resource_def(resource)->type) &&
           !credentials_known(engine, resource->task);
}

void credentials_wait(struct engine *engine, struct task *task)
{
    if (!list_linked(&task->credential_wait))
        list_append(&engine->credential_waits, &task->credential_wait);
}

int credentials_make_room(struct engine *engine) { return map_reserve(&engine->credentials, engine->credentials.count + 2); }

static void forget(struct engine *engine, struct credentials *credentials)
{
    map_remove(&engine->credentials, &credentials->by_id);
    credentials_unref(credentials);
}

/* Of the tasks that wait, those that waited for these go on. */
static void arrived(struct engine *engine, const struct str *id)
{
    for (struct list *node = engine->credential_waits.next, *next; node != &engine->credential_waits; node = next) {
        struct task *task = container_of(node, struct task, credential_wait);
        next = node->next;
        if (task->execution_credentials_id == NULL || !same(task->execution_credentials_id, id))
            continue;
        list_remove(node);
        engine_touch(engine, task);
    }
}

void credentials_put(struct engine *engine, struct credentials *credentials)
{
    if (credentials == NULL)
        return;
    struct credentials *former = credentials_find(engine, credentials->id);
    if (former != NULL)
        forget(engine, former);
    map_insert(&engine->credentials, &credentials->by_id, hash_of(engine, credentials->id));
    arrived(engine, credentials->id);
}

void credentials_drop(struct engine *engine, const struct str *id)
{
    struct credentials *credentials = credentials_find(engine, id);

    if (credentials != NULL)
        forget(engine, credentials);
}

void credentials_forget_all(struct engine *engine)
{
    for (size_t i = 0; i < engine->credentials.size; i++) {
        for (struct map_node *node = engine->credentials.table[i].first, *next; node != NULL; node = next) {
            next = node->next;
            credentials_unref(container_of(node, struct credentials, by_id));
        }
    }
    map_free(&engine->credentials);
}

int credentials_set(struct engine *engine, struct command *command)
{
    struct credentials *credentials = command->credentials[0];
    size_t most = 2 * (size_t)engine->settings.task_limit;
    char text[96];

    if (engine->credentials.count >= most && credentials_find(engine, credentials->id) == NULL) {
        snprintf(text, sizeof(text), "there are %zu credentials already, two for each task that there may be", most);
        events_command(engine, command, ECSENGINE_ELIMIT, text);
        return 0;
    }
    if (credentials_make_room(engine) < 0)
        return ECSENGINE_ENOMEM;
    command->credentials[0] = NULL;
    credentials_put(engine, credentials);
    events_command(engine, command, 0, NULL);
    return 0;
}

int credentials_remove(struct engine *engine, struct command *command)
{
    struct credentials *credentials = credentials_find(engine, command->text);

    if (credentials == NULL) {
        events_command(engine, command, ECSENGINE_ENOTFOUND, "there are no credentials of this id");
        return 0;
    }
    forget(engine, credentials);
    events_command(engine, command, 0, NULL);
    return 0;
}
