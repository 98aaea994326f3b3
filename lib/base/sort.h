/* SPDX-License-Identifier: Apache-2.0 */
/* Many things in the order of a number, all at once: what is side by side in memory is compared, not what is spread over all of it. */
#ifndef BASE_SORT_H
#define BASE_SORT_H

#include <stddef.h>
#include <stdint.h>

struct sort_item {
    uint64_t key;
    void *item;
};

/* From the least key to the greatest; what has the same key stays in its order. `scratch` has room for as many. */
void sort_by_key(struct sort_item *items, struct sort_item *scratch, size_t count);

#endif
