/* SPDX-License-Identifier: Apache-2.0 */
/* What the engine costs, in numbers that are the same on every machine: counts, bytes and ratios within one run. The margins are wide:
 * a failure means that something costs in another order than it did. */
#include <check.h>
#include <stdlib.h>

#include "cases.h"
#include "lifecycle.h"

static struct lifecycle life(size_t tasks, unsigned containers, bool ports, enum host_store store)
{
    struct lifecycle run = {.tasks = tasks, .shape = {.containers = containers, .ports = ports}, .store = store, .burst = 100, .counts = true};

    lifecycle_run(&run);
    return run;
}

START_TEST(a_life_takes_few_allocations_beside_the_parsing)
{
    struct lifecycle run = life(1000, 1, false, STORE_MEMORY);

    ck_assert_uint_le(run.add_allocations, 1000 * 30);
    ck_assert_uint_le(run.allocations - run.add_allocations, 1000 * 60);
}
END_TEST

START_TEST(a_life_of_three_costs_no_more_than_three_lives)
{
    struct lifecycle one = life(500, 1, false, STORE_NONE), three = life(500, 3, false, STORE_NONE);

    ck_assert_uint_le(three.allocations, 3 * one.allocations);
    ck_assert_uint_le(three.ops, 3 * one.ops);
    ck_assert_int_le(three.engine_bytes, 3 * one.engine_bytes);
}
END_TEST

START_TEST(a_running_task_fits_into_three_kibibytes)
{
    struct lifecycle run = life(2000, 1, false, STORE_NONE);

    ck_assert_int_le(run.engine_bytes / 2000, 3072 - 512); /* the blocks' own heads are the allocator's */
}
END_TEST

START_TEST(a_life_asks_the_runtime_no_more_than_it_must)
{
    struct lifecycle run = life(100, 1, false, STORE_NONE);

    ck_assert_uint_eq(run.ops, 100 * 7); /* pull, create, start and a look, stop and a look, remove */
}
END_TEST

START_TEST(allocations_a_life_do_not_grow_with_the_tasks)
{
    struct lifecycle few = life(200, 1, true, STORE_MEMORY), many = life(4000, 1, true, STORE_MEMORY);

    ck_assert_uint_le(many.allocations / 4000, few.allocations / 200 + 3);
}
END_TEST

static struct latency_cost beside(size_t running, bool ports)
{
    struct latency_cost cost, best = {.round_cpu_ns = INT64_MAX};

    for (int i = 0; i < 3; i++) {
        latency_measure(running, 300, ports, &cost);
        if (cost.round_cpu_ns < best.round_cpu_ns)
            best = cost;
    }
    return best;
}

/* Ten times as many tasks would make it ten times as much if anything walked over all of them; caches are allowed to have their say. */
START_TEST(a_life_beside_many_tasks_costs_as_much_as_beside_few)
{
    ck_assert_int_le(beside(20000, _i != 0).round_cpu_ns, 4 * beside(500, _i != 0).round_cpu_ns);
}
END_TEST

START_TEST(admission_costs_the_same_from_a_long_queue)
{
    struct admission_cost few, many;

    const char *policy = _i / 2 == 0 ? "fifo" : "backfill";
    admission_measure(200, 100, _i % 2 != 0, policy, &few);
    admission_measure(20000, 100, _i % 2 != 0, policy, &many);
    ck_assert_int_le(many.admit_ns, 5 * few.admit_ns + 20000);
}
END_TEST

START_TEST(nothing_wakes_the_host_but_the_periodic_look)
{
    struct latency_cost cost;

    latency_measure(100, 10, false, &cost);
    ck_assert_uint_le(cost.woken_an_hour, 30);
}
END_TEST

START_TEST(restoring_grows_with_the_records_and_no_faster)
{
    struct restore_cost few, many;

    restore_measure(1000, true, &few);
    restore_measure(16000, true, &many);
    ck_assert_int_le(many.records_ns, 16 * 5 * few.records_ns + 20 * MS);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("ratios");
    TCase *tcase = tcase_create("ratios");

    tcase_set_timeout(tcase, 120);
    tcase_add_test(tcase, a_life_takes_few_allocations_beside_the_parsing);
    tcase_add_test(tcase, a_life_of_three_costs_no_more_than_three_lives);
    tcase_add_test(tcase, a_running_task_fits_into_three_kibibytes);
    tcase_add_test(tcase, a_life_asks_the_runtime_no_more_than_it_must);
    tcase_add_test(tcase, allocations_a_life_do_not_grow_with_the_tasks);
    tcase_add_loop_test(tcase, a_life_beside_many_tasks_costs_as_much_as_beside_few, 0, 2);
    tcase_add_loop_test(tcase, admission_costs_the_same_from_a_long_queue, 0, 4);
    tcase_add_test(tcase, nothing_wakes_the_host_but_the_periodic_look);
    tcase_add_test(tcase, restoring_grows_with_the_records_and_no_faster);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
