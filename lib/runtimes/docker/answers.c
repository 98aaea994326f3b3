/* SPDX-License-Identifier: Apache-2.0 */
/* From the end of an exchange to the completion of an operation.
 *
 * Nothing that a daemon says is believed to be well-formed: what cannot be read is a failure with the reason. Where the work may have
 * been done although the answer cannot be read, the class says so (UNREACHABLE), and the engine looks for itself. */
#include "runtimes/docker/answers.h"

#include <stdio.h>
#include <string.h>

enum {
    FAILURE_TEXT_MAX = 1280, /* results keep 1,024 bytes */
    REPO_DIGESTS_MAX = 1000,
    VOLUME_PAIRS_MAX = 1000,
};

int docker_answer_code(struct docker_job *job, int code)
{
    if (job->fault.no_memory || code == ECSENGINE_ENOMEM)
        return ECSENGINE_ENOMEM;
    if (code < 0)
        docker_fault_set(&job->fault, "a text in it is too long");
    return docker_fault_found(&job->fault) ? ECSENGINE_EDOCUMENT : 0;
}

static void fail_unreadable(struct docker_job *job)
{
    char text[FAILURE_TEXT_MAX];

    if (job->fault.no_memory) {
        docker_job_fail_no_memory(job);
        return;
    }
    docker_text_unreadable(&job->exchange, job->fault.text, text, sizeof(text));
    docker_job_fail(job, job->kind->ambiguous ? ECSENGINE_FAILURE_UNREACHABLE : ECSENGINE_FAILURE_OTHER, text);
}

static bool answer_good(struct docker_job *job)
{
    ecsengine_result *result = docker_job_result(job);
    int code = result == NULL ? ECSENGINE_ENOMEM : job->kind->answer != NULL ? job->kind->answer(job, result) : 0;

    if (code == 0)
        docker_job_complete(job);
    else if (code == ECSENGINE_ENOMEM)
        docker_job_fail_no_memory(job);
    else if (code < 0)
        fail_unreadable(job);
    return code <= 0;
}

/* 304 says that a container is started, or stopped, already. Any other redirection was not followed, so nothing was done. */
static bool good_status(const struct docker_job *job)
{
    int status = job->exchange.status;

    return (status >= 200 && status < 300) || (status == 304 && job->kind->answer == NULL && job->kind->opened == NULL);
}

bool docker_answer(struct docker_job *job, enum docker_http_outcome outcome)
{
    char text[FAILURE_TEXT_MAX];

    if (outcome == DOCKER_HTTP_ANSWERED && good_status(job))
        return answer_good(job);
    if (outcome == DOCKER_HTTP_NO_MEMORY) {
        docker_job_fail_no_memory(job);
    } else if (outcome == DOCKER_HTTP_STOPPED) {
        fail_unreadable(job);
    } else {
        enum ecsengine_failure failure = docker_failure_of(&job->exchange, outcome, text, sizeof(text));
        if (outcome == DOCKER_HTTP_TOO_LONG && job->kind->ambiguous && job->exchange.status < 400)
            failure = ECSENGINE_FAILURE_UNREACHABLE;
        docker_job_fail(job, failure, text);
    }
    return true;
}

void docker_answer_cancelled(struct docker_job *job) { docker_job_fail(job, ECSENGINE_FAILURE_CANCELLED, "context canceled"); }

void docker_answer_overdue(struct docker_job *job)
{
    docker_job_fail(job, ECSENGINE_FAILURE_UNREACHABLE, "The Docker daemon did not answer in time: context deadline exceeded");
}

json_t *docker_answer_document(struct docker_job *job)
{
    const struct docker_bytes *body = &job->exchange.answer;

    return docker_json_object(docker_bytes_string(body), body->len, &job->fault);
}

const char *docker_answer_required(json_t *object, const char *path, struct docker_fault *fault)
{
    const char *text = docker_json_string(object, path, fault);

    if (text[0] == '\0')
        docker_fault_set(fault, "%s is missing", path);
    return text;
}

