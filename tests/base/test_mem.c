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

START_TEST(a_small_block_that_was_given_back_is_the_next_ones)
{
    struct mem mem;

    mem_init(&mem, NULL);
    mem_keep_blocks(&mem);
    void *first = mem_alloc(&mem, 100), *other = mem_alloc(&mem, 300);
    uintptr_t at = (uintptr_t)first;
    mem_free(&mem, first);
    unsigned char *second = mem_zalloc(&mem, 98);
    ck_assert(!mem.keeps || (uintptr_t)second == at);
    for (int i = 0; i < 98; i++)
        ck_assert_uint_eq(0, second[i]);
    mem_free(&mem, other);
    mem_free(&mem, second);
    ck_assert_uint_eq(0, atomic_load(&mem.bytes));
    mem_close(&mem);
    ck_assert_uint_eq(0, mem.cache.bytes);
}
END_TEST

START_TEST(what_is_kept_has_a_maximum_and_goes_at_the_end)
{
    static void *blocks[4 * MEM_CACHE_MAX / 1000];
    const size_t count = sizeof(blocks) / sizeof(blocks[0]);
    struct mem mem;

    mem_init(&mem, NULL);
    mem_keep_blocks(&mem);
    for (size_t i = 0; i < count; i++)
        blocks[i] = mem_alloc(&mem, 980);
    for (size_t i = 1; i < count; i++)
        mem_free(&mem, blocks[i]);
    ck_assert_uint_le(mem.cache.bytes, MEM_CACHE_MAX);
    ck_assert(!mem.keeps || mem.cache.bytes > MEM_CACHE_MAX / 2);
    mem_close(&mem);
    mem_free(&mem, blocks[0]); /* one that comes late is not kept */
    ck_assert_uint_eq(0, mem.cache.bytes);
    ck_assert_uint_eq(0, atomic_load(&mem.bytes));
}
END_TEST

START_TEST(a_hosts_allocator_sees_every_block_come_and_go)
{
    mem_keep_blocks(&unit_mem);
    for (int i = 0; i < 10; i++)
        mem_free(&unit_mem, mem_alloc(&unit_mem, 100));
    ck_assert_int_eq(10, unit.calls);
    ck_assert_uint_eq(0, unit.blocks);
    unit_ends();
}
END_TEST

static void *takes_and_gives(void *data)
{
    struct mem *mem = data;
    unsigned char *blocks[16] = {NULL};

    for (unsigned i = 0; i < 20000; i++) {
        unsigned char **block = &blocks[i * 7 % 16];
        mem_free(mem, *block);
        size_t size = 1 + i * 13 % 200;
        *block = mem_alloc(mem, size);
        memset(*block, (int)i, size);
    }
    for (int i = 0; i < 16; i++)
        mem_free(mem, blocks[i]);
    return NULL;
}

START_TEST(threads_share_what_is_kept)
{
    pthread_t threads[4];
    struct mem mem;

    mem_init(&mem, NULL);
    mem_keep_blocks(&mem);
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(0, pthread_create(&threads[i], NULL, takes_and_gives, &mem));
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    ck_assert_uint_eq(0, atomic_load(&mem.bytes));
    mem_close(&mem);
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
    tcase_add_test(tcase, a_small_block_that_was_given_back_is_the_next_ones);
    tcase_add_test(tcase, what_is_kept_has_a_maximum_and_goes_at_the_end);
    tcase_add_test(tcase, a_hosts_allocator_sees_every_block_come_and_go);
    tcase_add_test(tcase, threads_share_what_is_kept);
}

int main(void) { return unit_run("mem", fill); }
