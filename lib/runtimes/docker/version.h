/* SPDX-License-Identifier: Apache-2.0 */
/* Which version of the API to speak: the daemon's, up to the newest that we know. Asked before the first request, and again after the
 * daemon was away, since it may have come back as another one. */
#ifndef DOCKER_VERSION_H
#define DOCKER_VERSION_H

#include "ecsengine/op.h"
#include "runtimes/docker/http.h"

enum docker_version_state {
    DOCKER_VERSION_UNKNOWN,
    DOCKER_VERSION_ASKING,
    DOCKER_VERSION_KNOWN,  /* `minor` */
    DOCKER_VERSION_FAILED, /* `failure` and `text`; told once, then UNKNOWN again */
    DOCKER_VERSION_BUSY    /* the daemon does not accept connections just now; ask again a little later */
};

struct docker_version {
    enum docker_version_state state;
    int minor; /* the 41 of 1.41 */
    int daemons; /* the same of the highest that the daemon speaks */
    enum ecsengine_failure failure;
    char text[1024];
    int64_t expires_ns; /* while asking: when to give up */

    bool by_document; /* asking GET /version, because the ping did not tell */
    struct docker_http *http;
    struct docker_http_exchange exchange;
};

void docker_version_init(struct docker_version *version, struct docker_http *http);
void docker_version_free(struct docker_version *version);

/* Begins to ask, unless it is being asked. False: no memory. */
bool docker_version_ask(struct docker_version *version);

/* Gives the question up: no answer came in time. */
void docker_version_expire(struct docker_version *version);

/* The daemon was away: what is known is void. */
void docker_version_forget(struct docker_version *version);

/* A daemon says with each answer what it speaks. True: it is another one than that of which `daemons` was known when the request went out. What is
 * known of that one is void. */
bool docker_version_is_another(struct docker_version *version, int daemons, const struct docker_http_exchange *exchange);

#endif
