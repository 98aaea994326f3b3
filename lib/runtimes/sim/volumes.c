/* SPDX-License-Identifier: Apache-2.0 */
/* Named things: a table for finding them, a list for their order. */
#include "volumes.h"

#include <stdlib.h>
#include <string.h>

#include "prng.h"

static bool has_name(const void *object, const void *key) { return strcmp(((const struct sim_volume *)object)->name, key) == 0; }

static void volume_free(struct sim_volume *volume)
{
    json_decref(volume->config);
    free(volume);
}

void sim_volumes_free(struct sim_volumes *volumes)
{
    while (volumes->first != NULL) {
        struct sim_volume *volume = volumes->first;
        volumes->first = volume->next;
        volume_free(volume);
    }
    sim_table_free(&volumes->names);
}

struct sim_volume *sim_volumes_find(const struct sim_volumes *volumes, const char *name)
{
    struct sim_slot *slot = sim_table_find(&volumes->names, sim_hash_text(name), has_name, name);

    return slot != NULL ? slot->object : NULL;
}

struct sim_volume *sim_volumes_at(const struct sim_volumes *volumes, size_t index)
{
    struct sim_volume *volume = volumes->first;

    for (; volume != NULL && index > 0; index--)
        volume = volume->next;
    return volume;
}

static struct sim_volume *volume_new(struct sim_volumes *volumes, const char *name)
{
    size_t size = strlen(name) + 1;
    struct sim_volume *volume = sim_table_reserve(&volumes->names) == 0 ? calloc(1, sizeof(*volume) + size) : NULL;

    if (volume == NULL)
        return NULL;
    memcpy(volume->name, name, size);
    volume->prev = volumes->last;
    if (volume->prev != NULL)
        volume->prev->next = volume;
    else
        volumes->first = volume;
    volumes->last = volume;
    volumes->count++;
    sim_table_add(&volumes->names, sim_hash_text(name))->object = volume;
    return volume;
}

struct sim_volume *sim_volumes_add(struct sim_volumes *volumes, const char *name, json_t *config)
{
    struct sim_volume *volume = sim_volumes_find(volumes, name);
    bool known = volume != NULL;

    if (!known)
        volume = volume_new(volumes, name);
    if (known || volume == NULL)
        json_decref(config);
    else
        volume->config = config;
    return volume;
}

void sim_volumes_remove(struct sim_volumes *volumes, struct sim_volume *volume)
{
    sim_table_remove(&volumes->names, sim_table_find(&volumes->names, sim_hash_text(volume->name), has_name, volume->name));
    if (volume->prev != NULL)
        volume->prev->next = volume->next;
    else
        volumes->first = volume->next;
    if (volume->next != NULL)
        volume->next->prev = volume->prev;
    else
        volumes->last = volume->prev;
    volumes->count--;
    volume_free(volume);
}
