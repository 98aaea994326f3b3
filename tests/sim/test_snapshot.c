/* SPDX-License-Identifier: Apache-2.0 */
/* Between every two turns of every scenario, with and without a store, and of random runs: the snapshot of the engine makes a second one
 * that is like it in all that can be asked, and whose own snapshot has the same bytes. And whichever allocation fails meanwhile, it is
 * memory that is lacking, and nothing is lost.
 *
 *   test_sim_snapshot [FILE...]     these scenarios alone */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "each_scenario.h"
#include "random_run.h"
#include "twin.h"

enum { SEEDS = 100, SEEDS_A_TEST = 10 };
enum { MEMORY_EVERY = 5, MEMORY_FIRST = 2 }; /* turns in which allocations fail */

static uint64_t snapshots, bytes, refused, points;

static void report(struct harness *harness, const char *what, const char *more)
{
    harness_broken(harness, "turn %llu: %s%s", (unsigned long long)harness->turns, what, more);
}

static size_t first_difference(const struct buf *one, const struct buf *other)
{
    size_t at = 0;

    while (at < one->len && at < other->len && one->data[at] == other->data[at])
        at++;
    return at;
}

static void compare(struct harness *harness, const struct buf *first)
{
    struct mem mem;
    struct buf again;
    struct text answers = {0};
    char where[64];

    mem_init(&mem, NULL);
    buf_init(&again, &mem, 0);
    ecsengine *twin = twin_new(harness->engine, NULL);
    int code = twin_read(twin, first->data, first->len);
    if (code < 0) {
        report(harness, "a snapshot is not read: ", ecsengine_code_name(code));
    } else {
        if (!twin_answers_alike(harness->engine, twin, &answers))
            report(harness, "the twin answers otherwise:\n", text_or_empty(&answers));
        if (twin_snapshot(twin, true, &again) < 0)
            report(harness, "no second snapshot", "");
        snprintf(where, sizeof(where), "byte %zu of %zu", first_difference(first, &again), first->len);
        if (first->len != again.len || memcmp(first->data, again.data, again.len) != 0)
            report(harness, "the twin's snapshot is another: ", where);
    }
    ecsengine_free(twin);
    buf_free(&again);
    text_free(&answers);
    mem_close(&mem);
}

static void between_turns(struct harness *harness)
{
    struct mem mem;
    struct buf first;

    if (harness->broken.len > 0)
        return;
    mem_init(&mem, NULL);
    buf_init(&first, &mem, 0);
    int code = twin_snapshot(harness->engine, false, &first);
    if (code == ECSENGINE_ESTATE && harness->memory.failed > 0)
        refused++; /* an input waits for memory */
    else if (code < 0)
        report(harness, "no snapshot: ", ecsengine_code_name(code));
    else
        compare(harness, &first);
    snapshots++;
    bytes += first.len;
    buf_free(&first);
    mem_close(&mem);
}

/* ---- without memory ---- */

/* False: all of it was read before the n-th allocation. */
static bool read_without(struct harness *harness, const struct buf *first, uint64_t n)
{
    struct test_memory memory = {0};
    ecsengine_allocator allocator;

    test_memory_allocator(&memory, &allocator);
    ecsengine *twin = twin_new(harness->engine, &allocator);
    memory.fail_first = memory.count + n;
    memory.fail_count = 1;
    int code = twin_read(twin, first->data, first->len);
    bool failed = memory.failed > 0;
    if (code != 0 && (code != ECSENGINE_ENOMEM || !failed))
        report(harness, "read without memory: ", ecsengine_code_name(code));
    ecsengine_free(twin);
    if (memory.blocks != 0 || memory.wrong_frees != 0)
        report(harness, "read without memory: ", "not all of it was given back");
    points += failed;
    return failed;
}

static bool write_without(struct harness *harness, uint64_t n)
{
    struct test_memory memory = {.fail_first = n, .fail_count = 1};
    ecsengine_allocator allocator;
    struct mem mem;
    struct buf buf;

    test_memory_allocator(&memory, &allocator);
    mem_init(&mem, &allocator);
    buf_init(&buf, &mem, 0);
    int code = twin_snapshot(harness->engine, false, &buf);
    bool failed = memory.failed > 0;
    if (code != (failed ? ECSENGINE_ENOMEM : 0))
        report(harness, "written without memory: ", ecsengine_code_name(code));
    buf_free(&buf);
    mem_close(&mem);
    if (memory.blocks != 0 || memory.wrong_frees != 0)
        report(harness, "written without memory: ", "not all of it was given back");
    points += failed;
    return failed;
}

