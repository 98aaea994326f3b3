/* SPDX-License-Identifier: Apache-2.0 */
/* Every scenario of the folder: exactly the events, calls and order that it says, and nothing that must never be.
 *
 *   test_scenarios [--trace] [FILE ...]     these files alone; with their traces */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scenario.h"

static char **paths;

static bool run_one(const char *path, enum scenario_compare compare, bool trace, uint64_t seed)
{
    struct harness harness = {.seed = seed};
    struct scenario *scenario = scenario_read(path);

    scenario_run(scenario, &harness, compare);
    bool well = harness.broken.len == 0;
    if (!well || trace)
        fprintf(stderr, "%s\n%s%s%s\n", path, text_or_empty(&harness.trace), well ? "" : "BROKEN:\n",
                text_or_empty(&harness.broken));
    harness_free(&harness);
    scenario_free(scenario);
    return well;
}

/* The list of scenarios that ran and came out well, for tools/proofs: a test of Check has no name for each round of its loop. */
static FILE *list_open(const char *mode)
{
    const char *folder = getenv("ECSENGINE_RAN");
    char path[4096];

    if (folder == NULL)
        return NULL;
    snprintf(path, sizeof(path), "%s/scenarios.txt", folder);
    return fopen(path, mode);
}

static void list_add(const char *path)
{
    const char *slash = strrchr(path, '/'), *name = slash != NULL ? slash + 1 : path;
    FILE *list = list_open("a");

    if (list == NULL)
        return;
    fprintf(list, "%.*s\n", (int)strcspn(name, "."), name);
    fclose(list);
}

START_TEST(the_scenario_comes_out_as_it_says)
{
    ck_assert_msg(run_one(paths[_i], COMPARE_ALL, false, 1), "%s", paths[_i]);
    list_add(paths[_i]);
}
END_TEST

START_TEST(another_seed_keeps_the_invariants) { ck_assert_msg(run_one(paths[_i], COMPARE_NOTHING, false, 99), "%s", paths[_i]); }
END_TEST

static int run_files(int argc, char **argv)
{
    int failures = 0;
    bool trace = argc > 1 && strcmp(argv[1], "--trace") == 0;

    for (int i = 1 + trace; i < argc; i++)
        failures += !run_one(argv[i], COMPARE_ALL, trace, 1);
    return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv)
{
    int count = 0;

    if (argc > 1)
        return run_files(argc, argv);
    FILE *list = list_open("w");
    if (list != NULL)
        fclose(list);
    paths = scenario_list(scenario_folder());
    while (paths[count] != NULL)
        count++;
    Suite *suite = suite_create("scenarios");
    TCase *tcase = tcase_create("scenarios");
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, the_scenario_comes_out_as_it_says, 0, count);
    tcase_add_loop_test(tcase, another_seed_keeps_the_invariants, 0, count);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    scenario_list_free(paths);
    return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
