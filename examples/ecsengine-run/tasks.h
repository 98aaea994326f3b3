/* SPDX-License-Identifier: Apache-2.0 */
/* The tasks of the files on the command line, and those that a store brings. */
#ifndef ECSENGINE_RUN_TASKS_H
#define ECSENGINE_RUN_TASKS_H

#include <ecsengine/ecsengine.h>
#include <jansson.h>

#include "options.h"
#include "text.h"

struct task {
    const char *file; /* borrowed: from the command line, or `label` for one that no file has */
    char *arn;
    char *label;           /* the family, numbered where two tasks have the same; for display */
    struct text document;  /* what the engine is given: the file, with an ARN */
    uint64_t add_command;  /* the command that added it; 0: it was in the store */
    bool kept;             /* it was in the store */
    bool stopped;          /* its STOPPED event came */
    bool over;             /* removed, or refused: nothing more will come */
    char *reason;          /* of that event, or NULL */
    json_t *described;     /* the last answers of the engine; NULL while it does not know the task */
    json_t *explained;
    json_t *agents; /* what was told of managed agents in this run: container -> name -> status, reason; NULL: nothing */
};

struct tasks {
    struct task *items;
    size_t count;
    bool ended; /* an essential container of the first task has ended: the exit status is decided */
};

/* Reads all files. False after a failure that was reported. */
bool tasks_load(struct tasks *tasks, const struct options *options);
/* Looks for what the store has brought: which tasks of files it knows, and all others. Returns how many. Before anything is added. */
size_t tasks_restore(struct tasks *tasks, ecsengine *engine);
void tasks_free(struct tasks *tasks);
struct task *tasks_find(const struct tasks *tasks, const char *arn); /* NULL: none */

/* Asks the engine anew. A task that the engine has forgotten keeps its last answers; false then, and before it is known. */
bool task_refresh(struct task *task, ecsengine *engine);
/* Keeps what an event tells of an agent. */
void task_note_agent(struct task *task, const ecsengine_event *event);
/* A container of `described`, or NULL. */
const json_t *task_container(const struct task *task, const char *name);

#endif
