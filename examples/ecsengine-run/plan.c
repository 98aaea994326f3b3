/* SPDX-License-Identifier: Apache-2.0 */
/* --plan: says what the tasks of the files would do, and does nothing of it. No runtime is opened; the engine has one turn, in which it
 * takes from the configuration how much the host has. */
#include "run.h"

#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "tasks.h"

static ecsengine_text *ask(ecsengine *engine, const struct task *task, enum ecsengine_plan_format format)
{
    ecsengine_error *error = NULL;
    ecsengine_text *text = NULL;

    if (ecsengine_plan(engine, task->document.data, task->document.len, format, &text, &error) == 0)
        return text;
    if (ecsengine_error_line(error) > 0)
        say("%s:%d:%d: %s", task->file, (int)ecsengine_error_line(error), (int)ecsengine_error_column(error),
            ecsengine_error_message(error));
    else
        say("%s: %s", task->file, ecsengine_error_message(error));
    ecsengine_error_free(error);
    return NULL;
}

static bool is_refused(const ecsengine_text *text)
{
    json_t *plan = json_loadb(ecsengine_text_data(text), ecsengine_text_length(text), 0, NULL);
    const char *verdict = json_string_value(json_object_get(plan, "verdict"));
    bool refused = verdict != NULL && strcmp(verdict, "refused") == 0;

    json_decref(plan);
    return refused;
}

/* One plan. False: there is none, or the task would be refused. */
static bool show(ecsengine *engine, const struct task *task, enum ecsengine_plan_format format, bool first)
{
    ecsengine_text *json = ask(engine, task, ECSENGINE_PLAN_JSON);
    ecsengine_text *text = json != NULL ? ask(engine, task, format) : NULL;
    bool good = text != NULL && !is_refused(json);

    if (text != NULL) {
        if (format == ECSENGINE_PLAN_TEXT && !first)
            putchar('\n');
        fwrite(ecsengine_text_data(text), 1, ecsengine_text_length(text), stdout);
        if (format == ECSENGINE_PLAN_JSON)
            putchar('\n');
    }
    ecsengine_text_free(json);
    ecsengine_text_free(text);
    return good;
}

static enum ecsengine_plan_format format_of(const struct options *options)
{
    if (strcmp(options->plan_format, "json") == 0)
        return ECSENGINE_PLAN_JSON;
    return strcmp(options->plan_format, "dot") == 0 ? ECSENGINE_PLAN_DOT : ECSENGINE_PLAN_TEXT;
}

int plan_files(const struct options *options)
{
    struct tasks tasks = {0};
    ecsengine *engine = NULL;
    ecsengine_error *error = NULL;
    bool good = ecsengine_new(options->config, NULL, &engine, &error) == 0 &&
                ecsengine_dispatch(engine, clock_mono_ns(), clock_wall_ns(), &error) == 0;

    if (!good)
        say_error("cannot make an engine", error);
    good = good && tasks_load(&tasks, options);
    for (size_t i = 0; i < tasks.count && engine != NULL; i++)
        if (tasks.items[i].arn != NULL)
            good = show(engine, &tasks.items[i], format_of(options), i == 0) && good;
    tasks_free(&tasks);
    ecsengine_free(engine);
    return fflush(stdout) == 0 && good ? 0 : STATUS_NONE;
}
