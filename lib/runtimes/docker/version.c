/* SPDX-License-Identifier: Apache-2.0 */
/* Version negotiation. The ping is asked first: it costs the daemon nothing, while /version makes it ask its own helpers, which may
 * hang when the rest of the daemon does not. A daemon whose ping does not tell is asked for the document. */
#include "runtimes/docker/version.h"

#include <stdio.h>
#include <string.h>

#include "runtimes/docker/answers.h"
#include "runtimes/docker/job.h"
#include "runtimes/docker/requests.h"

#define ANSWER_WITHIN_NS INT64_C(10000000000)

enum { DOCUMENT_MAX = 1024 * 1024 };

static bool ask(struct docker_version *version, const char *path)
{
    docker_http_begin(&version->exchange, "GET");
    version->exchange.answer_max = DOCUMENT_MAX;
    docker_bytes_text(&version->exchange.url, path);
    return docker_http_start(version->http, &version->exchange);
}

static void fail(struct docker_version *version, enum ecsengine_failure failure)
{
    version->state = DOCKER_VERSION_FAILED;
    version->failure = failure;
}

/* The 41 of `1.41`; -1 for anything else. */
static int minor_of(const char *text)
{
    int minor = 0;

    if (strncmp(text, "1.", 2) != 0 || text[2] == '\0' || strlen(text) > 6)
        return -1;
    for (text += 2; *text != '\0'; text++) {
        if (*text < '0' || *text > '9')
            return -1;
        minor = minor * 10 + (*text - '0');
    }
    return minor;
}

static void told(struct docker_version *version, int minor)
{
    if (minor < DOCKER_API_MINOR_MIN) {
        snprintf(version->text, sizeof(version->text),
                 "The Docker daemon at unix://%s speaks API version 1.%d, and the lowest that can be used is 1.%d.",
                 version->http->socket_path, minor, (int)DOCKER_API_MINOR_MIN);
        fail(version, ECSENGINE_FAILURE_OTHER);
        return;
    }
    version->daemons = minor;
    version->minor = minor < DOCKER_API_MINOR_MAX ? minor : DOCKER_API_MINOR_MAX;
    version->state = DOCKER_VERSION_KNOWN;
}

static void read_document(struct docker_version *version)
{
    const struct docker_bytes *body = &version->exchange.answer;
    struct docker_fault fault = {0};

    json_t *root = docker_json_object(docker_bytes_string(body), body->len, &fault);
    int minor = minor_of(docker_json_string(root, "ApiVersion", &fault));
    json_decref(root);
    if (minor >= 0 && !docker_fault_found(&fault)) {
        told(version, minor);
        return;
    }
    docker_fault_set(&fault, "ApiVersion is no version");
    docker_text_unreadable(&version->exchange, fault.no_memory ? "out of memory" : fault.text, version->text,
                           sizeof(version->text));
    fail(version, ECSENGINE_FAILURE_OTHER);
}

static void ended(struct docker_http_exchange *exchange, enum docker_http_outcome outcome)
{
    struct docker_version *version = exchange->owner;
    int minor = minor_of(exchange->api_version);

    if (outcome == DOCKER_HTTP_BACKLOG_FULL || outcome == DOCKER_HTTP_NO_MEMORY) {
        version->state = DOCKER_VERSION_BUSY;
    } else if (outcome == DOCKER_HTTP_ANSWERED && minor >= 0) {
        told(version, minor);
    } else if (outcome == DOCKER_HTTP_ANSWERED && !version->by_document) {
        version->by_document = true;
        if (!ask(version, "/version"))
            version->state = DOCKER_VERSION_BUSY;
    } else if (outcome == DOCKER_HTTP_ANSWERED && exchange->status < 300) {
        read_document(version);
    } else {
        fail(version, docker_failure_of(exchange, outcome, version->text, sizeof(version->text)));
    }
}

void docker_version_init(struct docker_version *version, struct docker_http *http)
{
    static const struct docker_http_handler handler = {.ended = ended};

    *version = (struct docker_version){.http = http};
    version->exchange.handler = &handler;
    version->exchange.owner = version;
}

void docker_version_free(struct docker_version *version)
{
    docker_http_abort(&version->exchange);
    docker_http_exchange_free(&version->exchange);
}

bool docker_version_ask(struct docker_version *version)
{
    if (version->state == DOCKER_VERSION_ASKING)
        return true;
    version->by_document = false;
    version->expires_ns = docker_now_ns() + ANSWER_WITHIN_NS;
    if (!ask(version, "/_ping"))
        return false;
    version->state = DOCKER_VERSION_ASKING;
    return true;
}

void docker_version_expire(struct docker_version *version)
{
    docker_http_abort(&version->exchange);
    snprintf(version->text, sizeof(version->text), "The Docker daemon at unix://%s did not answer within 10 seconds.",
             version->http->socket_path);
    fail(version, ECSENGINE_FAILURE_UNREACHABLE);
}

void docker_version_forget(struct docker_version *version)
{
    if (version->state == DOCKER_VERSION_KNOWN)
        version->state = DOCKER_VERSION_UNKNOWN;
}

bool docker_version_is_another(struct docker_version *version, int daemons, const struct docker_http_exchange *exchange)
{
    int minor = minor_of(exchange->api_version);

    if (minor < 0 || minor == daemons)
        return false;
    if (version->daemons == daemons)
        docker_version_forget(version);
    return true;
}
