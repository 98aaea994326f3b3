/* SPDX-License-Identifier: Apache-2.0 */
/* The tasks of the files, from added to removed.
 *
 * All files are read and given to the engine before its first turn: one that is no document at all means that nothing was started. A
 * task is over when the engine has removed it, or, if it refused it, when its STOPPED event has come and the engine knows it no more.
 *
 * With a store the tasks that it has are followed too, and at the end the engine is shut down in order: that the last events have arrived
 * is to be known in the next life. */
#include "run.h"

#include <stdlib.h>
#include <string.h>

#include "exec.h"
#include "lines.h"
#include "table.h"
#include "tasks.h"
#include "terminal.h"

static bool add_tasks(struct run *run)
{
    for (size_t i = 0; i < run->tasks->count; i++) {
        struct task *task = &run->tasks->items[i];
        ecsengine_error *error = NULL;

        if (!task->kept && ecsengine_task_add(run->engine, task->document.data, task->document.len, &task->add_command, &error) < 0) {
            say_error(task->file, error);
            return false;
        }
        text_free(&task->document);
    }
    return true;
}

static json_int_t finished_at(const json_t *container)
{
    return json_integer_value(json_object_get(container, "finishedAt"));
}

/* What decides the exit status may have happened, and been told, in a former life. */
static void recall_end(struct run *run)
{
    const json_t *containers = run->tasks->count > 0 ? json_object_get(run->tasks->items[0].described, "containers") : NULL;
    const json_t *first = NULL, *container, *exit_code;
    size_t i;

    json_array_foreach(containers, i, container) {
        bool ended = strcmp(json_string_value(json_object_get(container, "knownStatus")), "STOPPED") == 0;

        if (ended && json_is_true(json_object_get(container, "essential")) &&
            (first == NULL || finished_at(container) < finished_at(first)))
            first = container;
    }
    if (first == NULL)
        return;
    run->tasks->ended = true;
    exit_code = json_object_get(first, "exitCode");
    if (exit_code != NULL)
        run->status = (int)json_integer_value(exit_code) & 0xff;
}

static void restore_tasks(struct run *run)
{
    size_t count = tasks_restore(run->tasks, run->engine);

    recall_end(run);
    if (count > 0)
        say("%s: goes on with %zu task%s", run->options.store, count, count > 1 ? "s" : "");
    else if (run->tasks->count == 0)
        say("%s: has no tasks to go on with", run->options.store);
}

bool follow_open(struct run *run)
{
    run->tasks = need(calloc(1, sizeof(*run->tasks)));
    if (!tasks_load(run->tasks, &run->options))
        return false;
    if (run->store != NULL)
        restore_tasks(run);
    if (!exec_open(run) || !add_tasks(run))
        return false;
    if (run->exec == NULL && !run->options.plain && !run->options.json && terminal_is_capable()) {
        run->table = table_new(&run->out);
        say_through(table_print, run->table);
    }
    return true;
}

static void draw(struct run *run, bool last)
{
    struct view view;

    for (size_t i = 0; i < run->tasks->count && !last; i++)
        task_refresh(&run->tasks->items[i], run->engine);
    view_build(&view, run->tasks, clock_wall_ns());
    table_draw(run->table, &view, last);
    view_free(&view);
}

void follow_close(struct run *run)
{
    if (run->table != NULL) {
        draw(run, true);
        output_write(&run->out, run->engine);
        say_through(NULL, NULL);
    }
    table_free(run->table);
    run->table = NULL;
    exec_close(run);
    if (run->tasks != NULL)
        tasks_free(run->tasks);
    free(run->tasks);
    run->tasks = NULL;
}

/* The exit status is decided by the first essential container of the first task that ends. */
static void container_ended(struct run *run, struct task *task, const ecsengine_event *event)
{
    const json_t *container;
    int32_t exit_code;

    if (task != &run->tasks->items[0] || run->tasks->ended)
        return;
    container = task_container(task, ecsengine_event_container_name(event));
    if (!json_is_true(json_object_get(container, "essential")))
        return;
    run->tasks->ended = true;
    if (run->status != STATUS_INTERRUPTED && ecsengine_event_exit_code(event, &exit_code))
        run->status = exit_code & 0xff;
}

static void over(struct task *task)
{
    if (!task->over && !task->kept && task->described == NULL)
        say("%s: refused: %s", task->file, task->reason != NULL ? task->reason : "no reason given");
    task->over = true;
}

static void command_done(struct run *run, const ecsengine_event *event)
{
    for (size_t i = 0; i < run->tasks->count; i++) {
        struct task *task = &run->tasks->items[i];

        if (ecsengine_event_command_code(event) == 0 || task->add_command != ecsengine_event_command_id(event))
            continue;
        free(task->reason);
        task->reason = need(strdup(ecsengine_event_reason(event)));
        over(task);
    }
}

static void task_event(struct run *run, struct task *task, const ecsengine_event *event)
{
    task_refresh(task, run->engine);
    switch (ecsengine_event_get_kind(event)) {
    case ECSENGINE_EVENT_CONTAINER:
        if (ecsengine_event_container_status(event) == ECSENGINE_CONTAINER_STOPPED)
            container_ended(run, task, event);
        break;
    case ECSENGINE_EVENT_TASK:
        if (ecsengine_event_task_status(event) == ECSENGINE_TASK_STOPPED) {
            task->stopped = true;
            free(task->reason);
            task->reason = need(strdup(ecsengine_event_reason(event)));
        }
        break;
    case ECSENGINE_EVENT_MANAGED_AGENT:
        task_note_agent(task, event);
        break;
    case ECSENGINE_EVENT_TASK_REMOVED:
        task->over = true;
        break;
    default:
        break;
    }
}

