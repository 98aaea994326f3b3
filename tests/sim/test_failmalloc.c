/* SPDX-License-Identifier: Apache-2.0 */
/* Every scenario, with every single allocation of the engine failing in turn: no crash, no leak, every invariant kept, every task brought
 * to its end. Where the failure did not cost the runtime an answer or the time of an event, the events of each task are exactly those
 * without it, in the same order and at the same times.
 *
 *   test_failmalloc [FILE [N]]     one scenario; one point of failure */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "each_scenario.h"

/* Allocations that fail in a row: one, and a few, as when memory is really short. */
static const uint64_t rows[] = {1, 5};

struct tally {
    uint64_t points, runs, unanswered;
};

/* Runs with one failure; false: none was reached. */
static bool run_point(const struct scenario *scenario, const char *path, uint64_t first, uint64_t count, bool trace,
                      struct tally *tally)
{
    struct harness harness = {.memory = {.fail_first = first, .fail_count = count}};

    scenario_run(scenario, &harness, COMPARE_TASKS);
    bool reached = harness.memory.failed > 0, well = harness.broken.len == 0;
    if (!well && harness.unanswered > 0) {
        /* The runtime could not say what it had to say: what came of it may differ, what always holds may not. */
        tally->unanswered++;
        harness_free(&harness);
        harness = (struct harness){.memory = {.fail_first = first, .fail_count = count}};
        scenario_run(scenario, &harness, COMPARE_NOTHING);
        well = harness.broken.len == 0;
    }
    if (!well || trace)
        fprintf(stderr, "%s %llu: allocation %llu fails, and %llu after it\n%s%s", path, (unsigned long long)first,
                (unsigned long long)first, (unsigned long long)count - 1, text_or_empty(&harness.trace),
                text_or_empty(&harness.broken));
    harness_free(&harness);
    ck_assert_msg(well, "%s: allocation %llu", path, (unsigned long long)first);
    return reached;
}

static struct tally run_all(const char *path)
{
    struct scenario *scenario = scenario_read(path);
    struct tally tally = {0};

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint64_t step = rows[i];
        for (uint64_t n = 1; run_point(scenario, path, n, rows[i], false, &tally); n += step)
            tally.points++;
    }
    scenario_free(scenario);
    return tally;
}

START_TEST(every_allocation_may_fail)
{
    struct tally tally = run_all(paths[_i]);

    printf("%-32s %6llu points of failure, %llu with another outcome\n", strrchr(paths[_i], '/') + 1,
           (unsigned long long)tally.points, (unsigned long long)tally.unanswered);
    fflush(stdout);
    ck_assert_uint_gt(tally.points, 0);
}
END_TEST

static void fill(TCase *tcase, int count, bool of_folder)
{
    (void)of_folder;
    tcase_add_loop_test(tcase, every_allocation_may_fail, 0, count);
}

int main(int argc, char **argv)
{
    if (argc > 2) {
        struct scenario *scenario = scenario_read(argv[1]);
        struct tally tally = {0};
        run_point(scenario, argv[1], strtoull(argv[2], NULL, 10), argc > 3 ? strtoull(argv[3], NULL, 10) : 1, true, &tally);
        scenario_free(scenario);
        return EXIT_SUCCESS;
    }
    return each_scenario(argc, argv, "failmalloc", fill);
}
