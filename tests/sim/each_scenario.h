/* SPDX-License-Identifier: Apache-2.0 */
/* The main of a test that has a loop over scenarios: those of the folder, or those that are named. */
#ifndef TEST_EACH_SCENARIO_H
#define TEST_EACH_SCENARIO_H

#include <check.h>
#include <stdlib.h>

#include "scenario.h"

static char **paths;

/* `fill` adds its tests, for so many scenarios. Returns the exit status. */
static inline int each_scenario(int argc, char **argv, const char *name, void (*fill)(TCase *tcase, int count, bool of_folder))
{
    bool of_folder = argc == 1;
    int count = 0;

    paths = of_folder ? scenario_list(scenario_folder()) : &argv[1];
    while (paths[count] != NULL)
        count++;
    Suite *suite = suite_create(name);
    TCase *tcase = tcase_create(name);
    tcase_set_timeout(tcase, 600);
    fill(tcase, count, of_folder);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    if (of_folder)
        scenario_list_free(paths);
    return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif
