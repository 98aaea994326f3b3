/* SPDX-License-Identifier: Apache-2.0 */
/* The intrusive hash map: chained, at most one node a slot on average. */
#include "base/map.h"

#include <assert.h>

#include "ecsengine/error.h"

void map_init(struct map *map, struct mem *mem) { *map = (struct map){.mem = mem}; }

void map_free(struct map *map)
{
    mem_free(map->mem, map->table);
    map_init(map, map->mem);
}

static struct map_node **slot(const struct map *map, uint64_t hash) { return &map->table[hash & (map->size - 1)]; }

int map_reserve(struct map *map, size_t count)
{
    if (count <= map->size)
        return 0;
    size_t size = map->size > 0 ? map->size : 16;
    while (size < count)
        size *= 2;
    struct map_node **table = mem_array(map->mem, size, sizeof(*table));
    if (table == NULL)
        return ECSENGINE_ENOMEM;
    struct map old = *map;
    map->table = table;
    map->size = size;
    map->count = 0;
    for (size_t i = 0; i < old.size; i++) {
        for (struct map_node *node = old.table[i], *next; node != NULL; node = next) {
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
    struct map_node **at = slot(map, hash);
    node->hash = hash;
    node->next = *at;
    *at = node;
    map->count++;
}

void map_remove(struct map *map, struct map_node *node)
{
    struct map_node **at = slot(map, node->hash);

    while (*at != node)
        at = &(*at)->next;
    *at = node->next;
    node->next = NULL;
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
    return map->size > 0 ? matching(*slot(map, hash), hash) : NULL;
}

struct map_node *map_find_next(const struct map_node *node) { return matching(node->next, node->hash); }
