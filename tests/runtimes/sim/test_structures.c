/* SPDX-License-Identifier: Apache-2.0 */
/* The simulator's own structures against plain models of them: the table and the schedule under random use, and the draws. */
#include <stdio.h>
#include <string.h>

#include "fixture.h"
#include "prng.h"
#include "schedule.h"
#include "table.h"

enum { KEYS = 500, ROUNDS = 20000 };

static bool same(const void *object, const void *key) { return object == key; }

/* Few different hashes, so that most keys collide. */
static uint64_t hash_of(size_t key) { return key % 37; }

START_TEST(the_table_is_a_set)
{
    static int keys[KEYS];
    bool there[KEYS] = {false};
    struct sim_table table = {0};
    size_t count = 0;

    for (uint64_t n = 0; n < ROUNDS; n++) {
        size_t key = sim_draw(1, 2, 3, n) % KEYS;
        struct sim_slot *slot = sim_table_find(&table, hash_of(key), same, &keys[key]);
        ck_assert_int_eq(there[key], slot != NULL);
        if (slot != NULL) {
            sim_table_remove(&table, slot);
        } else {
            ck_assert_int_eq(0, sim_table_reserve(&table));
            sim_table_add(&table, hash_of(key))->object = &keys[key];
        }
        there[key] = !there[key];
        count += there[key] ? 1 : (size_t)-1;
        ck_assert_uint_eq(count, table.count);
    }
    sim_table_free(&table);
}
END_TEST

START_TEST(the_schedule_gives_the_earliest_and_of_those_the_first)
{
    static struct sim_item items[KEYS];
    struct sim_schedule schedule = {0};

    ck_assert_int_eq(0, sim_schedule_reserve(&schedule, KEYS));
    for (uint64_t n = 0; n < ROUNDS; n++) {
        struct sim_item *item = &items[sim_draw(1, 2, 4, n) % KEYS];
        uint64_t choice = sim_draw(1, 2, 5, n) % 4;
        if (choice == 0)
            sim_schedule_clear(&schedule, item);
        else if (choice == 1)
            sim_schedule_set(&schedule, item, SIM_NEVER);
        else
            sim_schedule_set(&schedule, item, (int64_t)(sim_draw(1, 2, 6, n) % 50));
        const struct sim_item *best = NULL;
        for (size_t i = 0; i < KEYS; i++) {
            const struct sim_item *other = &items[i];
            if (other->place != 0 &&
                (best == NULL || other->due_ns < best->due_ns || (other->due_ns == best->due_ns && other->seq < best->seq)))
                best = other;
        }
        ck_assert_ptr_eq(best, sim_schedule_first(&schedule));
    }
    while (sim_schedule_first(&schedule) != NULL)
        sim_schedule_clear(&schedule, sim_schedule_first(&schedule));
    sim_schedule_unreserve(&schedule, KEYS);
    sim_schedule_free(&schedule);
}
END_TEST

START_TEST(draws_depend_on_each_part)
{
    uint64_t draw = sim_draw(1, 2, 3, 4);

    ck_assert_uint_eq(draw, sim_draw(1, 2, 3, 4));
    ck_assert_uint_ne(draw, sim_draw(9, 2, 3, 4));
    ck_assert_uint_ne(draw, sim_draw(1, 9, 3, 4));
    ck_assert_uint_ne(draw, sim_draw(1, 2, 9, 4));
    ck_assert_uint_ne(draw, sim_draw(1, 2, 3, 9));
    ck_assert_uint_ne(sim_hash_text("12345678"), sim_hash_text("123456780"));
    ck_assert_uint_ne(sim_hash("a", 1), sim_hash("a", 2));
}
END_TEST

/* What was said, as text, without what is given away on purpose (ids). */
static void note_all(char *out, size_t size)
{
    size_t len = 0;

    for (size_t i = 0; i < engine.count; i++) {
        const struct fake_said *said = &engine.said[i];
        len += (size_t)snprintf(out + len, size - len, "%d %d %.8s %d %d %s\n", said->what, said->event, said->container,
                                said->result.failed, said->result.exit_code, said->result.id);
        ck_assert_uint_lt(len, size);
    }
}

