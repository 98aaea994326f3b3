/* SPDX-License-Identifier: Apache-2.0 */
/* Memory: sizes, accounting, and the reserve's promise. */
#include "unit.h"

#include <pthread.h>

START_TEST(every_byte_is_accounted_for_and_given_back)
{
    void *blocks[64];

    for (size_t i = 0; i < 64; i++) {
        blocks[i] = mem_alloc(&unit_mem, i * 7);
        memset(blocks[i], 0xee, i * 7);
    }
    ck_assert_uint_eq(unit.bytes, atomic_load(&unit_mem.bytes));
    for (size_t i = 0; i < 64; i++)
        mem_free(&unit_mem, blocks[(i * 29) % 64]);
    mem_free(&unit_mem, NULL);
    unit_ends();
}
END_TEST

START_TEST(blocks_are_aligned_for_any_object)
{
    for (size_t size = 0; size < 40; size++) {
        void *block = mem_alloc(&unit_mem, size);
        ck_assert_uint_eq(0, (uintptr_t)block % _Alignof(max_align_t));
        mem_free(&unit_mem, block);
    }
    ck_assert_int_eq(0, mem_reserve(&unit_mem, 4096));
    unit.fail_all = true;
    for (size_t size = 1; size < 40; size++) {
        void *block = mem_sure(&unit_mem, size);
        ck_assert_uint_eq(0, (uintptr_t)block % _Alignof(max_align_t));
        mem_free(&unit_mem, block);
    }
    unit_ends();
}
END_TEST

START_TEST(sizes_that_overflow_are_refused)
{
    ck_assert_ptr_null(mem_alloc(&unit_mem, SIZE_MAX));
    ck_assert_ptr_null(mem_alloc(&unit_mem, SIZE_MAX - 8));
    ck_assert_ptr_null(mem_array(&unit_mem, SIZE_MAX / 2, 4));
    ck_assert_ptr_null(mem_array(&unit_mem, (SIZE_MAX >> 32) + 1, (SIZE_MAX >> 32) + 1));
    ck_assert_int_eq(0, unit.calls);
    unsigned char *array = mem_array(&unit_mem, 10, 10);
    for (int i = 0; i < 100; i++)
        ck_assert_uint_eq(0, array[i]);
    mem_free(&unit_mem, array);
    unit_ends();
}
END_TEST

START_TEST(growing_keeps_the_content_and_failing_to_keeps_the_block)
{
    char *block = mem_grow(&unit_mem, NULL, 4);

    memcpy(block, "abc", 4);
    block = mem_grow(&unit_mem, block, 1000);
    ck_assert_str_eq("abc", block);
    unit.fail_all = true;
    ck_assert_ptr_null(mem_grow(&unit_mem, block, 2000));
    ck_assert_str_eq("abc", block);
    unit.fail_all = false;
    block = mem_grow(&unit_mem, block, 2);
    ck_assert_int_eq(0, memcmp("ab", block, 2));
    mem_free(&unit_mem, block);
    unit_ends();
}
END_TEST

START_TEST(what_was_reserved_can_be_had_when_nothing_else_can)
{
    unsigned char *blocks[200];

    ck_assert_int_eq(0, mem_reserve(&unit_mem, 200 * (100 + 32)));
    unit.fail_all = true;
    for (int i = 0; i < 200; i++) {
        blocks[i] = mem_sure(&unit_mem, 100);
        for (int j = 0; j < 100; j++)
            ck_assert_uint_eq(0, blocks[i][j]);
        memset(blocks[i], i, 100);
    }
    for (int i = 0; i < 200; i++)
        for (int j = 0; j < 100; j++)
            ck_assert_uint_eq((unsigned char)i, blocks[i][j]);
    for (int i = 0; i < 200; i++)
        mem_free(&unit_mem, blocks[i]);
    unit_ends();
}
END_TEST