static void without_memory(struct harness *harness)
{
    struct mem mem;
    struct buf first;

    if (harness->broken.len > 0 || harness->turns % MEMORY_EVERY != MEMORY_FIRST)
        return;
    mem_init(&mem, NULL);
    buf_init(&first, &mem, 0);
    if (twin_snapshot(harness->engine, false, &first) < 0)
        report(harness, "no snapshot", "");
    for (uint64_t n = 1; harness->broken.len == 0 && read_without(harness, &first, n);)
        n++;
    for (uint64_t n = 1; harness->broken.len == 0 && write_without(harness, n);)
        n++;
    buf_free(&first);
    mem_close(&mem);
}

/* ---- runs ---- */

static void run_scenario(const char *path, bool with_store, void (*before_turn)(struct harness *harness))
{
    struct scenario *scenario = scenario_read(path);
    struct harness harness = {.with_store = with_store, .before_turn = before_turn, .no_checks = true};

    scenario_run(scenario, &harness, COMPARE_NOTHING);
    bool well = harness.broken.len == 0;
    if (!well)
        fprintf(stderr, "%s, with%s a store\n%s", path, with_store ? "" : "out", text_or_empty(&harness.broken));
    harness_free(&harness);
    scenario_free(scenario);
    ck_assert_msg(well, "%s", path);
}

START_TEST(a_twin_is_the_same_after_every_turn_of_a_scenario)
{
    run_scenario(paths[_i], false, between_turns);
    run_scenario(paths[_i], true, between_turns);
    ck_assert_uint_gt(snapshots, 4);
    printf("%-32s %6llu snapshots, %6llu bytes each\n", strrchr(paths[_i], '/') + 1, (unsigned long long)snapshots,
           (unsigned long long)(bytes / snapshots));
    fflush(stdout);
}
END_TEST

START_TEST(every_allocation_for_a_twin_may_fail)
{
    run_scenario(paths[_i], _i % 2 == 0, without_memory);
    ck_assert_uint_gt(points, 10);
    printf("%-32s %6llu allocations failed\n", strrchr(paths[_i], '/') + 1, (unsigned long long)points);
    fflush(stdout);
}
END_TEST

START_TEST(a_twin_is_the_same_after_every_turn_of_a_random_run)
{
    for (uint64_t seed = (uint64_t)_i * SEEDS_A_TEST + 1; seed <= (uint64_t)(_i + 1) * SEEDS_A_TEST; seed++) {
        struct harness harness = {.before_turn = between_turns};
        struct run_options options = {.seed = seed};
        struct run_report none = {0};
        random_run(&options, &harness, &none);
        bool well = harness.broken.len == 0;
        if (!well)
            fprintf(stderr, "seed %llu\n%s", (unsigned long long)seed, text_or_empty(&harness.broken));
        harness_free(&harness);
        ck_assert_msg(well, "seed %llu", (unsigned long long)seed);
    }
    printf("seeds from %4d: %6llu snapshots, %6llu bytes each, %llu refused\n", _i * SEEDS_A_TEST + 1, (unsigned long long)snapshots,
           (unsigned long long)(bytes / snapshots), (unsigned long long)refused);
    fflush(stdout);
}
END_TEST

static void fill(TCase *tcase, int count, bool of_folder)
{
    tcase_add_loop_test(tcase, a_twin_is_the_same_after_every_turn_of_a_scenario, 0, count);
    tcase_add_loop_test(tcase, every_allocation_for_a_twin_may_fail, 0, count);
    if (of_folder)
        tcase_add_loop_test(tcase, a_twin_is_the_same_after_every_turn_of_a_random_run, 0, SEEDS / SEEDS_A_TEST);
}

int main(int argc, char **argv)
{
    return each_scenario(argc, argv, "snapshot", fill);
}
