/* SPDX-License-Identifier: Apache-2.0 */
/* The heap of deadlines, against a search of all. */
#include "unit.h"

#include "base/heap.h"
#include "base/prng.h"

enum { NODES = 300 };

static struct heap_node nodes[NODES];

/* The least of the nodes that are in, by key and then by insertion. */
static struct heap_node *least(void)
{
    struct heap_node *found = NULL;

    for (int i = 0; i < NODES; i++)
        if (heap_has(&nodes[i]) &&
            (found == NULL || nodes[i].key < found->key || (nodes[i].key == found->key && nodes[i].seq < found->seq)))
            found = &nodes[i];
    return found;
}

START_TEST(a_heap_agrees_with_a_search_of_all_under_random_use)
{
    struct heap heap = {0};
    size_t in = 0;

    for (uint64_t n = 0; n < 20000; n++) {
        struct heap_node *node = &nodes[prng_below(prng_draw((uint64_t)_i, "heap", 4, 1, n), NODES)];
        if (!heap_has(node)) {
            heap_insert(&heap, node, (int64_t)prng_below(prng_draw((uint64_t)_i, "heap", 4, 2, n), 50) - 25);
            in++;
        } else {
            heap_remove(&heap, node); /* anywhere */
            in--;
        }
        ck_assert_ptr_eq(least(), heap_min(&heap));
        ck_assert_int_eq(in == 0, heap_min(&heap) == NULL);
    }
    int64_t last = INT64_MIN;
    uint64_t seq = 0;
    while (heap_min(&heap) != NULL) {
        struct heap_node *node = heap_min(&heap);
        ck_assert(node->key > last || (node->key == last && node->seq > seq));
        last = node->key;
        seq = node->seq;
        heap_remove(&heap, node);
        ck_assert(!heap_has(node));
        in--;
    }
    ck_assert_uint_eq(0, in);
}
END_TEST

START_TEST(equal_times_come_out_in_the_order_of_insertion)
{
    struct heap heap = {0};

    for (int i = 0; i < NODES; i++)
        heap_insert(&heap, &nodes[i], i % 3);
    for (int time = 0; time < 3; time++) {
        for (int i = time; i < NODES; i += 3) {
            ck_assert_ptr_eq(&nodes[i], heap_min(&heap));
            heap_remove(&heap, &nodes[i]);
        }
    }
    heap_remove(&heap, &nodes[0]); /* not in: fine */
    ck_assert_ptr_null(heap_min(&heap));
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_loop_test(tcase, a_heap_agrees_with_a_search_of_all_under_random_use, 0, 4);
    tcase_add_test(tcase, equal_times_come_out_in_the_order_of_insertion);
}

int main(void) { return unit_run("heap", fill); }
