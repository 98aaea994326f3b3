/* SPDX-License-Identifier: Apache-2.0 */
/* Events. A stream that cannot be read any further, or an event for which the engine has no memory, ends the stream: the engine then
 * subscribes again and inspects, so nothing is missed for good. A well-formed event that says nothing to us is passed over. */
#include "runtimes/docker/events.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtimes/docker/answers.h"
#include "runtimes/docker/mailbox.h"

static const struct {
    const char *name;
    enum ecsengine_runtime_event_kind kind;
} actions[] = {
    {"create", ECSENGINE_RUNTIME_EVENT_CREATE},
    {"start", ECSENGINE_RUNTIME_EVENT_START},
    {"die", ECSENGINE_RUNTIME_EVENT_DIE},
    {"stop", ECSENGINE_RUNTIME_EVENT_STOP},
    {"oom", ECSENGINE_RUNTIME_EVENT_OOM},
    {"restart", ECSENGINE_RUNTIME_EVENT_RESTART},
    {"destroy", ECSENGINE_RUNTIME_EVENT_DESTROY},
    {"exec_die", ECSENGINE_RUNTIME_EVENT_EXEC_DIE},
    {"health_status: healthy", ECSENGINE_RUNTIME_EVENT_HEALTHY},
    {"health_status: unhealthy", ECSENGINE_RUNTIME_EVENT_UNHEALTHY},
};

static enum ecsengine_runtime_event_kind kind_of(const char *action)
{
    for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
        if (strcmp(actions[i].name, action) == 0)
            return actions[i].kind;
    return ECSENGINE_RUNTIME_EVENT_NONE;
}

bool docker_events_opened(struct docker_job *job)
{
    struct docker_split *split = malloc(sizeof(*split));

    if (split == NULL || docker_job_result(job) == NULL) {
        free(split);
        job->fault.no_memory = true;
        return false;
    }
    docker_split_init(split, false);
    job->reading = split;
    /* If the engine has answered the subscription itself meanwhile, the stream is nobody's and is closed without a word. */
    job->opened = docker_job_complete(job) == 0;
    job->expires_ns = ECSENGINE_NO_DEADLINE;
    return job->opened;
}

/* A member of the event in its old place, which newer daemons leave empty, or in its new one. */
static const char *text_of(json_t *event, const char *old_name, json_t *holder, const char *name)
{
    struct docker_fault ignored = {0};
    const char *text = docker_json_string(event, old_name, &ignored);

    return text[0] != '\0' ? text : docker_json_string(holder, name, &ignored);
}

static const char *attribute_of(json_t *actor, const char *name)
{
    struct docker_fault ignored = {0};

    return docker_json_string(docker_json_child(actor, "Attributes", &ignored), name, &ignored);
}

static bool exit_code_of(json_t *actor, int32_t *out_exit_code)
{
    const char *text = attribute_of(actor, "exitCode");
    char *end;

    if (text[0] != '-' && (text[0] < '0' || text[0] > '9'))
        return false;
    long long value = strtoll(text, &end, 10);
    if (*end != '\0' || end == text || value < INT32_MIN || value > INT32_MAX)
        return false;
    *out_exit_code = (int32_t)value;
    return true;
}

static bool forward(const char *text, size_t len, void *user_data)
{
    struct docker_job *job = user_data;
    struct docker_fault ignored = {0};
    int32_t exit_code = 0;

    json_t *event = docker_json_object(text, len, &job->fault);
    if (event == NULL)
        return false;
    json_t *actor = docker_json_child(event, "Actor", &ignored);
    enum ecsengine_runtime_event_kind kind = kind_of(text_of(event, "status", event, "Action"));
    const char *container = text_of(event, "id", actor, "ID");
    const char *exec_id = kind == ECSENGINE_RUNTIME_EVENT_EXEC_DIE ? attribute_of(actor, "execID") : NULL;
    bool ours = strcmp(docker_json_string(event, "Type", &ignored), "container") == 0;
    bool named = container[0] != '\0' && (exec_id == NULL || exec_id[0] != '\0');
    int code = 0;
    if (ours && named && kind != ECSENGINE_RUNTIME_EVENT_NONE) {
        bool ended = (exec_id != NULL || kind == ECSENGINE_RUNTIME_EVENT_DIE) && exit_code_of(actor, &exit_code);
        code = docker_mailbox_event(job->mailbox, kind, container, exec_id, ended ? &exit_code : NULL);
    }
    json_decref(event);
    job->fault.no_memory = code == ECSENGINE_ENOMEM;
    return code != ECSENGINE_ENOMEM;
}

bool docker_events_data(struct docker_job *job, const char *data, size_t len)
{
    return docker_split_feed(job->reading, data, len, forward, job, &job->fault);
}

void docker_events_forget(struct docker_job *job)
{
    struct docker_split *split = job->reading;

    if (split != NULL)
        docker_split_free(split);
    free(split);
    job->reading = NULL;
}

void docker_events_note_end(struct docker_job *job, enum docker_http_outcome outcome)
{
    if (outcome == DOCKER_HTTP_STOPPED && job->fault.text[0] != '\0')
        docker_text_unreadable(&job->exchange, job->fault.text, job->text, sizeof(job->text));
    else
        snprintf(job->text, sizeof(job->text), "The event stream ended: %s",
                 job->fault.no_memory ? "out of memory" : docker_stream_end(outcome));
}

int docker_events_lost(struct docker_job *job) { return docker_mailbox_lost(job->mailbox, job->text); }
