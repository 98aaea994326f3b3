/* SPDX-License-Identifier: Apache-2.0 */
/* The benchmarks: all of them, or with --smoke a run that only shows that they work.
 *
 *     bench [--smoke] [--json FILE] [--only lifecycles|parsing|admission|latency|restore|durable|durable-restore] [--disk DIR]
 *
 * Each measurement has a process of its own, so that none sees the memory of another; each is repeated, and the median counts. The
 * limits are those of the design; with --smoke none is looked at. What is made durable is so in DIR, or in /tmp. tools/bench
 * makes the release build that this is meant for. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "report.h"

struct options {
    bool smoke;
    const char *json, *only, *disk;
};

/* Runs `measure` in a child, which leaves what it found in `out`. */
static void apart(void (*measure)(void *out), void *out, size_t size)
{
    int ends[2], status = 0;

    fflush(stdout);
    bench_must(pipe(ends) == 0 ? 0 : ECSENGINE_ESYSTEM, "a pipe");
    pid_t child = fork();
    bench_must(child >= 0 ? 0 : ECSENGINE_ESYSTEM, "a process");
    if (child == 0) {
        measure(out);
        _exit(write(ends[1], out, size) == (ssize_t)size ? 0 : 1);
    }
    close(ends[1]);
    for (size_t got = 0; got < size;) {
        ssize_t some = read(ends[0], (char *)out + got, size - got);
        bench_must(some > 0 ? 0 : ECSENGINE_ESYSTEM, "a measurement");
        got += (size_t)some;
    }
    close(ends[0]);
    waitpid(child, &status, 0);
    bench_must(status == 0 ? 0 : ECSENGINE_ESYSTEM, "a measurement");
}

static bool wanted(const struct options *options, const char *what)
{
    if (options->only != NULL && strcmp(options->only, what) != 0)
        return false;
    fprintf(stderr, "%s ...\n", what);
    return true;
}

/* ---- lifecycles ---- */

static void measure_lifecycle(void *out) { lifecycle_run(out); }

static int by_engine_cpu(const void *left, const void *right)
{
    double l = lifecycle_engine_ns(left), r = lifecycle_engine_ns(right);

    return l < r ? -1 : l > r;
}

/* What is counted comes of a run of its own. */
static void add_counts(struct lifecycle *run)
{
    struct lifecycle counted = *run;

    counted.counts = true;
    apart(measure_lifecycle, &counted, sizeof(counted));
    run->allocations = counted.allocations;
    run->add_allocations = counted.add_allocations;
    run->engine_bytes = counted.engine_bytes;
}

/* The median of a few runs, and the least. */
static struct lifecycle lives(struct report *report, const struct options *options, const struct lifecycle *shape, double *out_least_ns)
{
    enum { REPEATS_MAX = 15 };
    struct lifecycle runs[REPEATS_MAX];
    size_t repeats = options->smoke ? 1 : shape->tasks >= 100000 ? 3 : shape->tasks >= 10000 ? 7 : REPEATS_MAX;

    for (size_t i = 0; i < repeats; i++) {
        runs[i] = *shape;
        runs[i].burst = runs[i].burst > 0 ? runs[i].burst : 100;
        apart(measure_lifecycle, &runs[i], sizeof(runs[i]));
    }
    qsort(runs, repeats, sizeof(runs[0]), by_engine_cpu);
    *out_least_ns = lifecycle_engine_ns(&runs[0]);
    add_counts(&runs[repeats / 2]);
    report_lifecycles(report, &runs[repeats / 2], *out_least_ns);
    return runs[repeats / 2];
}

static void lifecycles(struct report *report, const struct options *options)
{
    static const size_t counts[] = {100, 1000, 10000, 100000};
    static const size_t few[] = {3, 7};
    const size_t *tasks = options->smoke ? few : counts;
    size_t count = options->smoke ? 2 : 4;
    double least_ns;

    for (unsigned containers = 1; containers <= 3; containers += 2)
        for (int ports = 0; ports <= 1; ports++)
            for (size_t i = 0; i < count; i++) {
                const struct lifecycle shape = {.tasks = tasks[i], .shape = {.containers = containers, .ports = ports != 0}};
                lives(report, options, &shape, &least_ns);
            }
}

