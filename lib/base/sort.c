/* SPDX-License-Identifier: Apache-2.0 */
/* A merge sort from the bottom up. What is sorted already is only looked at. */
#include "base/sort.h"

#include <string.h>

/* Two sorted runs become one. */
static void merge(const struct sort_item *left, size_t left_count, const struct sort_item *right, size_t right_count, struct sort_item *out)
{
    while (left_count > 0 && right_count > 0) {
        if (left->key <= right->key) {
            *out++ = *left++;
            left_count--;
        } else {
            *out++ = *right++;
            right_count--;
        }
    }
    memcpy(out, left, left_count * sizeof(*out));
    memcpy(out + left_count, right, right_count * sizeof(*out));
}

static int is_sorted(const struct sort_item *items, size_t count)
{
    for (size_t i = 1; i < count; i++)
        if (items[i - 1].key > items[i].key)
            return 0;
    return 1;
}

void sort_by_key(struct sort_item *items, struct sort_item *scratch, size_t count)
{
    struct sort_item *from = items, *to = scratch;

    if (is_sorted(items, count))
        return;
    for (size_t width = 1; width < count; width *= 2) {
        for (size_t at = 0; at < count; at += 2 * width) {
            size_t left = count - at < width ? count - at : width;
            size_t right = count - at - left < width ? count - at - left : width;
            merge(from + at, left, from + at + left, right, to + at);
        }
        struct sort_item *swap = from;
        from = to;
        to = swap;
    }
    if (from != items)
        memcpy(items, from, count * sizeof(*items));
}
