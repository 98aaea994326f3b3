/* SPDX-License-Identifier: Apache-2.0 */
/* The public object: where the daemon is, and the worker once an engine is attached.
 *
 * It holds no pointer to the engine; the mailbox does, which both sides share, so that either can be freed first. */
#include "ecsengine/docker.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include "runtimes/docker/mailbox.h"
#include "runtimes/docker/worker.h"

struct ecsengine_docker {
    char *socket_path;
    struct docker_mailbox *mailbox; /* NULL until attached */
    struct docker_worker worker;
};

static pthread_once_t curl_once = PTHREAD_ONCE_INIT;
static CURLcode curl_ready = CURLE_FAILED_INIT;

/* Never undone: other users of libcurl may be in this process, and it counts calls. */
static void start_curl(void) { curl_ready = curl_global_init(CURL_GLOBAL_DEFAULT); }

/* The path in `unix:///path` or in a bare path; NULL for what is neither, or does not fit into a socket's address. */
static const char *socket_path_of(const char *url)
{
    static const char scheme[] = "unix://";
    size_t skip = strncmp(url, scheme, sizeof(scheme) - 1) == 0 ? sizeof(scheme) - 1 : 0;

    if (skip == 0 && strstr(url, "://") != NULL)
        return NULL;
    url += skip;
    return url[0] != '\0' && strlen(url) < sizeof(((struct sockaddr_un *)NULL)->sun_path) ? url : NULL;
}

int ecsengine_docker_new(const char *url, ecsengine_docker **out_docker, ecsengine_error **error)
{
    const char *path = socket_path_of(url != NULL ? url : "/var/run/docker.sock");

    if (out_docker == NULL)
        return ecsengine_error_set(error, ECSENGINE_EINVAL, "a place for the adapter is needed");
    if (path == NULL)
        return ecsengine_error_set(error, ECSENGINE_EINVAL,
                                   "a Docker host is unix:///path/to/docker.sock, or a bare path, that fits into a socket's address");
    pthread_once(&curl_once, start_curl);
    if (curl_ready != CURLE_OK)
        return ecsengine_error_set(error, curl_ready == CURLE_OUT_OF_MEMORY ? ECSENGINE_ENOMEM : ECSENGINE_ESYSTEM,
                                   curl_easy_strerror(curl_ready));
    ecsengine_docker *docker = calloc(1, sizeof(*docker));
    char *copy = strdup(path);
    if (docker == NULL || copy == NULL) {
        free(docker);
        free(copy);
        return ecsengine_error_set(error, ECSENGINE_ENOMEM, "out of memory");
    }
    docker->socket_path = copy;
    *out_docker = docker;
    return 0;
}

int ecsengine_docker_attach(ecsengine_docker *docker, ecsengine *engine, ecsengine_error **error)
{
    if (docker == NULL || engine == NULL)
        return ecsengine_error_set(error, ECSENGINE_EINVAL, "an adapter and an engine are needed");
    if (docker->mailbox != NULL)
        return ecsengine_error_set(error, ECSENGINE_ESTATE, "the adapter is attached already; one engine per adapter");
    struct docker_mailbox *mailbox = docker_mailbox_new(engine);
    if (mailbox == NULL)
        return ecsengine_error_set(error, ECSENGINE_ENOMEM, "out of memory");
    int code = docker_worker_start(&docker->worker, mailbox, docker->socket_path, error);
    if (code < 0)
        docker_mailbox_release(mailbox);
    else
        docker->mailbox = mailbox;
    return code;
}

void ecsengine_docker_free(ecsengine_docker *docker)
{
    if (docker == NULL)
        return;
    if (docker->mailbox != NULL) {
        docker_worker_stop(&docker->worker);
        docker_mailbox_release(docker->mailbox);
    }
    free(docker->socket_path);
    free(docker);
}
