/* SPDX-License-Identifier: Apache-2.0 */
/* A hash table of pointers or counts, for look-ups alone: it is never walked, so that no output can depend on the order of hashes. The
 * user says what equals what. */
#ifndef SIM_TABLE_H
#define SIM_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sim_slot {
    uint64_t hash;
    bool used;
    union {
        void *object;
        uint64_t count;
    };
};

/* All zero is an empty table. */
struct sim_table {
    struct sim_slot *slots;
    size_t size; /* a power of two, or 0 */
    size_t count;
};

/* Whether the object is the one that is looked for. NULL for a table whose hashes are the keys themselves. */
typedef bool (*sim_match_fn)(const void *object, const void *key);

void sim_table_free(struct sim_table *table);

/* Room for one more, so that the next sim_table_add() cannot fail. ENOMEM. */
int sim_table_reserve(struct sim_table *table);

/* The slot of the key, or NULL. Valid until the table changes. */
struct sim_slot *sim_table_find(const struct sim_table *table, uint64_t hash, sim_match_fn match, const void *key);

/* A new slot, to be filled in; sim_table_reserve() has been called. */
struct sim_slot *sim_table_add(struct sim_table *table, uint64_t hash);
void sim_table_remove(struct sim_table *table, struct sim_slot *slot);

#endif
