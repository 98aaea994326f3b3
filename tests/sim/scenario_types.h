/* SPDX-License-Identifier: Apache-2.0 */
/* A scenario as it was read. */
#ifndef TEST_SCENARIO_TYPES_H
#define TEST_SCENARIO_TYPES_H

#include <jansson.h>

#include "scenario.h"

struct lines {
    char **list;
    size_t count;
};

struct scenario_task {
    char *name;
    json_t *json; /* NULL: a document as it is */
    char *text;
};

struct scenario_step {
    char *on_task, *on_container, *on_status; /* NULL: at a time */
    int64_t after_ns;
    char *action, *argument;
};

enum expected_exit { EXIT_ANY, EXIT_MUST, EXIT_MUST_NOT };

struct expected {
    char *line;
    char *task, *container, *status;
    enum expected_exit exit;
    int exit_code;
    char *reason; /* what it begins with; "": empty; NULL: any */
    char *ports;
    bool digest, timed;
    int64_t at_ns;
};

struct scenario {
    char *path, *what;
    int line;
    struct lines config, sim, calls, before;
    enum harness_ack ack;
    bool with_store, runs_on, is_long, tampered;
    struct scenario_task *tasks;
    size_t task_count;
    struct scenario_step *steps;
    size_t step_count;
    struct expected *expected;
    size_t expected_count;
    int64_t until_ns;
    char *leave_task;
    size_t leave;
    size_t volumes_left; /* in the end, of those that nobody but a task would remove */
};

#endif
