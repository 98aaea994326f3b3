/* SPDX-License-Identifier: Apache-2.0 */
/* Lives through all small worlds, and holds each against the reference model.
 *
 *   worlds [--complete] [--jobs N] [--show N] [--count] [--reference]
 *   worlds --world CODE
 *
 * Without options a cut of some ten thousand worlds, for every day. `--complete`: all of them, for the night. `--count`: only
 * counts. `--show N`: goes on until N worlds differ (default 1). `--reference`: without the deviations that are decided
 * (model.h), to see what they come to. `--world`: one world, with what the model expects and what was seen. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "compare.h"
#include "enumerate.h"

enum { BATCH = 200, BATCHES_PER_ENGINE = 200 };

#define ALL ((UINT32_C(1) << OUTCOMES) - 1)
#define BIT(outcome) (UINT32_C(1) << (outcome))
#define UNTIMED (ALL & ~(BIT(RUNS_TIMED) | BIT(HEALTHY_RUNS_TIMED) | BIT(SICK_RUNS_TIMED)))
#define FEW (BIT(RUNS) | BIT(EXITS_0) | BIT(NO_CREATE) | BIT(HEALTHY_RUNS))
#define TIMED (BIT(RUNS) | BIT(EXITS_0) | (ALL & ~UNTIMED))
#define IMAGES (BIT(RUNS) | BIT(EXITS_0) | BIT(NO_CREATE) | BIT(NO_IMAGE))
#define BOTH_WAYS (BIT(TIMING_FORWARD) | BIT(TIMING_BACKWARD))

static const struct cut everyday[] = {
    {.name = "one container",
     .count = 1,
     .outcomes = ALL,
     .timings = BOTH_WAYS | BIT(TIMING_SAME) | BIT(TIMING_BARE),
     .self = true,
     .labelled = true,
     .alike = true,
     .moments = 100},
    {.name = "two containers", .count = 2, .outcomes = ALL, .timings = BOTH_WAYS, .self = true, .moments = 100},
    {.name = "two containers, at the same time", .count = 2, .outcomes = UNTIMED, .timings = BIT(TIMING_SAME), .moments = 3},
    {.name = "two containers, without records", .count = 2, .outcomes = UNTIMED, .timings = BIT(TIMING_BARE), .moments = 4},
    {.name = "two containers, slow pulls", .count = 2, .outcomes = TIMED, .timings = BIT(TIMING_SLOW), .moments = 100},
    {.name = "two containers, twice told", .count = 2, .outcomes = UNTIMED, .timings = BIT(TIMING_NOISY), .moments = 4},
    {.name = "two containers, images always pulled",
     .count = 2,
     .outcomes = UNTIMED,
     .timings = BIT(TIMING_FORWARD),
     .pull = PULL_ALWAYS,
     .moments = 4},
    {.name = "two containers, images pulled once",
     .count = 2,
     .outcomes = IMAGES,
     .timings = BIT(TIMING_BACKWARD),
     .pull = PULL_ONCE,
     .moments = 4},
    {.name = "two containers, cached images",
     .count = 2,
     .outcomes = IMAGES,
     .timings = BIT(TIMING_FORWARD),
     .pull = PULL_CACHED,
     .moments = 4},
    {.name = "three containers, few outcomes", .count = 3, .outcomes = FEW, .timings = BIT(TIMING_FORWARD), .moments = 2},
};

static const struct cut complete[] = {
    {.name = "one container",
     .count = 1,
     .outcomes = ALL,
     .timings = BOTH_WAYS | BIT(TIMING_SAME) | BIT(TIMING_BARE),
     .self = true,
     .labelled = true,
     .alike = true,
     .moments = 100},
    {.name = "two containers",
     .count = 2,
     .outcomes = ALL,
     .timings = BOTH_WAYS | BIT(TIMING_SAME) | BIT(TIMING_BARE),
     .self = true,
     .labelled = true,
     .alike = true,
     .moments = 100},
    {.name = "three containers", .count = 3, .outcomes = ALL, .timings = BIT(TIMING_FORWARD), .self = true, .moments = 100},
    {.name = "three containers, backward", .count = 3, .outcomes = ALL, .timings = BIT(TIMING_BACKWARD), .moments = 3},
    {.name = "three containers, at the same time",
     .count = 3,
     .outcomes = FEW | BIT(EXITS_3),
     .timings = BIT(TIMING_SAME),
     .moments = 2},
    {.name = "three containers, without records",
     .count = 3,
     .outcomes = FEW | BIT(EXITS_3),
     .timings = BIT(TIMING_BARE),
     .moments = 3},
    {.name = "three containers, slow pulls", .count = 3, .outcomes = TIMED, .timings = BIT(TIMING_SLOW), .moments = 100},
    {.name = "three containers, twice told",
     .count = 3,
     .outcomes = FEW | BIT(EXITS_3),
     .timings = BIT(TIMING_NOISY),
     .moments = 3},
    {.name = "three containers, images always pulled",
     .count = 3,
     .outcomes = IMAGES,
     .timings = BIT(TIMING_FORWARD),
     .pull = PULL_ALWAYS,
     .moments = 4},
    {.name = "three containers, images pulled once",
     .count = 3,
     .outcomes = IMAGES,
     .timings = BIT(TIMING_BACKWARD),
     .pull = PULL_ONCE,
     .moments = 2},
    {.name = "three containers, cached images",
     .count = 3,
     .outcomes = IMAGES,
     .timings = BIT(TIMING_FORWARD),
     .pull = PULL_CACHED,
     .moments = 2},
};

struct options {
    bool complete, count;
    unsigned jobs, show;
    const char *world;
    const char *program;
};

struct run {
    const struct options *options;
    unsigned job;
    struct host *host;
    struct world worlds[BATCH];
    struct sight *sights;
    size_t filled;
    uint64_t batches, lived, refused, given_up, differing;
};

/* Lives through one world alone. */
static void live_alone(const struct world *world, struct sight *out_sight)
{
    struct host *host = host_new(1, world->pull);

    if (!host_live(host, world, 1, out_sight))
        printf("the engine does not come to rest\n");
    host_free(host);
}

