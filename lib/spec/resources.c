/* SPDX-License-Identifier: Apache-2.0 */
/* What a task needs beside its containers: volumes that have to be made, and what a host makes by an extension of ours.
 *
 * `ecsengine.resources` in either form lists what the host makes: a name, a type that the host knows, a configuration that is the host's
 * own, the containers that need it (and which step of theirs waits for it), and the containers that must be so far before it is made. */
#include <string.h>

#include "base/prng.h"
#include "ecsengine/error.h"
#include "model/limits.h"
#include "spec/source.h"

#define BOTH(what) .use = {what, what}

/* ---- reading what the host makes ---- */

/* A container's status by its name; `least` to STOPPED, others refuse the task. */
static uint8_t status_read(struct reader *reader, const struct json_value *value, uint8_t least, uint8_t most, uint8_t absent)
{
    const char *name = reader_text(reader, value);

    if (value == NULL || reader_failed(reader))
        return absent;
    for (uint8_t status = least; status <= most; status++)
        if (strcmp(name, ecsengine_container_status_name((enum ecsengine_container_status)status)) == 0)
            return status;
    reader_wrong(reader, value, "expected a status from %s to %s",
                 ecsengine_container_status_name((enum ecsengine_container_status)least),
                 ecsengine_container_status_name((enum ecsengine_container_status)most));
    return absent;
}

/* One `{containerName, status}`: the index of the container and the status. */
static struct source_wait wait_read(struct reader *reader, const struct source_task *task, const struct json_value *value, uint8_t least,
                                    uint8_t most, uint8_t absent)
{
    static const struct field fields[] = {
        {"containerName", JSON_KIND_TEXT, BOTH(FIELD_READ)},
        {"status", JSON_KIND_TEXT, BOTH(FIELD_READ)},
    };
    const struct json_value *slots[2];

    reader_fields(reader, reader_object(reader, value), fields, 2, FORM_PAYLOAD, slots);
    const char *name = reader_text(reader, slots[0]);
    const struct source_container *container = source_find(task, name, strlen(name));
    if (container == NULL)
        reader_wrong(reader, slots[0] != NULL ? slots[0] : value, "%s", slots[0] != NULL ? "the task has no container of that name"
                                                                                         : "containerName is missing");
    uint8_t status = status_read(reader, slots[1], least, most, absent);
    return (struct source_wait){.container = container != NULL ? (uint16_t)(container - task->containers) : 0, .status = status};
}

static size_t waits_read(struct reader *reader, const struct source_task *task, const struct json_value *list, uint8_t least, uint8_t most,
                         uint8_t absent, struct source_wait **out)
{
    size_t count = 0;

    if (list != NULL && list->count > LIMIT_CONTAINERS)
        reader_wrong(reader, list, "has %u elements, more than %d", list->count, LIMIT_CONTAINERS);
    *out = reader_scratch(reader, list != NULL && !reader_failed(reader) ? list->count : 0, sizeof(**out));
    READER_EACH(reader, element, list) { (*out)[count++] = wait_read(reader, task, element, least, most, absent); }
    return count;
}

static const char *word_read(struct reader *reader, const struct json_value *at, const struct json_value *value, const char *what)
{
    const char *word = reader_text(reader, value);

    if (value == NULL)
        reader_wrong(reader, at, "%s is missing", what);
    else if (!source_name_valid(word, FORM_PAYLOAD))
        reader_wrong(reader, value, "expected 1 to %d bytes without spaces and control characters", LIMIT_NAME);
    return word;
}

/* Neither can ever be first. */
static void check_circle(struct reader *reader, const struct json_value *at, const struct source_task *task,
                         const struct source_resource *resource)
{
    for (size_t i = 0; i < resource->dependency_count; i++)
        for (size_t j = 0; j < resource->required_count; j++)
            if (resource->dependencies[i].container == resource->required[j].container &&
                resource->dependencies[i].status >= resource->required[j].status) {
                reader_wrong(reader, at, "waits for container %s, which waits for it",
                             task->containers[resource->required[j].container].name);
                return;
            }
}

static void resource_read(struct reader *reader, const struct source_task *task, const struct json_value *at,
                          struct source_resource *out)
{
    enum { NAME, TYPE, CONFIG, REQUIRED_BY, DEPENDS_ON, COUNT };
    static const struct field fields[COUNT] = {
        [NAME] = {"name", JSON_KIND_TEXT, BOTH(FIELD_READ)},
        [TYPE] = {"type", JSON_KIND_TEXT, BOTH(FIELD_READ)},
        [CONFIG] = {"config", JSON_KIND_OBJECT, BOTH(FIELD_READ)},
        [REQUIRED_BY] = {"requiredBy", JSON_KIND_ARRAY, BOTH(FIELD_READ)},
        [DEPENDS_ON] = {"dependsOn", JSON_KIND_ARRAY, BOTH(FIELD_READ)},
    };
    const struct json_value *slots[COUNT];

