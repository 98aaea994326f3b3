/* SPDX-License-Identifier: Apache-2.0 */
/* The explanation of a task as a document: JSON for programs (docs/documents.md), text for a terminal. */
#include "engine/explain.h"

#include <string.h>

#include "engine/restart.h"

static const char *task_status_text(task_status status) { return ecsengine_task_status_name((enum ecsengine_task_status)status); }
static const char *status_text(container_status status) { return ecsengine_container_status_name((enum ecsengine_container_status)status); }

static void put_causes(const struct view *view, const struct causes *causes, const struct task *task,
                       const struct container *container, struct buf *out)
{
    char text[CAUSE_TEXT_MAX];

    cause_sentence(view, &causes->list[0], task, container, text);
    json_text(out, "cause", cause_word((enum cause_kind)causes->list[0].kind));
    json_text(out, "text", text);
    json_open(out, "causes", '[');
    for (uint32_t i = 0; i < causes->count && i < CAUSES_MAX; i++)
        cause_json(view, &causes->list[i], task, container, out);
    json_close(out, ']');
}

static void put_container(const struct view *view, const struct container *container, struct buf *out)
{
    struct causes causes;

    explain_container(view, container, &causes);
    json_open(out, NULL, '{');
    json_text(out, "containerName", container_def(container)->name);
    json_text(out, "knownStatus", status_text(container->known));
    json_text(out, "desiredStatus", status_text(container->desired));
    if (container->error != NULL)
        json_text(out, "reason", str_text(container->error));
    restart_json(container, out);
    put_causes(view, &causes, container->task, container, out);
    explain_agents(view->engine, container, EXPLAIN_JSON, out);
    json_close(out, '}');
}

static void say_causes(const struct view *view, const struct causes *causes, const struct task *task, const struct container *container,
                       const char *indent, struct buf *out)
{
    char text[CAUSE_TEXT_MAX];

    for (uint32_t i = 0; i < causes->count && i < CAUSES_MAX; i++) {
        cause_sentence(view, &causes->list[i], task, container, text);
        buf_printf(out, "%s%s\n", indent, text);
    }
    if (causes->count > CAUSES_MAX)
        buf_printf(out, "%sand %u more\n", indent, (unsigned)(causes->count - CAUSES_MAX));
}

static void say_container(const struct view *view, const struct container *container, struct buf *out)
{
    struct causes causes;

    explain_container(view, container, &causes);
    buf_printf(out, "  %s: %s", container_def(container)->name, status_text(container->known));
    if (container->known < container->desired)
        buf_printf(out, ", shall be %s", status_text(container->desired));
    buf_puts(out, "\n");
    say_causes(view, &causes, container->task, container, "    ", out);
    explain_agents(view->engine, container, EXPLAIN_TEXT, out);
    if (container->error != NULL && causes.list[0].kind != CAUSE_STOPPED)
        buf_printf(out, "    its first error: %s\n", str_text(container->error));
}

static void begin(const struct view *view, const struct task *task, enum explain_form form, struct buf *out)
{
    struct causes causes;

    explain_task(view, task, &causes);
    if (form == EXPLAIN_TEXT) {
        buf_printf(out, "%s: %s", str_text(task->arn), task_status_text(task->known));
        if (task->known < task->desired)
            buf_printf(out, ", shall be %s", task_status_text(task->desired));
        buf_puts(out, "\n");
        say_causes(view, &causes, task, NULL, "  ", out);
        return;
    }
    json_open(out, NULL, '{');
    json_text(out, "taskArn", str_text(task->arn));
    json_int(out, "asOf", view->engine->wall_ns);
    json_text(out, "knownStatus", task_status_text(task->known));
    json_text(out, "desiredStatus", task_status_text(task->desired));
    if (task->reason != NULL)
        json_text(out, "reason", str_text(task->reason));
    put_causes(view, &causes, task, NULL, out);
    json_open(out, "containers", '[');
}

bool explain_document(const struct view *view, const struct task *task, const char *container_name, enum explain_form form,
                      struct buf *out)
{
    bool found = container_name == NULL;

    begin(view, task, form, out);
    for (uint16_t i = 0; i < task->container_count; i++) {
        const struct container *container = &task->containers[i];
        if (container_name != NULL && strcmp(container_def(container)->name, container_name) != 0)
            continue;
        found = true;
        if (form == EXPLAIN_JSON)
            put_container(view, container, out);
        else
            say_container(view, container, out);
    }
    if (form == EXPLAIN_JSON) {
        json_close(out, ']');
        json_close(out, '}');
    }
    return found;
}
