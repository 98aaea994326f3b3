/* SPDX-License-Identifier: Apache-2.0 */
/* The same inputs at the same times with the same seed give the same outputs, to the byte: every operation with its request, create
 * configuration and deadline, and every event. Each run is made twice, in two engines of one process, so that an address, a hash seed or
 * something left over from the first would show. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "random_run.h"
#include "scenario.h"

enum { RUNS = 1000, RUNS_A_TEST = 100 };

/* Where two texts part, for people. */
static const char *line_at(const char *text, size_t offset)
{
    static char line[400];

    while (offset > 0 && text[offset - 1] != '\n')
        offset--;
    snprintf(line, sizeof(line), "%.*s", (int)strcspn(text + offset, "\n"), text + offset);
    return line;
}

static void must_be_equal(const struct harness *one, const struct harness *other, const char *what)
{
    const char *a = text_or_empty(&one->trace), *b = text_or_empty(&other->trace);
    size_t same = 0;

    ck_assert_msg(one->trace.len > 0, "%s: an empty trace", what);
    if (strcmp(a, b) == 0)
        return;
    while (a[same] == b[same])
        same++;
    fprintf(stderr, "%s: the runs part:\n  %s\n", what, line_at(a, same));
    fprintf(stderr, "  %s\n", line_at(b, same));
    ck_abort_msg("%s is not deterministic", what);
}

static void random_seed(uint64_t seed, struct harness *harness)
{
    struct run_options options = {.seed = seed};
    struct run_report none = {0};

    random_run(&options, harness, &none);
}

START_TEST(random_runs_are_the_same_twice)
{
    for (uint64_t seed = (uint64_t)_i * RUNS_A_TEST + 1; seed <= (uint64_t)(_i + 1) * RUNS_A_TEST; seed += (uint64_t)scenario_step()) {
        struct harness one = {.full_trace = true}, other = {.full_trace = true};
        char what[64];
        snprintf(what, sizeof(what), "seed %llu", (unsigned long long)seed);
        random_seed(seed, &one);
        random_seed(seed, &other);
        must_be_equal(&one, &other, what);
        harness_free(&one);
        harness_free(&other);
    }
}
END_TEST

START_TEST(scenarios_are_the_same_twice)
{
    char **paths = scenario_list(scenario_folder());

    for (size_t i = 0; paths[i] != NULL; i++) {
        struct harness one = {.full_trace = true}, other = {.full_trace = true};
        struct scenario *scenario = scenario_read(paths[i]);
        scenario_run(scenario, &one, COMPARE_NOTHING);
        scenario_run(scenario, &other, COMPARE_NOTHING);
        must_be_equal(&one, &other, paths[i]);
        harness_free(&one);
        harness_free(&other);
        scenario_free(scenario);
    }
    scenario_list_free(paths);
}
END_TEST

/* The trace is worth comparing only if it shows what differs. */
START_TEST(another_seed_shows_in_the_trace)
{
    struct harness one = {.full_trace = true}, other = {.full_trace = true};

    random_seed(1, &one);
    random_seed(2, &other);
    ck_assert_str_ne(text_or_empty(&one.trace), text_or_empty(&other.trace));
    harness_free(&one);
    harness_free(&other);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("determinism");
    TCase *tcase = tcase_create("determinism");

    tcase_set_timeout(tcase, 600);
    tcase_add_test(tcase, another_seed_shows_in_the_trace);
    tcase_add_test(tcase, scenarios_are_the_same_twice);
    tcase_add_loop_test(tcase, random_runs_are_the_same_twice, 0, RUNS / RUNS_A_TEST);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
