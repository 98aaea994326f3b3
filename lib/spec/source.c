/* SPDX-License-Identifier: Apache-2.0 */
/* What both forms have alike above the containers: names to things, the modes, the list of containers. */
#include "spec/source.h"

#include <string.h>

#include "base/prng.h"
#include "model/limits.h"

void source_task_init(struct source_task *task, struct mem *mem, const char *arn)
{
    *task = (struct source_task){.arn = arn, .family = "", .version = "", .launch_type = "", .network_mode = "bridge"};
    map_init(&task->volumes_by_name, mem);
    map_init(&task->containers_by_name, mem);
}

void source_task_free(struct source_task *task)
{
    map_free(&task->volumes_by_name);
    map_free(&task->containers_by_name);
    credentials_unref(task->execution_credentials);
    credentials_unref(task->role_credentials);
}

/* The tables live for one parse and hold at most LIMIT_CONTAINERS names or what a document has of volumes: the key need not be
 * secret. */
static uint64_t name_hash(const char *name, size_t len) { return hash64(0, name, len); }

struct source_container *source_find(const struct source_task *task, const char *name, size_t len)
{
    for (struct map_node *node = map_find(&task->containers_by_name, name_hash(name, len)); node != NULL;
         node = map_find_next(node)) {
        struct source_container *container = container_of(node, struct source_container, by_name);
        if (strlen(container->name) == len && memcmp(container->name, name, len) == 0)
            return container;
    }
    return NULL;
}

const struct source_volume *source_find_volume(const struct source_task *task, const char *name)
{
    uint64_t hash = name_hash(name, strlen(name));

    for (struct map_node *node = map_find(&task->volumes_by_name, hash); node != NULL; node = map_find_next(node)) {
        struct source_volume *volume = container_of(node, struct source_volume, by_name);
        if (strcmp(volume->name, name) == 0)
            return volume;
    }
    return NULL;
}

bool source_name_valid(const char *name, enum form form)
{
    size_t len = strlen(name);

    if (len == 0 || len > LIMIT_NAME)
        return false;
    for (const char *c = name; *c != '\0'; c++) {
        bool plain = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9') || *c == '_' || *c == '-';
        if (form == FORM_TASKDEF ? !plain : (unsigned char)*c <= 0x20 || *c == 0x7f)
            return false;
    }
    return true;
}

/* One of the words, or NULL: a word that is not among them is refused in a task definition and ignored in a payload
 * (task-payload 1.2). */
static const char *word(struct reader *reader, enum form form, const struct json_value *value, const char *const *words,
                        const char *listed)
{
    const char *text = reader_text(reader, value);

    if (text[0] == '\0')
        return NULL;
    for (size_t i = 0; words[i] != NULL; i++)
        if (strcmp(text, words[i]) == 0)
            return words[i];
    if (form == FORM_TASKDEF)
        reader_wrong(reader, value, "expected %s, got \"%s\"", listed, text);
    else
        reader_notice(reader, value, "is none of %s and is ignored", listed);
    return NULL;
}

/* `task` needs a container of its own that holds the namespace, which is not there yet. */
static const char *namespace_mode(struct reader *reader, const struct json_value *value, const char *mode)
{
    if (mode == NULL || strcmp(mode, "task") != 0)
        return mode;
    reader_notice(reader, value, "is not honoured yet: each container has a namespace of its own");
    return NULL;
}

static void network_mode_read(struct reader *reader, enum form form, struct source_task *task, const struct json_value *value)
{
    static const char *const modes[] = {"bridge", "host", "none", "awsvpc", NULL};
    const char *text = reader_text(reader, value), *mode = NULL;

    if (form == FORM_TASKDEF)
        mode = word(reader, form, value, modes, "\"bridge\", \"host\", \"none\" or \"awsvpc\"");
    else if (text[0] != '\0')
        mode = text;
    if (mode != NULL && strcmp(mode, "awsvpc") == 0) {
        reader_notice(reader, value, "is not honoured yet: the task runs in network mode bridge");
        task->network_mode_forced = "bridge";
        return;
    }
    task->network_mode = mode != NULL ? mode : "bridge";
    /* The backend writes the mode into each hostConfig; a payload that says host or none and has no hostConfig means it all the
     * same. */
    if (form == FORM_TASKDEF || strcmp(task->network_mode, "host") == 0 || strcmp(task->network_mode, "none") == 0)
        task->network_mode_base = task->network_mode;
    else if (mode != NULL && strcmp(mode, "bridge") != 0)
        reader_notice(reader, value, "is not a network mode that is known: no rule of a mode applies");
}

void modes_read(struct reader *reader, enum form form, struct source_task *task, const struct json_value *network_mode,
                const struct json_value *pid_mode, const struct json_value *ipc_mode)
{
    static const char *const pid_modes[] = {"host", "task", NULL};
    static const char *const ipc_modes[] = {"host", "task", "none", NULL};

    network_mode_read(reader, form, task, network_mode);
    task->pid_mode = namespace_mode(reader, pid_mode, word(reader, form, pid_mode, pid_modes, "\"host\" or \"task\""));
    task->ipc_mode = namespace_mode(reader, ipc_mode, word(reader, form, ipc_mode, ipc_modes, "\"host\", \"task\" or \"none\""));
}

void containers_read(struct reader *reader, const struct spec_limits *limits, struct source_task *task,
                     const struct json_value *list, container_reader *read_one)
{
    size_t count = list != NULL ? list->count : 0;

    if (count == 0)
        reader_wrong(reader, list, "the task has no containers");
    else if (count > limits->container_count)
        reader_wrong(reader, list, "the task has %zu containers, more than %u (container-limit)", count, limits->container_count);
    if (!reader_failed(reader) && map_reserve(&task->containers_by_name, count) < 0)
        reader_nomem(reader);
    task->containers = reader_scratch(reader, count, sizeof(*task->containers));
    READER_EACH(reader, element, list)
    {
        struct source_container *container = &task->containers[task->container_count];
        read_one(reader, task, element, container);
        if (reader_failed(reader))
            return;
        size_t len = strlen(container->name);
        if (source_find(task, container->name, len) != NULL)
            reader_wrong(reader, json_member(element, "name"), "a second container with the name %s", container->name);
        map_insert(&task->containers_by_name, &container->by_name, name_hash(container->name, len));
        task->container_count++;
    }
}
