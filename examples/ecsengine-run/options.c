/* SPDX-License-Identifier: Apache-2.0 */
/* The command line: what may be said, and what goes together. Configuration is checked here, by the library's own table of keys. */
#include "options.h"

#include <getopt.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "run.h"

static const char help[] =
    "usage: ecsengine-run [OPTION]... FILE...\n"
    "       ecsengine-run [OPTION]... --plan FILE...\n"
    "       ecsengine-run [OPTION]... [FILE...] --exec TASK/CONTAINER -- COMMAND...\n"
    "       ecsengine-run [OPTION]... --stdio\n"
    "\n"
    "Runs ECS tasks on this machine, to their end. A FILE is a task definition in the form of\n"
    "RegisterTaskDefinition, or a task as the control plane sends it to an agent; - is standard input.\n"
    "\n"
    "  --runtime docker|sim   what runs the containers: a Docker Engine (default), or a simulator\n"
    "  --docker-host URL      unix:///path/of/docker.sock (default: $DOCKER_HOST, else\n"
    "                         unix:///var/run/docker.sock); implies --runtime docker\n"
    "  --store PATH           keeps the tasks in a file and goes on with those in it, also after kill -9;\n"
    "                         a FILE whose task is there is not added again\n"
    "  --record FILE          writes down all that comes into the engine, for ecsengine-replay; what is\n"
    "                         there already becomes FILE.1\n"
    "  --record-limit SIZE    at most about so many bytes of it (64M); the eldest are thrown away\n"
    "  --config KEY=VALUE     sets a key of the engine (docs/configuration.md); may be repeated\n"
    "  --sim-script LINE      tells the simulator what happens (ecsengine/sim.h); may be repeated\n"
    "  --plain                one line of text an event, also on a terminal\n"
    "  --json                 one JSON object an event\n"
    "  --plan                 only say what each FILE would do, step by step; needs no runtime\n"
    "  --plan-format FORMAT   text (default), json, or dot for Graphviz\n"
    "  --stdio                take commands from stdin, give events to stdout (docs/line-protocol.md)\n"
    "  --exec TASK/CONTAINER  runs what stands behind -- in that container, once it runs, and ends; TASK is the\n"
    "                         family, an ARN, or the last part of one\n"
    "  --verbose              the engine's whole log on stderr, not only warnings and errors\n"
    "  --version, --help\n"
    "\n"
    "On a terminal a live table shows every container and what it waits for; NO_COLOR is honoured.\n"
    "Ctrl-C stops the tasks in order, a second one at once, a third leaves. With --store, SIGTERM and\n"
    "SIGHUP end the program alone: its containers run on, the next one on that store takes over.\n"
    "\n"
    "Exit status: that of the first essential container that ended, of the first FILE; 125 where there\n"
    "is none, and for wrong options and refused files; 130 after Ctrl-C; 143 after SIGTERM with --store.\n"
    "With --exec it is the command's, or 125; then the tasks are stopped, with --store they run on.\n";

enum option_code {
    OPT_RUNTIME = 256, /* beyond any character */
    OPT_DOCKER_HOST,
    OPT_STORE,
    OPT_RECORD,
    OPT_RECORD_LIMIT,
    OPT_CONFIG,
    OPT_SIM_SCRIPT,
    OPT_PLAIN,
    OPT_JSON,
    OPT_PLAN,
    OPT_PLAN_FORMAT,
    OPT_STDIO,
    OPT_EXEC,
    OPT_VERBOSE,
    OPT_VERSION,
    OPT_HELP,
};

static const struct option long_options[] = {
    {"runtime", required_argument, NULL, OPT_RUNTIME},
    {"docker-host", required_argument, NULL, OPT_DOCKER_HOST},
    {"store", required_argument, NULL, OPT_STORE},
    {"record", required_argument, NULL, OPT_RECORD},
    {"record-limit", required_argument, NULL, OPT_RECORD_LIMIT},
    {"config", required_argument, NULL, OPT_CONFIG},
    {"sim-script", required_argument, NULL, OPT_SIM_SCRIPT},
    {"plain", no_argument, NULL, OPT_PLAIN},
    {"json", no_argument, NULL, OPT_JSON},
    {"plan", no_argument, NULL, OPT_PLAN},
    {"plan-format", required_argument, NULL, OPT_PLAN_FORMAT},
    {"stdio", no_argument, NULL, OPT_STDIO},
    {"exec", required_argument, NULL, OPT_EXEC},
    {"verbose", no_argument, NULL, OPT_VERBOSE},
    {"version", no_argument, NULL, OPT_VERSION},
    {"help", no_argument, NULL, OPT_HELP},
    {NULL, 0, NULL, 0},
};

