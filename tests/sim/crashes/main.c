/* SPDX-License-Identifier: Apache-2.0 */
/* Every scenario, with the process dying at every point of it (deaths.h): whatever it was about to do, a new engine with what is durable
 * brings every task to the end that it would have had. And it dies once more at every point of the recovery: until the new engine has
 * come to rest for the first time.
 *
 *   crash [--jobs J] [--pairs N | --twice] [--way WAY] [--point P[,Q]] [FILE ...]
 *
 * Runs the scenarios of the folder, or those named, in all ways (crash.c) or the one named; J at once (default 1).
 *
 *   --pairs N      the second death in the first way alone, in those scenarios that have at most N pairs of points (default 700)
 *   --twice        the second death in all ways and scenarios
 *   --point P,Q    one point, or a pair, with its trace */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "crash.h"
#include "exceptions.h"
#include "workers.h"

enum { POINTS, PAIRS, SCENARIOS_TWICE, BROKEN_SHOWN = 1 };

struct options {
    unsigned jobs;
    uint64_t pairs_max;
    const struct crash_way *way; /* NULL: all */
    uint64_t at[DEATHS];         /* 0: all */
    char **paths;
    size_t count;
};

static _Noreturn void usage(void)
{
    fprintf(stderr, "usage: crash [--jobs J] [--pairs N | --twice] [--way WAY] [--point P[,Q]] [FILE ...]\n");
    exit(2);
}

static uint64_t number(const char *text, char **out_end)
{
    uint64_t value = strtoull(text, out_end, 10);

    if (*out_end == text)
        usage();
    return value;
}

static const struct crash_way *way_named(const char *name)
{
    for (size_t i = 0; i < crash_way_count; i++) {
        if (strcmp(crash_ways[i].name, name) == 0)
            return &crash_ways[i];
    }
    usage();
}

static void read_point(struct options *options, const char *text)
{
    char *end;

    options->at[0] = number(text, &end);
    if (*end == ',')
        options->at[1] = number(end + 1, &end);
}

static struct options options_read(int argc, char **argv)
{
    struct options options = {.jobs = 1, .pairs_max = 700};
    char *end;

    for (int i = 1; i < argc; i++) {
        bool more = i + 1 < argc;
        if (strcmp(argv[i], "--jobs") == 0 && more)
            options.jobs = (unsigned)number(argv[++i], &end);
        else if (strcmp(argv[i], "--pairs") == 0 && more)
            options.pairs_max = number(argv[++i], &end);
        else if (strcmp(argv[i], "--twice") == 0)
            options.pairs_max = UINT64_MAX;
        else if (strcmp(argv[i], "--way") == 0 && more)
            options.way = way_named(argv[++i]);
        else if (strcmp(argv[i], "--point") == 0 && more)
            read_point(&options, argv[++i]);
        else if (argv[i][0] == '-')
            usage();
        else {
            options.paths = &argv[i];
            options.count = (size_t)(argc - i);
            break;
        }
    }
    return options;
}

/* ---- One scenario ---- */

struct sweep {
    struct crash_point point;
    struct text ends, said; /* without a crash; of what went wrong */
    uint64_t effects, *recovered;
    size_t excused, broken;
    struct work *work;
};

static struct crash_outcome die(struct sweep *sweep, uint64_t first, uint64_t second)
{
    struct text nothing = {0}, *said = sweep->broken < BROKEN_SHOWN ? &sweep->said : &nothing;

    sweep->point.at[0] = first;
    sweep->point.at[1] = second;
    struct crash_outcome outcome =
        crash_run(&sweep->point, sweep->point.way->compares ? text_or_empty(&sweep->ends) : NULL, false, NULL, said);
    sweep->excused += outcome.excused;
    sweep->broken += !outcome.well || (!outcome.same && !outcome.excused);
    text_free(&nothing);
    return outcome;
}

static void die_everywhere(struct sweep *sweep, uint64_t pairs_max)
{
    uint64_t pairs = 0;

    sweep->recovered = calloc(sweep->effects + 1, sizeof(*sweep->recovered));
    for (uint64_t point = 1; point <= sweep->effects; point++) {
        uint64_t recovered = die(sweep, point, 0).recovered;
        sweep->recovered[point] = recovered;
        pairs += recovered > point ? recovered - point : 0;
    }
    sweep->work->counts[POINTS] += sweep->effects;
    bool all = pairs_max == UINT64_MAX, first = sweep->point.way == &crash_ways[0];
    if (all || (first && pairs <= pairs_max)) {
        for (uint64_t point = 1; point <= sweep->effects; point++) {
            for (uint64_t again = point + 1; again <= sweep->recovered[point]; again++)
                die(sweep, point, again);
        }
        sweep->work->counts[PAIRS] += pairs;
        sweep->work->counts[SCENARIOS_TWICE] += first;
    }
    free(sweep->recovered);
}