/* The design's lines about a life of one container, with the memory store: the ratio is taken of the least of each. */
static void budget_lives(struct report *report, const struct options *options)
{
    size_t small = options->smoke ? 3 : 1000, large = options->smoke ? 7 : 100000;
    double small_ns[2], large_ns[2], other_ns;
    struct lifecycle at_small[2], at_large[2];
    double small_all[2], large_all[2];

    for (int ports = 0; ports <= 1; ports++) {
        struct lifecycle shape = {.tasks = small, .shape = {.containers = 1, .ports = ports != 0}, .store = STORE_MEMORY};
        at_small[ports] = lives(report, options, &shape, &small_ns[ports]);
        shape.tasks = large;
        at_large[ports] = lives(report, options, &shape, &large_ns[ports]);
        small_all[ports] = small_ns[ports] + (double)at_small[ports].add.cpu_ns / (double)small;
        large_all[ports] = large_ns[ports] + (double)at_large[ports].add.cpu_ns / (double)large;
    }
    struct lifecycle other = {.tasks = small, .shape = {.containers = 1}, .store = STORE_MEMORY, .on_simulator = true};
    lives(report, options, &other, &other_ns);
    other = (struct lifecycle){.tasks = small, .shape = {.containers = 1}, .store = STORE_MEMORY, .manifests = true};
    lives(report, options, &other, &other_ns);
    other = (struct lifecycle){.tasks = small, .shape = {.containers = 1}, .store = STORE_MEMORY, .burst = 1};
    lives(report, options, &other, &other_ns);
    if (options->smoke)
        return;
    double own_us = (double)bare_own_cost_ns() / 1e3;
    printf("The bare runtime's own work costs %.2f us a life, which is in the figures.\n", own_us);
    report_budget(report, "engine CPU a life, 1,000 tasks", lifecycle_engine_ns(&at_small[0]) / 1e3, 20, "us");
    report_budget(report, "engine CPU a life, 100,000 tasks", lifecycle_engine_ns(&at_large[0]) / 1e3, 20, "us");
    report_budget(report, "engine CPU a life, 100,000 tasks, host ports", lifecycle_engine_ns(&at_large[1]) / 1e3, 20, "us");
    report_budget(report, "100,000 lives at once to 1,000, all CPU of one", large_all[0] / small_all[0], 1.3, "times");
    report_budget(report, "the same, host ports", large_all[1] / small_all[1], 1.3, "times");
    report_budget(report, "the same, beside the parsing", large_ns[0] / small_ns[0], 1.3, "times");
    report_budget(report, "the same, beside the parsing, host ports", large_ns[1] / small_ns[1], 1.3, "times");
    report_budget(report, "engine's memory a running task", (double)at_large[0].engine_bytes / (double)large, 3072, "bytes");
}

static void budget_memory(struct report *report, const struct options *options)
{
    const struct lifecycle shape = {.tasks = options->smoke ? 7 : 100000, .shape = {.containers = 1}};
    double least_ns;
    struct lifecycle run = lives(report, options, &shape, &least_ns);

    if (!options->smoke)
        report_budget(report, "resident memory a running task", (double)(run.resident_bytes - run.runtime_bytes) / (double)run.tasks,
                      3072, "bytes");
}

/* ---- the others ---- */

struct parse_job {
    bool large, smoke;
    struct parse_cost cost;
};

static void measure_parse(void *out)
{
    struct parse_job *job = out;

    parse_measure(job->large, job->smoke ? 3 : job->large ? 2000 : 50000, &job->cost);
}

static void parsing(struct report *report, const struct options *options)
{
    for (int large = 0; large <= 1; large++) {
        struct parse_job job = {.large = large != 0, .smoke = options->smoke};
        apart(measure_parse, &job, sizeof(job));
        report_parse(report, large ? "definition of 10 containers" : "payload of 1 container", &job.cost);
    }
}

