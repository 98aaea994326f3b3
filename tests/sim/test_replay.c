/* SPDX-License-Identifier: Apache-2.0 */
/* What was recorded is replayed, byte for byte: every scenario, and random runs with faults, from the engine's beginning, with its records if
 * there are some. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "random_run.h"
#include "scenario.h"

enum { RUNS = 400, RUNS_A_TEST = 100 };

START_TEST(every_scenario_is_replayed)
{
    char **paths = scenario_list(scenario_folder());

    for (size_t i = 0; paths[i] != NULL; i++) {
        struct recording recording = {0};
        struct harness harness = {.recording = &recording, .with_store = _i == 1};
        struct scenario *scenario = scenario_read(paths[i]);
        uint64_t turns;
        scenario_run(scenario, &harness, COMPARE_NOTHING);
        ck_assert_msg(recording_replays(&recording, paths[i], &turns), "%s", paths[i]);
        ck_assert_uint_le(turns, harness.turns);
        harness_free(&harness);
        recording_free(&recording);
        scenario_free(scenario);
    }
    scenario_list_free(paths);
}
END_TEST

START_TEST(random_runs_are_replayed)
{
    for (uint64_t seed = (uint64_t)_i * RUNS_A_TEST + 1; seed <= (uint64_t)(_i + 1) * RUNS_A_TEST; seed++) {
        struct recording recording = {0};
        struct harness harness = {.recording = &recording};
        struct run_options options = {.seed = seed};
        struct run_report none = {0};
        char what[64];
        snprintf(what, sizeof(what), "seed %llu", (unsigned long long)seed);
        random_run(&options, &harness, &none);
        ck_assert_msg(recording_replays(&recording, what, NULL), "%s", what);
        harness_free(&harness);
        recording_free(&recording);
    }
}
END_TEST

/* Every so many-eth scenario: failing each allocation of each would take long, and most of them are the same. */
enum { STEP = 10 };

static struct scenario *some_scenario(int i)
{
    char **paths = scenario_list(scenario_folder());
    int count = 0;

    while (paths[count] != NULL)
        count++;
    struct scenario *scenario = i * STEP < count ? scenario_read(paths[i * STEP]) : NULL;
    scenario_list_free(paths);
    return scenario;
}

/* What was written until then is good, whether it was the recorder that had no memory or the engine. */
START_TEST(a_recording_may_lack_memory)
{
    struct scenario *scenario;
    uint64_t points = 0;

    for (int i = 0; (scenario = some_scenario(i)) != NULL; i++) {
        bool reached = true;
        for (uint64_t n = 1; reached; n++, points++) {
            struct recording recording = {0};
            struct harness harness = {.recording = &recording, .with_store = true, .memory = {.fail_first = n, .fail_count = 1}};
            bool differs;
            scenario_run(scenario, &harness, COMPARE_NOTHING);
            reached = harness.memory.failed > 0;
            ck_assert_msg(harness.broken.len == 0, "allocation %llu: %s", (unsigned long long)n, text_or_empty(&harness.broken));
            ck_assert_int_eq(0, recording_replay_with(&recording, NULL, &differs));
            ck_assert_msg(!differs, "allocation %llu", (unsigned long long)n);
            harness_free(&harness);
            recording_free(&recording);
        }
        scenario_free(scenario);
    }
    ck_assert_uint_gt(points, 300);
}
END_TEST

START_TEST(a_replay_may_lack_memory)
{
    struct scenario *scenario;
    uint64_t points = 0;

    for (int i = 0; (scenario = some_scenario(i)) != NULL; i++) {
        struct recording recording = {0};
        struct harness harness = {.recording = &recording, .with_store = true};
        bool reached = true;
        scenario_run(scenario, &harness, COMPARE_NOTHING);
        for (uint64_t n = 1; reached; n++, points++) {
            struct test_memory memory = {.fail_first = n, .fail_count = 1};
            ecsengine_allocator allocator;
            bool differs;
            test_memory_allocator(&memory, &allocator);
            int code = recording_replay_with(&recording, &allocator, &differs);
            reached = memory.failed > 0;
            ck_assert_msg(code == 0 || (reached && code == ECSENGINE_ENOMEM), "allocation %llu: %s", (unsigned long long)n, ecsengine_code_name(code));
            ck_assert(!differs);
            ck_assert_uint_eq(0, memory.blocks);
        }
        harness_free(&harness);
        recording_free(&recording);
        scenario_free(scenario);
    }
    ck_assert_uint_gt(points, 300);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("replay");
    TCase *tcase = tcase_create("replay");

    tcase_set_timeout(tcase, 600);
    tcase_add_loop_test(tcase, every_scenario_is_replayed, 0, 2);
    tcase_add_loop_test(tcase, random_runs_are_replayed, 0, RUNS / RUNS_A_TEST);
    tcase_add_test(tcase, a_recording_may_lack_memory);
    tcase_add_test(tcase, a_replay_may_lack_memory);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
