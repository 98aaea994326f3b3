/* SPDX-License-Identifier: Apache-2.0 */
/* Requests. Names and references come from task documents, so every one is escaped: none can leave its place in the path or query. */
#include "runtimes/docker/requests.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a reference may keep unescaped: the daemon's routes match slashes, and the rest is harmless in a path. */
static const char in_reference[] = "/:@";

struct docker_bytes *docker_request_begin(struct docker_job *job, const char *method, int minor)
{
    struct docker_bytes *url = &job->exchange.url;
    char version[16];

    docker_http_begin(&job->exchange, method);
    job->exchange.answer_max = job->kind->answer_max;
    snprintf(version, sizeof(version), "/v1.%d", minor);
    docker_bytes_text(url, version);
    return url;
}

bool docker_request_ready(struct docker_job *job)
{
    if (job->exchange.url.full)
        return docker_job_refuse(job, ECSENGINE_FAILURE_OTHER, "The request would be longer than %d bytes.",
                                 (int)DOCKER_TARGET_MAX);
    return !job->exchange.url.no_memory;
}

/* `/containers/<id><rest>`. An empty name would ask for something else altogether. */
static bool container_request(struct docker_job *job, const char *method, int minor, const char *rest)
{
    const char *container = ecsengine_op_container(job->op);
    struct docker_bytes *url = docker_request_begin(job, method, minor);

    if (container[0] == '\0')
        return docker_job_refuse(job, ECSENGINE_FAILURE_OTHER, "No container is named.");
    docker_bytes_text(url, "/containers/");
    docker_bytes_escaped(url, container, "");
    docker_bytes_text(url, rest);
    return docker_request_ready(job);
}

/* `/<collection>/<reference><rest>` */
static bool image_request(struct docker_job *job, const char *method, int minor, const char *collection, const char *rest)
{
    const char *image = ecsengine_op_image(job->op);
    struct docker_bytes *url = docker_request_begin(job, method, minor);

    if (image[0] == '\0')
        return docker_job_refuse(job, ECSENGINE_FAILURE_OTHER, "No image is named.");
    docker_bytes_text(url, collection);
    docker_bytes_escaped(url, image, in_reference);
    docker_bytes_text(url, rest);
    return docker_request_ready(job);
}

/* Splits a reference as the daemon wants it: the repository, and a digest or a tag; `latest` where there is neither. A digest makes a
 * tag beside it meaningless. */
static bool split_reference(const char *reference, char **out_repository, const char **out_tag)
{
    const char *digest = strchr(reference, '@');
    size_t named = digest != NULL ? (size_t)(digest - reference) : strlen(reference);
    size_t end = named;

    while (end > 0 && reference[end - 1] != ':' && reference[end - 1] != '/')
        end--;
    bool tagged = end > 0 && reference[end - 1] == ':';
    *out_tag = digest != NULL ? digest + 1 : tagged ? reference + end : "latest";
    *out_repository = strndup(reference, tagged ? end - 1 : named);
    return *out_repository != NULL;
}

/* Adds `?<name>=<repository>&tag=<tag or digest>`. */
static bool add_reference(struct docker_job *job, const char *name, const char *reference)
{
    struct docker_bytes *url = &job->exchange.url;
    char *repository;
    const char *tag;

    if (reference[0] == '\0')
        return docker_job_refuse(job, ECSENGINE_FAILURE_OTHER, "No image is named.");
    if (!split_reference(reference, &repository, &tag))
        return false;
    docker_bytes_text(url, "?");
    docker_bytes_text(url, name);
    docker_bytes_text(url, "=");
    docker_bytes_escaped(url, repository, "");
    docker_bytes_text(url, "&tag=");
    docker_bytes_escaped(url, tag, "");
    free(repository);
    return docker_request_ready(job);
}

bool docker_request_info(struct docker_job *job, int minor)
{
    docker_bytes_text(docker_request_begin(job, "GET", minor), "/info");
    return docker_request_ready(job);
}

bool docker_request_ping(struct docker_job *job, int minor)
{
    (void)minor;
    docker_http_begin(&job->exchange, "GET");
    job->exchange.answer_max = job->kind->answer_max;
    docker_bytes_text(&job->exchange.url, "/_ping");
    return docker_request_ready(job);
}

/* Neither filters nor `since`: the engine knows its containers, and inspects what it may have missed. */
bool docker_request_events(struct docker_job *job, int minor)
{
    docker_bytes_text(docker_request_begin(job, "GET", minor), "/events");
    return docker_request_ready(job);
}

bool docker_request_pull(struct docker_job *job, int minor)
{
    docker_bytes_text(docker_request_begin(job, "POST", minor), "/images/create");
    job->exchange.registry_auth = true;
    return add_reference(job, "fromImage", ecsengine_op_image(job->op));
}

bool docker_request_manifest(struct docker_job *job, int minor)
{
    if (minor < DOCKER_API_MINOR_MANIFEST)
        return docker_job_refuse(job, ECSENGINE_FAILURE_UNSUPPORTED,
                                 "\"distribution inspect\" requires API version 1.%d, but the Docker daemon API version is 1.%d",
                                 (int)DOCKER_API_MINOR_MANIFEST, minor);
    bool made = image_request(job, "GET", minor, "/distribution/", "/json");
    job->exchange.registry_auth = true;
    return made;
}