struct admission_job {
    size_t queued, admitted;
    bool ports;
    char policy[16];
    struct admission_cost cost;
};

static void measure_admission(void *out)
{
    struct admission_job *job = out;

    admission_measure(job->queued, job->admitted, job->ports, job->policy, &job->cost);
}

static void admission(struct report *report, const struct options *options)
{
    static const size_t queues[] = {1000, 100000};
    static const struct {
        const char *what, *policy;
        bool ports;
    } shapes[] = {{"fifo", "fifo", false}, {"fifo, host ports", "fifo", true}, {"backfill", "backfill", false},
                  {"backfill, host ports", "backfill", true}};

    for (size_t s = 0; s < sizeof(shapes) / sizeof(shapes[0]); s++)
        for (size_t i = 0; i < 2; i++) {
            struct admission_job job = {.queued = options->smoke ? 9 : queues[i], .admitted = options->smoke ? 5 : 900};
            job.ports = shapes[s].ports;
            snprintf(job.policy, sizeof(job.policy), "%s", shapes[s].policy);
            apart(measure_admission, &job, sizeof(job));
            report_admission(report, shapes[s].what, &job.cost);
        }
}

struct latency_job {
    size_t running, rounds;
    bool ports;
    struct latency_cost cost;
};

static void measure_latency(void *out)
{
    struct latency_job *job = out;

    latency_measure(job->running, job->rounds, job->ports, &job->cost);
}

/* The best of a few: what disturbs makes it longer, never shorter. */
static struct latency_cost lives_beside(const struct options *options, size_t running, bool ports)
{
    struct latency_job best = {.cost.round_cpu_ns = INT64_MAX};

    for (int i = 0; i < (options->smoke ? 1 : 3); i++) {
        struct latency_job job = {.ports = ports, .running = running, .rounds = options->smoke ? 3 : 5000};
        apart(measure_latency, &job, sizeof(job));
        if (job.cost.round_cpu_ns < best.cost.round_cpu_ns)
            best = job;
    }
    return best.cost;
}

static void latency(struct report *report, const struct options *options)
{
    for (int ports = 0; ports <= 1; ports++) {
        const char *what = ports ? "1 container, a host port" : "1 container";
        struct latency_cost few = lives_beside(options, options->smoke ? 5 : 1000, ports != 0);
        struct latency_cost many = lives_beside(options, options->smoke ? 7 : 100000, ports != 0);
        report_latency(report, what, &few);
        report_latency(report, what, &many);
        if (!options->smoke)
            report_budget(report, ports ? "a life beside 100,000 running tasks to one beside 1,000, host ports"
                                        : "a life beside 100,000 running tasks to one beside 1,000",
                          (double)many.round_cpu_ns / (double)few.round_cpu_ns, 1.3, "times");
    }
}

struct restore_job {
    size_t tasks;
    bool ports;
    struct restore_cost cost;
};

static void measure_restore(void *out)
{
    struct restore_job *job = out;

    restore_measure(job->tasks, job->ports, &job->cost);
}

static void restoring(struct report *report, const struct options *options)
{
    for (int ports = 0; ports <= 1; ports++) {
        struct restore_job job = {.tasks = options->smoke ? 7 : 100000, .ports = ports != 0};
        apart(measure_restore, &job, sizeof(job));
        report_restore(report, ports ? "one definition each" : "one definition", &job.cost);
        if (!options->smoke)
            report_budget(report, ports ? "restore, 100,000 tasks, one definition each" : "restore, 100,000 tasks",
                          (double)job.cost.records_ns / 1e9, 2, "s");
    }
}

#ifdef WITH_SQLITE
/* ---- with a disk ---- */

static void measure_durable(void *out) { durable_run(out); }
static void measure_durable_restore(void *out) { durable_restore_run(out); }

static int by_wall(const void *left, const void *right)
{
    int64_t l = ((const struct durable *)left)->took.wall_ns, r = ((const struct durable *)right)->took.wall_ns;

    return l < r ? -1 : l > r;
}

