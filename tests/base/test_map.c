/* SPDX-License-Identifier: Apache-2.0 */
/* The map: what was put in is found, by hash and then by key. */
#include "unit.h"

#include "base/map.h"

struct thing {
    struct map_node by_key;
    uint64_t key;
};

static struct thing *look_up(const struct map *map, uint64_t hash, uint64_t key)
{
    for (struct map_node *node = map_find(map, hash); node != NULL; node = map_find_next(node))
        if (container_of(node, struct thing, by_key)->key == key)
            return container_of(node, struct thing, by_key);
    return NULL;
}

START_TEST(a_map_finds_what_was_put_in_and_nothing_else)
{
    static struct thing things[1000];
    struct map map;

    map_init(&map, &unit_mem);
    ck_assert_ptr_null(map_find(&map, 1));
    ck_assert_int_eq(0, map_reserve(&map, 10));
    for (uint64_t i = 0; i < 1000; i++) { /* far more than room was made for: slower, not wrong */
        things[i].key = i;
        map_insert(&map, &things[i].by_key, i % 7 == 0 ? 77 : i * 0x9e3779b97f4a7c15u); /* many share a hash */
        if (i == 500)
            ck_assert_int_eq(0, map_reserve(&map, 2000));
    }
    ck_assert_uint_eq(1000, map.count);
    for (uint64_t i = 0; i < 1000; i++)
        ck_assert_ptr_eq(&things[i], look_up(&map, i % 7 == 0 ? 77 : i * 0x9e3779b97f4a7c15u, i));
    ck_assert_ptr_null(look_up(&map, 77, 1));
    for (uint64_t i = 0; i < 1000; i += 2)
        map_remove(&map, &things[i].by_key);
    ck_assert_uint_eq(500, map.count);
    for (uint64_t i = 0; i < 1000; i++)
        ck_assert_ptr_eq(i % 2 == 0 ? NULL : &things[i], look_up(&map, i % 7 == 0 ? 77 : i * 0x9e3779b97f4a7c15u, i));
    map_free(&map);
    unit_ends();
}
END_TEST

START_TEST(a_map_that_can_not_grow_stays_as_it_is)
{
    struct thing thing = {.key = 5};
    struct map map;

    map_init(&map, &unit_mem);
    ck_assert_int_eq(0, map_reserve(&map, 16));
    map_insert(&map, &thing.by_key, 5);
    unit.fail_all = true;
    ck_assert_int_eq(ECSENGINE_ENOMEM, map_reserve(&map, 17));
    ck_assert_int_eq(0, map_reserve(&map, 16));
    ck_assert_ptr_eq(&thing, look_up(&map, 5, 5));
    map_free(&map);
    unit_ends();
}
END_TEST

START_TEST(of_one_hash_the_newest_comes_first_however_the_map_has_grown)
{
    static struct thing things[60];
    struct map map;

    map_init(&map, &unit_mem);
    for (uint64_t i = 0; i < 60; i++) {
        ck_assert_int_eq(0, map_reserve(&map, i + 1));
        things[i].key = i;
        map_insert(&map, &things[i].by_key, i % 3);
    }
    for (uint64_t hash = 0; hash < 3; hash++) {
        uint64_t next = 57 + hash;
        for (struct map_node *node = map_find(&map, hash); node != NULL; node = map_find_next(node), next -= 3)
            ck_assert_uint_eq(next, container_of(node, struct thing, by_key)->key);
        ck_assert_uint_eq(hash - 3, next);
    }
    map_free(&map);
    unit_ends();
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, of_one_hash_the_newest_comes_first_however_the_map_has_grown);
    tcase_add_test(tcase, a_map_finds_what_was_put_in_and_nothing_else);
    tcase_add_test(tcase, a_map_that_can_not_grow_stays_as_it_is);
}

int main(void) { return unit_run("map", fill); }
