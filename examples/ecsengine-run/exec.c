/* SPDX-License-Identifier: Apache-2.0 */
/* A command in a container. Standard output is the command's alone, and the exit status is the command's too.
 *
 * It waits until the container runs, and is given up when that has ended. Afterwards the tasks are stopped, or with a store left to the
 * next program on it: so `ecsengine-run --store PATH --exec web/app -- ps` looks into a task that goes on. */
#include "exec.h"

#include <errno.h>
#include <jansson.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tasks.h"

/* The longest that the engine takes: a person who has enough of waiting presses Ctrl-C. */
#define TIMEOUT_NS (INT64_C(315360000) * SECOND_NS)

struct exec {
    struct task *task;
    const char *container;
    uint64_t command_id; /* 0: not given to the engine yet */
    bool over;
};

/* Is it the task's label, its ARN, or the last part of that? */
static bool is_named(const struct task *task, const char *name, size_t len)
{
    const char *last = strrchr(task->arn, '/');
    const char *names[] = {task->label, task->arn, last != NULL ? last + 1 : task->arn};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strlen(names[i]) == len && memcmp(names[i], name, len) == 0)
            return true;
    return false;
}

bool exec_open(struct run *run)
{
    const char *what = run->options.exec;

    if (what == NULL)
        return true;
    const char *slash = strrchr(what, '/'); /* options.c has seen to it that there is one */
    struct exec *exec = run->exec = need(calloc(1, sizeof(*exec)));
    exec->container = slash + 1;
    for (size_t i = 0; i < run->tasks->count && exec->task == NULL; i++)
        if (is_named(&run->tasks->items[i], what, (size_t)(slash - what)))
            exec->task = &run->tasks->items[i];
    if (exec->task == NULL)
        say("--exec: no task is called %.*s", (int)(slash - what), what);
    return exec->task != NULL;
}

void exec_close(struct run *run)
{
    free(run->exec);
    run->exec = NULL;
}

/* Nothing more is wanted of the tasks. */
static void finish(struct run *run, int status)
{
    run->exec->over = true;
    run->tasks->ended = true; /* no container decides about the status any more */
    if (run->status != STATUS_INTERRUPTED)
        run->status = status;
    if (run->store != NULL) {
        leaving_begin(run);
        return;
    }
    for (size_t i = 0; i < run->tasks->count; i++)
        if (!run->tasks->items[i].over)
            ecsengine_task_stop(run->engine, run->tasks->items[i].arn, NULL, NULL);
}

static void give_to_engine(struct run *run)
{
    struct exec *exec = run->exec;
    ecsengine_error *error = NULL;
    json_t *command = json_array();

    for (size_t i = 0; i < run->options.command_count; i++)
        json_array_append_new(command, json_string(run->options.command[i]));
    json_t *config = json_pack("{s:o}", "Cmd", command);
    char *text = need(json_dumps(config, JSON_COMPACT)); /* not made of what is no UTF-8: options.c */
    json_decref(config);
    if (ecsengine_exec(run->engine, exec->task->arn, exec->container, text, strlen(text), TIMEOUT_NS, &exec->command_id, &error) < 0) {
        say_error("--exec", error);
        finish(run, STATUS_NONE);
    }
    free(text);
}

void exec_turn(struct run *run)
{
    struct exec *exec = run->exec;

    if (exec == NULL || exec->over || exec->command_id != 0)
        return;
    const json_t *container = exec->task->described != NULL ? task_container(exec->task, exec->container) : NULL;
    const char *status = container != NULL ? json_string_value(json_object_get(container, "knownStatus")) : "";
    if (strcmp(status, "RUNNING") == 0 || strcmp(status, "RESOURCES_PROVISIONED") == 0) {
        give_to_engine(run);
    } else if (exec->task->described != NULL && container == NULL) {
        say("--exec: %s has no container %s", exec->task->label, exec->container);
        finish(run, STATUS_NONE);
    } else if (exec->task->over || strcmp(status, "STOPPED") == 0) {
        say("--exec: %s has ended before the command could be run", run->options.exec);
        finish(run, STATUS_NONE);
    }
}

/* What is left when nobody reads it is lost. The tasks' end waits meanwhile, at most for 1 MiB. */
static void write_error_output(const char *data, size_t len)
{
    while (len > 0) {
        ssize_t count = write(STDERR_FILENO, data, len);

        if (count < 0 && errno == EAGAIN) {
            poll(&(struct pollfd){.fd = STDERR_FILENO, .events = POLLOUT}, 1, -1);
        } else if (count < 0 && errno != EINTR) {
            return;
        } else if (count > 0) {
            data += count;
            len -= (size_t)count;
        }
    }
}

static void command_ended(struct run *run, const ecsengine_event *event)
{
    int32_t exit_code = STATUS_NONE;
    int32_t stream;
    size_t len;

    for (size_t i = 0, count = ecsengine_event_output_count(event); i < count; i++) {
        const char *piece = ecsengine_event_output_at(event, i, &stream, &len);

        if (stream == 1)
            output_add(&run->out, piece, len);
        else
            write_error_output(piece, len);
    }
    if (ecsengine_event_output_cut(event))
        say("--exec: the command wrote more than is kept: the rest is left out");
    if (ecsengine_event_command_code(event) != 0)
        say("--exec: %s", ecsengine_event_reason(event));
    else if (!ecsengine_event_exit_code(event, &exit_code))
        say("--exec: nobody knows the command's exit code");
    finish(run, exit_code & 0xff);
}

bool exec_event(struct run *run, const ecsengine_event *event)
{
    struct exec *exec = run->exec;
    enum ecsengine_event_kind kind = ecsengine_event_get_kind(event);

    if (exec == NULL || exec->over || exec->command_id == 0 || ecsengine_event_command_id(event) != exec->command_id)
        return false;
    if (kind == ECSENGINE_EVENT_EXEC_DONE) {
        command_ended(run, event);
    } else if (ecsengine_event_command_code(event) != 0) {
        say("--exec: %s", ecsengine_event_reason(event));
        finish(run, STATUS_NONE);
    }
    return true;
}
