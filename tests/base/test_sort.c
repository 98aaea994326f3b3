/* SPDX-License-Identifier: Apache-2.0 */
/* Sorting by a number, against what sorted means. */
#include "unit.h"

#include "base/prng.h"
#include "base/sort.h"

enum { MANY = 1000 };

static struct sort_item items[MANY], scratch[MANY];
static unsigned char places[MANY]; /* their addresses are in the order in which the items were given */

static void check(size_t count)
{
    for (size_t i = 1; i < count; i++) {
        ck_assert_uint_le(items[i - 1].key, items[i].key);
        if (items[i - 1].key == items[i].key)
            ck_assert(items[i - 1].item < items[i].item);
    }
}

/* Every length up to 70, and a long one; few keys, so that many are equal, and many. */
START_TEST(keys_rise_and_equals_stay_in_their_order)
{
    for (size_t count = 0; count <= 71; count++) {
        size_t n = count == 71 ? MANY : count;
        uint64_t keys = _i == 0 ? 5 : UINT64_MAX, sum = 0;
        for (size_t i = 0; i < n; i++) {
            items[i] = (struct sort_item){prng_below(prng_draw(7, "sort", 4, 1, count * MANY + i), keys), &places[i]};
            sum += items[i].key;
        }
        sort_by_key(items, scratch, n);
        check(n);
        for (size_t i = 0; i < n; i++)
            sum -= items[i].key;
        ck_assert_uint_eq(0, sum);
    }
}
END_TEST

START_TEST(what_is_sorted_is_left_alone)
{
    struct sort_item one = {UINT64_MAX, NULL};

    for (size_t i = 0; i < MANY; i++)
        items[i] = (struct sort_item){i / 3, &places[i]};
    sort_by_key(items, NULL, MANY); /* without a place to write to */
    check(MANY);
    sort_by_key(&one, NULL, 1);
    sort_by_key(NULL, NULL, 0);
    ck_assert_uint_eq(UINT64_MAX, one.key);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_loop_test(tcase, keys_rise_and_equals_stay_in_their_order, 0, 2);
    tcase_add_test(tcase, what_is_sorted_is_left_alone);
}

int main(void) { return unit_run("sort", fill); }
