/* SPDX-License-Identifier: Apache-2.0 */
/* What to say when there is no good answer. The texts are those of Docker's own client, because people and the engine look for them:
 * `Error response from daemon:`, `Cannot connect to the Docker daemon`, and `EOF` at the end where a connection closed early. */
#include "runtimes/docker/answers.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const struct {
    int status;
    const char *text;
} status_texts[] = {
    {400, "Bad Request"},        {401, "Unauthorized"}, {403, "Forbidden"},           {404, "Not Found"},
    {405, "Method Not Allowed"}, {409, "Conflict"},     {429, "Too Many Requests"},   {500, "Internal Server Error"},
    {501, "Not Implemented"},    {502, "Bad Gateway"},  {503, "Service Unavailable"}, {504, "Gateway Timeout"},
};

static void text_of_status(int status, char *text, size_t size)
{
    for (size_t i = 0; i < sizeof(status_texts) / sizeof(status_texts[0]); i++) {
        if (status_texts[i].status == status) {
            snprintf(text, size, "%s", status_texts[i].text);
            return;
        }
    }
    snprintf(text, size, "status %d", status);
}

void docker_text_unreadable(const struct docker_http_exchange *exchange, const char *why, char *text, size_t size)
{
    const char *target = docker_http_target(exchange);

    snprintf(text, size, "The Docker daemon's answer to %s %.*s could not be read: %s", exchange->method, (int)strcspn(target, "?"),
             target, why);
}

/* As Go's client words it: Post "http://%2Fvar%2Frun%2Fdocker.sock/v1.41/containers/x/start": EOF. The end counts and is never cut. */
static void text_cut_off(const struct docker_http_exchange *exchange, const char *end, char *text, size_t size)
{
    const char *verb = strcmp(exchange->method, "POST") == 0 ? "Post" : strcmp(exchange->method, "GET") == 0 ? "Get" : "Delete";

    snprintf(text, size, "error during connect: %s \"%.200s%.600s\": %s", verb, docker_bytes_string(&exchange->http->base),
             docker_http_target(exchange), end);
}

static void text_no_connection(const struct docker_http_exchange *exchange, char *text, size_t size)
{
    int error = exchange->connect_errno;
    const char *path = exchange->http->socket_path;

    if (error == EACCES || error == EPERM)
        snprintf(text, size, "Cannot connect to the Docker daemon at unix://%s: permission denied", path);
    else if (error == EMFILE || error == ENFILE)
        snprintf(text, size, "Cannot connect to the Docker daemon at unix://%s: too many open files", path);
    else
        snprintf(text, size, "Cannot connect to the Docker daemon at unix://%s. Is the docker daemon running?", path);
}

static void text_too_long(const struct docker_http_exchange *exchange, char *text, size_t size)
{
    char why[80];

    if (exchange->header_bytes > DOCKER_HEADERS_MAX)
        snprintf(why, sizeof(why), "its headers are longer than %d bytes", (int)DOCKER_HEADERS_MAX);
    else
        snprintf(why, sizeof(why), "it is longer than %zu bytes", exchange->answer.max);
    docker_text_unreadable(exchange, why, text, size);
}

/* An error's body is {"message": "..."}, or plain text from what stands in front of a daemon, or nothing. */
static void text_refused(const struct docker_http_exchange *exchange, char *text, size_t size)
{
    const struct docker_bytes *body = &exchange->answer;
    struct docker_fault fault = {0};
    struct docker_fault ignored = {0};
    char message[1024];

    json_t *object = docker_json_object(docker_bytes_string(body), body->len, &fault);
    json_t *member = docker_json_member(object, "message", JSON_STRING, "string", &ignored);
    const char *said = member != NULL ? json_string_value(member) : docker_bytes_string(body);
    docker_text_clean(message, sizeof(message), said, member != NULL ? json_string_length(member) : body->len);
    json_decref(object);
    if (message[0] != '\0') {
        snprintf(text, size, "Error response from daemon: %s", message);
        return;
    }
    text_of_status(exchange->status, message, sizeof(message));
    snprintf(
        text, size,
        "request returned %.40s for API route and version %.200s%.500s, check if the server supports the requested API version",
        message, docker_bytes_string(&exchange->http->base), docker_http_target(exchange));
}

const char *docker_stream_end(enum docker_http_outcome outcome)
{
    static const char *const ends[] = {
        [DOCKER_HTTP_ANSWERED] = "EOF",
        [DOCKER_HTTP_NOT_HTTP] = "it is no HTTP",
        [DOCKER_HTTP_TOO_LONG] = "it is too long",
        [DOCKER_HTTP_NO_MEMORY] = "out of memory",
    };

    return ends[outcome] != NULL ? ends[outcome] : "unexpected EOF";
}

static enum ecsengine_failure class_of_status(int status)
{
    return status == 404 ? ECSENGINE_FAILURE_NOT_FOUND : status == 409 ? ECSENGINE_FAILURE_CONFLICT : ECSENGINE_FAILURE_OTHER;
}

enum ecsengine_failure docker_failure_of(const struct docker_http_exchange *exchange, enum docker_http_outcome outcome, char *text,
                                         size_t size)
{
    switch (outcome) {
    case DOCKER_HTTP_ANSWERED:
        if (exchange->status >= 400)
            text_refused(exchange, text, size);
        else
            snprintf(text, size, "unexpected redirect in response");
        return class_of_status(exchange->status);
    case DOCKER_HTTP_TOO_LONG:
        text_too_long(exchange, text, size);
        return class_of_status(exchange->status);
    case DOCKER_HTTP_NO_ANSWER:
        text_cut_off(exchange, "EOF", text, size);
        return ECSENGINE_FAILURE_UNREACHABLE;
    case DOCKER_HTTP_HALF_ANSWER:
        text_cut_off(exchange, "unexpected EOF", text, size);
        return ECSENGINE_FAILURE_UNREACHABLE;
    case DOCKER_HTTP_NOT_HTTP:
        docker_text_unreadable(exchange, "it is no HTTP", text, size);
        return ECSENGINE_FAILURE_UNREACHABLE;
    default:
        text_no_connection(exchange, text, size);
        return ECSENGINE_FAILURE_UNREACHABLE;
    }
}
