/* SPDX-License-Identifier: Apache-2.0 */
/* The node by which a task waits for host resources (engine/queue.c): an intrusive balanced tree, ordered by the tasks' numbers. */
#ifndef MODEL_WAITING_H
#define MODEL_WAITING_H

#include <stdint.h>

#include "base/list.h"

#define WAITING_HIDDEN UINT32_MAX /* more than any task can need */

struct waiting {
    struct waiting *parent;
    struct waiting *left;
    struct waiting *right;
    struct list same;     /* tasks of the same need, by number; next NULL: it does not wait */
    uint32_t priority;    /* a keyed hash of the number: the tree is balanced whoever chooses the numbers, and the same every time */
    uint32_t count;       /* of the subtree */
    uint32_t overtaken;   /* by how many tasks; add what the ancestors hold as pending */
    uint32_t pending;     /* to be added to all below, not to itself */
    uint32_t cpu_units;   /* what is needed, if it is its class's first and the class is open; else WAITING_HIDDEN */
    uint32_t memory_mib;
    uint32_t least_cpu;   /* of the subtree */
    uint32_t least_memory;
    bool possible;        /* the first of a class that this host could have */
    bool any_possible;    /* in the subtree */
};

static inline bool waiting_has(const struct waiting *node) { return list_linked(&node->same); }

#endif
