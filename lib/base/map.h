/* SPDX-License-Identifier: Apache-2.0 */
/* An intrusive hash map: the nodes live in the objects, so inserting needs no memory. Only the table grows, and that is asked for
 * beforehand (map_reserve), at admission, where refusing is still possible. It is for looking up, never for walking: order comes from
 * lists. The hash is keyed, since keys come from outside. */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include "base/mem.h"

struct map_node {
    struct map_node *next;
    uint64_t hash;
};

/* A slot knows something of the hashes behind it, so that most of what is not there is not looked for in memory that is far away. */
struct map_slot {
    struct map_node *first;
    uint64_t seen; /* a bit for each hash that came by since it was empty */
};

struct map {
    struct mem *mem;
    struct map_slot *table;
    size_t size; /* slots, a power of two, or 0; at least two for each node that room was made for */
    size_t count;
};

void map_init(struct map *map, struct mem *mem);
void map_free(struct map *map);                    /* the table; the nodes are their owners' */
int map_reserve(struct map *map, size_t count);    /* room for `count` nodes: 0 or ECSENGINE_ENOMEM */
void map_insert(struct map *map, struct map_node *node, uint64_t hash);
void map_remove(struct map *map, struct map_node *node); /* one that is in the map */
/* Walks the nodes with that hash, the newest first, however the table has grown: map_find(), then map_find_next() until NULL. The caller
 * compares keys. */
struct map_node *map_find(const struct map *map, uint64_t hash);
/* For who will look for many: brings near what a map_find() of that hash will look at first, or after that. */
void map_near(const struct map *map, uint64_t hash);
void map_nearer(const struct map *map, uint64_t hash);
struct map_node *map_find_next(const struct map_node *node);

#define container_of(ptr, type, member) ((type *)((char *)(ptr) - offsetof(type, member)))

#endif
