/* SPDX-License-Identifier: Apache-2.0 */
/* Deadlines in order: a pairing heap whose nodes live in the objects that wait. Adding never needs memory and never fails. Nodes with
 * the same time come out in the order in which they went in, so that a run is the same every time. */
#ifndef BASE_HEAP_H
#define BASE_HEAP_H

#include <stdbool.h>
#include <stdint.h>

struct heap_node {
    struct heap_node *child;
    struct heap_node *next; /* sibling */
    struct heap_node *prev; /* sibling before, or parent for the first child */
    int64_t key;
    uint64_t seq; /* 0: not in a heap */
};

struct heap {
    struct heap_node *root;
    uint64_t seq;
};

static inline bool heap_has(const struct heap_node *node) { return node->seq != 0; }
static inline struct heap_node *heap_min(const struct heap *heap) { return heap->root; } /* NULL if empty */
void heap_insert(struct heap *heap, struct heap_node *node, int64_t key); /* one that is not in */
void heap_remove(struct heap *heap, struct heap_node *node);              /* one that is in, or not: both are fine */

#endif