/* What was said, before it is known whether it goes together. */
struct said {
    const char *runtime;
    const char *record_limit;
    const char **configs;
    size_t config_count;
    enum options_outcome outcome;
};

static enum options_outcome wrong(const char *what, const char *which)
{
    say("%s%s (--help lists the options)", what, which);
    return OPTIONS_WRONG;
}

static void read_one(struct options *options, struct said *said, int code)
{
    switch (code) {
    case OPT_RUNTIME:
        said->runtime = optarg;
        break;
    case OPT_DOCKER_HOST:
        options->docker_host = optarg;
        break;
    case OPT_STORE:
        options->store = optarg;
        break;
    case OPT_RECORD:
        options->record = optarg;
        break;
    case OPT_RECORD_LIMIT:
        said->record_limit = optarg;
        break;
    case OPT_CONFIG:
        said->configs[said->config_count++] = optarg;
        break;
    case OPT_SIM_SCRIPT:
        options->sim_script[options->sim_script_count++] = optarg;
        break;
    case OPT_PLAIN:
        options->plain = true;
        break;
    case OPT_JSON:
        options->json = true;
        break;
    case OPT_PLAN:
        options->plan = true;
        break;
    case OPT_PLAN_FORMAT:
        options->plan_format = optarg;
        break;
    case OPT_STDIO:
        options->stdio = true;
        break;
    case OPT_EXEC:
        options->exec = optarg;
        break;
    case OPT_VERBOSE:
        options->verbose = true;
        break;
    case OPT_VERSION:
        printf("ecsengine-run %s\n", ecsengine_version());
        said->outcome = OPTIONS_DONE;
        break;
    case OPT_HELP:
        fputs(help, stdout);
        said->outcome = OPTIONS_DONE;
        break;
    default: /* getopt has said what it is */
        said->outcome = OPTIONS_WRONG;
        break;
    }
}

/* `512k`, `64M`, `1G`; at least 64 KiB, so that there is room for a beginning. */
static bool read_size(const char *text, int64_t *out_bytes)
{
    char *end;
    long long value = strtoll(text, &end, 10);
    int shift = *end == 'k' ? 10 : *end == 'M' ? 20 : *end == 'G' ? 30 : 0;

    if (end == text || end[shift > 0] != '\0' || value < 1 || value > INT64_MAX >> 31)
        return false;
    *out_bytes = (int64_t)value << shift;
    return *out_bytes >= 64 << 10;
}

static enum options_outcome record_fits(struct options *options, const struct said *said)
{
    if (options->record != NULL && *options->record == '\0')
        return wrong("--record takes the name of a FILE", "");
    if (said->record_limit == NULL)
        return OPTIONS_RUN;
    if (options->record == NULL)
        return wrong("--record-limit needs --record", "");
    if (!read_size(said->record_limit, &options->record_limit))
        return wrong("--record-limit is a size of at least 64k, such as 512k, 64M or 1G, not ", said->record_limit);
    return OPTIONS_RUN;
}

static enum options_outcome plan_fits(struct options *options)
{
    const char *format = options->plan_format;

    if (format != NULL && !options->plan)
        return wrong("--plan-format needs --plan", "");
    if (options->plan && (options->stdio || options->json || options->plain || options->store != NULL || options->record != NULL))
        return wrong("--plan has --plan-format, and no --stdio, --json, --plain, --store or --record beside it", "");
    if (format == NULL)
        options->plan_format = "text";
    else if (strcmp(format, "text") != 0 && strcmp(format, "json") != 0 && strcmp(format, "dot") != 0)
        return wrong("a plan is text, json or dot, not ", format);
    return OPTIONS_RUN;
}

static enum options_outcome exec_fits(const struct options *options)
{
    const char *slash = options->exec != NULL ? strrchr(options->exec, '/') : NULL;

    if (options->exec == NULL)
        return OPTIONS_RUN;
    if (slash == NULL || slash == options->exec || slash[1] == '\0')
        return wrong("--exec takes TASK/CONTAINER, not ", options->exec);
    if (options->command_count == 0)
        return wrong("--exec needs a command behind --", "");
    if (options->stdio || options->json || options->plain || options->plan)
        return wrong("with --exec the output is the command's: no --stdio, --json, --plain or --plan beside it", "");
    for (size_t i = 0; i < options->command_count; i++) {
        json_t *text = json_string(options->command[i]);
        if (text == NULL)
            return wrong("--exec takes a command in UTF-8", "");
        json_decref(text);
    }
    return OPTIONS_RUN;
}

