/* SPDX-License-Identifier: Apache-2.0 */
/* The pairing heap. */
#include "base/heap.h"

#include <stddef.h>

static bool before(const struct heap_node *left, const struct heap_node *right)
{
    return left->key != right->key ? left->key < right->key : left->seq < right->seq;
}

static struct heap_node *meld(struct heap_node *left, struct heap_node *right)
{
    if (left == NULL || right == NULL)
        return left != NULL ? left : right;
    if (before(right, left)) {
        struct heap_node *swap = left;
        left = right;
        right = swap;
    }
    right->prev = left;
    right->next = left->child;
    if (left->child != NULL)
        left->child->prev = right;
    left->child = right;
    return left;
}

/* Melds a list of siblings to one tree: pairs from left to right, then the pairs from right to left. */
static struct heap_node *meld_all(struct heap_node *first)
{
    struct heap_node *pairs = NULL, *root = NULL;

    while (first != NULL) {
        struct heap_node *left = first, *right = first->next;
        first = right != NULL ? right->next : NULL;
        left->next = left->prev = NULL;
        if (right != NULL)
            right->next = right->prev = NULL;
        struct heap_node *pair = meld(left, right);
        pair->next = pairs;
        pairs = pair;
    }
    while (pairs != NULL) {
        struct heap_node *pair = pairs;
        pairs = pair->next;
        pair->next = NULL;
        root = meld(root, pair);
    }
    return root;
}

void heap_insert(struct heap *heap, struct heap_node *node, int64_t key)
{
    *node = (struct heap_node){.key = key, .seq = ++heap->seq};
    heap->root = meld(heap->root, node);
}

void heap_remove(struct heap *heap, struct heap_node *node)
{
    if (!heap_has(node))
        return;
    struct heap_node *below = meld_all(node->child);
    if (heap->root == node) {
        heap->root = below;
    } else {
        if (node->prev->child == node)
            node->prev->child = node->next;
        else
            node->prev->next = node->next;
        if (node->next != NULL)
            node->next->prev = node->prev;
        heap->root = meld(heap->root, below);
    }
    if (heap->root != NULL)
        heap->root->prev = heap->root->next = NULL;
    *node = (struct heap_node){0};
}
