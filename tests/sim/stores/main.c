/* SPDX-License-Identifier: Apache-2.0 */
/* Every scenario, with the store having trouble with its n-th write, for every n and every kind of trouble: tasks come to the ends that they
 * have without it, and a store that was torn has exactly what it said to be durable.
 *
 *   store_memory, store_sqlite [--jobs J] [--every N] [--fault KIND] [--at N] [FILE ...]
 *
 * Runs the scenarios of the folder, or those named, with all kinds of trouble or the one named; J at once (default 1).
 *
 *   --every N   of the folder's scenarios one in N
 *   --at N      one write, with the trace */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "exceptions.h"
#include "faulty.h"
#include "workers.h"

enum { WRITES, RESTARTS };

struct options {
    unsigned jobs;
    size_t every, kind; /* an index; fault_kind_count: all */
    uint64_t at;        /* 0: all */
    const char *program;
    char **paths;
    size_t count;
};

static _Noreturn void usage(void)
{
    fprintf(stderr, "usage: [--jobs J] [--every N] [--fault KIND] [--at N] [FILE ...]\n");
    exit(2);
}

static uint64_t number(const char *text)
{
    char *end;
    uint64_t value = strtoull(text, &end, 10);

    if (end == text || *end != '\0' || value == 0)
        usage();
    return value;
}

static size_t kind_named(const char *name)
{
    for (size_t i = 0; i < fault_kind_count; i++) {
        if (strcmp(fault_kinds[i].name, name) == 0)
            return i;
    }
    usage();
}

static struct options options_read(int argc, char **argv)
{
    struct options options = {.jobs = 1, .every = 1, .kind = fault_kind_count, .program = argv[0]};

    for (int i = 1; i < argc; i++) {
        bool more = i + 1 < argc;
        if (strcmp(argv[i], "--jobs") == 0 && more)
            options.jobs = (unsigned)number(argv[++i]);
        else if (strcmp(argv[i], "--every") == 0 && more)
            options.every = number(argv[++i]);
        else if (strcmp(argv[i], "--at") == 0 && more)
            options.at = number(argv[++i]);
        else if (strcmp(argv[i], "--fault") == 0 && more)
            options.kind = kind_named(argv[++i]);
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

/* ---- One write of one scenario ---- */

struct one {
    const struct options *options;
    struct faulty_run run;
    struct text ends; /* without trouble */
};

static void tell(const struct one *one, const struct harness *harness, const char *came, struct text *out_text)
{
    const struct faulty_run *run = &one->run;

    text_add(out_text, "%s: write %llu %s\n", run->path, (unsigned long long)run->at, fault_kinds[run->kind].text);
    harness_tell_trace(harness, out_text);
    if (harness->broken.len > 0)
        text_add(out_text, "BROKEN:\n%s", text_or_empty(&harness->broken));
    if (run->at != 0 && strcmp(came, text_or_empty(&one->ends)) != 0)
        text_add(out_text, "THE ENDS DIFFER. Without trouble:\n%swith it:\n%s", text_or_empty(&one->ends), came);
    text_add(out_text, "Again: %s --fault %s --at %llu %s\n\n", one->options->program, fault_kinds[run->kind].name,
             (unsigned long long)run->at, run->path);
}

/* False: something does not hold, and was told. */
static bool run_one(struct one *one, bool trace, struct text *out_ends, struct text *out_text)
{
    struct harness harness;
    struct text came = {0};

    one->run.struck = false;
    faulty_run(&one->run, &harness);
    if (!excused(one->run.path, EXCUSE_UNHEARD))
        ends_check_heard(&harness);
    ends_of(&harness, &came);
    bool same = one->run.at == 0 || strcmp(text_or_empty(&one->ends), text_or_empty(&came)) == 0;
    same |= fault_kinds[one->run.kind].takes_time && scenario_is_timed(one->run.scenario);
    same |= excused(one->run.path, EXCUSE_REASON) && ends_same_but_reasons(text_or_empty(&one->ends), text_or_empty(&came));
    bool well = harness.broken.len == 0 && (same || excused(one->run.path, EXCUSE_ENDS | EXCUSE_STORE));
    if (!well || trace)
        tell(one, &harness, text_or_empty(&came), out_text);
    if (out_ends != NULL)
        *out_ends = came;
    else
        text_free(&came);
    harness_free(&harness);
    return well;
}

/* ---- One scenario ---- */

static size_t strike_everywhere(struct one *one, struct work *work, struct text *out_text)
{
    struct text nothing = {0};
    size_t broken = 0;

    for (one->run.at = 1;; one->run.at++) {
        broken += !run_one(one, false, NULL, broken == 0 ? out_text : &nothing);
        work->counts[RESTARTS] += one->run.restarts;
        if (!one->run.struck)
            break;
        work->counts[WRITES]++;
    }
    text_free(&nothing);
    return broken;
}

static void run_scenario(size_t item, void *data, struct work *work)
{
    const struct options *options = data;
    const char *path = options->paths[item * options->every], *slash = strrchr(path, '/');
    struct scenario *scenario = scenario_read(path);
    struct one one = {.options = options, .run = {.scenario = scenario, .path = path}};
    struct text said = {0};
    size_t broken = !run_one(&one, false, &one.ends, &said);

    for (size_t kind = 0; kind < fault_kind_count && broken == 0; kind++) {
        one.run.kind = kind;
        if (options->kind == kind || options->kind == fault_kind_count)
            broken += strike_everywhere(&one, work, &said);
    }
    if (broken > 0)
        text_add(&said, "%s: %zu runs are broken\n", path, broken);
    text_add(&said, "%-48s %6llu\n", slash != NULL ? slash + 1 : path, (unsigned long long)work->counts[WRITES]);
    workers_print(text_or_empty(&said));
    work->broken = broken > 0;
    text_free(&one.ends);
    text_free(&said);
    scenario_free(scenario);
}

static const char *path_of(size_t item, void *data)
{
    const struct options *options = data;

    return options->paths[item * options->every];
}

static int show_one(const struct options *options)
{
    struct scenario *scenario = scenario_read(options->paths[0]);
    struct one one = {.options = options, .run = {.scenario = scenario, .path = options->paths[0], .kind = options->kind}};
    struct text said = {0};

    run_one(&one, false, &one.ends, &said);
    one.run.at = options->at;
    bool well = run_one(&one, true, NULL, &said);
    fputs(text_or_empty(&said), stdout);
    text_free(&one.ends);
    text_free(&said);
    scenario_free(scenario);
    return well ? EXIT_SUCCESS : EXIT_FAILURE;
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

    if (options.at != 0)
        return options.count == 1 && options.kind < fault_kind_count ? show_one(&options) : (usage(), EXIT_FAILURE);
    if (options.count == 0) {
        options.paths = all = scenario_list(scenario_folder());
        while (all[options.count] != NULL)
            options.count++;
    }
    size_t count = (options.count + options.every - 1) / options.every;
    double start = seconds();
    size_t broken = workers_run(options.jobs, count, run_scenario, &options, path_of, &sum);
    double took = seconds() - start;
    printf("%zu scenarios had trouble with each of their writes: %llu %s, %llu restarts from what was durable; %.0f a second\n", count,
           (unsigned long long)sum.counts[WRITES], faulty_writes, (unsigned long long)sum.counts[RESTARTS],
           took > 0 ? (double)sum.counts[WRITES] / took : 0.0);
    printf("%zu passed, %zu failed\n", count - broken, broken);
    if (all != NULL)
        scenario_list_free(all);
    return broken > 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
