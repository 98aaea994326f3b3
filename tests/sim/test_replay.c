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

int main(void)
{
    Suite *suite = suite_create("replay");
    TCase *tcase = tcase_create("replay");

    tcase_set_timeout(tcase, 600);
    tcase_add_loop_test(tcase, every_scenario_is_replayed, 0, 2);
    tcase_add_loop_test(tcase, random_runs_are_replayed, 0, RUNS / RUNS_A_TEST);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