    out->at = at;
    reader_fields(reader, reader_object(reader, at), fields, COUNT, FORM_PAYLOAD, slots);
    out->name = word_read(reader, at, slots[NAME], "name");
    out->type = word_read(reader, at, slots[TYPE], "type");
    out->config = slots[CONFIG];
    out->required_count = waits_read(reader, task, slots[REQUIRED_BY], ECSENGINE_CONTAINER_MANIFEST_PULLED, ECSENGINE_CONTAINER_RUNNING,
                                     ECSENGINE_CONTAINER_CREATED, &out->required);
    out->dependency_count = waits_read(reader, task, slots[DEPENDS_ON], ECSENGINE_CONTAINER_MANIFEST_PULLED, ECSENGINE_CONTAINER_STOPPED,
                                       ECSENGINE_CONTAINER_RUNNING, &out->dependencies);
    if (!reader_failed(reader))
        check_circle(reader, at, task, out);
}

void resources_read(struct reader *reader, struct source_task *task, const struct json_value *list)
{
    if (list != NULL && list->count > LIMIT_RESOURCES)
        reader_wrong(reader, list, "has %u elements, more than %d", list->count, LIMIT_RESOURCES);
    task->resources = reader_scratch(reader, list != NULL && !reader_failed(reader) ? list->count : 0, sizeof(*task->resources));
    READER_EACH(reader, element, list) { resource_read(reader, task, element, &task->resources[task->resource_count++]); }
}

/* ---- building ---- */

/* An edge from a resource to the step of a container that waits for it. */
struct edge {
    uint16_t container;
    uint16_t resource;
    uint8_t next;
};

struct edges {
    struct edge *list;
    size_t count;
    uint8_t *seen; /* by container: bit n, its step to status n waits for the resource at hand already */
};

static void add_edge(struct edges *edges, uint16_t container, uint16_t resource, uint8_t next)
{
    if ((edges->seen[container] & 1 << next) != 0)
        return;
    edges->seen[container] |= (uint8_t)(1 << next);
    edges->list[edges->count++] = (struct edge){.container = container, .resource = resource, .next = next};
}

static const struct text_pair *keep_pairs(struct reader *reader, const struct json_value *object, uint16_t *out_count)
{
    size_t count = 0;
    const struct json_value **members = object != NULL ? json_sorted(&reader->scratch, object, &count) : NULL;
    struct text_pair *pairs = arena_array(reader->kept, count, sizeof(*pairs));

    if (pairs == NULL || (object != NULL && members == NULL)) {
        reader_nomem(reader);
        return NULL;
    }
    for (size_t i = 0; i < count; i++) {
        pairs[i].key = reader_keep(reader, members[i]->key);
        pairs[i].value = reader_keep(reader, members[i]->kind == JSON_KIND_TEXT ? members[i]->text : "");
    }
    *out_count = (uint16_t)count;
    return pairs;
}

static void build_volume(struct reader *reader, const struct source_volume *volume, struct resource_def *out)
{
    out->name = reader_keep(reader, volume->name);
    out->kind = RESOURCE_VOLUME;
    out->type = "dockerVolume";
    out->shared = volume->shared;
    out->autoprovision = volume->autoprovision;
    out->driver = reader_keep(reader, volume->driver);
    out->options = keep_pairs(reader, volume->options, &out->option_count);
    out->labels = keep_pairs(reader, volume->labels, &out->label_count);
    out->config_json = "";
}

static void build_of_host(struct reader *reader, const struct source_resource *source, struct resource_def *out)
{
    struct transition_dependency *dependencies = arena_array(reader->kept, source->dependency_count, sizeof(*dependencies));
    struct buf text;

    buf_init(&text, reader->mem, 0);
    if (source->config != NULL)
        json_write(&text, NULL, source->config, &reader->scratch);
    else
        buf_puts(&text, "{}");
    if (dependencies == NULL || text.failed != 0)
        reader_nomem(reader);
    out->name = reader_keep(reader, source->name);
    out->kind = RESOURCE_OF_HOST;
    out->type = reader_keep(reader, source->type);
    out->driver = "";
    out->config_json = reader_keep(reader, text.data);
    buf_free(&text);
    for (size_t i = 0; dependencies != NULL && i < source->dependency_count; i++)
        dependencies[i] = (struct transition_dependency){
            .on = source->dependencies[i].container, .next = RESOURCE_CREATED, .satisfied = source->dependencies[i].status};
    out->dependencies = dependencies;
    out->dependency_count = (uint16_t)source->dependency_count;
}

/* A volume has to be made if it is Docker's, or if it has no path of the host and a container mounts it. */
static bool is_resource(const struct source_volume *volume)
{
    return !volume->ignored && (volume->kind == VOLUME_DOCKER || (volume->kind == VOLUME_EMPTY && volume->mounted));
}

