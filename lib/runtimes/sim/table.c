/* SPDX-License-Identifier: Apache-2.0 */
/* The hash table: linear probing, at most three quarters full, removal by moving back what was pushed along (no tombstones, so that a
 * table through which a million containers went is as quick as a new one). */
#include "table.h"

#include <stdlib.h>

#include "ecsengine/error.h"

void sim_table_free(struct sim_table *table)
{
    free(table->slots);
    *table = (struct sim_table){0};
}

static struct sim_slot *free_slot(struct sim_table *table, uint64_t hash)
{
    size_t at = hash & (table->size - 1);

    while (table->slots[at].used)
        at = (at + 1) & (table->size - 1);
    return &table->slots[at];
}

int sim_table_reserve(struct sim_table *table)
{
    if (table->count + 1 <= table->size / 4 * 3)
        return 0;
    struct sim_table bigger = {.size = table->size > 0 ? 2 * table->size : 16, .count = table->count};
    bigger.slots = calloc(bigger.size, sizeof(*bigger.slots));
    if (bigger.slots == NULL)
        return ECSENGINE_ENOMEM;
    for (size_t i = 0; i < table->size; i++) {
        if (table->slots[i].used)
            *free_slot(&bigger, table->slots[i].hash) = table->slots[i];
    }
    free(table->slots);
    *table = bigger;
    return 0;
}

struct sim_slot *sim_table_find(const struct sim_table *table, uint64_t hash, sim_match_fn match, const void *key)
{
    if (table->size == 0)
        return NULL;
    for (size_t at = hash & (table->size - 1); table->slots[at].used; at = (at + 1) & (table->size - 1)) {
        struct sim_slot *slot = &table->slots[at];
        if (slot->hash == hash && (match == NULL || match(slot->object, key)))
            return slot;
    }
    return NULL;
}

struct sim_slot *sim_table_add(struct sim_table *table, uint64_t hash)
{
    struct sim_slot *slot = free_slot(table, hash);

    *slot = (struct sim_slot){.hash = hash, .used = true};
    table->count++;
    return slot;
}

void sim_table_remove(struct sim_table *table, struct sim_slot *slot)
{
    size_t mask = table->size - 1, hole = (size_t)(slot - table->slots);

    for (size_t at = (hole + 1) & mask; table->slots[at].used; at = (at + 1) & mask) {
        size_t home = table->slots[at].hash & mask;
        /* It may move into the hole if its home is not between the hole and where it is. */
        if (((at - home) & mask) >= ((at - hole) & mask)) {
            table->slots[hole] = table->slots[at];
            hole = at;
        }
    }
    table->slots[hole] = (struct sim_slot){0};
    table->count--;
}
