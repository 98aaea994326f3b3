/* SPDX-License-Identifier: Apache-2.0 */
/* A campaign of random runs.
 *
 *   campaign [--seeds N] [--first S] [--twice] [--trace]
 *
 * Runs N runs (default 1,000), drawn from the seeds S, S+1, ... (default 1). The first one in which something does not hold is printed
 * with its trace and the command that shows it again, and ends the campaign with status 1. `--twice`: each run twice, compared to the
 * byte. `--trace`: prints every trace. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "random_run.h"

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

static double seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

struct options {
    uint64_t seeds, first;
    bool twice, trace;
};

static struct options options_read(int argc, char **argv)
{
    struct options options = {1000, 1, false, false};

    for (int i = 1; i < argc; i++) {
        bool more = i + 1 < argc;
        if (strcmp(argv[i], "--seeds") == 0 && more)
            options.seeds = number(argv[++i]);
        else if (strcmp(argv[i], "--first") == 0 && more)
            options.first = number(argv[++i]);
        else if (strcmp(argv[i], "--twice") == 0)
            options.twice = true;
        else if (strcmp(argv[i], "--trace") == 0)
            options.trace = true;
        else {
            fprintf(stderr, "usage: campaign [--seeds N] [--first S] [--twice] [--trace]\n");
            exit(2);
        }
    }
    return options;
}

/* False: something does not hold, and was printed. */
static bool run_seed(const struct options *options, const char *program, uint64_t seed)
{
    struct harness one = {.full_trace = options->twice}, other = {.full_trace = true};

    random_run(seed, &one);
    if (options->twice) {
        random_run(seed, &other);
        if (strcmp(text_or_empty(&one.trace), text_or_empty(&other.trace)) != 0)
            harness_broken(&one, "the second run is another one");
        harness_free(&other);
    }
    bool well = one.broken.len == 0;
    if (!well || options->trace)
        printf("seed %llu\n%s", (unsigned long long)seed, text_or_empty(&one.trace));
    if (!well)
        printf("BROKEN:\n%sagain: %s --first %llu --seeds 1%s\n", text_or_empty(&one.broken), program, (unsigned long long)seed,
               options->twice ? " --twice" : "");
    harness_free(&one);
    return well;
}

int main(int argc, char **argv)
{
    struct options options = options_read(argc, argv);
    double start = seconds();

    for (uint64_t i = 0; i < options.seeds; i++) {
        if (!run_seed(&options, argv[0], options.first + i))
            return EXIT_FAILURE;
    }
    double took = seconds() - start;
    printf("%llu runs, seeds %llu to %llu, nothing broken, %.0f a second\n", (unsigned long long)options.seeds,
           (unsigned long long)options.first, (unsigned long long)(options.first + options.seeds - 1),
           took > 0 ? (double)options.seeds / took : 0.0);
    return EXIT_SUCCESS;
}