static void print_moment(const char *what, moment at)
{
    if (at != MOMENT_NEVER)
        printf(" %s %.6f", what, (double)moment_ns(at) / 1e9);
}

static void print_expected(const struct world *world)
{
    struct durations durations[PLACES];
    struct expectation expected;

    world_durations_drawn(world->timing, 1, durations);
    model_expect(world, durations, &expected);
    printf("the model says:\n");
    for (int c = 0; c < world->count && expected.verdict != VERDICT_REFUSED; c++) {
        const struct fate *fate = &expected.fates[c];
        printf("  %c   ", 'a' + c);
        print_moment("pull", fate->pull);
        print_moment("create", fate->create);
        print_moment("start", fate->start);
        print_moment("RUNNING", fate->running);
        print_moment("stop", fate->stop);
        print_moment("STOPPED", fate->stopped);
        if (fate->has_exit_code)
            printf(" exit %d", fate->exit_code);
        printf("  %s\n", model_reasons[fate->reason]);
    }
    printf("  task");
    print_moment("RUNNING", expected.running);
    print_moment("STOPPED", expected.stopped);
    print_moment("REMOVED", expected.removed);
    printf("  %s\n", expected.reason);
}

static void print_world(const struct options *options, const struct world *world, const struct sight *sight,
                        const char *differences)
{
    struct text words = {0}, trace = {0};
    char code[WORLD_CODE];

    world_write(world, code);
    world_tell(world, &words);
    sight_tell(sight, &trace);
    printf("world %s\n%s", code, text_or_empty(&words));
    print_expected(world);
    printf("seen:\n%s", text_or_empty(&trace));
    if (*differences != '\0')
        printf("DIFFERENT:\n%sagain: %s --world %s\n\n", differences, options->program, code);
    text_free(&words);
    text_free(&trace);
}

/* The world by itself shows what is wrong, or that it is not the world alone. */
static void print_difference(const struct options *options, const struct world *world, const struct sight *sight)
{
    struct text differences = {0};
    struct sight alone;

    live_alone(world, &alone);
    if (world_agrees(world, &alone, &differences)) {
        world_agrees(world, sight, &differences);
        text_add(&differences, "  but alone in an engine it is as expected\n");
        print_world(options, world, sight, text_or_empty(&differences));
    } else
        print_world(options, world, &alone, text_or_empty(&differences));
    text_free(&differences);
}

static bool flush(struct run *run)
{
    if (run->filled == 0)
        return true;
    if (run->host == NULL || run->lived / BATCH % BATCHES_PER_ENGINE == 0) {
        host_free(run->host);
        run->host = host_new(BATCH, run->worlds[0].pull);
    }
    bool rests = host_live(run->host, run->worlds, run->filled, run->sights);
    if (!rests)
        printf("the engine does not come to rest\n");
    for (size_t i = 0; i < run->filled; i++) {
        run->lived++;
        if (world_agrees(&run->worlds[i], &run->sights[i], NULL))
            continue;
        if (run->differing++ < run->options->show)
            print_difference(run->options, &run->worlds[i], &run->sights[i]);
    }
    run->filled = 0;
    return rests && run->differing < run->options->show;
}

