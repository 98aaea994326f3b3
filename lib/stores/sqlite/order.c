/* SPDX-License-Identifier: Apache-2.0 */
#include "order.h"

#include <stdlib.h>
#include <string.h>

enum { KEEP = 4096 }; /* one huge batch is no reason to keep its memory */

static int by_key(const void *left, const void *right)
{
    const struct ordered *l = left, *r = right;
    int difference = strcmp(l->key, r->key);

    return difference != 0 ? difference : l->index < r->index ? -1 : 1;
}

int order_make(struct order *order, const ecsengine_batch *batch)
{
    size_t count = ecsengine_batch_count(batch);

    if (count > order->cap || order->cap > KEEP) {
        order_free(order);
        size_t cap = count > KEEP ? count : KEEP;
        order->items = malloc(cap * sizeof(*order->items));
        if (order->items == NULL)
            return ECSENGINE_ENOMEM;
        order->cap = cap;
    }
    for (size_t i = 0; i < count; i++)
        order->items[i] = (struct ordered){ecsengine_batch_key(batch, i), i};
    order->count = count;
    qsort(order->items, count, sizeof(*order->items), by_key);
    return 0;
}

void order_free(struct order *order)
{
    free(order->items);
    *order = (struct order){0};
}
