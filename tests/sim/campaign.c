/* SPDX-License-Identifier: Apache-2.0 */
/* A campaign of random runs.
 *
 *   campaign [--seeds N] [--first S] [--jobs J] [--keep-going] [--minimize] [--twice] [--all-struck] [--trace] [--without 3,5,9]
 *
 * Runs N runs (default 1,000), drawn from the seeds S, S+1, ... (default 1), J at once (default 1). One in which something does not hold
 * is printed with its trace and the command that shows it again, and ends the campaign with status 1; with `--keep-going` the others
 * are run all the same. At the end it says how often each fault has struck, and how often each invariant was checked.
 *
 *   --minimize     leaves out of a failing run what it fails without: tasks, containers, settings, faults, deeds
 *   --without      items that take no part, by the numbers in the trace
 *   --twice        each run twice, compared to the byte
 *   --all-struck   it is a failure, too, if a fault never struck or an invariant was never checked
 *   --trace        prints every trace */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "random_run.h"

enum { JOBS_MAX = 64 };

static double cpu_seconds(int whose)
{
    struct rusage usage;

    if (getrusage(whose, &usage) < 0)
        return 0;
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

struct options {
    uint64_t seeds, first;
    unsigned jobs;
    bool twice, trace, keep_going, minimize, all_struck;
    bool without[RUN_ITEMS_MAX];
    const char *program;
};

/* What a job writes and the campaign reads; shared memory. */
struct job {
    uint64_t seed; /* that it is at */
    uint64_t runs, failed;
    struct run_report report;
};

static uint64_t number(const char *text)
{
    char *end;
    uint64_t value = strtoull(text, &end, 10);

    if (*text == '\0' || *end != '\0') {
        fprintf(stderr, "campaign: %s is no number\n", text);
        exit(2);
    }
    return value;
}

static void leave_out(struct options *options, const char *list)
{
    for (; *list != '\0'; list += strspn(list, ",")) {
        unsigned long item = strtoul(list, NULL, 10);
        if (item < RUN_ITEMS_MAX)
            options->without[item] = true;
        list += strcspn(list, ",");
    }
}

static double seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static bool *flag_named(struct options *options, const char *name)
{
    return strcmp(name, "--twice") == 0        ? &options->twice
           : strcmp(name, "--trace") == 0      ? &options->trace
           : strcmp(name, "--keep-going") == 0 ? &options->keep_going
           : strcmp(name, "--minimize") == 0   ? &options->minimize
           : strcmp(name, "--all-struck") == 0 ? &options->all_struck
                                               : NULL;
}

static struct options options_read(int argc, char **argv)
{
    struct options options = {.seeds = 1000, .first = 1, .jobs = 1, .program = argv[0]};

    for (int i = 1; i < argc; i++) {
        bool more = i + 1 < argc;
        if (strcmp(argv[i], "--seeds") == 0 && more)
            options.seeds = number(argv[++i]);
        else if (strcmp(argv[i], "--first") == 0 && more)
            options.first = number(argv[++i]);
        else if (strcmp(argv[i], "--jobs") == 0 && more)
            options.jobs = (unsigned)number(argv[++i]);
        else if (strcmp(argv[i], "--without") == 0 && more)
            leave_out(&options, argv[++i]);
        else if (flag_named(&options, argv[i]) != NULL)
            *flag_named(&options, argv[i]) = true;
        else {
            fprintf(stderr,
                    "usage: campaign [--seeds N] [--first S] [--jobs J] [--keep-going] [--minimize] [--twice] [--all-struck] "
                    "[--trace] [--without 3,5,9]\n");
            exit(2);
        }
    }
    options.jobs = options.jobs < 1 ? 1 : options.jobs > JOBS_MAX ? JOBS_MAX : options.jobs;
    return options;
}

/* ---- One seed ---- */

/* The run; the harness is the caller's to free. */
static void run(const struct options *options, const bool *without, uint64_t seed, struct harness *harness,
                struct run_report *report)
{
    struct run_options one = {.seed = seed, .without = without};

    *harness = (struct harness){.full_trace = options->twice};
    random_run(&one, harness, report);
    if (options->twice) {
        struct harness other = {.full_trace = true};
        struct run_report none = {0};
        random_run(&one, &other, &none);
        if (strcmp(text_or_empty(&harness->trace), text_or_empty(&other.trace)) != 0)
            harness_broken(harness, "the second run is another one");
        harness_free(&other);
    }
}

/* The name of what broke first: `[  1.200] stop-order: ...`. */
static void first_broken(const struct harness *harness, char name[64])
{
    const char *at = text_or_empty(&harness->broken);

    at = strchr(at, ']') != NULL ? strchr(at, ']') + 2 : at;
    snprintf(name, 64, "%.*s", (int)strcspn(at, ":\n"), at);
}

/* Leaves out one item after the other, as long as the same breaks without it; from the last on, since deeds hang on tasks. */
static void minimize(const struct options *options, uint64_t seed, bool without[RUN_ITEMS_MAX], const char *wanted, unsigned items)
{
    bool again = true;

    while (again) {
        again = false;
        for (unsigned i = items < RUN_ITEMS_MAX ? items : RUN_ITEMS_MAX; i-- > 0;) {
            struct harness harness;
            struct run_report none = {0};
            char name[64];
            if (without[i])
                continue;
            without[i] = true;
            run(options, without, seed, &harness, &none);
            first_broken(&harness, name);
            harness_free(&harness);
            without[i] = strcmp(name, wanted) == 0;
            again |= without[i];
        }
    }
}

static void print_again(const struct options *options, uint64_t seed, const bool *without)
{
    const char *separator = " --without ";

    printf("again: %s --first %llu --seeds 1%s", options->program, (unsigned long long)seed, options->twice ? " --twice" : "");
    for (unsigned i = 0; i < RUN_ITEMS_MAX; i++) {
        if (without[i]) {
            printf("%s%u", separator, i);
            separator = ",";
        }
    }
    printf("\n");
}

/* Locks out the other jobs, so that what one prints stays together. */
static FILE *printing;
static void lock(bool locked)
{
    if (printing != NULL && lockf(fileno(printing), locked ? F_LOCK : F_ULOCK, 0) < 0)
        perror("campaign: lockf");
}

static void print_failure(const struct options *options, uint64_t seed, struct harness *harness, unsigned items)
{
    bool without[RUN_ITEMS_MAX];
    char name[64];
    struct run_report none = {0};

    memcpy(without, options->without, sizeof(without));
    first_broken(harness, name);
    if (options->minimize) {
        minimize(options, seed, without, name, items);
        harness_free(harness);
        run(options, without, seed, harness, &none);
    }
    lock(true);
    printf("seed %llu\n%sBROKEN:\n%s", (unsigned long long)seed, text_or_empty(&harness->trace), text_or_empty(&harness->broken));
    print_again(options, seed, without);
    fflush(stdout);
    lock(false);
}

/* False: something does not hold, and was printed. */
static bool run_seed(const struct options *options, uint64_t seed, struct run_report *report)
{
    struct harness harness;

    run(options, options->without, seed, &harness, report);
    bool well = harness.broken.len == 0;
    if (!well)
        print_failure(options, seed, &harness, report->items);
    else if (options->trace)
        printf("seed %llu\n%s", (unsigned long long)seed, text_or_empty(&harness.trace));
    harness_free(&harness);
    return well;
}

/* ---- Many ---- */

static void work(const struct options *options, struct job *job, uint64_t step)
{
    for (; job->seed < options->first + options->seeds; job->seed += step) {
        job->runs++;
        if (run_seed(options, job->seed, &job->report))
            continue;
        job->failed++;
        if (!options->keep_going)
            return;
    }
}

static void start_job(const struct options *options, struct job *job, pid_t *out_pid)
{
    fflush(stdout);
    *out_pid = fork();
    if (*out_pid < 0) {
        perror("campaign: fork");
        exit(2);
    }
    if (*out_pid == 0) {
        work(options, job, options->jobs);
        fflush(stdout);
        _exit(0);
    }
}

/* A run that crashes takes its job with it; another one goes on behind it. */
static void run_jobs(const struct options *options, struct job *jobs)
{
    pid_t pids[JOBS_MAX], pid;
    int status;

    for (unsigned i = 0; i < options->jobs; i++) {
        jobs[i].seed = options->first + i;
        start_job(options, &jobs[i], &pids[i]);
    }
    while ((pid = wait(&status)) > 0) {
        for (unsigned i = 0; i < options->jobs; i++) {
            if (pids[i] != pid)
                continue;
            if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
                continue;
            printf("seed %llu\nBROKEN:\nthe run ended with signal %d\n", (unsigned long long)jobs[i].seed,
                   WIFSIGNALED(status) ? WTERMSIG(status) : 0);
            print_again(options, jobs[i].seed, options->without);
            jobs[i].failed++;
            jobs[i].seed += options->jobs;
            if (options->keep_going)
                start_job(options, &jobs[i], &pids[i]);
        }
    }
}

static void add_report(struct run_report *sum, const struct run_report *one)
{
    for (size_t i = 0; i < FAULTS; i++)
        sum->struck[i] += one->struck[i];
    for (size_t i = 0; i < INVARIANTS; i++)
        sum->checked[i] += one->checked[i];
    sum->turns += one->turns;
    sum->ops += one->ops;
    sum->events += one->events;
    sum->tasks += one->tasks;
    sum->containers += one->containers;
    sum->reached += one->reached;
}

/* How many rows are zero. */
static unsigned print_tables(const struct run_report *sum)
{
    unsigned never = 0;

    printf("faults that struck:\n");
    for (size_t i = 0; i < FAULTS; i++) {
        printf("  %-20s %12llu  %s\n", fault_rows[i].name, (unsigned long long)sum->struck[i], fault_rows[i].text);
        never += sum->struck[i] == 0;
    }
    printf("invariants that were checked:\n");
    for (size_t i = 0; i < INVARIANTS; i++) {
        printf("  %-20s %12llu  %s\n", invariant_rows[i].name, (unsigned long long)sum->checked[i], invariant_rows[i].text);
        never += sum->checked[i] == 0;
    }
    return never;
}

int main(int argc, char **argv)
{
    struct options options = options_read(argc, argv);
    struct job *jobs = mmap(NULL, JOBS_MAX * sizeof(*jobs), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0), sum = {0};
    double start = seconds();

    if (jobs == MAP_FAILED) {
        perror("campaign: mmap");
        return 2;
    }
    if (options.jobs > 1) {
        printing = tmpfile();
        run_jobs(&options, jobs);
    } else {
        jobs[0].seed = options.first;
        work(&options, &jobs[0], 1);
    }
    for (unsigned i = 0; i < options.jobs; i++) {
        sum.runs += jobs[i].runs;
        sum.failed += jobs[i].failed;
        add_report(&sum.report, &jobs[i].report);
    }
    double took = seconds() - start, cpu = cpu_seconds(RUSAGE_SELF) + cpu_seconds(RUSAGE_CHILDREN);
    unsigned never = print_tables(&sum.report);
    printf("%llu tasks with %llu containers, %llu turns, %llu operations, %llu events; %llu tasks not stopped when the faults were "
           "over\n",
           (unsigned long long)sum.report.tasks, (unsigned long long)sum.report.containers, (unsigned long long)sum.report.turns,
           (unsigned long long)sum.report.ops, (unsigned long long)sum.report.events, (unsigned long long)sum.report.reached);
    printf("%llu runs, seeds %llu to %llu, %llu broken, %.0f a second, %.0f a second of CPU\n", (unsigned long long)sum.runs,
           (unsigned long long)options.first, (unsigned long long)(options.first + options.seeds - 1),
           (unsigned long long)sum.failed, took > 0 ? (double)sum.runs / took : 0.0, cpu > 0 ? (double)sum.runs / cpu : 0.0);
    if (options.all_struck && never > 0)
        printf("%u faults never struck, or invariants were never checked\n", never);
    return sum.failed > 0 || (options.all_struck && never > 0) ? EXIT_FAILURE : EXIT_SUCCESS;
}
