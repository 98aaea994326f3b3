/* SPDX-License-Identifier: Apache-2.0 */
/* A recording may begin at any time of an engine's life. Every scenario, with and without a store, with a recording that begins after its
 * n-th turn, for every n, and random runs with faults: what it holds is replayed to the end, byte for byte.
 *
 *   test_sim_replay_middle [FILE [N]]     one scenario; from one turn, with its trace */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "each_scenario.h"
#include "random_run.h"

enum { SEEDS = 200, SEEDS_A_TEST = 20, STARTS_A_SEED = 5 };

/* False: the run ended before that turn. */
static bool run_from(const struct scenario *scenario, const char *path, bool with_store, uint64_t turn, uint64_t *replayed, bool trace)
{
    struct recording recording = {.from_turn = turn};
    struct harness harness = {.recording = &recording, .with_store = with_store, .no_checks = true};
    uint64_t turns = 0;
    char what[512];

    scenario_run(scenario, &harness, COMPARE_NOTHING);
    bool reached = harness.turns > turn;
    snprintf(what, sizeof(what), "%s, with%s a store, from turn %llu", path, with_store ? "" : "out", (unsigned long long)turn);
    bool well = !reached || (harness.broken.len == 0 && recording_replays(&recording, what, &turns));
    if (!well || trace)
        fprintf(stderr, "%s\n%s%s", what, text_or_empty(&harness.trace), text_or_empty(&harness.broken));
    harness_free(&harness);
    recording_free(&recording);
    ck_assert_msg(well, "%s", what);
    *replayed += turns;
    return reached;
}

START_TEST(a_recording_may_begin_after_every_turn_of_a_scenario)
{
    struct scenario *scenario = scenario_read(paths[_i]);
    uint64_t starts = 0, replayed = 0;

    for (int with_store = 0; with_store < 2; with_store++)
        for (uint64_t turn = 1; run_from(scenario, paths[_i], with_store, turn, &replayed, false); turn++)
            starts++;
    printf("%-40s %6llu beginnings, %8llu turns replayed\n", strrchr(paths[_i], '/') + 1, (unsigned long long)starts,
           (unsigned long long)replayed);
    fflush(stdout);
    ck_assert_uint_gt(starts, 2);
    ck_assert_uint_gt(replayed, starts);
    scenario_free(scenario);
}
END_TEST

/* A number that differs from start to start and from seed to seed. */
static uint64_t scattered(uint64_t seed, uint64_t start) { return (seed * 2654435761u + start * 40503u) >> 7; }

static uint64_t run_seed(uint64_t seed, uint64_t from_turn, uint64_t *replayed)
{
    struct recording recording = {.from_turn = from_turn};
    struct harness harness = {.recording = &recording};
    struct run_options options = {.seed = seed};
    struct run_report none = {0};
    uint64_t turns = 0;
    char what[64];

    random_run(&options, &harness, &none);
    snprintf(what, sizeof(what), "seed %llu from turn %llu", (unsigned long long)seed, (unsigned long long)from_turn);
    bool well = recording.len == 0 || recording_replays(&recording, what, &turns);
    uint64_t all = harness.turns;
    harness_free(&harness);
    recording_free(&recording);
    ck_assert_msg(well, "%s", what);
    *replayed += turns;
    return all;
}

START_TEST(a_recording_may_begin_anywhere_in_a_random_run)
{
    uint64_t replayed = 0;

    for (uint64_t seed = (uint64_t)_i * SEEDS_A_TEST + 1; seed <= (uint64_t)(_i + 1) * SEEDS_A_TEST; seed++) {
        uint64_t turns = run_seed(seed, 1, &replayed);
        for (uint64_t start = 1; start < STARTS_A_SEED; start++)
            run_seed(seed, 1 + scattered(seed, start) % turns, &replayed);
    }
    ck_assert_uint_gt(replayed, SEEDS_A_TEST * STARTS_A_SEED);
}
END_TEST

static void fill(TCase *tcase, int count, bool of_folder)
{
    tcase_add_loop_test(tcase, a_recording_may_begin_after_every_turn_of_a_scenario, 0, count);
    if (of_folder)
        tcase_add_loop_test(tcase, a_recording_may_begin_anywhere_in_a_random_run, 0, SEEDS / SEEDS_A_TEST);
}

int main(int argc, char **argv)
{
    if (argc > 2) {
        struct scenario *scenario = scenario_read(argv[1]);
        uint64_t replayed = 0;
        for (int with_store = 0; with_store < 2; with_store++)
            run_from(scenario, argv[1], with_store, strtoull(argv[2], NULL, 10), &replayed, true);
        scenario_free(scenario);
        return EXIT_SUCCESS;
    }
    return each_scenario(argc, argv, "replay_middle", fill);
}
