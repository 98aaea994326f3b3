/* SPDX-License-Identifier: Apache-2.0 */
/* A batch in the order of its keys. The table is a tree by key: in that order each of its pages is changed once, however little of the
 * file the page cache holds. In the order in which tasks changed, a large batch comes back to pages that had to leave the cache meanwhile,
 * and writes them again each time. */
#ifndef SQLITE_ORDER_H
#define SQLITE_ORDER_H

#include <stddef.h>

#include "ecsengine/store.h"

struct order {
    struct ordered {
        const char *key;
        size_t index; /* in the batch */
    } *items;
    size_t count, cap;
};

/* Sorts; entries of one key stay in the order in which they apply. 0, or ECSENGINE_ENOMEM. */
int order_make(struct order *order, const ecsengine_batch *batch);
void order_free(struct order *order);

#endif