bool docker_request_inspect_image(struct docker_job *job, int minor)
{
    return image_request(job, "GET", minor, "/images/", "/json");
}

bool docker_request_tag(struct docker_job *job, int minor)
{
    return image_request(job, "POST", minor, "/images/", "/tag") && add_reference(job, "repo", ecsengine_op_image_target(job->op));
}

/* What a daemon of that version would ignore without a word, and Docker's own client refuses to send. The configuration is the engine's
 * own document, but a task may have put any members into it; it is parsed only if the member's name occurs at all. */
static bool config_allowed(struct docker_job *job, const char *config, size_t len, int minor)
{
    bool stop_timeout = minor < 25 && strstr(config, "\"StopTimeout\"") != NULL;
    bool start_interval = minor < 44 && strstr(config, "\"StartInterval\"") != NULL;

    if (!stop_timeout && !start_interval)
        return true;
    struct docker_fault fault = {0};
    json_t *root = docker_json_object(config, len, &fault);
    json_t *interval = json_object_get(docker_json_child(root, "Healthcheck", &fault), "StartInterval");
    json_t *timeout = json_object_get(root, "StopTimeout");
    const char *feature = NULL;
    int needed = 0;
    if (stop_timeout && timeout != NULL && !json_is_null(timeout)) {
        feature = "stop timeout";
        needed = 25;
    } else if (start_interval && json_integer_value(interval) != 0) {
        feature = "specify health-check start interval";
        needed = 44;
    }
    json_decref(root);
    if (feature == NULL) /* as well where it cannot be read: the daemon will say so */
        return true;
    return docker_job_refuse(job, ECSENGINE_FAILURE_OTHER,
                             "\"%s\" requires API version 1.%d, but the Docker daemon API version is 1.%d", feature, needed, minor);
}

bool docker_request_create(struct docker_job *job, int minor)
{
    struct docker_bytes *url = docker_request_begin(job, "POST", minor);
    const char *config = ecsengine_op_create_config(job->op, &job->exchange.body_len);

    if (config == NULL) /* built on demand: no memory for it */
        return false;
    job->exchange.body = config;
    docker_bytes_text(url, "/containers/create?name=");
    docker_bytes_escaped(url, ecsengine_op_runtime_name(job->op), "");
    return config_allowed(job, config, job->exchange.body_len, minor) && docker_request_ready(job);
}

bool docker_request_start(struct docker_job *job, int minor) { return container_request(job, "POST", minor, "/start"); }

bool docker_request_stop(struct docker_job *job, int minor)
{
    int64_t grace_ns = ecsengine_op_grace_ns(job->op);
    char rest[40];

    snprintf(rest, sizeof(rest), "/stop?t=%" PRId64, grace_ns > 0 ? grace_ns / 1000000000 : 0);
    return container_request(job, "POST", minor, rest);
}

bool docker_request_inspect(struct docker_job *job, int minor) { return container_request(job, "GET", minor, "/json"); }

bool docker_request_remove(struct docker_job *job, int minor)
{
    return container_request(job, "DELETE", minor, ecsengine_op_force(job->op) ? "?v=1&force=1" : "?v=1");
}

bool docker_request_list(struct docker_job *job, int minor)
{
    struct docker_bytes *url = docker_request_begin(job, "GET", minor);
    const char *label = ecsengine_op_label(job->op);

    docker_bytes_text(url, "/containers/json?all=1");
    if (label[0] == '\0')
        return docker_request_ready(job);
    json_t *filters = json_pack("{s:[s]}", "label", label);
    char *text = json_dumps(filters, JSON_COMPACT);
    json_decref(filters);
    if (text == NULL)
        return false;
    docker_bytes_text(url, "&filters=");
    docker_bytes_escaped(url, text, "");
    free(text);
    return docker_request_ready(job);
}

bool docker_request_volume_create(struct docker_job *job, int minor)
{
    docker_bytes_text(docker_request_begin(job, "POST", minor), "/volumes/create");
    job->exchange.body = ecsengine_op_volume_config(job->op, &job->exchange.body_len);
    return docker_request_ready(job);
}

/* `/volumes/<name>`. An empty name would ask for something else altogether. */
static bool volume_request(struct docker_job *job, const char *method, int minor)
{
    const char *name = ecsengine_op_volume_name(job->op);
    struct docker_bytes *url = docker_request_begin(job, method, minor);

    if (name[0] == '\0')
        return docker_job_refuse(job, ECSENGINE_FAILURE_OTHER, "No volume is named.");
    docker_bytes_text(url, "/volumes/");
    docker_bytes_escaped(url, name, "");
    return docker_request_ready(job);
}

bool docker_request_volume_inspect(struct docker_job *job, int minor) { return volume_request(job, "GET", minor); }
bool docker_request_volume_remove(struct docker_job *job, int minor) { return volume_request(job, "DELETE", minor); }