/* The run without a crash is what the others are held against. */
static void sweep_way(struct sweep *sweep, const struct crash_way *way, uint64_t pairs_max)
{
    sweep->point.way = way;
    sweep->point.at[0] = sweep->point.at[1] = 0;
    struct crash_outcome outcome = crash_run(&sweep->point, NULL, false, &sweep->ends, &sweep->said);
    sweep->effects = outcome.effects;
    sweep->broken += !outcome.well;
    if (outcome.well)
        die_everywhere(sweep, pairs_max);
    text_free(&sweep->ends);
}

static void sweep_scenario(size_t item, void *data, struct work *work)
{
    const struct options *options = data;
    const char *slash = strrchr(options->paths[item], '/');
    struct sweep sweep = {.point = {.path = options->paths[item]}, .work = work};
    struct scenario *scenario = scenario_read(sweep.point.path);

    sweep.point.scenario = scenario;
    for (size_t i = 0; i < crash_way_count; i++) {
        if (options->way == NULL || options->way == &crash_ways[i])
            sweep_way(&sweep, &crash_ways[i], options->pairs_max);
    }
    if (options->way == NULL && sweep.excused == 0 && excused(sweep.point.path, EXCUSE_ENDS | EXCUSE_REASON)) {
        text_add(&sweep.said, "%s: nothing needs the excuse that it has\n", sweep.point.path);
        sweep.broken++;
    }
    if (sweep.broken > 0)
        text_add(&sweep.said, "%s: %zu points are broken\n", sweep.point.path, sweep.broken);
    text_add(&sweep.said, "%-48s %6llu points %8llu pairs\n", slash != NULL ? slash + 1 : sweep.point.path,
             (unsigned long long)work->counts[POINTS], (unsigned long long)work->counts[PAIRS]);
    workers_print(text_or_empty(&sweep.said));
    work->broken = sweep.broken > 0;
    text_free(&sweep.said);
    scenario_free(scenario);
}

static const char *path_of(size_t item, void *data) { return ((const struct options *)data)->paths[item]; }

/* ---- All of them, or one point of one ---- */

static int show_point(const struct options *options)
{
    struct scenario *scenario = scenario_read(options->paths[0]);
    struct crash_point point = {.scenario = scenario,
                                .path = options->paths[0],
                                .way = options->way != NULL ? options->way : &crash_ways[0]};
    struct text ends = {0}, said = {0};

    crash_run(&point, NULL, false, &ends, &said);
    memcpy(point.at, options->at, sizeof(point.at));
    struct crash_outcome outcome = crash_run(&point, point.way->compares ? text_or_empty(&ends) : NULL, true, NULL, &said);
    fputs(text_or_empty(&said), stdout);
    text_free(&ends);
    text_free(&said);
    scenario_free(scenario);
    return outcome.well && (outcome.same || outcome.excused) ? EXIT_SUCCESS : EXIT_FAILURE;
}

static double seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
    struct options options = options_read(argc, argv);
    char **all = NULL;
    struct work sum;

    if (options.at[0] != 0)
        return options.count == 1 ? show_point(&options) : (usage(), EXIT_FAILURE);
    if (options.count == 0) {
        options.paths = all = scenario_list(scenario_folder());
        while (all[options.count] != NULL)
            options.count++;
    }
    double start = seconds();
    size_t broken = workers_run(options.jobs, options.count, sweep_scenario, &options, path_of, &sum);
    double took = seconds() - start;
    uint64_t runs = sum.counts[POINTS] + sum.counts[PAIRS];
    printf("%zu scenarios died at %llu points; %llu of them once more during the recovery, at %llu pairs of points; %.0f a second\n",
           options.count, (unsigned long long)sum.counts[POINTS], (unsigned long long)sum.counts[SCENARIOS_TWICE],
           (unsigned long long)sum.counts[PAIRS], took > 0 ? (double)runs / took : 0.0);
    printf("%zu passed, %zu failed\n", options.count - broken, broken);
    if (all != NULL)
        scenario_list_free(all);
    return broken > 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
