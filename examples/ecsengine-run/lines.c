/* SPDX-License-Identifier: Apache-2.0 */
/* Events as lines: one of text for people who read a log, or one JSON object for programs. */
#include "lines.h"

#include <string.h>
#include <time.h>

#include "run.h"

void text_port(struct text *text, const char *bind_ip, int host_port, int container_port, const char *protocol)
{
    bool ipv6 = strchr(bind_ip, ':') != NULL;

    text_printf(text, "%s%s%s:%d->%d/%s", ipv6 ? "[" : "", bind_ip, ipv6 ? "]" : "", host_port, container_port, protocol);
}

static void add_time(struct text *line, int64_t wall_ns)
{
    time_t seconds = (time_t)(wall_ns / SECOND_NS);
    struct tm local;

    localtime_r(&seconds, &local);
    text_printf(line, "%02d:%02d:%02d.%03d", local.tm_hour, local.tm_min, local.tm_sec,
                (int)(wall_ns % SECOND_NS / MILLISECOND_NS));
}

static void add_subject(struct text *line, const struct tasks *tasks, const ecsengine_event *event)
{
    const char *arn = ecsengine_event_task_arn(event);
    const struct task *task = tasks_find(tasks, arn);
    const char *last = strrchr(arn, '/');

    if (*arn == '\0') {
        text_printf(line, " %s", ecsengine_event_kind_name(ecsengine_event_get_kind(event)));
        return;
    }
    text_printf(line, " %s", task != NULL ? task->label : last != NULL ? last + 1 : arn);
    if (*ecsengine_event_container_name(event) != '\0')
        text_printf(line, "/%s", ecsengine_event_container_name(event));
    if (*ecsengine_event_agent_name(event) != '\0')
        text_printf(line, " %s", ecsengine_event_agent_name(event));
}

static void add_details(struct text *line, const ecsengine_event *event)
{
    const char *status = ecsengine_event_status(event);
    const char *digest = ecsengine_event_image_digest(event);
    int32_t exit_code;

    if (*status != '\0')
        text_printf(line, " %s", status);
    if (ecsengine_event_get_kind(event) == ECSENGINE_EVENT_TASK_REMOVED)
        text_puts(line, " removed");
    if (ecsengine_event_container_status(event) == ECSENGINE_CONTAINER_MANIFEST_PULLED && *digest != '\0')
        text_printf(line, " %s", digest);
    for (size_t i = 0; i < ecsengine_event_port_count(event); i++) {
        if (ecsengine_event_container_status(event) != ECSENGINE_CONTAINER_RUNNING)
            break; /* what a stopped one had is no news */
        text_puts(line, " ");
        text_port(line, ecsengine_event_port_bind_ip(event, i), ecsengine_event_port_host(event, i),
                  ecsengine_event_port_container(event, i), ecsengine_event_port_protocol(event, i));
    }
    if (ecsengine_event_exit_code(event, &exit_code))
        text_printf(line, ", exit code %d", (int)exit_code);
    if (*ecsengine_event_reason(event) != '\0')
        text_printf(line, ": %s", ecsengine_event_reason(event));
}

void line_plain(struct output *out, const struct tasks *tasks, const ecsengine_event *event)
{
    struct text line = {0};
    struct text clean = {0};

    add_time(&line, ecsengine_event_time_ns(event));
    add_subject(&line, tasks, event);
    add_details(&line, event);
    text_clean(&clean, line.data);
    text_puts(&clean, "\n");
    output_add(out, clean.data, clean.len);
    text_free(&line);
    text_free(&clean);
}

void line_json(struct output *out, const ecsengine_event *event)
{
    ecsengine_text *text = NULL;

    if (ecsengine_event_json(event, &text, NULL) < 0)
        need(NULL);
    output_add(out, ecsengine_text_data(text), ecsengine_text_length(text));
    output_add(out, "\n", 1);
    ecsengine_text_free(text);
}
