/* SPDX-License-Identifier: Apache-2.0 */
/* libecsengine-docker: performs an engine's operations on a Docker Engine (or Podman's Docker-compatible service).
 *
 * One thread of its own, one libcurl multi handle: all requests are multiplexed over kept-alive connections to the unix socket. The
 * API version is negotiated. Every operation is done once; events are forwarded as they are. A daemon's answers are bounded in size and
 * depth, and whatever it says, the worst is a failed operation. */
#ifndef ECSENGINE_DOCKER_H
#define ECSENGINE_DOCKER_H

#include "ecsengine/runtime.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct ecsengine_docker ecsengine_docker;

/* `url` is `unix:///path/to/docker.sock`, a bare path, or NULL for unix:///var/run/docker.sock. Nothing is sent yet; a daemon that is
 * not there shows up as an unreachable runtime. Owned by the caller. EINVAL, ENOMEM, ESYSTEM. */
ECSENGINE_API int ecsengine_docker_new(const char *url, ecsengine_docker **out_docker, ecsengine_error **error);

/* Becomes the runtime of the engine (ecsengine_set_runtime) and starts its thread. One engine per object. ESTATE, ESYSTEM. */
ECSENGINE_API int ecsengine_docker_attach(ecsengine_docker *docker, ecsengine *engine, ecsengine_error **error);

/* Ends the thread, gives up requests in flight and frees the object; after the engine was freed, or before: both are fine. NULL is fine. */
ECSENGINE_API void ecsengine_docker_free(ecsengine_docker *docker);

#ifdef __cplusplus
}
#endif
#endif