/* One after the other, in turns, so that what else uses the disk meets all alike; the medians count, and of the batches alone the best. */
static void durable_lives(struct report *report, const struct options *options, size_t concurrent, size_t lives)
{
    enum { REPEATS = 5 };
    struct durable own[REPEATS], plain[REPEATS];
    size_t repeats = options->smoke ? 1 : REPEATS;
    int64_t alone_ns = INT64_MAX;

    for (size_t i = 0; i < repeats; i++) {
        own[i] = (struct durable){.store = DURABLE_SQLITE, .concurrent = concurrent, .lives = lives, .shape = {.containers = 1}};
        snprintf(own[i].folder, sizeof(own[i].folder), "%s", options->disk);
        plain[i] = own[i];
        plain[i].store = DURABLE_PLAIN;
        apart(measure_durable, &own[i], sizeof(own[i]));
        apart(measure_durable, &plain[i], sizeof(plain[i]));
        alone_ns = plain[i].alone.wall_ns < alone_ns ? plain[i].alone.wall_ns : alone_ns;
    }
    qsort(own, repeats, sizeof(own[0]), by_wall);
    qsort(plain, repeats, sizeof(plain[0]), by_wall);
    report_durable(report, &own[repeats / 2], &plain[repeats / 2], alone_ns);
}

static void durable(struct report *report, const struct options *options)
{
    static const size_t shapes[][2] = {{1, 200}, {100, 5000}, {1000, 20000}, {10000, 50000}};

    for (size_t i = 0; i < (options->smoke ? 2 : 4); i++)
        durable_lives(report, options, options->smoke ? i * 3 + 1 : shapes[i][0], options->smoke ? 9 : shapes[i][1]);
}

static void restoring_durable(struct report *report, const struct options *options)
{
    for (int ports = 0; ports <= 1; ports++) {
        struct durable_restore run = {.tasks = options->smoke ? 7 : 100000, .shape = {.containers = 1, .ports = ports != 0}};
        snprintf(run.folder, sizeof(run.folder), "%s", options->disk);
        apart(measure_durable_restore, &run, sizeof(run));
        report_durable_restore(report, ports ? "one definition each" : "one definition", &run);
        if (!options->smoke)
            report_budget(report, ports ? "restore from SQLite, 100,000 tasks, one definition each" : "restore from SQLite, 100,000 tasks",
                          (double)run.attach.cpu_ns / 1e9, 2, "s"); /* all on one thread: a quiet machine takes as long */
    }
}
#endif

static bool read_options(int argc, char **argv, struct options *options)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--smoke") == 0)
            options->smoke = true;
        else if (strcmp(argv[i], "--json") == 0 && i + 1 < argc)
            options->json = argv[++i];
        else if (strcmp(argv[i], "--only") == 0 && i + 1 < argc)
            options->only = argv[++i];
        else if (strcmp(argv[i], "--disk") == 0 && i + 1 < argc)
            options->disk = argv[++i];
        else
            return false;
    }
    return true;
}

int main(int argc, char **argv)
{
    struct options options = {.disk = "/tmp"};
    struct report report;

    if (!read_options(argc, argv, &options)) {
        fprintf(stderr, "usage: bench [--smoke] [--json FILE] [--only lifecycles|parsing|admission|latency|restore|durable|durable-restore] [--disk DIR]\n");
        return 2;
    }
    report_begin(&report);
    if (wanted(&options, "lifecycles")) {
        lifecycles(&report, &options);
        budget_lives(&report, &options);
        budget_memory(&report, &options);
    }
    if (wanted(&options, "parsing"))
        parsing(&report, &options);
    if (wanted(&options, "admission"))
        admission(&report, &options);
    if (wanted(&options, "latency"))
        latency(&report, &options);
    if (wanted(&options, "restore"))
        restoring(&report, &options);
#ifdef WITH_SQLITE
    if (wanted(&options, "durable"))
        durable(&report, &options);
    if (wanted(&options, "durable-restore"))
        restoring_durable(&report, &options);
#endif
    return report_end(&report, options.json) > 0 ? 1 : 0;
}