static void live(uint64_t seed, const char *extra, char *out, size_t size)
{
    fake_engine_close(&engine);
    ecsengine_sim_free(sim);
    fake_engine_init(&engine);
    ck_assert_int_eq(0, ecsengine_sim_new(seed, &sim, NULL));
    ck_assert_int_eq(0, ecsengine_sim_attach(sim, &engine, NULL));
    at(0);
    ask(ECSENGINE_OP_SUBSCRIBE);
    script("image=busybox local=true");
    script("op=start chance=30 fault=error");
    script("event=die chance=30 fault=double");
    script("event=any chance=10 delay=3s");
    script("chance=50 run=2s exit=7");
    for (int round = 0; round < 20; round++) {
        char name[16];
        snprintf(name, sizeof(name), "c%d", round);
        create(name);
        if (extra != NULL && round == 5)
            create(extra);
        if (extra != NULL && round == 6)
            start(extra);
        start(name);
        start(name);
        at((round + 1) * SECONDS);
        if (round > 10)
            stop("c3", SECONDS);
    }
    note_all(out, size);
}

static char first[65536], second[65536];

START_TEST(the_same_calls_behave_the_same)
{
    live(11, NULL, first, sizeof(first));
    live(11, NULL, second, sizeof(second));
    ck_assert_str_eq(first, second);
    live(12, NULL, second, sizeof(second));
    ck_assert_str_ne(first, second);
}
END_TEST

/* Which of c0 ... c19 have ended with 7, which did not even start. */
static void fates(char fate[21])
{
    for (size_t i = 0, n = 0; i < ecsengine_sim_container_count(sim); i++) {
        int32_t exit_code = 0, ended = ecsengine_sim_container_exit_code(sim, i, &exit_code);
        if (strcmp(ecsengine_sim_container_name(sim, i), "extra") != 0)
            fate[n++] = (char)(ended ? '0' + exit_code : ecsengine_sim_container_running(sim, i) ? 'r' : '-');
    }
}

START_TEST(one_container_more_does_not_shift_the_draws_of_others)
{
    char without[21] = "", with[21] = "";

    live(11, NULL, first, sizeof(first));
    fates(without);
    live(11, "extra", second, sizeof(second));
    fates(with);
    ck_assert_str_eq(without, with);
    ck_assert_ptr_nonnull(strchr(without, '7'));
    ck_assert_ptr_nonnull(strchr(without, 'r'));
}
END_TEST

START_TEST(a_hundred_thousand_containers_are_no_problem)
{
    static char names[100000][16];

    fake_engine_close(&engine);
    fake_engine_init(&engine);
    ck_assert_int_eq(0, ecsengine_sim_attach(sim, &engine, NULL));
    ecsengine_sim_interpret(sim, 0);
    for (size_t i = 0; i < 100000; i++) {
        snprintf(names[i], sizeof(names[i]), "rt-%zu", i);
        fake_submit(&engine, (struct ecsengine_op){.kind = ECSENGINE_OP_CREATE, .name = "a", .runtime_name = names[i]});
        fake_submit(&engine, (struct ecsengine_op){.kind = ECSENGINE_OP_START, .container = names[i]});
        engine.count = 0;
    }
    ck_assert_uint_eq(100000, ecsengine_sim_container_count(sim));
    for (size_t i = 0; i < 100000; i++) {
        fake_submit(&engine, (struct ecsengine_op){.kind = ECSENGINE_OP_STOP, .container = names[i]});
        fake_submit(&engine, (struct ecsengine_op){.kind = ECSENGINE_OP_REMOVE, .container = names[i]});
        engine.count = 0;
    }
    ck_assert_uint_eq(0, ecsengine_sim_container_count(sim));
}
END_TEST

int main(void)
{
    const TTest *tests[] = {the_table_is_a_set,
                            the_schedule_gives_the_earliest_and_of_those_the_first,
                            draws_depend_on_each_part,
                            the_same_calls_behave_the_same,
                            one_container_more_does_not_shift_the_draws_of_others,
                            a_hundred_thousand_containers_are_no_problem};

    return run_tests("sim structures", tests, sizeof(tests) / sizeof(tests[0]));
}
