/* SPDX-License-Identifier: Apache-2.0 */
/* Every scenario, with the engine gone and a new one in its place after its n-th turn, for every n: what was saved is enough. Whatever
 * was under way, every task comes to its end, no container is left, nothing is created before what it waits for.
 *
 *   test_restart [FILE [N]]     one scenario; one turn, with its trace */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "each_scenario.h"

/* False: the run ended before that turn. */
static bool run_turn(const struct scenario *scenario, const char *path, uint64_t turn, bool trace)
{
    struct harness harness = {.with_store = true, .restart_turn = turn};

    scenario_run(scenario, &harness, COMPARE_NOTHING);
    bool reached = harness.turns > turn, well = harness.broken.len == 0;
    if (!well || trace)
        fprintf(stderr, "%s %llu: a new engine after turn %llu\n%s%s", path, (unsigned long long)turn, (unsigned long long)turn,
                text_or_empty(&harness.trace), text_or_empty(&harness.broken));
    harness_free(&harness);
    ck_assert_msg(well, "%s: turn %llu", path, (unsigned long long)turn);
    return reached;
}

START_TEST(a_new_engine_may_take_over_after_every_turn)
{
    struct scenario *scenario = scenario_read(paths[_i]);
    uint64_t turn = 1;

    while (run_turn(scenario, paths[_i], turn, false))
        turn++;
    ck_assert_uint_gt(turn, 2);
    scenario_free(scenario);
}
END_TEST

static void fill(TCase *tcase, int count, bool of_folder)
{
    (void)of_folder;
    tcase_add_loop_test(tcase, a_new_engine_may_take_over_after_every_turn, 0, count);
}

int main(int argc, char **argv)
{
    if (argc > 2) {
        struct scenario *scenario = scenario_read(argv[1]);
        run_turn(scenario, argv[1], strtoull(argv[2], NULL, 10), true);
        scenario_free(scenario);
        return EXIT_SUCCESS;
    }
    return each_scenario(argc, argv, "restart", fill);
}
