/* SPDX-License-Identifier: Apache-2.0 */
/* Progress of a pull: one JSON object a step and layer, an `error` object if it fails, and a proper end of the answer if it is done.
 *
 * Reported are the bytes downloaded over all layers, at most four times a second. Data alone, once a first object was there, counts as
 * progress too: the engine's inactivity guard asks whether the pull is alive, not how far it is. */
#include "runtimes/docker/pull.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtimes/docker/answers.h"
#include "runtimes/docker/split.h"

#define UPDATE_EVERY_NS INT64_C(250000000)

enum { LAYERS_MAX = 256 }; /* Docker's own limit is 127; what is past it is not summed up */

struct layer {
    char id[16];
    int64_t current;
    int64_t total; /* 0: not known yet */
};

struct pull {
    struct docker_split split;
    struct layer layers[LAYERS_MAX];
    size_t layer_count;
    bool begun; /* an object was read */
    int64_t updated_ns;
    char status[64];
    char error[1024]; /* "": none */
};

bool docker_pull_opened(struct docker_job *job)
{
    struct pull *pull = calloc(1, sizeof(*pull));

    if (pull != NULL)
        docker_split_init(&pull->split, false);
    job->reading = pull;
    job->fault.no_memory = pull == NULL;
    return pull != NULL;
}

void docker_pull_forget(struct docker_job *job)
{
    struct pull *pull = job->reading;

    if (pull != NULL)
        docker_split_free(&pull->split);
    free(pull);
    job->reading = NULL;
}

static struct layer *layer_of(struct pull *pull, const char *id)
{
    struct layer *layer = pull->layers;

    for (; layer < pull->layers + pull->layer_count; layer++)
        if (strncmp(layer->id, id, sizeof(layer->id) - 1) == 0)
            return layer;
    if (pull->layer_count == LAYERS_MAX)
        return NULL;
    pull->layer_count++;
    docker_text_clean(layer->id, sizeof(layer->id), id, strlen(id));
    return layer;
}

/* Only downloading counts bytes. Extracting counts the same layer once more, from zero: by then its download is complete. */
static void note_bytes(struct pull *pull, json_t *object, const char *id, const char *status)
{
    struct docker_fault ignored = {0};
    json_t *detail = docker_json_child(object, "progressDetail", &ignored);
    int64_t current = docker_json_integer(detail, "current", 0, INT64_MAX, 0, &ignored);
    int64_t total = docker_json_integer(detail, "total", 0, INT64_MAX, 0, &ignored);
    struct layer *layer = id[0] != '\0' ? layer_of(pull, id) : NULL;

    if (layer == NULL)
        return;
    if (strcmp(status, "Downloading") == 0) {
        layer->current = current;
        layer->total = total;
    } else if (strcmp(status, "Verifying Checksum") == 0 || strcmp(status, "Download complete") == 0 ||
               strcmp(status, "Extracting") == 0 || strcmp(status, "Pull complete") == 0) {
        layer->current = layer->total;
    }
}

static void note_error(struct pull *pull, json_t *object, struct docker_fault *fault)
{
    json_t *error = docker_json_member(object, "error", JSON_STRING, "string", fault);
    struct docker_fault ignored = {0};
    json_t *detail = docker_json_child(object, "errorDetail", &ignored);

    if (json_string_length(error) == 0)
        error = docker_json_member(detail, "message", JSON_STRING, "string", &ignored);
    if (json_string_length(error) > 0 && pull->error[0] == '\0')
        docker_text_clean(pull->error, sizeof(pull->error), json_string_value(error), json_string_length(error));
}

static bool note_object(const char *text, size_t len, void *user_data)
{
    struct docker_job *job = user_data;
    struct pull *pull = job->reading;
    struct docker_fault ignored = {0};
    char line[128];

    json_t *object = docker_json_object(text, len, &job->fault);
    if (object == NULL)
        return false;
    const char *status = docker_json_string(object, "status", &ignored);
    const char *id = docker_json_string(object, "id", &ignored);
    note_error(pull, object, &job->fault);
    note_bytes(pull, object, id, status);
    int used = snprintf(line, sizeof(line), "%s%s%s", status, id[0] != '\0' ? " " : "", id);
    docker_text_clean(pull->status, sizeof(pull->status), line, used < (int)sizeof(line) ? (size_t)used : sizeof(line) - 1);
    pull->begun = true;
    json_decref(object);
    return !docker_fault_found(&job->fault);
}

static void update(struct docker_job *job, struct pull *pull)
{
    int64_t now = docker_now_ns();
    int64_t current = 0;
    int64_t total = 0;

    if (!pull->begun || (pull->updated_ns != 0 && now - pull->updated_ns < UPDATE_EVERY_NS))
        return;
    pull->updated_ns = now;
    for (size_t i = 0; i < pull->layer_count; i++)
        if (__builtin_add_overflow(current, pull->layers[i].current, &current) ||
            __builtin_add_overflow(total, pull->layers[i].total, &total))
            current = total = 0; /* no such image exists; whatever is said about it is as good */
    ecsengine_op_update(job->op, total > 0 ? current : -1, total > 0 ? total : -1, pull->status, NULL);
}

bool docker_pull_data(struct docker_job *job, const char *data, size_t len)
{
    struct pull *pull = job->reading;
    bool good = docker_split_feed(&pull->split, data, len, note_object, job, &job->fault);
    update(job, pull);
    return good;
}

int docker_pull_answer(struct docker_job *job, ecsengine_result *result)
{
    struct pull *pull = job->reading;

    if (pull->error[0] != '\0')
        return docker_answer_code(job, ecsengine_result_set_failure(result, ECSENGINE_FAILURE_OTHER, pull->error));
    docker_split_end(&pull->split, &job->fault);
    return docker_answer_code(job, 0);
}