/* Of the runtime or the store: what is wrong stands below the table until it is right again. */
static void host_event(struct run *run, const ecsengine_event *event, const char *what, const char *good)
{
    struct text line = {0};

    if (run->table == NULL)
        return;
    text_printf(&line, "%s: %s", what, ecsengine_event_reason(event));
    table_footer(run->table, strcmp(ecsengine_event_status(event), good) == 0 ? NULL : line.data);
    text_free(&line);
}

static void follow_event(struct run *run, const ecsengine_event *event)
{
    struct task *task = tasks_find(run->tasks, ecsengine_event_task_arn(event));

    if (leaving_is_done_by(run, event) || exec_event(run, event))
        return;
    if (ecsengine_event_get_kind(event) == ECSENGINE_EVENT_COMMAND_DONE) {
        command_done(run, event);
        return;
    }
    if (ecsengine_event_get_kind(event) == ECSENGINE_EVENT_RUNTIME)
        host_event(run, event, "the runtime cannot be reached", "CONNECTED");
    if (ecsengine_event_get_kind(event) == ECSENGINE_EVENT_STORE)
        host_event(run, event, "the store cannot be written", "WORKING");
    if (task != NULL)
        task_event(run, task, event);
    if (run->options.json)
        line_json(&run->out, event);
    else if (run->table == NULL && run->exec == NULL)
        line_plain(&run->out, run->tasks, event);
}

static bool all_over(const struct run *run)
{
    for (size_t i = 0; i < run->tasks->count; i++)
        if (!run->tasks->items[i].over)
            return false;
    return true;
}

static void follow_turn(struct run *run, int64_t now_ns, bool stirred)
{
    for (size_t i = 0; i < run->tasks->count; i++) {
        struct task *task = &run->tasks->items[i];

        if (stirred && task->stopped && !task->over && !task_refresh(task, run->engine))
            over(task);
    }
    exec_turn(run);
    if (run->store != NULL && all_over(run) && output_idle(&run->out))
        leaving_begin(run);
    leaving_turn(run, now_ns);
    if (run->table == NULL)
        return;
    if (stirred)
        table_changed(run->table);
    if (table_is_due(run->table, now_ns)) {
        draw(run, false);
        table_drawn(run->table, now_ns, clock_mono_ns());
    }
}

static int64_t follow_deadline(struct run *run)
{
    int64_t leaving_ns = leaving_deadline(run);
    int64_t table_ns = run->table != NULL ? table_deadline(run->table) : ECSENGINE_NO_DEADLINE;

    return leaving_ns < table_ns ? leaving_ns : table_ns;
}

static bool follow_wants_input(const struct run *run)
{
    (void)run;
    return false;
}

static void follow_input(struct run *run)
{
    (void)run;
}

/* First in order, then at once; a third time the person wants the prompt back. */
static void follow_interrupt(struct run *run, int count)
{
    static const char *const texts[] = {
        "stopping the tasks in order (Ctrl-C again: at once)",
        "stopping the tasks at once (Ctrl-C again: leave)",
    };

    run->status = STATUS_INTERRUPTED;
    if (count > 2 || run->leaving.begun) {
        run->leave = true;
        return;
    }
    if (run->table != NULL)
        table_footer(run->table, texts[count - 1]);
    else
        say("%s", texts[count - 1]);
    for (size_t i = 0; i < run->tasks->count; i++) {
        const struct task *task = &run->tasks->items[i];
        ecsengine_error *error = NULL;
        int code = 0;

        if (!task->over)
            code = (count == 1 ? ecsengine_task_stop : ecsengine_task_kill)(run->engine, task->arn, NULL, &error);
        if (code < 0)
            say_error(task->label, error);
    }
}

/* Tasks that the next process on the store goes on with need not end with this one. */
static void follow_terminate(struct run *run, int count)
{
    if (run->store == NULL) {
        follow_interrupt(run, count);
        return;
    }
    if (run->leaving.begun) {
        run->leave = true;
        return;
    }
    run->status = STATUS_TERMINATED;
    if (run->table != NULL)
        table_footer(run->table, "leaving; the containers run on");
    leaving_begin(run);
}

static void follow_hidden(struct run *run)
{
    if (run->table == NULL)
        return;
    table_erase(run->table);
    output_write(&run->out, run->engine);
    terminal_give_back();
}

static void follow_shown(struct run *run, int64_t now_ns)
{
    (void)now_ns;
    if (run->table == NULL)
        return;
    terminal_take();
    table_erase(run->table);
}

/* Tasks that nobody watches are not to go on for ever. That they stop has to be acknowledged, or they would never be removed. With a
 * store they are handed over instead, and what nobody read comes again. */
static void follow_broken(struct run *run)
{
    int status = run->status;

    say("nobody reads the output any more");
    if (run->store != NULL) {
        leaving_begin(run);
        return;
    }
    run->out.careless = true;
    follow_interrupt(run, 1);
    run->status = status;
}

static bool follow_finished(const struct run *run)
{
    return run->store != NULL ? run->leaving.saved : all_over(run);
}

const struct face follow_face = {
    .event = follow_event,
    .turn = follow_turn,
    .deadline = follow_deadline,
    .wants_input = follow_wants_input,
    .input = follow_input,
    .interrupt = follow_interrupt,
    .terminate = follow_terminate,
    .hidden = follow_hidden,
    .shown = follow_shown,
    .broken = follow_broken,
    .finished = follow_finished,
};