static enum options_outcome fits_together(struct options *options, const struct said *said)
{
    const char *runtime = said->runtime;

    if (runtime == NULL)
        runtime = "docker";
    options->sim = strcmp(runtime, "sim") == 0;
    if (!options->sim && strcmp(runtime, "docker") != 0)
        return wrong("no such runtime: ", runtime);
    if (options->sim && options->docker_host != NULL)
        return wrong("--docker-host means --runtime docker, not ", runtime);
    if (!options->sim && options->sim_script_count > 0)
        return wrong("--sim-script needs --runtime sim", "");
    if (options->json && options->plain)
        return wrong("either --json or --plain", "");
    if (options->stdio && (options->json || options->plain || options->file_count > 0))
        return wrong("--stdio takes tasks from standard input: no FILE, --json or --plain beside it", "");
    if (options->store != NULL && *options->store == '\0')
        return wrong("--store takes the PATH of a file", "");
    if (!options->stdio && options->file_count == 0 && (options->store == NULL || options->plan))
        return wrong("which FILE?", "");
    if (record_fits(options, said) != OPTIONS_RUN || exec_fits(options) != OPTIONS_RUN)
        return OPTIONS_WRONG;
    return plan_fits(options);
}

static enum options_outcome configure(struct options *options, const char *setting)
{
    const char *equals = strchr(setting, '=');
    ecsengine_error *error = NULL;
    char *key;

    if (equals == NULL)
        return wrong("--config takes KEY=VALUE, not ", setting);
    key = need(strndup(setting, (size_t)(equals - setting)));
    if (strcmp(key, "seed") == 0)
        options->seed = equals + 1;
    if (ecsengine_config_set(options->config, key, equals + 1, &error) < 0)
        say_error("--config", error);
    free(key);
    return error == NULL ? OPTIONS_RUN : OPTIONS_WRONG;
}

static enum options_outcome configure_all(struct options *options, const struct said *said)
{
    enum options_outcome outcome = OPTIONS_RUN;
    ecsengine_error *error = NULL;

    if (ecsengine_config_new(&options->config, &error) < 0) {
        say_error("configuration", error);
        return OPTIONS_WRONG;
    }
    /* A program that waits for its tasks to be gone should not wait for the three hours that an agent keeps them for a look. */
    if (!options->stdio)
        outcome = configure(options, "engine-task-cleanup-wait-duration=1s");
    for (size_t i = 0; i < said->config_count && outcome == OPTIONS_RUN; i++)
        outcome = configure(options, said->configs[i]);
    return outcome;
}

/* Behind `--` stands a command, or where there is no --exec, files whatever they are called. */
static void take_rest(struct options *options, char **rest, size_t count)
{
    if (options->exec != NULL) {
        options->command = rest;
        options->command_count = count;
        return;
    }
    for (size_t i = 0; i < count; i++)
        rest[i - 1] = rest[i]; /* over the `--`, so that all files stand together */
    options->file_count += count;
}

enum options_outcome options_read(struct options *options, int argc, char **argv)
{
    struct said said = {.outcome = OPTIONS_RUN};
    int end = 1;
    int code;

    *options = (struct options){0};
    said.configs = need(calloc((size_t)argc + 1, sizeof(*said.configs)));
    options->sim_script = need(calloc((size_t)argc + 1, sizeof(*options->sim_script)));
    while (end < argc && strcmp(argv[end], "--") != 0)
        end++;
    while (said.outcome == OPTIONS_RUN && (code = getopt_long(end, argv, "", long_options, NULL)) != -1)
        read_one(options, &said, code);
    options->files = argv + optind;
    options->file_count = (size_t)(end - optind);
    if (end < argc)
        take_rest(options, argv + end + 1, (size_t)(argc - end - 1));
    if (said.outcome == OPTIONS_RUN)
        said.outcome = fits_together(options, &said);
    if (said.outcome == OPTIONS_RUN)
        said.outcome = configure_all(options, &said);
    free(said.configs);
    return said.outcome;
}

void options_free(struct options *options)
{
    ecsengine_config_free(options->config);
    free(options->sim_script);
    *options = (struct options){0};
}