START_TEST(a_reserve_that_can_not_be_had_changes_nothing)
{
    unit.fail_all = true;
    ck_assert_int_eq(ECSENGINE_ENOMEM, mem_reserve(&unit_mem, 100));
    unit.fail_all = false;
    ck_assert_int_eq(0, mem_reserve(&unit_mem, 100));
    size_t blocks = unit.blocks;
    long calls = unit.calls;
    ck_assert_int_eq(0, mem_reserve(&unit_mem, 100)); /* it is there still */
    ck_assert_int_eq(calls, unit.calls);
    unit.fail_all = true;
    ck_assert_int_eq(ECSENGINE_ENOMEM, mem_reserve(&unit_mem, 1 << 20));
    ck_assert_uint_eq(blocks, unit.blocks);
    mem_free(&unit_mem, mem_sure(&unit_mem, 60)); /* the former one */
    unit_ends();
}
END_TEST

START_TEST(a_chunk_lives_as_long_as_its_last_block)
{
    ck_assert_int_eq(0, mem_reserve(&unit_mem, 1000));
    unit.fail_all = true;
    char *block = mem_sure(&unit_mem, 100);
    unit.fail_all = false;
    ck_assert_int_eq(0, mem_reserve(&unit_mem, 1 << 20)); /* another chunk */
    ck_assert_uint_eq(2, unit.blocks);
    memset(block, 'x', 100);
    mem_close(&unit_mem);
    ck_assert_uint_eq(1, unit.blocks);
    memset(block, 'y', 100);
    mem_free(&unit_mem, block);
    unit_ends();
}
END_TEST

START_TEST(with_memory_the_reserve_is_not_touched)
{
    ck_assert_int_eq(0, mem_reserve(&unit_mem, 64000));
    for (int i = 0; i < 1000; i++)
        mem_free(&unit_mem, mem_sure(&unit_mem, 1000)); /* more than was reserved */
    unit_ends();
}
END_TEST

static void *frees(void *data)
{
    void **blocks = data;

    for (int i = 0; i < 100; i++)
        mem_free(&unit_mem, blocks[i]);
    return NULL;
}

static void *plain_alloc(size_t size, void *user_data) { return *(_Atomic bool *)user_data ? NULL : malloc(size); }

static void plain_free(void *ptr, size_t size, void *user_data)
{
    (void)size;
    (void)user_data;
    free(ptr);
}

START_TEST(other_threads_may_free_blocks_of_the_reserve)
{
    static void *blocks[4][100];
    _Atomic bool fails = false;
    ecsengine_allocator allocator = {.size = sizeof(allocator), .alloc = plain_alloc, .free = plain_free, .user_data = &fails};
    pthread_t threads[4];

    mem_init(&unit_mem, &allocator);
    ck_assert_int_eq(0, mem_reserve(&unit_mem, 400 * 64));
    fails = true;
    for (int i = 0; i < 400; i++)
        blocks[i % 4][i / 4] = mem_sure(&unit_mem, 16);
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(0, pthread_create(&threads[i], NULL, frees, blocks[i]));
    mem_close(&unit_mem);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    ck_assert_uint_eq(0, atomic_load(&unit_mem.bytes));
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, every_byte_is_accounted_for_and_given_back);
    tcase_add_test(tcase, blocks_are_aligned_for_any_object);
    tcase_add_test(tcase, sizes_that_overflow_are_refused);
    tcase_add_test(tcase, growing_keeps_the_content_and_failing_to_keeps_the_block);
    tcase_add_test(tcase, what_was_reserved_can_be_had_when_nothing_else_can);
    tcase_add_test(tcase, a_reserve_that_can_not_be_had_changes_nothing);
    tcase_add_test(tcase, a_chunk_lives_as_long_as_its_last_block);
    tcase_add_test(tcase, with_memory_the_reserve_is_not_touched);
    tcase_add_test(tcase, other_threads_may_free_blocks_of_the_reserve);
}

int main(void) { return unit_run("mem", fill); }
