/* SPDX-License-Identifier: Apache-2.0 */
/* Operations as requests of the Docker Engine API. Each fills in the exchange of its job. */
#ifndef DOCKER_REQUESTS_H
#define DOCKER_REQUESTS_H

#include "runtimes/docker/job.h"

enum {
    DOCKER_API_MINOR_MIN = 24, /* API version 1.24 */
    DOCKER_API_MINOR_MAX = 44,
    DOCKER_API_MINOR_MANIFEST = 30 /* the first with /distribution */
};

/* For requests that are made elsewhere: the exchange becomes `<method> /v1.<minor>`, to whose path the caller adds; and at the end, whether
 * it can be sent. */
struct docker_bytes *docker_request_begin(struct docker_job *job, const char *method, int minor);
bool docker_request_ready(struct docker_job *job);

bool docker_request_info(struct docker_job *job, int minor);
bool docker_request_ping(struct docker_job *job, int minor);
bool docker_request_events(struct docker_job *job, int minor);
bool docker_request_pull(struct docker_job *job, int minor);
bool docker_request_manifest(struct docker_job *job, int minor);
bool docker_request_inspect_image(struct docker_job *job, int minor);
bool docker_request_tag(struct docker_job *job, int minor);
bool docker_request_create(struct docker_job *job, int minor);
bool docker_request_start(struct docker_job *job, int minor);
bool docker_request_stop(struct docker_job *job, int minor);
bool docker_request_inspect(struct docker_job *job, int minor);
bool docker_request_remove(struct docker_job *job, int minor);
bool docker_request_list(struct docker_job *job, int minor);
bool docker_request_volume_create(struct docker_job *job, int minor);
bool docker_request_volume_inspect(struct docker_job *job, int minor);
bool docker_request_volume_remove(struct docker_job *job, int minor);

#endif
