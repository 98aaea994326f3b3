/* SPDX-License-Identifier: Apache-2.0 */
/* The command line, read. */
#ifndef ECSENGINE_RUN_OPTIONS_H
#define ECSENGINE_RUN_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ecsengine/config.h>

struct options {
    ecsengine_config *config;
    const char *docker_host; /* NULL: the runtime's default */
    const char *seed;        /* the value of --config seed=, or NULL */
    const char *store;       /* NULL: nothing is kept */
    const char *record;      /* NULL: nothing is recorded */
    int64_t record_limit;    /* bytes; 0: none */
    bool sim;
    bool stdio;
    bool plan;
    const char *plan_format; /* `text`, `json` or `dot` */
    bool json;
    bool plain;
    bool verbose;
    char *const *files; /* borrowed from argv */
    size_t file_count;
    const char *exec;     /* TASK/CONTAINER, or NULL */
    char *const *command; /* with it: what stood behind `--`, borrowed from argv, each UTF-8 */
    size_t command_count;
    const char **sim_script; /* lines, borrowed from argv */
    size_t sim_script_count;
};

enum options_outcome {
    OPTIONS_RUN,   /* go on */
    OPTIONS_DONE,  /* --help or --version was answered */
    OPTIONS_WRONG, /* a message was given */
};

enum options_outcome options_read(struct options *options, int argc, char **argv);
void options_free(struct options *options);

#endif
