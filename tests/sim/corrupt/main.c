/* SPDX-License-Identifier: Apache-2.0 */
/* Stores that came to harm: an engine that is given one never crashes and never hangs, what is damaged is set aside and told, or the store is
 * refused with an error that says why, and the tasks whose records are whole go on.
 *
 *   corrupt_records, corrupt_file [--seeds N] [--first S] [--jobs J]
 *
 * Damages N stores (default 1,000), drawn from the seeds S, S+1, ... (default 1), J at once (default 1). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "corrupt.h"

enum { AT_A_TIME = 50, SECONDS_MAX = 60 };

struct options {
    uint64_t seeds, first;
    unsigned jobs;
    const char *program;
};

static _Noreturn void usage(void)
{
    fprintf(stderr, "usage: [--seeds N] [--first S] [--jobs J]\n");
    exit(2);
}

static struct options options_read(int argc, char **argv)
{
    struct options options = {.seeds = 1000, .first = 1, .jobs = 1, .program = argv[0]};

    for (int i = 1; i < argc; i += 2) {
        char *end = NULL;
        uint64_t number = i + 1 < argc ? strtoull(argv[i + 1], &end, 10) : 0;
        if (end == NULL || *end != '\0')
            usage();
        if (strcmp(argv[i], "--seeds") == 0)
            options.seeds = number;
        else if (strcmp(argv[i], "--first") == 0)
            options.first = number;
        else if (strcmp(argv[i], "--jobs") == 0)
            options.jobs = (unsigned)number;
        else
            usage();
    }
    return options;
}

static void run_some(size_t item, void *data, struct work *work)
{
    const struct options *options = data;
    uint64_t seed = options->first + item * AT_A_TIME, end = options->first + options->seeds;

    for (int n = 0; n < AT_A_TIME && seed < end; n++, seed++) {
        struct text wrong = {0}, said = {0};
        alarm(SECONDS_MAX); /* one that hangs dies of it */
        work->counts[CORRUPTIONS]++;
        corrupt_one(seed, work, &wrong);
        if (wrong.len > 0) {
            text_add(&said, "seed %llu\n%sAgain: %s --first %llu --seeds 1\n\n", (unsigned long long)seed, text_or_empty(&wrong),
                     options->program, (unsigned long long)seed);
            workers_print(text_or_empty(&said));
            work->broken = true;
        }
        text_free(&wrong);
        text_free(&said);
    }
    alarm(0);
}

static const char *seeds_of(size_t item, void *data)
{
    static char name[64];
    const struct options *options = data;
    uint64_t first = options->first + item * AT_A_TIME;

    snprintf(name, sizeof(name), "seeds %llu to %llu", (unsigned long long)first, (unsigned long long)(first + AT_A_TIME - 1));
    return name;
}

int main(int argc, char **argv)
{
    struct options options = options_read(argc, argv);
    size_t count = (size_t)((options.seeds + AT_A_TIME - 1) / AT_A_TIME);
    struct work sum;

    corrupt_begin();
    size_t broken = workers_run(options.jobs, count, run_some, &options, seeds_of, &sum);
    corrupt_end();
    printf("%llu corruptions from seed %llu on: %llu stores were refused with an error, %llu records set aside, %llu whole tasks went on\n",
           (unsigned long long)sum.counts[CORRUPTIONS], (unsigned long long)options.first, (unsigned long long)sum.counts[REFUSED],
           (unsigned long long)sum.counts[DAMAGED], (unsigned long long)sum.counts[WENT_ON]);
    printf("%zu passed, %zu failed\n", count - broken, broken);
    return broken > 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