static bool on_world(const struct world *world, void *data)
{
    struct run *run = data;

    if (run->options->count) {
        run->lived++;
        return true;
    }
    run->worlds[run->filled++] = *world;
    if (run->filled < BATCH)
        return true;
    /* Every job walks through all, and lives through its share. */
    if (run->batches++ % run->options->jobs != run->job) {
        run->filled = 0;
        return true;
    }
    return flush(run);
}

static double seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void run_cut(struct run *run, const struct cut *cut)
{
    double start = seconds();

    host_free(run->host); /* the next cut may pull in another way */
    run->host = NULL;
    run->filled = run->batches = run->lived = 0;
    enumerate(cut, on_world, run);
    if (run->batches % run->options->jobs == run->job)
        flush(run);
    double took = seconds() - start;
    printf("%s: %llu worlds%s, %.0f a second\n", cut->name, (unsigned long long)run->lived,
           run->options->jobs > 1 ? " in this job" : "", took > 0 ? (double)run->lived / took : 0.0);
    fflush(stdout);
}

/* The exit status. */
static int run_job(const struct options *options, unsigned job)
{
    const struct cut *cuts = options->complete ? complete : everyday;
    size_t count = options->complete ? sizeof(complete) / sizeof(complete[0]) : sizeof(everyday) / sizeof(everyday[0]);
    struct run *run = calloc(1, sizeof(*run));
    uint64_t worlds = 0, differing;

    if (run == NULL || (run->sights = calloc(BATCH, sizeof(*run->sights))) == NULL)
        abort();
    run->options = options;
    run->job = job;
    for (size_t i = 0; i < count && (run->differing < options->show); i++) {
        run_cut(run, &cuts[i]);
        worlds += run->lived;
    }
    differing = run->differing;
    if (options->count)
        printf("%llu worlds, only counted\n", (unsigned long long)worlds);
    else
        printf("%llu worlds, %llu differ from the model\n", (unsigned long long)worlds, (unsigned long long)differing);
    host_free(run->host);
    free(run->sights);
    free(run);
    return differing == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int run_jobs(const struct options *options)
{
    int status, result = EXIT_SUCCESS;

    if (options->jobs == 1)
        return run_job(options, 0);
    for (unsigned job = 0; job < options->jobs; job++) {
        pid_t child = fork();
        if (child < 0)
            return EXIT_FAILURE;
        if (child == 0)
            exit(run_job(options, job));
    }
    while (wait(&status) > 0) {
        if (!WIFEXITED(status) || WEXITSTATUS(status) != EXIT_SUCCESS)
            result = EXIT_FAILURE;
    }
    return result;
}

static int run_world(const struct options *options)
{
    struct world world;
    struct sight sight;
    struct text differences = {0};

    if (!world_read(options->world, &world)) {
        fprintf(stderr, "worlds: %s is no world\n", options->world);
        return 2;
    }
    live_alone(&world, &sight);
    bool agrees = world_agrees(&world, &sight, &differences);
    print_world(options, &world, &sight, text_or_empty(&differences));
    text_free(&differences);
    return agrees ? EXIT_SUCCESS : EXIT_FAILURE;
}

static unsigned number(const char *text)
{
    char *end;
    unsigned long value = strtoul(text, &end, 10);

    if (*text == '\0' || *end != '\0' || value == 0 || value > 1000000) {
        fprintf(stderr, "worlds: %s is no number from 1 to 1000000\n", text);
        exit(2);
    }
    return (unsigned)value;
}

int main(int argc, char **argv)
{
    struct options options = {.jobs = 1, .show = 1, .program = argv[0]};

    for (int i = 1; i < argc; i++) {
        bool more = i + 1 < argc;
        if (strcmp(argv[i], "--complete") == 0)
            options.complete = true;
        else if (strcmp(argv[i], "--reference") == 0)
            model_deviations = (struct deviations){0};
        else if (strcmp(argv[i], "--count") == 0)
            options.count = true;
        else if (strcmp(argv[i], "--jobs") == 0 && more)
            options.jobs = number(argv[++i]);
        else if (strcmp(argv[i], "--show") == 0 && more)
            options.show = number(argv[++i]);
        else if (strcmp(argv[i], "--world") == 0 && more)
            options.world = argv[++i];
        else {
            fprintf(stderr, "usage: worlds [--complete] [--jobs N] [--show N] [--count] [--reference] | --world CODE\n");
            return 2;
        }
    }
    return options.world != NULL ? run_world(&options) : run_jobs(&options);
}
