/* SPDX-License-Identifier: Apache-2.0 */
/* The intrusive hash map: chained, at most one node for two slots on average. */
#include "base/map.h"

#include <assert.h>

#include "ecsengine/error.h"

void map_init(struct map *map, struct mem *mem) { *map = (struct map){.mem = mem}; }

void map_free(struct map *map)
{
    mem_free(map->mem, map->table);
    map_init(map, map->mem);
}

static struct map_slot *slot_of(const struct map *map, uint64_t hash) { return &map->table[hash & (map->size - 1)]; }
static uint64_t bit_of(uint64_t hash) { return UINT64_C(1) << (hash >> 58); } /* the slot is chosen by the other end */

static struct map_node *reversed(struct map_node *node)
{
    struct map_node *head = NULL;

    for (struct map_node *next; node != NULL; node = next) {
        next = node->next;
        node->next = head;
        head = node;
    }
    return head;
}

int map_reserve(struct map *map, size_t count)
{
    if (count <= map->size / 2)
        return 0;
    if (count > SIZE_MAX / 8)
        return ECSENGINE_ENOMEM;
    size_t size = map->size > 0 ? map->size : 16;
    while (size < count * 2)
        size *= 2;
    struct map_slot *table = mem_array(map->mem, size, sizeof(*table));
    if (table == NULL)
        return ECSENGINE_ENOMEM;
    struct map old = *map;
    map->table = table;
    map->size = size;
    map->count = 0;
    for (size_t i = 0; i < old.size; i++) {
        for (struct map_node *node = reversed(old.table[i].first), *next; node != NULL; node = next) {
            next = node->next;
            map_insert(map, node, node->hash);
        }
    }
    mem_free(map->mem, old.table);
    return 0;
}

void map_insert(struct map *map, struct map_node *node, uint64_t hash)
{
    assert(map->size > 0);
    struct map_slot *slot = slot_of(map, hash);
    node->hash = hash;
    node->next = slot->first;
    slot->first = node;
    slot->seen |= bit_of(hash);
    map->count++;
}

void map_remove(struct map *map, struct map_node *node)
{
    struct map_slot *slot = slot_of(map, node->hash);
    struct map_node **at = &slot->first;

    while (*at != node)
        at = &(*at)->next;
    *at = node->next;
    node->next = NULL;
    if (slot->first == NULL)
        slot->seen = 0;
    map->count--;
}

static struct map_node *matching(struct map_node *node, uint64_t hash)
{
    while (node != NULL && node->hash != hash)
        node = node->next;
    return node;
}

struct map_node *map_find(const struct map *map, uint64_t hash)
{
    const struct map_slot *slot = map->size > 0 ? slot_of(map, hash) : NULL;

    return slot != NULL && (slot->seen & bit_of(hash)) != 0 ? matching(slot->first, hash) : NULL;
}

void map_near(const struct map *map, uint64_t hash)
{
    if (map->size > 0)
        __builtin_prefetch(slot_of(map, hash));
}

void map_nearer(const struct map *map, uint64_t hash)
{
    const struct map_slot *slot = map->size > 0 ? slot_of(map, hash) : NULL;

    if (slot != NULL && (slot->seen & bit_of(hash)) != 0)
        __builtin_prefetch(slot->first);
}

struct map_node *map_find_next(const struct map_node *node) { return matching(node->next, node->hash); }
