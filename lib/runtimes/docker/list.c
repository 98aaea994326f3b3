/* SPDX-License-Identifier: Apache-2.0 */
/* The reader of lists. Elements go into the result as they come, so that what is held is one element and the result. */
#include "runtimes/docker/list.h"

#include <stdlib.h>
#include <string.h>

#include "runtimes/docker/answers.h"
#include "runtimes/docker/split.h"

bool docker_list_opened(struct docker_job *job)
{
    struct docker_split *split = malloc(sizeof(*split));

    if (split != NULL)
        docker_split_init(split, true);
    job->reading = split;
    job->fault.no_memory = split == NULL;
    return split != NULL;
}

/* A container's own name: `/name`. A name with another slash is what some other container calls it (a link). */
static const char *own_name(json_t *names)
{
    for (size_t i = 0; i < json_array_size(names); i++) {
        const char *name = json_string_value(json_array_get(names, i));
        if (name != NULL && name[0] == '/' && strchr(name + 1, '/') == NULL)
            return name + 1;
        if (name != NULL && strchr(name, '/') == NULL)
            return name;
    }
    return "";
}

static bool is_running(const char *state)
{
    return strcmp(state, "running") == 0 || strcmp(state, "paused") == 0 || strcmp(state, "restarting") == 0;
}

/* The list has the health only in words for people: `Up 2 minutes (healthy)`. Where they are others, it is unknown. */
static enum ecsengine_health health_of(const char *status)
{
    return strstr(status, "(healthy)") != NULL     ? ECSENGINE_HEALTH_HEALTHY
           : strstr(status, "(unhealthy)") != NULL ? ECSENGINE_HEALTH_UNHEALTHY
                                                   : ECSENGINE_HEALTH_UNKNOWN;
}

static bool add_labels(struct docker_job *job, ecsengine_result *result, json_t *labels)
{
    const char *key;
    json_t *value;

    json_object_foreach(labels, key, value)
        if (json_is_string(value))
            docker_answer_code(job, ecsengine_result_add_container_label(result, key, json_string_value(value)));
    return !docker_fault_found(&job->fault);
}

static bool add_container(const char *text, size_t len, void *user_data)
{
    struct docker_job *job = user_data;
    ecsengine_result *result = docker_job_result(job);
    json_t *element = docker_json_object(text, len, &job->fault);
    const char *id = docker_json_string(element, "Id", &job->fault);
    json_t *names = docker_json_array(element, "Names", &job->fault);
    const char *state = docker_json_string(element, "State", &job->fault);
    const char *status = docker_json_string(element, "Status", &job->fault);
    json_t *labels = docker_json_child(element, "Labels", &job->fault);

    if (id[0] == '\0')
        docker_fault_set(&job->fault, "an element's Id is missing");
    if (result == NULL)
        job->fault.no_memory = true;
    if (!docker_fault_found(&job->fault))
        docker_answer_code(job, ecsengine_result_add_container(result, id, own_name(names), is_running(state), health_of(status)));
    bool added = !docker_fault_found(&job->fault) && add_labels(job, result, labels);
    json_decref(element);
    return added;
}

bool docker_list_data(struct docker_job *job, const char *data, size_t len)
{
    return docker_split_feed(job->reading, data, len, add_container, job, &job->fault);
}

int docker_list_answer(struct docker_job *job, ecsengine_result *result)
{
    (void)result; /* filled in already */
    docker_split_end(job->reading, &job->fault);
    return docker_answer_code(job, 0);
}

void docker_list_forget(struct docker_job *job)
{
    struct docker_split *split = job->reading;

    if (split != NULL)
        docker_split_free(split);
    free(split);
    job->reading = NULL;
}