/* Which volumes are mounted, and how many edges there can be. */
static size_t look_at_mounts(struct source_task *task)
{
    size_t edges = 0;

    for (size_t i = 0; i < task->container_count; i++) {
        const struct source_container *container = &task->containers[i];
        edges += container->mount_count;
        for (size_t j = 0; j < container->mount_count; j++) {
            struct source_volume *volume = (struct source_volume *)source_find_volume(task, container->mounts[j].volume);
            if (volume != NULL)
                volume->mounted = true;
        }
    }
    for (size_t i = 0; i < task->resource_count; i++)
        edges += task->resources[i].required_count;
    return edges;
}

/* The volumes that have to be made, in the order of the document. */
static void build_volumes(struct reader *reader, struct source_task *task, struct definition *definition)
{
    for (size_t i = 0; i < task->volume_count; i++) {
        struct source_volume *volume = &task->volumes[i];
        volume->resource = -1;
        if (!is_resource(volume))
            continue;
        if (volume->kind == VOLUME_DOCKER && !volume->shared && volume->autoprovision)
            reader_refuse(reader, "resource cannot be initialized for task %s: volume [%s] : task scoped volume could not be autoprovisioned",
                          task->arn, volume->name);
        volume->resource = definition->resource_count;
        build_volume(reader, volume, &definition->resources[definition->resource_count++]);
    }
}

static void build_resources(struct reader *reader, const struct source_task *task, struct definition *definition, struct edges *edges)
{
    for (size_t i = 0; i < task->resource_count; i++) {
        const struct source_resource *source = &task->resources[i];
        uint16_t index = definition->resource_count;
        if (reader_failed(reader))
            return;
        if (definition_find_resource(definition, source->name) >= 0) {
            reader_wrong(reader, source->at, "a second resource or volume with the name %s", source->name);
            return;
        }
        memset(edges->seen, 0, task->container_count);
        build_of_host(reader, source, &definition->resources[definition->resource_count++]);
        for (size_t j = 0; j < source->required_count; j++)
            add_edge(edges, source->required[j].container, index, source->required[j].status);
    }
}

/* A container that mounts a volume is pulled when there is that volume. */
static void add_mount_edges(struct reader *reader, const struct source_task *task, const struct definition *definition,
                            struct edges *edges)
{
    size_t *last = reader_scratch(reader, definition->resource_count, sizeof(*last)); /* the container, + 1, that waits for it already */

    for (size_t i = 0; last != NULL && i < task->container_count; i++)
        for (size_t j = 0; j < task->containers[i].mount_count; j++) {
            const struct source_volume *volume = source_find_volume(task, task->containers[i].mounts[j].volume);
            if (volume == NULL || volume->resource < 0 || last[volume->resource] == i + 1)
                continue;
            last[volume->resource] = i + 1;
            edges->list[edges->count++] = (struct edge){
                .container = (uint16_t)i, .resource = (uint16_t)volume->resource, .next = ECSENGINE_CONTAINER_PULLED};
        }
}

/* From one list to one for each container, the order kept. */
static void give_out(struct reader *reader, struct definition *definition, const struct edges *edges)
{
    size_t *counts = reader_scratch(reader, definition->container_count, sizeof(*counts));

    for (size_t i = 0; counts != NULL && i < edges->count; i++)
        counts[edges->list[i].container]++;
    for (uint16_t i = 0; counts != NULL && i < definition->container_count; i++) {
        definition->containers[i].resource_waits = arena_array(reader->kept, counts[i], sizeof(struct transition_dependency));
        if (definition->containers[i].resource_waits == NULL)
            reader_nomem(reader);
    }
    for (size_t i = 0; !reader_failed(reader) && i < edges->count; i++) {
        struct container_def *def = &definition->containers[edges->list[i].container];
        struct transition_dependency *waits = (struct transition_dependency *)def->resource_waits;
        waits[def->resource_wait_count++] = (struct transition_dependency){
            .on = edges->list[i].resource, .next = edges->list[i].next, .satisfied = RESOURCE_CREATED};
    }
}

void resources_build(struct reader *reader, struct source_task *task, struct definition *definition)
{
    size_t volumes = 0, most = look_at_mounts(task);

    for (size_t i = 0; i < task->volume_count; i++)
        volumes += is_resource(&task->volumes[i]) ? 1 : 0;
    if (volumes + task->resource_count > LIMIT_RESOURCES)
        reader_refuse(reader, "resource cannot be initialized for task %s: the task has %zu volumes and other resources, more than %d",
                      task->arn, volumes + task->resource_count, LIMIT_RESOURCES);
    if (reader_failed(reader))
        return;
    struct edges edges = {.list = reader_scratch(reader, most, sizeof(*edges.list)),
                          .seen = reader_scratch(reader, task->container_count, 1)};
    definition->resources = arena_array(reader->kept, volumes + task->resource_count, sizeof(*definition->resources));
    if (definition->resources == NULL)
        reader_nomem(reader);
    if (reader_failed(reader))
        return;
    build_volumes(reader, task, definition);
    add_mount_edges(reader, task, definition, &edges);
    build_resources(reader, task, definition, &edges);
    give_out(reader, definition, &edges);
}
