/* SPDX-License-Identifier: Apache-2.0 */
/* What the live table shows.
 *
 * Everything comes from ecsengine_task_describe() and ecsengine_explain(): what a container is, and why it is there. The last column
 * says the most useful thing of its moment: what a container waits for, where a running one can be reached and which agents run in it, why
 * a stopped one failed. What is with agents was told by events. */
#include "view.h"

#include <stdlib.h>
#include <string.h>

#include "lines.h"
#include "run.h"

static const char *get_text(const json_t *json, const char *name)
{
    const char *value = json_string_value(json_object_get(json, name));

    return value != NULL ? value : "";
}

static int64_t get_int(const json_t *json, const char *name)
{
    return json_integer_value(json_object_get(json, name));
}

static bool is(const json_t *json, const char *name, const char *value)
{
    return strcmp(get_text(json, name), value) == 0;
}

static struct row *add_row(struct view *view, const struct task *task, const char *container)
{
    struct row *row;

    if (view->count == view->cap) {
        view->cap = view->cap == 0 ? 16 : view->cap * 2;
        view->rows = need(reallocarray(view->rows, view->cap, sizeof(*view->rows)));
    }
    row = &view->rows[view->count++];
    *row = (struct row){0};
    for (int i = 0; i < VIEW_COLUMNS; i++)
        text_add(&row->cells[i].text, "", 0);
    text_clean(&row->cells[VIEW_TASK].text, task->label);
    text_clean(&row->cells[VIEW_CONTAINER].text, container);
    return row;
}

static void set(struct row *row, enum view_column column, const char *text, enum tone tone)
{
    text_clean(&row->cells[column].text, text);
    row->cells[column].tone = tone;
}

/* The operation in flight, as something that happens; NULL if none is. */
static const char *doing(const json_t *container)
{
    static const char *const names[][2] = {
        {"MANIFEST_PULLED", "RESOLVING"}, {"PULLED", "PULLING"}, {"CREATED", "CREATING"},
        {"RUNNING", "STARTING"},          {"STOPPED", "STOPPING"},
    };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (is(container, "appliedStatus", names[i][0]) && !is(container, "knownStatus", names[i][0]))
            return names[i][1];
    return NULL;
}

/* Of a container that has stopped. A reason alone says little: an error that did no harm, as a failed pull of an image that is there
 * already, stays the reason for ever. */
static bool failed(const json_t *container)
{
    const json_t *exit_code = json_object_get(container, "exitCode");

    return exit_code != NULL ? json_integer_value(exit_code) != 0 : *get_text(container, "reason") != '\0';
}

static void set_status(struct row *row, const json_t *container)
{
    const char *known = get_text(container, "knownStatus");
    const json_t *exit_code = json_object_get(container, "exitCode");
    const char *busy = doing(container);

    row->over = strcmp(known, "STOPPED") == 0;
    if (row->over) {
        set(row, VIEW_STATUS, known, failed(container) ? TONE_BAD : TONE_FAINT);
    } else if (busy != NULL) {
        set(row, VIEW_STATUS, busy, TONE_BUSY);
    } else if (strcmp(known, "NONE") == 0) {
        set(row, VIEW_STATUS, "PENDING", TONE_BUSY);
    } else {
        set(row, VIEW_STATUS, known, strcmp(known, "RUNNING") == 0 ? TONE_GOOD : TONE_BUSY);
    }
    if (exit_code != NULL) {
        text_printf(&row->cells[VIEW_EXIT].text, "%lld", (long long)json_integer_value(exit_code));
        row->cells[VIEW_EXIT].tone = json_integer_value(exit_code) == 0 ? TONE_FAINT : TONE_BAD;
    }
}

static void set_health(struct row *row, const json_t *container)
{
    const char *health = get_text(container, "health");

    if (row->over) /* Docker calls whatever has stopped unhealthy */
        return;
    if (strcmp(health, "HEALTHY") == 0)
        set(row, VIEW_HEALTH, "healthy", TONE_GOOD);
    else if (strcmp(health, "UNHEALTHY") == 0)
        set(row, VIEW_HEALTH, "unhealthy", TONE_BAD);
}

static void set_age(struct row *row, const json_t *container, int64_t wall_ns)
{
    int64_t from = get_int(container, "startedAt");
    int64_t until = get_int(container, "finishedAt");
    long long seconds;

    if (from <= 0)
        return;
    if (until < from)
        until = wall_ns;
    seconds = until > from ? (until - from) / SECOND_NS : 0;
    if (seconds < 60)
        text_printf(&row->cells[VIEW_AGE].text, "%llds", seconds);
    else if (seconds < 3600)
        text_printf(&row->cells[VIEW_AGE].text, "%lldm%02llds", seconds / 60, seconds % 60);
    else if (seconds < 86400)
        text_printf(&row->cells[VIEW_AGE].text, "%lldh%02lldm", seconds / 3600, seconds % 3600 / 60);
    else
        text_printf(&row->cells[VIEW_AGE].text, "%lldd%02lldh", seconds / 86400, seconds % 86400 / 3600);
}

