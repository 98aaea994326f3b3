/* SPDX-License-Identifier: Apache-2.0 */
/* The containers: two tables for finding them, one array for their order. A removed one leaves a gap in the array, which is closed
 * when it is too full of gaps, or when somebody asks for the n-th: so that removing one costs the same among ten and among 100,000. */
#include "containers.h"

#include <stdlib.h>
#include <string.h>

#include "ecsengine/error.h"
#include "prng.h"

enum { PURPOSE_ID = 1 };

void sim_shape_free(struct sim_shape *shape)
{
    free(shape->ports);
    free(shape->labels);
    free(shape->volumes);
    *shape = (struct sim_shape){0};
}

static void container_free(struct sim_container *container)
{
    while (container->execs != NULL) {
        struct sim_exec *exec = container->execs;
        container->execs = exec->next;
        free(exec);
    }
    sim_shape_free(&container->shape);
    free(container);
}

void sim_containers_free(struct sim_containers *containers)
{
    for (size_t i = 0; i < containers->end; i++) {
        if (containers->order[i] != NULL)
            container_free(containers->order[i]);
    }
    free(containers->order);
    sim_table_free(&containers->ids);
    sim_table_free(&containers->names);
    *containers = (struct sim_containers){0};
}

static bool has_id(const void *object, const void *key) { return strcmp(((const struct sim_container *)object)->id, key) == 0; }

static bool has_name(const void *object, const void *key)
{
    return strcmp(((const struct sim_container *)object)->runtime_name, key) == 0;
}

struct sim_container *sim_containers_named(const struct sim_containers *containers, const char *runtime_name)
{
    struct sim_slot *slot = sim_table_find(&containers->names, sim_hash_text(runtime_name), has_name, runtime_name);

    return slot != NULL ? slot->object : NULL;
}

struct sim_container *sim_containers_find(const struct sim_containers *containers, const char *text)
{
    struct sim_slot *slot = sim_table_find(&containers->ids, sim_hash_text(text), has_id, text);

    return slot != NULL ? slot->object : sim_containers_named(containers, text);
}

static void close_gaps(struct sim_containers *containers)
{
    size_t end = 0;

    for (size_t i = 0; i < containers->end; i++) {
        struct sim_container *container = containers->order[i];
        if (container == NULL)
            continue;
        container->place = end;
        containers->order[end++] = container;
    }
    containers->end = end;
}

static int make_room(struct sim_containers *containers)
{
    if (sim_table_reserve(&containers->ids) < 0 || sim_table_reserve(&containers->names) < 0)
        return ECSENGINE_ENOMEM;
    if (containers->end < containers->size)
        return 0;
    if (containers->count < containers->size / 2) {
        close_gaps(containers);
        return 0;
    }
    size_t size = containers->size > 0 ? 2 * containers->size : 64;
    struct sim_container **order = realloc(containers->order, size * sizeof(struct sim_container *));
    if (order == NULL)
        return ECSENGINE_ENOMEM;
    containers->order = order;
    containers->size = size;
    return 0;
}

static const char *copied(char **to, const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = memcpy(*to, text, size);

    *to += size;
    return copy;
}

struct sim_container *sim_containers_add(struct sim_containers *containers, uint64_t seed, const char *runtime_name,
                                         const char *name, const char *task)
{
    struct sim_container *container = NULL;
    size_t texts = strlen(runtime_name) + strlen(name) + strlen(task) + 3;

    if (make_room(containers) == 0)
        container = calloc(1, sizeof(*container) + texts);
    if (container == NULL)
        return NULL;
    char *to = (char *)(container + 1);
    container->runtime_name = copied(&to, runtime_name);
    container->name = copied(&to, name);
    container->task = copied(&to, task);
    container->who = sim_mix(sim_hash_text(task), sim_hash_text(name));
    sim_draw_hex(seed, containers->created++, PURPOSE_ID, container->id, SIM_ID_DIGITS);
    container->id_hash = sim_hash_text(container->id);
    container->name_hash = sim_hash_text(container->runtime_name);
    container->end.what = SIM_DUE_END;
    container->kill.what = SIM_DUE_KILL;
    container->healthy.what = SIM_DUE_HEALTHY;
    container->unhealthy.what = SIM_DUE_UNHEALTHY;
    container->place = containers->end;
    sim_table_add(&containers->ids, container->id_hash)->object = container;
    sim_table_add(&containers->names, container->name_hash)->object = container;
    containers->order[containers->end++] = container;
    containers->count++;
    return container;
}

void sim_containers_remove(struct sim_containers *containers, struct sim_container *container)
{
    sim_table_remove(&containers->ids, sim_table_find(&containers->ids, container->id_hash, has_id, container->id));
    sim_table_remove(&containers->names,
                     sim_table_find(&containers->names, container->name_hash, has_name, container->runtime_name));
    containers->order[container->place] = NULL;
    containers->count--;
    if (containers->count == 0)
        containers->end = 0;
    container_free(container);
}

struct sim_container *sim_containers_at(struct sim_containers *containers, size_t index)
{
    if (index >= containers->count)
        return NULL;
    if (containers->end != containers->count)
        close_gaps(containers);
    return containers->order[index];
}

bool sim_container_has_label(const struct sim_container *container, const char *label)
{
    const char *at = container->shape.labels;

    if (at == NULL || *label == '\0')
        return true;
    for (; *at != '\0'; at += strlen(at) + 1) {
        if (strcmp(at, label) == 0)
            return true;
    }
    return false;
}
