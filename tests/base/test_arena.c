/* SPDX-License-Identifier: Apache-2.0 */
/* Memory that is given back as a whole. */
#include "unit.h"

#include "base/arena.h"

START_TEST(an_arena_is_given_back_as_a_whole)
{
    struct arena arena;
    char *texts[300];

    arena_init(&arena, &unit_mem);
    for (size_t i = 0; i < 300; i++) {
        char text[400];
        memset(text, 'a' + (int)(i % 26), sizeof(text));
        texts[i] = arena_strndup(&arena, text, i);
        unsigned char *block = arena_alloc(&arena, i);
        ck_assert_uint_eq(0, (uintptr_t)block % _Alignof(max_align_t));
        for (size_t j = 0; j < i; j++)
            ck_assert_uint_eq(0, block[j]);
        memset(block, 0xee, i);
    }
    for (size_t i = 0; i < 300; i++) {
        ck_assert_uint_eq(i, strlen(texts[i]));
        ck_assert_uint_eq(i, strspn(texts[i], (char[]){(char)('a' + i % 26), '\0'}));
    }
    ck_assert_uint_lt(unit.blocks, 40);
    char *large = arena_alloc(&arena, 1 << 20);
    memset(large, 1, 1 << 20);
    arena_free(&arena);
    unit_ends();
}
END_TEST

START_TEST(an_arena_refuses_what_can_not_be)
{
    struct arena arena;

    arena_init(&arena, &unit_mem);
    ck_assert_ptr_null(arena_array(&arena, SIZE_MAX / 2, 3));
    ck_assert_ptr_null(arena_alloc(&arena, SIZE_MAX));
    ck_assert_ptr_null(arena_strndup(&arena, "", SIZE_MAX));
    unit.fail_all = true;
    ck_assert_ptr_null(arena_alloc(&arena, 1));
    unit.fail_all = false;
    ck_assert_ptr_nonnull(arena_array(&arena, 0, 8));
    arena_free(&arena);
    unit_ends();
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, an_arena_is_given_back_as_a_whole);
    tcase_add_test(tcase, an_arena_refuses_what_can_not_be);
}

int main(void) { return unit_run("arena", fill); }