static void set_pull(struct row *row, const json_t *container)
{
    const json_t *pull = json_object_get(container, "pull");
    double current = (double)get_int(pull, "current") / 1048576;
    double total = (double)get_int(pull, "total") / 1048576;
    struct text *text = &row->cells[VIEW_PULL].text;

    if (pull == NULL)
        return;
    row->cells[VIEW_PULL].tone = TONE_BUSY;
    text_clean(text, get_text(pull, "text"));
    if (current > 0 && total > 0)
        text_printf(text, "%s%.0f%% of %.1f MiB", text->len > 0 ? " " : "", current < total ? current / total * 100 : 100, total);
    else if (current > 0)
        text_printf(text, "%s%.1f MiB", text->len > 0 ? " " : "", current);
}

static void add_ports(struct text *text, const json_t *container)
{
    json_t *bindings = json_object_get(container, "networkBindings");
    json_t *binding;
    size_t i;

    json_array_foreach(bindings, i, binding) {
        if (i > 0)
            text_puts(text, " ");
        text_port(text, get_text(binding, "bindIP"), (int)get_int(binding, "hostPort"), (int)get_int(binding, "containerPort"),
                  get_text(binding, "protocol"));
    }
}

static const json_t *explanation(const struct task *task, const char *name)
{
    json_t *containers = json_object_get(task->explained, "containers");
    json_t *container;
    size_t i;

    json_array_foreach(containers, i, container)
        if (is(container, "containerName", name))
            return container;
    return NULL;
}

/* Of one that runs the name says enough; of another, why it does not. */
static bool add_agents(struct text *text, const struct task *task, const json_t *container)
{
    json_t *agents = json_object_get(task->agents, get_text(container, "containerName"));
    bool all_run = true;
    const char *name;
    json_t *agent;

    json_object_foreach(agents, name, agent) {
        bool runs = is(agent, "status", "RUNNING");

        text_printf(text, "%s%s%s%s", text->len > 0 ? " " : "", name, runs ? "" : ": ", runs ? "" : get_text(agent, "reason"));
        all_run = all_run && runs;
    }
    return all_run;
}

static void set_note(struct row *row, const struct task *task, const json_t *container)
{
    const json_t *why = explanation(task, get_text(container, "containerName"));
    bool runs = is(why, "cause", "running") || (why == NULL && is(container, "knownStatus", "RUNNING"));
    struct text reach = {0};

    if (row->over) {
        set(row, VIEW_NOTE, get_text(container, "reason"), failed(container) ? TONE_BAD : TONE_FAINT);
    } else if (runs) {
        add_ports(&reach, container);
        bool well = add_agents(&reach, task, container);
        set(row, VIEW_NOTE, reach.data != NULL ? reach.data : "", well ? TONE_PLAIN : TONE_BAD);
        text_free(&reach);
    } else if (json_object_get(container, "pull") == NULL) { /* its progress says more */
        set(row, VIEW_NOTE, get_text(why, "text"), TONE_PLAIN);
    }
}

/* A task that the engine does not know: not yet, or not any more, or it was refused. */
static void add_unknown(struct view *view, const struct task *task)
{
    struct row *row = add_row(view, task, "-");

    if (task->kept) { /* only its last event has yet to be told */
        row->over = true;
        set(row, VIEW_STATUS, "REMOVED", TONE_FAINT);
        return;
    }
    row->over = task->stopped || task->over;
    set(row, VIEW_STATUS, row->over ? "REFUSED" : "PENDING", row->over ? TONE_BAD : TONE_BUSY);
    set(row, VIEW_NOTE, task->reason != NULL ? task->reason : row->over ? "" : "waits for the runtime to answer",
        row->over ? TONE_BAD : TONE_PLAIN);
}

static void add_task(struct view *view, const struct task *task, int64_t wall_ns)
{
    json_t *containers = json_object_get(task->described, "containers");
    json_t *container;
    size_t i;

    if (json_array_size(containers) == 0) {
        add_unknown(view, task);
        return;
    }
    json_array_foreach(containers, i, container) {
        struct row *row = add_row(view, task, get_text(container, "containerName"));

        set_status(row, container);
        set_health(row, container);
        set_age(row, container, wall_ns);
        set_pull(row, container);
        set_note(row, task, container);
    }
    if (task->stopped && task->reason != NULL && *task->reason != '\0') /* of the task, not of one container */
        set(add_row(view, task, "-"), VIEW_NOTE, task->reason, TONE_BAD);
}

void view_build(struct view *view, const struct tasks *tasks, int64_t wall_ns)
{
    *view = (struct view){0};
    for (size_t i = 0; i < tasks->count; i++)
        add_task(view, &tasks->items[i], wall_ns);
}

void view_free(struct view *view)
{
    for (size_t i = 0; i < view->count; i++)
        for (int c = 0; c < VIEW_COLUMNS; c++)
            text_free(&view->rows[i].cells[c].text);
    free(view->rows);
    *view = (struct view){0};
}
