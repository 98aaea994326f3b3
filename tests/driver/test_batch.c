/* SPDX-License-Identifier: Apache-2.0 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "driver/batch.h"

static int allocations_left = -1; /* -1: any number */

static void *counted_alloc(size_t size, void *user_data)
{
    (void)user_data;
    if (allocations_left == 0)
        return NULL;
    if (allocations_left > 0)
        allocations_left--;
    return malloc(size);
}

static void counted_free(void *ptr, size_t size, void *user_data)
{
    (void)size;
    (void)user_data;
    free(ptr);
}

static const ecsengine_allocator counted = {.size = sizeof(counted), .alloc = counted_alloc, .free = counted_free};

static void put(struct ecsengine_batch *batch, const char *key, const void *value, size_t len)
{
    batch_begin(batch, key);
    buf_put(&batch->data, value, len);
    batch_end(batch);
}

START_TEST(entries_stay_as_they_are_while_the_batch_grows)
{
    struct mem mem;
    struct ecsengine_batch batch;
    char key[32], value[64];

    mem_init(&mem, NULL);
    batch_init(&batch, &mem);
    batch.id = 9;
    for (int i = 0; i < 500; i++) {
        snprintf(key, sizeof(key), "task/%d", i);
        int len = snprintf(value, sizeof(value), "value %d", i);
        put(&batch, key, value, (size_t)len);
    }
    batch_delete(&batch, "gone");
    put(&batch, "empty", "", 0);
    ck_assert_int_eq(0, batch.failed);
    ck_assert_uint_eq(9, ecsengine_batch_id(&batch));
    ck_assert_uint_eq(502, ecsengine_batch_count(&batch));
    for (int i = 0; i < 500; i++) {
        size_t len = 0;
        snprintf(key, sizeof(key), "task/%d", i);
        snprintf(value, sizeof(value), "value %d", i);
        ck_assert_str_eq(key, ecsengine_batch_key(&batch, (size_t)i));
        const char *kept = ecsengine_batch_value(&batch, (size_t)i, &len);
        ck_assert_uint_eq(strlen(value), len);
        ck_assert_int_eq(0, memcmp(kept, value, len));
    }
    size_t len = 77;
    ck_assert_str_eq("gone", ecsengine_batch_key(&batch, 500));
    ck_assert_ptr_null(ecsengine_batch_value(&batch, 500, &len));
    ck_assert_uint_eq(77, len);
    ck_assert_ptr_nonnull(ecsengine_batch_value(&batch, 501, &len)); /* empty is not deleted */
    ck_assert_uint_eq(0, len);
    ck_assert_ptr_nonnull(ecsengine_batch_value(&batch, 501, NULL));
    ck_assert_ptr_null(ecsengine_batch_key(&batch, 502));
    ck_assert_ptr_null(ecsengine_batch_value(&batch, 502, &len));
    batch_free(&batch);
    ck_assert_uint_eq(0, atomic_load(&mem.bytes));
}
END_TEST

START_TEST(a_cleared_batch_is_empty_and_works)
{
    struct mem mem;
    struct ecsengine_batch batch;
    static char large[2 << 20];

    mem_init(&mem, NULL);
    batch_init(&batch, &mem);
    batch.id = 5;
    put(&batch, "large", large, sizeof(large));
    batch_clear(&batch);
    ck_assert_uint_lt(atomic_load(&mem.bytes), 1 << 20); /* a burst's memory is not kept */
    ck_assert_uint_eq(5, batch.id);
    ck_assert_uint_eq(0, ecsengine_batch_count(&batch));
    put(&batch, "k", "v", 1);
    ck_assert_str_eq("k", ecsengine_batch_key(&batch, 0));
    batch_free(&batch);
}
END_TEST

START_TEST(a_failed_allocation_sticks_until_the_batch_is_cleared)
{
    for (int left = 0;; left++) {
        struct mem mem;
        struct ecsengine_batch batch;
        char key[300];
        mem_init(&mem, &counted);
        batch_init(&batch, &mem);
        allocations_left = left;
        for (int i = 0; i < 40; i++) {
            memset(key, 'k', sizeof(key));
            snprintf(key + 280, sizeof(key) - 280, "%d", i);
            if (i % 3 == 2)
                batch_delete(&batch, key);
            else
                put(&batch, key, key, sizeof(key));
        }
        int failed = batch.failed;
        allocations_left = -1;
        batch_clear(&batch);
        ck_assert_int_eq(0, batch.failed);
        put(&batch, "k", "v", 1);
        ck_assert_int_eq(0, batch.failed);
        ck_assert_uint_eq(1, ecsengine_batch_count(&batch));
        batch_free(&batch);
        ck_assert_uint_eq(0, atomic_load(&mem.bytes));
        if (failed == 0) {
            ck_assert_int_gt(left, 3);
            return;
        }
        ck_assert_int_eq(ECSENGINE_ENOMEM, failed);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("batch");
    TCase *tcase = tcase_create("batch");

    tcase_add_test(tcase, entries_stay_as_they_are_while_the_batch_grows);
    tcase_add_test(tcase, a_cleared_batch_is_empty_and_works);
    tcase_add_test(tcase, a_failed_allocation_sticks_until_the_batch_is_cleared);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
