/* SPDX-License-Identifier: Apache-2.0 */
/* The command line of ecsengine-replay. */
#include "replay.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char help[] =
    "usage: ecsengine-replay [OPTION]... FILE\n"
    "\n"
    "Runs a recording of an engine (ecsengine-run --record FILE) through an engine that talks to nobody,\n"
    "and says whether it did the same, byte for byte, or what was the first thing that was not.\n"
    "\n"
    "  --until TURN|TIME    stops after that turn, or before the first turn after that time\n"
    "                       (2026-11-25T14:03:07Z); the questions below are asked there\n"
    "  --explain ARN        why a task and its containers are where they are; may be repeated\n"
    "  --describe ARN       all that is known of a task, as JSON; may be repeated\n"
    "  --list               the tasks, as JSON\n"
    "  --trace              every turn, with what went in (<), the operations (>) and the events (*)\n"
    "  --version, --help\n"
    "\n"
    "Exit status: 0 the same; 1 there was a difference; 125 wrong options, no recording, or a damaged one.\n"
    "Of a recording that another version of the library wrote, a difference is told and no failure.\n";

enum option_code { OPT_UNTIL = 256, OPT_EXPLAIN, OPT_DESCRIBE, OPT_LIST, OPT_TRACE, OPT_VERSION, OPT_HELP };

static const struct option long_options[] = {
    {"until", required_argument, NULL, OPT_UNTIL},
    {"explain", required_argument, NULL, OPT_EXPLAIN},
    {"describe", required_argument, NULL, OPT_DESCRIBE},
    {"list", no_argument, NULL, OPT_LIST},
    {"trace", no_argument, NULL, OPT_TRACE},
    {"version", no_argument, NULL, OPT_VERSION},
    {"help", no_argument, NULL, OPT_HELP},
    {NULL, 0, NULL, 0},
};

static enum options_outcome wrong(const char *what, const char *which)
{
    fprintf(stderr, "ecsengine-replay: %s%s (--help lists the options)\n", what, which);
    return OPTIONS_WRONG;
}

/* RFC 3339 in UTC, with or without a fraction. */
static bool read_time(const char *text, int64_t *out_wall_ns)
{
    struct tm parts = {0};
    const char *rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &parts);
    int64_t fraction = 0, unit = 100000000;

    if (rest == NULL)
        return false;
    if (*rest == '.')
        for (rest++; *rest >= '0' && *rest <= '9'; rest++, unit /= 10)
            fraction += (*rest - '0') * unit;
    *out_wall_ns = (int64_t)timegm(&parts) * 1000000000 + fraction;
    return strcmp(rest, "Z") == 0;
}

static enum options_outcome read_until(struct options *options, const char *text)
{
    char *end;
    unsigned long long turn = strtoull(text, &end, 10);

    if (end != text && *end == '\0' && turn > 0) {
        options->until_turn = turn;
        return OPTIONS_RUN;
    }
    return read_time(text, &options->until_wall_ns) ? OPTIONS_RUN : wrong("--until takes a turn from 1, or a time in UTC, not ", text);
}

static enum options_outcome read_one(struct options *options, int code)
{
    switch (code) {
    case OPT_UNTIL:
        return read_until(options, optarg);
    case OPT_EXPLAIN:
        options->explain[options->explain_count++] = optarg;
        return OPTIONS_RUN;
    case OPT_DESCRIBE:
        options->describe[options->describe_count++] = optarg;
        return OPTIONS_RUN;
    case OPT_LIST:
        options->list = true;
        return OPTIONS_RUN;
    case OPT_TRACE:
        options->trace = true;
        return OPTIONS_RUN;
    case OPT_VERSION:
        printf("ecsengine-replay %s\n", ecsengine_version());
        return OPTIONS_DONE;
    case OPT_HELP:
        fputs(help, stdout);
        return OPTIONS_DONE;
    default: /* getopt has said what it is */
        return OPTIONS_WRONG;
    }
}

enum options_outcome options_read(struct options *options, int argc, char **argv)
{
    enum options_outcome outcome = OPTIONS_RUN;
    int code;

    *options = (struct options){.until_turn = UINT64_MAX, .until_wall_ns = INT64_MAX};
    options->explain = calloc((size_t)argc + 1, sizeof(*options->explain));
    options->describe = calloc((size_t)argc + 1, sizeof(*options->describe));
    if (options->explain == NULL || options->describe == NULL)
        return wrong("no memory", "");
    while (outcome == OPTIONS_RUN && (code = getopt_long(argc, argv, "", long_options, NULL)) != -1)
        outcome = read_one(options, code);
    if (outcome == OPTIONS_RUN && optind + 1 != argc)
        return wrong(optind == argc ? "which FILE?" : "one FILE, not also ", optind == argc ? "" : argv[optind + 1]);
    options->file = argv[optind];
    return outcome;
}

void options_free(struct options *options)
{
    free(options->explain);
    free(options->describe);
}