int docker_answer_info(struct docker_job *job, ecsengine_result *result)
{
    json_t *info = docker_answer_document(job);
    int64_t cpus = docker_json_integer(info, "NCPU", 1, INT32_MAX, 0, &job->fault);
    int64_t memory = docker_json_integer(info, "MemTotal", 1, INT64_MAX, 0, &job->fault);
    int code = ecsengine_result_set_runtime_version(result, docker_json_string(info, "ServerVersion", &job->fault));

    if (cpus == 0)
        docker_fault_set(&job->fault, "NCPU is missing");
    if (memory == 0)
        docker_fault_set(&job->fault, "MemTotal is missing");
    if (code == 0)
        code = ecsengine_result_set_cpus(result, (int32_t)cpus);
    if (code == 0)
        code = ecsengine_result_set_memory_mib(result, memory / (1024 * 1024));
    json_decref(info);
    return docker_answer_code(job, code);
}

int docker_answer_manifest(struct docker_job *job, ecsengine_result *result)
{
    json_t *root = docker_answer_document(job);
    json_t *descriptor = docker_json_child(root, "Descriptor", &job->fault);
    const char *digest = docker_answer_required(descriptor, "Descriptor.digest", &job->fault);
    const char *media_type = docker_json_string(descriptor, "Descriptor.mediaType", &job->fault);
    int code = ecsengine_result_set_digest(result, digest, media_type);

    json_decref(root);
    return docker_answer_code(job, code);
}

int docker_answer_inspect_image(struct docker_job *job, ecsengine_result *result)
{
    json_t *image = docker_answer_document(job);
    int code = ecsengine_result_set_image_id(result, docker_answer_required(image, "Id", &job->fault));
    json_t *digests = docker_json_array(image, "RepoDigests", &job->fault);
    size_t count = json_array_size(digests) < REPO_DIGESTS_MAX ? json_array_size(digests) : REPO_DIGESTS_MAX;

    for (size_t i = 0; i < count && code == 0; i++) {
        json_t *digest = json_array_get(digests, i);
        if (json_is_string(digest))
            code = ecsengine_result_add_repo_digest(result, json_string_value(digest));
        else
            docker_fault_set(&job->fault, "RepoDigests has an element that is no string");
    }
    json_decref(image);
    return docker_answer_code(job, code);
}

int docker_answer_create(struct docker_job *job, ecsengine_result *result)
{
    json_t *created = docker_answer_document(job);
    int code = ecsengine_result_set_container_id(result, docker_answer_required(created, "Id", &job->fault));

    json_decref(created);
    return docker_answer_code(job, code);
}

typedef int (*add_fn)(ecsengine_result *result, const char *key, const char *value);

/* A map of texts, as a volume has two; more than results take is left out. */
static int add_map(struct docker_job *job, json_t *volume, const char *name, add_fn add, ecsengine_result *result)
{
    json_t *map = docker_json_child(volume, name, &job->fault), *value;
    size_t count = 0;
    const char *key;
    int code = 0;

    json_object_foreach(map, key, value)
    {
        if (code < 0 || count++ >= VOLUME_PAIRS_MAX)
            break;
        if (json_is_string(value))
            code = add(result, key, json_string_value(value));
        else
            docker_fault_set(&job->fault, "%s has a member that is no string", name);
    }
    return code;
}

int docker_answer_volume(struct docker_job *job, ecsengine_result *result)
{
    json_t *volume = docker_answer_document(job);
    int code = ecsengine_result_set_volume_name(result, docker_answer_required(volume, "Name", &job->fault));

    if (code == 0)
        code = add_map(job, volume, "Options", ecsengine_result_add_volume_option, result);
    if (code == 0)
        code = add_map(job, volume, "Labels", ecsengine_result_add_volume_label, result);
    json_decref(volume);
    return docker_answer_code(job, code);
}
